// SPDX-License-Identifier: GPL-2.0-only
/*
 * Isolation: for each thing that must not be possible, what the hypercall
 * answers, and a device that really tries.
 *
 * The device is an edu that Linux does not know (function 1 of a slot without
 * a function 0), so that nobody but this program attaches it to anything; it
 * must be behind unit 0.  A second edu that Linux knows is for fault reports
 * with a name.  All memory at stake is in huge pages that Linux never touches.
 * "isolation never" does only what needs no attachment.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "edu.h"
#include "fault.h"
#include "raw.h"

#define HIDDEN_RID	0x81		/* 00:10.1 */
#define NEIGHBOUR_RID	0x82		/* there is no such function */
#define UNIT		0

/*
 * Each test has addresses of its own, so that what one leaves behind is not
 * another's.  Nothing is there where they are not translated (e2e/negative.py
 * sees to that).
 */
#define IA_BOUNCE	0xd8000000ULL
#define IA_NEVER	0xd8100000ULL
#define IA_UNMAP	0xd8200000ULL
#define IA_READ_ONLY	0xd8300000ULL
#define IA_DETACH	0xd8400000ULL
#define IA_REFUSED	0xd8500000ULL
#define IA_PINNED	0xd8600000ULL
#define IA_HANDLES	0xd8700000ULL

#define MARK		0x600dda7aU	/* what a page holds */
#define EVIL		0xbad0bad0U	/* what the device tries to write */

static struct edu edu;
static u64 domain;
static const char *edu_name = "endpoint 0x81";

/* For the table at the end of make demo. */
static void attack(const char *name, bool succeeded)
{
	info("attack %s %s", name, succeeded ? "succeeded" : "refused");
}

static u32 *arena_page(void)
{
	return arena_pages(&arena, 1);
}

/*
 * The device writes to @ia and reads from there: neither may reach @page (if
 * it is one that we can look at), and the log says so of both.  What was read stays in
 * the device's buffer, at @off.
 */
static void blocked(const char *name, u64 ia, volatile u32 *page, u32 off,
		    enum fault_reason reason)
{
	bool good = true;
	char test[80];

	faults_forget();
	if (page)
		*page = MARK;
	edu_to_memory(&edu, ia, 0, 4);
	if (page) {
		snprintf(test, sizeof(test), "%s-write-blocked", name);
		good = ok(*page == MARK, test, "the page holds %#x", *page);
	}
	snprintf(test, sizeof(test), "%s-reported", name);
	good &= ok(fault_reported(edu_name, FAULT_WRITE, ia, reason), test, "%s", log_line());
	faults_forget();
	edu_from_memory(&edu, ia, off, 4);
	snprintf(test, sizeof(test), "%s-read-reported", name);
	good &= ok(fault_reported(edu_name, FAULT_READ, ia, reason), test, "%s", log_line());
	attack(name, !good);
}

/* After blocked(): the device has read nothing.  The bounce page must be mapped. */
static void read_nothing(const char *name, u32 off)
{
	char test[80];

	*(volatile u32 *)edu.bounce = ~0U;
	edu_to_memory(&edu, edu.bounce_ia, off, 4);
	snprintf(test, sizeof(test), "%s-read-blocked", name);
	ok(!*(volatile u32 *)edu.bounce, test, "the device has %#x", *(volatile u32 *)edu.bounce);
}

/* Load the device's buffer with what blocked() tries to write. */
static void load_evil(void)
{
	*(volatile u32 *)edu.bounce = EVIL;
	edu_from_memory(&edu, edu.bounce_ia, 0, 4);
}

static bool device_reaches(u64 ia, volatile u32 *page)
{
	*page = MARK;
	if (edu_read32(&edu, ia) != MARK)
		return false;
	edu_write32(&edu, ia, EVIL);
	return *page == EVIL;
}

static void never_attached(void)
{
	u32 *page = arena_page();

	blocked("never-attached", arena_pa(&arena, page), page, 0x800, FAULT_NOT_ATTACHED);
	/* The same for every address, also 0. */
	blocked("never-attached-0", 0, NULL, 0x808, FAULT_NOT_ATTACHED);
}

