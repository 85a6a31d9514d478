// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VT-d backend against units that are not what they should be: probing,
 * starting, what is blocked, faults, and units that stop answering.
 */
#include "kunit/vtd_kunit.h"

/* ---- probing ---- */

static const struct probe_case {
	const char *name;
	u64 cap_clear, cap_set, ecap_clear, ecap_set;
	u64 regs_size;
	u32 ver;
	bool gone, on;
	u64 rtaddr;
} probe_cases[] = {
	{ .name = "registers read as all-ones", .gone = true },
	{ .name = "registers read as 0", .cap_clear = ~0ULL, .ecap_clear = ~0ULL },
	{ .name = "half a page of registers", .regs_size = 0x800 },
	{ .name = "version 0", .ver = 1 },
	{ .name = "no queued invalidation", .ecap_clear = VTD_MODEL_QI },
	{ .name = "reserved number of domains", .cap_set = 7 },
	{ .name = "no levels", .cap_clear = VTD_MODEL_SAGAW(0x1fULL) },
	{ .name = "reserved levels", .cap_clear = VTD_MODEL_SAGAW(0x1fULL),
	  .cap_set = VTD_MODEL_SAGAW(0x11ULL) },
	{ .name = "CAP of all-ones", .cap_set = ~0ULL },
	{ .name = "ECAP of all-ones", .ecap_set = ~0ULL },
	{ .name = "fault records beyond the registers", .cap_set = 0x3ffULL << 24 },
	{ .name = "fault records among the others", .cap_clear = 0x3ffULL << 24,
	  .cap_set = 1 << 24 },
	{ .name = "256 fault records", .cap_set = 0xffULL << 40, .regs_size = 0x1000 },
	{ .name = "translates in a mode that we cannot use", .on = true, .rtaddr = 0x400 },
	{ .name = "translates in a reserved mode", .on = true, .rtaddr = 0x800,
	  .ecap_set = SM_SS },
	{ .name = "scalable without stages, no levels", .ecap_set = VTD_MODEL_SMTS,
	  .cap_clear = VTD_MODEL_SAGAW(0x1fULL) },
};

KUNIT_ARRAY_PARAM_DESC(probe, probe_cases, name);

static void probe_fails(struct kunit *test)
{
	const struct probe_case *c = test->param_value;

	reset_machine(test, NULL);
	vtd.cap = (vtd.cap & ~c->cap_clear) | c->cap_set;
	vtd.ecap = (vtd.ecap & ~c->ecap_clear) | c->ecap_set;
	vtd.quirks.gone = c->gone;
	if (c->ver)
		vtd.ver = c->ver;
	if (c->regs_size)
		unit.regs_size = c->regs_size;
	if (c->on)
		vtd.gsts |= VTD_MODEL_TES | VTD_MODEL_RTPS;
	vtd.rtaddr = c->rtaddr;
	if (c->cap_set == 0xffULL << 40)
		vtd.cap |= 0x40ULL << 24;
	KUNIT_EXPECT_EQ(test, start_unit(test), -ENODEV);
	KUNIT_EXPECT_EQ(test, vtd.writes, 0);
	KUNIT_EXPECT_NULL(test, unit.stage[HYP_IOMMU_STAGE_1].fmt);
	KUNIT_EXPECT_NULL(test, unit.stage[HYP_IOMMU_STAGE_2].fmt);
	KUNIT_EXPECT_NULL(test, unit.priv);
}

static void expect_stage(struct kunit *test, enum hyp_iommu_stage stage,
			 const struct hyp_pgt_fmt *fmt, u8 ia_bits, u64 sizes, u32 features)
{
	const struct hyp_iommu_stage_cfg *cfg = &unit.stage[stage];

	KUNIT_EXPECT_PTR_EQ(test, cfg->fmt, fmt);
	KUNIT_EXPECT_EQ(test, cfg->cfg.ia_bits, ia_bits);
	KUNIT_EXPECT_EQ(test, cfg->cfg.oa_bits, 52);
	KUNIT_EXPECT_EQ(test, cfg->cfg.sizes, sizes);
	KUNIT_EXPECT_EQ(test, cfg->cfg.features, features | HYP_PGT_REPLACE_OK);
}

