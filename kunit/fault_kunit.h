/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a unit with one fault in it, for the suites of both vendors
 * (<vendor>_fault_test.c): from init to unbind, with accesses of endpoints in
 * between.  A layer between the backend and the model counts the accesses to
 * registers, and the fault begins with one of them; with each of them in turn.
 *
 * Whatever the fault is:
 *
 *   - each call ends in time, with 0 or -EIO; init also with -ENODEV, and then
 *     no register was written;
 *   - what returned 0 is true: what was unmapped or detached cannot be reached,
 *     and memory that came back is not read by the unit any more, which is
 *     seen by filling it with entries that let everything through;
 *   - with -EIO no memory comes back, stop() ends in time too, and a unit that
 *     still does what it is told blocks everything from then on;
 *   - what an endpoint can bring about, or is only late, harms nobody.
 *
 * The suite comes with its model: it includes its vendor's header before this
 * one, and defines what is declared here.
 */
#ifndef HYP_IOMMU_FAULT_KUNIT_H
#define HYP_IOMMU_FAULT_KUNIT_H

#define MAX_ACCESSES	1024
#define MAX_CALL_US	(7 * HYP_IOMMU_TIMEOUT_US)	/* a call waits several times */

enum fault_kind {
	FROM_NOW_ON,		/* begin() makes the model misbehave */
	ONCE_ONES,		/* one register reads as all-ones, once; ... */
	ONCE_ZERO,		/* ... as 0, ... */
	ONCE_INVERTED,		/* ... or inverted: those that have positions and errors */
	LATE_ACK,		/* a write that is acknowledged takes its time, ... */
	TOO_LATE_ACK,		/* ... or more than that */
};

struct fault {
	const char *name;
	enum fault_kind kind;
	void (*begin)(void);
	bool harmless;
};

static const struct sim_mmio_ops *fault_model_ops(void);
static void *fault_model(void);
static u32 fault_writes(void);		/* to registers, so far */
static void fault_setup(struct kunit *test); /* a machine; its unit is not started */
static void fault_fill_pages(void);	/* for device tables */
static bool fault_is_acked(u32 offset);	/* a write to this register is acknowledged */
static bool fault_is_position(u32 offset); /* nonsense in it has to be noticed */
static bool fault_can_block(void);	/* does the unit do as it is told? */
static bool fault_access(u32 sid, u64 ia); /* does it get through? */
static u64 fault_bypass(u32 word);	/* in a device table: lets everything through */
static enum hyp_iommu_stage fault_stage(const struct kunit *test);

enum { ACCESS_READ = 1, ACCESS_POSITION = 2, ACCESS_ACKED = 4 };

static struct {
	const struct fault *fault;
	u64 at, accesses;	/* the fault begins with access @at; 0: never */
	struct {
		u64 val, until;
		u32 offset, width;	/* width 0: nothing is held back */
	} held;
	u8 kinds[MAX_ACCESSES];	/* of the accesses of a life without fault */
	/* Before the call that is running. */
	u64 began;
	u32 pages, tables;
} life;

#define EXPECT_LIFE(test, cond, what)						\
	KUNIT_EXPECT_TRUE_MSG(test, cond, "%s; %s at access %llu", what,	\
			      life.fault ? life.fault->name : "no fault",	\
			      (unsigned long long)life.at)

/* ---- the layer in front of the registers ---- */

static void write_held(void)
{
	u32 width = life.held.width;

	life.held.width = 0;
	if (width)
		fault_model_ops()->write(fault_model(), life.held.offset, life.held.val, width);
}

/* Return: is it this access? */
static bool count_access(u32 offset, u8 kind)
{
	life.accesses++;
	if (sim_now() >= life.held.until)
		write_held();
	if (!life.fault && life.accesses < MAX_ACCESSES)
		life.kinds[life.accesses] = kind;
	if (life.accesses != life.at)
		return false;
	if (life.fault->kind == FROM_NOW_ON)
		life.fault->begin();
	return true;
}

