// SPDX-License-Identifier: GPL-2.0-only
/*
 * A model of an Arm SMMUv3: registers, queues and caches.  How it translates
 * is in smmuv3_walk.c.
 */
#include "kunit/models/smmuv3_priv.h"

#define CR0_SMMU	1U
#define CR0_EVT		4U
#define CR0_CMD		8U
#define CR0_ATS		16U
#define GBPA_UPD	((u32)BIT(31))
#define GBPA_ABT	((u32)BIT(20))
#define GERR_CMDQ	1U
#define GERR_EVTQ	4U

void smmu_model_init(struct smmu_model *smmu)
{
	u32 i;

	memset(smmu, 0, sizeof(*smmu));
	/* ST_LEVEL, TERM_MODEL, STALL_MODEL, TTENDIAN, VMID16, ASID16, COHACC, TTF, S1P, S2P */
	smmu->idr0 = 1U << 27 | 1U << 26 | 1U << 24 | 2U << 21 | 1U << 18 | 1U << 12 | 1U << 4 |
		     2U << 2 | 3U;
	/* CMDQS 19, EVENTQS 19, SIDSIZE 16 */
	smmu->idr1 = 19U << 21 | 19U << 16 | 16;
	smmu->idr3 = 1U << 10;			/* RIL */
	smmu->idr5 = 7U << 4 | 4;		/* all granules, 44 bits */

	/* Left behind by somebody: entries that translate, and translations. */
	smmu->strtab_base = 0xdead000;
	smmu->strtab_cfg = 16;
	smmu->cr0 = CR0_SMMU;
	smmu->cr0ack = CR0_SMMU;
	smmu->msi_cfg0[0] = 0x1000;
	smmu->msi_cfg0[1] = 0x2000;
	for (i = 0; i < 16; i++) {
		struct smmu_cfg_entry *cfg = &smmu->cfgs[i];

		cfg->used = true;
		cfg->has_ste = true;
		cfg->sid = i;
		cfg->ste[0] = 1 | 4 << 1;	/* bypass */
		smmu->tlb[i] = (struct smmu_tlb_entry){
			.used = true, .vmid = i, .level = 1, .size_lg2 = 30,
			.read = true, .write = true,
		};
		smmu->tlb[16 + i] = (struct smmu_tlb_entry){
			.used = true, .s1 = true, .asid = i, .level = 1, .size_lg2 = 30,
			.read = true, .write = true,
		};
	}
	smmu->next_cfg = 16;
	smmu->next_tlb = 32;
}

/* ---- command queue ---- */

static u32 lg2_of(u64 base)
{
	return base & 0x1f;
}

static void raise(struct smmu_model *smmu, u32 bits)
{
	u32 fresh = bits & ~(smmu->gerror ^ smmu->gerrorn);

	smmu->gerror ^= fresh;
}

void smmu_model_raise(struct smmu_model *smmu, u32 bits)
{
	raise(smmu, bits);
}

static bool cfg_matches(const struct smmu_cfg_entry *cfg, u64 w0, u64 w1)
{
	u32 sid = w0 >> 32, range = w1 & 0x1f;

	if ((w0 & 0xff) == SMMU_OP_CFGI_STE || (w0 & 0xff) == SMMU_OP_CFGI_CD_ALL)
		return cfg->sid == sid;
	return (u64)cfg->sid >> (range + 1) == (u64)sid >> (range + 1);
}

static void do_cfgi(struct smmu_model *smmu, u64 w0, u64 w1)
{
	bool cds_only = (w0 & 0xff) == SMMU_OP_CFGI_CD_ALL;
	bool ste_only = (w0 & 0xff) == SMMU_OP_CFGI_STE && w1 & 1;
	bool all = (w0 & 0xff) == SMMU_OP_CFGI_STE_RANGE && (w1 & 0x1f) == 31;
	u32 i;

	if (smmu->quirks.ignore_cfgi)
		return;
	for (i = 0; i < SMMU_MODEL_CFGS; i++) {
		struct smmu_cfg_entry *cfg = &smmu->cfgs[i];

		if (!cfg->used || !cfg_matches(cfg, w0, w1))
			continue;
		if (cds_only || all)
			cfg->has_cd = false;
		if (!cds_only) {
			cfg->has_ste = false;
			if (!ste_only)
				cfg->has_l1 = false;
		}
		cfg->used = cfg->has_cd || cfg->has_ste || cfg->has_l1;
	}
}

