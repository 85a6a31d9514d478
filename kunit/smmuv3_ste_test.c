// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stream table entries and context descriptors: what the builders put into
 * them, and what hardware can see while one is changed.
 *
 * An observer takes the weakest view of hardware: of each word it may hold any
 * value that was in memory since the last sync.  Whatever it can put together
 * has to have V = 0, or be the old entry, or the new one.
 */
#include <kunit/test.h>

#include "backends/smmuv3/ste.h"
#include "kunit/sim_kunit.h"
#include "pgtable/fmt_vmsa.h"

#define NR		SMMU_ENTRY_WORDS
#define MAX_SEEN	4

struct observer {
	struct hyp_smmuv3_entry *entry;
	struct hyp_smmuv3_entry from, to;
	u64 pa;
	u64 seen[NR][MAX_SEEN];
	u32 nr_seen[NR];
	u32 syncs, fail_at, mixtures, stale;
};

static void forget(struct observer *obs)
{
	u32 i;

	for (i = 0; i < NR; i++) {
		obs->seen[i][0] = obs->entry->w[i];
		obs->nr_seen[i] = 1;
	}
}

static bool equals(const struct hyp_smmuv3_entry *a, const struct hyp_smmuv3_entry *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Look at everything that can be put together of what was seen. */
static void check(struct observer *obs)
{
	u32 pick[NR] = { 0 }, i;

	for (;;) {
		struct hyp_smmuv3_entry view;

		for (i = 0; i < NR; i++)
			view.w[i] = obs->seen[i][pick[i]];
		if (view.w[0] & STE0_V && !equals(&view, &obs->from) && !equals(&view, &obs->to))
			obs->mixtures++;

		for (i = 0; i < NR && ++pick[i] == obs->nr_seen[i]; i++)
			pick[i] = 0;
		if (i == NR)
			return;
	}
}

static void look(struct observer *obs)
{
	u32 i, j;

	for (i = 0; i < NR; i++) {
		for (j = 0; j < obs->nr_seen[i]; j++) {
			if (obs->seen[i][j] == obs->entry->w[i])
				break;
		}
		if (j == obs->nr_seen[i] && j < MAX_SEEN)
			obs->seen[i][obs->nr_seen[i]++] = obs->entry->w[i];
	}
	check(obs);
}

static void on_event(const struct sim_event *ev, void *arg)
{
	if (ev->kind == SIM_EV_STORE)
		look(arg);
}

static int on_sync(void *arg)
{
	struct observer *obs = arg;
	u32 i;

	look(obs);
	/* A device that does not snoop has to find it in memory by now. */
	for (i = 0; i < NR; i++)
		obs->stale += sim_device_peek64(obs->pa + 8 * i) != obs->entry->w[i];
	if (++obs->syncs == obs->fail_at)
		return -EIO;
	forget(obs);
	return 0;
}

static void observe(struct kunit *test, struct observer *obs, const struct hyp_smmuv3_entry *from,
		    const struct hyp_smmuv3_entry *to)
{
	memset(obs, 0, sizeof(*obs));
	obs->pa = sim_alloc(SIM_HYP, 1, 0);
	KUNIT_ASSERT_NE(test, obs->pa, 0);
	obs->entry = hyp_pf_va(obs->pa);
	obs->from = *from;
	obs->to = *to;
	*obs->entry = *from;
	hyp_pf_clean(obs->entry, sizeof(*from));
	hyp_pf_wmb();
	forget(obs);
	sim_set_trace(on_event, obs);
}

static int change(struct observer *obs)
{
	const struct hyp_smmuv3_writer writer = {
		.valid = STE0_V,
		.noncoherent = sim_config()->noncoherent,
		.sync = on_sync,
		.arg = obs,
	};
	int ret = hyp_smmuv3_entry_write(obs->entry, &obs->to, &writer);

	look(obs);
	sim_set_trace(NULL, NULL);
	return ret;
}

/* ---- the writer ---- */

static const struct hyp_smmuv3_entry none;
static const struct hyp_smmuv3_entry junk = { { 6, ~0ULL, 2, 3, 4, 5, 6, 7 } };
static const struct hyp_smmuv3_entry a = { { 0xd, 0x11, 0x22, 0x33 } };
static const struct hyp_smmuv3_entry a_word0 = { { 0x100d, 0x11, 0x22, 0x33 } };
static const struct hyp_smmuv3_entry a_word2 = { { 0xd, 0x11, 0x2222, 0x33 } };
static const struct hyp_smmuv3_entry b = { { 0xb, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa } };

static const struct transition {
	const char *name;
	const struct hyp_smmuv3_entry *from, *to;
	u32 syncs;
} transitions[] = {
	{ "nothing", &none, &none, 0 },
	{ "the same", &a, &a, 0 },
	{ "invalid to invalid", &junk, &none, 0 },
	{ "attach", &none, &a, 2 },
	{ "attach over junk", &junk, &b, 2 },
	{ "detach", &a, &none, 1 },
	{ "detach, leave junk", &b, &junk, 1 },
	{ "only word 0", &a, &a_word0, 1 },
	{ "only word 2", &a, &a_word2, 1 },
	{ "all words", &a, &b, 3 },
	{ "all words back", &b, &a, 3 },
	{ "words 0 and 2", &a_word0, &a_word2, 3 },
};

KUNIT_ARRAY_PARAM_DESC(transition, transitions, name);

static void one_transition(struct kunit *test, bool noncoherent)
{
	const struct transition *t = test->param_value;
	const struct sim_cfg cfg = { .noncoherent = noncoherent };
	struct observer obs;

	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, &cfg), 0);
	observe(test, &obs, t->from, t->to);
	KUNIT_EXPECT_EQ(test, change(&obs), 0);
	KUNIT_EXPECT_EQ(test, obs.syncs, t->syncs);
	KUNIT_EXPECT_EQ(test, obs.mixtures, 0);
	KUNIT_EXPECT_EQ(test, obs.stale, 0);
	KUNIT_EXPECT_TRUE(test, equals(obs.entry, t->to));
	KUNIT_EXPECT_EQ(test, sim_dirty(obs.pa, sizeof(*obs.entry)), 0);
}

