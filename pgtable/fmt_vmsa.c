// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VMSAv8-64 translation tables; the bits are explained in fmt_vmsa.h.
 */
#include "pgtable/fmt_vmsa.h"
#include "pgtable/walk.h"

#define VMSA_VALID		BIT_ULL(0)
#define VMSA_TABLE		BIT_ULL(1)
#define VMSA_TYPE		(VMSA_VALID | VMSA_TABLE)
#define VMSA_SH			GENMASK_ULL(9, 8)
#define VMSA_SH_OUTER		2
#define VMSA_SH_INNER		3
#define VMSA_AF			BIT_ULL(10)
#define VMSA_OA			GENMASK_ULL(47, 12)
#define VMSA_OA_64K		GENMASK_ULL(47, 16)
#define VMSA_OA_64K_HIGH	GENMASK_ULL(15, 12)	/* OA[51:48] */

#define VMSA_S1_ATTRINDX	GENMASK_ULL(4, 2)
#define VMSA_S1_AP_UNPRIV	BIT_ULL(6)
#define VMSA_S1_AP_RDONLY	BIT_ULL(7)
#define VMSA_S1_NG		BIT_ULL(11)
#define VMSA_S1_XN		GENMASK_ULL(54, 53)

#define VMSA_S2_MEMATTR		GENMASK_ULL(5, 2)
#define VMSA_S2_AP_READ		BIT_ULL(6)
#define VMSA_S2_AP_WRITE	BIT_ULL(7)
#define VMSA_S2_XN		BIT_ULL(54)

/* Three kinds of memory; as MAIR index, in MAIR, and in stage 2's MemAttr. */
enum { VMSA_NC, VMSA_WB, VMSA_DEV };

#define VMSA_MAIR		(0x44ULL << 8 * VMSA_NC | 0xffULL << 8 * VMSA_WB | \
				 0x04ULL << 8 * VMSA_DEV)
#define VMSA_S2_MEMATTR_NC	0x5
#define VMSA_S2_MEMATTR_WB	0xf
#define VMSA_S2_MEMATTR_DEV	0x1

#define VMSA_CONCAT_LG2		4	/* stage 2: up to 16 tables as root */

/* ---- attributes ---- */

static inline u64 vmsa_attr(const struct hyp_pgt_cfg *cfg, u32 prot)
{
	u64 sh = prot & HYP_IOMMU_CACHE ? VMSA_SH_INNER : VMSA_SH_OUTER;

	return FIELD_PREP(VMSA_SH, sh) | (cfg->features & HYP_PGT_HW_ACCESS ? 0 : VMSA_AF);
}

static inline u64 vmsa_s1_attr(const struct hyp_pgt_cfg *cfg, u32 prot)
{
	u64 attr = vmsa_attr(cfg, prot) | VMSA_S1_AP_UNPRIV | VMSA_S1_NG;

	if (!(prot & HYP_IOMMU_WRITE))
		attr |= VMSA_S1_AP_RDONLY;
	if (prot & HYP_IOMMU_NOEXEC)
		attr |= VMSA_S1_XN;
	if (prot & HYP_IOMMU_MMIO)
		return attr | FIELD_PREP(VMSA_S1_ATTRINDX, VMSA_DEV);
	if (prot & HYP_IOMMU_CACHE)
		return attr | FIELD_PREP(VMSA_S1_ATTRINDX, VMSA_WB);
	return attr | FIELD_PREP(VMSA_S1_ATTRINDX, VMSA_NC);
}

static inline u64 vmsa_s2_attr(const struct hyp_pgt_cfg *cfg, u32 prot)
{
	u64 attr = vmsa_attr(cfg, prot);

	if (prot & HYP_IOMMU_READ)
		attr |= VMSA_S2_AP_READ;
	if (prot & HYP_IOMMU_WRITE)
		attr |= VMSA_S2_AP_WRITE;
	if (prot & HYP_IOMMU_NOEXEC)
		attr |= VMSA_S2_XN;
	if (prot & HYP_IOMMU_MMIO)
		return attr | FIELD_PREP(VMSA_S2_MEMATTR, VMSA_S2_MEMATTR_DEV);
	if (prot & HYP_IOMMU_CACHE)
		return attr | FIELD_PREP(VMSA_S2_MEMATTR, VMSA_S2_MEMATTR_WB);
	return attr | FIELD_PREP(VMSA_S2_MEMATTR, VMSA_S2_MEMATTR_NC);
}

