// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SMMUv3 backend as the core uses it, from attach to detach, on every kind
 * of unit; and what the device model would show if a step were missing.
 */
#include "kunit/smmuv3_kunit.h"

static const struct kind {
	const char *name;
	enum hyp_iommu_stage stage;
	u32 idr0_clear, idr0_set, idr5, sid_bits;
	bool noncoherent, no_ril;
} kinds[] = {
	{ .name = "stage 2, two levels", .stage = HYP_IOMMU_STAGE_2 },
	{ .name = "stage 1, two levels", .stage = HYP_IOMMU_STAGE_1 },
	{ .name = "stage 2, linear", .stage = HYP_IOMMU_STAGE_2, .idr0_clear = 3U << 27 },
	{ .name = "stage 1, linear", .stage = HYP_IOMMU_STAGE_1, .idr0_clear = 3U << 27 },
	{ .name = "stage 2, non-coherent", .stage = HYP_IOMMU_STAGE_2, .noncoherent = true },
	{ .name = "stage 1, non-coherent", .stage = HYP_IOMMU_STAGE_1, .noncoherent = true },
	{ .name = "stage 1, linear, non-coherent", .stage = HYP_IOMMU_STAGE_1,
	  .idr0_clear = 3U << 27, .noncoherent = true },
	{ .name = "stage 2, MSIs", .stage = HYP_IOMMU_STAGE_2, .idr0_set = 1U << 13 },
	{ .name = "stage 1, MSIs, non-coherent", .stage = HYP_IOMMU_STAGE_1,
	  .idr0_set = 1U << 13, .noncoherent = true },
	{ .name = "stage 2 only, no ranges", .stage = HYP_IOMMU_STAGE_2,
	  .idr0_clear = 2, .no_ril = true },
	{ .name = "stage 1 only, no ranges", .stage = HYP_IOMMU_STAGE_1,
	  .idr0_clear = 1, .no_ril = true },
	{ .name = "8-bit VMIDs and ASIDs", .stage = HYP_IOMMU_STAGE_2,
	  .idr0_clear = 1U << 18 | 1U << 12 },
	{ .name = "stage 2, 16K", .stage = HYP_IOMMU_STAGE_2, .idr5 = 2 << 4 | 4 },
	{ .name = "stage 1, 16K", .stage = HYP_IOMMU_STAGE_1, .idr5 = 2 << 4 | 4 },
	{ .name = "stage 2, 64K", .stage = HYP_IOMMU_STAGE_2, .idr5 = 4 << 4 | 5 },
	{ .name = "stage 1, 64K, no ranges", .stage = HYP_IOMMU_STAGE_1,
	  .idr5 = 4 << 4 | 5, .no_ril = true },
	{ .name = "stage 2, 36 bits", .stage = HYP_IOMMU_STAGE_2, .idr5 = 7 << 4 | 1 },
	{ .name = "stage 2, 40 bits", .stage = HYP_IOMMU_STAGE_2, .idr5 = 7 << 4 | 2 },
	{ .name = "4-bit StreamIDs", .stage = HYP_IOMMU_STAGE_1, .sid_bits = 4 },
	{ .name = "6-bit StreamIDs", .stage = HYP_IOMMU_STAGE_2, .sid_bits = 6 },
	{ .name = "7-bit StreamIDs", .stage = HYP_IOMMU_STAGE_1, .sid_bits = 7 },
	{ .name = "32-bit StreamIDs", .stage = HYP_IOMMU_STAGE_2, .sid_bits = 32 },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static const struct kind *setup_kind(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	const struct sim_cfg cfg = { .noncoherent = kind->noncoherent, .seed = 3 };

	reset_machine(test, &cfg);
	smmu.idr0 = (smmu.idr0 & ~kind->idr0_clear) | kind->idr0_set;
	if (kind->noncoherent)
		smmu.idr0 &= ~(1U << 4);
	if (kind->no_ril)
		smmu.idr3 = 0;
	if (kind->idr5)
		smmu.idr5 = kind->idr5;
	if (kind->sid_bits)
		smmu.idr1 = (smmu.idr1 & ~0x3fU) | kind->sid_bits;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	fill(&pages, 4, PAGE);
	return kind;
}

static void life(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	struct hyp_iommu_space one = { 0 }, two = { 0 };
	u64 page, block, pa, tlbis, spare = pages.nr;
	bool small = kind->sid_bits && kind->sid_bits < 7;
	u32 a = 5, b = small ? 6 : 40, c = small ? 15 : 100;
	bool s2 = kind->stage == HYP_IOMMU_STAGE_2;
	u32 wide = s2 ? HYP_IOMMU_FAULT_ADDRESS_SIZE : HYP_IOMMU_FAULT_NOT_MAPPED;

	make_space(test, &one, 1, kind->stage);
	make_space(test, &two, 255, kind->stage);
	page = 1ULL << __ffs64(one.pgt.cfg.sizes);
	block = page << (__ffs64(page) - 3);
	pa = 8 * block;

	KUNIT_ASSERT_EQ(test, be->bind(&unit, &one, &pages), 0);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &two, &pages), 0);
	map(test, &one, block, pa, 4 * page, RW);
	map(test, &one, 2 * block, pa, block, HYP_IOMMU_READ | HYP_IOMMU_CACHE);
	map(test, &two, block, pa + 16 * page, page, RW);

	KUNIT_ASSERT_EQ(test, attach(a, &one), 0);
	expect_blocked(test, b);
	KUNIT_ASSERT_EQ(test, attach(b, &one), 0);
	KUNIT_ASSERT_EQ(test, attach(c, &two), 0);
	expect_ok(test, a, block + 0x123, true, pa + 0x123);
	expect_ok(test, b, block + page, false, pa + page);
	expect_ok(test, a, 2 * block + page + 8, false, pa + page + 8);
	expect_ok(test, c, block, true, pa + 16 * page);
	expect_fault(test, c, block + page, false, HYP_IOMMU_FAULT_NOT_MAPPED);
	expect_fault(test, a, 2 * block, true, HYP_IOMMU_FAULT_PERMISSION);
	expect_fault(test, a, 3 * block, false, HYP_IOMMU_FAULT_NOT_MAPPED);
	/* 3.4: without a stage 1, what is wider than any IPA is its fault nevertheless. */
	expect_fault(test, a, 1ULL << one.pgt.cfg.ia_bits, true, wide);
	expect_fault(test, a, ~0ULL, true, wide);

	/* What is unmapped is gone, and nothing else is. */
	unmap(test, &one, block + page, page);
	expect_fault(test, a, block + page, true, HYP_IOMMU_FAULT_NOT_MAPPED);
	expect_fault(test, b, block + page, false, HYP_IOMMU_FAULT_NOT_MAPPED);
	expect_ok(test, a, block, true, pa);
	expect_ok(test, b, block + 2 * page, true, pa + 2 * page);
	unmap(test, &one, 2 * block, block);
	expect_fault(test, a, 2 * block, false, HYP_IOMMU_FAULT_NOT_MAPPED);

	/* Also when a whole table goes, and comes back with other content. */
	unmap(test, &one, block, page);
	unmap(test, &one, block + 2 * page, 2 * page);
	expect_fault(test, a, block, false, HYP_IOMMU_FAULT_NOT_MAPPED);
	map(test, &one, block, pa + block, block, RW);
	expect_ok(test, a, block + 2 * page, true, pa + block + 2 * page);

	tlbis = smmu.ops[SMMU_OP_S12_VMALL] + smmu.ops[SMMU_OP_NH_ASID];
	KUNIT_EXPECT_EQ(test, detach(a, &one), 0);
	/* That accesses under way are complete is what this one is for. */
	KUNIT_EXPECT_EQ(test, smmu.ops[SMMU_OP_S12_VMALL] + smmu.ops[SMMU_OP_NH_ASID], tlbis + 1);
	expect_blocked(test, a);
	expect_ok(test, b, block, true, pa + block);
	KUNIT_EXPECT_EQ(test, attach(a, &two), 0);
	expect_ok(test, a, block, true, pa + 16 * page);
	KUNIT_EXPECT_EQ(test, detach(a, &two), 0);
	KUNIT_EXPECT_EQ(test, detach(b, &one), 0);
	KUNIT_EXPECT_EQ(test, detach(c, &two), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &one, &pages), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &two, &pages), 0);
	expect_blocked(test, a);
	expect_blocked(test, b);
	expect_blocked(test, c);

	/* The tag may mean something else now. */
	make_space(test, &two, 1, kind->stage);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &two, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(a, &two), 0);
	expect_fault(test, a, block, false, HYP_IOMMU_FAULT_NOT_MAPPED);
	KUNIT_EXPECT_EQ(test, detach(a, &two), 0);
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &two, &pages), 0);
	KUNIT_EXPECT_EQ(test, pages.nr, spare);
	/* Nothing that the unit reads is left in a cache; our own data may be. */
	KUNIT_EXPECT_EQ(test, sim_dirty(unit.mem_pa, (u64)unit.priv - (u64)hyp_pf_va(unit.mem_pa)),
			0);
}

