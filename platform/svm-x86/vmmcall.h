/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a host calls the monitor: VMMCALL in kernel mode, with
 *
 *	rdi			the call: enum hyp_iommu_call, or one of those below
 *	rsi, rdx, rcx, r8-r10	its arguments
 *
 * which returns rax = status, rdx = done, rcx = need; the rest is kept.  The rules of abi.h hold
 * for all calls.
 */
#ifndef HYP_SVM_VMMCALL_H
#define HYP_SVM_VMMCALL_H

#include <hyp_iommu/abi.h>

enum hyp_svm_call {
	/* before (): from now on the host is not trusted */
	HYP_SVM_FINALISE = 0x1000,

	/*
	 * The vault: memory that is neither the host's nor the monitor's, in the place of a
	 * protected guest's.  `nr` pages, up to HYP_SVM_VAULT_MAX, of which either all or none
	 * change: -EPERM: one is not in the state that the call needs; -EBUSY: one is pinned.
	 */

	/* after (pa, nr): give pages, with what is in them */
	HYP_SVM_VAULT_GIVE,
	/* after (pa, nr): get pages back, zeroed unless they were shared */
	HYP_SVM_VAULT_RETURN,
	/* after (pa, nr): let the host reach pages of the vault, as a guest shares them */
	HYP_SVM_VAULT_SHARE,
	/* after (pa, nr): no longer */
	HYP_SVM_VAULT_UNSHARE,
	/* after (pa) -> done = a hash of what is in a page of the vault */
	HYP_SVM_VAULT_HASH,

	/* (enum hyp_svm_stat) -> done = the value, of this CPU */
	HYP_SVM_STAT,

	HYP_SVM_CALLS_END
};

#define HYP_SVM_VAULT_MAX	512

enum hyp_svm_stat {
	HYP_SVM_EXITS,		/* of the guest, for whatever reason */
	HYP_SVM_KICKS,		/* interrupted by another CPU, to forget translations */
	HYP_SVM_REFUSED,	/* accesses to what is not the host's */
	HYP_SVM_NR_STATS
};

#endif /* HYP_SVM_VMMCALL_H */
