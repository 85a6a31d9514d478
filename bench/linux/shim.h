/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of a kernel as Linux's I/O page tables need to run in user space.
 *
 * Their sources, and the headers that define their interfaces (linux/iommu.h,
 * linux/io-pgtable.h, linux/generic_pt/), come from a Linux tree and stay as
 * they are.  All other headers that these include are empty (bench/Makefile
 * makes them); what they would have brought is in here, and is included first.
 * What a kernel does in a few instructions is done in as few: barriers and
 * atomics are those of the machine that this runs on.
 */
#ifndef BENCH_LINUX_SHIM_H
#define BENCH_LINUX_SHIM_H

/* ---- configuration: 64 bits, more than one CPU ---- */

#define CONFIG_64BIT		1
#define CONFIG_SMP		1
#define CONFIG_IOMMU_API	1
#define CONFIG_IOMMU_PT		1
#ifdef __x86_64__
#define CONFIG_X86		1
#endif

#include "include/linux/kconfig.h"
#include "include/uapi/asm-generic/errno.h"

/* ---- types ---- */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s32 __s32;
typedef s64 __s64;
typedef u64 __aligned_u64;
typedef u64 __le64;
typedef u64 __be64;
typedef u32 __le32;
typedef u32 __be32;
typedef u16 __le16;
typedef u16 __be16;
typedef _Bool bool;
typedef unsigned long size_t;
typedef long ssize_t;
typedef unsigned long uintptr_t;
typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef unsigned int gfp_t;
typedef unsigned long pgoff_t;
typedef struct { int counter; } atomic_t;
typedef struct { int locked; } spinlock_t;
typedef struct { int refs; } refcount_t;

enum { false, true };

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct rcu_head {
	void *next;
};

struct mutex {
	int locked;
};

struct work_struct {
	int pending;
};

struct dev_iommu;
struct mm_struct;
struct module;
struct fwnode_handle;

struct device {
	struct dev_iommu *iommu;
};

/* ---- compiler ---- */

#define NULL			((void *)0)
#define offsetof(type, member)	__builtin_offsetof(type, member)
#define typeof			__typeof__
#define inline			inline __attribute__((__unused__))
#define __always_inline		inline __attribute__((__always_inline__))
#define noinline		__attribute__((__noinline__))
#define __maybe_unused		__attribute__((__unused__))
#define __cold			__attribute__((__cold__))
#define __packed		__attribute__((__packed__))
#define __printf(a, b)		__attribute__((__format__(printf, a, b)))
#define __must_check
#define __rcu
#define __user
#define __iomem
#define __force
#define __counted_by(member)
#define fallthrough		__attribute__((__fallthrough__))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	(*(volatile __typeof__(x) *)&(x) = (val))
#define barrier()		__asm__ __volatile__("" : : : "memory")
#define data_race(x)		(x)
#define static_assert(expr, ...)	_Static_assert(expr, #expr)
#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), #cond)
#define BUILD_BUG_ON_MSG(cond, msg) do { } while (0)
#define BUILD_BUG_ON_ZERO(cond)	0
#define BUILD_BUG()		do { } while (0)
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define container_of_const(ptr, type, member)	container_of(ptr, type, member)
#define __CONCAT(a, b)		a ## b
#define CONCATENATE(a, b)	__CONCAT(a, b)
#define __stringify_1(x...)	#x
#define __stringify(x...)	__stringify_1(x)
#define EXPORT_SYMBOL_GPL(sym)
#define EXPORT_SYMBOL_NS_GPL(sym, ns)
#define MODULE_LICENSE(s)
#define MODULE_DESCRIPTION(s)
#define MODULE_IMPORT_NS(s)

/* ---- numbers ---- */

#define bench_pick(a, b, than) ({					\
	__typeof__(a) _a = (a);						\
	__typeof__(b) _b = (b);						\
									\
	_a than _b ? _a : _b; })

