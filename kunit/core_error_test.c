// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors that need somebody's help: what another CPU does at the worst moment,
 * services of the platform that fail one after the other, units that do not
 * answer while something is undone.  Whatever comes of it, nothing is lost.
 */
#include <kunit/test.h>

#include "kunit/core_kunit.h"

static u64 memory, list;	/* of the host: 8 pages, 1 page */

/* ---- another CPU, at the worst moment ---- */

static struct {
	enum sim_event_kind when;
	void (*what)(void);
	u64 domain;
	u32 times;
	s64 status;
} other_cpu;

static void watch(const struct sim_event *ev, void *arg)
{
	if (ev->kind != other_cpu.when || other_cpu.times)
		return;
	other_cpu.times++;
	other_cpu.what();
}

static void meanwhile(enum sim_event_kind when, void (*what)(void), u64 domain)
{
	other_cpu.when = when;
	other_cpu.what = what;
	other_cpu.domain = domain;
	other_cpu.times = 0;
	sim_set_trace(watch, NULL);
}

static void expect_it_was_so(struct kunit *test, s64 status)
{
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_EQ(test, other_cpu.times, 1);
	KUNIT_EXPECT_EQ(test, other_cpu.status, status);
}

static void free_meanwhile(void)
{
	other_cpu.status = call(HYP_IOMMU_DOMAIN_FREE, other_cpu.domain).status;
}

static void freed_during_donate(struct kunit *test)
{
	u64 pages = stat(HYP_IOMMU_STAT_PAGES), d = core_domain(test, UNIT_A, 0);
	struct hyp_iommu_ret ret;

	meanwhile(SIM_EV_TAKE, free_meanwhile, d);
	ret = call(HYP_IOMMU_POOL_DONATE, d, memory, 2);
	expect_it_was_so(test, 0);
	KUNIT_EXPECT_EQ(test, ret.status, -EBADF);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	KUNIT_EXPECT_EQ(test, sim_owner(memory), SIM_HOST);
	core_reclaim_all(test);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), pages);
}

static void freed_during_map(struct kunit *test)
{
	u64 d = core_domain(test, UNIT_A, 4);
	struct hyp_iommu_ret ret;

	meanwhile(SIM_EV_PIN, free_meanwhile, d);
	ret = call(HYP_IOMMU_MAP, d, 0, memory, 2 * PAGE, RW);
	expect_it_was_so(test, 0);
	KUNIT_EXPECT_EQ(test, ret.status, -EBADF);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	KUNIT_EXPECT_EQ(test, sim_pins(memory), 0);
}

/* What the platform does not take back goes where the domain's other pages have gone. */
static void freed_during_reclaim(struct kunit *test)
{
	u64 pages = stat(HYP_IOMMU_STAT_PAGES), d = core_domain(test, UNIT_A, 3);
	struct hyp_iommu_ret ret;

	meanwhile(SIM_EV_UNLOCK, free_meanwhile, d);
	sim_fail_nth(SIM_RETURN, 1, -EPROTO);
	ret = call(HYP_IOMMU_POOL_RECLAIM, d);
	expect_it_was_so(test, 0);
	KUNIT_EXPECT_EQ(test, ret.status, -EPROTO);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), pages + stat(HYP_IOMMU_STAT_POOL));
	KUNIT_EXPECT_GT(test, stat(HYP_IOMMU_STAT_POOL), 3);
	core_reclaim_all(test);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), pages);
}

/* Who maps a list holds the domain: it is dying, and gone when the call is over. */
static void freed_during_map_sg(struct kunit *test)
{
	const struct hyp_iommu_sg sg = { .oa = memory, .size = PAGE };
	u64 d = core_domain(test, UNIT_A, 4);
	struct hyp_iommu_ret ret;

	sim_write64(list, sg.oa);
	sim_write64(list + 8, sg.size);
	meanwhile(SIM_EV_PIN, free_meanwhile, d);
	ret = call(HYP_IOMMU_MAP_SG, d, 0, list, 1, RW);
	expect_it_was_so(test, -EAGAIN);
	KUNIT_EXPECT_EQ(test, ret.status, -EBADF);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	KUNIT_EXPECT_EQ(test, sim_pins(memory), 0);
	free_domain(test, d);
}

