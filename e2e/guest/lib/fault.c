// SPDX-License-Identifier: GPL-2.0-only
/* Blocked DMA in the kernel log; see fault.h, and hostif/linux/fault.c for the line. */
#include <inttypes.h>
#include <stdio.h>

#include "arch.h"
#include "fault.h"
#include "raw.h"

#define UNIT	0

void faults_forget(void)
{
	while (!raw(HYP_IOMMU_FAULT_READ, UNIT, 0, 0, 0, 0, 0))
		;
	log_mark();
}

static const char *reason_text(enum fault_reason reason)
{
	switch (reason) {
	case FAULT_NOT_ATTACHED:
		return ": not attached";
	case FAULT_NOT_MAPPED:
		if (ARCH_STAGE2_PRESENT ||
		    raw_unit_info(UNIT, HYP_IOMMU_UNIT_STAGE) != HYP_IOMMU_STAGE_2)
			return ": not mapped";
		return ": no permission";
	default:
		return ": no permission";
	}
}

bool fault_reported(const char *who, enum fault_access access, u64 ia, enum fault_reason reason)
{
	char head[80], what[80] = "blocked DMA:";

	/* All of the address but its last three digits. */
	if (ARCH_BLOCKED_ADDRESS || reason != FAULT_NOT_ATTACHED)
		snprintf(what, sizeof(what), "blocked DMA %s 0x%" PRIx64,
			 access == FAULT_WRITE ? "write to" : "read from", ia / PAGE);
	snprintf(head, sizeof(head), " %s: %s", who, what);
	return log_has(3000, "hyp-iommu ", head, reason_text(reason));
}
