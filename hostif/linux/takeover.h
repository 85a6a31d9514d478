/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a takeover driver, which finds the units of one IOMMU architecture, and
 * the vendor-neutral part know of each other.
 *
 * A takeover driver calls hyp_iommu_takeover_register() early, at
 * fs_initcall: before the native driver of its units could bind to them.  It
 * claims all of them, whether it understands them or not, so that nobody else
 * does.  When the hypervisor runs, and before the host loses its trust, its
 * @hand_over is called: it describes what devices may reach besides memory and
 * calls hyp_iommu_add_unit() for each unit.  Without a hypervisor, or where one
 * driver's units are @prevented, @give_up is called instead, and the native
 * drivers get what they would have got.
 */
#ifndef HYP_IOMMU_TAKEOVER_H
#define HYP_IOMMU_TAKEOVER_H

#include <linux/device.h>
#include <linux/ioport.h>
#include <linux/list.h>

#include <hyp_iommu/abi.h>

#define HYP_IOMMU_UNIT_IRQS	4

/* What one device looks like to its unit. */
#define HYP_IOMMU_MAX_IDS	64

struct hyp_iommu_ids {
	unsigned int nr;
	u32 id[HYP_IOMMU_MAX_IDS];	/* endpoints */
};

struct hyp_iommu_takeover {
	const char *name;

	/* Find the units.  Return: 0; -ENODEV: there are none; an error. */
	int (*claim)(void);

	/* Optional: NULL, or why the units cannot be handed over. */
	const char *(*prevented)(void);

	void (*hand_over)(void);
	void (*give_up)(void);

	/*
	 * Optional: for a device whose fwspec does not tell.  Return: the unit
	 * that it is behind, as in hyp_iommu_unit_desc.dev, and @ids; or NULL.
	 */
	struct device *(*find)(struct device *dev, struct hyp_iommu_ids *ids);

	/* Add to @list what a device behind one of the units must not use as it likes. */
	void (*resv_regions)(struct device *dev, struct list_head *list);

	/*
	 * How many devices or buses have DMA that is not behind one of the
	 * units that are live?  @say: and which.
	 */
	unsigned int (*unprotected)(bool say);

	struct list_head node;		/* the vendor-neutral part's */
};

/* One unit, as a takeover driver found it. */
struct hyp_iommu_unit_desc {
	const struct hyp_iommu_takeover *takeover;
	struct device *dev;
	u32 kind;			/* HYP_IOMMU_KIND() */
	u32 flags;			/* enum hyp_iommu_unit_flag */
	struct resource regs;
	unsigned int nr_irqs;		/* 0: faults are polled for */
	int irqs[HYP_IOMMU_UNIT_IRQS];
};

/**
 * hyp_iommu_takeover_register() - enter a takeover driver
 * @takeover: stays the caller's, and has to stay
 *
 * Calls @takeover->claim(), unless the user or the machine does not want us.
 */
void hyp_iommu_takeover_register(struct hyp_iommu_takeover *takeover);

/**
 * hyp_iommu_add_unit() - hand one unit over to the hypervisor
 * @desc: what to hand over; copied
 *
 * May be called from @hand_over on.  Afterwards the unit is an iommu_device
 * that devices can find by the firmware node of @desc->dev; or, if it has none,
 * by @find.
 *
 * Return: 0, or an error, which has been reported.  The unit must not be used
 * by anybody then: the hypervisor may have taken its registers.
 */
int hyp_iommu_add_unit(const struct hyp_iommu_unit_desc *desc);

/**
 * hyp_iommu_allow_mmio() - let devices be given something that is not memory
 * @pa: page-aligned address
 * @size: multiple of the page size
 * @what: for messages
 */
int hyp_iommu_allow_mmio(phys_addr_t pa, u64 size, const char *what);

/* Is this unit, as in hyp_iommu_unit_desc.dev, the hypervisor's, and alive? */
bool hyp_iommu_unit_live(const struct device *dev);

/* For @unprotected: of what is described in the device tree. */
unsigned int hyp_iommu_of_unprotected(bool say);

/* How many units the takeover drivers have found, whatever became of them. */
void hyp_iommu_unit_found(void);

#endif /* HYP_IOMMU_TAKEOVER_H */
