/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A pool: a list of zeroed tables, chained through their first word by
 * physical address.
 *
 * A table-aligned address reads as "not present" in every format, so that
 * hardware which still holds a pointer to an unlinked table finds nothing in
 * it.  A table that was emptied entry by entry is zero already: to take it
 * from the pool costs one store.
 *
 * Who owns a pool locks it.
 */
#ifndef HYP_PGT_POOL_H
#define HYP_PGT_POOL_H

#include "platform/platform.h"

struct hyp_pgt_pool {
	u64 head;	/* pa of the first table; 0: none */
	u32 nr;		/* how many */
};

/* Add the zeroed (but for its first word) table at @pa. */
void hyp_pgt_pool_put(struct hyp_pgt_pool *pool, u64 pa);

/*
 * Take a table.  It is zero; its first word was written back with
 * hyp_pf_clean() if @noncoherent.  Return: its pa, or 0 if the pool is empty.
 */
u64 hyp_pgt_pool_get(struct hyp_pgt_pool *pool, bool noncoherent);

/* Move all of @from to @to. */
void hyp_pgt_pool_splice(struct hyp_pgt_pool *to, struct hyp_pgt_pool *from);

#endif /* HYP_PGT_POOL_H */
