// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SVM monitor's vault, in the place of a protected guest: memory that is neither the host's nor
 * the monitor's.  The host's CPUs and its devices try to reach it, at each of its transitions; and
 * they try to get out of the monitor, or into it.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch.h"
#include "edu.h"
#include "fault.h"
#include "raw.h"
#include "platform/svm-x86/vmmcall.h"

#define HIDDEN_RID	0x81		/* 00:10.1 */
#define UNIT		0
#define IA_BOUNCE	0xd8000000ULL
#define IA_VAULT	0xd8100000ULL
#define IA_STOLEN	0xd8200000ULL
#define IA_BLOCK	0xd8401000ULL	/* not where a bigger leaf could be */
#define BLOCK		(2ULL << 20)
#define SECRET		0x5ec7e7ed5ec7e7edULL
#define WORDS		(PAGE / 8)
#define ROUNDS		200
#define WAKE_SECONDS	4
#define ASLEEP_SECONDS	10

static struct edu edu;
static u64 domain;

static s64 vault(u64 call, u64 pa, u64 nr)
{
	return raw(call, pa, nr, 0, 0, 0, 0);
}

/* A call that must be refused, and what undoes it if it is not. */
static bool refused(u64 call, u64 pa, s64 want, u64 undo)
{
	s64 status = vault(call, pa, 1);

	if (!status)
		vault(undo, pa, 1);
	return status == want;
}

static void attack(const char *name, bool succeeded)
{
	info("attack %s %s", name, succeeded ? "succeeded" : "refused");
}

static void attacked(bool refused, const char *name, const char *what)
{
	ok(refused, name, "%s", what);
	attack(name, !refused);
}

/* What HYP_SVM_VAULT_HASH computes: FNV-1a. */
static u64 hash(const void *page)
{
	const u8 *at = page;
	u64 h = 0xcbf29ce484222325ULL;
	unsigned int i;

	for (i = 0; i < PAGE; i++)
		h = (h ^ at[i]) * 0x100000001b3ULL;
	return h;
}

static u64 write_secret(u64 *page)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		page[i] = SECRET + i;
	return hash(page);
}

static bool intact(u64 pa, u64 want)
{
	return !vault(HYP_SVM_VAULT_HASH, pa, 0) && raw_done == want;
}

/* ---- CPUs ---- */

static bool run_on(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set) && sched_getcpu() == (int)cpu;
}

static void cpu_tries(u64 *page, u64 pa)
{
	volatile u64 *other;
	u64 val = 0;

	attacked(!cpu_read64(page, &val), "vault-cpu-read", "by the host's CPU");
	attacked(!cpu_write64(page, ~0ULL), "vault-cpu-write", "by the host's CPU");
	other = dev_mem(pa, PAGE);
	attacked(!other || !cpu_read64(other, &val), "vault-dev-mem", "through /dev/mem");
	if (other)
		dev_mem_close(other, PAGE);
}

/* Another CPU, which has just used the page, must have forgotten it when the call returns. */
static void other_cpu(void)
{
	struct { volatile u64 given, tries, reached, stop; } *shared = pages_alloc(1);
	u64 *page = arena_pages(&arena, 1), pa = arena_pa(&arena, page), val, given;
	unsigned int i, wait;
	s64 status = 0;
	pid_t child;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		skip("vault-other-cpu", "there is one CPU");
		return;
	}
	child = fork();
	if (!child) {
		run_on(1);
		while (!shared->stop) {
			given = shared->given;
			if (cpu_read64(page, &val) && given && given == shared->given)
				shared->reached++;
			shared->tries++;
		}
		_exit(0);
	}
	for (i = 1; i <= ROUNDS && !status; i++) {
		u64 tries = shared->tries;

		for (wait = 0; shared->tries == tries && wait < 10000; wait++)
			usleep(100);
		status = vault(HYP_SVM_VAULT_GIVE, pa, 1);
		shared->given = i;
		tries = shared->tries;
		for (wait = 0; shared->tries < tries + 2 && wait < 10000; wait++)
			usleep(100);
		shared->given = 0;
		if (!status)
			status = vault(HYP_SVM_VAULT_RETURN, pa, 1);
	}
	shared->stop = 1;
	waitpid(child, NULL, 0);
	ok(!status, "vault-rounds", "%" PRId64 " in round %u", status, i);
	ok(!shared->reached && shared->tries > ROUNDS, "vault-other-cpu",
	   "%" PRIu64 " of %" PRIu64 " reads came too far", shared->reached, shared->tries);
}

