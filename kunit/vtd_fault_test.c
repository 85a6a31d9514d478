// SPDX-License-Identifier: GPL-2.0-only
/*
 * VT-d's fault records: read in order, bounded, lost when there are too many, never in a
 * place that the registers do not have; and what a unit says of itself.
 */
#include "kunit/vtd_kunit.h"

static void fault_reasons(struct kunit *test)
{
	static const struct {
		u8 code;
		enum hyp_iommu_fault_reason reason;
	} all[] = {
		{ 0x01, HYP_IOMMU_FAULT_BLOCKED }, { 0x02, HYP_IOMMU_FAULT_BLOCKED },
		{ 0x03, HYP_IOMMU_FAULT_CONFIG }, { 0x04, HYP_IOMMU_FAULT_ADDRESS_SIZE },
		{ 0x05, HYP_IOMMU_FAULT_PERMISSION }, { 0x06, HYP_IOMMU_FAULT_PERMISSION },
		{ 0x07, HYP_IOMMU_FAULT_EXTERNAL }, { 0x08, HYP_IOMMU_FAULT_EXTERNAL },
		{ 0x0a, HYP_IOMMU_FAULT_CONFIG }, { 0x0d, HYP_IOMMU_FAULT_BLOCKED },
		{ 0x20, HYP_IOMMU_FAULT_UNKNOWN }, { 0x39, HYP_IOMMU_FAULT_BLOCKED },
		{ 0x41, HYP_IOMMU_FAULT_BLOCKED }, { 0x45, HYP_IOMMU_FAULT_BLOCKED },
		{ 0x51, HYP_IOMMU_FAULT_CONFIG }, { 0x59, HYP_IOMMU_FAULT_CONFIG },
		{ 0x58, HYP_IOMMU_FAULT_EXTERNAL }, { 0x71, HYP_IOMMU_FAULT_NOT_MAPPED },
		{ 0x79, HYP_IOMMU_FAULT_PERMISSION }, { 0x80, HYP_IOMMU_FAULT_ADDRESS_SIZE },
		{ 0x85, HYP_IOMMU_FAULT_PERMISSION }, { 0xff, HYP_IOMMU_FAULT_UNKNOWN },
	};
	struct hyp_iommu_fault fault;
	u64 record[2];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		record[0] = 0x123456789000 | (i & 0xfff);
		record[1] = 1ULL << 63 | 0xabcdeULL << 40 | (u64)all[i].code << 32 | 0x4321 |
			    (i & 1 ? 1ULL << 62 : 0) | (i & 2 ? 1ULL << 31 : 0);
		hyp_vtd_fault_decode(record, &fault);
		KUNIT_EXPECT_EQ_MSG(test, fault.reason, all[i].reason, "%x", all[i].code);
		KUNIT_EXPECT_EQ(test, fault.ia, 0x123456789000);
		KUNIT_EXPECT_EQ(test, fault.endpoint, 0x4321);
		KUNIT_EXPECT_EQ(test, fault.write, !(i & 1));
		KUNIT_EXPECT_EQ(test, fault.has_pasid, !!(i & 2));
		KUNIT_EXPECT_EQ(test, fault.pasid, i & 2 ? 0xabcde : 0);
	}
}

static void overflow(struct kunit *test)
{
	struct hyp_iommu_fault fault;
	u32 i, round;

	usual_unit(test, 0);
	for (round = 1; round < 4; round++) {
		for (i = 0; i < 100; i++)
			vtd_model_access(&vtd, i, 0, false);
		KUNIT_EXPECT_EQ(test, vtd.faults_dropped, 96 * round);
		for (i = 0; i < 4; i++) {
			KUNIT_ASSERT_EQ(test, be->fault(&unit, &fault), 0);
			KUNIT_ASSERT_EQ(test, fault.endpoint, i);
		}
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
		KUNIT_EXPECT_EQ(test, unit.faults_lost, round);
		KUNIT_EXPECT_EQ(test, vtd.fsts & VTD_MODEL_PFO, 0);
	}
	/* And it goes on, wherever in the registers it is. */
	for (i = 0; i < 11; i++)
		expect_blocked(test, 70 + i);
	for (i = 0; i < 9; i++) {
		vtd_model_access(&vtd, 2 * i, 0, false);
		vtd_model_access(&vtd, 2 * i + 1, 0, false);
		vtd_model_access(&vtd, 2 * i + 2, 0, false);
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
		KUNIT_EXPECT_EQ(test, fault.endpoint, 2 * i);
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
		KUNIT_EXPECT_EQ(test, fault.endpoint, 2 * i + 1);
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	}
}

/* FRI and records that do not fit together: bounded, and no index out of range. */
static void mad_records(struct kunit *test)
{
	struct hyp_iommu_fault fault;
	u32 i;

	usual_unit(test, 0);
	vtd.fsts = 0xff << 8;
	vtd.frcd[2][1] = 1ULL << 63 | 0x99;
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
	KUNIT_EXPECT_EQ(test, fault.endpoint, 0x99);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	for (i = 0; i < 4; i++)
		vtd.frcd[i][1] = 1ULL << 63 | i;
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);

	/* FRI is believed where nothing is known that is better. */
	usual_unit(test, 0);
	vtd.fsts = 2 << 8;
	vtd.frcd[1][1] = 1ULL << 63 | 1;
	vtd.frcd[2][1] = 1ULL << 63 | 2;
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
	KUNIT_EXPECT_EQ(test, fault.endpoint, 2);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
	KUNIT_EXPECT_EQ(test, fault.endpoint, 1);

	/* PPF, and no record anywhere. */
	usual_unit(test, 0);
	vtd.fsts = 1 << 1;
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
}

static void trouble(struct kunit *test)
{
	static const u32 bits[] = { VTD_MODEL_IQE, VTD_MODEL_ITE };
	struct hyp_iommu_fault fault;
	u32 i, sid;

	for (i = 0; i < 2; i++) {
		usual_unit(test, i ? SM_SS : 0);
		vtd_model_access(&vtd, 9, 0, false);
		vtd.fsts |= bits[i];
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -EIO);
		if (i)
			be->stop(&unit);
		/* It is said once; what was recorded can still be read. */
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), 0);
		KUNIT_EXPECT_EQ(test, fault.endpoint, 9);
		KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
		be->stop(&unit);
		for (sid = 0; sid < 20; sid++)
			KUNIT_EXPECT_FALSE(test, vtd_model_access(&vtd, sid, 0, false).ok);
	}

	/* An endpoint's doing. */
	usual_unit(test, 0);
	vtd.fsts |= VTD_MODEL_ICE;
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	KUNIT_EXPECT_EQ(test, vtd.fsts & VTD_MODEL_ICE, 0);

	usual_unit(test, 0);
	vtd.quirks.gone = true;
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -EIO);
	be->stop(&unit);
	KUNIT_EXPECT_EQ(test, be->fault(&unit, &fault), -ENOENT);
	KUNIT_EXPECT_LT(test, sim_now(), 3 * HYP_IOMMU_TIMEOUT_US);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(fault_reasons),
	KUNIT_CASE(overflow),
	KUNIT_CASE(mad_records),
	KUNIT_CASE(trouble),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_vtd_fault",
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
