// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated platform itself: it must do what platform/platform.h says, and
 * find what the code under test does wrong.
 */
#include "kunit/sim_kunit.h"

#define REGS	0x9050000ULL

static void setup(struct kunit *test, const struct sim_cfg *cfg)
{
	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, cfg), 0);
}

/* ---- memory ---- */

static void take_and_return(struct kunit *test)
{
	u64 pa = sim_alloc(SIM_HOST, 3, 0);
	u64 *va;

	KUNIT_ASSERT_NE(test, pa, 0);
	KUNIT_EXPECT_NE(test, sim_read64(pa), 0);
	KUNIT_ASSERT_EQ(test, hyp_pf_take_pages(pa, 3), 0);
	KUNIT_EXPECT_EQ(test, sim_owner(pa + SZ_8K), SIM_HYP);
	KUNIT_EXPECT_FALSE(test, sim_host_access(pa));
	va = hyp_pf_va(pa + SZ_4K);
	KUNIT_EXPECT_EQ(test, hyp_pf_pa(va), pa + SZ_4K);
	KUNIT_EXPECT_EQ(test, *va, 0);
	*va = 1;
	KUNIT_EXPECT_EQ(test, sim_read64(pa + SZ_4K), 1);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa, 1), -EPERM);
	KUNIT_EXPECT_EQ(test, hyp_pf_return_pages(pa, 3), 0);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HOST);
	KUNIT_EXPECT_EQ(test, sim_read64(pa + SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, sim_calls(SIM_TAKE), 2);
	KUNIT_EXPECT_EQ(test, sim_calls(SIM_RETURN), 1);
}

static void take_is_all_or_nothing(struct kunit *test)
{
	u64 pa = sim_alloc(SIM_HOST, 4, 0);

	KUNIT_ASSERT_EQ(test, sim_pin_pages(pa + 3 * SZ_4K, 1), 0);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa, 4), -EBUSY);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HOST);
	sim_unpin_pages(pa + 3 * SZ_4K, 1);
	sim_set_shared(pa + 2 * SZ_4K, 1, true);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa, 4), -EPERM);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HOST);
	KUNIT_EXPECT_NE(test, sim_read64(pa), 0);
	sim_set_shared(pa + 2 * SZ_4K, 1, false);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa, 4), 0);
}

static void bad_ranges(struct kunit *test)
{
	static const struct {
		u64 pa, nr;
		int err;
	} bad[] = {
		{ SIM_BASE + 1, 1, -EINVAL },
		{ SIM_BASE, 0, -EINVAL },
		{ SIM_BASE, ~0ULL, -EINVAL },
		{ SIM_BASE, 1ULL << 52, -EINVAL },
		{ ~0ULL << 12, 2, -EINVAL },
		{ ~0ULL << 12, 1, -EPERM },
		{ 0, 1, -EPERM },
		{ SIM_BASE - SZ_4K, 1, -EPERM },
		{ SIM_BASE - SZ_4K, 2, -EPERM },
		{ SIM_BASE + SIM_SIZE, 1, -EPERM },
		{ SIM_BASE + SIM_SIZE - SZ_4K, 2, -EPERM },
		{ SIM_BASE, SIM_SIZE / SZ_4K + 1, -EPERM },
		{ SIM_BASE, (1ULL << 52) - (SIM_BASE >> 12), -EPERM },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, hyp_pf_take_pages(bad[i].pa, bad[i].nr), bad[i].err,
				    "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, sim_pin_pages(bad[i].pa, bad[i].nr), bad[i].err,
				    "%u", i);
	}
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
}

static void pins(struct kunit *test)
{
	u64 guest, hyp, nobody, pa;

	setup(test, &(struct sim_cfg){ .pin_max = 2 });
	guest = sim_alloc(SIM_GUEST, 2, 0);
	hyp = sim_alloc(SIM_HYP, 1, 0);
	nobody = sim_alloc(SIM_NONE, 1, 0);
	pa = sim_alloc(SIM_HOST, 2, 0);

	KUNIT_EXPECT_EQ(test, sim_pin_pages(pa, 2), 0);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(pa, 1), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 2);
	/* Full: and the page behind it keeps its one. */
	KUNIT_EXPECT_EQ(test, sim_pin_pages(pa, 2), -EBUSY);
	KUNIT_EXPECT_EQ(test, sim_pins(pa + SZ_4K), 1);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 3);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(guest, 1), -EPERM);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(hyp, 1), -EPERM);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(nobody, 1), -EPERM);

	/* What a guest lends may be pinned; it does not get it back then. */
	KUNIT_EXPECT_EQ(test, sim_guest_share(guest, 1), 0);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(guest, 1), 0);
	KUNIT_EXPECT_EQ(test, sim_guest_unshare(guest, 1), -EBUSY);
	sim_unpin_pages(guest, 1);
	KUNIT_EXPECT_EQ(test, sim_guest_unshare(guest, 1), 0);
	KUNIT_EXPECT_EQ(test, sim_guest_unshare(guest, 1), -EPERM);

	KUNIT_EXPECT_EQ(test, sim_host_donate(pa, 2, SIM_GUEST), -EBUSY);
	sim_unpin_pages(pa, 2);
	sim_unpin_pages(pa, 1);
	KUNIT_EXPECT_EQ(test, sim_host_donate(pa, 2, SIM_GUEST), 0);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
}