static void attach(void)
{
	s64 status = raw_domain_alloc(UNIT, HYP_IOMMU_STAGE_ANY, &domain);

	if (!ok(!status, "domain-alloc", "%" PRId64 ", handle %#" PRIx64, status, domain))
		die("no domain");
	status = raw_attach(domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID);
	if (!ok(!status, "attach", "%" PRId64, status))
		die("the device cannot be attached");
	edu.bounce = (u64 *)arena_page();
	edu.bounce_ia = IA_BOUNCE;
	status = raw_map(domain, IA_BOUNCE, arena_pa(&arena, edu.bounce), PAGE, RAW_RW);
	ok(!status && edu_works(&edu), "mapped-works", "%" PRId64, status);
	read_nothing("never-attached", 0x800);
	ok(raw_attach(domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID) == -EBUSY, "attach-twice",
	   "refused");
}

static void never_mapped(void)
{
	u32 *page = arena_page();

	load_evil();
	blocked("never-mapped", IA_NEVER, NULL, 0x800, FAULT_NOT_MAPPED);
	blocked("never-mapped-identity", arena_pa(&arena, page), page, 0x800, FAULT_NOT_MAPPED);
	read_nothing("never-mapped-identity", 0x800);
}

static void after_unmap(void)
{
	u32 *old = arena_page(), *new = arena_page();
	u64 pa_old = arena_pa(&arena, old), pa_new = arena_pa(&arena, new);
	s64 status;

	status = raw_map(domain, IA_UNMAP, pa_old, PAGE, RAW_RW);
	ok(!status && device_reaches(IA_UNMAP, old), "unmap-before", "%" PRId64, status);
	status = raw_map(domain, IA_UNMAP, pa_new, PAGE, RAW_RW);
	ok(status == -EEXIST, "map-twice", "%" PRId64, status);
	status = raw_unmap(domain, IA_UNMAP, PAGE);
	ok(!status, "unmap", "%" PRId64, status);
	load_evil();
	blocked("unmapped", IA_UNMAP, old, 0x800, FAULT_NOT_MAPPED);
	read_nothing("unmapped", 0x800);

	/* Another page under the same address: the device sees that, and only that. */
	*old = 0;
	status = raw_map(domain, IA_UNMAP, pa_new, PAGE, RAW_RW);
	ok(!status && device_reaches(IA_UNMAP, new) && !*old, "unmapped-and-mapped",
	   "%" PRId64 ", the old page holds %#x", status, *old);
	raw_unmap(domain, IA_UNMAP, PAGE);
}

/*
 * First the write: QEMU 10.0 does not record a permission fault of stage 2 that
 * it finds in its TLB.
 */
static void read_only(void)
{
	u32 *page = arena_page();
	s64 status;

	status = raw_map(domain, IA_READ_ONLY, arena_pa(&arena, page), PAGE,
			 HYP_IOMMU_READ | HYP_IOMMU_CACHE);
	*page = MARK;
	load_evil();
	faults_forget();
	edu_to_memory(&edu, IA_READ_ONLY, 0, 4);
	ok(*page == MARK, "read-only-write-blocked", "%#x", *page);
	ok(fault_reported(edu_name, FAULT_WRITE, IA_READ_ONLY, FAULT_NO_PERMISSION),
	   "read-only-reported", "%s", log_line());
	ok(!status && edu_read32(&edu, IA_READ_ONLY) == MARK, "read-only-read", "%" PRId64,
	   status);
	edu_to_memory(&edu, IA_READ_ONLY, 0x800, 4);
	ok(*page == MARK, "read-only-write-blocked-again", "%#x", *page);
	raw_unmap(domain, IA_READ_ONLY, PAGE);
}

/*
 * A second endpoint stays attached, so that the table that both are in stays,
 * too, and only the entry changes.
 */
