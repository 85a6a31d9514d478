// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which descriptors VT-d's caches take for a range: as few as are enough, and none too few.
 */
#include "kunit/vtd_kunit.h"

/* ---- which descriptors ---- */

static struct hyp_pgt_gather range(u64 first, u64 last)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);

	gather.start = first * PAGE;
	gather.last = last * PAGE + PAGE - 1;
	gather.leaf_levels = 1;
	return gather;
}

static bool covers(const struct hyp_vtd_desc *d, u64 page)
{
	u64 start = d->w[1] / PAGE, nr = 1ULL << (d->w[1] & 0x3f);

	return page >= start && page < start + nr;
}

static void check_plan(struct kunit *test, const struct hyp_vtd_caps *caps, u64 first, u64 last)
{
	struct hyp_iommu_space space = { .tag = 5, .stage = HYP_IOMMU_STAGE_2 };
	struct hyp_pgt_gather gather = range(first, last);
	struct hyp_vtd_inval inval = hyp_vtd_inval_plan(caps, &space, &gather);
	u64 page, sum = 0, nr = last - first + 1;
	u32 i;

	KUNIT_ASSERT_TRUE(test, inval.nr == 1 || inval.nr == 2);
	if ((inval.desc[0].w[0] >> 4 & 3) == 2) {
		KUNIT_ASSERT_EQ(test, inval.nr, 1);
		KUNIT_ASSERT_EQ(test, inval.desc[0].w[1], 0);
		/* Two descriptors would not have been enough. */
		KUNIT_ASSERT_GT(test, nr, 1ULL << caps->am_max);
		return;
	}
	for (i = 0; i < inval.nr; i++) {
		const struct hyp_vtd_desc *d = &inval.desc[i];

		KUNIT_ASSERT_EQ(test, d->w[0] & 0xffffff3f, 5 << 16 | 0x32);
		KUNIT_ASSERT_TRUE(test, d->w[1] & 1 << 6);
		KUNIT_ASSERT_LE(test, d->w[1] & 0x3f, caps->am_max);
		KUNIT_ASSERT_EQ(test, d->w[1] >> 12 & ((1ULL << (d->w[1] & 0x3f)) - 1), 0);
		sum += 1ULL << (d->w[1] & 0x3f);
	}
	KUNIT_ASSERT_LT(test, sum, 2 * nr);
	for (page = first; page <= last; page++)
		KUNIT_ASSERT_TRUE(test, covers(&inval.desc[0], page) ||
				  (inval.nr == 2 && covers(&inval.desc[1], page)));
}

static void every_small_range(struct kunit *test)
{
	static const u8 am[] = { 0, 1, 3, 5, 18, 63 };
	struct hyp_vtd_caps caps = { .page_inval = true };
	u64 first, last;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(am); i++) {
		caps.am_max = am[i];
		for (first = 0; first < 70; first++)
			for (last = first; last < 140; last++)
				check_plan(test, &caps, first, last);
	}
	check_plan(test, &caps, (1ULL << 30) - 1, 1ULL << 30);
}

