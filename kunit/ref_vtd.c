// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second opinion on VT-d tables, see ref_walk.h: bit by bit from the
 * architecture specification, chapters 3 and 9.  Levels count from the leaf
 * and from 1 here, as they do there.  Processors' tables (AMD APM vol. 2, 5.3)
 * are first stages with other rules for bits 2 to 4 and 63.
 */
#include "kunit/ref_vtd.h"

#ifndef __KERNEL__
#include <stddef.h>
#endif

static u64 field(u64 val, unsigned int hi, unsigned int lo)
{
	return val << (63 - hi) >> (63 - hi) >> lo;
}

static bool bit(u64 val, unsigned int n)
{
	return val >> n & 1;
}

/* 0: there is no such thing */
static int levels(const struct ref_regs *regs)
{
	if (regs->stage == 2)
		return regs->aw >= 1 && regs->aw <= 3 ? regs->aw + 2 : 0;
	return regs->aw <= 1 ? regs->aw + 4 : 0;
}

static unsigned int low_bit(int level)
{
	return 12 + 9 * (level - 1);
}

u64 ref_vtd_root_size(const struct ref_regs *regs)
{
	return levels(regs) ? 4096 : 0;
}

static bool present(const struct ref_regs *regs, u64 d)
{
	return regs->stage == 2 ? bit(d, 0) || bit(d, 1) : bit(d, 0);
}

static bool is_leaf(u64 d, int level)
{
	return level == 1 || bit(d, 7);
}

static const char *decode_cpu_leaf(const struct ref_regs *regs, u64 d, struct ref_leaf *leaf)
{
	bool nested = regs->cpu == REF_CPU_NESTED;

	if (bit(d, 2) != nested)
		return "processor: user and supervisor";
	if (bit(d, 3) != bit(d, 4) || (bit(d, 3) && nested))
		return "processor: memory type";
	if (field(d, 11, 8) || !bit(d, 5) || !bit(d, 6))
		return "processor: accessed, dirty, global, or ignored bits";
	leaf->r = true;
	leaf->w = bit(d, 1);
	leaf->x = !bit(d, 63);
	leaf->type = bit(d, 4) ? REF_DEVICE : REF_WRITEBACK;
	leaf->af = true;
	return NULL;
}

static const char *decode_leaf(const struct ref_regs *regs, u64 d, int level,
			       struct ref_leaf *leaf)
{
	unsigned int low = low_bit(level);

	if (level > 3)
		return "a leaf at a level that has none";
	if (field(d, regs->cpu ? 62 : 63, 52))
		return "upper bits of a leaf";
	if (low > 12 && field(d, low - 1, 12))
		return "reserved low bits of a leaf's address";
	if (level == 1 && bit(d, 7))
		return "bit 7 of a page";
	leaf->size = 1ULL << low;
	leaf->oa = field(d, 51, low) << low;
	leaf->type = REF_OTHER;
	leaf->x = false;
	leaf->sh = 0;
	if (regs->cpu)
		return decode_cpu_leaf(regs, d, leaf);
	if (regs->stage == 2) {
		if (field(d, 6, 2) || field(d, 10, 8))
			return "second stage: reserved or ignored bits";
		if (bit(d, 11) && !regs->snoop_control)
			return "second stage: snoop without snoop control";
		leaf->r = bit(d, 0);
		leaf->w = bit(d, 1);
		leaf->sh = bit(d, 11);
		leaf->af = true;
		return NULL;
	}
	if (field(d, 4, 3) || field(d, 11, 8))
		return "first stage: memory type, global, or ignored bits";
	if (!bit(d, 2))
		return "first stage: a supervisor's leaf";
	if (bit(d, 5) != bit(d, 6))
		return "first stage: accessed and dirty differ";
	leaf->r = true;
	leaf->w = bit(d, 1);
	leaf->af = bit(d, 5);
	return NULL;
}

static const char *decode_table(const struct ref_regs *regs, u64 d, u64 *pa)
{
	bool own = regs->cpu == REF_CPU_OWN;

	*pa = field(d, 51, 12) << 12;
	if (!*pa)
		return "table at 0";
	if (field(d, 63, 52))
		return "upper bits of a table entry";
	if (!bit(d, 0) || !bit(d, 1))
		return "a table that takes permissions away";
	if (regs->stage == 2)
		return field(d, 11, 2) ? "second stage: bits of a table entry" : NULL;
	if (bit(d, 2) == own || field(d, 4, 3) || !bit(d, 5) || bit(d, 6) || field(d, 11, 8))
		return "first stage: bits of a table entry";
	return NULL;
}

enum ref_result ref_vtd_walk(const struct ref_regs *regs, u64 ia, struct ref_leaf *leaf)
{
	unsigned int width = levels(regs) * 9 + 12;
	u64 table = regs->ttb;
	int level;

	*leaf = (struct ref_leaf){ .why = NULL };
	if (!levels(regs) || regs->ttb % 4096) {
		leaf->why = "registers";
		return REF_BAD;
	}
	/* The first stage: canonical, of which we know the lower half only. */
	if (ia >> (regs->stage == 2 ? width : width - 1))
		return REF_TRANSLATION_FAULT;

	for (level = levels(regs);; level--) {
		u64 idx = field(ia, low_bit(level) + 8, low_bit(level));

		leaf->desc_pa = table + 8 * idx;
		leaf->desc = regs->read(leaf->desc_pa);
		if (!present(regs, leaf->desc)) {
			/* The first entry of an unlinked table is the pool's. */
			if (leaf->desc && (level == levels(regs) || idx)) {
				leaf->why = "not present, but not 0";
				return REF_BAD;
			}
			return REF_TRANSLATION_FAULT;
		}
		if (is_leaf(leaf->desc, level)) {
			leaf->why = decode_leaf(regs, leaf->desc, level, leaf);
			leaf->oa |= field(ia, low_bit(level) - 1, 0);
			return leaf->why ? REF_BAD : REF_OK;
		}
		leaf->why = decode_table(regs, leaf->desc, &table);
		if (leaf->why)
			return REF_BAD;
		leaf->table[leaf->tables++] = table;
	}
}

u64 ref_vtd_tables(const struct ref_regs *regs, void (*fn)(u64 pa, void *arg), void *arg,
		   const char **why)
{
	struct {
		u64 pa, next;
	} path[6];
	int top = levels(regs), level = top;
	struct ref_leaf leaf;
	u64 d, sum = 0;

	*why = NULL;
	path[level].pa = regs->ttb;
	path[level].next = 0;
	while (level <= top) {
		const char *wrong = NULL;

		if (path[level].next == 512) {
			level++;
			continue;
		}
		d = regs->read(path[level].pa + 8 * path[level].next++);
		if (!present(regs, d)) {
			wrong = d ? "not present, but not 0" : NULL;
		} else if (is_leaf(d, level)) {
			wrong = decode_leaf(regs, d, level, &leaf);
		} else {
			wrong = decode_table(regs, d, &path[level - 1].pa);
			if (!wrong) {
				level--;
				path[level].next = 0;
				sum++;
				if (fn)
					fn(path[level].pa, arg);
			}
		}
		if (wrong)
			*why = wrong;
	}
	return sum;
}
