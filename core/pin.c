// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Where devices may go: memory, which is pinned while a domain maps it, and
 * the few pages of MMIO that were named before the hypervisor finalised.
 */
#include "core/domain.h"

#define MAX_WINDOWS	64

struct window {
	u64 first, last;
};

/* Entries are complete before nr_windows counts them, and never change. */
static struct window windows[MAX_WINDOWS];
static u32 nr_windows;

static const struct window *window_touching(u64 first, u64 last)
{
	u32 i, nr = __atomic_load_n(&nr_windows, __ATOMIC_ACQUIRE);

	for (i = 0; i < nr; i++) {
		if (first <= windows[i].last && last >= windows[i].first)
			return &windows[i];
	}
	return NULL;
}

bool hyp_iommu_mmio_overlaps(u64 pa, u64 size)
{
	return window_touching(pa, pa + (size - 1));
}

/**
 * hyp_iommu_mmio_allow() - let devices write to something that is not memory
 * @pa: page-aligned address
 * @size: multiple of the page size
 *
 * Return: 0; -EINVAL; -EPERM: it is memory, or the hypervisor's; -EEXIST: it
 * overlaps a window; -ENOSPC: too many.
 */
int hyp_iommu_mmio_allow(u64 pa, u64 size)
{
	int ret = 0;

	if (!hyp_iommu_range_ok(pa, size))
		return -EINVAL;
	if (!hyp_pf_is_host_mmio(pa, size))
		return -EPERM;

	hyp_pf_lock(&hyp_iommu_devices);
	if (hyp_iommu_mmio_overlaps(pa, size)) {
		ret = -EEXIST;
	} else if (nr_windows == MAX_WINDOWS) {
		ret = -ENOSPC;
	} else {
		windows[nr_windows].first = pa;
		windows[nr_windows].last = pa + (size - 1);
		__atomic_store_n(&nr_windows, nr_windows + 1, __ATOMIC_RELEASE);
	}
	hyp_pf_unlock(&hyp_iommu_devices);
	return ret;
}

/*
 * How many pieces from the first on touch no window, and are pinned or unpinned at
 * once.  Adds their pages to *@pages.
 */
static __always_inline u32 memory_pieces(const struct hyp_iommu_sg *list, u32 nr, u64 *pages)
{
	u32 i;

	nr = min(nr, HYP_IOMMU_MAX_PINS);
	for (i = 0; i < nr; i++) {
		if (window_touching(list[i].oa, list[i].oa + (list[i].size - 1)))
			break;
		*pages += list[i].size / HYP_IOMMU_PAGE_SIZE;
	}
	return i;
}

static u64 pages_of(const struct hyp_iommu_sg *list, u32 nr)
{
	u64 pages = 0;

	while (nr--)
		pages += list++->size / HYP_IOMMU_PAGE_SIZE;
	return pages;
}

/* A piece that touches a window has to be within one. */
static int check_window(u64 pa, u64 size, u32 prot)
{
	const struct window *window = window_touching(pa, pa + (size - 1));

	if (pa < window->first || pa + (size - 1) > window->last)
		return -EPERM;
	return prot & HYP_IOMMU_MMIO ? 0 : -EPERM;
}

int hyp_iommu_pin(const struct hyp_iommu_sg *list, u32 nr, u32 prot, u32 *done)
{
	int ret = 0;

	*done = 0;
	while (nr && !ret) {
		u64 pages = 0;
		u32 n = memory_pieces(list, nr, &pages), pinned = 1;

		if (likely(n)) {
			ret = hyp_pf_pin(list, n, &pinned);
			if (unlikely(ret))
				pages = pages_of(list, pinned);
			hyp_iommu_stat_add(HYP_IOMMU_STAT_PINNED, pages);
		} else {
			ret = check_window(list->oa, list->size, prot);
			pinned = !ret;
		}
		*done += pinned;
		list += pinned;
		nr -= pinned;
	}
	return ret;
}

/* A run may go from memory into a window, where the two are neighbours. */
static noinline void unpin_mixed(u64 pa, u64 size)
{
	struct hyp_iommu_sg part;

	for (; size; pa += part.size, size -= part.size) {
		const struct window *window = window_touching(pa, pa + (size - 1));

		part = (struct hyp_iommu_sg){ pa, size };
		while (window && window->first > pa) {
			part.size = window->first - pa;
			window = window_touching(pa, pa + (part.size - 1));
		}
		if (window) {
			part.size = min(part.size, window->last - pa + 1);
		} else {
			hyp_pf_unpin(&part, 1);
			hyp_iommu_stat_sub(HYP_IOMMU_STAT_PINNED, pages_of(&part, 1));
		}
	}
}

void hyp_iommu_unpin(const struct hyp_iommu_sg *list, u32 nr)
{
	u32 n;

	for (; nr; list += n, nr -= n) {
		u64 pages = 0;

		n = memory_pieces(list, nr, &pages);
		if (n) {
			hyp_pf_unpin(list, n);
			hyp_iommu_stat_sub(HYP_IOMMU_STAT_PINNED, pages);
		} else {
			unpin_mixed(list->oa, list->size);
			n = 1;
		}
	}
}
