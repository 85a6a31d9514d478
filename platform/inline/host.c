// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor side, linked into the host kernel.
 *
 * Ownership and pins are book-keeping here: they are checked among the
 * hypercalls, so that the core runs as it does under a hypervisor, but the
 * kernel can read and write everything all the same.
 */
#define pr_fmt(fmt) "hyp_iommu: " fmt

#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pfn.h>
#include <linux/vmalloc.h>

#include "core/backend.h"
#include "core/hypercall.h"
#include "hostif/linux/transport.h"

#ifdef CONFIG_HYP_IOMMU_SMMUV3
#include "backends/smmuv3/smmuv3.h"
#endif
#ifdef CONFIG_HYP_IOMMU_VTD
#include "backends/vtd/vtd.h"
#endif

const struct hyp_iommu_backend *const hyp_iommu_backends[] = {
#ifdef CONFIG_HYP_IOMMU_SMMUV3
	&hyp_smmuv3_backend,
#endif
#ifdef CONFIG_HYP_IOMMU_VTD
	&hyp_vtd_backend,
#endif
	NULL
};

/* A piece of memory, with a word per page: how often pinned, or PAGE_TAKEN. */
struct ram {
	u64 pfn, nr;
	u32 *page;
};

#define PAGE_TAKEN	U32_MAX
#define MAX_RAM		128
#define MAX_REGS	32

static struct ram ram[MAX_RAM];
static unsigned int nr_ram;
static DEFINE_RAW_SPINLOCK(ownership);	/* of all `page` */

struct regs {
	u64 pa, size;
};

static struct regs regs_list[MAX_REGS];	/* taken */
static unsigned int nr_regs;
static DEFINE_MUTEX(regs_mutex);	/* of additions to the list */

static bool ready __read_mostly;
static bool finalised __read_mostly;

bool hyp_pf_finalised(void)
{
	return READ_ONCE(finalised);
}

bool hyp_pf_isolates(void)
{
	return false;
}

/* ---- memory ---- */

static bool range_is_valid(u64 pa, u64 nr)
{
	return PAGE_ALIGNED(pa) && nr && nr - 1 <= (U64_MAX - pa) >> PAGE_SHIFT;
}

/* The word of a page; NULL if that is not memory. */
static u32 *find_page(u64 pfn)
{
	for (unsigned int i = 0; i < nr_ram; i++) {
		if (pfn >= ram[i].pfn && pfn - ram[i].pfn < ram[i].nr)
			return &ram[i].page[pfn - ram[i].pfn];
	}

	return NULL;
}

static bool touches_ram(u64 pa, u64 size)
{
	u64 first = PHYS_PFN(pa), last = PHYS_PFN(pa + (size - 1));

	for (unsigned int i = 0; i < nr_ram; i++) {
		if (first < ram[i].pfn + ram[i].nr && ram[i].pfn <= last)
			return true;
	}

	return false;
}

/* 0: all pages are what @want says; else an error. */
enum want { FREE, TAKEN, HOSTS };

static int check_locked(u64 pa, u64 nr, enum want want)
{
	for (u64 i = 0; i < nr; i++) {
		const u32 *page = find_page(PHYS_PFN(pa) + i);
		bool taken = page && *page == PAGE_TAKEN;

		if (!page || (want == TAKEN ? !taken : taken))
			return -EPERM;
		if (want == FREE && *page)
			return -EBUSY;
	}

	return 0;
}

static int take_locked(u64 pa, u64 nr)
{
	int ret = check_locked(pa, nr, FREE);

	for (u64 i = 0; !ret && i < nr; i++)
		*find_page(PHYS_PFN(pa) + i) = PAGE_TAKEN;

	return ret;
}

