// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command queue of the SMMUv3 backend against the device model: wrap, a
 * queue that is full, every error, a unit that is slow, late, silent or mad.
 */
#include <kunit/test.h>

#include "backends/smmuv3/smmuv3.h"
#include "kunit/models/smmuv3.h"
#include "kunit/sim_kunit.h"

#define REGS		0x9050000ULL
#define CMDQEN		8U
#define CMDQ_ERR	1U

static struct smmu_model smmu;
static struct hyp_iommu_unit unit;
static struct hyp_smmuv3_cmdq cmdq;

static void setup_cfg(struct kunit *test, u8 lg2, const struct sim_cfg *cfg)
{
	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, cfg), 0);
	smmu_model_init(&smmu);
	unit = (struct hyp_iommu_unit){ .regs = smmu_model_attach(&smmu, REGS) };
	hyp_smmuv3_cmdq_init(&cmdq, &unit, sim_alloc(SIM_HYP, 1, 0), lg2,
			     cfg && cfg->noncoherent);
	smmu.cmdq_base = hyp_smmuv3_cmdq_base(&cmdq);
	smmu.cr0 = CMDQEN;
	smmu.cr0ack = CMDQEN;
}

static void setup(struct kunit *test, u8 lg2)
{
	setup_cfg(test, lg2, NULL);
}

/* A unit that writes to memory.  Return: where. */
static u64 setup_memory(struct kunit *test, u8 lg2)
{
	u64 pa;

	setup(test, lg2);
	pa = sim_alloc(SIM_HYP, 1, 0) + 0x124;
	smmu.idr0 |= 1U << 13;
	hyp_smmuv3_cmdq_use_memory(&cmdq, pa);
	return pa;
}

/* @nr commands and a CMD_SYNC. */
static int issue(u32 nr, u64 *ticket)
{
	u32 i;

	hyp_smmuv3_cmdq_begin(&cmdq);
	for (i = 0; i < nr; i++)
		hyp_smmuv3_cmdq_push(&cmdq, hyp_smmuv3_cfgi_ste(i));
	return hyp_smmuv3_cmdq_end(&cmdq, ticket);
}

static int issue_and_wait(u32 nr)
{
	u64 ticket;
	int ret = issue(nr, &ticket);

	return ret ? ret : hyp_smmuv3_cmdq_wait(&cmdq, ticket);
}

static void many_batches(struct kunit *test, u8 lg2)
{
	u32 size = 1U << lg2, batches = 0, sent = 0, nr = 0;

	while (sent < 5 * size + 7) {
		KUNIT_ASSERT_EQ(test, issue_and_wait(nr), 0);
		sent += nr + 1;
		batches++;
		KUNIT_ASSERT_EQ(test, smmu.ops[SMMU_OP_SYNC], batches);
		KUNIT_ASSERT_EQ(test, smmu.executed, sent);
		nr = (nr + 1) % (size + 3);
	}
	KUNIT_EXPECT_EQ(test, unit.commands, sent - batches);
	KUNIT_EXPECT_EQ(test, unit.waits, batches);
}

/* Every size, through several wraps, with batches that fit and that do not. */
static void wrap_all_sizes(struct kunit *test)
{
	u8 lg2;

	for (lg2 = 0; lg2 <= HYP_SMMUV3_CMDQ_LG2; lg2++) {
		setup(test, lg2);
		many_batches(test, lg2);
	}
}

static void wrap_noncoherent(struct kunit *test)
{
	const struct sim_cfg cfg = { .noncoherent = true, .seed = 7 };
	u8 lg2;

	for (lg2 = 0; lg2 <= HYP_SMMUV3_CMDQ_LG2; lg2 += 2) {
		setup_cfg(test, lg2, &cfg);
		many_batches(test, lg2);
	}
}

/* One command at a time: the queue is full most of the time. */
static void full_and_slow(struct kunit *test)
{
	u8 lg2;

	for (lg2 = 0; lg2 <= 4; lg2++) {
		setup(test, lg2);
		smmu.quirks.per_tick = 1;
		many_batches(test, lg2);
	}
}

