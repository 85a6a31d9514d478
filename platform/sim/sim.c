// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated platform: memory, who owns it, and the platform's calls on it.
 */
#include "platform/sim/state.h"

#if defined(__SANITIZE_ADDRESS__)
#define SIM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_ASAN 1
#endif
#endif

#if defined(SIM_ASAN) && !defined(__KERNEL__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(addr, size)	((void)(addr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(addr, size)	((void)(addr), (void)(size))
#endif

#define SIM_JUNK	0xa5
#define SIM_MAX_PIECES	32

struct sim_state sim;

static struct {
	u64 calls;
	unsigned int nth;	/* 0: none fails */
	int err;
	bool always;
} sim_ops[SIM_NR_OPS];

static unsigned int sim_errors;
static void (*sim_error_hook)(const char *msg);

static u8 sim_scratch[65536] __aligned(65536);

void sim_set_error_hook(void (*hook)(const char *msg))
{
	sim_error_hook = hook;
}

void sim_error(const char *fmt, ...)
{
	char msg[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(msg, sizeof(msg), fmt, args);
	va_end(args);
	__atomic_fetch_add(&sim_errors, 1, __ATOMIC_RELAXED);
	if (sim_error_hook)
		sim_error_hook(msg);
}

unsigned int sim_take_errors(void)
{
	return __atomic_exchange_n(&sim_errors, 0, __ATOMIC_RELAXED);
}

/* ---- life cycle ---- */

#ifdef __KERNEL__
static int sim_map(const struct sim_cfg *cfg, u8 **cpu, u8 **raw)
{
	*cpu = vzalloc(cfg->size);
	*raw = *cpu;
	return *cpu ? 0 : -ENOMEM;
}

static void sim_unmap(u8 *cpu, u8 *raw, u64 size)
{
	vfree(cpu);
}
#else
/*
 * Twice the same memory: @raw is for tests and devices; of @cpu only what the
 * hypervisor owns may be touched, and AddressSanitizer sees to that.
 */
static int sim_map(const struct sim_cfg *cfg, u8 **cpu, u8 **raw)
{
	int fd = cfg->fd ? dup(cfg->fd) : memfd_create("sim", MFD_CLOEXEC);
	off_t offset = (off_t)cfg->fd_offset;
	void *a, *b;

	if (fd < 0)
		return -ENOMEM;
	if (!cfg->fd && ftruncate(fd, (off_t)cfg->size)) {
		close(fd);
		return -ENOMEM;
	}
	a = mmap(NULL, cfg->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	b = mmap(NULL, cfg->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	close(fd);
	if (a == MAP_FAILED || b == MAP_FAILED)
		return -ENOMEM;
	*cpu = a;
	*raw = b;
	return 0;
}

static void sim_unmap(u8 *cpu, u8 *raw, u64 size)
{
	ASAN_UNPOISON_MEMORY_REGION(cpu, size);
	munmap(cpu, size);
	if (raw != cpu)
		munmap(raw, size);
}

static void *vzalloc(size_t size)
{
	return calloc(1, size);
}

static void vfree(void *ptr)
{
	free(ptr);
}
#endif

static int sim_resize(const struct sim_cfg *cfg)
{
	u64 size = cfg->size, pages = (size + cfg->ghost) >> SIM_PAGE_SHIFT;

	if (sim.page_max < pages) {
		vfree(sim.page);
		sim.page = vzalloc(pages * sizeof(*sim.page));
		sim.page_max = sim.page ? pages : 0;
		if (!sim.page)
			return -ENOMEM;
	}
	/* More than is asked for does not hurt, and in UML each page that is mapped takes long. */
	if (sim.mem_size >= size && !cfg->fd)
		return 0;
	if (sim.mem_size) {
		sim_unmap(sim.cpu, sim.raw, sim.mem_size);
		vfree(sim.dev);
		vfree(sim.synced);
		sim.dev = NULL;
		sim.synced = NULL;
		sim.mem_size = 0;
	}
	if (sim_map(cfg, &sim.cpu, &sim.raw))
		return -ENOMEM;
	sim.mem_size = size;
	ASAN_POISON_MEMORY_REGION(sim.cpu, size);
	return 0;
}

/* Undo what tests did, in time that goes with how much they used. */
static void sim_forget_pages(void)
{
	u64 end = min(sim.hi, sim.nr);

	if (sim.lo < sim.hi)
		memset(sim.page + sim.lo, 0, (sim.hi - sim.lo) * sizeof(*sim.page));
	if (sim.lo < end)
		ASAN_POISON_MEMORY_REGION(sim.cpu + (sim.lo << SIM_PAGE_SHIFT),
					  (end - sim.lo) << SIM_PAGE_SHIFT);
	sim.lo = ~0ULL;
	sim.hi = 0;
}

int sim_reset(const struct sim_cfg *cfg)
{
	struct sim_cfg c = cfg ? *cfg : (struct sim_cfg){ .base = 0 };
	int ret;

	sim_forget_pages();
	c.base = c.base ? c.base : SIM_BASE;
	c.size = c.size ? c.size : SIM_SIZE;
	c.pin_max = c.pin_max ? c.pin_max : U16_MAX;
	c.relax_us = c.relax_us ? c.relax_us : 10;
	ret = sim_resize(&c);
	if (ret)
		return ret;
	if (c.noncoherent && !sim.dev) {
		sim.dev = vzalloc(sim.mem_size);
		sim.synced = vzalloc(sim.mem_size);
		if (!sim.dev || !sim.synced)
			return -ENOMEM;
	}
	sim.cfg = c;
	sim.nr = c.size >> SIM_PAGE_SHIFT;
	sim.total = (c.size + c.ghost) >> SIM_PAGE_SHIFT;
	sim.finalised = false;
	memset(sim_ops, 0, sizeof(sim_ops));
	sim_cache_reset();
	sim_mmio_reset();
	sim_lock_reset();
	return 0;
}

const struct sim_cfg *sim_config(void)
{
	return &sim.cfg;
}

void sim_finalise(void)
{
	sim.finalised = true;
}

void sim_trust_again(void)
{
	sim.finalised = false;
}

bool hyp_pf_finalised(void)
{
	return sim.finalised;
}

bool hyp_pf_isolates(void)
{
	return !sim.cfg.no_isolation;
}

/* ---- addresses ---- */

void *sim_va(u64 pa)
{
	const struct sim_page *page = sim_page(pa);

	if (!page || !sim_backed(pa)) {
		sim_error("va of %#llx, which is no memory", (unsigned long long)pa);
		return sim_scratch + (pa & (sizeof(sim_scratch) - 1));
	}
	if (page->owner != SIM_HYP)
		sim_error("va of %#llx, which the hypervisor does not own",
			  (unsigned long long)pa);
	return sim.cpu + (pa - sim.cfg.base);
}

u64 sim_pa(const void *va)
{
	u64 offset = (u64)((uintptr_t)va - (uintptr_t)sim.cpu);

	if (offset >= sim.cfg.size)
		sim_error("pa of a pointer that hyp_pf_va() did not make");
	return sim.cfg.base + offset;
}

void *sim_ptr(u64 pa)
{
	if (!sim_backed(pa)) {
		sim_error("test uses %#llx, which is no memory", (unsigned long long)pa);
		return sim_scratch + (pa & (sizeof(sim_scratch) - 1));
	}
	return sim.raw + (pa - sim.cfg.base);
}

u64 sim_read64(u64 pa)
{
	return READ_ONCE(*(u64 *)sim_ptr(pa));
}

void sim_write64(u64 pa, u64 val)
{
	*(volatile u64 *)sim_ptr(pa) = val;
}

/* ---- who owns what ---- */

static void sim_touch(u64 pa, u64 nr)
{
	sim.lo = min(sim.lo, sim_index(pa));
	sim.hi = max(sim.hi, sim_index(pa) + nr);
}

static bool sim_in_range(u64 pa, u64 nr)
{
	return nr && sim_page(pa) && nr <= sim.total - sim_index(pa);
}

void sim_set_owner(u64 pa, u64 nr, enum sim_owner owner)
{
	u8 *cpu = sim.cpu + (pa - sim.cfg.base);
	u64 i, size;

	if (!sim_in_range(pa, nr)) {
		sim_error("owner of %#llx, which is no memory", (unsigned long long)pa);
		return;
	}
	sim_touch(pa, nr);
	for (i = 0; i < nr; i++) {
		struct sim_page *page = sim_page(pa) + i;

		page->owner = owner;
		page->shared = false;
		page->used = true;
	}
	if (!sim_backed(pa))
		return;
	size = min(nr, sim.nr - sim_index(pa)) << SIM_PAGE_SHIFT;
	if (owner == SIM_HYP)
		ASAN_UNPOISON_MEMORY_REGION(cpu, size);
	else
		ASAN_POISON_MEMORY_REGION(cpu, size);
	sim_cache_sync(pa, size);
}

static u64 sim_find(u64 first, u64 end, u64 nr, u64 align)
{
	u64 pa, i = first;

	align = align > SIM_PAGE_SIZE ? align : SIM_PAGE_SIZE;
	while (i < end) {
		u64 n = 0;

		pa = (sim.cfg.base + (i << SIM_PAGE_SHIFT) + align - 1) & ~(align - 1);
		i = sim_index(pa);
		if (i >= end || nr > end - i)
			break;
		while (n < nr && !sim.page[i + n].used && !sim.page[i + n].pins)
			n++;
		if (n == nr)
			return pa;
		i += n + 1;
	}
	return 0;
}

u64 sim_alloc(enum sim_owner owner, u64 nr, u64 align)
{
	u64 pa = nr ? sim_find(0, sim.nr, nr, align) : 0;

	if (!pa)
		return 0;
	memset(sim_ptr(pa), owner == SIM_HYP ? 0 : SIM_JUNK, nr << SIM_PAGE_SHIFT);
	sim_set_owner(pa, nr, owner);
	return pa;
}

u64 sim_alloc_ghost(enum sim_owner owner, u64 nr, u64 align)
{
	u64 pa = nr ? sim_find(sim.nr, sim.total, nr, align) : 0;

	if (pa)
		sim_set_owner(pa, nr, owner);
	return pa;
}

enum sim_owner sim_owner(u64 pa)
{
	return sim_page(pa) ? sim_page(pa)->owner : SIM_NOMEM;
}

bool sim_is_memory(u64 pa)
{
	return sim_owner(pa) != SIM_NOMEM;
}

void sim_set_shared(u64 pa, u64 nr, bool shared)
{
	if (!sim_in_range(pa, nr)) {
		sim_error("sharing of %#llx, which is no memory", (unsigned long long)pa);
		return;
	}
	sim_touch(pa, nr);
	for (; nr; nr--, pa += SIM_PAGE_SIZE)
		sim_page(pa)->shared = shared;
}

bool sim_shared(u64 pa)
{
	return sim_page(pa) && sim_page(pa)->shared;
}

u32 sim_pins(u64 pa)
{
	return sim_page(pa) ? sim_page(pa)->pins : 0;
}

u64 sim_total_pins(void)
{
	u64 i, sum = 0;

	for (i = sim.lo; i < sim.hi; i++)
		sum += sim.page[i].pins;
	return sum;
}

u64 sim_owned_pages(enum sim_owner owner)
{
	u64 i, sum = 0;

	for (i = 0; i < sim.nr; i++)
		sum += sim.page[i].owner == owner;
	return sum;
}

static bool sim_page_host_access(const struct sim_page *page)
{
	switch (page->owner) {
	case SIM_HOST:
		return true;
	case SIM_HYP:
	case SIM_GUEST:
		return page->shared;
	default:
		return false;
	}
}

bool sim_host_access(u64 pa)
{
	return sim_page(pa) && sim_page_host_access(sim_page(pa));
}

bool sim_dma(u64 pa)
{
	const struct sim_page *page = sim_page(pa);

	if (!page || page->owner == SIM_NOMEM)
		return true;
	if (page->pins && sim_page_host_access(page))
		return true;
	sim_error("DMA to %#llx: %u pins, owner %u", (unsigned long long)pa, page->pins,
		  page->owner);
	return false;
}

/* ---- the platform's calls ---- */

void sim_fail(enum sim_op op, unsigned int nth, int err, bool always)
{
	sim_ops[op].nth = nth;
	sim_ops[op].err = err;
	sim_ops[op].always = always;
}

u64 sim_calls(enum sim_op op)
{
	return sim_ops[op].calls;
}

int sim_call(enum sim_op op)
{
	sim_ops[op].calls++;
	if (!sim_ops[op].nth || --sim_ops[op].nth)
		return 0;
	if (sim_ops[op].always)
		sim_ops[op].nth = 1;
	return sim_ops[op].err;
}

/* Memory and registers change hands under the platform's lock: nobody takes it under another. */
void sim_check_unlocked(const char *what)
{
	if (sim_locks_mine())
		sim_error("%s under a lock", what);
}

static int sim_check_range(u64 pa, u64 nr)
{
	if (pa & (SIM_PAGE_SIZE - 1) || !nr || nr - 1 > (~0ULL - pa) >> SIM_PAGE_SHIFT)
		return -EINVAL;
	return sim_in_range(pa, nr) ? 0 : -EPERM;
}

/* 0 if all pages are the host's alone and not pinned. */
static int sim_host_alone(u64 pa, u64 nr)
{
	const struct sim_page *page;
	int ret = sim_check_range(pa, nr);

	if (ret)
		return ret;
	for (page = sim_page(pa); nr; nr--, page++) {
		if (page->owner != SIM_HOST || page->shared)
			return -EPERM;
		if (page->pins)
			return -EBUSY;
	}
	return 0;
}

static int sim_do_take(u64 pa, u64 nr)
{
	int ret = sim_call(SIM_TAKE);

	if (!ret)
		ret = sim_host_alone(pa, nr);
	if (ret)
		return ret;
	if (nr > sim.nr || sim_index(pa) > sim.nr - nr)
		return -ENOMEM;
	memset(sim_ptr(pa), 0, nr << SIM_PAGE_SHIFT);
	sim_set_owner(pa, nr, SIM_HYP);
	return 0;
}

int hyp_pf_take_pages(u64 pa, u64 nr)
{
	int ret;

	sim_check_unlocked("take");
	sim_guard();
	ret = sim_do_take(pa, nr);
	sim_unguard();
	if (!ret)
		sim_event(SIM_EV_TAKE, pa, nr, 0);
	return ret;
}

static int sim_may_return(u64 pa, u64 nr)
{
	int ret = sim_call(SIM_RETURN);
	u64 i;

	if (ret)
		return ret;
	ret = sim_check_range(pa, nr);
	for (i = 0; !ret && i < nr; i++) {
		const struct sim_page *page = sim_page(pa) + i;

		if (page->owner != SIM_HYP || page->shared || page->pins)
			ret = -EPERM;
	}
	if (ret)
		sim_error("return of %#llx, %llu pages: not all ours, or pinned",
			  (unsigned long long)pa, (unsigned long long)nr);
	return ret;
}

int hyp_pf_return_pages(u64 pa, u64 nr)
{
	int ret;

	sim_check_unlocked("return");
	sim_guard();
	ret = sim_may_return(pa, nr);
	sim_unguard();
	if (ret)
		return ret;
	sim_event(SIM_EV_RETURN, pa, nr, 0);
	sim_guard();
	memset(sim_ptr(pa), 0, nr << SIM_PAGE_SHIFT);
	sim_set_owner(pa, nr, SIM_HOST);
	sim_unguard();
	return 0;
}

static int sim_do_pin(u64 pa, u64 nr)
{
	int ret = sim_call(SIM_PIN);
	u64 i;

	if (!ret)
		ret = sim_check_range(pa, nr);
	for (i = 0; !ret && i < nr; i++) {
		const struct sim_page *page = sim_page(pa) + i;

		if (!sim_page_host_access(page))
			ret = -EPERM;
		else if (page->pins >= sim.cfg.pin_max)
			ret = -EBUSY;
	}
	if (ret)
		return ret;
	sim_touch(pa, nr);
	for (i = 0; i < nr; i++)
		sim_page(pa)[i].pins++;
	return 0;
}

/* What platforms do under one lock is bounded. */
static void sim_check_pieces(u32 nr)
{
	if (nr > SIM_MAX_PIECES)
		sim_error("%u pieces to pin or unpin at once", nr);
}

int hyp_pf_pin(const struct hyp_iommu_sg *list, u32 nr, u32 *done)
{
	int ret;

	sim_check_pieces(nr);
	for (*done = 0; *done < nr; ++*done, list++) {
		u64 pages = list->size >> SIM_PAGE_SHIFT;

		sim_check_unlocked("pin");
		sim_guard();
		ret = sim_do_pin(list->oa, pages);
		sim_unguard();
		if (ret)
			return ret;
		sim_event(SIM_EV_PIN, list->oa, pages, 0);
	}
	return 0;
}

static void sim_unpin(u64 pa, u64 nr)
{
	u64 i, bad = 0;

	sim_check_unlocked("unpin");
	sim_event(SIM_EV_UNPIN, pa, nr, 0);
	sim_guard();
	sim_ops[SIM_UNPIN].calls++;
	if (sim_check_range(pa, nr)) {
		bad = nr;
		nr = 0;
	}
	for (i = 0; i < nr; i++) {
		if (sim_page(pa)[i].pins)
			sim_page(pa)[i].pins--;
		else
			bad++;
	}
	sim_unguard();
	if (bad)
		sim_error("unpin of %#llx: %llu pages were not pinned",
			  (unsigned long long)pa, (unsigned long long)bad);
}

void hyp_pf_unpin(const struct hyp_iommu_sg *list, u32 nr)
{
	sim_check_pieces(nr);
	for (; nr; nr--, list++)
		sim_unpin(list->oa, list->size >> SIM_PAGE_SHIFT);
}

int hyp_pf_read_host(void *buf, u64 pa, size_t size)
{
	const struct sim_page *page = sim_page(pa);
	int ret = sim_call(SIM_READ);

	sim_check_unlocked("read of the host's memory");
	if (!size || size > SIM_PAGE_SIZE - (pa & (SIM_PAGE_SIZE - 1)))
		return -EINVAL;
	sim_guard();
	if (!ret && (!page || !sim_backed(pa) || !sim_page_host_access(page)))
		ret = -EPERM;
	if (!ret)
		memcpy(buf, sim_ptr(pa), size);
	sim_unguard();
	sim_event(SIM_EV_READ_HOST, pa, size, 0);
	return ret;
}

/* ---- the other parties ---- */

int sim_host_donate(u64 pa, u64 nr, enum sim_owner to)
{
	int ret;

	sim_guard();
	ret = sim_host_alone(pa, nr);
	if (!ret)
		sim_set_owner(pa, nr, to);
	sim_unguard();
	return ret;
}

static int sim_guest_set_shared(u64 pa, u64 nr, bool shared)
{
	int ret;
	u64 i;

	sim_guard();
	ret = sim_check_range(pa, nr);
	for (i = 0; !ret && i < nr; i++) {
		const struct sim_page *page = sim_page(pa) + i;

		if (page->owner != SIM_GUEST || page->shared == shared)
			ret = -EPERM;
		else if (page->pins)
			ret = -EBUSY;
	}
	if (!ret)
		sim_set_shared(pa, nr, shared);
	sim_unguard();
	return ret;
}

int sim_guest_share(u64 pa, u64 nr)
{
	return sim_guest_set_shared(pa, nr, true);
}

int sim_guest_unshare(u64 pa, u64 nr)
{
	return sim_guest_set_shared(pa, nr, false);
}
