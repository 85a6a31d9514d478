// SPDX-License-Identifier: GPL-2.0-only
/*
 * VT-d's invalidation queue: positions, a full ring, late and missing
 * completions, errors.
 */
#include "kunit/vtd_kunit.h"

static struct hyp_vtd *priv(void)
{
	return unit.priv;
}

static struct hyp_vtd_qi *queue(struct kunit *test, bool wide)
{
	usual_unit(test, wide ? SM_SS : 0);
	return &priv()->qi;
}

static u64 send(struct kunit *test, struct hyp_vtd_qi *q)
{
	u64 ticket = 0;

	hyp_vtd_qi_begin(q);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_push(q, hyp_vtd_iotlb_domain(1, priv()->caps.drain)), 0);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_end(q, &ticket), 0);
	return ticket;
}

/* Every fill of the ring, around its end, and many times. */
static void wraps(struct kunit *test)
{
	u64 accesses;
	u32 wide, i;

	for (wide = 0; wide < 2; wide++) {
		struct hyp_vtd_qi *q = queue(test, wide);

		accesses = sim_mmio_accesses();
		for (i = 0; i < 1000; i++)
			KUNIT_ASSERT_EQ(test, hyp_vtd_qi_wait(q, send(test, q)), 0);
		/* Doorbells, and no look at a register for room. */
		KUNIT_EXPECT_EQ(test, sim_mmio_accesses() - accesses, 1000);
		KUNIT_EXPECT_EQ(test, *q->status, (u32)q->prod);
		KUNIT_EXPECT_EQ(test, vtd.iqh, vtd.iqt);
	}
}

static void full_ring(struct kunit *test)
{
	static u64 tickets[400];
	u32 wide, i;

	for (wide = 0; wide < 2; wide++) {
		struct hyp_vtd_qi *q = queue(test, wide);

		vtd.quirks.per_tick = 3;
		for (i = 0; i < ARRAY_SIZE(tickets); i++) {
			tickets[i] = send(test, q);
			KUNIT_ASSERT_LT(test, q->prod - q->cons, wide ? 128 : 256);
		}
		/* Whoever waits for the last has waited for all. */
		KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, tickets[i - 1]), 0);
		while (i--)
			KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, tickets[i]), 0);
		KUNIT_EXPECT_EQ(test, vtd.ops[VTD_OP_IOTLB], ARRAY_SIZE(tickets) + 1);
	}
}

/* Positions have 64 bits, and status 32. */
static void positions_wrap(struct kunit *test)
{
	struct hyp_vtd_qi *q = queue(test, false);
	u64 start = 0xffffff00ULL + vtd.iqh / 16;
	u32 i;

	q->prod = start;
	q->rung = start;
	q->cons = start;
	*q->status = (u32)start;
	vtd.quirks.per_tick = 2;
	for (i = 0; i < 300; i++)
		KUNIT_ASSERT_EQ(test, hyp_vtd_qi_wait(q, send(test, q)), 0);
	KUNIT_EXPECT_GT(test, q->cons, 1ULL << 32);
}

/* Its own wait, and not an earlier one. */
static void own_ticket(struct kunit *test)
{
	struct hyp_vtd_qi *q = queue(test, false);
	u64 first, second;

	first = send(test, q);
	vtd.quirks.never = true;
	second = send(test, q);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, first), 0);
	KUNIT_EXPECT_LT(test, q->cons, second);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, first), 0);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, second), -EIO);
}

static void slow(struct kunit *test)
{
	struct hyp_vtd_qi *q = queue(test, false);
	u64 accesses, before;

	vtd.quirks.delay_us = HYP_IOMMU_TIMEOUT_US / 2;
	vtd.quirks.per_tick = 1;
	accesses = sim_mmio_accesses();
	before = sim_now();
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, send(test, q)), 0);
	KUNIT_EXPECT_GE(test, sim_now() - before, vtd.quirks.delay_us);
	/* 10 us per look: memory is looked at, and a register once in 16 times. */
	KUNIT_EXPECT_LE(test, sim_mmio_accesses() - accesses, vtd.quirks.delay_us / 10 / 15);
}

