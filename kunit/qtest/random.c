// SPDX-License-Identifier: GPL-2.0-only
/*
 * The random things that the host and its devices do.
 */
#include "kunit/qtest/bench.h"

/* Memory that is mapped: behind what tables are made of. */
#define DATA		(MACHINE_BASE + MACHINE_BACKED)
#define DATA_PAGES	4096
#define DATA_BLOCKS	(MACHINE_BASE + (256ULL << 20))
#define NR_BLOCKS	8

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

/* An access by who is attached to a domain, if anybody is. */
static void probe_in(const struct domain *d, u64 ia, u64 suspect)
{
	u32 i, first = bench_random(MACHINE_EDUS);

	for (i = 0; i < MACHINE_EDUS; i++) {
		u32 edu = (first + i) % MACHINE_EDUS;

		if (bench.edu[edu].domain == d) {
			bench_probe(edu, ia, bench_random(2), suspect);
			return;
		}
	}
}

/* Unmap, and try before and after: what was used is what may be stale. */
static void unmap_used(struct domain *d, const struct seg *seg)
{
	u64 off[3];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(off); i++) {
		off[i] = random_word(seg);
		if (host_find(d, seg->ia + off[i]) && !is_interrupt(seg->ia + off[i]))
			probe_in(d, seg->ia + off[i], seg->oa + off[i]);
	}
	host_unmap(d, seg->ia, seg->size);
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		if (!is_interrupt(seg->ia + off[i]))
			probe_in(d, seg->ia + off[i], seg->oa + off[i]);
	}
}

static void random_unmap(struct domain *d)
{
	struct seg seg = d->seg[bench_random(d->nr)];
	u64 pages = seg.size / PAGE, first = 0, nr = pages;

	if (seg.oa == d->scratch_pa)
		return;
	switch (bench_random(8)) {
	case 0 ... 1:	/* a part, whatever the leaves */
		first = bench_random(pages);
		nr = 1 + bench_random(pages - first);
		break;
	case 2:		/* a part that ends at a block's border */
		first = pages > 512 ? bench_random(pages / 512) * 512 : 0;
		nr = min(pages - first, 512ULL);
		break;
	case 3:		/* more than is there */
		host_unmap(d, seg.ia, seg.size + PAGE * (seg.ia + seg.size < 1ULL << d->ia_bits));
		return;
	default:
		break;
	}
	seg.ia += first * PAGE;
	seg.oa += first * PAGE;
	seg.size = nr * PAGE;
	unmap_used(d, &seg);
}

/* Detach one that has used something, and attach it again, or to another. */
static void random_detach(u32 edu)
{
	struct domain *d = bench.edu[edu].domain;
	struct seg seg = d->seg[bench_random(d->nr)];
	u64 off = random_word(&seg);

	if (is_interrupt(seg.ia + off))
		return;
	bench_probe(edu, seg.ia + off, bench_random(2), seg.oa + off);
	host_detach(edu);
	/* Nobody need hear of this, for nobody knows the domain any more. */
	if (!d->edus && seg.oa != d->scratch_pa && bench_random(2))
		host_unmap(d, seg.ia, seg.size);
	if (bench_random(2))
		host_attach(d, edu);
	bench_probe(edu, seg.ia + off, bench_random(2), seg.oa + off);
}

/* A new domain in the place of an old one, whose translations are still known. */
static void random_reuse(struct domain *d, u32 edu)
{
	struct seg seg = d->seg[bench_random(d->nr)];
	u64 off = random_word(&seg);

	if (is_interrupt(seg.ia + off))
		return;
	probe_in(d, seg.ia + off, seg.oa + off);
	host_free_domain(d);
	d = host_alloc_domain();
	if (!bench.edu[edu].domain)
		host_attach(d, edu);
	probe_in(d, seg.ia + off, seg.oa + off);
}

void random_call(void)
{
	struct domain *d = random_domain();
	u32 edu = bench_random(MACHINE_EDUS), i, used = 0;

	for (i = 0; i < MAX_DOMAINS; i++)
		used += bench.domain[i].used;
	switch (bench_random(32)) {
	case 0 ... 16:
		random_map(d);
		break;
	case 17 ... 23:
		random_unmap(d);
		break;
	case 24 ... 29:
		if (!bench.edu[edu].domain)
			host_attach(d, edu);
		else if (!bench_random(3))
			random_detach(edu);
		break;
	case 30:
		if (used < MAX_DOMAINS)
			host_alloc_domain();
		break;
	default:
		random_reuse(d, edu);
	}
}

/* ---- accesses on their own ---- */

void random_probe(void)
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
