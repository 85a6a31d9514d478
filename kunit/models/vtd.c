// SPDX-License-Identifier: GPL-2.0-only
/*
 * A model of a VT-d remapping unit: registers, queue, faults and what
 * invalidations do.  How it translates is in vtd_walk.c.
 */
#include "kunit/models/vtd.h"

#define FRO		0x220
#define F_BIT		BIT_ULL(63)
#define LASTING		0x96ffffffU

void vtd_model_init(struct vtd_model *vtd)
{
	u32 i;

	memset(vtd, 0, sizeof(*vtd));
	vtd->ver = 0x10;
	/* ND 6, 3 and 4 levels, MGAW 48, FRO, 2M and 1G, PSI, 4 records, MAMV 18, drains */
	vtd->cap = 6 | VTD_MODEL_SAGAW(6) | VTD_MODEL_MGAW(48) | FRO / 16 << 24 | 3ULL << 34 |
		   VTD_MODEL_PSI | 3ULL << 40 | VTD_MODEL_MAMV(18ULL) | 3ULL << 54;
	vtd->ecap = VTD_MODEL_C | VTD_MODEL_QI | 1 << 3 | 0xf << 8;
	vtd->gsts = VTD_MODEL_IRES;
	vtd->pmen = vtd->cap & VTD_MODEL_PLMR ? 1U << 31 | 1 : 0;

	/* Left behind by somebody: entries that translate, and translations. */
	for (i = 0; i < 16; i++) {
		vtd->cfgs[2 * i] = (struct vtd_cfg_entry){
			.used = true, .present = true, .sid = i, .did = i, .w[0] = 1 | 2 << 2,
		};
		vtd->cfgs[2 * i + 1] = (struct vtd_cfg_entry){
			.used = true, .present = true, .pasid = true, .sid = i, .did = i,
			.w[0] = 1 | 4 << 6,
		};
		vtd->tlb[2 * i] = (struct vtd_tlb_entry){
			.used = true, .present = true, .did = i, .level = 3, .size_lg2 = 30,
			.read = true, .write = true,
		};
		vtd->tlb[2 * i + 1] = vtd->tlb[2 * i];
		vtd->tlb[2 * i + 1].fs = true;
	}
	vtd->next_cfg = 32;
	vtd->next_tlb = 32;
}

/* ---- invalidation ---- */

static bool cfg_hit(const struct vtd_model *vtd, const struct vtd_cfg_entry *cfg, u64 w0)
{
	u32 g = w0 >> 4 & 3;
	u16 did = w0 >> 16;

	if ((w0 & 0xf) == VTD_OP_PC)
		return cfg->pasid && (g == 3 || cfg->did == did);
	if (cfg->pasid || (g == 3 && cfg->sid != (u16)(w0 >> 32)))
		return false;
	/* In scalable mode context entries have no domain-id, and count as 0. */
	return g == 1 || cfg->did == did;
}

static void drop_cfgs(struct vtd_model *vtd, u64 w0)
{
	u32 i;

	if ((w0 & 0xf) == VTD_OP_PC ? vtd->quirks.ignore_pc : vtd->quirks.ignore_cc)
		return;
	for (i = 0; i < VTD_MODEL_CFGS; i++) {
		if (vtd->cfgs[i].used && cfg_hit(vtd, &vtd->cfgs[i], w0))
			vtd->cfgs[i].used = false;
	}
	if ((w0 & 0x3f) == (VTD_OP_CC | 1 << 4))
		memset(vtd->roots, 0, sizeof(vtd->roots));
}

static bool tlb_hit(const struct vtd_tlb_entry *e, u64 w0, u64 w1)
{
	bool fs = (w0 & 0xf) == VTD_OP_PIOTLB;
	u64 start = w1 & ~0xfffULL, size = 4096ULL << (w1 & 0x3f);
	u32 g = w0 >> 4 & 3;

	if (!fs && g == 1)
		return true;
	if (e->fs != fs || e->did != (u16)(w0 >> 16))
		return false;
	if (g == 2)
		return true;
	/* IH: only leaves. */
	if (w1 & 1 << 6 && e->table)
		return false;
	return e->ia < start + size && start < e->ia + (1ULL << e->size_lg2);
}

static void drop_tlb(struct vtd_model *vtd, u64 w0, u64 w1)
{
	u32 i;

	for (i = 0; i < VTD_MODEL_TLB && !vtd->quirks.ignore_iotlb; i++) {
		if (vtd->tlb[i].used && tlb_hit(&vtd->tlb[i], w0, w1))
			vtd->tlb[i].used = false;
	}
	vtd->racer.flying = false;
}