/* ---- addresses ---- */

static inline bool vmsa_is_table(u64 pte, unsigned int level)
{
	return level && (pte & VMSA_TABLE);
}

static inline u64 vmsa_type(unsigned int level)
{
	return level ? VMSA_VALID : VMSA_TYPE;
}

static inline u64 vmsa_oa(u64 pte, unsigned int level)
{
	return pte & VMSA_OA;
}

static inline u64 vmsa_table(u64 pa, unsigned int level)
{
	return pa | VMSA_TYPE;
}

static inline u64 vmsa_leaf(u64 oa, u64 attr, unsigned int level)
{
	return oa | attr | vmsa_type(level);
}

static inline u64 vmsa_attr_of(u64 pte)
{
	return pte & ~(VMSA_OA | VMSA_TYPE);
}

static inline u64 vmsa_64k_oa(u64 pte, unsigned int level)
{
	return (pte & VMSA_OA_64K) | FIELD_GET(VMSA_OA_64K_HIGH, pte) << 48;
}

static inline u64 vmsa_64k_pack(u64 oa)
{
	return (oa & VMSA_OA_64K) | FIELD_PREP(VMSA_OA_64K_HIGH, oa >> 48);
}

static inline u64 vmsa_64k_table(u64 pa, unsigned int level)
{
	return vmsa_64k_pack(pa) | VMSA_TYPE;
}

static inline u64 vmsa_64k_leaf(u64 oa, u64 attr, unsigned int level)
{
	return vmsa_64k_pack(oa) | attr | vmsa_type(level);
}

/* ---- shape ---- */

/* The encoding of PS, or -1. */
static int vmsa_ps(u8 oa_bits)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		if (bits[i] == oa_bits)
			return i;
	return -1;
}

/* The root is of the lowest level where 1 << concat_lg2 tables span ia_bits. */
static bool vmsa_shape(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
		       u8 concat_lg2, u8 *top, u64 *sizes)
{
	u8 max_bits = f->granule_lg2 == 16 ? 52 : 48;

	if (cfg->ia_bits < 25 || cfg->ia_bits > max_bits ||
	    vmsa_ps(cfg->oa_bits) < 0 || cfg->oa_bits > max_bits)
		return false;
	while (hyp_pgt_shift(f, *top + 1) + concat_lg2 < cfg->ia_bits)
		(*top)++;

	if (f->granule_lg2 == 12)
		*sizes = BIT_ULL(12) | BIT_ULL(21) | BIT_ULL(30);
	else if (f->granule_lg2 == 14)
		*sizes = BIT_ULL(14) | BIT_ULL(25);
	else
		*sizes = BIT_ULL(16) | BIT_ULL(29) | (cfg->oa_bits == 52 ? BIT_ULL(42) : 0);
	return true;
}

static bool vmsa_s1_shape(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
			  u8 *top, u64 *sizes)
{
	*top = 0;
	return vmsa_shape(f, cfg, 0, top, sizes);
}

static bool vmsa_s2_shape(const struct hyp_pgt_ops *f, const struct hyp_pgt_cfg *cfg,
			  u8 *top, u64 *sizes)
{
	/* SL0 has no value for a root of level 0 with the 4K granule. */
	*top = f->granule_lg2 == 12 ? 1 : 0;
	return cfg->ia_bits <= cfg->oa_bits && vmsa_shape(f, cfg, VMSA_CONCAT_LG2, top, sizes);
}

/* ---- formats ---- */

#define VMSA_S1							\
	.perm = VMSA_S1_AP_RDONLY | VMSA_S1_XN,				\
	.shape = vmsa_s1_shape,						\
	.attr = vmsa_s1_attr

