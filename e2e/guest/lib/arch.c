// SPDX-License-Identifier: GPL-2.0-only
/* See arch.h. */
#include "arch.h"
#include "raw.h"

#define MMIO	(RAW_RW | HYP_IOMMU_MMIO)

const struct arch_foreign arch_foreign[] = {
	{ "unit-registers", ARCH_UNIT_PA, PAGE, RAW_RW },
	{ "unit-registers-as-mmio", ARCH_UNIT_PA + ARCH_UNIT_SIZE - PAGE, PAGE, MMIO },
	{ "pci-memory", ARCH_FREE_BAR, PAGE, MMIO },
#ifdef __aarch64__
	{ "gic-distributor", 0x08000000, PAGE, MMIO },
	{ "gic-redistributor", 0x080a0000, PAGE, MMIO },
	{ "its-registers", 0x08080000, PAGE, MMIO },
	{ "doorbell-and-more", ARCH_DOORBELL, 2 * PAGE, MMIO },
	{ "doorbell-as-memory", ARCH_DOORBELL, PAGE, RAW_RW },
	{ "uart", ARCH_MMIO, PAGE, MMIO },
#elif defined(__x86_64__)
	{ "ioapic", ARCH_MMIO, PAGE, MMIO },
	{ "hpet", 0xfed00000, PAGE, MMIO },
	{ "local-apic", 0xfee00000, PAGE, MMIO },
	{ "local-apic-as-memory", 0xfee00000, PAGE, RAW_RW },
	{ "vga-memory", 0xa0000, PAGE, RAW_RW },
	{ "firmware", 0xfffff000, PAGE, RAW_RW },
#endif
};

const unsigned int arch_nr_foreign = sizeof(arch_foreign) / sizeof(*arch_foreign);
