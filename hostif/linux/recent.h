/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was mapped recently, so that not every iova_to_phys() is a hypercall:
 * the DMA API asks for the address of each buffer that it unmaps, which is
 * where some mapping began.  Knows pages and nothing else, so that it can be
 * tested anywhere.
 *
 * Who maps or unmaps an input page owns it (see hyp-iommu.h), and calls these for it;
 * nobody needs a lock.
 */
#ifndef HYP_IOMMU_RECENT_H
#define HYP_IOMMU_RECENT_H

#include <hyp_iommu/types.h>

#define HYP_RECENT_SLOTS	16384UL

/* A slot: from this bit on the page's number but for the slot's, and below where it leads. */
#define HYP_RECENT_TAG_SHIFT	40
#define HYP_RECENT_TO_MAX	((1ULL << 36) - 1)

struct hyp_recent {
	u64 slot[HYP_RECENT_SLOTS];	/* all 0 in the beginning */
};

/* Does a slot tell of @page? */
static inline bool hyp_recent_tells(u64 slot, u64 page)
{
	return slot && slot >> HYP_RECENT_TAG_SHIFT == page / HYP_RECENT_SLOTS;
}

/* @nr pages from @page on were mapped; the first of them to page @to. */
void hyp_recent_note(struct hyp_recent *r, u64 page, u64 to, u64 nr);

/* @nr pages from @page on are unmapped, in whatever pieces they were mapped. */
void hyp_recent_forget(struct hyp_recent *r, u64 page, u64 nr);

/* Return: true, with *@to the page that @page is mapped to; false: not known here. */
static inline bool hyp_recent_find(const struct hyp_recent *r, u64 page, u64 *to)
{
	u64 slot = __atomic_load_n(&r->slot[page % HYP_RECENT_SLOTS], __ATOMIC_RELAXED);

	*to = slot & HYP_RECENT_TO_MAX;
	return hyp_recent_tells(slot, page);
}

#endif /* HYP_IOMMU_RECENT_H */