static void probe_describes(struct kunit *test)
{
	reset_machine(test, NULL);
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_EQ(test, unit.endpoint_bits, 16);
	KUNIT_EXPECT_EQ(test, unit.pasid_bits, 0);
	KUNIT_EXPECT_EQ(test, unit.max_tags, 1024);
	KUNIT_EXPECT_EQ(test, unit.prefer, HYP_IOMMU_STAGE_2);
	KUNIT_EXPECT_TRUE(test, unit.coherent);
	KUNIT_EXPECT_NULL(test, unit.stage[HYP_IOMMU_STAGE_1].fmt);
	expect_stage(test, HYP_IOMMU_STAGE_2, &hyp_pgt_vtd_ss, 48, 0x40201000, 0);

	/* As QEMU: not coherent; a first stage is not for legacy mode. */
	reset_machine(test, NULL);
	vtd.cap = 0x00d2008c222f0600;
	vtd.ecap = 0xf42 | VTD_MODEL_FSTS;
	unit.flags = HYP_IOMMU_UNIT_PREFER_STAGE1;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_EQ(test, unit.max_tags, 16);
	KUNIT_EXPECT_FALSE(test, unit.coherent);
	KUNIT_EXPECT_EQ(test, unit.prefer, HYP_IOMMU_STAGE_2);
	expect_stage(test, HYP_IOMMU_STAGE_2, &hyp_pgt_vtd_ss, 48, 0x40201000,
		     HYP_PGT_NONCOHERENT);
	KUNIT_EXPECT_EQ(test, vtd.rtaddr & 0xc00, 0);
	KUNIT_EXPECT_EQ(test, vtd.iqa & 0xfff, 0);

	/* Both stages. */
	reset_machine(test, NULL);
	vtd.ecap |= SM_FS | SM_SS | VTD_MODEL_SC;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_EQ(test, unit.prefer, HYP_IOMMU_STAGE_2);
	expect_stage(test, HYP_IOMMU_STAGE_1, &hyp_pgt_vtd_fs, 47, 0x201000, HYP_PGT_SNOOP);
	expect_stage(test, HYP_IOMMU_STAGE_2, &hyp_pgt_vtd_ss, 48, 0x40201000, HYP_PGT_SNOOP);
	KUNIT_EXPECT_EQ(test, vtd.rtaddr & 0xc00, 0x400);
	KUNIT_EXPECT_EQ(test, vtd.iqa & 0xfff, 0x800);
	reset_machine(test, NULL);
	vtd.ecap |= SM_FS | SM_SS;
	vtd.cap |= VTD_MODEL_FL1GP;
	unit.flags = HYP_IOMMU_UNIT_PREFER_STAGE1;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_EQ(test, unit.prefer, HYP_IOMMU_STAGE_1);
	expect_stage(test, HYP_IOMMU_STAGE_1, &hyp_pgt_vtd_fs, 47, 0x40201000, 0);

	/* The simpler tables, if they are asked for. */
	reset_machine(test, NULL);
	vtd.ecap |= SM_FS | SM_SS;
	unit.flags = HYP_IOMMU_UNIT_SIMPLE_TABLES;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_NULL(test, unit.stage[HYP_IOMMU_STAGE_1].fmt);
	KUNIT_EXPECT_EQ(test, vtd.rtaddr & 0xc00, 0);

	/* A scalable mode without a stage that we know is left alone. */
	reset_machine(test, NULL);
	vtd.ecap |= VTD_MODEL_SMTS;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	KUNIT_EXPECT_EQ(test, vtd.rtaddr & 0xc00, 0);
	expect_stage(test, HYP_IOMMU_STAGE_2, &hyp_pgt_vtd_ss, 48, 0x40201000, 0);
}