static void write_coherent(struct kunit *test)
{
	one_transition(test, false);
}

static void write_noncoherent(struct kunit *test)
{
	one_transition(test, true);
}

/* Whichever wait fails, the entry blocks, and nothing but old or new was there. */
static void write_sync_fails(struct kunit *test)
{
	const struct transition *t = test->param_value;
	struct observer obs;
	u32 nth;

	for (nth = 1; nth <= t->syncs; nth++) {
		observe(test, &obs, t->from, t->to);
		obs.fail_at = nth;
		KUNIT_EXPECT_EQ(test, change(&obs), -EIO);
		KUNIT_EXPECT_EQ(test, obs.syncs, nth);
		KUNIT_EXPECT_EQ(test, obs.mixtures, 0);
		KUNIT_EXPECT_FALSE(test, obs.entry->w[0] & STE0_V);
	}
}

/* The observer has to object to writers that are wrong. */
static void write_wrongly(struct kunit *test)
{
	struct observer obs;
	u32 i;

	/* V last, but no sync before it: the other words may be old ones. */
	observe(test, &obs, &junk, &b);
	for (i = NR; i-- > 0;) {
		WRITE_ONCE(obs.entry->w[i], b.w[i]);
		look(&obs);
	}
	on_sync(&obs);
	KUNIT_EXPECT_GT(test, obs.mixtures, 0);

	/* Valid to valid, word by word. */
	observe(test, &obs, &a, &b);
	for (i = 0; i < NR; i++) {
		WRITE_ONCE(obs.entry->w[i], b.w[i]);
		look(&obs);
	}
	KUNIT_EXPECT_GT(test, obs.mixtures, 0);

	/* V cleared, and the rest overwritten at once. */
	observe(test, &obs, &a, &none);
	for (i = 0; i < NR; i++) {
		WRITE_ONCE(obs.entry->w[i], 0);
		look(&obs);
	}
	KUNIT_EXPECT_GT(test, obs.mixtures, 0);
}

/* ---- the builders, against the figures in the specification ---- */

static void make_table(struct kunit *test, struct hyp_pgt *pgt, const struct hyp_pgt_fmt *fmt,
		       u8 ia_bits, u8 oa_bits, u32 features)
{
	struct hyp_pgt_cfg cfg = { .ia_bits = ia_bits, .oa_bits = oa_bits,
				   .sizes = hyp_pgt_table_size(fmt), .features = features };
	u64 size = hyp_pgt_root_size(fmt, &cfg);
	u64 nr = size > 4096 ? size / 4096 : 1;

	KUNIT_ASSERT_GT(test, size, 0);
	KUNIT_ASSERT_EQ(test, hyp_pgt_init(pgt, fmt, &cfg, sim_alloc(SIM_HYP, nr, nr * 4096)), 0);
}

static const struct s2_case {
	const char *name;
	const struct hyp_pgt_fmt *fmt;
	u8 ia, oa, t0sz, sl0, tg, ps;
} s2_cases[] = {
	{ "4K, 44 bits: level 0", &hyp_pgt_vmsa_s2_4k, 44, 44, 20, 2, 0, 4 },
	{ "4K, 40 bits: 2 tables", &hyp_pgt_vmsa_s2_4k, 40, 40, 24, 1, 0, 2 },
	{ "4K, 42 bits: 8 tables", &hyp_pgt_vmsa_s2_4k, 42, 42, 22, 1, 0, 3 },
	{ "4K, 32 bits: level 2", &hyp_pgt_vmsa_s2_4k, 32, 32, 32, 0, 0, 0 },
	{ "4K, 48 bits", &hyp_pgt_vmsa_s2_4k, 48, 48, 16, 2, 0, 5 },
	{ "16K, 36 bits: level 2", &hyp_pgt_vmsa_s2_16k, 36, 36, 28, 1, 2, 1 },
	{ "16K, 44 bits: level 1", &hyp_pgt_vmsa_s2_16k, 44, 44, 20, 2, 2, 4 },
	{ "64K, 44 bits: level 2", &hyp_pgt_vmsa_s2_64k, 44, 44, 20, 1, 1, 4 },
	{ "64K, 48 bits: level 1", &hyp_pgt_vmsa_s2_64k, 48, 48, 16, 2, 1, 5 },
};

