// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory that the host gives for tables, and gets back.
 *
 * A domain has a pool of tables for its own use, under its lock.  Everything
 * else (device tables, and what a domain leaves when it is freed) is in the
 * hypervisor's own pool, in pages.
 */
#include "core/domain.h"

struct hyp_pgt_pool hyp_iommu_pool;

int hyp_iommu_take_pages(u64 pa, u64 nr)
{
	int ret = hyp_pf_take_pages(pa, nr);

	if (!ret)
		hyp_iommu_stat_add(HYP_IOMMU_STAT_PAGES, nr);
	return ret;
}

int hyp_iommu_return_pages(u64 pa, u64 nr)
{
	int ret = hyp_pf_return_pages(pa, nr);

	if (!ret)
		hyp_iommu_stat_sub(HYP_IOMMU_STAT_PAGES, nr);
	return ret;
}

void hyp_iommu_pool_put(u64 pa, u64 size)
{
	u64 off;

	for (off = 0; off < size; off += HYP_IOMMU_PAGE_SIZE)
		hyp_pgt_pool_put(&hyp_iommu_pool, pa + off);
}

/* Put one table, or page, into the pool of @handle.  Return: 0, or -EBADF. */
static int pool_add(u64 handle, u64 pa)
{
	struct hyp_iommu_domain *domain;

	if (handle == HYP_IOMMU_NO_DOMAIN) {
		hyp_pf_lock(&hyp_iommu_devices);
		hyp_pgt_pool_put(&hyp_iommu_pool, pa);
		hyp_pf_unlock(&hyp_iommu_devices);
		return 0;
	}

	domain = hyp_iommu_domain_lock(handle);
	if (!domain)
		return -EBADF;
	hyp_pgt_pool_put(&domain->pool, pa);
	hyp_iommu_domain_unlock(domain);
	return 0;
}

/*
 * What the pool of @handle holds: items of *@size bytes, below *@limit, which is
 * as far as hardware that walks the domain's tables can reach.  The backends
 * see to this themselves for what they take.  Return: 0, or -EBADF.
 */
static int pool_items(u64 handle, u64 *size, u64 *limit)
{
	struct hyp_iommu_domain *domain;

	*size = HYP_IOMMU_PAGE_SIZE;
	*limit = ~0ULL;
	if (handle == HYP_IOMMU_NO_DOMAIN)
		return 0;

	domain = hyp_iommu_domain_lock(handle);
	if (!domain)
		return -EBADF;
	*size = hyp_pgt_table_size(domain->space.pgt.fmt);
	*limit = BIT_ULL(domain->space.pgt.cfg.oa_bits);
	hyp_iommu_domain_unlock(domain);
	return 0;
}

/**
 * hyp_iommu_pool_donate() - take memory for tables from the host
 * @handle: the domain that may use it, or HYP_IOMMU_NO_DOMAIN
 * @pa: aligned to a table
 * @nr: tables
 * @done: tables taken; those stay taken, whatever is returned
 *
 * Return: 0 (also with *done < @nr, to be continued); -EBADF; -EINVAL; or see
 * hyp_pf_take_pages().
 */
int hyp_iommu_pool_donate(u64 handle, u64 pa, u64 nr, u64 *done)
{
	u64 size, limit, pages, max = HYP_IOMMU_MAX_PAGES;
	int ret;

	*done = 0;
	ret = pool_items(handle, &size, &limit);
	if (ret)
		return ret;
	pages = size / HYP_IOMMU_PAGE_SIZE;
	/* Address 0 ends a pool's list. */
	if (!pa || pa % size || !nr || nr > limit / size || !hyp_iommu_range_ok(pa, nr * size) ||
	    pa > limit - nr * size)
		return -EINVAL;

	for (; *done < nr && max >= pages; max -= pages, pa += size) {
		ret = hyp_iommu_take_pages(pa, pages);
		if (ret)
			break;
		ret = pool_add(handle, pa);
		if (ret) {
			/* Freed meanwhile; cannot fail: nobody else knows the pages. */
			hyp_iommu_return_pages(pa, pages);
			break;
		}
		++*done;
	}
	return ret;
}

/**
 * hyp_iommu_pool_reclaim() - give spare memory back to the host
 * @handle: the domain whose pool it is in, or HYP_IOMMU_NO_DOMAIN
 * @pa: gets the address of a table, or page
 *
 * Return: 0; -ENOENT: the pool is empty; -EBADF; or see
 * hyp_pf_return_pages(), and then the pool is as it was.
 */
int hyp_iommu_pool_reclaim(u64 handle, u64 *pa)
{
	struct hyp_iommu_domain *domain = NULL;
	u64 size = HYP_IOMMU_PAGE_SIZE;
	int ret;

	if (handle == HYP_IOMMU_NO_DOMAIN) {
		hyp_pf_lock(&hyp_iommu_devices);
		*pa = hyp_pgt_pool_get(&hyp_iommu_pool, false);
		hyp_pf_unlock(&hyp_iommu_devices);
	} else {
		domain = hyp_iommu_domain_lock(handle);
		if (!domain)
			return -EBADF;
		size = hyp_pgt_table_size(domain->space.pgt.fmt);
		*pa = hyp_pgt_pool_get(&domain->pool, false);
		hyp_iommu_domain_unlock(domain);
	}
	if (!*pa)
		return -ENOENT;

	ret = hyp_iommu_return_pages(*pa, size / HYP_IOMMU_PAGE_SIZE);
	if (ret) {
		if (pool_add(handle, *pa)) {
			/* Freed meanwhile: where its pages have gone. */
			hyp_pf_lock(&hyp_iommu_devices);
			hyp_iommu_pool_put(*pa, size);
			hyp_pf_unlock(&hyp_iommu_devices);
		}
		*pa = 0;
	}
	return ret;
}
