// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables as hardware sees them in the middle of a change: after each store
 * and each cache operation, an address that is looked at translates as before
 * the call or as after it, never to anything else.
 *
 * Stores are traced in user space only; in a kernel the cases are skipped.
 */
#include "kunit/pgt_env.h"

#define PROBES	24

enum hw_want {
	HW_OLD_OR_NEW,	/* may change at any point, not back again */
	HW_KEEP,	/* the same address and permissions all the time */
};

struct hw_watch {
	struct pgt_env *e;
	enum hw_want want;
	unsigned int nr;
	struct hw_probe {
		u64 ia;
		bool was, is;	/* mapped before and after */
		struct ref_leaf old, new;
		bool changed;
	} probe[PROBES];
	u64 stores, cleans, wmbs, other, switched;
	enum sim_event_kind last;
	u8 *shadow;		/* memory before the store that is reported */
	bool bbm;		/* entries must not change size or address */
	bool failed;
};

static bool same(const struct ref_leaf *a, const struct ref_leaf *b)
{
	return a->oa == b->oa && a->r == b->r && a->w == b->w && a->x == b->x &&
	       a->type == b->type && a->sh == b->sh;
}

static void hw_fail(struct hw_watch *w, const char *what, u64 ia)
{
	if (!w->failed)
		KUNIT_FAIL(w->e->test, ": %s at %llx after %llu stores", what,
			   (unsigned long long)ia, (unsigned long long)w->stores);
	w->failed = true;
}

static void hw_probe(struct hw_watch *w, struct hw_probe *p)
{
	struct ref_leaf now;
	enum ref_result res = ref_walk(&w->e->regs, p->ia, &now);

	if (res == REF_BAD) {
		hw_fail(w, now.why, p->ia);
		return;
	}
	if (w->want == HW_KEEP) {
		if (res != REF_OK || !same(&now, &p->old))
			hw_fail(w, "a hole, or another mapping,", p->ia);
		if (now.size != p->old.size)
			p->changed = true;
		else if (p->changed)
			hw_fail(w, "the old size again", p->ia);
		return;
	}
	if (!p->changed && (p->was ? res == REF_OK && same(&now, &p->old) : res != REF_OK))
		return;
	p->changed = true;
	if (p->is ? res != REF_OK || !same(&now, &p->new) : res == REF_OK)
		hw_fail(w, "neither old nor new", p->ia);
}

static void hw_store(struct hw_watch *w, const struct sim_event *ev)
{
	u64 *old = (u64 *)(w->shadow + (ev->pa - sim_config()->base));
	u64 now = sim_read64(ev->pa);
	u64 perm = pgt_perm_bits(w->e), p = pgt_present_bits(w->e);

	w->stores++;
	if (ev->size != 8 || ev->pa % 8)
		hw_fail(w, "a store that is not 8 bytes", ev->pa);
	if (w->bbm && (*old & p) && (now & p) && (*old ^ now) & ~perm)
		hw_fail(w, "valid to valid", ev->pa);
	*old = now;
}

static void hw_trace(const struct sim_event *ev, void *arg)
{
	struct hw_watch *w = arg;
	unsigned int i, changed = 0;

	w->last = ev->kind;
	switch (ev->kind) {
	case SIM_EV_STORE:
		hw_store(w, ev);
		break;
	case SIM_EV_CLEAN:
		w->cleans++;
		break;
	case SIM_EV_WMB:
		w->wmbs++;
		break;
	default:
		w->other++;
	}
	for (i = 0; i < w->nr; i++) {
		hw_probe(w, &w->probe[i]);
		changed += w->probe[i].changed;
	}
	/* Of a split: all at a time. */
	if (w->want == HW_KEEP && changed && changed != w->nr)
		hw_fail(w, "a part of the leaf has changed", w->probe[0].ia);
}

static struct hw_watch *hw_watch(struct kunit *test, u32 features, u64 sizes, u32 seed)
{
	struct pgt_how how = { .features = features, .sizes = sizes, .seed = seed };
	struct hw_watch *w;

#ifdef __KERNEL__
	kunit_skip(test, "stores are not traced");
#endif
	w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w);
	w->e = pgt_env(test, &how);
	w->bbm = !(features & HYP_PGT_REPLACE_OK);
	w->shadow = kunit_kmalloc(test, sim_config()->size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w->shadow);
	return w;
}

