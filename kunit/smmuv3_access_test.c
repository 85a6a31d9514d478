// SPDX-License-Identifier: GPL-2.0-only
/*
 * An SMMUv3 that fails: at each access to its registers, in each way.
 */
#include "kunit/smmuv3_kunit.h"
#include "kunit/fault_kunit.h"

static const struct kind {
	const char *name;
	enum hyp_iommu_stage stage;
	u32 idr0_clear, idr0_set, cmdq_lg2;
	bool noncoherent, no_ril;
} kinds[] = {
	{ .name = "stage 2, two levels", .stage = HYP_IOMMU_STAGE_2 },
	{ .name = "stage 1, non-coherent, HYP, ATS, PRI", .stage = HYP_IOMMU_STAGE_1,
	  .idr0_set = 1U << 9 | 1U << 10 | 1U << 16, .noncoherent = true },
	{ .name = "stage 2, linear, no ranges, 4 commands", .stage = HYP_IOMMU_STAGE_2,
	  .idr0_clear = 3U << 27, .cmdq_lg2 = 2, .no_ril = true },
	{ .name = "stage 1, linear, 8 commands", .stage = HYP_IOMMU_STAGE_1,
	  .idr0_clear = 3U << 27, .cmdq_lg2 = 3 },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static void fault_setup(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	const struct sim_cfg cfg = { .size = 4 << 20, .noncoherent = kind->noncoherent,
				     .relax_us = 2000 };

	reset_machine(test, &cfg);
	smmu.idr0 = (smmu.idr0 & ~kind->idr0_clear) | kind->idr0_set;
	smmu.idr0 &= ~(kind->noncoherent ? 1U << 4 : 0);
	smmu.idr1 = (smmu.idr1 & ~0x3fU) | 10;	/* StreamIDs */
	if (kind->cmdq_lg2)
		smmu.idr1 = (smmu.idr1 & ~(0x1fU << 21)) | kind->cmdq_lg2 << 21;
	if (kind->no_ril)
		smmu.idr3 = 0;
}

static enum hyp_iommu_stage fault_stage(const struct kunit *test)
{
	return ((const struct kind *)test->param_value)->stage;
}

static void fault_fill_pages(void)
{
	fill(&pages, 6, PAGE);
}

static const struct sim_mmio_ops *fault_model_ops(void)
{
	return &smmu_model_ops;
}

static void *fault_model(void)
{
	return &smmu;
}

static u32 fault_writes(void)
{
	return smmu.writes;
}

/* CR0, GBPA, IRQ_CTRL */
static bool fault_is_acked(u32 offset)
{
	return offset == 0x20 || offset == 0x44 || offset == 0x50;
}

/* GERROR, GERRORN, CMDQ_CONS, EVENTQ_PROD */
static bool fault_is_position(u32 offset)
{
	return offset == 0x60 || offset == 0x64 || offset == 0x9c || offset == 0x100a8;
}

static bool fault_can_block(void)
{
	return !smmu.quirks.gone && !smmu.quirks.no_cr0_ack && !smmu.quirks.no_gbpa_update &&
	       !smmu.quirks.gbpa_no_abort && life.fault->kind != TOO_LATE_ACK;
}

static bool fault_access(u32 sid, u64 ia)
{
	return smmu_model_access(&smmu, sid, ia, true).ok;
}

/* STEs are 8 words. */
static u64 fault_bypass(u32 word)
{
	return word % 8 ? 0 : 1 | 4 << 1;
}

/* ---- the faults ---- */

static void be_gone(void)
{
	smmu.quirks.gone = true;
}

static void be_silent(void)
{
	smmu.quirks.never = true;
}

static void be_late(void)
{
	smmu.quirks.delay_us = HYP_IOMMU_TIMEOUT_US / 4;
}

static void be_slow(void)
{
	smmu.quirks.per_tick = 1;
}

static void be_too_late(void)
{
	smmu.quirks.delay_us = 3 * HYP_IOMMU_TIMEOUT_US;
}

static void fail_command(u8 error)
{
	smmu.quirks.error_at = smmu.executed + 1;
	smmu.quirks.error = error;
}

static void refuse_command(void)
{
	fail_command(1);
}

static void abort_command(void)
{
	fail_command(2);
}

static void time_out_command(void)
{
	fail_command(3);
}

static void have_mad_cons(void)
{
	smmu.quirks.cons_xor = 0x10000100;
}

static void ack_no_cr0(void)
{
	smmu.quirks.no_cr0_ack = true;
}

static void ack_no_gbpa(void)
{
	smmu.quirks.no_gbpa_update = true;
}

static void take_no_gbpa(void)
{
	smmu.quirks.gbpa_no_abort = true;
}

static void ack_no_irq(void)
{
	smmu.quirks.no_irq_ack = true;
}

static void take_no_table(void)
{
	smmu.quirks.base_fixed = true;
}

static void stop_queue(void)
{
	smmu_model_raise(&smmu, 1);
}

static void fail_service(void)
{
	smmu_model_raise(&smmu, 1 << 8);
}

/* Of the event and PRI queues, and MSIs. */
static void lose_events(void)
{
	smmu_model_raise(&smmu, 0xfc);
}

/* Of a unit that is up: before that nobody knows what its tables are. */
static void storm(void)
{
	u32 i;

	for (i = 0; i < 300 && smmu.executed && smmu.cr0ack & 1; i++)
		smmu_model_access(&smmu, sids[2], i, true);
}

static void storm_with_aborts(void)
{
	smmu.quirks.full_is_abort = true;
	storm();
}

static const struct fault faults[] = {
	{ "all-ones once", ONCE_ONES },
	{ "0 once", ONCE_ZERO },
	{ "inverted once", ONCE_INVERTED },
	{ "acknowledges late", LATE_ACK, .harmless = true },
	{ "acknowledges too late", TOO_LATE_ACK },
	{ "gone", .begin = be_gone },
	{ "no command is executed", .begin = be_silent },
	{ "commands are late", .begin = be_late, .harmless = true },
	{ "commands one by one", .begin = be_slow, .harmless = true },
	{ "commands are too late", .begin = be_too_late },
	{ "illegal command", .begin = refuse_command },
	{ "command fetch aborted", .begin = abort_command },
	{ "ATC timeout", .begin = time_out_command },
	{ "mad CONS", .begin = have_mad_cons },
	{ "CR0 not acknowledged", .begin = ack_no_cr0 },
	{ "GBPA not updated", .begin = ack_no_gbpa },
	{ "GBPA does not abort", .begin = take_no_gbpa },
	{ "IRQ_CTRL not acknowledged", .begin = ack_no_irq },
	{ "table base cannot be written", .begin = take_no_table },
	{ "command queue stopped", .begin = stop_queue },
	{ "service failure mode", .begin = fail_service },
	{ "other global errors", .begin = lose_events, .harmless = true },
	{ "event queue overflow", .begin = storm, .harmless = true },
	{ "event queue aborts", .begin = storm_with_aborts, .harmless = true },
};

static void each_fault_at_each_access(struct kunit *test)
{
	all_lives(test, faults, ARRAY_SIZE(faults));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM_ATTR(each_fault_at_each_access, kind_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_smmuv3_access",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
