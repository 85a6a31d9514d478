// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds Intel VT-d units in the ACPI table DMAR and hands them over.
 *
 * PCI devices have no firmware node that names their unit, so that we are asked
 * for each.  Interrupts are not remapped, and units have no interrupt of their
 * own: that they blocked something is asked for.
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/acpi.h>
#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "dmar.h"
#include "takeover.h"

#define KIND_VTD	HYP_IOMMU_KIND('V', 'T', 'D', ' ')

/* Registers (Intel D51397, 11.4) that tell who has the unit, and how long they all are. */
#define VTD_VER			0x00
#define VTD_CAP			0x08
#define   CAP_FRO		GENMASK_ULL(33, 24)
#define   CAP_NFR		GENMASK_ULL(47, 40)
#define VTD_ECAP		0x10
#define   ECAP_IRO		GENMASK_ULL(17, 8)
#define VTD_GSTS		0x1c
#define   GSTS_TES		BIT(31)
#define   GSTS_IRES		BIT(25)

/* What devices write interrupts to (3.14). */
#define INTERRUPTS_BASE		0xfee00000
#define INTERRUPTS_LENGTH	0x100000

/* PCI can be 256 buses deep, but is not. */
#define MAX_WAY			32

struct vtd {
	struct hyp_iommu_unit_desc desc;
	const char *bad;		/* why it cannot be used, if not NULL */
};

static struct hyp_iommu_takeover vtd_takeover;
static struct hyp_dmar *dmar;			/* NULL: none */
static struct vtd vtds[HYP_DMAR_MAX_UNITS];	/* one for each of dmar->unit[] */
static bool rmrr_allowed[HYP_DMAR_MAX_RMRRS];

/* ---- the table ---- */

static int vtd_claim(void)
{
	struct acpi_table_header *table;
	const char *wrong;
	size_t where;

	if (acpi_disabled || ACPI_FAILURE(acpi_get_table(ACPI_SIG_DMAR, 0, &table)))
		return -ENODEV;
	dmar = kzalloc_obj(*dmar);
	if (!dmar) {
		acpi_put_table(table);
		return -ENOMEM;
	}
	wrong = hyp_dmar_parse((const u8 *)table, table->length, dmar, &where);
	acpi_put_table(table);
	if (!wrong)
		return 0;
	pr_err("the ACPI table DMAR is refused: %s (at byte %zu)\n", wrong, where);
	kfree(dmar);
	dmar = NULL;
	return -EINVAL;
}

static bool vtd_in_memory(u64 base, u64 size)
{
	return region_intersects(base, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) !=
	       REGION_DISJOINT;
}

/* All registers; firmware often tells of the first page only. */
static u64 vtd_regs_size(u64 cap, u64 ecap)
{
	u64 faults = FIELD_GET(CAP_FRO, cap) * 16 + (FIELD_GET(CAP_NFR, cap) + 1) * 16;
	u64 iotlb = FIELD_GET(ECAP_IRO, ecap) * 16 + 16;

	return PAGE_ALIGN(max(faults, iotlb));
}

/* Look at a unit, and change nothing.  Return: NULL, or why no unit is to be handed over. */
static const char *vtd_look(const struct hyp_dmar_unit *unit, struct vtd *vtd)
{
	void __iomem *regs;
	u64 cap, ecap;
	u32 ver, gsts;

	vtd->desc.regs = DEFINE_RES_MEM(unit->base, unit->size);
	vtd->bad = "its registers are memory";
	if (vtd_in_memory(unit->base, unit->size))
		return NULL;
	vtd->bad = "its registers cannot be mapped";
	regs = ioremap(unit->base, PAGE_SIZE);
	if (!regs)
		return NULL;
	ver = readl(regs + VTD_VER);
	cap = readq(regs + VTD_CAP);
	ecap = readq(regs + VTD_ECAP);
	gsts = readl(regs + VTD_GSTS);
	iounmap(regs);

	vtd->bad = "nothing answers there";
	if (!ver || ver == ~0U || cap == ~0ULL || ecap == ~0ULL || gsts == ~0U)
		return NULL;
	vtd->bad = NULL;
	vtd->desc.regs.end = unit->base + max(unit->size, vtd_regs_size(cap, ecap)) - 1;
	if (gsts & GSTS_TES)
		return "Linux's own driver (intel_iommu=on) or firmware uses a VT-d unit";
	if (gsts & GSTS_IRES)
		return "a VT-d unit remaps interrupts, which is not supported yet (intremap=off)";
	return NULL;
}

