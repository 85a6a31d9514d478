// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VT-d backend as the core uses it, from attach to detach, on every kind
 * of unit; and what the device model would show if a step were missing.
 */
#include "kunit/vtd_kunit.h"

static const struct kind {
	const char *name;
	enum hyp_iommu_stage stage;
	u64 cap_clear, cap_set, ecap_clear, ecap_set;
	bool noncoherent;
} kinds[] = {
	{ .name = "legacy", .stage = HYP_IOMMU_STAGE_2 },
	{ .name = "legacy, non-coherent", .stage = HYP_IOMMU_STAGE_2,
	  .ecap_clear = VTD_MODEL_C, .noncoherent = true },
	{ .name = "legacy, caching mode", .stage = HYP_IOMMU_STAGE_2, .cap_set = VTD_MODEL_CM },
	{ .name = "legacy, caching mode, non-coherent", .stage = HYP_IOMMU_STAGE_2,
	  .cap_set = VTD_MODEL_CM, .ecap_clear = VTD_MODEL_C, .noncoherent = true },
	{ .name = "legacy, write buffer", .stage = HYP_IOMMU_STAGE_2, .cap_set = VTD_MODEL_RWBF },
	{ .name = "legacy, 39 bits", .stage = HYP_IOMMU_STAGE_2,
	  .cap_clear = VTD_MODEL_SAGAW(0x1f) | VTD_MODEL_MGAW(64),
	  .cap_set = VTD_MODEL_SAGAW(2) | VTD_MODEL_MGAW(39) },
	{ .name = "legacy, 57 bits", .stage = HYP_IOMMU_STAGE_2,
	  .cap_clear = VTD_MODEL_SAGAW(0x1f) | VTD_MODEL_MGAW(64),
	  .cap_set = VTD_MODEL_SAGAW(8) | VTD_MODEL_MGAW(57) },
	{ .name = "legacy, no pages", .stage = HYP_IOMMU_STAGE_2, .cap_clear = VTD_MODEL_PSI },
	{ .name = "legacy, single pages", .stage = HYP_IOMMU_STAGE_2,
	  .cap_clear = VTD_MODEL_MAMV(0x3fULL) },
	{ .name = "legacy, only 4K, no drains", .stage = HYP_IOMMU_STAGE_2,
	  .cap_clear = 3ULL << 34 | 3ULL << 54 },
	{ .name = "legacy, snoop control", .stage = HYP_IOMMU_STAGE_2, .ecap_set = VTD_MODEL_SC },
	{ .name = "second stage", .stage = HYP_IOMMU_STAGE_2, .ecap_set = SM_SS },
	{ .name = "second stage, non-coherent", .stage = HYP_IOMMU_STAGE_2,
	  .ecap_clear = VTD_MODEL_C, .ecap_set = SM_SS & ~VTD_MODEL_SMPWC, .noncoherent = true },
	{ .name = "second stage, walks do not snoop", .stage = HYP_IOMMU_STAGE_2,
	  .ecap_set = SM_SS & ~VTD_MODEL_SMPWC, .noncoherent = true },
	{ .name = "second stage, tables do not snoop", .stage = HYP_IOMMU_STAGE_2,
	  .ecap_clear = VTD_MODEL_C, .ecap_set = SM_SS, .noncoherent = true },
	{ .name = "second stage, caching mode", .stage = HYP_IOMMU_STAGE_2,
	  .cap_set = VTD_MODEL_CM, .ecap_set = SM_SS },
	{ .name = "second stage, snoop control", .stage = HYP_IOMMU_STAGE_2,
	  .ecap_set = SM_SS | VTD_MODEL_SC },
	{ .name = "first stage", .stage = HYP_IOMMU_STAGE_1, .ecap_set = SM_FS },
	{ .name = "first stage, non-coherent", .stage = HYP_IOMMU_STAGE_1,
	  .ecap_clear = VTD_MODEL_C, .ecap_set = SM_FS & ~VTD_MODEL_SMPWC, .noncoherent = true },
	{ .name = "first stage, caching mode", .stage = HYP_IOMMU_STAGE_1,
	  .cap_set = VTD_MODEL_CM, .ecap_set = SM_FS },
	{ .name = "first stage, 5 levels, 1G, snoop control", .stage = HYP_IOMMU_STAGE_1,
	  .cap_clear = VTD_MODEL_MGAW(64),
	  .cap_set = VTD_MODEL_MGAW(57) | VTD_MODEL_FL5LP | VTD_MODEL_FL1GP,
	  .ecap_set = SM_FS | VTD_MODEL_SC },
	{ .name = "first of two stages", .stage = HYP_IOMMU_STAGE_1, .ecap_set = SM_FS | SM_SS },
	{ .name = "second of two stages", .stage = HYP_IOMMU_STAGE_2, .ecap_set = SM_FS | SM_SS,
	  .cap_set = VTD_MODEL_ESRTPS },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static const struct kind *setup_kind(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	const struct sim_cfg cfg = { .noncoherent = kind->noncoherent, .seed = 3 };

	reset_machine(test, &cfg);
	vtd.cap = (vtd.cap & ~kind->cap_clear) | kind->cap_set;
	vtd.ecap = (vtd.ecap & ~kind->ecap_clear) | kind->ecap_set;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	fill(&pages, 8);
	return kind;
}

/* What comes back is zero, but for the link. */
static void expect_clean_pool(struct kunit *test)
{
	u64 pa, off;

	for (pa = pages.head; pa; pa = sim_read64(pa))
		for (off = 8; off < PAGE; off += 8)
			KUNIT_ASSERT_EQ(test, sim_read64(pa + off), 0);
}

static void life(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	struct hyp_iommu_space one = { 0 }, two = { 0 };
	u64 far, pa = 8 * BLOCK, spare = pages.nr;
	const u32 a = 0x0008, b = 0x00fa, c = 0xff81;

	make_space(test, &one, 1, kind->stage);
	make_space(test, &two, 255, kind->stage);
	far = 1ULL << one.pgt.cfg.ia_bits;
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &one, &pages), 0);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &two, &pages), 0);
	map(test, &one, BLOCK, pa, 4 * PAGE, RW);
	map(test, &one, 2 * BLOCK, pa, BLOCK, HYP_IOMMU_READ | HYP_IOMMU_CACHE);
	map(test, &one, far - PAGE, pa, PAGE, RW);
	map(test, &two, BLOCK, pa + 16 * PAGE, PAGE, RW);

	KUNIT_ASSERT_EQ(test, attach(a, &one), 0);
	expect_blocked(test, b);
	expect_blocked(test, a + 1);
	KUNIT_ASSERT_EQ(test, attach(b, &one), 0);
	KUNIT_ASSERT_EQ(test, attach(c, &two), 0);
	expect_ok(test, a, BLOCK + 0x123, true, pa + 0x123);
	expect_ok(test, b, BLOCK + PAGE, false, pa + PAGE);
	expect_ok(test, a, 2 * BLOCK + PAGE + 8, false, pa + PAGE + 8);
	expect_ok(test, a, far - 1, true, pa + PAGE - 1);
	expect_ok(test, c, BLOCK, true, pa + 16 * PAGE);
	expect_not_mapped(test, c, &two, BLOCK + PAGE, false);
	expect_fault(test, a, 2 * BLOCK, true, HYP_IOMMU_FAULT_PERMISSION);
	expect_not_mapped(test, a, &one, 3 * BLOCK, false);
	expect_fault(test, a, far, true, HYP_IOMMU_FAULT_ADDRESS_SIZE);

	/* What is unmapped is gone, and nothing else is. */
	unmap(test, &one, BLOCK + PAGE, PAGE);
	expect_not_mapped(test, a, &one, BLOCK + PAGE, true);
	expect_not_mapped(test, b, &one, BLOCK + PAGE, false);
	expect_ok(test, a, BLOCK, true, pa);
	expect_ok(test, b, BLOCK + 2 * PAGE, true, pa + 2 * PAGE);
	unmap(test, &one, 2 * BLOCK, BLOCK);
	expect_not_mapped(test, a, &one, 2 * BLOCK, false);

	/* Also when a whole table goes, and comes back with other content. */
	unmap(test, &one, BLOCK, PAGE);
	unmap(test, &one, BLOCK + 2 * PAGE, 2 * PAGE);
	expect_not_mapped(test, a, &one, BLOCK, false);
	map(test, &one, BLOCK, pa + BLOCK, BLOCK, RW);
	expect_ok(test, a, BLOCK + 2 * PAGE, true, pa + BLOCK + 2 * PAGE);

	KUNIT_EXPECT_EQ(test, detach(a, &one), 0);
	expect_blocked(test, a);
	expect_ok(test, b, BLOCK, true, pa + BLOCK);
	KUNIT_EXPECT_EQ(test, attach(a, &two), 0);
	expect_ok(test, a, BLOCK, true, pa + 16 * PAGE);
	KUNIT_EXPECT_EQ(test, detach(a, &two), 0);
	KUNIT_EXPECT_EQ(test, detach(b, &one), 0);
	KUNIT_EXPECT_EQ(test, detach(c, &two), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &one, &pages), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &two, &pages), 0);
	KUNIT_EXPECT_EQ(test, vtd_model_cached(&vtd, 1), 0);
	KUNIT_EXPECT_EQ(test, vtd_model_cached(&vtd, 255), 0);
	expect_blocked(test, a);
	expect_blocked(test, b);
	expect_blocked(test, c);

	/* The tag may mean something else now. */
	make_space(test, &two, 1, kind->stage);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &two, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(a, &two), 0);
	expect_not_mapped(test, a, &two, BLOCK, false);
	KUNIT_EXPECT_EQ(test, detach(a, &two), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &two, &pages), 0);
	KUNIT_EXPECT_EQ(test, pages.nr, spare);
	expect_clean_pool(test);
	if (kind->noncoherent)
		KUNIT_EXPECT_EQ(test, sim_dirty(unit.mem_pa, PAGE), 0);
	if (vtd.cap & VTD_MODEL_RWBF)
		KUNIT_EXPECT_GE(test, vtd.wbfs, 20);
}

