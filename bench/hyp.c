// SPDX-License-Identifier: GPL-2.0-only
/*
 * Our page tables, used as core/map.c uses them, and compiled with it into one
 * translation unit as hypervisors do (core/program.h).  Those called -pin also pin
 * what they map and unpin what they unmapped: core/pin.c does, and platform/ram.c
 * under one lock, as on x86-64.
 */
#include <stdlib.h>

#include "core/pin.c"
#include "pgtable/fmt_vmsa.c"
#include "pgtable/fmt_vtd.c"
#include "pgtable/program.h"
#include "platform/ram.c"

#define PROT		(HYP_IOMMU_READ | HYP_IOMMU_WRITE | HYP_IOMMU_CACHE)
#define POOL_PAGES	4200	/* the most that a row needs */

struct hyp_pf_lock hyp_iommu_devices = HYP_PF_LOCK_INIT;
u64 hyp_iommu_stats[HYP_IOMMU_NR_STATS];

/* ---- pins ---- */

static u32 words[BENCH_OA_SIZE / HYP_IOMMU_PAGE_SIZE];
static struct hyp_ram_block blocks[BENCH_OA_SIZE >> HYP_RAM_BLOCK_SHIFT];
static struct hyp_ram ram = {
	.pa = BENCH_OA, .size = BENCH_OA_SIZE, .page = words, .block = blocks,
};

static struct hyp_ram_list account = { .ram = &ram, .nr = 1 };
static struct hyp_pf_lock account_lock = HYP_PF_LOCK_INIT;

int hyp_pf_pin(const struct hyp_iommu_sg *list, u32 nr, u32 *done)
{
	int ret;

	hyp_pf_lock(&account_lock);
	ret = hyp_ram_pin(&account, list, nr, done);
	hyp_pf_unlock(&account_lock);
	return ret;
}

void hyp_pf_unpin(const struct hyp_iommu_sg *list, u32 nr)
{
	hyp_pf_lock(&account_lock);
	hyp_ram_unpin(&account, list, nr);
	hyp_pf_unlock(&account_lock);
}

bool hyp_pf_is_host_mmio(u64 pa, u64 size)
{
	return false;
}

/* ---- tables ---- */

struct hyp {
	struct hyp_pgt pgt;
	struct hyp_pgt_pool pool;
};

static void *hyp_create(const struct hyp_pgt_fmt *fmt, u8 ia_bits, bool noncoherent)
{
	struct hyp_pgt_cfg cfg = {
		.ia_bits = ia_bits, .oa_bits = 48, .sizes = ~0ULL,
		.features = HYP_PGT_REPLACE_OK | (noncoherent ? HYP_PGT_NONCOHERENT : 0),
	};
	struct hyp *table = calloc(1, sizeof(*table));
	u64 *root = bench_alloc(BENCH_PAGE);
	u32 i;

	if (!table || !root || hyp_pgt_init(&table->pgt, fmt, &cfg, hyp_pf_pa(root)))
		return NULL;
	for (i = 0; i < POOL_PAGES; i++) {
		void *page = bench_alloc(BENCH_PAGE);

		if (!page)
			return NULL;
		hyp_pgt_pool_put(&table->pool, hyp_pf_pa(page));
	}
	return table;
}

static void hyp_destroy(void *p)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, ~0U);
	struct hyp *table = p;
	u64 pa;

	if (hyp_pgt_drain(&table->pgt, &gather))
		bench_warn(__FILE__, __LINE__);
	hyp_pgt_pool_splice(&table->pool, &gather.tables);
	while ((pa = hyp_pgt_pool_get(&table->pool, false)))
		bench_free(hyp_pf_va(pa), BENCH_PAGE);
	bench_free(table->pgt.root, BENCH_PAGE);
	free(table);
}

