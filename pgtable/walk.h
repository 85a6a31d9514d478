/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The engine: one template per operation.
 *
 * Each is always inlined into a function of a format with a constant `f`, so
 * that shifts, masks and the format's functions fold away.  Common shape:
 *
 *   begin    in a table that was used before, or at the root
 *   descend  to the level where something is to be done
 *   run      through the entries of that one table; it is one entry of the next
 *            level, so a run never has to stop for the sake of a bigger leaf
 *
 * and again, until nothing is left.
 *
 * What is rare is in pgtable.c, out of line.
 */
#ifndef HYP_PGT_WALK_H
#define HYP_PGT_WALK_H

#include "pgtable/fmt.h"

/* pgtable.c: the rare parts. */
u64 hyp_pgt_new_table(struct hyp_pgt *pgt, u64 *slot, unsigned int level,
		      struct hyp_pgt_pool *pool);
bool hyp_pgt_replace(struct hyp_pgt *pgt, u64 *slot, u64 ia, unsigned int level,
		     u64 leaf, struct hyp_pgt_gather *gather);
void hyp_pgt_unlink(struct hyp_pgt *pgt, u64 *slot, u64 ia, unsigned int level,
		    struct hyp_pgt_gather *gather);

/* And long loops, which need one copy: of up to @n leaves, each @step more than the one before. */
u64 hyp_pgt_fill_run(u64 *slot, u64 n, u64 pte, u64 step);
u64 hyp_pgt_clear_run(u64 *slot, u64 n, u64 pte, u64 step);

static __always_inline unsigned int
hyp_pgt_shift(const struct hyp_pgt_ops *f, unsigned int level)
{
	return f->granule_lg2 + level * f->stride_lg2;
}

static __always_inline u64 hyp_pgt_leaf_size(const struct hyp_pgt_ops *f, unsigned int level)
{
	return 1ULL << hyp_pgt_shift(f, level);
}

/* In a table that is not the root. */
static __always_inline u64 hyp_pgt_sub_index(const struct hyp_pgt_ops *f, u64 ia,
					     unsigned int level)
{
	return (ia >> hyp_pgt_shift(f, level)) & ((1ULL << f->stride_lg2) - 1);
}

/* In any; the root may be several tables long. */
static __always_inline u64 hyp_pgt_index(const struct hyp_pgt_ops *f, const struct hyp_pgt *pgt,
					 u64 ia, unsigned int level)
{
	return level < pgt->top ? hyp_pgt_sub_index(f, ia, level) : ia >> hyp_pgt_shift(f, level);
}

/* Entries from ia's to the end of its table; of the root: more than there are. */
static __always_inline u64 hyp_pgt_room(const struct hyp_pgt_ops *f, const struct hyp_pgt *pgt,
					u64 idx, unsigned int level)
{
	return level < pgt->top ? (1ULL << f->stride_lg2) - idx : ~0ULL;
}

/* Does ia begin a table of this level, so that the one before has ended? */
static __always_inline bool hyp_pgt_table_ended(const struct hyp_pgt_ops *f,
						const struct hyp_pgt *pgt,
						u64 ia, unsigned int level)
{
	return level < pgt->top && !(ia & (hyp_pgt_leaf_size(f, level + 1) - 1));
}

/*
 * The level of the biggest leaf that fits; @addr: ia | oa.  A leaf is as big as
 * the lowest bit of an address and the highest one of the length allow.
 */
static __always_inline unsigned int
hyp_pgt_leaf_level(const struct hyp_pgt_ops *f, const struct hyp_pgt *pgt, u64 addr, u64 left)
{
	unsigned int fit_lg2 = __ffs64(addr | 1ULL << (fls64(left) - 1));
	unsigned int level = pgt->leaf_max;

	while (level > pgt->leaf_min && fit_lg2 < hyp_pgt_shift(f, level))
		level--;
	return level;
}

static __always_inline u64 *hyp_pgt_next(const struct hyp_pgt_ops *f, u64 pte, unsigned int level)
{
	return hyp_pf_va(f->oa(pte, level));
}

static __always_inline void hyp_pgt_sync(const struct hyp_pgt *pgt, const u64 *slot, u64 n)
{
	if (unlikely(pgt->cfg.features & HYP_PGT_NONCOHERENT))
		hyp_pf_clean(slot, n * sizeof(*slot));
}

static __always_inline void hyp_pgt_note(struct hyp_pgt_gather *gather, u64 start, u64 last)
{
	gather->start = min(gather->start, start);
	gather->last = max(gather->last, last);
}