static void race(struct vtd_model *vtd)
{
	struct vtd_access res;

	vtd->racer.now = vtd->racer.on;
	if (vtd->racer.on)
		vtd_model_translate(vtd, vtd->racer.sid, vtd->racer.ia, true, &res);
	vtd->racer.now = false;
}

static void do_pending(struct vtd_model *vtd)
{
	race(vtd);
	while (vtd->nr_pending) {
		const u64 *w = vtd->pending[--vtd->nr_pending];

		if ((w[0] & 0xf) == VTD_OP_IOTLB || (w[0] & 0xf) == VTD_OP_PIOTLB)
			drop_tlb(vtd, w[0], w[1]);
		else
			drop_cfgs(vtd, w[0]);
		race(vtd);
	}
}

static void drop_all(struct vtd_model *vtd)
{
	memset(vtd->roots, 0, sizeof(vtd->roots));
	memset(vtd->cfgs, 0, sizeof(vtd->cfgs));
	memset(vtd->tlb, 0, sizeof(vtd->tlb));
}

/* ---- the queue ---- */

static bool pages_ok(const struct vtd_model *vtd, u64 w1)
{
	u32 am = w1 & 0x3f;

	return vtd->cap & VTD_MODEL_PSI && am <= (vtd->cap >> 48 & 0x3f) && !(w1 & 0xf80) &&
	       !(w1 >> 12 & ((1ULL << am) - 1));
}

static bool desc_ok(const struct vtd_model *vtd, u64 w0, u64 w1)
{
	u32 g = w0 >> 4 & 3;

	switch (w0 & 0xf) {
	case VTD_OP_CC:
		return g && !(w0 & 0xffff00000000ffc0ULL) && !w1;
	case VTD_OP_IOTLB:
		return g && !(w0 & 0xffffffff0000ff00ULL) &&
		       (vtd->cap >> 54 & 3) == (w0 >> 6 & 3) &&
		       (g == 3 ? pages_ok(vtd, w1) : !w1);
	case VTD_OP_WAIT:
		return (w0 & 0xfffffff0) == 0x60 && !(w1 & 3);
	case VTD_OP_PIOTLB:
		return vtd_model_scalable(vtd) && g >= 2 && !(w0 & 0xfff000000000ffc0ULL) &&
		       !(w0 >> 32) && (g == 3 ? pages_ok(vtd, w1) : !w1);
	case VTD_OP_PC:
		return vtd_model_scalable(vtd) && g != 2 && !(w0 & 0xfff000000000ffc0ULL) &&
		       !(w0 >> 32) && !w1;
	default:
		return false;
	}
}

/* The queue and status are snooped, whatever the unit does with tables. */
static u64 snoop(u64 pa)
{
	if (sim_owner(pa) != SIM_HYP)
		sim_error("vtd: %llx is not the hypervisor's", (unsigned long long)pa);
	return sim_read64(pa);
}

static void write_status(const struct vtd_model *vtd, u64 w0, u64 w1)
{
	u64 pa = w1 & ~7ULL, old = snoop(pa), data = (w0 >> 32) ^ vtd->quirks.status_xor;

	if (w1 & 4)
		sim_write64(pa, (old & ~0U) | data << 32);
	else
		sim_write64(pa, (old & ~(u64)~0U) | data);
}

static u32 desc_size(const struct vtd_model *vtd)
{
	return vtd->iqa & 1 << 11 ? 32 : 16;
}

static u64 ring_size(const struct vtd_model *vtd)
{
	return 4096ULL << (vtd->iqa & 7);
}

/* Return: false if the queue has stopped here. */
static bool run_one(struct vtd_model *vtd)
{
	u64 pa = (vtd->iqa & ~0xfffULL) + vtd->iqh;
	u64 w0 = snoop(pa), w1 = snoop(pa + 8);
	u32 error = 0, op = w0 & 0xf;

	vtd->executed++;
	if (vtd->executed == vtd->quirks.error_at) {
		error = vtd->quirks.error;
	} else if (!desc_ok(vtd, w0, w1) ||
		   (desc_size(vtd) == 32 && (snoop(pa + 16) | snoop(pa + 24)))) {
		sim_error("vtd: bad descriptor %llx %llx", (unsigned long long)w0,
			  (unsigned long long)w1);
		error = VTD_MODEL_IQE;
	}
	if (error == VTD_MODEL_IQE) {
		vtd->fsts |= VTD_MODEL_IQE;
		return false;
	}

	vtd->iqh = (vtd->iqh + desc_size(vtd)) & (ring_size(vtd) - 1);
	vtd->ops[op]++;
	vtd->last[op][0] = w0;
	vtd->last[op][1] = w1;
	if (error) {
		vtd->fsts |= VTD_MODEL_ITE;
		return false;
	}
	if (op == VTD_OP_WAIT) {
		do_pending(vtd);
		write_status(vtd, w0, w1);
	} else if (vtd->nr_pending < VTD_MODEL_PENDING) {
		vtd->pending[vtd->nr_pending][0] = w0;
		vtd->pending[vtd->nr_pending++][1] = w1;
	} else {
		sim_error("vtd: too many descriptors without a wait");
	}
	return true;
}

