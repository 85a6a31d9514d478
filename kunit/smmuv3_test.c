// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SMMUv3 backend as the core uses it, against the device model: probing,
 * what is blocked, attach to detach on every kind of unit, faults, and units
 * that misbehave.
 */
#include <kunit/test.h>

#include "backends/smmuv3/smmuv3.h"
#include "kunit/models/smmuv3.h"
#include "kunit/sim_kunit.h"
#include "pgtable/fmt_vmsa.h"

#define REGS		0x9050000ULL
#define RW		(HYP_IOMMU_READ | HYP_IOMMU_WRITE | HYP_IOMMU_CACHE)
#define PAGE		0x1000ULL
#define BLOCK		0x200000ULL

static const struct hyp_iommu_backend *const be = &hyp_smmuv3_backend;
static struct smmu_model smmu;
static struct hyp_iommu_unit unit;
static struct hyp_pgt_pool pages, tables;

/* ---- a machine with one unit ---- */

static void reset_machine(struct kunit *test, const struct sim_cfg *cfg)
{
	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, cfg), 0);
	smmu_model_init(&smmu);
	memset(&unit, 0, sizeof(unit));
	memset(&pages, 0, sizeof(pages));
	memset(&tables, 0, sizeof(tables));
	unit.backend = be;
	unit.regs_pa = REGS;
	unit.regs_size = SMMU_MODEL_REGS;
	unit.regs = smmu_model_attach(&smmu, REGS);
}

/* As the core does it: ask, then give. */
static int start_unit(struct kunit *test)
{
	u32 writes = smmu.writes;
	u64 need = 0, align = 1;
	int ret;

	ret = be->init(&unit, &need);
	if (ret != -ENOMEM)
		return ret;
	KUNIT_EXPECT_EQ(test, smmu.writes, writes);
	KUNIT_EXPECT_GT(test, need, 0);
	while (align < need)
		align *= 2;
	unit.mem_pages = need;
	unit.mem_pa = sim_alloc(SIM_HYP, need, align * PAGE);
	KUNIT_ASSERT_NE(test, unit.mem_pa, 0);
	return be->init(&unit, &need);
}

static void fill(struct hyp_pgt_pool *pool, u32 nr, u64 size)
{
	while (nr--)
		hyp_pgt_pool_put(pool, sim_alloc(SIM_HYP, size / PAGE, size));
}

static void make_space(struct kunit *test, struct hyp_iommu_space *space, u32 tag,
		       enum hyp_iommu_stage stage)
{
	const struct hyp_iommu_stage_cfg *can = &unit.stage[stage];
	u64 size = hyp_pgt_root_size(can->fmt, &can->cfg);
	u64 nr = size > PAGE ? size / PAGE : 1;

	KUNIT_ASSERT_NE(test, size, 0);
	space->tag = tag;
	space->stage = stage;
	KUNIT_ASSERT_EQ(test, hyp_pgt_init(&space->pgt, can->fmt, &can->cfg,
					   sim_alloc(SIM_HYP, nr, nr * PAGE)), 0);
	if (!tables.nr)
		fill(&tables, 20, hyp_pgt_table_size(can->fmt));
}

static void invalidate(struct kunit *test, struct hyp_iommu_space *space,
		       struct hyp_pgt_gather *gather)
{
	u64 ticket = 0;

	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, space, gather, &ticket), 0);
	KUNIT_EXPECT_EQ(test, be->wait(&unit, ticket), 0);
	hyp_pgt_pool_splice(&tables, &gather->tables);
}

static void map(struct kunit *test, struct hyp_iommu_space *space, u64 ia, u64 oa, u64 size,
		u32 prot)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 1000);
	u64 done = 0;

	KUNIT_ASSERT_TRUE(test, hyp_pgt_check(&space->pgt, ia, oa, size, prot));
	KUNIT_ASSERT_EQ(test, hyp_pgt_map(&space->pgt, ia, oa, size, prot, &tables, &gather,
					  &done), 0);
	KUNIT_ASSERT_EQ(test, done, size);
	if (!hyp_pgt_gather_empty(&gather))
		invalidate(test, space, &gather);
}

/* Return: what the first half of an unmap has removed. */
static struct hyp_pgt_gather unmap_only(struct kunit *test, struct hyp_iommu_space *space, u64 ia,
					u64 size)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 1000000);
	u64 done = 0;

	KUNIT_ASSERT_EQ(test, hyp_pgt_unmap(&space->pgt, ia, size, &gather, &done), 0);
	KUNIT_ASSERT_EQ(test, done, size);
	return gather;
}

