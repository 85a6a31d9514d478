/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VT-d half of the reference walker; what the functions do is told in
 * ref_walk.h, which chooses by ref_regs.vtd.
 */
#ifndef HYP_IOMMU_KUNIT_REF_VTD_H
#define HYP_IOMMU_KUNIT_REF_VTD_H

#include "kunit/ref_walk.h"

enum ref_result ref_vtd_walk(const struct ref_regs *regs, u64 ia, struct ref_leaf *leaf);
u64 ref_vtd_root_size(const struct ref_regs *regs);
u64 ref_vtd_tables(const struct ref_regs *regs, void (*fn)(u64 pa, void *arg), void *arg,
		   const char **why);

#endif /* HYP_IOMMU_KUNIT_REF_VTD_H */
