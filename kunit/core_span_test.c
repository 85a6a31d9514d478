// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains and units of different kinds, through hypercalls: real backends
 * against their device models.  A domain spans units that can use its tables
 * as they are, and is refused by all others.
 *
 * Runs before the core's own suites, which use up all units that there can be.
 */
#include <kunit/test.h>

#include "kunit/core_calls.h"
#include "kunit/models/smmuv3.h"
#include "kunit/models/vtd.h"
#include "kunit/sim_kunit.h"

#define PAGE		HYP_IOMMU_PAGE_SIZE
#define RW		(HYP_IOMMU_READ | HYP_IOMMU_WRITE | HYP_IOMMU_CACHE)
#define REGS(nr)	(0xfe000000ULL + (nr) * 0x100000)
#define KIND_SMMUV3	HYP_IOMMU_KIND('S', 'M', '3', ' ')
#define KIND_VTD	HYP_IOMMU_KIND('V', 'T', 'D', ' ')
#define SID		0x18

enum { LEGACY, SCALABLE, FIRST_STAGE, FOUR_LEVELS, THREE_LEVELS, NR_VTDS, SMMU = NR_VTDS };

static struct vtd_model vtds[NR_VTDS];
static struct smmu_model smmu;

static u64 alloc_host(u64 nr)
{
	return sim_alloc(SIM_HOST, nr, nr > 1 ? PAGE << fls64(nr - 1) : 0);
}

static int add_unit(u32 kind, u32 nr, u64 size)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_UNIT_ADD, kind, REGS(nr), size);
	u64 pages = ret.need;

	if (ret.status != -ENOMEM)
		return -EINVAL;
	ret = call(HYP_IOMMU_UNIT_ADD, kind, REGS(nr), size, 0, alloc_host(pages), pages);
	return ret.status || ret.done != nr;
}

static int span_suite_init(struct kunit_suite *suite)
{
	const struct sim_cfg cfg = { .size = CORE_MEMORY };
	u32 i;

	if (sim_reset(&cfg))
		return -ENOMEM;
	for (i = 0; i < NR_VTDS; i++)
		vtd_model_init(&vtds[i]);
	vtds[SCALABLE].ecap |= VTD_MODEL_SMTS | VTD_MODEL_SSTS | VTD_MODEL_SMPWC;
	vtds[FIRST_STAGE].ecap |= VTD_MODEL_SMTS | VTD_MODEL_FSTS | VTD_MODEL_SMPWC;
	vtds[FOUR_LEVELS].cap &= ~VTD_MODEL_SAGAW(0x1fULL);
	vtds[FOUR_LEVELS].cap |= VTD_MODEL_SAGAW(4ULL);
	vtds[THREE_LEVELS].cap &= ~VTD_MODEL_SAGAW(0x1fULL);
	vtds[THREE_LEVELS].cap |= VTD_MODEL_SAGAW(2ULL);
	for (i = 0; i < NR_VTDS; i++) {
		sim_mmio_register(REGS(i), VTD_MODEL_REGS, &vtd_model_ops, &vtds[i]);
		if (add_unit(KIND_VTD, i, VTD_MODEL_REGS))
			return -EINVAL;
	}
	smmu_model_init(&smmu);
	sim_mmio_register(REGS(SMMU), SMMU_MODEL_REGS, &smmu_model_ops, &smmu);
	return add_unit(KIND_SMMUV3, SMMU, SMMU_MODEL_REGS);
}

static u64 alloc_domain(struct kunit *test, u32 unit)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_ANY);

	KUNIT_ASSERT_EQ(test, ret.status, -ENOMEM);
	ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_ANY, alloc_host(ret.need));
	KUNIT_ASSERT_EQ(test, ret.status, 0);
	KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_POOL_DONATE, ret.done, alloc_host(8), 8).done, 8);
	return ret.done;
}

static s64 attach(u64 domain, u32 unit)
{
	return call(HYP_IOMMU_ATTACH, domain, unit, SID, HYP_IOMMU_NO_PASID).status;
}

static s64 detach(u64 domain, u32 unit)
{
	return call(HYP_IOMMU_DETACH, domain, unit, SID, HYP_IOMMU_NO_PASID).status;
}

/* Where DMA of the endpoint behind @unit gets to; 0: it is blocked. */
static u64 dma(u32 unit, u64 ia)
{
	struct smmu_access by_smmu;
	struct vtd_access by_vtd;

	if (unit == SMMU) {
		by_smmu = smmu_model_access(&smmu, SID, ia, true);
		return by_smmu.ok ? by_smmu.pa : 0;
	}
	by_vtd = vtd_model_access(&vtds[unit], SID, ia, true);
	return by_vtd.ok ? by_vtd.pa : 0;
}

