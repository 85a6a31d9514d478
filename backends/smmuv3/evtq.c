// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The event queue of an SMMUv3: Arm IHI 0070, sections 3.5 and 7.2 to 7.4.
 * It is the hypervisor's alone; who asks gets one record at a time.
 */
#include "backends/smmuv3/smmuv3.h"

void hyp_smmuv3_evtq_init(struct hyp_smmuv3_evtq *q, struct hyp_iommu_unit *unit, u64 ring_pa,
			  u8 lg2, bool noncoherent)
{
	hyp_pf_lock_init(&q->lock);
	q->unit = unit;
	q->regs = unit->regs;
	q->ring_pa = ring_pa;
	q->ring = hyp_pf_va(ring_pa);
	q->lg2 = lg2;
	q->noncoherent = noncoherent;
	q->cons = 0;
}

u64 hyp_smmuv3_evtq_base(const struct hyp_smmuv3_evtq *q)
{
	return (q->ring_pa & Q_BASE_ADDR) | FIELD_PREP(Q_BASE_LOG2SIZE, q->lg2) |
	       (q->noncoherent ? 0 : Q_BASE_RWA);
}

static void copy_record(const struct hyp_smmuv3_evtq *q, u64 record[EVT_WORDS])
{
	u64 *slot = &q->ring[(q->cons & (BIT(q->lg2) - 1)) * EVT_WORDS];
	u32 i;

	hyp_pf_rmb();
	if (q->noncoherent)
		hyp_pf_invalidate(slot, EVT_WORDS * sizeof(u64));
	for (i = 0; i < EVT_WORDS; i++)
		record[i] = READ_ONCE(slot[i]);
	/* The slot is the unit's again when it sees CONS. */
	hyp_pf_rmb();
}

int hyp_smmuv3_evtq_take(struct hyp_smmuv3_evtq *q, u64 record[EVT_WORDS])
{
	u32 prod = hyp_pf_read32(q->regs, SMMU_EVENTQ_PROD);
	u32 mask = 2 * BIT(q->lg2) - 1, nr = (prod - q->cons) & mask;
	bool overflow = (prod ^ q->cons) & EVENTQ_OVFLG;

	if (prod == ~0U || nr > BIT(q->lg2))
		return -EIO;
	if (!nr && !overflow)
		return -ENOENT;

	if (overflow) {
		hyp_iommu_count(&q->unit->faults_lost, 1);
		q->cons ^= EVENTQ_OVFLG;
	}
	if (nr) {
		copy_record(q, record);
		q->cons = (q->cons & EVENTQ_OVFLG) | ((q->cons + 1) & mask);
	}
	hyp_pf_write32(q->regs, SMMU_EVENTQ_CONS, q->cons);
	return nr ? 0 : -ENOENT;
}

static enum hyp_iommu_fault_reason reason_of(u64 id)
{
	switch (id) {
	case C_BAD_STREAMID:
	case C_BAD_STE:
	case F_BAD_ATS_TREQ:
	case F_STREAM_DISABLED:
	case F_TRANSL_FORBIDDEN:
	case C_BAD_SUBSTREAMID:
		return HYP_IOMMU_FAULT_BLOCKED;
	case C_BAD_CD:
	case F_ACCESS:
	case F_TLB_CONFLICT:
	case F_CFG_CONFLICT:
		return HYP_IOMMU_FAULT_CONFIG;
	case F_STE_FETCH:
	case F_CD_FETCH:
	case F_WALK_EABT:
	case F_VMS_FETCH:
		return HYP_IOMMU_FAULT_EXTERNAL;
	case F_TRANSLATION:
		return HYP_IOMMU_FAULT_NOT_MAPPED;
	case F_ADDR_SIZE:
		return HYP_IOMMU_FAULT_ADDRESS_SIZE;
	case F_PERMISSION:
		return HYP_IOMMU_FAULT_PERMISSION;
	default:
		return HYP_IOMMU_FAULT_UNKNOWN;
	}
}

/* Which records have an input address and say whether it was a write. */
static bool has_address(u64 id)
{
	switch (id) {
	case F_UUT:
	case F_TRANSL_FORBIDDEN:
	case F_WALK_EABT:
	case F_TRANSLATION:
	case F_ADDR_SIZE:
	case F_ACCESS:
	case F_PERMISSION:
	case F_TLB_CONFLICT:
		return true;
	default:
		return false;
	}
}

void hyp_smmuv3_evtq_decode(const u64 record[EVT_WORDS], struct hyp_iommu_fault *fault)
{
	u64 id = FIELD_GET(EVT0_ID, record[0]);

	*fault = (struct hyp_iommu_fault){
		.endpoint = FIELD_GET(EVT0_SID, record[0]),
		.reason = reason_of(id),
		.no_address = !has_address(id),
		.has_pasid = record[0] & EVT0_SSV,
	};
	if (fault->has_pasid)
		fault->pasid = FIELD_GET(EVT0_SSID, record[0]);
	if (!fault->no_address) {
		fault->ia = record[2];
		fault->write = !(record[1] & EVT1_RNW);
	}
}
