/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual machine control block and what goes with it: AMD APM vol. 2, appendix B and chapter
 * 15.  Only what is used; who includes it has BIT().
 */
#ifndef HYP_SVM_VMCB_H
#define HYP_SVM_VMCB_H

#include <hyp_iommu/types.h>

struct svm_segment {
	u16 selector, attributes;
	u32 limit;
	u64 base;
};

struct svm_vmcb {
	/* control area */
	u32 intercept_cr, intercept_dr, intercept_exceptions;
	u32 intercept_misc, intercept_svm;	/* 0x00c, 0x010 */
	u8 pad014[0x048 - 0x014];
	u64 msrpm_pa;				/* 0x048 */
	u64 tsc_offset;
	u32 asid;				/* 0x058 */
	u8 tlb_control, pad05d[3];
	u64 interrupt_control, interrupt_shadow;
	u64 exit_code;				/* 0x070 */
	u64 exit_info1, exit_info2;
	u64 exit_interrupt;			/* 0x088 */
	u64 nested_control;
	u8 pad098[0x0a8 - 0x098];
	u64 event;				/* 0x0a8 */
	u64 nested_cr3;
	u8 pad0b8[0x400 - 0x0b8];

	/* state save area */
	struct svm_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr; /* 0x400 */
	u8 pad4a0[0x4cb - 0x4a0];
	u8 cpl;					/* 0x4cb */
	u32 pad4cc;
	u64 efer;				/* 0x4d0 */
	u8 pad4d8[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6;		/* 0x548 */
	u64 rflags, rip;			/* 0x570 */
	u8 pad580[0x5d8 - 0x580];
	u64 rsp;				/* 0x5d8 */
	u8 pad5e0[0x5f8 - 0x5e0];
	u64 rax;				/* 0x5f8 */
	u8 pad600[0x640 - 0x600];
	u64 cr2;				/* 0x640 */
	u8 pad648[0x668 - 0x648];
	u64 pat;				/* 0x668 */
	u8 pad670[0x1000 - 0x670];
};

#define VMCB_MISC_NMI		BIT(1)
#define VMCB_MISC_INIT		BIT(3)
#define VMCB_MISC_CPUID		BIT(18)
#define VMCB_MISC_IRET		BIT(20)
#define VMCB_MISC_HLT		BIT(24)
#define VMCB_MISC_INVLPGA	BIT(26)
#define VMCB_MISC_MSR		BIT(28)
#define VMCB_MISC_SHUTDOWN	BIT(31)
#define VMCB_SVM_ALL		0x7fU	/* VMRUN VMMCALL VMLOAD VMSAVE STGI CLGI SKINIT */
#define VMCB_EXCEPTION_DB	BIT(1)
#define VMCB_TLB_FLUSH_ALL	1
#define VMCB_NESTED_PAGING	1

#define VMCB_EVENT_VECTOR	0xffULL
#define VMCB_EVENT_TYPE		(7ULL << 8)
#define VMCB_EVENT_INTERRUPT	(0ULL << 8)
#define VMCB_EVENT_NMI		(2ULL << 8)
#define VMCB_EVENT_EXCEPTION	(3ULL << 8)
#define VMCB_EVENT_ERROR	BIT_ULL(11)	/* with an error code, in bits 63:32 */
#define VMCB_EVENT_VALID	BIT_ULL(31)

#define VMEXIT_DB		0x041
#define VMEXIT_NMI		0x061
#define VMEXIT_INIT		0x063
#define VMEXIT_CPUID		0x072
#define VMEXIT_IRET		0x074
#define VMEXIT_HLT		0x078
#define VMEXIT_INVLPGA		0x07a
#define VMEXIT_MSR		0x07c
#define VMEXIT_SHUTDOWN		0x07f
#define VMEXIT_VMRUN		0x080
#define VMEXIT_VMMCALL		0x081
#define VMEXIT_VMLOAD		0x082
#define VMEXIT_VMSAVE		0x083
#define VMEXIT_STGI		0x084
#define VMEXIT_CLGI		0x085
#define VMEXIT_SKINIT		0x086
#define VMEXIT_NPF		0x400

#endif /* HYP_SVM_VMCB_H */
