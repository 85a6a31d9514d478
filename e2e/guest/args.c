// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every argument of every hypercall: out of range, unaligned, overflowing.
 *
 * Each row of the table is a call with arguments that are right, each for
 * itself.  Each of them is replaced by each of the values that are bad for its
 * kind: the call has to fail with one of the errors that its kind allows, and
 * nothing that the hypervisor counts may change.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch.h"
#include "raw.h"

#define UNIT		0
#define ENDPOINT	0x8a		/* 00:11.2 does not exist */
#define IA		0x20000000ULL
#define IA_MAPPED	0x40000000ULL

enum kind {
	NONE,		/* the call does not take it: must be 0 */
	ANY,		/* every value is allowed */
	STAT,
	CALL,
	UNIT_NR,
	UNIT_WHAT,
	DOMAIN,		/* a domain's handle */
	POOL,		/* the same, or HYP_IOMMU_NO_DOMAIN */
	DOMAIN_WHAT,
	STAGE,
	PAGE_PA,	/* of memory */
	ROOT_PA,	/* the same; 0 asks for more */
	COUNT,		/* of pages */
	ENDPOINT_NR,
	PASID,
	IA_FREE,
	IA_USED,
	SIZE,
	PROT,
	UNMAP_FLAGS,
	LIST_PA,	/* of a list in the host's memory */
	LIST_NR,
};

#define MAX_BAD	14

static const struct {
	s64 errors[4];
	unsigned int nr;
	u64 bad[MAX_BAD];
} kinds[] = {
	[NONE] = { { EINVAL }, 3, { 1, 1ULL << 63, ~0ULL } },
	[STAT] = { { EINVAL }, 4, { HYP_IOMMU_NR_STATS, 1ULL << 32, 1ULL << 63, ~0ULL } },
	[CALL] = { { EINVAL }, 4, { HYP_IOMMU_NR_CALLS, 1ULL << 32, 1ULL << 63, ~0ULL } },
	[UNIT_NR] = { { ENODEV }, 6, { 1, 255, 65536, 1ULL << 32, 1ULL << 63, ~0ULL } },
	[UNIT_WHAT] = { { EINVAL }, 4,
			{ HYP_IOMMU_NR_UNIT_INFOS, 1ULL << 32, 1ULL << 63, ~0ULL } },
	[DOMAIN] = { { EBADF }, 8, { 0, 1, 0xffff, 0x10000, 0x1ffff, 1ULL << 32, 1ULL << 63,
				    ~0ULL } },
	[POOL] = { { EBADF }, 7, { 1, 0xffff, 0x10000, 0x1ffff, 1ULL << 32, 1ULL << 63, ~0ULL } },
	[DOMAIN_WHAT] = { { EINVAL }, 4,
			  { HYP_IOMMU_NR_DOMAIN_INFOS, 1ULL << 32, 1ULL << 63, ~0ULL } },
	[STAGE] = { { EINVAL }, 4, { HYP_IOMMU_NR_STAGES, 1ULL << 32, 1ULL << 63, ~0ULL } },
	[PAGE_PA] = { { EINVAL, EPERM }, 11,
		      { 0, 1, ARCH_RAM + 1, ARCH_RAM + 0x800, ARCH_MMIO, 1ULL << 44, 1ULL << 48,
			1ULL << 52, 1ULL << 63, ~0ULL << 12, ~0ULL } },
	[ROOT_PA] = { { EINVAL, EPERM }, 10,
		      { 1, ARCH_RAM + 1, ARCH_RAM + 0x800, ARCH_MMIO, 1ULL << 44, 1ULL << 48,
			1ULL << 52, 1ULL << 63, ~0ULL << 12, ~0ULL } },
	[COUNT] = { { EINVAL, EPERM, EBUSY }, 6,
		    { 0, 1ULL << 51, 1ULL << 52, (1ULL << 52) - 1, 1ULL << 63, ~0ULL } },
	[ENDPOINT_NR] = { { EINVAL }, 6, { 1ULL << 16, (1ULL << 16) + ENDPOINT, 1ULL << 32,
					   (1ULL << 32) + ENDPOINT, 1ULL << 63, ~0ULL } },
	[PASID] = { { EINVAL, EOPNOTSUPP }, 5, { 1ULL << 20, 1ULL << 32, 1ULL << 63, ~0ULL - 1,
						 ~0ULL >> 1 } },
	[IA_FREE] = { { EINVAL }, 9,
		      { 1, 0x800, IA + 1, IA + 0xfff, 1ULL << 48, 1ULL << 52, 1ULL << 63,
			~0ULL << 12, ~0ULL } },
	[IA_USED] = { { EINVAL, ENOENT }, 9,
		      { 1, 0x800, IA_MAPPED + 1, IA, 1ULL << 48, 1ULL << 52, 1ULL << 63,
			~0ULL << 12, ~0ULL } },
	[SIZE] = { { EINVAL, EPERM, ENOENT }, 9,
		   { 0, 1, 0xfff, 0x1001, 1ULL << 52, 1ULL << 63, ~0ULL << 12, ~0ULL,
		     0ULL - IA_MAPPED } },
	[PROT] = { { EINVAL }, 7, { 0, HYP_IOMMU_CACHE, HYP_IOMMU_MMIO | HYP_IOMMU_NOEXEC,
				    RAW_RW | 0x20, 1ULL << 32 | RAW_RW, 1ULL << 63, ~0ULL } },
	[UNMAP_FLAGS] = { { EINVAL }, 5, { 2, 3, 1ULL << 32, 1ULL << 63, ~0ULL } },
	[LIST_PA] = { { EINVAL, EPERM }, 11,
		      { 1, 8, ARCH_RAM + 8, ARCH_RAM + 0xff8, ARCH_MMIO, 1ULL << 44, 1ULL << 48,
			1ULL << 52, 1ULL << 63, ~0ULL << 12, ~0ULL << 4 } },
	[LIST_NR] = { { EINVAL }, 6, { 0, HYP_IOMMU_MAX_SG + 1, 1ULL << 32, 1ULL << 60, 1ULL << 63,
				       ~0ULL } },
};

