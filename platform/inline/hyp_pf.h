/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The platform for kernels that have no hypervisor: everything runs in the
 * host kernel itself; see platform/platform.h.  Isolates nothing.
 */
#ifndef HYP_PF_H
#define HYP_PF_H

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/processor.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/types.h>

#include <asm/barrier.h>
#include <asm/cacheflush.h>

#include <hyp_iommu/abi.h>

static_assert(PAGE_SIZE == HYP_IOMMU_PAGE_SIZE, "only 4K pages so far");

static inline void *hyp_pf_va(u64 pa)
{
	return __va(pa);
}

static inline u64 hyp_pf_pa(const void *va)
{
	return __pa(va);
}

static inline void hyp_pf_clean(const void *va, size_t size)
{
#if defined(CONFIG_ARM64)
	dcache_clean_poc((unsigned long)va, (unsigned long)va + size);
#elif defined(CONFIG_X86) && !defined(CONFIG_UML)
	clflush_cache_range((void *)va, size);
#endif
}

static inline void hyp_pf_invalidate(const void *va, size_t size)
{
#if defined(CONFIG_ARM64)
	dcache_inval_poc((unsigned long)va, (unsigned long)va + size);
#elif defined(CONFIG_X86) && !defined(CONFIG_UML)
	clflush_cache_range((void *)va, size);
#endif
}

static inline void hyp_pf_wmb(void)
{
	mb(); /* not wmb(): on arm64 that does not wait for cleans */
}

static inline void hyp_pf_rmb(void)
{
	rmb(); /* pairs with the order in which devices write */
}

typedef void __iomem *hyp_pf_mmio_t;

static inline u32 hyp_pf_read32(hyp_pf_mmio_t regs, u32 offset)
{
	return readl_relaxed(regs + offset);
}

static inline u64 hyp_pf_read64(hyp_pf_mmio_t regs, u32 offset)
{
	return readq_relaxed(regs + offset);
}

static inline void hyp_pf_write32(hyp_pf_mmio_t regs, u32 offset, u32 val)
{
	writel_relaxed(val, regs + offset);
}

static inline void hyp_pf_write64(hyp_pf_mmio_t regs, u32 offset, u64 val)
{
	writeq_relaxed(val, regs + offset);
}

/* Hypercalls come from interrupts, too: whoever holds a lock has none. */
struct hyp_pf_lock {
	raw_spinlock_t lock;
	unsigned long flags;	/* the holder's */
};

#define HYP_PF_LOCK_INIT	{ .lock = __RAW_SPIN_LOCK_UNLOCKED(hyp_pf_lock) }

static inline void hyp_pf_lock_init(struct hyp_pf_lock *lock)
{
	raw_spin_lock_init(&lock->lock);
}

static inline void hyp_pf_lock(struct hyp_pf_lock *lock)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock->lock, flags);
	lock->flags = flags;
}

static inline void hyp_pf_unlock(struct hyp_pf_lock *lock)
{
	raw_spin_unlock_irqrestore(&lock->lock, lock->flags);
}

static inline u64 hyp_pf_us(void)
{
	return div_u64(ktime_get_mono_fast_ns(), NSEC_PER_USEC);
}

static inline void hyp_pf_relax(void)
{
	cpu_relax();
}

static inline size_t hyp_pf_nospec(size_t idx, size_t nr)
{
	return array_index_nospec(idx, nr);
}

#endif /* HYP_PF_H */
