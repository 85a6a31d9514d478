// SPDX-License-Identifier: GPL-2.0-only
/*
 * The core through its hypercalls, on the simulated platform, with units that
 * the tests steer (models/fake_unit.h).
 *
 * The core's state outlives a case, as a hypervisor's does: each case takes
 * down what it made, and core_exit() checks that nothing is left.
 */
#include <kunit/test.h>

#include "core/domain.h"
#include "kunit/core_kunit.h"
#include "kunit/models/fake_unit.h"
#include "pgtable/fmt_vmsa.h"
#include "platform/sim/sim.h"

#define PAGE	HYP_IOMMU_PAGE_SIZE
#define RW	(HYP_IOMMU_READ | HYP_IOMMU_WRITE)
#define REGS	0x9000000ULL	/* of unit n: REGS + n * REGS_SIZE */
#define REGS_SIZE	0x10000ULL
#define WINDOW	0x8080000ULL

/* Units that the suite adds at its start; others are for cases that break them. */
static u32 first_unit;		/* a suite before this one may have added some */
#define UNIT_A			(first_unit + 0)
#define UNIT_B			(first_unit + 1)
#define UNIT_OTHER_FORMAT	(first_unit + 2)
#define UNIT_NONCOHERENT	(first_unit + 3)
#define UNIT_NOTICES_MAPS	(first_unit + 4)
#define UNIT_BROKEN		(first_unit + 5)

static u32 broken_units;	/* used up so far */

static u64 nop_read(void *priv, u32 offset, unsigned int width)
{
	return 0;
}

static void nop_write(void *priv, u32 offset, u64 val, unsigned int width)
{
}

static const struct sim_mmio_ops nop_ops = { .read = nop_read, .write = nop_write };

static u64 stat(enum hyp_iommu_stat what)
{
	return call(HYP_IOMMU_STAT, what, 0).done;
}

static u64 domain_info(u64 domain, enum hyp_iommu_domain_info what)
{
	return call(HYP_IOMMU_DOMAIN_INFO, domain, what).done;
}

static s64 add_unit(u32 nr)
{
	u64 pa = REGS + nr * REGS_SIZE;

	sim_mmio_register(pa, REGS_SIZE, &nop_ops, NULL);
	return call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, pa, REGS_SIZE, 0,
		    sim_alloc(SIM_HOST, FAKE_PAGES, 0), FAKE_PAGES).status;
}

static u64 alloc_domain_of(struct kunit *test, u32 unit)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_ANY, 0);
	u64 root;

	KUNIT_ASSERT_EQ(test, ret.status, -ENOMEM);
	KUNIT_ASSERT_GT(test, ret.need, 0);
	root = sim_alloc(SIM_HOST, ret.need, ret.need * PAGE);
	KUNIT_ASSERT_NE(test, root, 0);
	ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_ANY, root);
	KUNIT_ASSERT_EQ(test, ret.status, 0);
	return ret.done;
}

static u64 alloc_domain(struct kunit *test)
{
	return alloc_domain_of(test, UNIT_A);
}

static void donate(struct kunit *test, u64 domain, u64 nr)
{
	u64 pa = sim_alloc(SIM_HOST, nr, 0);
	struct hyp_iommu_ret ret = call(HYP_IOMMU_POOL_DONATE, domain, pa, nr);

	KUNIT_ASSERT_EQ(test, ret.status, 0);
	KUNIT_ASSERT_EQ(test, ret.done, nr);
}

/* Take all spare pages back, as the host does when it is done. */
static void reclaim_all(struct kunit *test)
{
	struct hyp_iommu_ret ret;

	for (;;) {
		ret = call(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN);
		if (ret.status)
			break;
		KUNIT_EXPECT_EQ(test, sim_owner(ret.done), SIM_HOST);
	}
	KUNIT_EXPECT_EQ(test, ret.status, -ENOENT);
}

static s64 map(u64 domain, u64 ia, u64 oa, u64 size)
{
	return call(HYP_IOMMU_MAP, domain, ia, oa, size, RW).status;
}

static s64 unmap(u64 domain, u64 ia, u64 size)
{
	return call(HYP_IOMMU_UNMAP, domain, ia, size).status;
}

static s64 attach(u64 domain, u32 unit, u64 endpoint)
{
	return call(HYP_IOMMU_ATTACH, domain, unit, endpoint, HYP_IOMMU_NO_PASID).status;
}

static s64 detach(u64 domain, u32 unit, u64 endpoint)
{
	return call(HYP_IOMMU_DETACH, domain, unit, endpoint, HYP_IOMMU_NO_PASID).status;
}

/* ---- units ---- */

static void unit_add_checks_arguments(struct kunit *test)
{
	const u64 good[] = { FAKE_KIND, 0xa000000, 0x1000, 0, 0, 0 };
	static const struct {
		u32 arg;
		u64 val;
		s64 status;
	} bad[] = {
		{ 0, HYP_IOMMU_KIND('N', 'O', 'N', 'E'), -EOPNOTSUPP },
		{ 0, ~0ULL, -EOPNOTSUPP },
		{ 1, 0xa000800, -EINVAL },
		{ 2, 0, -EINVAL },
		{ 2, 0x1800, -EINVAL },
		{ 2, ~0ULL & ~(PAGE - 1), -EINVAL },
		{ 3, 1ULL << 63, -EINVAL },
		{ 4, PAGE, -EINVAL },
		{ 5, 1ULL << 52, -EINVAL },
		{ 5, ~0ULL, -EINVAL },
	};
	u64 before = stat(HYP_IOMMU_STAT_PAGES);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		u64 args[HYP_IOMMU_MAX_ARGS];

		memcpy(args, good, sizeof(args));
		args[bad[i].arg] = bad[i].val;
		KUNIT_EXPECT_EQ_MSG(test, call_array(HYP_IOMMU_UNIT_ADD, args).status,
				    bad[i].status, "argument %u = %llx", bad[i].arg,
				    (unsigned long long)bad[i].val);
	}
	/* Not registers at all, memory, and registers that are under a window. */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, SIM_BASE, PAGE, 0, 0, 0).status,
			-EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, WINDOW, PAGE, 0, 0, 0).status,
			-EEXIST);
	/* A second time */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, REGS + UNIT_A * REGS_SIZE,
				   REGS_SIZE, 0, 0, 0).status, -EEXIST);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), before);
}

