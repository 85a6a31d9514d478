/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of the SMMUv3 backend share: a machine with one unit, which
 * is the device model, and the steps that the core goes through with it.
 */
#ifndef HYP_IOMMU_SMMUV3_KUNIT_H
#define HYP_IOMMU_SMMUV3_KUNIT_H

#include <kunit/test.h>

#include "backends/smmuv3/smmuv3.h"
#include "kunit/models/smmuv3.h"
#include "kunit/sim_kunit.h"
#include "pgtable/fmt_vmsa.h"

#define REGS		0x9050000ULL
#define RW		(HYP_IOMMU_READ | HYP_IOMMU_WRITE | HYP_IOMMU_CACHE)
#define PAGE		0x1000ULL
#define BLOCK		0x200000ULL

static const struct hyp_iommu_backend *const be = &hyp_smmuv3_backend;
static struct smmu_model smmu;
static struct hyp_iommu_unit unit;
static struct hyp_pgt_pool pages, tables;

static __maybe_unused void
reset_machine(struct kunit *test, const struct sim_cfg *cfg)
{
	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, cfg), 0);
	smmu_model_init(&smmu);
	memset(&unit, 0, sizeof(unit));
	memset(&pages, 0, sizeof(pages));
	memset(&tables, 0, sizeof(tables));
	unit.backend = be;
	unit.regs_pa = REGS;
	unit.regs_size = SMMU_MODEL_REGS;
	unit.regs = smmu_model_attach(&smmu, REGS);
}

/* As the core does it: ask, then give. */
static __maybe_unused int
start_unit(struct kunit *test)
{
	u32 writes = smmu.writes;
	u64 need = 0, align = 1;
	int ret;

	ret = be->init(&unit, &need);
	if (ret != -ENOMEM)
		return ret;
	KUNIT_EXPECT_EQ(test, smmu.writes, writes);
	KUNIT_EXPECT_GT(test, need, 0);
	while (align < need)
		align *= 2;
	unit.mem_pages = need;
	unit.mem_pa = sim_alloc(SIM_HYP, need, align * PAGE);
	KUNIT_ASSERT_NE(test, unit.mem_pa, 0);
	return be->init(&unit, &need);
}

static __maybe_unused void
fill(struct hyp_pgt_pool *pool, u32 nr, u64 size)
{
	while (nr--)
		hyp_pgt_pool_put(pool, sim_alloc(SIM_HYP, size / PAGE, size));
}

static __maybe_unused void
make_space(struct kunit *test, struct hyp_iommu_space *space, u32 tag, enum hyp_iommu_stage stage)
{
	const struct hyp_iommu_stage_cfg *can = &unit.stage[stage];
	u64 size = hyp_pgt_root_size(can->fmt, &can->cfg);
	u64 nr = size > PAGE ? size / PAGE : 1;

	KUNIT_ASSERT_NE(test, size, 0);
	space->tag = tag;
	space->stage = stage;
	KUNIT_ASSERT_EQ(test, hyp_pgt_init(&space->pgt, can->fmt, &can->cfg,
					   sim_alloc(SIM_HYP, nr, nr * PAGE)), 0);
	if (!tables.nr)
		fill(&tables, 20, hyp_pgt_table_size(can->fmt));
}

static __maybe_unused void
invalidate(struct kunit *test, struct hyp_iommu_space *space, struct hyp_pgt_gather *gather)
{
	u64 ticket = 0;

	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, space, gather, &ticket), 0);
	KUNIT_EXPECT_EQ(test, be->wait(&unit, ticket), 0);
	hyp_pgt_pool_splice(&tables, &gather->tables);
}

static __maybe_unused void
map(struct kunit *test, struct hyp_iommu_space *space, u64 ia, u64 oa, u64 size, u32 prot)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 1000);
	u64 done = 0;

	KUNIT_ASSERT_TRUE(test, hyp_pgt_check(&space->pgt, ia, oa, size, prot));
	KUNIT_ASSERT_EQ(test, hyp_pgt_map(&space->pgt, ia, oa, size, prot, &tables, &gather,
					  &done), 0);
	KUNIT_ASSERT_EQ(test, done, size);
	if (!hyp_pgt_gather_empty(&gather))
		invalidate(test, space, &gather);
}

/* Return: what the first half of an unmap has removed. */
static __maybe_unused struct hyp_pgt_gather
unmap_only(struct kunit *test, struct hyp_iommu_space *space, u64 ia, u64 size)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 1000000);
	u64 done = 0;

	KUNIT_ASSERT_EQ(test, hyp_pgt_unmap(&space->pgt, ia, size, &gather, &done), 0);
	KUNIT_ASSERT_EQ(test, done, size);
	return gather;
}

static __maybe_unused void
unmap(struct kunit *test, struct hyp_iommu_space *space, u64 ia, u64 size)
{
	struct hyp_pgt_gather gather = unmap_only(test, space, ia, size);

	invalidate(test, space, &gather);
}

static __maybe_unused int
attach(u32 sid, struct hyp_iommu_space *space)
{
	return be->attach(&unit, sid, HYP_IOMMU_NO_PASID, space, &pages);
}

static __maybe_unused int
detach(u32 sid, struct hyp_iommu_space *space)
{
	return be->detach(&unit, sid, HYP_IOMMU_NO_PASID, space, &pages);
}

static __maybe_unused void
expect_ok(struct kunit *test, u32 sid, u64 ia, bool write, u64 pa)
{
	struct smmu_access access = smmu_model_access(&smmu, sid, ia, write);

	KUNIT_EXPECT_TRUE(test, access.ok);
	KUNIT_EXPECT_FALSE(test, access.bypass);
	KUNIT_EXPECT_EQ(test, access.pa, pa);
}

/* The access fails, and the unit tells who it was. */
static __maybe_unused void
expect_fault(struct kunit *test, u32 sid, u64 ia, bool write, enum hyp_iommu_fault_reason reason)
{
	struct hyp_iommu_fault fault;

	KUNIT_EXPECT_FALSE(test, smmu_model_access(&smmu, sid, ia, write).ok);
	KUNIT_ASSERT_EQ(test, be->fault(&unit, &fault), 0);
	KUNIT_EXPECT_EQ(test, fault.endpoint, sid);
	KUNIT_EXPECT_EQ(test, fault.reason, reason);
	KUNIT_EXPECT_FALSE(test, fault.has_pasid);
	if (reason == HYP_IOMMU_FAULT_BLOCKED) {
		KUNIT_EXPECT_TRUE(test, fault.no_address);
	} else {
		KUNIT_EXPECT_FALSE(test, fault.no_address);
		KUNIT_EXPECT_EQ(test, fault.ia, ia);
		KUNIT_EXPECT_EQ(test, fault.write, write);
	}
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
}

static __maybe_unused void
expect_blocked(struct kunit *test, u32 sid)
{
	expect_fault(test, sid, 0x1000, true, HYP_IOMMU_FAULT_BLOCKED);
}

/* The usual unit, running, and a few pages to give it. */
static __maybe_unused void
usual_unit(struct kunit *test)
{
	reset_machine(test, NULL);
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	fill(&pages, 4, PAGE);
}

#endif /* HYP_IOMMU_SMMUV3_KUNIT_H */
