/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watches the order in which entries change, reach memory, are invalidated,
 * and are given up, without knowing any format:
 *
 *  - A store that changes a word with one of its two lowest bits set takes
 *    something away that hardware may have cached: an entry that was present.
 *  - Before a page is unpinned or returned every such store must have been
 *    written back (if hardware does not snoop), and an invalidation that was
 *    issued after that must be complete.
 *  - Before a store links a page of the hypervisor (such a word again, that
 *    holds the page's address) what was stored to that page must have been
 *    written back (or, if hardware snoops, be followed by a barrier).
 *
 * What is wrong is a sim_error().  Needs SIM_EV_STORE, and so user space; one
 * thread.
 */
#ifndef HYP_IOMMU_KUNIT_ORDER_H
#define HYP_IOMMU_KUNIT_ORDER_H

#include "platform/sim/sim.h"

#define ORDER_MAX	8192

struct order_removal {
	u64 pa;
	u64 issued;	/* invalidations before this store */
	bool clean;	/* written back, or need not be */
	bool fenced;	/* by a barrier after that */
};

struct order {
	/* Set by the test: invalidations issued so far, and of these completed (in order). */
	u64 (*issued)(void *arg);
	u64 (*completed)(void *arg);
	void *arg;

	struct order_removal removal[ORDER_MAX];
	u32 nr;
	u32 lost;	/* beyond ORDER_MAX */
	u64 fresh[64];	/* pages stored to since the last barrier (of snooping hardware) */
	u32 nr_fresh;
	/* Statistics, so that tests can see that something was checked. */
	u64 removals, links, releases;
};

/* Begin to watch; the trace is ours until order_end(). */
void order_begin(struct order *order);

/* Return: removals that are not complete yet. */
u32 order_end(struct order *order);

#ifdef __KERNEL__
#define ORDER_WORKS	0
#else
#define ORDER_WORKS	1
#endif

#endif /* HYP_IOMMU_KUNIT_ORDER_H */
