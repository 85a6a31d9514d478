// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unmaps that are deferred, and calls that meet while one waits for hardware:
 * whatever the host does in between, no page is unpinned and no table used
 * again before the invalidation is complete.
 */
#include <kunit/test.h>

#include "kunit/core_kunit.h"

#define MIB	BIT_ULL(20)
#define DEFER	HYP_IOMMU_UNMAP_DEFER
#define RUNS_PER_TABLE	(PAGE / sizeof(struct hyp_iommu_sg))

#define MAX_RUNS	(HYP_IOMMU_DEFERRED_TABLES * RUNS_PER_TABLE)

/* Of the host, MAX_RUNS + 1 pages, for cases that give back what they pin. */
static u64 memory;

static struct hyp_iommu_ret defer(u64 domain, u64 ia, u64 size)
{
	return call(HYP_IOMMU_UNMAP, domain, ia, size, DEFER);
}

static s64 sync(u64 domain)
{
	return call(HYP_IOMMU_SYNC, domain).status;
}

/* A domain that unit A uses. */
static u64 used_domain(struct kunit *test, u64 tables)
{
	u64 d = core_domain(test, UNIT_A, tables);

	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	return d;
}

static void end_domain(struct kunit *test, u64 d)
{
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	free_domain(test, d);
}

static void pins_are_kept_until_the_sync(struct kunit *test)
{
	const struct fake_unit *unit = &fake_units[UNIT_A];
	u64 d = used_domain(test, 8), pa = sim_alloc(SIM_HOST, 4, 0);
	u32 told = unit->calls[FAKE_INVALIDATE], waits = unit->calls[FAKE_WAIT];
	struct hyp_iommu_ret ret;

	KUNIT_ASSERT_EQ(test, map(d, 0, pa, 4 * PAGE), 0);
	ret = defer(d, 0, 3 * PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, 3 * PAGE);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, PAGE).status, -ENOENT);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), 1);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_DEFERRED), 3);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_INVALIDATE], told);

	/* Devices may still go there: nobody gets these pages. */
	KUNIT_EXPECT_EQ(test, sim_pins(pa + PAGE), 1);
	KUNIT_EXPECT_EQ(test, sim_host_donate(pa + PAGE, 1, SIM_GUEST), -EBUSY);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 1).status, -EBUSY);
	KUNIT_EXPECT_EQ(test, defer(d, 0, PAGE).status, -ENOENT);

	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_INVALIDATE], told + 1);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_WAIT], waits + 1);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_DEFERRED), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + 3 * PAGE), 1);
	KUNIT_EXPECT_EQ(test, sim_host_donate(pa, 3, SIM_GUEST), 0);

	/* There is nothing to tell again. */
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_INVALIDATE], told + 1);
	end_domain(test, d);
}

static void a_guest_cannot_unshare_what_is_deferred(struct kunit *test)
{
	u64 d = used_domain(test, 8), pa = sim_alloc(SIM_GUEST, 1, 0);

	sim_set_shared(pa, 1, true);
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	KUNIT_EXPECT_EQ(test, defer(d, 0, PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, sim_guest_unshare(pa, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, sim_guest_unshare(pa, 1), 0);
	end_domain(test, d);
}

static void tables_are_kept_until_the_sync(struct kunit *test)
{
	u64 d = used_domain(test, 4), pa = memory, spare;

	/* Not aligned to each other: small leaves, in one table that gets empty. */
	KUNIT_ASSERT_EQ(test, map(d, 2 * MIB, pa + PAGE, 2 * MIB), 0);
	KUNIT_ASSERT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_TABLES), 2);
	spare = domain_info(d, HYP_IOMMU_DOMAIN_SPARE);
	KUNIT_EXPECT_EQ(test, defer(d, 2 * MIB, 2 * MIB).done, 2 * MIB);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_TABLES), 1);
	/* One keeps account of the runs, and the empty one is nobody's yet. */
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_SPARE), spare - 1);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_SPARE), spare);
	end_domain(test, d);
}

/* Map @nr pages, each of which is in front of the one before: no two are a run. */
static void map_scattered(struct kunit *test, u64 d, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, map(d, i * PAGE, memory + (nr - 1 - i) * PAGE, PAGE), 0);
}

