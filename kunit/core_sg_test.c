// SPDX-License-Identifier: GPL-2.0-only
/*
 * HYP_IOMMU_MAP_SG: a list in the host's memory, which the host may change at
 * any moment, and which may be memory that is not the host's at all.
 */
#include <kunit/test.h>

#include "kunit/core_kunit.h"

#define MIB	BIT_ULL(20)
#define SG(nr)	((nr) * sizeof(struct hyp_iommu_sg))

static u64 list, memory;	/* of the host: a page, and 1024 */

static void put(u64 at, u32 nr, u64 oa, u64 size)
{
	sim_write64(at + SG(nr), oa);
	sim_write64(at + SG(nr) + 8, size);
}

/* @nr pages of which no two are neighbours. */
static void put_scattered(u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		put(list, i, memory + 2 * i * PAGE, PAGE);
}

static struct hyp_iommu_ret map_sg(u64 d, u64 ia, u64 at, u64 nr)
{
	return call(HYP_IOMMU_MAP_SG, d, ia, at, nr, RW);
}

static void expect_clean(struct kunit *test, u64 d, u64 ia, u64 mapped)
{
	u64 i;

	KUNIT_EXPECT_EQ(test, pins(), mapped);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), mapped);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, ia + mapped * PAGE).status, -ENOENT);
	for (i = 0; i < mapped; i++)
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, ia + i * PAGE).status, 0);
}

static void a_list_is_mapped_in_one_call(struct kunit *test)
{
	u64 d = core_domain(test, UNIT_A, 8);
	struct hyp_iommu_ret ret;
	u32 i;

	put_scattered(HYP_IOMMU_MAX_SG);
	ret = map_sg(d, 5 * PAGE, list, HYP_IOMMU_MAX_SG);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, HYP_IOMMU_MAX_SG * PAGE);
	for (i = 0; i < HYP_IOMMU_MAX_SG; i++) {
		KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, (5 + i) * PAGE).done,
				memory + 2 * i * PAGE);
		KUNIT_ASSERT_EQ(test, sim_pins(memory + 2 * i * PAGE), 1);
		KUNIT_ASSERT_EQ(test, sim_pins(memory + (2 * i + 1) * PAGE), 0);
	}
	KUNIT_EXPECT_EQ(test, sim_pins(list), 0);
	/* Pieces of several pages, behind each other, from the middle of a page on. */
	put(list, 200, memory, 3 * PAGE);
	put(list, 201, memory + 7 * PAGE, 2 * PAGE);
	ret = map_sg(d, 4 * MIB, list + SG(200), 2);
	KUNIT_EXPECT_EQ(test, ret.done, 5 * PAGE);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, 4 * MIB + 3 * PAGE + 5).done,
			memory + 7 * PAGE + 5);
	free_domain(test, d);
	KUNIT_EXPECT_EQ(test, pins(), 0);
}

static void arguments_are_checked(struct kunit *test)
{
	u64 d = core_domain(test, UNIT_A, 8);
	const u64 good[HYP_IOMMU_MAX_ARGS] = { d, 0, list, 2, RW };
	const struct {
		u32 arg;
		u64 val;
		s64 status;
	} bad[] = {
		{ 0, d + 1, -EBADF }, { 0, 0, -EBADF },
		{ 1, 1, -EINVAL }, { 1, 1ULL << 40, -EINVAL }, { 1, (1ULL << 40) - PAGE, -EINVAL },
		{ 1, ~0ULL << 12, -EINVAL },
		{ 2, list + 8, -EINVAL }, { 2, list + PAGE - SG(1), -EINVAL },
		{ 2, 0, -EPERM }, { 2, ~0ULL << 12, -EPERM }, { 2, 1ULL << 63, -EPERM },
		{ 3, 0, -EINVAL }, { 3, HYP_IOMMU_MAX_SG + 1, -EINVAL }, { 3, ~0ULL, -EINVAL },
		{ 3, 1ULL << 60, -EINVAL },
		{ 4, 0, -EINVAL }, { 4, HYP_IOMMU_CACHE, -EINVAL }, { 4, RW | 0x20, -EINVAL },
	};
	u64 args[HYP_IOMMU_MAX_ARGS];
	u32 i;

	put_scattered(2);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct hyp_iommu_ret ret;

		memcpy(args, good, sizeof(args));
		args[bad[i].arg] = bad[i].val;
		ret = call_array(HYP_IOMMU_MAP_SG, args);
		KUNIT_EXPECT_EQ_MSG(test, ret.status, bad[i].status, "argument %u is %#llx",
				    bad[i].arg, (unsigned long long)bad[i].val);
		/* The last page there is takes the first piece. */
		KUNIT_EXPECT_EQ(test, ret.done, bad[i].val == (1ULL << 40) - PAGE ? PAGE : 0);
	}
	KUNIT_EXPECT_EQ(test, unmap(d, (1ULL << 40) - PAGE, PAGE), 0);
	expect_clean(test, d, 0, 0);
	free_domain(test, d);
}

