// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SMMUv3's event queue: records in order, overflow, what they say of an entry; and
 * global errors.
 */
#include "kunit/smmuv3_kunit.h"

static void overflow(struct kunit *test, bool as_abort)
{
	struct hyp_iommu_fault fault;
	u32 i;

	reset_machine(test, NULL);
	smmu.quirks.full_is_abort = as_abort;
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	for (i = 0; i < 1000; i++)
		smmu_model_access(&smmu, i, 0, false);
	KUNIT_EXPECT_GT(test, smmu.events_dropped, 0);
	for (i = 0; i < 1000 - smmu.events_dropped; i++) {
		KUNIT_ASSERT_EQ(test, be->fault(&unit, &fault), 0);
		KUNIT_ASSERT_EQ(test, fault.endpoint, i);
	}
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	KUNIT_EXPECT_EQ(test, unit.faults_lost, 1);
	KUNIT_EXPECT_EQ(test, smmu.gerror, smmu.gerrorn);
	/* And once more: it goes on. */
	expect_blocked(test, 77);
	for (i = 0; i < 1000; i++)
		smmu_model_access(&smmu, i, 0, false);
	while (!be->fault(&unit, &fault))
		;
	KUNIT_EXPECT_EQ(test, unit.faults_lost, 2);
	expect_blocked(test, 78);
}

static void event_overflow(struct kunit *test)
{
	overflow(test, false);
	overflow(test, true);
}

static void bad_entry_is_told(struct kunit *test)
{
	struct hyp_iommu_space space = { 0 };
	struct hyp_iommu_fault fault;

	usual_unit(test);
	make_space(test, &space, 1, HYP_IOMMU_STAGE_2);
	KUNIT_ASSERT_EQ(test, attach(3, &space), 0);
	/* The unit refuses what is a valid entry of ours. */
	smmu.idr0 &= ~1U;
	smmu_model_access(&smmu, 3, 0, false);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
	KUNIT_EXPECT_EQ(test, fault.reason, HYP_IOMMU_FAULT_CONFIG);
	KUNIT_EXPECT_EQ(test, fault.endpoint, 3);
}

static void trouble(struct kunit *test)
{
	static const u32 bits[] = { 1, 1 << 8 };	/* CMDQ_ERR, SFM_ERR */
	struct hyp_iommu_fault fault;
	u32 i, sid;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		reset_machine(test, NULL);
		KUNIT_ASSERT_EQ(test, start_unit(test), 0);
		smmu_model_access(&smmu, 9, 0, false);
		smmu_model_raise(&smmu, bits[i]);
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -EIO);
		be->stop(&unit);
		/* It is said once; what was recorded can still be read. */
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
		KUNIT_EXPECT_EQ(test, fault.endpoint, 9);
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
		KUNIT_EXPECT_EQ(test, smmu.gerror, smmu.gerrorn);
		for (sid = 0; sid < 20; sid++)
			KUNIT_EXPECT_FALSE(test, smmu_model_access(&smmu, sid, 0, false).ok);
	}

	reset_machine(test, NULL);
	KUNIT_ASSERT_EQ(test, start_unit(test), 0);
	smmu.quirks.gone = true;
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -EIO);
	be->stop(&unit);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	KUNIT_EXPECT_LT(test, sim_now(), 3 * HYP_IOMMU_TIMEOUT_US);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(event_overflow),
	KUNIT_CASE(bad_entry_is_told),
	KUNIT_CASE(trouble),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_smmuv3_evtq",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
