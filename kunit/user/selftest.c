// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests that fail in every way there is, to see that the runner counts each
 * of them as one failure and goes on.  The name of a test begins with what it
 * must end as; selftest.sh compares.
 */
#include "kunit/sim_kunit.h"
#include <signal.h>

static volatile int zero;

static void pass_plain(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, 1);
}

static void fail_expect_twice(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, 2);
	KUNIT_EXPECT_TRUE_MSG(test, 7 % 7, "seven %d", 7);
}

static void fail_assert_stops(struct kunit *test)
{
	KUNIT_ASSERT_STREQ(test, "a", "b");
	abort();
}

static void skip_this(struct kunit *test)
{
	kunit_skip(test, "no reason");
}

static void fail_host_page_touched(struct kunit *test)
{
	u64 pa = sim_alloc(SIM_HYP, 1, 0);
	u64 *va = hyp_pf_va(pa);

	KUNIT_EXPECT_EQ(test, hyp_pf_return_pages(pa, 1), 0);
	WRITE_ONCE(*va, 1);	/* AddressSanitizer */
}

static void fail_sim_error(struct kunit *test)
{
	sim_unpin_pages(sim_alloc(SIM_HOST, 1, 0), 1);
}

static void fail_lock_held(struct kunit *test)
{
	static struct hyp_pf_lock lock;

	hyp_pf_lock(&lock);
}

static void fail_heap_overflow(struct kunit *test)
{
	volatile char *p = kunit_kzalloc(test, 8, GFP_KERNEL);

	p[8 + zero] = 1;
}

static void fail_undefined(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, INT_MAX + (zero + 1), 0);
}

static void fail_null(struct kunit *test)
{
	*(volatile int *)(uintptr_t)zero = 1;
}

static void fail_timeout(struct kunit *test)
{
	raise(SIGALRM);
}

static void set(void *ctx)
{
	zero = *(int *)ctx;
}

static int one = 1, none;

static void pass_actions(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, set, &none), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, set, &one), 0);
	kunit_release_action(test, set, &one);
	KUNIT_EXPECT_EQ(test, zero, 1);
}

static void pass_actions_ran(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, zero, 0);
}

static const int numbers[] = { 0, 1, 2, 3, 4 };

static void describe(const int *n, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s_number_%d", *n == 2 || *n == 3 ? "fail" : "pass",
		 *n);
}

KUNIT_ARRAY_PARAM(number, numbers, describe);

static void fail_some_numbers(struct kunit *test)
{
	const int *n = test->param_value;

	if (*n == 2)
		abort();
	KUNIT_EXPECT_NE(test, *n, 3);
}

static int failing_init(struct kunit *test)
{
	return -ENOMEM;
}

static void fail_init(struct kunit *test)
{
	abort();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pass_plain),
	KUNIT_CASE(fail_expect_twice),
	KUNIT_CASE(fail_assert_stops),
	KUNIT_CASE(skip_this),
	KUNIT_CASE(fail_host_page_touched),
	KUNIT_CASE(fail_sim_error),
	KUNIT_CASE(fail_lock_held),
	KUNIT_CASE(fail_heap_overflow),
	KUNIT_CASE(fail_undefined),
	KUNIT_CASE(fail_null),
	KUNIT_CASE(fail_timeout),
	KUNIT_CASE(pass_actions),
	KUNIT_CASE(pass_actions_ran),
	KUNIT_CASE_PARAM(fail_some_numbers, number_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "selftest",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

static struct kunit_case init_cases[] = {
	KUNIT_CASE(fail_init),
	{}
};

static struct kunit_suite init_suite = {
	.name = "selftest_init",
	.init = failing_init,
	.test_cases = init_cases,
};

static struct kunit_case leak_cases[] = {
	KUNIT_CASE(pass_plain),
	{}
};

static void *volatile leaked;

static int leak(struct kunit_suite *suite)
{
	leaked = malloc(100);
	leaked = NULL;
	return 0;
}

static struct kunit_suite leak_suite = {
	.name = "selftest_leak",
	.suite_init = leak,
	.test_cases = leak_cases,
};

kunit_test_suites(&suite, &init_suite, &leak_suite);
