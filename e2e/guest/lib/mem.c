// SPDX-License-Identifier: GPL-2.0-only
/* Physical memory from user space; see mem.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch.h"
#include "mem.h"

static sigjmp_buf escape;
static volatile sig_atomic_t may_fault;

static void on_fault(int sig)
{
	if (!may_fault) {
		signal(sig, SIG_DFL);
		return;
	}
	siglongjmp(escape, 1);
}

static void catch_faults(void)
{
	struct sigaction act = { .sa_handler = on_fault };

	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGBUS, &act, NULL);
}

/* Run one access, which may raise a signal. */
#define TRY(access) ({					\
	volatile bool done_ = false;			\
							\
	catch_faults();					\
	if (!sigsetjmp(escape, 1)) {			\
		may_fault = 1;				\
		access;					\
		done_ = true;				\
	}						\
	may_fault = 0;					\
	done_;						\
})

bool cpu_read64(const volatile void *va, u64 *val)
{
	return TRY(*val = *(const volatile u64 *)va);
}

bool cpu_write64(volatile void *va, u64 val)
{
	return TRY(*(volatile u64 *)va = val);
}

bool cpu_read32(const volatile void *va, u32 *val)
{
	return TRY(*val = *(const volatile u32 *)va);
}

bool cpu_write32(volatile void *va, u32 val)
{
	return TRY(*(volatile u32 *)va = val);
}

void *pages_alloc(unsigned int nr)
{
	void *va = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (va == MAP_FAILED || mlock(va, nr * PAGE))
		die("no memory for %u pages: %s", nr, strerror(errno));
	return va;
}

u64 pa_of(const volatile void *va)
{
	/* Each time anew: who forks is somebody else. */
	int fd = open("/proc/self/pagemap", O_RDONLY);
	u64 entry = 0;

	if (pread(fd, &entry, 8, (uintptr_t)va / PAGE * 8) != 8 || !(entry >> 63) ||
	    !(entry & ((1ULL << 55) - 1)))
		die("no physical address for %p", va);
	close(fd);
	return (entry & ((1ULL << 55) - 1)) * PAGE + (uintptr_t)va % PAGE;
}

volatile void *dev_mem(u64 pa, u64 size)
{
	static int fd = -1;
	u64 off = pa % PAGE;
	u8 *va;

	if (fd < 0)
		fd = open("/dev/mem", O_RDWR | O_SYNC);
	if (fd < 0)
		die("/dev/mem: %s", strerror(errno));
	va = mmap(NULL, size + off, PROT_READ | PROT_WRITE, MAP_SHARED, fd, pa - off);
	return va == MAP_FAILED ? NULL : va + off;
}

void dev_mem_close(volatile void *va, u64 size)
{
	u64 off = (uintptr_t)va % PAGE;

	munmap((u8 *)va - off, size + off);
}

u64 iomem(const char *name, u64 *size)
{
	FILE *file = fopen("/proc/iomem", "r");
	unsigned long long start = 0, last = 0;
	bool found = false;
	char line[200];

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, name) && sscanf(line, "%llx-%llx", &start, &last) == 2;
	if (file)
		fclose(file);
	if (size)
		*size = found ? last - start + 1 : 0;
	return found ? start : 0;
}

u64 symbol(const char *name)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	unsigned long long addr = 0, found = 0;
	char line[300], sym[200];

	while (file && !found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx %*c %199s", &addr, sym) == 2 && !strcmp(sym, name))
			found = addr;
	}
	if (file)
		fclose(file);
	return found;
}

u64 symbol_pa(const char *name)
{
	u64 addr = symbol(name), text = symbol("_text");
	u64 base = iomem(": Kernel code", NULL);

	return addr && text && base ? addr - text + base : 0;
}

unsigned int unit_registers_reached(void)
{
	static const u32 offsets[] = { ARCH_UNIT_REGISTERS };
	volatile u8 *regs = dev_mem(ARCH_UNIT_PA, ARCH_UNIT_SIZE);
	unsigned int i, got = 0;
	u32 val;

	if (!regs)
		die("/dev/mem cannot be mapped");
	for (i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		got += cpu_read32(regs + offsets[i], &val);
		got += cpu_write32(regs + offsets[i], 0);
	}
	dev_mem_close(regs, ARCH_UNIT_SIZE);
	return got;
}

/* The number behind @text in the first line of the log that has it and @line; 0: there is none. */
static u64 log_number(const char *line, const char *text)
{
	FILE *log = popen("dmesg", "r");
	char buf[300], *at = NULL;
	u64 val = 0;

	while (log && !at && fgets(buf, sizeof(buf), log))
		at = strstr(buf, line) ? strstr(buf, text) : NULL;
	if (at)
		val = strtoull(at + strlen(text), NULL, 0);
	if (log)
		pclose(log);
	return val;
}

struct hyp_memory hyp_memory(void)
{
	struct hyp_memory mem;

	if (ARCH_PROTECTED_GUESTS) {
		mem.data = symbol_pa("__kvm_nvhe_host_mmu") & ~(PAGE - 1);
		mem.tables = log_number("kvm", " MiB at ");
	} else {
		mem.data = log_number("hyp-svm", "image at ");
		mem.tables = log_number("hyp-svm", "tables at ");
	}
	if (!mem.data || !mem.tables)
		die("where is the hypervisor's memory? (data %#" PRIx64 ", tables %#" PRIx64 ")",
		    mem.data, mem.tables);
	return mem;
}

static u8 *arena_next, *arena_end;

void arena_init(struct arena *a, unsigned int nr)
{
	const char *dir = "/dev/hugepages";
	char text[64];
	unsigned int i;
	int fd;

	/* Mounted on itself again by each program: files of the others stay alive below it. */
	mkdir(dir, 0700);
	if (mount("none", dir, "hugetlbfs", 0, "pagesize=2M"))
		die("hugetlbfs: %s", strerror(errno));
	snprintf(text, sizeof(text), "%s/arena", dir);
	fd = open(text, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		die("%s: %s", text, strerror(errno));
	a->va = mmap(NULL, nr * HUGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	a->pa = calloc(nr, sizeof(*a->pa));
	if (a->va == MAP_FAILED || !a->pa)
		die("%u huge pages are not to be had; the kernel wants hugepages=<n>", nr);
	a->nr = nr;
	for (i = 0; i < nr; i++) {
		memset(a->va + i * HUGE, 0, HUGE);
		a->pa[i] = pa_of(a->va + i * HUGE);
	}
	arena_next = a->va;
	arena_end = a->va + nr * HUGE;
}

void *arena_pages(struct arena *a, unsigned int nr)
{
	u64 size = PAGE;
	u8 *va;

	while (size < nr * PAGE)
		size *= 2;
	va = a->va + (arena_next - a->va + size - 1) / size * size;
	if (size > HUGE || va + size > arena_end)
		die("the arena of %u huge pages is used up", a->nr);
	arena_next = va + size;
	return va;
}

u64 arena_pa(const struct arena *a, const void *va)
{
	u64 off = (const u8 *)va - a->va;

	return a->pa[off / HUGE] + off % HUGE;
}

bool arena_has(const struct arena *a, u64 pa)
{
	unsigned int i;

	for (i = 0; i < a->nr; i++)
		if (pa >= a->pa[i] && pa < a->pa[i] + HUGE)
			return true;
	return false;
}
