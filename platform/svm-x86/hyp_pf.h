/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The platform of the SVM monitor; see platform/platform.h.  Freestanding: it runs in an address
 * space of its own, without FPU, interrupts, or anything of Linux's.
 */
#ifndef HYP_PF_H
#define HYP_PF_H

#include <asm-generic/errno.h>

#include "platform/lang.h"
#include "launch.h"

#include <hyp_iommu/abi.h>

#define SVM_CACHE_LINE		64

void *memset(void *to, int val, size_t size);
void *memcpy(void *to, const void *from, size_t size);

extern u64 svm_tsc_khz;

static inline void *hyp_pf_va(u64 pa)
{
	return (void *)(SVM_PHYSMAP + pa);
}

static inline u64 hyp_pf_pa(const void *va)
{
	return (u64)va - SVM_PHYSMAP;
}

static inline void hyp_pf_clean(const void *va, size_t size)
{
	u64 at = (u64)va & -(u64)SVM_CACHE_LINE;

	for (; at < (u64)va + size; at += SVM_CACHE_LINE)
		asm volatile("clflush %0" : "+m"(*(volatile u8 *)at));
}

static inline void hyp_pf_invalidate(const void *va, size_t size)
{
	hyp_pf_clean(va, size);
	asm volatile("mfence" : : : "memory");
}

/* CLFLUSH is ordered by MFENCE only (AMD APM vol. 3). */
static inline void hyp_pf_wmb(void)
{
	asm volatile("mfence" : : : "memory");
}

/* Loads are not reordered with each other, whatever they load from. */
static inline void hyp_pf_rmb(void)
{
	barrier();
}

typedef u64 hyp_pf_mmio_t;

static inline u32 hyp_pf_read32(hyp_pf_mmio_t regs, u32 offset)
{
	return *(volatile u32 *)(regs + offset);
}

static inline u64 hyp_pf_read64(hyp_pf_mmio_t regs, u32 offset)
{
	return *(volatile u64 *)(regs + offset);
}

static inline void hyp_pf_write32(hyp_pf_mmio_t regs, u32 offset, u32 val)
{
	*(volatile u32 *)(regs + offset) = val;
}

static inline void hyp_pf_write64(hyp_pf_mmio_t regs, u32 offset, u64 val)
{
	*(volatile u64 *)(regs + offset) = val;
}

static inline void hyp_pf_relax(void)
{
	asm volatile("pause" : : : "memory");
}

/* Who comes first is served first. */
struct hyp_pf_lock {
	u32 next, serving;
};

#define HYP_PF_LOCK_INIT	{ .next = 0 }

static inline void hyp_pf_lock_init(struct hyp_pf_lock *lock)
{
	*lock = (struct hyp_pf_lock)HYP_PF_LOCK_INIT;
}

static inline void hyp_pf_lock(struct hyp_pf_lock *lock)
{
	u32 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket)
		hyp_pf_relax();
}

static inline void hyp_pf_unlock(struct hyp_pf_lock *lock)
{
	__atomic_store_n(&lock->serving, lock->serving + 1, __ATOMIC_RELEASE);
}

/* The host's writes to the counter are refused. */
static inline u64 hyp_pf_us(void)
{
	u32 low, high;
	u64 ticks;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	ticks = low | (u64)high << 32;
	return ticks / svm_tsc_khz * 1000 + ticks % svm_tsc_khz * 1000 / svm_tsc_khz;
}

static inline size_t hyp_pf_nospec(size_t idx, size_t nr)
{
	size_t mask;

	asm volatile("cmp %1, %2; sbb %0, %0" : "=r"(mask) : "r"(nr), "r"(idx) : "cc");
	return idx & mask;
}

#endif /* HYP_PF_H */
