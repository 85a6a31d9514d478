/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a hypervisor has to offer to core/, pgtable/ and backends/.
 *
 * Each platform has a directory with a header hyp_pf.h, which is found through
 * the include path.  hyp_pf.h brings
 *
 *  - the language: u8..u64, bool, size_t, NULL, errno constants, memcpy(),
 *    memset(), READ_ONCE(), WRITE_ONCE() (single-copy atomic for aligned
 *    64-bit values), BIT(), BIT_ULL(), GENMASK_ULL(), FIELD_PREP(),
 *    FIELD_GET() (64-bit masks), min(), max(), ARRAY_SIZE(), container_of(),
 *    likely(), unlikely(), static_assert(), __always_inline, noinline, __iomem,
 *    __uninitialized (a local variable that the compiler need not zero),
 *    __ffs64() and fls64()
 *
 *  - as inline functions or macros, in the shape written below, everything
 *    that is marked "inline".
 *
 * All physical addresses are u64.  No function here sleeps, prints, or trusts
 * its caller's caller: the host's arguments reach take, pin and friends as
 * they are.
 */
#ifndef HYP_PF_PLATFORM_H
#define HYP_PF_PLATFORM_H

#include <hyp_pf.h>
#include <hyp_iommu/abi.h>

#ifdef HYP_PF_DOCUMENTATION	/* the inline part, for the reader */

/* inline: hypervisor pointer for memory that was taken, and back. */
void *hyp_pf_va(u64 pa);
u64 hyp_pf_pa(const void *va);

/*
 * inline: write [va, va + size) back so that a device that does not snoop CPU
 * caches sees it.  Complete when the next hyp_pf_wmb() is.
 */
void hyp_pf_clean(const void *va, size_t size);

/*
 * inline: drop cached copies of [va, va + size), which a device that does not
 * snoop has written, so that the next read sees memory.
 */
void hyp_pf_invalidate(const void *va, size_t size);

/*
 * inline: stores and cleans before it reach devices before any store, to
 * memory or registers, after it.
 */
void hyp_pf_wmb(void);

/* inline: reads before it, of memory or registers, are done before any after it. */
void hyp_pf_rmb(void);

/*
 * inline: registers of a unit; offsets in bytes, no barrier implied, one
 * access of exactly that width.  hyp_pf_mmio_t is whatever the platform likes.
 */
u32 hyp_pf_read32(hyp_pf_mmio_t regs, u32 offset);
u64 hyp_pf_read64(hyp_pf_mmio_t regs, u32 offset);
void hyp_pf_write32(hyp_pf_mmio_t regs, u32 offset, u32 val);
void hyp_pf_write64(hyp_pf_mmio_t regs, u32 offset, u64 val);

/* inline: spinlocks.  HYP_PF_LOCK_INIT initialises a static one. */
struct hyp_pf_lock;
void hyp_pf_lock_init(struct hyp_pf_lock *lock);
void hyp_pf_lock(struct hyp_pf_lock *lock);
void hyp_pf_unlock(struct hyp_pf_lock *lock);

/* inline: a clock that only goes forward, in microseconds, not the host's to change. */
u64 hyp_pf_us(void);

/* inline: a pause in a polling loop. */
void hyp_pf_relax(void);

/* inline: @idx, or 0 where it is not below @nr, also under speculation. */
size_t hyp_pf_nospec(size_t idx, size_t nr);

#endif /* HYP_PF_DOCUMENTATION */

/**
 * hyp_pf_finalised() - has the host lost its trust?
 *
 * Return: true from the moment on that the host is taken to be hostile; never
 * goes back to false.
 */
bool hyp_pf_finalised(void);

/**
 * hyp_pf_isolates() - can the host reach what was taken?
 *
 * Return: false on platforms that have no hypervisor to speak of.
 */
bool hyp_pf_isolates(void);

/**
 * hyp_pf_take_pages() - take memory from the host, for good or until returned
 * @pa: page-aligned address
 * @nr: number of contiguous pages, > 0
 *
 * The pages are zeroed, and written back to memory for devices that do not
 * snoop; the host can neither read nor write them any more and hyp_pf_va()
 * works on them.
 *
 * Return: 0; -EPERM: not memory, or not the host's alone; -EBUSY: a page is
 * pinned; -ENOMEM: the hypervisor has no memory to map them; -EINVAL: range.
 * On error nothing was taken.
 */
int hyp_pf_take_pages(u64 pa, u64 nr);

/**
 * hyp_pf_return_pages() - give back memory that was taken
 * @pa: page-aligned address
 * @nr: number of pages
 *
 * No device and no table refers to the pages any more.  The host gets them
 * zeroed.
 *
 * Return: 0, or an error, in which case the hypervisor still owns all of them.
 */
int hyp_pf_return_pages(u64 pa, u64 nr);

/**
 * hyp_pf_pin() - keep the host's access to memory as it is
 * @list: pieces of memory, whole pages and not empty
 * @nr: pieces; as many as one may hold a lock for
 * @done: pieces that were pinned: the first ones, and nothing of the others
 *
 * Until the matching unpin no transition that takes away the host's access to
 * one of the pages succeeds.  Pins are counted.
 *
 * Return: 0: *@done is @nr; or why the next piece was not: -EPERM: a page is
 * not memory that the host may read and write now; -EBUSY: the count is full;
 * -EINVAL: range.
 */
int hyp_pf_pin(const struct hyp_iommu_sg *list, u32 nr, u32 *done);

/**
 * hyp_pf_unpin() - drop one pin of each page
 * @list: pieces of memory; each page was pinned by hyp_pf_pin(), in whatever piece
 * @nr: pieces; as many as one may hold a lock for
 */
void hyp_pf_unpin(const struct hyp_iommu_sg *list, u32 nr);

/**
 * hyp_pf_read_host() - copy from memory that the host may read and write now
 * @buf: where to; the hypervisor's own
 * @pa: any address
 * @size: bytes, > 0; the range does not cross a page
 *
 * The host may write to it at the same time.
 *
 * Return: 0; -EPERM: see hyp_pf_pin(); -EINVAL: range.  On error the
 * content of @buf means nothing.
 */
int hyp_pf_read_host(void *buf, u64 pa, size_t size);

/**
 * hyp_pf_take_mmio() - take device registers from the host, for good
 * @pa: page-aligned address
 * @size: multiple of the page size
 * @regs: where to put the base for hyp_pf_read32() and friends
 *
 * Return: 0; -EPERM: memory, or not the host's; -ENXIO: nothing answers there;
 * -EINVAL: range; -ENOMEM.  On error nothing was taken.
 */
int hyp_pf_take_mmio(u64 pa, u64 size, hyp_pf_mmio_t *regs);

/**
 * hyp_pf_is_host_mmio() - may [pa, pa + size) be given to devices as MMIO?
 * @pa: page-aligned address
 * @size: multiple of the page size
 *
 * Return: true if no byte of it is memory or was taken by the hypervisor.
 */
bool hyp_pf_is_host_mmio(u64 pa, u64 size);

#endif /* HYP_PF_PLATFORM_H */
