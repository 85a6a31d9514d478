// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Faults of VT-d: Intel D51397, 7.3 and 11.4.7.  A few registers hold one
 * record each; hardware fills them in turn, and none while PFO is set or the
 * next one is not free.
 */
#include "backends/vtd/vtd.h"

static u32 record_at(const struct hyp_vtd_caps *caps, u32 idx)
{
	return caps->faults_offset + idx * VTD_FRCD_SIZE;
}

static bool has_fault(hyp_pf_mmio_t regs, const struct hyp_vtd_caps *caps, u32 idx)
{
	return hyp_pf_read32(regs, record_at(caps, idx) + VTD_FRCD_F_WORD) & FRCD_F32;
}

static void free_record(hyp_pf_mmio_t regs, const struct hyp_vtd_caps *caps, u32 idx)
{
	hyp_pf_write32(regs, record_at(caps, idx) + VTD_FRCD_F_WORD, FRCD_F32);
}

void hyp_vtd_faults_clear(hyp_pf_mmio_t regs, const struct hyp_vtd_caps *caps)
{
	u32 i;

	for (i = 0; i < caps->nr_faults; i++)
		free_record(regs, caps, i);
	hyp_pf_write32(regs, VTD_FSTS, FSTS_PFO | FSTS_IQE | FSTS_ICE | FSTS_ITE);
}

/* The tables of an endpoint that is not attached end here. */
static bool is_blocked(u32 reason)
{
	switch (reason) {
	case LRT_2_ROOT_NOT_PRESENT:
	case LCT_2_CONTEXT_NOT_PRESENT:
	case SRT_2_NOT_PRESENT:
	case SCT_2_NOT_PRESENT:
	/* Kinds of requests that we let nobody make: with PASID, translated, ... */
	case LCT_5_TYPE:
	case RTA_2_PASID:
	case RTA_3_TYPE:
	case SCT_5_NO_DTE:
	case SCT_6_NO_PASIDE:
	case SCT_7_PASID:
	case SCT_8_NO_PRE:
	case SGN_3_EXECUTE:
		return true;
	default:
		return false;
	}
}

static bool is_fetch(u32 reason)
{
	switch (reason) {
	case LRT_1_FETCH:
	case LCT_1_FETCH:
	case LSS_1_FETCH:
	case SRT_1_FETCH:
	case SCT_1_FETCH:
	case SPD_1_FETCH:
	case SPT_1_FETCH:
	case SFS_1_FETCH:
	case SFS_4_FETCH_ROOT:
	case SSS_1_FETCH:
		return true;
	default:
		return false;
	}
}

/*
 * A second stage has no "present": what is not mapped lacks permissions, and
 * is told as such.
 */
static enum hyp_iommu_fault_reason reason_of(u32 reason)
{
	if (is_blocked(reason))
		return HYP_IOMMU_FAULT_BLOCKED;
	if (is_fetch(reason))
		return HYP_IOMMU_FAULT_EXTERNAL;

	switch (reason) {
	case SFS_2_NOT_PRESENT:
		return HYP_IOMMU_FAULT_NOT_MAPPED;
	case LGN_2_NO_WRITE:
	case LGN_3_NO_READ:
	case SSS_2_NO_ACCESS:
	case SGN_2_SUPERVISOR:
	case SGN_6_NO_WRITE:
	case SGN_7_NO_READ:
	case LGN_4_INTERRUPT:
	case SGN_8_INTERRUPT:
		return HYP_IOMMU_FAULT_PERMISSION;
	case LGN_1_BEYOND_MGAW:
	case SGN_1_NOT_CANONICAL:
	case SGN_4_BEYOND_MAX:
	case SGN_5_BEYOND_SS:
		return HYP_IOMMU_FAULT_ADDRESS_SIZE;
	case LRT_3_RESERVED:
	case LCT_3_CONTEXT_INVALID:
	case LCT_4_RESERVED:
	case LSS_2_RESERVED:
	case RTA_1_ADDRESS:
	case SRT_3_RESERVED:
	case SCT_3_RESERVED:
	case SCT_4_INVALID:
	case SCT_9_RID_PASID:
	case SPD_2_NOT_PRESENT:
	case SPD_3_RESERVED:
	case SPT_2_NOT_PRESENT:
	case SPT_3_RESERVED:
	case SPT_4_INVALID:
	case SFS_3_RESERVED:
	case SSS_3_RESERVED:
	case SSS_4_ROOT:
	case SSS_5_SNOOP:
	case SFS_10_SNOOP:
		return HYP_IOMMU_FAULT_CONFIG;
	default:
		return HYP_IOMMU_FAULT_UNKNOWN;
	}
}

