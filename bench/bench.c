// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables side by side.
 *
 *   bench [-q] [-r <row>] [-i <implementation>]	time them; -q: few repetitions
 *   bench --list		the names of the rows
 *   bench --check [seed]	do all of them come to the same translations?
 *   bench --check --break	... one of which is wrong
 *
 * A row is many rounds, in each of which every implementation maps a number of
 * pieces and unmaps them, in turns of a few rounds; only the shortest round of
 * each counts.  What others do on the machine makes rounds longer, never
 * shorter.  Prints "<row>",<operation>,<implementation>,<compiler>,<value>; the
 * unit is nanoseconds per call, or per page where the row's name says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"

#define K4	12
#define M2	21
#define G1	30
#define IA	(1UL << 40)

extern bench_list bench_impls_gcc, bench_impls_clang;

#define MAX_IMPLS	32

/* Those that were asked for. */
static struct {
	const struct bench_impl *impl;
	const char *compiler;
} chosen[MAX_IMPLS];

static unsigned int nr_chosen;

static void choose(bench_list list, const char *compiler, const char *only)
{
	for (; *list; list++) {
		if (only && !strstr((*list)->name, only))
			continue;
		if (nr_chosen == MAX_IMPLS)
			bench_warn(__FILE__, __LINE__);
		chosen[nr_chosen].impl = *list;
		chosen[nr_chosen++].compiler = compiler;
	}
}

static void print(const char *row, unsigned int i, const char *op, double value)
{
	printf("\"%s\",%s,%s,%s,%.3f\n", row, op, chosen[i].impl->name, chosen[i].compiler,
	       value);
}

struct row {
	const char *name;
	unsigned int leaf_lg2;
	unsigned long nr;	/* leaves per call */
	unsigned long calls;	/* per round */
	unsigned long stride;	/* from call to call; 0: nr leaves */
	unsigned int rounds;
	_Bool noncoherent;
	_Bool fresh;		/* a new table each round */
	_Bool scattered;	/* mapped page by page, unmapped in one call */
	_Bool per_leaf;		/* values are per leaf */
};

static const struct row rows[] = {
	{ "4K x1", K4, 1, 512, .rounds = 120 },
	{ "4K x1, 4096 leaf tables", K4, 1, 4096, .stride = 1UL << M2, .rounds = 24 },
	{ "4K x16", K4, 16, 256, .rounds = 60 },
	{ "4K x256", K4, 256, 32, .rounds = 60 },
	{ "4K x512", K4, 512, 32, .rounds = 60 },
	{ "2M x1", M2, 1, 512, .rounds = 120 },
	{ "2M x512", M2, 512, 8, .rounds = 40 },
	{ "1G x1", G1, 1, 32, .rounds = 20 },
	{ "1 GiB of 4K, a call per page (per page)", K4, 1, 262144, .rounds = 8, .fresh = 1 },
	{ "1 GiB of 4K, fresh table (per page)", K4, 262144, 1, .rounds = 24, .fresh = 1,
	  .per_leaf = 1 },
	{ "1 GiB of 4K, again (per page)", K4, 262144, 1, .rounds = 36, .per_leaf = 1 },
	{ "256 scattered 4K (per page)", K4, 256, 32, .rounds = 60, .scattered = 1, .per_leaf = 1 },
	{ "4K x1, no snoop", K4, 1, 512, .rounds = 24, .noncoherent = 1 },
	{ "4K x16, no snoop", K4, 16, 256, .rounds = 24, .noncoherent = 1 },
	{ "4K x256, no snoop", K4, 256, 32, .rounds = 24, .noncoherent = 1 },
	{ "4K x512, no snoop", K4, 512, 32, .rounds = 24, .noncoherent = 1 },
	{ "2M x1, no snoop", M2, 1, 512, .rounds = 24, .noncoherent = 1 },
	{ "1 GiB of 4K, no snoop (per page)", K4, 262144, 1, .rounds = 8, .noncoherent = 1,
	  .fresh = 1, .per_leaf = 1 },
};

#define NR_ROWS	(sizeof(rows) / sizeof(rows[0]))

enum { MAP, UNMAP, NR_OPS };

static const char *const op_names[NR_OPS] = { "map", "unmap" };

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void must(_Bool ok, const struct bench_impl *impl, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s failed\n", impl->name, what);
	exit(2);
}

static void *create(const struct bench_impl *impl, _Bool noncoherent)
{
	void *table = impl->create(noncoherent);

	must(table, impl, "create");
	return table;
}

