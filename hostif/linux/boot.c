// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of boot, and the parameter
 *
 *	hyp_iommu={off|on|required}[,stage1][,simple]
 *
 *   off	Linux's own IOMMU drivers are used
 *   on		the hypervisor gets the IOMMUs, if there is a hypervisor and if
 *		there are IOMMUs; the log says what DMA isolation there is
 *   required	the same, and the hypervisor is not finalised (so that there
 *		are no protected guests) unless all of it worked
 *   stage1	prefer first-stage tables where a unit has both
 *   simple	use the simpler of two kinds of device table where a unit has both
 *
 * fs_initcall		takeover drivers find the units, before native ones can
 *			bind to them
 * rootfs_initcall	units are handed over, before any driver of a device can
 *			have set up DMA; or
 * device_initcall	the same where the hypervisor does not run before
 * device_initcall_sync	the hypervisor asks hyp_iommu_may_finalise()
 *
 * Devices that were found before a late hand-over have waited: their IOMMU was
 * not ready, so that their probe was deferred.
 */
#define pr_fmt(fmt) "hyp-iommu: " fmt

#include <linux/init.h>
#include <linux/list.h>
#include <linux/string.h>

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
		else if (!strcmp(word, "simple"))
			unit_flags |= HYP_IOMMU_UNIT_SIMPLE_TABLES;
		else
			pr_err("hyp_iommu=%s is not known; off, on, required, stage1 and simple are\n",
			       word);
	}
	return 0;
}
early_param("hyp_iommu", hyp_host_parse);

u32 hyp_host_unit_flags(void)
{
	return unit_flags;
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

	if (mode == MODE_OFF || !hyp_iommu_hvc_expected())
		return;
	err = takeover->claim();
	if (!err)
		list_add_tail(&takeover->node, &takeovers);
	else if (err != -ENODEV)
		pr_err("%s: cannot claim its units: %d\n", takeover->name, err);
}

struct device *hyp_host_find(struct device *dev, struct hyp_iommu_ids *ids)
{
	struct hyp_iommu_takeover *takeover;
	struct device *unit;

	list_for_each_entry(takeover, &takeovers, node) {
		unit = takeover->find ? takeover->find(dev, ids) : NULL;
		if (unit)
			return unit;
	}
	return NULL;
}

void hyp_iommu_unit_found(void)
{
	units_found++;
}

/* Is there a unit that somebody else has, or that cannot be had?  Return: NULL, or why. */
static const char *__init hyp_host_prevented(void)
{
	struct hyp_iommu_takeover *takeover;
	const char *why;

	list_for_each_entry(takeover, &takeovers, node) {
		why = takeover->prevented ? takeover->prevented() : NULL;
		if (why)
			return why;
	}
	return NULL;
}

/* Return: NULL, or why not. */
static const char *__init hyp_host_connect(void)
{
	struct hyp_iommu_ret ret;
	const char *why;

	if (mode == MODE_OFF)
		return "hyp_iommu=off";
	if (!hyp_iommu_hvc_expected())
		return IS_ENABLED(CONFIG_HYP_IOMMU_PKVM) ? "protected KVM is not enabled" :
							   "no hypervisor was started";
	if (!hyp_iommu_hvc_available())
		return "the hypervisor does not run";
	ret = hyp_host_call(HYP_IOMMU_VERSION);
	if (ret.status)
		return "the hypervisor was built without hyp-iommu";
	if (ret.done != HYP_IOMMU_ABI_VERSION)
		return "the hypervisor speaks another version of the interface";
	why = hyp_host_prevented();
	if (why)
		return why;
	if (hyp_host_pool_init())
		return "out of memory";
	caps = ret.need;
	return NULL;
}

/* Return: how many devices or buses have DMA that is not behind a unit of the hypervisor. */
static unsigned int hyp_host_unprotected(bool say)
{
	struct hyp_iommu_takeover *takeover;
	unsigned int bad = 0;

	list_for_each_entry(takeover, &takeovers, node)
		bad += takeover->unprotected(say);
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

#ifdef CONFIG_HYP_IOMMU_PKVM
device_initcall(hyp_host_hand_over);
#else
rootfs_initcall(hyp_host_hand_over);
#endif

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
		pr_warn("DMA is NOT isolated: %u of %u unit(s) taken over, %u device(s) or bus(es) without\n",
			live, units_found, bad);
	if (good || mode != MODE_REQUIRED)
		return true;
	pr_err("hyp_iommu=required: that is not enough\n");
	return false;
}

#ifndef CONFIG_HYP_IOMMU_INLINE
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
