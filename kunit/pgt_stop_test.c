// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables: what stops a call, and exactly where; and what tells in advance
 * how far it may get.
 */
#include "kunit/pgt_env.h"

/* ---- what stops a map ---- */

/* With every number of tables: exact progress, and nothing lost. */
static void map_enomem(struct kunit *test)
{
	static const u32 sets[] = { 0, HYP_PGT_NONCOHERENT };
	unsigned int f, given;

	for (f = 0; f < ARRAY_SIZE(sets); f++) {
		struct pgt_env *e = pgt_new(test, sets[f], pgt_unit_of(test), 40);
		u64 size = 2 * (e->table_size / 8) * e->unit + 4 * e->unit;
		struct hyp_pgt_pool rest = e->pool;
		u64 ia, oa = pgt_oa(e);
		u64 need, done, total = 0;
		int ret = -ENOMEM;

		if (size > e->end / 2)
			size = e->end / 2;
		ia = pgt_mid(e) - size / 2;
		need = hyp_pgt_tables_needed(&e->pgt, ia, oa, size);
		KUNIT_ASSERT_LE(test, need, rest.nr);
		e->pool = (struct hyp_pgt_pool){ .head = 0 };
		for (given = 0; given <= need; given++) {
			ret = pgt_try_map(e, ia + total, oa + total, size - total, &done);
			KUNIT_EXPECT_EQ(test, done % e->unit, 0);
			total += done;
			if (total) {
				pgt_expect(e, ia, oa, e->unit, PGT_RW);
				pgt_expect(e, ia + total - 1, oa + total - 1, e->unit, PGT_RW);
			}
			if (total < size)
				pgt_expect_none(e, ia + total);
			if (!ret)
				break;
			KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
			KUNIT_ASSERT_LT(test, total, size);
			KUNIT_EXPECT_EQ(test, e->pool.nr, 0);
			KUNIT_EXPECT_EQ(test, e->pgt.tables, given);
			KUNIT_EXPECT_EQ(test, hyp_pgt_tables_needed(&e->pgt, ia + total, oa + total,
								    size - total), need - given);
			hyp_pgt_pool_put(&e->pool, hyp_pgt_pool_get(&rest, false));
		}
		KUNIT_EXPECT_EQ(test, ret, 0);
		KUNIT_EXPECT_EQ(test, total, size);
		KUNIT_EXPECT_EQ(test, e->pgt.tables, need);
		hyp_pgt_pool_splice(&e->pool, &rest);
		pgt_check(e);
		pgt_unmap(e, ia, size);
		pgt_check(e);
	}
}

