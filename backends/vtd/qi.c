// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The invalidation queue of VT-d: Intel D51397, 6.5.2.
 *
 * Hardware snoops when it reads descriptors and when it writes status, also
 * where it does not snoop for tables (ECAP.C): nothing here is written back.
 *
 * Every batch ends with a wait descriptor, and so positions in the ring become
 * free without a look at registers.  FSTS is looked at once in a while:
 *
 *   IQE  the descriptor at the head is refused, or cannot be read.  Nothing
 *        behind it is executed, and nothing will be: whoever waits is told so.
 *        To clear the bit would make the unit go on; it stays.
 *   ITE  a device TLB did not answer, and waits were aborted.  We have never
 *        asked one: the unit is out of its mind, as with IQE.
 *   ICE  an answer of a device TLB that nobody has waited for.  An endpoint can
 *        send that whenever it likes; it means nothing and is cleared.
 */
#include "backends/vtd/vtd.h"

#define POLLS_PER_FSTS	16

static_assert(HYP_VTD_QI_SIZE / 32 > 2 * HYP_VTD_MAX_BATCH);

void hyp_vtd_qi_init(struct hyp_vtd_qi *q, struct hyp_iommu_unit *unit, u64 ring_pa,
		     u32 *status, bool wide)
{
	hyp_pf_lock_init(&q->lock);
	q->unit = unit;
	q->regs = unit->regs;
	q->ring_pa = ring_pa;
	q->ring = hyp_pf_va(ring_pa);
	q->status = status;
	q->status_pa = hyp_pf_pa(status);
	q->desc_lg2 = wide ? 5 : 4;
	q->lg2 = HYP_IOMMU_PAGE_SHIFT - q->desc_lg2;
	q->dead = false;
	q->prod = 0;
	q->rung = 0;
	q->cons = 0;
}

u64 hyp_vtd_qi_iqa(const struct hyp_vtd_qi *q)
{
	return (q->ring_pa & IQA_IQA) | FIELD_PREP(IQA_QS, 0) | (q->desc_lg2 == 5 ? IQA_DW : 0);
}

static u64 size_of(const struct hyp_vtd_qi *q)
{
	return BIT_ULL(q->lg2);
}

/* See how far the unit came.  A position that it cannot have reached is none. */
static void refresh(struct hyp_vtd_qi *q)
{
	u32 moved = READ_ONCE(*q->status) - (u32)q->cons;

	if (moved && moved <= q->rung - q->cons) {
		hyp_pf_rmb();
		q->cons += moved;
	}
}

static void check_error(struct hyp_vtd_qi *q)
{
	u32 fsts = hyp_pf_read32(q->regs, VTD_FSTS);

	if (fsts == ~0U || fsts & (FSTS_IQE | FSTS_ITE))
		q->dead = true;
	else if (fsts & FSTS_ICE)
		hyp_pf_write32(q->regs, VTD_FSTS, FSTS_ICE);
}

/* Let the unit see what was pushed. */
static void ring_doorbell(struct hyp_vtd_qi *q)
{
	if (q->rung == q->prod)
		return;
	WRITE_ONCE(q->rung, q->prod);
	hyp_pf_wmb();
	hyp_pf_write64(q->regs, VTD_IQT, (q->prod & (size_of(q) - 1)) << q->desc_lg2);
}

/*
 * One look at a unit that we wait for, the @nth in a row.  From the deadline on
 * each look has to find that it came further, which it can do once per wait
 * descriptor at most: this too comes to an end.
 */
static void poll(struct hyp_vtd_qi *q, u32 nth, u64 deadline)
{
	bool late = hyp_pf_us() >= deadline;
	u64 cons = q->cons;

	refresh(q);
	if (q->cons != cons || q->dead)
		return;
	if (late || nth % POLLS_PER_FSTS == POLLS_PER_FSTS - 1)
		check_error(q);
	if (late)
		q->dead = true;
}

void hyp_vtd_qi_begin(struct hyp_vtd_qi *q)
{
	hyp_pf_lock(&q->lock);
	q->deadline = 0;
}