static u64 domain, page_pa, table_pa, mapped_pa, list_pa;

struct row {
	u64 call;
	enum kind kind[HYP_IOMMU_MAX_ARGS];
	u64 good[HYP_IOMMU_MAX_ARGS];
};

static bool allowed(enum kind kind, s64 status)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (kinds[kind].errors[i] && status == -kinds[kind].errors[i])
			return true;
	return false;
}

/* Replace argument @i of a good call by each bad value. */
static unsigned int try_argument(const struct row *row, unsigned int i)
{
	struct raw_counts before = raw_count(), after;
	enum kind kind = row->kind[i];
	unsigned int n, wrong = 0;
	char what[160] = "";
	u64 a[HYP_IOMMU_MAX_ARGS];
	char name[60];
	s64 status;
	u64 done;

	for (n = 0; n < kinds[kind].nr; n++) {
		memcpy(a, row->good, sizeof(a));
		a[i] = kinds[kind].bad[n];
		status = raw(row->call, a[0], a[1], a[2], a[3], a[4], a[5]);
		done = raw_done;
		after = raw_count();
		if (allowed(kind, status) && raw_same(&before, &after))
			continue;
		if (!wrong++)
			snprintf(what, sizeof(what), "%#" PRIx64 " gave %" PRId64 " (%" PRIu64 ")",
				 a[i], status, done);
		before = after;
	}
	snprintf(name, sizeof(name), "bad-%s-argument-%u", raw_name(row->call), i);
	ok(!wrong, name, "%u of %u values not refused well: %s", wrong, n, what);
	return n;
}

