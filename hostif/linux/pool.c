// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that the hypervisor uses for us: pages are given to it, and come back.
 *
 * A page that was given is still allocated as far as Linux is concerned, and
 * nobody may touch its contents: the CPU faults.  Its struct page says that it
 * was ours to give, so that what comes back can be checked; contiguous pages
 * are split first, because they come back one by one and in any order.
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/log2.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

#include "hyp-iommu.h"

/* In page_private() of a page that was given. */
#define GIVEN		0x68797069UL

/* Tables that a domain should have to spare, see hyp_host_refill(). */
#define SPARE_MIN	4
#define SPARE_MAX	64

/* Pages for those who cannot wait, when the page allocator has none. */
#define RESERVE		32

static atomic64_t pages_given, pages_returned, pages_foreign;
static mempool_t *reserve;

static_assert(PAGE_SIZE == HYP_IOMMU_PAGE_SIZE);

int __init hyp_host_pool_init(void)
{
	reserve = mempool_create_page_pool(RESERVE, 0);
	return reserve ? 0 : -ENOMEM;
}

void hyp_host_pool_counts(u64 *given, u64 *returned, u64 *foreign, u64 *in_reserve)
{
	*given = atomic64_read(&pages_given);
	*returned = atomic64_read(&pages_returned);
	*foreign = atomic64_read(&pages_foreign);
	*in_reserve = READ_ONCE(reserve->curr_nr);
}

/* 1 << @order pages, each of which can be freed on its own; or NULL. */
static struct page *hyp_host_alloc_pages(unsigned int order, gfp_t gfp)
{
	struct page *page;

	gfp = (gfp & ~(__GFP_COMP | __GFP_ZERO)) | __GFP_NOWARN;
	if (!order)
		return alloc_page(gfp) ?: mempool_alloc_preallocated(reserve);
	/* More than the page allocator has in one piece: a linear table for many devices. */
	if (order > MAX_PAGE_ORDER) {
#ifdef CONFIG_CONTIG_ALLOC
		return alloc_contig_pages(1UL << order, gfp, first_online_node, NULL);
#else
		return NULL;
#endif
	}
	page = alloc_pages(gfp | __GFP_NORETRY, order);
	if (page)
		split_page(page, order);
	return page;
}

/*
 * Allocate @nr contiguous pages, aligned to @nr rounded up to a power of two,
 * each of which can be freed on its own.  Return: where, or 0.
 */
phys_addr_t hyp_host_pages_get(u64 nr, gfp_t gfp)
{
	struct page *page;
	u64 i;

	if (!nr || nr > HYP_IOMMU_MAX_UNIT_PAGES)
		return 0;
	page = hyp_host_alloc_pages(order_base_2(nr), gfp);
	if (!page)
		return 0;
	for (i = nr; i < 1UL << order_base_2(nr); i++)
		__free_page(page + i);
	return page_to_phys(page);
}

void hyp_host_pages_free(phys_addr_t pa, u64 nr)
{
	for (; nr; nr--, pa += PAGE_SIZE)
		__free_page(phys_to_page(pa));
}

/* Note that pages were given. */
void hyp_host_pages_given(phys_addr_t pa, u64 nr)
{
	struct page *page = phys_to_page(pa);
	u64 i;

	for (i = 0; i < nr; i++) {
		set_page_private(page + i, GIVEN);
		mod_node_page_state(page_pgdat(page + i), NR_IOMMU_PAGES, 1);
	}
	atomic64_add(nr, &pages_given);
}

/* A page came back.  Raw hypercalls (raw.c) can make others come than ours. */
static void hyp_host_page_returned(phys_addr_t pa)
{
	struct page *page = pfn_valid(PHYS_PFN(pa)) ? phys_to_page(pa) : NULL;

	if (!page || page_private(page) != GIVEN) {
		atomic64_inc(&pages_foreign);
		return;
	}
	set_page_private(page, 0);
	mod_node_page_state(page_pgdat(page), NR_IOMMU_PAGES, -1);
	atomic64_inc(&pages_returned);
	__free_page(page);
}