/* With what hyp_pgt_tables_needed() says there is no -ENOMEM, whatever is there. */
static void tables_needed_is_enough(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, b = pgt_big(e) ? pgt_big(e) : 16 * u, m = pgt_mid(e);
	const struct {
		u64 ia, size, off;
	} t[] = {
		{ m, u, 0 }, { m - u, 2 * u, 0 }, { m - b, 2 * b, 0 }, { m - b, 2 * b, u },
		{ m - b + u, 2 * b - 2 * u, 0 }, { m - b - u, 2 * b + 2 * u, 0 },
		{ m - b - u, 2 * b + 2 * u, u }, { 0, 3 * b + u, 0 }, { u, 3 * b, 0 },
		{ e->end - u, u, 0 }, { e->end - 2 * b - u, 2 * b + u, 0 },
	};
	struct hyp_pgt_pool all = e->pool;
	unsigned int i, before;
	u64 need, done, oa;

	/* @before: a page that is mapped already, and its tables exist. */
	for (i = 0; i < 2 * ARRAY_SIZE(t); i++) {
		u64 ia = t[i / 2].ia, size = t[i / 2].size;

		before = i & 1;
		e->pool = all;
		if (before) {
			pgt_map(e, ia, pgt_oa(e), u, PGT_RW);
			pgt_unmap(e, ia, u);
			hyp_pgt_pool_splice(&e->pool, &e->g.tables);
		}
		oa = pgt_oa(e) + (ia & (b - 1)) + t[i / 2].off;
		need = hyp_pgt_tables_needed(&e->pgt, ia, oa, size);
		all = e->pool;
		KUNIT_ASSERT_LE(test, need, all.nr);
		e->pool = (struct hyp_pgt_pool){ .head = 0 };
		while (e->pool.nr < need)
			hyp_pgt_pool_put(&e->pool, hyp_pgt_pool_get(&all, false));
		KUNIT_ASSERT_EQ_MSG(test, pgt_try_map(e, ia, oa, size, &done), 0, "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, e->pool.nr, 0, "%u: too many", i);
		pgt_unmap(e, ia, size);
		pgt_empty(e);
		hyp_pgt_pool_splice(&all, &e->pool);
	}
	e->pool = all;
	pgt_check(e);
}

static void map_eexist(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, b = pgt_big(e), oa = pgt_oa(e), ia = pgt_mid(e), done;

	pgt_map(e, ia + 3 * u, oa, u, PGT_READ);
	KUNIT_EXPECT_EQ(test, pgt_try_map(e, ia - u, oa + 8 * u, 8 * u, &done), -EEXIST);
	KUNIT_EXPECT_EQ(test, done, 4 * u);
	pgt_expect(e, ia + 2 * u, oa + 11 * u, u, PGT_RW);
	pgt_expect(e, ia + 3 * u, oa, u, PGT_READ);
	pgt_expect_none(e, ia + 4 * u);
	KUNIT_EXPECT_EQ(test, pgt_try_map(e, ia + 3 * u, oa, u, &done), -EEXIST);
	KUNIT_EXPECT_EQ(test, done, 0);
	pgt_unmap(e, ia - u, 5 * u);
	pgt_empty(e);

	if (b) {
		/* A small leaf where a big one is, a big one on a big one. */
		pgt_map(e, ia, oa, b, PGT_RW);
		KUNIT_EXPECT_EQ(test, pgt_try_map(e, ia + u, oa, u, &done), -EEXIST);
		KUNIT_EXPECT_EQ(test, done, 0);
		KUNIT_EXPECT_EQ(test, pgt_try_map(e, ia - b, oa, 2 * b, &done), -EEXIST);
		KUNIT_EXPECT_EQ(test, done, b);
		pgt_expect_range(e, ia, oa, b, b, PGT_RW);
		pgt_unmap(e, ia - b, 2 * b);
	}
	pgt_check(e);
}

/* ---- what stops an unmap ---- */

static void unmap_enoent(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, ia = pgt_mid(e), done;

	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia, u, &done), -ENOENT);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
	pgt_map(e, ia - 2 * u, pgt_oa(e), 5 * u, PGT_RW);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia - 3 * u, 5 * u, &done), -ENOENT);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia - 2 * u, 9 * u, &done), -ENOENT);
	KUNIT_EXPECT_EQ(test, done, 5 * u);
	KUNIT_EXPECT_EQ(test, e->g.start, ia - 2 * u);
	KUNIT_EXPECT_EQ(test, e->g.last, ia + 3 * u - 1);
	KUNIT_EXPECT_EQ(test, e->g.nr, 1);
	pgt_check(e);
}

static void unmap_e2big(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, b = pgt_big(e), oa = pgt_oa(e), ia = pgt_mid(e), done;

	if (!b) {
		kunit_skip(test, "one leaf size");
		return;
	}
	pgt_map(e, ia - u, oa - u, u + 2 * b, PGT_RW);
	/* begins before, ends after, both, and after progress */
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia + u, 2 * b - u, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia, b - u, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia + u, u, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia + u, 2 * b, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
	KUNIT_EXPECT_EQ(test, e->g.nr, 0);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia - u, u + b + u, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, u + b);
	pgt_expect_none(e, ia + b - 1);
	pgt_expect_range(e, ia + b, oa + b, b, b, PGT_RW);
	KUNIT_EXPECT_EQ(test, e->g.nr, 1);
	KUNIT_EXPECT_EQ(test, e->g.run[0].size, u + b);
	KUNIT_EXPECT_EQ(test, e->g.last, ia + b - 1);
	pgt_check(e);
}

/* As many runs as there is room for, and not a page more. */
static void unmap_eagain_runs(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, ia = pgt_mid(e) - 5 * u, i, done, total;
	unsigned int max;

	for (max = 1; max <= 11; max++) {
		for (i = 0; i < 10; i++)
			pgt_map(e, ia + i * u, pgt_oa(e) + 2 * i * u, u, PGT_RW);
		for (total = 0; total < 10 * u; total += done) {
			pgt_gather(e, max, ~0U);
			i = min((u64)max, 10 - total / u);
			KUNIT_ASSERT_EQ(test, pgt_try_unmap(e, ia + total, 10 * u - total, &done),
					total + i * u < 10 * u ? -EAGAIN : 0);
			KUNIT_ASSERT_EQ(test, done, i * u);
			KUNIT_EXPECT_EQ(test, e->g.nr, i);
			KUNIT_EXPECT_EQ(test, e->g.run[0].oa, pgt_oa(e) + 2 * total);
			KUNIT_EXPECT_EQ(test, e->g.start, ia + total);
			KUNIT_EXPECT_EQ(test, e->g.last, ia + total + done - 1);
			pgt_expect_none(e, ia + total + done - u);
			if (total + done < 10 * u)
				pgt_expect(e, ia + total + done, pgt_oa(e) + 2 * (total + done),
					   u, PGT_RW);
		}
	}
	pgt_check(e);
}