/* Many endpoints come and go; the tables in memory and the pool follow. */
static void churn(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	static bool on[1024];
	struct hyp_iommu_space space = { 0 };
	u32 rnd = 12345, i, spare;

	fill(&pages, 12);
	spare = pages.nr;
	make_space(test, &space, 7, kind->stage);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	memset(on, 0, sizeof(on));
	for (i = 0; i < 2000; i++) {
		u32 sid;

		rnd = rnd * 1664525 + 1013904223;
		sid = (rnd >> 12) % ARRAY_SIZE(on);
		KUNIT_ASSERT_EQ(test, on[sid] ? detach(sid, &space) : attach(sid, &space), 0);
		on[sid] = !on[sid];
		KUNIT_ASSERT_EQ(test, vtd_model_peek_present(&vtd, sid), on[sid]);
	}
	for (i = 0; i < ARRAY_SIZE(on); i++) {
		if (on[i])
			KUNIT_ASSERT_EQ(test, detach(i, &space), 0);
		if (i % 13 == 0)
			expect_blocked(test, i);
	}
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), 0);
	KUNIT_EXPECT_EQ(test, pages.nr, spare);
}

/* All the tags there are. */
static void many_spaces(struct kunit *test)
{
	static struct hyp_iommu_space space;
	u32 tag, spare;

	usual_unit(test, SM_SS);
	spare = pages.nr;
	for (tag = 1; tag < unit.max_tags; tag++) {
		make_space(test, &space, tag, HYP_IOMMU_STAGE_2);
		map(test, &space, 0x1000, 0x10000ULL * tag, PAGE, RW);
		KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
		KUNIT_ASSERT_EQ(test, attach(64, &space), 0);
		expect_ok(test, 64, 0x1000, true, 0x10000ULL * tag);
		KUNIT_ASSERT_EQ(test, detach(64, &space), 0);
		KUNIT_ASSERT_EQ(test, be->unbind(&unit, &space, &pages), 0);
		KUNIT_ASSERT_EQ(test, pages.nr, spare);
	}
	KUNIT_EXPECT_EQ(test, tag, 1024);
}

