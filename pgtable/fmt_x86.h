/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Paging structures of x86-64 processors: a hypervisor's own, and AMD's nested paging (AMD APM
 * vol. 2, 5.3 and 15.25), which has the same entries.
 *
 *	here          0     1     2     3            4
 *	leaf          4K    2M    1G    table only   table only
 *	ia_bits 39..47: 4 levels, 48..56: 5
 *
 * Entries:
 *
 *	bit    own                          nested
 *	0      present                      the same
 *	1      write                        the same
 *	2      0: supervisor                1: every access of a guest is a user's (15.25.5)
 *	3, 4   write-through, no caching:   0: the guest's tables decide
 *	       both with HYP_IOMMU_MMIO
 *	5, 6   accessed, dirty: set in advance, so that processors never write to a table
 *	7      leaf of level 1 or 2         the same
 *	51:12  OA                           the same
 *	63     HYP_IOMMU_NOEXEC             the same
 *
 * A leaf is always readable.  Whatever processors have cached of an entry they may go on using
 * until they are told to forget it, also if its size changes: HYP_PGT_REPLACE_OK can always be set.
 */
#ifndef HYP_PGT_FMT_X86_H
#define HYP_PGT_FMT_X86_H

#include "pgtable/pgtable.h"

/* oa_bits 32..52 */
extern const struct hyp_pgt_fmt hyp_pgt_x86_own;
extern const struct hyp_pgt_fmt hyp_pgt_x86_nested;

#endif /* HYP_PGT_FMT_X86_H */
