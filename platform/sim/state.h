/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the simulated platform share with each other.
 */
#ifndef HYP_PF_SIM_STATE_H
#define HYP_PF_SIM_STATE_H

#include "platform/sim/sim.h"

#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>
#else
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#define SIM_PAGE_SHIFT	HYP_IOMMU_PAGE_SHIFT
#define SIM_PAGE_SIZE	HYP_IOMMU_PAGE_SIZE

struct sim_page {
	u32 pins;
	u8 owner;	/* enum sim_owner */
	bool shared;
	bool used;	/* sim_alloc() must not hand it out */
};

/* See sim.h.  Tests run one at a time; threads within a test take `guard`. */
struct sim_state {
	struct sim_cfg cfg;
	u64 nr, total;		/* pages: backed; all */
	u64 lo, hi;		/* of the pages that were ever changed: first, last + 1 */
	struct sim_page *page;
	u64 page_max;		/* how many entries `page` has room for */
	u8 *cpu;		/* what hyp_pf_va() hands out */
	u8 *raw;		/* the same memory, not guarded */
	u8 *dev;		/* what devices see, with cfg.noncoherent */
	u8 *synced;		/* the CPU's copy when it was last clean */
	u64 mem_size;
	bool finalised;
	int guard;
};

extern struct sim_state sim;

static inline void sim_guard(void)
{
	while (__atomic_exchange_n(&sim.guard, 1, __ATOMIC_ACQUIRE)) {
#ifdef __KERNEL__
		cpu_relax();
#else
		sched_yield();
#endif
	}
}

static inline void sim_unguard(void)
{
	__atomic_store_n(&sim.guard, 0, __ATOMIC_RELEASE);
}

static inline u64 sim_index(u64 pa)
{
	return (pa - sim.cfg.base) >> SIM_PAGE_SHIFT;
}

/* The page's state, or NULL if it is not in the simulated range. */
static inline struct sim_page *sim_page(u64 pa)
{
	return pa >= sim.cfg.base && sim_index(pa) < sim.total ? &sim.page[sim_index(pa)] : NULL;
}

static inline bool sim_backed(u64 pa)
{
	return pa >= sim.cfg.base && sim_index(pa) < sim.nr;
}

void sim_event(enum sim_event_kind kind, u64 pa, u64 size, u64 val);
int sim_call(enum sim_op op);	/* count it; an injected error, or 0 */
void sim_cache_sync(u64 pa, u64 size);	/* devices see what the CPU sees */
void sim_cache_reset(void);
void sim_mmio_reset(void);
void sim_lock_reset(void);
void sim_check_unlocked(const char *what);
unsigned int sim_locks_mine(void);	/* that this thread holds */

#endif /* HYP_PF_SIM_STATE_H */
