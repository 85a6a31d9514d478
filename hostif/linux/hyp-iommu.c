// SPDX-License-Identifier: GPL-2.0-only
/*
 * An IOMMU driver that knows hypercalls and nothing else: what kind of IOMMU a
 * unit is, and how its tables look, is the hypervisor's business.
 *
 * Unmapping is complete when the hypercall returns: no device can use the
 * mapping any more, and there is nothing to gather and to flush.  Where the
 * caller has a queue of what is to be flushed later (iommu.strict=0), it waits in
 * one of ours (queue.c): devices may use the mapping until flush_iotlb_all(), and
 * the hypervisor sees to it that the page stays the host's until then.
 *
 * There is no identity domain: the hypervisor has to know each page that a
 * device may reach.
 *
 * Ranges come whole, by the interface of Linux's generic page tables (struct
 * pt_iommu_ops), and not in pieces of one page size: to cut them up is the hypervisor's
 * business as well.
 *
 * hyp-iommu.h says what the locks are.
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/dma-map-ops.h>
#include <linux/iommu.h>
#include <linux/of.h>
#include <linux/slab.h>

#include "hyp-iommu.h"

/* Top-ups without progress after which a call fails: others may take what we give. */
#define MAX_TRIES		16

/* An unmap of that much may leave many tables unused. */
#define BIG_UNMAP		SZ_32M

DEFINE_MUTEX(hyp_host_lock);	/* see hyp-iommu.h */
LIST_HEAD(hyp_host_units);
LIST_HEAD(hyp_host_domains);

static const struct iommu_domain_ops hyp_host_domain_ops;
static const struct pt_iommu_ops hyp_host_range_ops;

static struct hyp_host_domain *to_hyp_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct hyp_host_domain, domain);
}

static struct hyp_host_domain *pt_to_hyp_domain(struct pt_iommu *pt)
{
	return container_of(pt, struct hyp_host_domain, pt);
}

/* Endpoints */

/* With @domain NULL: block it. */
static int hyp_host_attach(struct hyp_host_unit *unit, struct hyp_host_endpoint *ep,
			   struct hyp_host_domain *domain)
{
	struct hyp_iommu_ret ret;
	unsigned int tries = 0;
	int err;

	lockdep_assert_held(&unit->lock);
	if (ep->domain == domain)
		return 0;
	err = hyp_host_detach(unit, ep);
	if (err || !domain)
		return err;

	for (;;) {
		ret = hyp_host_call(HYP_IOMMU_ATTACH, domain->handle, unit->id, ep->id,
				    HYP_IOMMU_NO_PASID);
		if (ret.status != -ENOMEM || ++tries > MAX_TRIES)
			break;
		err = hyp_host_pool_give(HYP_IOMMU_NO_DOMAIN, PAGE_SIZE, max(ret.need, 1),
					 GFP_KERNEL);
		if (err)
			return err;
	}
	if (!ret.status)
		ep->domain = domain;
	else if (ret.status == -EIO)
		hyp_host_fault_look(unit);
	return ret.status == -EXDEV ? -EINVAL : ret.status;
}

static int hyp_host_attach_dev_to(struct device *dev, struct hyp_host_domain *domain,
				  struct hyp_host_domain *old)
{
	struct hyp_host_device *hdev = dev_iommu_priv_get(dev);
	struct hyp_host_unit *unit = hdev->unit;
	unsigned int i;
	int err = 0;

	mutex_lock(&unit->lock);
	for (i = 0; i < hdev->nr && !err; i++)
		err = hyp_host_attach(unit, hdev->ep[i], domain);
	/* Undo; what cannot be undone is blocked, or the unit is stopped. */
	while (err && i--)
		hyp_host_attach(unit, hdev->ep[i], old);
	mutex_unlock(&unit->lock);
	return err;
}

static struct hyp_host_domain *hyp_host_paging(struct iommu_domain *domain)
{
	return domain && domain->ops == &hyp_host_domain_ops ? to_hyp_domain(domain) : NULL;
}

static int hyp_host_attach_dev(struct iommu_domain *domain, struct device *dev,
			       struct iommu_domain *old)
{
	return hyp_host_attach_dev_to(dev, to_hyp_domain(domain), hyp_host_paging(old));
}

static int hyp_host_attach_blocked(struct iommu_domain *domain, struct device *dev,
				   struct iommu_domain *old)
{
	return hyp_host_attach_dev_to(dev, NULL, hyp_host_paging(old));
}

static struct iommu_domain hyp_host_blocked_domain = {
	.type = IOMMU_DOMAIN_BLOCKED,
	.ops = &(const struct iommu_domain_ops) {
		.attach_dev = hyp_host_attach_blocked,
	},
};