#define VMSA_S2							\
	.perm = VMSA_S2_AP_READ | VMSA_S2_AP_WRITE | VMSA_S2_XN,	\
	.shape = vmsa_s2_shape,						\
	.attr = vmsa_s2_attr

#define VMSA_OA_IN_PLACE						\
	.linear_lg2 = 64,						\
	.attr_of = vmsa_attr_of,					\
	.is_table = vmsa_is_table,					\
	.table = vmsa_table,						\
	.leaf = vmsa_leaf,						\
	.oa = vmsa_oa

#define VMSA_OA_SPLIT							\
	.linear_lg2 = 48,						\
	.attr_of = vmsa_attr_of,					\
	.is_table = vmsa_is_table,					\
	.table = vmsa_64k_table,					\
	.leaf = vmsa_64k_leaf,						\
	.oa = vmsa_64k_oa

static const struct hyp_pgt_ops hyp_pgt_vmsa_s1_4k_ops = {
	.granule_lg2 = 12, .stride_lg2 = 9, VMSA_OA_IN_PLACE, VMSA_S1
};

static const struct hyp_pgt_ops hyp_pgt_vmsa_s1_16k_ops = {
	.granule_lg2 = 14, .stride_lg2 = 11, VMSA_OA_IN_PLACE, VMSA_S1
};

static const struct hyp_pgt_ops hyp_pgt_vmsa_s1_64k_ops = {
	.granule_lg2 = 16, .stride_lg2 = 13, VMSA_OA_SPLIT, VMSA_S1
};

static const struct hyp_pgt_ops hyp_pgt_vmsa_s2_4k_ops = {
	.granule_lg2 = 12, .stride_lg2 = 9, VMSA_OA_IN_PLACE, VMSA_S2
};

static const struct hyp_pgt_ops hyp_pgt_vmsa_s2_16k_ops = {
	.granule_lg2 = 14, .stride_lg2 = 11, VMSA_OA_IN_PLACE, VMSA_S2
};

static const struct hyp_pgt_ops hyp_pgt_vmsa_s2_64k_ops = {
	.granule_lg2 = 16, .stride_lg2 = 13, VMSA_OA_SPLIT, VMSA_S2
};

HYP_PGT_DEFINE_FMT(hyp_pgt_vmsa_s1_4k);
HYP_PGT_DEFINE_FMT(hyp_pgt_vmsa_s1_16k);
HYP_PGT_DEFINE_FMT(hyp_pgt_vmsa_s1_64k);
HYP_PGT_DEFINE_FMT(hyp_pgt_vmsa_s2_4k);
HYP_PGT_DEFINE_FMT(hyp_pgt_vmsa_s2_16k);
HYP_PGT_DEFINE_FMT(hyp_pgt_vmsa_s2_64k);

/* ---- registers ---- */

void hyp_pgt_vmsa_regs(const struct hyp_pgt *pgt, struct hyp_pgt_vmsa_regs *regs)
{
	bool coherent = !(pgt->cfg.features & HYP_PGT_NONCOHERENT);
	u8 granule_lg2 = pgt->fmt->ops->granule_lg2;

	regs->ttb = pgt->root_pa;
	regs->mair = VMSA_MAIR;
	regs->tsz = 64 - pgt->cfg.ia_bits;
	/* SL0 counts from level 2 (Arm's) on with 4K, from level 3 on otherwise. */
	regs->sl = granule_lg2 == 12 ? pgt->top - 1 : pgt->top;
	regs->tg = granule_lg2 == 12 ? 0 : granule_lg2 == 16 ? 1 : 2;
	regs->ps = vmsa_ps(pgt->cfg.oa_bits);
	regs->sh = coherent ? VMSA_SH_INNER : VMSA_SH_OUTER;
	/* Write-Back, Read- and Write-Allocate; or Non-cacheable. */
	regs->irgn = coherent ? 1 : 0;
	regs->orgn = coherent ? 1 : 0;
}