/* Look at up to PROBES addresses in [ia, ia + size), among them both ends. */
static void hw_begin(struct hw_watch *w, enum hw_want want, u64 ia, u64 size)
{
	/* All probes are looked at after each of many stores. */
	unsigned int i, nr = size / w->e->unit > 2048 ? 5 : PROBES;
	u64 step = (size / (nr - 1)) & ~7ULL;

	w->want = want;
	w->nr = nr;
	w->stores = 0;
	w->cleans = 0;
	w->wmbs = 0;
	w->other = 0;
	memcpy(w->shadow, sim_ptr(sim_config()->base), sim_config()->size);
	for (i = 0; i < nr; i++) {
		struct hw_probe *p = &w->probe[i];

		*p = (struct hw_probe){ .ia = i == nr - 1 ? ia + size - 1 : ia + i * step };
		p->was = ref_walk(&w->e->regs, p->ia, &p->old) == REF_OK;
	}
}

static void hw_new(struct hw_watch *w, u64 ia, u64 oa, bool mapped, const struct ref_leaf *like)
{
	unsigned int i;

	for (i = 0; i < w->nr; i++) {
		w->probe[i].is = mapped;
		if (like)
			w->probe[i].new = *like;
		w->probe[i].new.oa = oa + (w->probe[i].ia - ia);
	}
	sim_set_trace(hw_trace, w);
}

static void hw_end(struct hw_watch *w)
{
	unsigned int i;

	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_EQ(w->e->test, w->other, 0);
	KUNIT_EXPECT_EQ(w->e->test, w->last, SIM_EV_WMB);
	if (w->want == HW_OLD_OR_NEW)
		for (i = 0; i < w->nr; i++)
			KUNIT_EXPECT_TRUE(w->e->test, w->probe[i].changed);
	pgt_check(w->e);
}

/* What a leaf with @prot looks like to hardware: map one, and look. */
static struct ref_leaf sample(struct pgt_env *e, u32 prot)
{
	struct ref_leaf leaf;

	pgt_map(e, 0, 0, e->unit, prot);
	ref_walk(&e->regs, 0, &leaf);
	pgt_unmap(e, 0, e->unit);
	return leaf;
}

static const struct {
	u32 features, seed;
} kinds[] = {
	{ 0, 0 },
	{ HYP_PGT_NONCOHERENT, 0 },
	{ HYP_PGT_NONCOHERENT, 4711 },
	{ HYP_PGT_REPLACE_OK, 0 },
	{ HYP_PGT_NONCOHERENT | HYP_PGT_REPLACE_OK, 42 },
};

static void map_and_unmap_at_each_store(struct kunit *test)
{
	unsigned int k;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct hw_watch *w = hw_watch(test, kinds[k].features, 0, kinds[k].seed);
		struct pgt_env *e = w->e;
		u64 b = pgt_leaf_size(e, 1), u = e->unit, oa = pgt_oa(e);
		u64 ia = e->end / 2 - 3 * u, size = b + 6 * u;
		struct ref_leaf like = sample(e, PGT_RW | HYP_IOMMU_CACHE);
		struct ref_leaf readonly = sample(e, PGT_READ | HYP_IOMMU_CACHE);
		u32 linked = e->pgt.tables;
		u64 done;

		/* New tables, small leaves and big ones. */
		hw_begin(w, HW_OLD_OR_NEW, ia, size);
		hw_new(w, ia, oa - 3 * u, true, &like);
		pgt_map(e, ia, oa - 3 * u, size, PGT_RW | HYP_IOMMU_CACHE);
		hw_end(w);
		linked = e->pgt.tables - linked;
		/* One store for each leaf, one for each link, one to take a table. */
		KUNIT_EXPECT_EQ(test, w->stores, 6 + !!b + 2 * linked);

		hw_begin(w, HW_OLD_OR_NEW, ia, size);
		hw_new(w, ia, oa - 3 * u, true, &readonly);
		KUNIT_EXPECT_EQ(test, 0,
				hyp_pgt_protect(&e->pgt, ia, size, PGT_READ, &e->g, &done));
		hw_end(w);
		KUNIT_EXPECT_EQ(test, w->stores, 6 + !!b);

		hw_begin(w, HW_OLD_OR_NEW, ia, size);
		hw_new(w, ia, 0, false, NULL);
		pgt_unmap(e, ia, size);
		hw_end(w);
		KUNIT_EXPECT_EQ(test, w->stores, 6 + !!b);
	}
}