static bool addressed(const struct smmu_tlb_entry *entry, u64 w0, u64 w1)
{
	u32 tg = w1 >> 10 & 3, ttl = w1 >> 8 & 3;
	u64 start = w1 & ~0xfffULL, size = 1;

	if ((w0 & 0xff) == SMMU_OP_S2_IPA)
		start &= (1ULL << 52) - 1;
	if (tg) {
		u32 lg2 = 10 + 2 * tg;

		size = ((w0 >> 12 & 0x1f) + 1) << ((w0 >> 20 & 0x3f) + lg2);
		start = start >> lg2 << lg2;
	}
	if (w1 & 1 && entry->table)
		return false;
	if (ttl && (entry->table || entry->level != ttl))
		return false;
	return entry->ia < start + size && start < entry->ia + (1ULL << entry->size_lg2);
}

static bool tlb_matches(const struct smmu_tlb_entry *entry, u64 w0, u64 w1)
{
	u16 vmid = w0 >> 32, asid = w0 >> 48;

	switch (w0 & 0xff) {
	case SMMU_OP_NH_ASID:
		return entry->s1 && entry->vmid == vmid && entry->asid == asid;
	case SMMU_OP_NH_VA:
		return entry->s1 && entry->vmid == vmid && entry->asid == asid &&
		       addressed(entry, w0, w1);
	case SMMU_OP_S12_VMALL:
		return entry->vmid == vmid;
	case SMMU_OP_S2_IPA:
		return !entry->s1 && entry->vmid == vmid && addressed(entry, w0, w1);
	case SMMU_OP_NSNH_ALL:
		return true;
	default:	/* EL2: there are no such entries */
		return false;
	}
}

static void do_tlbi(struct smmu_model *smmu, u64 w0, u64 w1)
{
	u32 i;

	if (smmu->quirks.ignore_tlbi)
		return;
	for (i = 0; i < SMMU_MODEL_TLB; i++) {
		if (smmu->tlb[i].used && tlb_matches(&smmu->tlb[i], w0, w1))
			smmu->tlb[i].used = false;
	}
}

static void do_pending(struct smmu_model *smmu)
{
	u32 i;

	for (i = 0; i < smmu->nr_pending; i++) {
		u64 w0 = smmu->pending[i][0], w1 = smmu->pending[i][1];

		if ((w0 & 0xff) < 0x10)
			do_cfgi(smmu, w0, w1);
		else
			do_tlbi(smmu, w0, w1);
	}
	smmu->nr_pending = 0;
}

/* The write of a CMD_SYNC that is complete. */
static void send_msi(struct smmu_model *smmu, u64 w0, u64 w1)
{
	u32 shift = w1 & 4 ? 32 : 0;
	u64 val;

	if ((w0 >> 12 & 3) != 1 || smmu->quirks.no_msi)
		return;
	val = sim_device_read64(w1 & ~7ULL);
	val &= ~(0xffffffffULL << shift);
	sim_device_write64(w1 & ~7ULL, val | w0 >> 32 << shift);
}

/* Bits that are not reserved; with range invalidation or without. */
static bool tlbi_ok(const struct smmu_model *smmu, u64 w0, u64 w1)
{
	bool s2 = (w0 & 0xff) == SMMU_OP_S2_IPA;
	u64 ok0 = 0xff | 0xffffULL << 32 | (s2 ? 0 : 0xffffULL << 48);
	u64 ok1 = 1 | (s2 ? (1ULL << 52) - 1 : ~0ULL) >> 12 << 12;
	u32 tg = w1 >> 10 & 3, ttl = w1 >> 8 & 3, num = w0 >> 12 & 0x1f, scale = w0 >> 20 & 0x3f;

	if (smmu->idr3 & 1U << 10) {
		ok0 |= 0x1fULL << 12 | 0x3fULL << 20;
		ok1 |= 3 << 8 | 3 << 10;
	}
	if (w0 & ~ok0 || w1 & ~ok1)
		return false;
	if (!tg)
		return !ttl && !num && !scale;
	/* 4.4.1.1: reserved combinations */
	if (!num && !scale && !ttl)
		return false;
	return scale <= 39 && !(ttl == 1 && tg != 1);
}

