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

/* Pages that came back from the hypervisor, for the next time that it wants some. */
static u64 spare[8192];
static unsigned int nr_spare;

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
	char text[200];
	s64 status;
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
	if (sscanf(text, "%" SCNi64 " %" SCNi64 " %" SCNi64, &status, (s64 *)&raw_done,
		   (s64 *)&raw_need) != 3)
		die("%s: what is \"%s\"?", RAW_FILE, text);
	return status;
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
	if (nr == 1 && nr_spare)
		return spare[--nr_spare];
	return arena_pa(&arena, arena_pages(&arena, nr));
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

u64 raw_reclaim_all(void)
{
	u64 n = 0;

	while (!raw(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN, 0, 0, 0, 0, 0)) {
		if (nr_spare < sizeof(spare) / sizeof(*spare))
			spare[nr_spare++] = raw_done;
		n++;
	}
	return n;
}