/* Tables that go away: what is left of them is never seen. */
static void unlink_at_each_store(struct kunit *test)
{
	unsigned int k;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		u64 unit = 1ULL << ((const struct pgt_param *)test->param_value)->lg2[0];
		struct hw_watch *w = hw_watch(test, kinds[k].features, unit, kinds[k].seed);
		struct pgt_env *e = w->e;
		u64 span = e->table_size / 8 * e->unit, ia = e->end / 2 - span;

		if (!e->pgt.top) {
			kunit_skip(test, "no tables but the root");
			return;
		}
		pgt_map(e, ia, pgt_oa(e), 2 * span, PGT_RW);
		hw_begin(w, HW_OLD_OR_NEW, ia, 2 * span);
		hw_new(w, ia, 0, false, NULL);
		pgt_unmap(e, ia, 2 * span);
		hw_end(w);
		KUNIT_EXPECT_GE(test, e->g.tables.nr, 2);
	}
}

static void split_has_no_hole(struct kunit *test)
{
	static const struct {
		u32 features, seed;
	} all[] = {
		{ HYP_PGT_REPLACE_OK, 0 },
		{ HYP_PGT_REPLACE_OK | HYP_PGT_NONCOHERENT, 0 },
		{ HYP_PGT_REPLACE_OK | HYP_PGT_NONCOHERENT, 815 },
	};
	unsigned int k, i;

	for (k = 0; k < ARRAY_SIZE(all); k++) {
		for (i = 1; i < 3; i++) {
			struct hw_watch *w = hw_watch(test, all[k].features, 0, all[k].seed);
			struct pgt_env *e = w->e;
			u64 size = pgt_leaf_size(e, i), u = e->unit, ia = e->end / 2;
			u64 oa = pgt_oa(e);

			if (!size || size > oa || e->end < 2 * size)
				continue;
			pgt_map(e, ia, oa, size, PGT_READ | HYP_IOMMU_CACHE);
			hw_begin(w, HW_KEEP, ia, size);
			hw_new(w, ia, oa, true, NULL);
			KUNIT_EXPECT_EQ(test, 0,
					hyp_pgt_split(&e->pgt, ia + size - u, &e->pool, &e->g));
			KUNIT_EXPECT_TRUE(test, w->probe[0].changed);
			hw_end(w);
		}
	}
}

/* An empty table makes room for a leaf: from nothing to all of it. */
static void replace_at_each_store(struct kunit *test)
{
	unsigned int k;

	for (k = 3; k < ARRAY_SIZE(kinds); k++) {
		struct hw_watch *w = hw_watch(test, kinds[k].features, 0, kinds[k].seed);
		struct pgt_env *e = w->e;
		u64 b = pgt_leaf_size(e, 1), ia = e->end / 2, oa = pgt_oa(e);
		struct ref_leaf like = sample(e, PGT_RW);

		if (!b) {
			kunit_skip(test, "one leaf size");
			return;
		}
		pgt_map(e, ia, oa, e->unit, PGT_RW);
		pgt_unmap(e, ia, e->unit);
		hw_begin(w, HW_OLD_OR_NEW, ia, b);
		hw_new(w, ia, oa, true, &like);
		pgt_map(e, ia, oa, b, PGT_RW);
		hw_end(w);
		KUNIT_EXPECT_EQ(test, e->g.tables.nr, 1);
	}
}

