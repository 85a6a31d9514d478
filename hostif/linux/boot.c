// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of boot, and the parameter
 *
 *	hyp_iommu={off|on|required}[,stage1]
 *
 *   off	Linux's own IOMMU drivers are used
 *   on		the hypervisor gets the IOMMUs, if there is a hypervisor and if
 *		there are IOMMUs; the log says what DMA isolation there is
 *   required	the same, and the hypervisor is not finalised (so that there
 *		are no protected guests) unless all of it worked
 *   stage1	prefer first-stage tables where a unit has both
 *
 * fs_initcall		takeover drivers bind to the units, before native ones can
 * device_initcall	the hypervisor runs; units are handed over
 * device_initcall_sync	the hypervisor asks hyp_iommu_may_finalise()
 *
 * Devices that were found meanwhile have waited: their IOMMU was not ready, so
 * that their probe was deferred.
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/init.h>
#include <linux/list.h>
#include <linux/of.h>
#include <linux/string.h>
#ifdef CONFIG_HYP_IOMMU_PKVM
#include <asm/virt.h>
#endif

#include "boot.h"
#include "hyp-iommu-kvm.h"
#include "hyp-iommu.h"

static enum { MODE_OFF, MODE_ON, MODE_REQUIRED } mode __ro_after_init = MODE_ON;
static u32 unit_flags __ro_after_init;
static bool active;
static u64 caps;
static unsigned int units_found;
static LIST_HEAD(takeovers);

static int __init hyp_host_parse(char *arg)
{
	char *word;

	while ((word = strsep(&arg, ",")) != NULL) {
		if (!strcmp(word, "off"))
			mode = MODE_OFF;
		else if (!strcmp(word, "on"))
			mode = MODE_ON;
		else if (!strcmp(word, "required"))
			mode = MODE_REQUIRED;
		else if (!strcmp(word, "stage1"))
			unit_flags |= HYP_IOMMU_UNIT_PREFER_STAGE1;
		else
			pr_err("hyp_iommu=%s is not known; off, on, required and stage1 are\n",
			       word);
	}
	return 0;
}
early_param("hyp_iommu", hyp_host_parse);

u32 hyp_host_unit_flags(void)
{
	return unit_flags;
}

/* Known long before hyp_iommu_hvc_available() can tell. */
static bool hyp_host_hypervisor_expected(void)
{
#ifdef CONFIG_HYP_IOMMU_PKVM
	return is_protected_kvm_enabled();
#else
	return true;
#endif
}

static void hyp_host_not_active(const char *why)
{
	if (mode == MODE_REQUIRED)
		pr_err("REQUIRED, but not active: %s; DMA is not isolated\n", why);
	else
		pr_notice("not active: %s; DMA is not isolated; Linux's own IOMMU drivers are used\n",
			  why);
}

void hyp_iommu_takeover_register(struct hyp_iommu_takeover *takeover)
{
	int err;

	if (mode == MODE_OFF || !hyp_host_hypervisor_expected())
		return;
	err = takeover->claim();
	if (err)
		pr_err("%s: cannot claim its units: %d\n", takeover->name, err);
	else
		list_add_tail(&takeover->node, &takeovers);
}

void hyp_iommu_unit_found(void)
{
	units_found++;
}

/* Return: NULL, or why not. */
static const char *__init hyp_host_connect(void)
{
	struct hyp_iommu_ret ret;

	if (mode == MODE_OFF)
		return "hyp_iommu=off";
	if (!hyp_host_hypervisor_expected())
		return "protected KVM is not enabled";
	if (!hyp_iommu_hvc_available())
		return "the hypervisor does not run";
	ret = hyp_host_call(HYP_IOMMU_VERSION);
	if (ret.status)
		return "the hypervisor was built without hyp-iommu";
	if (ret.done != HYP_IOMMU_ABI_VERSION)
		return "the hypervisor speaks another version of the interface";
	if (hyp_host_pool_init())
		return "out of memory";
	caps = ret.need;
	return NULL;
}

