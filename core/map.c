// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Mapping and unmapping, in the only right order:
 *
 *   map     pin, write the entry
 *   unmap   clear the entry, invalidate, wait, unpin, use the tables again
 *
 * An unmap that is deferred stops after the first, and sync.c does the others.
 */
#include "core/domain.h"

/* How much of a large range to map with one call. */
static noinline int map_chunk(u64 handle, u64 ia, u64 oa, u64 size, u64 *chunk)
{
	struct hyp_iommu_domain *domain = hyp_iommu_domain_lock(handle);
	int ret = 0;

	if (!domain)
		return -EBADF;
	if (hyp_pgt_check(&domain->space.pgt, ia, oa, size, 0))
		*chunk = hyp_pgt_map_chunk(&domain->space.pgt, ia, oa, size, HYP_IOMMU_MAX_LEAVES);
	else
		ret = -EINVAL;
	hyp_iommu_domain_unlock(domain);
	return ret;
}

/* Count what was mapped. */
static void note_mapped(struct hyp_iommu_domain *domain, u64 ia, u64 size,
			struct hyp_pgt_gather *gather)
{
	domain->mapped += size / HYP_IOMMU_PAGE_SIZE;

	/* Some hardware keeps in mind that there was nothing. */
	if (domain->notices_maps && size)
		hyp_pgt_gather_new(gather, ia, size);
}

/*
 * Write the entries for memory that is pinned, in a domain that is locked.  What
 * hardware has to know of it is in @gather.
 */
static int map_locked(struct hyp_iommu_domain *domain, u64 ia, u64 oa, u64 size, u32 prot,
		      struct hyp_pgt_gather *gather, u64 *done, u64 *need)
{
	struct hyp_pgt *pgt = &domain->space.pgt;
	int ret;

	if (!hyp_pgt_check(pgt, ia, oa, size, prot))
		return -EINVAL;
	ret = hyp_pgt_map(pgt, ia, oa, size, prot, &domain->pool, gather, done);
	if (ret == -ENOMEM)
		*need = hyp_pgt_tables_needed(pgt, ia + *done, oa + *done, size - *done);
	note_mapped(domain, ia, *done, gather);
	return ret;
}

/* Let a domain that is locked go, with what hardware has to know.  Return: 0, or -EIO. */
static noinline int map_end(struct hyp_iommu_domain *domain, struct hyp_pgt_gather *gather)
{
	struct hyp_iommu_flush flush __uninitialized;
	int ret;

	/* Also tables that a bigger leaf has replaced may still be cached. */
	hyp_iommu_flush_begin(domain, gather, &flush);
	hyp_iommu_domain_hold(domain);
	hyp_iommu_domain_unlock(domain);
	ret = hyp_iommu_flush_end(domain, gather, &flush, 0);
	hyp_iommu_domain_drop(domain);
	return ret;
}

static int map_pinned(u64 handle, u64 ia, u64 oa, u64 size, u32 prot, u64 *done, u64 *need)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	struct hyp_iommu_domain *domain = hyp_iommu_domain_lock(handle);
	int ret;

	if (!domain)
		return -EBADF;
	ret = map_locked(domain, ia, oa, size, prot, &gather, done, need);
	if (unlikely(!hyp_pgt_gather_empty(&gather)))
		return map_end(domain, &gather) ? -EIO : ret;
	hyp_iommu_domain_unlock(domain);
	return ret;
}

/* Of a piece that was pinned only the first @done bytes could be mapped. */
static noinline void unpin_rest(struct hyp_iommu_sg *piece, u64 done)
{
	piece->oa += done;
	piece->size -= done;
	hyp_iommu_unpin(piece, 1);
}

static bool prot_ok(u64 prot)
{
	return !(prot & ~(u64)HYP_IOMMU_PROT_MASK) && prot & (HYP_IOMMU_READ | HYP_IOMMU_WRITE);
}

/**
 * hyp_iommu_map() - let a domain's endpoints reach memory of the host
 * @handle: the domain
 * @ia: first input address
 * @oa: first output address
 * @size: bytes
 * @prot: enum hyp_iommu_prot bits, with READ or WRITE
 * @done: bytes mapped, exact whatever is returned
 * @need: tables wanted, with -ENOMEM
 *
 * Return: 0 (also with *@done < @size: to be continued); -EINVAL; -EBADF;
 * -EPERM or -EBUSY: see hyp_pf_pin(), nothing was mapped; -ENOMEM and
 * -EEXIST: see hyp_pgt_map(); -EIO: the domain is LOST.
 */