/* Mappings */

static u32 hyp_host_prot(int prot)
{
	if (prot & IOMMU_MMIO)
		prot &= ~IOMMU_CACHE;
	return (prot & IOMMU_READ ? HYP_IOMMU_READ : 0) |
	       (prot & IOMMU_WRITE ? HYP_IOMMU_WRITE : 0) |
	       (prot & IOMMU_CACHE ? HYP_IOMMU_CACHE : 0) |
	       (prot & IOMMU_NOEXEC ? HYP_IOMMU_NOEXEC : 0) |
	       (prot & IOMMU_MMIO ? HYP_IOMMU_MMIO : 0);
}

int hyp_host_map_go_on(struct hyp_host_domain *hd, const struct hyp_iommu_ret *ret,
		       unsigned int *tries, gfp_t gfp)
{
	int err;

	if (ret->done)
		*tries = 0;
	if (ret->status != -ENOMEM || ++*tries > MAX_TRIES)
		return ret->status ?: ret->done ? 0 : -EIO;
	err = hyp_host_pool_give(hd->handle, hd->table_size, max(ret->need, 1), gfp);
	/* The next one shall not have to wait for memory. */
	queue_work(system_dfl_wq, &hd->refill);
	return err;
}

/* Map at once.  Return: how much; *@err is the reason if that is not all. */
static size_t hyp_host_map_now(struct hyp_host_domain *hd, u64 iova, phys_addr_t pa, size_t size,
			       u32 prot, gfp_t gfp, int *err)
{
	unsigned int tries = 0;
	struct hyp_iommu_ret ret;
	size_t done = 0;

	for (*err = 0; done < size && !*err;) {
		ret = hyp_host_call(HYP_IOMMU_MAP, hd->handle, iova + done, pa + done,
				    size - done, prot);
		done += ret.done;
		if (done < size)
			*err = hyp_host_map_go_on(hd, &ret, &tries, gfp);
	}
	if (*err == -EPERM)
		pr_err_ratelimited("%pap is not the host's to give to devices\n",
				   &(phys_addr_t){ pa + done });
	return done;
}

static __flatten int
hyp_host_map_range(struct pt_iommu *pt, dma_addr_t iova, phys_addr_t pa,
		   dma_addr_t size, unsigned int prot, gfp_t gfp, size_t *mapped)
{
	struct hyp_host_domain *hd = pt_to_hyp_domain(pt);
	u32 hyp_prot = hyp_host_prot(prot);
	size_t done = size;
	int err = 0;

	/* Who can sleep may need more memory than there is without. */
	if (gfpflags_allow_blocking(gfp) || !hyp_host_batch_add(hd, iova, pa, size, hyp_prot)) {
		done = hyp_host_map_now(hd, iova, pa, size, hyp_prot, gfp, &err);
		/* Who unmaps asks where it begins. */
		if (done)
			hyp_recent_note(&hd->recent, PHYS_PFN(iova), PHYS_PFN(pa), PHYS_PFN(done));
	}
	*mapped += done;
	return err;
}

static int hyp_host_sync_map(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	return hyp_host_batch_sync(to_hyp_domain(domain), iova, size);
}

/* Complete what was deferred. */
static int hyp_host_sync(struct hyp_host_domain *hd)
{
	struct hyp_iommu_ret ret = hyp_host_call(HYP_IOMMU_SYNC, hd->handle);

	if (ret.status == -EIO)
		hyp_host_fault_look(hd->unit);
	return ret.status;
}

/*
 * An unmap hypercall has left something to do, which the next one can do.
 * Return: 0, or an error.
 */
static int hyp_host_unmap_go_on(struct hyp_host_domain *hd, const struct hyp_iommu_ret *ret,
				u64 *flags)
{
	switch (ret->status) {
	case 0:
		return ret->done ? 0 : -EIO;
	case -ENOSPC:
		return hyp_host_sync(hd);
	case -ENOMEM:
		if (hyp_host_pool_give(hd->handle, hd->table_size, max(ret->need, 1), GFP_ATOMIC))
			*flags = 0;
		return 0;
	default:
		return ret->status;
	}
}

size_t hyp_host_unmap(struct hyp_host_domain *hd, u64 iova, size_t size, u64 flags)
{
	struct hyp_iommu_ret ret;
	size_t done = 0;
	int err = 0;

	while (done < size) {
		ret = hyp_host_call(HYP_IOMMU_UNMAP, hd->handle, iova + done, size - done, flags);
		done += ret.done;
		if (done == size)
			break;
		if (ret.status == -ENOENT)
			ret.done = hyp_host_batch_drop(hd, iova + done, size - done);
		if (ret.status == -ENOENT && ret.done) {
			done += ret.done;
			continue;
		}
		err = hyp_host_unmap_go_on(hd, &ret, &flags);
		if (err) {
			pr_err_ratelimited("cannot unmap %#llx, %#zx bytes: %pe\n",
					   iova + done, size - done, ERR_PTR(err));
			if (err == -EIO)
				hyp_host_fault_look(hd->unit);
			break;
		}
	}
	if (size >= BIG_UNMAP)
		queue_work(system_dfl_wq, &hd->refill);
	return done;
}

