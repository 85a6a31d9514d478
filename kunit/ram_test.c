// SPDX-License-Identifier: GPL-2.0-only
/*
 * The account of memory against one that counts each page by itself.
 */
#include "kunit/sim_kunit.h"
#include "platform/ram.h"

#define PAGE		HYP_IOMMU_PAGE_SIZE
#define BLOCK		(HYP_RAM_BLOCK_PAGES * PAGE)
#define SHARED		1			/* another owner whose memory the host may reach */
#define HYP		8			/* and those whose it may not */
#define GUEST		9
#define FULL		0x04000000U		/* as often as a page can be pinned */

/* Memory with ragged ends; what is between them, and around, is none. */
#define FIRST		(0x40000000ULL + 5 * PAGE)
#define FIRST_PAGES	(3 * HYP_RAM_BLOCK_PAGES)
#define SECOND		(0x80000000ULL - BLOCK - 2 * PAGE)
#define SECOND_PAGES	(3 * HYP_RAM_BLOCK_PAGES + 3)
#define PAGES		(FIRST_PAGES + SECOND_PAGES)
#define HOLE		PAGES			/* as a page's number: none */

/* The second is in two pieces. */
#define PIECES		3
#define PIECE_PAGES	(HYP_RAM_BLOCK_PAGES + 7)
#define GAP		16			/* words behind those of a piece */

struct account {
	struct hyp_ram ram[PIECES + 1];	/* the last one is not in the list */
	struct hyp_ram_list list;
	u32 word[PAGES + PIECES * GAP];
	struct hyp_ram_block block[PIECES * 4];
	u32 pins[PAGES], owner[PAGES];	/* what is expected */
	u64 seed;
};

static u32 page_at(u64 pa)
{
	if (pa >= FIRST && pa < FIRST + FIRST_PAGES * PAGE)
		return (pa - FIRST) / PAGE;
	if (pa >= SECOND && pa < SECOND + SECOND_PAGES * PAGE)
		return FIRST_PAGES + (pa - SECOND) / PAGE;
	return HOLE;
}

static struct account *account(struct kunit *test)
{
	struct account *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);
	u64 rest = SECOND + PIECE_PAGES * PAGE;
	u32 *word;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, a);
	a->ram[0] = (struct hyp_ram){ FIRST, FIRST_PAGES * PAGE };
	a->ram[1] = (struct hyp_ram){ rest, SECOND + SECOND_PAGES * PAGE - rest };
	a->ram[2] = (struct hyp_ram){ SECOND, PIECE_PAGES * PAGE };
	a->ram[3] = (struct hyp_ram){ FIRST - 16 * PAGE, 16 * PAGE };
	a->list = (struct hyp_ram_list){ .ram = a->ram, .nr = PIECES };
	for (i = 0, word = a->word; i < PIECES; i++) {
		a->ram[i].page = word;
		a->ram[i].block = a->block + 4 * i;
		KUNIT_ASSERT_LE(test, hyp_ram_nr_blocks(a->ram[i].pa, a->ram[i].size), 4);
		/* As if it were pinned: who comes this far notices nothing. */
		word += a->ram[i].size / PAGE;
		memset(word, 1, GAP * sizeof(*word));
		word += GAP;
	}
	a->ram[3].page = a->word;
	a->ram[3].block = a->block;
	a->seed = 1;
	return a;
}

/* ---- each call, and what is expected of it ---- */

static int ram_pin(struct account *a, u64 pa, u64 nr)
{
	const struct hyp_iommu_sg piece = { pa, nr * PAGE };
	u32 done = ~0U;
	int ret = hyp_ram_pin(&a->list, &piece, 1, &done);

	return done == !ret ? ret : -EIO;
}

/* Return: pages that were unpinned. */
static u64 ram_unpin(struct account *a, u64 pa, u64 nr)
{
	const struct hyp_iommu_sg piece = { pa, nr * PAGE };

	return nr - hyp_ram_unpin(&a->list, &piece, 1);
}