/* Add a leaf to the last run, or begin another one with it.  False: all are used. */
static __always_inline bool hyp_pgt_run(struct hyp_pgt_gather *gather, u64 oa, u64 size)
{
	struct hyp_iommu_sg *run;

	if (!gather->max)
		return true;
	run = &gather->run[gather->nr];
	if (gather->nr && run[-1].oa + run[-1].size == oa) {
		run[-1].size += size;
		return true;
	}
	if (gather->nr == gather->max)
		return false;
	run->oa = oa;
	run->size = size;
	gather->nr++;
	return true;
}

/* What adding one leaf's size to oa does to an entry. */
static __always_inline u64 hyp_pgt_step(const struct hyp_pgt_ops *f, unsigned int level)
{
	return f->leaf(hyp_pgt_leaf_size(f, level), 0, level) - f->leaf(0, 0, level);
}

/* Write up to @n leaves; ends at an entry that is in use.  Return: leaves written. */
static __always_inline u64 hyp_pgt_fill(const struct hyp_pgt_ops *f, u64 *slot, u64 n,
					u64 oa, u64 pte, unsigned int level)
{
	if (f->linear_lg2 < 64) {
		u64 rest = (1ULL << f->linear_lg2) - (oa & ((1ULL << f->linear_lg2) - 1));

		n = min(n, rest >> hyp_pgt_shift(f, level));
	}
	if (n > 1)
		return hyp_pgt_fill_run(slot, n, pte, hyp_pgt_step(f, level));
	if (!n || READ_ONCE(*slot))
		return 0;
	WRITE_ONCE(*slot, pte);
	return 1;
}

/*
 * The tables of the lowest levels that were used last: most calls are near the one before, and
 * need no way down, or not from the root.  They are forgotten when any table is unlinked.
 */
static __always_inline bool hyp_pgt_is_near(const struct hyp_pgt_ops *f, const struct hyp_pgt *pgt,
					    u64 ia, unsigned int level)
{
	return ia >> hyp_pgt_shift(f, level + 1) == pgt->near[level];
}

static __always_inline u64 *hyp_pgt_near_slot(const struct hyp_pgt_ops *f,
					      const struct hyp_pgt *pgt, u64 ia,
					      unsigned int level)
{
	return pgt->near_table[level] + hyp_pgt_sub_index(f, ia, level);
}

/* @slot is the entry of ia in a table of @level. */
static __always_inline void hyp_pgt_come_near(const struct hyp_pgt_ops *f, struct hyp_pgt *pgt,
					      u64 ia, u64 *slot, unsigned int level)
{
	if (level >= HYP_PGT_NEAR_LEVELS)
		return;
	pgt->near[level] = ia >> hyp_pgt_shift(f, level + 1);
	pgt->near_table[level] = slot - hyp_pgt_sub_index(f, ia, level);
}

static __always_inline void hyp_pgt_near_none(struct hyp_pgt *pgt)
{
	pgt->near[0] = ~0ULL;
	pgt->near[1] = ~0ULL;
}

/* Where the way down to ia begins, not below *@level, which gets the level of that entry. */
static __always_inline u64 *hyp_pgt_begin(const struct hyp_pgt_ops *f, const struct hyp_pgt *pgt,
					  u64 ia, unsigned int *level)
{
	if (!*level && hyp_pgt_is_near(f, pgt, ia, 0))
		return hyp_pgt_near_slot(f, pgt, ia, 0);
	if (*level <= 1 && hyp_pgt_is_near(f, pgt, ia, 1)) {
		*level = 1;
		return hyp_pgt_near_slot(f, pgt, ia, 1);
	}
	*level = pgt->top;
	return &pgt->root[ia >> hyp_pgt_shift(f, pgt->top)];
}

/* One level down, to the entry of ia in the table that is there. */
static __always_inline u64 *hyp_pgt_descend(const struct hyp_pgt_ops *f, struct hyp_pgt *pgt,
					    u64 ia, u64 pte, unsigned int *level)
{
	u64 *slot = hyp_pgt_next(f, pte, *level);

	--*level;
	slot += hyp_pgt_sub_index(f, ia, *level);
	hyp_pgt_come_near(f, pgt, ia, slot, *level);
	return slot;
}

/*
 * One leaf in a table that is near, as most calls are, and nothing else.  Return: true if it
 * was mapped; whatever is in the way is for the other templates.
 */