/* Too late is never, also when it comes in the end. */
static void too_late(struct kunit *test)
{
	struct hyp_vtd_qi *q = queue(test, false);
	u64 ticket, before;

	vtd.quirks.delay_us = HYP_IOMMU_TIMEOUT_US + 1000;
	vtd.quirks.per_tick = 100;
	before = sim_now();
	ticket = send(test, q);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, ticket), -EIO);
	KUNIT_EXPECT_LT(test, sim_now() - before, HYP_IOMMU_TIMEOUT_US + 1000);
	sim_advance(10000);
	KUNIT_EXPECT_EQ(test, *q->status, (u32)ticket);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, ticket), -EIO);
	before = sim_now();
	hyp_vtd_qi_begin(q);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_push(q, hyp_vtd_cc_all()), -EIO);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_end(q, &ticket), -EIO);
	KUNIT_EXPECT_LT(test, sim_now() - before, 100);
}

/* A full ring that never gets empty: an end within bounds, too. */
static void stuck_ring(struct kunit *test)
{
	struct hyp_vtd_qi *q = queue(test, true);
	u64 ticket, before;
	u32 i;

	vtd.quirks.never = true;
	for (i = 0; i < 63; i++)
		send(test, q);
	before = sim_now();
	hyp_vtd_qi_begin(q);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_push(q, hyp_vtd_cc_all()), 0);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_push(q, hyp_vtd_cc_all()), -EIO);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_end(q, &ticket), -EIO);
	KUNIT_EXPECT_LE(test, sim_now() - before, HYP_IOMMU_TIMEOUT_US + 1000);
}

/* What was skipped is never reported as done. */
static void errors(struct kunit *test)
{
	static const u32 bits[] = { VTD_MODEL_IQE, VTD_MODEL_ITE };
	u64 good, bad, behind, before;
	u32 i, wait;

	for (i = 0; i < 2; i++) {
		for (wait = 0; wait < 2; wait++) {
			struct hyp_vtd_qi *q = queue(test, i);

			vtd.quirks.error = bits[i];
			vtd.quirks.error_at = vtd.executed + 3 + wait;
			good = send(test, q);
			before = sim_now();
			bad = send(test, q);
			behind = send(test, q);
			KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, good), 0);
			KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, bad), -EIO);
			KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, behind), -EIO);
			KUNIT_EXPECT_LT(test, sim_now() - before, 1000);
			/* Nobody makes the unit go on. */
			KUNIT_EXPECT_TRUE(test, vtd.fsts & bits[i]);
		}
	}
}

/* What an endpoint can bring about stops nobody. */
static void spurious_completion(struct kunit *test)
{
	struct hyp_vtd_qi *q = queue(test, false);

	vtd.quirks.delay_us = 1000;
	vtd.quirks.per_tick = 2;
	vtd.fsts |= VTD_MODEL_ICE;
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, send(test, q)), 0);
	KUNIT_EXPECT_EQ(test, vtd.fsts & VTD_MODEL_ICE, 0);
}

static void nonsense_status(struct kunit *test)
{
	static const u32 xors[] = { ~0U, 0x80000000, 0x1000, 0x200 };
	struct hyp_vtd_qi *q;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(xors); i++) {
		q = queue(test, false);
		vtd.quirks.status_xor = xors[i];
		KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, send(test, q)), -EIO);
	}
	q = queue(test, false);
	vtd.quirks.gone = true;
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, send(test, q)), -EIO);
	KUNIT_EXPECT_LT(test, sim_now(), 1000);
}

/* Tables and descriptors are in memory before the unit hears of them. */
static bool pending_stores, early;

static void watch_doorbell(const struct sim_event *ev, void *arg)
{
	if (ev->kind == SIM_EV_STORE)
		pending_stores = true;
	else if (ev->kind == SIM_EV_WMB)
		pending_stores = false;
	else if (ev->kind == SIM_EV_MMIO_WRITE && pending_stores)
		early = true;
}

static void barrier_before_doorbell(struct kunit *test)
{
	struct hyp_vtd_qi *q = queue(test, false);

	pending_stores = false;
	early = false;
	sim_set_trace(watch_doorbell, NULL);
	KUNIT_EXPECT_EQ(test, hyp_vtd_qi_wait(q, send(test, q)), 0);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_FALSE(test, early);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(wraps),
	KUNIT_CASE(full_ring),
	KUNIT_CASE(positions_wrap),
	KUNIT_CASE(own_ticket),
	KUNIT_CASE(slow),
	KUNIT_CASE(too_late),
	KUNIT_CASE(stuck_ring),
	KUNIT_CASE(errors),
	KUNIT_CASE(spurious_completion),
	KUNIT_CASE(nonsense_status),
	KUNIT_CASE(barrier_before_doorbell),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_vtd_qi",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
