// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions of a kernel that its I/O page tables call.
 */
#include "drivers/iommu/iommu-pages.h"

/* The domain and its page tables; two live at the same time at most. */
static struct {
	u64 memory[64];
	bool used;
} objects[16];

void *kmalloc(size_t size, gfp_t gfp)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		if (!objects[i].used && size <= sizeof(objects[i].memory)) {
			objects[i].used = true;
			return objects[i].memory;
		}
	}
	return NULL;
}

void kfree(const void *p)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		if (objects[i].memory == p)
			objects[i].used = false;
}

static void *ioptdesc_address(struct ioptdesc *desc)
{
	return (void *)(bench_memory +
			((char *)desc - bench_folios) / BENCH_FOLIO_SIZE * PAGE_SIZE);
}

void *iommu_alloc_pages_node_sz(int nid, gfp_t gfp, size_t size)
{
	void *va = bench_alloc(size);

	if (va)
		virt_to_ioptdesc(va)->incoherent = 0;
	return va;
}

void iommu_free_pages(void *virt)
{
	if (virt)
		bench_free(virt, PAGE_SIZE);
}

void iommu_put_pages_list(struct iommu_pages_list *list)
{
	struct list_head *elm = list->pages.next;

	while (elm != &list->pages) {
		struct ioptdesc *desc = container_of(elm, struct ioptdesc, iopt_freelist_elm);

		elm = elm->next;
		bench_free(ioptdesc_address(desc), PAGE_SIZE);
	}
}

int iommu_pages_start_incoherent(void *virt, struct device *dma_dev)
{
	if (IOMMU_PAGES_USE_DMA_API)
		dma_map_single(dma_dev, virt, PAGE_SIZE, DMA_TO_DEVICE);
	else
		iommu_pages_flush_incoherent(dma_dev, virt, 0, PAGE_SIZE);
	virt_to_ioptdesc(virt)->incoherent = 1;
	return 0;
}

/* Only for tables that grow at the top, which none here does. */
int iommu_pages_start_incoherent_list(struct iommu_pages_list *list, struct device *dma_dev)
{
	bench_warn(__FILE__, __LINE__);
	return -EINVAL;
}

#if IOMMU_PAGES_USE_DMA_API
void iommu_pages_stop_incoherent_list(struct iommu_pages_list *list, struct device *dma_dev)
{
}

void iommu_pages_free_incoherent(void *virt, struct device *dma_dev)
{
	iommu_free_pages(virt);
}
#endif
