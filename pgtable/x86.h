/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the tables of x86 have in common, those of processors (Intel SDM vol. 3, 4.5; AMD APM
 * vol. 2, 5.3) and of VT-d (D51397, 9.8, 9.9): tables of 512 entries, bit 7 for leaves above
 * level 0, addresses in bits 51:12.
 */
#ifndef HYP_PGT_X86_H
#define HYP_PGT_X86_H

#include "pgtable/walk.h"

#define X86_PS			BIT_ULL(7)
#define X86_OA			GENMASK_ULL(51, 12)

#define X86_STRIDE_LG2		9
#define X86_OA_BITS_MIN		32
#define X86_OA_BITS_MAX		52

/* MMIO and CACHE contradict each other. */
static inline bool x86_is_table(u64 pte, unsigned int level)
{
	return level && pte && !(pte & X86_PS);
}

static inline u64 x86_oa(u64 pte, unsigned int level)
{
	return pte & X86_OA;
}

static inline u64 x86_leaf(u64 oa, u64 attr, unsigned int level)
{
	return oa | attr | (level ? X86_PS : 0);
}

static inline u64 x86_attr_of(u64 pte)
{
	return pte & ~(X86_OA | X86_PS);
}

/* The lowest level, from @top on, whose table spans ia_bits. */
static inline bool x86_shape(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
			     u8 lost_bits, u8 *top, u64 *sizes)
{
	if (cfg->oa_bits < X86_OA_BITS_MIN || cfg->oa_bits > X86_OA_BITS_MAX ||
	    cfg->ia_bits < hyp_pgt_shift(f, *top))
		return false;
	while (hyp_pgt_shift(f, *top + 1) - lost_bits < cfg->ia_bits)
		(*top)++;
	*sizes = BIT_ULL(12) | BIT_ULL(21) | BIT_ULL(30);
	return *top <= 4;
}

/*
 * Tables that sign-extend: 4 or 5 levels, of which only the lower half is offered, so that an
 * input address is what it looks like.
 */
static inline bool x86_signed_shape(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
				    u8 *top, u64 *sizes)
{
	*top = 3;
	return x86_shape(f, cfg, 1, top, sizes);
}

#define X86_COMMON							\
	.granule_lg2 = 12,						\
	.stride_lg2 = X86_STRIDE_LG2,					\
	.linear_lg2 = 64,						\
	.attr_of = x86_attr_of,						\
	.is_table = x86_is_table,					\
	.leaf = x86_leaf,						\
	.oa = x86_oa

#endif /* HYP_PGT_X86_H */