static const char *vtd_prevented(void)
{
	const char *why;
	unsigned int i;

	for (i = 0; i < dmar->nr_units; i++) {
		why = vtd_look(&dmar->unit[i], &vtds[i]);
		if (why)
			return why;
	}
	return NULL;
}

/* ---- devices ---- */

/* From the root bus to a device. */
struct vtd_way {
	u16 segment;
	unsigned int nr;
	struct hyp_dmar_hop hop[MAX_WAY];
};

static bool vtd_find_way(struct pci_dev *pdev, struct vtd_way *way)
{
	struct pci_dev *at;
	unsigned int i;

	/* A virtual function is where its physical one is; some devices are only a front. */
	pdev = pci_physfn(pci_real_dma_dev(pdev));
	way->segment = pci_domain_nr(pdev->bus);
	way->nr = 0;
	for (at = pdev; at; at = pci_upstream_bridge(at))
		way->nr++;
	if (way->nr > MAX_WAY)
		return false;
	i = way->nr;
	for (at = pdev; at; at = pci_upstream_bridge(at))
		way->hop[--i] = (struct hyp_dmar_hop){ at->bus->number, at->devfn };
	return true;
}

/* Return: the unit that a device is behind, or NULL. */
static struct vtd *vtd_of(struct pci_dev *pdev)
{
	const struct hyp_dmar_unit *unit;
	struct vtd_way way;

	if (!vtd_find_way(pdev, &way))
		return NULL;
	unit = hyp_dmar_find_unit(dmar, way.segment, way.hop, way.nr);
	return unit ? &vtds[unit - dmar->unit] : NULL;
}

static int vtd_add_id(struct pci_dev *pdev, u16 alias, void *data)
{
	struct hyp_iommu_ids *ids = data;
	unsigned int i;

	for (i = 0; i < ids->nr; i++)
		if (ids->id[i] == alias)
			return 0;
	if (ids->nr == HYP_IOMMU_MAX_IDS)
		return -E2BIG;
	ids->id[ids->nr++] = alias;
	return 0;
}

static struct device *vtd_find(struct device *dev, struct hyp_iommu_ids *ids)
{
	struct vtd *vtd = dev_is_pci(dev) ? vtd_of(to_pci_dev(dev)) : NULL;

	if (!vtd)
		return NULL;
	if (pci_for_each_dma_alias(to_pci_dev(dev), vtd_add_id, ids)) {
		dev_err(dev, "hyp-iommu: it looks like more than %u devices; it cannot do DMA\n",
			HYP_IOMMU_MAX_IDS);
		return NULL;
	}
	return vtd->desc.dev;	/* NULL, or not live: nobody knows it */
}

/* After boot nobody but its driver needs what firmware did with it. */
static enum iommu_resv_type vtd_rmrr_type(const struct pci_dev *pdev)
{
	return pci_is_display((struct pci_dev *)pdev) || pdev->class >> 8 == PCI_CLASS_SERIAL_USB ?
	       IOMMU_RESV_DIRECT_RELAXABLE : IOMMU_RESV_DIRECT;
}

