/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of one CPU from Linux into the monitor; and the monitor's image.
 */
#include <linux/linkage.h>

	.text

/*
 * void svm_launch(u64 *rip, u64 *rsp, u64 *rflags, u64 cr3, u64 stack, void *cpu, u64 entry):
 * returns in the guest, which begins with what the first three point at: in the VMCB.  All in one page,
 * which the launch table has at its address.
 */
	.balign 128
SYM_FUNC_START(svm_launch)
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	56(%rsp), %r11			/* entry */
	lea	1f(%rip), %rax
	mov	%rax, (%rdi)
	mov	%rsp, (%rsi)
	pushf
	pop	%rax
	mov	%rax, (%rdx)
	mov	%r9, %rdi
	clgi					/* the monitor has no use for an NMI yet */
	mov	%rcx, %cr3
	mov	%r8, %rsp
	jmp	*%r11
1:	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
SYM_FUNC_END(svm_launch)

	.section .init.rodata, "a"
SYM_DATA_START(svm_image)
	.incbin "drivers/iommu/hyp/platform/svm-x86/monitor.bin"
SYM_DATA_END_LABEL(svm_image, SYM_L_GLOBAL, svm_image_end)
