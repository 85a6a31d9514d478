// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the VT-d model translates: root, context and PASID tables, then the
 * walk (Intel D51397, chapters 3, 7 and 9), with a cache at every step.
 */
#include "kunit/models/vtd.h"

#define ADDR		0xffffffffff000ULL

/* Fault reasons, by what they are about. */
enum {
	F_NONE,
	F_ROOT,
	F_CTX,
	F_CTX_RSVD,
	F_CTX_BAD,
	F_DIR,
	F_PASID,
	F_PASID_RSVD,
	F_PASID_BAD,
	F_NO_READ,
	F_NO_WRITE,
	F_SS_RSVD,
	F_FS_ABSENT,
	F_FS_RSVD,
	F_WIDTH,
	F_CANONICAL,
};

static u8 code(const struct vtd_model *vtd, u32 f, bool fs)
{
	static const u8 legacy[] = {
		[F_ROOT] = 0x01, [F_CTX] = 0x02, [F_CTX_BAD] = 0x03, [F_CTX_RSVD] = 0x0b,
		[F_NO_READ] = 0x06, [F_NO_WRITE] = 0x05, [F_SS_RSVD] = 0x0c, [F_WIDTH] = 0x04,
		[F_CANONICAL] = 0,
	};
	static const u8 scalable[] = {
		[F_ROOT] = 0x39, [F_CTX] = 0x41, [F_CTX_RSVD] = 0x42, [F_CTX_BAD] = 0x43,
		[F_DIR] = 0x51, [F_PASID] = 0x59, [F_PASID_RSVD] = 0x5a, [F_PASID_BAD] = 0x5b,
		[F_NO_READ] = 0x79, [F_NO_WRITE] = 0x79, [F_SS_RSVD] = 0x7a,
		[F_FS_ABSENT] = 0x71, [F_FS_RSVD] = 0x72, [F_WIDTH] = 0x84,
		[F_CANONICAL] = 0x80,
	};

	if (!vtd_model_scalable(vtd))
		return legacy[f];
	if (fs && f == F_NO_READ)
		return 0x86;
	if (fs && f == F_NO_WRITE)
		return 0x85;
	return scalable[f];
}

static u64 bits(u64 val, u32 high, u32 low)
{
	return val << (63 - high) >> (63 - high) >> low;
}

static u32 mgaw(const struct vtd_model *vtd)
{
	return bits(vtd->cap, 21, 16) + 1;
}

/* Is this number of levels one of the second stage's? */
static bool aw_ok(const struct vtd_model *vtd, u32 aw)
{
	return aw >= 1 && aw <= 3 && bits(vtd->cap, 12, 8) & 1 << aw;
}

/* Does the unit see what is in the CPU's caches? */
static u64 fetch(const struct vtd_model *vtd, u64 pa, bool page_table)
{
	bool sm = vtd_model_scalable(vtd);

	if (vtd->ecap & (page_table && sm ? VTD_MODEL_SMPWC : VTD_MODEL_C)) {
		if (sim_owner(pa) != SIM_HYP)
			sim_error("vtd: %llx is not the hypervisor's", (unsigned long long)pa);
		return sim_read64(pa);
	}
	return sim_device_read64(pa);
}

static void fetch_entry(const struct vtd_model *vtd, u64 pa, u64 *w, u32 words)
{
	u32 i;

	for (i = 0; i < words; i++)
		w[i] = fetch(vtd, pa + 8 * i, false);
}

/* ---- configuration ---- */

static struct vtd_cfg_entry *cached(struct vtd_model *vtd, u16 sid, bool pasid)
{
	u32 i;

	for (i = 0; i < VTD_MODEL_CFGS; i++) {
		struct vtd_cfg_entry *cfg = &vtd->cfgs[i];

		if (cfg->used && cfg->sid == sid && cfg->pasid == pasid)
			return cfg;
	}
	return NULL;
}

/* Keep an entry, if its kind is kept at all. */
static void keep(struct vtd_model *vtd, const struct vtd_cfg_entry *cfg)
{
	if (cfg->present || vtd->cap & VTD_MODEL_CM)
		vtd->cfgs[vtd->next_cfg++ % VTD_MODEL_CFGS] = *cfg;
}

