// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random map, unmap, sync, attach, detach, donate and free, compared with a
 * model after each call; then everything is torn down and nothing may be lost.
 *
 *   random [calls [seed]]
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raw.h"

#define UNIT		0
#define NR_DOMAINS	4
#define NR_SLOTS	96		/* pages of input addresses per region and domain */
#define NR_REGIONS	3		/* far apart, so that each has tables of its own */
#define NR_PAGES	64		/* of memory to map */
#define NR_ENDPOINTS	24
#define NONE		(-1)

static struct {
	u64 handle;		/* 0: there is no such domain now */
	int page[NR_REGIONS][NR_SLOTS];
	unsigned int deferred[NR_PAGES];	/* unmapped, and pinned until a sync */
	unsigned int endpoints;
} domains[NR_DOMAINS];

static struct {
	u8 *va;
	u64 pa;
	unsigned int mapped;
	bool donated;
} pages[NR_PAGES];

/* Functions of bus 0 that do not exist, and other buses: other stream tables. */
static struct {
	u64 id;
	int domain;
} endpoints[NR_ENDPOINTS];

static bool has_stage2;
static u64 state;
static unsigned long done[8], lists, deferrals, step;
static struct hyp_iommu_sg *list;

static u32 rnd(u32 below)
{
	/* xorshift64*, Vigna 2016. */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (u32)((state * 0x2545f4914f6cdd1dULL) >> 32) % below;
}

static u64 ia_of(int region, int slot)
{
	/* The first region straddles a table's end. */
	return 0x7fe00000ULL - 48 * PAGE + ((u64)region << 34) + slot * PAGE;
}

static void want(bool good, const char *call, s64 status, s64 wanted)
{
	if (!good)
		die("call %lu: %s gave %" PRId64 " (%" PRIu64 " bytes), not %" PRId64
		    "; the run before it was as it should", step, call, status, raw_done, wanted);
}

/* The same as raw_map(), by a list of single pages. */
static s64 map_list(u64 domain, u64 ia, u64 pa, unsigned int n)
{
	unsigned int i, good = 0;
	s64 status = 0;

	lists++;
	for (i = 0; i < n; i++)
		list[i] = (struct hyp_iommu_sg){ pa + i * PAGE, PAGE };
	while (!status && good < n) {
		status = raw(HYP_IOMMU_MAP_SG, domain, ia + good * PAGE,
			     arena_pa(&arena, list) + good * sizeof(*list), n - good, RAW_RW, 0);
		good += raw_done / PAGE;
		/* One page is mapped as it always is, with tables and all. */
		if (status == -ENOMEM) {
			status = raw_map(domain, ia + good * PAGE, pa + good * PAGE, PAGE, RAW_RW);
			good += raw_done / PAGE;
		}
	}
	raw_done = good * PAGE;
	return status;
}

static void do_sync(int d)
{
	s64 status = raw(HYP_IOMMU_SYNC, domains[d].handle, 0, 0, 0, 0, 0);

	want(!status, "sync", status, 0);
	memset(domains[d].deferred, 0, sizeof(domains[d].deferred));
}

/* Of @n pages, deferred: at once, or each as a range of its own. */
static s64 defer_some(u64 domain, u64 ia, unsigned int n, bool by_list)
{
	struct hyp_iommu_range *ranges = (void *)list;
	unsigned int i;

	if (!by_list)
		return raw(HYP_IOMMU_UNMAP, domain, ia, n * PAGE, HYP_IOMMU_UNMAP_DEFER, 0, 0);
	lists++;
	for (i = 0; i < n; i++)
		ranges[i] = (struct hyp_iommu_range){ ia + i * PAGE, PAGE };
	return raw(HYP_IOMMU_UNMAP_LIST, domain, arena_pa(&arena, list), n, 0, 0, 0);
}

/* The same as raw_unmap(), deferred; what there is no room for is unmapped at once. */
static s64 unmap_deferred(int d, u64 ia, unsigned int n, unsigned int *deferred)
{
	bool by_list = !rnd(2);
	unsigned int good = 0;
	s64 status = 0;

	deferrals++;
	while (!status && good < n) {
		status = defer_some(domains[d].handle, ia + good * PAGE, n - good, by_list);
		good += raw_done / PAGE;
	}
	*deferred = good;
	if (status == -ENOMEM || status == -ENOSPC) {
		status = raw_unmap(domains[d].handle, ia + good * PAGE, (n - good) * PAGE);
		good += raw_done / PAGE;
	}
	raw_done = good * PAGE;
	return status;
}

