// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping and unmapping: what is pinned when, how far a call comes, and random calls
 * against a flat model.
 */
#include "kunit/core_kunit.h"

static u64 random_state;

static u64 rnd(u64 below)
{
	return core_random(&random_state, below);
}

static void map_pins_and_unmap_unpins(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 4, 0), ia = 0x40000000, i;
	struct hyp_iommu_ret ret;

	core_donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_ASSERT_EQ(test, map(d, ia, pa, 4 * PAGE), 0);
	KUNIT_ASSERT_EQ(test, map(d, ia + 0x100000, pa, PAGE), 0);	/* once more */
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 2);
	for (i = 1; i < 4; i++)
		KUNIT_EXPECT_EQ(test, sim_pins(pa + i * PAGE), 1);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), 5 + stat(HYP_IOMMU_STAT_STUCK));
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), 5);

	ret = call(HYP_IOMMU_IOVA_TO_PHYS, d, ia + PAGE + 0x123);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, pa + PAGE + 0x123);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, ia + 4 * PAGE).status, -ENOENT);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, ~0ULL).status, -ENOENT);

	/* Nobody else can have a page now. */
	KUNIT_EXPECT_EQ(test, sim_host_donate(pa, 1, SIM_GUEST), -EBUSY);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 1).status, -EBUSY);

	ret = call(HYP_IOMMU_UNMAP, d, ia, 4 * PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, 4 * PAGE);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 1);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + PAGE), 0);
	KUNIT_EXPECT_EQ(test, unmap(d, ia + 0x100000, PAGE), 0);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	KUNIT_EXPECT_EQ(test, sim_host_donate(pa, 1, SIM_GUEST), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	free_domain(test, d);
}

static void map_checks_arguments(struct kunit *test)
{
	const u64 top = 1ULL << 40;
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 4, 0);
	const struct {
		u64 ia, oa, size, prot;
	} bad[] = {
		{ 0x1000, pa, 0, RW }, { 0x1008, pa, PAGE, RW }, { 0x1000, pa + 8, PAGE, RW },
		{ 0x1000, pa, PAGE + 8, RW }, { 0x1000, pa, PAGE, 0 },
		{ 0x1000, pa, PAGE, HYP_IOMMU_CACHE }, { 0x1000, pa, PAGE, RW | 1ULL << 5 },
		{ 0x1000, pa, PAGE, RW | 1ULL << 63 }, { 0x1000, pa, ~0ULL, RW },
		{ -PAGE, pa, 2 * PAGE, RW }, { 0x1000, -PAGE, 2 * PAGE, RW },
		{ top, pa, PAGE, RW }, { top - PAGE, pa, 2 * PAGE, RW }, { -PAGE, pa, PAGE, RW },
		{ 0x1000, pa, -PAGE, RW }, { 0, 0, 1ULL << 63, RW },
	};
	u32 i;

	core_donate(test, d, 8);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_MAP, d, bad[i].ia, bad[i].oa,
						bad[i].size, bad[i].prot);

		KUNIT_EXPECT_EQ_MSG(test, ret.status, -EINVAL, "map case %u", i);
		KUNIT_EXPECT_EQ(test, ret.done, 0);
		KUNIT_EXPECT_EQ(test, pins(), 0);
		if (bad[i].prot != RW || bad[i].oa != pa)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, unmap(d, bad[i].ia, bad[i].size), -EINVAL,
				    "unmap case %u", i);
	}
	/* The last page of the space is as good as any. */
	KUNIT_EXPECT_EQ(test, map(d, top - PAGE, pa, PAGE), 0);
	KUNIT_EXPECT_EQ(test, unmap(d, top - PAGE, PAGE), 0);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, 0, pa, PAGE, RW, 1).status, -EINVAL);
	free_domain(test, d);
}

