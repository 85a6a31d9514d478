// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor side against QEMU's IOMMUs: a few cases that are told step by
 * step, and random ones.  See bench.h for who judges.
 *
 *	probe [--seed n] [--probes n] [--control none|tlb|config] [--log file] [--verbose] machine
 *	probe --list
 *
 * With --control some commands get lost, and the random case is passed if that
 * is noticed.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "kunit/qtest/bench.h"

#define RW	(HYP_IOMMU_READ | HYP_IOMMU_WRITE | HYP_IOMMU_CACHE)
#define SPOT	(MACHINE_BASE + (192ULL << 20))	/* memory of the cases below */

static u32 passed, failed;

static u32 *spot(u64 off)
{
	return machine_ptr(&bench.m, SPOT + off);
}

/* ---- cases ---- */

static u32 window_open, window_shut;

/* A device writes after each step of the takeover: once that is denied, it stays so. */
static void try_window(struct machine *m)
{
	u32 edu = (window_open + window_shut) % MACHINE_EDUS;

	*spot(0) = 0;
	bench_dma(edu, SPOT, 4, true);
	if (*spot(0) && window_shut)
		bench_wrong("DMA passes again after %u steps", window_open + window_shut);
	if (*spot(0))
		window_open++;
	else
		window_shut++;
}

/* Before there is a hypervisor everything passes, and then nothing. */
static void case_boot(void)
{
	u32 i;

	for (i = 0; i < MACHINE_EDUS; i++) {
		*spot(0) = 0x1234 + i;
		machine_dma(&bench.m, i, SPOT, 4, false);
		machine_dma(&bench.m, i, SPOT + 0x100, 4, true);
		if (*spot(0x100) != 0x1234 + i)
			bench_wrong("DMA does not even work without an IOMMU");
		bench.edu[i].buf = 0x1234 + i;
	}
	bench.m.written = try_window;
	bench_add_unit();
	bench.m.written = NULL;
	while (!call(HYP_IOMMU_FAULT_READ, bench.unit).status)
		;
	if (!window_shut)
		bench_wrong("DMA was not denied before the unit was taken over");
	host_init();
	for (i = 0; i < MACHINE_EDUS; i++) {
		bench_probe(i, SPOT, true, SPOT);
		bench_probe(i, SPOT, false, SPOT);
	}
}

/* What is mapped can be reached as it was mapped, by who is attached. */
static void case_map(void)
{
	struct domain *d = host_alloc_domain();
	u32 i;

	host_attach(d, 0);
	host_attach(d, 3);
	host_map(d, 0x5000, SPOT, PAGE, RW);
	host_map(d, 0x6000, SPOT + PAGE, PAGE, HYP_IOMMU_READ | HYP_IOMMU_CACHE);
	host_map(d, 0x7000, SPOT + 2 * PAGE, PAGE, HYP_IOMMU_WRITE | HYP_IOMMU_CACHE);
	for (i = 0; i < 4; i++) {
		bench_probe(i, 0x5000, i & 1, SPOT);
		bench_probe(i, 0x5ffc, !(i & 1), SPOT + 0xffc);
		bench_probe(i, 0x6000, false, SPOT + PAGE);
		bench_probe(i, 0x6000, true, SPOT + PAGE);
		bench_probe(i, 0x7000, false, SPOT + 2 * PAGE);
		bench_probe(i, 0x7000, true, SPOT + 2 * PAGE);
		bench_probe(i, 0x4ffc, true, 0);
		bench_probe(i, 0x8000, true, 0);
	}
	host_detach(0);
	bench_probe(0, 0x5000, true, SPOT);
	bench_probe(3, 0x5000, true, SPOT);
	host_free_domain(d);
	bench_probe(3, 0x5000, true, SPOT);
}

/* Of an access that goes over the end of a mapping the part in front of it arrives. */
static void case_straddle(void)
{
	struct domain *d = host_alloc_domain();
	struct verdict no = { .reason = HYP_IOMMU_FAULT_NOT_MAPPED };
	u64 size;

	host_attach(d, 0);
	host_map(d, 0x5000, SPOT, PAGE, RW);
	host_map(d, 0x9000, SPOT + PAGE, PAGE, RW);
	bench_probe(0, 0x5000, true, SPOT);
	*spot(0xffc) = 0;
	*spot(0x1000) = 0;
	bench_dma(0, 0x5ffe, 4, true);
	if (*spot(0xffc) != bench.edu[0].buf << 16 || *spot(0x1000))
		bench_wrong("%x and %x of %x have arrived", *spot(0xffc), *spot(0x1000),
			    bench.edu[0].buf);
	no = entries_access(bench.m.endpoint[0], 0x6000, true, &size);
	bench_expect_fault(0, 0x6000, true, &no);
	bench_expect_no_fault();
	host_free_domain(d);
}