static unsigned int try_all(void)
{
	const struct row rows[] = {
		{ HYP_IOMMU_VERSION, {}, {} },
		{ HYP_IOMMU_STAT, { STAT, NONE }, { HYP_IOMMU_STAT_UNITS, 0 } },
		{ HYP_IOMMU_STAT, { ANY, CALL }, { HYP_IOMMU_STAT_CALLS, 0 } },
		{ HYP_IOMMU_UNIT_INFO, { UNIT_NR, UNIT_WHAT }, { UNIT, HYP_IOMMU_UNIT_STATE } },
		/* Nothing of this is taken, whatever the count, for the first page is mapped. */
		{ HYP_IOMMU_POOL_DONATE, { POOL, PAGE_PA, COUNT },
		  { HYP_IOMMU_NO_DOMAIN, mapped_pa, 1 } },
		{ HYP_IOMMU_POOL_DONATE, { POOL, PAGE_PA, COUNT }, { domain, mapped_pa, 1 } },
		{ HYP_IOMMU_POOL_RECLAIM, { POOL }, { HYP_IOMMU_NO_DOMAIN } },
		{ HYP_IOMMU_DOMAIN_ALLOC, { UNIT_NR, STAGE, ROOT_PA },
		  { UNIT, HYP_IOMMU_STAGE_ANY, table_pa } },
		{ HYP_IOMMU_DOMAIN_FREE, { DOMAIN }, { domain } },
		{ HYP_IOMMU_DOMAIN_INFO, { DOMAIN, DOMAIN_WHAT },
		  { domain, HYP_IOMMU_DOMAIN_STAGE } },
		{ HYP_IOMMU_ATTACH, { DOMAIN, UNIT_NR, ENDPOINT_NR, PASID },
		  { domain, UNIT, ENDPOINT, HYP_IOMMU_NO_PASID } },
		{ HYP_IOMMU_DETACH, { DOMAIN, UNIT_NR, ENDPOINT_NR, PASID },
		  { domain, UNIT, ENDPOINT, HYP_IOMMU_NO_PASID } },
		{ HYP_IOMMU_MAP, { DOMAIN, IA_FREE, PAGE_PA, SIZE, PROT },
		  { domain, IA, page_pa, PAGE, RAW_RW } },
		{ HYP_IOMMU_UNMAP, { DOMAIN, IA_USED, SIZE, UNMAP_FLAGS },
		  { domain, IA_MAPPED, PAGE } },
		{ HYP_IOMMU_UNMAP, { DOMAIN, IA_USED, SIZE, UNMAP_FLAGS },
		  { domain, IA_MAPPED, PAGE, HYP_IOMMU_UNMAP_DEFER } },
		{ HYP_IOMMU_MAP_SG, { DOMAIN, IA_FREE, LIST_PA, LIST_NR, PROT },
		  { domain, IA, list_pa, 1, RAW_RW } },
		{ HYP_IOMMU_UNMAP_LIST, { DOMAIN, LIST_PA, LIST_NR }, { domain, list_pa, 1 } },
		{ HYP_IOMMU_SYNC, { DOMAIN }, { domain } },
		{ HYP_IOMMU_IOVA_TO_PHYS, { DOMAIN, ANY }, { domain, IA_MAPPED } },
		{ HYP_IOMMU_FAULT_READ, { UNIT_NR }, { UNIT } },
	};
	unsigned int r, i, nr = 0;

	for (r = 0; r < sizeof(rows) / sizeof(*rows); r++)
		for (i = 0; i < HYP_IOMMU_MAX_ARGS; i++)
			if (rows[r].kind[i] != ANY)
				nr += try_argument(&rows[r], i);
	return nr;
}

static void no_such_call(void)
{
	static const u64 calls[] = {
		HYP_IOMMU_NR_CALLS, HYP_IOMMU_NR_CALLS + 1, 1000, 1ULL << 32, 1ULL << 63, ~0ULL,
	};
	unsigned int i, bad = 0;

	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		bad += raw(calls[i], 0, 0, 0, 0, 0, 0) != -EOPNOTSUPP;
	ok(!bad, "no-such-call", "%u of %u not refused", bad, i);
}

/* What a host may do only while it is trusted. */
static void too_late(void)
{
	struct raw_counts before = raw_count(), after;
	s64 status;

	status = raw(HYP_IOMMU_UNIT_ADD, ARCH_UNIT_KIND, ARCH_UNIT_PA, ARCH_UNIT_SIZE, 0, 0, 0);
	ok(status == -EOPNOTSUPP, "too-late-UNIT_ADD", "%" PRId64, status);
	status = raw(HYP_IOMMU_UNIT_ADD, HYP_IOMMU_KIND('n', 'u', 'l', 'l'), ARCH_MMIO, PAGE, 0, 0,
		     0);
	ok(status == -EOPNOTSUPP, "too-late-UNIT_ADD-null", "%" PRId64, status);
	status = raw(HYP_IOMMU_MMIO_ALLOW, ARCH_MMIO, PAGE, 0, 0, 0, 0);
	ok(status == -EOPNOTSUPP, "too-late-MMIO_ALLOW", "%" PRId64, status);
	after = raw_count();
	ok(raw_same(&before, &after), "too-late-nothing-changed", "%s", raw_counts_text(&after));
}