#define U8_MAX			((u8)~0U)
#define U32_MAX			((u32)~0U)
#define U64_MAX			((u64)~0ULL)
#define UINT_MAX		(~0U)
#define ULONG_MAX		(~0UL)
#define BITS_PER_LONG		64
#define UL(x)			(x ## UL)
#define _AC(x, y)		(x ## y)
#define _BITUL(x)		(1UL << (x))
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK(h, l)		((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define FIELD_PREP(mask, val)	(((u64)(val) << __builtin_ctzll(mask)) & (u64)(mask))
#define FIELD_GET(mask, reg)	(((u64)(reg) & (u64)(mask)) >> __builtin_ctzll(mask))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define min(a, b)		bench_pick(a, b, <)
#define max(a, b)		bench_pick(a, b, >)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define ilog2(n)		(63 - __builtin_clzll(n))

static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

#define __ffs(x)		((unsigned int)__builtin_ctzl(x))
#define __ffs64(x)		((unsigned int)__builtin_ctzll(x))
#define __fls(x)		(63 - (unsigned int)__builtin_clzl(x))
#define ffz(x)			__ffs(~(x))

static inline void set_bit(long nr, volatile unsigned long *addr)
{
	__atomic_fetch_or(addr, BIT(nr), __ATOMIC_RELAXED);
}

/* ---- errors ---- */

#define IS_ERR(ptr)		((unsigned long)(ptr) >= -4095UL)
#define PTR_ERR(ptr)		((long)(ptr))
#define ERR_PTR(err)		((void *)(long)(err))

/* A benchmark that runs into one of these has measured nothing: it ends. */
void bench_warn(const char *file, int line) __cold;

#define WARN_ON(cond) ({					\
	bool _warn = !!(cond);					\
								\
	if (unlikely(_warn))					\
		bench_warn(__FILE__, __LINE__);			\
	unlikely(_warn); })
#define WARN_ONCE(cond, fmt...)	WARN_ON(cond)
#define WARN_ON_ONCE(cond)	WARN_ON(cond)
#define dev_err(dev, fmt...)	bench_warn(__FILE__, __LINE__)
#define pr_err_ratelimited(fmt...)	bench_warn(__FILE__, __LINE__)

/* ---- barriers and atomics ---- */

#if defined(__x86_64__)
#define mb()			__asm__ __volatile__("mfence" : : : "memory")
#define wmb()			__asm__ __volatile__("sfence" : : : "memory")
#define dma_wmb()		barrier()
#define smp_mb()		__asm__ __volatile__("lock; addl $0,-4(%%rsp)" : : : "memory", "cc")
#elif defined(__aarch64__)
#define mb()			__asm__ __volatile__("dsb sy" : : : "memory")
#define wmb()			__asm__ __volatile__("dsb st" : : : "memory")
#define dma_wmb()		__asm__ __volatile__("dmb oshst" : : : "memory")
#define smp_mb()		__asm__ __volatile__("dmb ish" : : : "memory")
#endif

#define cmpxchg64_relaxed(ptr, old, new) ({				\
	__typeof__(*(ptr)) _old = (old);				\
									\
	__atomic_compare_exchange_n(ptr, &_old, new, false,		\
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED);	\
	_old; })
#define try_cmpxchg_release(ptr, old, new)				\
	__atomic_compare_exchange_n(ptr, old, new, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)
#define try_cmpxchg64_release(ptr, old, new)	try_cmpxchg_release(ptr, old, new)
#define try_cmpxchg64(ptr, old, new)					\
	__atomic_compare_exchange_n(ptr, old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)

/* Only for tables that grow at the top, which none here does. */
#define spin_lock_irqsave(lock, flags)		((void)(lock), (flags) = 0)
#define spin_unlock_irqrestore(lock, flags)	((void)(lock), (void)(flags))

/* ---- memory ---- */

#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define GFP_KERNEL		0
#define GFP_ATOMIC		0
#define NUMA_NO_NODE		(-1)

void *memset(void *s, int c, size_t n);
void *memcpy(void *d, const void *s, size_t n);

/* bench/memory.c */
extern unsigned long bench_phys_offset;
void *bench_alloc(size_t size);
void bench_free(void *va, size_t size);
void bench_clean(const void *va, size_t size);