static u64 faulty_read(void *priv, u32 offset, unsigned int width)
{
	u8 kind = ACCESS_READ | (fault_is_position(offset) ? ACCESS_POSITION : 0);
	bool now = count_access(offset, kind);
	u64 ones = width == 8 ? ~0ULL : ~0U;
	u64 val = fault_model_ops()->read(priv, offset, width);

	if (now && life.fault->kind == ONCE_ONES)
		return ones;
	if (now && life.fault->kind == ONCE_ZERO)
		return 0;
	return now && life.fault->kind == ONCE_INVERTED ? ~val & ones : val;
}

static void faulty_write(void *priv, u32 offset, u64 val, unsigned int width)
{
	bool now = count_access(offset, fault_is_acked(offset) ? ACCESS_ACKED : 0);

	/* Of two writes the second one is not done before the first. */
	if (life.held.width && life.held.offset == offset)
		write_held();
	if (now && (life.fault->kind == LATE_ACK || life.fault->kind == TOO_LATE_ACK)) {
		life.held.until = sim_now() + HYP_IOMMU_TIMEOUT_US / 4;
		if (life.fault->kind == TOO_LATE_ACK)
			life.held.until += 3 * HYP_IOMMU_TIMEOUT_US;
		life.held.offset = offset;
		life.held.val = val;
		life.held.width = width;
		return;
	}
	fault_model_ops()->write(priv, offset, val, width);
}

static void faulty_tick(void *priv, u64 now_us)
{
	fault_model_ops()->tick(priv, now_us);
}

static const struct sim_mmio_ops faulty_ops = {
	.read = faulty_read,
	.write = faulty_write,
	.tick = faulty_tick,
};

/* ---- what the core does, and what has to come out ---- */

static const u32 sids[3] = { 9, 300, 77 };	/* attached, in different tables; never attached */

static void begin_call(void)
{
	life.began = sim_now();
	life.pages = pages.nr;
	life.tables = tables.nr;
}

static void expect_in_time(struct kunit *test, const char *what)
{
	EXPECT_LIFE(test, sim_now() - life.began <= MAX_CALL_US, what);
}

static void expect_unreachable(struct kunit *test, u32 sid, u64 ia, const char *what)
{
	EXPECT_LIFE(test, !fault_access(sid, ia), what);
}

/* The core's answer to -EIO. */
static void give_up(struct kunit *test)
{
	struct hyp_iommu_fault record;
	u32 i;
	int ret;

	begin_call();
	be->stop(&unit);
	expect_in_time(test, "stop() takes too long");
	for (i = 0; i < ARRAY_SIZE(sids) && fault_can_block(); i++) {
		expect_unreachable(test, sids[i], BLOCK, "not blocked after stop()");
		expect_unreachable(test, sids[i], 2 * BLOCK, "not blocked after stop()");
		expect_unreachable(test, sids[i], 0, "not blocked after stop()");
	}
	/* That there was trouble has been said. */
	for (i = 0; i < 1000; i++) {
		begin_call();
		ret = be->fault(&unit, &record);
		expect_in_time(test, "fault() takes too long");
		if (ret)
			break;
	}
	EXPECT_LIFE(test, ret == -ENOENT, "fault() after stop()");
}

/* Return: go on? */
static bool done(struct kunit *test, int ret, const char *what)
{
	expect_in_time(test, what);
	if (ret) {
		EXPECT_LIFE(test, ret == -EIO, what);
		EXPECT_LIFE(test, life.fault && !life.fault->harmless, what);
		EXPECT_LIFE(test, pages.nr <= life.pages && tables.nr <= life.tables, what);
		give_up(test);
	}
	begin_call();
	return !ret;
}

static int sync(struct hyp_iommu_space *space, struct hyp_pgt_gather *gather)
{
	u64 ticket = 0;
	int ret = 0;

	if (!hyp_pgt_gather_empty(gather)) {
		ret = be->invalidate(&unit, space, gather, &ticket);
		if (!ret)
			ret = be->wait(&unit, ticket);
	}
	if (!ret)
		hyp_pgt_pool_splice(&tables, &gather->tables);
	return ret;
}

