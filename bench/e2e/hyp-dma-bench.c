// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the DMA API costs a driver: dma_map_page(), dma_map_sg() and their
 * opposites, in ticks of the CPU's counter, for whatever IOMMU driver the
 * device has.  Under QEMU's -icount a tick is an instruction (bench/e2e/run.py).
 *
 * A driver for QEMU's "edu" that has to be asked for by driver_override.  To
 * read /sys/kernel/debug/hyp-dma-bench runs everything and gives
 *
 *   ticks-per-second <n>
 *   <shape> <map: median, mean> <unmap: median, mean> <calls, commands, waits>
 *
 * with all of the last three over <rounds> pairs of map and unmap, as the
 * hypervisor counts them; 0 where it is not asked.  Shapes are
 *
 *   page-<n>  one buffer of n contiguous pages
 *   live-<n>  a page, while n others stay mapped; the oldest is unmapped
 *   sg-<n>    n pages, no two of them contiguous
 *
 * Each operation runs without interrupts; what they have to do waits until it
 * is over, and counts for the mean of unmap, as does the flush of what is deferred
 * in the end.
 */
#define pr_fmt(fmt) "hyp-dma-bench: " fmt

#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <linux/sort.h>
#include <linux/timex.h>
#include <linux/vmalloc.h>

#ifdef CONFIG_X86
#include <asm/tsc.h>
#else
#include <asm/arch_timer.h>
#endif

#include "hostif/linux/transport.h"

#define WARM_UP		512
#define ROUNDS		1024	/* a multiple of what a flush queue holds */
#define MAX_PAGES	512
#define LIVE		2048

struct bench {
	struct device *dev;
	struct dentry *file;
	struct scatterlist *sg;
	struct page *buffer;		/* MAX_PAGES contiguous ones */
	dma_addr_t live[LIVE];
	unsigned int oldest;
	u32 overhead;			/* of reading the counter */
	u32 map[ROUNDS], unmap[ROUNDS];
	u32 between[ROUNDS];		/* where interrupts come; of the first it is not known */
	u64 last;			/* when the last operation ended */
};

struct shape {
	const char *name;
	unsigned int pages;
	int (*map)(struct bench *b, unsigned int pages);
	void (*unmap)(struct bench *b, unsigned int pages);
};

struct counts {
	u64 calls, commands, waits;
};

static u64 ask(u64 call, u64 a0, u64 a1)
{
	struct hyp_iommu_ret ret = hyp_iommu_hvc(call, a0, a1, 0, 0, 0, 0);

	return ret.status ? 0 : ret.done;
}

/* All hypercalls but those that count. */
static struct counts count(void)
{
	struct counts c = {};
	unsigned int i;

	if (!hyp_iommu_hvc_available())
		return c;
	for (i = 0; i < HYP_IOMMU_NR_CALLS; i++) {
		if (i != HYP_IOMMU_STAT && i != HYP_IOMMU_UNIT_INFO)
			c.calls += ask(HYP_IOMMU_STAT, HYP_IOMMU_STAT_CALLS, i);
	}
	for (i = 0; ask(HYP_IOMMU_UNIT_INFO, i, HYP_IOMMU_UNIT_STATE); i++) {
		c.commands += ask(HYP_IOMMU_UNIT_INFO, i, HYP_IOMMU_UNIT_COMMANDS);
		c.waits += ask(HYP_IOMMU_UNIT_INFO, i, HYP_IOMMU_UNIT_WAITS);
	}
	return c;
}

static int map_page(struct bench *b, unsigned int pages)
{
	b->live[0] = dma_map_page(b->dev, b->buffer, 0, pages * PAGE_SIZE, DMA_BIDIRECTIONAL);
	return dma_mapping_error(b->dev, b->live[0]);
}

static void unmap_page(struct bench *b, unsigned int pages)
{
	dma_unmap_page(b->dev, b->live[0], pages * PAGE_SIZE, DMA_BIDIRECTIONAL);
}

static int map_live(struct bench *b, unsigned int pages)
{
	dma_addr_t *slot = &b->live[b->oldest];

	*slot = dma_map_page(b->dev, b->buffer, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);
	b->oldest = (b->oldest + 1) % LIVE;
	return dma_mapping_error(b->dev, *slot);
}

