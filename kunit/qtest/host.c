// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host: domains and endpoints, and what it has mapped.
 */
#include "kunit/qtest/bench.h"

/* A page per domain, and where it is mapped. */
#define SCRATCH		(MACHINE_BASE + (128ULL << 20))
#define SCRATCH_IA	0x1000000000ULL

/* ---- memory for tables ---- */

static u64 get_page(void)
{
	if (!bench.nr_pages) {
		bench_wrong("the host has no memory any more");
		return 0;
	}
	return bench.page[--bench.nr_pages];
}

static void donate(u64 handle, u64 nr)
{
	while (nr--) {
		if (call(HYP_IOMMU_POOL_DONATE, handle, get_page(), 1).status)
			bench_wrong("a page is refused");
	}
}

/* Take spare pages back, but for a few. */
static void reclaim(u64 keep)
{
	struct hyp_iommu_ret ret;

	while (call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_POOL).done > keep) {
		ret = call(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN);
		if (ret.status) {
			bench_wrong("no page comes back: %lld", (long long)ret.status);
			return;
		}
		bench.page[bench.nr_pages++] = ret.done;
	}
}

void host_init(void)
{
	u64 pa = sim_alloc(SIM_HOST, NR_PAGES, 0);

	for (; bench.nr_pages < NR_PAGES; pa += PAGE)
		bench.page[bench.nr_pages++] = pa;
}

/* ---- the book ---- */

struct seg *host_find(struct domain *d, u64 ia)
{
	u32 i;

	for (i = 0; i < d->nr; i++) {
		if (ia - d->seg[i].ia < d->seg[i].size)
			return &d->seg[i];
	}
	return NULL;
}

static void book_add(struct domain *d, u64 ia, u64 oa, u64 size, u32 prot)
{
	struct seg *last = d->nr ? &d->seg[d->nr - 1] : NULL;

	if (!size)
		return;
	if (last && last->ia + last->size == ia && last->oa + last->size == oa &&
	    last->prot == prot && !last->used)
		last->size += size;
	else
		d->seg[d->nr++] = (struct seg){ ia, oa, size, prot };
}

/* Take [ia, ia + size) out, all of which is there. */
static void book_remove(struct domain *d, u64 ia, u64 size)
{
	while (size) {
		struct seg *seg = host_find(d, ia), old;
		u64 before, part;

		if (!seg) {
			bench_wrong("%llx was unmapped, and was not mapped",
				    (unsigned long long)ia);
			return;
		}
		old = *seg;
		before = ia - old.ia;
		part = min(size, old.size - before);
		bench.gone[bench.next_gone++ % NR_GONE] =
			(struct seg){ ia, old.oa + before, part, old.prot };
		*seg = d->seg[--d->nr];
		if (before)
			d->seg[d->nr++] = (struct seg){
				old.ia, old.oa, before, old.prot, old.used,
			};
		if (before + part < old.size)
			d->seg[d->nr++] = (struct seg){
				ia + part, old.oa + before + part, old.size - before - part,
				old.prot, old.used,
			};
		ia += part;
		size -= part;
	}
}

/* ---- calls ---- */

u64 host_map(struct domain *d, u64 ia, u64 oa, u64 size, u32 prot)
{
	struct hyp_iommu_ret ret;
	u64 done = 0;

	while (done < size) {
		ret = call(HYP_IOMMU_MAP, d->handle, ia + done, oa + done, size - done, prot);
		book_add(d, ia + done, oa + done, ret.done, prot);
		done += ret.done;
		if (ret.status == -ENOMEM && ret.need) {
			donate(d->handle, ret.need);
		} else if (ret.status) {
			if (ret.status != -EEXIST || !host_find(d, ia + done))
				bench_wrong("map of %llx: %lld", (unsigned long long)(ia + done),
					    (long long)ret.status);
			break;
		} else if (!ret.done) {
			bench_wrong("map of %llx does nothing", (unsigned long long)(ia + done));
			break;
		}
	}
	return done;
}

