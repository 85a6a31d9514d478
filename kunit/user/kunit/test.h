/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KUnit's interface for user space, as far as our suites use it: the same
 * source file is a suite here and in a kernel.  runner.c runs them.
 */
#ifndef HYP_IOMMU_USER_KUNIT_TEST_H
#define HYP_IOMMU_USER_KUNIT_TEST_H

#include <hyp_pf.h>
#include <kunit/test-bug.h>
#include <stdio.h>
#include <stdlib.h>

#define KUNIT_PARAM_DESC_SIZE		128
#define KUNIT_STATUS_COMMENT_SIZE	256

enum kunit_status {
	KUNIT_SUCCESS,
	KUNIT_FAILURE,
	KUNIT_SKIPPED,
};

enum kunit_speed {
	KUNIT_SPEED_UNSET,
	KUNIT_SPEED_VERY_SLOW,
	KUNIT_SPEED_SLOW,
	KUNIT_SPEED_NORMAL,
};

struct kunit_attributes {
	enum kunit_speed speed;
};

struct kunit_params {
	const void *params;
	void (*get_description)(struct kunit *test, const void *param, char *desc);
	size_t num_params;
	size_t elem_size;
};

struct kunit_user_resource;

struct kunit {
	void *priv;
	struct kunit *parent;
	struct kunit_params params_array;
	const char *name;
	const void *param_value;
	int param_index;
	enum kunit_status status;
	char status_comment[KUNIT_STATUS_COMMENT_SIZE];
	struct kunit_user_resource *resources;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(struct kunit *test, const void *prev, char *desc);
	struct kunit_attributes attr;
	int (*param_init)(struct kunit *test);
	void (*param_exit)(struct kunit *test);
};

struct kunit_suite {
	const char name[256];
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
	struct kunit_attributes attr;
};

