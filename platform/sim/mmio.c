// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated platform: registers, time, locks and the trace.
 */
#include "platform/sim/state.h"

#define SIM_MAX_REGIONS	32

/* A device's registers. */
struct sim_region {
	u64 pa, size;
	const struct sim_mmio_ops *ops;
	void *priv;
};

/* What hyp_pf_take_mmio() handed out; need not be a device's. */
struct sim_mmio {
	u64 pa, size;
};

static struct sim_region sim_regions[SIM_MAX_REGIONS];
static unsigned int sim_nr_regions;
static struct sim_mmio sim_windows[SIM_MAX_REGIONS];
static unsigned int sim_nr_windows;
static u64 sim_nr_accesses;

static u64 sim_clock;
static bool sim_in_tick;

void sim_mmio_reset(void)
{
	sim_nr_regions = 0;
	sim_nr_windows = 0;
	sim_nr_accesses = 0;
	sim_clock = 0;
	sim_in_tick = false;
	sim_set_trace(NULL, NULL);
}

static bool sim_overlap(u64 pa, u64 size, u64 pa2, u64 size2)
{
	return pa <= pa2 + (size2 - 1) && pa2 <= pa + (size - 1);
}

static bool sim_touches_memory(u64 pa, u64 size)
{
	u64 i;

	if (!sim_overlap(pa, size, sim.cfg.base, sim.total << SIM_PAGE_SHIFT))
		return false;
	for (i = 0; i < sim.total; i++) {
		if (sim.page[i].owner != SIM_NOMEM &&
		    sim_overlap(pa, size, sim.cfg.base + (i << SIM_PAGE_SHIFT), SIM_PAGE_SIZE))
			return true;
	}
	return false;
}

static bool sim_touches_window(u64 pa, u64 size)
{
	unsigned int i;

	for (i = 0; i < sim_nr_windows; i++)
		if (sim_overlap(pa, size, sim_windows[i].pa, sim_windows[i].size))
			return true;
	return false;
}

static bool sim_bad_mmio_range(u64 pa, u64 size)
{
	return (pa | size) & (SIM_PAGE_SIZE - 1) || !size || size - 1 > ~0ULL - pa;
}

int sim_mmio_register(u64 pa, u64 size, const struct sim_mmio_ops *ops, void *priv)
{
	if (sim_nr_regions == SIM_MAX_REGIONS || sim_bad_mmio_range(pa, size))
		return -EINVAL;
	sim_regions[sim_nr_regions++] = (struct sim_region){ pa, size, ops, priv };
	return 0;
}

int hyp_pf_take_mmio(u64 pa, u64 size, hyp_pf_mmio_t *regs)
{
	int ret = sim_call(SIM_TAKE_MMIO);

	sim_check_unlocked("take of registers");
	if (ret)
		return ret;
	if (sim_bad_mmio_range(pa, size))
		return -EINVAL;
	if (sim_touches_memory(pa, size) || sim_touches_window(pa, size))
		return -EPERM;
	if (sim_nr_windows == SIM_MAX_REGIONS)
		return -ENOMEM;
	sim_windows[sim_nr_windows] = (struct sim_mmio){ pa, size };
	*regs = &sim_windows[sim_nr_windows++];
	return 0;
}

bool hyp_pf_is_host_mmio(u64 pa, u64 size)
{
	return !sim_bad_mmio_range(pa, size) && !sim_touches_memory(pa, size) &&
	       !sim_touches_window(pa, size);
}

hyp_pf_mmio_t sim_mmio_attach(u64 pa, u64 size, const struct sim_mmio_ops *ops, void *priv)
{
	hyp_pf_mmio_t regs = NULL;

	if (sim_mmio_register(pa, size, ops, priv) || hyp_pf_take_mmio(pa, size, &regs))
		sim_error("no registers at %#llx", (unsigned long long)pa);
	return regs;
}

bool sim_mmio_taken(u64 pa)
{
	return sim_touches_window(pa, 1);
}

u64 sim_mmio_accesses(void)
{
	return sim_nr_accesses;
}

/* The device behind an access; NULL: nothing answers. */
static const struct sim_region *sim_find_region(const struct sim_mmio *regs, u32 offset,
						unsigned int width, u32 *dev_offset)
{
	unsigned int i;
	u64 pa;

	if (!regs || offset & (width - 1) || offset > regs->size - width) {
		sim_error("register %#x (%u bytes): no such place", offset, width);
		return NULL;
	}
	sim_nr_accesses++;
	pa = regs->pa + offset;
	for (i = 0; i < sim_nr_regions; i++) {
		const struct sim_region *region = &sim_regions[i];

		if (pa >= region->pa && pa - region->pa < region->size) {
			*dev_offset = (u32)(pa - region->pa);
			return region;
		}
	}
	return NULL;
}