/* ---- devices ---- */

static void device_tries(u64 *page, u64 pa)
{
	s64 status = raw_map(domain, IA_STOLEN, pa, PAGE, RAW_RW);

	attacked(status == -EPERM, "vault-map", "mapping it for a device");
	faults_forget();
	edu_from_memory(&edu, IA_STOLEN, 0x800, 4);
	ok(fault_reported("endpoint 0x81", FAULT_READ, IA_STOLEN, FAULT_NOT_MAPPED),
	   "vault-map-blocked", "%s", log_line());
	faults_forget();
	edu_to_memory(&edu, pa, 0, 4);
	attacked(fault_reported("endpoint 0x81", FAULT_WRITE, pa, FAULT_NOT_MAPPED),
		 "vault-dma-write", log_line());
}

/* ---- transitions ---- */

static void give_and_return(void)
{
	u64 *page = arena_pages(&arena, 1), pa = arena_pa(&arena, page), h, val = 1;
	s64 status;

	h = write_secret(page);
	status = vault(HYP_SVM_VAULT_GIVE, pa, 1);
	ok(!status && intact(pa, h), "vault-give", "%" PRId64, status);
	cpu_tries(page, pa);
	device_tries(page, pa);
	attacked(vault(HYP_SVM_VAULT_GIVE, pa, 1) == -EPERM, "vault-give-twice",
		 "what is not the host's");
	attacked(raw_donate_page(HYP_IOMMU_NO_DOMAIN, page) == -EPERM, "vault-donate",
		 "giving it to the hypervisor");
	ok(vault(HYP_SVM_VAULT_UNSHARE, pa, 1) == -EPERM, "vault-unshare-not-shared", "refused");
	ok(intact(pa, h), "vault-intact", "what was in it is in it");
	status = vault(HYP_SVM_VAULT_RETURN, pa, 1);
	ok(!status && cpu_read64(page, &val) && !val, "vault-returned-zero",
	   "%" PRId64 ", %#" PRIx64, status, val);
	ok(vault(HYP_SVM_VAULT_RETURN, pa, 1) == -EPERM, "vault-return-twice", "refused");
}

static void give_mapped(void)
{
	u64 *page = arena_pages(&arena, 1), pa = arena_pa(&arena, page);
	s64 status = raw_map(domain, IA_VAULT, pa, PAGE, RAW_RW);

	ok(!status, "vault-mapped-before", "%" PRId64, status);
	attacked(refused(HYP_SVM_VAULT_GIVE, pa, -EBUSY, HYP_SVM_VAULT_RETURN),
		 "vault-give-mapped", "a device still reaches it");
	*page = 0;
	edu_write32(&edu, IA_VAULT, 0x600dda7a);
	ok((u32)*page == 0x600dda7a, "vault-mapped-still-works", "%#" PRIx64, *page);
	raw_unmap(domain, IA_VAULT, PAGE);
	status = vault(HYP_SVM_VAULT_GIVE, pa, 1);
	ok(!status, "vault-give-unmapped", "%" PRId64, status);
	vault(HYP_SVM_VAULT_RETURN, pa, 1);
}

