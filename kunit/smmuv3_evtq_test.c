// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SMMUv3's event queue: records in order, overflow, what they say of an entry; and
 * global errors.
 */
#include "kunit/smmuv3_kunit.h"

/* Arm IHI 0070, section 7.3. */
static void what_records_say(struct kunit *test)
{
	static const struct {
		u8 id;
		bool address;
		enum hyp_iommu_fault_reason reason;
	} all[] = {
		{ 0x01, true, HYP_IOMMU_FAULT_UNKNOWN },	/* F_UUT */
		{ 0x02, false, HYP_IOMMU_FAULT_BLOCKED },	/* C_BAD_STREAMID */
		{ 0x03, false, HYP_IOMMU_FAULT_EXTERNAL },	/* F_STE_FETCH */
		{ 0x04, false, HYP_IOMMU_FAULT_BLOCKED },	/* C_BAD_STE */
		{ 0x05, false, HYP_IOMMU_FAULT_BLOCKED },	/* F_BAD_ATS_TREQ */
		{ 0x06, false, HYP_IOMMU_FAULT_BLOCKED },	/* F_STREAM_DISABLED */
		{ 0x07, true, HYP_IOMMU_FAULT_BLOCKED },	/* F_TRANSL_FORBIDDEN */
		{ 0x08, false, HYP_IOMMU_FAULT_BLOCKED },	/* C_BAD_SUBSTREAMID */
		{ 0x09, false, HYP_IOMMU_FAULT_EXTERNAL },	/* F_CD_FETCH */
		{ 0x0a, false, HYP_IOMMU_FAULT_CONFIG },	/* C_BAD_CD */
		{ 0x0b, true, HYP_IOMMU_FAULT_EXTERNAL },	/* F_WALK_EABT */
		{ 0x10, true, HYP_IOMMU_FAULT_NOT_MAPPED },	/* F_TRANSLATION */
		{ 0x11, true, HYP_IOMMU_FAULT_ADDRESS_SIZE },	/* F_ADDR_SIZE */
		{ 0x12, true, HYP_IOMMU_FAULT_CONFIG },		/* F_ACCESS */
		{ 0x13, true, HYP_IOMMU_FAULT_PERMISSION },	/* F_PERMISSION */
		{ 0x20, true, HYP_IOMMU_FAULT_CONFIG },		/* F_TLB_CONFLICT */
		{ 0x21, false, HYP_IOMMU_FAULT_CONFIG },	/* F_CFG_CONFLICT */
		{ 0x24, false, HYP_IOMMU_FAULT_UNKNOWN },	/* E_PAGE_REQUEST */
		{ 0x25, false, HYP_IOMMU_FAULT_EXTERNAL },	/* F_VMS_FETCH */
		{ 0xe0, false, HYP_IOMMU_FAULT_UNKNOWN },	/* of the implementation */
	};
	struct hyp_iommu_fault fault;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		bool ssv = i & 1, read = i & 2;
		u64 record[4] = {
			0x87654321ULL << 32 | 0xabcdeULL << 12 | (u64)ssv << 11 | all[i].id,
			(u64)read << 35, 0x123456789abcULL, ~0ULL,
		};

		hyp_smmuv3_evtq_decode(record, &fault);
		KUNIT_EXPECT_EQ_MSG(test, fault.reason, all[i].reason, "%x", all[i].id);
		KUNIT_EXPECT_EQ_MSG(test, fault.no_address, !all[i].address, "%x", all[i].id);
		KUNIT_EXPECT_EQ(test, fault.endpoint, 0x87654321);
		KUNIT_EXPECT_EQ(test, fault.has_pasid, ssv);
		KUNIT_EXPECT_EQ(test, fault.pasid, ssv ? 0xabcde : 0);
		KUNIT_EXPECT_EQ(test, fault.ia, all[i].address ? 0x123456789abc : 0);
		KUNIT_EXPECT_EQ(test, fault.write, all[i].address && !read);
	}
}

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
	struct hyp_iommu_fault fault;

	overflow(test, false);
	overflow(test, true);

	/* One that is told when all records are read: it is counted, and told to the unit. */
	usual_unit(test);
	smmu.evtq_prod ^= 1U << 31;
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	KUNIT_EXPECT_EQ(test, unit.faults_lost, 1);
	KUNIT_EXPECT_EQ(test, smmu.evtq_cons, smmu.evtq_prod);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	KUNIT_EXPECT_EQ(test, unit.faults_lost, 1);
	expect_blocked(test, 5);
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
	KUNIT_CASE(what_records_say),
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