static int map_some(struct hyp_iommu_space *space, u64 ia, u64 size)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 1000);
	u64 mapped = 0;

	if (hyp_pgt_map(&space->pgt, ia, 64 * BLOCK + ia, size, RW, &tables, &gather, &mapped))
		return -EINVAL;
	if (unit.notices_maps)
		hyp_pgt_gather_new(&gather, ia, size);
	return sync(space, &gather);
}

static int unmap_some(struct hyp_iommu_space *space, u64 ia, u64 size)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 1000000);
	u64 unmapped = 0;

	if (hyp_pgt_unmap(&space->pgt, ia, size, &gather, &unmapped))
		return -EINVAL;
	return sync(space, &gather);
}

/* Write @bad over memory that came back, or 0: what is in a pool is zero but for the link. */
static void poison(const struct hyp_pgt_pool *pool, u64 size, u64 (*bad)(u32 word))
{
	u64 pa, *word;
	u32 i;

	for (pa = pool->head; pa; pa = word[0]) {
		word = hyp_pf_va(pa);
		for (i = 1; i < size / sizeof(u64); i++)
			word[i] = bad ? bad(i) : 0;
		hyp_pf_clean(word, size);
		hyp_pf_wmb();
	}
}

/* A page, for whatever format: address, valid, both permissions, access flag. */
static u64 any_leaf(u32 word)
{
	return 32 * BLOCK | 0x4c3;
}

static void expect_table_forgotten(struct kunit *test, const struct hyp_iommu_space *space)
{
	u64 size = hyp_pgt_table_size(space->pgt.fmt);

	poison(&tables, size, any_leaf);
	expect_unreachable(test, sids[0], 2 * BLOCK + PAGE, "a table is used again too early");
	expect_unreachable(test, sids[1], 2 * BLOCK + PAGE, "a table is used again too early");
	poison(&tables, size, NULL);
}

static void expect_detached(struct kunit *test, u32 sid)
{
	poison(&pages, PAGE, fault_bypass);
	expect_unreachable(test, sid, BLOCK, "detached");
	expect_unreachable(test, sid, 0, "a device table is used again too early");
	poison(&pages, PAGE, NULL);
}

static void expect_reachable(struct kunit *test, u32 sid, u64 ia)
{
	/* A unit in trouble may deny whatever it likes. */
	if (!life.fault || life.fault->harmless)
		EXPECT_LIFE(test, fault_access(sid, ia), "not reachable");
	else
		fault_access(sid, ia);
}

/* Faults of an endpoint, some of which may get lost. */
static bool read_faults(struct kunit *test)
{
	struct hyp_iommu_fault record;
	u32 i;
	int ret = 0;

	for (i = 0; i < 4; i++)
		fault_access(sids[2], i);
	for (i = 0; i < 1000 && !ret; i++) {
		begin_call();
		ret = be->fault(&unit, &record);
		expect_in_time(test, "fault()");
	}
	return done(test, ret == -ENOENT ? 0 : ret, "fault()");
}

static bool attached_life(struct kunit *test, struct hyp_iommu_space *one)
{
	if (!done(test, map_some(one, BLOCK, 4 * PAGE), "map") ||
	    !done(test, map_some(one, 2 * BLOCK, BLOCK - PAGE), "map a table") ||
	    !done(test, be->bind(&unit, one, &pages), "bind") ||
	    !done(test, attach(sids[0], one), "attach"))
		return false;
	expect_reachable(test, sids[0], BLOCK);
	expect_reachable(test, sids[0], 2 * BLOCK + PAGE);
	if (!done(test, attach(sids[1], one), "attach another"))
		return false;
	expect_reachable(test, sids[1], BLOCK + PAGE);
	expect_reachable(test, sids[1], 2 * BLOCK + PAGE);
	if (!read_faults(test))
		return false;

	if (!done(test, unmap_some(one, BLOCK + PAGE, 2 * PAGE), "unmap"))
		return false;
	expect_unreachable(test, sids[0], BLOCK + PAGE, "unmapped");
	expect_unreachable(test, sids[1], BLOCK + PAGE, "unmapped");
	expect_reachable(test, sids[0], BLOCK);
	if (!done(test, unmap_some(one, 2 * BLOCK, BLOCK - PAGE), "unmap a table"))
		return false;
	expect_table_forgotten(test, one);
	return true;
}

