// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Page tables: what does not depend on the format, and what is too rare to be
 * compiled once per format.  The rest is in walk.h.
 */
#include "pgtable/walk.h"

/* Is [start, start + size) aligned, and not empty, and does it end at or before max? */
static inline bool hyp_pgt_range_ok(u64 start, u64 size, u64 mask, u64 max)
{
	return size && !((start | size) & mask) && start <= max && size - 1 <= max - start;
}

/* The same for all formats: a leaf that nobody may use, or of a memory type that is none. */
static inline bool hyp_pgt_prot_ok(u32 prot)
{
	return !(prot & ~(u32)HYP_IOMMU_PROT_MASK) &&
	       (prot & (HYP_IOMMU_READ | HYP_IOMMU_WRITE)) &&
	       (~prot & (HYP_IOMMU_MMIO | HYP_IOMMU_CACHE));
}

/* Drop the sizes above a gap.  Return: false if no size is left. */
static bool hyp_pgt_leaf_levels(const struct hyp_pgt_ops *f, u64 sizes, u8 top, u8 *min, u8 *max)
{
	unsigned int level = 0;

	while (level <= top && !(sizes & hyp_pgt_leaf_size(f, level)))
		level++;
	if (level > top)
		return false;
	*min = level;
	while (level < top && (sizes & hyp_pgt_leaf_size(f, level + 1)))
		level++;
	*max = level;
	return true;
}

u64 hyp_pgt_table_size(const struct hyp_pgt_fmt *fmt)
{
	return sizeof(u64) << fmt->ops->stride_lg2;
}

u64 hyp_pgt_root_size(const struct hyp_pgt_fmt *fmt, const struct hyp_pgt_cfg *cfg)
{
	struct hyp_pgt pgt;

	return hyp_pgt_init(&pgt, fmt, cfg, 0) ? 0 : pgt.root_size;
}

/* With @root_pa 0 nothing but the shape is of use, see above. */
int hyp_pgt_init(struct hyp_pgt *pgt, const struct hyp_pgt_fmt *fmt,
		 const struct hyp_pgt_cfg *cfg, u64 root_pa)
{
	const struct hyp_pgt_ops *f = fmt->ops;
	u8 top, min, max, level;
	u64 sizes, root_size, oa_last;

	if (!f->shape(f, cfg, &top, &sizes) ||
	    !hyp_pgt_leaf_levels(f, sizes & cfg->sizes, top, &min, &max))
		return -EINVAL;

	/* What is given to us comes in pages. */
	root_size = sizeof(u64) << (cfg->ia_bits - hyp_pgt_shift(f, top));
	root_size = max(root_size, HYP_IOMMU_PAGE_SIZE);
	oa_last = ~0ULL >> (64 - cfg->oa_bits);
	if (root_pa && !hyp_pgt_range_ok(root_pa, root_size, root_size - 1, oa_last))
		return -EINVAL;

	sizes = 0;
	for (level = min; level <= max; level++)
		sizes |= hyp_pgt_leaf_size(f, level);

	*pgt = (struct hyp_pgt){
		.fmt = fmt,
		.cfg = *cfg,
		.top = top,
		.leaf_min = min,
		.leaf_max = max,
		.leaf_mask = hyp_pgt_leaf_size(f, min) - 1,
		.ia_last = ~0ULL >> (64 - cfg->ia_bits),
		.oa_last = oa_last,
		.root_pa = root_pa,
		.root_size = root_size,
	};
	pgt->cfg.sizes = sizes;
	hyp_pgt_near_none(pgt);
	if (root_pa)
		pgt->root = hyp_pf_va(root_pa);
	return 0;
}

bool hyp_pgt_check(const struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size, u32 prot)
{
	if (!hyp_pgt_range_ok(ia, size, pgt->leaf_mask, pgt->ia_last))
		return false;
	if (!prot && !oa)
		return true;
	return hyp_pgt_range_ok(oa, size, pgt->leaf_mask, pgt->oa_last) &&
	       (!prot || hyp_pgt_prot_ok(prot));
}