__flatten int hyp_iommu_map(u64 handle, u64 ia, u64 oa, u64 size, u64 prot, u64 *done, u64 *need)
{
	struct hyp_iommu_sg piece = { oa, size };
	u32 pinned;
	int ret;

	*done = 0;
	if (!hyp_iommu_range_ok(ia, size) || !hyp_iommu_range_ok(oa, size))
		return -EINVAL;
	if (!prot_ok(prot))
		return -EINVAL;

	/* A small range has not too many leaves, whatever they are. */
	if (size > HYP_IOMMU_MAX_LEAVES * HYP_IOMMU_PAGE_SIZE) {
		ret = map_chunk(handle, ia, oa, size, &piece.size);
		if (ret)
			return ret;
	}
	ret = hyp_iommu_pin(&piece, 1, prot, &pinned);
	if (ret)
		return ret;

	ret = map_pinned(handle, ia, oa, piece.size, prot, done, need);
	if (unlikely(*done < piece.size))
		unpin_rest(&piece, *done);
	return ret;
}

/* Of a list that is in the host's memory, what is in ours at a time. */
#define LIST_CHUNK	HYP_IOMMU_MAX_PINS

/* May a list of @nr elements of 16 bytes be at @list? */
static bool list_ok(u64 list, u64 nr)
{
	static_assert(sizeof(struct hyp_iommu_sg) == 16 && sizeof(struct hyp_iommu_range) == 16);
	return !(list % 16) && nr && nr <= (HYP_IOMMU_PAGE_SIZE - list % HYP_IOMMU_PAGE_SIZE) / 16;
}

/* Find a domain, and hold it without its lock.  Return: NULL: see hyp_iommu_domain_lock(). */
static struct hyp_iommu_domain *domain_get(u64 handle)
{
	struct hyp_iommu_domain *domain = hyp_iommu_domain_lock(handle);

	if (domain) {
		hyp_iommu_domain_hold(domain);
		hyp_iommu_domain_unlock(domain);
	}
	return domain;
}

/*
 * Pin pieces, with not more than *@budget pages; the last one may become
 * shorter.  Return: how many; fewer than @nr with *@err 0: the budget is used up.
 */
static u32 pin_pieces(struct hyp_iommu_sg *sg, u32 nr, u32 prot, u64 *budget, int *err)
{
	bool bad = false;
	u32 i, pinned;

	for (i = 0; i < nr && *budget; i++) {
		bad = !hyp_iommu_range_ok(sg[i].oa, sg[i].size);
		if (bad)
			break;
		sg[i].size = min(sg[i].size, *budget * HYP_IOMMU_PAGE_SIZE);
		*budget -= sg[i].size / HYP_IOMMU_PAGE_SIZE;
	}
	*err = hyp_iommu_pin(sg, i, prot, &pinned);
	if (!*err && bad)
		*err = -EINVAL;
	return pinned;
}

/* Map pieces that are pinned, and unpin what could not be mapped.  Adds to *@done. */
static int map_pieces(struct hyp_iommu_domain *domain, u64 ia, struct hyp_iommu_sg *sg, u32 nr,
		      u32 prot, struct hyp_pgt_gather *gather, u64 *done, u64 *need)
{
	struct hyp_pgt *pgt = &domain->space.pgt;
	u64 part = 0;
	u32 i = 0, n;
	int ret = 0;

	hyp_pf_lock(&domain->lock);
	if (domain->state != HYP_IOMMU_DOMAIN_LIVE)
		ret = -EBADF;
	while (i < nr && !ret) {
		n = hyp_pgt_map_list(pgt, ia + *done, sg + i, nr - i, prot);
		part = n * (pgt->leaf_mask + 1);
		if (n) {
			note_mapped(domain, ia + *done, part, gather);
		} else {
			ret = map_locked(domain, ia + *done, sg[i].oa, sg[i].size, prot, gather,
					 &part, need);
			n = 1;
		}
		i += n;
		*done += part;
	}
	hyp_iommu_domain_unlock(domain);

	if (ret && i && part < sg[i - 1].size) {
		i--;
		sg[i].oa += part;
		sg[i].size -= part;
	}
	hyp_iommu_unpin(sg + i, nr - i);
	return ret;
}

/**
 * hyp_iommu_map_sg() - let a domain's endpoints reach pieces of memory of the host
 * @handle: the domain
 * @ia: first input address
 * @list: where the host's memory has @nr struct hyp_iommu_sg; within a page
 * @nr: pieces, > 0
 * @prot: enum hyp_iommu_prot bits, with READ or WRITE
 * @done: bytes mapped, exact whatever is returned
 * @need: tables wanted, with -ENOMEM
 *
 * Each word of the list is read once, into memory of our own.
 *
 * Return: see hyp_iommu_map(); -EPERM also where the list is not in memory of
 * the host.
 */