static void ghosts(struct kunit *test)
{
	u64 pa;

	setup(test, &(struct sim_cfg){ .ghost = 2ULL * SZ_1G });
	pa = sim_alloc_ghost(SIM_HOST, SZ_1G / SZ_4K, SZ_1G);
	KUNIT_ASSERT_NE(test, pa, 0);
	KUNIT_EXPECT_EQ(test, pa % SZ_1G, 0);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(pa, SZ_1G / SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), SZ_1G / SZ_4K);
	sim_unpin_pages(pa, SZ_1G / SZ_4K);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa, 1), -ENOMEM);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HOST);
}

static void reset_forgets(struct kunit *test)
{
	u64 pa = sim_alloc(SIM_HOST, 1, 0);

	KUNIT_EXPECT_EQ(test, sim_pin_pages(pa, 1), 0);
	KUNIT_EXPECT_NE(test, sim_alloc(SIM_HYP, 7, SZ_64K), 0);
	sim_finalise();
	sim_advance(1000);
	KUNIT_EXPECT_TRUE(test, hyp_pf_finalised());
	KUNIT_ASSERT_EQ(test, sim_reset(NULL), 0);
	KUNIT_EXPECT_FALSE(test, hyp_pf_finalised());
	KUNIT_EXPECT_TRUE(test, hyp_pf_isolates());
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
	KUNIT_EXPECT_EQ(test, sim_pins(pa), 0);
	KUNIT_EXPECT_EQ(test, sim_owned_pages(SIM_HYP), 0);
	KUNIT_EXPECT_EQ(test, sim_now(), 0);
	KUNIT_EXPECT_EQ(test, sim_alloc(SIM_HOST, 1, 0), pa);
}

static void alloc_is_bounded(struct kunit *test)
{
	u64 pa;

	setup(test, &(struct sim_cfg){ .size = SZ_64K });
	KUNIT_EXPECT_EQ(test, sim_alloc(SIM_HOST, 17, 0), 0);
	pa = sim_alloc(SIM_HOST, 1, 0);
	KUNIT_EXPECT_NE(test, pa, 0);
	KUNIT_EXPECT_EQ(test, sim_alloc(SIM_HOST, 8, SZ_32K), SIM_BASE + SZ_32K);
	KUNIT_EXPECT_EQ(test, sim_alloc(SIM_HOST, 8, 0), 0);
	KUNIT_EXPECT_EQ(test, sim_alloc(SIM_HOST, 7, 0), pa + SZ_4K);
	KUNIT_EXPECT_EQ(test, sim_alloc(SIM_HOST, 1, 0), 0);
}

/* ---- failures and errors ---- */

static void failures(struct kunit *test)
{
	u64 pa = sim_alloc(SIM_HOST, 3, 0);

	sim_fail_nth(SIM_TAKE, 2, -ENOMEM);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa, 1), 0);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa + SZ_4K, 1), -ENOMEM);
	KUNIT_EXPECT_EQ(test, sim_owner(pa + SZ_4K), SIM_HOST);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa + SZ_4K, 1), 0);

	sim_fail(SIM_PIN, 1, -EBUSY, true);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(pa + SZ_8K, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(pa + SZ_8K, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);

	sim_fail_nth(SIM_RETURN, 1, -ENOMEM);
	KUNIT_EXPECT_EQ(test, hyp_pf_return_pages(pa, 1), -ENOMEM);
	KUNIT_EXPECT_EQ(test, sim_owner(pa), SIM_HYP);
	KUNIT_EXPECT_EQ(test, hyp_pf_return_pages(pa, 1), 0);
}