#define KUNIT_CASE(fn)		{ .run_case = (fn), .name = #fn }
#define KUNIT_CASE_ATTR(fn, a)	{ .run_case = (fn), .name = #fn, .attr = a }
#define KUNIT_CASE_SLOW(fn)	{ .run_case = (fn), .name = #fn, .attr.speed = KUNIT_SPEED_SLOW }
#define KUNIT_CASE_PARAM(fn, gen) \
	{ .run_case = (fn), .name = #fn, .generate_params = (gen) }
#define KUNIT_CASE_PARAM_ATTR(fn, gen, a) \
	{ .run_case = (fn), .name = #fn, .generate_params = (gen), .attr = a }
#define KUNIT_CASE_PARAM_WITH_INIT(fn, gen, i, e) \
	{ .run_case = (fn), .name = #fn, .generate_params = (gen), .param_init = (i), \
	  .param_exit = (e) }

#define kunit_register_params_array(test, array, count, get_desc) do {	\
	struct kunit *__kt = (test);					\
	__kt->params_array.params = &(array)[0];			\
	__kt->params_array.num_params = (count);			\
	__kt->params_array.elem_size = sizeof((array)[0]);		\
	__kt->params_array.get_description = (get_desc);		\
} while (0)

const void *kunit_array_gen_params(struct kunit *test, const void *prev, char *desc);

#define __KUNIT_GEN(name, array, describe)						\
	static const void *name##_gen_params(struct kunit *test, const void *prev, char *desc) \
	{										\
		__typeof__(&(array)[0]) __next = prev ?					\
			((__typeof__(__next))prev) + 1 : (array);			\
		if (!prev)								\
			kunit_register_params_array(test, array, ARRAY_SIZE(array), NULL); \
		if ((size_t)(__next - (array)) >= ARRAY_SIZE(array))			\
			return NULL;							\
		describe;								\
		return __next;								\
	}

#define KUNIT_ARRAY_PARAM(name, array, get_desc)					\
	__KUNIT_GEN(name, array, do {							\
		void (*__get_desc)(__typeof__(__next), char *) = get_desc;		\
		if (__get_desc)								\
			__get_desc(__next, desc);					\
	} while (0))

#define KUNIT_ARRAY_PARAM_DESC(name, array, desc_member)				\
	__KUNIT_GEN(name, array,							\
		    (void)snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", __next[0].desc_member))

/* ---- suites ---- */

void kunit_user_register(struct kunit_suite **suites, size_t nr);

#define __kunit_cat2(a, b)	a##b
#define __kunit_cat(a, b)	__kunit_cat2(a, b)
#define __kunit_suites(id, ...)							\
	static struct kunit_suite *__kunit_cat(__kunit_suites_, id)[] = { __VA_ARGS__ }; \
	__attribute__((__constructor__))						\
	static void __kunit_cat(__kunit_register_, id)(void)			\
	{									\
		kunit_user_register(__kunit_cat(__kunit_suites_, id),		\
				    ARRAY_SIZE(__kunit_cat(__kunit_suites_, id))); \
	}									\
	static_assert(1)
#define kunit_test_suites(...)	__kunit_suites(__COUNTER__, __VA_ARGS__)
#define kunit_test_suite(suite)	kunit_test_suites(&(suite))

/* ---- memory and clean-up ---- */

typedef void (kunit_action_t)(void *);
typedef unsigned int gfp_t;

#define GFP_KERNEL		0U
#define GFP_ATOMIC		0U
#define __GFP_ZERO		1U

int kunit_add_action(struct kunit *test, kunit_action_t *action, void *ctx);
int kunit_add_action_or_reset(struct kunit *test, kunit_action_t *action, void *ctx);
void kunit_remove_action(struct kunit *test, kunit_action_t *action, void *ctx);
void kunit_release_action(struct kunit *test, kunit_action_t *action, void *ctx);
void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp);
void kunit_kfree(struct kunit *test, const void *ptr);

#define kunit_kmalloc(test, size, gfp)	kunit_kmalloc_array(test, 1, size, gfp)
#define kunit_kzalloc(test, size, gfp)	kunit_kmalloc_array(test, 1, size, (gfp) | __GFP_ZERO)
#define kunit_kcalloc(test, n, size, gfp) \
	kunit_kmalloc_array(test, n, size, (gfp) | __GFP_ZERO)

#define KUNIT_DEFINE_ACTION_WRAPPER(wrapper, orig, arg_type)	\
	static void wrapper(void *in)				\
	{							\
		arg_type arg = (arg_type)in;			\
		orig(arg);					\
	}

/* ---- messages ---- */

void kunit_user_print(struct kunit *test, const char *fmt, ...) __printf(2, 3);
void kunit_user_fail(struct kunit *test, const char *file, int line, const char *fmt, ...)
	__printf(4, 5);
__attribute__((__noreturn__)) void kunit_user_abort(struct kunit *test);

#define kunit_info(test, fmt, ...)	kunit_user_print(test, fmt, ##__VA_ARGS__)
#define kunit_warn(test, fmt, ...)	kunit_user_print(test, fmt, ##__VA_ARGS__)
#define kunit_err(test, fmt, ...)	kunit_user_print(test, fmt, ##__VA_ARGS__)

#define kunit_mark_skipped(test, fmt, ...) do {					\
	(test)->status = KUNIT_SKIPPED;						\
	snprintf((test)->status_comment, KUNIT_STATUS_COMMENT_SIZE, fmt, ##__VA_ARGS__); \
} while (0)
#define kunit_skip(test, fmt, ...) do {						\
	kunit_mark_skipped(test, fmt, ##__VA_ARGS__);				\
	kunit_user_abort(test);							\
} while (0)

#define KUNIT_SUCCEED(test)		((void)(test))
#define KUNIT_FAIL(test, fmt, ...)	\
	kunit_user_fail(test, __FILE__, __LINE__, "failed" fmt, ##__VA_ARGS__)
#define KUNIT_FAIL_AND_ABORT(test, fmt, ...) do {	\
	KUNIT_FAIL(test, fmt, ##__VA_ARGS__);		\
	kunit_user_abort(test);				\
} while (0)

/* ---- expectations ---- */

/* @stop is an expression without value that is evaluated if @ok is false. */
#define __kunit_check(test, ok, stop, what, fmt, ...) do {			\
	if (unlikely(!(ok))) {							\
		kunit_user_fail(test, __FILE__, __LINE__, "%s" fmt, what, ##__VA_ARGS__); \
		stop;								\
	}									\
} while (0)

#define __kunit_bin(test, l, op, r, stop, fmt, ...) do {				\
	__typeof__(l) __left = (l);						\
	__typeof__(r) __right = (r);						\
	if (unlikely(!(__left op __right))) {					\
		kunit_user_fail(test, __FILE__, __LINE__,			\
				"expected %s " #op " %s, but they are\n"	\
				"\t%lld (%#llx)\n\t%lld (%#llx)\n" fmt, #l, #r,	\
				(long long)__left, (unsigned long long)__left,	\
				(long long)__right, (unsigned long long)__right, ##__VA_ARGS__); \
		stop;								\
	}									\
} while (0)

#define __kunit_ptr(test, l, op, r, stop, fmt, ...)				\
	__kunit_bin(test, (uintptr_t)(l), op, (uintptr_t)(r), stop, fmt, ##__VA_ARGS__)
#define __kunit_str(test, l, op, r, stop, fmt, ...) do {				\
	const char *__sl = (l), *__sr = (r);					\
	if (unlikely(!__sl || !__sr || !(strcmp(__sl, __sr) op 0))) {		\
		kunit_user_fail(test, __FILE__, __LINE__,			\
				"expected %s " #op " %s, but they are\n\t%s\n\t%s\n" fmt, \
				#l, #r, __sl, __sr, ##__VA_ARGS__);		\
		stop;								\
	}									\
} while (0)
#define __kunit_mem(test, l, op, r, size, stop, fmt, ...)			\
	__kunit_check(test, memcmp(l, r, size) op 0, stop,			\
		      "expected " #size " bytes at " #l " " #op " " #r "\n", fmt, ##__VA_ARGS__)
#define __kunit_err_or_null(p)	((uintptr_t)(p) == 0 || (uintptr_t)(p) >= (uintptr_t)-4095)

#define __kunit_go		(void)0
#define __kunit_stop(test)	kunit_user_abort(test)

#define KUNIT_EXPECT_TRUE_MSG(t, c, ...) \
	__kunit_check(t, c, __kunit_go, "expected " #c "\n", __VA_ARGS__)
#define KUNIT_EXPECT_FALSE_MSG(t, c, ...) \
	__kunit_check(t, !(c), __kunit_go, "expected not " #c "\n", __VA_ARGS__)
#define KUNIT_EXPECT_EQ_MSG(t, l, r, ...) \
	__kunit_bin(t, l, ==, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_NE_MSG(t, l, r, ...) \
	__kunit_bin(t, l, !=, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_LT_MSG(t, l, r, ...) \
	__kunit_bin(t, l, <, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_LE_MSG(t, l, r, ...) \
	__kunit_bin(t, l, <=, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_GT_MSG(t, l, r, ...) \
	__kunit_bin(t, l, >, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_GE_MSG(t, l, r, ...) \
	__kunit_bin(t, l, >=, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ_MSG(t, l, r, ...) \
	__kunit_ptr(t, l, ==, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_NE_MSG(t, l, r, ...) \
	__kunit_ptr(t, l, !=, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_NULL_MSG(t, p, ...) \
	__kunit_ptr(t, p, ==, NULL, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL_MSG(t, p, ...) \
	__kunit_ptr(t, p, !=, NULL, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_STREQ_MSG(t, l, r, ...) \
	__kunit_str(t, l, ==, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_STRNEQ_MSG(t, l, r, ...) \
	__kunit_str(t, l, !=, r, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_MEMEQ_MSG(t, l, r, n, ...) \
	__kunit_mem(t, l, ==, r, n, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_MEMNEQ_MSG(t, l, r, n, ...) \
	__kunit_mem(t, l, !=, r, n, __kunit_go, __VA_ARGS__)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(t, p, ...) \
	__kunit_check(t, !__kunit_err_or_null(p), __kunit_go, \
		      "expected a pointer: " #p "\n", __VA_ARGS__)

#define KUNIT_ASSERT_TRUE_MSG(t, c, ...) \
	__kunit_check(t, c, __kunit_stop(t), "expected " #c "\n", __VA_ARGS__)
#define KUNIT_ASSERT_FALSE_MSG(t, c, ...) \
	__kunit_check(t, !(c), __kunit_stop(t), "expected not " #c "\n", __VA_ARGS__)
#define KUNIT_ASSERT_EQ_MSG(t, l, r, ...) \
	__kunit_bin(t, l, ==, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_NE_MSG(t, l, r, ...) \
	__kunit_bin(t, l, !=, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_LT_MSG(t, l, r, ...) \
	__kunit_bin(t, l, <, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_LE_MSG(t, l, r, ...) \
	__kunit_bin(t, l, <=, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_GT_MSG(t, l, r, ...) \
	__kunit_bin(t, l, >, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_GE_MSG(t, l, r, ...) \
	__kunit_bin(t, l, >=, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_PTR_EQ_MSG(t, l, r, ...) \
	__kunit_ptr(t, l, ==, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_PTR_NE_MSG(t, l, r, ...) \
	__kunit_ptr(t, l, !=, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_NULL_MSG(t, p, ...) \
	__kunit_ptr(t, p, ==, NULL, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL_MSG(t, p, ...) \
	__kunit_ptr(t, p, !=, NULL, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_STREQ_MSG(t, l, r, ...) \
	__kunit_str(t, l, ==, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_STRNEQ_MSG(t, l, r, ...) \
	__kunit_str(t, l, !=, r, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_MEMEQ_MSG(t, l, r, n, ...) \
	__kunit_mem(t, l, ==, r, n, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_MEMNEQ_MSG(t, l, r, n, ...) \
	__kunit_mem(t, l, !=, r, n, __kunit_stop(t), __VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(t, p, ...) \
	__kunit_check(t, !__kunit_err_or_null(p), __kunit_stop(t), \
		      "expected a pointer: " #p "\n", __VA_ARGS__)

#define KUNIT_EXPECT_TRUE(t, c)			KUNIT_EXPECT_TRUE_MSG(t, c, "")
#define KUNIT_EXPECT_FALSE(t, c)		KUNIT_EXPECT_FALSE_MSG(t, c, "")
#define KUNIT_EXPECT_EQ(t, l, r)		KUNIT_EXPECT_EQ_MSG(t, l, r, "")
#define KUNIT_EXPECT_NE(t, l, r)		KUNIT_EXPECT_NE_MSG(t, l, r, "")
#define KUNIT_EXPECT_LT(t, l, r)		KUNIT_EXPECT_LT_MSG(t, l, r, "")
#define KUNIT_EXPECT_LE(t, l, r)		KUNIT_EXPECT_LE_MSG(t, l, r, "")
#define KUNIT_EXPECT_GT(t, l, r)		KUNIT_EXPECT_GT_MSG(t, l, r, "")
#define KUNIT_EXPECT_GE(t, l, r)		KUNIT_EXPECT_GE_MSG(t, l, r, "")
#define KUNIT_EXPECT_PTR_EQ(t, l, r)		KUNIT_EXPECT_PTR_EQ_MSG(t, l, r, "")
#define KUNIT_EXPECT_PTR_NE(t, l, r)		KUNIT_EXPECT_PTR_NE_MSG(t, l, r, "")
#define KUNIT_EXPECT_NULL(t, p)			KUNIT_EXPECT_NULL_MSG(t, p, "")
#define KUNIT_EXPECT_NOT_NULL(t, p)		KUNIT_EXPECT_NOT_NULL_MSG(t, p, "")
#define KUNIT_EXPECT_STREQ(t, l, r)		KUNIT_EXPECT_STREQ_MSG(t, l, r, "")
#define KUNIT_EXPECT_STRNEQ(t, l, r)		KUNIT_EXPECT_STRNEQ_MSG(t, l, r, "")
#define KUNIT_EXPECT_MEMEQ(t, l, r, n)		KUNIT_EXPECT_MEMEQ_MSG(t, l, r, n, "")
#define KUNIT_EXPECT_MEMNEQ(t, l, r, n)		KUNIT_EXPECT_MEMNEQ_MSG(t, l, r, n, "")
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(t, p)	KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(t, p, "")

#define KUNIT_ASSERT_TRUE(t, c)			KUNIT_ASSERT_TRUE_MSG(t, c, "")
#define KUNIT_ASSERT_FALSE(t, c)		KUNIT_ASSERT_FALSE_MSG(t, c, "")
#define KUNIT_ASSERT_EQ(t, l, r)		KUNIT_ASSERT_EQ_MSG(t, l, r, "")
#define KUNIT_ASSERT_NE(t, l, r)		KUNIT_ASSERT_NE_MSG(t, l, r, "")
#define KUNIT_ASSERT_LT(t, l, r)		KUNIT_ASSERT_LT_MSG(t, l, r, "")
#define KUNIT_ASSERT_LE(t, l, r)		KUNIT_ASSERT_LE_MSG(t, l, r, "")
#define KUNIT_ASSERT_GT(t, l, r)		KUNIT_ASSERT_GT_MSG(t, l, r, "")
#define KUNIT_ASSERT_GE(t, l, r)		KUNIT_ASSERT_GE_MSG(t, l, r, "")
#define KUNIT_ASSERT_PTR_EQ(t, l, r)		KUNIT_ASSERT_PTR_EQ_MSG(t, l, r, "")
#define KUNIT_ASSERT_PTR_NE(t, l, r)		KUNIT_ASSERT_PTR_NE_MSG(t, l, r, "")
#define KUNIT_ASSERT_NULL(t, p)			KUNIT_ASSERT_NULL_MSG(t, p, "")
#define KUNIT_ASSERT_NOT_NULL(t, p)		KUNIT_ASSERT_NOT_NULL_MSG(t, p, "")
#define KUNIT_ASSERT_STREQ(t, l, r)		KUNIT_ASSERT_STREQ_MSG(t, l, r, "")
#define KUNIT_ASSERT_STRNEQ(t, l, r)		KUNIT_ASSERT_STRNEQ_MSG(t, l, r, "")
#define KUNIT_ASSERT_MEMEQ(t, l, r, n)		KUNIT_ASSERT_MEMEQ_MSG(t, l, r, n, "")
#define KUNIT_ASSERT_MEMNEQ(t, l, r, n)		KUNIT_ASSERT_MEMNEQ_MSG(t, l, r, n, "")
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, p)	KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(t, p, "")

/* ---- what the kernel's kunit/test.h brings along, and tests use ---- */

#define MODULE_LICENSE(x)	static_assert(sizeof(x))
#define MODULE_DESCRIPTION(x)	static_assert(sizeof(x))

#define SZ_1K	0x400
#define SZ_4K	0x1000
#define SZ_8K	0x2000
#define SZ_16K	0x4000
#define SZ_32K	0x8000
#define SZ_64K	0x10000
#define SZ_128K	0x20000
#define SZ_1M	0x100000
#define SZ_2M	0x200000
#define SZ_4M	0x400000
#define SZ_16M	0x1000000
#define SZ_32M	0x2000000
#define SZ_64M	0x4000000
#define SZ_512M	0x20000000
#define SZ_1G	0x40000000
#define SZ_2G	0x80000000ULL
#define SZ_4G	0x100000000ULL
#define SZ_1T	0x10000000000ULL

#define ALIGN(x, a)		(((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a)	(!((x) & ((__typeof__(x))(a) - 1)))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define scnprintf		snprintf
#define hweight64(x)		((unsigned int)__builtin_popcountll(x))
#define is_power_of_2(x)	((x) && !((x) & ((x) - 1)))
#define swap(a, b) do { __typeof__(a) __tmp = (a); (a) = (b); (b) = __tmp; } while (0)

static inline size_t strscpy_user(char *dst, const char *src, size_t size)
{
	return (size_t)snprintf(dst, size, "%s", src);
}

#define __strscpy(dst, src, size, ...)	strscpy_user(dst, src, size)
#define strscpy(dst, src, ...)	__strscpy(dst, src, ##__VA_ARGS__, sizeof(dst), 0)

#endif /* HYP_IOMMU_USER_KUNIT_TEST_H */