static void run(struct vtd_model *vtd, u64 now)
{
	u32 left = vtd->quirks.per_tick;

	if (vtd->quirks.never || vtd->quirks.gone || !(vtd->gsts & VTD_MODEL_QIES))
		return;
	if (now < vtd->doorbell_us + vtd->quirks.delay_us)
		return;
	while (vtd->iqh != vtd->iqt && !(vtd->fsts & (VTD_MODEL_IQE | VTD_MODEL_ITE))) {
		if (!run_one(vtd) || (left && !--left))
			return;
	}
}

static void tick(void *priv, u64 now_us)
{
	run(priv, now_us);
}

/* ---- faults ---- */

static u32 nr_faults(const struct vtd_model *vtd)
{
	return (vtd->cap >> 40 & 0xff) + 1;
}

static bool pending_fault(const struct vtd_model *vtd)
{
	u32 i;

	for (i = 0; i < nr_faults(vtd); i++) {
		if (vtd->frcd[i][1] & F_BIT)
			return true;
	}
	return false;
}

void vtd_model_record(struct vtd_model *vtd, u8 reason, u16 sid, u64 ia, bool write)
{
	u64 *frcd = vtd->frcd[vtd->next_fault];

	vtd->faults++;
	if (frcd[1] & F_BIT || vtd->fsts & VTD_MODEL_PFO) {
		vtd->faults_dropped++;
		vtd->fsts |= VTD_MODEL_PFO;
		return;
	}
	if (!pending_fault(vtd))
		vtd->fsts = (vtd->fsts & 0xff) | vtd->next_fault << 8;
	frcd[0] = ia & ~0xfffULL;
	/* PV is garbage without PP. */
	frcd[1] = F_BIT | (write ? 0 : 1ULL << 62) | 0xffffULL << 40 | (u64)reason << 32 | sid;
	vtd->next_fault = (vtd->next_fault + 1) % nr_faults(vtd);
}

/* ---- registers ---- */

static void expect_pmen(const struct vtd_model *vtd)
{
	if (!(vtd->cap & (VTD_MODEL_PLMR | 1ULL << 6)))
		sim_error("vtd: PMEN, which this unit does not have");
}

static u64 reg_read(void *priv, u32 offset, unsigned int width)
{
	struct vtd_model *vtd = priv;
	u32 fault = (offset - FRO) / 16;

	if (vtd->quirks.gone)
		return width == 8 ? ~0ULL : ~0U;
	if (offset >= FRO && fault < nr_faults(vtd)) {
		if (width == 8)
			return vtd->frcd[fault][offset / 8 % 2];
		return vtd->frcd[fault][offset / 8 % 2] >> (offset & 4 ? 32 : 0) & ~0U;
	}
	switch (offset | width << 16) {
	case 0x40000:
		return vtd->ver;
	case 0x80008:
		return vtd->cap;
	case 0x80010:
		return vtd->ecap;
	case 0x4001c:
		return vtd->gsts;
	case 0x80020:
		return vtd->rtaddr;
	case 0x40034:
		return vtd->fsts | (pending_fault(vtd) ? 2 : 0);
	case 0x40064:
		expect_pmen(vtd);
		return vtd->pmen;
	case 0x80080:
		return vtd->iqh;
	case 0x80088:
		return vtd->iqt;
	case 0x80090:
		return vtd->iqa;
	default:
		sim_error("vtd: read of register %x, %u bytes", offset, width);
		return 0;
	}
}

static void set_gsts(struct vtd_model *vtd, u32 bit, bool on)
{
	if (!(vtd->quirks.stuck & bit))
		vtd->gsts = on ? vtd->gsts | bit : vtd->gsts & ~bit;
}

