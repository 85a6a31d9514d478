/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of the VT-d backend share: a machine with one unit, which is
 * the device model, and the steps that the core goes through with it.
 */
#ifndef HYP_IOMMU_VTD_KUNIT_H
#define HYP_IOMMU_VTD_KUNIT_H

#include <kunit/test.h>

#include "backends/vtd/vtd.h"
#include "kunit/models/vtd.h"
#include "kunit/sim_kunit.h"
#include "pgtable/fmt_vtd.h"

#define REGS		0xfed90000ULL
#define RW		(HYP_IOMMU_READ | HYP_IOMMU_WRITE | HYP_IOMMU_CACHE)
#define PAGE		0x1000ULL
#define BLOCK		0x200000ULL
#define SM_SS		(VTD_MODEL_SMTS | VTD_MODEL_SSTS | VTD_MODEL_SMPWC)
#define SM_FS		(VTD_MODEL_SMTS | VTD_MODEL_FSTS | VTD_MODEL_SMPWC)

static const struct hyp_iommu_backend *const be = &hyp_vtd_backend;
static struct vtd_model vtd;
static struct hyp_iommu_unit unit;
static struct hyp_pgt_pool pages, tables;

static __maybe_unused void
reset_machine(struct kunit *test, const struct sim_cfg *cfg)
{
	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, cfg), 0);
	vtd_model_init(&vtd);
	memset(&unit, 0, sizeof(unit));
	memset(&pages, 0, sizeof(pages));
	memset(&tables, 0, sizeof(tables));
	unit.backend = be;
	unit.regs_pa = REGS;
	unit.regs_size = VTD_MODEL_REGS;
	unit.regs = vtd_model_attach(&vtd, REGS);
}

/* As the core does it: ask, then give. */
static __maybe_unused int
start_unit(struct kunit *test)
{
	u32 writes = vtd.writes;
	u64 need = 0;
	int ret;

	ret = be->init(&unit, &need);
	if (ret != -ENOMEM)
		return ret;
	KUNIT_EXPECT_EQ(test, vtd.writes, writes);
	KUNIT_EXPECT_GT(test, need, 0);
	unit.mem_pages = need;
	unit.mem_pa = sim_alloc(SIM_HYP, need, 0);
	KUNIT_ASSERT_NE(test, unit.mem_pa, 0);
	return be->init(&unit, &need);
}

static __maybe_unused void
fill(struct hyp_pgt_pool *pool, u32 nr)
{
	while (nr--)
		hyp_pgt_pool_put(pool, sim_alloc(SIM_HYP, 1, 0));
}

static __maybe_unused void
make_space(struct kunit *test, struct hyp_iommu_space *space, u32 tag, enum hyp_iommu_stage stage)
{
	const struct hyp_iommu_stage_cfg *can = &unit.stage[stage];

	KUNIT_ASSERT_NOT_NULL(test, can->fmt);
	KUNIT_ASSERT_EQ(test, hyp_pgt_root_size(can->fmt, &can->cfg), PAGE);
	space->tag = tag;
	space->stage = stage;
	KUNIT_ASSERT_EQ(test, hyp_pgt_init(&space->pgt, can->fmt, &can->cfg,
					   sim_alloc(SIM_HYP, 1, 0)), 0);
	if (tables.nr < 10)
		fill(&tables, 20);
}

static __maybe_unused void
invalidate(struct kunit *test, struct hyp_iommu_space *space, struct hyp_pgt_gather *gather)
{
	u64 ticket = 0;

	KUNIT_EXPECT_EQ(test, be->invalidate(&unit, space, gather, &ticket), 0);
	KUNIT_EXPECT_EQ(test, be->wait(&unit, ticket), 0);
	hyp_pgt_pool_splice(&tables, &gather->tables);
}

/* In caching mode, and with a write buffer, what was added is told as well. */
static __maybe_unused void
map(struct kunit *test, struct hyp_iommu_space *space, u64 ia, u64 oa, u64 size, u32 prot)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 1000);
	u64 done = 0;

	KUNIT_ASSERT_TRUE(test, hyp_pgt_check(&space->pgt, ia, oa, size, prot));
	KUNIT_ASSERT_EQ(test, hyp_pgt_map(&space->pgt, ia, oa, size, prot, &tables, &gather,
					  &done), 0);
	KUNIT_ASSERT_EQ(test, done, size);
	if (vtd.cap & (VTD_MODEL_CM | VTD_MODEL_RWBF)) {
		gather.start = min(gather.start, ia);
		gather.last = max(gather.last, ia + size - 1);
		gather.table_levels |= 0x1f;
	}
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
	struct vtd_access access = vtd_model_access(&vtd, sid, ia, write);

	KUNIT_EXPECT_TRUE_MSG(test, access.ok, "reason %x", access.reason);
	KUNIT_EXPECT_FALSE(test, access.bypass);
	KUNIT_EXPECT_EQ(test, access.pa, pa);
}

/* The access fails, and the unit tells who it was. */
static __maybe_unused void
expect_fault(struct kunit *test, u32 sid, u64 ia, bool write, enum hyp_iommu_fault_reason reason)
{
	struct hyp_iommu_fault fault;

	KUNIT_EXPECT_FALSE(test, vtd_model_access(&vtd, sid, ia, write).ok);
	KUNIT_ASSERT_EQ(test, be->fault(&unit, &fault), 0);
	KUNIT_EXPECT_EQ(test, fault.endpoint, sid);
	KUNIT_EXPECT_EQ(test, fault.reason, reason);
	KUNIT_EXPECT_FALSE(test, fault.has_pasid);
	KUNIT_EXPECT_FALSE(test, fault.no_address);
	KUNIT_EXPECT_EQ(test, fault.ia, ia & ~(PAGE - 1));
	KUNIT_EXPECT_EQ(test, fault.write, write);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
}

static __maybe_unused void
expect_blocked(struct kunit *test, u32 sid)
{
	expect_fault(test, sid, 0x1000, true, HYP_IOMMU_FAULT_BLOCKED);
}

/* A second stage has no other way to say it. */
static __maybe_unused void
expect_not_mapped(struct kunit *test, u32 sid, const struct hyp_iommu_space *space, u64 ia,
		  bool write)
{
	expect_fault(test, sid, ia, write, space->stage == HYP_IOMMU_STAGE_1 ?
		     HYP_IOMMU_FAULT_NOT_MAPPED : HYP_IOMMU_FAULT_PERMISSION);
}

/* The usual unit, running, and a few pages to give it. */
static __maybe_unused void
usual_unit(struct kunit *test, u64 ecap)
{
	reset_machine(test, NULL);
	vtd.ecap |= ecap;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	fill(&pages, 6);
}

#endif /* HYP_IOMMU_VTD_KUNIT_H */
