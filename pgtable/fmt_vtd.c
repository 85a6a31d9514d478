// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Paging structures of Intel VT-d; the bits are explained in fmt_vtd.h.
 */
#include "pgtable/fmt_vtd.h"
#include "pgtable/x86.h"

#define VTD_FS_PRESENT		BIT_ULL(0)
#define VTD_FS_WRITE		BIT_ULL(1)
#define VTD_FS_USER		BIT_ULL(2)
#define VTD_FS_ACCESSED		BIT_ULL(5)
#define VTD_FS_DIRTY		BIT_ULL(6)

#define VTD_SS_READ		BIT_ULL(0)
#define VTD_SS_WRITE		BIT_ULL(1)
#define VTD_SS_SNOOP		BIT_ULL(11)

/* ---- attributes ---- */

static inline u64 vtd_fs_attr(const struct hyp_pgt_cfg *cfg, u32 prot)
{
	u64 attr = VTD_FS_PRESENT | VTD_FS_USER;

	if (prot & HYP_IOMMU_WRITE)
		attr |= VTD_FS_WRITE;
	if (!(cfg->features & HYP_PGT_HW_ACCESS))
		attr |= VTD_FS_ACCESSED | VTD_FS_DIRTY;
	return attr;
}

static inline u64 vtd_ss_attr(const struct hyp_pgt_cfg *cfg, u32 prot)
{
	u64 attr = cfg->features & HYP_PGT_SNOOP ? VTD_SS_SNOOP : 0;

	if (prot & HYP_IOMMU_READ)
		attr |= VTD_SS_READ;
	if (prot & HYP_IOMMU_WRITE)
		attr |= VTD_SS_WRITE;
	return attr;
}

/* ---- tables ---- */

/* What a table allows is cut down by its leaves. */
static inline u64 vtd_fs_table(u64 pa, unsigned int level)
{
	return pa | VTD_FS_PRESENT | VTD_FS_WRITE | VTD_FS_USER | VTD_FS_ACCESSED;
}

static inline u64 vtd_ss_table(u64 pa, unsigned int level)
{
	return pa | VTD_SS_READ | VTD_SS_WRITE;
}

static bool vtd_ss_shape(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
			 u8 *top, u64 *sizes)
{
	*top = 2;
	return cfg->ia_bits > hyp_pgt_shift(f, *top) && x86_shape(f, cfg, 0, top, sizes);
}

/* ---- formats ---- */

static const struct hyp_pgt_ops hyp_pgt_vtd_fs_ops = {
	X86_COMMON,
	.perm = VTD_FS_WRITE,
	.shape = x86_signed_shape,
	.attr = vtd_fs_attr,
	.table = vtd_fs_table,
};

static const struct hyp_pgt_ops hyp_pgt_vtd_ss_ops = {
	X86_COMMON,
	.perm = VTD_SS_READ | VTD_SS_WRITE,
	.shape = vtd_ss_shape,
	.attr = vtd_ss_attr,
	.table = vtd_ss_table,
};

HYP_PGT_DEFINE_FMT(hyp_pgt_vtd_fs);
HYP_PGT_DEFINE_FMT(hyp_pgt_vtd_ss);

/* ---- registers ---- */

void hyp_pgt_vtd_regs(const struct hyp_pgt *pgt, struct hyp_pgt_vtd_regs *regs)
{
	regs->root = pgt->root_pa;
	regs->aw = pgt->fmt == &hyp_pgt_vtd_fs ? pgt->top - 3 : pgt->top - 1;
}
