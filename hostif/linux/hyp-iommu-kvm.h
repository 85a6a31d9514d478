/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What those who start a hypervisor (KVM, the loader of the SVM monitor) ask the host side of
 * hyp-iommu.
 */
#ifndef HYP_IOMMU_KVM_H
#define HYP_IOMMU_KVM_H

#include <linux/types.h>

#if defined(CONFIG_HYP_IOMMU_PKVM) || defined(CONFIG_HYP_IOMMU_SVM)

/**
 * hyp_iommu_may_finalise() - may the hypervisor finalise now?
 *
 * Called once, after all initcalls of device level: the last moment at which
 * the hypervisor still believes the host.
 *
 * Return: false if the user asked for isolation of devices (by the parameter
 * hyp_iommu=required) and it cannot be had. There are no protected guests then:
 * KVM runs none at all.
 */
bool hyp_iommu_may_finalise(void);

#else

static inline bool hyp_iommu_may_finalise(void)
{
	return true;
}

#endif

#endif /* HYP_IOMMU_KVM_H */
