/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The platform of the benchmark; see platform/platform.h.  What is inline there
 * is as few instructions as on a platform that one would run.
 */
#ifndef HYP_PF_H
#define HYP_PF_H

#include <errno.h>
#include <string.h>

#include "platform/lang.h"
#include "bench/bench.h"

typedef void *hyp_pf_mmio_t;

struct hyp_pf_lock {
	int held;
};

#define HYP_PF_LOCK_INIT	{ 0 }

static inline void *hyp_pf_va(u64 pa)
{
	return (void *)(pa + bench_phys_offset);
}

static inline u64 hyp_pf_pa(const void *va)
{
	return (u64)va - bench_phys_offset;
}

static inline void hyp_pf_clean(const void *va, size_t size)
{
	bench_clean(va, size);
}

static inline void hyp_pf_wmb(void)
{
#if defined(__x86_64__)
	__asm__ __volatile__("sfence" : : : "memory");
#elif defined(__aarch64__)
	__asm__ __volatile__("dsb st" : : : "memory");
#endif
}

static inline void hyp_pf_lock(struct hyp_pf_lock *lock)
{
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		barrier();
}

static inline void hyp_pf_unlock(struct hyp_pf_lock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

#endif /* HYP_PF_H */