struct folio;
extern char bench_folios[];
extern unsigned long bench_memory;	/* address of what the folios describe */

static inline void *phys_to_virt(phys_addr_t pa)
{
	return (void *)(pa + bench_phys_offset);
}

static inline phys_addr_t virt_to_phys(const void *va)
{
	return (unsigned long)va - bench_phys_offset;
}

#define __va(pa)		phys_to_virt(pa)

#define BENCH_FOLIO_SIZE	64	/* of a struct page */

static inline struct folio *virt_to_folio(const void *va)
{
	return (struct folio *)(bench_folios +
		(((unsigned long)va - bench_memory) >> PAGE_SHIFT) * BENCH_FOLIO_SIZE);
}

#define memset_after(obj, v, member) ({					\
	size_t _from = offsetof(__typeof__(*(obj)), member) +		\
		       sizeof((obj)->member);				\
									\
	memset((char *)(obj) + _from, v, sizeof(*(obj)) - _from); })

void *kmalloc(size_t size, gfp_t gfp);
void kfree(const void *p);

#define kmalloc_obj(obj)	((__typeof__(obj) *)kmalloc(sizeof(obj), GFP_KERNEL))
#define __sme_clr(x)		(x)
#define __sme_set(x)		(x)

/* ---- devices that do not snoop ---- */

enum dma_data_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE };

/* Like arm64's: all lines, then a barrier. */
static inline void dma_sync_single_for_device(struct device *dev, dma_addr_t pa, size_t size,
					      enum dma_data_direction dir)
{
	bench_clean(phys_to_virt(pa), size);
	wmb();
}

static inline dma_addr_t dma_map_single(struct device *dev, void *va, size_t size,
					enum dma_data_direction dir)
{
	dma_sync_single_for_device(dev, virt_to_phys(va), size, dir);
	return virt_to_phys(va);
}

#define dma_unmap_single(dev, dma, size, dir)	do { } while (0)
#define dma_mapping_error(dev, dma)		0
#define dev_to_node(dev)			NUMA_NO_NODE

/* Like x86's: barriers before and after. */
static inline void clflush_cache_range(void *va, unsigned int size)
{
	mb();
	bench_clean(va, size);
	mb();
}

/* ---- lists ---- */

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	WRITE_ONCE(list->next, list);
	WRITE_ONCE(list->prev, list);
}

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

static inline void list_add_tail(struct list_head *new, struct list_head *head)
{
	struct list_head *last = head->prev;

	head->prev = new;
	new->next = head;
	new->prev = last;
	WRITE_ONCE(last->next, new);
}

/* Move all of @list to the front of @head; @list is then no list any more. */
static inline void list_splice(const struct list_head *list, struct list_head *head)
{
	struct list_head *first = list->next;
	struct list_head *last = list->prev;
	struct list_head *at = head->next;

	if (list_empty(list))
		return;
	first->prev = head;
	head->next = first;
	last->next = at;
	at->prev = last;
}

/* ---- what linux/iommu.h mentions ---- */

enum iommu_hw_info_type { BENCH_NO_HW_INFO };
enum iommu_viommu_type { BENCH_NO_VIOMMU };

struct of_phandle_args;
struct pci_dev;
struct scatterlist;

struct sg_table {
	struct scatterlist *sgl;
	unsigned int orig_nents;
};

struct attribute_group;
struct notifier_block;
struct iova_bitmap;

#define dev_get_drvdata(dev)	NULL

/* User space hands nothing in here. */
static inline int bench_no_copy(void)
{
	bench_warn(__FILE__, __LINE__);
	return -EFAULT;
}

#define copy_from_user(...)		bench_no_copy()
#define copy_struct_from_user(...)	bench_no_copy()
#define copy_struct_to_user(...)	bench_no_copy()

static inline void iova_bitmap_set(struct iova_bitmap *bitmap, unsigned long iova, size_t length)
{
}

#endif /* BENCH_LINUX_SHIM_H */