/* The doorbell is rung once per batch that fits, and with the whole batch. */
static void one_doorbell(struct kunit *test)
{
	setup(test, 6);
	KUNIT_EXPECT_EQ(test, issue_and_wait(62), 0);
	KUNIT_EXPECT_EQ(test, smmu.doorbells, 1);
	KUNIT_EXPECT_EQ(test, issue_and_wait(1), 0);
	KUNIT_EXPECT_EQ(test, smmu.doorbells, 2);
}

static u32 wmb_after_store, doorbells_seen;
static bool stored;

static void watch_order(const struct sim_event *ev, void *arg)
{
	struct kunit *test = arg;

	if (ev->kind == SIM_EV_STORE) {
		stored = true;
	} else if (ev->kind == SIM_EV_WMB) {
		stored = false;
		wmb_after_store++;
	} else if (ev->kind == SIM_EV_MMIO_WRITE && ev->pa == REGS + SMMU_CMDQ_PROD) {
		doorbells_seen++;
		KUNIT_EXPECT_FALSE_MSG(test, stored, "doorbell without a barrier");
	}
}

static void barrier_before_doorbell(struct kunit *test)
{
	setup(test, 3);
	wmb_after_store = 0;
	doorbells_seen = 0;
	stored = false;
	sim_set_trace(watch_order, test);
	KUNIT_EXPECT_EQ(test, issue_and_wait(20), 0);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_GT(test, doorbells_seen, 2);
	KUNIT_EXPECT_GE(test, wmb_after_store, doorbells_seen);
}

/* ---- errors ---- */

static void expect_dead(struct kunit *test)
{
	u32 doorbells = smmu.doorbells;
	u64 ticket = 0, before = sim_now();

	KUNIT_EXPECT_EQ(test, issue(1, &ticket), -EIO);
	KUNIT_EXPECT_EQ(test, smmu.doorbells, doorbells);
	KUNIT_EXPECT_LT(test, sim_now() - before, 1000);
}

static void command_errors(struct kunit *test)
{
	u64 first, second, third, before;
	u8 error;
	u32 at;

	/* Commands 1 to 3, 4 to 6, 7 to 9; the error is in the second batch. */
	for (error = 1; error <= 3; error++) {
		for (at = 4; at <= 6; at++) {
			setup(test, 4);
			smmu.quirks.error = error;
			smmu.quirks.error_at = at;
			KUNIT_ASSERT_EQ(test, issue(2, &first), 0);
			KUNIT_ASSERT_EQ(test, issue(2, &second), 0);
			KUNIT_ASSERT_EQ(test, issue(2, &third), 0);

			before = sim_now();
			KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, first), 0);
			KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, second), -EIO);
			KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, third), -EIO);
			/* It was seen to be an error, and not waited for in vain. */
			KUNIT_EXPECT_LT(test, sim_now() - before, HYP_IOMMU_TIMEOUT_US / 10);
			expect_dead(test);

			/* Nobody made the unit go on. */
			KUNIT_EXPECT_EQ(test, (smmu.gerror ^ smmu.gerrorn) & CMDQ_ERR, CMDQ_ERR);
			KUNIT_EXPECT_EQ(test, smmu.ops[SMMU_OP_SYNC], 1);
		}
	}
}

/* The error comes while somebody waits for room. */
static void error_while_full(struct kunit *test)
{
	u64 ticket;

	setup(test, 2);
	smmu.quirks.error = 1;
	smmu.quirks.error_at = 3;
	KUNIT_EXPECT_EQ(test, issue(20, &ticket), -EIO);
	expect_dead(test);
}

static void expect_timeout(struct kunit *test, int (*what)(u32 nr), u32 nr)
{
	u64 before = sim_now();

	KUNIT_EXPECT_EQ(test, what(nr), -EIO);
	KUNIT_EXPECT_GE(test, sim_now() - before, HYP_IOMMU_TIMEOUT_US);
	KUNIT_EXPECT_LT(test, sim_now() - before, HYP_IOMMU_TIMEOUT_US + 10000);
	expect_dead(test);
}

