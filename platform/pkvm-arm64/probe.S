/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first look at device registers. Where nothing answers the bus a load ends
 * in a synchronous external abort, which would be the end of EL2 and of the machine;
 * whether there is something is what the device tree only claims.
 */
#include <linux/linkage.h>

#include <asm/assembler.h>

	.text

/*
 * bool hyp_pkvm_mmio_answers(const void __iomem *va): load 32 bits from @va.
 * An abort overwrites what EL2 needs to return to the host.
 */
SYM_FUNC_START(hyp_pkvm_mmio_answers)
	mrs	x2, spsr_el2
	mrs	x3, elr_el2
.Lload:
	ldr	wzr, [x0]
	mov	w0, #1
	ret
.Labort:
	msr	spsr_el2, x2
	msr	elr_el2, x3
	mov	w0, #0
	ret
SYM_FUNC_END(hyp_pkvm_mmio_answers)

/*
 * Where the host's vector goes with synchronous exceptions from EL2: back behind
 * the load above, or, for all others, to where it went before.
 */
SYM_CODE_START(hyp_pkvm_el2_sync)
	stp	x0, x1, [sp, #-16]!
	mrs	x0, elr_el2
	adr	x1, .Lload
	cmp	x0, x1
	b.ne	1f
	adr	x0, .Labort
	msr	elr_el2, x0
	ldp	x0, x1, [sp], #16
	eret
	sb
1:	ldp	x0, x1, [sp], #16
	b	hyp_panic
SYM_CODE_END(hyp_pkvm_el2_sync)