/* What a list says. */
static void list_contents(struct hyp_iommu_sg *list)
{
	static const u64 bad[][2] = {
		{ ARCH_RAM + 1, PAGE }, { ARCH_RAM, 0 }, { ARCH_RAM, PAGE - 1 },
		{ ARCH_MMIO, PAGE },
		{ ~0ULL << 12, 2 * PAGE }, { ~0ULL << 12, PAGE }, { 1ULL << 52, PAGE },
		{ 0, ~0ULL << 12 }, { ~0ULL, ~0ULL },
	};
	struct raw_counts before = raw_count(), after;
	unsigned int i, wrong = 0;
	s64 status = 0;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		*list = (struct hyp_iommu_sg){ bad[i][0], bad[i][1] };
		status = raw(HYP_IOMMU_MAP_SG, domain, IA, list_pa, 1, RAW_RW, 0);
		wrong += (status != -EINVAL && status != -EPERM) || raw_done;
	}
	after = raw_count();
	ok(!wrong && raw_same(&before, &after), "bad-pieces", "%u of %u taken", wrong, i);
	*list = (struct hyp_iommu_sg){ page_pa, PAGE };
	status = raw(HYP_IOMMU_MAP_SG, domain, IA, list_pa, 1, RAW_RW, 0);
	ok(!status && raw_done == PAGE, "good-piece", "%" PRId64, status);
	raw_unmap(domain, IA, PAGE);
}

/* Two arguments that are fine one by one. */
static void pairs(void)
{
	const u64 top = 1ULL << raw_domain_info(domain, HYP_IOMMU_DOMAIN_IA_BITS);
	struct raw_counts before = raw_count(), after;
	s64 status;

	status = raw(HYP_IOMMU_MAP, domain, top - PAGE, page_pa, 2 * PAGE, RAW_RW, 0);
	ok(status == -EINVAL, "map-beyond-the-end", "%" PRId64, status);
	status = raw(HYP_IOMMU_UNMAP, domain, top - PAGE, 2 * PAGE, 0, 0, 0);
	ok(status == -EINVAL, "unmap-beyond-the-end", "%" PRId64, status);
	status = raw(HYP_IOMMU_MAP, domain, IA, 0ULL - PAGE, 2 * PAGE, RAW_RW, 0);
	ok(status == -EINVAL, "map-wraps", "%" PRId64, status);
	status = raw(HYP_IOMMU_MAP, domain, IA, page_pa, 0x0000fffffffff000ULL, RAW_RW, 0);
	ok(status == -EINVAL || status == -EPERM, "map-too-much", "%" PRId64, status);
	after = raw_count();
	ok(raw_same(&before, &after), "pairs-nothing-changed", "%s", raw_counts_text(&after));
	/* The last page of the address space is one like the others. */
	status = raw_map(domain, top - PAGE, page_pa, PAGE, RAW_RW);
	ok(!status, "map-last-page", "%" PRId64, status);
	status = raw_unmap(domain, top - PAGE, PAGE);
	ok(!status, "unmap-last-page", "%" PRId64, status);
}

int main(int argc, char **argv)
{
	struct raw_counts before, after;
	struct hyp_iommu_sg *list;
	unsigned int nr;
	s64 status;

	if (!raw_open())
		die("the raw hypercall interface is not there");
	raw_arena(4);
	before = raw_count();
	status = raw_domain_alloc(UNIT, HYP_IOMMU_STAGE_ANY, &domain);
	if (status)
		die("no domain: %" PRId64, status);
	page_pa = arena_pa(&arena, arena_pages(&arena, 1));
	table_pa = arena_pa(&arena, arena_pages(&arena, 16));
	mapped_pa = arena_pa(&arena, arena_pages(&arena, 1));
	list = arena_pages(&arena, 1);
	list_pa = arena_pa(&arena, list);
	*list = (struct hyp_iommu_sg){ page_pa, PAGE };
	status = raw_attach(domain, UNIT, ENDPOINT, HYP_IOMMU_NO_PASID);
	ok(!status, "attach", "%" PRId64, status);
	status = raw_map(domain, IA_MAPPED, mapped_pa, PAGE, RAW_RW);
	ok(!status, "map", "%" PRId64, status);
	/* Tables for the calls that want some: for the account of what is deferred, and lists. */
	for (nr = 0; nr < 8; nr++)
		raw_donate_page(domain, arena_pages(&arena, 1));

	nr = try_all();
	no_such_call();
	too_late();
	list_contents(list);
	pairs();
	info("bad-arguments %u", nr);

	status = raw(HYP_IOMMU_DETACH, domain, UNIT, ENDPOINT, HYP_IOMMU_NO_PASID, 0, 0);
	ok(!status, "detach", "%" PRId64, status);
	status = raw_domain_free(domain);
	ok(!status, "free", "%" PRId64, status);
	raw_reclaim_all();
	after = raw_count();
	before.pages += after.unit_pages - before.unit_pages;
	before.unit_pages = after.unit_pages;
	ok(raw_same(&before, &after), "nothing-lost", "%s; were %s", raw_counts_text(&after),
	   raw_counts_text(&before));
	return test_end();
}