static void unmap(struct kunit *test, struct hyp_iommu_space *space, u64 ia, u64 size)
{
	struct hyp_pgt_gather gather = unmap_only(test, space, ia, size);

	invalidate(test, space, &gather);
}

static int attach(u32 sid, struct hyp_iommu_space *space)
{
	return be->attach(&unit, sid, HYP_IOMMU_NO_PASID, space, &pages);
}

static int detach(u32 sid, struct hyp_iommu_space *space)
{
	return be->detach(&unit, sid, HYP_IOMMU_NO_PASID, space, &pages);
}

static void expect_ok(struct kunit *test, u32 sid, u64 ia, bool write, u64 pa)
{
	struct smmu_access access = smmu_model_access(&smmu, sid, ia, write);

	KUNIT_EXPECT_TRUE(test, access.ok);
	KUNIT_EXPECT_FALSE(test, access.bypass);
	KUNIT_EXPECT_EQ(test, access.pa, pa);
}

/* The access fails, and the unit tells who it was. */
static void expect_fault(struct kunit *test, u32 sid, u64 ia, bool write,
			 enum hyp_iommu_fault_reason reason)
{
	struct hyp_iommu_fault fault;

	KUNIT_EXPECT_FALSE(test, smmu_model_access(&smmu, sid, ia, write).ok);
	KUNIT_ASSERT_EQ(test, be->fault(&unit, &fault), 0);
	KUNIT_EXPECT_EQ(test, fault.endpoint, sid);
	KUNIT_EXPECT_EQ(test, fault.reason, reason);
	KUNIT_EXPECT_FALSE(test, fault.has_pasid);
	if (reason == HYP_IOMMU_FAULT_BLOCKED) {
		KUNIT_EXPECT_TRUE(test, fault.no_address);
	} else {
		KUNIT_EXPECT_FALSE(test, fault.no_address);
		KUNIT_EXPECT_EQ(test, fault.ia, ia);
		KUNIT_EXPECT_EQ(test, fault.write, write);
	}
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
}

static void expect_blocked(struct kunit *test, u32 sid)
{
	expect_fault(test, sid, 0x1000, true, HYP_IOMMU_FAULT_BLOCKED);
}

/* ---- probing ---- */

static const struct probe_case {
	const char *name;
	u32 idr0_clear, idr0_set, idr1_clear, idr1_set, idr5_clear, idr5_set, aidr;
	u64 regs_size;
	bool gone;
} probe_cases[] = {
	{ .name = "registers read as all-ones", .gone = true },
	{ .name = "registers read as 0", .idr0_clear = ~0U, .idr1_clear = ~0U, .idr5_clear = ~0U },
	{ .name = "one register page", .regs_size = 0x10000 },
	{ .name = "no AArch64 tables", .idr0_clear = 8 },
	{ .name = "big endian tables", .idr0_set = 3U << 21 },
	{ .name = "reserved endianness", .idr0_clear = 3U << 21, .idr0_set = 1U << 21 },
	{ .name = "all faults stall", .idr0_clear = 3U << 24, .idr0_set = 2U << 24 },
	{ .name = "no translation", .idr0_clear = 3 },
	{ .name = "preset tables", .idr1_set = 1U << 30 },
	{ .name = "preset queues", .idr1_set = 1U << 29 },
	{ .name = "StreamIDs of 33 bits", .idr1_clear = 0x3f, .idr1_set = 33 },
	{ .name = "command queue of 2^20", .idr1_clear = 0x1f << 21, .idr1_set = 20 << 21 },
	{ .name = "event queue of 2^31", .idr1_set = 0x1f << 16 },
	{ .name = "no granule", .idr5_clear = 7 << 4 },
	{ .name = "reserved address size", .idr5_set = 7 },
	{ .name = "another architecture", .aidr = 0x10 },
};

KUNIT_ARRAY_PARAM_DESC(probe, probe_cases, name);