/*
 * QEMU does keep translations: without its invalidation a page that was taken
 * away is still reached, and the judge sees it.
 */
static void stale(enum machine_drop drop, bool by_detach)
{
	struct domain *d = host_alloc_domain();
	u32 wrong;

	host_attach(d, 0);
	host_attach(d, 1);	/* so that the tables stay in use */
	host_map(d, 0x5000, SPOT, PAGE, RW);
	bench_probe(0, 0x5000, true, SPOT);

	wrong = bench.wrong;
	bench.quiet = true;
	bench.m.drop = drop;
	bench.m.dropped = 0;
	if (by_detach)
		host_detach(0);
	else
		host_unmap(d, 0x5000, PAGE);
	bench.m.drop = DROP_NOTHING;
	*spot(0) = 0;
	bench_dma(0, 0x5000, 4, true);
	bench_expect_no_fault();
	bench.quiet = false;
	if (bench.wrong != wrong || !bench.m.dropped || *spot(0) != bench.edu[0].buf)
		bench_wrong("nothing was stale: %u commands lost", bench.m.dropped);

	/* The invalidation of all there is of the domain, or endpoint, makes up for it. */
	if (by_detach)
		host_attach(d, 0);
	host_detach(0);
	bench_probe(0, 0x5000, true, SPOT);
	host_free_domain(d);
}

static void case_stale_leaf(void)
{
	stale(DROP_TLB, false);
}

static void case_stale_entry(void)
{
	stale(DROP_CONFIG, true);
}

/* More faults than there is room for: the first ones are told, and that some are missing. */
static void case_overflow(void)
{
	u32 i, told = bench.m.cfg->arm ? 128 : 1, all = told + 20;
	u64 lost = call(HYP_IOMMU_UNIT_INFO, bench.unit, HYP_IOMMU_UNIT_FAULTS_LOST).done;
	struct verdict no = { .reason = HYP_IOMMU_FAULT_BLOCKED };

	for (i = 0; i < all; i++) {
		bench_dma(i % MACHINE_EDUS, i * PAGE, 4, i & 1);
		if (!(i & 1))
			bench.edu[i % MACHINE_EDUS].buf = 0;
	}
	for (i = 0; i < told; i++)
		bench_expect_fault(i % MACHINE_EDUS, i * PAGE, i & 1, &no);
	bench_expect_no_fault();
	if (call(HYP_IOMMU_UNIT_INFO, bench.unit, HYP_IOMMU_UNIT_FAULTS_LOST).done == lost)
		bench_wrong("nobody tells that faults were lost");
	bench_dma(0, 0x77000, 4, true);
	bench_expect_fault(0, 0x77000, true, &no);
	bench_expect_no_fault();
}

static u64 wanted_probes = 2000, max_wrong = 1;

static void case_random(void)
{
	u64 begin = bench.probes, calls;
	u32 wrong = bench.wrong;

	while (bench.probes - begin < wanted_probes && bench.wrong - wrong < max_wrong) {
		for (calls = bench_random(3); calls; calls--)
			random_call();
		random_probe();
	}
}

static void case_end(void)
{
	host_end();
}

/* A unit that never hears of a command: nothing is reported as done, and nothing passes. */
static void case_deaf(void)
{
	struct domain *d = host_alloc_domain();
	struct hyp_iommu_ret ret;
	u32 i;

	for (i = 0; i < MACHINE_EDUS; i++)
		host_attach(d, i);
	host_map(d, 0x5000, SPOT, PAGE, RW);
	for (i = 0; i < MACHINE_EDUS; i++)
		bench_probe(i, 0x5000, true, SPOT);

	bench.m.model = NULL;
	bench.m.drop = DROP_DOORBELL;
	ret = call(HYP_IOMMU_UNMAP, d->handle, 0x5000, PAGE);
	if (ret.status != -EIO || ret.done)
		bench_wrong("unmap: %lld, %llx", (long long)ret.status,
			    (unsigned long long)ret.done);
	ret = call(HYP_IOMMU_UNIT_INFO, bench.unit, HYP_IOMMU_UNIT_STATE);
	if (ret.done != HYP_IOMMU_UNIT_STOPPED)
		bench_wrong("the unit goes on");
	if (sim_pins(SPOT) != 1)
		bench_wrong("a page that may be reached has %u pins", sim_pins(SPOT));
	for (i = 0; i < MACHINE_EDUS; i++) {
		*spot(0) = 0;
		machine_dma(&bench.m, i, 0x5000, 4, true);
		machine_dma(&bench.m, i, d->scratch_ia, 4, true);
		if (*spot(0))
			bench_wrong("%x passes a unit that was stopped", bench.m.endpoint[i]);
	}
}