static void errors_of_memory(struct kunit *test)
{
	u64 host = sim_alloc(SIM_HOST, 1, 0), hyp = sim_alloc(SIM_HYP, 2, 0);

	sim_kunit_expect_errors();
	sim_unpin_pages(host, 1);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	sim_unpin_pages(1, 1);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	KUNIT_EXPECT_NE(test, hyp_pf_return_pages(host, 1), 0);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	KUNIT_EXPECT_NE(test, hyp_pf_return_pages(hyp, 3), 0);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	hyp_pf_va(host);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	hyp_pf_va(0);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	hyp_pf_pa(test);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	hyp_pf_clean((u8 *)hyp_pf_va(hyp) + SZ_4K, SZ_4K + 1);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 0);
}

static void errors_of_devices(struct kunit *test)
{
	u64 host = sim_alloc(SIM_HOST, 1, 0), hyp = sim_alloc(SIM_HYP, 1, 0);

	sim_kunit_expect_errors();
	sim_device_read64(hyp);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 0);
	sim_device_read64(host);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	sim_device_write64(host, 0);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	KUNIT_EXPECT_EQ(test, sim_device_read64(0), ~0ULL);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);

	KUNIT_EXPECT_FALSE(test, sim_dma(host));
	KUNIT_EXPECT_FALSE(test, sim_dma(hyp));
	KUNIT_EXPECT_TRUE(test, sim_dma(REGS));
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 2);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(host, 1), 0);
	KUNIT_EXPECT_TRUE(test, sim_dma(host));
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 0);
}

static void errors_of_locks(struct kunit *test)
{
	static struct hyp_pf_lock lock = HYP_PF_LOCK_INIT;

	hyp_pf_lock(&lock);
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 1);
	hyp_pf_unlock(&lock);
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 0);

	sim_kunit_expect_errors();
	hyp_pf_unlock(&lock);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	hyp_pf_lock(&lock);
	hyp_pf_lock(&lock);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	hyp_pf_unlock(&lock);
	KUNIT_EXPECT_EQ(test, sim_locks_held(), 0);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 0);
}

/* ---- caches ---- */

static void noncoherent_writes(struct kunit *test)
{
	u64 pa, *va;

	setup(test, &(struct sim_cfg){ .noncoherent = true });
	pa = sim_alloc(SIM_HOST, 1, 0);
	KUNIT_ASSERT_EQ(test, hyp_pf_take_pages(pa, 1), 0);
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa), 0);
	va = hyp_pf_va(pa);

	va[0] = 1;
	va[7] = 2;
	va[8] = 3;
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa), 0);
	KUNIT_EXPECT_EQ(test, sim_dirty(pa, SZ_4K), 3);
	hyp_pf_wmb();
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa), 0);

	/* Cleaning takes whole lines, and is complete with the barrier. */
	hyp_pf_clean(va, 8);
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa), 0);
	hyp_pf_wmb();
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa), 1);
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa + 56), 2);
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa + 64), 0);
	KUNIT_EXPECT_EQ(test, sim_dirty(pa, SZ_4K), 1);

	/* A range that crosses a line's end has both lines. */
	va[7] = 4;
	hyp_pf_clean(&va[7], 9);
	hyp_pf_wmb();
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa + 56), 4);
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa + 64), 3);
	KUNIT_EXPECT_EQ(test, sim_dirty(pa, SZ_4K), 0);
}

static void noncoherent_reads(struct kunit *test)
{
	u64 pa, *va;

	setup(test, &(struct sim_cfg){ .noncoherent = true });
	pa = sim_alloc(SIM_HYP, 1, 0);
	va = hyp_pf_va(pa);
	sim_device_write64(pa + 8, 1);
	KUNIT_EXPECT_EQ(test, va[1], 0);
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa + 8), 1);
	hyp_pf_invalidate(va, 8);
	KUNIT_EXPECT_EQ(test, va[1], 1);

	/* To invalidate what was written loses it. */
	sim_kunit_expect_errors();
	va[0] = 1;
	hyp_pf_invalidate(va, 8);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 1);
	KUNIT_EXPECT_EQ(test, va[0], 0);
}

/* With a seed a dirty line reaches memory at times, and never half a line. */
static void random_evictions(struct kunit *test)
{
	unsigned int seen = 0, i;
	u64 pa, *va;

	setup(test, &(struct sim_cfg){ .noncoherent = true, .seed = 1 });
	pa = sim_alloc(SIM_HYP, 64, 0);
	va = hyp_pf_va(pa);
	for (i = 0; i < 1000; i++) {
		va[i * 8] = 1;
		va[i * 8 + 7] = 1;
		seen += sim_device_read64(pa + i * 64) == 1;
		KUNIT_EXPECT_EQ(test, sim_device_peek64(pa + i * 64),
				sim_device_peek64(pa + i * 64 + 56));
	}
	KUNIT_EXPECT_GT(test, seen, 150);
	KUNIT_EXPECT_LT(test, seen, 350);
}