static void do_map(void)
{
	int d = rnd(NR_DOMAINS), r = rnd(NR_REGIONS), s = rnd(NR_SLOTS), p = rnd(NR_PAGES);
	int n = 1 + rnd(rnd(4) ? 2 : 12), i, good;
	bool by_list = !rnd(4);
	s64 status, wanted = 0;

	if (n > NR_SLOTS - s)
		n = NR_SLOTS - s;
	if (n > NR_PAGES - p)
		n = NR_PAGES - p;
	if (!domains[d].handle)
		return;
	for (i = 0; i < n && !pages[p + i].donated; i++)
		;
	for (good = 0; good < n && domains[d].page[r][s + good] == NONE; good++)
		;
	/* A run is pinned as a whole; of a list each piece on its own. */
	if (i < n && (!by_list || i <= good)) {
		wanted = -EPERM;
		good = by_list ? i : 0;
	} else if (good < n) {
		wanted = -EEXIST;
	}
	if (by_list)
		status = map_list(domains[d].handle, ia_of(r, s), pages[p].pa, n);
	else
		status = raw_map(domains[d].handle, ia_of(r, s), pages[p].pa, n * PAGE, RAW_RW);
	want(status == wanted && raw_done == good * PAGE, "map", status, wanted);
	for (i = 0; i < good; i++) {
		domains[d].page[r][s + i] = p + i;
		pages[p + i].mapped++;
	}
}

static void do_unmap(void)
{
	int d = rnd(NR_DOMAINS), r = rnd(NR_REGIONS), s = rnd(NR_SLOTS);
	int n = 1 + rnd(rnd(3) ? 3 : 20), i, good;
	unsigned int deferred = 0;
	s64 status, wanted;

	if (n > NR_SLOTS - s)
		n = NR_SLOTS - s;
	if (!domains[d].handle)
		return;
	if (!rnd(16))
		do_sync(d);
	for (good = 0; good < n && domains[d].page[r][s + good] != NONE; good++)
		;
	wanted = good < n ? -ENOENT : 0;
	if (rnd(2))
		status = raw_unmap(domains[d].handle, ia_of(r, s), n * PAGE);
	else
		status = unmap_deferred(d, ia_of(r, s), n, &deferred);
	want(status == wanted && raw_done == good * PAGE, "unmap", status, wanted);
	for (i = 0; i < good; i++) {
		pages[domains[d].page[r][s + i]].mapped--;
		if ((unsigned int)i < deferred)
			domains[d].deferred[domains[d].page[r][s + i]]++;
		domains[d].page[r][s + i] = NONE;
	}
}

static bool is_pinned(int p)
{
	unsigned int n = pages[p].mapped;
	int d;

	for (d = 0; d < NR_DOMAINS; d++)
		n += domains[d].deferred[p];
	return n;
}

static void do_lookup(void)
{
	int d = rnd(NR_DOMAINS), r = rnd(NR_REGIONS), s = rnd(NR_SLOTS), p;
	u64 off = rnd(PAGE);
	s64 status, wanted;

	if (!domains[d].handle)
		return;
	p = domains[d].page[r][s];
	wanted = p == NONE ? -ENOENT : 0;
	status = raw(HYP_IOMMU_IOVA_TO_PHYS, domains[d].handle, ia_of(r, s) + off, 0, 0, 0, 0);
	want(status == wanted && (status || raw_done == pages[p].pa + off), "iova_to_phys", status,
	     wanted);
}

static void do_attach(void)
{
	int d = rnd(NR_DOMAINS), e = rnd(NR_ENDPOINTS);
	s64 status, wanted;

	if (!domains[d].handle)
		return;
	wanted = endpoints[e].domain == NONE ? 0 : -EBUSY;
	status = raw_attach(domains[d].handle, UNIT, endpoints[e].id, HYP_IOMMU_NO_PASID);
	want(status == wanted, "attach", status, wanted);
	if (!status) {
		endpoints[e].domain = d;
		domains[d].endpoints++;
	}
}

static void detach(int d, int e)
{
	s64 wanted = endpoints[e].domain == d ? 0 : -ENOENT;
	s64 status = raw(HYP_IOMMU_DETACH, domains[d].handle, UNIT, endpoints[e].id,
			 HYP_IOMMU_NO_PASID, 0, 0);

	want(status == wanted, "detach", status, wanted);
	if (!status) {
		endpoints[e].domain = NONE;
		domains[d].endpoints--;
	}
}

static void do_detach(void)
{
	int e = rnd(NR_ENDPOINTS), d = endpoints[e].domain;

	if (d == NONE || !rnd(8))
		d = rnd(NR_DOMAINS);
	if (domains[d].handle)
		detach(d, e);
}

/* Give a page to the hypervisor, or take back one of ours. */
static void do_donate(void)
{
	int p = rnd(NR_PAGES);
	s64 status, wanted;
	u64 pa;

	if (rnd(2)) {
		wanted = pages[p].donated ? -EPERM : is_pinned(p) ? -EBUSY : 0;
		status = raw_donate_page(HYP_IOMMU_NO_DOMAIN, pages[p].va);
		want(status == wanted, "donate", status, wanted);
		if (!status)
			pages[p].donated = true;
		return;
	}
	status = raw_reclaim_page(HYP_IOMMU_NO_DOMAIN, &pa);
	want(!status || status == -ENOENT, "reclaim", status, 0);
	if (status)
		return;
	raw_page_back(pa);
}

/* Not all that was given away comes back at once: endpoints may have tables in it. */
static void page_is_back(u64 pa)
{
	pages[(pa - pages[0].pa) / PAGE].donated = false;
}