static void pin(struct kunit *test, struct account *a, u64 pa, u64 nr)
{
	int want = 0, got;
	u64 i;

	for (i = 0; i < nr && !want; i++) {
		u32 page = page_at(pa + i * PAGE);

		if (page == HOLE || a->owner[page] >= HYP)
			want = -EPERM;
	}
	got = ram_pin(a, pa, nr);
	KUNIT_ASSERT_EQ_MSG(test, got, want, "%#llx, %llu pages",
			    (unsigned long long)pa, (unsigned long long)nr);
	for (i = 0; i < nr && !want; i++)
		a->pins[page_at(pa + i * PAGE)]++;
}

static void unpin(struct kunit *test, struct account *a, u64 pa, u64 nr)
{
	u64 want = 0;

	for (; want < nr; want++) {
		u32 page = page_at(pa + want * PAGE);

		if (page == HOLE || !a->pins[page])
			break;
		a->pins[page]--;
	}
	KUNIT_ASSERT_EQ_MSG(test, ram_unpin(a, pa, nr), want, "%#llx, %llu pages",
			    (unsigned long long)pa, (unsigned long long)nr);
}

static void give(struct kunit *test, struct account *a, u64 pa, u64 nr, u32 from, u32 to)
{
	bool unpinned = to >= HYP;
	int want = 0;
	u64 i;

	for (i = 0; i < nr && !want; i++) {
		u32 page = page_at(pa + i * PAGE);

		if (page == HOLE || a->owner[page] != from)
			want = -EPERM;
		else if (unpinned && a->pins[page])
			want = -EBUSY;
	}
	KUNIT_ASSERT_EQ_MSG(test, hyp_ram_check(&a->list, pa, nr, from, unpinned), want,
			    "%#llx, %llu pages",
			    (unsigned long long)pa, (unsigned long long)nr);
	if (want)
		return;
	hyp_ram_set_owner(&a->list, pa, nr, to);
	for (i = 0; i < nr; i++)
		a->owner[page_at(pa + i * PAGE)] = to;
}

/* Page by page it is as expected. */
static void compare(struct kunit *test, struct account *a)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		u64 pa = i < FIRST_PAGES ? FIRST + i * PAGE : SECOND + (i - FIRST_PAGES) * PAGE;
		int busy = hyp_ram_check(&a->list, pa, 1, a->owner[i], true);

		KUNIT_ASSERT_EQ(test, hyp_ram_owner(&a->list, pa), a->owner[i]);
		KUNIT_ASSERT_EQ_MSG(test, busy, a->pins[i] ? -EBUSY : 0, "page %u", i);
	}
}

/* ---- cases ---- */

static void blocks_are_of_2_mib(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, HYP_RAM_BLOCK_PAGES, 512);
	KUNIT_EXPECT_EQ(test, hyp_ram_nr_blocks(BLOCK, BLOCK), 1);
	KUNIT_EXPECT_EQ(test, hyp_ram_nr_blocks(BLOCK - PAGE, PAGE), 1);
	KUNIT_EXPECT_EQ(test, hyp_ram_nr_blocks(BLOCK - PAGE, 2 * PAGE), 2);
	KUNIT_EXPECT_EQ(test, hyp_ram_nr_blocks(BLOCK - PAGE, BLOCK + 2 * PAGE), 3);
}

static void memory_is_touched(struct kunit *test)
{
	struct account *a = account(test);
	u64 end = FIRST + FIRST_PAGES * PAGE, last = SECOND + SECOND_PAGES * PAGE;

	KUNIT_EXPECT_FALSE(test, hyp_ram_touches(&a->list, FIRST - PAGE, PAGE));
	KUNIT_EXPECT_TRUE(test, hyp_ram_touches(&a->list, FIRST - PAGE, PAGE + 1));
	KUNIT_EXPECT_TRUE(test, hyp_ram_touches(&a->list, end - PAGE, PAGE));
	KUNIT_EXPECT_FALSE(test, hyp_ram_touches(&a->list, end, SECOND - end));
	KUNIT_EXPECT_TRUE(test, hyp_ram_touches(&a->list, end, SECOND - end + PAGE));
	KUNIT_EXPECT_TRUE(test, hyp_ram_touches(&a->list, 0, -PAGE));
	KUNIT_EXPECT_FALSE(test, hyp_ram_touches(&a->list, last, -last));
}