static void never_executes(struct kunit *test)
{
	setup(test, 8);
	smmu.quirks.never = true;
	expect_timeout(test, issue_and_wait, 3);

	setup(test, 2);
	smmu.quirks.never = true;
	expect_timeout(test, issue_and_wait, 20);
}

/* It does come to an end, later than anybody waits. */
static void too_late(struct kunit *test)
{
	u64 ticket;

	setup(test, 8);
	smmu.quirks.delay_us = 3 * HYP_IOMMU_TIMEOUT_US;
	expect_timeout(test, issue_and_wait, 3);
	sim_advance(4 * HYP_IOMMU_TIMEOUT_US);
	KUNIT_EXPECT_EQ(test, smmu.ops[SMMU_OP_SYNC], 1);

	/* The CMD_SYNC that did complete is nobody's. */
	KUNIT_EXPECT_EQ(test, issue(1, &ticket), -EIO);
}

/* A wait is over when its own CMD_SYNC is, and not when somebody else's is. */
static void own_completion(struct kunit *test)
{
	u64 first, second;

	setup(test, 8);
	smmu.quirks.never = true;
	KUNIT_ASSERT_EQ(test, issue(1, &first), 0);
	KUNIT_ASSERT_EQ(test, issue(1, &second), 0);
	KUNIT_EXPECT_LT(test, first, second);

	smmu.quirks.never = false;
	smmu.quirks.per_tick = 2;
	sim_advance(1);
	smmu.quirks.never = true;
	KUNIT_EXPECT_EQ(test, smmu.ops[SMMU_OP_SYNC], 1);
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, first), 0);
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, second), -EIO);
	/* What is complete stays complete. */
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, first), 0);
}

/* A position that the unit cannot have reached. */
static void mad_cons(struct kunit *test)
{
	static const u32 masks[] = { ~0U, 0x10, 0x1f, 0x8 };
	u64 ticket;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		setup(test, 4);
		KUNIT_EXPECT_EQ(test, issue_and_wait(1), 0);
		smmu.quirks.never = true;
		KUNIT_EXPECT_EQ(test, issue(3, &ticket), 0);
		smmu.quirks.cons_xor = masks[i];
		KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, ticket), -EIO);
		expect_dead(test);
	}
}

static void unit_is_gone(struct kunit *test)
{
	u64 ticket;

	setup(test, 4);
	KUNIT_EXPECT_EQ(test, issue_and_wait(1), 0);
	smmu.quirks.gone = true;
	KUNIT_EXPECT_EQ(test, issue_and_wait(1), -EIO);

	/* Also where all-ones is the very position that is waited for. */
	setup(test, 4);
	KUNIT_EXPECT_EQ(test, issue_and_wait(15), 0);
	smmu.quirks.never = true;
	KUNIT_EXPECT_EQ(test, issue(14, &ticket), 0);
	KUNIT_EXPECT_EQ(test, smmu.cmdq_prod, 0x1f);
	smmu.quirks.gone = true;
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, ticket), -EIO);
}

static void killed(struct kunit *test)
{
	u64 done, open;

	setup(test, 4);
	KUNIT_EXPECT_EQ(test, issue_and_wait(1), 0);
	KUNIT_EXPECT_EQ(test, issue(1, &done), 0);
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, done), 0);
	smmu.quirks.never = true;
	KUNIT_EXPECT_EQ(test, issue(1, &open), 0);
	hyp_smmuv3_cmdq_kill(&cmdq);
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, done), 0);
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, open), -EIO);
	expect_dead(test);
}

/* ---- completion that is written to memory ---- */

