// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the SMMUv3 model translates: stream table, context descriptor, table
 * walk (Arm IHI 0070, chapters 3 to 5; DDI 0487, chapter D8), with a cache at
 * every step.
 */
#include "kunit/models/smmuv3_priv.h"

#define PA_MASK		((1ULL << 52) - 1)

static u64 bits(u64 val, u32 high, u32 low)
{
	return val << (63 - high) >> (63 - high) >> low;
}

/* ---- configuration ---- */

static struct smmu_cfg_entry *cfg_of(struct smmu_model *smmu, u32 sid)
{
	struct smmu_cfg_entry *cfg;
	u32 i;

	for (i = 0; i < SMMU_MODEL_CFGS; i++) {
		if (smmu->cfgs[i].used && smmu->cfgs[i].sid == sid)
			return &smmu->cfgs[i];
	}
	cfg = &smmu->cfgs[smmu->next_cfg++ % SMMU_MODEL_CFGS];
	memset(cfg, 0, sizeof(*cfg));
	cfg->used = true;
	cfg->sid = sid;
	return cfg;
}

static bool sid_in_table(const struct smmu_model *smmu, u32 sid)
{
	u32 log2 = bits(smmu->strtab_cfg, 5, 0), max = bits(smmu->idr1, 5, 0);

	return !((u64)sid >> (log2 < max ? log2 : max));
}

/* Return: address of the STE, 0 if there is none. */
static u64 find_ste(struct smmu_model *smmu, struct smmu_cfg_entry *cfg, u32 sid)
{
	u32 split = bits(smmu->strtab_cfg, 10, 6), span;
	u64 base = smmu->strtab_base & (PA_MASK & ~0x3fULL);

	if (bits(smmu->strtab_cfg, 17, 16) == 0)
		return base + 64ULL * sid;
	if (split != 6 && split != 8 && split != 10)
		sim_error("smmu: split of %u", split);
	if (base & ((8ULL << (bits(smmu->strtab_cfg, 5, 0) - split)) - 1))
		sim_error("smmu: stream table is not aligned");

	if (!cfg->has_l1) {
		cfg->l1 = sim_device_read64(base + 8ULL * (sid >> split));
		cfg->has_l1 = true;
	}
	span = bits(cfg->l1, 4, 0);
	if (!span || span > split + 1 || bits(sid, split - 1, 0) >> (span - 1))
		return 0;
	return (cfg->l1 & PA_MASK & ~0x3fULL) + 64ULL * bits(sid, split - 1, 0);
}

static enum smmu_ev fetch_ste(struct smmu_model *smmu, u32 sid, struct smmu_cfg_entry **found)
{
	struct smmu_cfg_entry *cfg;
	u64 pa;

	if (!sid_in_table(smmu, sid))
		return SMMU_EV_BAD_STREAMID;
	cfg = cfg_of(smmu, sid);
	*found = cfg;
	if (cfg->has_ste)
		return SMMU_EV_NONE;
	pa = find_ste(smmu, cfg, sid);
	if (!pa)
		return SMMU_EV_BAD_STREAMID;
	sim_device_read(pa, cfg->ste, sizeof(cfg->ste));
	cfg->has_ste = true;
	return SMMU_EV_NONE;
}

static bool ste_ok(const struct smmu_model *smmu, const u64 ste[8])
{
	u32 config = bits(ste[0], 3, 1);
	bool stalls = bits(smmu->idr0, 25, 24) == 0;

	if (!(ste[0] & 1) || (config & 3 && config < 4))
		return false;
	if (config == 0 || config == 4)
		return true;
	if (config == 7)
		sim_error("smmu: nested STE");
	if (bits(ste[1], 29, 28))	/* EATS */
		return false;
	if (config & 1) {
		if (!(smmu->idr0 & 2) || bits(ste[0], 5, 4) || bits(ste[0], 63, 59))
			return false;
		if (ste[1] & 1ULL << 27 && !stalls)	/* S1STALLD */
			return false;
	}
	if (config & 2) {
		if (!(smmu->idr0 & 1) || !(ste[2] & 1ULL << 51))
			return false;
		/* S2ENDI, S2HD, S2HA, S2S */
		if (ste[2] & (1ULL << 52 | 1ULL << 55 | 1ULL << 56 | 1ULL << 57))
			return false;
	}
	return true;
}

static bool cd_ok(const u64 cd[8])
{
	if (!(cd[0] & 1ULL << 31) || !(cd[0] & 1ULL << 41))	/* V, AA64 */
		return false;
	if (!(cd[0] & 1ULL << 46) || cd[0] & 1ULL << 44)	/* A, S */
		return false;
	return !(cd[0] & (1ULL << 15 | 1ULL << 42 | 1ULL << 43));	/* ENDI, HD, HA */
}

/* ---- what to walk ---- */

struct walk {
	bool s1;
	u16 vmid, asid;
	u8 ia_bits, g;		/* g: log2 of the granule */
	u8 start;		/* level, as the architecture counts */
	u8 oa_bits;
	u64 root;
};

