// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was mapped recently, so that not every iova_to_phys() is a hypercall:
 * the DMA API asks for the address of each buffer that it unmaps, which is
 * where some call to map_pages() began.
 *
 * A slot is one word, so that it needs no lock: the page that was mapped, where
 * it was mapped to, and how many pages were.  Who maps or unmaps an input address owns it (see
 * hyp-iommu.h), so a slot that tells of it is right; it may tell of another
 * one at any time, or of none, and then the hypervisor is asked.
 */
#include <linux/bits.h>
#include <linux/bitfield.h>

#include "hyp-iommu.h"

#define SLOT_TAG	GENMASK_ULL(63, 40)	/* the page number but for the slot's */
#define SLOT_LENGTH	GENMASK_ULL(39, 36)	/* 1 + lg2 of pages, NOT_LG2, or 0: unused */
#define SLOT_PFN	GENMASK_ULL(35, 0)

#define NOT_LG2		15U

static u64 *slot_of(struct hyp_host_domain *hd, u64 page)
{
	return &hd->recent[page % HYP_HOST_RECENT];
}

static u64 tag_of(u64 page)
{
	return FIELD_PREP(SLOT_TAG, page / HYP_HOST_RECENT);
}

static u64 length_of(u64 pages)
{
	unsigned int lg2 = __ffs(pages);

	return FIELD_PREP(SLOT_LENGTH, pages != 1UL << lg2 || lg2 >= NOT_LG2 - 1 ? NOT_LG2 : lg2 + 1);
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

void hyp_host_recent_note(struct hyp_host_domain *hd, u64 iova, phys_addr_t pa, size_t size)
{
	u64 page = iova >> PAGE_SHIFT, pfn = PHYS_PFN(pa);

	if (pfn > SLOT_PFN || page / HYP_HOST_RECENT > FIELD_MAX(SLOT_TAG))
		return;
	atomic64_add(one_user(page), users_of(hd, page));
	if (xchg(slot_of(hd, page), tag_of(page) | length_of(size >> PAGE_SHIFT) | pfn))
		atomic64_sub(one_user(page), users_of(hd, page));
}

/* Empty the slot of @page, if it still says @old. */
static void empty(struct hyp_host_domain *hd, u64 page, u64 old)
{
	if (cmpxchg(slot_of(hd, page), old, 0) == old)
		atomic64_sub(one_user(page), users_of(hd, page));
}

/* Forget all that began in @nr pages, as many as there are slots or fewer. */
static noinline void forget_range(struct hyp_host_domain *hd, u64 page, u64 nr)
{
	u64 last = page + nr, old, users;

	while (page < last) {
		/* Most pages of a big mapping are not where one began. */
		users = atomic64_read(users_of(hd, page));
		if (!(users & one_user(page) * 0xff)) {
			page |= (users ? HYP_HOST_RECENT_GROUP : HYP_HOST_RECENT_WORD) - 1;
			page++;
			continue;
		}
		old = READ_ONCE(*slot_of(hd, page));
		if (old && (nr == HYP_HOST_RECENT || (old & SLOT_TAG) == tag_of(page)))
			empty(hd, page, old);
		page++;
	}
}

void hyp_host_recent_forget(struct hyp_host_domain *hd, u64 iova, size_t size)
{
	u64 page = iova >> PAGE_SHIFT, nr = size >> PAGE_SHIFT;
	u64 old = READ_ONCE(*slot_of(hd, page));

	/* Most are unmapped as they were mapped: nothing else began there. */
	if (likely((old & ~SLOT_PFN) == (tag_of(page) | length_of(nr)) &&
		   FIELD_GET(SLOT_LENGTH, old) != NOT_LG2))
		empty(hd, page, old);
	else
		forget_range(hd, page, min(nr, HYP_HOST_RECENT));
}

/* Return: where @iova is mapped to, or 0 if that is not known here. */
phys_addr_t hyp_host_recent_find(struct hyp_host_domain *hd, u64 iova)
{
	u64 page = iova >> PAGE_SHIFT, slot = READ_ONCE(*slot_of(hd, page));

	if (!slot || page / HYP_HOST_RECENT > FIELD_MAX(SLOT_TAG) ||
	    (slot & SLOT_TAG) != tag_of(page))
		return 0;
	return PFN_PHYS(slot & SLOT_PFN) + offset_in_page(iova);
}