/* Tables that are unlinked, and used again for something else. */
static void tables_used_again(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	struct hyp_iommu_space space = { 0 };
	u64 first;

	make_space(test, &space, 3, kind->stage);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(1, &space), 0);

	/* Wholly covered by an unmap. */
	map(test, &space, BLOCK, PAGE, BLOCK, RW);
	expect_ok(test, 1, BLOCK + PAGE, true, 2 * PAGE);
	unmap(test, &space, BLOCK, BLOCK);
	first = tables.head;
	map(test, &space, 2 * BLOCK, PAGE, 2 * PAGE, RW);
	KUNIT_EXPECT_NE(test, tables.head, first);
	expect_ok(test, 1, 2 * BLOCK, true, PAGE);
	expect_not_mapped(test, 1, &space, BLOCK, true);
	expect_not_mapped(test, 1, &space, BLOCK + PAGE, true);

	/* Empty, and replaced by a big leaf. */
	unmap(test, &space, 2 * BLOCK, 2 * PAGE);
	map(test, &space, 2 * BLOCK, 4 * BLOCK, BLOCK, RW);
	map(test, &space, 8 * BLOCK, PAGE, 2 * PAGE, RW);
	expect_ok(test, 1, 2 * BLOCK + PAGE, true, 4 * BLOCK + PAGE);
	expect_ok(test, 1, 8 * BLOCK + PAGE, true, 2 * PAGE);
}