/* All of a block of 2 MiB is mapped, page by page, and then all but one. */
static void give_of_mapped_block(void)
{
	u64 *block = arena_pages(&arena, BLOCK / PAGE), pa = arena_pa(&arena, block);
	s64 status = raw_map(domain, IA_BLOCK, pa, BLOCK, RAW_RW);

	ok(!status, "vault-block-mapped", "%" PRId64, status);
	attacked(refused(HYP_SVM_VAULT_GIVE, pa + 300 * PAGE, -EBUSY, HYP_SVM_VAULT_RETURN),
		 "vault-give-of-block", "a device still reaches it");
	status = raw_unmap(domain, IA_BLOCK + 300 * PAGE, PAGE);
	status = status ?: vault(HYP_SVM_VAULT_GIVE, pa + 300 * PAGE, 1);
	ok(!status, "vault-give-unmapped-of-block", "%" PRId64, status);
	attacked(refused(HYP_SVM_VAULT_GIVE, pa + 301 * PAGE, -EBUSY, HYP_SVM_VAULT_RETURN) &&
		 refused(HYP_SVM_VAULT_GIVE, pa, -EBUSY, HYP_SVM_VAULT_RETURN),
		 "vault-give-rest-of-block", "a device still reaches it");
	vault(HYP_SVM_VAULT_RETURN, pa + 300 * PAGE, 1);
	raw_unmap(domain, IA_BLOCK, 300 * PAGE);
	raw_unmap(domain, IA_BLOCK + 301 * PAGE, 211 * PAGE);
	status = vault(HYP_SVM_VAULT_GIVE, pa, BLOCK / PAGE);
	status = status ?: vault(HYP_SVM_VAULT_RETURN, pa, BLOCK / PAGE);
	ok(!status, "vault-give-block", "%" PRId64, status);
}

static void share(void)
{
	u64 *page = arena_pages(&arena, 1), pa = arena_pa(&arena, page), h, val = 0;
	s64 status;

	h = write_secret(page);
	vault(HYP_SVM_VAULT_GIVE, pa, 1);
	status = vault(HYP_SVM_VAULT_SHARE, pa, 1);
	ok(!status && cpu_read64(page, &val) && val == SECRET, "vault-shared-readable", "%" PRId64,
	   status);
	ok(raw_donate_page(HYP_IOMMU_NO_DOMAIN, page) == -EPERM, "vault-shared-donate", "refused");
	status = raw_map(domain, IA_VAULT, pa, PAGE, RAW_RW);
	ok(!status && edu_read32(&edu, IA_VAULT) == (u32)SECRET, "vault-shared-mapped", "%" PRId64,
	   status);
	attacked(refused(HYP_SVM_VAULT_UNSHARE, pa, -EBUSY, HYP_SVM_VAULT_SHARE),
		 "vault-unshare-mapped", "a device still reaches it");
	raw_unmap(domain, IA_VAULT, PAGE);
	status = vault(HYP_SVM_VAULT_UNSHARE, pa, 1);
	ok(!status && !cpu_read64(page, &val) && intact(pa, h), "vault-unshared", "%" PRId64,
	   status);
	attacked(raw_map(domain, IA_VAULT, pa, PAGE, RAW_RW) == -EPERM, "vault-map-unshared",
		 "mapping it again");

	/* Returned while it is shared, and mapped: the host has seen it, and keeps its pin. */
	vault(HYP_SVM_VAULT_SHARE, pa, 1);
	status = raw_map(domain, IA_VAULT, pa, PAGE, RAW_RW);
	status = status ?: vault(HYP_SVM_VAULT_RETURN, pa, 1);
	ok(!status && *page == SECRET, "vault-returned-shared", "%" PRId64, status);
	ok(refused(HYP_SVM_VAULT_GIVE, pa, -EBUSY, HYP_SVM_VAULT_RETURN),
	   "vault-returned-still-pinned", "refused");
	raw_unmap(domain, IA_VAULT, PAGE);
}

/* Of several pages all or none. */
static void partly(void)
{
	u64 *page = arena_pages(&arena, 4), pa = arena_pa(&arena, page), val;
	u64 *second = page + 2 * WORDS;
	s64 status;

	vault(HYP_SVM_VAULT_GIVE, pa + 2 * PAGE, 1);
	status = vault(HYP_SVM_VAULT_GIVE, pa, 4);
	ok(status == -EPERM && cpu_write64(page, SECRET) && cpu_read64(page + 3 * WORDS, &val),
	   "vault-part-is-not-mine", "%" PRId64, status);
	ok(vault(HYP_SVM_VAULT_RETURN, pa, 4) == -EPERM && !cpu_read64(second, &val) &&
	   *page == SECRET, "vault-part-is-not-in-it", "refused");
	ok(vault(HYP_SVM_VAULT_SHARE, pa + 2 * PAGE, 2) == -EPERM && !cpu_read64(second, &val),
	   "vault-part-shared", "refused");
	status = vault(HYP_SVM_VAULT_RETURN, pa + 2 * PAGE, 1);
	status = status ?: vault(HYP_SVM_VAULT_GIVE, pa, 4);
	status = status ?: vault(HYP_SVM_VAULT_RETURN, pa, 4);
	ok(!status, "vault-all-of-it", "%" PRId64, status);
}

