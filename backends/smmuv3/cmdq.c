// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The command queue of an SMMUv3: Arm IHI 0070, sections 3.5 and 4.7.
 *
 * A CMD_SYNC is complete when CMDQ_CONS has passed it, and only a caller whose
 * own CMD_SYNC was passed is told so.  A command that the unit refuses or
 * cannot fetch stops the queue in front of it (7.1): nothing after it is ever
 * reported as done.  The error stays unacknowledged until the unit is stopped,
 * because to acknowledge it makes the unit go on.
 *
 * A unit that can send interrupts as writes to memory writes the position of
 * each CMD_SYNC that is complete instead (4.7.3): to look there costs a waiting
 * CPU, and the unit, less than a register does.  Now and then the registers are
 * looked at all the same: they alone tell of errors, and if they are ahead, memory
 * is not looked at again.
 *
 * Some implementations need every CMD_CFGI and CMD_TLBI twice.  A place that
 * would have to do that is hyp_smmuv3_cmdq_end(), which knows the whole batch.
 */
#include "backends/smmuv3/smmuv3.h"

#define POLLS_PER_GERROR	16

void hyp_smmuv3_cmdq_init(struct hyp_smmuv3_cmdq *q, struct hyp_iommu_unit *unit, u64 ring_pa,
			  u8 lg2, bool noncoherent)
{
	hyp_pf_lock_init(&q->lock);
	q->unit = unit;
	q->regs = unit->regs;
	q->ring_pa = ring_pa;
	q->ring = hyp_pf_va(ring_pa);
	q->lg2 = lg2;
	q->noncoherent = noncoherent;
	q->done = NULL;
	q->dead = false;
	q->prod = 0;
	q->rung = 0;
	q->cons = 0;
}

void hyp_smmuv3_cmdq_use_memory(struct hyp_smmuv3_cmdq *q, u64 done_pa)
{
	q->done_pa = done_pa;
	q->done = hyp_pf_va(done_pa);
}

u64 hyp_smmuv3_cmdq_base(const struct hyp_smmuv3_cmdq *q)
{
	return (q->ring_pa & Q_BASE_ADDR) | FIELD_PREP(Q_BASE_LOG2SIZE, q->lg2) |
	       (q->noncoherent ? 0 : Q_BASE_RWA);
}

static u64 size_of(const struct hyp_smmuv3_cmdq *q)
{
	return BIT_ULL(q->lg2);
}

/* Positions as the registers have them: an index, and above it a bit that each wrap inverts. */
static u64 pos_mask(const struct hyp_smmuv3_cmdq *q)
{
	return 2 * size_of(q) - 1;
}

/* See how far the unit came.  A position that it cannot have reached is an error. */
static void refresh(struct hyp_smmuv3_cmdq *q)
{
	u32 reg = hyp_pf_read32(q->regs, SMMU_CMDQ_CONS);
	u64 moved = (reg - q->cons) & pos_mask(q);

	if (reg == ~0U || moved > q->rung - q->cons) {
		q->dead = true;
		return;
	}
	hyp_pf_rmb();
	q->cons += moved;
}

/* The same from memory.  What is no news, like a position that comes late, is ignored. */
static void refresh_from_memory(struct hyp_smmuv3_cmdq *q)
{
	u32 moved = READ_ONCE(*q->done) - (u32)q->cons;

	if (moved > q->rung - q->cons)
		return;
	hyp_pf_rmb();
	q->cons += moved;
}

/* The queue has stopped if this error is there, and so has a unit that is gone. */
static void check_error(struct hyp_smmuv3_cmdq *q)
{
	u32 gerror = hyp_pf_read32(q->regs, SMMU_GERROR);
	u32 gerrorn = hyp_pf_read32(q->regs, SMMU_GERRORN);

	if (gerror == ~0U || (gerror ^ gerrorn) & GERROR_CMDQ_ERR)
		q->dead = true;
}

static void clean_ring(const struct hyp_smmuv3_cmdq *q, u64 from, u64 nr)
{
	hyp_pf_clean(&q->ring[from], nr * sizeof(*q->ring));
}

/* Let the unit see what was pushed. */
static void ring_doorbell(struct hyp_smmuv3_cmdq *q)
{
	u64 from = q->rung & (size_of(q) - 1), nr = q->prod - q->rung;

	if (!nr)
		return;
	if (q->noncoherent) {
		u64 first = min(nr, size_of(q) - from);

		clean_ring(q, from, first);
		if (nr > first)
			clean_ring(q, 0, nr - first);
	}
	WRITE_ONCE(q->rung, q->prod);
	hyp_pf_wmb();
	hyp_pf_write32(q->regs, SMMU_CMDQ_PROD, q->prod & pos_mask(q));
}