/* Input addresses, by MGAW and the numbers of levels. */
static void address_sizes(struct kunit *test)
{
	static const struct {
		u64 sagaw;
		u8 mgaw, ss, fs;
	} all[] = {
		{ 2, 39, 39, 39 }, { 2, 48, 39, 47 }, { 4, 48, 48, 47 }, { 4, 39, 40, 39 },
		{ 6, 39, 39, 39 }, { 6, 42, 42, 42 }, { 6, 57, 48, 47 }, { 8, 57, 57, 47 },
		{ 0xe, 57, 57, 47 }, { 0xe, 48, 48, 47 }, { 0xe, 20, 31, 39 }, { 8, 48, 49, 47 },
		{ 0xa, 48, 49, 47 }, { 0, 48, 0, 47 }, { 0xe, 64, 57, 47 },
	};
	struct hyp_vtd_caps caps;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		u64 cap = VTD_MODEL_SAGAW(all[i].sagaw) | VTD_MODEL_MGAW(all[i].mgaw);

		KUNIT_ASSERT_EQ(test, 0, hyp_vtd_parse_caps(cap, VTD_MODEL_QI | SM_FS, -1, &caps));
		KUNIT_EXPECT_EQ_MSG(test, caps.ss_bits, all[i].ss, "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.fs_bits, all[i].fs, "%u", i);
		cap |= VTD_MODEL_FL5LP;
		KUNIT_ASSERT_EQ(test, 0, hyp_vtd_parse_caps(cap, VTD_MODEL_QI | SM_FS, -1, &caps));
		KUNIT_EXPECT_EQ_MSG(test, caps.fs_bits,
				    all[i].mgaw <= 48 ? all[i].fs : 56, "%u", i);
	}
}

static void leaf_sizes(struct kunit *test)
{
	static const struct {
		u64 cap, ss, fs;
	} all[] = {
		{ 0, 0x1000, 0x201000 }, { BIT_ULL(34), 0x201000, 0x201000 },
		{ BIT_ULL(35), 0x40001000, 0x201000 }, { BIT_ULL(56), 0x1000, 0x40201000 },
	};
	struct hyp_vtd_caps caps;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		u64 cap = VTD_MODEL_SAGAW(4) | VTD_MODEL_MGAW(48) | all[i].cap;

		KUNIT_ASSERT_EQ(test, 0, hyp_vtd_parse_caps(cap, VTD_MODEL_QI | SM_FS, -1, &caps));
		KUNIT_EXPECT_EQ_MSG(test, caps.ss_sizes, all[i].ss, "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.fs_sizes, all[i].fs, "%u", i);
	}
}

/* ---- starting ---- */

/* The core may ask it for faults, and stop it, all the same. */
static void never_came_up(struct kunit *test)
{
	struct hyp_iommu_fault fault;

	reset_machine(test, NULL);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	be->stop(&unit);
	KUNIT_EXPECT_EQ(test, vtd.writes, 0);
}

/* Where a queue that is off stands is nobody's business. */
static void queue_off_with_a_position(struct kunit *test)
{
	reset_machine(test, NULL);
	vtd.iqt = 0x40;
	KUNIT_EXPECT_EQ(test, start_unit(test), 0);
}

