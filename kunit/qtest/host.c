// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host: domains and endpoints, what it has mapped, and the random things
 * that it does.
 */
#include "kunit/qtest/bench.h"

/* Memory that is mapped: behind what tables are made of. */
#define DATA		(MACHINE_BASE + MACHINE_BACKED)
#define DATA_PAGES	4096
#define DATA_BLOCKS	(MACHINE_BASE + (256ULL << 20))
#define NR_BLOCKS	8
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

/* ---- random calls ---- */

static struct domain *random_domain(void)
{
	u32 i, nr = 0, nth;

	for (i = 0; i < MAX_DOMAINS; i++)
		nr += bench.domain[i].used;
	if (!nr)
		return host_alloc_domain();
	nth = bench_random(nr);
	for (i = 0; !bench.domain[i].used || nth--; i++)
		;
	return &bench.domain[i];
}

/* Where borders of tables are, and somewhere else: 4M each. */
static u64 random_zone(const struct domain *d)
{
	switch (bench_random(6)) {
	case 0:
		return 0;
	case 1:
		return GIGA - BLOCK;
	case 2:
		return d->ia_bits > 39 ? (1ULL << 39) - BLOCK : 2 * GIGA - BLOCK;
	case 3:
		return (1ULL << d->ia_bits) - 2 * BLOCK;
	case 4:
		return 4 * GIGA - BLOCK;
	default:
		return d->somewhere;
	}
}

static u32 random_prot(void)
{
	static const u32 rw[] = {
		HYP_IOMMU_READ | HYP_IOMMU_WRITE, HYP_IOMMU_READ | HYP_IOMMU_WRITE,
		HYP_IOMMU_READ, HYP_IOMMU_WRITE,
	};
	static const u32 more[] = { HYP_IOMMU_CACHE, 0, HYP_IOMMU_CACHE | HYP_IOMMU_NOEXEC };

	return rw[bench_random(ARRAY_SIZE(rw))] | more[bench_random(ARRAY_SIZE(more))];
}

static void random_map(struct domain *d)
{
	u64 zone = random_zone(d), page = bench_random(1024), nr, top = 1ULL << d->ia_bits;
	u32 prot = random_prot();

	if (d->nr > MAX_SEGS - 8)
		return;
	switch (bench_random(16)) {
	case 0 ... 9:	/* pages */
		nr = min(1 + bench_random(6), 1024 - page);
		host_map(d, zone + page * PAGE,
			 DATA + bench_random(DATA_PAGES - nr) * PAGE, nr * PAGE, prot);
		break;
	case 10 ... 12:	/* a block, or two */
		nr = 1 + bench_random(2);
		zone += nr == 1 ? bench_random(2) * BLOCK : 0;
		host_map(d, zone, DATA_BLOCKS + bench_random(NR_BLOCKS - nr) * BLOCK, nr * BLOCK,
			 prot);
		break;
	case 13:	/* a block and pages on both sides, or pages that cannot be blocks */
		page = bench_random(64);
		nr = min(512 + 2 * bench_random(64), 1024 - page);
		host_map(d, zone + page * PAGE,
			 DATA_BLOCKS + (page + (bench_random(4) ? 0 : 1)) * PAGE, nr * PAGE, prot);
		break;
	default:	/* a gigabyte */
		zone = bench_random(3) ? (zone >> 30) << 30 : top - GIGA;
		host_map(d, zone, MACHINE_BASE + (1 + bench_random(3)) * GIGA, GIGA, prot);
	}
}

static void random_unmap(struct domain *d)
{
	struct seg seg = d->seg[bench_random(d->nr)];
	u64 pages = seg.size / PAGE, first = 0, nr = pages;

	if (seg.oa == d->scratch_pa)
		return;
	switch (bench_random(8)) {
	case 0:		/* a part, whatever the leaves */
		first = bench_random(pages);
		nr = 1 + bench_random(pages - first);
		break;
	case 1:		/* a part that ends at a block's border */
		first = pages > 512 ? bench_random(pages / 512) * 512 : 0;
		nr = min(pages - first, 512ULL);
		break;
	case 2:		/* more than is there */
		host_unmap(d, seg.ia, seg.size + PAGE * (seg.ia + seg.size < 1ULL << d->ia_bits));
		return;
	default:
		break;
	}
	host_unmap(d, seg.ia + first * PAGE, nr * PAGE);
}

void host_random_call(void)
{
	struct domain *d = random_domain();
	u32 edu = bench_random(MACHINE_EDUS), i, used = 0;

	for (i = 0; i < MAX_DOMAINS; i++)
		used += bench.domain[i].used;
	switch (bench_random(32)) {
	case 0 ... 14:
		random_map(d);
		break;
	case 15 ... 24:
		random_unmap(d);
		break;
	case 25 ... 29:
		if (!bench.edu[edu].domain)
			host_attach(d, edu);
		else if (!bench_random(3))
			host_detach(edu);
		break;
	case 30:
		if (used < MAX_DOMAINS)
			host_alloc_domain();
		break;
	default:
		if (used > 2 && !bench_random(3))
			host_free_domain(d);
	}
}

/* ---- random accesses ---- */

/* A word of a piece: at its ends, or one in a few pages, so that memory stays small. */
static u64 random_word(const struct seg *seg)
{
	u64 pages = seg->size / PAGE;

	switch (bench_random(4)) {
	case 0:
		return 0;
	case 1:
		return seg->size - 4;
	default:
		return bench_random(min(pages, 8ULL)) * (pages > 8 ? pages / 8 : 1) * PAGE +
		       bench_random(PAGE / 4) * 4;
	}
}

/* Devices write interrupts there, and not to memory. */
static bool is_interrupt(u64 ia)
{
	return !bench.m.cfg->arm && ia >> 20 == 0xfee;
}

void host_random_probe(void)
{
	u32 edu = bench_random(MACHINE_EDUS);
	struct domain *d = bench.edu[edu].domain;
	bool write = bench_random(2);
	const struct seg *seg;
	u64 ia, off, suspect = 0;

	/* Most probes of endpoints that are attached: the others are all alike. */
	if (!d && bench_random(4)) {
		edu = bench_random(MACHINE_EDUS);
		d = bench.edu[edu].domain;
	}
	seg = &bench.gone[bench_random(NR_GONE)];
	if (d && d->nr && bench_random(8) < 5)
		seg = &d->seg[bench_random(d->nr)];
	if (!seg->size)
		return;
	off = random_word(seg);
	ia = seg->ia + off;
	suspect = seg->oa + off;
	switch (bench_random(16)) {
	case 0:		/* just outside */
		ia = seg->ia - 4;
		suspect = 0;
		break;
	case 1:
		ia = seg->ia + seg->size;
		suspect = 0;
		break;
	case 2:		/* anywhere: bits above the address that is mapped */
		ia |= 1ULL << (30 + bench_random(34));
		break;
	}
	if (!is_interrupt(ia))
		bench_probe(edu, ia, write, suspect);
}
