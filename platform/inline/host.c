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
#include "platform/ram.h"
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

#define MAX_RAM		128
#define MAX_REGS	32

static struct hyp_ram ram[MAX_RAM];
static struct hyp_ram_list account = { .ram = ram };
static DEFINE_RAW_SPINLOCK(ownership);	/* of the account */

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

static int take_locked(u64 pa, u64 nr)
{
	int ret = hyp_ram_check(&account, pa, nr, HYP_RAM_HOST, true);

	if (!ret)
		hyp_ram_set_owner(&account, pa, nr, HYP_RAM_HYP);

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
	ret = hyp_ram_check(&account, pa, nr, HYP_RAM_HYP, false);
	raw_spin_unlock_irqrestore(&ownership, flags);
	if (ret)
		return ret;

	memset(hyp_pf_va(pa), 0, nr << PAGE_SHIFT);
	hyp_pf_clean(hyp_pf_va(pa), nr << PAGE_SHIFT);
	hyp_pf_wmb();

	raw_spin_lock_irqsave(&ownership, flags);
	hyp_ram_set_owner(&account, pa, nr, HYP_RAM_HOST);
	raw_spin_unlock_irqrestore(&ownership, flags);

	return 0;
}

int hyp_pf_pin(const struct hyp_iommu_sg *list, u32 nr, u32 *done)
{
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&ownership, flags);
	ret = hyp_ram_pin(&account, list, nr, done);
	raw_spin_unlock_irqrestore(&ownership, flags);

	return ret;
}

void hyp_pf_unpin(const struct hyp_iommu_sg *list, u32 nr)
{
	unsigned long flags;
	u64 missed;

	raw_spin_lock_irqsave(&ownership, flags);
	missed = hyp_ram_unpin(&account, list, nr);
	raw_spin_unlock_irqrestore(&ownership, flags);

	if (unlikely(missed))
		pr_err_once("unpin: %llu pages were not pinned\n", missed);
}

int hyp_pf_read_host(void *buf, u64 pa, size_t size)
{
	unsigned long flags;
	int ret;

	if (!size || size > PAGE_SIZE - offset_in_page(pa))
		return -EINVAL;

	raw_spin_lock_irqsave(&ownership, flags);
	ret = hyp_ram_check(&account, pa, 1, HYP_RAM_HOST, false);
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
	if (hyp_ram_touches(&account, pa, size))
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
	       !hyp_ram_touches(&account, pa, size) && !taken_mmio(pa, size);
}

/* ---- hypercalls ---- */

__visible bool hyp_iommu_hvc_expected(void)
{
	return true;
}

__visible bool hyp_iommu_hvc_available(void)
{
	return READ_ONCE(ready);
}

__visible struct hyp_iommu_ret
hyp_iommu_hvc(u64 call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
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
	struct hyp_ram *r = &ram[account.nr];

	if (account.nr == MAX_RAM)
		return -ENOSPC;
	r->pa = PFN_PHYS(pfn);
	r->size = PFN_PHYS(nr);
	r->page = vcalloc(nr, sizeof(*r->page));
	r->block = vcalloc(hyp_ram_nr_blocks(r->pa, r->size), sizeof(*r->block));
	if (!r->page || !r->block)
		return -ENOMEM;
	account.nr++;

	return 0;
}

static int __init hyp_inline_init(void)
{
	int ret = walk_system_ram_range(0, PHYS_PFN(U64_MAX), NULL, add_ram);

	/* User-mode Linux lists no memory among its resources. */
	if (!account.nr && IS_ENABLED(CONFIG_UML))
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