static const struct start_case {
	const char *name;
	struct vtd_quirks quirks;
	u64 cap;
	bool cannot_block;	/* root pointer or TE do not work: nothing can be done */
} start_cases[] = {
	{ .name = "queue cannot be enabled", .quirks = { .stuck = VTD_MODEL_QIES } },
	{ .name = "queue address cannot be written", .quirks = { .iqa_fixed = true } },
	{ .name = "root address cannot be written", .quirks = { .rtaddr_fixed = true },
	  .cannot_block = true },
	{ .name = "root pointer not taken", .quirks = { .stuck = VTD_MODEL_RTPS },
	  .cannot_block = true },
	{ .name = "translation cannot be enabled", .quirks = { .stuck = VTD_MODEL_TES },
	  .cannot_block = true },
	{ .name = "write buffer not flushed", .quirks = { .stuck = 1U << 27 },
	  .cap = VTD_MODEL_RWBF },
	{ .name = "protected memory stays", .quirks = { .pmr_stuck = true },
	  .cap = VTD_MODEL_PLMR },
	{ .name = "no descriptor is executed", .quirks = { .never = true } },
	{ .name = "descriptor 1 is refused", .quirks = { .error_at = 1, .error = VTD_MODEL_IQE } },
	{ .name = "the wait is aborted", .quirks = { .error_at = 4, .error = VTD_MODEL_ITE } },
	{ .name = "mad status", .quirks = { .status_xor = 0x1000 } },
};

KUNIT_ARRAY_PARAM_DESC(start, start_cases, name);

static void start_fails(struct kunit *test)
{
	const struct start_case *c = test->param_value;
	struct hyp_iommu_fault fault;
	u64 before;
	u32 sid;

	reset_machine(test, NULL);
	vtd.quirks = c->quirks;
	/* With ESRTPS nothing stale is left, whatever else does not work. */
	vtd.cap |= c->cap | VTD_MODEL_ESRTPS;
	vtd.pmen = 1U << 31 | 1;
	KUNIT_EXPECT_EQ(test, start_unit(test), -EIO);
	KUNIT_EXPECT_LT(test, sim_now(), 2 * HYP_IOMMU_TIMEOUT_US);

	before = sim_now();
	be->stop(&unit);
	KUNIT_EXPECT_LT(test, sim_now() - before, 5 * HYP_IOMMU_TIMEOUT_US);
	KUNIT_EXPECT_NE(test, be->fault(&unit, &fault), -EIO);
	if (c->cannot_block)
		return;
	KUNIT_EXPECT_TRUE(test, vtd.gsts & VTD_MODEL_TES);
	for (sid = 0; sid < 40; sid++)
		KUNIT_EXPECT_FALSE(test, vtd_model_access(&vtd, sid, 0, false).ok);
}

static void expect_all_blocked(struct kunit *test)
{
	static const u32 far[] = { 0x7f, 0x80, 0xff, 0x100, 0x17f, 0x180, 0x8000, 0xff80, 0xffff };
	u32 i;

	for (i = 0; i < 40; i++)
		expect_blocked(test, i);
	for (i = 0; i < ARRAY_SIZE(far); i++)
		expect_blocked(test, far[i]);
}

static void blocked_by_default(struct kunit *test)
{
	u64 ecap;
	u32 i;

	for (i = 0; i < 8; i++) {
		reset_machine(test, NULL);
		ecap = i & 1 ? SM_SS : 0;
		vtd.ecap |= ecap;
		vtd.cap |= i & 2 ? VTD_MODEL_ESRTPS | VTD_MODEL_PLMR : 0;
		vtd.cap |= i & 4 ? VTD_MODEL_CM | VTD_MODEL_RWBF : 0;
		vtd.pmen = i & 2 ? 1U << 31 | 1 : 0;
		vtd.fsts = VTD_MODEL_IQE | VTD_MODEL_ITE | VTD_MODEL_PFO;
		vtd_model_record(&vtd, 1, 77, 0, true);
		vtd.frcd[2][1] = 1ULL << 63;
		/* What the machine was left with does let accesses through. */
		KUNIT_EXPECT_TRUE(test, vtd_model_access(&vtd, 3, 0, true).ok);

		KUNIT_ASSERT_EQ(test, start_unit(test), 0);
		expect_all_blocked(test);
		KUNIT_EXPECT_EQ(test, vtd.gsts & ~VTD_MODEL_RTPS,
				VTD_MODEL_TES | VTD_MODEL_QIES | VTD_MODEL_IRES);
		KUNIT_EXPECT_EQ(test, vtd.fectl, 1U << 31);
		KUNIT_EXPECT_EQ(test, vtd.iectl, 1U << 31);
		KUNIT_EXPECT_EQ(test, vtd.pmen & 1, 0);
		KUNIT_EXPECT_EQ(test, vtd.wbfs, i & 4 ? 1 : 0);
	}
}