static void block_is_one_count(struct kunit *test)
{
	struct account *a = account(test);
	u64 pa = (FIRST & -BLOCK) + BLOCK;

	pin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, a->block[1].pins, 1);
	KUNIT_EXPECT_EQ(test, a->word[page_at(pa)], 0);
	unpin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, a->block[1].pins, 0);
	/* Also after a page was away. */
	give(test, a, pa + PAGE, 1, HYP_RAM_HOST, HYP);
	KUNIT_EXPECT_EQ(test, a->block[1].not_hosts, 1);
	give(test, a, pa + PAGE, 1, HYP, GUEST);
	KUNIT_EXPECT_EQ(test, a->block[1].not_hosts, 1);
	give(test, a, pa + PAGE, 1, GUEST, HYP_RAM_HOST);
	KUNIT_EXPECT_EQ(test, a->block[1].not_hosts, 0);
	pin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, a->block[1].pins, 1);
	compare(test, a);
}

static void pieces_may_be_neighbours(struct kunit *test)
{
	struct account *a = account(test);
	u64 end = SECOND + PIECE_PAGES * PAGE;

	pin(test, a, end - 3 * PAGE, 6);
	pin(test, a, end - PAGE, 2);
	unpin(test, a, end - 3 * PAGE, 6);
	unpin(test, a, end - PAGE, 3);
	/* And what is behind a piece may be nothing. */
	pin(test, a, FIRST + (FIRST_PAGES - 1) * PAGE, 1);
	unpin(test, a, FIRST + (FIRST_PAGES - 1) * PAGE, 3);
	pin(test, a, FIRST - PAGE, 1);
	compare(test, a);
}

static void block_is_unpinned_in_parts(struct kunit *test)
{
	struct account *a = account(test);
	u64 pa = (FIRST & -BLOCK) + BLOCK;

	pin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	pin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	unpin(test, a, pa + 7 * PAGE, 1);
	compare(test, a);
	unpin(test, a, pa + 7 * PAGE, 2);
	compare(test, a);
	/* One page is free, and only that one. */
	give(test, a, pa + 8 * PAGE, 1, HYP_RAM_HOST, GUEST);
	give(test, a, pa + 7 * PAGE, 1, HYP_RAM_HOST, GUEST);
	KUNIT_EXPECT_EQ(test, a->block[1].not_hosts, 1);
	pin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	unpin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	compare(test, a);
}

static void parts_are_unpinned_as_a_block(struct kunit *test)
{
	struct account *a = account(test);
	u64 pa = (FIRST & -BLOCK) + BLOCK, i;

	for (i = 0; i < HYP_RAM_BLOCK_PAGES; i++)
		pin(test, a, pa + i * PAGE, 1);
	unpin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	compare(test, a);
	/* A block that is pinned once more than its pages. */
	pin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	pin(test, a, pa + PAGE, 1);
	unpin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	compare(test, a);
	unpin(test, a, pa, HYP_RAM_BLOCK_PAGES);
	unpin(test, a, pa + PAGE, 1);
	compare(test, a);
}

static void nothing_is_pinned_in_part(struct kunit *test)
{
	struct account *a = account(test);

	pin(test, a, FIRST - PAGE, 2);
	pin(test, a, FIRST, FIRST_PAGES + 1);
	give(test, a, FIRST + (FIRST_PAGES - 1) * PAGE, 1, HYP_RAM_HOST, HYP);
	pin(test, a, FIRST, FIRST_PAGES);
	give(test, a, FIRST, 9, HYP_RAM_HOST, SHARED);
	pin(test, a, FIRST, 9);
	compare(test, a);
}

