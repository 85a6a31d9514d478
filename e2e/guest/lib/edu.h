/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's "edu" PCI device: a DMA engine with a buffer of 4 KiB, driven from
 * user space.
 *
 * A blocked DMA looks like any other to its driver: a blocked read fills the
 * buffer with zeroes, a blocked write changes nothing.  So memory and the
 * kernel log are the witnesses.  QEMU splits a DMA that faults into words of
 * 4 bytes with one fault each: probe what should be blocked with <= 4 bytes.
 * Each DMA takes 100 ms.
 */
#ifndef E2E_EDU_H
#define E2E_EDU_H

#include "test.h"

struct edu {
	volatile u8 *bar;
	u32 rid;		/* requester ID: bus, device, function */
	char name[16];		/* as Linux names it */
	u64 *bounce;		/* a page that the device must be able to reach... */
	u64 bounce_ia;		/* ...under this address */
};

/* The @n-th edu that Linux knows; false: there is none. */
bool edu_open(struct edu *e, unsigned int n);

/*
 * An edu that Linux does not know: function @devfn of bus 0 where function 0 of
 * that slot does not exist.  @bar: free space in PCI memory below 4 GiB.
 */
bool edu_open_hidden(struct edu *e, u32 devfn, u32 bar);

/* Bus mastering on or off. */
void edu_master(struct edu *e, bool on);

/* One DMA between bus address @ia and the buffer at @off. */
void edu_from_memory(struct edu *e, u64 ia, u32 off, u32 len);
void edu_to_memory(struct edu *e, u64 ia, u32 off, u32 len);

/* Read or write 8, or 4, bytes at bus address @ia by way of the bounce page. */
u64 edu_read64(struct edu *e, u64 ia);
u32 edu_read32(struct edu *e, u64 ia);
void edu_write64(struct edu *e, u64 ia, u64 val);
void edu_write32(struct edu *e, u64 ia, u32 val);

/* Does the device reach its bounce page?  Proves that a test could fail. */
bool edu_works(struct edu *e);

#endif /* E2E_EDU_H */
