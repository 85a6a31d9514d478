// SPDX-License-Identifier: GPL-2.0-only
/*
 * HYP_IOMMU_UNMAP_LIST: ranges from a list in the host's memory, which the host may
 * change at any moment, are unmapped; to be completed by a sync.
 */
#include <kunit/test.h>

#include "kunit/core_kunit.h"

#define MIB	BIT_ULL(20)
#define RANGE(nr)	((nr) * sizeof(struct hyp_iommu_range))
#define MAX	HYP_IOMMU_MAX_RANGES

static u64 list, memory;	/* of the host: a page, and 2049 */

/* What page @i of a domain is mapped to: no block, whatever its size. */
static u64 page_of(u64 i)
{
	return memory + (i + 1) * PAGE;
}

static void put(u32 nr, u64 ia, u64 size)
{
	sim_write64(list + RANGE(nr), ia);
	sim_write64(list + RANGE(nr) + 8, size);
}

/* Single pages, of which no two are neighbours; the last one first. */
static void put_scattered(u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		put(i, 2 * (nr - 1 - i) * PAGE, PAGE);
}

/* A domain that unit A uses, and that maps @pages. */
static u64 mapped_domain(struct kunit *test, u64 tables, u64 pages)
{
	u64 d = core_domain(test, UNIT_A, tables), done;

	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	for (done = 0; done < pages; done += 512)
		KUNIT_ASSERT_EQ(test, map(d, done * PAGE, page_of(done),
					  min(pages - done, 512) * PAGE), 0);
	return d;
}

static void end_domain(struct kunit *test, u64 d)
{
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	free_domain(test, d);
	KUNIT_EXPECT_EQ(test, pins(), 0);
}

static struct hyp_iommu_ret unmap_list(u64 d, u64 at, u64 nr)
{
	return call(HYP_IOMMU_UNMAP_LIST, d, at, nr);
}

static s64 sync(u64 d)
{
	return call(HYP_IOMMU_SYNC, d).status;
}

static void a_list_is_unmapped_in_one_call(struct kunit *test)
{
	const struct fake_unit *unit = &fake_units[UNIT_A];
	u64 d = mapped_domain(test, 16, 2 * MAX), i;
	u32 told = unit->calls[FAKE_INVALIDATE];
	struct hyp_iommu_ret ret;

	put_scattered(MAX);
	ret = unmap_list(d, list, MAX);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, MAX * PAGE);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), MAX);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_DEFERRED), MAX);
	for (i = 0; i < 2 * MAX; i++)
		KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, i * PAGE).status,
				i % 2 ? 0 : -ENOENT);
	/* Devices may still go there. */
	KUNIT_EXPECT_EQ(test, pins(), 2 * MAX);
	KUNIT_EXPECT_EQ(test, sim_host_donate(page_of(0), 1, SIM_GUEST), -EBUSY);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_INVALIDATE], told);

	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, unit->calls[FAKE_INVALIDATE], told + 1);
	KUNIT_EXPECT_EQ(test, pins(), MAX);
	for (i = 0; i < 2 * MAX; i++)
		KUNIT_ASSERT_EQ(test, sim_pins(page_of(i)), i % 2);
	/* Ranges of several pages, from the middle of the page on. */
	put(200, 1 * PAGE, PAGE);
	KUNIT_EXPECT_EQ(test, map(d, 4 * MIB, page_of(0), 9 * PAGE), 0);
	put(201, 4 * MIB + PAGE, 8 * PAGE);
	ret = unmap_list(d, list + RANGE(200), 2);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, 9 * PAGE);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_DEFERRED), 9);
	end_domain(test, d);
}

