/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the files of the core share: domains, units, endpoints, and who locks
 * what.
 *
 * Locks, in the order in which they are taken
 *
 *   domain->lock        the domain: state, table, pool, attachments, what is
 *                       deferred.  Held while its entries change and until the
 *                       invalidation that covers the change is on its way; not
 *                       while it is waited for, see sync.c.
 *   hyp_iommu_devices   the lists of units, endpoints and MMIO windows, the
 *                       hypervisor's own pool, and all calls of a backend
 *                       that change device tables.
 *   a backend's locks   for its command queue and its fault records.
 *
 * The platform's lock for the ownership of memory is taken inside
 * hyp_pf_take_pages(), hyp_pf_pin() and their kind, and therefore none
 * of these is called with a lock of this list held: pages are pinned before
 * the domain is locked, and unpinned after it is unlocked.
 */
#ifndef HYP_IOMMU_CORE_DOMAIN_H
#define HYP_IOMMU_CORE_DOMAIN_H

#include "core/backend.h"

#define HYP_IOMMU_MAX_UNITS	32	/* a bit each in a word */
#define HYP_IOMMU_MAX_DOMAINS	256	/* slot 0 is never used */
#define HYP_IOMMU_MAX_ENDPOINTS	1024

/*
 * Bounds of the work of one call: entries written, entries looked at, runs on
 * the stack, pieces that are pinned or unpinned under one lock, and pages given
 * back at once.
 */
#define HYP_IOMMU_MAX_LEAVES	512
#define HYP_IOMMU_MAX_ENTRIES	2048
#define HYP_IOMMU_MAX_RUNS	64
#define HYP_IOMMU_MAX_PINS	32
#define HYP_IOMMU_MAX_PAGES	512

/* Bounds of what a domain defers: tables full of runs, and pages after which no more is taken. */
#define HYP_IOMMU_DEFERRED_TABLES	8
#define HYP_IOMMU_MAX_DEFERRED	0x10000

enum hyp_iommu_domain_state {
	HYP_IOMMU_DOMAIN_UNUSED,
	HYP_IOMMU_DOMAIN_LIVE,
	HYP_IOMMU_DOMAIN_DYING,		/* HYP_IOMMU_DOMAIN_FREE has begun */
	HYP_IOMMU_DOMAIN_LOST,		/* an invalidation did not complete */
};

/*
 * What was unmapped and is not invalidated yet.  The runs are in tables from
 * the domain's pool, `used` of them; gather.run is the last, and the others are
 * full.  Tables behind those are spare: they are kept for the next time.
 */
struct hyp_iommu_deferred {
	struct hyp_pgt_gather gather;
	u64 pages;			/* in the runs; pinned */
	u64 table[HYP_IOMMU_DEFERRED_TABLES];
	u8 tables, used;
};

/* An invalidation that is on its way. */
struct hyp_iommu_flush {
	u32 units, failed;		/* bit n: unit n */
	u64 ticket[HYP_IOMMU_MAX_UNITS];
};

struct hyp_iommu_domain {
	struct hyp_pf_lock lock;
	enum hyp_iommu_domain_state state;
	u64 generation;			/* of the slot; part of the handle */
	struct hyp_iommu_space space;	/* its tag is the slot's number */
	struct hyp_pgt_pool pool;	/* tables for hyp_pgt_map() */
	u64 mapped;			/* pages, counted once per mapping */
	struct hyp_iommu_deferred deferred;
	u32 syncs;			/* that have begun, and are waited for */
	u32 busy;			/* calls that use it unlocked; for atomic access */
	u32 units;			/* bit n: unit_endpoints[n] is not 0 */
	u32 endpoints;
	u32 unit_endpoints[HYP_IOMMU_MAX_UNITS]; /* of these, per unit */
	bool notices_maps;		/* one of these units does */
};

extern struct hyp_pf_lock hyp_iommu_devices;
extern struct hyp_pgt_pool hyp_iommu_pool;	/* pages; under hyp_iommu_devices */