/* ---- units ---- */

static u8 ia_bits;

static void make_useless(void)
{
	struct hyp_iommu_stage_cfg *cfg =
		&hyp_iommu_unit_get(UNIT_A)->stage[HYP_IOMMU_STAGE_2];

	swap(ia_bits, cfg->cfg.ia_bits);
}

/* A unit whose numbers no table fits to: before anything is taken, and after that. */
static void no_table_fits(struct kunit *test)
{
	u64 pages = stat(HYP_IOMMU_STAT_PAGES);

	ia_bits = 0;
	make_useless();
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, 0).status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, memory).status,
			-EOPNOTSUPP);
	make_useless();
	meanwhile(SIM_EV_TAKE, make_useless, 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, memory).status,
			-EOPNOTSUPP);
	sim_set_trace(NULL, NULL);
	make_useless();
	KUNIT_EXPECT_EQ(test, other_cpu.times, 1);
	KUNIT_EXPECT_EQ(test, sim_owner(memory), SIM_HOST);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), pages);
}

static void unit_memory_is_aligned(struct kunit *test)
{
	const u64 regs = core_add_registers(HYP_IOMMU_MAX_UNITS);

	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, regs, REGS_SIZE, 0,
				   memory + 8, FAKE_PAGES).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, regs, REGS_SIZE, 0,
				   -PAGE, FAKE_PAGES).status, -EINVAL);
	KUNIT_EXPECT_FALSE(test, sim_mmio_taken(regs));
	KUNIT_EXPECT_EQ(test, sim_owner(memory), SIM_HOST);
}

/* A unit that refuses an endpoint, and does not answer when the space is taken from it again. */
static void undoing_fails(struct kunit *test)
{
	u32 unit = core_broken_unit(test);
	u64 d = core_domain(test, unit, 4);

	fake_units[unit].fail[FAKE_ATTACH] = -EOPNOTSUPP;
	fake_units[unit].fail[FAKE_UNBIND] = -EIO;
	KUNIT_EXPECT_EQ(test, attach(d, unit, 1), -EIO);
	KUNIT_EXPECT_EQ(test, fake_units[unit].calls[FAKE_STOP], 1);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, unit, HYP_IOMMU_UNIT_STATE).done,
			HYP_IOMMU_UNIT_STOPPED);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, d).status, -EIO);
	/* It had mapped nothing. */
	KUNIT_EXPECT_EQ(test, map(d, 0, memory, PAGE), -EBADF);
	KUNIT_EXPECT_EQ(test, sim_pins(memory), 0);
}

/* Where maps are noticed, a unit that does not answer costs what was mapped. */
static void told_in_vain(struct kunit *test, bool as_list)
{
	u64 stuck = stat(HYP_IOMMU_STAT_STUCK), pa = sim_alloc(SIM_HOST, 1, 0), d;
	struct hyp_iommu_ret ret;
	u32 unit;

	fake_units[core_next_unit()].notices_maps = true;
	unit = core_broken_unit(test);
	d = core_domain(test, unit, 4);
	KUNIT_ASSERT_EQ(test, attach(d, unit, 1), 0);
	fake_units[unit].fail[FAKE_WAIT] = -EIO;
	sim_write64(list, pa);
	sim_write64(list + 8, PAGE);
	ret = as_list ? call(HYP_IOMMU_MAP_SG, d, 0, list, 1, RW) :
			call(HYP_IOMMU_MAP, d, 0, pa, PAGE, RW);
	KUNIT_EXPECT_EQ(test, ret.status, -EIO);
	KUNIT_EXPECT_EQ(test, ret.done, PAGE);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 1);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_STUCK), stuck + 1);
	KUNIT_EXPECT_EQ(test, fake_units[unit].calls[FAKE_STOP], 1);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, d).status, -EIO);
	fake_units[unit].issued = fake_units[unit].completed;
}

