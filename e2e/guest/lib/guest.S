/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest: position-independent code that runs with the MMU off.  It reads a
 * command and three arguments from MMIO that its monitor answers, obeys, and
 * writes two results there, in a loop.  See vm.h for the commands.
 */
#define MMIO	0x10000000

	.section .rodata
	.balign	8
	.global	guest_start, guest_end
guest_start:
#ifdef __aarch64__
	mov	x19, #MMIO
next:
	ldr	x0, [x19]
	ldr	x1, [x19, #8]
	ldr	x2, [x19, #16]
	ldr	x3, [x19, #24]
	cmp	x0, #1
	b.eq	peek
	cmp	x0, #2
	b.eq	poke
	cmp	x0, #3
	b.eq	fill
	cmp	x0, #4
	b.eq	check
	cmp	x0, #5
	b.eq	hypercall
	movz	x0, #0x8400, lsl #16	// PSCI SYSTEM_OFF
	movk	x0, #8
	hvc	#0
	b	.
result:
	str	x1, [x19, #40]
	str	x0, [x19, #32]
	b	next

peek:
	ldr	x0, [x1]
	b	result
poke:
	str	x2, [x1]
	mov	x0, #0
	b	result
fill:
	mov	x4, #512
1:	str	x2, [x1], #8
	add	x2, x2, #1
	subs	x4, x4, #1
	b.ne	1b
	mov	x0, #0
	b	result
check:
	mov	x0, #0			// bad words
	mov	x5, #0			// the first of them
	mov	x4, #512
1:	ldr	x6, [x1], #8
	cmp	x6, x2
	b.eq	2f
	cmp	x0, #0
	csel	x5, x6, x5, eq
	add	x0, x0, #1
2:	add	x2, x2, #1
	subs	x4, x4, #1
	b.ne	1b
	mov	x1, x5
	b	result
hypercall:
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	mov	x3, #0
	hvc	#0
	b	result
#endif
guest_end:

	.section .note.GNU-stack, "", %progbits
