// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What none of our hypervisors needs, and others may: to change permissions in
 * place, and to visit leaves.  As it is linked by whoever uses it, it is in
 * nobody's trusted base.
 */
#include "pgtable/walk.h"

int hyp_pgt_protect(struct hyp_pgt *pgt, u64 ia, u64 size, u32 prot,
		    struct hyp_pgt_gather *gather, u64 *done)
{
	const struct hyp_pgt_ops *f = pgt->fmt->ops;
	u64 perm = f->attr(&pgt->cfg, prot) & f->perm;
	u64 *table[HYP_PGT_MAX_LEVELS];
	unsigned int level = pgt->top;
	u64 left = size;
	int ret = 0;

	table[level] = pgt->root;
	while (left) {
		u64 *slot = hyp_pgt_down(f, pgt, table, &level, ia);
		u64 leaf_size = hyp_pgt_leaf_size(f, level);
		u64 pte, n, i;

		if (unlikely(!slot)) {
			ret = -ENOENT;
			break;
		}
		if (unlikely((ia & (leaf_size - 1)) || left < leaf_size)) {
			ret = -E2BIG;
			break;
		}
		n = hyp_pgt_allowed(f, pgt, ia, left, left != size, level, gather);
		for (i = 0; i < n; i++) {
			pte = READ_ONCE(slot[i]);
			if (!pte || f->is_table(pte, level))
				break;
			WRITE_ONCE(slot[i], (pte & ~f->perm) | perm);
		}
		if (unlikely(!i)) {
			ret = -EAGAIN;
			break;
		}
		hyp_pgt_sync(pgt, slot, i);
		gather->leaf_levels |= 1U << level;
		gather->budget -= i;
		i <<= hyp_pgt_shift(f, level);
		ia += i;
		left -= i;
		while (hyp_pgt_table_ended(f, pgt, ia, level))
			level++;
	}
	*done = size - left;
	if (*done) {
		hyp_pgt_note(gather, ia - *done, ia - 1);
		hyp_pf_wmb();
	}
	return ret;
}

int hyp_pgt_walk(const struct hyp_pgt *pgt, u64 ia, u64 size,
		 int (*fn)(const struct hyp_pgt_leaf *leaf, void *arg), void *arg)
{
	const struct hyp_pgt_ops *f = pgt->fmt->ops;
	u64 *table[HYP_PGT_MAX_LEVELS];
	unsigned int level = pgt->top;
	u64 last = ia + size - 1;
	struct hyp_pgt_leaf leaf;
	u64 *slot;
	int ret;

	table[level] = pgt->root;
	for (;;) {
		slot = hyp_pgt_down(f, pgt, table, &level, ia);
		leaf.size = hyp_pgt_leaf_size(f, level);
		leaf.ia = ia & ~(leaf.size - 1);
		if (slot) {
			u64 pte = READ_ONCE(*slot);

			leaf.oa = f->oa(pte, level);
			leaf.pte = pte;
			ret = fn(&leaf, arg);
			if (ret)
				return ret;
		}
		if (last - leaf.ia < leaf.size)
			return 0;
		ia = leaf.ia + leaf.size;
		while (hyp_pgt_table_ended(f, pgt, ia, level))
			level++;
	}
}