/* One descriptor stays free: a full ring looks like an empty one. */
static bool is_full(const struct hyp_vtd_qi *q)
{
	return q->prod - q->cons >= size_of(q) - 1;
}

/*
 * Wait for a free descriptor, if the unit is not dead.  In a ring that is full there is a
 * wait descriptor of somebody else's, as a batch is much smaller.
 */
static noinline void make_room(struct hyp_vtd_qi *q)
{
	u32 nth;

	/* A wait for what was done already has not looked further: see hyp_vtd_qi_wait(). */
	refresh(q);
	for (nth = 0; !q->dead && is_full(q); nth++) {
		ring_doorbell(q);
		if (nth)
			hyp_pf_relax();
		if (!q->deadline)
			q->deadline = hyp_pf_us() + HYP_IOMMU_TIMEOUT_US;
		poll(q, nth, q->deadline);
	}
}

static int push(struct hyp_vtd_qi *q, struct hyp_vtd_desc desc)
{
	u64 *slot;

	if (unlikely(is_full(q)))
		make_room(q);
	if (unlikely(q->dead))
		return -EIO;

	/* Of a wide descriptor the upper half is 0 for ever. */
	slot = &q->ring[(q->prod & (size_of(q) - 1)) << q->desc_lg2 >> 3];
	WRITE_ONCE(slot[0], desc.w[0]);
	WRITE_ONCE(slot[1], desc.w[1]);
	q->prod++;
	return 0;
}

int hyp_vtd_qi_push(struct hyp_vtd_qi *q, struct hyp_vtd_desc desc)
{
	int ret = push(q, desc);

	if (!ret)
		hyp_iommu_count(&q->unit->commands, 1);
	return ret;
}

int hyp_vtd_qi_fence(struct hyp_vtd_qi *q)
{
	return push(q, hyp_vtd_wait_desc(q->status_pa, (u32)(q->prod + 1)));
}

int hyp_vtd_qi_end(struct hyp_vtd_qi *q, u64 *ticket)
{
	int ret = hyp_vtd_qi_fence(q);

	if (!ret) {
		ring_doorbell(q);
		*ticket = q->prod;
	}
	hyp_pf_unlock(&q->lock);
	return ret;
}

/* Without the lock: was @ticket reached?  Where it is not, or the unit is too far, look again. */
static bool passed(const struct hyp_vtd_qi *q, u64 ticket)
{
	return !READ_ONCE(q->dead) &&
	       (u32)(READ_ONCE(*q->status) - (u32)ticket) <= READ_ONCE(q->rung) - ticket;
}

int hyp_vtd_qi_wait(struct hyp_vtd_qi *q, u64 ticket)
{
	bool done, dead;
	u64 deadline = 0;
	u32 nth;

	hyp_iommu_count(&q->unit->waits, 1);
	/* Often it is done by now: the lock and the clock can wait. */
	if (likely(passed(q, ticket))) {
		hyp_pf_rmb();
		return 0;
	}
	for (nth = 0;; nth++) {
		hyp_pf_lock(&q->lock);
		if (q->cons < ticket && !q->dead) {
			if (nth)
				poll(q, nth, deadline);
			else
				refresh(q);
		}
		done = q->cons >= ticket;
		dead = q->dead;
		hyp_pf_unlock(&q->lock);

		if (done)
			return 0;
		if (dead)
			return -EIO;
		if (!nth)
			deadline = hyp_pf_us() + HYP_IOMMU_TIMEOUT_US;
		hyp_pf_relax();
	}
}

int hyp_vtd_qi_finish(struct hyp_vtd_qi *q)
{
	u64 ticket = 0;
	int ret = hyp_vtd_qi_end(q, &ticket);

	return ret ? ret : hyp_vtd_qi_wait(q, ticket);
}

void hyp_vtd_qi_kill(struct hyp_vtd_qi *q)
{
	hyp_pf_lock(&q->lock);
	q->dead = true;
	hyp_pf_unlock(&q->lock);
}