/* Return: address of the context entry; 0: there is no table. */
static u64 find_ctx(struct vtd_model *vtd, u16 sid)
{
	bool sm = vtd_model_scalable(vtd);
	u32 idx = sm ? sid >> 7 : sid >> 8 << 1;
	u64 word = vtd->roots[idx];

	if (!word) {
		word = fetch(vtd, (vtd->root & ADDR) + 8 * idx, false);
		if (!(word & 1))
			return 0;
		if (bits(word, 11, 1))
			sim_error("vtd: reserved bits of a root entry: %llx",
				  (unsigned long long)word);
		vtd->roots[idx] = word;
	}
	return (word & ADDR) + (sm ? 32ULL * (sid & 0x7f) : 16ULL * (sid & 0xff));
}

static u32 get_ctx(struct vtd_model *vtd, u16 sid, struct vtd_cfg_entry *cfg)
{
	struct vtd_cfg_entry *old = cached(vtd, sid, false);
	u64 pa;

	if (old) {
		*cfg = *old;
		return cfg->present ? F_NONE : F_CTX;
	}
	*cfg = (struct vtd_cfg_entry){ .used = true, .sid = sid };
	pa = find_ctx(vtd, sid);
	if (pa)
		fetch_entry(vtd, pa, cfg->w, vtd_model_scalable(vtd) ? 4 : 2);
	cfg->present = cfg->w[0] & 1;
	if (cfg->present && !vtd_model_scalable(vtd))
		cfg->did = bits(cfg->w[1], 23, 8);
	keep(vtd, cfg);
	return cfg->present ? F_NONE : pa ? F_CTX : F_ROOT;
}

static u32 get_pasid(struct vtd_model *vtd, u16 sid, u64 dir, struct vtd_cfg_entry *cfg)
{
	struct vtd_cfg_entry *old = cached(vtd, sid, true);
	u64 word;

	if (old) {
		*cfg = *old;
		return cfg->present ? F_NONE : F_PASID;
	}
	*cfg = (struct vtd_cfg_entry){ .used = true, .pasid = true, .sid = sid };
	word = fetch(vtd, dir & ADDR, false);
	if (!(word & 1))
		return F_DIR;
	if (bits(word, 11, 1))
		sim_error("vtd: reserved bits of a PASID directory entry");
	fetch_entry(vtd, word & ADDR, cfg->w, 8);
	cfg->present = cfg->w[0] & 1;
	if (cfg->present)
		cfg->did = bits(cfg->w[1], 15, 0);
	keep(vtd, cfg);
	return cfg->present ? F_NONE : F_PASID;
}

/* ---- the walk ---- */

struct walk {
	bool fs;
	u16 did;
	u8 levels;
	u64 root;
};

static struct vtd_tlb_entry *lookup(struct vtd_model *vtd, const struct walk *w, u64 ia,
				    bool table, u32 level)
{
	u32 i;

	for (i = 0; i < VTD_MODEL_TLB; i++) {
		struct vtd_tlb_entry *e = &vtd->tlb[i];

		if (!e->used || e->table != table || (table && e->level != level))
			continue;
		if (e->fs == w->fs && e->did == w->did && ia >> e->size_lg2 == e->ia >> e->size_lg2)
			return e;
	}
	return NULL;
}

static struct vtd_tlb_entry *insert(struct vtd_model *vtd, const struct walk *w, u64 ia,
				    u32 level, u64 pa)
{
	struct vtd_tlb_entry *e = &vtd->tlb[vtd->next_tlb++ % VTD_MODEL_TLB];
	u32 lg2 = 12 + 9 * (level - 1);

	*e = (struct vtd_tlb_entry){
		.used = true, .present = true, .fs = w->fs, .did = w->did, .level = level,
		.size_lg2 = lg2, .ia = ia >> lg2 << lg2, .pa = pa,
	};
	return e;
}

/* Sizes of leaves that the unit has. */
static bool size_ok(const struct vtd_model *vtd, bool fs, u32 level)
{
	if (level == 1)
		return true;
	if (fs)
		return level == 2 || (level == 3 && vtd->cap & VTD_MODEL_FL1GP);
	return level <= 3 && vtd->cap & 1ULL << (32 + level);
}

/* Bits that software must leave alone. */
static bool reserved(const struct vtd_model *vtd, const struct walk *w, u64 pte, u32 level,
		     bool leaf)
{
	u32 low = 12 + 9 * (level - 1);

	if (bits(pte, 62, 52) || (leaf && low > 12 && bits(pte, low - 1, w->fs ? 13 : 12)))
		return true;
	if (leaf && level > 1 && !size_ok(vtd, w->fs, level))
		return true;
	if (w->fs)
		return false;
	return pte >> 63 || (pte & 1 << 11 && (!leaf || !(vtd->ecap & VTD_MODEL_SC)));
}

