// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pools of pages for tables: nothing is lost, handed out twice or handed out unclean.
 */
#include "kunit/pgt_env.h"

/* Four pages, of which nothing was ever cleaned. */
static u64 four_pages(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, &(struct sim_cfg){ .noncoherent = true }), 0);
	return sim_alloc(SIM_HYP, 4, 0);
}

static void put(struct hyp_pgt_pool *pool, u64 pa, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		hyp_pgt_pool_put(pool, pa + i * SZ_4K);
}

/* Each page comes out once, and the last is followed by 0. */
static void each_page_once(struct kunit *test)
{
	struct hyp_pgt_pool pool = { .head = 0 };
	u64 pa = four_pages(test), got;
	u32 i, seen = 0;

	KUNIT_EXPECT_EQ(test, hyp_pgt_pool_get(&pool, true), 0);
	KUNIT_EXPECT_EQ(test, pool.nr, 0);
	put(&pool, pa, 4);
	for (i = 4; i; i--) {
		KUNIT_EXPECT_EQ(test, pool.nr, i);
		got = hyp_pgt_pool_get(&pool, false);
		KUNIT_ASSERT_GE(test, got, pa);
		KUNIT_ASSERT_LT(test, got, pa + 4 * SZ_4K);
		KUNIT_EXPECT_EQ(test, seen & 1U << (got - pa) / SZ_4K, 0);
		seen |= 1U << (got - pa) / SZ_4K;
	}
	KUNIT_EXPECT_EQ(test, seen, 0xf);
	KUNIT_EXPECT_EQ(test, pool.nr, 0);
	KUNIT_EXPECT_EQ(test, hyp_pgt_pool_get(&pool, false), 0);
	KUNIT_EXPECT_EQ(test, pool.nr, 0);
}

/* The link that a page held in the pool is gone before hardware may see the page. */
static void pages_come_out_clean(struct kunit *test)
{
	struct hyp_pgt_pool pool = { .head = 0 };
	u64 pa = four_pages(test), got;
	u32 i;

	put(&pool, pa, 4);
	for (i = 0; i < 4; i++) {
		got = hyp_pgt_pool_get(&pool, true);
		KUNIT_ASSERT_NE(test, got, 0);
		hyp_pf_wmb();
		KUNIT_EXPECT_EQ(test, sim_device_read64(got), 0);
		KUNIT_EXPECT_EQ(test, sim_dirty(got, SZ_4K), 0);
	}
}

/* Every split of four pages between two pools: all are in the one, none in the other. */
static void splice(struct kunit *test)
{
	u64 pa = four_pages(test);
	u32 n, i;

	for (n = 0; n <= 4; n++) {
		struct hyp_pgt_pool to = { .head = 0 }, from = { .head = 0 };

		put(&to, pa, n);
		put(&from, pa + n * SZ_4K, 4 - n);
		hyp_pgt_pool_splice(&to, &from);
		KUNIT_EXPECT_EQ(test, to.nr, 4);
		KUNIT_EXPECT_EQ(test, from.nr, 0);
		KUNIT_EXPECT_EQ(test, from.head, 0);
		for (i = 0; i < 4; i++)
			KUNIT_ASSERT_NE(test, hyp_pgt_pool_get(&to, true), 0);
		KUNIT_EXPECT_EQ(test, hyp_pgt_pool_get(&to, true), 0);
		KUNIT_EXPECT_EQ(test, to.nr, 0);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(each_page_once),
	KUNIT_CASE(pages_come_out_clean),
	KUNIT_CASE(splice),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_pgt_pool",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