static void wrap_in_memory(struct kunit *test)
{
	u64 pa;
	u8 lg2;

	for (lg2 = 0; lg2 <= HYP_SMMUV3_CMDQ_LG2; lg2++) {
		setup_memory(test, lg2);
		many_batches(test, lg2);
		/* With writes that never come: registers say so, once and for all. */
		setup_memory(test, lg2);
		smmu.quirks.no_msi = true;
		many_batches(test, lg2);
		KUNIT_EXPECT_NULL(test, cmdq.done);
		/* And with positions that do not fit in 32 bits. */
		pa = setup_memory(test, lg2);
		cmdq.prod = 0x1fffffff0ULL;
		*(u32 *)sim_ptr(pa) = cmdq.prod;
		cmdq.rung = cmdq.prod;
		cmdq.cons = cmdq.prod;
		smmu.cmdq_prod = cmdq.prod & ((2U << lg2) - 1);
		smmu.cmdq_cons = smmu.cmdq_prod;
		many_batches(test, lg2);
	}
}

static void no_register_is_read(struct kunit *test)
{
	u64 pa = setup_memory(test, 6), ticket, before;
	u32 i;

	KUNIT_EXPECT_EQ(test, issue(10, &ticket), 0);
	before = sim_mmio_accesses();
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, ticket), 0);
	KUNIT_EXPECT_EQ(test, sim_mmio_accesses(), before);
	KUNIT_EXPECT_EQ(test, *(u32 *)sim_ptr(pa), ticket);
	/* Neither for room in a queue that goes round, whose doorbells are all there is. */
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(test, issue(10, &ticket), 0);
		KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, ticket), 0);
	}
	KUNIT_EXPECT_EQ(test, sim_mmio_accesses(), before + 100);
	/* Neither while it takes its time. */
	smmu.quirks.delay_us = 100;
	KUNIT_EXPECT_EQ(test, issue(10, &ticket), 0);
	before = sim_mmio_accesses();
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, ticket), 0);
	KUNIT_EXPECT_EQ(test, sim_mmio_accesses(), before);
}

/* Old positions, and such as nobody can have: neither complete nor an error. */
static void mad_memory(struct kunit *test)
{
	u64 pa = setup_memory(test, 4), ticket, other;
	u32 *done = sim_ptr(pa), i;

	for (i = 0; i < 20; i++)
		KUNIT_ASSERT_EQ(test, issue_and_wait(i), 0);
	KUNIT_EXPECT_EQ(test, issue(3, &ticket), 0);
	*done -= 5;
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, ticket), 0);

	smmu.quirks.never = true;
	KUNIT_EXPECT_EQ(test, issue(3, &ticket), 0);
	KUNIT_EXPECT_EQ(test, issue(3, &other), 0);
	*done = other + 1;
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cmdq_wait(&cmdq, ticket), -EIO);
	expect_dead(test);
}

static void errors_are_seen_without_memory(struct kunit *test)
{
	u64 before;

	setup_memory(test, 4);
	smmu.quirks.error = 1;
	smmu.quirks.error_at = 3;
	before = sim_now();
	KUNIT_EXPECT_EQ(test, issue_and_wait(2), -EIO);
	KUNIT_EXPECT_LT(test, sim_now() - before, HYP_IOMMU_TIMEOUT_US / 10);
	expect_dead(test);

	setup_memory(test, 4);
	smmu.quirks.gone = true;
	before = sim_now();
	KUNIT_EXPECT_EQ(test, issue_and_wait(2), -EIO);
	KUNIT_EXPECT_LT(test, sim_now() - before, HYP_IOMMU_TIMEOUT_US / 10);

	setup_memory(test, 8);
	smmu.quirks.never = true;
	expect_timeout(test, issue_and_wait, 3);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(wrap_in_memory),
	KUNIT_CASE(no_register_is_read),
	KUNIT_CASE(mad_memory),
	KUNIT_CASE(errors_are_seen_without_memory),
	KUNIT_CASE(wrap_all_sizes),
	KUNIT_CASE(wrap_noncoherent),
	KUNIT_CASE(full_and_slow),
	KUNIT_CASE(one_doorbell),
	KUNIT_CASE(barrier_before_doorbell),
	KUNIT_CASE(command_errors),
	KUNIT_CASE(error_while_full),
	KUNIT_CASE(never_executes),
	KUNIT_CASE(too_late),
	KUNIT_CASE(own_completion),
	KUNIT_CASE(mad_cons),
	KUNIT_CASE(unit_is_gone),
	KUNIT_CASE(killed),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_smmuv3_cmdq",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
