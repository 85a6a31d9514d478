// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Paging structures of x86-64 processors; the bits are explained in fmt_x86.h.
 */
#include "pgtable/fmt_x86.h"
#include "pgtable/x86.h"

#define X86_PRESENT		BIT_ULL(0)
#define X86_WRITE		BIT_ULL(1)
#define X86_USER		BIT_ULL(2)
#define X86_PWT			BIT_ULL(3)
#define X86_PCD			BIT_ULL(4)
#define X86_ACCESSED		BIT_ULL(5)
#define X86_DIRTY		BIT_ULL(6)
#define X86_NX			BIT_ULL(63)

static inline u64 x86_attr(u32 prot)
{
	u64 attr = X86_PRESENT | X86_ACCESSED | X86_DIRTY;

	if (prot & HYP_IOMMU_WRITE)
		attr |= X86_WRITE;
	if (prot & HYP_IOMMU_NOEXEC)
		attr |= X86_NX;
	return attr;
}

static inline u64 x86_own_attr(const struct hyp_pgt_cfg *cfg, u32 prot)
{
	return x86_attr(prot) | (prot & HYP_IOMMU_MMIO ? X86_PWT | X86_PCD : 0);
}

static inline u64 x86_nested_attr(const struct hyp_pgt_cfg *cfg, u32 prot)
{
	return x86_attr(prot) | X86_USER;
}

/* What a table allows is cut down by its leaves. */
static inline u64 x86_own_table(u64 pa, unsigned int level)
{
	return pa | X86_PRESENT | X86_WRITE | X86_ACCESSED;
}

static inline u64 x86_nested_table(u64 pa, unsigned int level)
{
	return x86_own_table(pa, level) | X86_USER;
}

static const struct hyp_pgt_ops hyp_pgt_x86_own_ops = {
	X86_COMMON,
	.perm = X86_WRITE | X86_NX,
	.shape = x86_signed_shape,
	.attr = x86_own_attr,
	.table = x86_own_table,
};

static const struct hyp_pgt_ops hyp_pgt_x86_nested_ops = {
	X86_COMMON,
	.perm = X86_WRITE | X86_NX,
	.shape = x86_signed_shape,
	.attr = x86_nested_attr,
	.table = x86_nested_table,
};

HYP_PGT_DEFINE_FMT(hyp_pgt_x86_own);
HYP_PGT_DEFINE_FMT(hyp_pgt_x86_nested);
