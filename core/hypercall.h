/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one way into the core: a platform calls this for each hypercall.
 */
#ifndef HYP_IOMMU_CORE_HYPERCALL_H
#define HYP_IOMMU_CORE_HYPERCALL_H

#include "platform/platform.h"

/**
 * hyp_iommu_dispatch() - do a hypercall
 * @nr: enum hyp_iommu_call, or anything
 * @args: all arguments; copied from the host's registers, private from now on
 * @ret: gets the result, whatever happens
 *
 * May run on all CPUs at the same time; does not sleep; the work is bounded,
 * but by HYP_IOMMU_TIMEOUT_US where hardware does not answer.
 */
void hyp_iommu_dispatch(u64 nr, const u64 args[HYP_IOMMU_MAX_ARGS], struct hyp_iommu_ret *ret);

#endif /* HYP_IOMMU_CORE_HYPERCALL_H */
