/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The language part of platform/platform.h for platforms that are built without
 * Linux' own headers. They bring errno constants, memcpy() and memset() themselves,
 * and WRITE_ONCE() if theirs does more.
 */
#ifndef HYP_PF_LANG_H
#define HYP_PF_LANG_H

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>

#include <hyp_iommu/types.h>

#undef static_assert
#define static_assert(expr, ...)	_Static_assert(expr, "" __VA_ARGS__ #expr)

#undef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#define noinline		__attribute__((__noinline__))
#define __maybe_unused		__attribute__((__unused__))
#define __printf(a, b)		__attribute__((__format__(printf, a, b)))
#define __weak			__attribute__((__weak__))
#define __packed		__attribute__((__packed__))
#define __aligned(x)		__attribute__((__aligned__(x)))
#define __must_check		__attribute__((__warn_unused_result__))
#define fallthrough		__attribute__((__fallthrough__))
#define __flatten		__attribute__((__flatten__))
#if __has_attribute(__externally_visible__)
#define __visible		__attribute__((__externally_visible__))
#else
#define __visible
#endif
#define __noreturn		__attribute__((__noreturn__))
#define __uninitialized
#define __iomem

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define barrier()		__asm__ __volatile__("" : : : "memory")

#define U8_MAX			((u8)~0U)
#define U16_MAX			((u16)~0U)
#define U32_MAX			((u32)~0U)
#define U64_MAX			((u64)~0ULL)

#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define GENMASK(h, l)		((~0UL << (l)) & (~0UL >> (63 - (h))))

#define __fp_shift(mask)	__builtin_ctzll(mask)
#define FIELD_PREP(mask, val)	(((u64)(val) << __fp_shift(mask)) & (u64)(mask))
#define FIELD_GET(mask, reg)	(((u64)(reg) & (u64)(mask)) >> __fp_shift(mask))
#define FIELD_MAX(mask)		((u64)(mask) >> __fp_shift(mask))
#define FIELD_FIT(mask, val)	(!(((u64)(val) << __fp_shift(mask)) & ~(u64)(mask)))

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define min(a, b) ({			\
	__typeof__(a) __min_a = (a);	\
	__typeof__(b) __min_b = (b);	\
	__min_a < __min_b ? __min_a : __min_b; })
#define max(a, b) ({			\
	__typeof__(a) __max_a = (a);	\
	__typeof__(b) __max_b = (b);	\
	__max_a > __max_b ? __max_a : __max_b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))

#ifndef WRITE_ONCE
#define WRITE_ONCE(x, val) do {						\
	*(volatile __typeof__(x) *)&(x) = (val);			\
} while (0)
#endif

static inline unsigned int __ffs64(u64 x)
{
	return __builtin_ctzll(x);
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

#endif /* HYP_PF_LANG_H */