/* Cache maintenance: once per run, none where hardware snoops. */
static void cleans_are_per_run(struct kunit *test)
{
	u64 unit = 1ULL << ((const struct pgt_param *)test->param_value)->lg2[0];
	struct hw_watch *w = hw_watch(test, HYP_PGT_NONCOHERENT, unit, 0);
	struct pgt_env *e = w->e;
	u64 u = e->unit, n = 256, ia = e->end / 2, i, done;

	pgt_map(e, ia + n * u, 0, u, PGT_RW);	/* so that the tables exist */
	w->nr = 0;
	memcpy(w->shadow, sim_ptr(sim_config()->base), sim_config()->size);
	sim_set_trace(hw_trace, w);
	pgt_map(e, ia, 0, n * u, PGT_RW);
	KUNIT_EXPECT_EQ(test, w->cleans, 1);
	KUNIT_EXPECT_EQ(test, w->wmbs, 1);
	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, ia, n * u, PGT_READ, &e->g, &done), 0);
	KUNIT_EXPECT_EQ(test, w->cleans, 2);
	KUNIT_EXPECT_EQ(test, w->wmbs, 2);
	pgt_unmap(e, ia, n * u);
	KUNIT_EXPECT_EQ(test, w->cleans, 3);
	KUNIT_EXPECT_EQ(test, w->wmbs, 3);
	/* Scattered: still once per table. */
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
	for (i = 0; i < n; i++)
		pgt_map(e, ia + i * u, (n - i) * u, u, PGT_RW);
	w->cleans = 0;
	pgt_unmap(e, ia, n * u);
	KUNIT_EXPECT_EQ(test, e->g.nr, n);
	KUNIT_EXPECT_EQ(test, w->cleans, 1);
	sim_set_trace(NULL, NULL);
	pgt_check(e);

	w = hw_watch(test, 0, unit, 0);
	w->nr = 0;
	memcpy(w->shadow, sim_ptr(sim_config()->base), sim_config()->size);
	sim_set_trace(hw_trace, w);
	pgt_map(w->e, ia, 0, n * u, PGT_RW);
	pgt_unmap(w->e, ia, n * u);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_EQ(test, w->cleans, 0);
}

/* What fails before it has changed anything stores nothing. */
static void failures_store_nothing(struct kunit *test)
{
	struct hw_watch *w = hw_watch(test, 0, 0, 0);
	struct pgt_env *e = w->e;
	u64 b = pgt_leaf_size(e, 1), u = e->unit, ia = e->end / 2, done;
	struct hyp_pgt_pool none = { .head = 0 };

	pgt_map(e, ia, 0, b ? b : u, PGT_RW);
	memcpy(w->shadow, sim_ptr(sim_config()->base), sim_config()->size);
	sim_set_trace(hw_trace, w);
	KUNIT_EXPECT_EQ(test, hyp_pgt_map(&e->pgt, ia, 0, u, PGT_RW, &none, &e->g, &done), -EEXIST);
	KUNIT_EXPECT_EQ(test, hyp_pgt_unmap(&e->pgt, 0, u, &e->g, &done), -ENOENT);
	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, 0, u, PGT_RW, &e->g, &done), -ENOENT);
	if (e->pgt.top) {
		KUNIT_EXPECT_EQ(test, hyp_pgt_map(&e->pgt, 0, 0, u, PGT_RW, &none, &e->g, &done),
				-ENOMEM);
		KUNIT_EXPECT_EQ(test, done, 0);
	}
	if (b) {
		KUNIT_EXPECT_EQ(test, hyp_pgt_unmap(&e->pgt, ia + u, u, &e->g, &done), -E2BIG);
		KUNIT_EXPECT_EQ(test, -E2BIG,
				hyp_pgt_protect(&e->pgt, ia, u, PGT_RW, &e->g, &done));
		KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia + u, &e->pool, &e->g), -EBUSY);
	}
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_EQ(test, w->stores, 0);
	KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
}

static struct kunit_case pgt_hw_cases[] = {
	KUNIT_CASE_PARAM(map_and_unmap_at_each_store, pgt_gen_params),
	KUNIT_CASE_PARAM(unlink_at_each_store, pgt_gen_params),
	KUNIT_CASE_PARAM(split_has_no_hole, pgt_gen_params),
	KUNIT_CASE_PARAM(replace_at_each_store, pgt_gen_params),
	KUNIT_CASE_PARAM(cleans_are_per_run, pgt_gen_params),
	KUNIT_CASE_PARAM(failures_store_nothing, pgt_gen_params),
	{}
};

static struct kunit_suite pgt_hw_suite = {
	.name = "hyp_pgt_hw",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = pgt_hw_cases,
};

kunit_test_suite(pgt_hw_suite);
