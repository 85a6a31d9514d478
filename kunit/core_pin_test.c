// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where devices may go: the host's memory, whole, and windows of MMIO.
 */
#include "kunit/core_kunit.h"

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

static void nothing_is_allowed_by_a_hostile_host(struct kunit *test)
{
	sim_finalise();
	KUNIT_EXPECT_EQ(test, allow(WINDOW + PAGE, PAGE), -EOPNOTSUPP);
}

static void only_the_hosts_memory_is_mapped(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 3, 0);
	u64 hyp = sim_alloc(SIM_HYP, 1, 0), guest = sim_alloc(SIM_GUEST, 1, 0);

	core_donate(test, d, 8);
	KUNIT_EXPECT_EQ(test, map(d, 0, hyp, PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, map(d, 0, guest, PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, map(d, 0, REGS, PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, map(d, 0, 0x70000000, PAGE), -EPERM);
	/* Each page of a range counts, not the first alone. */
	sim_set_owner(pa + 2 * PAGE, 1, SIM_GUEST);
	KUNIT_EXPECT_EQ(test, map(d, 0, pa, 3 * PAGE), -EPERM);
	KUNIT_EXPECT_EQ(test, pins(), 0);
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

	core_donate(test, d, 8);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, 0, WINDOW, PAGE, prot).status, 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, PAGE, WINDOW, PAGE, RW).status, -EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, PAGE, WINDOW, 2 * PAGE, prot).status, -EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, PAGE, WINDOW - PAGE, PAGE, prot).status,
			-EPERM);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_MAP, d, PAGE, WINDOW - PAGE, 2 * PAGE, prot).status,
			-EPERM);
	KUNIT_EXPECT_EQ(test, stat(HYP_IOMMU_STAT_PINNED), stat(HYP_IOMMU_STAT_STUCK));
	KUNIT_EXPECT_EQ(test, unmap(d, 0, PAGE), 0);
	free_domain(test, d);
}

/* One run of memory, a window, memory, a window: pins are of the memory alone. */
static void a_run_through_windows(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = core_windows, i;

	core_donate(test, d, 8);
	for (i = 0; i < 6; i++)
		KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_MAP, d, i * PAGE, pa + i * PAGE, PAGE,
					   RW | (i % 3 == 1 ? HYP_IOMMU_MMIO : 0)).status, 0);
	KUNIT_EXPECT_EQ(test, pins(), 4);
	KUNIT_EXPECT_EQ(test, unmap(d, 0, 6 * PAGE), 0);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, sim_pins(pa + i * PAGE), 0);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	free_domain(test, d);
}

static void pins_run_out(struct kunit *test)
{
	u64 d = alloc_domain(test), pa = sim_alloc(SIM_HOST, 3, 0);

	core_donate(test, d, 8);
	sim_fail_nth(SIM_PIN, 1, -EBUSY);
	KUNIT_EXPECT_EQ(test, map(d, 0, pa, 3 * PAGE), -EBUSY);
	KUNIT_EXPECT_EQ(test, pins(), 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_IOVA_TO_PHYS, d, 0).status, -ENOENT);
	free_domain(test, d);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(windows_are_for_what_is_nobodys),
	KUNIT_CASE(a_run_through_windows),
	KUNIT_CASE(nothing_is_allowed_by_a_hostile_host),
	KUNIT_CASE(only_the_hosts_memory_is_mapped),
	KUNIT_CASE(windows_are_mapped_whole_and_as_mmio),
	KUNIT_CASE(pins_run_out),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_core_pin",
	.suite_init = core_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
