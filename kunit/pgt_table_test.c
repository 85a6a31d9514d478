// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables: the tables themselves, which come and go: removed with their
 * range, replaced by bigger leaves, drained, made by splits, filled from lists.
 */
#include "kunit/pgt_env.h"

/* ---- a bigger leaf where tables are ---- */

static void table_in_the_way(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, b = pgt_big(e), oa = pgt_oa(e), ia = pgt_mid(e), n;

	if (!b) {
		kunit_skip(test, "one leaf size");
		return;
	}
	/* Empty, but break-before-make: it stays, with smaller leaves. */
	pgt_map(e, ia, oa, u, PGT_RW);
	pgt_unmap(e, ia, u);
	n = e->pgt.tables;
	pgt_map(e, ia - b, oa, 3 * b, PGT_RW);
	pgt_expect_range(e, ia - b, oa, b, b, PGT_RW);
	pgt_expect_range(e, ia, oa + b, b, u, PGT_RW);
	pgt_expect_range(e, ia + b, oa + 2 * b, b, b, PGT_RW);
	KUNIT_EXPECT_EQ(test, e->g.tables.nr, 0);
	KUNIT_EXPECT_GE(test, e->pgt.tables, n);
	pgt_unmap(e, ia - b, 3 * b);
	pgt_check(e);
}

static void empty_table_is_replaced(struct kunit *test)
{
	unsigned int f;

	for (f = 2; f < 4; f++) {
		struct pgt_env *e = pgt_new(test, pgt_features[f], 0, 0);
		u64 u = e->unit, b = pgt_big(e), oa = pgt_oa(e), ia = pgt_mid(e);
		u64 g = pgt_leaf_size(e, 2);

		if (!b) {
			kunit_skip(test, "one leaf size");
			return;
		}
		pgt_map(e, ia, oa, u, PGT_RW);
		pgt_unmap(e, ia, u);
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
		pgt_map(e, ia, oa, b, PGT_RW);
		pgt_expect_range(e, ia, oa, b, b, PGT_RW);
		KUNIT_EXPECT_EQ(test, e->g.tables.nr, 1);
		KUNIT_EXPECT_EQ(test, e->g.table_levels, 2);
		KUNIT_EXPECT_EQ(test, e->g.start, ia);
		KUNIT_EXPECT_EQ(test, e->g.last, ia + b - 1);
		KUNIT_EXPECT_EQ(test, e->g.nr, 0);
		pgt_check(e);
		pgt_unmap(e, ia, b);

		/* Not empty: it stays. */
		pgt_map(e, ia + b - u, oa, u, PGT_READ);
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
		pgt_map(e, ia, oa, b - u, PGT_RW);
		pgt_expect_range(e, ia, oa, b - u, u, PGT_RW);
		pgt_expect(e, ia + b - u, oa, u, PGT_READ);
		KUNIT_EXPECT_EQ(test, e->g.tables.nr, 0);
		pgt_unmap(e, ia, b);

		/* No budget to find out: smaller leaves. */
		pgt_map(e, ia, oa, u, PGT_RW);
		pgt_unmap(e, ia, u);
		pgt_gather(e, PGT_MAX_RUNS, 3);
		pgt_map(e, ia, oa, b, PGT_RW);
		pgt_expect_range(e, ia, oa, b, u, PGT_RW);
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
		pgt_unmap(e, ia, b);

		/* Tables below tables. */
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
		if (!g || (1ULL << e->p->oa_bits) < 4 * g)
			continue;
		pgt_map(e, ia + u, oa, u, PGT_RW);
		pgt_map(e, ia + b + u, oa, u, PGT_RW);
		pgt_unmap(e, ia + u, u);
		pgt_unmap(e, ia + b + u, u);
		pgt_map(e, ia, oa, g, PGT_RW);
		pgt_expect_range(e, ia, oa, g, g, PGT_RW);
		KUNIT_EXPECT_EQ(test, e->g.tables.nr, 3);
		KUNIT_EXPECT_EQ(test, e->g.table_levels, 6);
		pgt_check(e);
	}
}

/* A big leaf over a table that has one small leaf: -EEXIST there, not before. */
static void full_table_in_the_way(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, HYP_PGT_REPLACE_OK, 0, 0);
	u64 u = e->unit, b = pgt_big(e), ia = pgt_mid(e), done;

	if (!b) {
		kunit_skip(test, "one leaf size");
		return;
	}
	pgt_map(e, ia + 5 * u, pgt_oa(e), u, PGT_READ);
	KUNIT_EXPECT_EQ(test, pgt_try_map(e, ia, pgt_oa(e), b, &done), -EEXIST);
	KUNIT_EXPECT_EQ(test, done, 5 * u);
	pgt_expect(e, ia + 5 * u, pgt_oa(e), u, PGT_READ);
	pgt_unmap(e, ia, 6 * u);
	pgt_check(e);
}

