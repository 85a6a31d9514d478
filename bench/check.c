// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do all implementations come to the same translations?  The same random maps
 * and unmaps for each, and after each of them lookups, compared with a plain
 * array.  Whether they are fast is no question for a test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

#define IA		(3UL << 30)
#define NR_PAGES	4096UL		/* of 4K from IA on */
#define NR_BLOCKS	8UL		/* of 2M behind them, and from BLOCKS on */
#define BLOCKS		(IA + (1UL << 30))
#define STEPS		4000

/* What is mapped: output addresses; 0: nothing. */
static unsigned long page[NR_PAGES], block[NR_BLOCKS];

static unsigned int state;

static unsigned int rnd(unsigned int below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

static unsigned long expected(unsigned long ia)
{
	unsigned long *map = ia < BLOCKS ? page : block;
	unsigned int lg2 = ia < BLOCKS ? 12 : 21;
	unsigned long oa = map[(ia - (ia < BLOCKS ? IA : BLOCKS)) >> lg2];

	return oa ? oa + (ia & ((1UL << lg2) - 1)) : 0;
}

/* Does every page translate as it should?  Return: how many do not. */
static unsigned int compare(const struct bench_impl *impl, void *table, unsigned int step)
{
	unsigned long i, ia, got;
	unsigned int wrong = 0;

	for (i = 0; i < 64; i++) {
		ia = i % 4 ? IA + rnd(NR_PAGES << 12) : BLOCKS + rnd(NR_BLOCKS << 21);
		got = impl->lookup(table, ia);
		if (got == expected(ia))
			continue;
		if (!wrong++)
			printf("%s: step %u: %lx maps to %lx, not %lx\n", impl->name, step,
			       ia, got, expected(ia));
	}
	return wrong;
}

/* Map or unmap a run of pages or blocks that all are in the same state. */
static unsigned int do_step(const struct bench_impl *impl, void *table, unsigned int step)
{
	_Bool blocks = !rnd(8);
	unsigned long *map = blocks ? block : page;
	unsigned int lg2 = blocks ? 21 : 12;
	unsigned long max = blocks ? NR_BLOCKS : NR_PAGES;
	unsigned long first = rnd(max), want = rnd(2) ? max : 1UL << rnd(10), nr = 0;
	unsigned long ia, done, i, oa;

	/* Half of the time all that is in this state, so that whole tables come and go. */
	while (want == max && first && !map[first - 1] == !map[first])
		first--;
	ia = (blocks ? BLOCKS : IA) + (first << lg2);
	while (nr < want && first + nr < max && !map[first + nr] == !map[first])
		nr++;
	if (map[first]) {
		done = impl->unmap(table, ia, lg2, nr);
		memset(&map[first], 0, nr * sizeof(*map));
	} else {
		/* Never aligned to the next bigger leaf: its size is the one that is asked for. */
		oa = BENCH_OA + ((unsigned long)rnd(blocks ? 128 : 65536) << lg2);
		if (!((ia ^ oa) >> lg2 & 1))
			oa += 1UL << lg2;
		done = impl->map(table, ia, oa, lg2, nr);
		for (i = 0; i < nr; i++)
			map[first + i] = oa + (i << lg2);
	}
	if (done == nr)
		return 0;
	printf("%s: step %u: %lu of %lu leaves at %lx\n", impl->name, step, done, nr, ia);
	return 1;
}

static unsigned int check_one(const struct bench_impl *impl, unsigned int seed, _Bool noncoherent)
{
	unsigned long used = bench_pages_used();
	void *table = impl->create(noncoherent);
	unsigned int step, wrong = 0;

	if (!table) {
		printf("%s: no table\n", impl->name);
		return 1;
	}
	state = seed;
	memset(page, 0, sizeof(page));
	memset(block, 0, sizeof(block));
	for (step = 0; step < STEPS && !wrong; step++)
		wrong = do_step(impl, table, step) + compare(impl, table, step);
	impl->destroy(table);
	if (bench_pages_used() != used) {
		printf("%s: %lu pages lost\n", impl->name, bench_pages_used() - used);
		wrong++;
	}
	return wrong;
}

/* ---- one that is wrong: forgets to clear the last of 512 leaves ---- */

static const struct bench_impl *right;

static unsigned long wrong_unmap(void *table, unsigned long ia, unsigned int leaf_lg2,
				 unsigned long nr)
{
	if (nr < 512)
		return right->unmap(table, ia, leaf_lg2, nr);
	return right->unmap(table, ia, leaf_lg2, nr - 1) + 1;
}

int bench_check(const struct bench_impl *impl, const char *compiler, unsigned int seed,
		_Bool wrong);

/* Return: 1 if @impl did something wrong, as it will if it is made @wrong. */
int bench_check(const struct bench_impl *impl, const char *compiler, unsigned int seed,
		_Bool wrong)
{
	struct bench_impl copy = *impl;

	if (wrong) {
		right = impl;
		copy.unmap = wrong_unmap;
	}
	if (!check_one(&copy, seed, 0) && !check_one(&copy, seed, 1))
		return 0;
	printf("not ok %s, compiled by %s\n", impl->name, compiler);
	return 1;
}