__flatten int hyp_iommu_map_sg(u64 handle, u64 ia, u64 list, u64 nr, u64 prot, u64 *done, u64 *need)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	u64 budget = HYP_IOMMU_MAX_LEAVES;
	struct hyp_iommu_sg sg[LIST_CHUNK] __uninitialized;
	struct hyp_iommu_domain *domain;
	int err = 0, ret = 0;
	u32 i, pinned;

	*done = 0;
	if (ia % HYP_IOMMU_PAGE_SIZE || !list_ok(list, nr) || !prot_ok(prot))
		return -EINVAL;
	domain = domain_get(handle);
	if (!domain)
		return -EBADF;

	while (nr && budget && !ret && !err) {
		i = min(nr, LIST_CHUNK);
		err = hyp_pf_read_host(sg, list, i * sizeof(*sg));
		if (err)
			break;
		pinned = pin_pieces(sg, i, prot, &budget, &err);
		ret = map_pieces(domain, ia, sg, pinned, prot, &gather, done, need);
		list += i * sizeof(*sg);
		nr -= i;
	}

	if (!hyp_pgt_gather_empty(&gather)) {
		hyp_pf_lock(&domain->lock);
		if (map_end(domain, &gather))
			ret = -EIO;
	}
	hyp_iommu_domain_drop(domain);
	return ret ? ret : err;
}

/*
 * Remove entries, at most *@budget of them, and leave to a later sync what has to
 * be done then.
 */
static int unmap_deferred(struct hyp_iommu_domain *domain, u64 ia, u64 size, u32 *budget,
			  u64 *done, u64 *need)
{
	struct hyp_iommu_deferred *deferred = &domain->deferred;
	int ret = hyp_iommu_deferred_room(domain);

	if (ret == -ENOMEM)
		*need = 1;
	if (ret)
		return ret;
	deferred->gather.budget = *budget;
	ret = hyp_pgt_unmap(&domain->space.pgt, ia, size, &deferred->gather, done);
	*budget = deferred->gather.budget;
	domain->mapped -= *done / HYP_IOMMU_PAGE_SIZE;
	deferred->pages += *done / HYP_IOMMU_PAGE_SIZE;
	return ret == -EAGAIN ? 0 : ret;
}

/*
 * Remove entries in a domain that is locked, and complete it.  Unlocks the domain.
 * A large range may have many runs: with a table for them one wait is enough.
 */
static int unmap_now(struct hyp_iommu_domain *domain, u64 ia, u64 size, u64 *done)
{
	struct hyp_iommu_sg runs[HYP_IOMMU_MAX_RUNS] __uninitialized;
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(runs, HYP_IOMMU_MAX_RUNS,
						      HYP_IOMMU_MAX_ENTRIES);
	struct hyp_iommu_flush flush __uninitialized;
	u64 pages, table = 0;
	int ret;

	if (size > HYP_IOMMU_MAX_RUNS * HYP_IOMMU_PAGE_SIZE)
		table = hyp_iommu_run_table_get(domain);
	if (table) {
		gather.run = hyp_pf_va(table);
		gather.max = hyp_iommu_run_table_max(domain);
	}
	ret = hyp_pgt_unmap(&domain->space.pgt, ia, size, &gather, done);
	pages = *done / HYP_IOMMU_PAGE_SIZE;
	domain->mapped -= pages;
	hyp_iommu_flush_begin(domain, &gather, &flush);
	hyp_iommu_domain_hold(domain);
	hyp_iommu_domain_unlock(domain);

	if (hyp_iommu_flush_end(domain, &gather, &flush, pages)) {
		/* Whatever the domain has is lost with it. */
		hyp_iommu_domain_drop(domain);
		*done = 0;
		return -EIO;
	}
	hyp_iommu_unpin(gather.run, gather.nr);
	if (table) {
		hyp_pf_lock(&domain->lock);
		hyp_iommu_run_table_put(domain, table);
		hyp_pf_unlock(&domain->lock);
	}
	hyp_iommu_domain_drop(domain);
	return ret == -EAGAIN ? 0 : ret;
}

