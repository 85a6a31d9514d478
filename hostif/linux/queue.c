// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unmaps that wait for the next flush.
 *
 * In lazy mode (iommu.strict=0) devices may go on using what was unmapped until
 * flush_iotlb_all(), and the DMA API does not use its input addresses again before.
 * So the hypervisor need not be told either: an unmap waits here, in a queue of
 * its CPU, and a page full of them is one hypercall.  Until then the pages are
 * mapped, hence pinned: nobody else can get them.
 *
 * An unmap that cannot be done is reported when it is, not to who has asked for it.
 */
#include <linux/gfp.h>
#include <linux/io.h>

#include "hyp-iommu.h"

/* Unmap what is in a queue.  Under its lock. */
static void queue_unmap(struct hyp_host_domain *hd, struct hyp_host_queue *q)
{
	struct hyp_iommu_range *range = q->range, *end = q->range + q->nr;
	struct hyp_iommu_ret ret;

	while (range < end) {
		ret = hyp_host_call(HYP_IOMMU_UNMAP_LIST, hd->handle, virt_to_phys(range),
				    end - range);
		while (range < end && ret.done >= range->size)
			ret.done -= range++->size;
		if (range == end)
			break;
		/* Whatever it is that this one needs. */
		range->ia += ret.done;
		range->size -= ret.done;
		hyp_host_unmap(hd, range->ia, range->size, HYP_IOMMU_UNMAP_DEFER);
		range++;
	}
	q->nr = 0;
}

void hyp_host_queue_add(struct hyp_host_domain *hd, u64 iova, size_t size)
{
	struct hyp_host_queue *q = &hd->queue[raw_smp_processor_id() % HYP_HOST_QUEUES];
	unsigned long flags;

	raw_spin_lock_irqsave(&q->lock, flags);
	if (q->nr == HYP_IOMMU_MAX_RANGES)
		queue_unmap(hd, q);
	q->range[q->nr++] = (struct hyp_iommu_range){ .ia = iova, .size = size };
	raw_spin_unlock_irqrestore(&q->lock, flags);
}

/* Unmap all that waits; what another CPU is about to unmap is unmapped, too, when this returns. */
void hyp_host_queue_flush(struct hyp_host_domain *hd)
{
	unsigned int i;

	for (i = 0; i < HYP_HOST_QUEUES; i++) {
		struct hyp_host_queue *q = &hd->queue[i];
		unsigned long flags;

		raw_spin_lock_irqsave(&q->lock, flags);
		queue_unmap(hd, q);
		raw_spin_unlock_irqrestore(&q->lock, flags);
	}
}

int hyp_host_queue_init(struct hyp_host_domain *hd)
{
	unsigned int i;

	for (i = 0; i < HYP_HOST_QUEUES; i++) {
		raw_spin_lock_init(&hd->queue[i].lock);
		hd->queue[i].range = (void *)get_zeroed_page(GFP_KERNEL);
		if (!hd->queue[i].range)
			return -ENOMEM;
	}
	return 0;
}

void hyp_host_queue_fini(struct hyp_host_domain *hd)
{
	unsigned int i;

	for (i = 0; i < HYP_HOST_QUEUES; i++)
		free_page((unsigned long)hd->queue[i].range);
}