/* From the first endpoint's detaching to another meaning of the tag. */
static void life_after(struct kunit *test, struct hyp_iommu_space *one)
{
	struct hyp_iommu_space two = { 0 };

	if (!done(test, detach(sids[0], one), "detach"))
		return;
	expect_detached(test, sids[0]);
	if (!done(test, detach(sids[1], one), "detach another"))
		return;
	expect_detached(test, sids[1]);
	if (!done(test, be->unbind(&unit, one, &pages), "unbind"))
		return;
	expect_detached(test, sids[0]);

	make_space(test, &two, one->tag, one->stage);
	begin_call();
	if (!done(test, be->bind(&unit, &two, &pages), "bind again") ||
	    !done(test, attach(sids[0], &two), "attach again"))
		return;
	expect_unreachable(test, sids[0], BLOCK, "the tag's old meaning");
	if (!done(test, map_some(&two, 4 * BLOCK, PAGE), "map again"))
		return;
	expect_reachable(test, sids[0], 4 * BLOCK);
	if (!done(test, detach(sids[0], &two), "detach again") ||
	    !done(test, be->unbind(&unit, &two, &pages), "unbind again"))
		return;
	expect_detached(test, sids[0]);
	read_faults(test);
}

/* Return: how many accesses to registers it had. */
static u64 one_life(struct kunit *test, const struct fault *fault, u64 at)
{
	struct hyp_iommu_space one = { 0 };
	u32 writes;
	int ret;

	fault_setup(test);
	unit.regs = sim_mmio_attach(REGS + 0x1000000, unit.regs_size, &faulty_ops, fault_model());
	life.fault = fault;
	life.at = at;
	life.accesses = 0;
	life.held.width = 0;
	writes = fault_writes();
	begin_call();

	ret = start_unit(test);
	if (ret == -ENODEV) {
		EXPECT_LIFE(test, fault && !fault->harmless && fault_writes() == writes, "init");
		return life.accesses;
	}
	if (!done(test, ret, "init"))
		return life.accesses;
	expect_unreachable(test, sids[0], BLOCK, "not blocked by init");
	fault_fill_pages();
	make_space(test, &one, 3, fault_stage(test));
	begin_call();
	if (attached_life(test, &one))
		life_after(test, &one);
	return life.accesses;
}

static bool concerns(const struct fault *fault, u8 access)
{
	switch (fault->kind) {
	case ONCE_ONES:
		return access & ACCESS_READ;
	case ONCE_ZERO:
	case ONCE_INVERTED:
		return access & ACCESS_POSITION;
	case LATE_ACK:
	case TOO_LATE_ACK:
		return access & ACCESS_ACKED;
	default:
		return true;
	}
}

/* Each fault at each access; until something is wrong, which is enough to know. */
static void all_lives(struct kunit *test, const struct fault *faults, u32 nr)
{
	u64 at, accesses = one_life(test, NULL, 0), lives = 0;
	u32 i;

	KUNIT_ASSERT_LT(test, accesses, MAX_ACCESSES);
	KUNIT_ASSERT_GT(test, accesses, 50);
	for (i = 0; i < nr; i++) {
		for (at = 1; at <= accesses && test->status == KUNIT_SUCCESS; at++) {
			if (!concerns(&faults[i], life.kinds[at]))
				continue;
			one_life(test, &faults[i], at);
			lives++;
			if (test->status != KUNIT_SUCCESS)
				KUNIT_FAIL(test, ": %s at access %llu", faults[i].name,
					   (unsigned long long)at);
		}
	}
	kunit_info(test, "%llu accesses, %llu lives", (unsigned long long)accesses,
		   (unsigned long long)lives);
}

#endif /* HYP_IOMMU_FAULT_KUNIT_H */
