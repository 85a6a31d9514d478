/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the benchmark of page tables knows of each implementation, and what it
 * gives them to stand on.  No header of libc or of a kernel is needed: this is
 * included by code for either.
 */
#ifndef BENCH_H
#define BENCH_H

/* One implementation in one configuration. */
struct bench_impl {
	const char *name;

	/* An empty table of 4 levels, of 4K, 2M and 1G leaves; NULL: out of memory. */
	void *(*create)(_Bool noncoherent);
	void (*destroy)(void *table);

	/*
	 * What a driver's callbacks do: @nr leaves of 1 << @leaf_lg2 bytes,
	 * contiguous in ia and oa.  All bookkeeping and all that happens to
	 * table memory is part of it; a hardware's command queue is not.
	 * Return: leaves done.
	 */
	unsigned long (*map)(void *table, unsigned long ia, unsigned long oa,
			     unsigned int leaf_lg2, unsigned long nr);
	unsigned long (*unmap)(void *table, unsigned long ia, unsigned int leaf_lg2,
			       unsigned long nr);
	/* Return: what ia maps to; 0: nothing. */
	unsigned long (*lookup)(void *table, unsigned long ia);
	/* Pages of memory that are tables now, the root as well; NULL: all that is used. */
	unsigned long (*tables)(void *table);
};

/* Ends in NULL.  Each compiler's program has a list of its own: bench_impls_gcc and so on. */
typedef const struct bench_impl *bench_list[];

/* ---- memory.c ---- */

#define BENCH_PAGE		4096UL
#define BENCH_MEMORY		(48UL << 20)	/* table memory */
#define BENCH_FOLIO_SIZE	64		/* of Linux's struct page, which describes it */

/* Like a kernel's linear map: a variable that only the linker knows. */
extern unsigned long bench_phys_offset;
extern unsigned long bench_memory;
extern char bench_folios[];

void bench_memory_init(void);

/* Pages of one size, last freed first; bench_alloc() zeroes.  Both count. */
void *bench_alloc(unsigned long size);
void bench_free(void *va, unsigned long size);
unsigned long bench_pages_used(void);

/* Write lines back to memory, without a barrier. */
void bench_clean(const void *va, unsigned long size);

/* Something that must not happen did: say so and end. */
void bench_warn(const char *file, int line) __attribute__((__cold__, __noreturn__));

/* What rows map: 1 GiB and a bit, of which each page is pinned by who pins. */
#define BENCH_OA		(1UL << 32)
#define BENCH_OA_SIZE		((1UL << 30) + (2UL << 20))

#endif /* BENCH_H */