static void unmap_live(struct bench *b, unsigned int pages)
{
	dma_unmap_page(b->dev, b->live[b->oldest], PAGE_SIZE, DMA_BIDIRECTIONAL);
}

static int map_sg(struct bench *b, unsigned int pages)
{
	return dma_map_sg(b->dev, b->sg, pages, DMA_BIDIRECTIONAL) ? 0 : -EIO;
}

static void unmap_sg(struct bench *b, unsigned int pages)
{
	dma_unmap_sg(b->dev, b->sg, pages, DMA_BIDIRECTIONAL);
}

static const struct shape shapes[] = {
	{ "page-1", 1, map_page, unmap_page },
	{ "page-16", 16, map_page, unmap_page },
	{ "page-256", 256, map_page, unmap_page },
	{ "page-512", 512, map_page, unmap_page },
	{ "live-2048", 1, map_live, unmap_live },
	{ "sg-16", 16, map_sg, unmap_sg },
	{ "sg-256", 256, map_sg, unmap_sg },
};

/*
 * One map and unmap; the ticks of each go to slot @i unless that is negative, and those
 * between them, when interrupts come, too.
 */
static int one_round(struct bench *b, const struct shape *shape, int i)
{
	unsigned long flags;
	u64 t[4];
	int err;

	local_irq_save(flags);
	t[0] = get_cycles();
	err = shape->map(b, shape->pages);
	t[1] = get_cycles();
	local_irq_restore(flags);
	if (err)
		return err;
	local_irq_save(flags);
	t[2] = get_cycles();
	shape->unmap(b, shape->pages);
	t[3] = get_cycles();
	local_irq_restore(flags);
	if (i >= 0) {
		b->map[i] = t[1] - t[0] - b->overhead;
		b->unmap[i] = t[3] - t[2] - b->overhead;
		b->between[i] = t[2] - t[1] + t[0] - b->last;
	}
	b->last = t[3];
	return 0;
}

static int compare(const void *a, const void *b)
{
	return (int)*(const u32 *)a - (int)*(const u32 *)b;
}

/* What interrupts took: in lazy mode there is work of unmaps among it. */
static u64 ticks_of_interrupts(const u32 between[ROUNDS])
{
	u64 sum = 0;
	u32 best = U32_MAX;
	int i;

	for (i = 1; i < ROUNDS; i++) {
		best = min(best, between[i]);
		sum += between[i];
	}
	return sum - (u64)best * (ROUNDS - 1);
}

/* Median, and mean with @more to all of them. */
static void show_ticks(struct seq_file *m, u32 ticks[ROUNDS], u64 more)
{
	u64 sum = more;
	int i;

	for (i = 0; i < ROUNDS; i++)
		sum += ticks[i];
	sort(ticks, ROUNDS, sizeof(*ticks), compare, NULL);
	seq_printf(m, " %u %llu.%llu", ticks[ROUNDS / 2], sum / ROUNDS, sum * 10 / ROUNDS % 10);
}

/* What map_live() maps first, and unmap_live() leaves. */
static int fill_live(struct bench *b)
{
	unsigned int i;
	int err;

	b->oldest = 0;
	for (i = 0; i < LIVE - 1; i++) {
		err = map_live(b, 1);
		if (err)
			return err;	/* the device has no use any more */
	}
	return 0;
}

static void empty_live(struct bench *b)
{
	unsigned int i;

	for (i = 0; i < LIVE - 1; i++) {
		b->oldest = (b->oldest + 1) % LIVE;
		unmap_live(b, 1);
	}
}

/* Complete what is deferred, so that each row does its own work and no other's.  Return: ticks. */
static u64 flush(struct bench *b)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(b->dev);
	unsigned long flags;
	u64 start, end;

	if (!domain)
		return 0;
	local_irq_save(flags);
	start = get_cycles();
	iommu_flush_iotlb_all(domain);
	end = get_cycles();
	local_irq_restore(flags);
	return end - start - b->overhead;
}