/* Map pages that are no neighbours, and defer each; the first @good are to succeed. */
static void defer_scattered(struct kunit *test, u64 d, u32 nr, u32 good, s64 status)
{
	struct hyp_iommu_ret ret;
	u32 i;

	map_scattered(test, d, nr);
	for (i = 0; i < good; i++)
		KUNIT_ASSERT_EQ(test, defer(d, i * PAGE, PAGE).status, 0);
	ret = defer(d, i * PAGE, PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, status);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_DEFERRED), good);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), nr - good);
}

static void what_is_deferred_is_bounded(struct kunit *test)
{
	u64 d = used_domain(test, 32);
	u32 waits, i;

	defer_scattered(test, d, MAX_RUNS + 1, MAX_RUNS, -ENOSPC);
	for (i = 0; i <= MAX_RUNS; i++)
		KUNIT_ASSERT_EQ(test, sim_pins(memory + i * PAGE), 1);
	waits = fake_units[UNIT_A].calls[FAKE_WAIT];
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, fake_units[UNIT_A].calls[FAKE_WAIT], waits + 1);
	KUNIT_EXPECT_EQ(test, pins(), 1);
	KUNIT_EXPECT_EQ(test, defer(d, MAX_RUNS * PAGE, PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	end_domain(test, d);
}

/* Also in pages, that a host gets back again soon enough. */
static void big_runs_are_bounded_as_well(struct kunit *test)
{
	u64 d = used_domain(test, 4), pa = sim_alloc(SIM_HOST, 512, 2 * MIB), i;
	u32 nr = HYP_IOMMU_MAX_DEFERRED / 512;

	for (i = 0; i <= nr; i++)
		KUNIT_ASSERT_EQ(test, map(d, i * 2 * MIB, pa, 2 * MIB), 0);
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, defer(d, i * 2 * MIB, 2 * MIB).done, 2 * MIB);
	KUNIT_EXPECT_EQ(test, defer(d, i * 2 * MIB, 2 * MIB).status, -ENOSPC);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), nr + 1);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 1);
	KUNIT_EXPECT_EQ(test, unmap(d, i * 2 * MIB, 2 * MIB), 0);
	end_domain(test, d);
}

/* An unmap that needs a table for its runs while all that are kept for that are full. */
static void an_unmap_while_all_is_full(struct kunit *test)
{
	u64 d = used_domain(test, 64), spare, i;

	defer_scattered(test, d, MAX_RUNS + 1, MAX_RUNS, -ENOSPC);
	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_EQ(test, map(d, i * PAGE, memory + (99 - i) * PAGE, PAGE), 0);
	spare = domain_info(d, HYP_IOMMU_DOMAIN_SPARE);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNMAP, d, 0, 100 * PAGE).done, 100 * PAGE);
	/* Its table went back to where it came from. */
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_SPARE), spare);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_DEFERRED), MAX_RUNS);
	KUNIT_EXPECT_EQ(test, pins(), MAX_RUNS + 1);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, unmap(d, MAX_RUNS * PAGE, PAGE), 0);
	end_domain(test, d);
}

static void a_run_table_comes_from_the_pool(struct kunit *test)
{
	u64 d = used_domain(test, 2);
	struct hyp_iommu_ret ret;

	KUNIT_ASSERT_EQ(test, map(d, 0, memory, PAGE), 0);
	ret = defer(d, 0, PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, ret.need, 1);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), 0);
	/* With one it works, and with one more it could do more. */
	KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, sim_alloc(SIM_HOST, 1, 0), 1).done, 1);
	defer_scattered(test, d, RUNS_PER_TABLE + 1, RUNS_PER_TABLE, -ENOSPC);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	end_domain(test, d);
}

/* A call that stops in the middle because the table is full says how far it came. */
static void a_full_table_ends_a_call(struct kunit *test)
{
	u64 d = used_domain(test, 8);
	u32 nr = RUNS_PER_TABLE + 10;
	struct hyp_iommu_ret ret;

	map_scattered(test, d, nr);
	ret = defer(d, 0, nr * PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, RUNS_PER_TABLE * PAGE);
	ret = defer(d, ret.done, nr * PAGE - ret.done);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, 10 * PAGE);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	end_domain(test, d);
}