/*
 * The table that was used last needs no way down, but a table that is linked no more is
 * not to be used again: after a bigger leaf, an unmap of all of it, and a drain.
 */
static void what_is_unlinked_is_not_near(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, HYP_PGT_REPLACE_OK, 0, 0);
	u64 u = e->unit, b = pgt_big(e), ia = pgt_mid(e), span = e->table_size / 8 * u, done;

	if (b) {
		pgt_map(e, ia + u, pgt_oa(e), u, PGT_RW);
		pgt_unmap(e, ia + u, u);
		pgt_map(e, ia, pgt_oa(e), b, PGT_RW);
		KUNIT_EXPECT_EQ(test, pgt_try_map(e, ia + u, 0, u, &done), -EEXIST);
		KUNIT_EXPECT_EQ(test, done, 0);
		pgt_expect_range(e, ia, pgt_oa(e), b, b, PGT_RW);
		pgt_unmap(e, ia, b);
	}
	if (e->pgt.top) {
		pgt_map(e, ia, pgt_oa(e) + u, span, PGT_RW);
		pgt_unmap(e, ia, span);
		pgt_map(e, ia + u, pgt_oa(e), u, PGT_RW);
		pgt_expect(e, ia + u, pgt_oa(e), u, PGT_RW);
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
		KUNIT_EXPECT_EQ(test, hyp_pgt_drain(&e->pgt, &e->g), 0);
		pgt_map(e, ia + u, pgt_oa(e), u, PGT_RW);
		pgt_expect(e, ia + u, pgt_oa(e), u, PGT_RW);
	}
	pgt_check(e);
}

/*
 * Whatever was used last is found without the entries that lead there: they are taken out
 * meanwhile, and a way down would put new tables in their place.
 */
static void what_was_used_last_needs_no_way_down(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, n = e->table_size / 8, span = n * u, ia = pgt_mid(e), oa = pgt_oa(e);
	unsigned int top = e->pgt.top;
	u64 *way, reach, old, done, got;
	u32 tables;

	if (!top) {
		kunit_skip(test, "the root is all there is");
		return;
	}
	pgt_map(e, ia, oa, u, PGT_RW);
	tables = e->pgt.tables;
	way = top == 1 ? e->pgt.root + ia / span : e->pgt.near_table[1] + ia / span % n;
	old = *way;
	KUNIT_ASSERT_NE(test, old, 0);
	*way = 0;
	KUNIT_EXPECT_EQ(test, pgt_try_map(e, ia + u, oa + u, u, &done), 0);
	KUNIT_EXPECT_EQ(test, pgt_try_map(e, ia + 2 * u, oa + 2 * u, 2 * u, &done), 0);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia + u, u, &done), 0);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia + 2 * u, 2 * u, &done), 0);
	KUNIT_EXPECT_EQ(test, *way, 0);
	KUNIT_EXPECT_EQ(test, e->pgt.tables, tables);
	*way = old;

	if (top > 1) {
		for (reach = span * n; top > 2; top--)
			reach *= n;
		way = e->pgt.root + ia / reach;
		old = *way;
		KUNIT_ASSERT_NE(test, old, 0);
		*way = 0;
		KUNIT_EXPECT_EQ(test, pgt_try_map(e, ia + span, oa + span, u, &done), 0);
		KUNIT_EXPECT_EQ(test, hyp_pgt_lookup(&e->pgt, ia, &got), u);
		KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia, u, &done), 0);
		KUNIT_EXPECT_EQ(test, *way, 0);
		KUNIT_EXPECT_EQ(test, e->pgt.tables, tables + 1);
		*way = old;
		pgt_expect(e, ia + span, oa + span, u, PGT_RW);
	}
	pgt_check(e);
}

/* A leaf that was used last is a leaf all the same: it goes whole, and is no table. */
static void big_leaf_that_is_near(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, b = pgt_big(e), ia = pgt_mid(e), oa = pgt_oa(e), done;
	struct hyp_iommu_sg piece = { .oa = oa, .size = u };

	if (!b) {
		kunit_skip(test, "one leaf size");
		return;
	}
	pgt_map(e, ia, oa, 2 * b, PGT_RW);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia + u, b, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia + b + u, b, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia + u, &piece, 1, PGT_RW), 0);
	pgt_expect_range(e, ia, oa, 2 * b, b, PGT_RW);
	pgt_check(e);
}