static void a_domain_spans_units(struct kunit *test)
{
	u64 pa = sim_alloc(SIM_HOST, 2, 0), d = alloc_domain(test, LEGACY);

	KUNIT_ASSERT_EQ(test, attach(d, LEGACY), 0);
	KUNIT_ASSERT_EQ(test, attach(d, SCALABLE), 0);
	KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_MAP, d, 0x10000, pa, 2 * PAGE, RW).status, 0);
	KUNIT_EXPECT_EQ(test, dma(LEGACY, 0x10008), pa + 8);
	KUNIT_EXPECT_EQ(test, dma(SCALABLE, 0x11008), pa + PAGE + 8);
	KUNIT_EXPECT_EQ(test, dma(FIRST_STAGE, 0x10008), 0);
	KUNIT_EXPECT_EQ(test, sim_host_donate(pa, 1, SIM_GUEST), -EBUSY);

	/* Both forget, before the page can go to somebody else. */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNMAP, d, 0x10000, PAGE).status, 0);
	KUNIT_EXPECT_EQ(test, sim_host_donate(pa, 1, SIM_GUEST), 0);
	KUNIT_EXPECT_EQ(test, dma(LEGACY, 0x10008), 0);
	KUNIT_EXPECT_EQ(test, dma(SCALABLE, 0x10008), 0);
	KUNIT_EXPECT_EQ(test, dma(SCALABLE, 0x11000), pa + PAGE);

	/* One goes, the other stays. */
	KUNIT_EXPECT_EQ(test, detach(d, LEGACY), 0);
	KUNIT_EXPECT_EQ(test, dma(LEGACY, 0x11000), 0);
	KUNIT_EXPECT_EQ(test, dma(SCALABLE, 0x11000), pa + PAGE);
	KUNIT_EXPECT_EQ(test, detach(d, SCALABLE), 0);
	KUNIT_EXPECT_EQ(test, dma(SCALABLE, 0x11000), 0);
	free_domain(test, d);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
}

static void other_formats_are_refused(struct kunit *test)
{
	static const u32 kinds[] = { LEGACY, FIRST_STAGE, SMMU };
	u64 pa = sim_alloc(SIM_HOST, 1, 0), d;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		d = alloc_domain(test, kinds[i]);
		KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_MAP, d, 0x10000, pa, PAGE, RW).status, 0);
		for (j = 0; j < ARRAY_SIZE(kinds); j++) {
			KUNIT_EXPECT_EQ(test, attach(d, kinds[j]), i == j ? 0 : -EXDEV);
			KUNIT_EXPECT_EQ(test, dma(kinds[j], 0x10000), i == j ? pa : 0);
		}
		KUNIT_EXPECT_EQ(test, detach(d, kinds[i]), 0);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNMAP, d, 0x10000, PAGE).status, 0);
		free_domain(test, d);
	}
}

/* A format with fewer levels is another one for those who do not have it. */
static void other_depths_are_refused(struct kunit *test)
{
	u64 three = alloc_domain(test, THREE_LEVELS), four = alloc_domain(test, FOUR_LEVELS);

	KUNIT_EXPECT_EQ(test, attach(three, FOUR_LEVELS), -EXDEV);
	KUNIT_EXPECT_EQ(test, attach(four, THREE_LEVELS), -EXDEV);
	KUNIT_EXPECT_EQ(test, attach(three, LEGACY), 0);
	KUNIT_EXPECT_EQ(test, detach(three, LEGACY), 0);
	KUNIT_EXPECT_EQ(test, attach(four, LEGACY), 0);
	KUNIT_EXPECT_EQ(test, detach(four, LEGACY), 0);
	free_domain(test, three);
	free_domain(test, four);
}

static int span_init(struct kunit *test)
{
	u64 pa = sim_alloc(SIM_HOST, 16, 0);

	sim_set_error_hook(sim_kunit_fail);
	sim_take_errors();
	return call(HYP_IOMMU_POOL_DONATE, HYP_IOMMU_NO_DOMAIN, pa, 16).status;
}

static void span_exit(struct kunit *test)
{
	while (!call(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN).status)
		;
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_PINNED).done, 0);
	sim_set_error_hook(NULL);
}

static struct kunit_case span_cases[] = {
	KUNIT_CASE(a_domain_spans_units),
	KUNIT_CASE(other_formats_are_refused),
	KUNIT_CASE(other_depths_are_refused),
	{}
};

static struct kunit_suite span_suite = {
	.name = "hyp_core_span",
	.suite_init = span_suite_init,
	.init = span_init,
	.exit = span_exit,
	.test_cases = span_cases,
};

kunit_test_suite(span_suite);