static void unit_add_asks_for_memory(struct kunit *test)
{
	u32 nr = UNIT_BROKEN + broken_units++;
	u64 pa = REGS + nr * REGS_SIZE, mem = sim_alloc(SIM_HOST, FAKE_PAGES, 0);
	struct hyp_iommu_ret ret;

	sim_mmio_register(pa, REGS_SIZE, &nop_ops, NULL);
	ret = call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, pa, REGS_SIZE, 0, mem, 1);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, ret.need, FAKE_PAGES);
	KUNIT_EXPECT_EQ(test, sim_owner(mem), SIM_HOST);
	KUNIT_EXPECT_TRUE(test, sim_mmio_taken(pa));
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, nr, HYP_IOMMU_UNIT_STATE).status, -ENODEV);

	/* It is no such unit: its memory comes back, and it may be tried again. */
	fake_units[nr].fail[FAKE_INIT] = -ENODEV;
	ret = call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, pa, REGS_SIZE, 0, mem, FAKE_PAGES);
	KUNIT_EXPECT_EQ(test, ret.status, -ENODEV);
	KUNIT_EXPECT_EQ(test, sim_owner(mem), SIM_HOST);

	/* It does not do what it is told: it keeps the memory, and is stopped. */
	fake_units[nr].fail[FAKE_INIT] = -EIO;
	ret = call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, pa, REGS_SIZE, 0, mem, FAKE_PAGES);
	KUNIT_EXPECT_EQ(test, ret.status, -EIO);
	KUNIT_EXPECT_EQ(test, sim_owner(mem), SIM_HYP);
	KUNIT_EXPECT_EQ(test, fake_units[nr].calls[FAKE_STOP], 1);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, nr, HYP_IOMMU_UNIT_STATE).done,
			HYP_IOMMU_UNIT_STOPPED);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, nr, 0, 0).status, -EIO);
}

static void faults_are_packed(struct kunit *test)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_FAULT_READ, UNIT_A);

	KUNIT_EXPECT_EQ(test, ret.status, -ENOENT);
	fake_units[UNIT_A].faults = 1;
	ret = call(HYP_IOMMU_FAULT_READ, UNIT_A);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, 0x123456789000);
	KUNIT_EXPECT_EQ(test, ret.need & HYP_IOMMU_FAULT_ENDPOINT, 0x2a);
	KUNIT_EXPECT_EQ(test, (ret.need & HYP_IOMMU_FAULT_PASID) >> HYP_IOMMU_FAULT_PASID_SHIFT,
			0xabcde);
	KUNIT_EXPECT_EQ(test, (ret.need & HYP_IOMMU_FAULT_REASON) >> HYP_IOMMU_FAULT_REASON_SHIFT,
			HYP_IOMMU_FAULT_PERMISSION);
	KUNIT_EXPECT_TRUE(test, ret.need & HYP_IOMMU_FAULT_WRITE);
	KUNIT_EXPECT_TRUE(test, ret.need & HYP_IOMMU_FAULT_HAS_PASID);
	KUNIT_EXPECT_FALSE(test, ret.need & HYP_IOMMU_FAULT_NO_ADDRESS);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_FAULT_READ, UNIT_A).status, -ENOENT);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_FAULT_READ, 99).status, -ENODEV);
}

/* ---- the table of calls ---- */

static void unknown_calls_are_refused(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_NR_CALLS, 0).status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(~0ULL, 0).status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(1ULL << 32, 0).status, -EOPNOTSUPP);
}

static void statistics(struct kunit *test)
{
	u64 pinned = stat(HYP_IOMMU_STAT_PINNED), domains = stat(HYP_IOMMU_STAT_DOMAINS);
	u64 calls = call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_CALLS, HYP_IOMMU_VERSION).done;
	u64 errors = call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_ERRORS, HYP_IOMMU_FAULT_READ).done;
	u64 pa = sim_alloc(SIM_HOST, 3, 0), live = 0, d;
	u32 i;

	for (i = 0; !call(HYP_IOMMU_UNIT_INFO, i, 0).status; i++)
		live += call(HYP_IOMMU_UNIT_INFO, i, HYP_IOMMU_UNIT_STATE).done ==
			HYP_IOMMU_UNIT_LIVE;
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_UNITS), live);
	for (i = 0; i < HYP_IOMMU_NR_STATS; i++)
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, i).status, 0);

	call(HYP_IOMMU_VERSION);
	call(HYP_IOMMU_FAULT_READ, UNIT_B);
	call(HYP_IOMMU_FAULT_READ, ~0ULL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_CALLS, HYP_IOMMU_VERSION).done,
			calls + 1);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_ERRORS,
				   HYP_IOMMU_FAULT_READ).done, errors + 2);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_ERRORS,
				   HYP_IOMMU_VERSION).done, 0);

	d = alloc_domain(test);
	donate(test, d, 8);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_DOMAINS), domains + 1);
	KUNIT_EXPECT_EQ(test, map(d, 0, pa, 3 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), pinned + 3);
	KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), pinned + 2);
	free_domain(test, d);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), pinned);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_DOMAINS), domains);

	/* Beyond the last of everything, and an argument where none belongs. */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_NR_STATS).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, ~0ULL).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_CALLS,
				   HYP_IOMMU_NR_CALLS).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, HYP_IOMMU_STAT_ERRORS, ~0ULL).status, -EINVAL);
	for (i = 0; i < HYP_IOMMU_STAT_CALLS; i++)
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_STAT, i, 1).status, -EINVAL);
}