static void a_map_that_is_told_in_vain(struct kunit *test)
{
	told_in_vain(test, false);
	told_in_vain(test, true);
}

/* ---- a platform that refuses ---- */

static struct {
	u32 failed;
	bool lost;
} refusals;

/*
 * A call during which the platform may refuse something, once.  Then it has
 * failed as the platform did, nothing was lost, and trying it again goes on.
 */
static struct hyp_iommu_ret try_call(u64 nr, const u64 *args)
{
	u64 pages = stat(HYP_IOMMU_STAT_PAGES), pinned = stat(HYP_IOMMU_STAT_PINNED);
	struct hyp_iommu_ret ret = call_array(nr, args);

	if (ret.status != -EPROTO)
		return ret;
	refusals.failed++;
	if (nr == HYP_IOMMU_MAP || nr == HYP_IOMMU_MAP_SG)
		pinned += ret.done / PAGE;
	if (nr == HYP_IOMMU_POOL_DONATE)
		pages += ret.done;
	refusals.lost |= stat(HYP_IOMMU_STAT_PAGES) != pages ||
			 stat(HYP_IOMMU_STAT_PINNED) != pinned ||
			 stat(HYP_IOMMU_STAT_PINNED) != sim_total_pins();
	return ret;
}

/* Return: the status of the second attempt if the first one was refused. */
static struct hyp_iommu_ret insist_call(u64 nr, const u64 *args)
{
	struct hyp_iommu_ret ret = try_call(nr, args);

	return ret.status == -EPROTO ? try_call(nr, args) : ret;
}

#define try(nr, ...) \
	try_call(nr, (u64[HYP_IOMMU_MAX_ARGS]) { __VA_ARGS__ })

#define insist(nr, ...) \
	insist_call(nr, (u64[HYP_IOMMU_MAX_ARGS]) { __VA_ARGS__ })

/* In parts, the rest of which is asked for again. */
static void donate_all(struct kunit *test, u64 d, u64 pa, u64 nr)
{
	struct hyp_iommu_ret ret;
	u32 i;

	for (i = 0; i < 2 && nr; i++) {
		ret = try(HYP_IOMMU_POOL_DONATE, d, pa, nr);
		pa += ret.done * PAGE;
		nr -= ret.done;
	}
	KUNIT_ASSERT_EQ(test, nr, 0);
}

static void map_list(struct kunit *test, u64 d, u64 ia)
{
	struct hyp_iommu_ret ret;
	u64 done = 0;
	u32 i;

	for (i = 0; i < 3; i++) {
		sim_write64(list + 16 * i, memory + 2 * i * PAGE);
		sim_write64(list + 16 * i + 8, PAGE);
	}
	for (i = 0; i < 2 && done < 3; i++) {
		ret = try(HYP_IOMMU_MAP_SG, d, ia + done * PAGE, list + 16 * done, 3 - done, RW);
		done += ret.done / PAGE;
	}
	KUNIT_ASSERT_EQ(test, done, 3);
}