/* Many endpoints come and go; the tables in memory and the pool follow. */
static void churn(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	static bool on[512];
	struct hyp_iommu_space space = { 0 };
	u32 nr = kind->sid_bits && kind->sid_bits < 9 ? 1U << kind->sid_bits : 512;
	u32 rnd = 12345, i, spare;

	fill(&pages, 12, PAGE);
	spare = pages.nr;
	make_space(test, &space, 7, kind->stage);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	memset(on, 0, sizeof(on));
	for (i = 0; i < 2000; i++) {
		u32 sid;

		rnd = rnd * 1664525 + 1013904223;
		sid = (rnd >> 12) % nr;
		KUNIT_ASSERT_EQ(test, on[sid] ? detach(sid, &space) : attach(sid, &space), 0);
		on[sid] = !on[sid];
		KUNIT_ASSERT_EQ(test, smmu_model_peek_ste(&smmu, sid) + 1 > 1, on[sid]);
	}
	for (i = 0; i < nr; i++) {
		if (on[i])
			KUNIT_ASSERT_EQ(test, detach(i, &space), 0);
		expect_blocked(test, i);
	}
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), 0);
	KUNIT_EXPECT_EQ(test, pages.nr, spare);
}

/* All tags of a page of CDs, and of the next one. */
static void many_spaces(struct kunit *test)
{
	static struct hyp_iommu_space spaces[130];
	u32 i, spare;

	usual_unit(test);
	spare = pages.nr;
	for (i = 1; i < 130; i++) {
		make_space(test, &spaces[i], i, HYP_IOMMU_STAGE_1);
		map(test, &spaces[i], 0x1000, 0x10000ULL * i, PAGE, RW);
		KUNIT_ASSERT_EQ(test, be->bind(&unit, &spaces[i], &pages), 0);
		KUNIT_ASSERT_EQ(test, attach(64 + i % 64, &spaces[i]), 0);
		expect_ok(test, 64 + i % 64, 0x1000, true, 0x10000ULL * i);
		KUNIT_ASSERT_EQ(test, detach(64 + i % 64, &spaces[i]), 0);
		if (tables.nr < 10)
			fill(&tables, 20, PAGE);
	}
	for (i = 1; i < 130; i++)
		KUNIT_ASSERT_EQ(test, be->unbind(&unit, &spaces[i], &pages), 0);
	KUNIT_EXPECT_EQ(test, pages.nr, spare);
}

