// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The one place where hardware is made to forget what a domain no longer maps:
 * at once, or later for all that was deferred until then.
 *
 * A flush is begun under the domain's lock and waited for without it, so that
 * CPUs that use one domain wait for their own invalidations only.  Until it
 * has ended, what it is for is in no list of the domain's: the pages stay
 * pinned and the tables unused because nobody else knows of them, and who waits
 * holds the domain so that it is not freed.
 */
#include "core/domain.h"

/* Stop the units of a domain that failed, and give the domain up. */
static noinline void give_up(struct hyp_iommu_domain *domain, u32 failed, u64 pages)
{
	hyp_pf_lock(&domain->lock);
	hyp_pf_lock(&hyp_iommu_devices);
	for (; failed; failed &= failed - 1)
		hyp_iommu_unit_stop(&hyp_iommu_units[__ffs64(failed)]);
	hyp_pf_unlock(&hyp_iommu_devices);
	hyp_iommu_domain_lose(domain);
	hyp_iommu_stat_add(HYP_IOMMU_STAT_STUCK, pages);
	hyp_pf_unlock(&domain->lock);
}

void hyp_iommu_flush_begin(struct hyp_iommu_domain *domain, struct hyp_pgt_gather *gather,
			   struct hyp_iommu_flush *flush)
{
	u32 left = hyp_pgt_gather_empty(gather) ? 0 : domain->units;

	flush->units = 0;
	flush->failed = 0;
	if (!left)
		hyp_pgt_pool_splice(&domain->pool, &gather->tables);

	/* All units at once, then wait for each. */
	for (; left; left &= left - 1) {
		u32 i = __ffs64(left);
		struct hyp_iommu_unit *unit = &hyp_iommu_units[i];

		if (hyp_iommu_unit_state(unit) != HYP_IOMMU_UNIT_LIVE ||
		    unit->backend->invalidate(unit, &domain->space, gather, &flush->ticket[i]))
			flush->failed |= BIT(i);
		else
			flush->units |= BIT(i);
	}
}

int hyp_iommu_flush_end(struct hyp_iommu_domain *domain, struct hyp_pgt_gather *gather,
			struct hyp_iommu_flush *flush, u64 pages)
{
	u32 left = flush->units;
	int ret = 0;

	for (; left; left &= left - 1) {
		u32 i = __ffs64(left);
		struct hyp_iommu_unit *unit = &hyp_iommu_units[i];

		if (unit->backend->wait(unit, flush->ticket[i]))
			flush->failed |= BIT(i);
	}
	if (flush->failed) {
		give_up(domain, flush->failed, pages);
		ret = -EIO;
	} else if (gather->tables.nr) {
		hyp_pf_lock(&domain->lock);
		hyp_pgt_pool_splice(&domain->pool, &gather->tables);
		hyp_pf_unlock(&domain->lock);
	}
	return ret;
}

/* ---- what is deferred ---- */

u32 hyp_iommu_run_table_max(const struct hyp_iommu_domain *domain)
{
	return hyp_pgt_table_size(domain->space.pgt.fmt) / sizeof(struct hyp_iommu_sg);
}

u64 hyp_iommu_run_table_get(struct hyp_iommu_domain *domain)
{
	struct hyp_iommu_deferred *d = &domain->deferred;

	if (d->used < d->tables)
		return d->table[--d->tables];
	return hyp_pgt_pool_get(&domain->pool, false);
}

/* Put a table that kept account into the pool, zeroed, as those in a pool are. */
static void to_pool(struct hyp_iommu_domain *domain, u64 pa)
{
	u64 size = hyp_pgt_table_size(domain->space.pgt.fmt);

	memset(hyp_pf_va(pa), 0, size);
	hyp_pf_clean(hyp_pf_va(pa), size);
	hyp_pf_wmb();
	hyp_pgt_pool_put(&domain->pool, pa);
}

void hyp_iommu_run_table_put(struct hyp_iommu_domain *domain, u64 pa)
{
	struct hyp_iommu_deferred *d = &domain->deferred;

	if (d->tables < HYP_IOMMU_DEFERRED_TABLES)
		d->table[d->tables++] = pa;
	else
		to_pool(domain, pa);
}

