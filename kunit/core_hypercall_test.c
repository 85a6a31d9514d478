// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of calls: what is refused whatever it means, what is counted, and arguments
 * at random.
 */
#include "kunit/core_kunit.h"

static u64 random_state;

static u64 rnd(u64 below)
{
	return core_random(&random_state, below);
}

static void unknown_calls_are_refused(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_NR_CALLS, 0).status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(~0ULL, 0).status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(1ULL << 32, 0).status, -EOPNOTSUPP);
}

static void version(struct kunit *test)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_VERSION);

	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, HYP_IOMMU_ABI_VERSION);
	KUNIT_EXPECT_EQ(test, ret.need, HYP_IOMMU_CAP_ISOLATION);
}

static void statistics(struct kunit *test)
{
	u64 pinned = stat(HYP_IOMMU_STAT_PINNED), domains = stat(HYP_IOMMU_STAT_DOMAINS);
	u64 calls = call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_CALLS, HYP_IOMMU_VERSION).done;
	u64 errors = call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_ERRORS, HYP_IOMMU_FAULT_READ).done;
	u64 pa = sim_alloc(SIM_HOST, 3, 0), units = 0, d;
	u32 i;

	for (i = 0; !call(HYP_IOMMU_UNIT_INFO, i, 0).status; i++)
		units += call(HYP_IOMMU_UNIT_INFO, i, HYP_IOMMU_UNIT_STATE).done !=
			 HYP_IOMMU_UNIT_NONE;
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_UNITS), units);
	for (i = 0; i < HYP_IOMMU_NR_STATS; i++)
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, i).status, 0);

	call(HYP_IOMMU_VERSION);
	call(HYP_IOMMU_FAULT_READ, UNIT_B);
	call(HYP_IOMMU_FAULT_READ, ~0ULL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_CALLS, HYP_IOMMU_VERSION).done,
			calls + 1);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_ERRORS,
				   HYP_IOMMU_FAULT_READ).done, errors + 2);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_ERRORS,
				   HYP_IOMMU_VERSION).done, 0);

	d = alloc_domain(test);
	core_donate(test, d, 8);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_DOMAINS), domains + 1);
	KUNIT_EXPECT_EQ(test, map(d, 0, pa, 3 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), pinned + 3);
	KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), pinned + 2);
	free_domain(test, d);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), pinned);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_DOMAINS), domains);

	/* Beyond the last of everything, and an argument where none belongs. */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_NR_STATS).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, ~0ULL).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_CALLS,
				   HYP_IOMMU_NR_CALLS).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_ERRORS, ~0ULL).status, -EINVAL);
	for (i = 0; i < HYP_IOMMU_STAT_CALLS; i++)
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, i, 1).status, -EINVAL);
}

static void extra_arguments_are_refused(struct kunit *test)
{
	/* As in the table of core/hypercall.c, written down once more. */
	static const u8 nr_args[] = { 0, 2, 6, 2, 2, 3, 1, 3, 1, 2, 4, 4, 5, 4, 2, 1, 5, 1, 3 };
	u64 nr, i;

	static_assert(ARRAY_SIZE(nr_args) == HYP_IOMMU_NR_CALLS);
	for (nr = 0; nr < HYP_IOMMU_NR_CALLS; nr++) {
		for (i = nr_args[nr]; i < HYP_IOMMU_MAX_ARGS; i++) {
			u64 args[HYP_IOMMU_MAX_ARGS] = { 0 };

			args[i] = 1;
			KUNIT_EXPECT_EQ_MSG(test, call_array(nr, args).status, -EINVAL,
					    "call %llu, argument %llu", (unsigned long long)nr,
					    (unsigned long long)i);
		}
	}
}

static void finalise(struct kunit *test)
{
	u64 pa = 0x8090000;

	KUNIT_EXPECT_EQ(test, allow(pa, PAGE), 0);
	/* Whatever number of them there is, it ends. */
	while (pa < 0x8100000 && !allow(pa += PAGE, PAGE))
		;
	KUNIT_EXPECT_EQ(test, allow(pa, PAGE), -ENOSPC);
	sim_finalise();
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MMIO_ALLOW, 0x80a0000, PAGE).status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, 0, 0, 0, 0, 0).status,
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_VERSION, 0).done, HYP_IOMMU_ABI_VERSION);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_VERSION, 0).need, HYP_IOMMU_CAP_ISOLATION);
}

/* No argument whatsoever does harm: errors of the simulation, pins, or lost pages. */
static void random_arguments_do_no_harm(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 16, 0);
	const u64 edge[] = {
		0, 1, 2, 3, 8, PAGE - 1, PAGE, PAGE + 1, 1ULL << 21, 1ULL << 30, 1ULL << 32,
		1ULL << 39, 1ULL << 40, (1ULL << 40) - PAGE, 1ULL << 48, 1ULL << 52, 1ULL << 63,
		~0ULL, -PAGE, -2 * PAGE, d, d + 1, d & 0xffff, pa, pa + PAGE, REGS, WINDOW,
		SIM_BASE, 0xffffffff, 0x7fffffffffffffff,
	};
	u32 i, j;

	random_state = 1;
	for (i = 0; i < 200000; i++) {
		u64 args[HYP_IOMMU_MAX_ARGS];

		for (j = 0; j < HYP_IOMMU_MAX_ARGS; j++)
			args[j] = rnd(4) ? edge[rnd(ARRAY_SIZE(edge))] : j < 5 ? rnd(8) : 0;
		/* Two thirds of the calls get past the check of their number of arguments. */
		for (j = rnd(7); j < HYP_IOMMU_MAX_ARGS && rnd(3); j++)
			args[j] = 0;
		call_array(rnd(HYP_IOMMU_NR_CALLS + 1), args);
	}
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 0);
	/* It may have attached endpoints, or freed the domain. */
	for (i = UNIT_A; i < UNIT_BROKEN; i++) {
		for (j = 0; j < 1 << FAKE_ENDPOINT_BITS; j++)
			detach(d, i, j);
	}
	for (i = 0; i < 1000 && call(HYP_IOMMU_DOMAIN_FREE, d).status == -EAGAIN; i++)
		;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(unknown_calls_are_refused),
	KUNIT_CASE(version),
	KUNIT_CASE(statistics),
	KUNIT_CASE(extra_arguments_are_refused),
	KUNIT_CASE(finalise),
	KUNIT_CASE(random_arguments_do_no_harm),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_core_hypercall",
	.suite_init = core_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