/**
 * hyp_iommu_unmap() - take memory away from a domain's endpoints
 * @handle: the domain
 * @ia: first input address
 * @size: bytes
 * @flags: enum hyp_iommu_unmap_flag bits
 * @done: bytes unmapped, exact whatever is returned but -EIO
 * @need: tables wanted, with -ENOMEM
 *
 * When it returns, no device reaches the *@done bytes any more, and they are
 * unpinned; if it was to be deferred, hyp_iommu_sync() does both.
 *
 * Return: 0 (also with *@done < @size: to be continued); -EINVAL; -EBADF;
 * -ENOENT and -E2BIG: see hyp_pgt_unmap(); -ENOSPC and -ENOMEM: see
 * hyp_iommu_deferred_room(); -EIO: a unit did not answer, the domain is LOST,
 * and nothing of it is ever unpinned.
 */
__flatten int hyp_iommu_unmap(u64 handle, u64 ia, u64 size, u64 flags, u64 *done, u64 *need)
{
	u32 budget = HYP_IOMMU_MAX_ENTRIES;
	struct hyp_iommu_domain *domain;
	int ret = -EINVAL;

	*done = 0;
	if (!hyp_iommu_range_ok(ia, size) || flags & ~(u64)HYP_IOMMU_UNMAP_DEFER)
		return -EINVAL;
	domain = hyp_iommu_domain_lock(handle);
	if (!domain)
		return -EBADF;
	if (hyp_pgt_check(&domain->space.pgt, ia, 0, size, 0)) {
		if (!(flags & HYP_IOMMU_UNMAP_DEFER))
			return unmap_now(domain, ia, size, done);
		ret = unmap_deferred(domain, ia, size, &budget, done, need);
	}
	hyp_iommu_domain_unlock(domain);
	return ret;
}

/* Unmap ranges, as far as the budget goes.  Adds to *@done. */
static int unmap_ranges(struct hyp_iommu_domain *domain, struct hyp_iommu_range *range, u32 nr,
			u32 *budget, u64 *done, u64 *need)
{
	int ret = 0;
	u64 part;

	hyp_pf_lock(&domain->lock);
	if (domain->state != HYP_IOMMU_DOMAIN_LIVE)
		ret = -EBADF;
	while (nr && *budget && !ret) {
		if (!hyp_pgt_check(&domain->space.pgt, range->ia, 0, range->size, 0)) {
			ret = -EINVAL;
			break;
		}
		part = 0;
		ret = unmap_deferred(domain, range->ia, range->size, budget, &part, need);
		*done += part;
		range->ia += part;
		range->size -= part;
		if (!range->size) {
			range++;
			nr--;
		}
	}
	hyp_iommu_domain_unlock(domain);
	return ret;
}

/**
 * hyp_iommu_unmap_list() - take ranges away from a domain's endpoints, at the next sync
 * @handle: the domain
 * @list: where the host's memory has @nr struct hyp_iommu_range; within a page
 * @nr: ranges, > 0
 * @done: bytes unmapped, exact whatever is returned
 * @need: tables wanted, with -ENOMEM
 *
 * Each word of the list is read once, into memory of our own.
 *
 * Return: see hyp_iommu_unmap() with HYP_IOMMU_UNMAP_DEFER; -EPERM: the list is
 * not in memory of the host.
 */
__flatten int hyp_iommu_unmap_list(u64 handle, u64 list, u64 nr, u64 *done, u64 *need)
{
	struct hyp_iommu_range range[LIST_CHUNK] __uninitialized;
	u32 n, budget = HYP_IOMMU_MAX_ENTRIES;
	struct hyp_iommu_domain *domain;
	int ret = 0;

	*done = 0;
	if (!list_ok(list, nr))
		return -EINVAL;
	domain = domain_get(handle);
	if (!domain)
		return -EBADF;

	for (; nr && budget && !ret; list += n * sizeof(*range), nr -= n) {
		n = min(nr, LIST_CHUNK);
		ret = hyp_pf_read_host(range, list, n * sizeof(*range));
		if (!ret)
			ret = unmap_ranges(domain, range, n, &budget, done, need);
	}
	hyp_iommu_domain_drop(domain);
	return ret;
}

/**
 * hyp_iommu_iova_to_phys() - tell what an input address maps to
 * @handle: the domain
 * @ia: any address
 * @pa: gets the output address
 *
 * Return: 0; -ENOENT: nothing; -EBADF.
 */
int hyp_iommu_iova_to_phys(u64 handle, u64 ia, u64 *pa)
{
	struct hyp_iommu_domain *domain = hyp_iommu_domain_lock(handle);
	int ret;

	if (!domain)
		return -EBADF;
	ret = hyp_pgt_lookup(&domain->space.pgt, ia, pa) ? 0 : -ENOENT;
	hyp_iommu_domain_unlock(domain);
	return ret;
}
