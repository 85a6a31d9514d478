// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unmaps that are deferred, and lists of pieces: what a hostile host can do with
 * them, and a device that really tries.
 *
 * The device is the edu that Linux does not know, as in isolation.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch.h"
#include "edu.h"
#include "raw.h"

#define HIDDEN_RID	0x81		/* 00:10.1 */
#define UNIT		0

#define IA_BOUNCE	0xd9000000ULL
#define IA_DEFERRED	0xd9200000ULL
#define IA_LIST		0xd9400000ULL

#define MARK		0x600dda7aU	/* what a page holds */
#define EVIL		0xbad0bad0U	/* what the device tries to write */

static struct edu edu;
static u64 domain;

static void attack(const char *name, bool succeeded)
{
	info("attack %s %s", name, succeeded ? "succeeded" : "refused");
}

static void *page_alloc(void)
{
	return arena_pages(&arena, 1);
}

static bool device_reaches(u64 ia, volatile u32 *page)
{
	*page = MARK;
	if (edu_read32(&edu, ia) != MARK)
		return false;
	edu_write32(&edu, ia, EVIL);
	return *page == EVIL;
}

static s64 defer(u64 ia, u64 size)
{
	s64 status = raw(HYP_IOMMU_UNMAP, domain, ia, size, HYP_IOMMU_UNMAP_DEFER, 0, 0);

	if (status == -ENOMEM && !raw_donate_page(domain, page_alloc()))
		status = raw(HYP_IOMMU_UNMAP, domain, ia, size, HYP_IOMMU_UNMAP_DEFER, 0, 0);
	return status;
}

static s64 sync_domain(void)
{
	return raw(HYP_IOMMU_SYNC, domain, 0, 0, 0, 0, 0);
}

static void attach(void)
{
	s64 status = raw_domain_alloc(UNIT, HYP_IOMMU_STAGE_ANY, &domain);

	if (!status)
		status = raw_attach(domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID);
	edu.bounce = page_alloc();
	edu.bounce_ia = IA_BOUNCE;
	if (!status)
		status = raw_map(domain, IA_BOUNCE, arena_pa(&arena, edu.bounce), PAGE, RAW_RW);
	if (!ok(!status && edu_works(&edu), "deferred-attach", "%" PRId64, status))
		die("the device cannot be used");
}

/* Nobody gets a page that the device may still reach. */
static void deferred_page(void)
{
	volatile u32 *page = page_alloc();
	u64 pa = arena_pa(&arena, (void *)page);
	s64 status;
	bool good;

	status = raw_map(domain, IA_DEFERRED, pa, PAGE, RAW_RW);
	ok(!status && device_reaches(IA_DEFERRED, page), "deferred-before", "%" PRId64, status);
	status = defer(IA_DEFERRED, PAGE);
	ok(!status && raw_done == PAGE, "deferred-unmap", "%" PRId64, status);
	ok(raw_domain_info(domain, HYP_IOMMU_DOMAIN_DEFERRED) == 1, "deferred-counted", "%" PRIu64,
	   raw_done);
	status = raw(HYP_IOMMU_IOVA_TO_PHYS, domain, IA_DEFERRED, 0, 0, 0, 0);
	ok(status == -ENOENT, "deferred-not-mapped", "%" PRId64, status);
	status = raw_donate_page(HYP_IOMMU_NO_DOMAIN, (void *)page);
	good = ok(status == -EBUSY, "deferred-donate-refused", "%" PRId64, status);
	attack("deferred-donate", !good);
	if (!good)
		return;
	status = raw_donate_page(domain, (void *)page);
	ok(status == -EBUSY, "deferred-donate-as-table-refused", "%" PRId64, status);

	/* The same address again, while what was there is still held. */
	status = raw_map(domain, IA_DEFERRED, arena_pa(&arena, page_alloc()), PAGE, RAW_RW);
	ok(!status, "deferred-map-again", "%" PRId64, status);
	ok(raw_donate_page(HYP_IOMMU_NO_DOMAIN, (void *)page) == -EBUSY,
	   "deferred-map-again-donate-refused", "the page of before");
	status = defer(IA_DEFERRED, PAGE);
	ok(!status, "deferred-unmap-again", "%" PRId64, status);

	status = sync_domain();
	ok(!status && !raw_domain_info(domain, HYP_IOMMU_DOMAIN_DEFERRED), "deferred-sync",
	   "%" PRId64, status);
	*(volatile u32 *)edu.bounce = EVIL;
	edu_from_memory(&edu, edu.bounce_ia, 0, 4);
	*page = MARK;
	edu_to_memory(&edu, IA_DEFERRED, 0, 4);
	good = ok(*page == MARK, "synced-write-blocked", "the page holds %#x", *page);
	attack("synced-write", !good);
	status = raw_donate_page(HYP_IOMMU_NO_DOMAIN, (void *)page);
	ok(!status, "synced-donate", "%" PRId64, status);
}