static void coherent_is_immediate(struct kunit *test)
{
	u64 pa = sim_alloc(SIM_HYP, 1, 0), *va = hyp_pf_va(pa), buf[2];

	va[1] = 1;
	KUNIT_EXPECT_EQ(test, sim_device_read64(pa + 8), 1);
	sim_device_write64(pa, 2);
	KUNIT_EXPECT_EQ(test, READ_ONCE(va[0]), 2);
	sim_device_read(pa, buf, sizeof(buf));
	KUNIT_EXPECT_EQ(test, buf[0], 2);
	KUNIT_EXPECT_EQ(test, buf[1], 1);
	KUNIT_EXPECT_EQ(test, sim_dirty(pa, SZ_4K), 0);
}

/* ---- registers and time ---- */

struct toy {
	u64 val, ticks, last_us;
	u32 offset;
	unsigned int width;
};

static u64 toy_read(void *priv, u32 offset, unsigned int width)
{
	struct toy *toy = priv;

	toy->offset = offset;
	toy->width = width;
	return toy->val;
}

static void toy_write(void *priv, u32 offset, u64 val, unsigned int width)
{
	struct toy *toy = priv;

	toy->offset = offset;
	toy->width = width;
	toy->val = val;
}

static void toy_tick(void *priv, u64 now_us)
{
	struct toy *toy = priv;

	toy->ticks++;
	toy->last_us = now_us;
}

static const struct sim_mmio_ops toy_ops = {
	.read = toy_read,
	.write = toy_write,
	.tick = toy_tick,
};

static void registers(struct kunit *test)
{
	struct toy toy = { .val = ~0ULL };
	hyp_pf_mmio_t regs;

	KUNIT_ASSERT_EQ(test, sim_mmio_register(REGS, SZ_8K, &toy_ops, &toy), 0);
	KUNIT_EXPECT_TRUE(test, hyp_pf_is_host_mmio(REGS, SZ_8K));
	KUNIT_ASSERT_EQ(test, hyp_pf_take_mmio(REGS, SZ_8K, &regs), 0);
	KUNIT_EXPECT_TRUE(test, sim_mmio_taken(REGS + SZ_4K));
	KUNIT_EXPECT_FALSE(test, hyp_pf_is_host_mmio(REGS, SZ_4K));
	KUNIT_EXPECT_FALSE(test, hyp_pf_is_host_mmio(REGS - SZ_4K, SZ_8K));
	KUNIT_EXPECT_TRUE(test, hyp_pf_is_host_mmio(REGS - SZ_4K, SZ_4K));
	KUNIT_EXPECT_EQ(test, hyp_pf_take_mmio(REGS + SZ_4K, SZ_4K, &regs), -EPERM);

	KUNIT_EXPECT_EQ(test, hyp_pf_read32(regs, 4), U32_MAX);
	KUNIT_EXPECT_EQ(test, hyp_pf_read64(regs, 8), U64_MAX);
	hyp_pf_write32(regs, SZ_4K, 5);
	KUNIT_EXPECT_EQ(test, toy.offset, SZ_4K);
	KUNIT_EXPECT_EQ(test, toy.width, 4);
	KUNIT_EXPECT_EQ(test, toy.val, 5);
	KUNIT_EXPECT_EQ(test, sim_mmio_accesses(), 3);

	sim_kunit_expect_errors();
	hyp_pf_read32(regs, 2);
	hyp_pf_read64(regs, 4);
	hyp_pf_write32(regs, SZ_8K, 0);
	hyp_pf_write32(NULL, 0, 0);
	KUNIT_EXPECT_EQ(test, sim_take_errors(), 4);
}

static void bad_registers(struct kunit *test)
{
	hyp_pf_mmio_t regs;

	KUNIT_EXPECT_EQ(test, hyp_pf_take_mmio(REGS + 1, SZ_4K, &regs), -EINVAL);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_mmio(REGS, 0, &regs), -EINVAL);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_mmio(REGS, SZ_4K + 1, &regs), -EINVAL);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_mmio(~0ULL << 12, SZ_8K, &regs), -EINVAL);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_mmio(SIM_BASE, SZ_4K, &regs), -EPERM);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_mmio(SIM_BASE - SZ_4K, SZ_8K, &regs), -EPERM);
	KUNIT_EXPECT_FALSE(test, hyp_pf_is_host_mmio(SIM_BASE + SIM_SIZE - SZ_4K, SZ_8K));
	KUNIT_EXPECT_FALSE(test, hyp_pf_is_host_mmio(0, ~0ULL << 12));

	/* A hole in memory may have registers; nothing answers there. */
	sim_set_owner(SIM_BASE + SZ_1M, 1, SIM_NOMEM);
	KUNIT_EXPECT_FALSE(test, hyp_pf_is_host_mmio(SIM_BASE + SZ_1M, SZ_8K));
	KUNIT_ASSERT_EQ(test, hyp_pf_take_mmio(SIM_BASE + SZ_1M, SZ_4K, &regs), 0);
	KUNIT_EXPECT_EQ(test, hyp_pf_read64(regs, 0), U64_MAX);
	hyp_pf_write64(regs, 0, 0);
}

