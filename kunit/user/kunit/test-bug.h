/* SPDX-License-Identifier: GPL-2.0-only */
/* See test.h. */
#ifndef HYP_IOMMU_USER_KUNIT_TEST_BUG_H
#define HYP_IOMMU_USER_KUNIT_TEST_BUG_H

struct kunit;

struct kunit *kunit_get_current_test(void);
void kunit_user_fail_current(const char *file, int line, const char *fmt, ...)
	__attribute__((__format__(printf, 3, 4)));

#define kunit_fail_current_test(fmt, ...) \
	kunit_user_fail_current(__FILE__, __LINE__, fmt, ##__VA_ARGS__)

#endif