static bool command_ok(const struct smmu_model *smmu, u64 w0, u64 w1)
{
	bool s1p = smmu->idr0 & 2, s2p = smmu->idr0 & 1;

	switch (w0 & 0xff) {
	case SMMU_OP_CFGI_STE:
		return !(w0 & 0xffffff00) && !(w1 & ~1ULL);
	case SMMU_OP_CFGI_STE_RANGE:
		return !(w0 & 0xffffff00) && !(w1 & ~0x1fULL);
	case SMMU_OP_CFGI_CD_ALL:
		return s1p && !(w0 & 0xffffff00) && !w1;
	case SMMU_OP_NH_ASID:
		return s1p && !(w0 & 0xffffff00) && !w1;
	case SMMU_OP_NH_VA:
		return s1p && tlbi_ok(smmu, w0, w1);
	case SMMU_OP_EL2_ALL:
		return smmu->idr0 & 1U << 9 && w0 == SMMU_OP_EL2_ALL && !w1;
	case SMMU_OP_S12_VMALL:
		return s2p && !(w0 & 0xffff0000ffffff00) && !w1;
	case SMMU_OP_S2_IPA:
		return s2p && tlbi_ok(smmu, w0, w1);
	case SMMU_OP_NSNH_ALL:
		return w0 == SMMU_OP_NSNH_ALL && !w1;
	case SMMU_OP_SYNC:
		/* With MSIs: inner shareable, write-back, to an address of 4 bytes. */
		if (smmu->idr0 & 1U << 13 && (w0 >> 12 & 3) == 1)
			return (w0 & 0xffffcfff) == (0x0fc00000 | SMMU_OP_SYNC) &&
			       !(w1 & ~0xffffffffffffcULL);
		return w0 == SMMU_OP_SYNC && !w1;
	default:
		return false;
	}
}

/* Return: false if the queue has stopped at this command. */
static bool run_one(struct smmu_model *smmu)
{
	u32 lg2 = lg2_of(smmu->cmdq_base), mask = (2U << lg2) - 1;
	u64 pa = (smmu->cmdq_base & 0xfffffffffffe0ULL) +
		 (smmu->cmdq_cons & ((1U << lg2) - 1)) * 16ULL;
	u64 w0 = sim_device_read64(pa), w1 = sim_device_read64(pa + 8);
	u8 error = 0;

	smmu->executed++;
	if (smmu->executed == smmu->quirks.error_at)
		error = smmu->quirks.error;
	else if (!command_ok(smmu, w0, w1))
		error = 1;
	if (error) {
		if (error != smmu->quirks.error)
			sim_error("smmu: illegal command %llx %llx",
				  (unsigned long long)w0, (unsigned long long)w1);
		smmu->cmdq_cons = (smmu->cmdq_cons & mask) | (u32)error << 24;
		raise(smmu, GERR_CMDQ);
		return false;
	}

	smmu->ops[w0 & 0xff]++;
	smmu->last[w0 & 0xff][0] = w0;
	smmu->last[w0 & 0xff][1] = w1;
	if ((w0 & 0xff) == SMMU_OP_SYNC) {
		do_pending(smmu);
		send_msi(smmu, w0, w1);
	} else if (smmu->nr_pending < SMMU_MODEL_PENDING) {
		smmu->pending[smmu->nr_pending][0] = w0;
		smmu->pending[smmu->nr_pending++][1] = w1;
	} else {
		sim_error("smmu: too many commands without CMD_SYNC");
	}
	smmu->cmdq_cons = (smmu->cmdq_cons + 1) & mask;
	return true;
}

static void run(struct smmu_model *smmu, u64 now)
{
	u32 mask = (2U << lg2_of(smmu->cmdq_base)) - 1, left = smmu->quirks.per_tick;

	if (smmu->quirks.never || smmu->quirks.gone || !(smmu->cr0ack & CR0_CMD))
		return;
	if (now < smmu->doorbell_us + smmu->quirks.delay_us)
		return;
	while (((smmu->cmdq_cons ^ smmu->cmdq_prod) & mask) &&
	       !((smmu->gerror ^ smmu->gerrorn) & GERR_CMDQ)) {
		if (!run_one(smmu))
			return;
		if (left && !--left)
			return;
	}
}

static void tick(void *priv, u64 now_us)
{
	run(priv, now_us);
}

/* ---- event queue ---- */

