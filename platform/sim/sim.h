/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated machine, as tests and device models see it.
 *
 * Memory is [base, base + size), backed, and behind it `ghost` bytes that have
 * an owner and pins but no content: for mappings of gigabytes.  All the rest
 * of the address space is not memory.  Every page has an owner, a flag that
 * says that it is shared, and a count of pins.
 *
 * What the code under test does wrong (use of memory that it does not own, an
 * unpin too many, a lock taken twice, ...) is an *error*: sim_error() counts
 * it and tells the hook, and the simulation goes on.
 *
 * With `noncoherent` devices see a memory of their own: it gets what was
 * written back by hyp_pf_clean() (in whole lines of 64 bytes), at the next
 * hyp_pf_wmb() at the latest, and what devices write reaches the CPU when it
 * calls hyp_pf_invalidate().  With `seed` lines also travel at random, as
 * caches do: a dirty one may be written back at any time.
 */
#ifndef HYP_PF_SIM_H
#define HYP_PF_SIM_H

#include "platform/platform.h"

#define SIM_BASE	0x880000000ULL
#define SIM_SIZE	(32ULL << 20)
#define SIM_LINE	64

enum sim_owner {
	SIM_HOST,	/* what memory begins as */
	SIM_HYP,
	SIM_GUEST,
	SIM_NONE,	/* nobody's: memory that the host has no access to */
	SIM_NOMEM,	/* not memory */
};

enum sim_op {
	SIM_TAKE,
	SIM_RETURN,
	SIM_PIN,
	SIM_UNPIN,
	SIM_READ,
	SIM_TAKE_MMIO,
	SIM_NR_OPS
};

struct sim_cfg {
	u64 base;		/* 0: SIM_BASE */
	u64 size;		/* 0: SIM_SIZE */
	u64 ghost;		/* bytes */
	bool noncoherent;
	bool no_isolation;	/* hyp_pf_isolates() says false */
	u32 seed;		/* 0: caches move nothing on their own */
	u32 pin_max;		/* 0: 65535 */
	u32 relax_us;		/* how long hyp_pf_relax() takes; 0: 10 */
	int fd;			/* user space: memory is this file's ..., 0: our own */
	u64 fd_offset;		/* ... from here on; platform/qtest */
};

/* ---- life cycle ---- */

/* Forget everything and begin anew; @cfg NULL: all zero.  Return: 0 or -ENOMEM. */
int sim_reset(const struct sim_cfg *cfg);
const struct sim_cfg *sim_config(void);
void sim_finalise(void);
/* As before sim_finalise(), for a suite that begins where another one has ended. */
void sim_trust_again(void);

/* ---- errors ---- */

void sim_error(const char *fmt, ...) __printf(1, 2);
/* Called for each error, NULL: none.  Stays over sim_reset(). */
void sim_set_error_hook(void (*hook)(const char *msg));
/* How many errors since the last call. */
unsigned int sim_take_errors(void);

/* ---- memory ---- */

/*
 * Find @nr free contiguous pages, aligned to @align bytes (0: a page), and
 * make them the owner's; their content is junk, but for SIM_HYP: zero, and
 * written back.  Pages that were never handed out here are free.
 * Return: pa, or 0.
 */
u64 sim_alloc(enum sim_owner owner, u64 nr, u64 align);
/* The same among the ghost pages. */
u64 sim_alloc_ghost(enum sim_owner owner, u64 nr, u64 align);

void sim_set_owner(u64 pa, u64 nr, enum sim_owner owner);
enum sim_owner sim_owner(u64 pa);
void sim_set_shared(u64 pa, u64 nr, bool shared);
bool sim_shared(u64 pa);
u32 sim_pins(u64 pa);
u64 sim_total_pins(void);
u64 sim_owned_pages(enum sim_owner owner);	/* among backed pages */
bool sim_is_memory(u64 pa);
/* May the host's CPUs read and write this page now? */
bool sim_host_access(u64 pa);