static void unmap_eagain_budget(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, ia = pgt_mid(e) - 5 * u, done, total;
	u32 budget;
	int ret;

	for (budget = 1; budget <= 11; budget++) {
		pgt_map(e, ia, pgt_oa(e), 10 * u, PGT_RW);
		for (total = 0; total < 10 * u; total += done) {
			pgt_gather(e, 1, budget);
			ret = pgt_try_unmap(e, ia + total, 10 * u - total, &done);
			KUNIT_ASSERT_EQ(test, ret, total + done < 10 * u ? -EAGAIN : 0);
			KUNIT_ASSERT_GT(test, done, 0);
			KUNIT_EXPECT_EQ(test, e->g.budget, budget - done / u);
			KUNIT_EXPECT_EQ(test, e->g.run[0].size, done);
		}
		KUNIT_EXPECT_EQ(test, total, 10 * u);
	}
	pgt_gather(e, 1, 0);
	pgt_map(e, ia, pgt_oa(e), u, PGT_RW);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, ia, u, &done), -EAGAIN);
	KUNIT_EXPECT_EQ(test, done, 0);
	pgt_check(e);
}

/* ---- protect ---- */

static void protect_changes_permissions_only(struct kunit *test)
{
	static const u32 types[] = { 0, HYP_IOMMU_CACHE, HYP_IOMMU_MMIO };
	static const u32 perms[] = { PGT_READ, PGT_WRITE, PGT_RW, PGT_READ | HYP_IOMMU_NOEXEC,
				     PGT_RW | HYP_IOMMU_NOEXEC };
	unsigned int f, t, from, to;

	for (f = 0; f < 2; f++) {
		struct pgt_env *e = pgt_new(test, pgt_features[f], 0, 0);
		u64 u = e->unit, b = pgt_big(e), ia = pgt_mid(e) - 2 * u, size = 4 * u + b, done;

		for (t = 0; t < ARRAY_SIZE(types) * ARRAY_SIZE(perms); t++) {
			u32 type = types[t % ARRAY_SIZE(types)];

			from = t / ARRAY_SIZE(types);
			to = (from + 1 + t % 4) % ARRAY_SIZE(perms);
			pgt_map(e, ia, pgt_oa(e) + b - 2 * u, size, perms[from] | type);
			pgt_gather(e, 1, ~0U);
			/* A type in @prot does nothing. */
			KUNIT_ASSERT_EQ(test, hyp_pgt_protect(&e->pgt, ia + u, size - 2 * u,
							      perms[to] | HYP_IOMMU_CACHE, &e->g,
							      &done), 0);
			KUNIT_EXPECT_EQ(test, done, size - 2 * u);
			KUNIT_EXPECT_EQ(test, e->g.nr, 0);
			KUNIT_EXPECT_EQ(test, e->g.start, ia + u);
			KUNIT_EXPECT_EQ(test, e->g.last, ia + size - u - 1);
			KUNIT_EXPECT_EQ(test, e->g.leaf_levels, b ? 3 : 1);
			KUNIT_EXPECT_EQ(test, e->g.table_levels, 0);
			pgt_expect(e, ia, pgt_oa(e) + b - 2 * u, u, perms[from] | type);
			pgt_expect(e, ia + u, pgt_oa(e) + b - u, u, perms[to] | type);
			pgt_expect_range(e, ia + 2 * u, pgt_oa(e) + b, size - 3 * u, 0,
					 perms[to] | type);
			pgt_expect(e, ia + size - u, pgt_oa(e) + b - 3 * u + size, u,
				   perms[from] | type);
			pgt_gather(e, PGT_MAX_RUNS, ~0U);
			pgt_unmap(e, ia, size);
		}
		pgt_check(e);
	}
}