static u8 granule(u32 tg)
{
	return tg == 0 ? 12 : tg == 1 ? 16 : tg == 2 ? 14 : 0;
}

static u8 oa_bits(u32 code)
{
	static const u8 of[8] = { 32, 36, 40, 42, 44, 48, 52, 52 };

	return of[code];
}

static bool walk_s1(const struct smmu_model *smmu, const u64 ste[8], const u64 cd[8],
		    struct walk *w)
{
	u32 mask = smmu->idr0 & 1U << 12 ? 0xffff : 0xff, oas = oa_bits(bits(smmu->idr5, 2, 0));
	u32 tsz = bits(cd[0], 5, 0), levels;

	w->s1 = true;
	w->vmid = bits(ste[2], 15, 0);
	w->asid = bits(cd[0], 63, 48) & mask;
	w->ia_bits = 64 - tsz;
	w->g = granule(bits(cd[0], 7, 6));
	w->oa_bits = oa_bits(bits(cd[0], 34, 32));
	if (w->oa_bits > oas)
		w->oa_bits = oas;
	w->root = cd[1] & PA_MASK & ~0xfULL;
	if (tsz < 16 || tsz > 39 || !w->g || cd[0] & 1ULL << 14 || !(cd[0] & 1ULL << 30))
		return false;
	levels = (w->ia_bits - w->g + w->g - 4) / (w->g - 3);
	w->start = 4 - levels;
	return w->root >> w->oa_bits == 0;
}

static bool walk_s2(const struct smmu_model *smmu, const u64 ste[8], struct walk *w)
{
	u32 mask = smmu->idr0 & 1U << 18 ? 0xffff : 0xff, oas = oa_bits(bits(smmu->idr5, 2, 0));
	u32 tsz = bits(ste[2], 37, 32), sl0 = bits(ste[2], 39, 38);
	int rest;

	w->s1 = false;
	w->vmid = bits(ste[2], 15, 0) & mask;
	w->asid = 0;
	w->ia_bits = 64 - tsz;
	w->g = granule(bits(ste[2], 47, 46));
	w->oa_bits = oa_bits(bits(ste[2], 50, 48));
	if (w->oa_bits > oas)
		w->oa_bits = oas;
	w->root = ste[3] & PA_MASK & ~0xfULL;
	if (!w->g || w->ia_bits > oas || w->ia_bits < 25)
		return false;
	w->start = w->g == 12 ? 2 - sl0 : 3 - sl0;
	if (w->start > 3)
		return false;
	/* Bits that the first table resolves: 16 tables side by side at most. */
	rest = w->ia_bits - (w->g + (w->g - 3) * (3 - w->start));
	if (rest < 1 || rest > w->g - 3 + 4)
		return false;
	if (w->g == 12 && w->start == 0 && oas < 44)
		return false;
	return w->root >> w->oa_bits == 0;
}

/* ---- the walk ---- */

static struct smmu_tlb_entry *lookup(struct smmu_model *smmu, const struct walk *w, u64 ia,
				     bool table, u32 level)
{
	u32 i;

	for (i = 0; i < SMMU_MODEL_TLB; i++) {
		struct smmu_tlb_entry *e = &smmu->tlb[i];

		if (!e->used || e->table != table || (table && e->level != level))
			continue;
		if (e->s1 != w->s1 || e->vmid != w->vmid || e->asid != w->asid)
			continue;
		if (ia >> e->size_lg2 == e->ia >> e->size_lg2)
			return e;
	}
	return NULL;
}

static struct smmu_tlb_entry *insert(struct smmu_model *smmu, const struct walk *w, u64 ia,
				     u32 level, u64 pa)
{
	struct smmu_tlb_entry *e = &smmu->tlb[smmu->next_tlb++ % SMMU_MODEL_TLB];
	u32 lg2 = w->g + (w->g - 3) * (3 - level);

	*e = (struct smmu_tlb_entry){
		.used = true, .s1 = w->s1, .vmid = w->vmid, .asid = w->asid,
		.level = level, .size_lg2 = lg2, .ia = ia >> lg2 << lg2, .pa = pa,
	};
	return e;
}

static u64 desc_oa(const struct walk *w, u64 desc)
{
	u64 oa = bits(desc, 47, w->g) << w->g;

	if (w->g == 16)
		oa |= bits(desc, 15, 12) << 48;
	return oa;
}

static bool is_leaf(const struct walk *w, u64 desc, u32 level)
{
	if (level == 3)
		return (desc & 3) == 3;
	if ((desc & 3) != 1)
		return false;
	return level == 2 || (level == 1 && w->g == 12);
}

/* Find the leaf, through the caches.  Return: SMMU_EV_NONE and the leaf, or the fault. */
static enum smmu_ev walk(struct smmu_model *smmu, const struct walk *w, u64 ia,
			 struct smmu_tlb_entry **leaf)
{
	u64 table = w->root;
	u32 level;