static __flatten size_t
hyp_host_unmap_range(struct pt_iommu *pt, dma_addr_t iova, dma_addr_t size,
		     struct iommu_iotlb_gather *gather)
{
	struct hyp_host_domain *hd = pt_to_hyp_domain(pt);

	hyp_recent_forget(&hd->recent, PHYS_PFN(iova), PHYS_PFN(size));
	/* What waits to be mapped is taken out of there first, if it is a part of this. */
	if (!iommu_iotlb_gather_queued(gather) || atomic_read(&hd->waiting))
		return hyp_host_unmap(hd, iova, size, iommu_iotlb_gather_queued(gather) ?
						      HYP_IOMMU_UNMAP_DEFER : 0);
	hyp_host_queue_add(hd, iova, size);
	return size;
}

static void hyp_host_flush_all(struct iommu_domain *domain)
{
	struct hyp_host_domain *hd = to_hyp_domain(domain);

	hyp_host_queue_flush(hd);
	hyp_host_sync(hd);
}

static phys_addr_t hyp_host_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	struct hyp_host_domain *hd = to_hyp_domain(domain);
	u64 to;

	if (hyp_recent_find(&hd->recent, PHYS_PFN(iova), &to))
		return PFN_PHYS(to) + offset_in_page(iova);
	return hyp_host_ask(HYP_IOMMU_IOVA_TO_PHYS, hd->handle, iova);
}

/* Domains */

/* Return: 0 if the hypervisor has given up the domain and all of its pages. */
static int hyp_host_domain_destroy(struct hyp_host_domain *hd)
{
	struct hyp_iommu_ret ret;

	do {
		ret = hyp_host_call(HYP_IOMMU_DOMAIN_FREE, hd->handle);
		cond_resched();
	} while (ret.status == -EAGAIN);
	return ret.status;
}

static int hyp_host_domain_create(struct hyp_host_domain *hd)
{
	struct hyp_iommu_ret ret;
	phys_addr_t root = 0;
	u64 nr = 0, ia_bits;

	ret = hyp_host_call(HYP_IOMMU_DOMAIN_ALLOC, hd->unit->id, HYP_IOMMU_STAGE_ANY, 0);
	if (ret.status == -ENOMEM && ret.need) {
		nr = ret.need;
		root = hyp_host_pages_get(nr, GFP_KERNEL);
		if (!root)
			return -ENOMEM;
		ret = hyp_host_call(HYP_IOMMU_DOMAIN_ALLOC, hd->unit->id, HYP_IOMMU_STAGE_ANY,
				    root);
	}
	if (ret.status) {
		hyp_host_pages_free(root, nr);
		return ret.status;
	}
	hyp_host_pages_given(root, nr);
	hd->handle = ret.done;

	ia_bits = hyp_host_ask(HYP_IOMMU_DOMAIN_INFO, hd->handle, HYP_IOMMU_DOMAIN_IA_BITS);
	hd->table_size = hyp_host_ask(HYP_IOMMU_DOMAIN_INFO, hd->handle,
				      HYP_IOMMU_DOMAIN_TABLE_SIZE);
	hd->domain.pgsize_bitmap = hyp_host_ask(HYP_IOMMU_DOMAIN_INFO, hd->handle,
						HYP_IOMMU_DOMAIN_PAGE_SIZES);
	if (ia_bits < PAGE_SHIFT || ia_bits > 64 || hd->table_size % PAGE_SIZE ||
	    !hd->table_size || !(hd->domain.pgsize_bitmap & (PAGE_SIZE | (PAGE_SIZE - 1)))) {
		pr_err("%s: its domains are of no use here: %llu bits, page sizes %#lx, tables of %llu bytes\n",
		       dev_name(hd->unit->desc.dev), ia_bits, hd->domain.pgsize_bitmap,
		       hd->table_size);
		if (!hyp_host_domain_destroy(hd))
			hyp_host_pool_reclaim(HYP_IOMMU_NO_DOMAIN, PAGE_SIZE, 0);
		return -EINVAL;
	}
	hd->domain.geometry.aperture_end = GENMASK_ULL(ia_bits - 1, 0);
	hd->domain.geometry.force_aperture = true;
	return 0;
}