/* What a host is told of units and domains is what they are. */
static void information(struct kunit *test)
{
	static const u64 of_unit[HYP_IOMMU_NR_UNIT_INFOS] = {
		[HYP_IOMMU_UNIT_KIND] = FAKE_KIND,
		[HYP_IOMMU_UNIT_STATE] = HYP_IOMMU_UNIT_LIVE,
		[HYP_IOMMU_UNIT_STAGES] = BIT(HYP_IOMMU_STAGE_2),
		[HYP_IOMMU_UNIT_STAGE] = HYP_IOMMU_STAGE_2,
		[HYP_IOMMU_UNIT_ENDPOINT_BITS] = FAKE_ENDPOINT_BITS,
		[HYP_IOMMU_UNIT_PASID_BITS] = FAKE_PASID_BITS,
		[HYP_IOMMU_UNIT_COHERENT] = 1,
		[HYP_IOMMU_UNIT_ENDPOINTS] = 2,
		[HYP_IOMMU_UNIT_PAGES] = FAKE_PAGES,
	};
	u64 pa = sim_alloc(SIM_HOST, 2, 0), d = alloc_domain(test), faults;
	u64 endpoints = stat(HYP_IOMMU_STAT_ENDPOINTS);
	u32 i;

	donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_B, 1), 0);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_B, 2), 0);
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, 2 * PAGE), 0);
	for (i = 0; i <= HYP_IOMMU_UNIT_PAGES; i++) {
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, UNIT_B, i).status, 0);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, UNIT_B, i).done, of_unit[i]);
	}
	faults = call(HYP_IOMMU_UNIT_INFO, UNIT_B, HYP_IOMMU_UNIT_FAULTS).done;
	fake_units[UNIT_B].faults = 1;
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_FAULT_READ, UNIT_B).status, 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, UNIT_B, HYP_IOMMU_UNIT_FAULTS).done,
			faults + 1);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, UNIT_B, HYP_IOMMU_NR_UNIT_INFOS).status,
			-EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, HYP_IOMMU_MAX_UNITS, 0).status, -ENODEV);

	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_STAGE), HYP_IOMMU_STAGE_2);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_PAGE_SIZES), 0x40201000);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_IA_BITS), 40);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_OA_BITS), 48);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_TABLE_SIZE), PAGE);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_TABLES) +
			domain_info(d, HYP_IOMMU_DOMAIN_SPARE), 8);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), 2);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_ENDPOINTS), 2);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_INFO, d, HYP_IOMMU_NR_DOMAIN_INFOS).status,
			-EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_INFO, d + 1, 0).status, -EBADF);

	KUNIT_EXPECT_EQ(test, detach(d, UNIT_B, 1), 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, UNIT_B, HYP_IOMMU_UNIT_ENDPOINTS).done, 1);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_ENDPOINTS), endpoints + 1);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_B, 2), 0);
	free_domain(test, d);
}

static void extra_arguments_are_refused(struct kunit *test)
{
	/* As in the table of core/hypercall.c, written down once more. */
	static const u8 nr_args[] = { 0, 2, 6, 2, 2, 3, 1, 3, 1, 2, 4, 4, 5, 3, 2, 1 };
	u64 nr, i;

	static_assert(ARRAY_SIZE(nr_args) == HYP_IOMMU_NR_CALLS);
	for (nr = 0; nr < HYP_IOMMU_NR_CALLS; nr++) {
		for (i = nr_args[nr]; i < HYP_IOMMU_MAX_ARGS; i++) {
			u64 args[HYP_IOMMU_MAX_ARGS] = { 0 };

			args[i] = 1;
			KUNIT_EXPECT_EQ_MSG(test, call_array(nr, args).status, -EINVAL,
					    "call %llu, argument %llu", (unsigned long long)nr,
					    (unsigned long long)i);
		}
	}
}

/* Until here the host is trusted; the cases below run with a hostile one. */
static s64 allow(u64 pa, u64 size)
{
	return call(HYP_IOMMU_MMIO_ALLOW, pa, size).status;
}

static void windows_are_for_what_is_nobodys(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, allow(WINDOW + PAGE, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, allow(WINDOW + PAGE, PAGE + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, allow(WINDOW + PAGE + 8, PAGE), -EINVAL);
	KUNIT_EXPECT_EQ(test, allow(-PAGE, 2 * PAGE), -EINVAL);
	KUNIT_EXPECT_EQ(test, allow(SIM_BASE, PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, allow(REGS + UNIT_A * REGS_SIZE, PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, allow(REGS + UNIT_A * REGS_SIZE - PAGE, 2 * PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, allow(WINDOW, PAGE), -EEXIST);
	KUNIT_EXPECT_EQ(test, allow(WINDOW - PAGE, 2 * PAGE), -EEXIST);
	KUNIT_EXPECT_EQ(test, allow(WINDOW - PAGE, 3 * PAGE), -EEXIST);
}

static void finalise(struct kunit *test)
{
	u64 pa = 0x8090000;

	KUNIT_EXPECT_EQ(test, allow(pa, PAGE), 0);
	/* Whatever number of them there is, it ends. */
	while (pa < 0x8100000 && !allow(pa += PAGE, PAGE))
		;
	KUNIT_EXPECT_EQ(test, allow(pa, PAGE), -ENOSPC);
	sim_finalise();
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MMIO_ALLOW, 0x80a0000, PAGE).status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, 0, 0, 0, 0, 0).status,
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_VERSION, 0).done, HYP_IOMMU_ABI_VERSION);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_VERSION, 0).need, HYP_IOMMU_CAP_ISOLATION);
}

/* ---- domains and handles ---- */

static void domain_alloc_checks_arguments(struct kunit *test)
{
	u64 root = sim_alloc(SIM_HOST, 4, 4 * PAGE);
	u64 guest = sim_alloc(SIM_GUEST, 4, 4 * PAGE);
	u64 need = call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, 0).need;

	KUNIT_ASSERT_EQ(test, need, 2);	/* 40 bits: two concatenated tables */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, 99, 0, root).status, -ENODEV);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, ~0ULL, 0, root).status, -ENODEV);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 3, root).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, ~0ULL, root).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, HYP_IOMMU_STAGE_1, root).status,
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, root + PAGE).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, root + 8).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, guest).status, -EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, REGS).status, -EPERM);
	/* Beyond the 48 bits that the unit can reach */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, ~0ULL & ~0x3fffULL).status,
			-EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, 1ULL << 48).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, sim_owner(root), SIM_HOST);
}

