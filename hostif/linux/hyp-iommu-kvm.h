/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What KVM asks the host side of hyp-iommu.
 */
#ifndef HYP_IOMMU_KVM_H
#define HYP_IOMMU_KVM_H

#include <linux/types.h>

#ifdef CONFIG_HYP_IOMMU_PKVM

/**
 * hyp_iommu_may_finalise() - may protected KVM finalise now?
 *
 * Called once, after all initcalls of device level: the last moment at which
 * the hypervisor still believes the host.
 *
 * Return: false if the user asked for isolation of devices (by the parameter
 * hyp_iommu=required) and it cannot be had. KVM then runs no guest at all.
 */
bool hyp_iommu_may_finalise(void);

#else

static inline bool hyp_iommu_may_finalise(void)
{
	return true;
}

#endif

#endif /* HYP_IOMMU_KVM_H */
