// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SMMUv3 backend against units that are not what they should be: probing,
 * starting, what is blocked, faults, and units that stop answering.
 */
#include "kunit/smmuv3_kunit.h"

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

/* Indices of whoever used the unit before: an event is where PROD is, and nothing is pending. */
static void old_indices_are_forgotten(struct kunit *test)
{
	u32 i;

	reset_machine(test, NULL);
	smmu.cmdq_prod = 5;
	smmu.cmdq_cons = 5;
	smmu.evtq_prod = 9 | 1U << 31;
	smmu.evtq_cons = 7;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_EQ(test, smmu.evtq_cons, 0);
	KUNIT_EXPECT_EQ(test, smmu.evtq_prod, 0);
	for (i = 0; i < 20; i++)
		expect_blocked(test, i);
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

	/* A linear stream table, if it is asked for: as many StreamIDs as it has room for. */
	reset_machine(test, NULL);
	unit.flags = HYP_IOMMU_UNIT_SIMPLE_TABLES;
	smmu.idr1 = (smmu.idr1 & ~0x3fU) | 20;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_EQ(test, unit.endpoint_bits, 16);
	KUNIT_EXPECT_EQ(test, smmu.strtab_cfg, 16);
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
	KUNIT_EXPECT_EQ(test, smmu.ops[SMMU_OP_EL2_ALL], 1);
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

/* ---- trouble ---- */

/* A unit that stops in any operation: -EIO, no page comes back, and stop() blocks. */
static void no_answer(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	struct hyp_pgt_gather gather;
	u64 ticket = 0, before;
	u32 step, spare;

	for (step = 0; step < 5; step++) {
		usual_unit(test);
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

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(probe_fails, probe_gen_params),
	KUNIT_CASE(old_indices_are_forgotten),
	KUNIT_CASE(probe_describes),
	KUNIT_CASE(bad_memory),
	KUNIT_CASE_PARAM(start_fails, start_gen_params),
	KUNIT_CASE(blocked_by_default),
	KUNIT_CASE(no_window_at_start),
	KUNIT_CASE(no_answer),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_smmuv3_init",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
