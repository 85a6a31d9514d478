// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do CPUs wait for each other?  Threads that map and unmap pages by hypercalls,
 * in a domain that they share and in a domain each, on the simulated platform,
 * in front of a unit that takes its time to complete an invalidation.
 *
 * Ratios are what counts here: the simulation is slow, and all the more where
 * there are fewer CPUs than threads.  A unit that is waited for needs no CPU,
 * so that n threads do n times as much as one in the same time if none of them
 * waits for another's invalidation, on any machine.
 *
 *	threads [rounds]
 *
 * Prints a line for each number of threads, and then how long locks were held;
 * fails if four threads in one domain are not twice as fast as one.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backends/null/null.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "platform/sim/sim.h"

#define PAGE		HYP_IOMMU_PAGE_SIZE
#define RW		(HYP_IOMMU_READ | HYP_IOMMU_WRITE)
#define KIND		HYP_IOMMU_KIND('S', 'L', 'O', 'W')
#define REGS		0x9000000ULL
#define WAIT_US		2000
#define TRIES		3	/* the best of which counts: the machine has others to serve */
#define MAX_THREADS	4
#define MAX_HOLDS	(1 << 20)

static struct hyp_iommu_backend slow;
const struct hyp_iommu_backend *const hyp_iommu_backends[] = { &slow, NULL };

static u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* A unit that is silent for a while. */
static int slow_wait(struct hyp_iommu_unit *unit, u64 ticket)
{
	struct timespec ts = { .tv_nsec = WAIT_US * 1000 };

	nanosleep(&ts, NULL);
	return hyp_null_backend.wait(unit, ticket);
}

static struct hyp_iommu_ret call(u64 nr, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4)
{
	const u64 args[HYP_IOMMU_MAX_ARGS] = { a0, a1, a2, a3, a4 };
	struct hyp_iommu_ret ret;

	hyp_iommu_dispatch(nr, args, &ret);
	return ret;
}

static void must(s64 status, const char *what)
{
	if (!status)
		return;
	fprintf(stderr, "threads: %s: %lld\n", what, (long long)status);
	exit(1);
}

/* ---- how long locks are held ---- */

static u32 holds[MAX_HOLDS];	/* ns */
static u32 nr_holds;
static __thread u64 locked_at[8];
static __thread unsigned int depth;

static void trace(const struct sim_event *ev, void *arg)
{
	u32 i;

	if (ev->kind == SIM_EV_LOCK && depth < ARRAY_SIZE(locked_at)) {
		locked_at[depth++] = now_ns();
	} else if (ev->kind == SIM_EV_UNLOCK && depth) {
		i = __atomic_fetch_add(&nr_holds, 1, __ATOMIC_RELAXED);
		if (i < MAX_HOLDS)
			holds[i] = now_ns() - locked_at[--depth];
		else
			depth--;
	}
}

static int compare(const void *a, const void *b)
{
	const u32 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* ---- threads ---- */

struct worker {
	pthread_t thread;
	u64 domain, ia, pa;
	unsigned int rounds;
	u64 flags;		/* of unmap */
};

static void *work(void *arg)
{
	const struct worker *w = arg;
	struct hyp_iommu_ret ret;
	unsigned int i;

	for (i = 0; i < w->rounds; i++) {
		must(call(HYP_IOMMU_MAP, w->domain, w->ia, w->pa, PAGE, RW).status, "map");
		do {
			ret = call(HYP_IOMMU_UNMAP, w->domain, w->ia, PAGE, w->flags, 0);
			if (ret.status == -ENOSPC)
				must(call(HYP_IOMMU_SYNC, w->domain, 0, 0, 0, 0).status, "sync");
		} while (ret.status == -ENOSPC);
		must(ret.status, "unmap");
		if (w->flags && i % 64 == 63)
			must(call(HYP_IOMMU_SYNC, w->domain, 0, 0, 0, 0).status, "sync");
	}
	return NULL;
}

static u64 new_domain(u64 endpoint)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_DOMAIN_ALLOC, 0, HYP_IOMMU_STAGE_ANY, 0, 0, 0);

	ret = call(HYP_IOMMU_DOMAIN_ALLOC, 0, HYP_IOMMU_STAGE_ANY,
		   sim_alloc(SIM_HOST, ret.need, ret.need * PAGE), 0, 0);
	must(ret.status, "domain");
	must(call(HYP_IOMMU_POOL_DONATE, ret.done, sim_alloc(SIM_HOST, 64, 0), 64, 0, 0).status,
	     "tables");
	must(call(HYP_IOMMU_ATTACH, ret.done, 0, endpoint, HYP_IOMMU_NO_PASID, 0).status, "attach");
	return ret.done;
}

