/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An account of memory, for platforms that keep one of their own: who owns each
 * page, and how often it is pinned.
 *
 * A page has a word: its owner and its pins.  A block of 2 MiB has others: how often
 * all of it is pinned at once, and how many of its pages are not the host's.  A
 * page is pinned as often as its own word and its block say together.  What is
 * unpinned need not be in the pieces in which it was pinned: a pin of a block
 * becomes one of each of its pages as soon as a part of it is unpinned.
 *
 * Nothing here locks: whoever keeps the account has a lock for all of it.
 */
#ifndef HYP_PF_RAM_H
#define HYP_PF_RAM_H

#include "platform/platform.h"

#define HYP_RAM_OWNER_SHIFT	28
#define HYP_RAM_PINS		0x0fffffffU
#define HYP_RAM_NOT_HOSTS	0x80000000U	/* a flag in the owner's number */

/* Owners: a platform may have others, from HYP_RAM_HYP on those that shut the host out. */
#define HYP_RAM_HOST		0
#define HYP_RAM_HYP		8

#define HYP_RAM_BLOCK_SHIFT	21
#define HYP_RAM_BLOCK_PAGES	(1UL << (HYP_RAM_BLOCK_SHIFT - HYP_IOMMU_PAGE_SHIFT))

struct hyp_ram_block {
	u32 pins;
	u32 spills;			/* pins that became its pages', ever */
	u32 not_hosts;			/* pages */
};

/* One piece of memory; whole pages. */
struct hyp_ram {
	u64 pa, size;
	u32 *page;			/* a word for each, 0 in the beginning */
	struct hyp_ram_block *block;	/* hyp_ram_nr_blocks() of them, 0 as well */
};

/* All of it.  Pieces do not overlap. */
struct hyp_ram_list {
	struct hyp_ram *ram;
	u32 nr;
	struct hyp_ram *last;		/* the one that was found last, or NULL */
};

/* How many blocks a piece of memory touches. */
static inline u64 hyp_ram_nr_blocks(u64 pa, u64 size)
{
	return ((pa + size - 1) >> HYP_RAM_BLOCK_SHIFT) - (pa >> HYP_RAM_BLOCK_SHIFT) + 1;
}

/* Is any of [pa, pa + size), which is not empty and does not wrap around, memory? */
bool hyp_ram_touches(const struct hyp_ram_list *list, u64 pa, u64 size);

/* Who owns the page at @pa?  Return: a number, or -EPERM: it is no memory. */
int hyp_ram_owner(struct hyp_ram_list *list, u64 pa);

/*
 * Are @nr pages from @pa on all @owner's, and, with @unpinned, not pinned?
 * Return: 0; -EPERM: one is not; -EBUSY: one is pinned.
 */
int hyp_ram_check(struct hyp_ram_list *list, u64 pa, u64 nr, u32 owner, bool unpinned);

/* Give pages, all of which are memory, to @owner. */
void hyp_ram_set_owner(struct hyp_ram_list *list, u64 pa, u64 nr, u32 owner);

/*
 * Pin @nr pieces; *@done gets how many were.  Return: 0: all; or why the next one
 * was not, of which no page is pinned then: -EPERM: one is no memory, or its owner
 * shuts the host out; -EBUSY: one is pinned as often as can be.
 */
int hyp_ram_pin(struct hyp_ram_list *list, const struct hyp_iommu_sg *sg, u32 nr, u32 *done);

/*
 * Unpin.  Return: how many pages were not: of each piece the first one that is
 * not pinned, and all behind it.
 */
u64 hyp_ram_unpin(struct hyp_ram_list *list, const struct hyp_iommu_sg *sg, u32 nr);

#endif /* HYP_PF_RAM_H */