static void arguments_are_checked(struct kunit *test)
{
	u64 d = mapped_domain(test, 8, 4);
	const u64 good[HYP_IOMMU_MAX_ARGS] = { d, list, 2 };
	const struct {
		u32 arg;
		u64 val;
		s64 status;
	} bad[] = {
		{ 0, d + 1, -EBADF }, { 0, 0, -EBADF },
		{ 1, list + 8, -EINVAL }, { 1, list + PAGE - RANGE(1), -EINVAL },
		{ 1, 0, -EPERM }, { 1, ~0ULL << 12, -EPERM }, { 1, 1ULL << 63, -EPERM },
		{ 2, 0, -EINVAL }, { 2, MAX + 1, -EINVAL }, { 2, ~0ULL, -EINVAL },
		{ 2, 1ULL << 60, -EINVAL }, { 3, 1, -EINVAL },
	};
	u64 args[HYP_IOMMU_MAX_ARGS];
	struct hyp_iommu_ret ret;
	u32 i;

	put_scattered(2);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memcpy(args, good, sizeof(args));
		args[bad[i].arg] = bad[i].val;
		ret = call_array(HYP_IOMMU_UNMAP_LIST, args);
		KUNIT_EXPECT_EQ_MSG(test, ret.status, bad[i].status, "row %u", i);
		KUNIT_EXPECT_EQ(test, ret.done, 0);
	}
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), 4);
	KUNIT_EXPECT_EQ(test, unmap_list(d, list, 2).done, 2 * PAGE);
	end_domain(test, d);
}

static void the_list_has_to_be_the_hosts(struct kunit *test)
{
	static const enum sim_owner owners[] = { SIM_HYP, SIM_GUEST, SIM_NONE, SIM_NOMEM };
	u64 d = mapped_domain(test, 8, 1), page;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		page = sim_alloc(SIM_HOST, 1, 0);
		sim_write64(page, 0);
		sim_write64(page + 8, PAGE);
		sim_set_owner(page, 1, owners[i]);
		KUNIT_EXPECT_EQ(test, unmap_list(d, page, 1).status, -EPERM);
	}
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), 1);
	end_domain(test, d);
}

/* What is before a bad range is done, and nothing of it or behind it. */
static void bad_ranges_end_the_call(struct kunit *test)
{
	const struct {
		u64 ia, size;
		s64 status;
	} bad[] = {
		{ 1, PAGE, -EINVAL }, { 0, PAGE - 1, -EINVAL }, { 0, 0, -EINVAL },
		{ ~0ULL << 12, 2 * PAGE, -EINVAL }, { 0, ~0ULL << 12, -EINVAL },
		{ 1ULL << 60, PAGE, -EINVAL }, { ~0ULL, ~0ULL, -EINVAL },
		{ 128 * PAGE, PAGE, -ENOENT },
		{ 2 * MIB, PAGE, -E2BIG },
	};
	struct hyp_iommu_ret ret;
	u64 d;
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		/* Also in the second part of the list that is read. */
		for (n = 1; n < 40; n += 33) {
			d = mapped_domain(test, 8, 128);
			KUNIT_ASSERT_EQ(test, map(d, 2 * MIB, memory, 2 * MIB), 0);
			put_scattered(n + 1);
			put(n, bad[i].ia, bad[i].size);
			put(n + 1, PAGE, PAGE);
			ret = unmap_list(d, list, n + 2);
			KUNIT_EXPECT_EQ_MSG(test, ret.status, bad[i].status, "row %u", i);
			KUNIT_EXPECT_EQ(test, ret.done, n * PAGE);
			KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED),
					128 - n + 512);
			KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_DEFERRED), n);
			end_domain(test, d);
		}
	}
}

static void the_work_of_a_call_is_bounded(struct kunit *test)
{
	u64 d = mapped_domain(test, 16, 2048), first = 2048 - 100;
	struct hyp_iommu_ret ret;

	KUNIT_ASSERT_EQ(test, map(d, 2048 * PAGE, page_of(0), 200 * PAGE), 0);
	put(0, 0, first * PAGE);
	put(1, first * PAGE, 300 * PAGE);
	ret = unmap_list(d, list, 2);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, HYP_IOMMU_MAX_ENTRIES * PAGE);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), 200);
	put(1, HYP_IOMMU_MAX_ENTRIES * PAGE, 200 * PAGE);
	ret = unmap_list(d, list + RANGE(1), 1);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, 200 * PAGE);
	end_domain(test, d);
}