static void stale_handles_are_refused(struct kunit *test)
{
	u64 first = alloc_domain(test), second, ia = 0x10000;
	u64 page = sim_alloc(SIM_HOST, 1, 0);
	u64 handles[6];
	u32 i;

	free_domain(test, first);
	second = alloc_domain(test);
	KUNIT_EXPECT_NE(test, first, second);	/* though it has the same slot */
	KUNIT_EXPECT_EQ(test, first & 0xffff, second & 0xffff);

	handles[0] = first;
	handles[1] = second & 0xffff;		/* no generation */
	handles[2] = second + (1ULL << 16);	/* a later one */
	handles[3] = second | 0xffff;		/* beyond the table */
	handles[4] = ~0ULL;
	handles[5] = second + 1;		/* a slot that was never used */
	for (i = 0; i < ARRAY_SIZE(handles); i++) {
		u64 h = handles[i];

		KUNIT_EXPECT_EQ(test, map(h, ia, page, PAGE), -EBADF);
		KUNIT_EXPECT_EQ(test, unmap(h, ia, PAGE), -EBADF);
		KUNIT_EXPECT_EQ(test, attach(h, UNIT_A, 1), -EBADF);
		KUNIT_EXPECT_EQ(test, detach(h, UNIT_A, 1), -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, h).status, -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_INFO, h, 0).status, -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, h, ia).status, -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, h, page, 1).status, -EBADF);
		KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_RECLAIM, h).status, -EBADF);
		KUNIT_EXPECT_EQ(test, sim_pins(page), 0);
		KUNIT_EXPECT_EQ(test, sim_owner(page), SIM_HOST);
	}
	free_domain(test, second);
}

static void slots_run_out(struct kunit *test)
{
	u64 *handles = kunit_kzalloc(test, HYP_IOMMU_MAX_DOMAINS * sizeof(u64), GFP_KERNEL);
	u64 root = sim_alloc(SIM_HOST, 2, 2 * PAGE);
	u64 before = stat(HYP_IOMMU_STAT_DOMAINS);
	u32 i, nr = HYP_IOMMU_MAX_DOMAINS - 1 - before;

	KUNIT_ASSERT_NOT_NULL(test, handles);
	for (i = 0; i < nr; i++)
		handles[i] = alloc_domain(test);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_ALLOC, UNIT_A, 0, root).status, -ENOSPC);
	KUNIT_EXPECT_EQ(test, sim_owner(root), SIM_HOST);
	for (i = 0; i < nr; i++)
		free_domain(test, handles[i]);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_DOMAINS), before);
}

/* ---- pools ---- */

static void donate_and_reclaim(struct kunit *test)
{
	u64 d = alloc_domain(test), before = stat(HYP_IOMMU_STAT_PAGES);
	u64 pa = sim_alloc(SIM_HOST, 3, 0), guest = sim_alloc(SIM_GUEST, 1, 0);
	struct hyp_iommu_ret ret;

	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa + 8, 1).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 0).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 1ULL << 52).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, ~0ULL).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, 0, 1).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, 1ULL << 48, 1).status, -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, (1ULL << 48) - PAGE, 2).status,
			-EINVAL);
	/* As high as the units reach there is just no memory. */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, (1ULL << 48) - PAGE, 1).status,
			-EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, guest, 1).status, -EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, REGS, 1).status, -EPERM);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), before);

	/* The second page is not the host's: the first one stays donated. */
	sim_set_owner(pa + PAGE, 1, SIM_GUEST);
	ret = call(HYP_IOMMU_POOL_DONATE, d, pa, 3);
	KUNIT_EXPECT_EQ(test, ret.status, -EPERM);
	KUNIT_EXPECT_EQ(test, ret.done, 1);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HYP);
	KUNIT_EXPECT_EQ(test, sim_owner(pa + 2 * PAGE), SIM_HOST);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_SPARE), 1);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), before + 1);
	/* Twice the same page */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 1).status, -EPERM);

	/* Its way back fails once, and nothing is lost. */
	sim_fail_nth(SIM_RETURN, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_RECLAIM, d).status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_SPARE), 1);
	ret = call(HYP_IOMMU_POOL_RECLAIM, d);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, pa);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HOST);
	KUNIT_EXPECT_EQ(test, sim_read64(pa), 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_RECLAIM, d).status, -ENOENT);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PAGES), before);
	free_domain(test, d);
}

static void a_big_donation_is_done_in_parts(struct kunit *test)
{
	u64 nr = HYP_IOMMU_MAX_PAGES + 10, d = alloc_domain(test);
	u64 pa = sim_alloc(SIM_HOST, nr, 0);
	struct hyp_iommu_ret ret = call(HYP_IOMMU_POOL_DONATE, d, pa, nr);

	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.done, HYP_IOMMU_MAX_PAGES);
	ret = call(HYP_IOMMU_POOL_DONATE, d, pa + ret.done * PAGE, nr - ret.done);
	KUNIT_EXPECT_EQ(test, ret.done, 10);
	/* So is giving them all up. */
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, d).status, -EAGAIN);
	/* Meanwhile the handle is good for nothing else. */
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), -EBADF);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_DONATE, d, pa, 1).status, -EBADF);
	free_domain(test, d);
}

/* ---- map and unmap ---- */

static void map_pins_and_unmap_unpins(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 4, 0), ia = 0x40000000, i;
	struct hyp_iommu_ret ret;

	donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_ASSERT_EQ(test, map(d, ia, pa, 4 * PAGE), 0);
	KUNIT_ASSERT_EQ(test, map(d, ia + 0x100000, pa, PAGE), 0);	/* once more */
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 2);
	for (i = 1; i < 4; i++)
		KUNIT_EXPECT_EQ(test, sim_pins(pa + i * PAGE), 1);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), 5);
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
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
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

	donate(test, d, 8);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_MAP, d, bad[i].ia, bad[i].oa,
						bad[i].size, bad[i].prot);

		KUNIT_EXPECT_EQ_MSG(test, ret.status, -EINVAL, "map case %u", i);
		KUNIT_EXPECT_EQ(test, ret.done, 0);
		KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
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