	for (level = w->start; level <= 3; level++) {
		u32 shift = w->g + (w->g - 3) * (3 - level);
		struct smmu_tlb_entry *e = lookup(smmu, w, ia, true, level);
		u64 idx = ia >> shift, desc;

		if (e) {
			table = e->pa;
			continue;
		}
		if (level != w->start)
			idx &= (1ULL << (w->g - 3)) - 1;
		desc = sim_device_read64(table + 8 * idx);
		if (is_leaf(w, desc, level)) {
			u64 oa = desc_oa(w, desc) >> shift << shift;

			if (oa >> w->oa_bits)
				return SMMU_EV_ADDR_SIZE;
			if (!(desc & 1 << 10))
				return SMMU_EV_ACCESS;
			*leaf = insert(smmu, w, ia, level, oa);
			(*leaf)->read = desc & 1 << 6;
			/* Stage 1 has "read only" there, and stage 2 "write". */
			(*leaf)->write = desc & 1 << 7;
			if (w->s1)
				(*leaf)->write = (*leaf)->read && !(*leaf)->write;
			return SMMU_EV_NONE;
		}
		if ((desc & 3) != 3 || level == 3)
			return SMMU_EV_TRANSLATION;
		table = desc_oa(w, desc);
		if (table >> w->oa_bits)
			return SMMU_EV_ADDR_SIZE;
		insert(smmu, w, ia, level, table)->table = true;
	}
	return SMMU_EV_TRANSLATION;
}

static enum smmu_ev translate(struct smmu_model *smmu, const struct walk *w, u64 ia, bool write,
			      u64 *pa)
{
	struct smmu_tlb_entry *leaf;
	enum smmu_ev ev = SMMU_EV_NONE;

	/* 3.4: no stage 1 is there to say no to what is wider than any IPA. */
	if (!w->s1 && ia >> oa_bits(bits(smmu->idr5, 2, 0)))
		return SMMU_EV_ADDR_SIZE;
	if (ia >> w->ia_bits)
		return SMMU_EV_TRANSLATION;
	leaf = lookup(smmu, w, ia, false, 0);
	if (!leaf)
		ev = walk(smmu, w, ia, &leaf);
	if (ev)
		return ev;
	if (!(write ? leaf->write : leaf->read))
		return SMMU_EV_PERMISSION;
	*pa = leaf->pa + (ia & ((1ULL << leaf->size_lg2) - 1));
	return SMMU_EV_NONE;
}

static enum smmu_ev access(struct smmu_model *smmu, u32 sid, u64 ia, bool write,
			   struct smmu_access *res)
{
	struct smmu_cfg_entry *cfg;
	enum smmu_ev ev = fetch_ste(smmu, sid, &cfg);
	struct walk w;

	if (ev)
		return ev;
	if (!ste_ok(smmu, cfg->ste))
		return SMMU_EV_BAD_STE;
	switch (bits(cfg->ste[0], 3, 1)) {
	case 0:
		return SMMU_EV_NONE;
	case 4:
		res->ok = true;
		res->bypass = true;
		res->pa = ia;
		return SMMU_EV_NONE;
	case 5:
		if (!cfg->has_cd) {
			sim_device_read(cfg->ste[0] & PA_MASK & ~0x3fULL, cfg->cd, sizeof(cfg->cd));
			cfg->has_cd = true;
		}
		if (!cd_ok(cfg->cd) || !walk_s1(smmu, cfg->ste, cfg->cd, &w))
			return SMMU_EV_BAD_CD;
		break;
	default:
		if (!walk_s2(smmu, cfg->ste, &w))
			return SMMU_EV_BAD_STE;
	}
	ev = translate(smmu, &w, ia, write, &res->pa);
	/* Faults of the walk are recorded if the entry asks for it: CD.R, STE.S2R. */
	if (ev && !(w.s1 ? cfg->cd[0] & 1ULL << 45 : cfg->ste[2] & 1ULL << 58))
		sim_error("smmu: a fault that is not recorded");
	res->ok = !ev;
	return ev;
}

struct smmu_access smmu_model_access(struct smmu_model *smmu, u32 sid, u64 ia, bool write)
{
	struct smmu_access res = { 0 };

	if (!(smmu->cr0ack & 1)) {
		res.bypass = !(smmu->gbpa & 1U << 20);
		res.ok = res.bypass;
		res.pa = ia;
		return res;
	}
	res.event = access(smmu, sid, ia, write, &res);
	if (res.event)
		smmu_model_event(smmu, res.event, sid, ia, write);
	return res;
}

u64 smmu_model_peek_ste(struct smmu_model *smmu, u32 sid)
{
	u32 split = bits(smmu->strtab_cfg, 10, 6);
	u64 base = smmu->strtab_base & (PA_MASK & ~0x3fULL), l1;

	if (!sid_in_table(smmu, sid))
		return ~0ULL;
	if (bits(smmu->strtab_cfg, 17, 16) == 0)
		return sim_device_peek64(base + 64ULL * sid) & 0xf;
	l1 = sim_device_peek64(base + 8ULL * (sid >> split));
	if (!(l1 & 0x1f))
		return ~0ULL;
	return sim_device_peek64((l1 & PA_MASK & ~0x3fULL) + 64ULL * bits(sid, split - 1, 0)) & 0xf;
}