static void an_address_can_be_mapped_again(struct kunit *test)
{
	u64 d = used_domain(test, 8), pa = sim_alloc(SIM_HOST, 2, 0);

	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	KUNIT_EXPECT_EQ(test, defer(d, 0, PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, map(d, 0, pa + PAGE, PAGE), 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, 0).done, pa + PAGE);
	/* What a device reaches is one or the other, and both are pinned. */
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 1);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + PAGE), 1);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + PAGE), 1);
	/* The same page once more, in both states. */
	KUNIT_EXPECT_EQ(test, defer(d, 0, PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, map(d, 0, pa + PAGE, PAGE), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + PAGE), 2);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + PAGE), 1);
	end_domain(test, d);
}

/* A strict unmap does not complete what was deferred before. */
static void strict_and_deferred_do_not_mix(struct kunit *test)
{
	u64 d = used_domain(test, 8), pa = sim_alloc(SIM_HOST, 2, 0);

	KUNIT_ASSERT_EQ(test, map(d, 0, pa, 2 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, defer(d, 0, PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, unmap(d, PAGE, PAGE), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 1);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + PAGE), 0);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	end_domain(test, d);
}

/* Where there is a table for the runs, a strict unmap of many waits once. */
static void scattered_pages_are_unmapped_at_once(struct kunit *test)
{
	u32 nr = RUNS_PER_TABLE + 10, waits = fake_units[UNIT_A].calls[FAKE_WAIT], i;
	struct hyp_iommu_ret ret;
	u64 d = used_domain(test, 3);

	map_scattered(test, d, nr);
	for (i = 0; i < 2; i++) {
		ret = call(HYP_IOMMU_UNMAP, d, 0, nr * PAGE);
		KUNIT_EXPECT_EQ(test, ret.status, 0);
		KUNIT_EXPECT_EQ(test, ret.done, RUNS_PER_TABLE * PAGE);
		KUNIT_EXPECT_EQ(test, unmap(d, ret.done, nr * PAGE - ret.done), 0);
		KUNIT_EXPECT_EQ(test, fake_units[UNIT_A].calls[FAKE_WAIT], waits + 2);
		KUNIT_EXPECT_EQ(test, pins(), 0);
		waits += 2;
		map_scattered(test, d, nr);
	}
	end_domain(test, d);

	/* Where there is none, it is done in parts. */
	d = used_domain(test, 2);
	map_scattered(test, d, nr);
	ret = call(HYP_IOMMU_UNMAP, d, 0, nr * PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, HYP_IOMMU_MAX_RUNS * PAGE);
	end_domain(test, d);
	KUNIT_EXPECT_EQ(test, pins(), 0);
}

/* The host never syncs: it detaches, and frees the domain. */
static void a_freed_domain_unpins_what_was_deferred(struct kunit *test)
{
	u64 pages = stat(HYP_IOMMU_STAT_PAGES), nr = 3 * RUNS_PER_TABLE;
	u64 d = used_domain(test, 16), i;

	map_scattered(test, d, nr + 1);
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, defer(d, i * PAGE, PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, d).status, -EBUSY);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, pins(), nr + 1);
	free_domain(test, d);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	KUNIT_EXPECT_EQ(test, sync(d), -EBADF);
	core_reclaim_all(test);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), pages);
}

