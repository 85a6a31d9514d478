// SPDX-License-Identifier: GPL-2.0-only
/*
 * The numbers of VT-d: where each field of registers, entries and descriptors is.
 * The device model has numbers of its own, but reads only what a test makes the code use.
 */
#include <kunit/test.h>

#include "backends/vtd/context.h"
#include "backends/vtd/descs.h"
#include "backends/vtd/regs.h"

#define FIELD(name, last, first)	{ #name, name, last, first }
#define VALUE(name, is)	{ #name, name, is }

/* VT-d specification: chapter 11 (registers), 9 (entries), 6.5.2 (descriptors). */
static const struct {
	const char *name;
	u64 mask;
	u8 last, first;
} fields[] = {
	FIELD(VTD_PRESENT, 0, 0), FIELD(VTD_POINTER, 63, 12), FIELD(CTX0_TT, 3, 2),
	FIELD(CTX1_AW, 2, 0), FIELD(CTX1_DID, 23, 8), FIELD(SMCTX0_PDTS, 11, 9),
	FIELD(SMCTX1_RID_PASID, 19, 0), FIELD(PASID0_AW, 4, 2), FIELD(PASID0_PGTT, 8, 6),
	FIELD(PASID1_DID, 15, 0), FIELD(PASID1_PWSNP, 23, 23), FIELD(PASID1_PGSNP, 24, 24),
	FIELD(PASID2_FSPM, 3, 2), FIELD(DESC0_TYPE, 3, 0), FIELD(DESC0_G, 5, 4),
	FIELD(DESC0_DID, 31, 16), FIELD(CC0_SID, 47, 32), FIELD(IOTLB0_DW, 6, 6),
	FIELD(IOTLB0_DR, 7, 7), FIELD(IOTLB1_AM, 5, 0), FIELD(IOTLB1_IH, 6, 6),
	FIELD(IOTLB1_ADDR, 63, 12), FIELD(WAIT0_SW, 5, 5), FIELD(WAIT0_FN, 6, 6),
	FIELD(WAIT0_DATA, 63, 32), FIELD(WAIT1_ADDR, 63, 2), FIELD(PC0_PASID, 51, 32),
	FIELD(VER_MAJOR, 7, 4), FIELD(CAP_ND, 2, 0), FIELD(CAP_RWBF, 4, 4),
	FIELD(CAP_PLMR, 5, 5), FIELD(CAP_PHMR, 6, 6), FIELD(CAP_CM, 7, 7),
	FIELD(CAP_SAGAW, 12, 8), FIELD(CAP_MGAW, 21, 16), FIELD(CAP_FRO, 33, 24),
	FIELD(CAP_SSLPS_2M, 34, 34), FIELD(CAP_SSLPS_1G, 35, 35), FIELD(CAP_PSI, 39, 39),
	FIELD(CAP_NFR, 47, 40), FIELD(CAP_MAMV, 53, 48), FIELD(CAP_DWD, 54, 54),
	FIELD(CAP_DRD, 55, 55), FIELD(CAP_FS1GP, 56, 56), FIELD(CAP_FS5LP, 60, 60),
	FIELD(CAP_ESRTPS, 63, 63), FIELD(ECAP_C, 0, 0), FIELD(ECAP_QI, 1, 1),
	FIELD(ECAP_SC, 7, 7), FIELD(ECAP_SMTS, 43, 43), FIELD(ECAP_SSTS, 46, 46),
	FIELD(ECAP_FSTS, 47, 47), FIELD(ECAP_SMPWC, 48, 48), FIELD(GCMD_TE, 31, 31),
	FIELD(GCMD_SRTP, 30, 30), FIELD(GCMD_WBF, 27, 27), FIELD(GCMD_QIE, 26, 26),
	FIELD(RTADDR_TTM, 11, 10), FIELD(RTADDR_RTA, 63, 12), FIELD(FSTS_PFO, 0, 0),
	FIELD(FSTS_PPF, 1, 1), FIELD(FSTS_IQE, 4, 4), FIELD(FSTS_ICE, 5, 5),
	FIELD(FSTS_ITE, 6, 6), FIELD(FSTS_FRI, 15, 8), FIELD(FECTL_IM, 31, 31),
	FIELD(PMEN_PRS, 0, 0), FIELD(PMEN_EPM, 31, 31), FIELD(IQA_QS, 2, 0),
	FIELD(IQA_DW, 11, 11), FIELD(IQA_IQA, 63, 12), FIELD(IECTL_IM, 31, 31),
	FIELD(FRCD_F32, 31, 31), FIELD(FRCD0_FI, 63, 12), FIELD(FRCD1_SID, 15, 0),
	FIELD(FRCD1_PP, 31, 31), FIELD(FRCD1_FR, 39, 32), FIELD(FRCD1_PV, 59, 40),
	FIELD(FRCD1_T1, 62, 62),
};