static u32 read_entry(struct vtd_model *vtd, const struct walk *w, u64 pa, u32 level, u64 *pte,
		      bool *leaf)
{
	*pte = fetch(vtd, pa, true);
	*leaf = level == 1 || *pte & 1 << 7;
	if (!(*pte & (w->fs ? 1 : 3)))
		return w->fs ? F_FS_ABSENT : F_NO_READ;
	if (reserved(vtd, w, *pte, level, *leaf)) {
		sim_error("vtd: reserved bits in %llx", (unsigned long long)*pte);
		return w->fs ? F_FS_RSVD : F_SS_RSVD;
	}
	/* Whoever may not snoop cannot set them. */
	if (w->fs && !(*pte & 1 << 5))
		sim_error("vtd: A has to be set in %llx", (unsigned long long)*pte);
	if (w->fs && *leaf && *pte & 2 && !(*pte & 1 << 6))
		sim_error("vtd: D has to be set in %llx", (unsigned long long)*pte);
	if (w->fs && !(*pte & 4))
		sim_error("vtd: an entry for supervisors: %llx", (unsigned long long)*pte);
	return F_NONE;
}

/* Find the leaf, through the caches. */
static u32 walk(struct vtd_model *vtd, const struct walk *w, u64 ia, struct vtd_tlb_entry **found)
{
	u64 table = w->root, pte;
	bool leaf;
	u32 level, f;

	for (level = w->levels; level >= 1; level--) {
		u32 shift = 12 + 9 * (level - 1);
		struct vtd_tlb_entry *e = lookup(vtd, w, ia, true, level);

		if (e && !e->present)
			return w->fs ? F_FS_ABSENT : F_NO_READ;
		if (e) {
			table = e->pa;
			continue;
		}
		f = read_entry(vtd, w, table + 8 * bits(ia, shift + 8, shift), level, &pte, &leaf);
		if (f) {
			if ((f == F_FS_ABSENT || f == F_NO_READ) && vtd->cap & VTD_MODEL_CM) {
				e = insert(vtd, w, ia, level, 0);
				e->table = level > 1;
				e->present = false;
			}
			return f;
		}
		if (leaf) {
			*found = insert(vtd, w, ia, level, (pte & ADDR) >> shift << shift);
			(*found)->read = w->fs || pte & 1;
			(*found)->write = pte & 2;
			return F_NONE;
		}
		table = pte & ADDR;
		insert(vtd, w, ia, level, table)->table = true;
	}
	return F_SS_RSVD;
}

static u32 translate(struct vtd_model *vtd, const struct walk *w, u64 ia, bool write, u64 *pa)
{
	u32 width = 12 + 9 * w->levels, f = F_NONE;
	struct vtd_tlb_entry *leaf;

	if (w->fs) {
		u64 upper = ia >> (width - 1);

		if (upper && upper != ~0ULL >> (width - 1))
			return F_CANONICAL;
	} else if (ia >> mgaw(vtd) || ia >> width) {
		return F_WIDTH;
	}
	leaf = lookup(vtd, w, ia, false, 0);
	if (leaf && !leaf->present)
		f = w->fs ? F_FS_ABSENT : F_NO_READ;
	else if (!leaf)
		f = walk(vtd, w, ia, &leaf);
	if (f)
		return f == F_NO_READ && write ? F_NO_WRITE : f;
	if (!(write ? leaf->write : leaf->read))
		return write ? F_NO_WRITE : F_NO_READ;
	*pa = leaf->pa + (ia & ((1ULL << leaf->size_lg2) - 1));
	return F_NONE;
}

/* Return: whether the entry is one that the unit takes. */
static u32 use_pasid(const struct vtd_model *vtd, const u64 e[8], struct walk *w)
{
	u32 pgtt = bits(e[0], 8, 6);
	bool walk_snoop = e[1] & 1 << 23, snoop = e[1] & 1 << 24;

	if (bits(e[0], 11, 9) || e[1] & ~(0x180ffffULL) || e[3] | e[4] | e[5] | e[6] | e[7])
		return F_PASID_RSVD;
	if ((walk_snoop && !(vtd->ecap & VTD_MODEL_SMPWC)) ||
	    (snoop && !(vtd->ecap & VTD_MODEL_SC)))
		return F_PASID_RSVD;
	w->did = bits(e[1], 15, 0);
	if (pgtt == 1) {
		w->fs = true;
		w->levels = 4 + bits(e[2], 3, 2);
		w->root = e[2] & ADDR;
		if (bits(e[2], 11, 4) || e[2] & 3)
			return F_PASID_RSVD;
		if (!(vtd->ecap & VTD_MODEL_FSTS) || w->levels > 5 ||
		    (w->levels == 5 && !(vtd->cap & VTD_MODEL_FL5LP)))
			return F_PASID_BAD;
		return F_NONE;
	}
	w->levels = 2 + bits(e[0], 4, 2);
	w->root = e[0] & ADDR;
	if (pgtt != 2 || !(vtd->ecap & VTD_MODEL_SSTS) || !aw_ok(vtd, bits(e[0], 4, 2)))
		return F_PASID_BAD;
	return e[2] ? F_PASID_RSVD : F_NONE;
}