int hyp_iommu_deferred_make_room(struct hyp_iommu_domain *domain)
{
	struct hyp_iommu_deferred *d = &domain->deferred;
	u64 pa;

	if (d->pages >= HYP_IOMMU_MAX_DEFERRED || d->used == HYP_IOMMU_DEFERRED_TABLES)
		return -ENOSPC;
	pa = hyp_iommu_run_table_get(domain);
	if (!pa)
		return d->used ? -ENOSPC : -ENOMEM;
	/* The last of the spare ones was taken, and none or the first is in the way. */
	d->table[d->tables++] = d->table[d->used];
	d->table[d->used++] = pa;
	d->gather.run = hyp_pf_va(pa);
	d->gather.nr = 0;
	d->gather.max = hyp_iommu_run_table_max(domain);
	return 0;
}

void hyp_iommu_deferred_init(struct hyp_iommu_deferred *d)
{
	*d = (struct hyp_iommu_deferred){ .gather = HYP_PGT_GATHER(NULL, 0, 0) };
}

u32 hyp_iommu_deferred_take(struct hyp_iommu_domain *domain, struct hyp_iommu_sg *runs, u32 max)
{
	struct hyp_iommu_deferred *d = &domain->deferred;
	u32 i, nr = d->gather.nr;

	nr = min(nr, max);
	for (i = 0; i < nr; i++) {
		runs[i] = d->gather.run[--d->gather.nr];
		d->pages -= runs[i].size / HYP_IOMMU_PAGE_SIZE;
	}
	if (!d->gather.nr && d->tables) {
		/* The one that was emptied; those that were not used go first. */
		if (d->used == d->tables && --d->used) {
			d->gather.run = hyp_pf_va(d->table[d->used - 1]);
			d->gather.nr = d->gather.max;
		}
		to_pool(domain, d->table[--d->tables]);
	}
	if (!d->tables)
		hyp_pgt_pool_splice(&domain->pool, &d->gather.tables);
	return nr;
}

/* Drop the pins of all that is in @d, which nobody else knows of. */
static void unpin_all(const struct hyp_iommu_deferred *d)
{
	u32 t;

	for (t = 0; t < d->used; t++)
		hyp_iommu_unpin(hyp_pf_va(d->table[t]),
				t + 1 < d->used ? d->gather.max : d->gather.nr);
}

/**
 * hyp_iommu_sync() - complete all unmaps that were deferred
 * @handle: the domain
 *
 * When it returns 0, no device reaches what was deferred before any more, and
 * it is unpinned.
 *
 * Return: 0; -EBADF; -EIO: a unit did not answer, the domain is LOST, and
 * nothing of it is ever unpinned.
 */
int hyp_iommu_sync(u64 handle)
{
	struct hyp_iommu_domain *domain = hyp_iommu_domain_lock(handle);
	struct hyp_iommu_deferred d;
	struct hyp_iommu_flush flush __uninitialized;
	int ret;

	if (!domain)
		return -EBADF;
	d = domain->deferred;
	if (!d.pages && !domain->syncs) {
		hyp_iommu_domain_unlock(domain);
		return 0;
	}
	/* What another CPU waits for was deferred before as well: units work in order. */
	if (!d.pages)
		hyp_pgt_gather_new(&d.gather, 0, domain->space.pgt.ia_last + 1);
	hyp_iommu_deferred_init(&domain->deferred);
	domain->syncs++;
	hyp_iommu_flush_begin(domain, &d.gather, &flush);
	hyp_iommu_domain_hold(domain);
	hyp_iommu_domain_unlock(domain);

	ret = hyp_iommu_flush_end(domain, &d.gather, &flush, d.pages);
	if (!ret)
		unpin_all(&d);
	hyp_pf_lock(&domain->lock);
	domain->syncs--;
	/* The tables are for the next time; those of a domain that is lost stay with it. */
	while (!ret && d.tables)
		hyp_iommu_run_table_put(domain, d.table[--d.tables]);
	hyp_pf_unlock(&domain->lock);
	hyp_iommu_domain_drop(domain);
	return ret;
}