static void counts_are_bounded(struct kunit *test)
{
	struct account *a = account(test);
	u64 pa = (FIRST & -BLOCK) + BLOCK;

	/* As if it had been pinned that often. */
	a->word[page_at(pa)] = FULL - 1;
	KUNIT_EXPECT_EQ(test, ram_pin(a, pa, 1), 0);
	KUNIT_EXPECT_EQ(test, ram_pin(a, pa, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, ram_pin(a, pa - PAGE, 3), -EBUSY);
	KUNIT_EXPECT_EQ(test, hyp_ram_check(&a->list, pa - PAGE, 1, HYP_RAM_HOST, true), 0);
	/* A block has room for what its pages cannot take, and they for what is its. */
	a->block[1].pins = FULL - 1;
	KUNIT_EXPECT_EQ(test, ram_pin(a, pa, HYP_RAM_BLOCK_PAGES), 0);
	KUNIT_EXPECT_EQ(test, ram_pin(a, pa, HYP_RAM_BLOCK_PAGES), -EBUSY);
	KUNIT_EXPECT_EQ(test, ram_unpin(a, pa + PAGE, 1), 1);
	KUNIT_EXPECT_EQ(test, a->block[1].pins, FULL - 1);
	KUNIT_EXPECT_EQ(test, a->word[page_at(pa)], FULL + 1);
	/* What has become its pages' is there for good: not again and again. */
	KUNIT_EXPECT_EQ(test, ram_pin(a, pa, HYP_RAM_BLOCK_PAGES), -EBUSY);
	a->word[page_at(pa)] = 1;
	KUNIT_EXPECT_EQ(test, ram_pin(a, pa, HYP_RAM_BLOCK_PAGES), 0);
	KUNIT_EXPECT_EQ(test, a->block[1].pins, FULL - 1);
	KUNIT_EXPECT_EQ(test, a->word[page_at(pa)], 2);
	KUNIT_EXPECT_EQ(test, hyp_ram_owner(&a->list, pa), HYP_RAM_HOST);
}

static u64 rnd(struct account *a, u64 n)
{
	a->seed = a->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (a->seed >> 33) % n;
}

static void rnd_range(struct account *a, u64 *pa, u64 *nr)
{
	u64 i = rnd(a, PAGES + 8);

	*pa = i < FIRST_PAGES ? FIRST + (i - 2) * PAGE : SECOND + (i - FIRST_PAGES - 2) * PAGE;
	*nr = 1 + rnd(a, 40);
	if (rnd(a, 2))
		*nr = HYP_RAM_BLOCK_PAGES * (1 + rnd(a, 2)) + rnd(a, 3) - 1;
	if (rnd(a, 2))
		*pa &= -BLOCK;
}

static void random_ranges(struct kunit *test)
{
	static const u32 owner[] = { HYP_RAM_HOST, SHARED, HYP, GUEST };
	struct account *a = account(test);
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		u64 pa, nr;

		rnd_range(a, &pa, &nr);
		switch (rnd(a, 8)) {
		case 0 ... 2:
			pin(test, a, pa, nr);
			break;
		case 3 ... 6:
			unpin(test, a, pa, nr);
			break;
		default:
			nr = 1 + rnd(a, 3);
			give(test, a, pa, nr, owner[rnd(a, 4)], owner[rnd(a, 4)]);
		}
		if (!(i % 64))
			compare(test, a);
	}
	compare(test, a);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(blocks_are_of_2_mib),
	KUNIT_CASE(memory_is_touched),
	KUNIT_CASE(block_is_one_count),
	KUNIT_CASE(block_is_unpinned_in_parts),
	KUNIT_CASE(parts_are_unpinned_as_a_block),
	KUNIT_CASE(pieces_may_be_neighbours),
	KUNIT_CASE(nothing_is_pinned_in_part),
	KUNIT_CASE(counts_are_bounded),
	KUNIT_CASE(random_ranges),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_ram",
	.test_cases = cases,
};

kunit_test_suite(suite);
