// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces that are mapped one after the other and become one hypercall.
 *
 * iommu_map_sg() maps each contiguous piece with a call to map_range(), and says
 * with iotlb_sync_map() when the last one was there; iommu_map() does so for its
 * only piece.  Until then a piece waits in a batch of its domain.  A batch belongs to
 * who put the first piece into it: nobody else touches it, so it has no lock.  Who
 * finds the batch of his CPU in use by somebody else maps without one.
 *
 * To wait costs more than to be mapped, and who is alone waits for nothing.
 * Therefore, where the last one of a CPU was alone, the next one is mapped at once;
 * one that turns out not to be alone has cost a hypercall, and the next ones wait.
 * This is no more than a guess, and is not guarded by anything.
 *
 * A batch that cannot be mapped is reported by iotlb_sync_map(), and what is
 * left of it waits on: the caller unmaps all that he has mapped, and finds out
 * about it (hyp_host_batch_drop()).
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/gfp.h>
#include <linux/hardirq.h>
#include <linux/io.h>
#include <linux/sched.h>

#include "hyp-iommu.h"

/* Who maps: a task, or an interrupt on top of it, which ends before the task goes on. */
static unsigned long whoami(void)
{
	return (unsigned long)current | (in_hardirq() ? 2 : in_serving_softirq() ? 1 : 0);
}

static struct hyp_host_batch *batch_of(struct hyp_host_domain *hd, unsigned int cpu)
{
	return &hd->batch[cpu % HYP_HOST_BATCHES];
}

static bool is_mine(const struct hyp_host_batch *b)
{
	return READ_ONCE(b->owner) == whoami();
}

static bool batch_take(struct hyp_host_domain *hd, struct hyp_host_batch *b)
{
	if (READ_ONCE(b->owner) || cmpxchg_acquire(&b->owner, 0, whoami()))
		return false;
	atomic_inc(&hd->waiting);
	return true;
}

/* Let go a batch in which nothing is left. */
static void batch_put(struct hyp_host_domain *hd, struct hyp_host_batch *b)
{
	atomic_dec(&hd->waiting);
	smp_store_release(&b->owner, 0); /* pairs with batch_take() */
}

/* Forget the first @done bytes, which are mapped. */
static void batch_advance(struct hyp_host_batch *b, u64 done)
{
	b->iova += done;
	b->size -= done;
	if (!b->size)
		return;
	while (b->first < b->nr && done >= b->sg[b->first].size)
		done -= b->sg[b->first++].size;
	if (done) {
		b->sg[b->first].oa += done;
		b->sg[b->first].size -= done;
	}
}

static struct hyp_iommu_ret batch_call(struct hyp_host_domain *hd, struct hyp_host_batch *b)
{
	struct hyp_iommu_sg *sg = b->sg + b->first;

	if (b->nr - b->first == 1)
		return hyp_host_call(HYP_IOMMU_MAP, hd->handle, b->iova, sg->oa, sg->size, b->prot);
	return hyp_host_call(HYP_IOMMU_MAP_SG, hd->handle, b->iova, virt_to_phys(sg),
			     b->nr - b->first, b->prot);
}

/* Map a batch.  On error what could not be mapped is still in it. */
static int batch_flush(struct hyp_host_domain *hd, struct hyp_host_batch *b)
{
	unsigned int tries = 0;
	struct hyp_iommu_ret ret;
	int err = 0;

	while (b->size && !err) {
		ret = batch_call(hd, b);
		batch_advance(b, min(ret.done, b->size));
		if (b->size)
			err = hyp_host_map_go_on(hd, &ret, &tries, GFP_ATOMIC);
	}
	if (err == -EPERM)
		pr_err_ratelimited("%#llx is not the host's to give to devices\n",
				   b->sg[b->first].oa);
	return err;
}

static noinline bool batch_append(struct hyp_host_domain *hd, struct hyp_host_batch *b, u64 iova,
				  phys_addr_t pa, size_t size, u32 prot)
{
	if (is_mine(b)) {
		if (b->iova + b->size != iova || b->prot != prot)
			return false;
		if (b->nr == HYP_IOMMU_MAX_SG) {
			if (batch_flush(hd, b))
				return false;
			WRITE_ONCE(b->next, iova);
			b->nr = 0;
		}
	} else {
		if (!batch_take(hd, b))
			return false;
		b->iova = iova;
		b->size = 0;
		b->prot = prot;
		b->nr = 0;
	}
	if (!b->nr)
		b->first = 0;
	b->sg[b->nr++] = (struct hyp_iommu_sg){ .oa = pa, .size = size };
	b->size += size;
	return true;
}