/* ---- tables ---- */

static void tables_go_with_their_range(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, pgt_unit_of(test), 0);
	u64 u = e->unit, span = e->table_size / 8 * u, ia = pgt_mid(e) - 2 * span;
	u32 n;

	if (!e->pgt.top) {
		kunit_skip(test, "no tables but the root");
		return;
	}
	pgt_map(e, ia, pgt_oa(e), 3 * span, PGT_RW);
	n = e->pgt.tables;
	/* All but one page: it stays, and stays when that page goes. */
	pgt_unmap(e, ia + u, span - u);
	KUNIT_EXPECT_EQ(test, e->g.tables.nr, 0);
	KUNIT_EXPECT_EQ(test, e->g.table_levels, 0);
	pgt_unmap(e, ia, u);
	KUNIT_EXPECT_EQ(test, e->pgt.tables, n);
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
	/* One and a half. */
	pgt_unmap(e, ia + span, span + span / 2);
	KUNIT_EXPECT_EQ(test, e->g.tables.nr, 1);
	KUNIT_EXPECT_EQ(test, e->g.table_levels, 2);
	KUNIT_EXPECT_EQ(test, e->pgt.tables, n - 1);
	KUNIT_EXPECT_EQ(test, e->g.start, ia + span);
	KUNIT_EXPECT_EQ(test, e->g.last, ia + 2 * span + span / 2 - 1);
	pgt_expect(e, ia + 2 * span + span / 2, pgt_oa(e) + 2 * span + span / 2, u, PGT_RW);
	pgt_check(e);
}

/* Three leaves, and three tables, with a budget for a table and @more. */
static void end_between_tables(struct kunit *test, struct pgt_env *e, u32 more)
{
	u64 u = e->unit, n = e->table_size / 8, span = n * u, ia = pgt_mid(e) - 2 * span;
	u64 done, total;
	unsigned int calls = 0;
	int ret;

	pgt_map(e, ia - 3 * u, pgt_oa(e), 3 * u + 3 * span, PGT_RW);
	for (total = 0; total < 3 * u + 3 * span; total += done) {
		pgt_gather(e, 8, n + more);
		ret = pgt_try_unmap(e, ia - 3 * u + total, 3 * u + 3 * span - total, &done);
		KUNIT_ASSERT_TRUE(test, !ret || ret == -EAGAIN);
		KUNIT_EXPECT_EQ(test, e->g.tables.nr, calls || more >= 3 ? 1 : 0);
		KUNIT_ASSERT_LT(test, calls++, 5);
	}
	KUNIT_EXPECT_EQ(test, calls, more >= 3 ? 3 : 4);
	pgt_check(e);
}

/* A budget of a table's entries takes down tables, also when calls resume. */
static void calls_end_between_tables(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, pgt_unit_of(test), 0);
	u32 more;

	if (!e->pgt.top) {
		kunit_skip(test, "no tables but the root");
		return;
	}
	/* With 3 it is exactly enough for what comes first and a table. */
	for (more = 1; more <= 4; more++)
		end_between_tables(test, e, more);
}

/* ---- drain ---- */

/* The number of entries that a drain has to look at. */
static u64 entries(const struct pgt_env *e)
{
	u64 root = ref_root_size(&e->regs) / 8;

	/* A whole table, of which addresses reach a part. */
	if (pgt_is_vtd(e->p))
		root = e->end >> (12 + 9 * e->pgt.top);
	return root + e->pgt.tables * (e->table_size / 8);
}

static void drain_all(struct kunit *test)
{
	static const u32 budgets[] = { 1, 2, 3, 7, 64, 511, 512, 5000, ~0U };
	unsigned int f, k, max;

	for (f = 0; f < 2; f++) {
		struct pgt_env *e = pgt_new(test, pgt_features[f], 0, 0);

		for (k = 0; k < ARRAY_SIZE(budgets); k++) {
			u64 bytes = 0, left, filled;
			int ret;
			u16 i;

			max = k & 1 ? 1 : 3;
			filled = pgt_fill_some(e);
			left = entries(e);
			if (left / budgets[k] > 20000)
				max = 0;
			do {
				pgt_gather(e, max, budgets[k]);
				ret = hyp_pgt_drain(&e->pgt, &e->g);
				for (i = 0; i < e->g.nr; i++)
					bytes += e->g.run[i].size;
				KUNIT_EXPECT_FALSE(test, e->g.nr && hyp_pgt_gather_empty(&e->g));
				KUNIT_ASSERT_LE(test, budgets[k] - e->g.budget, left);
				left -= budgets[k] - e->g.budget;
				} while (ret == -EAGAIN);
			KUNIT_ASSERT_EQ(test, ret, 0);
			/* Each entry was looked at just once. */
			KUNIT_EXPECT_LE(test, left, e->given);
			KUNIT_EXPECT_EQ(test, e->pgt.tables, 0);
			if (max)
				KUNIT_EXPECT_EQ(test, bytes, filled);
			pgt_expect_none(e, pgt_mid(e));
			pgt_check(e);
		}
		/* Empty ones, too. */
		pgt_gather(e, 1, ~0U);
		KUNIT_EXPECT_EQ(test, hyp_pgt_drain(&e->pgt, &e->g), 0);
		KUNIT_EXPECT_EQ(test, e->g.nr, 0);
		KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
	}
}