static void shapes(struct kunit *test)
{
	struct hyp_iommu_space ss = { .tag = 5, .stage = HYP_IOMMU_STAGE_2 };
	struct hyp_iommu_space fs = { .tag = 6, .stage = HYP_IOMMU_STAGE_1 };
	struct hyp_vtd_caps caps = { .page_inval = true, .am_max = 18, .drain = 0xc0 };
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	struct hyp_vtd_inval inval;

	KUNIT_EXPECT_EQ(test, hyp_vtd_inval_plan(&caps, &ss, &gather).nr, 0);

	/* A page; 2M; 1G; the first and the last byte of all. */
	gather = range(0x12345, 0x12345);
	inval = hyp_vtd_inval_plan(&caps, &ss, &gather);
	KUNIT_EXPECT_EQ(test, inval.nr, 1);
	KUNIT_EXPECT_EQ(test, inval.desc[0].w[0], 0x500f2);
	KUNIT_EXPECT_EQ(test, inval.desc[0].w[1], 0x12345040);
	inval = hyp_vtd_inval_plan(&caps, &fs, &gather);
	KUNIT_EXPECT_EQ(test, inval.desc[0].w[0], 0x60036);
	KUNIT_EXPECT_EQ(test, inval.desc[0].w[1], 0x12345040);
	gather = range(0x200, 0x3ff);
	inval = hyp_vtd_inval_plan(&caps, &ss, &gather);
	KUNIT_EXPECT_EQ(test, inval.nr, 1);
	KUNIT_EXPECT_EQ(test, inval.desc[0].w[1], 0x200049);
	gather = range(0x40000, 0x7ffff);
	KUNIT_EXPECT_EQ(test, hyp_vtd_inval_plan(&caps, &ss, &gather).desc[0].w[1], 0x40000052);
	gather = range(0, (1ULL << 45) - 1);
	inval = hyp_vtd_inval_plan(&caps, &ss, &gather);
	KUNIT_EXPECT_EQ(test, inval.nr, 1);
	KUNIT_EXPECT_EQ(test, inval.desc[0].w[0], 0x500e2);
	inval = hyp_vtd_inval_plan(&caps, &fs, &gather);
	KUNIT_EXPECT_EQ(test, inval.desc[0].w[0], 0x60026);

	/* Over a border of 1G: two. */
	gather = range(0x3ffff, 0x40000);
	inval = hyp_vtd_inval_plan(&caps, &ss, &gather);
	KUNIT_EXPECT_EQ(test, inval.nr, 2);
	KUNIT_EXPECT_EQ(test, inval.desc[0].w[1], 0x3ffff040);
	KUNIT_EXPECT_EQ(test, inval.desc[1].w[1], 0x40000040);

	/* A table went; nothing is known; nothing is possible. */
	gather.table_levels = 2;
	KUNIT_EXPECT_EQ(test, hyp_vtd_inval_plan(&caps, &ss, &gather).desc[1].w[1], 0x40000000);
	gather.table_levels = 0;
	gather.leaf_levels = 0;
	KUNIT_EXPECT_EQ(test, hyp_vtd_inval_plan(&caps, &ss, &gather).desc[0].w[0], 0x500e2);
	gather.leaf_levels = 1;
	caps.page_inval = false;
	KUNIT_EXPECT_EQ(test, hyp_vtd_inval_plan(&caps, &ss, &gather).desc[0].w[0], 0x500e2);
}

/* What the core's calls cost: descriptors without waits. */
static void descriptors_per_unmap(struct kunit *test)
{
	static const struct {
		u64 ia, size;
		u32 descs;
	} all[] = {
		{ 0x1000, PAGE, 1 }, { 0x1000, 16 * PAGE, 2 }, { BLOCK, BLOCK, 1 },
		{ BLOCK, 16 * BLOCK, 2 }, { 0x3ffff000, 2 * PAGE, 2 },
		{ 1ULL << 30, 1ULL << 30, 1 }, { 0, 4ULL << 30, 1 },
	};
	struct hyp_iommu_space space = { 0 };
	u64 before, waits;
	u32 i, bells;

	usual_unit(test, 0);
	make_space(test, &space, 3, HYP_IOMMU_STAGE_2);
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		map(test, &space, all[i].ia, 1ULL << 30, all[i].size, RW);
		before = unit.commands;
		waits = unit.waits;
		bells = vtd.doorbells;
		unmap(test, &space, all[i].ia, all[i].size);
		KUNIT_EXPECT_EQ_MSG(test, unit.commands - before, all[i].descs, "%u", i);
		KUNIT_EXPECT_EQ(test, unit.waits - waits, 1);
		KUNIT_EXPECT_EQ(test, vtd.doorbells - bells, 1);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_small_range),
	KUNIT_CASE(shapes),
	KUNIT_CASE(descriptors_per_unmap),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_vtd_inval",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