static void after_detach(void)
{
	u32 *page = arena_page();
	u64 pa = arena_pa(&arena, page);
	s64 status;

	status = raw_attach(domain, UNIT, NEIGHBOUR_RID, HYP_IOMMU_NO_PASID);
	ok(!status, "attach-neighbour", "%" PRId64, status);
	status = raw_map(domain, IA_DETACH, pa, PAGE, RAW_RW);
	ok(!status && device_reaches(IA_DETACH, page), "detach-before", "%" PRId64, status);
	load_evil();
	status = raw(HYP_IOMMU_DETACH, domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID, 0, 0);
	ok(!status, "detach", "%" PRId64, status);
	blocked("detached", IA_DETACH, page, 0x800, FAULT_NOT_ATTACHED);
	blocked("detached-identity", pa, page, 0x808, FAULT_NOT_ATTACHED);
	status = raw(HYP_IOMMU_DETACH, domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID, 0, 0);
	ok(status == -ENOENT, "detach-twice", "%" PRId64, status);
	status = raw_attach(domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID);
	ok(!status && device_reaches(IA_DETACH, page), "attach-again", "%" PRId64, status);
	read_nothing("detached", 0x800);
	read_nothing("detached-identity", 0x808);
	raw_unmap(domain, IA_DETACH, PAGE);
	raw(HYP_IOMMU_DETACH, domain, UNIT, NEIGHBOUR_RID, HYP_IOMMU_NO_PASID, 0, 0);
}

/* A map that must be refused, and the device tries all the same. */
static void refused(const char *name, u64 pa, u64 size, u64 prot, s64 want)
{
	s64 status = raw_map(domain, IA_REFUSED, pa, size, prot);
	char test[80];
	bool good;
	u64 i;

	snprintf(test, sizeof(test), "map-%s-refused", name);
	good = ok(status == want && !raw_done, test,
		  "%#" PRIx64 ": %" PRId64 ", %" PRIu64 " bytes mapped", pa, status, raw_done);
	for (i = 0; i < size; i += PAGE)
		if (raw(HYP_IOMMU_IOVA_TO_PHYS, domain, IA_REFUSED + i, 0, 0, 0, 0) != -ENOENT)
			good = ok(false, test, "it is mapped all the same");
	faults_forget();
	edu_from_memory(&edu, IA_REFUSED, 0x800, 4);
	snprintf(test, sizeof(test), "map-%s-blocked", name);
	good &= ok(fault_reported(edu_name, FAULT_READ, IA_REFUSED, FAULT_NOT_MAPPED), test, "%s",
		   log_line());
	snprintf(test, sizeof(test), "map-%s", name);
	attack(test, !good);
	if (!status)
		raw_unmap(domain, IA_REFUSED, size);
}

static void map_hypervisor_memory(void)
{
	struct hyp_memory mem;

	if (!raw_isolates()) {
		skip("map-hyp-data", "there is no hypervisor");
		skip("map-hyp-tables", "there is no hypervisor");
		return;
	}
	mem = hyp_memory();
	refused("hyp-data", mem.data, PAGE, RAW_RW, -EPERM);
	refused("hyp-tables", mem.tables, PAGE, RAW_RW, -EPERM);
}

static void map_foreign_memory(void)
{
	u32 *page = arena_pages(&arena, 4);
	u64 pa = arena_pa(&arena, page);
	const struct arch_foreign *f;
	s64 status;

	for (f = arch_foreign; f < arch_foreign + arch_nr_foreign; f++)
		refused(f->name, f->pa, f->size, f->prot, -EPERM);
	if (ARCH_DOORBELL) {
		status = raw_map(domain, IA_REFUSED, ARCH_DOORBELL, PAGE,
				 HYP_IOMMU_WRITE | HYP_IOMMU_MMIO);
		ok(!status, "map-doorbell", "%" PRId64, status);
		raw_unmap(domain, IA_REFUSED, PAGE);
	}

	/* A page in the middle of four is the hypervisor's. */
	status = raw_donate_page(HYP_IOMMU_NO_DOMAIN, (u8 *)page + 2 * PAGE);
	ok(!status, "donate", "%" PRId64, status);
	refused("pool-page", pa + 2 * PAGE, PAGE, RAW_RW, -EPERM);
	refused("pool-page-inside", pa, 4 * PAGE, RAW_RW, -EPERM);
}