static const struct {
	const char *name;
	u64 val, is;
} values[] = {
	VALUE(VTD_ROOT_WORDS, 2), VALUE(VTD_BUSES, 256), VALUE(VTD_CTX_WORDS, 2),
	VALUE(CTX0_TT_UNTRANSLATED, 0), VALUE(VTD_SM_CTX_WORDS, 4), VALUE(VTD_PASID_WORDS, 8),
	VALUE(PASID0_PGTT_FS, 1), VALUE(PASID0_PGTT_SS, 2), VALUE(VTD_RID_PASID, 0),
	VALUE(DESC_CC, 1), VALUE(CC_GLOBAL, 1), VALUE(CC_DEVICE, 3), VALUE(DESC_IOTLB, 2),
	VALUE(IOTLB_GLOBAL, 1), VALUE(IOTLB_DOMAIN, 2), VALUE(IOTLB_PAGES, 3),
	VALUE(DESC_WAIT, 5), VALUE(DESC_PIOTLB, 6), VALUE(PIOTLB_PASID, 2),
	VALUE(PIOTLB_PAGES, 3), VALUE(DESC_PC, 7), VALUE(PC_PASID, 1), VALUE(PC_GLOBAL, 3),
	VALUE(VTD_REG_SIZE, 0x1000), VALUE(VTD_VER, 0x00), VALUE(VTD_CAP, 0x08),
	VALUE(CAP_ND_MAX, 6), VALUE(VTD_ECAP, 0x10), VALUE(VTD_GCMD, 0x18),
	VALUE(VTD_GSTS, 0x1c), VALUE(GSTS_LASTING, 0x96ffffffU), VALUE(VTD_RTADDR, 0x20),
	VALUE(RTADDR_TTM_LEGACY, 0), VALUE(RTADDR_TTM_SCALABLE, 1), VALUE(VTD_FSTS, 0x34),
	VALUE(VTD_FECTL, 0x38), VALUE(VTD_PMEN, 0x64), VALUE(VTD_IQH, 0x80),
	VALUE(VTD_IQT, 0x88), VALUE(VTD_IQA, 0x90), VALUE(VTD_IECTL, 0xa0),
	VALUE(VTD_FRCD_SIZE, 16), VALUE(VTD_FRCD_F_WORD, 12),
};

static void fields_are_where_they_belong(struct kunit *test)
{
	u32 i, bit;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		for (bit = 0; bit < 64; bit++)
			KUNIT_EXPECT_EQ_MSG(test, fields[i].mask >> bit & 1,
					    bit >= fields[i].first && bit <= fields[i].last,
					    "bit %u of %s", bit, fields[i].name);
	}
}

static void numbers_are_right(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(values); i++)
		KUNIT_EXPECT_EQ_MSG(test, values[i].val, values[i].is, "%s", values[i].name);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(fields_are_where_they_belong),
	KUNIT_CASE(numbers_are_right),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_vtd_regs",
	.test_cases = cases,
};

kunit_test_suite(suite);