void smmu_model_event(struct smmu_model *smmu, enum smmu_ev id, u32 sid, u64 ia, bool write)
{
	u32 lg2 = lg2_of(smmu->evtq_base), mask = (2U << lg2) - 1;
	u64 pa = (smmu->evtq_base & 0xfffffffffffe0ULL) +
		 (smmu->evtq_prod & ((1U << lg2) - 1)) * 32ULL;
	bool has_ia = id >= SMMU_EV_TRANSLATION;

	if (id == SMMU_EV_BAD_STREAMID && !(smmu->cr2 & 2))
		return;
	if (!(smmu->cr0ack & CR0_EVT) || smmu->quirks.gone)
		return;
	smmu->events++;
	if (((smmu->evtq_prod - smmu->evtq_cons) & mask) == 1U << lg2) {
		smmu->events_dropped++;
		if (smmu->quirks.full_is_abort)
			raise(smmu, GERR_EVTQ);
		else if (!((smmu->evtq_prod ^ smmu->evtq_cons) >> 31))
			smmu->evtq_prod ^= 1U << 31;
		return;
	}
	sim_device_write64(pa, id | (u64)sid << 32);
	sim_device_write64(pa + 8, has_ia && !write ? 1ULL << 35 : 0);
	sim_device_write64(pa + 16, has_ia ? ia : 0xbad);
	sim_device_write64(pa + 24, 0);
	smmu->evtq_prod = (smmu->evtq_prod & 1U << 31) | ((smmu->evtq_prod + 1) & mask);
}

/* ---- registers ---- */

static u64 reg_read(void *priv, u32 offset, unsigned int width)
{
	struct smmu_model *smmu = priv;

	if (smmu->quirks.gone)
		return width == 8 ? ~0ULL : ~0U;
	switch (offset) {
	case 0x00:
		return smmu->idr0;
	case 0x04:
		return smmu->idr1;
	case 0x0c:
		return smmu->idr3;
	case 0x14:
		return smmu->idr5;
	case 0x1c:
		return smmu->aidr;
	case 0x20:
		return smmu->cr0;
	case 0x24:
		return smmu->cr0ack;
	case 0x44:
		return smmu->gbpa;
	case 0x50:
		return smmu->irq_ctrl;
	case 0x54:
		return smmu->quirks.no_irq_ack ? ~smmu->irq_ctrl & 7 : smmu->irq_ctrl;
	case 0x60:
		return smmu->gerror;
	case 0x64:
		return smmu->gerrorn;
	case 0x80:
		return smmu->strtab_base;
	case 0x88:
		return smmu->strtab_cfg;
	case 0x90:
		return smmu->cmdq_base;
	case 0x98:
		return smmu->cmdq_prod;
	case 0x9c:
		return smmu->cmdq_cons ^ smmu->quirks.cons_xor;
	case 0xa0:
		return smmu->evtq_base;
	case 0x100a8:
		return smmu->evtq_prod;
	case 0x100ac:
		return smmu->evtq_cons;
	default:
		sim_error("smmu: read of register %x", offset);
		return 0;
	}
}

static void must_be_off(struct smmu_model *smmu, u32 bit, u32 offset)
{
	if ((smmu->cr0 | smmu->cr0ack) & bit)
		sim_error("smmu: write to register %x while it is in use", offset);
}

static void write_cr0(struct smmu_model *smmu, u32 val)
{
	u32 known = CR0_SMMU | CR0_EVT | CR0_CMD | (smmu->idr0 & 1U << 10 ? CR0_ATS : 0);

	if (val & ~known)
		sim_error("smmu: reserved bits in CR0: %x", val);
	smmu->cr0 = val & known;
	if (!smmu->quirks.no_cr0_ack)
		smmu->cr0ack = smmu->cr0 & ~smmu->quirks.cr0_stuck;
	run(smmu, sim_now());
}

static void write_gbpa(struct smmu_model *smmu, u32 val)
{
	if (smmu->gbpa & GBPA_UPD)
		sim_error("smmu: write to GBPA during an update");
	if (!(val & GBPA_UPD))
		return;
	if (smmu->quirks.no_gbpa_update)
		smmu->gbpa |= GBPA_UPD;
	else
		smmu->gbpa = val & ~GBPA_UPD & ~(smmu->quirks.gbpa_no_abort ? GBPA_ABT : 0);
}

