// SPDX-License-Identifier: GPL-2.0-only
/* Hypercalls from user space through debugfs; see raw.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "raw.h"

#define RAW_FILE	"/sys/kernel/debug/hyp-iommu/raw"

struct arena arena;
u64 raw_done, raw_need;
static int raw_fd = -1;

/* Pages of the arena that came back from the hypervisor, for the next time that it wants some. */
static u64 spare[8192];
static unsigned int nr_spare;

/* Contiguous pages, which come back one by one. */
static struct block {
	u64 pa;
	u32 nr;
	u32 back;		/* a bit for each page that is ours again */
} blocks[256];

static unsigned int nr_blocks;
static u64 kept_pa, kept_size;
static void (*kept_back)(u64 pa);

static const char * const names[HYP_IOMMU_NR_CALLS] = {
	[HYP_IOMMU_VERSION] = "VERSION",
	[HYP_IOMMU_STAT] = "STAT",
	[HYP_IOMMU_UNIT_ADD] = "UNIT_ADD",
	[HYP_IOMMU_MMIO_ALLOW] = "MMIO_ALLOW",
	[HYP_IOMMU_UNIT_INFO] = "UNIT_INFO",
	[HYP_IOMMU_POOL_DONATE] = "POOL_DONATE",
	[HYP_IOMMU_POOL_RECLAIM] = "POOL_RECLAIM",
	[HYP_IOMMU_DOMAIN_ALLOC] = "DOMAIN_ALLOC",
	[HYP_IOMMU_DOMAIN_FREE] = "DOMAIN_FREE",
	[HYP_IOMMU_DOMAIN_INFO] = "DOMAIN_INFO",
	[HYP_IOMMU_ATTACH] = "ATTACH",
	[HYP_IOMMU_DETACH] = "DETACH",
	[HYP_IOMMU_MAP] = "MAP",
	[HYP_IOMMU_UNMAP] = "UNMAP",
	[HYP_IOMMU_IOVA_TO_PHYS] = "IOVA_TO_PHYS",
	[HYP_IOMMU_FAULT_READ] = "FAULT_READ",
	[HYP_IOMMU_MAP_SG] = "MAP_SG",
	[HYP_IOMMU_SYNC] = "SYNC",
	[HYP_IOMMU_UNMAP_LIST] = "UNMAP_LIST",
};

const char *raw_name(u64 call)
{
	return call < HYP_IOMMU_NR_CALLS ? names[call] : "no such call";
}

bool raw_open(void)
{
	if (raw_fd < 0)
		raw_fd = open(RAW_FILE, O_RDWR);
	return raw_fd >= 0;
}

