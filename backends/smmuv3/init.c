// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How an SMMUv3 is probed, brought up, and shut: Arm IHI 0070, sections 3.11
 * and 6.3.
 *
 * Nobody is believed but the ID registers, and these only within what the
 * specification allows.  Each write that the unit acknowledges is waited for,
 * for a limited time.
 */
#include "backends/smmuv3/smmuv3.h"

/* SMMU_IDR5.OAS; 0: reserved */
static u8 oas_bits(u32 idr5)
{
	static const u8 bits[8] = { 32, 36, 40, 42, 44, 48, 52 };

	return bits[FIELD_GET(IDR5_OAS, idr5)];
}

static u8 granule_lg2(u32 idr5)
{
	if (idr5 & IDR5_GRAN4K)
		return 12;
	if (idr5 & IDR5_GRAN16K)
		return 14;
	return idr5 & IDR5_GRAN64K ? 16 : 0;
}

static int probe_idr0(u32 idr0, struct hyp_smmuv3_caps *caps)
{
	u32 endian = FIELD_GET(IDR0_TTENDIAN, idr0);
	u32 stall = FIELD_GET(IDR0_STALL_MODEL, idr0);

	if (!(FIELD_GET(IDR0_TTF, idr0) & IDR0_TTF_AARCH64))
		return -ENODEV;
	if (endian != IDR0_TTENDIAN_MIXED && endian != IDR0_TTENDIAN_LE)
		return -ENODEV;
	/* Where every fault stalls, the host would have to end each of them. */
	if (stall != IDR0_STALL_MODEL_BOTH && stall != IDR0_STALL_MODEL_NEVER)
		return -ENODEV;

	caps->stage1 = idr0 & IDR0_S1P;
	caps->stage2 = idr0 & IDR0_S2P;
	if (!caps->stage1 && !caps->stage2)
		return -ENODEV;

	caps->ste.coherent = idr0 & IDR0_COHACC;
	caps->ste.can_stall = stall == IDR0_STALL_MODEL_BOTH;
	caps->two_level = FIELD_GET(IDR0_ST_LEVEL, idr0) == IDR0_ST_LEVEL_2;
	caps->hyp = idr0 & IDR0_HYP;
	caps->ats = idr0 & IDR0_ATS;
	caps->pri = idr0 & IDR0_PRI;
	caps->msi = idr0 & IDR0_MSI;
	caps->tags = 65536;
	if ((caps->stage1 && !(idr0 & IDR0_ASID16)) || (caps->stage2 && !(idr0 & IDR0_VMID16)))
		caps->tags = 256;
	return 0;
}

static int probe_idr1(u32 idr1, struct hyp_smmuv3_caps *caps)
{
	/* Tables at fixed places are not in our memory. */
	if (idr1 & (IDR1_TABLES_PRESET | IDR1_QUEUES_PRESET))
		return -ENODEV;

	caps->sid_bits = FIELD_GET(IDR1_SIDSIZE, idr1);
	caps->cmdq_lg2 = FIELD_GET(IDR1_CMDQS, idr1);
	caps->evtq_lg2 = FIELD_GET(IDR1_EVENTQS, idr1);
	if (caps->sid_bits > 32 || caps->cmdq_lg2 > IDR1_QS_MAX || caps->evtq_lg2 > IDR1_QS_MAX)
		return -ENODEV;
	caps->cmdq_lg2 = min_t(u8, caps->cmdq_lg2, HYP_SMMUV3_CMDQ_LG2);
	caps->evtq_lg2 = min_t(u8, caps->evtq_lg2, HYP_SMMUV3_EVTQ_LG2);
	return 0;
}

