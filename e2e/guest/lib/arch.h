/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between QEMU's machines: "virt" of arm64 with an SMMUv3, and q35
 * of x86 with VT-d.  Nothing else here names an architecture, but for the guest
 * of vm.h.
 */
#ifndef E2E_ARCH_H
#define E2E_ARCH_H

#include <hyp_iommu/abi.h>

#include "test.h"

#ifdef __aarch64__

#define ARCH_PROTECTED_GUESTS	true

/* Memory; registers of somebody; PCI memory that nobody has been given. */
#define ARCH_RAM		0x40000000ULL
#define ARCH_MMIO		0x09000000ULL	/* the UART */
#define ARCH_FREE_BAR		0x3e000000U

/* The unit: its registers, and some of them: IDR0, CR0, GBPA, STRTAB_BASE, CMDQ, EVENTQ. */
#define ARCH_UNIT_KIND		HYP_IOMMU_KIND('S', 'M', '3', ' ')
#define ARCH_UNIT_PA		0x09050000ULL
#define ARCH_UNIT_SIZE		0x20000ULL
#define ARCH_UNIT_REGISTERS	0, 0x20, 0x44, 0x80, 0x90, 0x9c, 0x10000, 0x100a8

/* What devices write to for an interrupt is an output address like others: GITS_TRANSLATER. */
#define ARCH_DOORBELL		0x08090000ULL

/* A fault record of an endpoint without a domain does not say what it wanted. */
#define ARCH_BLOCKED_ADDRESS	false
/* A second stage tells what is not mapped from what may not be done. */
#define ARCH_STAGE2_PRESENT	true

#elif defined(__x86_64__)

#define ARCH_PROTECTED_GUESTS	false

#define ARCH_RAM		0x01000000ULL
#define ARCH_MMIO		0xfec00000ULL	/* the I/O APIC */
#define ARCH_FREE_BAR		0xd0000000U

/* CAP, GCMD, GSTS, RTADDR, FSTS, IQT, IQA, a fault record. */
#define ARCH_UNIT_KIND		HYP_IOMMU_KIND('V', 'T', 'D', ' ')
#define ARCH_UNIT_PA		0xfed90000ULL
#define ARCH_UNIT_SIZE		0x1000ULL
#define ARCH_UNIT_REGISTERS	0x8, 0x18, 0x1c, 0x20, 0x34, 0x88, 0x90, 0x220

/* Writes to 0xfeexxxxx are interrupts before they are translated: no domain needs them. */
#define ARCH_DOORBELL		0ULL

#define ARCH_BLOCKED_ADDRESS	true
#define ARCH_STAGE2_PRESENT	false

#endif

/* What no domain may map: neither memory nor a doorbell. */
struct arch_foreign {
	const char *name;
	u64 pa, size, prot;
};

extern const struct arch_foreign arch_foreign[];
extern const unsigned int arch_nr_foreign;

#endif /* E2E_ARCH_H */
