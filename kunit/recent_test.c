// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host side remembers of mappings: all that it says is right, after maps
 * and unmaps in whatever pieces.
 */
#include <kunit/test.h>

#include "hostif/linux/recent.h"

#define AREA	512U	/* pages that are mapped and unmapped, in each of ... */
#define AREAS	3U	/* ... these, which share their slots */

static struct hyp_recent recent;
static u64 to_of[AREAS * AREA];		/* 0: not mapped */

static void begin(void)
{
	u32 i;

	memset(&recent, 0, sizeof(recent));
	for (i = 0; i < AREAS * AREA; i++)
		to_of[i] = 0;
}

static u64 page_of(u32 i)
{
	return 0x40000 + i / AREA * HYP_RECENT_SLOTS + i % AREA;
}

static void map(u32 first, u32 nr, u64 to)
{
	u32 i;

	hyp_recent_note(&recent, page_of(first), to, nr);
	for (i = 0; i < nr; i++)
		to_of[first + i] = to + i;
}

static void unmap(u32 first, u32 nr)
{
	u32 i;

	hyp_recent_forget(&recent, page_of(first), nr);
	for (i = 0; i < nr; i++)
		to_of[first + i] = 0;
}

/* Return: how many pages it knows. */
static u32 check(struct kunit *test)
{
	u32 i, known = 0;
	u64 to;

	for (i = 0; i < AREAS * AREA; i++) {
		if (!hyp_recent_find(&recent, page_of(i), &to))
			continue;
		known++;
		KUNIT_ASSERT_EQ_MSG(test, to, to_of[i], "page %u", i);
	}
	return known;
}

static void knows_where_a_mapping_began(struct kunit *test)
{
	u64 to;

	begin();
	map(0, 1, 7);
	map(16, 16, 100);
	map(35, 3, 0xfffffffffULL);
	KUNIT_EXPECT_EQ(test, check(test), 3);
	KUNIT_EXPECT_FALSE(test, hyp_recent_find(&recent, page_of(17), &to));
	unmap(0, 1);
	unmap(16, 16);
	unmap(35, 3);
	KUNIT_EXPECT_EQ(test, check(test), 0);

	/* Of two that share a slot the last one; the other is asked for in vain. */
	map(5, 1, 9);
	map(AREA + 5, 1, 11);
	KUNIT_EXPECT_EQ(test, check(test), 1);
	unmap(5, 1);
	KUNIT_EXPECT_EQ(test, check(test), 1);
	unmap(AREA + 5, 1);
	KUNIT_EXPECT_EQ(test, check(test), 0);
}

/* Pages and addresses that a slot has no room for. */
static void what_is_too_big_is_not_known(struct kunit *test)
{
	u64 high = HYP_RECENT_SLOTS << 24, nr, to, i;

	begin();
	hyp_recent_note(&recent, high, 5, 1);
	KUNIT_EXPECT_FALSE(test, hyp_recent_find(&recent, high, &to));
	KUNIT_EXPECT_FALSE(test, hyp_recent_find(&recent, 0, &to));
	hyp_recent_note(&recent, 3, 1ULL << 36, 1);
	KUNIT_EXPECT_FALSE(test, hyp_recent_find(&recent, 3, &to));
	hyp_recent_note(&recent, high - 1, (1ULL << 36) - 1, 1);
	KUNIT_EXPECT_TRUE(test, hyp_recent_find(&recent, high - 1, &to));
	KUNIT_EXPECT_EQ(test, to, (1ULL << 36) - 1);
	KUNIT_EXPECT_FALSE(test, hyp_recent_find(&recent, 2 * high - 1, &to));
	hyp_recent_forget(&recent, high - 1, 1);
	KUNIT_EXPECT_FALSE(test, hyp_recent_find(&recent, high - 1, &to));

	/* Lengths. */
	for (nr = 1ULL << 12; nr <= 1ULL << 20; nr *= 2) {
		hyp_recent_note(&recent, 1ULL << 20, 5, nr);
		KUNIT_EXPECT_TRUE(test, hyp_recent_find(&recent, 1ULL << 20, &to));
		hyp_recent_forget(&recent, 1ULL << 20, nr);
		KUNIT_EXPECT_FALSE(test, hyp_recent_find(&recent, 1ULL << 20, &to));
	}

	/* Nothing. */
	hyp_recent_note(&recent, 7, 5, 1);
	hyp_recent_forget(&recent, 7, 0);
	KUNIT_EXPECT_TRUE(test, hyp_recent_find(&recent, 7, &to));
	hyp_recent_forget(&recent, 7, 1);

	/* More pages than there are slots. */
	for (i = 0; i < 3; i++)
		hyp_recent_note(&recent, 100 + i * HYP_RECENT_SLOTS + i, 5, 1);
	hyp_recent_forget(&recent, 0, 3 * HYP_RECENT_SLOTS);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_FALSE(test, hyp_recent_find(&recent, 100 + i * HYP_RECENT_SLOTS + i,
							 &to));
}

/* A mapping of which a part was replaced is not forgotten with a look at its beginning. */
static void parts_are_forgotten(struct kunit *test)
{
	/* The last one is not aligned to its length. */
	static const struct {
		u32 first, part, nr, known;
	} cases[] = { { 64, 80, 16, 2 }, { 64, 64, 16, 1 }, { 64, 71, 5, 2 }, { 72, 80, 16, 2 } };
	u32 i;

	begin();
	for (i = 0; i < 4; i++) {
		map(cases[i].first, 32, 1000);
		unmap(cases[i].part, cases[i].nr);
		map(cases[i].part, cases[i].nr, 2000);
		KUNIT_EXPECT_EQ(test, check(test), cases[i].known);
		unmap(cases[i].first, 32);
		KUNIT_EXPECT_EQ(test, check(test), 0);
	}
}

static u32 rnd(u64 *seed, u32 below)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*seed >> 33) % below;
}

static void random_pieces(struct kunit *test)
{
	u32 i, nr, first, known = 0;
	u64 seed = 1;

	begin();
	for (i = 0; i < 4000; i++) {
		nr = rnd(&seed, 2) ? 1 << rnd(&seed, 6) : 1 + rnd(&seed, 40);
		first = rnd(&seed, AREA - 64) + AREA * rnd(&seed, AREAS);
		if (rnd(&seed, 4))
			first &= -nr;
		if (rnd(&seed, 2)) {
			/* As many as are free there. */
			u32 n = 0;

			while (n < nr && !to_of[first + n])
				n++;
			if (n)
				map(first, n, 1 + rnd(&seed, 1 << 20));
		} else {
			unmap(first, nr);
		}
		known += check(test);
	}
	KUNIT_EXPECT_GT(test, known, 4000);
}

static struct kunit_case recent_cases[] = {
	KUNIT_CASE(knows_where_a_mapping_began),
	KUNIT_CASE(what_is_too_big_is_not_known),
	KUNIT_CASE(parts_are_forgotten),
	KUNIT_CASE(random_pieces),
	{}
};

static struct kunit_suite recent_suite = {
	.name = "hyp_recent",
	.test_cases = recent_cases,
};

kunit_test_suite(recent_suite);
