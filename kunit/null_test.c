// SPDX-License-Identifier: GPL-2.0-only
/*
 * The null backend: it keeps what the contract in core/backend.h says.
 */
#include <kunit/test.h>

#include "backends/null/null.h"
#include "kunit/sim_kunit.h"

#define NO_PASID	HYP_IOMMU_NO_PASID

static const struct hyp_iommu_backend *const be = &hyp_null_backend;
static struct hyp_iommu_unit unit;
static struct hyp_pgt_pool pool;

static int null_test_init(struct kunit *test)
{
	u64 need = 0;
	int ret = sim_kunit_init(test);

	if (ret)
		return ret;
	memset(&unit, 0, sizeof(unit));
	memset(&pool, 0, sizeof(pool));
	ret = be->init(&unit, &need);
	if (ret != -ENOMEM || !need)
		return -EINVAL;
	unit.mem_pages = need;
	unit.mem_pa = sim_alloc(SIM_HYP, need, 0);
	return be->init(&unit, &need);
}

static void describes_itself(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, be->kind, HYP_IOMMU_KIND('N', 'U', 'L', 'L'));
	KUNIT_EXPECT_EQ(test, unit.prefer, HYP_IOMMU_STAGE_2);
	KUNIT_EXPECT_NOT_NULL(test, unit.stage[HYP_IOMMU_STAGE_2].fmt);
	KUNIT_EXPECT_NULL(test, unit.stage[HYP_IOMMU_STAGE_1].fmt);
	KUNIT_EXPECT_NE(test, hyp_pgt_root_size(unit.stage[HYP_IOMMU_STAGE_2].fmt,
						&unit.stage[HYP_IOMMU_STAGE_2].cfg), 0);
}

static void blocks_what_is_not_attached(struct kunit *test)
{
	struct hyp_iommu_space space = { .tag = 7, .stage = HYP_IOMMU_STAGE_2 };
	u32 sid;

	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &pool), 0);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 3, NO_PASID, &space, &pool), 0);
	for (sid = 0; sid < 1U << unit.endpoint_bits; sid++)
		KUNIT_EXPECT_EQ(test, hyp_null_tag_of(&unit, sid), sid == 3 ? 7 : 0);
	KUNIT_EXPECT_EQ(test, be->detach(&unit, 3, NO_PASID, &space, &pool), 0);
	KUNIT_EXPECT_EQ(test, hyp_null_tag_of(&unit, 3), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pool), 0);
}

static void refuses(struct kunit *test)
{
	struct hyp_iommu_space space = { .tag = 7, .stage = HYP_IOMMU_STAGE_2 };

	KUNIT_EXPECT_EQ(test, be->attach(&unit, 3, 0, &space, &pool), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 1U << unit.endpoint_bits, NO_PASID, &space, &pool),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, ~0U, NO_PASID, &space, &pool), -EINVAL);
}

static void invalidates(struct kunit *test)
{
	struct hyp_iommu_space space = { .tag = 7, .stage = HYP_IOMMU_STAGE_2 };
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	u64 ticket = 99, later;

	/* Nothing to do. */
	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &gather, &ticket), 0);
	KUNIT_EXPECT_EQ(test, be->wait(&unit, ticket), 0);
	KUNIT_EXPECT_EQ(test, unit.commands, 0);

	gather.start = 0;
	gather.last = 0xfff;
	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &gather, &ticket), 0);
	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &gather, &later), 0);
	KUNIT_EXPECT_LT(test, ticket, later);
	KUNIT_EXPECT_EQ(test, be->wait(&unit, later), 0);
	KUNIT_EXPECT_EQ(test, be->wait(&unit, ticket), 0);
	KUNIT_EXPECT_EQ(test, unit.commands, 2);
	/* A ticket that was never issued. */
	KUNIT_EXPECT_EQ(test, be->wait(&unit, later + 1), -EIO);
}

static void stops(struct kunit *test)
{
	struct hyp_iommu_space space = { .tag = 7, .stage = HYP_IOMMU_STAGE_2 };
	struct hyp_iommu_fault fault;

	KUNIT_EXPECT_EQ(test, be->attach(&unit, 3, NO_PASID, &space, &pool), 0);
	be->stop(&unit);
	KUNIT_EXPECT_EQ(test, hyp_null_tag_of(&unit, 3), 0);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(describes_itself),
	KUNIT_CASE(blocks_what_is_not_attached),
	KUNIT_CASE(refuses),
	KUNIT_CASE(invalidates),
	KUNIT_CASE(stops),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_null",
	.init = null_test_init,
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