int hyp_pgt_map(struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size, u32 prot,
		struct hyp_pgt_pool *pool, struct hyp_pgt_gather *gather, u64 *done)
{
	return pgt->fmt->map(pgt, ia, oa, size, prot, pool, gather, done);
}

u32 hyp_pgt_map_list(struct hyp_pgt *pgt, u64 ia, const struct hyp_iommu_sg *sg, u32 nr,
		     u32 prot)
{
	if (pgt->leaf_min || !pgt->top || !hyp_pgt_prot_ok(prot) ||
	    !hyp_pgt_range_ok(ia, pgt->leaf_mask + 1, pgt->leaf_mask, pgt->ia_last))
		return 0;
	return pgt->fmt->map_list(pgt, ia, sg, nr, prot);
}

int hyp_pgt_unmap(struct hyp_pgt *pgt, u64 ia, u64 size,
		  struct hyp_pgt_gather *gather, u64 *done)
{
	return pgt->fmt->unmap(pgt, ia, size, gather, done);
}

u64 hyp_pgt_lookup(const struct hyp_pgt *pgt, u64 ia, u64 *oa)
{
	return likely(ia <= pgt->ia_last) ? pgt->fmt->lookup(pgt, ia, oa) : 0;
}

/* ---- parts of the templates ---- */

/* Write leaves; ends at an entry that is in use.  Return: leaves written. */
noinline u64 hyp_pgt_fill_run(u64 *slot, u64 n, u64 pte, u64 step)
{
	u64 i = 0;

	for (; n - i >= 4; i += 4, pte += 4 * step) {
		if (READ_ONCE(slot[i]) | READ_ONCE(slot[i + 1]) | READ_ONCE(slot[i + 2]) |
		    READ_ONCE(slot[i + 3]))
			break;
		WRITE_ONCE(slot[i], pte);
		WRITE_ONCE(slot[i + 1], pte + step);
		WRITE_ONCE(slot[i + 2], pte + 2 * step);
		WRITE_ONCE(slot[i + 3], pte + 3 * step);
	}
	for (; i < n && !READ_ONCE(slot[i]); i++, pte += step)
		WRITE_ONCE(slot[i], pte);
	return i;
}

/* Clear leaves; ends at an entry that is not as they are.  Return: leaves cleared. */
noinline u64 hyp_pgt_clear_run(u64 *slot, u64 n, u64 pte, u64 step)
{
	u64 i = 0;

	for (; n - i >= 4; i += 4, pte += 4 * step) {
		if (READ_ONCE(slot[i]) != pte || READ_ONCE(slot[i + 1]) != pte + step ||
		    READ_ONCE(slot[i + 2]) != pte + 2 * step ||
		    READ_ONCE(slot[i + 3]) != pte + 3 * step)
			break;
		WRITE_ONCE(slot[i], 0);
		WRITE_ONCE(slot[i + 1], 0);
		WRITE_ONCE(slot[i + 2], 0);
		WRITE_ONCE(slot[i + 3], 0);
	}
	for (; i < n && READ_ONCE(slot[i]) == pte; i++, pte += step)
		WRITE_ONCE(slot[i], 0);
	return i;
}

/* Link an empty table.  Return: the new entry, or 0: the pool is empty. */
noinline u64 hyp_pgt_new_table(struct hyp_pgt *pgt, u64 *slot, unsigned int level,
			       struct hyp_pgt_pool *pool)
{
	u64 pa = hyp_pgt_pool_get(pool, pgt->cfg.features & HYP_PGT_NONCOHERENT);
	u64 pte;

	if (!pa)
		return 0;
	pte = pgt->fmt->ops->table(pa, level);
	hyp_pf_wmb();
	WRITE_ONCE(*slot, pte);
	hyp_pgt_sync(pgt, slot, 1);
	pgt->tables++;
	return pte;
}

/* Unlink the table below @slot, an entry of @level on the way to ia; it is zero. */
noinline void hyp_pgt_unlink(struct hyp_pgt *pgt, u64 *slot, u64 ia, unsigned int level,
			     struct hyp_pgt_gather *gather)
{
	const struct hyp_pgt_ops *f = pgt->fmt->ops;
	u64 span = hyp_pgt_leaf_size(f, level);
	u64 pa = f->oa(READ_ONCE(*slot), level);

