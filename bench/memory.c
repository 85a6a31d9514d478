// SPDX-License-Identifier: GPL-2.0-only
/*
 * Table memory of the benchmark: one piece, in huge pages where there are any,
 * handed out page by page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/bench.h"

#define NR_PAGES	(BENCH_MEMORY / BENCH_PAGE)
#define HUGE		(2UL << 20)

unsigned long bench_phys_offset;
unsigned long bench_memory;
char bench_folios[NR_PAGES * BENCH_FOLIO_SIZE] __attribute__((__aligned__(64)));

static void *free_pages[NR_PAGES];	/* a stack */
static unsigned long nr_free;

void bench_warn(const char *file, int line)
{
	fprintf(stderr, "%s:%d: this must not happen\n", file, line);
	exit(2);
}

void bench_memory_init(void)
{
	char *map = mmap(NULL, BENCH_MEMORY + HUGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long i;

	if (map == MAP_FAILED)
		bench_warn(__FILE__, __LINE__);
	bench_memory = ((unsigned long)map + HUGE - 1) & ~(HUGE - 1);
	madvise((void *)bench_memory, BENCH_MEMORY, MADV_HUGEPAGE);
	memset((void *)bench_memory, 0, BENCH_MEMORY);
	/* Physical addresses that every format can hold. */
	bench_phys_offset = bench_memory - (1UL << 30);
	for (i = NR_PAGES; i-- > 0;)
		free_pages[nr_free++] = (void *)(bench_memory + i * BENCH_PAGE);
}

void *bench_alloc(unsigned long size)
{
	if (size > BENCH_PAGE || !nr_free)
		return NULL;
	return memset(free_pages[--nr_free], 0, BENCH_PAGE);
}

void bench_free(void *va, unsigned long size)
{
	if (size > BENCH_PAGE || nr_free == NR_PAGES)
		bench_warn(__FILE__, __LINE__);
	free_pages[nr_free++] = va;
}

unsigned long bench_pages_used(void)
{
	return NR_PAGES - nr_free;
}

void bench_clean(const void *va, unsigned long size)
{
	const char *end = (const char *)va + size;
	const char *line = (const char *)((unsigned long)va & ~63UL);

	for (; line < end; line += 64) {
#if defined(__x86_64__)
		__asm__ __volatile__("clflushopt %0" : : "m" (*line) : "memory");
#elif defined(__aarch64__)
		__asm__ __volatile__("dc cvac, %0" : : "r" (line) : "memory");
#endif
	}
}
