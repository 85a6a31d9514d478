/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a takeover driver, which finds the units of one IOMMU architecture, and
 * the vendor-neutral part know of each other.
 *
 * A takeover driver calls hyp_iommu_takeover_register() early, at
 * fs_initcall: before the native driver of its units could bind to them.  It
 * binds to all of them, whether it understands them or not, so that nobody
 * else does.  When the hypervisor runs (device_initcall), and before the host
 * loses its trust, its @hand_over is called: it describes the doorbells and
 * calls hyp_iommu_add_unit() for each unit.  Without a hypervisor @give_up is
 * called instead, and the native drivers get what they would have got.
 */
#ifndef HYP_IOMMU_TAKEOVER_H
#define HYP_IOMMU_TAKEOVER_H

#include <linux/device.h>
#include <linux/ioport.h>
#include <linux/list.h>

#include <hyp_iommu/abi.h>

#define HYP_IOMMU_UNIT_IRQS	4

struct hyp_iommu_takeover {
	const char *name;
	int (*claim)(void);		/* register the platform driver; 0 or an error */
	void (*hand_over)(void);
	void (*give_up)(void);
	struct list_head node;		/* the vendor-neutral part's */
};

/* One unit, as a takeover driver found it. */
struct hyp_iommu_unit_desc {
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
 * that devices can find by the firmware node of @desc->dev.
 *
 * Return: 0, or an error, which has been reported.  The unit must not be used
 * by anybody then: the hypervisor may have taken its registers.
 */
int hyp_iommu_add_unit(const struct hyp_iommu_unit_desc *desc);

/**
 * hyp_iommu_allow_mmio() - let devices write to a doorbell
 * @pa: page-aligned address
 * @size: multiple of the page size
 * @what: for messages
 */
int hyp_iommu_allow_mmio(phys_addr_t pa, u64 size, const char *what);

/* How many units the takeover drivers have found, whatever became of them. */
void hyp_iommu_unit_found(void);

#endif /* HYP_IOMMU_TAKEOVER_H */