static struct iommu_domain *hyp_host_domain_alloc(struct device *dev)
{
	struct hyp_host_device *hdev = dev_iommu_priv_get(dev);
	struct hyp_host_domain *hd = kvzalloc_obj(*hd);
	int err;

	if (!hd)
		return ERR_PTR(-ENOMEM);
	hd->unit = hdev->unit;
	hd->domain.ops = &hyp_host_domain_ops;
	hd->domain.is_iommupt = true;
	hd->pt.ops = &hyp_host_range_ops;
	INIT_WORK(&hd->refill, hyp_host_refill);
	err = hyp_host_batch_init(hd);
	if (!err)
		err = hyp_host_queue_init(hd);
	if (!err)
		err = hyp_host_domain_create(hd);
	if (err) {
		dev_err(dev, "hyp-iommu: no domain: %pe\n", ERR_PTR(err));
		hyp_host_queue_fini(hd);
		hyp_host_batch_fini(hd);
		kvfree(hd);
		return ERR_PTR(err);
	}
	mutex_lock(&hyp_host_lock);
	list_add_tail(&hd->node, &hyp_host_domains);
	mutex_unlock(&hyp_host_lock);
	queue_work(system_dfl_wq, &hd->refill);
	return &hd->domain;
}

/*
 * A domain that the hypervisor does not let go (because a unit did not answer)
 * stays in the list, with its handle, and is tried again with each other one.
 */
static void hyp_host_domain_free(struct iommu_domain *domain)
{
	struct hyp_host_domain *hd = to_hyp_domain(domain), *next;
	int err;

	cancel_work_sync(&hd->refill);
	mutex_lock(&hyp_host_lock);
	hd->lost = true;
	list_for_each_entry_safe(hd, next, &hyp_host_domains, node) {
		if (!hd->lost)
			continue;
		err = hyp_host_domain_destroy(hd);
		if (err) {
			if (&hd->domain == domain)
				pr_err("domain %#llx is lost: %pe\n", hd->handle, ERR_PTR(err));
			continue;
		}
		list_del(&hd->node);
		hyp_host_queue_fini(hd);
		hyp_host_batch_fini(hd);
		kvfree(hd);
	}
	mutex_unlock(&hyp_host_lock);
	hyp_host_pool_reclaim(HYP_IOMMU_NO_DOMAIN, PAGE_SIZE, 0);
}

/* What the iommu core wants to know */

static int hyp_host_of_xlate(struct device *dev, const struct of_phandle_args *args)
{
	if (args->args_count != 1) {
		dev_err(dev, "hyp-iommu: an endpoint is one cell, not %d\n", args->args_count);
		return -EINVAL;
	}
	return iommu_fwspec_add_ids(dev, args->args, 1);
}

static void hyp_host_get_resv_regions(struct device *dev, struct list_head *list)
{
	struct hyp_host_device *hdev = dev_iommu_priv_get(dev);

	hdev->unit->desc.takeover->resv_regions(dev, list);
}

/* Strict or lazy is as the administrator likes; that there be no translation is not to be had. */
static int hyp_host_def_domain_type(struct device *dev)
{
	return iommu_default_passthrough() ? IOMMU_DOMAIN_DMA : 0;
}

static bool hyp_host_capable(struct device *dev, enum iommu_cap cap)
{
	struct hyp_host_device *hdev = dev_iommu_priv_get(dev);

	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return hdev->unit->coherent || dev_is_dma_coherent(dev);
	case IOMMU_CAP_DEFERRED_FLUSH:
		return true;
	default:
		return false;
	}
}

static const struct pt_iommu_ops hyp_host_range_ops = {
	.map_range		= hyp_host_map_range,
	.unmap_range		= hyp_host_unmap_range,
};

static const struct iommu_domain_ops hyp_host_domain_ops = {
	.attach_dev		= hyp_host_attach_dev,
	.iotlb_sync_map		= hyp_host_sync_map,
	.flush_iotlb_all	= hyp_host_flush_all,
	.iova_to_phys		= hyp_host_iova_to_phys,
	.free			= hyp_host_domain_free,
};

const struct iommu_ops hyp_host_iommu_ops = {
	.capable		= hyp_host_capable,
	.domain_alloc_paging	= hyp_host_domain_alloc,
	.blocked_domain		= &hyp_host_blocked_domain,
	.probe_device		= hyp_host_probe_device,
	.release_device		= hyp_host_release_device,
	.device_group		= hyp_host_device_group,
	.get_resv_regions	= hyp_host_get_resv_regions,
	.of_xlate		= hyp_host_of_xlate,
	.def_domain_type	= hyp_host_def_domain_type,
	.default_domain_ops	= &hyp_host_domain_ops,
	.owner			= THIS_MODULE,
};