static __always_inline bool
hyp_pgt_map_one_tmpl(const struct hyp_pgt_ops *f, const struct hyp_pgt *pgt, u64 ia, u64 oa,
		     u64 size, u32 prot, unsigned int level)
{
	u64 *slot;

	if (size != hyp_pgt_leaf_size(f, level) || !hyp_pgt_is_near(f, pgt, ia, level) ||
	    (ia | oa) & (size - 1) || level > pgt->leaf_max)
		return false;
	slot = hyp_pgt_near_slot(f, pgt, ia, level);
	if (READ_ONCE(*slot))
		return false;
	WRITE_ONCE(*slot, f->leaf(oa, f->attr(&pgt->cfg, prot), level));
	hyp_pgt_sync(pgt, slot, 1);
	hyp_pf_wmb();
	return true;
}

/*
 * Map pieces of the smallest leaf's size that go into one table, which is there.
 * Return: pieces mapped; the first that is not so, for whatever reason, is
 * hyp_pgt_map_tmpl()'s.
 */
static __always_inline u32
hyp_pgt_map_list_tmpl(const struct hyp_pgt_ops *f, struct hyp_pgt *pgt, u64 ia,
		      const struct hyp_iommu_sg *sg, u32 nr, u32 prot)
{
	u64 attr = f->attr(&pgt->cfg, prot), bad_oa = ~pgt->oa_last | pgt->leaf_mask;
	unsigned int level = 0;
	u64 *slot = hyp_pgt_begin(f, pgt, ia, &level);
	u32 i;

	while (level) {
		u64 pte = READ_ONCE(*slot);

		if (!pte || !f->is_table(pte, level))
			return 0;
		slot = hyp_pgt_descend(f, pgt, ia, pte, &level);
	}
	nr = min(nr, hyp_pgt_room(f, pgt, hyp_pgt_sub_index(f, ia, 0), 0));
	for (i = 0; i < nr; i++) {
		if (sg[i].size != hyp_pgt_leaf_size(f, 0) || sg[i].oa & bad_oa ||
		    READ_ONCE(slot[i]))
			break;
		WRITE_ONCE(slot[i], f->leaf(sg[i].oa, attr, 0));
	}
	hyp_pgt_sync(pgt, slot, i);
	hyp_pf_wmb();
	return i;
}

static __always_inline int
hyp_pgt_map_tmpl(const struct hyp_pgt_ops *f, struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size,
		 u32 prot, struct hyp_pgt_pool *pool, struct hyp_pgt_gather *gather, u64 *done)
{
	u64 attr = f->attr(&pgt->cfg, prot);
	u64 left = size;
	int ret = 0;

	while (left) {
		unsigned int want = hyp_pgt_leaf_level(f, pgt, ia | oa, left), level = want;
		u64 *slot = hyp_pgt_begin(f, pgt, ia, &level);
		u64 pte, n = 0;

		while (!n) {
			while (level > want) {
				pte = READ_ONCE(*slot);
				if (unlikely(!pte)) {
					pte = hyp_pgt_new_table(pgt, slot, level, pool);
					ret = pte ? 0 : -ENOMEM;
				} else if (unlikely(!f->is_table(pte, level))) {
					ret = -EEXIST;
				}
				if (unlikely(ret))
					goto out;
				slot = hyp_pgt_descend(f, pgt, ia, pte, &level);
			}

			n = hyp_pgt_room(f, pgt, hyp_pgt_index(f, pgt, ia, level), level);
			n = min(n, left >> hyp_pgt_shift(f, level));
			pte = f->leaf(oa, attr, level);
			n = hyp_pgt_fill(f, slot, n, oa, pte, level);
			if (likely(n))
				break;
			if (!f->is_table(READ_ONCE(*slot), level)) {
				ret = -EEXIST;
				goto out;
			}
			if (hyp_pgt_replace(pgt, slot, ia, level, pte, gather))
				n = 1;
			else
				want--;	/* smaller leaves, in the table that is there */
		}
		hyp_pgt_sync(pgt, slot, n);
		n <<= hyp_pgt_shift(f, level);
		ia += n;
		oa += n;
		left -= n;
	}
out:
	*done = size - left;
	hyp_pf_wmb();
	return ret;
}

/*
 * Clear up to @n leaves of one table, and note their runs.  Ends at an entry
 * that is no leaf, or when the runs are used up.  Return: leaves cleared.
 */
