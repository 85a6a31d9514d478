// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated platform itself: it must do what platform/platform.h says, and
 * find what the code under test does wrong.
 */
#include "kunit/sim_kunit.h"

static void take_and_return(struct kunit *test)
{
	u64 pa = sim_alloc(SIM_HOST, 3, 0);
	u64 *va;

	KUNIT_ASSERT_NE(test, pa, 0);
	KUNIT_EXPECT_NE(test, sim_read64(pa), 0);
	KUNIT_ASSERT_EQ(test, hyp_pf_take_pages(pa, 3), 0);
	KUNIT_EXPECT_EQ(test, sim_owner(pa + SZ_8K), SIM_HYP);
	KUNIT_EXPECT_FALSE(test, sim_host_access(pa));
	va = hyp_pf_va(pa + SZ_4K);
	KUNIT_EXPECT_EQ(test, hyp_pf_pa(va), pa + SZ_4K);
	KUNIT_EXPECT_EQ(test, *va, 0);
	*va = 1;
	KUNIT_EXPECT_EQ(test, sim_read64(pa + SZ_4K), 1);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa, 1), -EPERM);
	KUNIT_EXPECT_EQ(test, hyp_pf_return_pages(pa, 3), 0);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HOST);
	KUNIT_EXPECT_EQ(test, sim_read64(pa + SZ_4K), 0);
}

static struct kunit_case sim_cases[] = {
	KUNIT_CASE(take_and_return),
	{}
};

static struct kunit_suite sim_suite = {
	.name = "hyp_iommu_sim",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = sim_cases,
};

kunit_test_suite(sim_suite);