static void probe_fails(struct kunit *test)
{
	const struct probe_case *c = test->param_value;

	reset_machine(test, NULL);
	smmu.idr0 = (smmu.idr0 & ~c->idr0_clear) | c->idr0_set;
	smmu.idr1 = (smmu.idr1 & ~c->idr1_clear) | c->idr1_set;
	smmu.idr5 = (smmu.idr5 & ~c->idr5_clear) | c->idr5_set;
	smmu.aidr = c->aidr;
	smmu.quirks.gone = c->gone;
	if (c->regs_size)
		unit.regs_size = c->regs_size;
	KUNIT_EXPECT_EQ(test, start_unit(test), -ENODEV);
	KUNIT_EXPECT_EQ(test, smmu.writes, 0);
	KUNIT_EXPECT_NULL(test, unit.stage[HYP_IOMMU_STAGE_1].fmt);
	KUNIT_EXPECT_NULL(test, unit.stage[HYP_IOMMU_STAGE_2].fmt);
}

static void probe_describes(struct kunit *test)
{
	reset_machine(test, NULL);
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_EQ(test, unit.endpoint_bits, 16);
	KUNIT_EXPECT_EQ(test, unit.pasid_bits, 0);
	KUNIT_EXPECT_EQ(test, unit.max_tags, 65536);
	KUNIT_EXPECT_EQ(test, unit.prefer, HYP_IOMMU_STAGE_2);
	KUNIT_EXPECT_TRUE(test, unit.coherent);
	KUNIT_EXPECT_PTR_EQ(test, unit.stage[1].fmt, &hyp_pgt_vmsa_s1_4k);
	KUNIT_EXPECT_PTR_EQ(test, unit.stage[2].fmt, &hyp_pgt_vmsa_s2_4k);
	KUNIT_EXPECT_EQ(test, unit.stage[1].cfg.ia_bits, 48);
	KUNIT_EXPECT_EQ(test, unit.stage[2].cfg.ia_bits, 44);
	KUNIT_EXPECT_EQ(test, unit.stage[2].cfg.oa_bits, 44);
	KUNIT_EXPECT_EQ(test, unit.stage[2].cfg.sizes, 0x40201000);
	KUNIT_EXPECT_EQ(test, unit.stage[2].cfg.features, 0);

	reset_machine(test, NULL);
	unit.flags = HYP_IOMMU_UNIT_PREFER_STAGE1;
	smmu.idr0 &= ~(1U << 12 | 1U << 4);	/* 8-bit ASIDs, not coherent */
	smmu.idr3 |= 2U << 11;			/* BBML 2 */
	smmu.idr5 = 1U << 6 | 5;		/* 64K, 48 bits */
	smmu.idr1 = (smmu.idr1 & ~0x3fU) | 32;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_EQ(test, unit.prefer, HYP_IOMMU_STAGE_1);
	KUNIT_EXPECT_EQ(test, unit.max_tags, 256);
	KUNIT_EXPECT_FALSE(test, unit.coherent);
	KUNIT_EXPECT_EQ(test, unit.endpoint_bits, 25);
	KUNIT_EXPECT_PTR_EQ(test, unit.stage[2].fmt, &hyp_pgt_vmsa_s2_64k);
	KUNIT_EXPECT_EQ(test, unit.stage[1].cfg.features,
			HYP_PGT_NONCOHERENT | HYP_PGT_REPLACE_OK);
}

/* A unit that cannot address its memory, or memory that is not aligned. */
static void bad_memory(struct kunit *test)
{
	u64 need = 0;

	reset_machine(test, NULL);
	smmu.idr5 = 1U << 4;	/* 32 bits; memory is above */
	KUNIT_EXPECT_EQ(test, start_unit(test), -ENODEV);
	KUNIT_EXPECT_EQ(test, smmu.writes, 0);

	reset_machine(test, NULL);
	unit.mem_pages = 100;
	unit.mem_pa = sim_alloc(SIM_HYP, 100, 0x100000) + PAGE;
	KUNIT_EXPECT_EQ(test, be->init(&unit, &need), -ENOMEM);
	KUNIT_EXPECT_EQ(test, smmu.writes, 0);
}

static const struct start_case {
	const char *name;
	struct smmu_quirks quirks;
	bool cannot_block;	/* GBPA or CR0 do not work: nothing can be done */
} start_cases[] = {
	{ .name = "CR0 not acknowledged", .quirks = { .no_cr0_ack = true }, .cannot_block = true },
	{ .name = "GBPA not updated", .quirks = { .no_gbpa_update = true }, .cannot_block = true },
	{ .name = "GBPA does not do it", .quirks = { .gbpa_no_abort = true },
	  .cannot_block = true },
	{ .name = "IRQ_CTRL not acknowledged", .quirks = { .no_irq_ack = true } },
	{ .name = "command queue cannot be enabled", .quirks = { .cr0_stuck = 8 } },
	{ .name = "event queue cannot be enabled", .quirks = { .cr0_stuck = 4 } },
	{ .name = "translation cannot be enabled", .quirks = { .cr0_stuck = 1 } },
	{ .name = "table base cannot be written", .quirks = { .base_fixed = true } },
	{ .name = "no command is executed", .quirks = { .never = true } },
	{ .name = "command 1 fails", .quirks = { .error_at = 1, .error = 1 } },
	{ .name = "command 2 is aborted", .quirks = { .error_at = 2, .error = 2 } },
	{ .name = "CMD_SYNC fails", .quirks = { .error_at = 3, .error = 3 } },
	{ .name = "mad queue", .quirks = { .cons_xor = 0x10000100 } },
};