/* Let a piece wait for hyp_host_batch_sync().  Return: false: it has to be mapped at once. */
bool hyp_host_batch_add(struct hyp_host_domain *hd, u64 iova, phys_addr_t pa, size_t size, u32 prot)
{
	struct hyp_host_batch *b = batch_of(hd, raw_smp_processor_id());

	if (READ_ONCE(b->alone)) {
		if (READ_ONCE(b->next) != iova) {
			WRITE_ONCE(b->next, iova + size);
			return false;
		}
		WRITE_ONCE(b->alone, false);
	}
	return batch_append(hd, b, iova, pa, size, prot);
}

/* Has this batch, if it is the caller's, a part of the range? */
static bool overlaps(const struct hyp_host_batch *b, u64 iova, u64 size)
{
	return is_mine(b) && b->iova < iova + size && iova < b->iova + b->size;
}

static noinline int map_waiting(struct hyp_host_domain *hd, u64 iova, u64 size)
{
	unsigned int first = raw_smp_processor_id(), i;
	int err = 0;

	/* Most probably it is the first that is looked at, and the only one. */
	for (i = 0; i < HYP_HOST_BATCHES && atomic_read(&hd->waiting); i++) {
		struct hyp_host_batch *b = batch_of(hd, first + i);
		bool whole;
		int ret;

		if (!overlaps(b, iova, size))
			continue;
		whole = b->iova == iova && b->size == size;
		WRITE_ONCE(b->alone, b->nr == 1 && READ_ONCE(b->next) != b->iova);
		ret = batch_flush(hd, b);
		if (!ret && whole)
			hyp_recent_note(&hd->recent, PHYS_PFN(iova), PHYS_PFN(b->sg[0].oa),
					PHYS_PFN(size));
		if (!b->size)
			batch_put(hd, b);
		else if (overlaps(b, iova, size))
			err = ret;
	}
	return err;
}

/* Map what waits of a range.  Return: 0, or the error that some of it was not mapped for. */
int hyp_host_batch_sync(struct hyp_host_domain *hd, u64 iova, u64 size)
{
	int err = 0;

	if (unlikely(atomic_read(&hd->waiting)))
		err = map_waiting(hd, iova, size);
	/* What is mapped next is another caller's, also where it happens to be the next address. */
	WRITE_ONCE(batch_of(hd, raw_smp_processor_id())->next, 0);
	return err;
}

/*
 * Somebody unmaps from @iova on, where the hypervisor knows of no mapping.
 * Return: how many of the bytes have only waited to be mapped; they do no more.
 */
size_t hyp_host_batch_drop(struct hyp_host_domain *hd, u64 iova, size_t size)
{
	unsigned int i;
	u64 dropped = 0;

	for (i = 0; i < HYP_HOST_BATCHES && !dropped && atomic_read(&hd->waiting); i++) {
		struct hyp_host_batch *b = batch_of(hd, i);
		u64 rest;

		if (!overlaps(b, iova, 1))
			continue;
		/* What is behind it is of the same caller, who is on his way out. */
		rest = b->iova + b->size - iova;
		dropped = min(rest, size);
		b->size -= rest;
		while (rest && rest >= b->sg[b->nr - 1].size)
			rest -= b->sg[--b->nr].size;
		if (rest)
			b->sg[b->nr - 1].size -= rest;
		if (!b->size)
			batch_put(hd, b);
	}
	return dropped;
}

int hyp_host_batch_init(struct hyp_host_domain *hd)
{
	unsigned int i;

	for (i = 0; i < HYP_HOST_BATCHES; i++) {
		hd->batch[i].sg = (void *)get_zeroed_page(GFP_KERNEL);
		if (!hd->batch[i].sg)
			return -ENOMEM;
	}
	return 0;
}

void hyp_host_batch_fini(struct hyp_host_domain *hd)
{
	unsigned int i;

	for (i = 0; i < HYP_HOST_BATCHES; i++)
		free_page((unsigned long)hd->batch[i].sg);
}