static void map_goes_on_after_enomem(struct kunit *test)
{
	/* No two of the addresses could be the beginning of a block. */
	u64 d = alloc_domain(test), nr = 3 * 512;
	u64 pa = sim_alloc(SIM_HOST, nr + 1, 512 * PAGE) + PAGE;
	u64 ia = 0x3fe00000 - PAGE, size = nr * PAGE, total = 0, rounds = 0;

	while (total < size) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_MAP, d, ia + total, pa + total,
						size - total, RW);

		total += ret.done;
		KUNIT_EXPECT_EQ(test, pins(), total / PAGE);
		KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), total / PAGE);
		if (ret.status) {
			KUNIT_ASSERT_EQ(test, ret.status, -ENOMEM);
			KUNIT_ASSERT_GT(test, ret.need, 0);
			core_donate(test, d, 1);
		}
		KUNIT_ASSERT_LT(test, rounds++, 100);
	}
	KUNIT_EXPECT_GT(test, rounds, 5);
	/* With what it needs, the next one goes through in bounded steps. */
	core_donate(test, d, 8);
	for (total = 0; total < size;) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_MAP, d, 0x80000000 + total, pa + total,
						size - total, RW);

		KUNIT_ASSERT_EQ(test, ret.status, 0);
		KUNIT_EXPECT_LE(test, ret.done, HYP_IOMMU_MAX_LEAVES * PAGE);
		KUNIT_ASSERT_GT(test, ret.done, 0);
		total += ret.done;
	}
	free_domain(test, d);
	KUNIT_EXPECT_EQ(test, pins(), 0);
}

static void map_stops_at_what_is_mapped(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 8, 0);
	struct hyp_iommu_ret ret;

	core_donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, map(d, 5 * PAGE, pa, PAGE), 0);
	ret = call(HYP_IOMMU_MAP, d, 0, pa, 8 * PAGE, RW);
	KUNIT_EXPECT_EQ(test, ret.status, -EEXIST);
	KUNIT_EXPECT_EQ(test, ret.done, 5 * PAGE);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 2);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + 5 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, pins(), 6);
	/* Unmapping stops at a hole. */
	ret = call(HYP_IOMMU_UNMAP, d, 0, 8 * PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOENT);
	KUNIT_EXPECT_EQ(test, ret.done, 6 * PAGE);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	free_domain(test, d);
}

static void blocks_are_used_and_not_split(struct kunit *test)
{
	u64 d = alloc_domain(test), size = 2ULL << 20, pa = sim_alloc(SIM_HOST, 512, size);
	struct hyp_iommu_ret ret;

	core_donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, map(d, size, pa, size), 0);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_TABLES), 1);
	ret = call(HYP_IOMMU_UNMAP, d, size, PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, -E2BIG);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	KUNIT_EXPECT_EQ(test, pins(), 512);
	KUNIT_EXPECT_EQ(test, unmap(d, size, size), 0);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	free_domain(test, d);
}

static void scattered_unmap_is_bounded(struct kunit *test)
{
	u64 d = alloc_domain(test), nr = 2 * HYP_IOMMU_MAX_RUNS + 1, i, rounds = 0, total = 0;
	u64 pa = sim_alloc(SIM_HOST, 2 * nr, 0);

	/* As many as the tables take, so that there is none to keep account of the runs. */
	core_donate(test, d, 2);
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, map(d, i * PAGE, pa + 2 * i * PAGE, PAGE), 0);
	while (total < nr * PAGE) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_UNMAP, d, total, nr * PAGE - total);

		KUNIT_ASSERT_EQ(test, ret.status, 0);
		KUNIT_ASSERT_GT(test, ret.done, 0);
		total += ret.done;
		rounds++;
		KUNIT_EXPECT_EQ(test, pins(), nr - total / PAGE);
	}
	KUNIT_EXPECT_EQ(test, rounds, 3);
	free_domain(test, d);
}

#define WORLD_PAGES	256
#define WORLD_DOMAINS	3
#define WORLD_IAS	1024

struct world {
	u64 handle[WORLD_DOMAINS];
	u16 page[WORLD_DOMAINS][WORLD_IAS];	/* mapped page + 1; 0: hole */
	u8 attached[WORLD_DOMAINS];		/* bit n: endpoint n of UNIT_A */
	u64 pa;
};

/* What the pages' pins must be, by counting the flat model. */
static void check_world(struct kunit *test, struct world *w)
{
	u32 pins[WORLD_PAGES] = { 0 };
	u32 i, j;

	for (i = 0; i < WORLD_DOMAINS; i++) {
		for (j = 0; j < WORLD_IAS; j++) {
			if (w->page[i][j])
				pins[w->page[i][j] - 1]++;
		}
	}
	for (i = 0; i < WORLD_PAGES; i++)
		KUNIT_ASSERT_EQ(test, sim_pins(w->pa + i * PAGE), pins[i]);
}