int hyp_smmuv3_probe(const struct hyp_iommu_unit *unit, struct hyp_smmuv3_caps *caps)
{
	u32 idr0, idr1, idr3, idr5, aidr;
	int ret;

	if (unit->regs_size < SMMU_REG_SIZE)
		return -ENODEV;

	idr0 = hyp_pf_read32(unit->regs, SMMU_IDR0);
	idr1 = hyp_pf_read32(unit->regs, SMMU_IDR1);
	idr3 = hyp_pf_read32(unit->regs, SMMU_IDR3);
	idr5 = hyp_pf_read32(unit->regs, SMMU_IDR5);
	aidr = hyp_pf_read32(unit->regs, SMMU_AIDR);
	if (idr0 == ~0U || idr1 == ~0U || idr3 == ~0U || idr5 == ~0U)
		return -ENODEV;
	if (FIELD_GET(AIDR_ARCH_MAJOR, aidr))
		return -ENODEV;

	*caps = (struct hyp_smmuv3_caps){ 0 };
	ret = probe_idr0(idr0, caps);
	if (ret)
		return ret;
	ret = probe_idr1(idr1, caps);
	if (ret)
		return ret;

	if (unit->flags & HYP_IOMMU_UNIT_SIMPLE_TABLES)
		caps->two_level = false;

	caps->range_inval = idr3 & IDR3_RIL;
	caps->bbm2 = FIELD_GET(IDR3_BBML, idr3) == 2;
	caps->granule_lg2 = granule_lg2(idr5);
	caps->oas_bits = oas_bits(idr5);
	if (!caps->granule_lg2 || !caps->oas_bits)
		return -ENODEV;
	return 0;
}

/* Wait until the bits of @mask in a register are @want.  Return: 0, or -EIO. */
static int wait_for(hyp_pf_mmio_t regs, u32 offset, u32 mask, u32 want)
{
	u64 deadline = hyp_pf_us() + HYP_IOMMU_TIMEOUT_US;

	for (;;) {
		bool late = hyp_pf_us() >= deadline;

		if ((hyp_pf_read32(regs, offset) & mask) == want)
			return 0;
		if (late)
			return -EIO;
		hyp_pf_relax();
	}
}

static int write_acked(hyp_pf_mmio_t regs, u32 offset, u32 ack_offset, u32 mask, u32 val)
{
	hyp_pf_wmb();
	hyp_pf_write32(regs, offset, val);
	return wait_for(regs, ack_offset, mask, val);
}

static int set_cr0(hyp_pf_mmio_t regs, u32 val)
{
	return write_acked(regs, SMMU_CR0, SMMU_CR0ACK, CR0_ACKED, val);
}

/* What happens to accesses while SMMUEN is 0: 6.3.14 tells how to write it. */
static int set_gbpa_abort(hyp_pf_mmio_t regs)
{
	int ret = wait_for(regs, SMMU_GBPA, GBPA_UPDATE, 0);

	if (ret)
		return ret;
	hyp_pf_write32(regs, SMMU_GBPA, GBPA_UPDATE | GBPA_ABORT | FIELD_PREP(GBPA_SHCFG, 1));
	return wait_for(regs, SMMU_GBPA, GBPA_UPDATE | GBPA_ABORT, GBPA_ABORT);
}

int hyp_smmuv3_block(hyp_pf_mmio_t regs)
{
	int ret = set_gbpa_abort(regs);

	/* With SMMUEN at 0 and no abort it would be worse than it is. */
	return ret ? ret : set_cr0(regs, 0);
}

static u32 cr1_of(const struct hyp_smmuv3_caps *caps)
{
	u32 cache = caps->ste.coherent ? CR1_CACHE_WB : CR1_CACHE_NC;
	u32 share = caps->ste.coherent ? 3 : 2;	/* inner, outer */

	return FIELD_PREP(CR1_QUEUE_IC, cache) | FIELD_PREP(CR1_QUEUE_OC, cache) |
	       FIELD_PREP(CR1_QUEUE_SH, share) | FIELD_PREP(CR1_TABLE_IC, cache) |
	       FIELD_PREP(CR1_TABLE_OC, cache) | FIELD_PREP(CR1_TABLE_SH, share);
}

/*
 * No interrupt is ever a write to memory: with the address at 0 the unit uses
 * its wires only, whose other end is the host's.
 */
static int reset_irqs(struct hyp_smmuv3 *smmu, hyp_pf_mmio_t regs)
{
	int ret = write_acked(regs, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, IRQ_CTRL_ACKED, 0);

	if (ret)
		return ret;
	hyp_pf_write64(regs, SMMU_GERROR_IRQ_CFG0, 0);
	hyp_pf_write64(regs, SMMU_EVENTQ_IRQ_CFG0, 0);
	if (smmu->caps.pri)
		hyp_pf_write64(regs, SMMU_PRIQ_IRQ_CFG0, 0);
	return 0;
}

