// SPDX-License-Identifier: GPL-2.0-only
/*
 * Endpoints: who may be attached to what, and failures that leave no trace.
 */
#include "kunit/core_kunit.h"

static void attach_checks_arguments(struct kunit *test)
{
	u64 d = alloc_domain(test), other = alloc_domain(test);

	KUNIT_EXPECT_EQ(test, attach(d, 99, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1 << FAKE_ENDPOINT_BITS), -EINVAL);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1ULL << 32), -EINVAL);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, ~0ULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_ATTACH, d, UNIT_A, 1, 1 << FAKE_PASID_BITS).status,
			-EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_ATTACH, d, UNIT_A, 1, 1).status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_ATTACH, d, UNIT_A, 1, HYP_IOMMU_NO_PASID - 1).status,
			-EINVAL);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, ~0ULL), -EINVAL);

	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, attach(other, UNIT_A, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, attach(other, UNIT_B, 1), 0);	/* another endpoint */
	KUNIT_EXPECT_EQ(test, detach(other, UNIT_A, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, d).status, -EBUSY);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, detach(other, UNIT_B, 1), 0);
	free_domain(test, d);
	free_domain(test, other);
}

static void attach_wants_compatible_tables(struct kunit *test)
{
	u64 d = alloc_domain(test), strict = core_alloc_domain_of(test, UNIT_NONCOHERENT);

	KUNIT_EXPECT_EQ(test, attach(d, UNIT_OTHER_FORMAT, 1), -EXDEV);
	/* Tables that are not written back are no good for a unit that does not snoop, */
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_NONCOHERENT, 1), -EXDEV);
	/* but the other way round they are. */
	KUNIT_EXPECT_EQ(test, attach(strict, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, attach(strict, UNIT_NONCOHERENT, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(strict, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(strict, UNIT_NONCOHERENT, 1), 0);
	free_domain(test, d);
	free_domain(test, strict);
}

/* A unit that walks less than the domain's tables have. */
static void attach_wants_a_unit_that_can(struct kunit *test)
{
	struct hyp_iommu_unit *unit = hyp_iommu_unit_get(UNIT_B);
	struct hyp_pgt_cfg *can = &unit->stage[HYP_IOMMU_STAGE_2].cfg, as = *can;
	u64 d = alloc_domain(test);
	u32 i;

	for (i = 0; i < 4; i++) {
		*can = as;
		can->ia_bits -= i == 0;
		can->oa_bits -= i == 1;
		can->sizes &= ~(i == 2 ? BIT_ULL(30) : 0);
		KUNIT_EXPECT_EQ_MSG(test, attach(d, UNIT_B, 1), i < 3 ? -EXDEV : 0, "%u", i);
	}
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_B, 1), 0);
	/* One that walks more is fine. */
	can->ia_bits++;
	can->oa_bits++;
	can->sizes |= BIT_ULL(39);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_B, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_B, 1), 0);
	*can = as;
	free_domain(test, d);
}

static void attach_fails_without_a_trace(struct kunit *test)
{
	u64 d = alloc_domain(test);
	struct hyp_iommu_ret ret;

	core_reclaim_all(test);
	fake_units[UNIT_A].attach_pages = FAKE_ATTACH_PAGES;
	ret = call(HYP_IOMMU_ATTACH, d, UNIT_A, 1, HYP_IOMMU_NO_PASID);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, ret.need, FAKE_ATTACH_PAGES);
	core_donate(test, HYP_IOMMU_NO_DOMAIN, ret.need);
	fake_units[UNIT_A].fail[FAKE_BIND] = -ENOMEM;
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), -ENOMEM);
	fake_units[UNIT_A].fail[FAKE_BIND] = 0;
	fake_units[UNIT_A].fail[FAKE_ATTACH] = -EOPNOTSUPP;
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), -EOPNOTSUPP);
	fake_units[UNIT_A].fail[FAKE_ATTACH] = 0;
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_ENDPOINTS), 0);

	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_POOL), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_POOL), 2);
	fake_units[UNIT_A].attach_pages = 0;
	free_domain(test, d);
}

static void all_endpoints_at_once(struct kunit *test)
{
	/* Those of units that were lost stay. */
	u64 d = alloc_domain(test), before = stat(HYP_IOMMU_STAT_ENDPOINTS);
	u32 room = HYP_IOMMU_MAX_ENDPOINTS - before, nr_a = 1 << FAKE_ENDPOINT_BITS, i;

	KUNIT_ASSERT_GT(test, room, nr_a);
	for (i = 0; i < nr_a; i++)
		KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, i), 0);
	for (i = 0; i < room - nr_a; i++)
		KUNIT_ASSERT_EQ(test, attach(d, UNIT_B, i), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_ENDPOINTS), HYP_IOMMU_MAX_ENDPOINTS);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_NOTICES_MAPS, 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, UNIT_A, HYP_IOMMU_UNIT_ENDPOINTS).done,
			nr_a);
	/* From both ends to the middle, and then past it. */
	for (i = 0; i < nr_a; i++) {
		KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, i), i < nr_a - i ? -EBUSY : 0);
		if (i >= nr_a - i)
			KUNIT_ASSERT_EQ(test, detach(d, UNIT_A, i), 0);
		KUNIT_ASSERT_EQ(test, detach(d, UNIT_A, nr_a - 1 - i), 0);
	}
	for (i = 0; i < room - nr_a; i++) {
		KUNIT_ASSERT_EQ(test, detach(d, UNIT_B, i), 0);
		KUNIT_EXPECT_EQ(test, detach(d, UNIT_B, i), -ENOENT);
	}
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_ENDPOINTS), before);
	free_domain(test, d);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(attach_checks_arguments),
	KUNIT_CASE(attach_wants_compatible_tables),
	KUNIT_CASE(attach_wants_a_unit_that_can),
	KUNIT_CASE(attach_fails_without_a_trace),
	KUNIT_CASE(all_endpoints_at_once),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_core_endpoint",
	.suite_init = core_hostile_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