/* Counters of enum hyp_iommu_stat; each counted where the thing happens. */
extern u64 hyp_iommu_stats[HYP_IOMMU_NR_STATS];

static inline void hyp_iommu_stat_add(enum hyp_iommu_stat stat, u64 by)
{
	hyp_iommu_count(&hyp_iommu_stats[stat], by);
}

static inline void hyp_iommu_stat_sub(enum hyp_iommu_stat stat, u64 by)
{
	hyp_iommu_count(&hyp_iommu_stats[stat], -by);
}

/* Is [start, start + size) not empty, page-aligned, and without overflow? */
static inline bool hyp_iommu_range_ok(u64 start, u64 size)
{
	return size && !((start | size) % HYP_IOMMU_PAGE_SIZE) && start + (size - 1) >= start;
}

/* domain.c */

/*
 * Lock the domain of a handle.  Return: NULL unless the handle is that of a
 * domain in state LIVE.
 */
struct hyp_iommu_domain *hyp_iommu_domain_lock(u64 handle);

/* The same for a domain in whatever state but UNUSED. */
struct hyp_iommu_domain *hyp_iommu_domain_lock_any(u64 handle);

void hyp_iommu_domain_unlock(struct hyp_iommu_domain *domain);

/*
 * Use a domain without its lock: its slot is nobody else's until it is dropped
 * again.  The caller holds the lock to hold the domain.
 */
static inline void hyp_iommu_domain_hold(struct hyp_iommu_domain *domain)
{
	__atomic_fetch_add(&domain->busy, 1, __ATOMIC_RELAXED);
}

static inline void hyp_iommu_domain_drop(struct hyp_iommu_domain *domain)
{
	__atomic_fetch_sub(&domain->busy, 1, __ATOMIC_RELEASE);
}

/* Give a domain up: what it maps stays pinned.  The caller holds its lock. */
void hyp_iommu_domain_lose(struct hyp_iommu_domain *domain);

int hyp_iommu_domain_alloc(u64 unit, u64 stage, u64 root_pa, u64 *handle, u64 *need);
int hyp_iommu_domain_free(u64 handle);
int hyp_iommu_domain_info(u64 handle, u64 what, u64 *val);

/* map.c */
int hyp_iommu_map(u64 handle, u64 ia, u64 oa, u64 size, u64 prot, u64 *done, u64 *need);
int hyp_iommu_map_sg(u64 handle, u64 ia, u64 list, u64 nr, u64 prot, u64 *done, u64 *need);
int hyp_iommu_unmap(u64 handle, u64 ia, u64 size, u64 flags, u64 *done, u64 *need);
int hyp_iommu_unmap_list(u64 handle, u64 list, u64 nr, u64 *done, u64 *need);
int hyp_iommu_iova_to_phys(u64 handle, u64 ia, u64 *pa);

/* sync.c */

/*
 * Begin to make hardware forget what @gather records, on all units of the
 * domain.  The caller holds its lock, then holds the domain without it, calls
 * hyp_iommu_flush_end(), and drops the domain.
 */
void hyp_iommu_flush_begin(struct hyp_iommu_domain *domain, struct hyp_pgt_gather *gather,
			   struct hyp_iommu_flush *flush);

/*
 * Wait until hardware has forgotten it.  Return: 0, and then the gather's tables
 * are back in the domain's pool and its runs can be unpinned; -EIO: the domain
 * is LOST, and neither may ever happen: @pages of them, which are not counted
 * in domain->mapped any more.  The caller does not hold the lock.
 */
int hyp_iommu_flush_end(struct hyp_iommu_domain *domain, struct hyp_pgt_gather *gather,
			struct hyp_iommu_flush *flush, u64 pages);

/*
 * Tables that keep account of runs: take one, from those that the domain has for
 * it or from its pool, give it back, and how many runs it has room for.  Return
 * of get: its pa, or 0.  The caller holds the lock.
 */
u64 hyp_iommu_run_table_get(struct hyp_iommu_domain *domain);
void hyp_iommu_run_table_put(struct hyp_iommu_domain *domain, u64 pa);
u32 hyp_iommu_run_table_max(const struct hyp_iommu_domain *domain);