/* ---- split ---- */

static void split_rules(struct kunit *test)
{
	const u32 prot = PGT_READ | HYP_IOMMU_CACHE;
	unsigned int f, i, k;

	for (f = 0; f < PGT_NR_FEATURES; f++) {
		struct pgt_env *e = pgt_new(test, pgt_features[f], 0, 0);
		bool ok = pgt_features[f] & HYP_PGT_REPLACE_OK;
		u64 u = e->unit, oa = pgt_oa(e), ia = pgt_mid(e);
		u32 n;

		/* Not mapped, or a border already. */
		KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia, &e->pool, &e->g), 0);
		KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, 0, &e->pool, &e->g), 0);
		KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, e->end, &e->pool, &e->g), 0);
		/* A border near the first page of the leaf, and near the last. */
		for (k = 0; k < 4; k++) {
			u64 size, at, far;

			i = 1 + k / 2;
			size = pgt_leaf_size(e, i);
			if (!size || size > oa || e->end < 2 * size)
				continue;
			at = k % 2 ? size - 3 * u : 3 * u;
			far = k % 2 ? 0 : size - 1;
			pgt_empty(e);
			pgt_map(e, ia, oa, size, prot);
			KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia, &e->pool, &e->g), 0);
			KUNIT_EXPECT_EQ(test, 0,
					hyp_pgt_split(&e->pgt, ia + size, &e->pool, &e->g));
			KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
			n = e->pgt.tables;
			KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia + at, &e->pool, &e->g),
					ok ? 0 : -EBUSY);
			pgt_expect_range(e, ia, oa, size, 0, prot);
			KUNIT_EXPECT_EQ(test, e->pgt.tables, ok ? n + i : n);
			if (ok) {
				pgt_expect(e, ia + at - u, oa + at - u, u, prot);
				pgt_expect(e, ia + at, oa + at, u, prot);
				pgt_expect(e, ia + far, oa + far, pgt_leaf_size(e, i - 1), prot);
				KUNIT_EXPECT_EQ(test, e->g.leaf_levels, 1 << i);
				KUNIT_EXPECT_EQ(test, e->g.start, ia);
				KUNIT_EXPECT_EQ(test, e->g.last, ia + size - 1);
				KUNIT_EXPECT_EQ(test, e->g.nr, 0);
				/* What it is for. */
				pgt_gather(e, PGT_MAX_RUNS, ~0U);
				pgt_unmap(e, ia, at);
				pgt_unmap(e, ia + at, size - at);
			} else {
				KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
				pgt_unmap(e, ia, size);
			}
			pgt_check(e);
		}
	}
}

static void split_enomem(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, HYP_PGT_REPLACE_OK, 0, 0);
	struct hyp_pgt_pool few = { .head = 0 };
	u64 u = e->unit, oa = pgt_oa(e), ia = pgt_mid(e);
	unsigned int i, have;

	for (i = 1; i < 3 && e->p->lg2[i]; i++) {
		u64 size = pgt_leaf_size(e, i);

		if (size > oa || e->end < 2 * size)
			continue;
		pgt_empty(e);
		pgt_map(e, ia, oa, size, PGT_RW);
		for (have = 0; have < i; have++) {
			KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia + u, &few, &e->g), -ENOMEM);
			KUNIT_EXPECT_EQ(test, few.nr, have);
			pgt_expect_range(e, ia, oa, size, size, PGT_RW);
			hyp_pgt_pool_put(&few, hyp_pgt_pool_get(&e->pool, false));
		}
		KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia + u, &few, &e->g), 0);
		KUNIT_EXPECT_EQ(test, few.nr, 0);
		pgt_expect_range(e, ia, oa, size, 0, PGT_RW);
		pgt_unmap(e, ia, size);
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
	}
	pgt_check(e);
}

/* ---- lists ---- */

/*
 * A list ends where its table does, also where the memory behind it looks like empty entries:
 * one of these tables is in front of another.
 */
