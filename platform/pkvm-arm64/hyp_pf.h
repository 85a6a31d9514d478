/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The platform of protected KVM on arm64, where all code runs at EL2; see
 * platform/platform.h.  Only what may be used there: no printk, no allocator,
 * and no WARN or BUG, each of which ends the whole machine.
 */
#ifndef HYP_PF_H
#define HYP_PF_H

#include <linux/align.h>
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
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/arch_timer.h>
#include <asm/barrier.h>
#include <asm/kvm_mmu.h>
#include <asm/processor.h>
#include <asm/sysreg.h>

#include <nvhe/memory.h>
#include <nvhe/spinlock.h>

#include <hyp_iommu/abi.h>

static_assert(PAGE_SIZE == HYP_IOMMU_PAGE_SIZE, "only 4K pages so far");

/* What was taken is in EL2's linear map. */
static inline void *hyp_pf_va(u64 pa)
{
	return __hyp_va(pa);
}

static inline u64 hyp_pf_pa(const void *va)
{
	return __hyp_pa(va);
}

/* EL2 has one operation for both, with all the errata in it. */
static inline void hyp_pf_clean(const void *va, size_t size)
{
	kvm_flush_dcache_to_poc(va, size);
}

static inline void hyp_pf_invalidate(const void *va, size_t size)
{
	kvm_flush_dcache_to_poc(va, size);
}

/* A DSB for stores only would not wait for cleans. */
static inline void hyp_pf_wmb(void)
{
	dsb(sy);
}

static inline void hyp_pf_rmb(void)
{
	dsb(ld);
}

typedef void __iomem *hyp_pf_mmio_t;

/* Does anything answer a load of 32 bits?  See probe.S. */
bool hyp_pkvm_mmio_answers(const void __iomem *va);

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

struct hyp_pf_lock {
	hyp_spinlock_t lock;
};

#define HYP_PF_LOCK_INIT	{ .lock = __HYP_SPIN_LOCK_INITIALIZER }

static inline void hyp_pf_lock_init(struct hyp_pf_lock *lock)
{
	hyp_spin_lock_init(&lock->lock);
}

static inline void hyp_pf_lock(struct hyp_pf_lock *lock)
{
	hyp_spin_lock(&lock->lock);
}

static inline void hyp_pf_unlock(struct hyp_pf_lock *lock)
{
	hyp_spin_unlock(&lock->lock);
}

/*
 * The physical counter: the host can put an offset on the virtual one, also as
 * seen from EL2, and none on this.  CNTFRQ_EL0 is for the firmware to write; if
 * it did not, time passes too fast rather than not at all.
 */
static inline u64 hyp_pf_us(void)
{
	u64 ticks = arch_timer_read_cntpct_el0();
	u64 hz = read_sysreg(cntfrq_el0) ?: 1000000;

	return ticks / hz * 1000000 + ticks % hz * 1000000 / hz;
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