KUNIT_ARRAY_PARAM_DESC(s2, s2_cases, name);

static void build_s2(struct kunit *test)
{
	const struct sim_cfg low = { .base = 0x40000000 };
	const struct s2_case *c = test->param_value;
	struct hyp_smmuv3_entry ste;
	struct hyp_pgt pgt;
	u64 vtcr;

	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, &low), 0);
	make_table(test, &pgt, c->fmt, c->ia, c->oa, 0);
	ste = hyp_smmuv3_ste_s2(&pgt, 0xabcd);
	KUNIT_EXPECT_EQ(test, ste.w[0], 1 | 6 << 1);
	KUNIT_EXPECT_EQ(test, ste.w[1], 1ULL << 44 | 1ULL << 19);
	vtcr = c->t0sz | c->sl0 << 6 | 1 << 8 | 1 << 10 | 3 << 12 | c->tg << 14 | c->ps << 16;
	KUNIT_EXPECT_EQ(test, ste.w[2],
			0xabcd | vtcr << 32 | 1ULL << 51 | 1ULL << 54 | 1ULL << 58);
	KUNIT_EXPECT_EQ(test, ste.w[3], pgt.root_pa);
	KUNIT_EXPECT_EQ(test, ste.w[4] | ste.w[5] | ste.w[6] | ste.w[7], 0);

	make_table(test, &pgt, c->fmt, c->ia, c->oa, HYP_PGT_NONCOHERENT);
	ste = hyp_smmuv3_ste_s2(&pgt, 1);
	vtcr = c->t0sz | c->sl0 << 6 | 2 << 12 | c->tg << 14 | c->ps << 16;
	KUNIT_EXPECT_EQ(test, ste.w[2] >> 32 & 0x7ffff, vtcr);
}

static void build_s1(struct kunit *test)
{
	struct hyp_smmuv3_ste_cfg cfg = { .coherent = true };
	struct hyp_smmuv3_entry entry;
	struct hyp_pgt pgt;

	entry = hyp_smmuv3_ste_s1(&cfg, 0x12345680);
	KUNIT_EXPECT_EQ(test, entry.w[0], 1 | 5 << 1 | 0x12345680);
	KUNIT_EXPECT_EQ(test, entry.w[1],
			1 << 2 | 1 << 4 | 3 << 6 | 1ULL << 19 | 1ULL << 44);
	KUNIT_EXPECT_EQ(test, entry.w[2] | entry.w[3], 0);

	cfg.can_stall = true;
	cfg.coherent = false;
	entry = hyp_smmuv3_ste_s1(&cfg, 0x12345680);
	KUNIT_EXPECT_EQ(test, entry.w[1], 2 << 6 | 1ULL << 19 | 1ULL << 27 | 1ULL << 44);

	make_table(test, &pgt, &hyp_pgt_vmsa_s1_4k, 48, 44, 0);
	entry = hyp_smmuv3_cd(&pgt, 0x5678);
	KUNIT_EXPECT_EQ(test, entry.w[0],
			16ULL | 1 << 8 | 1 << 10 | 3 << 12 | 1ULL << 30 | 1ULL << 31 |
			4ULL << 32 | 1ULL << 41 | 1ULL << 45 | 1ULL << 46 | 1ULL << 47 |
			0x5678ULL << 48);
	KUNIT_EXPECT_EQ(test, entry.w[1], pgt.root_pa);
	KUNIT_EXPECT_EQ(test, entry.w[2], 0);
	/* Attributes 0, 1, 2: Non-cacheable, Write-Back, Device-nGnRE. */
	KUNIT_EXPECT_EQ(test, entry.w[3] & 0xffffff, 0x04ff44);

	make_table(test, &pgt, &hyp_pgt_vmsa_s1_64k, 48, 44, 0);
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cd(&pgt, 1).w[0] >> 6 & 3, 1);
	make_table(test, &pgt, &hyp_pgt_vmsa_s1_16k, 48, 44, 0);
	KUNIT_EXPECT_EQ(test, hyp_smmuv3_cd(&pgt, 1).w[0] >> 6 & 3, 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(write_coherent, transition_gen_params),
	KUNIT_CASE_PARAM(write_noncoherent, transition_gen_params),
	KUNIT_CASE_PARAM(write_sync_fails, transition_gen_params),
	KUNIT_CASE(write_wrongly),
	KUNIT_CASE_PARAM(build_s2, s2_gen_params),
	KUNIT_CASE(build_s1),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_smmuv3_ste",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
