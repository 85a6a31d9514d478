// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that firmware reserves for a device: it reaches that, where it is, and
 * no more.
 *
 *   rmrr <address> <size>	of what is reserved for the first edu
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edu.h"
#include "fault.h"
#include "mem.h"
#include "raw.h"

#define MARK	0x600dda7aU
#define OTHER	0x800		/* elsewhere in the page */

static void listed(const struct edu *edu, u64 base, u64 size)
{
	char path[100], want[80];
	const char *text;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group/reserved_regions",
		 edu->name);
	snprintf(want, sizeof(want), "0x%016" PRIx64 " 0x%016" PRIx64 " direct", base,
		 base + size - 1);
	text = file_text(path);
	ok(text && strstr(text, want), "reserved-listed", "\"%s\" in %s", want, path);
}

int main(int argc, char **argv)
{
	u64 base = argc > 1 ? strtoull(argv[1], NULL, 0) : 0;
	u64 size = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
	volatile u8 *mem = base && size ? dev_mem(base, size) : NULL;
	struct edu edu;

	if (!mem)
		die("rmrr <address> <size>");
	if (!raw_open())
		die("the raw hypercall interface is not there");
	if (!edu_open(&edu, 0))
		die("there is no edu device");
	listed(&edu, base, size);

	*(volatile u32 *)mem = MARK;
	*(volatile u32 *)(mem + size - PAGE + OTHER) = 0;
	edu_from_memory(&edu, base, 0, 4);
	edu_to_memory(&edu, base + size - PAGE + OTHER, 0, 4);
	ok(*(volatile u32 *)(mem + size - PAGE + OTHER) == MARK, "reserved-works", "%#x",
	   *(volatile u32 *)(mem + size - PAGE + OTHER));

	faults_forget();
	edu_to_memory(&edu, base + size, 0, 4);
	ok(fault_reported(edu.name, FAULT_WRITE, base + size, FAULT_NOT_MAPPED), "reserved-ends",
	   "%s", log_line());
	faults_forget();
	edu_from_memory(&edu, base - PAGE, 0, 4);
	ok(fault_reported(edu.name, FAULT_READ, base - PAGE, FAULT_NOT_MAPPED), "reserved-begins",
	   "%s", log_line());
	return test_end();
}
