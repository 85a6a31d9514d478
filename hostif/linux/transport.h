/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How hypercalls get to the hypervisor. There is one implementation per
 * hypervisor; the rest of the host side knows only this.
 */
#ifndef HYP_IOMMU_TRANSPORT_H
#define HYP_IOMMU_TRANSPORT_H

#include <hyp_iommu/abi.h>

/**
 * hyp_iommu_hvc_expected() - will there be a hypervisor?
 *
 * Known from fs_initcall on, long before hyp_iommu_hvc_available() can tell.
 */
bool hyp_iommu_hvc_expected(void);

/**
 * hyp_iommu_hvc_available() - is there a hypervisor that could answer?
 *
 * False until the hypervisor is initialised (see the transport for when that
 * is), and for good where it is not in use. Before this returns true
 * hyp_iommu_hvc() must not be called.
 */
bool hyp_iommu_hvc_available(void);

/**
 * hyp_iommu_hvc() - make a hypercall
 * @call: enum hyp_iommu_call
 * @a0: first argument of the call; those that it does not take are 0
 * @a1: second argument
 * @a2: third argument
 * @a3: fourth argument
 * @a4: fifth argument
 * @a5: sixth argument
 *
 * Context: any.
 * Return: what the hypervisor returned. A hypervisor without the interface
 * answers like one without the call: status -EOPNOTSUPP.
 */
struct hyp_iommu_ret hyp_iommu_hvc(u64 call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5);

#endif /* HYP_IOMMU_TRANSPORT_H */