static void time_passes(struct kunit *test)
{
	struct toy toy = { 0 };
	u64 before, polls = 0;

	sim_mmio_attach(REGS, SZ_4K, &toy_ops, &toy);
	before = hyp_pf_us();
	while (hyp_pf_us() - before < 1000000) {
		hyp_pf_relax();
		polls++;
	}
	KUNIT_EXPECT_LT(test, polls, 100000);
	KUNIT_EXPECT_GE(test, toy.ticks, polls);
	KUNIT_EXPECT_EQ(test, toy.last_us, sim_now());
}

/* ---- trace ---- */

struct log {
	enum sim_event_kind kind[16];
	unsigned int nr;
};

static void log_event(const struct sim_event *ev, void *arg)
{
	struct log *log = arg;

	if (log->nr < ARRAY_SIZE(log->kind))
		log->kind[log->nr++] = ev->kind;
}

static void trace(struct kunit *test)
{
	static const enum sim_event_kind want[] = {
		SIM_EV_TAKE, SIM_EV_PIN,
#ifndef __KERNEL__
		SIM_EV_STORE,
#endif
		SIM_EV_CLEAN, SIM_EV_WMB, SIM_EV_MMIO_WRITE, SIM_EV_MMIO_READ, SIM_EV_UNPIN,
		SIM_EV_RETURN,
	};
	u64 pa = sim_alloc(SIM_HOST, 2, 0), *va;
	struct toy toy = { 0 };
	hyp_pf_mmio_t regs = sim_mmio_attach(REGS, SZ_4K, &toy_ops, &toy);
	struct log log = { .nr = 0 };

	sim_set_trace(log_event, &log);
	KUNIT_EXPECT_EQ(test, hyp_pf_take_pages(pa, 1), 0);
	KUNIT_EXPECT_EQ(test, sim_pin_pages(pa + SZ_4K, 1), 0);
	va = hyp_pf_va(pa);
	WRITE_ONCE(*va, 5);
	hyp_pf_clean(va, 8);
	hyp_pf_wmb();
	hyp_pf_write32(regs, 0, 1);
	hyp_pf_read32(regs, 0);
	sim_unpin_pages(pa + SZ_4K, 1);
	KUNIT_EXPECT_EQ(test, hyp_pf_return_pages(pa, 1), 0);
	sim_set_trace(NULL, NULL);
	KUNIT_ASSERT_EQ(test, log.nr, ARRAY_SIZE(want));
	KUNIT_EXPECT_MEMEQ(test, log.kind, want, sizeof(want));
}

static void nospec(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, hyp_pf_nospec(3, 4), 3);
	KUNIT_EXPECT_EQ(test, hyp_pf_nospec(4, 4), 0);
	KUNIT_EXPECT_EQ(test, hyp_pf_nospec(0, 0), 0);
}

static struct kunit_case sim_cases[] = {
	KUNIT_CASE(take_and_return),
	KUNIT_CASE(take_is_all_or_nothing),
	KUNIT_CASE(bad_ranges),
	KUNIT_CASE(pins),
	KUNIT_CASE(ghosts),
	KUNIT_CASE(reset_forgets),
	KUNIT_CASE(alloc_is_bounded),
	KUNIT_CASE(failures),
	KUNIT_CASE(errors_of_memory),
	KUNIT_CASE(errors_of_devices),
	KUNIT_CASE(errors_of_locks),
	KUNIT_CASE(noncoherent_writes),
	KUNIT_CASE(noncoherent_reads),
	KUNIT_CASE(random_evictions),
	KUNIT_CASE(coherent_is_immediate),
	KUNIT_CASE(registers),
	KUNIT_CASE(bad_registers),
	KUNIT_CASE(time_passes),
	KUNIT_CASE(trace),
	KUNIT_CASE(nospec),
	{}
};

static struct kunit_suite sim_suite = {
	.name = "hyp_iommu_sim",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = sim_cases,
};

kunit_test_suite(sim_suite);
