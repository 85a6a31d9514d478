// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables against a flat array: random operations in a window of the
 * address space, each result predicted from the array, the window compared
 * with what hardware sees.
 *
 * More of it: HYP_PGT_OPS (operations per format) and HYP_PGT_SEED in the environment,
 * or pgt_random_test.ops and pgt_random_test.seed for a kernel; "make -C kunit random".
 */
#include "kunit/pgt_env.h"

#define DEFAULT_OPS	20000	/* per format, whatever its configurations */

#ifdef __KERNEL__
#include <linux/moduleparam.h>
static unsigned int ops = DEFAULT_OPS;
module_param(ops, uint, 0444);
static unsigned int seed = 1;
module_param(seed, uint, 0444);

static unsigned int setting(const char *name, unsigned int val)
{
	return val;
}
#else
static unsigned int ops = DEFAULT_OPS;
static unsigned int seed = 1;

static unsigned int setting(const char *name, unsigned int val)
{
	return getenv(name) ? strtoul(getenv(name), NULL, 0) : val;
}
#endif

/* One entry of the array: a page. */
struct flat {
	u64 oa;
	u8 prot;
	u8 level;	/* of the leaf it is in */
	bool mapped;
};

struct rnd {
	struct pgt_env *e;
	struct flat *flat;
	u64 start;		/* of the window */
	u64 n;			/* pages in it */
	unsigned int unit_level;
	u32 state;
	u64 stats[8];
};

static u64 rnd(struct rnd *r, u32 below)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 17;
	r->state ^= r->state << 5;
	return below ? r->state % below : 0;
}

static u32 rnd_prot(struct rnd *r)
{
	static const u32 prots[] = {
		PGT_READ, PGT_WRITE, PGT_RW, PGT_RW | HYP_IOMMU_CACHE,
		PGT_READ | HYP_IOMMU_CACHE | HYP_IOMMU_NOEXEC,
		PGT_WRITE | HYP_IOMMU_NOEXEC | HYP_IOMMU_MMIO,
	};

	return prots[rnd(r, ARRAY_SIZE(prots))];
}

/* Pages of a leaf of the i-th size that is used. */
static u64 leaf_pages(const struct rnd *r, unsigned int i)
{
	return 1ULL << (r->e->p->lg2[i] - r->e->p->lg2[r->unit_level]);
}

/* Where a range begins and how long it is: often at the ends of big leaves. */
static void rnd_range(struct rnd *r, u64 *first, u64 *nr)
{
	u64 big = r->unit_level < 2 && r->e->p->lg2[r->unit_level + 1] ?
		  leaf_pages(r, r->unit_level + 1) : 64;

	*first = rnd(r, r->n);
	if (!rnd(r, 3))
		*first -= *first % big;
	switch (rnd(r, 6)) {
	case 0:
		*nr = 1;
		break;
	case 1:
	case 2:
		*nr = 1 + rnd(r, 20);
		break;
	case 3:
		*nr = big * (1 + rnd(r, 2));
		break;
	case 4:
		*nr = big - *first % big;
		break;
	default:
		*nr = 1 + rnd(r, 2 * big);
	}
	*nr = min(*nr, r->n - *first);
}

static void compare_page(struct rnd *r, u64 i)
{
	struct pgt_env *e = r->e;
	struct flat *f = &r->flat[i];
	struct ref_leaf leaf;
	enum ref_result res = ref_walk(&e->regs, r->start + i * e->unit, &leaf);

	if (!f->mapped) {
		KUNIT_ASSERT_EQ_MSG(e->test, res, REF_TRANSLATION_FAULT, "page %llu %s",
				    (unsigned long long)i, leaf.why ? leaf.why : "is mapped");
		return;
	}
	KUNIT_ASSERT_EQ_MSG(e->test, res, REF_OK, "page %llu %s", (unsigned long long)i,
			    leaf.why ? leaf.why : "is not mapped");
	KUNIT_ASSERT_EQ_MSG(e->test, leaf.oa, f->oa, "page %llu", (unsigned long long)i);
	KUNIT_ASSERT_EQ_MSG(e->test, leaf.size, 1ULL << e->p->lg2[f->level], "page %llu",
			    (unsigned long long)i);
	KUNIT_ASSERT_TRUE_MSG(e->test, pgt_ref_matches(e, &leaf, f->prot), "page %llu: %llx",
			      (unsigned long long)i, (unsigned long long)leaf.desc);
}

static void compare(struct rnd *r, u64 first, u64 nr)
{
	u64 i;

	for (i = first; i < first + nr; i++)
		compare_page(r, i);
}

