/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the loader and the monitor share: where things are in the monitor's address space, and what
 * it is told when it begins.
 *
 * The address space is the lower half of one of its own:
 *
 *	SVM_IMAGE	2 MiB, one chunk: code, data, and an area for each CPU
 *	SVM_ACCOUNT	of memory: who owns each page, and its pins
 *	SVM_MMIO	registers of IOMMUs
 *	SVM_PHYSMAP	all memory
 *
 * Nothing is both writable and executable, and nothing that Linux can write is executable.
 */
#ifndef HYP_SVM_LAUNCH_H
#define HYP_SVM_LAUNCH_H

#define SVM_IMAGE	0x0000000040000000
#define SVM_ACCOUNT	0x0000200000000000
#define SVM_MMIO	0x0000300000000000
#define SVM_PHYSMAP	0x0000400000000000

#define SVM_CHUNK	0x200000
#define SVM_AREA	0x8000		/* sizeof(struct svm_area) */
#define SVM_CPU_VMCB	0x88		/* offsetof(struct svm_cpu, vmcb_pa) */

#ifndef __ASSEMBLY__

#include "vmcb.h"

#define SVM_MAX_CPUS	32
#define SVM_MAX_RAM	64
#define SVM_MAX_CHUNKS	512
#define SVM_MAX_MEMORY	0x8000000000ULL	/* what the launch table can map: 512 GiB */

/* At the beginning of the image.  All but the first two lines is the loader's to fill in. */
struct svm_boot {
	u64 entry;			/* svm_entry() */
	u64 size;			/* of the image, up to the CPUs' areas */
	u64 image_pa;
	u64 tsc_khz;
	u64 phys_bits;
	u64 x2apic;			/* else INIT cannot be kept away, and there is one CPU */
	u64 nr_cpus;
	u64 nr_ram;
	u64 nr_chunks;			/* further memory: the first are for SVM_ACCOUNT */
	struct {
		u64 pa, size;
	} ram[SVM_MAX_RAM];		/* sorted; whole pages */
	u64 chunk[SVM_MAX_CHUNKS];
};

/* For platform/ram.h: so many bytes per page and per block of 2 MiB, of which two may be broken. */
#define SVM_PAGE_BYTES	4
#define SVM_BLOCK_BYTES	12

static inline u64 svm_account_chunks(u64 pages, u64 nr_ram)
{
	u64 size = pages * SVM_PAGE_BYTES + (pages / 512 + 2 * nr_ram) * SVM_BLOCK_BYTES;

	return (size + SVM_CHUNK - 1) / SVM_CHUNK;
}

/* How far an NMI of Linux has come on its way through a CPU. */
enum svm_nmi {
	SVM_NMI_OPEN,
	SVM_NMI_RUNNING,		/* its handler; the IRET at its end will exit */
	SVM_NMI_AT_IRET,		/* which has not been executed yet */
	SVM_NMI_STEPPING,		/* over the IRET, as the next NMI waits */
};

struct svm_cpu {
	/* In the order in which entry.S has them. */
	u64 rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
	u64 pad[3];
	u64 vmcb_pa;
	struct svm_vmcb *vmcb;
	u32 apic_id;

	/* Of TLB shoot-downs; see smp.c. */
	u32 in_guest, kicked;
	u64 generation;

	enum svm_nmi nmi;
	bool nmi_pending;
	u64 iret_rip;
	u64 stat[3];			/* enum hyp_svm_stat */
};

struct svm_area {
	union {
		struct svm_cpu cpu;
		u8 page[0x1000];
	};
	struct svm_vmcb vmcb;
	u8 hsave[0x1000];
	u8 guard[0x1000];		/* not mapped: where a stack ends */
	u8 stack[0x4000];
};

/* Where the area of the nth CPU is, from the beginning of the image. */
#define SVM_AREA_OFFSET(boot, n)	((boot)->size + (n) * (u64)SVM_AREA)

/* launch.S, Linux's side. */
extern const u8 svm_image[];
extern const u8 svm_image_end[];
void svm_launch(u64 *rip, u64 *rsp, u64 *rflags, u64 cr3, u64 stack, void *cpu, u64 entry);

#endif /* __ASSEMBLY__ */
#endif /* HYP_SVM_LAUNCH_H */
