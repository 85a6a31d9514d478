/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's machines, for the hypervisor side in user space: platform/sim, with
 * QEMU's IOMMU behind the registers, in memory that QEMU's devices share.
 *
 * The core and the backends run in this process.  Table writes are stores to
 * the machine's memory; registers go through qtest.  A device model, if there
 * is one, gets the same writes and walks the same memory; what the code under
 * test reads is always QEMU's.
 *
 * Endpoints are `edu` devices: each copies up to 4 bytes at a time between
 * what it is told is memory and a buffer of its own.
 */
#ifndef HYP_PF_QTEST_MACHINE_H
#define HYP_PF_QTEST_MACHINE_H

#include "platform/qtest/qtest.h"
#include "platform/sim/sim.h"

/*
 * Memory that is used: [4G, 8G).  The first part has owners, pins and content
 * (platform/sim); of the rest platform/sim knows owners and pins, and content
 * is where machine_ptr() says.
 */
#define MACHINE_BASE	(4ULL << 30)
#define MACHINE_SIZE	(4ULL << 30)
#define MACHINE_BACKED	(64ULL << 20)

#define MACHINE_EDUS	6

/* Commands that get lost on the way to the unit, for negative controls. */
enum machine_drop {
	DROP_NOTHING,
	DROP_TLB,	/* invalidations of translations hit another domain */
	DROP_CONFIG,	/* those of device-table entries, another endpoint */
	DROP_DOORBELL,	/* the unit is never told that there is a command */
};

struct machine_config {
	const char *name, *what;
	bool arm;
	const char *args;	/* of the IOMMU device */
	u32 unit_flags;
};

struct machine {
	const struct machine_config *cfg;
	struct qtest q;
	int fd;
	u8 *ram;
	u64 regs_pa, regs_size;
	u32 kind;
	u64 ecam, mmio;
	u32 endpoint[MACHINE_EDUS];
	enum machine_drop drop;
	u32 dropped;
	u64 ring;		/* of commands, as its register has it */
	u32 rung;		/* position behind the last doorbell */

	void (*written)(struct machine *m);	/* after each write to a register; may be NULL */

	/* The model; and who is told when it does not say what QEMU says. */
	const struct sim_mmio_ops *model_ops;
	void *model;
	void (*differs)(struct machine *m, u32 offset, unsigned int width, u64 qemu, u64 model);
};

const struct machine_config *machine_find(const char *name);
void machine_list(void);

/* Start QEMU, and platform/sim on its memory. */
void machine_start(struct machine *m, const struct machine_config *cfg, const char *log);
void machine_end(struct machine *m);

/* The content of memory, whoever owns it. */
void *machine_ptr(const struct machine *m, u64 pa);

/* Let a device copy @size bytes; returns when it has, or has failed: it does not tell. */
void machine_dma(struct machine *m, u32 edu, u64 ia, u32 size, bool to_memory);

#endif /* HYP_PF_QTEST_MACHINE_H */
