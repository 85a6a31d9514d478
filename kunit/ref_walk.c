// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reference walker, see ref_walk.h.  Slow and literal on purpose.
 */
#include "kunit/ref_vtd.h"

#ifndef __KERNEL__
#include <stddef.h>
#endif

static u64 bits(u64 val, unsigned int hi, unsigned int lo)
{
	u64 out = 0;
	unsigned int i;

	for (i = lo; i <= hi; i++)
		if (val >> i & 1)
			out |= 1ULL << (i - lo);
	return out;
}

/* log2 of the granule, by TG0. */
static unsigned int granule(const struct ref_regs *regs)
{
	switch (regs->tg0) {
	case 0:
		return 12;
	case 1:
		return 16;
	case 2:
		return 14;
	}
	return 0;
}

static unsigned int pa_bits(const struct ref_regs *regs)
{
	switch (regs->ps) {
	case 0:
		return 32;
	case 1:
		return 36;
	case 2:
		return 40;
	case 3:
		return 42;
	case 4:
		return 44;
	case 5:
		return 48;
	case 6:
		return 52;
	}
	return 0;
}

/* The lowest bit of ia that selects an entry of this level. */
static unsigned int low_bit(unsigned int g, int level)
{
	unsigned int low = g;

	for (; level < 3; level++)
		low += g - 3;
	return low;
}

/* Where the walk begins; -1: there is no such thing. */
static int start_level(const struct ref_regs *regs)
{
	static const int sl0_4k[] = { 2, 1, 0 };
	static const int sl0_other[] = { 3, 2, 1 };
	unsigned int g = granule(regs), ia_bits = 64 - regs->t0sz;
	int level;

	if (!g || ia_bits > (g == 16 ? 52 : 48) || regs->t0sz > 39)
		return -1;
	if (regs->stage == 2) {
		if (regs->sl0 > 2)
			return -1;
		return g == 12 ? sl0_4k[regs->sl0] : sl0_other[regs->sl0];
	}
	/* The last level at which one table is enough. */
	for (level = 3; level > 0; level--)
		if (ia_bits <= low_bit(g, level) + g - 3)
			return level;
	return ia_bits <= low_bit(g, 0) + g - 3 ? 0 : -1;
}

u64 ref_granule(const struct ref_regs *regs)
{
	if (regs->vtd)
		return 4096;
	return 1ULL << granule(regs);
}

u64 ref_root_size(const struct ref_regs *regs)
{
	unsigned int g = granule(regs), ia_bits = 64 - regs->t0sz, low;
	int level = start_level(regs);
	u64 size;

	if (regs->vtd)
		return ref_vtd_root_size(regs);
	if (level < 0 || !pa_bits(regs))
		return 0;
	low = low_bit(g, level);
	/* At least one bit to index with; stage 2: not more than 16 tables. */
	if (ia_bits <= low || ia_bits > low + g - 3 + (regs->stage == 2 ? 4 : 0))
		return 0;
	if (regs->stage == 2) {
		if (ia_bits > pa_bits(regs))
			return 0;
		/* D8.2: what the initial lookup level may be, by size of PA. */
		if (g == 12 && level == 0 && pa_bits(regs) < 44)
			return 0;
		if (g == 14 && level == 1 && pa_bits(regs) < 42)
			return 0;
		if (g == 16 && level == 1 && pa_bits(regs) < 44)
			return 0;
	}
	size = 8ULL << (ia_bits - low);
	return size < 64 ? 64 : size;
}

static u64 address(unsigned int g, u64 desc, unsigned int low)
{
	u64 pa = bits(desc, 47, low) << low;

	if (g == 16)
		pa |= bits(desc, 15, 12) << 48;
	return pa;
}

static bool block_allowed(const struct ref_regs *regs, unsigned int g, int level)
{
	if (level == 3 || level == 2)
		return true;
	if (level == 1)
		return g == 12 || (g == 16 && pa_bits(regs) == 52);
	return false;
}

static bool too_big(const struct ref_regs *regs, u64 pa)
{
	return pa >> pa_bits(regs);
}

/* Everything about a leaf that can be wrong without ia. */
static const char *decode_leaf(const struct ref_regs *regs, int level, struct ref_leaf *leaf)
{
	unsigned int g = granule(regs), low = low_bit(g, level), attr;
	u64 d = leaf->desc;

	if (!block_allowed(regs, g, level))
		return "block at a level that has none";
	leaf->size = 1ULL << low;
	leaf->oa = address(g, d, low);
	if (too_big(regs, leaf->oa))
		return "output address beyond PS";
	if (bits(d, low - 1, g == 16 ? 16 : 12) && low > 16)
		return "reserved low bits of a block's address";
	if (g == 14 && bits(d, 13, 12))
		return "reserved bits 13:12";
	if (g != 16 && level == 3 && bits(d, g - 1, 12))
		return "reserved low bits of a page's address";
	if (bits(d, 63, 55) || bits(d, 52, 48))
		return "upper bits";
	leaf->sh = bits(d, 9, 8);
	leaf->af = bits(d, 10, 10);
	if (leaf->sh == 1)
		return "reserved shareability";
	if (regs->stage == 1) {
		if (!bits(d, 11, 11))
			return "a global leaf";
		if (bits(d, 5, 5) || !bits(d, 6, 6))
			return "NS, or no unprivileged access";
		leaf->r = true;
		leaf->w = !bits(d, 7, 7);
		if (bits(d, 54, 54) != bits(d, 53, 53))
			return "UXN and PXN differ";
		leaf->x = !bits(d, 54, 54);
		attr = bits(regs->mair, 8 * bits(d, 4, 2) + 7, 8 * bits(d, 4, 2));
		leaf->type = attr == 0x04 ? REF_DEVICE : attr == 0x44 ? REF_NONCACHEABLE :
			     attr == 0xff ? REF_WRITEBACK : REF_OTHER;
	} else {
		if (bits(d, 11, 11) || bits(d, 53, 53))
			return "stage 2 bits 11, 53";
		leaf->r = bits(d, 6, 6);
		leaf->w = bits(d, 7, 7);
		leaf->x = !bits(d, 54, 54);
		attr = bits(d, 5, 2);
		leaf->type = attr == 1 ? REF_DEVICE : attr == 5 ? REF_NONCACHEABLE :
			     attr == 15 ? REF_WRITEBACK : REF_OTHER;
	}
	return NULL;
}

