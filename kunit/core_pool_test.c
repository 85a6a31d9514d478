// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for tables: given, used in parts, and given back.
 */
#include "kunit/core_kunit.h"

static void donate_and_reclaim(struct kunit *test)
{
	u64 d = alloc_domain(test), before = stat(HYP_IOMMU_STAT_PAGES);
	u64 pa = sim_alloc(SIM_HOST, 3, 0), guest = sim_alloc(SIM_GUEST, 1, 0);
	struct hyp_iommu_ret ret;

	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa + 8, 1).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 0).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 1ULL << 52).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, ~0ULL).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, 0, 1).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, 1ULL << 48, 1).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, (1ULL << 48) - PAGE, 2).status,
			-EINVAL);
	/* As high as the units reach there is just no memory. */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, (1ULL << 48) - PAGE, 1).status,
			-EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, guest, 1).status, -EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, REGS, 1).status, -EPERM);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), before);

	/* The second page is not the host's: the first one stays donated. */
	sim_set_owner(pa + PAGE, 1, SIM_GUEST);
	ret = call(HYP_IOMMU_POOL_DONATE, d, pa, 3);
	KUNIT_EXPECT_EQ(test, ret.status, -EPERM);
	KUNIT_EXPECT_EQ(test, ret.done, 1);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HYP);
	KUNIT_EXPECT_EQ(test, sim_owner(pa + 2 * PAGE), SIM_HOST);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_SPARE), 1);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), before + 1);
	/* Twice the same page */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 1).status, -EPERM);

	/* Its way back fails once, and nothing is lost. */
	sim_fail_nth(SIM_RETURN, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_RECLAIM, d).status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_SPARE), 1);
	ret = call(HYP_IOMMU_POOL_RECLAIM, d);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, pa);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HOST);
	KUNIT_EXPECT_EQ(test, sim_read64(pa), 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_RECLAIM, d).status, -ENOENT);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), before);
	free_domain(test, d);
}

static void a_big_donation_is_done_in_parts(struct kunit *test)
{
	u64 nr = HYP_IOMMU_MAX_PAGES + 10, d = alloc_domain(test);
	u64 pa = sim_alloc(SIM_HOST, nr, 0);
	struct hyp_iommu_ret ret = call(HYP_IOMMU_POOL_DONATE, d, pa, nr);

	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, HYP_IOMMU_MAX_PAGES);
	ret = call(HYP_IOMMU_POOL_DONATE, d, pa + ret.done * PAGE, nr - ret.done);
	KUNIT_EXPECT_EQ(test, ret.done, 10);
	/* So is giving them all up. */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, d).status, -EAGAIN);
	/* Meanwhile the handle is good for nothing else. */
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), -EBADF);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 1).status, -EBADF);
	free_domain(test, d);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(donate_and_reclaim),
	KUNIT_CASE(a_big_donation_is_done_in_parts),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_core_pool",
	.suite_init = core_hostile_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