KUNIT_ARRAY_PARAM_DESC(start, start_cases, name);

static void start_fails(struct kunit *test)
{
	const struct start_case *c = test->param_value;
	struct hyp_iommu_fault fault;
	u64 before;
	u32 sid;

	reset_machine(test, NULL);
	smmu.quirks = c->quirks;
	KUNIT_EXPECT_EQ(test, start_unit(test), -EIO);
	KUNIT_EXPECT_LT(test, sim_now(), 2 * HYP_IOMMU_TIMEOUT_US);

	before = sim_now();
	be->stop(&unit);
	KUNIT_EXPECT_LT(test, sim_now() - before, 3 * HYP_IOMMU_TIMEOUT_US);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	if (c->cannot_block)
		return;
	for (sid = 0; sid < 40; sid++)
		KUNIT_EXPECT_FALSE(test, smmu_model_access(&smmu, sid, 0, false).ok);
	KUNIT_EXPECT_EQ(test, smmu.cr0ack, 0);
	KUNIT_EXPECT_TRUE(test, smmu.gbpa & 1U << 20);
}

/* ---- what is blocked ---- */

static void blocked_by_default(struct kunit *test)
{
	static const u32 far[] = { 63, 64, 4095, 65535, 65536, 0x10001, 0xffffffff };
	u32 i;

	reset_machine(test, NULL);
	smmu.idr0 |= 1U << 10 | 1U << 9 | 1U << 16;	/* ATS, HYP, PRI */
	smmu.gerror = 5;				/* left behind */
	/* What the machine was left with does let accesses through. */
	KUNIT_EXPECT_TRUE(test, smmu_model_access(&smmu, 3, 0, true).ok);

	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	for (i = 0; i < 40; i++)
		expect_blocked(test, i);
	for (i = 0; i < ARRAY_SIZE(far); i++)
		expect_blocked(test, far[i]);

	KUNIT_EXPECT_EQ(test, smmu.cr0ack, 0x1d);	/* ATSCHK too */
	KUNIT_EXPECT_EQ(test, smmu.cr2, 6);
	KUNIT_EXPECT_EQ(test, smmu.irq_ctrl, 5);
	KUNIT_EXPECT_EQ(test, smmu.msi_cfg0[0] | smmu.msi_cfg0[1] | smmu.msi_cfg0[2], 0);
	KUNIT_EXPECT_EQ(test, smmu.ops[OP_EL2_ALL], 1);
	KUNIT_EXPECT_EQ(test, smmu.gerror, smmu.gerrorn);
}

/* GBPA aborts before SMMUEN goes off: at no time is there a way through. */
static bool leaked;

static void watch_gbpa(const struct sim_event *ev, void *arg)
{
	if (ev->kind == SIM_EV_MMIO_WRITE && !(smmu.cr0ack & 1) && !(smmu.gbpa & 1U << 20))
		leaked = true;
}

static void no_window_at_start(struct kunit *test)
{
	reset_machine(test, NULL);
	leaked = false;
	sim_set_trace(watch_gbpa, NULL);
	KUNIT_EXPECT_EQ(test, start_unit(test), 0);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_FALSE(test, leaked);
}

/* ---- the life of an endpoint, on every kind of unit ---- */

