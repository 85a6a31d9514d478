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

int hyp_iommu_pin(u64 pa, u64 size, u32 prot)
{
	const struct window *window = window_touching(pa, pa + (size - 1));
	u64 pages = size / HYP_IOMMU_PAGE_SIZE;
	int ret;

	if (window) {
		if (pa < window->first || pa + (size - 1) > window->last)
			return -EPERM;
		return prot & HYP_IOMMU_MMIO ? 0 : -EPERM;
	}

	ret = hyp_pf_pin_pages(pa, pages);
	if (!ret)
		hyp_iommu_stat_add(HYP_IOMMU_STAT_PINNED, pages);
	return ret;
}

void hyp_iommu_unpin(u64 pa, u64 size)
{
	/* A run may go from memory into a window, where the two are neighbours. */
	while (size) {
		const struct window *window = window_touching(pa, pa + (size - 1));
		u64 part = size;

		for (; window && window->first > pa; window = window_touching(pa, pa + (part - 1)))
			part = window->first - pa;
		if (window) {
			part = min(part, window->last - pa + 1);
		} else {
			hyp_pf_unpin_pages(pa, part / HYP_IOMMU_PAGE_SIZE);
			hyp_iommu_stat_sub(HYP_IOMMU_STAT_PINNED, part / HYP_IOMMU_PAGE_SIZE);
		}
		pa += part;
		size -= part;
	}
}