static void bad_arguments(void)
{
	u64 pa = arena_pa(&arena, arena_pages(&arena, 1));
	struct hyp_memory mem = hyp_memory();
	const struct { u64 pa, nr; s64 status; } bad[] = {
		{ pa, 0, -EINVAL }, { pa, HYP_SVM_VAULT_MAX + 1, -EINVAL }, { pa, ~0ULL, -EINVAL },
		{ pa, 1ULL << 52, -EINVAL }, { pa + 1, 1, -EINVAL },
		{ pa | 1ULL << 63, 1, -EINVAL }, { ~0xfffULL, 1, -EINVAL },
		{ 1ULL << 46, 1, -EINVAL }, { 0xfed90000, 1, -EPERM },
		{ 0xfee00000, 1, -EPERM }, { 0xfec00000, 1, -EPERM }, { 0xa0000, 1, -EPERM },
		{ mem.data, 1, -EPERM }, { mem.tables, 1, -EPERM },
	};
	static const u64 calls[] = { HYP_SVM_VAULT_GIVE, HYP_SVM_VAULT_RETURN,
				     HYP_SVM_VAULT_SHARE, HYP_SVM_VAULT_UNSHARE };
	unsigned int i, call, wrong = 0, tried = 0;

	for (call = 0; call < 4; call++)
		for (i = 0; i < sizeof(bad) / sizeof(*bad); i++, tried++)
			if (vault(calls[call], bad[i].pa, bad[i].nr) != bad[i].status) {
				info("call %u, %#" PRIx64 ", %" PRIu64, call, bad[i].pa, bad[i].nr);
				wrong++;
			}
	for (i = HYP_SVM_CALLS_END; i < HYP_SVM_CALLS_END + 256; i++, tried++)
		wrong += raw(i, 0, 0, 0, 0, 0, 0) != -EOPNOTSUPP;
	wrong += raw(HYP_SVM_FINALISE, 0, 0, 0, 0, 0, 0) != -EOPNOTSUPP;
	wrong += raw(HYP_SVM_VAULT_HASH, mem.data, 0, 0, 0, 0, 0) != -EPERM;
	wrong += raw(HYP_SVM_VAULT_GIVE, pa, 1, 1, 0, 0, 0) != -EINVAL;
	wrong += raw(HYP_SVM_STAT, HYP_SVM_NR_STATS, 0, 0, 0, 0, 0) != -EINVAL;
	ok(!wrong, "vault-bad-arguments", "%u of %u were taken", wrong, tried + 4);
}

/* ---- the monitor itself ---- */

static void monitor_memory(void)
{
	struct hyp_memory mem = hyp_memory();
	volatile u64 *at[2] = { (volatile u64 *)dev_mem(mem.data, PAGE),
				(volatile u64 *)dev_mem(mem.tables, PAGE) };
	bool reached = false;
	unsigned int i;
	u64 val;

	for (i = 0; i < 2; i++) {
		if (at[i] && (cpu_read64(at[i], &val) || cpu_write64(at[i], 0)))
			reached = true;
		if (at[i])
			dev_mem_close(at[i], PAGE);
	}
	attacked(!reached, "monitor-memory", "through /dev/mem");
}

/* An INIT, by a store to where interrupts go. */
static void apic_window(void)
{
	static const u64 where[] = { 0xfee00000, 0xfee01000, 0xfee80000, 0xfeeff000 };
	unsigned int i, reached = 0;

	for (i = 0; i < 4; i++) {
		volatile u32 *at = (volatile u32 *)dev_mem(where[i], PAGE);
		u32 val;

		if (!at)
			continue;
		reached += cpu_read32(at + 0x300 / 4, &val);
		reached += cpu_write32(at, 0x4500);
		dev_mem_close(at, PAGE);
	}
	attacked(!reached, "apic-window", "stores to 0xfeexxxxx");
}

