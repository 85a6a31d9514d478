// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds Arm SMMUv3s in the device tree and hands them over.
 *
 * While we are active every SMMUv3 is ours, also one whose description makes
 * no sense: it stays without a driver then, because the native driver must not
 * meet registers that the hypervisor has taken.
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "dma-iommu.h"
#include "takeover.h"

#define KIND_SMMUV3	HYP_IOMMU_KIND('S', 'M', '3', ' ')

/* Both pages of registers; an SMMUv3 has at least those. */
#define REGS_SIZE	SZ_128K

/* Where devices see the doorbells of interrupt controllers; below any RAM. */
#define MSI_IOVA_BASE	0x8000000
#define MSI_IOVA_LENGTH	0x100000

static struct hyp_iommu_takeover smmuv3_takeover;

struct smmuv3 {
	struct hyp_iommu_unit_desc desc;
	bool usable;
	struct list_head node;
};

static LIST_HEAD(smmuv3s);
static bool handing_over;

static bool smmuv3_check_regs(struct smmuv3 *smmu, struct platform_device *pdev)
{
	struct resource *res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	struct smmuv3 *other;

	if (!res) {
		dev_err(&pdev->dev, "hyp-iommu: reg is missing or makes no sense\n");
		return false;
	}
	if (resource_size(res) < REGS_SIZE || !IS_ALIGNED(res->start, SZ_64K)) {
		dev_err(&pdev->dev, "hyp-iommu: reg %pR: need %#x bytes, aligned to %#x\n", res,
			REGS_SIZE, SZ_64K);
		return false;
	}
	smmu->desc.regs = *res;
	smmu->desc.regs.end = res->start + REGS_SIZE - 1;
	list_for_each_entry(other, &smmuv3s, node) {
		if (other->usable && resource_overlaps(&smmu->desc.regs, &other->desc.regs)) {
			dev_err(&pdev->dev, "hyp-iommu: reg %pR is also that of %s\n", res,
				dev_name(other->desc.dev));
			return false;
		}
	}
	return true;
}

static bool smmuv3_check_cells(struct platform_device *pdev)
{
	u32 cells;

	if (of_property_read_u32(pdev->dev.of_node, "#iommu-cells", &cells)) {
		dev_err(&pdev->dev, "hyp-iommu: #iommu-cells is missing\n");
		return false;
	}
	if (cells != 1) {
		dev_err(&pdev->dev, "hyp-iommu: #iommu-cells is %u, not 1\n", cells);
		return false;
	}
	return true;
}

static void smmuv3_find_irqs(struct smmuv3 *smmu, struct platform_device *pdev)
{
	static const char *const names[] = { "combined", "eventq", "gerror" };
	struct hyp_iommu_unit_desc *desc = &smmu->desc;
	unsigned int i;
	int irq;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		irq = platform_get_irq_byname_optional(pdev, names[i]);
		if (irq <= 0)
			continue;
		desc->irqs[desc->nr_irqs++] = irq;
		if (!i)
			return;		/* it stands for all of them */
	}
}

static void smmuv3_hand_over_one(struct smmuv3 *smmu)
{
	if (smmu->usable)
		smmu->usable = !hyp_iommu_add_unit(&smmu->desc);
}

static int smmuv3_probe(struct platform_device *pdev)
{
	struct smmuv3 *smmu = devm_kzalloc(&pdev->dev, sizeof(*smmu), GFP_KERNEL);

	if (!smmu)
		return -ENOMEM;
	hyp_iommu_unit_found();
	smmu->desc.takeover = &smmuv3_takeover;
	smmu->desc.dev = &pdev->dev;
	smmu->desc.kind = KIND_SMMUV3;
	smmu->usable = smmuv3_check_cells(pdev) && smmuv3_check_regs(smmu, pdev);
	if (smmu->usable)
		smmuv3_find_irqs(smmu, pdev);
	else
		dev_err(&pdev->dev, "hyp-iommu: not used, and not left to another driver\n");
	list_add_tail(&smmu->node, &smmuv3s);
	platform_set_drvdata(pdev, smmu);

	/* It had to wait for something else and comes late; perhaps too late. */
	if (handing_over)
		smmuv3_hand_over_one(smmu);
	return 0;
}

static void smmuv3_remove(struct platform_device *pdev)
{
	struct smmuv3 *smmu = platform_get_drvdata(pdev);

	/* Only smmuv3_give_up() gets here. */
	list_del(&smmu->node);
}

static const struct of_device_id smmuv3_match[] = {
	{ .compatible = "arm,smmu-v3" },
	{ }
};

static struct platform_driver smmuv3_driver = {
	.driver = {
		.name = "hyp-iommu-smmuv3",
		.of_match_table = smmuv3_match,
		.suppress_bind_attrs = true,
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
	.probe = smmuv3_probe,
	.remove = smmuv3_remove,
};

/*
 * The one page of a doorbell that devices write to.  An ITS has it in the
 * second 64K of its registers (GITS_TRANSLATER, Arm IHI 0069, 12.10); all else
 * there is the host's alone.  A GICv2m frame is one page.
 */
static void smmuv3_allow_doorbells(const char *compatible, u64 offset)
{
	struct device_node *np;
	struct resource res;

	for_each_compatible_node(np, NULL, compatible) {
		if (!of_device_is_available(np))
			continue;
		if (of_address_to_resource(np, 0, &res) ||
		    resource_size(&res) < offset + HYP_IOMMU_PAGE_SIZE)
			pr_err("%pOF: its reg makes no sense; no MSIs from there\n", np);
		else
			hyp_iommu_allow_mmio(res.start + offset, HYP_IOMMU_PAGE_SIZE,
					     of_node_full_name(np));
	}
}

static int smmuv3_claim(void)
{
	return platform_driver_register(&smmuv3_driver);
}

static void smmuv3_hand_over(void)
{
	struct smmuv3 *smmu;

	if (!list_empty(&smmuv3s)) {
		smmuv3_allow_doorbells("arm,gic-v3-its", SZ_64K);
		smmuv3_allow_doorbells("arm,gic-v2m-frame", 0);
	}
	handing_over = true;
	list_for_each_entry(smmu, &smmuv3s, node)
		smmuv3_hand_over_one(smmu);
}

static int smmuv3_rescan(struct device *dev, void *data)
{
	if (of_match_node(smmuv3_match, dev->of_node))
		return device_attach(dev) < 0;
	return 0;
}

static void smmuv3_give_up(void)
{
	platform_driver_unregister(&smmuv3_driver);
	bus_for_each_dev(&platform_bus_type, NULL, NULL, smmuv3_rescan);
}

static void smmuv3_resv_regions(struct device *dev, struct list_head *list)
{
	struct iommu_resv_region *region;

	region = iommu_alloc_resv_region(MSI_IOVA_BASE, MSI_IOVA_LENGTH,
					 IOMMU_WRITE | IOMMU_NOEXEC | IOMMU_MMIO,
					 IOMMU_RESV_SW_MSI, GFP_KERNEL);
	if (!region)
		return;
	list_add_tail(&region->list, list);
	iommu_dma_get_resv_regions(dev, list);
}

static struct hyp_iommu_takeover smmuv3_takeover = {
	.name = "smmuv3",
	.claim = smmuv3_claim,
	.hand_over = smmuv3_hand_over,
	.give_up = smmuv3_give_up,
	.resv_regions = smmuv3_resv_regions,
	.unprotected = hyp_iommu_of_unprotected,
};

static int __init smmuv3_init(void)
{
	hyp_iommu_takeover_register(&smmuv3_takeover);
	return 0;
}
fs_initcall(smmuv3_init);