/* A unit that somebody has left on: no moment without translation. */
static bool leaked;

static void watch_te(const struct sim_event *ev, void *arg)
{
	if (ev->kind == SIM_EV_MMIO_WRITE && !(vtd.gsts & VTD_MODEL_TES))
		leaked = true;
}

static void taken_over(struct kunit *test)
{
	u32 i, k;

	for (i = 0; i < 3; i++) {
		reset_machine(test, NULL);
		/* Scalable, if it is in scalable mode; and the other way round. */
		vtd.ecap |= i ? SM_SS : 0;
		vtd.rtaddr = 0xdead000 | (i == 2 ? 0x400 : 0);
		vtd.root = vtd.rtaddr;
		vtd.gsts |= VTD_MODEL_TES | VTD_MODEL_RTPS | VTD_MODEL_QIES;
		vtd.iqa = 0xbeef000 | (i == 2 ? 0x800 : 0);
		/* Cached context entries of scalable mode. */
		for (k = 0; k < 32 && i == 2; k += 2)
			vtd.cfgs[k].w[0] = 1;
		vtd.iqh = 0x40;
		vtd.iqt = 0x40;
		KUNIT_EXPECT_TRUE(test, vtd_model_access(&vtd, 3, 0, true).ok);
		leaked = false;
		sim_set_trace(watch_te, NULL);
		KUNIT_ASSERT_EQ(test, start_unit(test), 0);
		sim_set_trace(NULL, NULL);
		KUNIT_EXPECT_FALSE(test, leaked);
		KUNIT_EXPECT_EQ(test, vtd.rtaddr & 0xc00, i == 2 ? 0x400 : 0);
		expect_all_blocked(test);
	}

	/* A queue that does not run empty. */
	reset_machine(test, NULL);
	vtd.gsts |= VTD_MODEL_QIES;
	vtd.quirks.never = true;
	vtd.iqt = 0x40;
	KUNIT_EXPECT_EQ(test, start_unit(test), -EIO);
	KUNIT_EXPECT_LT(test, sim_now(), 2 * HYP_IOMMU_TIMEOUT_US);
}

/* ---- trouble ---- */

/* Stopped in good health: nothing of what was attached is left. */
static void stop_blocks(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	u32 i;

	for (i = 0; i < 4; i++) {
		const struct sim_cfg cfg = { .noncoherent = i == 3 };

		reset_machine(test, &cfg);
		vtd.ecap |= i == 1 ? SM_SS : i == 2 ? SM_FS : 0;
		vtd.ecap &= ~(i == 3 ? VTD_MODEL_C : 0);
		KUNIT_ASSERT_EQ(test, start_unit(test), 0);
		fill(&pages, 4);
		make_space(test, &space, 1, i == 2 ? HYP_IOMMU_STAGE_1 : HYP_IOMMU_STAGE_2);
		map(test, &space, 0x1000, 0x5000, PAGE, RW);
		KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
		KUNIT_ASSERT_EQ(test, attach(1, &space), 0);
		expect_ok(test, 1, 0x1000, true, 0x5000);
		be->stop(&unit);
		KUNIT_EXPECT_FALSE(test, vtd_model_access(&vtd, 1, 0x1000, true).ok);
		KUNIT_EXPECT_EQ(test, vtd_model_cached(&vtd, 1), 0);
		KUNIT_EXPECT_TRUE(test, vtd.gsts & VTD_MODEL_TES);
		KUNIT_EXPECT_EQ(test, detach(1, &space), -EIO);
		KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), -EIO);
	}
}