static const char *decode_table(const struct ref_regs *regs, u64 d, u64 *pa)
{
	unsigned int g = granule(regs);

	*pa = address(g, d, g);
	if (too_big(regs, *pa))
		return "table beyond PS";
	if (!*pa)
		return "table at 0";
	if (bits(d, 63, 52) || bits(d, 51, 48) || bits(d, 11, 2))
		return "attributes in a table descriptor";
	if (g == 14 && bits(d, 13, 12))
		return "reserved bits 13:12 of a table descriptor";
	return NULL;
}

/* 0: invalid, 1: leaf, 2: table */
static int kind(u64 d, int level)
{
	if (!(d & 1))
		return 0;
	if (level == 3)
		return 1;
	return d & 2 ? 2 : 1;
}

enum ref_result ref_walk(const struct ref_regs *regs, u64 ia, struct ref_leaf *leaf)
{
	unsigned int g = granule(regs), ia_bits = 64 - regs->t0sz;
	u64 table = regs->ttb;
	int level = start_level(regs);
	bool first = true;

	if (regs->vtd)
		return ref_vtd_walk(regs, ia, leaf);
	*leaf = (struct ref_leaf){ .why = NULL };
	if (!ref_root_size(regs)) {
		leaf->why = "registers";
		return REF_BAD;
	}
	if (regs->ttb % ref_root_size(regs)) {
		leaf->why = "alignment of the root";
		return REF_BAD;
	}
	if (ia_bits < 64 && ia >> ia_bits)
		return REF_TRANSLATION_FAULT;

	for (;; level++, first = false) {
		unsigned int low = low_bit(g, level);
		u64 idx = bits(ia, first ? ia_bits - 1 : low + g - 4, low);

		leaf->desc_pa = table + 8 * idx;
		leaf->desc = regs->read(leaf->desc_pa);
		switch (kind(leaf->desc, level)) {
		case 0:
			if (leaf->desc && !first && idx) {
				leaf->why = "invalid, but not 0";
				return REF_BAD;
			}
			return REF_TRANSLATION_FAULT;
		case 1:
			if (level == 3 && !(leaf->desc & 2)) {
				leaf->why = "block at level 3";
				return REF_BAD;
			}
			leaf->why = decode_leaf(regs, level, leaf);
			leaf->oa |= bits(ia, low - 1, 0);
			return leaf->why ? REF_BAD : REF_OK;
		}
		leaf->why = decode_table(regs, leaf->desc, &table);
		if (leaf->why)
			return REF_BAD;
		leaf->table[leaf->tables++] = table;
	}
}

u64 ref_tables(const struct ref_regs *regs, void (*fn)(u64 pa, void *arg), void *arg,
	       const char **why)
{
	struct {
		u64 pa, next, entries;
	} path[4];
	unsigned int g = granule(regs);
	int first = start_level(regs), level = first;
	struct ref_leaf leaf;
	u64 sum = 0;

	if (regs->vtd)
		return ref_vtd_tables(regs, fn, arg, why);
	*why = NULL;
	path[level].pa = regs->ttb;
	path[level].next = 0;
	path[level].entries = 1ULL << (64 - regs->t0sz - low_bit(g, level));
	while (level >= first) {
		u64 pa = path[level].pa + 8 * path[level].next;

		if (path[level].next++ == path[level].entries) {
			level--;
			continue;
		}
		leaf.desc = regs->read(pa);
		switch (kind(leaf.desc, level)) {
		case 0:
			if (leaf.desc)
				*why = "invalid, but not 0";
			break;
		case 1:
			if (level == 3 && !(leaf.desc & 2))
				*why = "block at level 3";
			else if (decode_leaf(regs, level, &leaf))
				*why = decode_leaf(regs, level, &leaf);
			break;
		case 2:
			level++;
			path[level].next = 0;
			path[level].entries = 1ULL << (g - 3);
			if (decode_table(regs, leaf.desc, &path[level].pa)) {
				*why = decode_table(regs, leaf.desc, &path[level].pa);
				level--;
				break;
			}
			sum++;
			if (fn)
				fn(path[level].pa, arg);
		}
	}
	return sum;
}
