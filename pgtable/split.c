// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Splitting leaves, for tables whose borders are not those of what was mapped: the
 * nested table of a hypervisor's host.
 */
#include "pgtable/walk.h"

/*
 * Build what replaces the leaf @pte of @level so that ia becomes a border: a
 * table of the next smaller leaves, one of which may again be a table.
 * The pool has enough of them.  Return: the entry to publish.
 */
static u64 hyp_pgt_build_split(struct hyp_pgt *pgt, u64 pte, unsigned int level, u64 ia,
			       struct hyp_pgt_pool *pool)
{
	const struct hyp_pgt_ops *f = pgt->fmt->ops;
	u64 attr = f->attr_of(pte), oa = f->oa(pte, level);
	u64 *link = NULL;
	u64 i, n = 1ULL << f->stride_lg2;
	u64 root = 0, size;

	while (ia & (hyp_pgt_leaf_size(f, level) - 1)) {
		u64 pa = hyp_pgt_pool_get(pool, false);
		u64 *table = hyp_pf_va(pa);

		if (link) {
			WRITE_ONCE(*link, f->table(pa, level));
			hyp_pgt_sync(pgt, link, 1);
		} else {
			root = f->table(pa, level);
		}
		level--;
		size = hyp_pgt_leaf_size(f, level);
		for (i = 0; i < n; i++)
			WRITE_ONCE(table[i], f->leaf(oa + i * size, attr, level));
		hyp_pgt_sync(pgt, table, n);
		pgt->tables++;

		i = (ia >> hyp_pgt_shift(f, level)) & (n - 1);
		link = &table[i];
		oa += i * size;
	}
	return root;
}

int hyp_pgt_split(struct hyp_pgt *pgt, u64 ia, struct hyp_pgt_pool *pool,
		  struct hyp_pgt_gather *gather)
{
	const struct hyp_pgt_ops *f = pgt->fmt->ops;
	u64 *table[HYP_PGT_MAX_LEVELS];
	unsigned int level = pgt->top;
	unsigned int l, need = 0;
	u64 size, pte, *slot;

	if (ia > pgt->ia_last)
		return 0;
	table[level] = pgt->root;
	slot = hyp_pgt_down(f, pgt, table, &level, ia);
	if (!slot)
		return 0;
	ia &= ~(hyp_pgt_leaf_size(f, pgt->leaf_min) - 1);
	for (l = level; ia & (hyp_pgt_leaf_size(f, l) - 1); l--)
		need++;
	if (!need)
		return 0;
	if (!(pgt->cfg.features & HYP_PGT_REPLACE_OK))
		return -EBUSY;
	if (pool->nr < need)
		return -ENOMEM;

	pte = hyp_pgt_build_split(pgt, READ_ONCE(*slot), level, ia, pool);
	hyp_pf_wmb();
	WRITE_ONCE(*slot, pte);
	hyp_pgt_sync(pgt, slot, 1);
	hyp_pf_wmb();

	size = hyp_pgt_leaf_size(f, level);
	gather->leaf_levels |= 1U << level;
	hyp_pgt_note(gather, ia & ~(size - 1), ia | (size - 1));
	return 0;
}
