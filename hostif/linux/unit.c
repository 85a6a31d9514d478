// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units: from a description by a takeover driver to an iommu_device whose
 * hardware is the hypervisor's.
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "boot.h"
#include "hyp-iommu.h"

/* The hypervisor says how much memory a unit needs, once. */
#define MAX_TRIES	3

/* Return: 0 and unit->id, or an error. */
static int hyp_host_unit_give(struct hyp_host_unit *unit)
{
	const struct hyp_iommu_unit_desc *desc = &unit->desc;
	struct hyp_iommu_ret ret;
	phys_addr_t pa = 0;
	unsigned int tries;
	u64 nr = 0;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		ret = hyp_iommu_hvc(HYP_IOMMU_UNIT_ADD, desc->kind, desc->regs.start,
				    resource_size(&desc->regs),
				    desc->flags | hyp_host_unit_flags(), pa, nr);
		if (!ret.status) {
			hyp_host_pages_given(pa, nr);
			unit->id = ret.done;
			unit->mem_pages = nr;
			return 0;
		}
		if (ret.status == -EIO) {
			/* The unit may have seen the memory; it is gone for good. */
			hyp_host_pages_given(pa, nr);
			return -EIO;
		}
		hyp_host_pages_free(pa, nr);
		if (ret.status != -ENOMEM || ret.need <= nr)
			return ret.status;
		nr = ret.need;
		pa = hyp_host_pages_get(nr, GFP_KERNEL);
		if (!pa) {
			pr_err("%s: it wants %llu contiguous pages, and there are none\n",
			       dev_name(desc->dev), nr);
			return -ENOMEM;
		}
	}
	hyp_host_pages_free(pa, nr);
	return -ENOMEM;
}

static void hyp_host_unit_request_irqs(struct hyp_host_unit *unit)
{
	const struct hyp_iommu_unit_desc *desc = &unit->desc;
	unsigned int i, good = 0;
	int err;

	for (i = 0; i < desc->nr_irqs; i++) {
		err = request_threaded_irq(desc->irqs[i], NULL, hyp_host_fault_irq, IRQF_ONESHOT,
					   dev_name(desc->dev), unit);
		if (err)
			pr_warn("%s: interrupt %d: %d\n", dev_name(desc->dev), desc->irqs[i], err);
		else
			good++;
	}
	unit->poll = !good;
	if (unit->poll)
		pr_warn("%s: no interrupt, blocked DMA is reported with a delay\n",
			dev_name(desc->dev));
	/* Also for what happened before there was an interrupt handler. */
	hyp_host_fault_look(unit);
}

static void hyp_host_unit_describe(struct hyp_host_unit *unit)
{
	u64 stage = hyp_host_ask(HYP_IOMMU_UNIT_INFO, unit->id, HYP_IOMMU_UNIT_STAGE);

	unit->endpoint_bits = hyp_host_ask(HYP_IOMMU_UNIT_INFO, unit->id,
					   HYP_IOMMU_UNIT_ENDPOINT_BITS);
	unit->coherent = hyp_host_ask(HYP_IOMMU_UNIT_INFO, unit->id, HYP_IOMMU_UNIT_COHERENT);
	pr_info("%s: unit %u, the hypervisor's: stage %llu, %u endpoint bits, %scoherent, %llu pages\n",
		dev_name(unit->desc.dev), unit->id, stage, unit->endpoint_bits,
		unit->coherent ? "" : "not ", unit->mem_pages);
}

struct hyp_host_unit *hyp_host_find_unit(const struct device *dev,
					 const struct fwnode_handle *fwnode)
{
	struct hyp_host_unit *unit, *found = NULL;

	mutex_lock(&hyp_host_lock);
	list_for_each_entry(unit, &hyp_host_units, node)
		if ((dev && unit->desc.dev == dev) ||
		    (fwnode && dev_fwnode(unit->desc.dev) == fwnode))
			found = unit;
	mutex_unlock(&hyp_host_lock);
	return found;	/* units never go away */
}

bool hyp_iommu_unit_live(const struct device *dev)
{
	struct hyp_host_unit *unit = hyp_host_find_unit(dev, NULL);

	return unit && hyp_host_ask(HYP_IOMMU_UNIT_INFO, unit->id, HYP_IOMMU_UNIT_STATE) ==
		       HYP_IOMMU_UNIT_LIVE;
}

int hyp_iommu_add_unit(const struct hyp_iommu_unit_desc *desc)
{
	struct hyp_host_unit *unit = kzalloc_obj(*unit);
	int err;

	if (!unit)
		return -ENOMEM;
	unit->desc = *desc;
	mutex_init(&unit->lock);
	xa_init(&unit->endpoints);
	hyp_host_fault_init(unit);

	err = hyp_host_unit_give(unit);
	if (err) {
		pr_err("%s: the hypervisor refuses %pR: %pe\n", dev_name(desc->dev), &desc->regs,
		       ERR_PTR(err));
		kfree(unit);
		return err;
	}
	hyp_host_unit_describe(unit);
	mutex_lock(&hyp_host_lock);
	list_add_tail(&unit->node, &hyp_host_units);
	mutex_unlock(&hyp_host_lock);
	hyp_host_unit_request_irqs(unit);

	/* From here on the unit stays: it blocks its devices, at the least. */
	err = iommu_device_sysfs_add(&unit->iommu, desc->dev, NULL, "hyp-iommu%u", unit->id);
	if (!err)
		err = iommu_device_register(&unit->iommu, &hyp_host_iommu_ops, desc->dev);
	if (err)
		pr_err("%s: cannot be registered: %pe; its devices cannot do DMA\n",
		       dev_name(desc->dev), ERR_PTR(err));
	return err;
}

int hyp_iommu_allow_mmio(phys_addr_t pa, u64 size, const char *what)
{
	struct hyp_iommu_ret ret = hyp_host_call(HYP_IOMMU_MMIO_ALLOW, pa, size);

	if (ret.status)
		pr_err("%s: devices may not be given %pap, %#llx bytes: %pe\n", what, &pa, size,
		       ERR_PTR(ret.status));
	return ret.status;
}