static void only_the_hosts_memory_is_mapped(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 3, 0);
	u64 hyp = sim_alloc(SIM_HYP, 1, 0), guest = sim_alloc(SIM_GUEST, 1, 0);

	donate(test, d, 8);
	KUNIT_EXPECT_EQ(test, map(d, 0, hyp, PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, map(d, 0, guest, PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, map(d, 0, REGS, PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, map(d, 0, 0x70000000, PAGE), -EPERM);
	/* Each page of a range counts, not the first alone. */
	sim_set_owner(pa + 2 * PAGE, 1, SIM_GUEST);
	KUNIT_EXPECT_EQ(test, map(d, 0, pa, 3 * PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
	/* What a guest shares can be mapped, and not be taken back meanwhile. */
	KUNIT_ASSERT_EQ(test, sim_guest_share(guest, 1), 0);
	KUNIT_EXPECT_EQ(test, map(d, 0, guest, PAGE), 0);
	KUNIT_EXPECT_EQ(test, sim_guest_unshare(guest, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), 0);
	KUNIT_EXPECT_EQ(test, sim_guest_unshare(guest, 1), 0);
	free_domain(test, d);
}

static void windows_are_mapped_whole_and_as_mmio(struct kunit *test)
{
	const u64 prot = HYP_IOMMU_WRITE | HYP_IOMMU_MMIO;
	u64 d = alloc_domain(test);

	donate(test, d, 8);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, 0, WINDOW, PAGE, prot).status, 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, PAGE, WINDOW, PAGE, RW).status, -EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, PAGE, WINDOW, 2 * PAGE, prot).status, -EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, PAGE, WINDOW - PAGE, PAGE, prot).status,
			-EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, PAGE, WINDOW - PAGE, 2 * PAGE, prot).status,
			-EPERM);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), 0);
	KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), 0);
	free_domain(test, d);
}

static void map_goes_on_after_enomem(struct kunit *test)
{
	u64 d = alloc_domain(test), nr = 3 * 512, pa = sim_alloc(SIM_HOST, nr, 0);
	u64 ia = 0x3fe00000 - PAGE, size = nr * PAGE, total = 0, rounds = 0;

	while (total < size) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_MAP, d, ia + total, pa + total,
						size - total, RW);

		total += ret.done;
		KUNIT_EXPECT_EQ(test, sim_total_pins(), total / PAGE);
		KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_MAPPED), total / PAGE);
		if (ret.status) {
			KUNIT_ASSERT_EQ(test, ret.status, -ENOMEM);
			KUNIT_ASSERT_GT(test, ret.need, 0);
			donate(test, d, 1);
		}
		KUNIT_ASSERT_LT(test, rounds++, 100);
	}
	KUNIT_EXPECT_GT(test, rounds, 5);
	/* With what it needs, the next one goes through in bounded steps. */
	donate(test, d, 8);
	for (total = 0; total < size;) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_MAP, d, 0x80000000 + total, pa + total,
						size - total, RW);

		KUNIT_ASSERT_EQ(test, ret.status, 0);
		KUNIT_EXPECT_LE(test, ret.done, HYP_IOMMU_MAX_LEAVES * PAGE);
		KUNIT_ASSERT_GT(test, ret.done, 0);
		total += ret.done;
	}
	free_domain(test, d);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
}

static void map_stops_at_what_is_mapped(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 8, 0);
	struct hyp_iommu_ret ret;

	donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, map(d, 5 * PAGE, pa, PAGE), 0);
	ret = call(HYP_IOMMU_MAP, d, 0, pa, 8 * PAGE, RW);
	KUNIT_EXPECT_EQ(test, ret.status, -EEXIST);
	KUNIT_EXPECT_EQ(test, ret.done, 5 * PAGE);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 2);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + 5 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 6);
	/* Unmapping stops at a hole. */
	ret = call(HYP_IOMMU_UNMAP, d, 0, 8 * PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOENT);
	KUNIT_EXPECT_EQ(test, ret.done, 6 * PAGE);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
	free_domain(test, d);
}

static void blocks_are_used_and_not_split(struct kunit *test)
{
	u64 d = alloc_domain(test), size = 2ULL << 20, pa = sim_alloc(SIM_HOST, 512, size);
	struct hyp_iommu_ret ret;

	donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, map(d, size, pa, size), 0);
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_TABLES), 1);
	ret = call(HYP_IOMMU_UNMAP, d, size, PAGE);
	KUNIT_EXPECT_EQ(test, ret.status, -E2BIG);
	KUNIT_EXPECT_EQ(test, ret.done, 0);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 512);
	KUNIT_EXPECT_EQ(test, unmap(d, size, size), 0);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
	free_domain(test, d);
}

static void scattered_unmap_is_bounded(struct kunit *test)
{
	u64 d = alloc_domain(test), nr = 2 * HYP_IOMMU_MAX_RUNS + 1, i, rounds = 0, total = 0;
	u64 pa = sim_alloc(SIM_HOST, 2 * nr, 0);

	donate(test, d, 8);
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, map(d, i * PAGE, pa + 2 * i * PAGE, PAGE), 0);
	while (total < nr * PAGE) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_UNMAP, d, total, nr * PAGE - total);

		KUNIT_ASSERT_EQ(test, ret.status, 0);
		KUNIT_ASSERT_GT(test, ret.done, 0);
		total += ret.done;
		rounds++;
		KUNIT_EXPECT_EQ(test, sim_total_pins(), nr - total / PAGE);
	}
	KUNIT_EXPECT_EQ(test, rounds, 3);
	free_domain(test, d);
}

static void pins_run_out(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 3, 0);

	donate(test, d, 8);
	sim_fail_nth(SIM_PIN, 1, -EBUSY);
	KUNIT_EXPECT_EQ(test, map(d, 0, pa, 3 * PAGE), -EBUSY);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, 0).status, -ENOENT);
	free_domain(test, d);
}