static const struct kind {
	const char *name;
	enum hyp_iommu_stage stage;
	u32 idr0_clear, idr5, sid_bits;
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
	static const struct kind usual = { .stage = HYP_IOMMU_STAGE_2 };
	const struct kind *kind = test->param_value ? test->param_value : &usual;
	const struct sim_cfg cfg = { .noncoherent = kind->noncoherent, .seed = 3 };

	reset_machine(test, &cfg);
	smmu.idr0 &= ~kind->idr0_clear;
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
	expect_fault(test, a, 1ULL << one.pgt.cfg.ia_bits, true, HYP_IOMMU_FAULT_NOT_MAPPED);
	expect_fault(test, a, ~0ULL, true, HYP_IOMMU_FAULT_NOT_MAPPED);

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

	tlbis = smmu.ops[OP_S12_VMALL] + smmu.ops[OP_NH_ASID];
	KUNIT_EXPECT_EQ(test, detach(a, &one), 0);
	/* That accesses under way are complete is what this one is for. */
	KUNIT_EXPECT_EQ(test, smmu.ops[OP_S12_VMALL] + smmu.ops[OP_NH_ASID], tlbis + 1);
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

	setup_kind(test);
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

	setup_kind(test);
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

	setup_kind(test);
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
	KUNIT_EXPECT_NE(test, smmu_model_access(&smmu, 1, 0x1000, true).event, EV_BAD_STREAMID);
	smmu.quirks.ignore_cfgi = false;
}

/* ---- commands ---- */

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
	u32 ril, syncs;
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
			syncs = smmu.ops[OP_SYNC];
			unmap(test, &space, shape->ia, shape->size);
			KUNIT_EXPECT_EQ(test, unit.commands - before,
					ril ? shape->with_ril : shape->without);
			KUNIT_EXPECT_EQ(test, smmu.ops[OP_SYNC] - syncs, 1);
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

	KUNIT_ASSERT_EQ(test, plan.nr, 1);
	if ((w0 & 0xff) == OP_S12_VMALL)
		return;
	size = (num + 1) << (scale + 10 + 2 * tg);
	KUNIT_EXPECT_LE(test, start, gather->start);
	KUNIT_EXPECT_GE(test, start + (size - 1), gather->last);
	KUNIT_EXPECT_LE(test, start + size, 1ULL << space->pgt.cfg.ia_bits);
	KUNIT_EXPECT_TRUE(test, num || scale || ttl);
	KUNIT_EXPECT_TRUE(test, !ttl || w1 & 1);
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
		level = rnd >> 8 & 1;
		lg2 = caps.granule_lg2 + level * (caps.granule_lg2 - 3);
		space.pgt.cfg.ia_bits = 36 + (rnd >> 12) % 13;
		space_nr = 1ULL << (space.pgt.cfg.ia_bits - lg2);
		nr = 1 + (rnd >> 24) % (1ULL << (rnd >> 16) % (space.pgt.cfg.ia_bits - lg2 + 1));
		first = rnd & 1 << 5 ? space_nr - nr : (rnd >> 20) % (space_nr - nr + 1);
		gather.start = first << lg2;
		gather.last = gather.start + (nr << lg2) - 1;
		gather.leaf_levels = 1 << level;
		if (!(rnd & 0x60))
			gather.table_levels = 2;
		check_plan(test, &caps, &space, &gather);
	}
}

/* ---- faults and trouble ---- */

static void overflow(struct kunit *test, bool as_abort)
{
	struct hyp_iommu_fault fault;
	u32 i;

	reset_machine(test, NULL);
	smmu.quirks.full_is_abort = as_abort;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	for (i = 0; i < 1000; i++)
		smmu_model_access(&smmu, i, 0, false);
	KUNIT_EXPECT_GT(test, smmu.events_dropped, 0);
	for (i = 0; i < 1000 - smmu.events_dropped; i++) {
		KUNIT_ASSERT_EQ(test, be->fault(&unit, &fault), 0);
		KUNIT_ASSERT_EQ(test, fault.endpoint, i);
	}
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	KUNIT_EXPECT_EQ(test, unit.faults_lost, 1);
	KUNIT_EXPECT_EQ(test, smmu.gerror, smmu.gerrorn);
	/* And once more: it goes on. */
	expect_blocked(test, 77);
	for (i = 0; i < 1000; i++)
		smmu_model_access(&smmu, i, 0, false);
	while (!be->fault(&unit, &fault))
		;
	KUNIT_EXPECT_EQ(test, unit.faults_lost, 2);
	expect_blocked(test, 78);
}

static void event_overflow(struct kunit *test)
{
	overflow(test, false);
	overflow(test, true);
}

static void bad_entry_is_told(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	struct hyp_iommu_fault fault;

	setup_kind(test);
	make_space(test, &space, 1, HYP_IOMMU_STAGE_2);
	KUNIT_ASSERT_EQ(test, attach(3, &space), 0);
	/* The unit refuses what is a valid entry of ours. */
	smmu.idr0 &= ~1U;
	smmu_model_access(&smmu, 3, 0, false);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
	KUNIT_EXPECT_EQ(test, fault.reason, HYP_IOMMU_FAULT_CONFIG);
	KUNIT_EXPECT_EQ(test, fault.endpoint, 3);
}

