/* SPDX-License-Identifier: GPL-2.0-only */
/* Any hypercall with any arguments, as a hostile host could make it. */
#ifndef E2E_RAW_H
#define E2E_RAW_H

#include <hyp_iommu/abi.h>

#include "mem.h"

/* false: the kernel has no such interface, or hyp_iommu is off. */
bool raw_open(void);

/* One call; returns its status; done and need are in raw_done, raw_need. */
s64 raw(u64 call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5);
extern u64 raw_done, raw_need;

/* Is there a hypervisor that the kernel cannot bypass? */
bool raw_isolates(void);

/* The value of a call that only answers; dies if it fails. */
u64 raw_stat(enum hyp_iommu_stat stat, u64 call);
u64 raw_unit_info(u64 unit, enum hyp_iommu_unit_info what);
u64 raw_domain_info(u64 domain, enum hyp_iommu_domain_info what);

/* Name of a call, for messages. */
const char *raw_name(u64 call);

/*
 * The same as a well-behaved host would: pages that are wanted come from the
 * arena, and partial progress goes on.  They return the status, and progress
 * in raw_done.
 */
void raw_arena(unsigned int huge_pages);
extern struct arena arena;

s64 raw_domain_alloc(u64 unit, u64 stage, u64 *domain);
s64 raw_attach(u64 domain, u64 unit, u64 endpoint, u64 pasid);
s64 raw_map(u64 domain, u64 ia, u64 oa, u64 size, u64 prot);
s64 raw_unmap(u64 domain, u64 ia, u64 size);
s64 raw_domain_free(u64 domain);

/* Give one page to the hypervisor's pool, or a table to a domain's; take one back. */
s64 raw_donate_page(u64 domain, const void *va);
s64 raw_reclaim_page(u64 domain, u64 *pa);

/* The caller has taken back a page that one of the functions below had given. */
void raw_page_back(u64 pa);

/* These pages are the caller's, also when they come back; @back is told of each that does. */
void raw_keep(u64 pa, u64 size, void (*back)(u64 pa));

/* Take all pages of the arena back from the hypervisor's pool; returns how many. */
u64 raw_reclaim_all(void);

/* What the hypervisor counts, to see whether something changed or was lost. */
struct raw_counts {
	u64 domains, endpoints, pinned, stuck, pages, unit_pages;
};

struct raw_counts raw_count(void);
bool raw_same(const struct raw_counts *a, const struct raw_counts *b);
const char *raw_counts_text(const struct raw_counts *c);

#define RAW_RW	(HYP_IOMMU_READ | HYP_IOMMU_WRITE | HYP_IOMMU_CACHE)

#endif /* E2E_RAW_H */
