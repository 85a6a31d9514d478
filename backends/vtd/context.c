// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Entries of VT-d's root, context and PASID tables.
 *
 * The builders are pure.  What they leave 0 is off on purpose: device TLBs,
 * page requests, requests with PASID, execute and supervisor requests, dirty
 * tracking, pass-through, and everything nested.  Faults are recorded.
 */
#include "backends/vtd/context.h"
#include "pgtable/fmt_vtd.h"

struct hyp_vtd_entry hyp_vtd_ctx(const struct hyp_pgt *pgt, u16 did)
{
	struct hyp_pgt_vtd_regs regs;

	hyp_pgt_vtd_regs(pgt, &regs);
	return (struct hyp_vtd_entry){ {
		[0] = hyp_vtd_pointer(regs.root) | FIELD_PREP(CTX0_TT, CTX0_TT_UNTRANSLATED),
		[1] = FIELD_PREP(CTX1_AW, regs.aw) | FIELD_PREP(CTX1_DID, did),
	} };
}

/* The smallest directory has 128 entries; those but the first are not present. */
struct hyp_vtd_entry hyp_vtd_sm_ctx(u64 dir_pa)
{
	return (struct hyp_vtd_entry){ {
		[0] = hyp_vtd_pointer(dir_pa) | FIELD_PREP(SMCTX0_PDTS, 0),
		[1] = FIELD_PREP(SMCTX1_RID_PASID, VTD_RID_PASID),
	} };
}

/* Snooping by walks is for units that can, by accesses for tables that ask for it. */
static u64 pasid_word1(const struct hyp_pgt *pgt, u16 did)
{
	u64 w = FIELD_PREP(PASID1_DID, did);

	if (!(pgt->cfg.features & HYP_PGT_NONCOHERENT))
		w |= PASID1_PWSNP;
	if (pgt->cfg.features & HYP_PGT_SNOOP)
		w |= PASID1_PGSNP;
	return w;
}

struct hyp_vtd_entry hyp_vtd_pasid_fs(const struct hyp_pgt *pgt, u16 did)
{
	struct hyp_pgt_vtd_regs regs;

	hyp_pgt_vtd_regs(pgt, &regs);
	/* AW is not the first stage's, but QEMU limits that by it: the same number of levels. */
	return (struct hyp_vtd_entry){ {
		[0] = VTD_PRESENT | FIELD_PREP(PASID0_PGTT, PASID0_PGTT_FS) |
		      FIELD_PREP(PASID0_AW, regs.aw + 2),
		[1] = pasid_word1(pgt, did),
		[2] = (regs.root & VTD_POINTER) | FIELD_PREP(PASID2_FSPM, regs.aw),
	} };
}

struct hyp_vtd_entry hyp_vtd_pasid_ss(const struct hyp_pgt *pgt, u16 did)
{
	struct hyp_pgt_vtd_regs regs;

	hyp_pgt_vtd_regs(pgt, &regs);
	return (struct hyp_vtd_entry){ {
		[0] = hyp_vtd_pointer(regs.root) | FIELD_PREP(PASID0_PGTT, PASID0_PGTT_SS) |
		      FIELD_PREP(PASID0_AW, regs.aw),
		[1] = pasid_word1(pgt, did),
	} };
}

static void store_first(u64 *entry, u64 val, const struct hyp_vtd_writer *writer)
{
	WRITE_ONCE(entry[0], val);
	if (writer->noncoherent)
		hyp_pf_clean(entry, sizeof(*entry));
	hyp_pf_wmb();
}

static void store_rest(u64 *entry, const struct hyp_vtd_entry *to,
		       const struct hyp_vtd_writer *writer)
{
	u32 i;

	for (i = 1; i < writer->words; i++)
		WRITE_ONCE(entry[i], to->w[i]);
	if (writer->noncoherent)
		hyp_pf_clean(entry, writer->words * sizeof(*entry));
	hyp_pf_wmb();
}

int hyp_vtd_entry_write(u64 *entry, const struct hyp_vtd_entry *to,
			const struct hyp_vtd_writer *writer)
{
	int ret = 0;

	if (entry[0] & VTD_PRESENT) {
		store_first(entry, 0, writer);
		if (writer->removed)
			ret = writer->removed(writer->arg);
		if (ret)
			return ret;
	}
	store_rest(entry, to, writer);
	store_first(entry, to->w[0], writer);
	if (!(to->w[0] & VTD_PRESENT) || !writer->added)
		return 0;

	ret = writer->added(writer->arg);
	if (ret)
		store_first(entry, 0, writer);
	return ret;
}