static int run_shape(struct bench *b, const struct shape *shape, struct seq_file *m)
{
	struct counts before, after;
	int i, err = 0;
	u64 last;

	if (shape->map == map_live)
		err = fill_live(b);
	for (i = -WARM_UP; i < ROUNDS && !err; i++) {
		if (!i) {
			flush(b);
			before = count();
		}
		err = one_round(b, shape, i);
	}
	if (err)
		return err;
	last = flush(b);
	after = count();
	if (shape->map == map_live)
		empty_live(b);
	seq_puts(m, shape->name);
	show_ticks(m, b->map, 0);
	show_ticks(m, b->unmap, ticks_of_interrupts(b->between) + last);
	seq_printf(m, " %llu %llu %llu\n", after.calls - before.calls,
		   after.commands - before.commands, after.waits - before.waits);
	return 0;
}

static u32 counter_overhead(void)
{
	u64 best = U32_MAX, t;
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		t = get_cycles();
		best = min(best, get_cycles() - t);
	}
	return best;
}

/* The way to the hypervisor and back, with a call that does next to nothing; 0: there is none. */
static u64 hypercall(const struct bench *b)
{
	u64 best = U32_MAX, t;
	unsigned int i;

	if (!hyp_iommu_hvc_available())
		return 0;
	for (i = 0; i < 1000; i++) {
		t = get_cycles();
		hyp_iommu_hvc(HYP_IOMMU_VERSION, 0, 0, 0, 0, 0, 0);
		best = min(best, get_cycles() - t);
	}
	return best - b->overhead;
}

static u64 ticks_per_second(void)
{
#ifdef CONFIG_X86
	return tsc_khz * 1000ULL;
#else
	return arch_timer_get_cntfrq();
#endif
}

static int bench_show(struct seq_file *m, void *v)
{
	struct bench *b = m->private;
	unsigned int i;
	int err = 0;

	b->overhead = counter_overhead();
	seq_printf(m, "ticks-per-second %llu\nrounds %u\n", ticks_per_second(), ROUNDS);
	seq_printf(m, "hypercall %llu\n", hypercall(b));
	for (i = 0; i < ARRAY_SIZE(shapes) && !err; i++)
		err = run_shape(b, &shapes[i], m);
	return err;
}
DEFINE_SHOW_ATTRIBUTE(bench);

/* Single pages, of which no two are contiguous: each is the first of two. */
static int scatter(struct bench *b)
{
	struct scatterlist *sg;
	struct page *page;
	int i;

	b->sg = kvzalloc_objs(*b->sg, MAX_PAGES);
	if (!b->sg)
		return -ENOMEM;
	sg_init_table(b->sg, MAX_PAGES);
	for_each_sg(b->sg, sg, MAX_PAGES, i) {
		page = alloc_pages(GFP_KERNEL, 1);
		if (!page)
			return -ENOMEM;
		sg_set_page(sg, page, PAGE_SIZE, 0);
	}
	return 0;
}

static void bench_free(struct bench *b)
{
	int i;

	for (i = 0; b->sg && i < MAX_PAGES && sg_page(&b->sg[i]); i++)
		__free_pages(sg_page(&b->sg[i]), 1);
	kvfree(b->sg);
	if (b->buffer)
		__free_pages(b->buffer, get_order(MAX_PAGES * PAGE_SIZE));
	vfree(b);
}

static int bench_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct bench *b = vzalloc(sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	b->dev = &pdev->dev;
	b->buffer = alloc_pages(GFP_KERNEL, get_order(MAX_PAGES * PAGE_SIZE));
	err = b->buffer ? scatter(b) : -ENOMEM;
	if (!err)
		err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err) {
		bench_free(b);
		return err;
	}
	pci_set_drvdata(pdev, b);
	b->file = debugfs_create_file("hyp-dma-bench", 0400, NULL, b, &bench_fops);
	return 0;
}

static void bench_remove(struct pci_dev *pdev)
{
	struct bench *b = pci_get_drvdata(pdev);

	debugfs_remove(b->file);
	bench_free(b);
}

static const struct pci_device_id bench_ids[] = {
	{ PCI_DEVICE_DRIVER_OVERRIDE(0x1234, 0x11e8, true) },
	{}
};

static struct pci_driver bench_driver = {
	.name = "hyp-dma-bench",
	.id_table = bench_ids,
	.probe = bench_probe,
	.remove = bench_remove,
};
builtin_pci_driver(bench_driver);
