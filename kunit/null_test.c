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

/*
 * What core/backend.h wants of an operation, as a message that names it.
 * scripts/new-backend.sh --try breaks each of these on purpose.
 */
#define KEEPS(test, what, cond) \
	KUNIT_EXPECT_TRUE_MSG(test, cond, "contract broken: " what)

static int null_test_init(struct kunit *test)
{
	u64 need = 0;
	int ret = sim_kunit_init(test);

	if (ret)
		return ret;
	memset(&unit, 0, sizeof(unit));
	memset(&pool, 0, sizeof(pool));
	ret = be->init(&unit, &need);
	KEEPS(test, "init: without memory it returns -ENOMEM", ret == -ENOMEM);
	KEEPS(test, "init: with -ENOMEM it says how much it needs", need);
	KEEPS(test, "init: after -ENOMEM nothing has changed", !unit.priv);
	/* To go on whatever it says. */
	unit.mem_pages = need ? need : 16;
	unit.mem_pa = sim_alloc(SIM_HYP, unit.mem_pages, 0);
	return be->init(&unit, &need);
}

static void put_pages(u32 nr)
{
	while (nr--)
		hyp_pgt_pool_put(&pool, sim_alloc(SIM_HYP, 1, 0));
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

	for (sid = 0; sid < 1U << unit.endpoint_bits; sid++)
		KEEPS(test, "init: every endpoint is blocked", !hyp_null_tag_of(&unit, sid));
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &pool), 0);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 3, NO_PASID, &space, &pool), 0);
	for (sid = 0; sid < 1U << unit.endpoint_bits; sid++)
		KEEPS(test, "attach: the endpoint uses the space, and no other one does",
		      hyp_null_tag_of(&unit, sid) == (sid == 3 ? 7 : 0));
	KUNIT_EXPECT_EQ(test, be->detach(&unit, 3, NO_PASID, &space, &pool), 0);
	KEEPS(test, "detach: the endpoint is blocked", !hyp_null_tag_of(&unit, 3));
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pool), 0);
}

/* One command at least has to be sent, and waited for, before these return. */
static void is_complete_when_it_returns(struct kunit *test)
{
	struct hyp_iommu_space space = { .tag = 7, .stage = HYP_IOMMU_STAGE_2 };
	u64 commands, waits;

	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &pool), 0);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 3, NO_PASID, &space, &pool), 0);

	commands = unit.commands;
	waits = unit.waits;
	KUNIT_EXPECT_EQ(test, be->detach(&unit, 3, NO_PASID, &space, &pool), 0);
	KEEPS(test, "detach: it drops what is cached of the entry", unit.commands > commands);
	KEEPS(test, "detach: it waits until that is done", unit.waits > waits);

	commands = unit.commands;
	waits = unit.waits;
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pool), 0);
	KEEPS(test, "unbind: it invalidates what is cached under the tag",
	      unit.commands > commands);
	KEEPS(test, "unbind: it waits until that is done", unit.waits > waits);
}

static void gives_its_pages_back(struct kunit *test)
{
	struct hyp_iommu_space space = { .tag = 7, .stage = HYP_IOMMU_STAGE_2 };
	u32 nr = unit.attach_pages;

	put_pages(nr);
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &pool), 0);
	KEEPS(test, "attach_pages: that many are enough",
	      be->attach(&unit, 3, NO_PASID, &space, &pool) != -ENOMEM);
	KUNIT_EXPECT_EQ(test, be->detach(&unit, 3, NO_PASID, &space, &pool), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pool), 0);
	/* Tables of the unit may stay, but not grow with each space. */
	put_pages(nr + 1);
	nr = pool.nr;
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &pool), 0);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 3, NO_PASID, &space, &pool), 0);
	KUNIT_EXPECT_EQ(test, be->detach(&unit, 3, NO_PASID, &space, &pool), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pool), 0);
	KEEPS(test, "unbind: what the space took is back in the pool", pool.nr == nr);
}

static void refuses(struct kunit *test)
{
	struct hyp_iommu_space space = { .tag = 7, .stage = HYP_IOMMU_STAGE_2 };

	put_pages(unit.attach_pages + 1);
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &pool), 0);
	KEEPS(test, "attach: without PASIDs it returns -EOPNOTSUPP",
	      be->attach(&unit, 3, 0, &space, &pool) == -EOPNOTSUPP);
	KEEPS(test, "attach: an endpoint out of range is -EINVAL",
	      be->attach(&unit, 1U << unit.endpoint_bits, NO_PASID, &space, &pool) == -EINVAL &&
	      be->attach(&unit, ~0U, NO_PASID, &space, &pool) == -EINVAL);
	KEEPS(test, "attach: after an error the pool is as it was",
	      pool.nr == unit.attach_pages + 1U);
	KEEPS(test, "attach: after an error the endpoint is blocked", !hyp_null_tag_of(&unit, 3));
	KEEPS(test, "detach: what cannot be attached is -EIO",
	      be->detach(&unit, ~0U, NO_PASID, &space, &pool) == -EIO);
}

static void invalidates(struct kunit *test)
{
	struct hyp_iommu_space space = { .tag = 7, .stage = HYP_IOMMU_STAGE_2 };
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	u64 ticket = 99, later = 0;

	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &gather, &ticket), 0);
	KEEPS(test, "invalidate: where there is nothing to do the ticket is good at once",
	      !be->wait(&unit, ticket));
	KEEPS(test, "invalidate: where there is nothing to do it sends nothing", !unit.commands);

	gather.start = 0;
	gather.last = 0xfff;
	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &gather, &ticket), 0);
	KEEPS(test, "invalidate: it sends commands for the range", unit.commands);
	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &gather, &later), 0);
	KEEPS(test, "invalidate: each has a ticket of its own", ticket < later);
	KEEPS(test, "wait: what was sent is done", !be->wait(&unit, later));
	KEEPS(test, "wait: what was done stays done", !be->wait(&unit, ticket));
	KUNIT_EXPECT_EQ(test, unit.commands, 2);
	KEEPS(test, "wait: what the unit has not done is -EIO",
	      be->wait(&unit, later + 1) == -EIO);
}

static void stops(struct kunit *test)
{
	struct hyp_iommu_space space = { .tag = 7, .stage = HYP_IOMMU_STAGE_2 };
	u32 sid;

	KUNIT_EXPECT_EQ(test, be->attach(&unit, 3, NO_PASID, &space, &pool), 0);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 200, NO_PASID, &space, &pool), 0);
	be->stop(&unit);
	for (sid = 0; sid < 1U << unit.endpoint_bits; sid++)
		KEEPS(test, "stop: every endpoint is blocked", !hyp_null_tag_of(&unit, sid));
}

/* A unit that nobody's devices keep busy has no faults; reading them comes to an end. */
static void faults_come_to_an_end(struct kunit *test)
{
	struct hyp_iommu_fault fault;
	u32 nr;

	for (nr = 0; nr < 1000 && !be->fault(&unit, &fault); nr++)
		;
	KEEPS(test, "fault: without a record it returns -ENOENT",
	      be->fault(&unit, &fault) == -ENOENT);
	be->stop(&unit);
	KEEPS(test, "fault: also after stop", be->fault(&unit, &fault) == -ENOENT);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(describes_itself),
	KUNIT_CASE(blocks_what_is_not_attached),
	KUNIT_CASE(is_complete_when_it_returns),
	KUNIT_CASE(gives_its_pages_back),
	KUNIT_CASE(refuses),
	KUNIT_CASE(invalidates),
	KUNIT_CASE(stops),
	KUNIT_CASE(faults_come_to_an_end),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_null",
	.init = null_test_init,
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