/* ---- order ---- */

struct order {
	struct kunit *test;
	u32 unpins, bad;
};

static void check_order(const struct sim_event *ev, void *arg)
{
	struct order *order = arg;

	if (ev->kind != SIM_EV_UNPIN && ev->kind != SIM_EV_RETURN)
		return;
	order->unpins++;
	if (fake_outstanding())
		order->bad++;
	/* The ownership lock comes first of all locks. */
	if (sim_locks_held())
		order->bad++;
}

static void nothing_is_unpinned_before_the_wait(struct kunit *test)
{
	struct order order = { .test = test };
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 512, 2ULL << 20);
	u32 waits = fake_units[UNIT_A].calls[FAKE_WAIT];
	u32 waits_b = fake_units[UNIT_B].calls[FAKE_WAIT];

	donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_B, 1), 0);
	KUNIT_ASSERT_EQ(test, map(d, PAGE, pa, 511 * PAGE), 0);
	KUNIT_EXPECT_EQ(test, fake_units[UNIT_A].calls[FAKE_WAIT], waits);

	sim_set_trace(check_order, &order);
	KUNIT_EXPECT_EQ(test, unmap(d, PAGE, PAGE), 0);
	KUNIT_EXPECT_EQ(test, unmap(d, 2 * PAGE, 510 * PAGE), 0);
	/* Empty tables that a block replaces are invalidated, and waited for, too. */
	KUNIT_EXPECT_EQ(test, map(d, 0, pa, 2ULL << 20), 0);
	KUNIT_EXPECT_EQ(test, unmap(d, 0, 2ULL << 20), 0);
	sim_set_trace(NULL, NULL);

	KUNIT_EXPECT_GE(test, order.unpins, 3);
	KUNIT_EXPECT_EQ(test, order.bad, 0);
	KUNIT_EXPECT_GE(test, fake_units[UNIT_A].calls[FAKE_WAIT], waits + 3);
	KUNIT_EXPECT_EQ(test, fake_units[UNIT_A].calls[FAKE_WAIT] - waits,
			fake_units[UNIT_B].calls[FAKE_WAIT] - waits_b);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_B, 1), 0);
	free_domain(test, d);
}

/* A unit that a case may break: the suite never uses it again. */
static u32 broken_unit(struct kunit *test)
{
	u32 nr = UNIT_BROKEN + broken_units++;

	KUNIT_ASSERT_LT(test, nr, HYP_IOMMU_MAX_UNITS);
	KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_UNIT_INFO, nr, HYP_IOMMU_UNIT_STATE).done,
			HYP_IOMMU_UNIT_LIVE);
	return nr;
}

/* What is true of a domain whose unit did not answer. */
static void expect_lost(struct kunit *test, u64 d, u32 unit, u64 page)
{
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, unit, HYP_IOMMU_UNIT_STATE).done,
			HYP_IOMMU_UNIT_STOPPED);
	KUNIT_EXPECT_EQ(test, fake_units[unit].calls[FAKE_STOP], 1);
	KUNIT_EXPECT_EQ(test, sim_pins(page), 1);
	KUNIT_EXPECT_EQ(test, sim_host_donate(page, 1, SIM_GUEST), -EBUSY);
	KUNIT_EXPECT_EQ(test, map(d, 0x100000, page, PAGE), -EBADF);
	KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), -EBADF);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 3), -EBADF);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, d).status, -EIO);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_POOL_RECLAIM, d).status, -EBADF);
}

static const struct silence {
	const char *name;
	enum fake_op op;
} silences[] = {
	{ "invalidate", FAKE_INVALIDATE }, { "wait", FAKE_WAIT },
	{ "detach", FAKE_DETACH }, { "unbind", FAKE_UNBIND },
};

static void silence_name(const struct silence *silence, char *desc)
{
	strscpy(desc, silence->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(silence, silences, silence_name);

static void a_silent_unit_keeps_its_pages(struct kunit *test)
{
	const struct silence *silence = test->param_value;
	u64 stuck = stat(HYP_IOMMU_STAT_STUCK), pa = sim_alloc(SIM_HOST, 2, 0);
	u32 unit = broken_unit(test);
	u64 d = alloc_domain(test), fine = alloc_domain(test);

	donate(test, d, 8);
	donate(test, fine, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_ASSERT_EQ(test, attach(d, unit, 1), 0);
	KUNIT_ASSERT_EQ(test, attach(fine, UNIT_A, 2), 0);
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	KUNIT_ASSERT_EQ(test, map(fine, 0, pa + PAGE, PAGE), 0);

	fake_units[unit].fail[silence->op] = -EIO;
	if (silence->op == FAKE_INVALIDATE || silence->op == FAKE_WAIT)
		KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), -EIO);
	else
		KUNIT_EXPECT_EQ(test, detach(d, unit, 1), -EIO);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_STUCK), stuck + 1);
	expect_lost(test, d, unit, pa);

	/* It can still be freed of what is behind other units. */
	KUNIT_EXPECT_EQ(test, detach(d, unit, 1), -EIO);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	/* Others do not notice. */
	KUNIT_EXPECT_EQ(test, unmap(fine, 0, PAGE), 0);
	KUNIT_EXPECT_EQ(test, attach(fine, unit, 9), -EIO);
	KUNIT_EXPECT_EQ(test, detach(fine, UNIT_A, 2), 0);
	free_domain(test, fine);
	fake_units[unit].issued = fake_units[unit].completed;
}