/* The bound is said, and a sync makes room. */
static void deferred_too_much(void)
{
	u8 *page = arena_pages(&arena, 64);
	u64 pa = arena_pa(&arena, page), n = 0, i;
	s64 status = 0;

	while (!status && n < 1 << 16) {
		/* From the last to the first: no two of them are a run. */
		for (i = 0; i < 64 && !status; i++)
			status = raw_map(domain, IA_DEFERRED + i * PAGE, pa + (63 - i) * PAGE,
					 PAGE, RAW_RW);
		for (i = 0; i < 64 && !status; i++) {
			status = defer(IA_DEFERRED + i * PAGE, PAGE);
			n += !status;
		}
	}
	ok(status == -ENOSPC, "deferred-bounded", "%" PRId64 " after %" PRIu64, status, n);
	ok(raw_domain_info(domain, HYP_IOMMU_DOMAIN_DEFERRED) == n, "deferred-all-counted",
	   "%" PRIu64 " of %" PRIu64, raw_done, n);
	status = sync_domain();
	ok(!status && !raw_domain_info(domain, HYP_IOMMU_DOMAIN_DEFERRED), "deferred-all-synced",
	   "%" PRId64, status);
	for (i = 0; i < 64; i++)
		raw_unmap(domain, IA_DEFERRED + i * PAGE, PAGE);
}

static s64 map_list(u64 list, u64 nr)
{
	return raw(HYP_IOMMU_MAP_SG, domain, IA_LIST, list, nr, RAW_RW, 0);
}

static void lists(void)
{
	struct hyp_iommu_sg *sg = page_alloc();
	u8 *pages = arena_pages(&arena, 8), *given = page_alloc();
	u64 pa = arena_pa(&arena, pages), list = arena_pa(&arena, sg), hyp;
	unsigned int i;
	s64 status;
	bool good;

	/* Tables for the list. */
	for (i = 0; i < 4; i++)
		raw_donate_page(domain, page_alloc());
	for (i = 0; i < 4; i++)
		sg[i] = (struct hyp_iommu_sg){ pa + (6 - 2 * i) * PAGE, PAGE };
	status = map_list(list, 4);
	good = !status && raw_done == 4 * PAGE;
	for (i = 0; i < 4; i++)
		good &= device_reaches(IA_LIST + i * PAGE,
				       (volatile u32 *)(pages + (6 - 2 * i) * PAGE));
	ok(good, "list-works", "%" PRId64 ", %" PRIu64 " bytes", status, raw_done);
	raw_unmap(domain, IA_LIST, 4 * PAGE);

	/* The third piece, and then the list, is in memory of the hypervisor's. */
	status = raw_donate_page(HYP_IOMMU_NO_DOMAIN, given);
	sg[2].oa = arena_pa(&arena, given);
	status = status ? status : map_list(list, 4);
	good = ok(status == -EPERM && raw_done == 2 * PAGE, "list-of-pool-page-refused",
		  "%" PRId64 ", %" PRIu64 " bytes", status, raw_done);
	raw_unmap(domain, IA_LIST, 2 * PAGE);
	status = map_list(arena_pa(&arena, given), 1);
	good &= ok(status == -EPERM, "list-in-pool-page-refused", "%" PRId64, status);
	if (raw_isolates()) {
		hyp = hyp_memory().data;
		status = map_list(hyp, 1);
		good &= ok(status == -EPERM, "list-in-hyp-refused", "%" PRId64, status);
		sg[0].oa = hyp;
		status = map_list(list, 1);
		good &= ok(status == -EPERM, "list-of-hyp-refused", "%" PRId64, status);
	} else {
		skip("list-in-hyp-refused", "there is no hypervisor");
	}
	status = map_list(ARCH_MMIO, 1);
	good &= ok(status == -EPERM, "list-in-mmio-refused", "%" PRId64, status);
	attack("list-of-foreign-memory", !good);
}

int main(int argc, char **argv)
{
	struct raw_counts before, after;
	s64 status;

	if (!raw_open())
		die("the raw hypercall interface is not there");
	raw_arena(6);
	before = raw_count();
	if (!edu_open_hidden(&edu, HIDDEN_RID, ARCH_FREE_BAR))
		die("there is no edu at 00:10.1");
	attach();
	deferred_page();
	deferred_too_much();
	lists();

	/* The host never syncs. */
	raw_map(domain, IA_DEFERRED, arena_pa(&arena, page_alloc()), PAGE, RAW_RW);
	defer(IA_DEFERRED, PAGE);
	raw(HYP_IOMMU_DETACH, domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID, 0, 0);
	status = raw_domain_free(domain);
	ok(!status, "deferred-free", "%" PRId64, status);
	ok(sync_domain() == -EBADF, "deferred-sync-of-none", "refused");
	raw_reclaim_all();
	after = raw_count();
	before.pages += after.unit_pages - before.unit_pages;
	before.unit_pages = after.unit_pages;
	ok(raw_same(&before, &after), "deferred-nothing-lost", "%s; were %s",
	   raw_counts_text(&after), raw_counts_text(&before));
	return test_end();
}
