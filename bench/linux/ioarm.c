// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux's io-pgtable-arm, used as its SMMUv3 driver does: one call per table,
 * as iommu_map() and iommu_unmap() make them, removed pages gathered by a
 * callback, and the gather closed by iommu_iotlb_sync().
 */
#include <linux/io-pgtable.h>
#include <linux/sizes.h>
#include "bench/bench.h"

struct ioarm {
	struct iommu_domain domain;
	struct io_pgtable_ops *ops;
};

static struct device device;

static void no_flush(void *cookie)
{
}

static void no_flush_walk(unsigned long iova, size_t size, size_t granule, void *cookie)
{
}

static void add_page(struct iommu_iotlb_gather *gather, unsigned long iova, size_t granule,
		     void *cookie)
{
	struct ioarm *table = cookie;

	iommu_iotlb_gather_add_page(&table->domain, gather, iova, granule);
}

static const struct iommu_flush_ops flush_ops = {
	.tlb_flush_all = no_flush,
	.tlb_flush_walk = no_flush_walk,
	.tlb_add_page = add_page,
};

static void no_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
}

static const struct iommu_domain_ops domain_ops = { .iotlb_sync = no_sync };

static void *ioarm_create(enum io_pgtable_fmt fmt, bool noncoherent)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = BIT(12) | BIT(21) | BIT(30),
		.ias = 48, .oas = 48,
		.coherent_walk = !noncoherent,
		.tlb = &flush_ops,
		.iommu_dev = &device,
	};
	struct ioarm *table = kmalloc(sizeof(*table), GFP_KERNEL);

	if (!table)
		return NULL;
	memset(table, 0, sizeof(*table));
	table->domain.ops = &domain_ops;
	table->ops = alloc_io_pgtable_ops(fmt, &cfg, table);
	return table->ops ? table : NULL;
}

static void *ioarm_create_s1(bool noncoherent)
{
	return ioarm_create(ARM_64_LPAE_S1, noncoherent);
}

static void *ioarm_create_s2(bool noncoherent)
{
	return ioarm_create(ARM_64_LPAE_S2, noncoherent);
}

static void ioarm_destroy(void *p)
{
	struct ioarm *table = p;

	free_io_pgtable_ops(table->ops);
	kfree(table);
}

static unsigned long ioarm_map(void *p, unsigned long ia, unsigned long oa,
			       unsigned int leaf_lg2, unsigned long nr)
{
	struct ioarm *table = p;
	size_t size = nr << leaf_lg2;
	size_t done = 0;

	while (done < size) {
		if (table->ops->map_pages(table->ops, ia + done, oa + done, 1UL << leaf_lg2,
					  (size - done) >> leaf_lg2,
					  IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE, GFP_ATOMIC,
					  &done))
			break;
	}
	return done >> leaf_lg2;
}

static unsigned long ioarm_unmap(void *p, unsigned long ia, unsigned int leaf_lg2,
				 unsigned long nr)
{
	struct iommu_iotlb_gather gather;
	struct ioarm *table = p;
	size_t size = nr << leaf_lg2;
	size_t done = 0;

	iommu_iotlb_gather_init(&gather);
	while (done < size) {
		size_t n = table->ops->unmap_pages(table->ops, ia + done, 1UL << leaf_lg2,
						   (size - done) >> leaf_lg2, &gather);

		if (!n)
			break;
		done += n;
	}
	iommu_iotlb_sync(&table->domain, &gather);
	return done >> leaf_lg2;
}

/*
 * What iommu_unmap() makes of whole tables: it takes them for leaves of 2M, and
 * they are dropped with all that is in them.
 */
static unsigned long ioarm_unmap_unread(void *p, unsigned long ia, unsigned int leaf_lg2,
					unsigned long nr)
{
	if (leaf_lg2 == 12 && !((ia | nr << 12) & (SZ_2M - 1)))
		return ioarm_unmap(p, ia, 21, nr >> 9) << 9;
	return ioarm_unmap(p, ia, leaf_lg2, nr);
}

static unsigned long ioarm_lookup(void *p, unsigned long ia)
{
	struct ioarm *table = p;

	return table->ops->iova_to_phys(table->ops, ia);
}

const struct bench_impl bench_ioarm_s1 = {
	"ioarm-s1", ioarm_create_s1, ioarm_destroy, ioarm_map, ioarm_unmap, ioarm_lookup
};

const struct bench_impl bench_ioarm_s2 = {
	"ioarm-s2", ioarm_create_s2, ioarm_destroy, ioarm_map, ioarm_unmap, ioarm_lookup
};

const struct bench_impl bench_ioarm_s2_unread = {
	"ioarm-s2-unread", ioarm_create_s2, ioarm_destroy, ioarm_map, ioarm_unmap_unread,
	ioarm_lookup
};
