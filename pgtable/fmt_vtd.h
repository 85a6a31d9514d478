/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Paging structures of Intel VT-d, second stage and first stage.  Sections are
 * those of the architecture specification (D51397), revision 4.
 *
 * Levels (3.6, 3.7): all tables are 4 KiB of 512 entries, roots as well.
 *
 *	here          0     1     2     3            4
 *	leaf          4K    2M    1G    table only   table only
 *
 *	second stage  ia_bits 31..39: 3 levels, 40..48: 4, 49..57: 5
 *	first stage   ia_bits 39..47: 4 levels, 48..56: 5
 *
 * The first stage sign-extends: addresses with the highest bit of 48 (57) set
 * mean the end of the 64-bit space, and hardware refuses those in between.
 * Only the lower half is offered, so that an input address is what it looks
 * like; whoever needs 48 bits has the second stage.
 *
 * Entries (9.8, 9.9):
 *
 *	bit    first stage                  second stage
 *	0      present                      read
 *	1      write                        write
 *	2      user: all requests are       0
 *	5, 6   accessed, dirty              0
 *	7      leaf of level 1 or 2         the same
 *	11     0                            snoop, with HYP_PGT_SNOOP
 *	51:12  OA                           OA
 *
 * The second stage has no present bit: an entry that allows neither reads nor
 * writes is none, and so is 0.
 *
 * What a leaf says:
 *
 *	HYP_IOMMU_     first stage          second stage
 *	READ           present              read
 *	WRITE          write: also readable write
 *	NOEXEC         nothing: no request may execute anyway
 *	MMIO, CACHE    nothing: memory types are the CPU's, snooping is below
 *
 * MMIO with CACHE contradict each other and are refused, as by other formats;
 * so is a leaf with neither READ nor WRITE.
 *
 * With HYP_PGT_SNOOP, every access through a second stage leaf snoops caches,
 * whatever the endpoint says.  The bit is reserved where the unit has no snoop
 * control.  The first stage has none: its PASID table entry decides.
 *
 * Accessed and dirty are set in advance, so that hardware, which may not snoop
 * either, never writes to a table; with HYP_PGT_HW_ACCESS they begin as 0.
 *
 * Hardware may use an entry in its old or its new form until it is told to
 * forget it, also if the size changes: HYP_PGT_REPLACE_OK can always be set.
 */
#ifndef HYP_PGT_FMT_VTD_H
#define HYP_PGT_FMT_VTD_H

#include "pgtable/pgtable.h"

/* oa_bits 32..52 */
extern const struct hyp_pgt_fmt hyp_pgt_vtd_fs;
extern const struct hyp_pgt_fmt hyp_pgt_vtd_ss;

/* What whoever points hardware at a table has to tell it; values of fields. */
struct hyp_pgt_vtd_regs {
	u64 root;
	u8 aw;		/* AW of the second stage: levels - 2; FSPM of the first: levels - 4 */
};

/** hyp_pgt_vtd_regs() - @pgt is of one of the formats above */
void hyp_pgt_vtd_regs(const struct hyp_pgt *pgt, struct hyp_pgt_vtd_regs *regs);

#endif /* HYP_PGT_FMT_VTD_H */