/* A table that is unlinked, and used again for something else. */
static void tables_again(struct kunit *test, u32 idr3, enum hyp_iommu_stage stage)
{
	struct hyp_iommu_space space = { 0 };
	u64 first;

	reset_machine(test, NULL);
	smmu.idr3 = idr3;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	fill(&pages, 2, PAGE);
	make_space(test, &space, 3, stage);
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
	expect_fault(test, 1, BLOCK, true, HYP_IOMMU_FAULT_NOT_MAPPED);
	expect_fault(test, 1, BLOCK + PAGE, true, HYP_IOMMU_FAULT_NOT_MAPPED);

	/* Empty, and replaced by a block, if the unit lets it be. */
	unmap(test, &space, 2 * BLOCK, 2 * PAGE);
	map(test, &space, 2 * BLOCK, 4 * BLOCK, BLOCK, RW);
	map(test, &space, 8 * BLOCK, PAGE, 2 * PAGE, RW);
	expect_ok(test, 1, 2 * BLOCK + PAGE, true, 4 * BLOCK + PAGE);
	expect_ok(test, 1, 8 * BLOCK + PAGE, true, 2 * PAGE);
}

static void tables_used_again(struct kunit *test)
{
	enum hyp_iommu_stage stage;
	u32 ril, bbm;

	for (stage = HYP_IOMMU_STAGE_1; stage <= HYP_IOMMU_STAGE_2; stage++)
		for (ril = 0; ril < 2; ril++)
			for (bbm = 0; bbm <= 2; bbm += 2)
				tables_again(test, ril << 10 | bbm << 11, stage);
}

