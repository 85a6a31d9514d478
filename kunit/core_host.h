/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a host does through hypercalls, for suites with units that tests steer
 * (models/fake_unit.h).
 */
#ifndef HYP_IOMMU_CORE_HOST_H
#define HYP_IOMMU_CORE_HOST_H

#include "kunit/core_kunit.h"

#define CALLS_REGS	0x9800000ULL	/* of the next unit */
#define CALLS_REGS_SIZE	0x10000ULL

static u64 calls_nop_read(void *priv, u32 offset, unsigned int width)
{
	return 0;
}

static void calls_nop_write(void *priv, u32 offset, u64 val, unsigned int width)
{
}

/* The first suite to run finds no unit, and gets a new machine. */
static int __maybe_unused calls_begin(void)
{
	/* A suite before this one may have finalised. */
	sim_trust_again();
	return call(HYP_IOMMU_UNIT_INFO, 0, HYP_IOMMU_UNIT_KIND).status ? sim_reset(NULL) : 0;
}

/* Return: the number of a new unit, or -1. */
static int __maybe_unused calls_add_unit(bool notices_maps)
{
	static const struct sim_mmio_ops ops = { .read = calls_nop_read,
						 .write = calls_nop_write };
	u64 regs, nr = 0;

	while (!call(HYP_IOMMU_UNIT_INFO, nr, HYP_IOMMU_UNIT_KIND).status)
		nr++;
	regs = CALLS_REGS + nr * CALLS_REGS_SIZE;
	fake_units[nr].notices_maps = notices_maps;
	sim_mmio_register(regs, CALLS_REGS_SIZE, &ops, NULL);
	return call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, regs, CALLS_REGS_SIZE, 0,
		    sim_alloc(SIM_HOST, FAKE_PAGES, 0), FAKE_PAGES).status ? -1 : (int)nr;
}

/* A domain with @tables in its pool. */
static u64 __maybe_unused calls_domain(struct kunit *test, u32 unit, u64 tables)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_ANY, 0);

	ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_ANY,
		   sim_alloc(SIM_HOST, ret.need, ret.need * PAGE));
	KUNIT_ASSERT_EQ(test, ret.status, 0);
	if (tables)
		KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_POOL_DONATE, ret.done,
					   sim_alloc(SIM_HOST, tables, 0), tables).done, tables);
	return ret.done;
}

static int __maybe_unused calls_init(struct kunit *test)
{
	sim_take_errors();
	fake_take_errors();
	return 0;
}

/* Nothing was left, and nothing was wrong. */
static void __maybe_unused calls_exit(struct kunit *test)
{
	while (!call(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN).status)
		;
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 0);
	KUNIT_EXPECT_EQ(test, fake_take_errors(), 0);
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), sim_total_pins());
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), stat(HYP_IOMMU_STAT_STUCK));
}

#endif /* HYP_IOMMU_CORE_HOST_H */