static __flatten unsigned long hyp_map(void *p, unsigned long ia, unsigned long oa,
				       unsigned int leaf_lg2, unsigned long nr)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, 0);
	struct hyp *table = p;
	u64 size = nr << leaf_lg2;
	u64 done = 0;

	if (!hyp_pgt_check(&table->pgt, ia, oa, size, PROT))
		return 0;
	hyp_pgt_map(&table->pgt, ia, oa, size, PROT, &table->pool, &gather, &done);
	hyp_pgt_pool_splice(&table->pool, &gather.tables);
	return done >> leaf_lg2;
}

static __flatten unsigned long hyp_map_pin(void *p, unsigned long ia, unsigned long oa,
					   unsigned int leaf_lg2, unsigned long nr)
{
	struct hyp_iommu_sg piece = { .oa = oa, .size = nr << leaf_lg2 };
	unsigned long done;
	u32 pinned;

	if (hyp_iommu_pin(&piece, 1, PROT, &pinned))
		return 0;
	done = hyp_map(p, ia, oa, leaf_lg2, nr);
	if (done < nr) {
		piece.oa += done << leaf_lg2;
		piece.size -= done << leaf_lg2;
		hyp_iommu_unpin(&piece, 1);
	}
	return done;
}

static __flatten unsigned long hyp_unmap(void *p, unsigned long ia, unsigned int leaf_lg2,
					 unsigned long nr)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, ~0U);
	struct hyp *table = p;
	u64 size = nr << leaf_lg2;
	u64 done = 0;

	if (!hyp_pgt_check(&table->pgt, ia, 0, size, 0))
		return 0;
	hyp_pgt_unmap(&table->pgt, ia, size, &gather, &done);
	hyp_pgt_pool_splice(&table->pool, &gather.tables);
	return done >> leaf_lg2;
}

static __flatten unsigned long hyp_unmap_pin(void *p, unsigned long ia, unsigned int leaf_lg2,
					     unsigned long nr)
{
	struct hyp_iommu_sg runs[HYP_IOMMU_MAX_RUNS];
	struct hyp *table = p;
	u64 size = nr << leaf_lg2;
	u64 sum = 0;

	if (!hyp_pgt_check(&table->pgt, ia, 0, size, 0))
		return 0;
	while (sum < size) {
		struct hyp_pgt_gather gather = HYP_PGT_GATHER(runs, HYP_IOMMU_MAX_RUNS, ~0U);
		u64 done = 0;

		hyp_pgt_unmap(&table->pgt, ia + sum, size - sum, &gather, &done);
		hyp_pgt_pool_splice(&table->pool, &gather.tables);
		hyp_iommu_unpin(runs, gather.nr);
		if (!done)
			break;
		sum += done;
	}
	return sum >> leaf_lg2;
}

static __flatten unsigned long hyp_lookup(void *p, unsigned long ia)
{
	struct hyp *table = p;
	u64 oa;

	return hyp_pgt_lookup(&table->pgt, ia, &oa) ? oa : 0;
}

static unsigned long hyp_tables(void *p)
{
	struct hyp *table = p;

	return table->pgt.tables + 1;
}

#define HYP(name, fmt, ia_bits)								\
static void *hyp_create_##name(bool noncoherent)					\
{											\
	return hyp_create(&(fmt), ia_bits, noncoherent);				\
}											\
const struct bench_impl bench_hyp_##name = {						\
	"hyp-" #name, hyp_create_##name, hyp_destroy, hyp_map, hyp_unmap, hyp_lookup,	\
	hyp_tables									\
}

HYP(s1, hyp_pgt_vmsa_s1_4k, 48);
HYP(s2, hyp_pgt_vmsa_s2_4k, 48);
HYP(ss, hyp_pgt_vtd_ss, 48);
HYP(fs, hyp_pgt_vtd_fs, 47);

const struct bench_impl bench_hyp_s2_pin = {
	"hyp-s2-pin", hyp_create_s2, hyp_destroy, hyp_map_pin, hyp_unmap_pin, hyp_lookup,
	hyp_tables
};

const struct bench_impl bench_hyp_ss_pin = {
	"hyp-ss-pin", hyp_create_ss, hyp_destroy, hyp_map_pin, hyp_unmap_pin, hyp_lookup,
	hyp_tables
};
