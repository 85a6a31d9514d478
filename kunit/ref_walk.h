/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second opinion on tables: translates one address the slow way, bit by bit
 * from descriptors.  VMSAv8-64 the way the Arm manual (DDI 0487, D8) tells it,
 * where levels count from the root; VT-d, and processors of x86, are in
 * ref_vtd.c.  Shares nothing with pgtable/.
 */
#ifndef HYP_IOMMU_KUNIT_REF_WALK_H
#define HYP_IOMMU_KUNIT_REF_WALK_H

#include <hyp_iommu/types.h>

/* What hardware is told; field values as in STE, CD and TCR. */
struct ref_regs {
	unsigned int stage;	/* 1 or 2 */
	u64 ttb;
	u64 mair;		/* stage 1 */
	unsigned int t0sz, tg0, ps;
	unsigned int sl0;	/* stage 2 */
	bool vtd;		/* VT-d: stage, ttb, and these */
	enum ref_cpu { REF_NO_CPU, REF_CPU_OWN, REF_CPU_NESTED } cpu; /* with vtd: a processor's */
	unsigned int aw;	/* AW, or FSPM */
	bool snoop_control;
	u64 (*read)(u64 pa);	/* 8 bytes, as hardware sees them */
};

enum ref_result {
	REF_OK,
	REF_TRANSLATION_FAULT,	/* not mapped, or ia out of range */
	REF_BAD,		/* ref_leaf.why: what no correct table contains */
};

enum ref_type { REF_DEVICE, REF_NONCACHEABLE, REF_WRITEBACK, REF_OTHER };

struct ref_leaf {
	u64 oa;			/* of the address asked for */
	u64 size;
	bool r, w, x;
	enum ref_type type;
	unsigned int sh;	/* VT-d: snoop */
	bool af;
	u64 desc;
	u64 desc_pa;
	unsigned int tables;	/* seen on the way, but for the root */
	u64 table[5];
	const char *why;
};

enum ref_result ref_walk(const struct ref_regs *regs, u64 ia, struct ref_leaf *leaf);

/* Bytes of the root; 0: the registers contradict each other. */
u64 ref_root_size(const struct ref_regs *regs);
u64 ref_granule(const struct ref_regs *regs);

/*
 * Call @fn for each table but the root that can be reached, and check that
 * each entry is 0 or makes sense.  Return: how many tables; *why: NULL, or
 * what is wrong.
 */
u64 ref_tables(const struct ref_regs *regs, void (*fn)(u64 pa, void *arg), void *arg,
	       const char **why);

#endif /* HYP_IOMMU_KUNIT_REF_WALK_H */
