/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers and vectors of the processor: AMD APM vol. 2, 3.1 and appendix A; of the APIC: 16.
 */
#ifndef HYP_SVM_REGS_H
#define HYP_SVM_REGS_H

#define MSR_TSC			0x00000010
#define MSR_APIC_BASE		0x0000001b
#define   APIC_BASE_X2APIC	BIT_ULL(10)
#define MSR_TSC_ADJUST		0x0000003b
#define MSR_PAT			0x00000277
#define MSR_X2APIC_ICR		0x00000830
#define   ICR_MODE		(7ULL << 8)
#define   ICR_FIXED		(0ULL << 8)
#define   ICR_LOWEST		BIT_ULL(8)
#define   ICR_NMI		(4ULL << 8)
#define   ICR_ASSERT		BIT_ULL(14)
#define   ICR_VALID		0xffffffff000ccfffULL	/* other bits are reserved */
#define MSR_EFER		0xc0000080
#define   EFER_SCE		BIT_ULL(0)
#define   EFER_NXE		BIT_ULL(11)
#define   EFER_SVME		BIT_ULL(12)
#define MSR_VM_CR		0xc0010114
#define   VM_CR_SVMDIS		BIT_ULL(4)
#define MSR_VM_HSAVE_PA		0xc0010117

#define CR4_PAE			BIT_ULL(5)
#define CR4_MCE			BIT_ULL(6)
#define CR4_LA57		BIT_ULL(12)
#define CR4_OSXSAVE		BIT_ULL(18)
#define CR4_PKE			BIT_ULL(22)
#define RFLAGS_TF		BIT_ULL(8)

#define VECTOR_DB		1
#define VECTOR_NMI		2
#define VECTOR_UD		6
#define VECTOR_DF		8
#define VECTOR_GP		13

#endif /* HYP_SVM_REGS_H */