/* The ends of what was changed, and something else. */
static void compare_some(struct rnd *r, u64 first, u64 nr)
{
	compare_page(r, first);
	compare_page(r, first + nr - 1);
	compare_page(r, first + rnd(r, nr));
	if (first)
		compare_page(r, first - 1);
	if (first + nr < r->n)
		compare_page(r, first + nr);
	compare_page(r, rnd(r, r->n));
}

/* Write down what hyp_pgt_map() says it did; the leaves' sizes are looked up. */
static void note_map(struct rnd *r, u64 first, u64 nr, u64 oa, u32 prot)
{
	struct pgt_env *e = r->e;
	unsigned int level;
	u64 i, k, size, to;

	for (i = first; i < first + nr; i += k) {
		size = hyp_pgt_lookup(&e->pgt, r->start + i * e->unit, &to);
		KUNIT_ASSERT_NE(e->test, size, 0);
		KUNIT_ASSERT_EQ(e->test, (r->start + i * e->unit) % size, 0);
		for (level = r->unit_level; 1ULL << e->p->lg2[level] != size; level++)
			KUNIT_ASSERT_LT(e->test, level, 2);
		KUNIT_ASSERT_LE(e->test, i + leaf_pages(r, level), first + nr);
		for (k = 0; k < leaf_pages(r, level); k++) {
			struct flat *f = &r->flat[i + k];

			KUNIT_ASSERT_FALSE(e->test, f->mapped);
			*f = (struct flat){ .oa = oa + (i + k - first) * e->unit,
					    .prot = prot, .level = level, .mapped = true };
		}
	}
}

static void do_map(struct rnd *r)
{
	struct pgt_env *e = r->e;
	struct hyp_pgt_pool none = { .head = 0 };
	struct hyp_pgt_pool *pool = rnd(r, 8) ? &e->pool : &none;
	u64 first, nr, done, i, had = e->pgt.tables, free = 0;
	u64 half = 1ULL << (e->p->oa_bits - 1), oa = half;
	u32 prot = rnd_prot(r);
	int ret;

	rnd_range(r, &first, &nr);
	if (rnd(r, 2))	/* aligned like ia */
		oa += first * e->unit % half;
	else
		oa += rnd(r, 0x10000) * e->unit % half;
	if (!hyp_pgt_check(&e->pgt, r->start + first * e->unit, oa, nr * e->unit, prot))
		return;
	while (first + free < r->n && free < nr && !r->flat[first + free].mapped)
		free++;
	/* A few tables, or none. */
	for (i = rnd(r, 3); pool == &none && i > 0; i--)
		if (e->pool.nr)
			hyp_pgt_pool_put(&none, hyp_pgt_pool_get(&e->pool, false));
	i = hyp_pgt_tables_needed(&e->pgt, r->start + first * e->unit, oa, nr * e->unit);
	if (i <= pool->nr)
		had = ~0ULL;
	ret = hyp_pgt_map(&e->pgt, r->start + first * e->unit, oa, nr * e->unit, prot, pool,
			  &e->g, &done);
	KUNIT_ASSERT_EQ(e->test, done % e->unit, 0);
	done /= e->unit;
	switch (ret) {
	case 0:
		KUNIT_ASSERT_EQ(e->test, done, nr);
		KUNIT_ASSERT_EQ(e->test, free, nr);
		break;
	case -EEXIST:
		KUNIT_ASSERT_EQ(e->test, done, free);
		KUNIT_ASSERT_LT(e->test, free, nr);
		break;
	case -ENOMEM:
		KUNIT_ASSERT_NE(e->test, had, ~0ULL);
		KUNIT_ASSERT_EQ(e->test, pool->nr, 0);
		KUNIT_ASSERT_LE(e->test, done, free);
		break;
	default:
		KUNIT_FAIL_AND_ABORT(e->test, ": map: %d", ret);
	}
	if (done) {
		note_map(r, first, done, oa, prot);
		compare_some(r, first, done);
	}
	hyp_pgt_pool_splice(&e->pool, &none);
	r->stats[ret ? 1 : 0]++;
}

/* How far a call from @first on gets, and what it says then. */
static int predict(struct rnd *r, u64 first, u64 nr, u64 *done)
{
	u64 i = first, k;

	*done = 0;
	while (i < first + nr) {
		if (!r->flat[i].mapped)
			return -ENOENT;
		k = leaf_pages(r, r->flat[i].level);
		if ((r->start / r->e->unit + i) % k || i + k > first + nr)
			return -E2BIG;
		i += k;
		*done = i - first;
	}
	return 0;
}

