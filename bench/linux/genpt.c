// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux's generic_pt, used as its VT-d driver does; iommu_iotlb_sync() closes
 * the gather, and frees what is on its list.
 */
#include <linux/generic_pt/common.h>
#include <linux/generic_pt/iommu.h>
#include "drivers/iommu/iommu-pages.h"
#include "bench/bench.h"

static struct device device;

static void sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	iommu_put_pages_list(&gather->freelist);
}

static const struct iommu_domain_ops domain_ops = { .iotlb_sync = sync };

static struct pt_iommu *genpt_prepare(size_t size)
{
	struct pt_iommu *table = kmalloc(size, GFP_KERNEL);

	if (!table)
		return NULL;
	memset(table, 0, size);
	table->domain.ops = &domain_ops;
	table->iommu_device = &device;
	table->nid = NUMA_NO_NODE;
	return table;
}

#define GENPT_CREATE(fmt, always, vasz)							\
static void *genpt_create_##fmt(bool noncoherent)					\
{											\
	struct pt_iommu_##fmt##_cfg cfg = {						\
		.common = {								\
			.features = (always) |						\
				    (noncoherent ? BIT(PT_FEAT_DMA_INCOHERENT) : 0),	\
			.hw_max_vasz_lg2 = (vasz),					\
			.hw_max_oasz_lg2 = 48,						\
		},									\
		.top_level = 3,								\
	};										\
	struct pt_iommu *table = genpt_prepare(sizeof(struct pt_iommu_##fmt));		\
											\
	if (!table || pt_iommu_##fmt##_init((void *)table, &cfg, GFP_KERNEL))		\
		return NULL;								\
	table->domain.ops = &domain_ops;						\
	return table;									\
}

GENPT_CREATE(vtdss, BIT(PT_FEAT_FLUSH_RANGE), 48)
GENPT_CREATE(x86_64, BIT(PT_FEAT_FLUSH_RANGE) | BIT(PT_FEAT_SIGN_EXTEND), 48)

static void genpt_destroy(void *p)
{
	pt_iommu_deinit(p);
	kfree(p);
}

static unsigned long genpt_map(void *p, unsigned long ia, unsigned long oa,
			       unsigned int leaf_lg2, unsigned long nr)
{
	struct pt_iommu *table = p;
	size_t done = 0;

	table->ops->map_range(table, ia, oa, nr << leaf_lg2,
			      IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE, GFP_ATOMIC, &done);
	return done >> leaf_lg2;
}

static unsigned long genpt_unmap(void *p, unsigned long ia, unsigned int leaf_lg2,
				 unsigned long nr)
{
	struct iommu_iotlb_gather gather;
	struct pt_iommu *table = p;
	size_t done;

	iommu_iotlb_gather_init(&gather);
	done = table->ops->unmap_range(table, ia, nr << leaf_lg2, &gather);
	iommu_iotlb_sync(&table->domain, &gather);
	return done >> leaf_lg2;
}

static unsigned long genpt_lookup_vtdss(void *p, unsigned long ia)
{
	return pt_iommu_vtdss_iova_to_phys(p, ia);
}

static unsigned long genpt_lookup_x86_64(void *p, unsigned long ia)
{
	return pt_iommu_x86_64_iova_to_phys(p, ia);
}

const struct bench_impl bench_genpt_vtdss = {
	"genpt-vtdss", genpt_create_vtdss, genpt_destroy, genpt_map, genpt_unmap,
	genpt_lookup_vtdss
};

const struct bench_impl bench_genpt_x86_64 = {
	"genpt-x86_64", genpt_create_x86_64, genpt_destroy, genpt_map, genpt_unmap,
	genpt_lookup_x86_64
};