/* Return: 0, or an error: the CPU has refused. */
static int write_msr(unsigned int cpu, u32 msr, u64 val)
{
	char path[40];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/dev/cpu/%u/msr", cpu);
	fd = open(path, O_RDWR);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	if (pwrite(fd, &val, sizeof(val), msr) != sizeof(val))
		err = errno;
	close(fd);
	return err;
}

static u64 read_msr(unsigned int cpu, u32 msr)
{
	char path[40];
	u64 val = 0;
	int fd;

	snprintf(path, sizeof(path), "/dev/cpu/%u/msr", cpu);
	fd = open(path, O_RDONLY);
	if (fd < 0 || pread(fd, &val, sizeof(val), msr) != sizeof(val))
		die("%s: %s", path, strerror(errno));
	close(fd);
	return val;
}

static void msrs(void)
{
	static const struct { const char *name; u32 msr; u64 val; } bad[] = {
		{ "svm", 0xc0000080, 0x1d01 }, { "long-mode-off", 0xc0000080, 0x801 },
		{ "vm-cr", 0xc0010114, 0 }, { "host-save-area", 0xc0010117, 0x1000 },
		{ "xapic-mode", 0x1b, 0xfee00900 }, { "apic-moved", 0x1b, 0x10000d00 },
		{ "tsc", 0x10, 0 }, { "tsc-adjust", 0x3b, 1000000 }, { "mtrr", 0x200, 0x6 },
		{ "mtrr-default", 0x2ff, 0 }, { "syscfg", 0xc0010010, 0 },
		{ "top-of-memory", 0xc001001a, 0x1000000 }, { "smm-base", 0xc0010111, 0x30000 },
		{ "smm-mask", 0xc0010113, ~0ULL }, { "icr-reserved", 0x830, 0x10000 | 0xfd },
		{ "icr-reserved-high", 0x830, 0xfff02000 },
	};
	unsigned int i;
	char name[60];

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(name, sizeof(name), "msr-%s", bad[i].name);
		attacked(write_msr(0, bad[i].msr, bad[i].val) == EIO, name, "written");
	}
	ok(!(read_msr(0, 0xc0000080) & 1 << 12), "msr-svme-hidden", "EFER");
	ok(!write_msr(0, 0xc0000080, read_msr(0, 0xc0000080)), "msr-efer-same", "is not refused");
}

/* CPU 1 is told to start anew, by all messages that would; it has to go on as before. */
static void inits(void)
{
	static const u32 modes[] = { 0x4500, 0x8500, 0x4600, 0x4601, 0x4200, 0xc4500, 0xc4600 };
	unsigned int i;
	int status = 1;
	pid_t child;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		skip("init-other-cpu", "there is one CPU");
		return;
	}
	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		write_msr(0, 0x830, 1ULL << 32 | modes[i]);
	child = fork();
	if (!child)
		_exit(!run_on(1));
	waitpid(child, &status, 0);
	attacked(!status, "init-other-cpu", "INIT, start-up, SMI to CPU 1");
}

/* ---- CPUs that sleep ---- */

/* Wakes the other end and is woken by it, again and again. */
static void wake_each_other(unsigned int cpu, int from, int to, volatile u64 *woken)
{
	char c = 0;

	run_on(cpu);
	while (read(from, &c, 1) == 1 && write(to, &c, 1) == 1)
		++*woken;
	_exit(0);
}

/*
 * Two CPUs sleep and wake each other, while another one makes them forget translations all the
 * time: what wakes a CPU must not get lost if it comes while that is in the monitor.
 */
