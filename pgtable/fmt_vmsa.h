/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * VMSAv8-64 translation tables, stage 1 and stage 2, as SMMUv3 walks them.
 * Sections are those of the Arm Architecture Reference Manual (DDI 0487).
 *
 * Levels (D8.2, "Translation process"); Arm counts from the root:
 *
 *	here          0 (Arm 3)   1 (Arm 2)   2 (Arm 1)   3 (Arm 0)
 *	4K granule    4K          2M          1G          table only
 *	16K granule   16K         32M         table only  table only
 *	64K granule   64K         512M        4T (a)      -
 *	(a) a leaf only with 52-bit output addresses
 *
 * Stage 1 has up to one table as root; stage 2 begins as far down as 16
 * concatenated tables allow, which is right for every address size.
 *
 * Descriptors (D8.3, "Translation table descriptor formats"):
 *
 *	bit    stage 1                      stage 2
 *	0      valid                        valid
 *	1      table, or leaf of level 0    the same
 *	5:2    AttrIndx [4:2], NS 0         MemAttr
 *	7:6    AP[2:1]                      S2AP: write, read
 *	9:8    SH                           SH
 *	10     AF                           AF
 *	11     nG 1                         0
 *	15:12  64K granule: OA[51:48]       the same
 *	47:g   OA                           OA
 *	54:53  UXN, PXN                     XN (bit 54; 53 is 0)
 *
 * What a leaf says (D8.4, "Memory access control"; D8.6, "Memory region
 * attributes"):
 *
 *	HYP_IOMMU_     stage 1                    stage 2
 *	READ           AP 11                      S2AP 01
 *	WRITE          AP 01: also readable       S2AP 10
 *	READ | WRITE   AP 01                      S2AP 11
 *	NOEXEC         UXN and PXN                XN
 *	MMIO           MAIR 2, Device-nGnRE       Device-nGnRE
 *	CACHE          MAIR 1, Write-Back, IS     Write-Back, IS
 *	neither        MAIR 0, Non-cacheable, OS  Non-cacheable, OS
 *
 * MMIO with CACHE means nothing and is refused, as is a leaf with neither READ
 * nor WRITE.  AF is set unless HYP_PGT_HW_ACCESS.  HYP_PGT_SNOOP means nothing.
 *
 * A valid entry changes size only with HYP_PGT_REPLACE_OK, that is where
 * hardware has FEAT_BBM level 2 (D8.16, "Using break-before-make"); that
 * permissions may change in place is said there as well.
 */
#ifndef HYP_PGT_FMT_VMSA_H
#define HYP_PGT_FMT_VMSA_H

#include "pgtable/pgtable.h"

/*
 * ia_bits 25..48; 52 with the 64K granule.  oa_bits 32, 36, 40, 42, 44, 48; 52
 * with the 64K granule.  Stage 2: ia_bits <= oa_bits.
 */
extern const struct hyp_pgt_fmt hyp_pgt_vmsa_s1_4k;
extern const struct hyp_pgt_fmt hyp_pgt_vmsa_s1_16k;
extern const struct hyp_pgt_fmt hyp_pgt_vmsa_s1_64k;
extern const struct hyp_pgt_fmt hyp_pgt_vmsa_s2_4k;
extern const struct hyp_pgt_fmt hyp_pgt_vmsa_s2_16k;
extern const struct hyp_pgt_fmt hyp_pgt_vmsa_s2_64k;

/* What whoever points hardware at a table has to tell it; values of fields. */
struct hyp_pgt_vmsa_regs {
	u64 ttb;
	u64 mair;	/* stage 1 */
	u8 tsz;		/* T0SZ */
	u8 sl;		/* SL0, stage 2 */
	u8 tg;		/* TG0 */
	u8 ps;		/* PS, IPS */
	u8 sh;		/* of table walks: SH0, */
	u8 irgn;	/* IRGN0, */
	u8 orgn;	/* ORGN0 */
};

/** hyp_pgt_vmsa_regs() - @pgt is of one of the formats above */
void hyp_pgt_vmsa_regs(const struct hyp_pgt *pgt, struct hyp_pgt_vmsa_regs *regs);

#endif /* HYP_PGT_FMT_VMSA_H */
