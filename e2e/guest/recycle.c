// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host makes the hypervisor run out of pages for the host's stage-2: it
 * touches an address in each 512 GiB of what is not memory, which takes one
 * table for each.  The hypervisor then unmaps all that is not memory, to start
 * again; the unit's registers must not become the host's by that.
 *
 * For a kernel with a small pool (e2e/negative.py builds it): with the normal
 * one, 48 bits of addresses are not enough to use it up.
 */
#include <stdio.h>

#include "arch.h"
#include "mem.h"
#include "raw.h"

#define SLOT		(1ULL << 39)
#define SLOTS		512		/* of 48 bits */

static unsigned int touch_all(void)
{
	volatile void *va;
	unsigned int i, n;
	u32 val;

	/* Nobody is there; what matters is the fault on the way. */
	for (i = 1, n = 0; i < SLOTS; i++) {
		va = dev_mem(i * SLOT + SLOT / 2, PAGE);
		if (!va)
			continue;
		cpu_read32(va, &val);
		dev_mem_close(va, PAGE);
		n++;
	}
	return n;
}

int main(int argc, char **argv)
{
	unsigned int round, got, n;
	char test[40];

	if (!ARCH_PROTECTED_GUESTS)
		die("there is no stage-2 of the host that could run out of tables");
	for (round = 0; round < 3; round++) {
		n = touch_all();
		got = unit_registers_reached();
		snprintf(test, sizeof(test), "recycled-%u", round);
		ok(!got, test, "after %u tables, %u accesses to the unit's registers went through",
		   n, got);
	}
	info("attack recycle %s", got ? "succeeded" : "refused");
	ok(raw_open() && raw_unit_info(0, HYP_IOMMU_UNIT_STATE) == HYP_IOMMU_UNIT_LIVE,
	   "recycled-unit-lives", "unit 0");
	return test_end();
}