/* A context table, or a PASID table, that was given back and used for something else. */
static void device_tables_used_again(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	struct hyp_iommu_space space = { 0 };
	u64 *junk, pa, i;

	make_space(test, &space, 3, kind->stage);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(0x170, &space), 0);
	expect_not_mapped(test, 0x170, &space, 0x1000, true);
	expect_blocked(test, 0x171);
	KUNIT_EXPECT_EQ(test, detach(0x170, &space), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), 0);
	for (pa = pages.head; pa; pa = sim_read64(pa)) {
		junk = hyp_pf_va(pa);
		for (i = 1; i < PAGE / 8; i++)
			junk[i] = i % 8 ? 0 : 1 | 2 << 2 | 4 << 6;	/* pass-through */
		hyp_pf_clean(junk, PAGE);
		hyp_pf_wmb();
	}
	expect_blocked(test, 0x170);
	expect_blocked(test, 0x171);
	expect_blocked(test, 0x174);
}

/* An endpoint that goes on while it is detached leaves nothing behind. */
static void detach_in_a_race(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	struct hyp_iommu_space space = { 0 };

	make_space(test, &space, 3, kind->stage);
	map(test, &space, 0x1000, 0x5000, PAGE, RW);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(9, &space), 0);
	expect_ok(test, 9, 0x1000, true, 0x5000);
	vtd.racer.on = true;
	vtd.racer.sid = 9;
	vtd.racer.ia = 0x1000;
	KUNIT_ASSERT_EQ(test, detach(9, &space), 0);
	KUNIT_EXPECT_EQ(test, vtd_model_cached(&vtd, 3), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), 0);
	KUNIT_EXPECT_EQ(test, vtd_model_cached(&vtd, 3), 0);
	vtd.racer.on = false;
	expect_blocked(test, 9);
}

/* ---- the model notices what is missing ---- */

static void negative_controls(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	struct hyp_iommu_space space = { 0 };
	struct hyp_pgt_gather gather;

	make_space(test, &space, 9, kind->stage);
	map(test, &space, 0x1000, 0x5000, PAGE, RW);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(1, &space), 0);
	expect_ok(test, 1, 0x1000, true, 0x5000);

	/* No invalidation: still there. */
	gather = unmap_only(test, &space, 0x1000, PAGE);
	expect_ok(test, 1, 0x1000, true, 0x5000);
	invalidate(test, &space, &gather);
	expect_not_mapped(test, 1, &space, 0x1000, true);

	map(test, &space, 0x1000, 0x5000, PAGE, RW);
	expect_ok(test, 1, 0x1000, true, 0x5000);
	vtd.quirks.ignore_iotlb = true;
	unmap(test, &space, 0x1000, PAGE);
	expect_ok(test, 1, 0x1000, true, 0x5000);
	KUNIT_EXPECT_NE(test, vtd_model_cached(&vtd, 9), 0);
	vtd.quirks.ignore_iotlb = false;

	/* An entry that is gone and still used. */
	vtd.quirks.ignore_cc = true;
	vtd.quirks.ignore_pc = true;
	KUNIT_EXPECT_EQ(test, detach(1, &space), 0);
	expect_not_mapped(test, 1, &space, 0x1000, true);
	vtd.quirks.ignore_cc = false;
	vtd.quirks.ignore_pc = false;
}