static void vtd_add_rmrrs(struct pci_dev *pdev, struct list_head *list)
{
	struct iommu_resv_region *region;
	const struct hyp_dmar_rmrr *rmrr;
	struct vtd_way way;
	unsigned int i;

	if (!vtd_find_way(pdev, &way))
		return;
	for (i = 0; i < dmar->nr_rmrrs; i++) {
		rmrr = &dmar->rmrr[i];
		if (!rmrr_allowed[i] || rmrr->segment != way.segment ||
		    !hyp_dmar_in_scope(dmar, rmrr->scopes, way.hop, way.nr))
			continue;
		region = iommu_alloc_resv_region(rmrr->base, rmrr->limit - rmrr->base + 1,
						 IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO,
						 vtd_rmrr_type(pdev), GFP_KERNEL);
		if (region)
			list_add_tail(&region->list, list);
	}
}

static void vtd_resv_regions(struct device *dev, struct list_head *list)
{
	struct iommu_resv_region *region;

	vtd_add_rmrrs(to_pci_dev(dev), list);
	region = iommu_alloc_resv_region(INTERRUPTS_BASE, INTERRUPTS_LENGTH, 0, IOMMU_RESV_MSI,
					 GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, list);
}

static unsigned int vtd_unprotected(bool say)
{
	struct pci_dev *pdev = NULL;
	unsigned int bad = 0;
	struct vtd *vtd;

	for_each_pci_dev(pdev) {
		vtd = vtd_of(pdev);
		if (vtd && hyp_iommu_unit_live(vtd->desc.dev))
			continue;
		bad++;
		if (say)
			pci_warn(pdev, "hyp-iommu: %s\n", vtd ?
				 "the IOMMU in front of it is not the hypervisor's" :
				 "no IOMMU is in front of it");
	}
	return bad;
}

/* ---- handing over ---- */

/* Memory that devices use from boot on, as firmware set them up. */
static bool vtd_allow_rmrr(unsigned int i)
{
	const struct hyp_dmar_rmrr *rmrr = &dmar->rmrr[i];
	u64 size = rmrr->limit - rmrr->base + 1;
	unsigned int j;

	if (vtd_in_memory(rmrr->base, size)) {
		pr_warn("the DMAR reserves %#llx-%#llx for devices, but that is Linux's memory: refused\n",
			rmrr->base, rmrr->limit);
		return false;
	}
	/* Often several have the same. */
	for (j = 0; j < i; j++)
		if (rmrr_allowed[j] && dmar->rmrr[j].base <= rmrr->base &&
		    rmrr->limit <= dmar->rmrr[j].limit)
			return true;
	return !hyp_iommu_allow_mmio(rmrr->base, size, "memory that the DMAR reserves");
}

static void vtd_hand_over_one(unsigned int i)
{
	struct vtd *vtd = &vtds[i];
	struct platform_device *pdev;

	hyp_iommu_unit_found();
	if (vtd->bad) {
		pr_err("the VT-d unit at %#llx is not used: %s\n", dmar->unit[i].base, vtd->bad);
		return;
	}
	pdev = platform_device_register_simple("vtd", i, &vtd->desc.regs, 1);
	if (IS_ERR(pdev)) {
		pr_err("the VT-d unit at %#llx is not used: %pe\n", dmar->unit[i].base, pdev);
		return;
	}
	vtd->desc.takeover = &vtd_takeover;
	vtd->desc.dev = &pdev->dev;
	vtd->desc.kind = KIND_VTD;
	hyp_iommu_add_unit(&vtd->desc);
}

static void vtd_hand_over(void)
{
	unsigned int i;

	for (i = 0; i < dmar->nr_rmrrs; i++)
		rmrr_allowed[i] = vtd_allow_rmrr(i);
	for (i = 0; i < dmar->nr_units; i++)
		vtd_hand_over_one(i);
}

/* Nothing was bound to. */
static void vtd_give_up(void)
{
}

static struct hyp_iommu_takeover vtd_takeover = {
	.name = "vtd",
	.claim = vtd_claim,
	.prevented = vtd_prevented,
	.hand_over = vtd_hand_over,
	.give_up = vtd_give_up,
	.find = vtd_find,
	.resv_regions = vtd_resv_regions,
	.unprotected = vtd_unprotected,
};

static int __init vtd_init(void)
{
	hyp_iommu_takeover_register(&vtd_takeover);
	return 0;
}
fs_initcall(vtd_init);