static void the_list_has_to_be_the_hosts(struct kunit *test)
{
	static const enum sim_owner owners[] = { SIM_HYP, SIM_GUEST, SIM_NONE, SIM_NOMEM };
	u64 d = core_domain(test, UNIT_A, 8), page;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		page = sim_alloc(SIM_HOST, 1, 0);
		put(page, 0, memory, PAGE);
		KUNIT_EXPECT_EQ(test, map_sg(d, 0, page, 1).status, 0);
		KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), 0);
		sim_set_owner(page, 1, owners[i]);
		KUNIT_EXPECT_EQ(test, map_sg(d, 0, page, 1).status, -EPERM);
		expect_clean(test, d, 0, 0);
	}
	/* What a guest has lent to the host, the host can read. */
	page = sim_alloc(SIM_GUEST, 1, 0);
	sim_set_shared(page, 1, true);
	put(page, 0, memory, PAGE);
	KUNIT_EXPECT_EQ(test, map_sg(d, 0, page, 1).status, 0);
	free_domain(test, d);
}

static void each_piece_has_to_be_the_hosts(struct kunit *test)
{
	static const enum sim_owner owners[] = { SIM_HYP, SIM_GUEST, SIM_NONE, SIM_NOMEM };
	u64 d = core_domain(test, UNIT_A, 8), page;
	struct hyp_iommu_ret ret;
	u32 i, n;

	/* Also in the second part of the list that is read. */
	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		for (n = 0; n < 100; n += 33) {
			page = sim_alloc(owners[i], 1, 0);
			put_scattered(100);
			put(list, n, page, PAGE);
			ret = map_sg(d, 0, list, 100);
			KUNIT_EXPECT_EQ(test, ret.status, -EPERM);
			KUNIT_EXPECT_EQ(test, ret.done, n * PAGE);
			KUNIT_EXPECT_EQ(test, sim_pins(page), 0);
			expect_clean(test, d, 0, n);
			for (; n && ret.done; ret.done -= PAGE)
				KUNIT_ASSERT_EQ(test, unmap(d, ret.done - PAGE, PAGE), 0);
		}
	}
	free_domain(test, d);
}

static void bad_pieces_end_the_call(struct kunit *test)
{
	const u64 bad[][2] = {
		{ memory + 1, PAGE }, { memory, PAGE - 1 }, { memory, 0 }, { memory + 8, 8 },
		{ ~0ULL << 12, 2 * PAGE }, { 0, ~0ULL << 12 }, { 1ULL << 48, PAGE },
		{ ~0ULL, ~0ULL },
	};
	u64 d = core_domain(test, UNIT_A, 8);
	struct hyp_iommu_ret ret;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		put_scattered(3);
		put(list, 1, bad[i][0], bad[i][1]);
		ret = map_sg(d, 0, list, 3);
		KUNIT_EXPECT_LT_MSG(test, ret.status, 0, "piece %u", i);
		KUNIT_EXPECT_EQ(test, ret.done, PAGE);
		expect_clean(test, d, 0, 1);
		KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), 0);
	}
	/* It is not even asked whose a piece is that is none. */
	put(list, 0, sim_alloc(SIM_GUEST, 1, 0), PAGE + 8);
	KUNIT_EXPECT_EQ(test, map_sg(d, 0, list, 1).status, -EINVAL);
	free_domain(test, d);
}

/* What a host does as soon as it was read from; it saw how often that was. */
static struct {
	u64 bytes, reads;
	u64 page, domain;
} host;