static void world_map(struct kunit *test, struct world *w, u32 i)
{
	u64 ia = rnd(WORLD_IAS), page = rnd(WORLD_PAGES), n = 1 + rnd(20), k, free;
	struct hyp_iommu_ret ret;

	n = min(n, min(WORLD_IAS - ia, WORLD_PAGES - page));
	for (free = 0; free < n && !w->page[i][ia + free]; free++)
		;
	ret = call(HYP_IOMMU_MAP, w->handle[i], ia * PAGE, w->pa + page * PAGE, n * PAGE, RW);
	if (ret.status == -ENOMEM)
		core_donate(test, w->handle[i], ret.need);
	else
		KUNIT_ASSERT_EQ(test, ret.status, free < n ? -EEXIST : 0);
	KUNIT_ASSERT_LE(test, ret.done, free * PAGE);
	if (ret.status != -ENOMEM)
		KUNIT_ASSERT_EQ(test, ret.done, free * PAGE);
	for (k = 0; k < ret.done / PAGE; k++)
		w->page[i][ia + k] = page + k + 1;
}

static void world_unmap(struct kunit *test, struct world *w, u32 i)
{
	u64 ia = rnd(WORLD_IAS), n = 1 + rnd(40), k, full;
	struct hyp_iommu_ret ret;

	n = min(n, WORLD_IAS - ia);
	for (full = 0; full < n && w->page[i][ia + full]; full++)
		;
	ret = call(HYP_IOMMU_UNMAP, w->handle[i], ia * PAGE, n * PAGE);
	KUNIT_ASSERT_EQ(test, ret.status, full < n ? -ENOENT : 0);
	KUNIT_ASSERT_EQ(test, ret.done, full * PAGE);
	for (k = 0; k < full; k++)
		w->page[i][ia + k] = 0;
}

static void world_lookup(struct kunit *test, struct world *w, u32 i)
{
	u64 ia = rnd(WORLD_IAS), off = rnd(PAGE);
	struct hyp_iommu_ret ret = call(HYP_IOMMU_IOVA_TO_PHYS, w->handle[i], ia * PAGE + off);

	if (!w->page[i][ia]) {
		KUNIT_ASSERT_EQ(test, ret.status, -ENOENT);
		return;
	}
	KUNIT_ASSERT_EQ(test, ret.status, 0);
	KUNIT_ASSERT_EQ(test, ret.done, w->pa + (w->page[i][ia] - 1) * PAGE + off);
}

static void world_attach(struct kunit *test, struct world *w, u32 i)
{
	u32 endpoint = rnd(8), j;
	bool taken = false;

	for (j = 0; j < WORLD_DOMAINS; j++)
		taken |= w->attached[j] & BIT(endpoint);
	if (rnd(2)) {
		KUNIT_ASSERT_EQ(test, attach(w->handle[i], UNIT_A, endpoint), taken ? -EBUSY : 0);
		if (!taken)
			w->attached[i] |= BIT(endpoint);
	} else {
		KUNIT_ASSERT_EQ(test, detach(w->handle[i], UNIT_A, endpoint),
				w->attached[i] & BIT(endpoint) ? 0 : -ENOENT);
		w->attached[i] &= ~BIT(endpoint);
	}
}

static void random_calls_agree_with_a_flat_model(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	u32 i, n;

	KUNIT_ASSERT_NOT_NULL(test, w);
	random_state = 42;
	w->pa = sim_alloc(SIM_HOST, WORLD_PAGES, 0);
	for (i = 0; i < WORLD_DOMAINS; i++)
		w->handle[i] = alloc_domain(test);

	for (n = 0; n < 50000; n++) {
		i = rnd(WORLD_DOMAINS);
		switch (rnd(8)) {
		case 0 ... 2:
			world_map(test, w, i);
			break;
		case 3 ... 5:
			world_unmap(test, w, i);
			break;
		case 6:
			world_lookup(test, w, i);
			break;
		default:
			world_attach(test, w, i);
		}
		if (n % 64 == 0)
			check_world(test, w);
	}
	for (i = 0; i < WORLD_DOMAINS; i++) {
		for (n = 0; n < 8; n++)
			detach(w->handle[i], UNIT_A, n);
		free_domain(test, w->handle[i]);
	}
	KUNIT_EXPECT_EQ(test, pins(), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(map_pins_and_unmap_unpins),
	KUNIT_CASE(map_checks_arguments),
	KUNIT_CASE(map_goes_on_after_enomem),
	KUNIT_CASE(map_stops_at_what_is_mapped),
	KUNIT_CASE(blocks_are_used_and_not_split),
	KUNIT_CASE(scattered_unmap_is_bounded),
	KUNIT_CASE(random_calls_agree_with_a_flat_model),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_core_map",
	.suite_init = core_hostile_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
