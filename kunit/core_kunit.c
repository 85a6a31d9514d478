// SPDX-License-Identifier: GPL-2.0-only
/* See core_kunit.h. */
#include "kunit/core_kunit.h"

u32 core_first_unit;
u32 core_broken_units;
u64 core_windows;

static u64 nop_read(void *priv, u32 offset, unsigned int width)
{
	return 0;
}

static void nop_write(void *priv, u32 offset, u64 val, unsigned int width)
{
}

u64 core_add_registers(u32 nr)
{
	static const struct sim_mmio_ops nop_ops = { .read = nop_read, .write = nop_write };
	u64 pa = REGS + nr * REGS_SIZE;

	sim_mmio_register(pa, REGS_SIZE, &nop_ops, NULL);
	return pa;
}

static s64 add_unit(u32 nr)
{
	return call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, core_add_registers(nr), REGS_SIZE, 0,
		    sim_alloc(SIM_HOST, FAKE_PAGES, 0), FAKE_PAGES).status;
}

u32 core_broken_unit(struct kunit *test)
{
	u32 nr = core_next_unit();

	core_broken_units++;
	KUNIT_ASSERT_LT(test, nr, HYP_IOMMU_MAX_UNITS);
	KUNIT_ASSERT_EQ(test, add_unit(nr), 0);
	KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_UNIT_INFO, nr, HYP_IOMMU_UNIT_STATE).done,
			HYP_IOMMU_UNIT_LIVE);
	return nr;
}

u64 core_alloc_domain_of(struct kunit *test, u32 unit)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_ANY, 0);
	u64 root;

	KUNIT_ASSERT_EQ(test, ret.status, -ENOMEM);
	KUNIT_ASSERT_GT(test, ret.need, 0);
	root = sim_alloc(SIM_HOST, ret.need, ret.need * PAGE);
	KUNIT_ASSERT_NE(test, root, 0);
	ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_ANY, root);
	KUNIT_ASSERT_EQ(test, ret.status, 0);
	return ret.done;
}

void core_donate(struct kunit *test, u64 domain, u64 nr)
{
	u64 pa = sim_alloc(SIM_HOST, nr, 0);
	struct hyp_iommu_ret ret = call(HYP_IOMMU_POOL_DONATE, domain, pa, nr);

	KUNIT_ASSERT_EQ(test, ret.status, 0);
	KUNIT_ASSERT_EQ(test, ret.done, nr);
}

u64 core_domain(struct kunit *test, u32 unit, u64 tables)
{
	u64 d = core_alloc_domain_of(test, unit);

	if (tables)
		core_donate(test, d, tables);
	return d;
}

void core_reclaim_all(struct kunit *test)
{
	struct hyp_iommu_ret ret;

	for (;;) {
		ret = call(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN);
		if (ret.status)
			break;
		KUNIT_EXPECT_EQ(test, sim_owner(ret.done), SIM_HOST);
	}
	KUNIT_EXPECT_EQ(test, ret.status, -ENOENT);
}

u64 core_random(u64 *state, u64 below)
{
	/* xorshift64* (Vigna) */
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 0x2545f4914f6cdd1dULL >> 16) % below;
}

static int add_units(void)
{
	const struct sim_cfg cfg = { .size = CORE_MEMORY };
	u32 i;

	while (!call(HYP_IOMMU_UNIT_INFO, core_first_unit, HYP_IOMMU_UNIT_KIND).status)
		core_first_unit++;
	/* Units that are there live on, and so has their memory to. */
	if (!core_first_unit && sim_reset(&cfg))
		return -ENOMEM;
	fake_units[UNIT_OTHER_FORMAT].other_format = true;
	fake_units[UNIT_NONCOHERENT].noncoherent = true;
	fake_units[UNIT_NOTICES_MAPS].notices_maps = true;
	core_windows = sim_alloc(SIM_HOST, 6, 0);
	sim_set_owner(core_windows + PAGE, 1, SIM_NOMEM);
	sim_set_owner(core_windows + 4 * PAGE, 1, SIM_NOMEM);
	if (allow(WINDOW, PAGE) || allow(core_windows + PAGE, PAGE) ||
	    allow(core_windows + 4 * PAGE, PAGE))
		return -EINVAL;
	for (i = UNIT_A; i < UNIT_BROKEN; i++) {
		if (add_unit(i))
			return -EINVAL;
	}
	return 0;
}

int core_suite_init(struct kunit_suite *suite)
{
	static bool added;
	int ret;

	sim_trust_again();
	if (added)
		return 0;
	ret = add_units();
	added = !ret;
	return ret;
}

int core_hostile_suite_init(struct kunit_suite *suite)
{
	int ret = core_suite_init(suite);

	sim_finalise();
	return ret;
}

int core_init(struct kunit *test)
{
	sim_take_errors();
	fake_take_errors();
	return 0;
}

void core_exit(struct kunit *test)
{
	core_reclaim_all(test);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 0);
	KUNIT_EXPECT_EQ(test, fake_take_errors(), 0);
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), sim_total_pins());
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), stat(HYP_IOMMU_STAT_STUCK));
}