void hyp_vtd_fault_decode(const u64 record[2], struct hyp_iommu_fault *fault)
{
	*fault = (struct hyp_iommu_fault){
		.ia = record[0] & FRCD0_FI,
		.endpoint = FIELD_GET(FRCD1_SID, record[1]),
		.reason = reason_of(FIELD_GET(FRCD1_FR, record[1])),
		.write = !(record[1] & FRCD1_T1),
		/* Without PP, PV is whatever it is. */
		.has_pasid = record[1] & FRCD1_PP,
	};
	if (fault->has_pasid)
		fault->pasid = FIELD_GET(FRCD1_PV, record[1]);
}

/*
 * Errors of the queue are the unit's end.  An overflow, and answers of a device
 * TLB, are an endpoint's doing.
 */
static int check_fsts(struct hyp_iommu_unit *unit, u32 fsts)
{
	if (fsts == ~0U || fsts & (FSTS_IQE | FSTS_ITE))
		return -EIO;
	if (fsts & FSTS_ICE)
		hyp_pf_write32(unit->regs, VTD_FSTS, FSTS_ICE);
	return 0;
}

/*
 * Records are taken in the order in which they were filled, as far as that is
 * known: FRI tells where the first one was when there had been none.
 */
static int take(struct hyp_iommu_unit *unit, struct hyp_vtd *vtd, u32 fsts, u64 record[2])
{
	const struct hyp_vtd_caps *caps = &vtd->caps;
	hyp_pf_mmio_t regs = unit->regs;
	u32 idx = vtd->faults.next, fri = FIELD_GET(FSTS_FRI, fsts), i;

	if (!(fsts & FSTS_PPF))
		return -ENOENT;
	if (!has_fault(regs, caps, idx) && fri < caps->nr_faults)
		idx = fri;
	for (i = 0; i < caps->nr_faults && !has_fault(regs, caps, idx); i++)
		idx = (idx + 1) % caps->nr_faults;
	if (i == caps->nr_faults)
		return -ENOENT;

	hyp_pf_rmb();
	record[0] = hyp_pf_read64(regs, record_at(caps, idx));
	record[1] = hyp_pf_read64(regs, record_at(caps, idx) + 8);
	free_record(regs, caps, idx);
	vtd->faults.next = (idx + 1) % caps->nr_faults;
	return 0;
}

int hyp_vtd_fault_take(struct hyp_iommu_unit *unit, struct hyp_iommu_fault *fault)
{
	struct hyp_vtd *vtd = unit->priv;
	u32 fsts = hyp_pf_read32(unit->regs, VTD_FSTS);
	u64 record[2];
	int ret = 0;

	if (!vtd->faults.failed)
		ret = check_fsts(unit, fsts);
	if (ret || fsts == ~0U) {
		vtd->faults.failed = true;
		return ret ? ret : -ENOENT;
	}

	ret = take(unit, vtd, fsts, record);
	if (fsts & FSTS_PFO) {
		hyp_iommu_count(&unit->faults_lost, 1);
		hyp_pf_write32(unit->regs, VTD_FSTS, FSTS_PFO);
	}
	if (!ret)
		hyp_vtd_fault_decode(record, fault);
	return ret;
}