/* A unit that stops in any operation: -EIO, no page comes back, and stop() blocks. */
static void no_answer(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	struct hyp_pgt_gather gather;
	u64 ticket = 0, before;
	u32 step, mode, spare;

	for (step = 0; step < 8; step++) {
		mode = step & 4;
		reset_machine(test, NULL);
		vtd.ecap |= mode ? SM_SS : 0;
		vtd.cap |= VTD_MODEL_CM | VTD_MODEL_ESRTPS;
		KUNIT_ASSERT_EQ(test, start_unit(test), 0);
		fill(&pages, 6);
		make_space(test, &space, 1, HYP_IOMMU_STAGE_2);
		map(test, &space, 0x1000, 0x5000, PAGE, RW);
		KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
		vtd.quirks.never = !(step & 3);
		KUNIT_ASSERT_EQ(test, attach(1, &space), step & 3 ? 0 : -EIO);
		KUNIT_EXPECT_EQ(test, vtd_model_peek_present(&vtd, 1), !!(step & 3));
		vtd_model_access(&vtd, 1, 0x1000, false);
		vtd.quirks.never = true;
		spare = pages.nr;
		if ((step & 3) == 1) {
			gather = unmap_only(test, &space, 0x1000, PAGE);
			KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &gather, &ticket),
					0);
			KUNIT_EXPECT_EQ(test, be->wait(&unit, ticket), -EIO);
		} else if ((step & 3) == 2) {
			KUNIT_EXPECT_EQ(test, detach(1, &space), -EIO);
			KUNIT_EXPECT_FALSE(test, vtd_model_peek_present(&vtd, 1));
		} else if ((step & 3) == 3) {
			KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), -EIO);
		}
		KUNIT_EXPECT_EQ(test, pages.nr, spare);
		be->stop(&unit);
		KUNIT_EXPECT_FALSE(test, vtd_model_access(&vtd, 1, 0x1000, false).ok);
		/* Nobody waits for it again. */
		before = sim_now();
		KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), -EIO);
		KUNIT_EXPECT_LT(test, sim_now() - before, 1000);
	}
}

/* With a write buffer every step can fail earlier. */
static void write_buffer_stuck(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	u64 ticket;

	reset_machine(test, NULL);
	vtd.cap |= VTD_MODEL_RWBF;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	fill(&pages, 4);
	make_space(test, &space, 1, HYP_IOMMU_STAGE_2);
	KUNIT_ASSERT_EQ(test, be->bind(&unit, &space, &pages), 0);
	KUNIT_ASSERT_EQ(test, attach(1, &space), 0);
	vtd.quirks.stuck = 1U << 27;
	gather.start = 0;
	gather.last = PAGE - 1;
	gather.leaf_levels = 1;
	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, &space, &gather, &ticket), -EIO);
	KUNIT_EXPECT_EQ(test, attach(2, &space), -EIO);
	KUNIT_EXPECT_FALSE(test, vtd_model_peek_present(&vtd, 2));
	KUNIT_EXPECT_EQ(test, detach(1, &space), -EIO);
	KUNIT_EXPECT_FALSE(test, vtd_model_peek_present(&vtd, 1));
	KUNIT_EXPECT_EQ(test, be->unbind(&unit, &space, &pages), -EIO);
	KUNIT_EXPECT_LT(test, sim_now(), 6 * HYP_IOMMU_TIMEOUT_US);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(probe_fails, probe_gen_params),
	KUNIT_CASE(probe_describes),
	KUNIT_CASE(address_sizes),
	KUNIT_CASE(leaf_sizes),
	KUNIT_CASE(never_came_up),
	KUNIT_CASE(queue_off_with_a_position),
	KUNIT_CASE_PARAM(start_fails, start_gen_params),
	KUNIT_CASE(blocked_by_default),
	KUNIT_CASE(taken_over),
	KUNIT_CASE(stop_blocks),
	KUNIT_CASE(no_answer),
	KUNIT_CASE(write_buffer_stuck),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_vtd_init",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
