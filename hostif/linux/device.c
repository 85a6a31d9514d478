// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices and what they look like to their unit: endpoints.
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "boot.h"
#include "hyp-iommu.h"

/* Block an endpoint.  Under unit->lock. */
int hyp_host_detach(struct hyp_host_unit *unit, struct hyp_host_endpoint *ep)
{
	struct hyp_iommu_ret ret;

	if (!ep->domain)
		return 0;
	ret = hyp_host_call(HYP_IOMMU_DETACH, ep->domain->handle, unit->id, ep->id,
			    HYP_IOMMU_NO_PASID);
	if (ret.status)
		pr_err("%s: endpoint %#x cannot be detached: %pe\n", dev_name(unit->desc.dev),
		       ep->id, ERR_PTR(ret.status));
	/* -EIO: the unit is stopped, and blocks all there is behind it. */
	if (ret.status == -EIO)
		hyp_host_fault_look(unit);
	else if (ret.status)
		return ret.status;
	ep->domain = NULL;
	return 0;
}

static struct hyp_host_endpoint *hyp_host_endpoint_get(struct hyp_host_unit *unit, u32 id,
						       struct device *dev)
{
	struct hyp_host_endpoint *ep = xa_load(&unit->endpoints, id);
	int err;

	if (!ep) {
		ep = kzalloc_obj(*ep);
		if (!ep)
			return ERR_PTR(-ENOMEM);
		ep->id = id;
		/* A flood from one device shall not hide what others do. */
		ratelimit_state_init(&ep->faults, 5 * HZ, 50);
		err = xa_err(xa_store(&unit->endpoints, id, ep, GFP_KERNEL));
		if (err) {
			kfree(ep);
			return ERR_PTR(err);
		}
	}
	ep->users++;
	if (!ep->dev)
		ep->dev = dev;
	return ep;
}

static void hyp_host_endpoint_put(struct hyp_host_unit *unit, struct hyp_host_endpoint *ep,
				  struct device *dev)
{
	if (ep->dev == dev)
		ep->dev = NULL;
	/* One that cannot be detached is attached for ever; keep what we know of it. */
	if (--ep->users || hyp_host_detach(unit, ep))
		return;
	xa_erase(&unit->endpoints, ep->id);
	kfree(ep);
}

static void hyp_host_device_free(struct hyp_host_device *hdev, struct device *dev)
{
	mutex_lock(&hdev->unit->lock);
	while (hdev->nr--)
		hyp_host_endpoint_put(hdev->unit, hdev->ep[hdev->nr], dev);
	mutex_unlock(&hdev->unit->lock);
	kfree(hdev);
}

static struct iommu_device *hyp_host_add_device(struct device *dev, struct hyp_host_unit *unit,
						const u32 *ids, unsigned int nr)
{
	struct hyp_host_device *hdev = kzalloc_flex(*hdev, ep, nr);
	struct hyp_host_endpoint *ep = NULL;
	unsigned int i;

	if (!hdev)
		return ERR_PTR(-ENOMEM);
	hdev->unit = unit;
	hdev->nr = 0;

	mutex_lock(&unit->lock);
	for (i = 0; i < nr; i++) {
		if ((u64)ids[i] >> unit->endpoint_bits) {
			dev_err(dev, "hyp-iommu: endpoint %#x is beyond the %u bits of %s\n",
				ids[i], unit->endpoint_bits, dev_name(unit->desc.dev));
			ep = ERR_PTR(-ERANGE);
			break;
		}
		ep = hyp_host_endpoint_get(unit, ids[i], dev);
		if (IS_ERR(ep))
			break;
		hdev->ep[hdev->nr++] = ep;
	}
	mutex_unlock(&unit->lock);
	if (IS_ERR(ep)) {
		hyp_host_device_free(hdev, dev);
		return ERR_CAST(ep);
	}
	dev_iommu_priv_set(dev, hdev);
	return &unit->iommu;
}

struct iommu_device *hyp_host_probe_device(struct device *dev)
{
	struct iommu_fwspec *fwspec = dev_iommu_fwspec_get(dev);
	struct hyp_host_unit *unit;
	struct hyp_iommu_ids ids = {};

	if (fwspec) {
		unit = hyp_host_find_unit(NULL, fwspec->iommu_fwnode);
		if (unit)
			return hyp_host_add_device(dev, unit, fwspec->ids, fwspec->num_ids);
	} else {
		unit = hyp_host_find_unit(hyp_host_find(dev, &ids), NULL);
		if (unit)
			return hyp_host_add_device(dev, unit, ids.id, ids.nr);
	}
	return ERR_PTR(-ENODEV);
}

void hyp_host_release_device(struct device *dev)
{
	hyp_host_device_free(dev_iommu_priv_get(dev), dev);
}

struct iommu_group *hyp_host_device_group(struct device *dev)
{
	struct hyp_host_device *hdev = dev_iommu_priv_get(dev);
	struct iommu_group *group = NULL;
	unsigned int i;

	/* What the unit cannot tell apart cannot be kept apart. */
	mutex_lock(&hdev->unit->lock);
	for (i = 0; i < hdev->nr && !group; i++) {
		struct device *other = hdev->ep[i]->dev;

		if (other && other != dev && other->iommu_group)
			group = iommu_group_ref_get(other->iommu_group);
	}
	mutex_unlock(&hdev->unit->lock);
	if (group)
		return group;
	return dev_is_pci(dev) ? pci_device_group(dev) : generic_device_group(dev);
}