/* A level 2 stream table that was given back, and used again for something else. */
static void stream_table_used_again(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	u64 *junk, i;

	usual_unit(test);
	make_space(test, &space, 3, HYP_IOMMU_STAGE_2);
	KUNIT_ASSERT_EQ(test, attach(70, &space), 0);
	expect_fault(test, 70, 0x1000, true, HYP_IOMMU_FAULT_NOT_MAPPED);
	expect_blocked(test, 71);
	KUNIT_EXPECT_EQ(test, detach(70, &space), 0);
	junk = hyp_pf_va(pages.head);
	for (i = 0; i < PAGE / 8; i += 8)
		junk[i] = 1 | 4 << 1;	/* bypass */
	expect_blocked(test, 70);
	expect_blocked(test, 71);
}

/* ---- the model notices what is missing ---- */

static void negative_controls(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	struct hyp_pgt_gather gather;

	usual_unit(test);
	make_space(test, &space, 9, HYP_IOMMU_STAGE_2);
	map(test, &space, 0x1000, 0x5000, PAGE, RW);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(1, &space), 0);
	expect_ok(test, 1, 0x1000, true, 0x5000);

	/* No invalidation: still there.  Begun, but not waited for: still there. */
	gather = unmap_only(test, &space, 0x1000, PAGE);
	expect_ok(test, 1, 0x1000, true, 0x5000);
	invalidate(test, &space, &gather);
	expect_fault(test, 1, 0x1000, true, HYP_IOMMU_FAULT_NOT_MAPPED);

	map(test, &space, 0x1000, 0x5000, PAGE, RW);
	expect_ok(test, 1, 0x1000, true, 0x5000);
	smmu.quirks.ignore_tlbi = true;
	unmap(test, &space, 0x1000, PAGE);
	expect_ok(test, 1, 0x1000, true, 0x5000);
	smmu.quirks.ignore_tlbi = false;

	/* An entry that is gone and still used. */
	smmu.quirks.ignore_cfgi = true;
	KUNIT_EXPECT_EQ(test, detach(1, &space), 0);
	KUNIT_EXPECT_EQ(test, smmu_model_access(&smmu, 1, 0x1000, true).event,
			SMMU_EV_TRANSLATION);
	smmu.quirks.ignore_cfgi = false;
}

static void refused_attachments(struct kunit *test)
{
	struct hyp_iommu_space s1 = { 0 }, s2 = { 0 };
	struct hyp_pgt_pool empty = { 0 }, high = { 0 };
	const u64 none = HYP_IOMMU_NO_PASID;

	usual_unit(test);
	make_space(test, &s1, 1, HYP_IOMMU_STAGE_1);
	make_space(test, &s2, 2, HYP_IOMMU_STAGE_2);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 1, 0, &s2, &pages), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 65536, none, &s2, &pages), -EINVAL);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, ~0U, none, &s2, &pages), -EINVAL);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 1, none, &s2, &empty), -ENOMEM);
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &s1, &empty), -ENOMEM);
	expect_blocked(test, 1);
	KUNIT_EXPECT_EQ(test, smmu_model_peek_ste(&smmu, 1), ~0ULL);

	/* Pages that the unit cannot address. */
	((struct hyp_smmuv3 *)unit.priv)->caps.oas_bits = 32;
	fill(&high, 1, PAGE);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 1, none, &s2, &high), -EOPNOTSUPP);
	s1.pgt.root_pa = 0x1000;
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &s1, &high), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &s2, &high), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, high.nr, 1);
	expect_blocked(test, 1);
}

