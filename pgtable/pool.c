// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Lists of zeroed tables, see pool.h.
 */
#include "pgtable/pool.h"

/*
 * Hardware may still walk an unlinked table, so its first word changes by one
 * store, from zero to something that reads as "not present".
 */
void hyp_pgt_pool_put(struct hyp_pgt_pool *pool, u64 pa)
{
	u64 *table = hyp_pf_va(pa);

	WRITE_ONCE(*table, pool->head);
	pool->head = pa;
	pool->nr++;
}

u64 hyp_pgt_pool_get(struct hyp_pgt_pool *pool, bool noncoherent)
{
	u64 pa = pool->head;
	u64 *table;

	if (!pa)
		return 0;
	table = hyp_pf_va(pa);
	pool->head = READ_ONCE(*table);
	pool->nr--;
	WRITE_ONCE(*table, 0);
	if (noncoherent)
		hyp_pf_clean(table, sizeof(*table));
	return pa;
}

/* Walks @from, which is the short one wherever this is used. */
void hyp_pgt_pool_splice(struct hyp_pgt_pool *to, struct hyp_pgt_pool *from)
{
	u64 *table;
	u64 pa;

	if (!from->head)
		return;
	if (to->head) {
		for (pa = from->head; ; pa = READ_ONCE(*table)) {
			table = hyp_pf_va(pa);
			if (!READ_ONCE(*table))
				break;
		}
		WRITE_ONCE(*table, to->head);
	}
	to->head = from->head;
	to->nr += from->nr;
	from->head = 0;
	from->nr = 0;
}
