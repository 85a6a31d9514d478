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

struct hyp_recent {
	u64 slot[HYP_RECENT_SLOTS];	/* all 0 in the beginning */
};

/* @nr pages from @page on were mapped; the first of them to page @to. */
void hyp_recent_note(struct hyp_recent *r, u64 page, u64 to, u64 nr);

/* @nr pages from @page on are unmapped, in whatever pieces they were mapped. */
void hyp_recent_forget(struct hyp_recent *r, u64 page, u64 nr);

/* Return: true, with *@to the page that @page is mapped to; false: not known here. */
bool hyp_recent_find(const struct hyp_recent *r, u64 page, u64 *to);

#endif /* HYP_IOMMU_RECENT_H */