	WRITE_ONCE(*slot, 0);
	hyp_pgt_sync(pgt, slot, 1);
	pgt->tables--;
	hyp_pgt_near_none(pgt);
	hyp_pgt_pool_put(&gather->tables, pa);
	gather->table_levels |= 1U << level;
	hyp_pgt_note(gather, ia & ~(span - 1), ia | (span - 1));
}

/*
 * Go through all tables below @pte, an entry of level @top.  If @free: they
 * are known to be without leaves; move them to the gather.  Otherwise find out
 * within the gather's budget.  Return: true if there are no leaves.
 */
static bool hyp_pgt_empty(struct hyp_pgt *pgt, u64 pte, unsigned int top,
			  struct hyp_pgt_gather *gather, bool free)
{
	const struct hyp_pgt_ops *f = pgt->fmt->ops;
	u64 *table[HYP_PGT_MAX_LEVELS];
	u64 pa[HYP_PGT_MAX_LEVELS];
	u32 idx[HYP_PGT_MAX_LEVELS];
	unsigned int level = top;

	for (;;) {
		u64 *slot;

		/* Into the table that pte stands for ... */
		if (pte) {
			level--;
			pa[level] = f->oa(pte, level + 1);
			table[level] = hyp_pf_va(pa[level]);
			idx[level] = 0;
		}
		/* ... or back, when the one we are in has ended. */
		if (idx[level] == 1U << f->stride_lg2) {
			if (free) {
				hyp_pgt_pool_put(&gather->tables, pa[level]);
				pgt->tables--;
			}
			if (++level == top)
				return true;
			continue;
		}
		slot = &table[level][idx[level]++];
		pte = READ_ONCE(*slot);
		if (!free) {
			if (!gather->budget || (pte && !f->is_table(pte, level)))
				return false;
			gather->budget--;
		} else if (pte) {
			WRITE_ONCE(*slot, 0);
			hyp_pgt_sync(pgt, slot, 1);
			gather->table_levels |= 1U << level;
		}
	}
}

/*
 * Put the leaf where a table is, if that is allowed and the table is empty.
 * The caller writes the entry back.  Return: true if it was done.
 */
noinline bool hyp_pgt_replace(struct hyp_pgt *pgt, u64 *slot, u64 ia, unsigned int level,
			      u64 leaf, struct hyp_pgt_gather *gather)
{
	u64 pte = READ_ONCE(*slot);

	if (!(pgt->cfg.features & HYP_PGT_REPLACE_OK) ||
	    !hyp_pgt_empty(pgt, pte, level, gather, false))
		return false;
	WRITE_ONCE(*slot, leaf);
	hyp_pgt_near_none(pgt);
	hyp_pgt_empty(pgt, pte, level, gather, true);
	gather->table_levels |= 1U << level;
	hyp_pgt_note(gather, ia, ia + hyp_pgt_leaf_size(pgt->fmt->ops, level) - 1);
	return true;
}

/* ---- drain ---- */

/*
 * pgt->drained is where the last call stopped; everything before it is gone.
 * What counts against the budget is each entry that is no table: on the way
 * down there is at most one per level, and below it a whole table.
 */