static void donated_page(void)
{
	u32 *page = arena_page();
	u64 pa, back, val;
	s64 status;

	*page = MARK;
	status = raw_donate_page(HYP_IOMMU_NO_DOMAIN, page);
	ok(!status, "donate-page", "%" PRId64, status);
	if (raw_isolates()) {
		ok(!cpu_read64(page, &val), "donated-not-readable", "by the host's CPU");
		ok(!cpu_write64(page, ~0ULL), "donated-not-writable", "by the host's CPU");
	} else {
		skip("donated-not-readable", "nobody keeps the kernel from it");
		skip("donated-not-writable", "nobody keeps the kernel from it");
	}
	status = raw_donate_page(HYP_IOMMU_NO_DOMAIN, page);
	ok(status == -EPERM, "donate-twice", "%" PRId64, status);
	pa = arena_pa(&arena, page);
	for (;;) {
		status = raw_reclaim_page(HYP_IOMMU_NO_DOMAIN, &back);
		if (status || back == pa)
			break;
		raw_page_back(back);
	}
	ok(!status, "reclaim", "%" PRId64, status);
	ok(cpu_read64(page, &val) && !val, "reclaimed-zero", "%#" PRIx64, val);
}

static void donate_mapped(void)
{
	u32 *page = arena_page();
	u64 pa = arena_pa(&arena, page), table, again;
	s64 status;

	status = raw_map(domain, IA_PINNED, pa, PAGE, RAW_RW);
	ok(!status, "donate-mapped-before", "%" PRId64, status);
	status = raw_donate_page(HYP_IOMMU_NO_DOMAIN, page);
	if (!ok(status == -EBUSY, "donate-mapped-refused", "%" PRId64, status)) {
		raw_unmap(domain, IA_PINNED, PAGE);
		attack("donate-mapped", true);
		return;
	}
	table = raw_domain_info(domain, HYP_IOMMU_DOMAIN_TABLE_SIZE);
	status = raw(HYP_IOMMU_POOL_DONATE, domain, pa & ~(table - 1), 1, 0, 0, 0);
	ok(status == -EBUSY, "donate-mapped-as-table-refused", "%" PRId64, status);
	raw(HYP_IOMMU_DOMAIN_ALLOC, UNIT, HYP_IOMMU_STAGE_ANY, 0, 0, 0, 0);
	again = raw_need * PAGE;
	status = raw(HYP_IOMMU_DOMAIN_ALLOC, UNIT, HYP_IOMMU_STAGE_ANY, pa / again * again, 0, 0,
		     0);
	ok(status == -EBUSY, "donate-mapped-as-root-refused", "%" PRId64, status);
	ok(device_reaches(IA_PINNED, page), "donate-mapped-still-works", "%#x", *page);
	attack("donate-mapped", false);

	/* Mapped twice, unmapped once: still pinned. */
	status = raw_map(domain, IA_PINNED + PAGE, pa, PAGE, RAW_RW);
	raw_unmap(domain, IA_PINNED, PAGE);
	ok(!status && raw_donate_page(HYP_IOMMU_NO_DOMAIN, page) == -EBUSY,
	   "donate-mapped-twice-refused", "%" PRId64, status);
	raw_unmap(domain, IA_PINNED + PAGE, PAGE);
	status = raw_donate_page(HYP_IOMMU_NO_DOMAIN, page);
	ok(!status, "donate-unmapped", "%" PRId64, status);
}

static void registers(void)
{
	unsigned int got;

	if (!raw_isolates()) {
		skip("unit-registers", "nobody keeps the kernel from them");
		return;
	}
	got = unit_registers_reached();
	ok(!got, "unit-registers", "%u accesses of the host's CPU went through", got);
	attack("unit-registers", got);
	ok(edu_works(&edu), "unit-registers-device-works", "DMA goes on");
}

