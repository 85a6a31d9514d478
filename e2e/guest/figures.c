// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much memory the tables take for 1 GiB that is mapped with 4K leaves, and
 * with 2M leaves.  One huge page is mapped again and again: only the input
 * addresses count.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "raw.h"

#define UNIT	0
#define GIB	(1ULL << 30)

static void measure(const char *leaf, u64 shift)
{
	u64 domain, tables, size, ia, pa, root;
	struct raw_counts before, after;
	s64 status;
	char name[40];

	raw(HYP_IOMMU_DOMAIN_ALLOC, UNIT, HYP_IOMMU_STAGE_ANY, 0, 0, 0, 0);
	root = raw_need * PAGE;
	before = raw_count();
	status = raw_domain_alloc(UNIT, HYP_IOMMU_STAGE_ANY, &domain);
	if (status)
		die("no domain: %" PRId64, status);
	size = raw_domain_info(domain, HYP_IOMMU_DOMAIN_TABLE_SIZE);
	pa = arena.pa[0];
	/* Input and output addresses that are not aligned alike make small leaves. */
	for (ia = GIB; ia < 2 * GIB && !status; ia += HUGE) {
		status = raw_map(domain, ia, pa + shift, HUGE - shift, RAW_RW);
		if (!status && shift)
			status = raw_map(domain, ia + HUGE - shift, pa, shift, RAW_RW);
	}
	ok(!status && raw_domain_info(domain, HYP_IOMMU_DOMAIN_MAPPED) == GIB / PAGE, leaf,
	   "1 GiB mapped: %" PRId64, status);
	tables = raw_domain_info(domain, HYP_IOMMU_DOMAIN_TABLES);
	info("figure tables_kib_for_1gib_%s %" PRIu64, leaf, (tables * size + root) / 1024);
	status = raw_domain_free(domain);
	raw_reclaim_all();
	after = raw_count();
	snprintf(name, sizeof(name), "%s-nothing-lost", leaf);
	ok(!status && raw_same(&before, &after), name, "%s; were %s", raw_counts_text(&after),
	   raw_counts_text(&before));
}

int main(int argc, char **argv)
{
	if (!raw_open())
		die("the raw hypercall interface is not there");
	raw_arena(4);
	arena_pages(&arena, 512);	/* what gets mapped */
	measure("4k", PAGE);
	measure("2m", 0);
	return test_end();
}
