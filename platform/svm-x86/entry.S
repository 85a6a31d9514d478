/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's first instructions, the way into the guest and out of it, and exceptions.
 */
#include "launch.h"

#define CR4_KEEP	0x1060		/* PAE, MCE, LA57 */

	.section .boot, "aw"
	.globl svm_boot
svm_boot:
	.quad svm_entry
	.quad svm_size
	/* the rest of struct svm_boot: 6 words and the two lists */
	.skip 7 * 8 + 64 * 16 + 512 * 8

	.text

/*
 * launch.S comes here with rdi = struct svm_cpu, on its stack, in the launch table, GIF = 0.  No
 * flag of CR4 is Linux's any more; that also drops global translations.
 */
	.globl svm_entry
svm_entry:
	mov	%rdi, %rbx
	mov	%cr4, %rax
	and	$CR4_KEEP, %eax
	mov	%rax, %cr4
	cld
	lgdt	gdtr(%rip)
	mov	$0x18, %eax
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %ds
	mov	%eax, %es
	pushq	$0x10
	lea	1f(%rip), %rax
	push	%rax
	lretq
1:	call	svm_first
	lidt	idtr(%rip)
	mov	%rax, %cr3
	mov	%rbx, %rdi
	call	svm_loop
	ud2

/* void svm_run(struct svm_cpu *cpu); rax and rsp are in the VMCB. */
	.globl svm_run
svm_run:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rdi
	mov	SVM_CPU_VMCB(%rdi), %rax
	mov	0x00(%rdi), %rbx
	mov	0x08(%rdi), %rcx
	mov	0x10(%rdi), %rdx
	mov	0x18(%rdi), %rsi
	mov	0x28(%rdi), %rbp
	mov	0x30(%rdi), %r8
	mov	0x38(%rdi), %r9
	mov	0x40(%rdi), %r10
	mov	0x48(%rdi), %r11
	mov	0x50(%rdi), %r12
	mov	0x58(%rdi), %r13
	mov	0x60(%rdi), %r14
	mov	0x68(%rdi), %r15
	mov	0x20(%rdi), %rdi
	vmrun	%rax
	push	%rdi
	mov	8(%rsp), %rdi
	mov	%rbx, 0x00(%rdi)
	mov	%rcx, 0x08(%rdi)
	mov	%rdx, 0x10(%rdi)
	mov	%rsi, 0x18(%rdi)
	mov	%rbp, 0x28(%rdi)
	mov	%r8, 0x30(%rdi)
	mov	%r9, 0x38(%rdi)
	mov	%r10, 0x40(%rdi)
	mov	%r11, 0x48(%rdi)
	mov	%r12, 0x50(%rdi)
	mov	%r13, 0x58(%rdi)
	mov	%r14, 0x60(%rdi)
	mov	%r15, 0x68(%rdi)
	popq	0x20(%rdi)
	pop	%rdi
	/* Nothing of the guest's is left to be used by a speculation. */
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

/* Only the NMI that exit_nmi() lets in; the others are the end. */
	.balign 16
	.globl svm_stubs
svm_stubs:
	.set	vector, 0
	.rept	32
	.balign	16
	.if	vector == 2
	iretq
	.else
	pushq	$vector
	jmp	fault
	.endif
	.set	vector, vector + 1
	.endr
fault:
	mov	%rsp, %rdi
	mov	%cr2, %rsi
	and	$-16, %rsp
	call	svm_fault
	ud2

	.section .rodata
	.balign 16
gdt:	.quad	0
	.quad	0
	.quad	0x00af9b000000ffff		/* 0x10: code, 64 bits */
	.quad	0x00cf93000000ffff		/* 0x18: data */
gdtr:	.word	31
	.quad	gdt
	.balign 8
idtr:	.word	32 * 16 - 1
	.quad	svm_idt

	.section .bss
	.balign 16
	.globl svm_idt
svm_idt:
	.skip	32 * 16

	.section .note.GNU-stack, "", @progbits