u64 host_unmap(struct domain *d, u64 ia, u64 size)
{
	struct hyp_iommu_ret ret;
	u64 done = 0;

	while (done < size) {
		ret = call(HYP_IOMMU_UNMAP, d->handle, ia + done, size - done);
		book_remove(d, ia + done, ret.done);
		done += ret.done;
		if (ret.status) {
			if (host_find(d, ia + done) ? ret.status != -E2BIG : ret.status != -ENOENT)
				bench_wrong("unmap of %llx: %lld", (unsigned long long)(ia + done),
					    (long long)ret.status);
			break;
		}
	}
	return done;
}

struct domain *host_alloc_domain(void)
{
	struct domain *d = bench.domain;
	struct hyp_iommu_ret ret;
	u64 stages = call(HYP_IOMMU_UNIT_INFO, bench.unit, HYP_IOMMU_UNIT_STAGES).done, stage;

	while (d->used)
		d++;
	do {
		stage = HYP_IOMMU_STAGE_1 + bench_random(2);
	} while (!(stages >> stage & 1));

	memset(d, 0, sizeof(*d));
	ret = call(HYP_IOMMU_DOMAIN_ALLOC, bench.unit, stage);
	if (ret.status != -ENOMEM || ret.need != 1)
		bench_wrong("a root of %llu pages", (unsigned long long)ret.need);
	ret = call(HYP_IOMMU_DOMAIN_ALLOC, bench.unit, stage, get_page());
	if (ret.status)
		bench_wrong("no domain: %lld", (long long)ret.status);
	d->used = true;
	d->handle = ret.done;
	d->stage = stage;
	d->ia_bits = call(HYP_IOMMU_DOMAIN_INFO, d->handle, HYP_IOMMU_DOMAIN_IA_BITS).done;
	d->somewhere = bench_random(1ULL << (d->ia_bits - 22)) << 22;
	d->scratch_ia = SCRATCH_IA + bench_random(512) * PAGE;
	d->scratch_pa = SCRATCH + (d - bench.domain) * PAGE;
	if (d->somewhere >> 30 == SCRATCH_IA >> 30)
		d->somewhere = 0;
	host_map(d, d->scratch_ia, d->scratch_pa, PAGE,
		 HYP_IOMMU_READ | HYP_IOMMU_WRITE | HYP_IOMMU_CACHE);
	return d;
}

void host_attach(struct domain *d, u32 edu)
{
	struct hyp_iommu_ret ret;

	for (;;) {
		ret = call(HYP_IOMMU_ATTACH, d->handle, bench.unit, bench.m.endpoint[edu],
			   HYP_IOMMU_NO_PASID);
		if (ret.status != -ENOMEM || !ret.need)
			break;
		donate(HYP_IOMMU_NO_DOMAIN, ret.need);
	}
	if (ret.status) {
		bench_wrong("attach: %lld", (long long)ret.status);
		return;
	}
	bench.edu[edu].domain = d;
	d->edus++;
	/* What it has read while it was blocked was nothing. */
	bench_check_buffer(edu);
}

void host_detach(u32 edu)
{
	struct domain *d = bench.edu[edu].domain;
	struct hyp_iommu_ret ret = call(HYP_IOMMU_DETACH, d->handle, bench.unit,
					bench.m.endpoint[edu], HYP_IOMMU_NO_PASID);

	if (ret.status)
		bench_wrong("detach: %lld", (long long)ret.status);
	bench.edu[edu].domain = NULL;
	d->edus--;
}

void host_free_domain(struct domain *d)
{
	struct hyp_iommu_ret ret;
	u32 i;

	for (i = 0; i < MACHINE_EDUS; i++) {
		if (bench.edu[i].domain == d)
			host_detach(i);
	}
	do {
		ret = call(HYP_IOMMU_DOMAIN_FREE, d->handle);
	} while (ret.status == -EAGAIN);
	if (ret.status)
		bench_wrong("free: %lld", (long long)ret.status);
	for (i = 0; i < d->nr; i++)
		bench.gone[bench.next_gone++ % NR_GONE] = d->seg[i];
	d->used = false;
	reclaim(16);
}

void host_end(void)
{
	u32 i;

	for (i = 0; i < MAX_DOMAINS; i++) {
		if (bench.domain[i].used)
			host_free_domain(&bench.domain[i]);
	}
	reclaim(0);
	if (sim_total_pins() || call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_PINNED).done ||
	    call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_STUCK).done)
		bench_wrong("%llu pages are pinned at the end",
			    (unsigned long long)sim_total_pins());
}