/* The pages of the runs, one after the other, are those that were mapped. */
static void check_runs(struct rnd *r, u64 first, u64 nr)
{
	struct hyp_pgt_gather *g = &r->e->g;
	u64 i, at = 0;
	u16 run = 0;

	for (i = first; i < first + nr; i++) {
		if (run < g->nr && at == g->run[run].size) {
			/* Two runs in a row that fit together would have been one. */
			KUNIT_ASSERT_NE(r->e->test, g->run[run].oa + at, r->flat[i].oa);
			run++;
			at = 0;
		}
		KUNIT_ASSERT_LT(r->e->test, run, g->nr);
		KUNIT_ASSERT_EQ(r->e->test, g->run[run].oa + at, r->flat[i].oa);
		at += r->e->unit;
	}
	if (nr) {
		KUNIT_ASSERT_EQ(r->e->test, run + 1, g->nr);
		KUNIT_ASSERT_EQ(r->e->test, at, g->run[run].size);
	}
}

static void do_unmap(struct rnd *r)
{
	struct pgt_env *e = r->e;
	u64 first, nr, done, want, i;
	int ret, expect;

	rnd_range(r, &first, &nr);
	pgt_gather(e, rnd(r, 2) ? 1 + rnd(r, 5) : PGT_MAX_RUNS,
		   rnd(r, 3) ? ~0U : 1 + rnd(r, 3000));
	expect = predict(r, first, nr, &want);
	ret = hyp_pgt_unmap(&e->pgt, r->start + first * e->unit, nr * e->unit, &e->g, &done);
	KUNIT_ASSERT_EQ(e->test, done % e->unit, 0);
	done /= e->unit;
	if (ret == -EAGAIN) {
		KUNIT_ASSERT_LE(e->test, done, want);
		KUNIT_ASSERT_GT(e->test, done, 0);
		expect = predict(r, first, done, &want);
		KUNIT_ASSERT_EQ(e->test, expect, 0);
	} else {
		KUNIT_ASSERT_EQ(e->test, ret, expect);
		KUNIT_ASSERT_EQ(e->test, done, want);
	}
	check_runs(r, first, done);
	if (done) {
		KUNIT_ASSERT_EQ(e->test, e->g.start, r->start + first * e->unit);
		KUNIT_ASSERT_EQ(e->test, e->g.last, r->start + (first + done) * e->unit - 1);
		for (i = first; i < first + done; i++)
			r->flat[i].mapped = false;
		compare_some(r, first, done);
	} else {
		KUNIT_ASSERT_TRUE(e->test, hyp_pgt_gather_empty(&e->g));
	}
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
	r->stats[ret ? 3 : 2]++;
}

static void do_protect(struct rnd *r)
{
	struct pgt_env *e = r->e;
	u32 prot = rnd_prot(r), perm = PGT_RW | HYP_IOMMU_NOEXEC;
	u64 first, nr, done, want, i;
	int ret, expect;

	rnd_range(r, &first, &nr);
	expect = predict(r, first, nr, &want);
	ret = hyp_pgt_protect(&e->pgt, r->start + first * e->unit, nr * e->unit, prot, &e->g,
			      &done);
	KUNIT_ASSERT_EQ(e->test, ret, expect);
	KUNIT_ASSERT_EQ(e->test, done, want * e->unit);
	for (i = first; i < first + want; i++)
		r->flat[i].prot = (r->flat[i].prot & ~perm) | (prot & perm);
	if (want)
		compare_some(r, first, want);
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
	r->stats[ret ? 5 : 4]++;
}

static void do_split(struct rnd *r)
{
	struct pgt_env *e = r->e;
	u64 at = rnd(r, r->n), first, k, i;
	struct flat *f = &r->flat[at];
	int ret = hyp_pgt_split(&e->pgt, r->start + at * e->unit, &e->pool, &e->g);
	unsigned int level = f->mapped ? f->level : r->unit_level;

	k = leaf_pages(r, level);
	first = at - (r->start / e->unit + at) % k;
	r->stats[6]++;
	if (!f->mapped || first == at) {
		KUNIT_ASSERT_EQ(e->test, ret, 0);
		KUNIT_ASSERT_TRUE(e->test, hyp_pgt_gather_empty(&e->g));
		return;
	}
	if (!(e->pgt.cfg.features & HYP_PGT_REPLACE_OK)) {
		KUNIT_ASSERT_EQ(e->test, ret, -EBUSY);
		return;
	}
	if (ret == -ENOMEM)
		return;
	KUNIT_ASSERT_EQ(e->test, ret, 0);
	KUNIT_ASSERT_EQ(e->test, e->g.start, r->start + first * e->unit);
	KUNIT_ASSERT_EQ(e->test, e->g.last, r->start + (first + k) * e->unit - 1);
	/* Leaves of the next size, until one begins at the border. */
	while (first != at) {
		level--;
		for (i = first; i < first + k; i++)
			r->flat[i].level = level;
		k = leaf_pages(r, level);
		first = at - (r->start / e->unit + at) % k;
	}
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
	compare_some(r, first, k);
	r->stats[7]++;
}