static void write_prod(struct smmu_model *smmu, u32 val)
{
	u32 lg2 = lg2_of(smmu->cmdq_base), mask = (2U << lg2) - 1;

	smmu->doorbells++;
	if (val & ~mask || (smmu->cr0 & CR0_CMD && ((val - smmu->cmdq_cons) & mask) > 1U << lg2))
		sim_error("smmu: CMDQ_PROD %x with CONS %x", val, smmu->cmdq_cons);
	if (smmu->cr0ack & CR0_CMD &&
	    ((val - smmu->cmdq_cons) & mask) < ((smmu->cmdq_prod - smmu->cmdq_cons) & mask))
		sim_error("smmu: CMDQ_PROD goes back from %x to %x", smmu->cmdq_prod, val);
	smmu->cmdq_prod = val;
	smmu->doorbell_us = sim_now();
	if (!smmu->quirks.per_tick)
		run(smmu, sim_now());
}

static void write_evtq_cons(struct smmu_model *smmu, u32 val)
{
	u32 lg2 = lg2_of(smmu->evtq_base), mask = (2U << lg2) - 1;

	if (val & ~(mask | 1U << 31) || ((smmu->evtq_prod - val) & mask) > 1U << lg2)
		sim_error("smmu: EVENTQ_CONS %x with PROD %x", val, smmu->evtq_prod);
	smmu->evtq_cons = val;
}

static bool write_control(struct smmu_model *smmu, u32 offset, u64 val)
{
	switch (offset) {
	case 0x20:
		write_cr0(smmu, val);
		return true;
	case 0x28:
		must_be_off(smmu, CR0_SMMU | CR0_EVT | CR0_CMD, offset);
		smmu->cr1 = val;
		return true;
	case 0x2c:
		must_be_off(smmu, CR0_SMMU | CR0_EVT | CR0_CMD, offset);
		smmu->cr2 = val;
		return true;
	case 0x44:
		write_gbpa(smmu, val);
		return true;
	case 0x50:
		smmu->irq_ctrl = val & 7;
		return true;
	case 0x64:
		smmu->gerrorn = val;
		run(smmu, sim_now());
		return true;
	case 0x68:
	case 0xb0:
	case 0xd0:
		if (smmu->irq_ctrl)
			sim_error("smmu: MSI register %x written while in use", offset);
		smmu->msi_cfg0[offset == 0x68 ? 0 : offset == 0xb0 ? 1 : 2] = val;
		return true;
	default:
		return false;
	}
}

static bool write_tables(struct smmu_model *smmu, u32 offset, u64 val)
{
	switch (offset) {
	case 0x80:
		must_be_off(smmu, CR0_SMMU, offset);
		if (!smmu->quirks.base_fixed)
			smmu->strtab_base = val;
		return true;
	case 0x88:
		must_be_off(smmu, CR0_SMMU, offset);
		smmu->strtab_cfg = val;
		return true;
	case 0x90:
		must_be_off(smmu, CR0_CMD, offset);
		smmu->cmdq_base = val;
		return true;
	case 0x98:
		write_prod(smmu, val);
		return true;
	case 0x9c:
		must_be_off(smmu, CR0_CMD, offset);
		smmu->cmdq_cons = val;
		return true;
	case 0xa0:
		must_be_off(smmu, CR0_EVT, offset);
		smmu->evtq_base = val;
		return true;
	case 0x100a8:
		must_be_off(smmu, CR0_EVT, offset);
		smmu->evtq_prod = val;
		return true;
	case 0x100ac:
		write_evtq_cons(smmu, val);
		return true;
	default:
		return false;
	}
}

static void reg_write(void *priv, u32 offset, u64 val, unsigned int width)
{
	struct smmu_model *smmu = priv;

	smmu->writes++;
	if (smmu->quirks.gone)
		return;
	if (!write_control(smmu, offset, val) && !write_tables(smmu, offset, val))
		sim_error("smmu: write to register %x", offset);
}

const struct sim_mmio_ops smmu_model_ops = {
	.read = reg_read,
	.write = reg_write,
	.tick = tick,
};

hyp_pf_mmio_t smmu_model_attach(struct smmu_model *smmu, u64 pa)
{
	return sim_mmio_attach(pa, SMMU_MODEL_REGS, &smmu_model_ops, smmu);
}