/* Not aligned to the next bigger leaf, so that leaves are of the size that is meant. */
static unsigned long row_oa(const struct row *row)
{
	return BENCH_OA + (row->leaf_lg2 == G1 ? 0 : 1UL << row->leaf_lg2);
}

/* Page i of a walk through memory that never meets a neighbour. */
static unsigned long scattered_oa(unsigned long i)
{
	return BENCH_OA + ((i * 0x9e370001UL) & 0x3ffff) * BENCH_PAGE;
}

/* One round.  The best times so far are improved. */
static void run_round(const struct bench_impl *impl, void *table, const struct row *row,
		      double best[NR_OPS])
{
	unsigned long stride = row->stride ? row->stride : row->nr << row->leaf_lg2;
	unsigned long span = row->nr << row->leaf_lg2;
	unsigned long oa = row_oa(row);
	unsigned long window = BENCH_OA_SIZE - (oa - BENCH_OA);
	unsigned long i, offset = 0, done = 0;
	double t0, t1, t2;

	t0 = now();
	if (row->scattered) {
		for (i = 0; i < row->calls * row->nr; i++)
			done += impl->map(table, IA + (i << row->leaf_lg2), scattered_oa(i),
					  row->leaf_lg2, 1);
	} else {
		for (i = 0; i < row->calls; i++) {
			done += impl->map(table, IA + i * stride, oa + offset, row->leaf_lg2,
					  row->nr);
			offset += span;
			if (offset + span > window)
				offset = 0;
		}
	}
	t1 = now();
	must(done == row->calls * row->nr, impl, "map");
	for (done = 0, i = 0; i < row->calls; i++)
		done += impl->unmap(table, IA + i * stride, row->leaf_lg2, row->nr);
	t2 = now();
	must(done == row->calls * row->nr, impl, "unmap");
	if (best[MAP] == 0 || t1 - t0 < best[MAP])
		best[MAP] = t1 - t0;
	if (best[UNMAP] == 0 || t2 - t1 < best[UNMAP])
		best[UNMAP] = t2 - t1;
}

#define TURN	4	/* rounds in a row; the first one warms up caches */

static void run_row(const struct row *row, _Bool quick)
{
	unsigned int rounds = quick ? TURN : row->rounds;
	double best[MAX_IMPLS][NR_OPS] = { 0 };
	unsigned int i, j, op;

	for (j = 0; j < rounds; j += TURN) {
		for (i = 0; i < nr_chosen; i++) {
			const struct bench_impl *impl = chosen[i].impl;
			void *table = create(impl, row->noncoherent);
			unsigned int r;

			for (r = 0; r < TURN; r++) {
				if (r && row->fresh) {
					impl->destroy(table);
					table = create(impl, row->noncoherent);
				}
				run_round(impl, table, row, best[i]);
			}
			impl->destroy(table);
		}
	}
	for (i = 0; i < nr_chosen; i++)
		for (op = 0; op < NR_OPS; op++)
			print(row->name, i, op_names[op],
			      best[i][op] / row->calls / (row->per_leaf ? row->nr : 1));
}

/* ---- lookups ---- */

#define LOOKUPS		4096

static const struct {
	const char *name;
	unsigned int leaf_lg2;
	_Bool spread;
} lookups[] = {
	{ "lookup at random, 1 GiB of 4K", K4, 1 },
	{ "lookup at random, 1 GiB of 2M", M2, 1 },
	{ "lookup of one page again", K4, 0 },
};

#define NR_LOOKUPS	(sizeof(lookups) / sizeof(lookups[0]))

static void time_lookups(const struct bench_impl *impl, const unsigned long ia[LOOKUPS],
			 unsigned int leaf_lg2, unsigned int rounds, double *best)
{
	unsigned long nr = 1UL << (G1 - leaf_lg2), oa = BENCH_OA + (1UL << leaf_lg2);
	void *table = create(impl, 0);
	unsigned int i, j;

	must(impl->map(table, IA, oa, leaf_lg2, nr) == nr, impl, "map");
	for (i = 0; i < rounds; i++) {
		double t = now();
		unsigned long ok = 0;

		for (j = 0; j < LOOKUPS; j++)
			ok += impl->lookup(table, ia[j]) == oa + (ia[j] - IA);
		t = now() - t;
		must(ok == LOOKUPS, impl, "lookup");
		if (*best == 0 || t < *best)
			*best = t;
	}
	impl->destroy(table);
}