s64 raw(u64 call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	uint64_t done, need;
	char text[200];
	int64_t status;
	ssize_t n;
	int len;

	if (!raw_open())
		die("%s: %s", RAW_FILE, strerror(errno));
	len = snprintf(text, sizeof(text),
		       "%" PRIu64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64
		       " 0x%" PRIx64 " 0x%" PRIx64 "\n",
		       call, a0, a1, a2, a3, a4, a5);
	if (write(raw_fd, text, len) != len)
		die("%s: %s refused: %s", RAW_FILE, raw_name(call), strerror(errno));
	n = pread(raw_fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		die("%s: no answer to %s", RAW_FILE, raw_name(call));
	text[n] = '\0';
	if (sscanf(text, "%" SCNd64 " %" SCNu64 " %" SCNu64, &status, &done, &need) != 3)
		die("%s: what is \"%s\"?", RAW_FILE, text);
	raw_done = done;
	raw_need = need;
	return status;
}

bool raw_isolates(void)
{
	if (raw(HYP_IOMMU_VERSION, 0, 0, 0, 0, 0, 0))
		die("VERSION fails");
	return raw_need & HYP_IOMMU_CAP_ISOLATION;
}

static u64 answer(s64 status, const char *what, int which)
{
	if (status)
		die("%s %d: %s", what, which, strerror(-status));
	return raw_done;
}

u64 raw_stat(enum hyp_iommu_stat stat, u64 call)
{
	return answer(raw(HYP_IOMMU_STAT, stat, call, 0, 0, 0, 0), "STAT", stat);
}

u64 raw_unit_info(u64 unit, enum hyp_iommu_unit_info what)
{
	return answer(raw(HYP_IOMMU_UNIT_INFO, unit, what, 0, 0, 0, 0), "UNIT_INFO", what);
}

u64 raw_domain_info(u64 domain, enum hyp_iommu_domain_info what)
{
	return answer(raw(HYP_IOMMU_DOMAIN_INFO, domain, what, 0, 0, 0, 0), "DOMAIN_INFO", what);
}

void raw_arena(unsigned int huge_pages)
{
	arena_init(&arena, huge_pages);
}

/* Physical address of @nr contiguous pages that nobody uses. */
static u64 page_for_hyp(unsigned int nr)
{
	unsigned int i;
	u64 pa;

	if (nr == 1 && nr_spare)
		return spare[--nr_spare];
	for (i = 0; i < nr_blocks && nr > 1; i++) {
		if (blocks[i].nr == nr && blocks[i].back == (1ULL << nr) - 1) {
			blocks[i].back = 0;
			return blocks[i].pa;
		}
	}
	pa = arena_pa(&arena, arena_pages(&arena, nr));
	if (nr > 1 && nr <= 32 && nr_blocks < sizeof(blocks) / sizeof(*blocks))
		blocks[nr_blocks++] = (struct block){ .pa = pa, .nr = nr };
	return pa;
}

void raw_keep(u64 pa, u64 size, void (*back)(u64 pa))
{
	kept_pa = pa;
	kept_size = size;
	kept_back = back;
}

void raw_page_back(u64 pa)
{
	unsigned int i;

	if (pa - kept_pa < kept_size) {
		kept_back(pa);
		return;
	}
	for (i = 0; i < nr_blocks; i++) {
		if (pa >= blocks[i].pa && pa < blocks[i].pa + blocks[i].nr * PAGE) {
			blocks[i].back |= 1U << (pa - blocks[i].pa) / PAGE;
			return;
		}
	}
	if (nr_spare < sizeof(spare) / sizeof(*spare))
		spare[nr_spare++] = pa;
}

/* Give @nr pages, or tables of a domain, one by one. */
static s64 donate(u64 domain, u64 nr)
{
	u64 size = PAGE;
	s64 status = 0;

	if (domain != HYP_IOMMU_NO_DOMAIN)
		size = raw_domain_info(domain, HYP_IOMMU_DOMAIN_TABLE_SIZE);
	while (nr-- && !status)
		status = raw(HYP_IOMMU_POOL_DONATE, domain, page_for_hyp(size / PAGE), 1, 0, 0, 0);
	return status;
}

s64 raw_domain_alloc(u64 unit, u64 stage, u64 *domain)
{
	s64 status = raw(HYP_IOMMU_DOMAIN_ALLOC, unit, stage, 0, 0, 0, 0);
	u64 root;

	if (status == -ENOMEM && raw_need) {
		root = page_for_hyp(raw_need);
		do {
			status = raw(HYP_IOMMU_DOMAIN_ALLOC, unit, stage, root, 0, 0, 0);
		} while (status == -ENOMEM && raw_need && !donate(HYP_IOMMU_NO_DOMAIN, raw_need));
	}
	*domain = raw_done;
	return status;
}

s64 raw_attach(u64 domain, u64 unit, u64 endpoint, u64 pasid)
{
	s64 status, err;

	for (;;) {
		status = raw(HYP_IOMMU_ATTACH, domain, unit, endpoint, pasid, 0, 0);
		if (status != -ENOMEM || !raw_need)
			return status;
		err = donate(HYP_IOMMU_NO_DOMAIN, raw_need);
		if (err)
			return err;
	}
}

s64 raw_map(u64 domain, u64 ia, u64 oa, u64 size, u64 prot)
{
	u64 done = 0;
	s64 status, err;

	do {
		status = raw(HYP_IOMMU_MAP, domain, ia + done, oa + done, size - done, prot, 0);
		done += raw_done;
		if (status == -ENOMEM && raw_need) {
			status = 0;
			err = donate(domain, raw_need);
			if (err)
				die("tables cannot be given to a domain: %s", strerror(-err));
		}
	} while (!status && done < size);
	raw_done = done;
	return status;
}

s64 raw_unmap(u64 domain, u64 ia, u64 size)
{
	u64 done = 0;
	s64 status;

	do {
		status = raw(HYP_IOMMU_UNMAP, domain, ia + done, size - done, 0, 0, 0);
		done += raw_done;
	} while (!status && done < size);
	raw_done = done;
	return status;
}

s64 raw_domain_free(u64 domain)
{
	s64 status;

	do {
		status = raw(HYP_IOMMU_DOMAIN_FREE, domain, 0, 0, 0, 0, 0);
	} while (status == -EAGAIN);
	return status;
}

s64 raw_donate_page(u64 domain, const void *va)
{
	return raw(HYP_IOMMU_POOL_DONATE, domain, arena_pa(&arena, va), 1, 0, 0, 0);
}

s64 raw_reclaim_page(u64 domain, u64 *pa)
{
	s64 status = raw(HYP_IOMMU_POOL_RECLAIM, domain, 0, 0, 0, 0, 0);

	*pa = raw_done;
	return status;
}

struct raw_counts raw_count(void)
{
	return (struct raw_counts){
		.domains = raw_stat(HYP_IOMMU_STAT_DOMAINS, 0),
		.endpoints = raw_stat(HYP_IOMMU_STAT_ENDPOINTS, 0),
		.pinned = raw_stat(HYP_IOMMU_STAT_PINNED, 0),
		.stuck = raw_stat(HYP_IOMMU_STAT_STUCK, 0),
		.pages = raw_stat(HYP_IOMMU_STAT_PAGES, 0),
		.unit_pages = raw_unit_info(0, HYP_IOMMU_UNIT_PAGES),
	};
}

bool raw_same(const struct raw_counts *a, const struct raw_counts *b)
{
	return !memcmp(a, b, sizeof(*a));
}

const char *raw_counts_text(const struct raw_counts *c)
{
	static char text[2][160];
	static unsigned int which;

	which = !which;
	snprintf(text[which], sizeof(text[which]),
		 "domains %" PRIu64 " endpoints %" PRIu64 " pinned %" PRIu64 " stuck %" PRIu64
		 " pages %" PRIu64 " of units %" PRIu64,
		 c->domains, c->endpoints, c->pinned, c->stuck, c->pages, c->unit_pages);
	return text[which];
}

/* Also what the host gave is in that pool; it gets it back at the end. */
u64 raw_reclaim_all(void)
{
	static u64 others[8192];
	unsigned int nr_others = 0;
	u64 n = 0;

	while (!raw(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN, 0, 0, 0, 0, 0)) {
		if (arena_has(&arena, raw_done)) {
			raw_page_back(raw_done);
			n++;
		} else if (nr_others < sizeof(others) / sizeof(*others)) {
			others[nr_others++] = raw_done;
		}
	}
	while (nr_others)
		raw(HYP_IOMMU_POOL_DONATE, HYP_IOMMU_NO_DOMAIN, others[--nr_others], 1, 0, 0, 0);
	return n;
}