/* Return: maps and unmaps per second. */
static double run(unsigned int nr, bool shared, u64 flags, unsigned int rounds, const u64 *domains)
{
	struct worker workers[MAX_THREADS];
	unsigned int i;
	u64 start;

	for (i = 0; i < nr; i++)
		workers[i] = (struct worker){
			.domain = domains[shared ? 0 : i], .ia = (u64)i << 30,
			.pa = sim_alloc(SIM_HOST, 1, 0), .rounds = rounds, .flags = flags,
		};
	start = now_ns();
	for (i = 0; i < nr; i++)
		must(pthread_create(&workers[i].thread, NULL, work, &workers[i]), "thread");
	for (i = 0; i < nr; i++)
		pthread_join(workers[i].thread, NULL);
	return (double)nr * rounds * 1e9 / (now_ns() - start);
}

static int measure(unsigned int rounds, const u64 *domains)
{
	static const struct {
		const char *name;
		bool shared;
		u64 flags;
		double least;	/* of 4 threads over 1 */
	} rows[] = {
		{ "one domain, strict", true, 0, 2.0 },
		{ "a domain each, strict", false, 0, 2.0 },
		{ "one domain, deferred", true, HYP_IOMMU_UNMAP_DEFER, 0 },
		{ "a domain each, deferred", false, HYP_IOMMU_UNMAP_DEFER, 0 },
	};
	double per_second[3], once;
	unsigned int i, t, try;
	int bad = 0;

	printf("%-26s %12s %9s %9s\n", "map + unmap of a page", "1 thread/s", "2 threads",
	       "4 threads");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(per_second, 0, sizeof(per_second));
		for (try = 0; try < TRIES; try++) {
			for (t = 0; t < 3; t++) {
				once = run(1 << t, rows[i].shared, rows[i].flags, rounds, domains);
				if (once > per_second[t])
					per_second[t] = once;
			}
		}
		printf("%-26s %12.0f %8.2fx %8.2fx\n", rows[i].name, per_second[0],
		       per_second[1] / per_second[0], per_second[2] / per_second[0]);
		bad |= per_second[2] / per_second[0] < rows[i].least;
	}
	return bad;
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 200, i;
	struct sim_cfg cfg = { .size = 16 << 20 };
	u64 domains[MAX_THREADS], need;
	int bad;

	slow = hyp_null_backend;
	slow.kind = KIND;
	slow.wait = slow_wait;
	must(sim_reset(&cfg), "memory");
	must(sim_mmio_register(REGS, PAGE, &(const struct sim_mmio_ops){ 0 }, NULL), "registers");
	need = call(HYP_IOMMU_UNIT_ADD, KIND, REGS, PAGE, 0, 0).need;
	{
		const u64 args[] = { KIND, REGS, PAGE, 0, sim_alloc(SIM_HOST, need, 0), need };
		struct hyp_iommu_ret ret;

		hyp_iommu_dispatch(HYP_IOMMU_UNIT_ADD, args, &ret);
		must(ret.status, "unit");
	}
	for (i = 0; i < MAX_THREADS; i++)
		domains[i] = new_domain(i);

	bad = measure(rounds, domains);
	sim_set_trace(trace, NULL);
	run(MAX_THREADS, true, 0, rounds, domains);
	sim_set_trace(NULL, NULL);
	if (nr_holds > MAX_HOLDS)
		nr_holds = MAX_HOLDS;
	qsort(holds, nr_holds, sizeof(*holds), compare);
	printf("\nlocks of 4 threads in one domain, held for ns: ");
	printf("median %u, 99 %% %u (of a wait of %u)\n",
	       holds[nr_holds / 2], holds[nr_holds / 100 * 99], WAIT_US * 1000);
	if (sim_take_errors())
		must(1, "the simulation found mistakes");
	if (bad)
		printf("CPUs wait for each other\n");
	return bad;
}
