// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated platform: what devices see of memory, and when.
 *
 * A line is dirty where the CPU's copy differs from what it was when it was
 * last clean (`synced`).  Cleaning writes dirty lines to the devices' memory, as
 * they are then and at the next barrier at the latest; invalidating reads lines
 * from there.
 */
#include "platform/sim/state.h"

#define SIM_PENDING	256

/* Lines on their way to memory. */
static struct {
	u64 line;
	u8 content[SIM_LINE];
} sim_pending[SIM_PENDING];

static unsigned int sim_nr_pending;
static u64 sim_random_state;

void sim_cache_reset(void)
{
	sim_nr_pending = 0;
	sim_random_state = sim.cfg.seed;
}

/* One time in four, if the test wants it at all. */
static bool sim_by_chance(void)
{
	if (!sim_random_state)
		return false;
	sim_random_state ^= sim_random_state << 13;
	sim_random_state ^= sim_random_state >> 7;
	sim_random_state ^= sim_random_state << 17;
	return !(sim_random_state >> 62);
}

static bool sim_line_dirty(u64 line)
{
	return memcmp(sim.raw + line * SIM_LINE, sim.synced + line * SIM_LINE, SIM_LINE) != 0;
}

static void sim_line_clean(u64 line)
{
	if (!sim_line_dirty(line))
		return;
	memcpy(sim.synced + line * SIM_LINE, sim.raw + line * SIM_LINE, SIM_LINE);
	memcpy(sim.dev + line * SIM_LINE, sim.raw + line * SIM_LINE, SIM_LINE);
}

static void sim_line_drop(u64 line)
{
	memcpy(sim.raw + line * SIM_LINE, sim.dev + line * SIM_LINE, SIM_LINE);
	memcpy(sim.synced + line * SIM_LINE, sim.dev + line * SIM_LINE, SIM_LINE);
}

void sim_cache_sync(u64 pa, u64 size)
{
	u64 offset = pa - sim.cfg.base;

	if (!sim.cfg.noncoherent)
		return;
	memcpy(sim.synced + offset, sim.raw + offset, size);
	memcpy(sim.dev + offset, sim.raw + offset, size);
}

static void sim_flush_pending(void)
{
	unsigned int i;
	u64 offset;

	for (i = 0; i < sim_nr_pending; i++) {
		offset = sim_pending[i].line * SIM_LINE;
		memcpy(sim.synced + offset, sim_pending[i].content, SIM_LINE);
		memcpy(sim.dev + offset, sim_pending[i].content, SIM_LINE);
	}
	sim_nr_pending = 0;
}

static void sim_add_pending(u64 line)
{
	if (!sim_line_dirty(line))
		return;
	if (sim_nr_pending == SIM_PENDING)
		sim_flush_pending();
	sim_pending[sim_nr_pending].line = line;
	memcpy(sim_pending[sim_nr_pending].content, sim.raw + line * SIM_LINE, SIM_LINE);
	sim_nr_pending++;
}

/* Is [va, va + size) memory that the hypervisor owns?  *@pa gets the address. */
static bool sim_cache_range(const void *va, size_t size, u64 *pa)
{
	u64 first, last;

	if (!size)
		return false;
	*pa = sim_pa(va);
	first = *pa & ~(SIM_PAGE_SIZE - 1);
	last = *pa + size - 1;
	for (; first <= last; first += SIM_PAGE_SIZE) {
		if (!sim_backed(first) || sim_owner(first) != SIM_HYP) {
			sim_error("cache operation on %#llx, which is not ours",
				  (unsigned long long)first);
			return false;
		}
	}
	return true;
}

void sim_clean(const void *va, size_t size)
{
	u64 pa, line, last;

	if (!sim_cache_range(va, size, &pa))
		return;
	if (sim.cfg.noncoherent) {
		line = (pa - sim.cfg.base) / SIM_LINE;
		last = (pa - sim.cfg.base + size - 1) / SIM_LINE;
		sim_guard();
		if (sim_by_chance())
			sim_flush_pending();
		for (; line <= last; line++)
			sim_add_pending(line);
		sim_unguard();
	}
	sim_event(SIM_EV_CLEAN, pa, size, 0);
}

