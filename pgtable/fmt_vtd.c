// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Paging structures of Intel VT-d; the bits are explained in fmt_vtd.h.
 */
#include "pgtable/fmt_vtd.h"
#include "pgtable/walk.h"

#define VTD_PS			BIT_ULL(7)
#define VTD_OA			GENMASK_ULL(51, 12)

#define VTD_FS_PRESENT		BIT_ULL(0)
#define VTD_FS_WRITE		BIT_ULL(1)
#define VTD_FS_USER		BIT_ULL(2)
#define VTD_FS_ACCESSED		BIT_ULL(5)
#define VTD_FS_DIRTY		BIT_ULL(6)

#define VTD_SS_READ		BIT_ULL(0)
#define VTD_SS_WRITE		BIT_ULL(1)
#define VTD_SS_SNOOP		BIT_ULL(11)

#define VTD_STRIDE_LG2		9
#define VTD_OA_BITS_MIN		32
#define VTD_OA_BITS_MAX		52

/* ---- attributes ---- */

static inline bool vtd_prot_ok(u32 prot)
{
	return !(prot & ~(u32)HYP_IOMMU_PROT_MASK) &&
	       (prot & (HYP_IOMMU_READ | HYP_IOMMU_WRITE)) &&
	       (~prot & (HYP_IOMMU_MMIO | HYP_IOMMU_CACHE));
}

static inline u64 vtd_fs_attr(const struct hyp_pgt_cfg *cfg, u32 prot)
{
	u64 attr = VTD_FS_PRESENT | VTD_FS_USER;

	if (prot & HYP_IOMMU_WRITE)
		attr |= VTD_FS_WRITE;
	if (!(cfg->features & HYP_PGT_HW_ACCESS))
		attr |= VTD_FS_ACCESSED | VTD_FS_DIRTY;
	return attr;
}

static inline u32 vtd_fs_prot(u64 pte)
{
	return pte & VTD_FS_WRITE ? HYP_IOMMU_READ | HYP_IOMMU_WRITE : HYP_IOMMU_READ;
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

static inline u32 vtd_ss_prot(u64 pte)
{
	u32 prot = 0;

	if (pte & VTD_SS_READ)
		prot |= HYP_IOMMU_READ;
	if (pte & VTD_SS_WRITE)
		prot |= HYP_IOMMU_WRITE;
	return prot;
}

/* ---- addresses ---- */

static inline bool vtd_is_table(u64 pte, unsigned int level)
{
	return level && pte && !(pte & VTD_PS);
}

static inline u64 vtd_oa(u64 pte, unsigned int level)
{
	return pte & VTD_OA;
}

/* What a table allows is cut down by its leaves. */
static inline u64 vtd_fs_table(u64 pa, unsigned int level)
{
	return pa | VTD_FS_PRESENT | VTD_FS_WRITE | VTD_FS_USER | VTD_FS_ACCESSED;
}

static inline u64 vtd_ss_table(u64 pa, unsigned int level)
{
	return pa | VTD_SS_READ | VTD_SS_WRITE;
}

static inline u64 vtd_leaf(u64 oa, u64 attr, unsigned int level)
{
	return oa | attr | (level ? VTD_PS : 0);
}

static inline u64 vtd_attr_of(u64 pte)
{
	return pte & ~(VTD_OA | VTD_PS);
}

/* ---- shape ---- */

/* The lowest level, from @top on, whose table spans ia_bits. */
static bool vtd_shape(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
		      u8 lost_bits, u8 *top, u64 *sizes)
{
	if (cfg->oa_bits < VTD_OA_BITS_MIN || cfg->oa_bits > VTD_OA_BITS_MAX ||
	    cfg->ia_bits < hyp_pgt_shift(f, *top))
		return false;
	while (hyp_pgt_shift(f, *top + 1) - lost_bits < cfg->ia_bits)
		(*top)++;
	*sizes = BIT_ULL(12) | BIT_ULL(21) | BIT_ULL(30);
	return *top <= 4;
}

static bool vtd_fs_shape(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
			 u8 *top, u64 *sizes)
{
	*top = 3;
	return vtd_shape(f, cfg, 1, top, sizes);
}

static bool vtd_ss_shape(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
			 u8 *top, u64 *sizes)
{
	*top = 2;
	return cfg->ia_bits > hyp_pgt_shift(f, *top) && vtd_shape(f, cfg, 0, top, sizes);
}

/* ---- formats ---- */

#define VTD_COMMON							\
	.granule_lg2 = 12,						\
	.stride_lg2 = VTD_STRIDE_LG2,					\
	.linear_lg2 = 64,						\
	.prot_ok = vtd_prot_ok,						\
	.attr_of = vtd_attr_of,						\
	.is_table = vtd_is_table,					\
	.leaf = vtd_leaf,						\
	.oa = vtd_oa

static const struct hyp_pgt_ops hyp_pgt_vtd_fs_ops = {
	VTD_COMMON,
	.perm = VTD_FS_WRITE,
	.shape = vtd_fs_shape,
	.attr = vtd_fs_attr,
	.prot = vtd_fs_prot,
	.table = vtd_fs_table,
};

static const struct hyp_pgt_ops hyp_pgt_vtd_ss_ops = {
	VTD_COMMON,
	.perm = VTD_SS_READ | VTD_SS_WRITE,
	.shape = vtd_ss_shape,
	.attr = vtd_ss_attr,
	.prot = vtd_ss_prot,
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