/* Some units remember that there was nothing, and have to be told that there is now. */
static void maps_are_told_where_they_are_noticed(struct kunit *test)
{
	const u32 *told = &fake_units[UNIT_NOTICES_MAPS].calls[FAKE_INVALIDATE];
	const u32 *waited = &fake_units[UNIT_NOTICES_MAPS].calls[FAKE_WAIT];
	const u32 *other = &fake_units[UNIT_A].calls[FAKE_INVALIDATE];
	u64 pa = sim_alloc(SIM_HOST, 4, 0), d = alloc_domain(test);
	u32 before, other_before = *other;

	donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	KUNIT_EXPECT_EQ(test, *other, other_before);

	KUNIT_ASSERT_EQ(test, attach(d, UNIT_NOTICES_MAPS, 1), 0);
	before = *told;
	KUNIT_ASSERT_EQ(test, map(d, PAGE, pa + PAGE, PAGE), 0);
	KUNIT_EXPECT_EQ(test, *told, before + 1);
	KUNIT_EXPECT_EQ(test, *waited, *told);
	KUNIT_EXPECT_EQ(test, fake_outstanding(), 0);
	/* Where nothing was mapped there is nothing to tell. */
	KUNIT_EXPECT_EQ(test, map(d, PAGE, pa + 2 * PAGE, PAGE), -EEXIST);
	KUNIT_EXPECT_EQ(test, *told, before + 1);

	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_NOTICES_MAPS, 1), 0);
	free_domain(test, d);
	/* A new domain in the same slot starts afresh. */
	d = alloc_domain(test);
	donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, 1), 0);
	other_before = *other;
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, PAGE), 0);
	KUNIT_EXPECT_EQ(test, *other, other_before);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	free_domain(test, d);
}

/* ---- endpoints ---- */

static void attach_checks_arguments(struct kunit *test)
{
	u64 d = alloc_domain(test), other = alloc_domain(test);

	KUNIT_EXPECT_EQ(test, attach(d, 99, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1 << FAKE_ENDPOINT_BITS), -EINVAL);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1ULL << 32), -EINVAL);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, ~0ULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_ATTACH, d, UNIT_A, 1, 1 << FAKE_PASID_BITS).status,
			-EINVAL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_ATTACH, d, UNIT_A, 1, 1).status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_ATTACH, d, UNIT_A, 1, HYP_IOMMU_NO_PASID - 1).status,
			-EINVAL);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, ~0ULL), -EINVAL);

	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, attach(other, UNIT_A, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, attach(other, UNIT_B, 1), 0);	/* another endpoint */
	KUNIT_EXPECT_EQ(test, detach(other, UNIT_A, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DOMAIN_FREE, d).status, -EBUSY);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, detach(other, UNIT_B, 1), 0);
	free_domain(test, d);
	free_domain(test, other);
}

static void attach_wants_compatible_tables(struct kunit *test)
{
	u64 d = alloc_domain(test), strict = alloc_domain_of(test, UNIT_NONCOHERENT);

	KUNIT_EXPECT_EQ(test, attach(d, UNIT_OTHER_FORMAT, 1), -EXDEV);
	/* Tables that are not written back are no good for a unit that does not snoop, */
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_NONCOHERENT, 1), -EXDEV);
	/* but the other way round they are. */
	KUNIT_EXPECT_EQ(test, attach(strict, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, attach(strict, UNIT_NONCOHERENT, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(strict, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, detach(strict, UNIT_NONCOHERENT, 1), 0);
	free_domain(test, d);
	free_domain(test, strict);
}

static void attach_fails_without_a_trace(struct kunit *test)
{
	u64 d = alloc_domain(test);
	struct hyp_iommu_ret ret;

	reclaim_all(test);
	fake_units[UNIT_A].attach_pages = FAKE_ATTACH_PAGES;
	ret = call(HYP_IOMMU_ATTACH, d, UNIT_A, 1, HYP_IOMMU_NO_PASID);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, ret.need, FAKE_ATTACH_PAGES);
	donate(test, HYP_IOMMU_NO_DOMAIN, ret.need);
	fake_units[UNIT_A].fail[FAKE_BIND] = -ENOMEM;
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), -ENOMEM);
	fake_units[UNIT_A].fail[FAKE_BIND] = 0;
	fake_units[UNIT_A].fail[FAKE_ATTACH] = -EOPNOTSUPP;
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), -EOPNOTSUPP);
	fake_units[UNIT_A].fail[FAKE_ATTACH] = 0;
	KUNIT_EXPECT_EQ(test, domain_info(d, HYP_IOMMU_DOMAIN_ENDPOINTS), 0);

	KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_POOL), 0);
	KUNIT_EXPECT_EQ(test, detach(d, UNIT_A, 1), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_POOL), 2);
	fake_units[UNIT_A].attach_pages = 0;
	free_domain(test, d);
}

static void all_endpoints_at_once(struct kunit *test)
{
	u64 d = alloc_domain(test), before = stat(HYP_IOMMU_STAT_ENDPOINTS);
	u32 i, nr = 1 << FAKE_ENDPOINT_BITS;

	for (i = 0; i < nr; i++) {
		KUNIT_ASSERT_EQ(test, attach(d, UNIT_A, i), 0);
		KUNIT_ASSERT_EQ(test, attach(d, UNIT_B, i), 0);
	}
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_ENDPOINTS), before + 2 * nr);
	/* That is as many as there can be. */
	KUNIT_EXPECT_EQ(test, before + 2 * nr, HYP_IOMMU_MAX_ENDPOINTS);
	KUNIT_EXPECT_EQ(test, attach(d, UNIT_NOTICES_MAPS, 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, UNIT_A, HYP_IOMMU_UNIT_ENDPOINTS).done, nr);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, attach(d, UNIT_A, i), i < nr - i ? -EBUSY : 0);
		if (i >= nr - i)
			KUNIT_ASSERT_EQ(test, detach(d, UNIT_A, i), 0);
		KUNIT_ASSERT_EQ(test, detach(d, UNIT_A, nr - 1 - i), 0);
		KUNIT_ASSERT_EQ(test, detach(d, UNIT_B, i), 0);
		KUNIT_EXPECT_EQ(test, detach(d, UNIT_B, i), -ENOENT);
	}
	free_domain(test, d);
}

/* ---- everything at random ---- */

static u64 rnd_state;

static u64 rnd(u64 below)
{
	/* xorshift64* (Vigna) */
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return (rnd_state * 0x2545f4914f6cdd1dULL >> 16) % below;
}

