/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Invalidation descriptors of VT-d, one function each: Intel D51397, 6.5.2.
 *
 * They are 128 bits, or 256 in scalable mode, of which the upper half is
 * reserved in all that we use.
 */
#ifndef HYP_VTD_DESCS_H
#define HYP_VTD_DESCS_H

#include "platform/platform.h"

struct hyp_vtd_desc {
	u64 w[2];
};

#define DESC0_TYPE		GENMASK_ULL(3, 0)
#define DESC0_G			GENMASK_ULL(5, 4)
#define DESC0_DID		GENMASK_ULL(31, 16)

#define DESC_CC			1
#define CC_GLOBAL		1
#define CC_DEVICE		3
#define CC0_SID			GENMASK_ULL(47, 32)

#define DESC_IOTLB		2
#define IOTLB_GLOBAL		1
#define IOTLB_DOMAIN		2
#define IOTLB_PAGES		3
#define IOTLB0_DW		BIT_ULL(6)
#define IOTLB0_DR		BIT_ULL(7)
#define IOTLB1_AM		GENMASK_ULL(5, 0)
#define IOTLB1_IH		BIT_ULL(6)
#define IOTLB1_ADDR		GENMASK_ULL(63, 12)

#define DESC_WAIT		5
#define WAIT0_SW		BIT_ULL(5)
#define WAIT0_FN		BIT_ULL(6)
#define WAIT0_DATA		GENMASK_ULL(63, 32)
#define WAIT1_ADDR		GENMASK_ULL(63, 2)

#define DESC_PIOTLB		6
#define PIOTLB_PASID		2
#define PIOTLB_PAGES		3

#define DESC_PC			7
#define PC_PASID		1
#define PC_GLOBAL		3
#define PC0_PASID		GENMASK_ULL(51, 32)

static inline struct hyp_vtd_desc hyp_vtd_desc(u8 type, u8 g, u64 w0, u64 w1)
{
	return (struct hyp_vtd_desc){ {
		FIELD_PREP(DESC0_TYPE, type) | FIELD_PREP(DESC0_G, g) | w0, w1
	} };
}

/* Context entries: all, or that of one endpoint; @did as the entry has it, 0 in scalable mode. */
static inline struct hyp_vtd_desc hyp_vtd_cc_all(void)
{
	return hyp_vtd_desc(DESC_CC, CC_GLOBAL, 0, 0);
}

static inline struct hyp_vtd_desc hyp_vtd_cc_device(u16 did, u16 sid)
{
	return hyp_vtd_desc(DESC_CC, CC_DEVICE, FIELD_PREP(DESC0_DID, did) |
						FIELD_PREP(CC0_SID, sid), 0);
}

/* PASID table entries; illegal in legacy mode. */
static inline struct hyp_vtd_desc hyp_vtd_pc_all(void)
{
	return hyp_vtd_desc(DESC_PC, PC_GLOBAL, 0, 0);
}

static inline struct hyp_vtd_desc hyp_vtd_pc_pasid(u16 did, u32 pasid)
{
	return hyp_vtd_desc(DESC_PC, PC_PASID, FIELD_PREP(DESC0_DID, did) |
					       FIELD_PREP(PC0_PASID, pasid), 0);
}

/*
 * Translations of second stages.  @drain: IOTLB0_DW and IOTLB0_DR as far as
 * the unit has them: accesses under way are complete as well.
 */
static inline struct hyp_vtd_desc hyp_vtd_iotlb_all(u64 drain)
{
	return hyp_vtd_desc(DESC_IOTLB, IOTLB_GLOBAL, drain, 0);
}

static inline struct hyp_vtd_desc hyp_vtd_iotlb_domain(u16 did, u64 drain)
{
	return hyp_vtd_desc(DESC_IOTLB, IOTLB_DOMAIN, drain | FIELD_PREP(DESC0_DID, did), 0);
}

/* 1 << @am pages around @ia; @leaf: no table was removed. */
static inline struct hyp_vtd_desc hyp_vtd_iotlb_pages(u16 did, u64 ia, u8 am, bool leaf, u64 drain)
{
	return hyp_vtd_desc(DESC_IOTLB, IOTLB_PAGES, drain | FIELD_PREP(DESC0_DID, did),
			    (ia & IOTLB1_ADDR) | FIELD_PREP(IOTLB1_IH, leaf) |
			    FIELD_PREP(IOTLB1_AM, am));
}

/* Translations of first stages.  These always drain. */
static inline struct hyp_vtd_desc hyp_vtd_piotlb_pasid(u16 did, u32 pasid)
{
	return hyp_vtd_desc(DESC_PIOTLB, PIOTLB_PASID, FIELD_PREP(DESC0_DID, did) |
						       FIELD_PREP(PC0_PASID, pasid), 0);
}

static inline struct hyp_vtd_desc hyp_vtd_piotlb_pages(u16 did, u32 pasid, u64 ia, u8 am, bool leaf)
{
	return hyp_vtd_desc(DESC_PIOTLB, PIOTLB_PAGES, FIELD_PREP(DESC0_DID, did) |
						       FIELD_PREP(PC0_PASID, pasid),
			    (ia & IOTLB1_ADDR) | FIELD_PREP(IOTLB1_IH, leaf) |
			    FIELD_PREP(IOTLB1_AM, am));
}

/* Write @data to @pa when all before it is complete; nothing after it begins earlier. */
static inline struct hyp_vtd_desc hyp_vtd_wait_desc(u64 pa, u32 data)
{
	return hyp_vtd_desc(DESC_WAIT, 0, WAIT0_SW | WAIT0_FN | FIELD_PREP(WAIT0_DATA, data),
			    pa & WAIT1_ADDR);
}

#endif /* HYP_VTD_DESCS_H */