static void lookup_row(const char *name, unsigned int leaf_lg2, _Bool spread, _Bool quick)
{
	double best[MAX_IMPLS] = { 0 };
	static unsigned long ia[LOOKUPS];
	unsigned int i, j, turns = quick ? 1 : 10;

	srandom(1);
	for (j = 0; j < LOOKUPS; j++)
		ia[j] = IA + (spread ? ((unsigned long)random() << 3) % (1UL << G1) : 0x123450);
	for (j = 0; j < turns; j++)
		for (i = 0; i < nr_chosen; i++)
			time_lookups(chosen[i].impl, ia, leaf_lg2, TURN, &best[i]);
	for (i = 0; i < nr_chosen; i++)
		print(name, i, "lookup", best[i] / LOOKUPS);
}

/* ---- memory ---- */

static const struct {
	const char *name;
	unsigned int leaf_lg2;
} memory[] = {
	{ "tables for 1 GiB of 4K", K4 },
	{ "tables for 1 GiB of 2M", M2 },
};

#define NR_MEMORY	(sizeof(memory) / sizeof(memory[0]))

static unsigned long tables_of(const struct bench_impl *impl, void *table)
{
	return impl->tables ? impl->tables(table) : bench_pages_used();
}

static void memory_row(const char *name, unsigned int leaf_lg2)
{
	unsigned long nr = 1UL << (G1 - leaf_lg2), oa = BENCH_OA + (1UL << leaf_lg2);
	unsigned int i;

	for (i = 0; i < nr_chosen; i++) {
		const struct bench_impl *impl = chosen[i].impl;
		void *table = create(impl, 0);

		must(impl->map(table, IA, oa, leaf_lg2, nr) == nr, impl, "map");
		print(name, i, "used", tables_of(impl, table));
		must(impl->unmap(table, IA, leaf_lg2, nr) == nr, impl, "unmap");
		print(name, i, "kept", tables_of(impl, table));
		impl->destroy(table);
	}
}

int bench_check(const struct bench_impl *impl, const char *compiler, unsigned int seed,
		_Bool wrong);

static int check(unsigned int seed, _Bool with_a_wrong_one)
{
	unsigned int i, failed = 0;

	for (i = 0; i < nr_chosen; i++)
		failed += bench_check(chosen[i].impl, chosen[i].compiler, seed,
				      with_a_wrong_one && !i);
	printf("%u passed, %u failed\n", nr_chosen - failed, failed);
	return failed != 0;
}

static _Bool is_row(const char *name, const char *only)
{
	return !only || !strcmp(name, only);
}

static int list_rows(void)
{
	unsigned int i;

	for (i = 0; i < NR_ROWS; i++)
		puts(rows[i].name);
	for (i = 0; i < NR_LOOKUPS; i++)
		puts(lookups[i].name);
	for (i = 0; i < NR_MEMORY; i++)
		puts(memory[i].name);
	return 0;
}

int main(int argc, char **argv)
{
	_Bool quick = 0, only_check = 0, with_a_wrong_one = 0;
	const char *only = NULL, *row = NULL;
	unsigned int i, seed = 1;

	for (i = 1; i < (unsigned int)argc; i++) {
		if (!strcmp(argv[i], "-q"))
			quick = 1;
		else if (!strcmp(argv[i], "--check"))
			only_check = 1;
		else if (!strcmp(argv[i], "--list"))
			return list_rows();
		else if (!strcmp(argv[i], "--break"))
			with_a_wrong_one = 1;
		else if (!strcmp(argv[i], "-r") && argv[i + 1])
			row = argv[++i];
		else if (!strcmp(argv[i], "-i") && argv[i + 1])
			only = argv[++i];
		else
			seed = atoi(argv[i]);
	}
	bench_memory_init();
	choose(bench_impls_gcc, "gcc", only);
	choose(bench_impls_clang, "clang", only);
	if (only_check)
		return check(seed, with_a_wrong_one);

	for (i = 0; i < NR_ROWS; i++)
		if (is_row(rows[i].name, row))
			run_row(&rows[i], quick);
	for (i = 0; i < NR_LOOKUPS; i++)
		if (is_row(lookups[i].name, row))
			lookup_row(lookups[i].name, lookups[i].leaf_lg2, lookups[i].spread, quick);
	for (i = 0; i < NR_MEMORY; i++)
		if (is_row(memory[i].name, row))
			memory_row(memory[i].name, memory[i].leaf_lg2);
	return 0;
}