static void new_domain(int d)
{
	u64 stage = rnd(2) || !has_stage2 ? HYP_IOMMU_STAGE_ANY : HYP_IOMMU_STAGE_2;
	s64 status = raw_domain_alloc(UNIT, stage, &domains[d].handle);

	want(!status, "domain_alloc", status, 0);
	memset(domains[d].page, 0xff, sizeof(domains[d].page));
}

/* Now and then; with or without what it maps. */
static void do_domain(void)
{
	int d = rnd(NR_DOMAINS), r, s;
	s64 status, wanted = domains[d].endpoints ? -EBUSY : 0;

	if (!domains[d].handle) {
		new_domain(d);
		return;
	}
	status = raw_domain_free(domains[d].handle);
	want(status == wanted, "domain_free", status, wanted);
	if (status)
		return;
	domains[d].handle = 0;
	memset(domains[d].deferred, 0, sizeof(domains[d].deferred));
	raw_reclaim_all();
	for (r = 0; r < NR_REGIONS; r++)
		for (s = 0; s < NR_SLOTS; s++)
			if (domains[d].page[r][s] != NONE)
				pages[domains[d].page[r][s]].mapped--;
}

static void one(void)
{
	static void (*const what[])(void) = {
		do_map, do_unmap, do_lookup, do_attach, do_detach, do_donate, do_domain,
	};
	/* Of 64. */
	static const u8 odds[] = { 22, 20, 6, 6, 6, 3, 1 };
	u32 n = rnd(64), i;

	for (i = 0; n >= odds[i]; i++)
		n -= odds[i];
	done[i]++;
	what[i]();
}

static void setup(void)
{
	u8 *va = arena_pages(&arena, NR_PAGES);
	int i;

	for (i = 0; i < NR_PAGES; i++) {
		pages[i].va = va + i * PAGE;
		pages[i].pa = arena_pa(&arena, va) + i * PAGE;
	}
	raw_keep(pages[0].pa, NR_PAGES * PAGE, page_is_back);
	list = arena_pages(&arena, 1);
	for (i = 0; i < NR_ENDPOINTS; i++) {
		endpoints[i].id = i < 6 ? 0x8au + i : (1u + i) << 9 | i;
		endpoints[i].domain = NONE;
	}
	for (i = 0; i < NR_DOMAINS; i++)
		new_domain(i);
}

static void teardown(void)
{
	int d, e, r, s;

	for (e = 0; e < NR_ENDPOINTS; e++)
		if (endpoints[e].domain != NONE)
			detach(endpoints[e].domain, e);
	for (d = 0; d < NR_DOMAINS; d++) {
		if (!domains[d].handle)
			continue;
		for (r = 0; r < NR_REGIONS; r++)
			for (s = 0; s < NR_SLOTS; s++)
				if (domains[d].page[r][s] != NONE)
					raw_unmap(domains[d].handle, ia_of(r, s), PAGE);
		ok(!raw_domain_info(domains[d].handle, HYP_IOMMU_DOMAIN_MAPPED), "unmapped",
		   "domain %d", d);
		ok(!raw_domain_free(domains[d].handle), "freed", "domain %d", d);
	}
}

int main(int argc, char **argv)
{
	unsigned long calls = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20261121, first, stuck = 0;
	struct raw_counts before, after;
	int p;

	if (!raw_open())
		die("the raw hypercall interface is not there");
	has_stage2 = raw_unit_info(UNIT, HYP_IOMMU_UNIT_STAGES) & 1 << HYP_IOMMU_STAGE_2;
	raw_arena(8);
	state = seed | 1ULL << 63;
	before = raw_count();
	setup();
	for (step = 0; step < calls; step++) {
		one();
		if (step % 20000 == 19999)
			info("random %lu of %lu", step + 1, calls);
	}
	first = raw_stat(HYP_IOMMU_STAT_PINNED, 0);
	ok(true, "random-calls", "%lu with seed %" PRIu64, calls, seed);
	info("random: %lu maps, %lu unmaps, %lu lookups, %lu attaches, %lu detaches", done[0],
	     done[1], done[2], done[3], done[4]);
	info("random: %lu donations, %lu domains; %" PRIu64 " pages pinned at the end", done[5],
	     done[6], first);
	info("random: %lu of the maps by lists, %lu of the unmaps deferred", lists, deferrals);

	teardown();
	info("reclaimed %" PRIu64 " pages", raw_reclaim_all());
	for (p = 0; p < NR_PAGES; p++)
		stuck += !cpu_read64(pages[p].va, &first);
	ok(!stuck, "all-pages-back", "%" PRIu64 " of ours are not", stuck);
	after = raw_count();
	/* Stream tables stay with the unit, for the next endpoint. */
	before.pages += after.unit_pages - before.unit_pages;
	before.unit_pages = after.unit_pages;
	ok(raw_same(&before, &after), "nothing-lost", "%s; were %s", raw_counts_text(&after),
	   raw_counts_text(&before));
	return test_end();
}