static void host_changes_the_list(const struct sim_event *ev, void *arg)
{
	u32 i;

	if (ev->kind != SIM_EV_READ_HOST)
		return;
	host.reads++;
	host.bytes += ev->size;
	for (i = 0; i < ev->size / SG(1); i++) {
		*(u64 *)sim_ptr(ev->pa + SG(i)) = host.page;
		*(u64 *)sim_ptr(ev->pa + SG(i) + 8) = 100 * PAGE;
	}
}

static void the_list_is_read_once(struct kunit *test)
{
	u64 d = core_domain(test, UNIT_A, 8);
	struct hyp_iommu_ret ret;
	u32 i;

	put_scattered(70);
	host.reads = 0;
	host.bytes = 0;
	host.page = sim_alloc(SIM_HYP, 1, 0);
	sim_set_trace(host_changes_the_list, NULL);
	ret = map_sg(d, 0, list, 70);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, 70 * PAGE);
	KUNIT_EXPECT_EQ(test, host.bytes, SG(70));
	for (i = 0; i < 70; i++)
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, i * PAGE).done,
				memory + 2 * i * PAGE);
	KUNIT_EXPECT_EQ(test, sim_pins(host.page), 0);
	free_domain(test, d);
}

/* Another CPU frees the domain between two parts of the list. */
static void host_frees_the_domain(const struct sim_event *ev, void *arg)
{
	struct kunit *test = arg;

	if (ev->kind == SIM_EV_READ_HOST && ++host.reads == 2)
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, host.domain).status, -EAGAIN);
}

static void the_domain_may_end_in_between(struct kunit *test)
{
	struct hyp_iommu_ret ret;

	host.domain = core_domain(test, UNIT_A, 8);
	host.reads = 0;
	put_scattered(100);
	sim_set_trace(host_frees_the_domain, test);
	ret = map_sg(host.domain, 0, list, 100);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_EQ(test, ret.status, -EBADF);
	KUNIT_EXPECT_EQ(test, ret.done, 32 * PAGE);
	KUNIT_EXPECT_EQ(test, pins(), 32);
	free_domain(test, host.domain);
	KUNIT_EXPECT_EQ(test, pins(), 0);
}

static void big_pieces_are_mapped_in_parts(struct kunit *test)
{
	u64 d = core_domain(test, UNIT_A, 8);
	struct hyp_iommu_ret ret;

	put(list, 0, memory, 2 * PAGE);
	put(list, 1, memory, 1000 * PAGE);
	put(list, 2, memory, 2 * PAGE);
	ret = map_sg(d, PAGE, list, 3);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, HYP_IOMMU_MAX_LEAVES * PAGE);
	KUNIT_EXPECT_EQ(test, pins(), HYP_IOMMU_MAX_LEAVES);
	put(list, 1, memory + 510 * PAGE, 490 * PAGE);
	ret = map_sg(d, (1 + HYP_IOMMU_MAX_LEAVES) * PAGE, list + SG(1), 2);
	KUNIT_EXPECT_EQ(test, ret.done, 492 * PAGE);
	KUNIT_EXPECT_EQ(test, pins(), 1004);
	free_domain(test, d);
}

static void it_stops_where_memory_ends_and_at_what_is_mapped(struct kunit *test)
{
	u64 d = core_domain(test, UNIT_A, 0);
	struct hyp_iommu_ret ret;

	put_scattered(10);
	ret = map_sg(d, 2 * MIB - 4 * PAGE, list, 10);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	KUNIT_EXPECT_EQ(test, ret.need, 2);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, sim_alloc(SIM_HOST, 2, 0), 2).done, 2);
	ret = map_sg(d, 2 * MIB - 4 * PAGE, list, 10);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, ret.done, 4 * PAGE);
	KUNIT_EXPECT_EQ(test, ret.need, 1);
	KUNIT_EXPECT_EQ(test, pins(), 4);
	KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, sim_alloc(SIM_HOST, 1, 0), 1).done, 1);
	KUNIT_ASSERT_EQ(test, map(d, 2 * MIB + 3 * PAGE, memory, PAGE), 0);
	ret = map_sg(d, 2 * MIB, list + SG(4), 6);
	KUNIT_EXPECT_EQ(test, ret.status, -EEXIST);
	KUNIT_EXPECT_EQ(test, ret.done, 3 * PAGE);
	KUNIT_EXPECT_EQ(test, pins(), 8);
	free_domain(test, d);
}

