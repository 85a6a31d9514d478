// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Mapping and unmapping, in the only right order:
 *
 *   map     pin, write the entry
 *   unmap   clear the entry, invalidate, wait, unpin, use the tables again
 */
#include "core/domain.h"

/*
 * How much of the range to map with one call.  A small range needs no look at
 * the domain: whatever the leaves, there are not too many of them.
 */
static int map_chunk(u64 handle, u64 ia, u64 oa, u64 size, u64 *chunk)
{
	struct hyp_iommu_domain *domain;
	int ret = 0;

	*chunk = size;
	if (size <= HYP_IOMMU_MAX_LEAVES * HYP_IOMMU_PAGE_SIZE)
		return 0;

	domain = hyp_iommu_domain_lock(handle);
	if (!domain)
		return -EBADF;
	if (hyp_pgt_check(&domain->space.pgt, ia, oa, size, 0))
		*chunk = hyp_pgt_map_chunk(&domain->space.pgt, ia, oa, size, HYP_IOMMU_MAX_LEAVES);
	else
		ret = -EINVAL;
	hyp_iommu_domain_unlock(domain);
	return ret;
}

/* Write the entries for memory that is pinned. */
static int map_pinned(u64 handle, u64 ia, u64 oa, u64 size, u32 prot, u64 *done, u64 *need)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	struct hyp_iommu_domain *domain = hyp_iommu_domain_lock(handle);
	struct hyp_pgt *pgt;
	int ret;

	if (!domain)
		return -EBADF;
	pgt = &domain->space.pgt;

	if (hyp_pgt_check(pgt, ia, oa, size, prot)) {
		ret = hyp_pgt_map(pgt, ia, oa, size, prot, &domain->pool, &gather, done);
		if (ret == -ENOMEM)
			*need = hyp_pgt_tables_needed(pgt, ia + *done, oa + *done, size - *done);
		domain->mapped += *done / HYP_IOMMU_PAGE_SIZE;

		/* Some hardware keeps in mind that there was nothing. */
		if (domain->notices_maps && *done)
			hyp_pgt_gather_new(&gather, ia, *done);
		/* Tables that a bigger leaf has replaced may still be cached. */
		if (hyp_iommu_domain_sync(domain, &gather))
			ret = -EIO;
	} else {
		ret = -EINVAL;
	}
	hyp_iommu_domain_unlock(domain);
	return ret;
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
 * -EPERM or -EBUSY: see hyp_pf_pin_pages(), nothing was mapped; -ENOMEM and
 * -EEXIST: see hyp_pgt_map(); -EIO: the domain is LOST.
 */
int hyp_iommu_map(u64 handle, u64 ia, u64 oa, u64 size, u64 prot, u64 *done, u64 *need)
{
	u64 chunk;
	int ret;

	*done = 0;
	if (!hyp_iommu_range_ok(ia, size) || !hyp_iommu_range_ok(oa, size))
		return -EINVAL;
	if (prot & ~(u64)HYP_IOMMU_PROT_MASK || !(prot & (HYP_IOMMU_READ | HYP_IOMMU_WRITE)))
		return -EINVAL;

	ret = map_chunk(handle, ia, oa, size, &chunk);
	if (ret)
		return ret;
	ret = hyp_iommu_pin(oa, chunk, prot);
	if (ret)
		return ret;

	ret = map_pinned(handle, ia, oa, chunk, prot, done, need);
	if (*done < chunk)
		hyp_iommu_unpin(oa + *done, chunk - *done);
	return ret;
}

/**
 * hyp_iommu_unmap() - take memory away from a domain's endpoints
 * @handle: the domain
 * @ia: first input address
 * @size: bytes
 * @done: bytes unmapped, exact whatever is returned but -EIO
 *
 * When it returns, no device reaches the *@done bytes any more, and they are
 * unpinned.
 *
 * Return: 0 (also with *@done < @size: to be continued); -EINVAL; -EBADF;
 * -ENOENT and -E2BIG: see hyp_pgt_unmap(); -EIO: a unit did not answer, the
 * domain is LOST, and nothing of it is ever unpinned.
 */
int hyp_iommu_unmap(u64 handle, u64 ia, u64 size, u64 *done)
{
	struct hyp_pgt_run runs[HYP_IOMMU_MAX_RUNS];
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(runs, HYP_IOMMU_MAX_RUNS,
						      HYP_IOMMU_MAX_ENTRIES);
	struct hyp_iommu_domain *domain;
	int ret;
	u32 i;

	*done = 0;
	if (!hyp_iommu_range_ok(ia, size))
		return -EINVAL;
	domain = hyp_iommu_domain_lock(handle);
	if (!domain)
		return -EBADF;
	if (!hyp_pgt_check(&domain->space.pgt, ia, 0, size, 0)) {
		hyp_iommu_domain_unlock(domain);
		return -EINVAL;
	}

	ret = hyp_pgt_unmap(&domain->space.pgt, ia, size, &gather, done);
	if (ret == -EAGAIN)
		ret = 0;
	if (hyp_iommu_domain_sync(domain, &gather)) {
		hyp_iommu_domain_unlock(domain);
		*done = 0;
		return -EIO;
	}
	domain->mapped -= *done / HYP_IOMMU_PAGE_SIZE;
	hyp_iommu_domain_unlock(domain);

	for (i = 0; i < gather.nr; i++)
		hyp_iommu_unpin(runs[i].oa, runs[i].size);
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
	struct hyp_pgt_leaf leaf;
	int ret = -ENOENT;

	if (!domain)
		return -EBADF;
	if (hyp_pgt_lookup(&domain->space.pgt, ia, &leaf)) {
		*pa = leaf.oa + (ia - leaf.ia);
		ret = 0;
	}
	hyp_iommu_domain_unlock(domain);
	return ret;
}