static bool hyp_host_owns(struct device_node *np)
{
	struct hyp_host_unit *unit;
	bool owned = false;

	mutex_lock(&hyp_host_lock);
	list_for_each_entry(unit, &hyp_host_units, node)
		if (dev_of_node(unit->desc.dev) == np)
			owned = hyp_host_ask(HYP_IOMMU_UNIT_INFO, unit->id,
					     HYP_IOMMU_UNIT_STATE) == HYP_IOMMU_UNIT_LIVE;
	mutex_unlock(&hyp_host_lock);
	return owned;
}

/* Are all the units that @np names in "iommus" the hypervisor's? */
static bool hyp_host_check_iommus(struct device_node *np)
{
	struct of_phandle_args args;
	bool good = true;
	int i, err;

	for (i = 0;; i++) {
		err = of_parse_phandle_with_args(np, "iommus", "#iommu-cells", i, &args);
		if (err)
			return good && err == -ENOENT && i;
		good &= hyp_host_owns(args.np);
		of_node_put(args.np);
	}
}

/* The same for "iommu-map": entries of (id, phandle, endpoint, length). */
static bool hyp_host_check_iommu_map(struct device_node *np)
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
		good = unit && hyp_host_owns(unit) && cells == 1 && i + 4 <= len;
		of_node_put(unit);
		i += 4;
	}
	return good;
}

/* Return: how many nodes have DMA that is not behind a unit of the hypervisor. */
static unsigned int hyp_host_unprotected(bool say)
{
	struct device_node *np;
	unsigned int bad = 0;

	for_each_node_with_property(np, "iommus") {
		if (!of_device_is_available(np) || hyp_host_check_iommus(np))
			continue;
		bad++;
		if (say)
			pr_warn("%pOF: an IOMMU in its iommus is not the hypervisor's\n", np);
	}
	for_each_node_with_property(np, "iommu-map") {
		if (!of_device_is_available(np) || hyp_host_check_iommu_map(np))
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

static int __init hyp_host_hand_over(void)
{
	struct hyp_iommu_takeover *takeover;
	const char *why = hyp_host_connect();

	active = !why;
	if (why)
		hyp_host_not_active(why);
	else
		hyp_host_debugfs_init();
	list_for_each_entry(takeover, &takeovers, node) {
		if (active)
			takeover->hand_over();
		else
			takeover->give_up();
	}
	if (active && !units_found)
		pr_warn("no IOMMU was found: DMA is NOT isolated\n");
	/* Now, before devices are used that may not get anywhere. */
	if (active)
		hyp_host_unprotected(true);
	return 0;
}
device_initcall(hyp_host_hand_over);

/* Say what isolation there is.  Return: false if the user wants more. */
static bool hyp_host_verdict(void)
{
	struct hyp_host_unit *unit;
	unsigned int live = 0, bad;
	bool good;

	if (!active)
		return mode != MODE_REQUIRED;
	mutex_lock(&hyp_host_lock);
	list_for_each_entry(unit, &hyp_host_units, node)
		live++;
	mutex_unlock(&hyp_host_lock);
	bad = hyp_host_unprotected(false);
	good = live && live == units_found && !bad && (caps & HYP_IOMMU_CAP_ISOLATION);

	if (good)
		pr_info("DMA is isolated: the hypervisor owns %u unit(s)\n", live);
	else if (!(caps & HYP_IOMMU_CAP_ISOLATION))
		pr_warn("DMA is NOT isolated: this build has no hypervisor\n");
	else
		pr_warn("DMA is NOT isolated: %u of %u unit(s) taken over, %u node(s) without\n",
			live, units_found, bad);
	if (good || mode != MODE_REQUIRED)
		return true;
	pr_err("hyp_iommu=required: that is not enough\n");
	return false;
}

#ifdef CONFIG_HYP_IOMMU_PKVM
bool hyp_iommu_may_finalise(void)
{
	return hyp_host_verdict();
}
#else
static int __init hyp_host_report(void)
{
	hyp_host_verdict();
	return 0;
}
device_initcall_sync(hyp_host_report);
#endif