/* ---- the rest ---- */

static const char *machine_name, *control = "none";
static unsigned long long seed;

static void result(const char *name, bool ok, const char *more)
{
	printf("%s %s.%s%s\n", ok ? "ok" : "not ok", machine_name, name, more);
	if (ok)
		passed++;
	else
		failed++;
	if (!ok)
		printf("# to repeat just that: scripts/qtest.sh --seed %llu --control %s %s\n",
		       seed, control, machine_name);
	fflush(stdout);
}

static void run(const char *name, void (*fn)(void))
{
	u32 wrong = bench.wrong;

	/* What is broken stays broken. */
	if (failed)
		return;
	fn();
	sim_take_errors();
	result(name, bench.wrong == wrong, "");
}

static void run_control(void)
{
	char more[80];

	/* QEMU alone has to give it away. */
	bench.m.model = NULL;
	bench.m.drop = strcmp(control, "tlb") ? DROP_CONFIG : DROP_TLB;
	bench.quiet = true;
	bench.wrong = 0;
	case_random();
	snprintf(more, sizeof(more), "-lost: seen at probe %llu",
		 (unsigned long long)bench.probes);
	result(control, bench.wrong && bench.m.dropped, more);
}

static void run_all(void)
{
	run("boot", case_boot);
	if (strcmp(control, "none") && !failed) {
		run_control();
		return;
	}
	run("map", case_map);
	run("straddle", case_straddle);
	run("overflow", case_overflow);
	run("stale-leaf", case_stale_leaf);
	run("stale-entry", case_stale_entry);
	run("random", case_random);
	run("end", case_end);
	run("deaf", case_deaf);
}

static void tell_one(const char *what, u64 nr)
{
	printf("#   %8llu %s\n", (unsigned long long)nr, what);
}

static void tell(double seconds)
{
	const u64 *by = bench.by_reason;

	printf("# %s: %.1f s\n", machine_name, seconds);
	tell_one("probes", bench.probes);
	tell_one("of them allowed by a leaf of 4K", bench.by_size[0]);
	tell_one("... of 2M", bench.by_size[1]);
	tell_one("... of 1G", bench.by_size[2]);
	tell_one("fault records: blocked", by[HYP_IOMMU_FAULT_BLOCKED]);
	tell_one("... not mapped", by[HYP_IOMMU_FAULT_NOT_MAPPED]);
	tell_one("... permission", by[HYP_IOMMU_FAULT_PERMISSION]);
	tell_one("... address size", by[HYP_IOMMU_FAULT_ADDRESS_SIZE]);
	tell_one("denied, and not recorded by QEMU", bench.unrecorded);
	tell_one("DMAs", bench.dmas);
	tell_one("hypercalls", bench.calls);
	tell_one("... with an error", bench.refused);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int usage(void)
{
	fprintf(stderr, "no machine of that name, or none: --list\n");
	return 2;
}

int main(int argc, char **argv)
{
	const struct machine_config *cfg = NULL;
	const char *log = "/dev/null";
	double begin = now();
	int i;

	seed = (unsigned long long)time(NULL);
	for (i = 1; i < argc; i++) {
		const char *val = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(argv[i], "--list")) {
			machine_list();
			return 0;
		}
		if (!strcmp(argv[i], "--verbose"))
			bench.verbose = true;
		else if (!strcmp(argv[i], "--seed"))
			seed = strtoull(val, NULL, 0), i++;
		else if (!strcmp(argv[i], "--probes"))
			wanted_probes = strtoull(val, NULL, 0), i++;
		else if (!strcmp(argv[i], "--control"))
			control = val, i++;
		else if (!strcmp(argv[i], "--log"))
			log = val, i++;
		else
			cfg = machine_find(argv[i]);
	}
	if (!cfg)
		return usage();
	machine_name = cfg->name;
	bench.random = seed * 0x9e3779b97f4a7c15ULL | 1;
	printf("# %s (%s), seed %llu, commands that get lost: %s\n", cfg->name, cfg->what, seed,
	       control);

	bench_start(cfg, log);
	run_all();
	machine_end(&bench.m);
	if (!strcmp(control, "none"))
		tell(now() - begin);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