static u32 use_ctx(const struct vtd_model *vtd, const u64 e[2], struct walk *w)
{
	if (bits(e[0], 11, 4) || bits(e[1], 63, 24) || bits(e[1], 7, 3))
		return F_CTX_RSVD;
	w->levels = 2 + bits(e[1], 2, 0);
	w->did = bits(e[1], 23, 8);
	w->root = e[0] & ADDR;
	return bits(e[0], 3, 2) || !aw_ok(vtd, bits(e[1], 2, 0)) ? F_CTX_BAD : F_NONE;
}

static u32 configure(struct vtd_model *vtd, u16 sid, struct walk *w, bool *pass)
{
	struct vtd_cfg_entry ctx, pasid;
	u32 f = F_NONE;

	if (vtd->racer.now && vtd->racer.flying)
		ctx = vtd->racer.ctx;
	else
		f = get_ctx(vtd, sid, &ctx);
	if (f)
		return f;
	if (vtd->racer.now) {
		vtd->racer.ctx = ctx;
		vtd->racer.flying = true;
	}
	if (!vtd_model_scalable(vtd)) {
		*pass = bits(ctx.w[0], 3, 2) == 2;
		return *pass ? F_NONE : use_ctx(vtd, ctx.w, w);
	}
	/* Only requests without PASID: no DTE, PASIDE, PRE. */
	if (bits(ctx.w[0], 8, 1) || ctx.w[1] & ~0xfffffULL || ctx.w[2] | ctx.w[3])
		return F_CTX_RSVD;
	if (bits(ctx.w[1], 19, 0))
		return F_CTX_BAD;
	f = get_pasid(vtd, sid, ctx.w[0], &pasid);
	if (f)
		return f;
	*pass = bits(pasid.w[0], 8, 6) == 4;
	return *pass ? F_NONE : use_pasid(vtd, pasid.w, w);
}

u8 vtd_model_translate(struct vtd_model *vtd, u16 sid, u64 ia, bool write, struct vtd_access *res)
{
	struct walk w = { .levels = 0 };
	bool pass = false;
	u32 f = configure(vtd, sid, &w, &pass);

	if (!f && pass) {
		res->ok = true;
		res->bypass = true;
		res->pa = ia;
		return 0;
	}
	if (!f)
		f = translate(vtd, &w, ia, write, &res->pa);
	res->ok = !f;
	res->reason = f ? code(vtd, f, w.fs) : 0;
	return res->reason;
}

struct vtd_access vtd_model_access(struct vtd_model *vtd, u16 sid, u64 ia, bool write)
{
	struct vtd_access res = { 0 };

	if (!(vtd->gsts & VTD_MODEL_TES)) {
		res.ok = true;
		res.bypass = true;
		res.pa = ia;
		return res;
	}
	if (vtd_model_translate(vtd, sid, ia, write, &res))
		vtd_model_record(vtd, res.reason, sid, ia, write);
	return res;
}

bool vtd_model_peek_present(struct vtd_model *vtd, u16 sid)
{
	bool sm = vtd_model_scalable(vtd);
	u64 word = sim_device_peek64((vtd->root & ADDR) + 8 * (sm ? sid >> 7 : sid >> 8 << 1));

	if (!(word & 1))
		return false;
	return sim_device_peek64((word & ADDR) + (sm ? 32ULL * (sid & 0x7f) :
						  16ULL * (sid & 0xff))) & 1;
}

u32 vtd_model_cached(const struct vtd_model *vtd, u16 did)
{
	u32 i, nr = 0;

	for (i = 0; i < VTD_MODEL_TLB; i++)
		nr += vtd->tlb[i].used && vtd->tlb[i].did == did;
	return nr;
}