static void lists_end_with_their_table(struct kunit *test, struct pgt_env *e)
{
	u64 u = e->unit, oa = pgt_oa(e), span = e->table_size / sizeof(u64) * u;
	u64 ia = pgt_mid(e) - 4 * span;
	const struct hyp_iommu_sg sg[] = { { oa, u }, { oa, u }, { oa, u }, { oa, u } };
	unsigned int i;

	for (i = 0; i < 3; i++)
		pgt_map(e, ia + i * span + 5 * u, oa, u, PGT_RW);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, 3, hyp_pgt_map_list(&e->pgt, ia + (i + 1) * span - 3 * u,
							  sg, 4, PGT_RW));
	for (i = 0; i < 4; i++)
		pgt_expect_none(e, ia + i * span);
	pgt_check(e);
	pgt_empty(e);
}

static void map_lists(struct kunit *test, struct pgt_env *e)
{
	u64 u = e->unit, oa = pgt_oa(e), ia = pgt_mid(e);
	u64 end = ia + e->table_size / sizeof(u64) * u;
	struct hyp_iommu_sg sg[] = {
		{ oa + 5 * u, u }, { oa + 2 * u, u }, { oa + 9 * u, u }, { oa, u },
	};
	unsigned int i;

	if (!e->pgt.top) {
		KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia, sg, 4, PGT_RW), 0);
		return;
	}
	lists_end_with_their_table(test, e);
	/* There is no table, or no room. */
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia, sg, 4, PGT_RW), 0);
	pgt_map(e, ia, oa, u, PGT_READ);
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia, sg, 4, PGT_RW), 0);
	pgt_expect(e, ia, oa, u, PGT_READ);
	pgt_expect_none(e, ia + u);

	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia + u, sg, 4, PGT_RW), 4);
	for (i = 0; i < 4; i++)
		pgt_expect(e, ia + (i + 1) * u, sg[i].oa, u, PGT_RW);
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, end - 3 * u, sg, 4, PGT_READ), 3);
	pgt_expect(e, end - u, sg[2].oa, u, PGT_READ);
	pgt_expect_none(e, end);
	pgt_unmap(e, end - 3 * u, 3 * u);

	/* What it does not take, it does not touch. */
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia + 8 * u, sg, 4, 0), 0);
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia + 8 * u + 8, sg, 4, PGT_RW), 0);
	sg[3].oa += 8;
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia + 8 * u, sg, 4, PGT_RW), 3);
	sg[2].oa = e->pgt.oa_last + 1;
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia + 16 * u, sg, 4, PGT_RW), 2);
	sg[1].size = 2 * u;
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia + 24 * u, sg, 4, PGT_RW), 1);
	KUNIT_EXPECT_EQ(test, hyp_pgt_map_list(&e->pgt, ia + 15 * u, sg, 4, PGT_RW), 1);
	pgt_expect_none(e, ia + 11 * u);
	pgt_expect_none(e, ia + 18 * u);
	pgt_expect_none(e, ia + 25 * u);
	pgt_check(e);
}

/* Also seen by hardware that does not snoop. */
static void lists_stay_in_a_table(struct kunit *test)
{
	map_lists(test, pgt_new(test, 0, 0, 0));
	map_lists(test, pgt_new(test, HYP_PGT_NONCOHERENT, 0, 0));
}

static struct kunit_case pgt_table_cases[] = {
	KUNIT_CASE_PARAM(table_in_the_way, pgt_gen_params),
	KUNIT_CASE_PARAM(empty_table_is_replaced, pgt_gen_params),
	KUNIT_CASE_PARAM(what_is_unlinked_is_not_near, pgt_gen_params),
	KUNIT_CASE_PARAM(what_was_used_last_needs_no_way_down, pgt_gen_params),
	KUNIT_CASE_PARAM(big_leaf_that_is_near, pgt_gen_params),
	KUNIT_CASE_PARAM(full_table_in_the_way, pgt_gen_params),
	KUNIT_CASE_PARAM(tables_go_with_their_range, pgt_gen_params),
	KUNIT_CASE_PARAM(calls_end_between_tables, pgt_gen_params),
	KUNIT_CASE_PARAM(drain_all, pgt_gen_params),
	KUNIT_CASE_PARAM(split_rules, pgt_gen_params),
	KUNIT_CASE_PARAM(split_enomem, pgt_gen_params),
	KUNIT_CASE_PARAM(lists_stay_in_a_table, pgt_gen_params),
	{}
};

static struct kunit_suite pgt_table_suite = {
	.name = "hyp_pgt_table",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = pgt_table_cases,
};

kunit_test_suite(pgt_table_suite);