/* Endpoint 0 is one like others, and nothing that was cached outlives a stop. */
static void the_first_endpoint_until_stop(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	struct hyp_iommu_space one = { 0 }, two = { 0 };

	make_space(test, &one, 1, kind->stage);
	make_space(test, &two, 2, kind->stage);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &one, &pages), 0);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &two, &pages), 0);
	map(test, &one, BLOCK, BLOCK, PAGE, RW);
	map(test, &two, BLOCK, 2 * BLOCK, PAGE, RW);
	KUNIT_ASSERT_EQ(test, attach(0, &one), 0);
	expect_ok(test, 0, BLOCK, true, BLOCK);
	KUNIT_ASSERT_EQ(test, detach(0, &one), 0);
	expect_blocked(test, 0);
	KUNIT_ASSERT_EQ(test, attach(0, &two), 0);
	expect_ok(test, 0, BLOCK, true, 2 * BLOCK);
	be->stop(&unit);
	KUNIT_EXPECT_FALSE(test, vtd_model_access(&vtd, 0, BLOCK, true).ok);
}

/* A store that stays in the CPU's cache is one that the unit does not see. */
static void negative_clean(struct kunit *test)
{
	const struct sim_cfg cfg = { .noncoherent = true };
	struct hyp_iommu_space space = { 0 };

	reset_machine(test, &cfg);
	vtd.ecap &= ~VTD_MODEL_C;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	fill(&pages, 4);
	make_space(test, &space, 9, HYP_IOMMU_STAGE_2);
	KUNIT_ASSERT_EQ(test, attach(1, &space), 0);
	space.pgt.cfg.features &= ~(u32)HYP_PGT_NONCOHERENT;
	map(test, &space, 0x1000, 0x5000, PAGE, RW);
	expect_not_mapped(test, 1, &space, 0x1000, true);
	((struct hyp_vtd *)unit.priv)->caps.tables_coherent = true;
	KUNIT_ASSERT_EQ(test, attach(2, &space), 0);
	expect_blocked(test, 2);
}

/* Dropping PASID table entries: what the context entry's leaves behind. */
static void negative_pasid(struct kunit *test)
{
	struct hyp_iommu_space one = { 0 }, two = { 0 };

	usual_unit(test, SM_SS);
	make_space(test, &one, 1, HYP_IOMMU_STAGE_2);
	make_space(test, &two, 2, HYP_IOMMU_STAGE_2);
	map(test, &one, 0x1000, 0x5000, PAGE, RW);
	map(test, &two, 0x1000, 0x6000, PAGE, RW);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &one, &pages), 0);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &two, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(1, &one), 0);
	expect_ok(test, 1, 0x1000, true, 0x5000);
	vtd.quirks.ignore_pc = true;
	KUNIT_EXPECT_EQ(test, detach(1, &one), 0);
	KUNIT_ASSERT_EQ(test, attach(1, &two), 0);
	expect_ok(test, 1, 0x1000, true, 0x5000);
}

/* Caching mode: what was absent is found absent until it is told. */
static void negative_caching_mode(struct kunit *test)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	struct hyp_iommu_space space = { 0 };
	u64 done;

	reset_machine(test, NULL);
	vtd.cap |= VTD_MODEL_CM;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	fill(&pages, 4);
	expect_blocked(test, 1);
	make_space(test, &space, 9, HYP_IOMMU_STAGE_2);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(1, &space), 0);
	expect_not_mapped(test, 1, &space, 0x1000, true);
	KUNIT_ASSERT_EQ(test, hyp_pgt_map(&space.pgt, 0x1000, 0x5000, PAGE, RW, &tables,
					  &gather, &done), 0);
	expect_not_mapped(test, 1, &space, 0x1000, true);
	map(test, &space, 0x2000, 0x6000, PAGE, RW);
	expect_ok(test, 1, 0x2000, true, 0x6000);
}

static void refused_attachments(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	struct hyp_pgt_pool empty = { 0 }, one = { 0 };
	const u64 none = HYP_IOMMU_NO_PASID;

	usual_unit(test, SM_SS);
	make_space(test, &space, 2, HYP_IOMMU_STAGE_2);
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &empty), -ENOMEM);
	fill(&one, 1);
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &one), -ENOMEM);
	KUNIT_EXPECT_EQ(test, one.nr, 1);
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 1, 0, &space, &pages), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 65536, none, &space, &pages), -EINVAL);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, ~0U, none, &space, &pages), -EINVAL);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 1, none, &space, &empty), -ENOMEM);
	KUNIT_EXPECT_EQ(test, be->detach(&unit, 1, none, &space, &pages), -EIO);
	KUNIT_EXPECT_EQ(test, be->detach(&unit, 65536, none, &space, &pages), -EIO);
	expect_blocked(test, 1);
	KUNIT_EXPECT_FALSE(test, vtd_model_peek_present(&vtd, 1));
}