/* Return: 0; -EIO: the unit has not taken what was written. */
static int set_tables(struct hyp_smmuv3 *smmu, hyp_pf_mmio_t regs)
{
	u64 strtab = hyp_smmuv3_strtab_base(&smmu->strtab);
	u64 cmdq = hyp_smmuv3_cmdq_base(&smmu->cmdq);
	u64 evtq = hyp_smmuv3_evtq_base(&smmu->evtq);
	u32 cfg = hyp_smmuv3_strtab_base_cfg(&smmu->strtab);

	hyp_pf_write32(regs, SMMU_CR1, cr1_of(&smmu->caps));
	/* Faults of unknown StreamIDs are recorded; TLB maintenance by CPUs is not ours. */
	hyp_pf_write32(regs, SMMU_CR2, CR2_RECINVSID | CR2_PTM);

	hyp_pf_write64(regs, SMMU_STRTAB_BASE, strtab);
	hyp_pf_write32(regs, SMMU_STRTAB_BASE_CFG, cfg);
	hyp_pf_write64(regs, SMMU_CMDQ_BASE, cmdq);
	hyp_pf_write32(regs, SMMU_CMDQ_PROD, 0);
	hyp_pf_write32(regs, SMMU_CMDQ_CONS, 0);
	hyp_pf_write64(regs, SMMU_EVENTQ_BASE, evtq);
	hyp_pf_write32(regs, SMMU_EVENTQ_PROD, 0);
	hyp_pf_write32(regs, SMMU_EVENTQ_CONS, 0);

	if ((hyp_pf_read64(regs, SMMU_STRTAB_BASE) ^ strtab) & STRTAB_BASE_ADDR ||
	    (hyp_pf_read64(regs, SMMU_CMDQ_BASE) ^ cmdq) & (Q_BASE_ADDR | Q_BASE_LOG2SIZE) ||
	    (hyp_pf_read64(regs, SMMU_EVENTQ_BASE) ^ evtq) & (Q_BASE_ADDR | Q_BASE_LOG2SIZE) ||
	    hyp_pf_read32(regs, SMMU_STRTAB_BASE_CFG) != cfg)
		return -EIO;
	return 0;
}

/* Forget what was cached of other tables, whoever made them. */
static int invalidate_all(struct hyp_smmuv3 *smmu)
{
	struct hyp_smmuv3_cmdq *q = &smmu->cmdq;
	u64 ticket = 0;
	int ret;

	hyp_smmuv3_cmdq_begin(q);
	hyp_smmuv3_cmdq_push(q, hyp_smmuv3_cfgi_all());
	hyp_smmuv3_cmdq_push(q, hyp_smmuv3_tlbi_nsnh_all());
	if (smmu->caps.hyp)
		hyp_smmuv3_cmdq_push(q, hyp_smmuv3_tlbi_el2_all());
	ret = hyp_smmuv3_cmdq_end(q, &ticket);
	return ret ? ret : hyp_smmuv3_cmdq_wait(q, ticket);
}

int hyp_smmuv3_start(struct hyp_smmuv3 *smmu)
{
	hyp_pf_mmio_t regs = smmu->unit->regs;
	u32 cr0 = CR0_CMDQEN;
	int ret;

	ret = reset_irqs(smmu, regs);
	if (!ret)
		ret = set_tables(smmu, regs);
	if (ret)
		return ret;

	/* Errors of the past: the queues are new. */
	hyp_pf_write32(regs, SMMU_GERRORN, hyp_pf_read32(regs, SMMU_GERROR));

	ret = set_cr0(regs, cr0);
	if (!ret)
		ret = invalidate_all(smmu);
	if (ret)
		return ret;

	cr0 |= CR0_EVENTQEN;
	ret = set_cr0(regs, cr0);
	if (!ret)
		ret = write_acked(regs, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, IRQ_CTRL_ACKED,
				  IRQ_CTRL_EVENTQ_IRQEN | IRQ_CTRL_GERROR_IRQEN);
	if (ret)
		return ret;

	/* No endpoint may say of an address that it is translated already: STE.EATS is 0. */
	if (smmu->caps.ats)
		cr0 |= CR0_ATSCHK;
	ret = set_cr0(regs, cr0);
	return ret ? ret : set_cr0(regs, cr0 | CR0_SMMUEN);
}