/* No argument whatsoever does harm: errors of the simulation, pins, or lost pages. */
static void random_arguments_do_no_harm(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 16, 0);
	const u64 edge[] = {
		0, 1, 2, 3, 8, PAGE - 1, PAGE, PAGE + 1, 1ULL << 21, 1ULL << 30, 1ULL << 32,
		1ULL << 39, 1ULL << 40, (1ULL << 40) - PAGE, 1ULL << 48, 1ULL << 52, 1ULL << 63,
		~0ULL, -PAGE, -2 * PAGE, d, d + 1, d & 0xffff, pa, pa + PAGE, REGS, WINDOW,
		SIM_BASE, 0xffffffff, 0x7fffffffffffffff,
	};
	u32 i, j;

	rnd_state = 1;
	for (i = 0; i < 200000; i++) {
		u64 args[HYP_IOMMU_MAX_ARGS];

		for (j = 0; j < HYP_IOMMU_MAX_ARGS; j++)
			args[j] = rnd(4) ? edge[rnd(ARRAY_SIZE(edge))] : j < 5 ? rnd(8) : 0;
		/* Two thirds of the calls get past the check of their number of arguments. */
		for (j = rnd(7); j < HYP_IOMMU_MAX_ARGS && rnd(3); j++)
			args[j] = 0;
		call_array(rnd(HYP_IOMMU_NR_CALLS + 1), args);
	}
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 0);
	/* It may have attached endpoints, or freed the domain. */
	for (i = UNIT_A; i < UNIT_BROKEN; i++) {
		for (j = 0; j < 1 << FAKE_ENDPOINT_BITS; j++)
			detach(d, i, j);
	}
	for (i = 0; i < 1000 && call(HYP_IOMMU_DOMAIN_FREE, d).status == -EAGAIN; i++)
		;
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
		donate(test, w->handle[i], ret.need);
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
	rnd_state = 42;
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
	KUNIT_EXPECT_EQ(test, sim_total_pins(), stat(HYP_IOMMU_STAT_STUCK));
}

/* ---- suite ---- */

static int core_suite_init(struct kunit_suite *suite)
{
	u32 i;

	while (!call(HYP_IOMMU_UNIT_INFO, first_unit, HYP_IOMMU_UNIT_KIND).status)
		first_unit++;
	/* Units that are there live on, and so has their memory to. */
	if (!first_unit && sim_reset(NULL))
		return -ENOMEM;
	fake_units[UNIT_OTHER_FORMAT].other_format = true;
	fake_units[UNIT_NONCOHERENT].noncoherent = true;
	fake_units[UNIT_NOTICES_MAPS].notices_maps = true;
	if (call(HYP_IOMMU_MMIO_ALLOW, WINDOW, PAGE).status)
		return -EINVAL;
	for (i = UNIT_A; i < UNIT_BROKEN; i++) {
		if (add_unit(i))
			return -EINVAL;
	}
	return 0;
}

/* Add the units that cases break, as long as that is allowed. */
static void spare_units(struct kunit *test)
{
	u32 i;

	for (i = UNIT_BROKEN + broken_units; i < HYP_IOMMU_MAX_UNITS; i++)
		KUNIT_EXPECT_EQ(test, add_unit(i), 0);
	sim_mmio_register(REGS + i * REGS_SIZE, REGS_SIZE, &nop_ops, NULL);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, REGS + i * REGS_SIZE, REGS_SIZE,
				   0, 0, 0).status, -ENOSPC);
}

static int core_init(struct kunit *test)
{
	sim_take_errors();
	fake_take_errors();
	return 0;
}

static void core_exit(struct kunit *test)
{
	reclaim_all(test);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 0);
	KUNIT_EXPECT_EQ(test, fake_take_errors(), 0);
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 0);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), sim_total_pins());
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), stat(HYP_IOMMU_STAT_STUCK));
}

static struct kunit_case core_cases[] = {
	KUNIT_CASE(unit_add_checks_arguments),
	KUNIT_CASE(unit_add_asks_for_memory),
	KUNIT_CASE(spare_units),
	KUNIT_CASE(faults_are_packed),
	KUNIT_CASE(unknown_calls_are_refused),
	KUNIT_CASE(statistics),
	KUNIT_CASE(information),
	KUNIT_CASE(extra_arguments_are_refused),
	KUNIT_CASE(windows_are_for_what_is_nobodys),
	KUNIT_CASE(finalise),
	KUNIT_CASE(domain_alloc_checks_arguments),
	KUNIT_CASE(stale_handles_are_refused),
	KUNIT_CASE(slots_run_out),
	KUNIT_CASE(donate_and_reclaim),
	KUNIT_CASE(a_big_donation_is_done_in_parts),
	KUNIT_CASE(map_pins_and_unmap_unpins),
	KUNIT_CASE(map_checks_arguments),
	KUNIT_CASE(only_the_hosts_memory_is_mapped),
	KUNIT_CASE(windows_are_mapped_whole_and_as_mmio),
	KUNIT_CASE(map_goes_on_after_enomem),
	KUNIT_CASE(map_stops_at_what_is_mapped),
	KUNIT_CASE(blocks_are_used_and_not_split),
	KUNIT_CASE(scattered_unmap_is_bounded),
	KUNIT_CASE(pins_run_out),
	KUNIT_CASE(nothing_is_unpinned_before_the_wait),
	KUNIT_CASE(maps_are_told_where_they_are_noticed),
	KUNIT_CASE(attach_checks_arguments),
	KUNIT_CASE(attach_wants_compatible_tables),
	KUNIT_CASE(attach_fails_without_a_trace),
	KUNIT_CASE(all_endpoints_at_once),
	KUNIT_CASE_PARAM(a_silent_unit_keeps_its_pages, silence_gen_params),
	KUNIT_CASE(random_calls_agree_with_a_flat_model),
	KUNIT_CASE(random_arguments_do_no_harm),
	{}
};

static struct kunit_suite core_suite = {
	.name = "hyp_core",
	.suite_init = core_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = core_cases,
};

kunit_test_suite(core_suite);