static __always_inline u64 hyp_pgt_clear(const struct hyp_pgt_ops *f, u64 *slot, u64 n,
					 unsigned int level, struct hyp_pgt_gather *gather)
{
	u64 size = hyp_pgt_leaf_size(f, level), step = hyp_pgt_step(f, level);
	u64 i = 0, first;

	while (i < n) {
		u64 pte = READ_ONCE(slot[i]);

		if (!pte || f->is_table(pte, level) ||
		    !hyp_pgt_run(gather, f->oa(pte, level), size))
			break;
		WRITE_ONCE(slot[i], 0);
		i++;
		/* The same attributes at the next address: no need to decode. */
		if (i == n || READ_ONCE(slot[i]) != pte + step)
			continue;
		first = i;
		i += hyp_pgt_clear_run(slot + i, n - i, pte + step, step);
		if (gather->max)
			gather->run[gather->nr - 1].size += (i - first) * size;
	}
	if (i)
		gather->leaf_levels |= 1U << level;
	return i;
}

/* The same for one leaf.  Return: was it cleared? */
static __always_inline bool hyp_pgt_clear_one(const struct hyp_pgt_ops *f, u64 *slot,
					      unsigned int level, struct hyp_pgt_gather *gather)
{
	u64 pte = READ_ONCE(*slot);

	if (unlikely(!pte || f->is_table(pte, level)) ||
	    !hyp_pgt_run(gather, f->oa(pte, level), hyp_pgt_leaf_size(f, level)))
		return false;
	WRITE_ONCE(*slot, 0);
	gather->leaf_levels |= 1U << level;
	return true;
}

/* Go down to the leaf at ia.  Return: its entry, or NULL: ia is not mapped. */
static __always_inline u64 *hyp_pgt_down(const struct hyp_pgt_ops *f, const struct hyp_pgt *pgt,
					 u64 *table[], unsigned int *level, u64 ia)
{
	unsigned int l = *level;
	u64 *slot = table[l] + hyp_pgt_index(f, pgt, ia, l);
	u64 pte = READ_ONCE(*slot);

	while (f->is_table(pte, l)) {
		u64 *next = hyp_pgt_next(f, pte, l);

		l--;
		table[l] = next;
		slot = next + hyp_pgt_sub_index(f, ia, l);
		pte = READ_ONCE(*slot);
	}
	*level = l;
	return likely(pte) ? slot : NULL;
}

/*
 * How many of the leaves from the one at ia on may be changed in its table.
 * A table that is not finished in one call is not removed by it, therefore
 * stop before it rather than within, if there is a choice.
 */
static __always_inline u64 hyp_pgt_allowed(const struct hyp_pgt_ops *f, const struct hyp_pgt *pgt,
					   u64 ia, u64 left, bool started, unsigned int level,
					   const struct hyp_pgt_gather *gather)
{
	u64 idx = hyp_pgt_index(f, pgt, ia, level);
	u64 n = min(left >> hyp_pgt_shift(f, level), hyp_pgt_room(f, pgt, idx, level));

	if (likely(n <= gather->budget))
		return n;
	return started && !idx ? 0 : gather->budget;
}

/* As hyp_pgt_map_one_tmpl(). */
static __always_inline bool
hyp_pgt_unmap_one_tmpl(const struct hyp_pgt_ops *f, struct hyp_pgt *pgt, u64 ia, u64 size,
		       struct hyp_pgt_gather *gather, unsigned int level)
{
	u64 *slot;

	if (size != hyp_pgt_leaf_size(f, level) || !hyp_pgt_is_near(f, pgt, ia, level) ||
	    ia & (size - 1) || !gather->budget)
		return false;
	slot = hyp_pgt_near_slot(f, pgt, ia, level);
	if (!hyp_pgt_clear_one(f, slot, level, gather))
		return false;
	gather->budget--;
	hyp_pgt_sync(pgt, slot, 1);
	hyp_pgt_note(gather, ia, ia + size - 1);
	hyp_pf_wmb();
	return true;
}

static __always_inline int
hyp_pgt_unmap_tmpl(const struct hyp_pgt_ops *f, struct hyp_pgt *pgt, u64 ia, u64 size,
		   struct hyp_pgt_gather *gather, u64 *done)
{
	u64 *way[HYP_PGT_MAX_LEVELS] __uninitialized;
	u64 left = size;
	int ret = 0;