static void one_command(struct vtd_model *vtd, u32 bit, bool on)
{
	switch (bit) {
	case VTD_MODEL_TES:
		if (!on || !(vtd->gsts & VTD_MODEL_RTPS))
			sim_error("vtd: TE %s", on ? "without a root" : "off");
		set_gsts(vtd, bit, on);
		break;
	case VTD_MODEL_RTPS:
		vtd->root = vtd->rtaddr;
		set_gsts(vtd, bit, true);
		if (vtd->cap & VTD_MODEL_ESRTPS)
			drop_all(vtd);
		break;
	case VTD_MODEL_QIES:
		if (!on && vtd->executed)
			sim_error("vtd: QIE off");
		if (!on && !(vtd->quirks.stuck & bit))
			vtd->iqh = 0;
		set_gsts(vtd, bit, on);
		run(vtd, sim_now());
		break;
	case 1U << 27:
		if (!(vtd->cap & VTD_MODEL_RWBF))
			sim_error("vtd: WBF without RWBF");
		vtd->wbfs++;
		if (vtd->quirks.stuck & bit)
			vtd->gsts |= bit;
		break;
	default:
		sim_error("vtd: command %x", bit);
	}
}

static void write_gcmd(struct vtd_model *vtd, u32 val)
{
	u32 change = (val ^ vtd->gsts) & LASTING;

	change |= val & ~LASTING;
	if (change & (change - 1))
		sim_error("vtd: commands %x at a time", change);
	if (change)
		one_command(vtd, change, val & change);
}

static void write_iqt(struct vtd_model *vtd, u64 val)
{
	if (val & (desc_size(vtd) - 1) || val >= ring_size(vtd))
		sim_error("vtd: IQT %llx", (unsigned long long)val);
	if (vtd->gsts & VTD_MODEL_QIES && val == vtd->iqh && vtd->iqt != vtd->iqh)
		sim_error("vtd: the queue is full to the last descriptor");
	vtd->iqt = val;
	vtd->doorbells++;
	vtd->doorbell_us = sim_now();
	if (vtd->root & 1 << 10 && desc_size(vtd) != 32)
		sim_error("vtd: short descriptors in scalable mode");
	if (!vtd->quirks.per_tick)
		run(vtd, sim_now());
}

static void write_iqa(struct vtd_model *vtd, u64 val)
{
	if (vtd->gsts & VTD_MODEL_QIES || val & 0x7f8 ||
	    (val & 1 << 11 && !(vtd->ecap & VTD_MODEL_SMTS)))
		sim_error("vtd: IQA %llx", (unsigned long long)val);
	if (!vtd->quirks.iqa_fixed)
		vtd->iqa = val;
	vtd->iqh = 0;
	vtd->iqt = 0;
}

static void write_fsts(struct vtd_model *vtd, u32 val)
{
	vtd->fsts &= ~(val & (VTD_MODEL_PFO | VTD_MODEL_IQE | VTD_MODEL_ICE | VTD_MODEL_ITE));
	run(vtd, sim_now());
}

static void reg_write(void *priv, u32 offset, u64 val, unsigned int width)
{
	struct vtd_model *vtd = priv;
	u32 fault = (offset - FRO) / 16;

	vtd->writes++;
	if (vtd->quirks.gone)
		return;
	if (offset >= FRO && fault < nr_faults(vtd) && offset % 16 == 12 && width == 4) {
		if (val >> 31)
			vtd->frcd[fault][1] &= ~F_BIT;
		return;
	}
	switch (offset | width << 16) {
	case 0x40018:
		write_gcmd(vtd, val);
		break;
	case 0x80020:
		if (!vtd->quirks.rtaddr_fixed)
			vtd->rtaddr = val;
		break;
	case 0x40034:
		write_fsts(vtd, val);
		break;
	case 0x40038:
		vtd->fectl = val;
		break;
	case 0x40064:
		expect_pmen(vtd);
		vtd->pmen = val | (vtd->quirks.pmr_stuck || val >> 31);
		break;
	case 0x80088:
		write_iqt(vtd, val);
		break;
	case 0x80090:
		write_iqa(vtd, val);
		break;
	case 0x400a0:
		vtd->iectl = val;
		break;
	default:
		sim_error("vtd: write to register %x, %u bytes", offset, width);
	}
}

const struct sim_mmio_ops vtd_model_ops = {
	.read = reg_read,
	.write = reg_write,
	.tick = tick,
};

hyp_pf_mmio_t vtd_model_attach(struct vtd_model *vtd, u64 pa)
{
	return sim_mmio_attach(pa, VTD_MODEL_REGS, &vtd_model_ops, vtd);
}