/* A host's life, with one call of @op that is refused, if there are that many. */
static void refused_life(struct kunit *test, enum sim_op op, u32 nth)
{
	u64 pages = stat(HYP_IOMMU_STAT_PAGES), before = stat(HYP_IOMMU_STAT_PINNED), d, root;
	struct hyp_iommu_ret ret = call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, HYP_IOMMU_STAGE_ANY, 0);

	/* The same memory each time, as far as it came back. */
	root = memory + 8 * PAGE;
	refusals.failed = 0;
	refusals.lost = false;
	sim_fail_nth(op, nth, -EPROTO);

	ret = insist(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, HYP_IOMMU_STAGE_ANY, root);
	KUNIT_ASSERT_EQ(test, ret.status, 0);
	d = ret.done;
	donate_all(test, d, memory + 10 * PAGE, 4);
	donate_all(test, HYP_IOMMU_NO_DOMAIN, memory + 14 * PAGE, 2);
	KUNIT_EXPECT_EQ(test, insist(HYP_IOMMU_ATTACH, d, UNIT_A, 1,
				     HYP_IOMMU_NO_PASID).status, 0);
	KUNIT_EXPECT_EQ(test, insist(HYP_IOMMU_MAP, d, 0, memory, 2 * PAGE, RW).status, 0);
	map_list(test, d, 4 * PAGE);
	KUNIT_EXPECT_EQ(test, insist(HYP_IOMMU_UNMAP, d, 0, 2 * PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, insist(HYP_IOMMU_POOL_RECLAIM, d).status, 0);
	KUNIT_EXPECT_EQ(test, insist(HYP_IOMMU_DETACH, d, UNIT_A, 1,
				     HYP_IOMMU_NO_PASID).status, 0);
	free_domain(test, d);
	while (!insist(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN).status)
		;

	KUNIT_EXPECT_FALSE_MSG(test, refusals.lost, "operation %u, call %u", op, nth);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), pages);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), before);
	KUNIT_EXPECT_EQ(test, sim_owner(root), SIM_HOST);
}

static void the_platform_refuses_each_call_once(struct kunit *test)
{
	static const enum sim_op ops[] = { SIM_TAKE, SIM_PIN, SIM_RETURN };
	u32 i, nth;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		for (nth = 1; nth < 100; nth++) {
			refused_life(test, ops[i], nth);
			if (!refusals.failed)
				break;
			KUNIT_ASSERT_EQ(test, refusals.failed, 1);
		}
		/* What was to fail in the last one is not there for others. */
		sim_fail_nth(ops[i], 0, 0);
		KUNIT_EXPECT_GE(test, nth, 5);
		KUNIT_EXPECT_LT(test, nth, 100);
	}
}

static void the_platform_refuses_registers(struct kunit *test)
{
	static const enum sim_op ops[] = { SIM_TAKE_MMIO, SIM_TAKE };
	u32 units = stat(HYP_IOMMU_STAT_UNITS), i;
	u64 regs = core_add_registers(core_next_unit());

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		sim_fail_nth(ops[i], 1, -ENOMEM);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, regs, REGS_SIZE, 0,
					   memory, FAKE_PAGES).status, -ENOMEM);
		KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_UNITS), units);
		/* Registers are taken for good. */
		KUNIT_EXPECT_EQ(test, sim_mmio_taken(regs), ops[i] != SIM_TAKE_MMIO);
		KUNIT_EXPECT_EQ(test, sim_owner(memory), SIM_HOST);
	}
	/* It is as good as it was. */
	core_broken_unit(test);
}

static int error_suite_init(struct kunit_suite *suite)
{
	int ret = core_suite_init(suite);

	if (ret)
		return ret;
	list = sim_alloc(SIM_HOST, 1, 0);
	memory = sim_alloc(SIM_HOST, 16, 16 * PAGE);
	return list && memory ? 0 : -ENOMEM;
}

static struct kunit_case error_cases[] = {
	KUNIT_CASE(freed_during_donate),
	KUNIT_CASE(freed_during_map),
	KUNIT_CASE(freed_during_reclaim),
	KUNIT_CASE(freed_during_map_sg),
	KUNIT_CASE(no_table_fits),
	KUNIT_CASE(unit_memory_is_aligned),
	KUNIT_CASE(undoing_fails),
	KUNIT_CASE(a_map_that_is_told_in_vain),
	KUNIT_CASE(the_platform_refuses_each_call_once),
	KUNIT_CASE(the_platform_refuses_registers),
	{}
};

static struct kunit_suite error_suite = {
	.name = "hyp_core_error",
	.suite_init = error_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = error_cases,
};

kunit_test_suite(error_suite);