u64 sim_mmio_read(struct sim_mmio *regs, u32 offset, unsigned int width)
{
	u64 val = ~0ULL;
	u32 dev_offset;
	const struct sim_region *region;

	sim_advance(1);
	region = sim_find_region(regs, offset, width, &dev_offset);
	if (region && region->ops->read)
		val = region->ops->read(region->priv, dev_offset, width);
	if (width == 4)
		val &= U32_MAX;
	if (region)
		sim_event(SIM_EV_MMIO_READ, regs->pa + offset, width, val);
	return val;
}

void sim_mmio_write(struct sim_mmio *regs, u32 offset, u64 val, unsigned int width)
{
	u32 dev_offset;
	const struct sim_region *region = sim_find_region(regs, offset, width, &dev_offset);

	if (!region)
		return;
	if (region->ops->write)
		region->ops->write(region->priv, dev_offset, val, width);
	sim_event(SIM_EV_MMIO_WRITE, regs->pa + offset, width, val);
}

/* ---- time ---- */

u64 sim_now(void)
{
	return sim_clock;
}

void sim_advance(u64 us)
{
	unsigned int i;

	sim_clock += us;
	if (sim_in_tick)
		return;
	sim_in_tick = true;
	for (i = 0; i < sim_nr_regions; i++)
		if (sim_regions[i].ops->tick)
			sim_regions[i].ops->tick(sim_regions[i].priv, sim_clock);
	sim_in_tick = false;
}

u64 sim_us(void)
{
	sim_advance(1);
	return sim_clock;
}

void sim_relax(void)
{
	sim_advance(sim.cfg.relax_us);
}

/* ---- locks ---- */

static unsigned int sim_held;
#ifdef __KERNEL__
#define sim_mine	sim_held	/* tests have one thread there */
#else
static __thread unsigned int sim_mine;
#endif

void sim_lock_reset(void)
{
	if (__atomic_exchange_n(&sim_held, 0, __ATOMIC_RELAXED))
		sim_error("a lock is still held");
	sim_mine = 0;
}

unsigned int sim_locks_mine(void)
{
	return sim_mine;
}

unsigned int sim_locks_held(void)
{
	return __atomic_load_n(&sim_held, __ATOMIC_RELAXED);
}

static unsigned long sim_self(void)
{
#ifdef __KERNEL__
	return (unsigned long)current;
#else
	static __thread char self;

	return (unsigned long)&self;
#endif
}

void sim_lock(struct hyp_pf_lock *lock)
{
	unsigned long expected = 0, me = sim_self();

	while (!__atomic_compare_exchange_n(&lock->holder, &expected, me, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		if (expected == me) {
			sim_error("lock taken twice");
			return;
		}
		expected = 0;
#ifdef __KERNEL__
		cpu_relax();
#else
		sched_yield();
#endif
	}
	__atomic_fetch_add(&sim_held, 1, __ATOMIC_RELAXED);
#ifndef __KERNEL__
	sim_mine++;
#endif
	sim_event(SIM_EV_LOCK, 0, 0, (unsigned long)lock);
}

void sim_unlock(struct hyp_pf_lock *lock)
{
	if (__atomic_load_n(&lock->holder, __ATOMIC_RELAXED) != sim_self()) {
		sim_error("unlock of a lock that is not held");
		return;
	}
	__atomic_fetch_sub(&sim_held, 1, __ATOMIC_RELAXED);
#ifndef __KERNEL__
	sim_mine--;
#endif
	__atomic_store_n(&lock->holder, 0, __ATOMIC_RELEASE);
	sim_event(SIM_EV_UNLOCK, 0, 0, (unsigned long)lock);
}

/* ---- trace ---- */

static sim_trace_fn sim_trace;
static void *sim_trace_arg;

#ifndef __KERNEL__
bool sim_trace_stores;

void sim_trace_store(const volatile void *va, size_t size, u64 old)
{
	u64 offset = (u64)((uintptr_t)va - (uintptr_t)sim.cpu);
	struct sim_event ev = {
		.kind = SIM_EV_STORE, .pa = sim.cfg.base + offset, .size = size, .old = old,
	};

	if (offset >= sim.cfg.size || !sim_trace)
		return;
	memcpy(&ev.val, (const void *)va, min(size, sizeof(ev.val)));
	sim_trace(&ev, sim_trace_arg);
}
#endif

void sim_set_trace(sim_trace_fn fn, void *arg)
{
	sim_trace = fn;
	sim_trace_arg = arg;
#ifndef __KERNEL__
	sim_trace_stores = fn;
#endif
}

void sim_event(enum sim_event_kind kind, u64 pa, u64 size, u64 val)
{
	struct sim_event ev = { .kind = kind, .pa = pa, .size = size, .val = val };

	if (sim_trace)
		sim_trace(&ev, sim_trace_arg);
}