	while (left) {
		/* What is left is no table's whole range: no table goes. */
		bool part = left < hyp_pgt_leaf_size(f, 1);
		unsigned int level = part ? 0 : pgt->top;
		u64 *slot = hyp_pgt_begin(f, pgt, ia, &level);
		u64 n, leaf_size, pte = READ_ONCE(*slot);

		while (f->is_table(pte, level)) {
			way[level] = slot;
			slot = hyp_pgt_descend(f, pgt, ia, pte, &level);
			pte = READ_ONCE(*slot);
		}
		leaf_size = hyp_pgt_leaf_size(f, level);
		if (unlikely(!pte)) {
			ret = -ENOENT;
			break;
		}
		if (unlikely((ia & (leaf_size - 1)) || left < leaf_size)) {
			ret = -E2BIG;
			break;
		}
		n = hyp_pgt_allowed(f, pgt, ia, left, left != size, level, gather);
		n = hyp_pgt_clear(f, slot, n, level, gather);
		if (unlikely(!n)) {
			ret = -EAGAIN;
			break;
		}
		hyp_pgt_sync(pgt, slot, n);
		gather->budget -= n;
		n <<= hyp_pgt_shift(f, level);
		ia += n;
		left -= n;
		while (!part && hyp_pgt_table_ended(f, pgt, ia, level)) {
			level++;
			if (size - left >= hyp_pgt_leaf_size(f, level))
				hyp_pgt_unlink(pgt, way[level], ia - 1, level, gather);
		}
	}
	*done = size - left;
	if (*done) {
		hyp_pgt_note(gather, ia - *done, ia - 1);
		hyp_pf_wmb();
	}
	return ret;
}

static __always_inline u64 hyp_pgt_lookup_tmpl(const struct hyp_pgt_ops *f,
					       const struct hyp_pgt *pgt, u64 ia, u64 *oa)
{
	unsigned int level = 1;
	u64 size, pte = READ_ONCE(*hyp_pgt_begin(f, pgt, ia, &level));

	while (f->is_table(pte, level)) {
		u64 *table = hyp_pgt_next(f, pte, level);

		level--;
		pte = READ_ONCE(table[hyp_pgt_sub_index(f, ia, level)]);
	}
	if (unlikely(!pte))
		return 0;
	size = hyp_pgt_leaf_size(f, level);
	*oa = f->oa(pte, level) | (ia & (size - 1));
	return size;
}

/* Define the format _name from the constant _name_ops. */
#define HYP_PGT_DEFINE_FMT(_name)								\
static noinline int _name##_map_range(struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size, u32 prot, \
				      struct hyp_pgt_pool *pool,			\
				      struct hyp_pgt_gather *gather, u64 *done)	\
{											\
	return hyp_pgt_map_tmpl(&_name##_ops, pgt, ia, oa, size, prot, pool, gather, done);	\
}											\
static int _name##_map(struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size, u32 prot,	\
		       struct hyp_pgt_pool *pool, struct hyp_pgt_gather *gather,	\
		       u64 *done)							\
{											\
	*done = size;									\
	if (likely(hyp_pgt_map_one_tmpl(&_name##_ops, pgt, ia, oa, size, prot, 0)) ||	\
	    hyp_pgt_map_one_tmpl(&_name##_ops, pgt, ia, oa, size, prot, 1))		\
		return 0;								\
	return _name##_map_range(pgt, ia, oa, size, prot, pool, gather, done);		\
}											\
static u32 _name##_map_list(struct hyp_pgt *pgt, u64 ia, const struct hyp_iommu_sg *sg,	\
			    u32 nr, u32 prot)						\
{											\
	return hyp_pgt_map_list_tmpl(&_name##_ops, pgt, ia, sg, nr, prot);		\
}											\
static noinline int _name##_unmap_range(struct hyp_pgt *pgt, u64 ia, u64 size,	\
					struct hyp_pgt_gather *gather, u64 *done)	\
{											\
	return hyp_pgt_unmap_tmpl(&_name##_ops, pgt, ia, size, gather, done);			\
}											\
static int _name##_unmap(struct hyp_pgt *pgt, u64 ia, u64 size,			\
			 struct hyp_pgt_gather *gather, u64 *done)			\
{											\
	*done = size;									\
	if (likely(hyp_pgt_unmap_one_tmpl(&_name##_ops, pgt, ia, size, gather, 0)) ||	\
	    hyp_pgt_unmap_one_tmpl(&_name##_ops, pgt, ia, size, gather, 1))		\
		return 0;								\
	return _name##_unmap_range(pgt, ia, size, gather, done);			\
}											\
static u64 _name##_lookup(const struct hyp_pgt *pgt, u64 ia, u64 *oa)			\
{											\
	return hyp_pgt_lookup_tmpl(&_name##_ops, pgt, ia, oa);				\
}											\
const struct hyp_pgt_fmt _name = {							\
	.ops = &_name##_ops,									\
	.map = _name##_map,								\
	.map_list = _name##_map_list,							\
	.unmap = _name##_unmap,								\
	.lookup = _name##_lookup,							\
}

#endif /* HYP_PGT_WALK_H */