/*
 * What other parties do: each returns 0, or an error as the hypervisor would
 * (-EPERM: not theirs to give; -EBUSY: pinned).
 */
int sim_host_donate(u64 pa, u64 nr, enum sim_owner to);
int sim_guest_share(u64 pa, u64 nr);
int sim_guest_unshare(u64 pa, u64 nr);

/* The content of backed memory, whoever owns it; as the CPU sees it. */
void *sim_ptr(u64 pa);
u64 sim_read64(u64 pa);
void sim_write64(u64 pa, u64 val);

/*
 * IOMMU hardware's reads and writes of its own structures, as 8 aligned bytes.  It is
 * an error if the page is not the hypervisor's.
 */
u64 sim_device_read64(u64 pa);
void sim_device_write64(u64 pa, u64 val);
/* The same for @size bytes; both multiples of 8. */
void sim_device_read(u64 pa, void *buf, size_t size);
/* What hardware would read, and no error whoever the owner is. */
u64 sim_device_peek64(u64 pa);
/* Bytes that the CPU has written and devices do not see yet. */
u64 sim_dirty(u64 pa, u64 size);

/*
 * An endpoint's access, after translation.  It is an error if the page is
 * memory and not pinned, or the host could not access it.
 * Return: true if it is fine.
 */
bool sim_dma(u64 pa);

/* ---- failures ---- */

/* Let the @nth call from now (1: the next) return @err, and all after it if @always. */
void sim_fail(enum sim_op op, unsigned int nth, int err, bool always);
#define sim_fail_nth(op, nth, err)	sim_fail(op, nth, err, false)
/* Calls since sim_reset(), also failed ones. */
u64 sim_calls(enum sim_op op);

/* ---- registers ---- */

struct sim_mmio_ops {
	u64 (*read)(void *priv, u32 offset, unsigned int width);
	void (*write)(void *priv, u32 offset, u64 val, unsigned int width);
	/* Time has passed; may be NULL. */
	void (*tick)(void *priv, u64 now_us);
};

/* A device's registers; hyp_pf_take_mmio() finds them. */
int sim_mmio_register(u64 pa, u64 size, const struct sim_mmio_ops *ops, void *priv);
/* The same for tests that use no hyp_pf_take_mmio(): they are taken already. */
hyp_pf_mmio_t sim_mmio_attach(u64 pa, u64 size, const struct sim_mmio_ops *ops, void *priv);
bool sim_mmio_taken(u64 pa);
u64 sim_mmio_accesses(void);

/* ---- time ---- */

u64 sim_now(void);		/* without making it pass */
void sim_advance(u64 us);	/* and tell the devices */

/* ---- locks ---- */

/* Take, return, pin, unpin and reads of the host's are errors while the caller holds a lock. */

unsigned int sim_locks_held(void);

/* ---- trace ---- */

enum sim_event_kind {
	SIM_EV_STORE,		/* WRITE_ONCE() to memory of ours; user space only */
	SIM_EV_CLEAN,		/* pa, size */
	SIM_EV_INVALIDATE,
	SIM_EV_WMB,
	SIM_EV_MMIO_READ,	/* pa, width, value */
	SIM_EV_MMIO_WRITE,
	SIM_EV_PIN,		/* successful ones; pa, pages */
	SIM_EV_UNPIN,
	SIM_EV_TAKE,
	SIM_EV_RETURN,
	SIM_EV_LOCK,
	SIM_EV_UNLOCK,
	SIM_EV_READ_HOST,	/* pa, size; the host may change it right after */
};

struct sim_event {
	enum sim_event_kind kind;
	u64 pa;
	u64 size;		/* bytes; pages for pin, unpin, take and return */
	u64 val, old;		/* old: what a store has replaced */
};

typedef void (*sim_trace_fn)(const struct sim_event *ev, void *arg);

/* Called after the effect of each event, and before that of a return or unpin. */
void sim_set_trace(sim_trace_fn fn, void *arg);

#endif /* HYP_PF_SIM_H */