void sim_invalidate(const void *va, size_t size)
{
	u64 pa, line, last;

	if (!sim_cache_range(va, size, &pa))
		return;
	if (sim.cfg.noncoherent) {
		line = (pa - sim.cfg.base) / SIM_LINE;
		last = (pa - sim.cfg.base + size - 1) / SIM_LINE;
		for (; line <= last; line++) {
			if (sim_line_dirty(line))
				sim_error("dirty line at %#llx invalidated",
					  (unsigned long long)(sim.cfg.base + line * SIM_LINE));
			sim_line_drop(line);
		}
	}
	sim_event(SIM_EV_INVALIDATE, pa, size, 0);
}

/* Lines of one of the hypervisor's pages are evicted. */
static void sim_evict(void)
{
	u64 i, line, nr = 0, end = min(sim.hi, sim.nr);

	if (!sim_by_chance())
		return;
	for (i = sim.lo; i < end; i++)
		nr += sim.page[i].owner == SIM_HYP;
	if (!nr)
		return;
	nr = sim_random_state % nr;
	for (i = sim.lo; sim.page[i].owner != SIM_HYP || nr--; i++)
		;
	for (line = 0; line < SIM_PAGE_SIZE / SIM_LINE; line++)
		if (sim_by_chance())
			sim_line_clean(i * (SIM_PAGE_SIZE / SIM_LINE) + line);
}

void sim_wmb(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (sim.cfg.noncoherent) {
		sim_guard();
		sim_flush_pending();
		sim_evict();
		sim_unguard();
	}
	sim_event(SIM_EV_WMB, 0, 0, 0);
}

u64 sim_dirty(u64 pa, u64 size)
{
	u64 i, sum = 0, offset = pa - sim.cfg.base;

	for (i = 0; sim.cfg.noncoherent && i < size; i++)
		sum += sim.raw[offset + i] != sim.synced[offset + i];
	return sum;
}

/* ---- the devices' side ---- */

u64 sim_device_peek64(u64 pa)
{
	if (pa & 7 || !sim_backed(pa)) {
		sim_error("device reads %#llx, which is no memory", (unsigned long long)pa);
		return ~0ULL;
	}
	if (!sim.cfg.noncoherent)
		return sim_read64(pa);
	return READ_ONCE(*(u64 *)(sim.dev + (pa - sim.cfg.base)));
}

static void sim_device_check(u64 pa)
{
	if (sim_backed(pa) && sim_owner(pa) != SIM_HYP)
		sim_error("device uses %#llx, which the hypervisor does not own",
			  (unsigned long long)pa);
}

u64 sim_device_read64(u64 pa)
{
	sim_device_check(pa);
	if (sim.cfg.noncoherent && sim_backed(pa) && sim_by_chance())
		sim_line_clean((pa - sim.cfg.base) / SIM_LINE);
	return sim_device_peek64(pa);
}

void sim_device_read(u64 pa, void *buf, size_t size)
{
	size_t i;
	u64 val;

	for (i = 0; i + 8 <= size; i += 8) {
		val = sim_device_read64(pa + i);
		memcpy((u8 *)buf + i, &val, 8);
	}
}

void sim_device_write64(u64 pa, u64 val)
{
	u64 line = (pa - sim.cfg.base) / SIM_LINE;

	sim_device_check(pa);
	if (pa & 7 || !sim_backed(pa)) {
		sim_error("device writes %#llx, which is no memory", (unsigned long long)pa);
		return;
	}
	if (!sim.cfg.noncoherent) {
		sim_write64(pa, val);
		return;
	}
	*(volatile u64 *)(sim.dev + (pa - sim.cfg.base)) = val;
	if (!sim_line_dirty(line) && sim_by_chance())
		sim_line_drop(line);
}
