// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vault: memory with an owner of its own, so that there is somebody whom the host's CPUs and
 * devices must not reach.  It goes through the transitions of a protected guest's memory: given,
 * shared, no longer shared, returned.
 */
#include "monitor.h"

/* Not shared pages come back empty; who has seen the contents of shared ones has seen them. */
static int give_back(u64 pa, u64 nr)
{
	int ret = svm_pages_move(pa, nr, SVM_VAULT, SVM_HYP);

	if (ret == -EPERM)
		return svm_pages_move(pa, nr, SVM_VAULT_SHARED, SVM_HOST);
	if (!ret)
		ret = hyp_pf_return_pages(pa, nr);
	return ret;
}

/* FNV-1a.  While the page is hashed it cannot be given back. */
static int hash_page(u64 pa, u64 *hash)
{
	const u8 *page = hyp_pf_va(pa);
	int ret = svm_pages_move(pa, 1, SVM_VAULT, SVM_HYP);
	u64 h = 0xcbf29ce484222325ULL;
	u32 i;

	if (ret)
		return ret;
	for (i = 0; i < HYP_IOMMU_PAGE_SIZE; i++)
		h = (h ^ page[i]) * 0x100000001b3ULL;
	*hash = h;
	return svm_pages_move(pa, 1, SVM_HYP, SVM_VAULT);
}

int svm_vault_call(u64 call, const u64 *args, u64 *done)
{
	u64 pa = args[0], nr = args[1];

	if (call == HYP_SVM_VAULT_HASH)
		return nr ? -EINVAL : hash_page(pa, done);
	if (nr > HYP_SVM_VAULT_MAX)
		return -EINVAL;

	switch (call) {
	case HYP_SVM_VAULT_GIVE:
		return svm_pages_move(pa, nr, SVM_HOST, SVM_VAULT);
	case HYP_SVM_VAULT_RETURN:
		return give_back(pa, nr);
	case HYP_SVM_VAULT_SHARE:
		return svm_pages_move(pa, nr, SVM_VAULT, SVM_VAULT_SHARED);
	case HYP_SVM_VAULT_UNSHARE:
		return svm_pages_move(pa, nr, SVM_VAULT_SHARED, SVM_VAULT);
	default:
		return -EOPNOTSUPP;
	}
}
