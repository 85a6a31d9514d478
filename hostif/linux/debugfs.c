// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/hyp-iommu/: what there is, and what it counts.
 *
 *   units, domains, calls   one line of column names, then a line for each
 *   pool                    lines of "name number"
 *   raw                     raw.c
 *
 * Columns and lines are only ever added at the end.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "hyp-iommu.h"

static const char *const call_names[HYP_IOMMU_NR_CALLS] = {
	[HYP_IOMMU_VERSION]		= "version",
	[HYP_IOMMU_STAT]		= "stat",
	[HYP_IOMMU_UNIT_ADD]		= "unit_add",
	[HYP_IOMMU_MMIO_ALLOW]		= "mmio_allow",
	[HYP_IOMMU_UNIT_INFO]		= "unit_info",
	[HYP_IOMMU_POOL_DONATE]		= "pool_donate",
	[HYP_IOMMU_POOL_RECLAIM]	= "pool_reclaim",
	[HYP_IOMMU_DOMAIN_ALLOC]	= "domain_alloc",
	[HYP_IOMMU_DOMAIN_FREE]		= "domain_free",
	[HYP_IOMMU_DOMAIN_INFO]		= "domain_info",
	[HYP_IOMMU_ATTACH]		= "attach",
	[HYP_IOMMU_DETACH]		= "detach",
	[HYP_IOMMU_MAP]			= "map",
	[HYP_IOMMU_UNMAP]		= "unmap",
	[HYP_IOMMU_IOVA_TO_PHYS]	= "iova_to_phys",
	[HYP_IOMMU_FAULT_READ]		= "fault_read",
	[HYP_IOMMU_MAP_SG]		= "map_sg",
	[HYP_IOMMU_SYNC]		= "sync",
	[HYP_IOMMU_UNMAP_LIST]		= "unmap_list",
};

static const char *const state_names[] = {
	[HYP_IOMMU_UNIT_NONE]		= "none",
	[HYP_IOMMU_UNIT_LIVE]		= "live",
	[HYP_IOMMU_UNIT_STOPPED]	= "stopped",
};

static u64 unit_info(const struct hyp_host_unit *unit, enum hyp_iommu_unit_info what)
{
	return hyp_host_ask(HYP_IOMMU_UNIT_INFO, unit->id, what);
}

static int units_show(struct seq_file *m, void *v)
{
	struct hyp_host_unit *unit;

	seq_puts(m, "unit name state stage endpoint_bits pasid_bits coherent endpoints pages commands waits faults faults_lost\n");
	mutex_lock(&hyp_host_lock);
	list_for_each_entry(unit, &hyp_host_units, node) {
		u64 state = unit_info(unit, HYP_IOMMU_UNIT_STATE);

		seq_printf(m, "%u %s %s %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu\n",
			   unit->id, dev_name(unit->desc.dev),
			   state < ARRAY_SIZE(state_names) ? state_names[state] : "?",
			   unit_info(unit, HYP_IOMMU_UNIT_STAGE),
			   unit_info(unit, HYP_IOMMU_UNIT_ENDPOINT_BITS),
			   unit_info(unit, HYP_IOMMU_UNIT_PASID_BITS),
			   unit_info(unit, HYP_IOMMU_UNIT_COHERENT),
			   unit_info(unit, HYP_IOMMU_UNIT_ENDPOINTS),
			   unit_info(unit, HYP_IOMMU_UNIT_PAGES),
			   unit_info(unit, HYP_IOMMU_UNIT_COMMANDS),
			   unit_info(unit, HYP_IOMMU_UNIT_WAITS),
			   unit_info(unit, HYP_IOMMU_UNIT_FAULTS),
			   unit_info(unit, HYP_IOMMU_UNIT_FAULTS_LOST));
	}
	mutex_unlock(&hyp_host_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(units);

static void domain_show_endpoints(struct seq_file *m, const struct hyp_host_domain *hd)
{
	struct hyp_host_endpoint *ep;
	struct hyp_host_unit *unit;
	unsigned long id;

	list_for_each_entry(unit, &hyp_host_units, node) {
		mutex_lock(&unit->lock);
		xa_for_each(&unit->endpoints, id, ep) {
			if (ep->domain == hd)
				seq_printf(m, " %u:%#x=%s", unit->id, ep->id,
					   ep->dev ? dev_name(ep->dev) : "?");
		}
		mutex_unlock(&unit->lock);
	}
}

static int domains_show(struct seq_file *m, void *v)
{
	struct hyp_host_domain *hd;
	unsigned int i;

	seq_puts(m, "handle unit state stage page_sizes ia_bits oa_bits table_size tables spare mapped nr_endpoints endpoints\n");
	mutex_lock(&hyp_host_lock);
	list_for_each_entry(hd, &hyp_host_domains, node) {
		seq_printf(m, "%#llx %u %s", hd->handle, hd->unit->id, hd->lost ? "lost" : "live");
		for (i = 0; i < HYP_IOMMU_NR_DOMAIN_INFOS; i++)
			seq_printf(m, i == HYP_IOMMU_DOMAIN_PAGE_SIZES ? " %#llx" : " %llu",
				   hyp_host_ask(HYP_IOMMU_DOMAIN_INFO, hd->handle, i));
		domain_show_endpoints(m, hd);
		seq_putc(m, '\n');
	}
	mutex_unlock(&hyp_host_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(domains);

static int pool_show(struct seq_file *m, void *v)
{
	u64 given, returned, foreign, reserve;
	static const struct {
		const char *name;
		enum hyp_iommu_stat stat;
	} stats[] = {
		{ "hyp_pages", HYP_IOMMU_STAT_PAGES },	/* should be "held" */
		{ "hyp_spare", HYP_IOMMU_STAT_POOL },
		{ "hyp_units", HYP_IOMMU_STAT_UNITS },
		{ "hyp_domains", HYP_IOMMU_STAT_DOMAINS },
		{ "hyp_endpoints", HYP_IOMMU_STAT_ENDPOINTS },
		{ "hyp_pinned", HYP_IOMMU_STAT_PINNED },
		{ "hyp_stuck", HYP_IOMMU_STAT_STUCK },
	};
	unsigned int i;

	hyp_host_pool_counts(&given, &returned, &foreign, &reserve);
	seq_printf(m, "given %llu\nreturned %llu\nheld %llu\nforeign %llu\nreserve %llu\n",
		   given, returned, given - returned, foreign, reserve);
	for (i = 0; i < ARRAY_SIZE(stats); i++)
		seq_printf(m, "%s %llu\n", stats[i].name,
			   hyp_host_ask(HYP_IOMMU_STAT, stats[i].stat, 0));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pool);

static int calls_show(struct seq_file *m, void *v)
{
	unsigned int i;

	seq_puts(m, "call calls errors\n");
	for (i = 0; i < HYP_IOMMU_NR_CALLS; i++)
		seq_printf(m, "%s %llu %llu\n", call_names[i] ?: "?",
			   hyp_host_ask(HYP_IOMMU_STAT, HYP_IOMMU_STAT_CALLS, i),
			   hyp_host_ask(HYP_IOMMU_STAT, HYP_IOMMU_STAT_ERRORS, i));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(calls);

void __init hyp_host_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("hyp-iommu", NULL);

	debugfs_create_file("units", 0400, dir, NULL, &units_fops);
	debugfs_create_file("domains", 0400, dir, NULL, &domains_fops);
	debugfs_create_file("pool", 0400, dir, NULL, &pool_fops);
	debugfs_create_file("calls", 0400, dir, NULL, &calls_fops);
	hyp_host_raw_init(dir);
}
