/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Root, context and PASID tables: what goes into their entries, and how one is
 * changed while hardware may be reading it.  Intel D51397, chapter 9.
 *
 *	legacy mode     root table -> context table -> second stage
 *	                by bus        by devfn
 *	scalable mode   root table -> context table -> PASID directory -> PASID table -> stage
 *	                by bus, half  by devfn % 128   one entry          entry 0
 *
 * What an entry needs in scalable mode beyond the root depends on the address
 * space only, so that all endpoints of a space share its PASID table.
 */
#ifndef HYP_VTD_CONTEXT_H
#define HYP_VTD_CONTEXT_H

#include "pgtable/pgtable.h"

#define VTD_PRESENT		BIT_ULL(0)	/* of every entry, in its first word */
#define VTD_POINTER		GENMASK_ULL(63, 12)

/* 9.1, 9.2: root entries are two words, one for each half of a bus in scalable mode */
#define VTD_ROOT_WORDS		2
#define VTD_BUSES		256

/* 9.3: context entry of legacy mode */
#define VTD_CTX_WORDS		2
#define CTX0_TT			GENMASK_ULL(3, 2)
#define CTX0_TT_UNTRANSLATED	0
#define CTX1_AW			GENMASK_ULL(2, 0)
#define CTX1_DID		GENMASK_ULL(23, 8)

/* 9.4: context entry of scalable mode */
#define VTD_SM_CTX_WORDS	4
#define SMCTX0_PDTS		GENMASK_ULL(11, 9)	/* 2^(7 + n) directory entries */
#define SMCTX1_RID_PASID	GENMASK_ULL(19, 0)

/* 9.6: PASID table entry */
#define VTD_PASID_WORDS		8
#define PASID0_AW		GENMASK_ULL(4, 2)
#define PASID0_PGTT		GENMASK_ULL(8, 6)
#define PASID0_PGTT_FS		1
#define PASID0_PGTT_SS		2
#define PASID1_DID		GENMASK_ULL(15, 0)
#define PASID1_PWSNP		BIT_ULL(23)
#define PASID1_PGSNP		BIT_ULL(24)
#define PASID2_FSPM		GENMASK_ULL(3, 2)

#define VTD_RID_PASID		0	/* what requests without PASID count as */

struct hyp_vtd_entry {
	u64 w[VTD_PASID_WORDS];		/* the first few, for context entries */
};

/** hyp_vtd_pointer() - root entry's word or PASID directory entry for a table at @pa */
static inline u64 hyp_vtd_pointer(u64 pa)
{
	return (pa & VTD_POINTER) | VTD_PRESENT;
}

/** hyp_vtd_ctx() - legacy context entry; @pgt is of the second stage format */
struct hyp_vtd_entry hyp_vtd_ctx(const struct hyp_pgt *pgt, u16 did);

/** hyp_vtd_sm_ctx() - scalable context entry; @dir_pa: the PASID directory */
struct hyp_vtd_entry hyp_vtd_sm_ctx(u64 dir_pa);

/** hyp_vtd_pasid_fs() - PASID table entry of a first stage table */
struct hyp_vtd_entry hyp_vtd_pasid_fs(const struct hyp_pgt *pgt, u16 did);

/** hyp_vtd_pasid_ss() - PASID table entry of a second stage table */
struct hyp_vtd_entry hyp_vtd_pasid_ss(const struct hyp_pgt *pgt, u16 did);

/* How an entry is written. */
struct hyp_vtd_writer {
	u8 words;
	bool noncoherent;
	/*
	 * removed: drop cached copies of what was present, and all that came
	 * of it.  added: drop what is cached of there being nothing.  Both
	 * wait; the entry is in memory.  Return: 0, or -EIO.
	 * NULL: hardware cannot reach the entry, or caches no such thing.
	 */
	int (*removed)(void *arg);
	int (*added)(void *arg);
	void *arg;
};

/**
 * hyp_vtd_entry_write() - change an entry that hardware may read
 * @entry: in the table
 * @to: its new content
 * @writer: how
 *
 * Not present, dropped, filled, present (6.5.3): whenever hardware looks it
 * finds the old entry, the new one, or one that is not present.
 *
 * Return: 0; -EIO: @entry is not present, but what is cached of it may be.
 */
int hyp_vtd_entry_write(u64 *entry, const struct hyp_vtd_entry *to,
			const struct hyp_vtd_writer *writer);

#endif /* HYP_VTD_CONTEXT_H */