int hyp_pf_take_pages(u64 pa, u64 nr)
{
	unsigned long flags;
	int ret;

	if (!range_is_valid(pa, nr))
		return -EINVAL;

	raw_spin_lock_irqsave(&ownership, flags);
	ret = take_locked(pa, nr);
	raw_spin_unlock_irqrestore(&ownership, flags);
	if (ret)
		return ret;

	memset(hyp_pf_va(pa), 0, nr << PAGE_SHIFT);
	hyp_pf_clean(hyp_pf_va(pa), nr << PAGE_SHIFT);
	hyp_pf_wmb();

	return 0;
}

int hyp_pf_return_pages(u64 pa, u64 nr)
{
	unsigned long flags;
	int ret;

	if (!range_is_valid(pa, nr))
		return -EINVAL;

	/* Nobody else may touch them, as long as they are taken. */
	raw_spin_lock_irqsave(&ownership, flags);
	ret = check_locked(pa, nr, TAKEN);
	raw_spin_unlock_irqrestore(&ownership, flags);
	if (ret)
		return ret;

	memset(hyp_pf_va(pa), 0, nr << PAGE_SHIFT);
	hyp_pf_clean(hyp_pf_va(pa), nr << PAGE_SHIFT);
	hyp_pf_wmb();

	raw_spin_lock_irqsave(&ownership, flags);
	for (u64 i = 0; i < nr; i++)
		*find_page(PHYS_PFN(pa) + i) = 0;
	raw_spin_unlock_irqrestore(&ownership, flags);

	return 0;
}

/* The words of the pages from @pfn on, *@nr at most, that are in one piece of memory; or NULL. */
static u32 *find_pages(u64 pfn, u64 *nr)
{
	for (unsigned int i = 0; i < nr_ram; i++) {
		if (pfn >= ram[i].pfn && pfn - ram[i].pfn < ram[i].nr) {
			*nr = min(*nr, ram[i].nr - (pfn - ram[i].pfn));
			return &ram[i].page[pfn - ram[i].pfn];
		}
	}

	return NULL;
}

/* Return: how many pages were unpinned; fewer than @nr: the next one is not pinned. */
static u64 unpin_locked(u64 pa, u64 nr)
{
	u64 done = 0;

	while (done < nr) {
		u64 n = nr - done;
		u32 *page = find_pages(PHYS_PFN(pa) + done, &n);

		if (!page)
			break;
		for (; n; n--, page++, done++) {
			if (!*page || *page == PAGE_TAKEN)
				return done;
			*page -= 1;
		}
	}

	return done;
}

/* *@done gets the number of pages that were pinned. */
static int pin_locked(u64 pa, u64 nr, u64 *done)
{
	for (*done = 0; *done < nr;) {
		u64 i = 0, n = nr - *done;
		u32 *page = find_pages(PHYS_PFN(pa) + *done, &n);

		if (!page)
			return -EPERM;
		while (i < n && page[i] < PAGE_TAKEN - 1)
			page[i++] += 1;
		*done += i;
		if (i < n)
			return page[i] == PAGE_TAKEN ? -EPERM : -EBUSY;
	}

	return 0;
}

int hyp_pf_pin_pages(u64 pa, u64 nr)
{
	unsigned long flags;
	u64 done;
	int ret;

	if (!range_is_valid(pa, nr))
		return -EINVAL;

	raw_spin_lock_irqsave(&ownership, flags);
	ret = pin_locked(pa, nr, &done);
	if (ret)
		unpin_locked(pa, done);
	raw_spin_unlock_irqrestore(&ownership, flags);

	return ret;
}

void hyp_pf_unpin_pages(u64 pa, u64 nr)
{
	unsigned long flags;
	u64 done = 0;

	raw_spin_lock_irqsave(&ownership, flags);
	if (range_is_valid(pa, nr))
		done = unpin_locked(pa, nr);
	raw_spin_unlock_irqrestore(&ownership, flags);

	if (done < nr)
		pr_err_once("unpin of %#llx, %llu pages: not pinned\n", pa, nr);
}