/* Tables that kept account are zero when they become tables again. */
static void run_tables_are_zeroed(struct kunit *test)
{
	u64 d = used_domain(test, 3), pa = sim_alloc(SIM_HOST, 4, 0), back, i;
	struct hyp_iommu_ret ret;

	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	KUNIT_ASSERT_EQ(test, defer(d, 0, PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	end_domain(test, d);
	for (back = 0;; back++) {
		ret = call(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN);
		if (ret.status)
			break;
		for (i = 0; i < PAGE; i += 8)
			KUNIT_ASSERT_EQ(test, sim_read64(ret.done + i), 0);
	}
	KUNIT_EXPECT_GE(test, back, 4);
}

static void a_silent_unit_keeps_what_was_deferred(struct kunit *test)
{
	u64 stuck = stat(HYP_IOMMU_STAT_STUCK), pa = sim_alloc(SIM_HOST, 4, 0);
	u32 unit = core_broken_unit(test);
	u64 d = core_domain(test, unit, 8);

	KUNIT_ASSERT_EQ(test, attach(d, unit, 1), 0);
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, 4 * PAGE), 0);
	KUNIT_ASSERT_EQ(test, defer(d, 0, 2 * PAGE).status, 0);
	fake_units[unit].fail[FAKE_WAIT] = -EIO;
	KUNIT_EXPECT_EQ(test, sync(d), -EIO);
	/* Of what is mapped, and of what was deferred. */
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_STUCK), stuck + 4);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 1);
	KUNIT_EXPECT_EQ(test, sim_host_donate(pa, 1, SIM_GUEST), -EBUSY);
	KUNIT_EXPECT_EQ(test, fake_units[unit].calls[FAKE_STOP], 1);
	KUNIT_EXPECT_EQ(test, sync(d), -EBADF);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, d).status, -EIO);
	fake_units[unit].issued = fake_units[unit].completed;
}

/* ---- what happens while another CPU waits ---- */

struct order {
	u32 unpins, bad;
};

/* Where an unpin happens, nothing that was begun may be outstanding, and no lock held. */
static void check_order(const struct sim_event *ev, void *arg)
{
	struct order *order = arg;

	if (ev->kind != SIM_EV_UNPIN)
		return;
	order->unpins++;
	order->bad += fake_outstanding() || sim_locks_held();
}

static void nothing_is_unpinned_before_the_wait(struct kunit *test)
{
	u64 d = used_domain(test, 8), pa = sim_alloc(SIM_HOST, 32, 0);
	struct order order = { 0 };

	KUNIT_ASSERT_EQ(test, attach(d, UNIT_B, 1), 0);
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, 32 * PAGE), 0);
	sim_set_trace(check_order, &order);
	KUNIT_EXPECT_EQ(test, defer(d, 0, 16 * PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, order.unpins, 0);
	KUNIT_EXPECT_EQ(test, unmap(d, 16 * PAGE, 16 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, order.unpins, 1);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_EQ(test, order.unpins, 2);
	KUNIT_EXPECT_EQ(test, order.bad, 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_B, 1), 0);
	end_domain(test, d);
}

/* What the other CPU does; it runs once, while the first waits. */
static struct {
	struct kunit *test;
	u64 domain, pa;
	u32 runs;
} other;

static void other_goes_on(void)
{
	struct kunit *test = other.test;
	u64 d = other.domain, pa = other.pa;

	fake_units[UNIT_A].on_wait = NULL;
	other.runs++;
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 0);
	/* The page of the first CPU is still pinned, and its table not to be had. */
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 1);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_TABLES), 2);
	/* Its own calls are done as always. */
	KUNIT_EXPECT_EQ(test, map(d, 4 * MIB + PAGE, pa + 512 * PAGE, PAGE), 0);
	KUNIT_EXPECT_EQ(test, unmap(d, 4 * MIB, PAGE), 0);
	KUNIT_EXPECT_EQ(test, defer(d, 4 * MIB + PAGE, PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 1);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 1);
}

static void cpus_do_not_wait_for_others(struct kunit *test)
{
	u64 pa = memory, d = used_domain(test, 8);
	u64 spare = domain_info(d, HYP_IOMMU_DOMAIN_SPARE);

	KUNIT_ASSERT_EQ(test, map(d, 2 * MIB, pa, 2 * MIB), 0);
	KUNIT_ASSERT_EQ(test, map(d, 4 * MIB, pa + 513 * PAGE, PAGE), 0);
	other.test = test;
	other.domain = d;
	other.pa = pa;
	other.runs = 0;
	fake_units[UNIT_A].on_wait = other_goes_on;
	KUNIT_EXPECT_EQ(test, unmap(d, 2 * MIB, 2 * MIB), 0);
	KUNIT_EXPECT_EQ(test, other.runs, 1);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	/* Of each CPU a table keeps account of runs, and two are in use. */
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_SPARE), spare - 4);
	end_domain(test, d);
}