/* Give one piece of @nr tables at @pa, add what was taken to *@given, and free the rest. */
static int hyp_host_give_piece(u64 handle, u64 table_size, phys_addr_t pa, u64 nr, u64 *given)
{
	struct hyp_iommu_ret ret = hyp_host_call(HYP_IOMMU_POOL_DONATE, handle, pa, nr);
	u64 pages = table_size >> PAGE_SHIFT;
	u64 taken = min(ret.done, nr);

	hyp_host_pages_given(pa, taken * pages);
	hyp_host_pages_free(pa + taken * table_size, (nr - taken) * pages);
	*given += taken;
	return ret.status ?: taken ? 0 : -EIO;
}

/**
 * hyp_host_pool_give() - give tables to a domain, or pages to the hypervisor
 * @handle: the domain, or HYP_IOMMU_NO_DOMAIN
 * @table_size: bytes
 * @nr: how many
 * @gfp: how to allocate them
 *
 * Return: 0 if it gave any, or an error.
 */
int hyp_host_pool_give(u64 handle, u64 table_size, u64 nr, gfp_t gfp)
{
	u64 pages = table_size >> PAGE_SHIFT;
	u64 given = 0, piece;
	phys_addr_t pa;
	int err = 0;

	while (given < nr && !err) {
		/* One call for many, if that many are to be had easily. */
		piece = min(rounddown_pow_of_two(nr - given), 1ULL << PAGE_ALLOC_COSTLY_ORDER);
		pa = piece > 1 ? hyp_host_pages_get(piece * pages, gfp) : 0;
		if (!pa) {
			piece = 1;
			pa = hyp_host_pages_get(pages, gfp);
		}
		err = pa ? hyp_host_give_piece(handle, table_size, pa, piece, &given) : -ENOMEM;
	}
	return given ? 0 : err;
}

/* Take back what a domain, or the hypervisor, has to spare, but for @keep. */
void hyp_host_pool_reclaim(u64 handle, u64 table_size, u64 keep)
{
	struct hyp_iommu_ret ret;
	u64 spare, off;

	spare = handle == HYP_IOMMU_NO_DOMAIN ?
		hyp_host_ask(HYP_IOMMU_STAT, HYP_IOMMU_STAT_POOL, 0) :
		hyp_host_ask(HYP_IOMMU_DOMAIN_INFO, handle, HYP_IOMMU_DOMAIN_SPARE);
	for (; spare > keep; spare--) {
		ret = hyp_host_call(HYP_IOMMU_POOL_RECLAIM, handle);
		if (ret.status)
			return;
		for (off = 0; off < table_size; off += PAGE_SIZE)
			hyp_host_page_returned(ret.done + off);
		cond_resched();
	}
}

/*
 * Give a domain a few tables to spare, more the more it uses, so that those who
 * map in atomic context rarely have to allocate; and take back what is far too
 * much.  Queued when a domain is made, has run out, or had a lot unmapped.
 */
void hyp_host_refill(struct work_struct *work)
{
	struct hyp_host_domain *hd = container_of(work, struct hyp_host_domain, refill);
	u64 tables = hyp_host_ask(HYP_IOMMU_DOMAIN_INFO, hd->handle, HYP_IOMMU_DOMAIN_TABLES);
	u64 spare = hyp_host_ask(HYP_IOMMU_DOMAIN_INFO, hd->handle, HYP_IOMMU_DOMAIN_SPARE);
	u64 want = clamp(tables / 8, SPARE_MIN, SPARE_MAX);
	struct page *page;

	if (spare < want)
		hyp_host_pool_give(hd->handle, hd->table_size, want - spare, GFP_KERNEL);
	else if (spare > 4 * want)
		hyp_host_pool_reclaim(hd->handle, hd->table_size, 2 * want);

	while (READ_ONCE(reserve->curr_nr) < RESERVE) {
		page = alloc_page(GFP_KERNEL);
		if (!page)
			return;
		mempool_free(page, reserve);	/* frees it if somebody was faster */
	}
}