/* The account of what is deferred needs a table for each 256 runs; a call goes on in the next. */
static void tables_for_the_account_are_asked_for(struct kunit *test)
{
	u64 d = mapped_domain(test, 3, 2 * MAX), taken;
	struct hyp_iommu_ret ret;

	/* All that is spare, but for none or one. */
	while (call(HYP_IOMMU_POOL_RECLAIM, d).status == 0)
		;
	put_scattered(MAX);
	ret = unmap_list(d, list, MAX);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, ret.need, 1);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	core_donate(test, d, 1);
	put(0, 1 * PAGE, PAGE);
	KUNIT_EXPECT_EQ(test, unmap_list(d, list, 1).done, PAGE);
	put(0, 2 * (MAX - 1) * PAGE, PAGE);
	ret = unmap_list(d, list, MAX);
	taken = (MAX - 1) * PAGE;
	KUNIT_EXPECT_EQ(test, ret.status, -ENOSPC);
	KUNIT_EXPECT_EQ(test, ret.done, taken);
	core_donate(test, d, 1);
	ret = unmap_list(d, list + RANGE(MAX - 1), 1);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, PAGE);
	KUNIT_EXPECT_EQ(test, sync(d), 0);
	KUNIT_EXPECT_EQ(test, pins(), MAX - 1);
	end_domain(test, d);
}

/* What a host does as soon as it was read from; it saw how often that was. */
static struct {
	u64 bytes, reads, domain;
} host;

static void host_changes_the_list(const struct sim_event *ev, void *arg)
{
	u32 i;

	if (ev->kind != SIM_EV_READ_HOST)
		return;
	host.bytes += ev->size;
	for (i = 0; i < ev->size / RANGE(1); i++)
		*(u64 *)sim_ptr(ev->pa + RANGE(i)) = PAGE;
}

static void the_list_is_read_once(struct kunit *test)
{
	u64 d = mapped_domain(test, 8, 140), i;
	struct hyp_iommu_ret ret;

	put_scattered(70);
	host.bytes = 0;
	sim_set_trace(host_changes_the_list, NULL);
	ret = unmap_list(d, list, 70);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, 70 * PAGE);
	KUNIT_EXPECT_EQ(test, host.bytes, RANGE(70));
	for (i = 0; i < 140; i++)
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, i * PAGE).status,
				i % 2 ? 0 : -ENOENT);
	end_domain(test, d);
}

/* Another CPU frees the domain between two parts of the list. */
static void host_frees_the_domain(const struct sim_event *ev, void *arg)
{
	struct kunit *test = arg;

	if (ev->kind != SIM_EV_READ_HOST || ++host.reads != 2)
		return;
	KUNIT_EXPECT_EQ(test, detach(host.domain, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, host.domain).status, -EAGAIN);
}

static void the_domain_may_end_in_between(struct kunit *test)
{
	struct hyp_iommu_ret ret;

	host.domain = mapped_domain(test, 8, 200);
	host.reads = 0;
	put_scattered(100);
	sim_set_trace(host_frees_the_domain, test);
	ret = unmap_list(host.domain, list, 100);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_EQ(test, ret.status, -EBADF);
	KUNIT_EXPECT_EQ(test, ret.done, 32 * PAGE);
	KUNIT_EXPECT_EQ(test, pins(), 200);
	free_domain(test, host.domain);
	KUNIT_EXPECT_EQ(test, pins(), 0);
}

static int list_suite_init(struct kunit_suite *suite)
{
	int ret = core_hostile_suite_init(suite);

	if (ret)
		return ret;
	list = sim_alloc(SIM_HOST, 1, 0);
	memory = sim_alloc(SIM_HOST, 2049, 2 * MIB);
	return list && memory ? 0 : -ENOMEM;
}

static struct kunit_case list_cases[] = {
	KUNIT_CASE(a_list_is_unmapped_in_one_call),
	KUNIT_CASE(arguments_are_checked),
	KUNIT_CASE(the_list_has_to_be_the_hosts),
	KUNIT_CASE(bad_ranges_end_the_call),
	KUNIT_CASE(the_work_of_a_call_is_bounded),
	KUNIT_CASE(tables_for_the_account_are_asked_for),
	KUNIT_CASE(the_list_is_read_once),
	KUNIT_CASE(the_domain_may_end_in_between),
	{}
};

static struct kunit_suite list_suite = {
	.name = "hyp_core_list",
	.suite_init = list_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = list_cases,
};

kunit_test_suite(list_suite);