static const u32 feature_sets[] = {
	0, HYP_PGT_REPLACE_OK, HYP_PGT_NONCOHERENT, HYP_PGT_NONCOHERENT | HYP_PGT_REPLACE_OK,
};

/* The window of the next leaf size is for the biggest leaves to have their turn. */
static bool has_big_leaves(const struct pgt_param *p)
{
	return p->lg2[1] && p->ia_bits >= p->lg2[1] + 4;
}

/* Operations of each run of this format, so that all of them are as many as is asked for. */
static unsigned int ops_per_run(const struct hyp_pgt_fmt *fmt)
{
	unsigned int i, runs = 0;

	for (i = 0; i < pgt_nr_params; i++)
		runs += pgt_params[i].fmt == fmt ? 1 + has_big_leaves(&pgt_params[i]) : 0;
	return DIV_ROUND_UP(setting("HYP_PGT_OPS", ops), runs * ARRAY_SIZE(feature_sets));
}

/* @unit_level: the smallest leaf that is used. */
static void run(struct kunit *test, unsigned int unit_level, u32 features, u32 start)
{
	const struct pgt_param *p = test->param_value;
	struct rnd *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	unsigned int i, nr = ops_per_run(p->fmt);
	u64 per_table = 1ULL << (p->lg2[0] - 3);
	struct pgt_how how = {
		.features = features, .tables = 24,
		.sizes = ~((1ULL << p->lg2[unit_level]) - 1),
		.seed = features & HYP_PGT_NONCOHERENT ? start : 0,
	};

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->state = start * 2654435761U | 1;
	r->unit_level = unit_level;
	r->e = pgt_env(test, &how);
	/* Three tables and a bit on both sides of the middle. */
	r->n = min(3 * per_table + 70, r->e->end / r->e->unit);
	r->start = r->e->end / 2 - r->n / 2 * r->e->unit;
	r->start -= r->start % ((per_table / 4) * r->e->unit);
	r->flat = kunit_kcalloc(test, r->n, sizeof(*r->flat), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r->flat);

	for (i = 0; i < nr; i++) {
		u32 what = rnd(r, 16);

		if (what < 7)
			do_map(r);
		else if (what < 12)
			do_unmap(r);
		else if (what < 14)
			do_protect(r);
		else
			do_split(r);
		if (i % 400 == 399) {
			compare(r, 0, r->n);
			pgt_check(r->e);
		}
	}
	compare(r, 0, r->n);
	/* Nothing outside of the window. */
	if (r->start)
		pgt_expect_none(r->e, r->start - 1);
	if (r->start + r->n * r->e->unit < r->e->end)
		pgt_expect_none(r->e, r->start + r->n * r->e->unit);
	do
		pgt_gather(r->e, 1, 100);
	while (hyp_pgt_drain(&r->e->pgt, &r->e->g));
	memset(r->flat, 0, r->n * sizeof(*r->flat));
	compare(r, 0, r->n);
	KUNIT_EXPECT_EQ(test, r->e->pgt.tables, 0);
	pgt_check(r->e);
	if (nr >= 400) {
		for (i = 0; i < 5; i += 2)
			KUNIT_EXPECT_GT_MSG(test, r->stats[i], 0, "kind %u", i);
	}
}

static void random_small_leaves(struct kunit *test)
{
	u32 i, s = setting("HYP_PGT_SEED", seed);

	for (i = 0; i < ARRAY_SIZE(feature_sets); i++)
		run(test, 0, feature_sets[i], s + 100 * test->param_index + i);
}

static void random_big_leaves(struct kunit *test)
{
	const struct pgt_param *p = test->param_value;
	u32 i, s = setting("HYP_PGT_SEED", seed);

	if (!has_big_leaves(p)) {
		kunit_skip(test, "no leaves that are big enough");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(feature_sets); i++)
		run(test, 1, feature_sets[i], s + 100 * test->param_index + i + 50);
}

static struct kunit_case pgt_random_cases[] = {
	KUNIT_CASE_PARAM_ATTR(random_small_leaves, pgt_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE_PARAM_ATTR(random_big_leaves, pgt_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	{}
};

static struct kunit_suite pgt_random_suite = {
	.name = "hyp_pgt_random",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = pgt_random_cases,
};

kunit_test_suite(pgt_random_suite);