void hyp_iommu_deferred_init(struct hyp_iommu_deferred *deferred);

/* What hyp_iommu_deferred_room() does when there is none. */
int hyp_iommu_deferred_make_room(struct hyp_iommu_domain *domain);

/*
 * Make room for at least one run in domain->deferred.gather.  Return: 0;
 * -ENOSPC: there is as much as may be; -ENOMEM: it needs a table in the pool.
 * The caller holds the lock.
 */
static inline int hyp_iommu_deferred_room(struct hyp_iommu_domain *domain)
{
	const struct hyp_iommu_deferred *d = &domain->deferred;

	return likely(d->pages < HYP_IOMMU_MAX_DEFERRED && d->gather.nr < d->gather.max) ? 0 :
	       hyp_iommu_deferred_make_room(domain);
}

/*
 * Take up to @max runs of a domain that no unit knows any more, to be unpinned;
 * call again until there are none and no tables.  Return: how many.  The caller
 * holds the lock.
 */
u32 hyp_iommu_deferred_take(struct hyp_iommu_domain *domain, struct hyp_iommu_sg *runs, u32 max);

int hyp_iommu_sync(u64 handle);

/* unit.c */

/* For numbers that are the hypervisor's own, such as a domain's: there is a unit. */
extern struct hyp_iommu_unit hyp_iommu_units[HYP_IOMMU_MAX_UNITS];

/* Return: the unit of that number in whatever state but NONE; NULL if there is none. */
struct hyp_iommu_unit *hyp_iommu_unit_get(u64 id);

static inline enum hyp_iommu_unit_state hyp_iommu_unit_state(const struct hyp_iommu_unit *unit)
{
	return __atomic_load_n(&unit->state, __ATOMIC_ACQUIRE);
}

/* Block all behind a unit that did not answer.  The caller holds hyp_iommu_devices. */
void hyp_iommu_unit_stop(struct hyp_iommu_unit *unit);

int hyp_iommu_unit_add(const u64 args[HYP_IOMMU_MAX_ARGS], u64 *id, u64 *need);
int hyp_iommu_unit_info(u64 id, u64 what, u64 *val);
int hyp_iommu_fault_read(u64 id, u64 *ia, u64 *info);

/* endpoint.c */
int hyp_iommu_attach(u64 handle, u64 unit, u64 endpoint, u64 pasid, u64 *need);
int hyp_iommu_detach(u64 handle, u64 unit, u64 endpoint, u64 pasid);

/* pool.c */
int hyp_iommu_pool_donate(u64 handle, u64 pa, u64 nr, u64 *done);
int hyp_iommu_pool_reclaim(u64 handle, u64 *pa);

/* Take pages, and count them; see hyp_pf_take_pages(). */
int hyp_iommu_take_pages(u64 pa, u64 nr);

/* Give pages back, and count; see hyp_pf_return_pages(). */
int hyp_iommu_return_pages(u64 pa, u64 nr);

/*
 * Put zeroed memory into the hypervisor's own pool page by page.  The caller
 * holds hyp_iommu_devices.
 */
void hyp_iommu_pool_put(u64 pa, u64 size);

/* pin.c */
int hyp_iommu_mmio_allow(u64 pa, u64 size);

/* Does [pa, pa + size) touch a window? */
bool hyp_iommu_mmio_overlaps(u64 pa, u64 size);

/*
 * Pin memory before it is mapped; a window that was allowed is not memory and
 * needs HYP_IOMMU_MMIO in @prot.  @done: pieces that were pinned, the first ones.
 * Return: see hyp_pf_pin().
 */
int hyp_iommu_pin(const struct hyp_iommu_sg *list, u32 nr, u32 prot, u32 *done);

/*
 * Unpin what hyp_iommu_pin() has pinned: any part of it, or neighbouring
 * pieces at once.
 */
void hyp_iommu_unpin(const struct hyp_iommu_sg *list, u32 nr);

#endif /* HYP_IOMMU_CORE_DOMAIN_H */