static void other_syncs(void)
{
	struct kunit *test = other.test;
	const struct fake_unit *unit = &fake_units[UNIT_A];
	u32 told = unit->calls[FAKE_INVALIDATE], waits = unit->calls[FAKE_WAIT];

	fake_units[UNIT_A].on_wait = NULL;
	other.runs++;
	/* Nothing is deferred, but what was is not complete: its end has to be waited for. */
	KUNIT_EXPECT_EQ(test, sync(other.domain), 0);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_INVALIDATE], told + 1);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_WAIT], waits + 1);
	KUNIT_EXPECT_EQ(test, sim_pins(other.pa), 1);
}

static void a_sync_waits_for_what_others_wait_for(struct kunit *test)
{
	const struct fake_unit *unit = &fake_units[UNIT_A];
	u64 d = used_domain(test, 8), pa = memory;
	u32 told;

	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	KUNIT_EXPECT_EQ(test, defer(d, 0, PAGE).status, 0);
	other.test = test;
	other.domain = d;
	other.pa = pa;
	other.runs = 0;
	fake_units[UNIT_A].on_wait = other_syncs;
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, other.runs, 1);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	/* Then there is nothing to wait for any more. */
	told = unit->calls[FAKE_INVALIDATE];
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_INVALIDATE], told);
	end_domain(test, d);
}

static void other_frees(void)
{
	struct kunit *test = other.test;
	int i;

	fake_units[UNIT_A].on_wait = NULL;
	other.runs++;
	KUNIT_EXPECT_EQ(test, detach(other.domain, UNIT_A, 1), 0);
	/* It has to wait, or the domain would be another's when the first CPU goes on. */
	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, other.domain).status, -EAGAIN);
	KUNIT_EXPECT_EQ(test, map(other.domain, 0, other.pa, PAGE), -EBADF);
	KUNIT_EXPECT_EQ(test, sim_pins(other.pa), 1);
}

static void a_domain_is_not_freed_while_a_cpu_uses_it(struct kunit *test)
{
	u64 pa = memory, d, i;

	for (i = 0; i < 2; i++) {
		d = used_domain(test, 8);
		KUNIT_ASSERT_EQ(test, map(d, 2 * MIB, pa + PAGE, 2 * MIB), 0);
		other.test = test;
		other.domain = d;
		other.pa = pa + PAGE;
		other.runs = 0;
		if (i)
			KUNIT_EXPECT_EQ(test, defer(d, 2 * MIB, 2 * MIB).status, 0);
		fake_units[UNIT_A].on_wait = other_frees;
		KUNIT_EXPECT_EQ(test, i ? sync(d) : unmap(d, 2 * MIB, 2 * MIB), 0);
		KUNIT_EXPECT_EQ(test, other.runs, 1);
		KUNIT_EXPECT_EQ(test, pins(), 0);
		free_domain(test, d);
	}
}

static void arguments_are_checked(struct kunit *test)
{
	u64 d = used_domain(test, 8), pa = sim_alloc(SIM_HOST, 1, 0);
	u32 bit;

	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	for (bit = 1; bit < 64; bit++)
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNMAP, d, 0, PAGE, BIT_ULL(bit)).status,
				-EINVAL);
	KUNIT_EXPECT_EQ(test, defer(d, 0, 0).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, defer(d, 1, PAGE).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, defer(d, ~0ULL << 12, 2 * PAGE).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, defer(d, 1ULL << 40, PAGE).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, defer(d + 1, 0, PAGE).status, -EBADF);
	KUNIT_EXPECT_EQ(test, sync(d + 1), -EBADF);
	KUNIT_EXPECT_EQ(test, sync(0), -EBADF);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), 1);
	end_domain(test, d);
}

/* ---- random ---- */

#define WORLD_PAGES	24
#define WORLD_SLOTS	40

/* Pages that are mapped at an address, and how often each is mapped and deferred. */
static struct {
	int slot[WORLD_SLOTS];
	u32 mapped[WORLD_PAGES], deferred[WORLD_PAGES];
	u64 seed;
} world;

static u32 rnd(u32 below)
{
	world.seed = world.seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(world.seed >> 33) % below;
}

