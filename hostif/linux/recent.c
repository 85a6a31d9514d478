// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was mapped recently, so that not every iova_to_phys() is a hypercall:
 * the DMA API asks for the address of each buffer that it unmaps, which is
 * where some call to map_pages() began.
 *
 * A slot is one word, so that it needs no lock: the page that was mapped and
 * where it was mapped to.  Who maps or unmaps an input address owns it (see
 * hyp-iommu.h), so a slot that tells of it is right; it may tell of another
 * one at any time, or of none, and then the hypervisor is asked.
 */
#include <linux/bits.h>
#include <linux/bitfield.h>

#include "hyp-iommu.h"

#define SLOT_VALID	BIT_ULL(63)
#define SLOT_TAG	GENMASK_ULL(62, 36)	/* the page number but for the slot's */
#define SLOT_PFN	GENMASK_ULL(35, 0)

static u64 *slot_of(struct hyp_host_domain *hd, u64 page)
{
	return &hd->recent[page % HYP_HOST_RECENT];
}

static u64 tag_of(u64 page)
{
	return SLOT_VALID | FIELD_PREP(SLOT_TAG, page / HYP_HOST_RECENT);
}

/*
 * Of each group of slots: how many are in use, and sometimes more, never fewer.  Eight bits each,
 * so that a look at one word tells of many.
 */
static atomic64_t *users_of(struct hyp_host_domain *hd, u64 page)
{
	return &hd->recent_users[page % HYP_HOST_RECENT / HYP_HOST_RECENT_WORD];
}

static u64 one_user(u64 page)
{
	return 1ULL << page % HYP_HOST_RECENT_WORD / HYP_HOST_RECENT_GROUP * 8;
}

void hyp_host_recent_note(struct hyp_host_domain *hd, u64 iova, phys_addr_t pa)
{
	u64 page = iova >> PAGE_SHIFT, pfn = PHYS_PFN(pa);

	if (pfn > SLOT_PFN || page / HYP_HOST_RECENT > FIELD_MAX(SLOT_TAG))
		return;
	atomic64_add(one_user(page), users_of(hd, page));
	if (xchg(slot_of(hd, page), tag_of(page) | pfn))
		atomic64_sub(one_user(page), users_of(hd, page));
}

void hyp_host_recent_forget(struct hyp_host_domain *hd, u64 iova, size_t size)
{
	u64 page = iova >> PAGE_SHIFT, last = page + min(size >> PAGE_SHIFT, HYP_HOST_RECENT);
	bool all = size >> PAGE_SHIFT >= HYP_HOST_RECENT;
	u64 *slot, old, users;

	while (page < last) {
		/* Most pages of a big mapping are not where one began. */
		users = atomic64_read(users_of(hd, page));
		if (!(users & one_user(page) * 0xff)) {
			page |= (users ? HYP_HOST_RECENT_GROUP : HYP_HOST_RECENT_WORD) - 1;
			page++;
			continue;
		}
		slot = slot_of(hd, page);
		old = READ_ONCE(*slot);
		if (old && (all || (old & ~SLOT_PFN) == tag_of(page)) &&
		    cmpxchg(slot, old, 0) == old)
			atomic64_sub(one_user(page), users_of(hd, page));
		page++;
	}
}

/* Return: where @iova is mapped to, or 0 if that is not known here. */
phys_addr_t hyp_host_recent_find(struct hyp_host_domain *hd, u64 iova)
{
	u64 page = iova >> PAGE_SHIFT, slot = READ_ONCE(*slot_of(hd, page));

	if (page / HYP_HOST_RECENT > FIELD_MAX(SLOT_TAG) || (slot & ~SLOT_PFN) != tag_of(page))
		return 0;
	return PFN_PHYS(slot & SLOT_PFN) + offset_in_page(iova);
}
