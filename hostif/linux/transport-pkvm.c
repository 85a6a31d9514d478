// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercalls to protected KVM on arm64, by HVC.
 *
 * The one function id is open from the moment on that KVM is initialised at
 * EL2 (module_init(kvm_arm_init), which is linked before all drivers), both
 * before and after the hypervisor finalises.
 */
#include <linux/arm-smccc.h>
#include <linux/errno.h>

#include <asm/kvm_asm.h>
#include <asm/kvm_host.h>
#include <asm/virt.h>

#include "transport.h"

bool hyp_iommu_hvc_expected(void)
{
	return is_protected_kvm_enabled();
}

bool hyp_iommu_hvc_available(void)
{
	return is_protected_kvm_enabled() && is_kvm_arm_initialised();
}

struct hyp_iommu_ret hyp_iommu_hvc(u64 call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	struct arm_smccc_res res;

	arm_smccc_1_1_hvc(KVM_HOST_SMCCC_FUNC(__pkvm_hyp_iommu),
			  call, a0, a1, a2, a3, a4, a5, &res);
	if (res.a0 != SMCCC_RET_SUCCESS)
		return (struct hyp_iommu_ret){ .status = -EOPNOTSUPP };

	return (struct hyp_iommu_ret){
		.status = res.a1,
		.done = res.a2,
		.need = res.a3,
	};
}
