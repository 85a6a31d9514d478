// SPDX-License-Identifier: GPL-2.0-only
/*
 * The floor: the least that a 4-level table can do.  It checks nothing, knows
 * one format, frees no table, tells nobody what it removed, and leaves
 * barriers to the caller, unless hardware does not snoop.
 */
#include <stddef.h>

#include "bench/bench.h"

#define PRESENT		3UL
#define LEAF		0x80UL
#define ADDRESS		0xffffffffff000UL

struct floor {
	unsigned long *root;
	_Bool noncoherent;
};

static struct floor the_one;

static unsigned long *table_of(unsigned long entry)
{
	return (unsigned long *)((entry & ADDRESS) + bench_phys_offset);
}

static unsigned int shift_of(unsigned int level)
{
	return 12 + 9 * level;
}

static void floor_sync(struct floor *f, const void *va, unsigned long size)
{
	if (!f->noncoherent)
		return;
	bench_clean(va, size);
#if defined(__x86_64__)
	__asm__ __volatile__("sfence" : : : "memory");
#else
	__asm__ __volatile__("dsb st" : : : "memory");
#endif
}

static void *floor_create(_Bool noncoherent)
{
	the_one.root = bench_alloc(BENCH_PAGE);
	the_one.noncoherent = noncoherent;
	return the_one.root ? &the_one : NULL;
}

static void floor_free(unsigned long *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; level && i < 512; i++)
		if (table[i] && !(table[i] & LEAF))
			floor_free(table_of(table[i]), level - 1);
	bench_free(table, BENCH_PAGE);
}

static void floor_destroy(void *table)
{
	floor_free(((struct floor *)table)->root, 3);
}

/* The entry of ia at @level, below tables that are there or are made. */
static unsigned long *floor_slot(struct floor *f, unsigned long ia, unsigned int level)
{
	unsigned long *table = f->root;
	unsigned int l;

	for (l = 3; l > level; l--) {
		unsigned long *slot = &table[ia >> shift_of(l) & 511];

		if (__builtin_expect(!*slot, 0)) {
			void *new = bench_alloc(BENCH_PAGE);

			floor_sync(f, new, BENCH_PAGE);
			*slot = ((unsigned long)new - bench_phys_offset) | PRESENT;
			floor_sync(f, slot, sizeof(*slot));
		}
		table = table_of(*slot);
	}
	return &table[ia >> shift_of(level) & 511];
}

/* Write @nr entries that begin with @entry. */
static void floor_fill(struct floor *f, unsigned long ia, unsigned long entry,
		       unsigned int leaf_lg2, unsigned long nr, unsigned long step)
{
	unsigned int level = (leaf_lg2 - 12) / 9;

	while (nr) {
		volatile unsigned long *slot = floor_slot(f, ia, level);
		unsigned long room = 512 - (ia >> leaf_lg2 & 511);
		unsigned long i, n = nr < room ? nr : room;

		for (i = 0; i < n; i++, entry += step)
			slot[i] = entry;
		floor_sync(f, (void *)slot, n * sizeof(*slot));
		ia += n << leaf_lg2;
		nr -= n;
	}
}

static unsigned long floor_map(void *table, unsigned long ia, unsigned long oa,
			       unsigned int leaf_lg2, unsigned long nr)
{
	floor_fill(table, ia, oa | PRESENT | (leaf_lg2 > 12 ? LEAF : 0), leaf_lg2, nr,
		   1UL << leaf_lg2);
	return nr;
}

static unsigned long floor_unmap(void *table, unsigned long ia, unsigned int leaf_lg2,
				 unsigned long nr)
{
	floor_fill(table, ia, 0, leaf_lg2, nr, 0);
	return nr;
}

static unsigned long floor_lookup(void *table, unsigned long ia)
{
	unsigned long entry = ((struct floor *)table)->root[ia >> 39 & 511];
	unsigned int level = 3;

	while (entry && level && !(entry & LEAF)) {
		level--;
		entry = table_of(entry)[ia >> shift_of(level) & 511];
	}
	return entry ? (entry & ADDRESS) + (ia & ((1UL << shift_of(level)) - 1)) : 0;
}

const struct bench_impl bench_floor = {
	"floor", floor_create, floor_destroy, floor_map, floor_unmap, floor_lookup
};
