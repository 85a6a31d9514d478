/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory as a hostile root sees it: physical addresses of its own pages, any
 * physical address through /dev/mem, and accesses that may be refused.
 */
#ifndef E2E_MEM_H
#define E2E_MEM_H

#include "test.h"

/* @nr zeroed pages that stay where they are; shared, so that fork() copies nothing. */
void *pages_alloc(unsigned int nr);

/* Physical address of @va, which must be present. */
u64 pa_of(const volatile void *va);

/* One access of 8 or 4 bytes; false: it raised SIGSEGV or SIGBUS. */
bool cpu_read64(const volatile void *va, u64 *val);
bool cpu_write64(volatile void *va, u64 val);
bool cpu_read32(const volatile void *va, u32 *val);
bool cpu_write32(volatile void *va, u32 val);

/* /dev/mem at @pa (any alignment); NULL if the kernel refuses. */
volatile void *dev_mem(u64 pa, u64 size);
void dev_mem_close(volatile void *va, u64 size);

/* The first line of /proc/iomem whose name contains @name; 0: none. */
u64 iomem(const char *name, u64 *size);

/* Address of a kernel symbol; 0: none. */
u64 symbol(const char *name);

/* Physical address of a symbol of the kernel image; 0: none. */
u64 symbol_pa(const char *name);

/*
 * Read and write the registers of the unit, which the hypervisor owns.  Return:
 * how many accesses did not raise a signal.
 */
unsigned int unit_registers_reached(void);

/*
 * Two pages that have been the hypervisor's from the beginning: of its data, and of what it builds
 * tables in.  Dies if they cannot be found.
 */
struct hyp_memory {
	u64 data, tables;
};

struct hyp_memory hyp_memory(void);

/*
 * The arena: huge pages which the kernel touches neither while they are in use
 * nor after the program has ended, so that their pages may be given to the
 * hypervisor and stay there.
 */
#define HUGE	(2UL << 20)

struct arena {
	u8 *va;
	unsigned int nr;	/* huge pages */
	u64 *pa;		/* of each */
};

void arena_init(struct arena *a, unsigned int nr);

/* The next unused page(s), naturally aligned to their size; never returned. */
void *arena_pages(struct arena *a, unsigned int nr);
u64 arena_pa(const struct arena *a, const void *va);
bool arena_has(const struct arena *a, u64 pa);

#endif /* E2E_MEM_H */
