// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units: how they are added, what is told of them, and what is left of one that fails.
 * Runs last of the core's suites in a kernel, for it uses up all units that there can be.
 */
#include "kunit/core_kunit.h"

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
	u32 nr = UNIT_BROKEN + core_broken_units++;
	u64 pa = core_add_registers(nr), mem = sim_alloc(SIM_HOST, FAKE_PAGES, 0);
	struct hyp_iommu_ret ret;

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

	fake_units[UNIT_A].blind_faults = true;
	fake_units[UNIT_A].faults = 1;
	ret = call(HYP_IOMMU_FAULT_READ, UNIT_A);
	fake_units[UNIT_A].blind_faults = false;
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	KUNIT_EXPECT_EQ(test, ret.need, HYP_IOMMU_FAULT_NO_ADDRESS | 0x2b |
			(u64)HYP_IOMMU_FAULT_BLOCKED << HYP_IOMMU_FAULT_REASON_SHIFT);
}

/* Somebody has to look at faults to find out that a unit is in trouble. */
static void a_unit_in_trouble_is_stopped(struct kunit *test)
{
	u32 unit = core_broken_unit(test);

	fake_units[unit].fail[FAKE_FAULT] = -EIO;
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_FAULT_READ, unit).status, -EIO);
	KUNIT_EXPECT_EQ(test, fake_units[unit].calls[FAKE_STOP], 1);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, unit, HYP_IOMMU_UNIT_STATE).done,
			HYP_IOMMU_UNIT_STOPPED);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_INFO, unit, HYP_IOMMU_UNIT_FAULTS).done, 0);
	/* What it had recorded can still be read. */
	fake_units[unit].fail[FAKE_FAULT] = 0;
	fake_units[unit].faults = 1;
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_FAULT_READ, unit).status, 0);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_FAULT_READ, unit).status, -ENOENT);
	KUNIT_EXPECT_EQ(test, fake_units[unit].calls[FAKE_STOP], 1);
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
		[HYP_IOMMU_UNIT_COMMANDS] = 0x1001,
		[HYP_IOMMU_UNIT_WAITS] = 0x1002,
		[HYP_IOMMU_UNIT_FAULTS_LOST] = 0x1003,
	};
	u64 pa = sim_alloc(SIM_HOST, 2, 0), d = alloc_domain(test), faults;
	u64 endpoints = stat(HYP_IOMMU_STAT_ENDPOINTS);
	u32 i;

	core_donate(test, d, 8);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_B, 1), 0);
	KUNIT_ASSERT_EQ(test, attach(d, UNIT_B, 2), 0);
	KUNIT_ASSERT_EQ(test, map(d, 0, pa, 2 * PAGE), 0);
	/* Which the backend counts: this one does not. */
	hyp_iommu_count(&hyp_iommu_unit_get(UNIT_B)->commands, 0x1001);
	hyp_iommu_count(&hyp_iommu_unit_get(UNIT_B)->waits, 0x1002);
	hyp_iommu_count(&hyp_iommu_unit_get(UNIT_B)->faults_lost, 0x1003);
	for (i = 0; i < HYP_IOMMU_NR_UNIT_INFOS; i++) {
		if (i == HYP_IOMMU_UNIT_FAULTS)
			continue;
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
	u32 unit = core_broken_unit(test);
	u64 d = alloc_domain(test), fine = alloc_domain(test);

	core_donate(test, d, 8);
	core_donate(test, fine, 8);
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

/* Runs last: nothing can be added any more. */
static void units_run_out(struct kunit *test)
{
	u64 pa = core_add_registers(HYP_IOMMU_MAX_UNITS);

	while (core_next_unit() < HYP_IOMMU_MAX_UNITS)
		core_broken_unit(test);
	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, pa, REGS_SIZE, 0, 0, 0).status,
			-ENOSPC);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(unit_add_checks_arguments),
	KUNIT_CASE(unit_add_asks_for_memory),
	KUNIT_CASE(faults_are_packed),
	KUNIT_CASE(a_unit_in_trouble_is_stopped),
	KUNIT_CASE(information),
	KUNIT_CASE_PARAM(a_silent_unit_keeps_its_pages, silence_gen_params),
	KUNIT_CASE(units_run_out),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_core_unit",
	.suite_init = core_suite_init,
	.init = core_init,
	.exit = core_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
