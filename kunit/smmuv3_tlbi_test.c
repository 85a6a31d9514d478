// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many commands the SMMUv3 backend sends for an unmap, and that they cover
 * what was removed.
 */
#include "kunit/smmuv3_kunit.h"

static const struct shape {
	const char *name;
	u64 ia, size;
	u32 with_ril, without;	/* commands, but for the CMD_SYNC */
} shapes[] = {
	{ "one page", 0x1000, PAGE, 1, 1 },
	{ "16 pages", 0x10000, 16 * PAGE, 1, 16 },
	{ "63 pages", 0x10000, 63 * PAGE, 1, 63 },
	{ "64 pages", 0x10000, 64 * PAGE, 1, 1 },
	{ "511 pages", 0x1000, 511 * PAGE, 1, 1 },
	{ "one block", BLOCK, BLOCK, 1, 1 },
	{ "33 blocks", 2 * BLOCK, 33 * BLOCK, 1, 33 },
	{ "1 GiB of blocks", BLOCK, 512 * BLOCK, 1, 1 },
	{ "the last page", (1ULL << 44) - PAGE, PAGE, 1, 1 },
	{ "the last 33 blocks", (1ULL << 44) - 33 * BLOCK, 33 * BLOCK, 1, 33 },
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, name);

static void commands_per_unmap(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct hyp_iommu_space space = { 0 };
	enum hyp_iommu_stage stage;
	u32 ril, syncs, bells;
	u64 before;

	for (stage = HYP_IOMMU_STAGE_1; stage <= HYP_IOMMU_STAGE_2; stage++) {
		for (ril = 0; ril < 2; ril++) {
			reset_machine(test, NULL);
			smmu.idr3 = ril << 10;
			KUNIT_ASSERT_EQ(test, start_unit(test), 0);
			fill(&pages, 2, PAGE);
			make_space(test, &space, 3, stage);
			KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
			KUNIT_ASSERT_EQ(test, attach(1, &space), 0);
			map(test, &space, shape->ia, shape->ia, shape->size, RW);
			expect_ok(test, 1, shape->ia, true, shape->ia);
			expect_ok(test, 1, shape->ia + shape->size - 1, true,
				  shape->ia + shape->size - 1);

			before = unit.commands;
			syncs = smmu.ops[SMMU_OP_SYNC];
			bells = smmu.doorbells;
			unmap(test, &space, shape->ia, shape->size);
			KUNIT_EXPECT_EQ(test, unit.commands - before,
					ril ? shape->with_ril : shape->without);
			KUNIT_EXPECT_EQ(test, smmu.ops[SMMU_OP_SYNC] - syncs, 1);
			KUNIT_EXPECT_EQ(test, smmu.doorbells - bells, 1);
			expect_fault(test, 1, shape->ia, true, HYP_IOMMU_FAULT_NOT_MAPPED);
			expect_fault(test, 1, shape->ia + shape->size - 1, true,
				     HYP_IOMMU_FAULT_NOT_MAPPED);
		}
	}
}

/* What the fields of a range command mean, and the rules of 4.4.1.1. */
static void check_plan(struct kunit *test, const struct hyp_smmuv3_caps *caps,
		       const struct hyp_iommu_space *space, const struct hyp_pgt_gather *gather)
{
	struct hyp_smmuv3_tlbi plan = hyp_smmuv3_tlbi_plan(caps, space, gather);
	u64 w0 = plan.cmd.w[0], w1 = plan.cmd.w[1], size, start = w1 >> 12 << 12;
	u64 num = w0 >> 12 & 0x1f, scale = w0 >> 20 & 0x3f, ttl = w1 >> 8 & 3, tg = w1 >> 10 & 3;
	u32 level = 0;

	KUNIT_ASSERT_EQ(test, plan.nr, 1);
	if ((w0 & 0xff) == SMMU_OP_S12_VMALL)
		return;
	size = (num + 1) << (scale + 10 + 2 * tg);
	KUNIT_EXPECT_LE(test, start, gather->start);
	KUNIT_EXPECT_GE(test, start + (size - 1), gather->last);
	KUNIT_EXPECT_LE(test, start + size, 1ULL << space->pgt.cfg.ia_bits);
	KUNIT_EXPECT_TRUE(test, num || scale || ttl);
	KUNIT_EXPECT_TRUE(test, !ttl || w1 & 1);
	/* 4.4.1: of one level only, and level 1 is reserved but for 4K. */
	if (!gather->table_levels && !(gather->leaf_levels & (gather->leaf_levels - 1)))
		level = 4 - fls64(gather->leaf_levels);
	if (level == 1 && caps->granule_lg2 != 12)
		level = 0;
	KUNIT_EXPECT_EQ(test, ttl, level);
	KUNIT_EXPECT_EQ(test, w1 & 1, !gather->table_levels);
	if (gather->last - gather->start >= 32 << caps->granule_lg2)
		KUNIT_EXPECT_LE(test, size, (gather->last - gather->start + 1) / 16 * 17);
	/* With a level, the range is made of whole leaves. */
	if (ttl) {
		u32 lg2 = caps->granule_lg2 + (3 - ttl) * (caps->granule_lg2 - 3);

		KUNIT_EXPECT_EQ(test, (start | size) & ((1ULL << lg2) - 1), 0);
	}
}