static void sleepers(void)
{
	u64 pa = arena_pa(&arena, arena_pages(&arena, 1)), calls = 0, before;
	unsigned int cpus = sysconf(_SC_NPROCESSORS_ONLN), i;
	time_t end = time(NULL) + WAKE_SECONDS, since;
	volatile u64 *woken = pages_alloc(1);
	int pipes[2][2];
	pid_t child[2];

	if (cpus < 2) {
		skip("sleepers", "there is one CPU");
		return;
	}
	if (pipe(pipes[0]) || pipe(pipes[1]))
		die("pipe: %s", strerror(errno));
	for (i = 0; i < 2; i++) {
		child[i] = fork();
		if (!child[i])
			wake_each_other(i ? cpus - 1 : 2 % cpus, pipes[i][0], pipes[!i][1],
					&woken[i]);
	}
	if (write(pipes[0][1], "", 1) != 1)
		die("pipe: %s", strerror(errno));
	/* Not so often that the next one would wake who sleeps on. */
	do {
		before = *woken;
		vault(HYP_SVM_VAULT_GIVE, pa, 1);
		vault(HYP_SVM_VAULT_RETURN, pa, 1);
		calls++;
		since = time(NULL);
		while (*woken == before && time(NULL) < since + ASLEEP_SECONDS)
			;
	} while (time(NULL) < end && *woken != before);
	ok(*woken != before, "sleepers", "%" PRIu64 " wakes, %" PRIu64 " shoot-downs", *woken,
	   calls);
	for (i = 0; i < 2; i++) {
		kill(child[i], SIGKILL);
		waitpid(child[i], NULL, 0);
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

/* In a child: what kills it is what is looked at. */
static int signal_of(void (*fn)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		fn();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void user_vmmcall(void)
{
	asm volatile("vmmcall" : : "a"(0), "D"(0) : "rcx", "rdx", "memory");
}

static void hidden(void)
{
	u32 a, b, c, d;

	__cpuid(0x80000001, a, b, c, d);
	ok(!(c & 4), "svm-hidden", "CPUID");
	__cpuid_count(0x8000000a, 0, a, b, c, d);
	ok(!(a | b | c | d), "svm-features-hidden", "CPUID");
	ok(signal_of(user_vmmcall) == SIGILL, "vmmcall-by-user", "an illegal instruction");
}

/* Linux's own NMIs arrive: it asks all CPUs where they are. */
static void nmis(void)
{
	unsigned int i;
	bool good = true;

	for (i = 0; i < 10 && good; i++) {
		log_mark();
		good = file_write("/proc/sysrq-trigger", "l") &&
		       (sysconf(_SC_NPROCESSORS_ONLN) < 2 ||
			log_has(5000, "NMI backtrace for cpu 1", NULL, NULL) ||
			log_has(100, "NMI backtrace for cpu 0", NULL, NULL));
	}
	ok(good, "nmi", "backtraces of all CPUs, %u times", i);
}

int main(void)
{
	struct raw_counts before, after;

	if (!raw_open())
		die("the raw hypercall interface is not there");
	if (!raw_isolates() || raw(HYP_SVM_STAT, HYP_SVM_EXITS, 0, 0, 0, 0, 0))
		die("this kernel does not run under the SVM monitor");
	run_on(0);
	raw_arena(4);
	before = raw_count();
	if (!edu_open_hidden(&edu, HIDDEN_RID, ARCH_FREE_BAR))
		die("there is no edu at 00:10.1");
	if (raw_domain_alloc(UNIT, HYP_IOMMU_STAGE_ANY, &domain) ||
	    raw_attach(domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID))
		die("the device cannot be attached");
	edu.bounce = arena_pages(&arena, 1);
	edu.bounce_ia = IA_BOUNCE;
	raw_map(domain, IA_BOUNCE, arena_pa(&arena, edu.bounce), PAGE, RAW_RW);
	ok(edu_works(&edu), "device-works", "DMA within a page of its own");

	give_and_return();
	give_mapped();
	give_of_mapped_block();
	share();
	partly();
	bad_arguments();
	other_cpu();
	sleepers();
	monitor_memory();
	apic_window();
	msrs();
	inits();
	hidden();
	nmis();
	ok(edu_works(&edu), "device-works-after", "DMA within a page of its own");

	raw(HYP_IOMMU_DETACH, domain, UNIT, HIDDEN_RID, HYP_IOMMU_NO_PASID, 0, 0);
	ok(!raw_domain_free(domain), "free", "with what it maps");
	raw_reclaim_all();
	after = raw_count();
	before.pages += after.unit_pages - before.unit_pages;
	before.unit_pages = after.unit_pages;
	ok(raw_same(&before, &after), "nothing-lost", "%s; were %s", raw_counts_text(&after),
	   raw_counts_text(&before));
	return test_end();
}