static void protect_stops(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, b = pgt_big(e), ia = pgt_mid(e), done;

	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, ia, u, PGT_READ, &e->g, &done), -ENOENT);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
	pgt_map(e, ia - 2 * u, pgt_oa(e), 4 * u, PGT_RW);
	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, ia - 2 * u, 5 * u, PGT_READ, &e->g, &done),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, done, 4 * u);
	pgt_gather(e, 0, 3);
	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, ia - 2 * u, 4 * u, PGT_RW, &e->g, &done),
			-EAGAIN);
	KUNIT_EXPECT_LE(test, done, 3 * u);
	KUNIT_EXPECT_GE(test, done, 2 * u);
	pgt_expect(e, ia - 2 * u + done - u, pgt_oa(e) + done - u, u, PGT_RW);
	pgt_expect(e, ia - 2 * u + done, pgt_oa(e) + done, u, PGT_READ);
	pgt_empty(e);
	if (!b)
		return;
	pgt_map(e, ia - b, pgt_oa(e), b, PGT_RW);
	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, ia - b, u, PGT_READ, &e->g, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	pgt_expect_range(e, ia - b, pgt_oa(e), b, b, PGT_RW);
	pgt_check(e);
}

/* ---- chunks ---- */

static int count(const struct hyp_pgt_leaf *leaf, void *arg)
{
	++*(u64 *)arg;
	return 0;
}

static void chunks_are_bounded(struct kunit *test)
{
	static const u32 limits[] = { 1, 2, 5, 511, 512, 513, 9000 };
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, b = pgt_big(e) ? pgt_big(e) : 16 * u, m = pgt_mid(e);
	const struct {
		u64 ia, size, off;
	} t[] = {
		{ m, u, 0 }, { m - b, 3 * b, 0 }, { m - b, 3 * b, u }, { m - b - 3 * u, 3 * b, 0 },
		{ m - b + u, 2 * b, 0 }, { 0, 4 * b, 0 }, { e->end - 2 * b - u, 2 * b + u, 0 },
	};
	unsigned int i, k, before;

	for (before = 0; before < 2; before++) {
		for (i = 0; i < ARRAY_SIZE(t) * ARRAY_SIZE(limits); i++) {
			u32 limit = limits[i % ARRAY_SIZE(limits)];
			u64 ia, oa, left, chunk;

			k = i / ARRAY_SIZE(limits);
			ia = t[k].ia;
			oa = pgt_oa(e) + (ia & (b - 1)) + t[k].off;
			left = min(t[k].size, 600 * limit * u);
			if (before) {	/* tables in the way */
				pgt_map(e, m, pgt_oa(e), u, PGT_RW);
				pgt_unmap(e, m, u);
			}
			for (; left; left -= chunk) {
				u64 n = 0;

				chunk = hyp_pgt_map_chunk(&e->pgt, ia, oa, left, limit);
				KUNIT_ASSERT_GT(test, chunk, 0);
				KUNIT_ASSERT_LE(test, chunk, left);
				KUNIT_ASSERT_EQ(test, chunk % u, 0);
				pgt_map(e, ia, oa, chunk, PGT_RW);
				hyp_pgt_walk(&e->pgt, ia, chunk, count, &n);
				KUNIT_ASSERT_LE_MSG(test, n, limit, "%u %u", before, i);
				/* And not less than could be. */
				if (chunk < left && !before && !t[k].off)
					KUNIT_ASSERT_EQ_MSG(test, n, limit, "%u", i);
				pgt_unmap(e, ia, chunk);
				ia += chunk;
				oa += chunk;
			}
			pgt_empty(e);
		}
	}
	pgt_check(e);
}

static struct kunit_case pgt_stop_cases[] = {
	KUNIT_CASE_PARAM(map_enomem, pgt_gen_params),
	KUNIT_CASE_PARAM(tables_needed_is_enough, pgt_gen_params),
	KUNIT_CASE_PARAM(map_eexist, pgt_gen_params),
	KUNIT_CASE_PARAM(unmap_enoent, pgt_gen_params),
	KUNIT_CASE_PARAM(unmap_e2big, pgt_gen_params),
	KUNIT_CASE_PARAM(unmap_eagain_runs, pgt_gen_params),
	KUNIT_CASE_PARAM(unmap_eagain_budget, pgt_gen_params),
	KUNIT_CASE_PARAM(protect_changes_permissions_only, pgt_gen_params),
	KUNIT_CASE_PARAM(protect_stops, pgt_gen_params),
	KUNIT_CASE_PARAM(chunks_are_bounded, pgt_gen_params),
	{}
};

static struct kunit_suite pgt_stop_suite = {
	.name = "hyp_pgt_stop",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = pgt_stop_cases,
};

kunit_test_suite(pgt_stop_suite);