/* Every call that takes a handle, with one that is no domain's. */
static void bad_handle(const char *name, u64 handle)
{
	u64 pa = arena_pa(&arena, arena_page());
	s64 status[8];
	char test[80];
	int i, bad = 0;

	status[0] = raw(HYP_IOMMU_POOL_DONATE, handle, pa, 1, 0, 0, 0);
	status[1] = raw(HYP_IOMMU_POOL_RECLAIM, handle, 0, 0, 0, 0, 0);
	status[2] = raw(HYP_IOMMU_DOMAIN_FREE, handle, 0, 0, 0, 0, 0);
	status[3] = raw(HYP_IOMMU_DOMAIN_INFO, handle, 0, 0, 0, 0, 0);
	status[4] = raw(HYP_IOMMU_ATTACH, handle, UNIT, HIDDEN_RID + 1, HYP_IOMMU_NO_PASID, 0, 0);
	status[5] = raw(HYP_IOMMU_MAP, handle, IA_HANDLES, pa, PAGE, RAW_RW, 0);
	status[6] = raw(HYP_IOMMU_UNMAP, handle, IA_HANDLES, PAGE, 0, 0, 0);
	status[7] = raw(HYP_IOMMU_IOVA_TO_PHYS, handle, IA_HANDLES, 0, 0, 0, 0);
	for (i = 0; i < 8; i++)
		if (status[i] != -EBADF)
			bad++;
	snprintf(test, sizeof(test), "handle-%s", name);
	ok(!bad, test, "%#" PRIx64 ": %d of 8 calls took it", handle, bad);
}

static void handles(void)
{
	u64 other = 0, next = 0, pa = arena_pa(&arena, arena_page());
	s64 status = raw_domain_alloc(UNIT, HYP_IOMMU_STAGE_ANY, &other);

	ok(!status, "second-domain", "%" PRId64, status);
	/* A domain that the device is not attached to. */
	status = raw(HYP_IOMMU_DETACH, other, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID, 0, 0);
	ok(status == -ENOENT, "handle-of-another-domain-detach", "%" PRId64, status);
	ok(edu_works(&edu), "handle-of-another-domain-device", "still works");
	status = raw_map(other, IA_HANDLES, pa, PAGE, RAW_RW);
	load_evil();
	blocked("mapped-in-another-domain", IA_HANDLES, NULL, 0x800, FAULT_NOT_MAPPED);
	ok(raw_domain_free(domain) == -EBUSY, "free-attached", "refused");

	/* Freed with what it maps: the page is free again. */
	status = raw_domain_free(other);
	ok(!status, "free-mapping", "%" PRId64, status);
	bad_handle("freed", other);
	raw_domain_alloc(UNIT, HYP_IOMMU_STAGE_ANY, &next);
	ok(next != other, "handle-new", "%#" PRIx64 " after %#" PRIx64, next, other);
	bad_handle("stale", other);
	bad_handle("of-next-generation", next + 0x10000);
	bad_handle("never-given", 0x7fff);
	bad_handle("slot-0", 0x10000);
	bad_handle("wild", 0x8000000000000001ULL);
	bad_handle("all-ones", ~0ULL);
	raw_domain_free(next);
}

/* An edu that Linux knows is named in the log. */
static void named(void)
{
	struct edu known;

	if (!edu_open(&known, 0))
		return;
	faults_forget();
	known.bounce_ia = 0x123400000ULL;
	edu_to_memory(&known, known.bounce_ia, 0, 4);
	ok(fault_reported(known.name, FAULT_WRITE, known.bounce_ia, FAULT_NOT_MAPPED),
	   "fault-names-device", "%s", log_line());
}

int main(int argc, char **argv)
{
	struct raw_counts before, after;

	if (!raw_open())
		die("the raw hypercall interface is not there");
	raw_arena(6);
	before = raw_count();
	if (!edu_open_hidden(&edu, HIDDEN_RID, ARCH_FREE_BAR))
		die("there is no edu at 00:10.1");
	never_attached();
	if (argc > 1 && !strcmp(argv[1], "never"))
		return test_end();
	attach();
	never_mapped();
	after_unmap();
	read_only();
	after_detach();
	map_hypervisor_memory();
	map_foreign_memory();
	donated_page();
	donate_mapped();
	registers();
	handles();
	named();

	raw(HYP_IOMMU_DETACH, domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID, 0, 0);
	ok(!raw_domain_free(domain), "free", "with what it maps");
	raw_reclaim_all();
	after = raw_count();
	/* Tables for new endpoints stay with the unit. */
	before.pages += after.unit_pages - before.unit_pages;
	before.unit_pages = after.unit_pages;
	ok(raw_same(&before, &after), "nothing-lost", "%s; were %s", raw_counts_text(&after),
	   raw_counts_text(&before));
	return test_end();
}