/*
 * One look at a unit that we wait for, the @nth in a row.  From the deadline on
 * each look has to find that it came further, which it can do once per command
 * at most: this too comes to an end.  @memory: what it writes there will do.
 */
static void poll(struct hyp_smmuv3_cmdq *q, u32 nth, u64 deadline, bool memory)
{
	bool late = hyp_pf_us() >= deadline;
	bool closely = late || nth % POLLS_PER_GERROR == POLLS_PER_GERROR - 1;
	u64 cons = q->cons;

	if (memory)
		refresh_from_memory(q);
	if (q->cons == cons && (!memory || closely)) {
		refresh(q);
		/* A write that is lost would look like news 2^32 commands later. */
		if (q->cons != cons && memory)
			q->done = NULL;
	}
	if (q->cons != cons || q->dead)
		return;
	if (closely)
		check_error(q);
	if (late)
		q->dead = true;
}

void hyp_smmuv3_cmdq_begin(struct hyp_smmuv3_cmdq *q)
{
	hyp_pf_lock(&q->lock);
	q->deadline = 0;
}

static bool is_full(const struct hyp_smmuv3_cmdq *q)
{
	return q->prod - q->cons == size_of(q);
}

/* Wait until a command fits in, if the unit is not dead. */
static noinline void make_room(struct hyp_smmuv3_cmdq *q)
{
	u32 nth;

	/* A wait for what was done already has not looked further: see hyp_smmuv3_cmdq_wait(). */
	if (q->done)
		refresh_from_memory(q);
	for (nth = 0; !q->dead && is_full(q); nth++) {
		ring_doorbell(q);
		if (nth)
			hyp_pf_relax();
		if (!q->deadline)
			q->deadline = hyp_pf_us() + HYP_IOMMU_TIMEOUT_US;
		/* Room is made by commands, of which perhaps none is a CMD_SYNC. */
		poll(q, nth, q->deadline, false);
	}
}

static int push(struct hyp_smmuv3_cmdq *q, struct hyp_smmuv3_cmd cmd)
{
	struct hyp_smmuv3_cmd *slot = &q->ring[q->prod & (size_of(q) - 1)];

	if (unlikely(is_full(q)))
		make_room(q);
	if (unlikely(q->dead))
		return -EIO;

	WRITE_ONCE(slot->w[0], cmd.w[0]);
	WRITE_ONCE(slot->w[1], cmd.w[1]);
	q->prod++;
	return 0;
}

int hyp_smmuv3_cmdq_push(struct hyp_smmuv3_cmdq *q, struct hyp_smmuv3_cmd cmd)
{
	int ret = push(q, cmd);

	if (!ret)
		hyp_iommu_count(&q->unit->commands, 1);
	return ret;
}

int hyp_smmuv3_cmdq_end(struct hyp_smmuv3_cmdq *q, u64 *ticket)
{
	/* The position behind it: it may have to wait for room, but nobody else pushes. */
	int ret = push(q, q->done ? hyp_smmuv3_sync_write(q->done_pa, q->prod + 1) :
				    hyp_smmuv3_sync());

	if (!ret) {
		ring_doorbell(q);
		*ticket = q->prod;
	}
	hyp_pf_unlock(&q->lock);
	return ret;
}

/* Without the lock: was @ticket reached?  Where it is not, or the unit is too far, look again. */
static bool passed(const struct hyp_smmuv3_cmdq *q, u64 ticket)
{
	const u32 *done = READ_ONCE(q->done);

	return done && !READ_ONCE(q->dead) &&
	       (u32)(READ_ONCE(*done) - (u32)ticket) <= READ_ONCE(q->rung) - ticket;
}

int hyp_smmuv3_cmdq_wait(struct hyp_smmuv3_cmdq *q, u64 ticket)
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
				poll(q, nth, deadline, q->done);
			else if (q->done)
				refresh_from_memory(q);
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

void hyp_smmuv3_cmdq_kill(struct hyp_smmuv3_cmdq *q)
{
	hyp_pf_lock(&q->lock);
	q->dead = true;
	hyp_pf_unlock(&q->lock);
}
