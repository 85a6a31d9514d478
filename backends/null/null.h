/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The smallest complete backend; see null.c.
 */
#ifndef HYP_NULL_NULL_H
#define HYP_NULL_NULL_H

#include "core/backend.h"

extern const struct hyp_iommu_backend hyp_null_backend;

/* Tag of the space that @endpoint is attached to; 0: it is blocked.  For tests. */
u32 hyp_null_tag_of(const struct hyp_iommu_unit *unit, u32 endpoint);

#endif /* HYP_NULL_NULL_H */