static void trouble(struct kunit *test)
{
	static const u32 bits[] = { 1, 1 << 8 };	/* CMDQ_ERR, SFM_ERR */
	struct hyp_iommu_fault fault;
	u32 i, sid;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		reset_machine(test, NULL);
		KUNIT_ASSERT_EQ(test, start_unit(test), 0);
		smmu_model_access(&smmu, 9, 0, false);
		smmu_model_raise(&smmu, bits[i]);
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -EIO);
		be->stop(&unit);
		/* It is said once; what was recorded can still be read. */
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
		KUNIT_EXPECT_EQ(test, fault.endpoint, 9);
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
		KUNIT_EXPECT_EQ(test, smmu.gerror, smmu.gerrorn);
		for (sid = 0; sid < 20; sid++)
			KUNIT_EXPECT_FALSE(test, smmu_model_access(&smmu, sid, 0, false).ok);
	}

	reset_machine(test, NULL);
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	smmu.quirks.gone = true;
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -EIO);
	be->stop(&unit);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	KUNIT_EXPECT_LT(test, sim_now(), 3 * HYP_IOMMU_TIMEOUT_US);
}

/* A unit that stops in any operation: -EIO, no page comes back, and stop() blocks. */
static void no_answer(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	struct hyp_pgt_gather gather;
	u64 ticket = 0, before;
	u32 step, spare;

	for (step = 0; step < 5; step++) {
		setup_kind(test);
		make_space(test, &space, 1, HYP_IOMMU_STAGE_2);
		map(test, &space, 0x1000, 0x5000, PAGE, RW);
		KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
		smmu.quirks.never = !step;
		KUNIT_ASSERT_EQ(test, attach(1, &space), step ? 0 : -EIO);
		if (!step)
			KUNIT_EXPECT_EQ(test, smmu_model_peek_ste(&smmu, 1) & 1, 0);
		smmu.quirks.never = true;
		spare = pages.nr;
		if (step == 1) {
			gather = unmap_only(test, &space, 0x1000, PAGE);
			KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &gather, &ticket),
					0);
			KUNIT_EXPECT_EQ(test, be->wait(&unit, ticket), -EIO);
		} else if (step == 2) {
			KUNIT_EXPECT_EQ(test, detach(1, &space), -EIO);
			KUNIT_EXPECT_EQ(test, smmu_model_peek_ste(&smmu, 1) & 1, 0);
		} else if (step == 3) {
			KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), -EIO);
		}
		KUNIT_EXPECT_EQ(test, pages.nr, spare);
		be->stop(&unit);
		KUNIT_EXPECT_FALSE(test, smmu_model_access(&smmu, 1, 0x1000, false).ok);
		/* Nobody waits for it again. */
		before = sim_now();
		KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), -EIO);
		KUNIT_EXPECT_LT(test, sim_now() - before, 1000);
	}
}

static void refused_attachments(struct kunit *test)
{
	struct hyp_iommu_space s1 = { 0 }, s2 = { 0 };
	struct hyp_pgt_pool empty = { 0 }, high = { 0 };
	const u64 none = HYP_IOMMU_NO_PASID;

	setup_kind(test);
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

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(probe_fails, probe_gen_params),
	KUNIT_CASE(probe_describes),
	KUNIT_CASE(bad_memory),
	KUNIT_CASE_PARAM(start_fails, start_gen_params),
	KUNIT_CASE(blocked_by_default),
	KUNIT_CASE(no_window_at_start),
	KUNIT_CASE_PARAM(life, kind_gen_params),
	KUNIT_CASE_PARAM(churn, kind_gen_params),
	KUNIT_CASE(many_spaces),
	KUNIT_CASE(tables_used_again),
	KUNIT_CASE(stream_table_used_again),
	KUNIT_CASE(negative_controls),
	KUNIT_CASE_PARAM(commands_per_unmap, shape_gen_params),
	KUNIT_CASE(plan_random),
	KUNIT_CASE(event_overflow),
	KUNIT_CASE(bad_entry_is_told),
	KUNIT_CASE(trouble),
	KUNIT_CASE(no_answer),
	KUNIT_CASE(refused_attachments),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_smmuv3_backend",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