/* Endpoint 0 is one like others, and nothing that was cached outlives a stop. */
static void the_first_endpoint_until_stop(struct kunit *test)
{
	const struct kind *kind = setup_kind(test);
	struct hyp_iommu_space one = { 0 }, two = { 0 };
	u64 page;

	make_space(test, &one, 1, kind->stage);
	make_space(test, &two, 2, kind->stage);
	page = 1ULL << __ffs64(one.pgt.cfg.sizes);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &one, &pages), 0);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &two, &pages), 0);
	map(test, &one, 0, page, page, RW);
	map(test, &two, 0, 2 * page, page, RW);
	KUNIT_ASSERT_EQ(test, attach(0, &one), 0);
	expect_ok(test, 0, 0, true, page);
	KUNIT_ASSERT_EQ(test, detach(0, &one), 0);
	expect_blocked(test, 0);
	KUNIT_ASSERT_EQ(test, attach(0, &two), 0);
	expect_ok(test, 0, 0, true, 2 * page);
	be->stop(&unit);
	KUNIT_EXPECT_FALSE(test, smmu_model_access(&smmu, 0, 0, true).ok);
}

/* A level 2 table for all there is would be a page for nothing. */
static void few_streams_are_a_linear_table(struct kunit *test)
{
	u32 bits;

	for (bits = HYP_SMMUV3_SPLIT - 1; bits <= HYP_SMMUV3_SPLIT + 1; bits++) {
		reset_machine(test, NULL);
		smmu.idr1 = (smmu.idr1 & ~0x3fU) | bits;
		KUNIT_ASSERT_EQ(test, start_unit(test), 0);
		/* STRTAB_BASE_CFG.FMT */
		KUNIT_EXPECT_EQ(test, smmu.strtab_cfg >> 16 & 3, bits > HYP_SMMUV3_SPLIT);
	}
}

/* What the core never asks for: an error, and nothing is open that was not. */
static void calls_out_of_turn(struct kunit *test)
{
	struct hyp_iommu_space unbound = { 0 }, space = { 0 };
	struct hyp_pgt_gather nothing = HYP_PGT_GATHER(NULL, 0, 0);
	struct hyp_smmuv3_strtab *tab;
	u64 ticket = 1;
	u32 doorbells;

	usual_unit(test);
	make_space(test, &unbound, 9, HYP_IOMMU_STAGE_1);
	make_space(test, &space, 2, HYP_IOMMU_STAGE_2);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_EXPECT_EQ(test, attach(1, &unbound), -EIO);
	expect_blocked(test, 1);
	KUNIT_EXPECT_EQ(test, detach(0x4000, &space), -EIO);
	KUNIT_EXPECT_EQ(test, detach(65536, &space), -EIO);
	KUNIT_EXPECT_EQ(test, be->detach(&unit, 1, 0, &space, &pages), -EIO);
	expect_blocked(test, 1);
	expect_blocked(test, 0x4000);

	doorbells = smmu.doorbells;
	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &nothing, &ticket), 0);
	KUNIT_EXPECT_EQ(test, ticket, 0);
	KUNIT_EXPECT_EQ(test, smmu.doorbells, doorbells);

	tab = &((struct hyp_smmuv3 *)unit.priv)->strtab;
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_strtab_unlink(tab, 0x4000), 0);
	KUNIT_EXPECT_FALSE(test, hyp_smmuv3_strtab_valid(tab, 0x4000));
	KUNIT_EXPECT_FALSE(test, hyp_smmuv3_strtab_valid(tab, 65536));
	KUNIT_EXPECT_FALSE(test, hyp_smmuv3_strtab_valid(tab, ~0U));
}

/* What the unit says it takes is enough, and no more than it takes. */
static void pages_to_attach(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };

	usual_unit(test);
	make_space(test, &space, 1, HYP_IOMMU_STAGE_1);
	memset(&pages, 0, sizeof(pages));
	fill(&pages, unit.attach_pages, PAGE);
	KUNIT_EXPECT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_EXPECT_EQ(test, be->attach(&unit, 1, HYP_IOMMU_NO_PASID, &space, &pages), 0);
	KUNIT_EXPECT_EQ(test, pages.nr, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(life, kind_gen_params),
	KUNIT_CASE_PARAM(the_first_endpoint_until_stop, kind_gen_params),
	KUNIT_CASE_PARAM(churn, kind_gen_params),
	KUNIT_CASE(many_spaces),
	KUNIT_CASE(tables_used_again),
	KUNIT_CASE(stream_table_used_again),
	KUNIT_CASE(negative_controls),
	KUNIT_CASE(few_streams_are_a_linear_table),
	KUNIT_CASE(refused_attachments),
	KUNIT_CASE(calls_out_of_turn),
	KUNIT_CASE(pages_to_attach),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_smmuv3_backend",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
