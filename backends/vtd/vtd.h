/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the files of the VT-d backend share.
 */
#ifndef HYP_VTD_VTD_H
#define HYP_VTD_VTD_H

#include "core/backend.h"
#include "backends/vtd/context.h"
#include "backends/vtd/descs.h"
#include "backends/vtd/regs.h"

/* ---- the unit, as its registers tell ---- */

struct hyp_vtd_caps {
	bool scalable;		/* the mode that we use; else legacy */
	bool fs, ss;		/* stages, in this mode */
	bool tables_coherent;	/* root, context and PASID tables are snooped, ... */
	bool walks_coherent;	/* ... page tables are */
	bool snoop_control;
	bool caching_mode;	/* caches what is not present */
	bool write_buffer;	/* has to be told to look at memory */
	bool prot_regions;	/* has protected memory regions */
	bool srtp_invalidates;	/* a new root pointer drops all that is cached */
	bool page_inval;
	u8 am_max;		/* pages of one page-selective invalidation, as log2 */
	u64 drain;		/* IOTLB0_DW, IOTLB0_DR */
	u8 fs_bits, ss_bits;	/* of input addresses */
	u8 ss_levels;		/* as SAGAW has them */
	u64 fs_sizes, ss_sizes;
	u32 tags;
	u32 faults_offset, nr_faults;
};

/* Tags that we can have; one word each for spaces in scalable mode. */
#define HYP_VTD_MAX_TAGS	1024

/* ---- qi.c: the invalidation queue ---- */

#define HYP_VTD_QI_SIZE		HYP_IOMMU_PAGE_SIZE

/*
 * A wait descriptor writes its position, the number of descriptors since the
 * beginning up to itself, to *status.  Positions are tickets: whoever waits
 * knows the one that it waits for.
 */
struct hyp_vtd_qi {
	struct hyp_pf_lock lock;
	struct hyp_iommu_unit *unit;	/* for its counters */
	hyp_pf_mmio_t regs;
	u64 *ring;
	u64 ring_pa;
	u32 *status;		/* the unit writes it; its lowest 32 bits */
	u64 status_pa;
	u8 lg2;			/* descriptors */
	u8 desc_lg2;		/* bytes of one */
	bool dead;		/* an error, or no answer: nothing is ever sent again */
	u64 prod;		/* written to the ring */
	u64 rung;		/* made known to the unit */
	u64 cons;		/* completed, as far as we know */
	u64 deadline;		/* of who holds the lock between begin and end */
};

void hyp_vtd_qi_init(struct hyp_vtd_qi *q, struct hyp_iommu_unit *unit, u64 ring_pa,
		     u32 *status, bool wide);

/* What to write to VTD_IQA. */
u64 hyp_vtd_qi_iqa(const struct hyp_vtd_qi *q);

/*
 * Between begin and end the caller owns the queue and pushes descriptors; end
 * pushes a wait descriptor, and fence one more, behind which nothing begins
 * before everything in front of it is complete.  *@ticket is for
 * hyp_vtd_qi_wait().  Not more than HYP_VTD_MAX_BATCH in all.
 * Return: 0, or -EIO, then or at end: any of them may not be executed.
 */
#define HYP_VTD_MAX_BATCH	16

void hyp_vtd_qi_begin(struct hyp_vtd_qi *q);
int hyp_vtd_qi_push(struct hyp_vtd_qi *q, struct hyp_vtd_desc desc);
int hyp_vtd_qi_fence(struct hyp_vtd_qi *q);
int hyp_vtd_qi_end(struct hyp_vtd_qi *q, u64 *ticket);

/*
 * Wait until the wait descriptor of @ticket, and so all before it, is complete.
 * Return: 0; -EIO: it is not, and the queue is dead.
 */
int hyp_vtd_qi_wait(struct hyp_vtd_qi *q, u64 ticket);

/* hyp_vtd_qi_end() and hyp_vtd_qi_wait(). */
int hyp_vtd_qi_finish(struct hyp_vtd_qi *q);

/* Never send anything again; waits that are not over fail. */
void hyp_vtd_qi_kill(struct hyp_vtd_qi *q);

/* ---- inval.c: which descriptors drop a range ---- */

struct hyp_vtd_inval {
	struct hyp_vtd_desc desc[2];
	u32 nr;
};

/* The descriptor that drops everything of a space. */
struct hyp_vtd_desc hyp_vtd_inval_tag(const struct hyp_vtd_caps *caps,
				      const struct hyp_iommu_space *space);

/* The descriptors that drop what @gather has removed from a space's table. */
struct hyp_vtd_inval hyp_vtd_inval_plan(const struct hyp_vtd_caps *caps,
					const struct hyp_iommu_space *space,
					const struct hyp_pgt_gather *gather);

/* ---- fault.c: the fault recording registers ---- */

struct hyp_vtd_faults {
	struct hyp_pf_lock lock;
	u32 next;		/* where the next record is expected */
	bool failed;		/* -EIO was reported, or the unit was stopped */
};

/* Take the oldest record; see `fault` in core/backend.h. */
int hyp_vtd_fault_take(struct hyp_iommu_unit *unit, struct hyp_iommu_fault *fault);

/* Forget what was recorded, and errors. */
void hyp_vtd_faults_clear(hyp_pf_mmio_t regs, const struct hyp_vtd_caps *caps);

/* What a record's two words say. */
void hyp_vtd_fault_decode(const u64 record[2], struct hyp_iommu_fault *fault);

/* ---- init.c: probing, starting and stopping ---- */

/* A unit's private data, in its own memory. */
struct hyp_vtd {
	/* Written by the unit, in a line of its own: this is where a page begins. */
	u32 status;
	u32 status_pad[15];
	struct hyp_iommu_unit *unit;
	struct hyp_vtd_caps caps;
	struct hyp_vtd_qi qi;
	struct hyp_vtd_faults faults;
	struct hyp_pf_lock gcmd_lock;	/* one command at a time */
	u64 *root;
	u64 root_pa;
	bool rooted;		/* the unit has taken the root pointer, and with it the mode */
	u64 dir_pa[HYP_VTD_MAX_TAGS];	/* PASID directory of a space; 0: none */
};

/* Understand CAP, ECAP.  @forced: -1, or RTADDR.TTM, which cannot change now. */
int hyp_vtd_parse_caps(u64 cap, u64 ecap, int forced, struct hyp_vtd_caps *caps);

/* Read what the unit can do.  Return: 0; -ENODEV: not one that we can use. */
int hyp_vtd_probe(const struct hyp_iommu_unit *unit, struct hyp_vtd_caps *caps);

/* Bring the unit up with the (empty) root table and queue of @vtd.  Return: 0, or -EIO. */
int hyp_vtd_start(struct hyp_vtd *vtd);

/* Point the unit to the root table and let it translate, whatever else does not work. */
int hyp_vtd_enable(struct hyp_vtd *vtd);

/* Drop everything, and wait. */
int hyp_vtd_drop_all(struct hyp_vtd *vtd);

/* Where the unit has to be told: let it look at memory.  Return: 0, or -EIO. */
int hyp_vtd_write_buffer_flush(struct hyp_vtd *vtd);

extern const struct hyp_iommu_backend hyp_vtd_backend;

#endif /* HYP_VTD_VTD_H */
