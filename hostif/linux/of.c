// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device tree says about who is behind which IOMMU.
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>

#include "takeover.h"

static bool of_is_live(struct device_node *np)
{
	struct platform_device *pdev = of_find_device_by_node(np);
	bool live = pdev && hyp_iommu_unit_live(&pdev->dev);

	platform_device_put(pdev);
	return live;
}

/* Are all the units that @np names in "iommus" the hypervisor's? */
static bool of_check_iommus(struct device_node *np)
{
	struct of_phandle_args args;
	bool good = true;
	int i, err;

	for (i = 0;; i++) {
		err = of_parse_phandle_with_args(np, "iommus", "#iommu-cells", i, &args);
		if (err)
			return good && err == -ENOENT && i;
		good &= of_is_live(args.np);
		of_node_put(args.np);
	}
}

/* The same for "iommu-map": entries of (id, phandle, endpoint, length). */
static bool of_check_iommu_map(struct device_node *np)
{
	int len = of_property_count_u32_elems(np, "iommu-map");
	struct device_node *unit;
	bool good = len > 0;
	u32 phandle, cells;
	int i = 0;

	while (i < len && good) {
		if (of_property_read_u32_index(np, "iommu-map", i + 1, &phandle))
			return false;
		unit = of_find_node_by_phandle(phandle);
		if (!unit || of_property_read_u32(unit, "#iommu-cells", &cells))
			cells = 1;
		good = unit && of_is_live(unit) && cells == 1 && i + 4 <= len;
		of_node_put(unit);
		i += 4;
	}
	return good;
}

unsigned int hyp_iommu_of_unprotected(bool say)
{
	struct device_node *np;
	unsigned int bad = 0;

	for_each_node_with_property(np, "iommus") {
		if (!of_device_is_available(np) || of_check_iommus(np))
			continue;
		bad++;
		if (say)
			pr_warn("%pOF: an IOMMU in its iommus is not the hypervisor's\n", np);
	}
	for_each_node_with_property(np, "iommu-map") {
		if (!of_device_is_available(np) || of_check_iommu_map(np))
			continue;
		bad++;
		if (say)
			pr_warn("%pOF: an IOMMU in its iommu-map is not the hypervisor's\n", np);
	}
	/* Its devices can do DMA, and nothing says that an IOMMU is in the way. */
	for_each_node_by_type(np, "pci") {
		if (!of_device_is_available(np) || of_property_present(np, "iommu-map") ||
		    !of_property_present(np, "bus-range"))
			continue;
		bad++;
		if (say)
			pr_warn("%pOF: PCI without an iommu-map\n", np);
	}
	return bad;
}