static void world_step(struct kunit *test, u64 d, u64 pa)
{
	u32 what = rnd(8), s = rnd(WORLD_SLOTS), p = rnd(WORLD_PAGES), i;
	s64 status;

	switch (what) {
	case 0 ... 2:
		status = map(d, s * PAGE, pa + p * PAGE, PAGE);
		KUNIT_ASSERT_EQ(test, status, world.slot[s] < 0 ? 0 : -EEXIST);
		if (!status) {
			world.slot[s] = p;
			world.mapped[p]++;
		}
		break;
	case 3 ... 6:
		status = what == 3 ? unmap(d, s * PAGE, PAGE) : defer(d, s * PAGE, PAGE).status;
		KUNIT_ASSERT_EQ(test, status, world.slot[s] < 0 ? -ENOENT : 0);
		if (status)
			break;
		world.mapped[world.slot[s]]--;
		world.deferred[world.slot[s]] += what != 3;
		world.slot[s] = -1;
		break;
	default:
		if (rnd(16))
			break;
		KUNIT_ASSERT_EQ(test, sync(d), 0);
		for (i = 0; i < WORLD_PAGES; i++)
			world.deferred[i] = 0;
	}
}

static void random_calls_agree_with_a_model(struct kunit *test)
{
	u64 d = used_domain(test, 16), pa = sim_alloc(SIM_HOST, WORLD_PAGES, 0);
	u32 i, n;

	world.seed = 4711;
	for (i = 0; i < WORLD_SLOTS; i++)
		world.slot[i] = -1;
	memset(world.mapped, 0, sizeof(world.mapped));
	memset(world.deferred, 0, sizeof(world.deferred));
	for (n = 0; n < 20000; n++) {
		u64 deferred = 0;

		world_step(test, d, pa);
		for (i = 0; i < WORLD_PAGES; i++) {
			KUNIT_ASSERT_EQ(test, sim_pins(pa + i * PAGE),
					world.mapped[i] + world.deferred[i]);
			deferred += world.deferred[i];
		}
		KUNIT_ASSERT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_DEFERRED), deferred);
	}
	end_domain(test, d);
	KUNIT_EXPECT_EQ(test, pins(), 0);
}

static int deferred_suite_init(struct kunit_suite *suite)
{
	int ret = core_suite_init(suite);

	if (ret)
		return ret;
	memory = sim_alloc(SIM_HOST, MAX_RUNS + 1, 0);
	return memory ? 0 : -ENOMEM;
}

static struct kunit_case deferred_cases[] = {
	KUNIT_CASE(pins_are_kept_until_the_sync),
	KUNIT_CASE(a_guest_cannot_unshare_what_is_deferred),
	KUNIT_CASE(tables_are_kept_until_the_sync),
	KUNIT_CASE(what_is_deferred_is_bounded),
	KUNIT_CASE(big_runs_are_bounded_as_well),
	KUNIT_CASE(an_unmap_while_all_is_full),
	KUNIT_CASE(a_run_table_comes_from_the_pool),
	KUNIT_CASE(a_full_table_ends_a_call),
	KUNIT_CASE(an_address_can_be_mapped_again),
	KUNIT_CASE(strict_and_deferred_do_not_mix),
	KUNIT_CASE(scattered_pages_are_unmapped_at_once),
	KUNIT_CASE(a_freed_domain_unpins_what_was_deferred),
	KUNIT_CASE(run_tables_are_zeroed),
	KUNIT_CASE(a_silent_unit_keeps_what_was_deferred),
	KUNIT_CASE(nothing_is_unpinned_before_the_wait),
	KUNIT_CASE(cpus_do_not_wait_for_others),
	KUNIT_CASE(a_sync_waits_for_what_others_wait_for),
	KUNIT_CASE(a_domain_is_not_freed_while_a_cpu_uses_it),
	KUNIT_CASE(arguments_are_checked),
	KUNIT_CASE(random_calls_agree_with_a_model),
	{}
};

static struct kunit_suite deferred_suite = {
	.name = "hyp_core_deferred",
	.suite_init = deferred_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = deferred_cases,
};

kunit_test_suite(deferred_suite);