static void plan_random(struct kunit *test)
{
	struct hyp_smmuv3_caps caps = { .range_inval = true };
	struct hyp_iommu_space space = { .tag = 5, .stage = HYP_IOMMU_STAGE_2 };
	u64 rnd = 88172645463325252ULL;
	u32 i;

	for (i = 0; i < 100000; i++) {
		struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
		u32 level, lg2;
		u64 first, nr, space_nr;

		rnd ^= rnd << 13;
		rnd ^= rnd >> 7;
		rnd ^= rnd << 17;
		caps.granule_lg2 = 12 + 2 * (rnd % 3);
		level = (rnd >> 8) % 3;
		space.pgt.cfg.ia_bits = 36 + (rnd >> 12) % 13;
		lg2 = caps.granule_lg2 + level * (caps.granule_lg2 - 3);
		if (lg2 >= space.pgt.cfg.ia_bits) {
			level = 0;
			lg2 = caps.granule_lg2;
		}
		space_nr = 1ULL << (space.pgt.cfg.ia_bits - lg2);
		nr = 1 + (rnd >> 24) % (1ULL << (rnd >> 16) % (space.pgt.cfg.ia_bits - lg2 + 1));
		first = rnd & 1 << 5 ? space_nr - nr : (rnd >> 20) % (space_nr - nr + 1);
		gather.start = first << lg2;
		gather.last = gather.start + (nr << lg2) - 1;
		gather.leaf_levels = 1 << level;
		/* Now and then of several levels, of which this is the highest. */
		if (!(rnd & 0x700))
			gather.leaf_levels |= 1;
		if (!(rnd & 0x60))
			gather.table_levels = 2;
		check_plan(test, &caps, &space, &gather);
	}
}

static void plans_without_a_range(struct kunit *test)
{
	struct hyp_smmuv3_caps caps = { .granule_lg2 = 12, .range_inval = true };
	struct hyp_iommu_space space = { .tag = 5, .stage = HYP_IOMMU_STAGE_2 };
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	struct hyp_smmuv3_tlbi plan;

	space.pgt.cfg.ia_bits = 40;
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_tlbi_plan(&caps, &space, &gather).nr, 0);

	/* Something, and nobody knows what it was made of. */
	gather.start = PAGE;
	gather.last = 2 * PAGE - 1;
	plan = hyp_smmuv3_tlbi_plan(&caps, &space, &gather);
	KUNIT_EXPECT_EQ(test, plan.nr, 1);
	KUNIT_EXPECT_EQ(test, plan.cmd.w[0] & 0xff, SMMU_OP_S12_VMALL);

	/* Where one granule is all there is, two would be too many. */
	space.pgt.cfg.ia_bits = 12;
	gather.start = 0;
	gather.last = PAGE - 1;
	gather.table_levels = 1;
	plan = hyp_smmuv3_tlbi_plan(&caps, &space, &gather);
	KUNIT_EXPECT_EQ(test, plan.nr, 1);
	KUNIT_EXPECT_EQ(test, plan.cmd.w[0] & 0xff, SMMU_OP_S12_VMALL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(plans_without_a_range),
	KUNIT_CASE_PARAM(commands_per_unmap, shape_gen_params),
	KUNIT_CASE(plan_random),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_smmuv3_tlbi",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
