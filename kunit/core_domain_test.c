// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains: handles and slots, and the place where hardware is made to forget.
 */
#include "kunit/core_kunit.h"

static void domain_alloc_checks_arguments(struct kunit *test)
{
	u64 root = sim_alloc(SIM_HOST, 4, 4 * PAGE);
	u64 guest = sim_alloc(SIM_GUEST, 4, 4 * PAGE);
	u64 need = call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, 0).need;

	KUNIT_ASSERT_EQ(test, need, 2);	/* 40 bits: two concatenated tables */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, 99, 0, root).status, -ENODEV);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, ~0ULL, 0, root).status, -ENODEV);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 3, root).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, ~0ULL, root).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, HYP_IOMMU_STAGE_1, root).status,
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, root + PAGE).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, root + 8).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, guest).status, -EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, REGS).status, -EPERM);
	/* Beyond the 48 bits that the unit can reach */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, ~0ULL & ~0x3fffULL).status,
			-EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, 1ULL << 48).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, sim_owner(root), SIM_HOST);
}

static void stale_handles_are_refused(struct kunit *test)
{
	u64 first = alloc_domain(test), second, ia = 0x10000;
	u64 page = sim_alloc(SIM_HOST, 1, 0);
	u64 handles[6];
	u32 i;

	free_domain(test, first);
	second = alloc_domain(test);
	KUNIT_EXPECT_NE(test, first, second);	/* though it has the same slot */
	KUNIT_EXPECT_EQ(test, first & 0xffff, second & 0xffff);

	handles[0] = first;
	handles[1] = second & 0xffff;		/* no generation */
	handles[2] = second + (1ULL << 16);	/* a later one */
	handles[3] = second | 0xffff;		/* beyond the table */
	handles[4] = ~0ULL;
	handles[5] = second + 1;		/* a slot that was never used */
	for (i = 0; i < ARRAY_SIZE(handles); i++) {
		u64 h = handles[i];

		KUNIT_EXPECT_EQ(test, map(h, ia, page, PAGE), -EBADF);
		KUNIT_EXPECT_EQ(test, unmap(h, ia, PAGE), -EBADF);
		KUNIT_EXPECT_EQ(test, attach(h, UNIT_A, 1), -EBADF);
		KUNIT_EXPECT_EQ(test, detach(h, UNIT_A, 1), -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, h).status, -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_INFO, h, 0).status, -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, h, ia).status, -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, h, page, 1).status, -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_RECLAIM, h).status, -EBADF);
		KUNIT_EXPECT_EQ(test, sim_pins(page), 0);
		KUNIT_EXPECT_EQ(test, sim_owner(page), SIM_HOST);
	}
	free_domain(test, second);
}

static void slots_run_out(struct kunit *test)
{
	u64 *handles = kunit_kzalloc(test, HYP_IOMMU_MAX_DOMAINS * sizeof(u64), GFP_KERNEL);
	u64 root = sim_alloc(SIM_HOST, 2, 2 * PAGE);
	u64 before = stat(HYP_IOMMU_STAT_DOMAINS);
	u32 i, nr = HYP_IOMMU_MAX_DOMAINS - 1 - before;

	KUNIT_ASSERT_NOT_NULL(test, handles);
	for (i = 0; i < nr; i++)
		handles[i] = alloc_domain(test);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, root).status, -ENOSPC);
	KUNIT_EXPECT_EQ(test, sim_owner(root), SIM_HOST);
	for (i = 0; i < nr; i++)
		free_domain(test, handles[i]);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_DOMAINS), before);
}

struct order {
	struct kunit *test;
	u32 unpins, bad;
};

static void check_order(const struct sim_event *ev, void *arg)
{
	struct order *order = arg;

	if (ev->kind != SIM_EV_UNPIN && ev->kind != SIM_EV_RETURN)
		return;
	order->unpins++;
	if (fake_outstanding())
		order->bad++;
	/* The ownership lock comes first of all locks. */
	if (sim_locks_held())
		order->bad++;
}

static void nothing_is_unpinned_before_the_wait(struct kunit *test)
{
	struct order order = { .test = test };
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 512, 2ULL << 20);
	u32 waits = fake_units[UNIT_A].calls[FAKE_WAIT];
	u32 waits_b = fake_units[UNIT_B].calls[FAKE_WAIT];

	core_donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_B, 1), 0);
	KUNIT_ASSERT_EQ(test, map(d, PAGE, pa, 511 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, fake_units[UNIT_A].calls[FAKE_WAIT], waits);

	sim_set_trace(check_order, &order);
	KUNIT_EXPECT_EQ(test, unmap(d, PAGE, PAGE), 0);
	KUNIT_EXPECT_EQ(test, unmap(d, 2 * PAGE, 510 * PAGE), 0);
	/* Empty tables that a block replaces are invalidated, and waited for, too. */
	KUNIT_EXPECT_EQ(test, map(d, 0, pa, 2ULL << 20), 0);
	KUNIT_EXPECT_EQ(test, unmap(d, 0, 2ULL << 20), 0);
	sim_set_trace(NULL, NULL);

	KUNIT_EXPECT_GE(test, order.unpins, 3);
	KUNIT_EXPECT_EQ(test, order.bad, 0);
	KUNIT_EXPECT_GE(test, fake_units[UNIT_A].calls[FAKE_WAIT], waits + 3);
	KUNIT_EXPECT_EQ(test, fake_units[UNIT_A].calls[FAKE_WAIT] - waits,
			fake_units[UNIT_B].calls[FAKE_WAIT] - waits_b);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_B, 1), 0);
	free_domain(test, d);
}

/* Some units remember that there was nothing, and have to be told that there is now. */
static void maps_are_told_where_they_are_noticed(struct kunit *test)
{
	const u32 *told = &fake_units[UNIT_NOTICES_MAPS].calls[FAKE_INVALIDATE];
	const u32 *waited = &fake_units[UNIT_NOTICES_MAPS].calls[FAKE_WAIT];
	const u32 *other = &fake_units[UNIT_A].calls[FAKE_INVALIDATE];
	u64 pa = sim_alloc(SIM_HOST, 4, 0), d = alloc_domain(test);
	u32 before, other_before = *other;

	core_donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	KUNIT_EXPECT_EQ(test, *other, other_before);

	KUNIT_ASSERT_EQ(test, attach(d, UNIT_NOTICES_MAPS, 1), 0);
	before = *told;
	KUNIT_ASSERT_EQ(test, map(d, PAGE, pa + PAGE, PAGE), 0);
	KUNIT_EXPECT_EQ(test, *told, before + 1);
	KUNIT_EXPECT_EQ(test, *waited, *told);
	KUNIT_EXPECT_EQ(test, fake_outstanding(), 0);
	/* Where nothing was mapped there is nothing to tell. */
	KUNIT_EXPECT_EQ(test, map(d, PAGE, pa + 2 * PAGE, PAGE), -EEXIST);
	KUNIT_EXPECT_EQ(test, *told, before + 1);

	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_NOTICES_MAPS, 1), 0);
	free_domain(test, d);
	/* A new domain in the same slot starts afresh. */
	d = alloc_domain(test);
	core_donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	other_before = *other;
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	KUNIT_EXPECT_EQ(test, *other, other_before);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	free_domain(test, d);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(domain_alloc_checks_arguments),
	KUNIT_CASE(stale_handles_are_refused),
	KUNIT_CASE(slots_run_out),
	KUNIT_CASE(nothing_is_unpinned_before_the_wait),
	KUNIT_CASE(maps_are_told_where_they_are_noticed),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_core_domain",
	.suite_init = core_hostile_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
