/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stream table entries and context descriptors: what goes into them, and how
 * one is changed while hardware may be reading it.  Arm IHI 0070, chapter 5.
 */
#ifndef HYP_SMMUV3_STE_H
#define HYP_SMMUV3_STE_H

#include "pgtable/pgtable.h"

#define SMMU_ENTRY_WORDS	8

/* An STE or a CD: both are 64 bytes, and their V is in word 0. */
struct hyp_smmuv3_entry {
	u64 w[SMMU_ENTRY_WORDS];
};

/* 5.1: level 1 stream table descriptor */
#define L1STD_SPAN		GENMASK_ULL(4, 0)
#define L1STD_L2PTR		GENMASK_ULL(51, 6)

/* 5.2: stream table entry */
#define STE0_V			BIT_ULL(0)
#define STE0_CONFIG		GENMASK_ULL(3, 1)
#define STE0_CONFIG_S1		5
#define STE0_CONFIG_S2		6
#define STE0_S1CONTEXTPTR	GENMASK_ULL(51, 6)

#define STE1_S1CIR		GENMASK_ULL(3, 2)
#define STE1_S1COR		GENMASK_ULL(5, 4)
#define STE1_S1CSH		GENMASK_ULL(7, 6)
#define STE1_MEV		BIT_ULL(19)
#define STE1_S1STALLD		BIT_ULL(27)
#define STE1_SHCFG		GENMASK_ULL(45, 44)
#define STE1_SHCFG_INCOMING	1

#define STE2_S2VMID		GENMASK_ULL(15, 0)
#define STE2_S2T0SZ		GENMASK_ULL(37, 32)
#define STE2_S2SL0		GENMASK_ULL(39, 38)
#define STE2_S2IR0		GENMASK_ULL(41, 40)
#define STE2_S2OR0		GENMASK_ULL(43, 42)
#define STE2_S2SH0		GENMASK_ULL(45, 44)
#define STE2_S2TG		GENMASK_ULL(47, 46)
#define STE2_S2PS		GENMASK_ULL(50, 48)
#define STE2_S2AA64		BIT_ULL(51)
#define STE2_S2PTW		BIT_ULL(54)
#define STE2_S2R		BIT_ULL(58)

#define STE3_S2TTB		GENMASK_ULL(51, 4)

/* 5.4: context descriptor */
#define CD0_T0SZ		GENMASK_ULL(5, 0)
#define CD0_TG0			GENMASK_ULL(7, 6)
#define CD0_IR0			GENMASK_ULL(9, 8)
#define CD0_OR0			GENMASK_ULL(11, 10)
#define CD0_SH0			GENMASK_ULL(13, 12)
#define CD0_EPD1		BIT_ULL(30)
#define CD0_V			BIT_ULL(31)
#define CD0_IPS			GENMASK_ULL(34, 32)
#define CD0_AA64		BIT_ULL(41)
#define CD0_R			BIT_ULL(45)
#define CD0_A			BIT_ULL(46)
#define CD0_ASET		BIT_ULL(47)
#define CD0_ASID		GENMASK_ULL(63, 48)

#define CD1_TTB0		GENMASK_ULL(51, 4)
/* word 3 is MAIR0 and MAIR1 */

/* What an entry needs to know about its unit. */
struct hyp_smmuv3_ste_cfg {
	bool coherent;		/* CDs can be fetched from caches */
	bool can_stall;		/* STE.S1STALLD is not RES0 */
};

/**
 * hyp_smmuv3_ste_s2() - the entry of an endpoint with a stage 2 table
 * @pgt: the table; of a VMSAv8-64 stage 2 format
 * @vmid: not 0, which is stage 1's
 */
struct hyp_smmuv3_entry hyp_smmuv3_ste_s2(const struct hyp_pgt *pgt, u16 vmid);

/**
 * hyp_smmuv3_ste_s1() - the entry of an endpoint with a stage 1 table
 * @cfg: the unit
 * @cd_pa: where its only CD is
 */
struct hyp_smmuv3_entry hyp_smmuv3_ste_s1(const struct hyp_smmuv3_ste_cfg *cfg, u64 cd_pa);

/**
 * hyp_smmuv3_cd() - the context descriptor of a stage 1 table
 * @pgt: the table; of a VMSAv8-64 stage 1 format
 * @asid: its ASID
 */
struct hyp_smmuv3_entry hyp_smmuv3_cd(const struct hyp_pgt *pgt, u16 asid);

/* How an entry is written. */
struct hyp_smmuv3_writer {
	u64 valid;		/* STE0_V or CD0_V */
	bool noncoherent;
	/*
	 * Drop cached copies of the entry, and wait; it is in memory.
	 * Return: 0, or -EIO.  NULL: hardware cannot reach the entry.
	 */
	int (*sync)(void *arg);
	void *arg;
};

/**
 * hyp_smmuv3_entry_write() - change an entry that hardware may read
 * @entry: in the table
 * @to: its new content
 * @writer: how
 *
 * Whenever hardware looks it finds the old entry, the new one, or one with
 * V = 0, and never a mixture.  0 syncs if nothing changes or nothing is valid,
 * 1 if one word changes or the new entry is not valid, 2 if the old one was
 * not, 3 otherwise.
 *
 * Return: 0; -EIO: @entry is not valid, but what is cached of it may be.
 */
int hyp_smmuv3_entry_write(struct hyp_smmuv3_entry *entry, const struct hyp_smmuv3_entry *to,
			   const struct hyp_smmuv3_writer *writer);

#endif /* HYP_SMMUV3_STE_H */
