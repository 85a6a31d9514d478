/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated platform of the test suites; see platform/platform.h.
 *
 * Everything inline is a call, so that the simulation can check what the code
 * under test does, count it, trace it, and make it fail.  What tests use is
 * in sim.h.
 */
#ifndef HYP_PF_H
#define HYP_PF_H

#ifdef __KERNEL__
#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/rwonce.h>
#else
#include "platform/sim/lang.h"
#endif

struct sim_mmio;
typedef struct sim_mmio *hyp_pf_mmio_t;

struct hyp_pf_lock {
	unsigned long holder;	/* 0: free */
};

#define HYP_PF_LOCK_INIT	{ .holder = 0 }

void *sim_va(u64 pa);
u64 sim_pa(const void *va);
void sim_clean(const void *va, size_t size);
void sim_invalidate(const void *va, size_t size);
void sim_wmb(void);
u64 sim_mmio_read(struct sim_mmio *regs, u32 offset, unsigned int width);
void sim_mmio_write(struct sim_mmio *regs, u32 offset, u64 val, unsigned int width);
void sim_lock(struct hyp_pf_lock *lock);
void sim_unlock(struct hyp_pf_lock *lock);
u64 sim_us(void);
void sim_relax(void);

static inline void *hyp_pf_va(u64 pa)
{
	return sim_va(pa);
}

static inline u64 hyp_pf_pa(const void *va)
{
	return sim_pa(va);
}

static inline void hyp_pf_clean(const void *va, size_t size)
{
	sim_clean(va, size);
}

static inline void hyp_pf_invalidate(const void *va, size_t size)
{
	sim_invalidate(va, size);
}

static inline void hyp_pf_wmb(void)
{
	sim_wmb();
}

static inline void hyp_pf_rmb(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static inline u32 hyp_pf_read32(hyp_pf_mmio_t regs, u32 offset)
{
	return (u32)sim_mmio_read(regs, offset, 4);
}

static inline u64 hyp_pf_read64(hyp_pf_mmio_t regs, u32 offset)
{
	return sim_mmio_read(regs, offset, 8);
}

static inline void hyp_pf_write32(hyp_pf_mmio_t regs, u32 offset, u32 val)
{
	sim_mmio_write(regs, offset, val, 4);
}

static inline void hyp_pf_write64(hyp_pf_mmio_t regs, u32 offset, u64 val)
{
	sim_mmio_write(regs, offset, val, 8);
}

static inline void hyp_pf_lock_init(struct hyp_pf_lock *lock)
{
	lock->holder = 0;
}

static inline void hyp_pf_lock(struct hyp_pf_lock *lock)
{
	sim_lock(lock);
}

static inline void hyp_pf_unlock(struct hyp_pf_lock *lock)
{
	sim_unlock(lock);
}

static inline u64 hyp_pf_us(void)
{
	return sim_us();
}

static inline void hyp_pf_relax(void)
{
	sim_relax();
}

static inline size_t hyp_pf_nospec(size_t idx, size_t nr)
{
	return idx < nr ? idx : 0;
}

#endif /* HYP_PF_H */
