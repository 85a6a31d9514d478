// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VT-d unit that fails: at each access to its registers, in each way.
 */
#include "kunit/vtd_kunit.h"
#include "kunit/fault_kunit.h"

static const struct kind {
	const char *name;
	enum hyp_iommu_stage stage;
	u64 cap_set, ecap_set;
	bool noncoherent, left_on;
} kinds[] = {
	{ .name = "legacy", .stage = HYP_IOMMU_STAGE_2 },
	{ .name = "legacy, caching mode, write buffer, protected regions, left on",
	  .stage = HYP_IOMMU_STAGE_2, .left_on = true,
	  .cap_set = VTD_MODEL_CM | VTD_MODEL_RWBF | VTD_MODEL_PLMR | VTD_MODEL_ESRTPS },
	{ .name = "second stage, non-coherent", .stage = HYP_IOMMU_STAGE_2, .noncoherent = true,
	  .cap_set = VTD_MODEL_ESRTPS, .ecap_set = SM_SS & ~VTD_MODEL_SMPWC },
	{ .name = "first stage, caching mode", .stage = HYP_IOMMU_STAGE_1,
	  .cap_set = VTD_MODEL_CM, .ecap_set = SM_FS },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static void fault_setup(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	const struct sim_cfg cfg = { .size = 4 << 20, .noncoherent = kind->noncoherent,
				     .relax_us = 2000 };

	reset_machine(test, &cfg);
	vtd.cap |= kind->cap_set;
	vtd.ecap |= kind->ecap_set;
	vtd.ecap &= ~(kind->noncoherent ? VTD_MODEL_C : 0);
	if (kind->cap_set & VTD_MODEL_PLMR)
		vtd.pmen = 1U << 31 | 1;
	if (kind->left_on) {
		vtd.gsts |= VTD_MODEL_QIES;
		vtd.iqa = 0xbeef000;
		vtd.iqh = 0x40;
		vtd.iqt = 0x40;
	}
}

static enum hyp_iommu_stage fault_stage(const struct kunit *test)
{
	return ((const struct kind *)test->param_value)->stage;
}

static void fault_fill_pages(void)
{
	fill(&pages, 8);
}

static const struct sim_mmio_ops *fault_model_ops(void)
{
	return &vtd_model_ops;
}

static void *fault_model(void)
{
	return &vtd;
}

static u32 fault_writes(void)
{
	return vtd.writes;
}

/* GCMD, PMEN */
static bool fault_is_acked(u32 offset)
{
	return offset == 0x18 || offset == 0x64;
}

/* FSTS, IQH, IQT */
static bool fault_is_position(u32 offset)
{
	return offset == 0x34 || offset == 0x80 || offset == 0x88;
}

/* What a unit has cached it cannot be made to drop, unless a new root pointer does it. */
static bool fault_can_block(void)
{
	return !vtd.quirks.gone && !vtd.quirks.stuck && !vtd.quirks.rtaddr_fixed &&
	       vtd.cap & VTD_MODEL_ESRTPS;
}

static bool fault_access(u32 sid, u64 ia)
{
	return vtd_model_access(&vtd, sid, ia, true).ok;
}

/* Pass-through; context entries are 2 or 4 words, and PASID table entries 8. */
static u64 fault_bypass(u32 word)
{
	return word % 8 ? 0 : 1 | 2 << 2 | 4 << 6;
}

/* ---- the faults ---- */

static void be_gone(void)
{
	vtd.quirks.gone = true;
}

static void be_silent(void)
{
	vtd.quirks.never = true;
}

static void be_late(void)
{
	vtd.quirks.delay_us = HYP_IOMMU_TIMEOUT_US / 4;
}

static void be_slow(void)
{
	vtd.quirks.per_tick = 1;
}

static void be_too_late(void)
{
	vtd.quirks.delay_us = 3 * HYP_IOMMU_TIMEOUT_US;
}

static void fail_descriptor(u32 error)
{
	vtd.quirks.error_at = vtd.executed + 1;
	vtd.quirks.error = error;
}

static void refuse_descriptor(void)
{
	fail_descriptor(VTD_MODEL_IQE);
}

static void time_out_descriptor(void)
{
	fail_descriptor(VTD_MODEL_ITE);
}

static void write_mad_status(void)
{
	vtd.quirks.status_xor = 0x10000;
}

static void be_stuck(void)
{
	vtd.quirks.stuck = ~0U;
}

static void be_stuck_in_prot_regions(void)
{
	vtd.quirks.pmr_stuck = true;
}

static void take_no_root(void)
{
	vtd.quirks.rtaddr_fixed = true;
}

static void take_no_queue(void)
{
	vtd.quirks.iqa_fixed = true;
}

static void stop_queue(void)
{
	vtd.fsts |= VTD_MODEL_IQE;
}

static void have_timed_out(void)
{
	vtd.fsts |= VTD_MODEL_ITE;
}

/* An endpoint's doing: answers that nobody has asked for. */
static void have_stray_answers(void)
{
	vtd.fsts |= VTD_MODEL_ICE;
}

/* Of a unit that is up: before that nobody knows what its tables are. */
static void storm(void)
{
	u32 i;

	for (i = 0; i < 50 && vtd.gsts & VTD_MODEL_TES; i++)
		vtd_model_access(&vtd, sids[2], i << 12, true);
}

static const struct fault faults[] = {
	{ "all-ones once", ONCE_ONES },
	{ "0 once", ONCE_ZERO },
	{ "inverted once", ONCE_INVERTED },
	{ "acknowledges late", LATE_ACK, .harmless = true },
	{ "gone", .begin = be_gone },
	{ "no descriptor is executed", .begin = be_silent },
	{ "descriptors are late", .begin = be_late, .harmless = true },
	{ "descriptors one by one", .begin = be_slow, .harmless = true },
	{ "descriptors are too late", .begin = be_too_late },
	{ "descriptor refused", .begin = refuse_descriptor },
	{ "device TLB timeout", .begin = time_out_descriptor },
	{ "mad status", .begin = write_mad_status },
	{ "status does not change", .begin = be_stuck },
	{ "protected regions stay", .begin = be_stuck_in_prot_regions },
	{ "root pointer cannot be written", .begin = take_no_root },
	{ "queue address cannot be written", .begin = take_no_queue },
	{ "queue stopped", .begin = stop_queue },
	{ "device TLB timed out", .begin = have_timed_out },
	{ "stray answers", .begin = have_stray_answers, .harmless = true },
	{ "fault overflow", .begin = storm, .harmless = true },
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
	.name = "hyp_vtd_access",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
