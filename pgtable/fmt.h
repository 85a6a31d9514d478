/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a page-table format has to supply.
 *
 * A format is a `static const struct hyp_pgt_ops`: a few numbers and pure
 * functions from values to values.  HYP_PGT_DEFINE_FMT() in walk.h makes a
 * struct hyp_pgt_fmt of it: the operations that are worth it are compiled with
 * these constants folded in, the others use them at run time (pgtable.c).
 *
 * Every format has in common: entries are 64 bits; 0 means "not present", and
 * no table-aligned address looks present; only level 0 has no table entries;
 * leaf() of two contiguous addresses differs by a constant.
 */
#ifndef HYP_PGT_FMT_H
#define HYP_PGT_FMT_H

#include "pgtable/pgtable.h"

struct hyp_pgt_ops {
	u8 granule_lg2;		/* what a leaf of level 0 maps */
	u8 stride_lg2;		/* entries in a table */
	/*
	 * leaf(oa + n * size) == leaf(oa) + n * step holds as long as oa does
	 * not cross a multiple of 1 << linear_lg2; 64: it always holds.
	 */
	u8 linear_lg2;
	u64 perm;		/* bits of a leaf that hold permissions */

	/*
	 * Can this format, @f, do @cfg?  If so: the level of the root, and the
	 * leaf sizes that exist, one bit each.  The root has
	 * 1 << (ia_bits - shift(top)) entries.
	 */
	bool (*shape)(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
		      u8 *top, u64 *sizes);

	/* All bits of a leaf that do not depend on its address or level, ... */
	u64 (*attr)(const struct hyp_pgt_cfg *cfg, u32 prot);
	/* ... and taken out of a leaf. */
	u64 (*attr_of)(u64 pte);

	/* Is it a table?  0 is none. */
	bool (*is_table)(u64 pte, unsigned int level);
	u64 (*table)(u64 pa, unsigned int level);
	u64 (*leaf)(u64 oa, u64 attr, unsigned int level);
	/* Where a leaf or a table leads. */
	u64 (*oa)(u64 pte, unsigned int level);
};

struct hyp_pgt_fmt {
	const struct hyp_pgt_ops *ops;

	int (*map)(struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size, u32 prot,
		   struct hyp_pgt_pool *pool, struct hyp_pgt_gather *gather, u64 *done);
	u32 (*map_list)(struct hyp_pgt *pgt, u64 ia, const struct hyp_iommu_sg *sg, u32 nr,
			u32 prot);
	int (*unmap)(struct hyp_pgt *pgt, u64 ia, u64 size,
		     struct hyp_pgt_gather *gather, u64 *done);
	u64 (*lookup)(const struct hyp_pgt *pgt, u64 ia, u64 *oa);
};

#endif /* HYP_PGT_FMT_H */