/*
 * 6.5.3.3: caches are dropped from the outside in, and what is derived from
 * one of them not before that is dropped: between two commands there is a wait
 * that holds back what follows (FN).
 */
static void fences_between_the_caches(struct kunit *test)
{
	static const struct {
		u64 ecap;
		u8 type[3];	/* context cache, PASID cache, IOTLB */
	} all[] = {
		{ 0, { 1, 2 } }, { SM_SS, { 1, 7, 2 } }, { SM_FS, { 1, 7, 6 } },
	};
	struct hyp_iommu_space space;
	u32 i, nr;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		u64 at, size, desc;

		usual_unit(test, all[i].ecap);
		make_space(test, &space, 2, unit.prefer);
		KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
		/* 00:00.0 is an endpoint like others. */
		KUNIT_ASSERT_EQ(test, attach(0, &space), 0);
		size = vtd.iqa & 1 << 11 ? 32 : 16;
		at = vtd.iqt;
		KUNIT_ASSERT_EQ(test, be->detach(&unit, 0, HYP_IOMMU_NO_PASID, &space, &pages), 0);
		for (nr = 0; nr < 3 && all[i].type[nr]; nr++) {
			desc = sim_read64((vtd.iqa & ~0xfffULL) + at);
			KUNIT_EXPECT_EQ_MSG(test, desc & 0xf, all[i].type[nr], "kind %u", i);
			desc = sim_read64((vtd.iqa & ~0xfffULL) + at + size);
			KUNIT_EXPECT_EQ_MSG(test, desc & 0xf, 5, "kind %u: no wait", i);
			if (nr < 2 && all[i].type[nr + 1])
				KUNIT_EXPECT_TRUE_MSG(test, desc & 1 << 6, "kind %u: no fence", i);
			at += 2 * size;
		}
	}
}

/* What the core never asks for: an error, and nothing is open that was not. */
static void calls_out_of_turn(struct kunit *test)
{
	struct hyp_pgt_gather nothing = HYP_PGT_GATHER(NULL, 0, 0);
	struct hyp_iommu_space unbound;
	u64 ticket = 1;
	u32 tail;

	usual_unit(test, SM_SS);
	make_space(test, &unbound, 9, unit.prefer);
	KUNIT_EXPECT_EQ(test, attach(1, &unbound), -EIO);
	expect_blocked(test, 1);

	tail = vtd.iqt;
	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &unbound, &nothing, &ticket), 0);
	KUNIT_EXPECT_EQ(test, ticket, 0);
	KUNIT_EXPECT_EQ(test, vtd.iqt, tail);
}

/* What the unit says it takes is enough, and no more than it takes. */
static void pages_to_attach(struct kunit *test)
{
	static const u64 ecaps[] = { 0, SM_SS, SM_FS };
	struct hyp_iommu_space space;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ecaps); i++) {
		usual_unit(test, ecaps[i]);
		make_space(test, &space, 2, unit.prefer);
		memset(&pages, 0, sizeof(pages));
		fill(&pages, unit.attach_pages);
		KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &pages), 0);
		KUNIT_EXPECT_EQ(test, attach(1, &space), 0);
		KUNIT_EXPECT_EQ(test, pages.nr, 0);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(life, kind_gen_params),
	KUNIT_CASE_PARAM(the_first_endpoint_until_stop, kind_gen_params),
	KUNIT_CASE_PARAM(churn, kind_gen_params),
	KUNIT_CASE(many_spaces),
	KUNIT_CASE_PARAM(tables_used_again, kind_gen_params),
	KUNIT_CASE_PARAM(device_tables_used_again, kind_gen_params),
	KUNIT_CASE_PARAM(detach_in_a_race, kind_gen_params),
	KUNIT_CASE_PARAM(negative_controls, kind_gen_params),
	KUNIT_CASE(negative_clean),
	KUNIT_CASE(negative_pasid),
	KUNIT_CASE(negative_caching_mode),
	KUNIT_CASE(refused_attachments),
	KUNIT_CASE(calls_out_of_turn),
	KUNIT_CASE(fences_between_the_caches),
	KUNIT_CASE(pages_to_attach),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_vtd_backend",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