int hyp_pgt_drain(struct hyp_pgt *pgt, struct hyp_pgt_gather *gather)
{
	const struct hyp_pgt_ops *f = pgt->fmt->ops;
	u64 last = pgt->ia_last;
	u64 *table[HYP_PGT_MAX_LEVELS];
	unsigned int level = pgt->top;
	u64 ia = pgt->drained;
	int ret = 0;

	table[level] = pgt->root;
	do {
		u64 idx = hyp_pgt_index(f, pgt, ia, level);
		u64 *slot = table[level] + idx;
		u64 n, pte = READ_ONCE(*slot);
		u64 budget = gather->budget;
		u64 i = 0;

		if (pte && f->is_table(pte, level)) {
			table[level - 1] = hyp_pgt_next(f, pte, level);
			level--;
			continue;
		}
		n = ((last - ia) >> hyp_pgt_shift(f, level)) + 1;
		n = min(n, hyp_pgt_room(f, pgt, idx, level));
		n = min(n, budget);
		if (pte) {
			i = hyp_pgt_clear(f, slot, n, level, gather);
			hyp_pgt_sync(pgt, slot, i);
		} else {
			while (i < n && !READ_ONCE(slot[i]))
				i++;
		}
		if (!i) {
			ret = -EAGAIN;
			break;
		}
		gather->budget -= i;
		i <<= hyp_pgt_shift(f, level);
		if (pte)
			hyp_pgt_note(gather, ia, ia + i - 1);
		ia += i;
		while (hyp_pgt_table_ended(f, pgt, ia, level)) {
			level++;
			slot = table[level] + hyp_pgt_index(f, pgt, ia - 1, level);
			hyp_pgt_unlink(pgt, slot, ia - 1, level, gather);
		}
	} while (ia - 1 != last);
	pgt->drained = ret ? ia : 0;
	hyp_pf_wmb();
	return ret;
}

/* ---- how much a map takes ---- */

/* Go down to ia.  Return: the lowest level at which there is a table on the way. */
static unsigned int hyp_pgt_depth(const struct hyp_pgt *pgt, u64 *table[], u64 ia)
{
	unsigned int level = pgt->top;

	table[level] = pgt->root;
	hyp_pgt_down(pgt->fmt->ops, pgt, table, &level, ia);
	return level;
}

u64 hyp_pgt_map_chunk(const struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size, u32 entries)
{
	const struct hyp_pgt_ops *f = pgt->fmt->ops;
	u64 *table[HYP_PGT_MAX_LEVELS];
	u64 budget = entries;
	u64 left = size;

	/* Small enough, whatever the leaves are: most calls are. */
	if (size >> hyp_pgt_shift(f, pgt->leaf_min) <= budget)
		return size;
	while (left && budget) {
		unsigned int depth = hyp_pgt_depth(pgt, table, ia);
		/* Where a table is in the way there will be smaller leaves. */
		unsigned int level = min(depth, hyp_pgt_leaf_level(f, pgt, ia | oa, left));
		u64 idx = hyp_pgt_index(f, pgt, ia, level);
		u64 n = min(left >> hyp_pgt_shift(f, level), hyp_pgt_room(f, pgt, idx, level));
		u64 i = 1;

		n = min(n, budget);
		if (depth > level || level == pgt->leaf_min)
			i = n;
		while (i < n && !f->is_table(READ_ONCE(table[level][idx + i]), level))
			i++;
		budget -= i;
		i <<= hyp_pgt_shift(f, level);
		ia += i;
		oa += i;
		left -= i;
	}
	return size - left;
}

/*
 * Tables of a level are missing for leaves that are not bigger than their
 * entries: all over the range if ia and oa are not aligned to each other, else
 * at its ends.  What is in between is taken to be missing.
 */
noinline u64 hyp_pgt_tables_needed(const struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size)
{
	const struct hyp_pgt_ops *f = pgt->fmt->ops;
	u64 *table[HYP_PGT_MAX_LEVELS];
	u64 last = ia + size - 1;
	unsigned int first_depth = hyp_pgt_depth(pgt, table, ia);
	unsigned int last_depth = hyp_pgt_depth(pgt, table, last);
	unsigned int level;
	u64 sum = 0;

	for (level = pgt->leaf_min; level < pgt->top; level++) {
		unsigned int shift = hyp_pgt_shift(f, level + 1);
		u64 mask = (1ULL << shift) - 1;
		bool all = level == pgt->leaf_max || ((ia ^ oa) & mask);
		u64 tables = (last >> shift) - (ia >> shift) + 1;

		if (first_depth > level && (all || (ia & mask) || size <= mask))
			sum++;
		if (tables > 1 && last_depth > level && (all || (~last & mask)))
			sum++;
		if (tables > 2 && all)
			sum += tables - 2;
	}
	return sum;
}