int hyp_pf_read_host(void *buf, u64 pa, size_t size)
{
	unsigned long flags;
	int ret;

	if (!size || size > PAGE_SIZE - offset_in_page(pa))
		return -EINVAL;

	raw_spin_lock_irqsave(&ownership, flags);
	ret = check_locked(pa & PAGE_MASK, 1, HOSTS);
	if (!ret)
		memcpy(buf, hyp_pf_va(pa), size);
	raw_spin_unlock_irqrestore(&ownership, flags);

	return ret;
}

/* ---- registers ---- */

static bool overlaps(u64 pa, u64 size, u64 pa2, u64 size2)
{
	return pa <= pa2 + (size2 - 1) && pa2 <= pa + (size - 1);
}

static bool taken_mmio(u64 pa, u64 size)
{
	unsigned int nr = smp_load_acquire(&nr_regs); /* pairs with hyp_pf_take_mmio() */

	for (unsigned int i = 0; i < nr; i++) {
		if (overlaps(pa, size, regs_list[i].pa, regs_list[i].size))
			return true;
	}

	return false;
}

/* Sleeps: only HYP_IOMMU_UNIT_ADD gets here, from a driver's probe, and with no lock held. */
int hyp_pf_take_mmio(u64 pa, u64 size, hyp_pf_mmio_t *regs)
{
	void __iomem *va = NULL;

	if (!PAGE_ALIGNED(size) || !range_is_valid(pa, size >> PAGE_SHIFT))
		return -EINVAL;
	if (touches_ram(pa, size))
		return -EPERM;

	guard(mutex)(&regs_mutex);
	if (taken_mmio(pa, size))
		return -EPERM;
	if (nr_regs == MAX_REGS)
		return -ENOMEM;
#ifdef CONFIG_HAS_IOMEM
	va = ioremap(pa, size);
#endif
	if (!va)
		return -ENOMEM;
	regs_list[nr_regs] = (struct regs){ pa, size };
	smp_store_release(&nr_regs, nr_regs + 1); /* the entry is complete */
	*regs = va;

	return 0;
}

bool hyp_pf_is_host_mmio(u64 pa, u64 size)
{
	return PAGE_ALIGNED(size) && range_is_valid(pa, size >> PAGE_SHIFT) &&
	       !touches_ram(pa, size) && !taken_mmio(pa, size);
}

/* ---- hypercalls ---- */

bool hyp_iommu_hvc_expected(void)
{
	return true;
}

bool hyp_iommu_hvc_available(void)
{
	return READ_ONCE(ready);
}

struct hyp_iommu_ret hyp_iommu_hvc(u64 call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	const u64 args[HYP_IOMMU_MAX_ARGS] = { a0, a1, a2, a3, a4, a5 };
	struct hyp_iommu_ret ret = { .status = -EOPNOTSUPP };

	if (!READ_ONCE(ready))
		return ret;
	hyp_iommu_dispatch(call, args, &ret);

	return ret;
}

static int __init add_ram(unsigned long pfn, unsigned long nr, void *arg)
{
	struct ram *r = &ram[nr_ram];

	if (nr_ram == MAX_RAM)
		return -ENOSPC;
	r->page = vcalloc(nr, sizeof(*r->page));
	if (!r->page)
		return -ENOMEM;
	r->pfn = pfn;
	r->nr = nr;
	nr_ram++;

	return 0;
}

static int __init hyp_inline_init(void)
{
	int ret = walk_system_ram_range(0, PHYS_PFN(U64_MAX), NULL, add_ram);

	/* User-mode Linux lists no memory among its resources. */
	if (!nr_ram && IS_ENABLED(CONFIG_UML))
		ret = add_ram(min_low_pfn, max_low_pfn - min_low_pfn, NULL);
	if (ret) {
		pr_err("cannot keep account of memory: %d\n", ret);
		return ret;
	}
	WRITE_ONCE(ready, true);
	pr_notice("no hypervisor: runs within the kernel and ISOLATES NOTHING from it\n");

	return 0;
}
core_initcall(hyp_inline_init);

static int __init hyp_inline_finalise(void)
{
	WRITE_ONCE(finalised, true);

	return 0;
}
device_initcall_sync(hyp_inline_finalise);