/* A piece of which only the beginning finds room is unpinned but for that. */
static void the_rest_of_a_piece_is_unpinned(struct kunit *test)
{
	u64 d = core_domain(test, UNIT_A, 8);
	struct hyp_iommu_ret ret;

	KUNIT_ASSERT_EQ(test, map(d, 5 * PAGE, memory + 900 * PAGE, PAGE), 0);
	put(list, 0, memory, 2 * PAGE);
	put(list, 1, memory + 10 * PAGE, 8 * PAGE);
	put(list, 2, memory + 20 * PAGE, PAGE);
	ret = map_sg(d, 0, list, 3);
	KUNIT_EXPECT_EQ(test, ret.status, -EEXIST);
	KUNIT_EXPECT_EQ(test, ret.done, 5 * PAGE);
	KUNIT_EXPECT_EQ(test, sim_pins(memory + 12 * PAGE), 1);
	KUNIT_EXPECT_EQ(test, sim_pins(memory + 13 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(memory + 20 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, pins(), 6);
	free_domain(test, d);
}

static void a_unit_that_notices_maps_is_told_once(struct kunit *test)
{
	const struct fake_unit *unit = &fake_units[UNIT_NOTICES_MAPS];
	u64 d = core_domain(test, UNIT_NOTICES_MAPS, 8);
	u32 told;

	KUNIT_ASSERT_EQ(test, attach(d, UNIT_NOTICES_MAPS, 1), 0);
	told = unit->calls[FAKE_INVALIDATE];
	put_scattered(HYP_IOMMU_MAX_SG);
	KUNIT_EXPECT_EQ(test, map_sg(d, 0, list, HYP_IOMMU_MAX_SG).status, 0);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_INVALIDATE], told + 1);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_WAIT], unit->calls[FAKE_INVALIDATE]);
	/* Of all of it. */
	KUNIT_EXPECT_EQ(test, unit->first, 0);
	KUNIT_EXPECT_EQ(test, unit->last, HYP_IOMMU_MAX_SG * PAGE - 1);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_NOTICES_MAPS, 1), 0);
	free_domain(test, d);
}

/* What a unit has remembered is the same as with single calls. */
static void other_units_are_told_nothing(struct kunit *test)
{
	const struct fake_unit *unit = &fake_units[UNIT_A];
	u64 d = core_domain(test, UNIT_A, 8);
	u32 told;

	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	told = unit->calls[FAKE_INVALIDATE];
	put_scattered(64);
	KUNIT_EXPECT_EQ(test, map_sg(d, 0, list, 64).status, 0);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_INVALIDATE], told);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	free_domain(test, d);
}

static int sg_suite_init(struct kunit_suite *suite)
{
	int ret = core_hostile_suite_init(suite);

	if (ret)
		return ret;
	list = sim_alloc(SIM_HOST, 1, 0);
	memory = sim_alloc(SIM_HOST, 1024, 0);
	return list && memory ? 0 : -ENOMEM;
}

static struct kunit_case sg_cases[] = {
	KUNIT_CASE(a_list_is_mapped_in_one_call),
	KUNIT_CASE(arguments_are_checked),
	KUNIT_CASE(the_list_has_to_be_the_hosts),
	KUNIT_CASE(each_piece_has_to_be_the_hosts),
	KUNIT_CASE(bad_pieces_end_the_call),
	KUNIT_CASE(the_list_is_read_once),
	KUNIT_CASE(the_domain_may_end_in_between),
	KUNIT_CASE(big_pieces_are_mapped_in_parts),
	KUNIT_CASE(it_stops_where_memory_ends_and_at_what_is_mapped),
	KUNIT_CASE(the_rest_of_a_piece_is_unpinned),
	KUNIT_CASE(a_unit_that_notices_maps_is_told_once),
	KUNIT_CASE(other_units_are_told_nothing),
	{}
};

static struct kunit_suite sg_suite = {
	.name = "hyp_core_sg",
	.suite_init = sg_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = sg_cases,
};

kunit_test_suite(sg_suite);
