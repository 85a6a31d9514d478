/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How an IOMMU architecture plugs into the core: one struct
 * hyp_iommu_backend per architecture, one struct hyp_iommu_unit per instance.
 *
 * A backend keeps the device tables and the command queue of its units.  The
 * core keeps domains, endpoints, pins and pools, decides what is allowed, and
 * calls the backend in this order:
 *
 *   init     before anything else; from its success on every endpoint of the
 *            unit is blocked unless it is attached
 *   bind     before the first endpoint of the unit is attached to a space
 *   attach   endpoint by endpoint
 *   invalidate, wait
 *            after entries were removed from the space's table, and before
 *            the pages are unpinned and the tables used again; where a unit
 *            has notices_maps, also after entries were added
 *   detach   endpoint by endpoint
 *   unbind   after the last endpoint; afterwards the space's tag may get
 *            another meaning, and no cached translation of it is left
 *   fault    whenever the host asks
 *   stop     when the unit did not answer; also before a failed unit is given
 *            up.  Everything behind it is blocked for good.
 *
 * Locks: the core calls init before anybody else can reach the unit.  It
 * serialises bind, attach, detach, unbind and stop over all units, and
 * invalidate with respect to the *space*, but invalidate, wait and fault run at
 * the same time as each other and as the rest on one unit: a backend has a lock
 * of its own for its command queue and one for its fault records.  The space
 * that a wait is for may have been unbound meanwhile.
 *
 * Every wait for hardware ends, after HYP_IOMMU_TIMEOUT_US at the latest, and
 * returns -EIO then: the caller of some of them holds locks.  After -EIO the
 * core calls stop, marks the unit HYP_IOMMU_UNIT_STOPPED and begins nothing but
 * fault any more.
 */
#ifndef HYP_IOMMU_CORE_BACKEND_H
#define HYP_IOMMU_CORE_BACKEND_H

#include "pgtable/pgtable.h"

#define HYP_IOMMU_TIMEOUT_US	1000000ULL

/* An address space as a unit sees it; part of a domain. */
struct hyp_iommu_space {
	u32 tag;		/* 1 .. unit->max_tags - 1; unique among all spaces */
	enum hyp_iommu_stage stage;
	struct hyp_pgt pgt;
};

/* What a unit can do with tables of one stage; fmt NULL: nothing. */
struct hyp_iommu_stage_cfg {
	const struct hyp_pgt_fmt *fmt;
	struct hyp_pgt_cfg cfg;
};

struct hyp_iommu_unit {
	/* Set by the core before init. */
	const struct hyp_iommu_backend *backend;
	u32 id;
	u32 flags;			/* enum hyp_iommu_unit_flag */
	u64 regs_pa, regs_size;
	hyp_pf_mmio_t regs;
	u64 mem_pa, mem_pages;		/* zeroed and contiguous; may be too small */

	/* Set by init. */
	struct hyp_iommu_stage_cfg stage[HYP_IOMMU_NR_STAGES];
	enum hyp_iommu_stage prefer;	/* for HYP_IOMMU_STAGE_ANY */
	u32 max_tags;
	u8 endpoint_bits;
	u8 pasid_bits;
	u8 attach_pages;		/* that bind and attach take, both together, at most */
	bool coherent;
	bool notices_maps;		/* invalidate has to be told what was mapped, too */
	void *priv;			/* the backend's, inside the unit's memory */

	/* Counters; the backend's to count, with hyp_iommu_count(). */
	u64 commands, waits, faults_lost;

	/* The core's. */
	u32 state;			/* enum hyp_iommu_unit_state, for atomic access */
	bool adding, regs_taken;
	u32 endpoints;
	u64 faults;
};

struct hyp_iommu_fault {
	u64 ia;
	u32 endpoint;
	u32 pasid;
	enum hyp_iommu_fault_reason reason;
	bool write, has_pasid, no_address;
};

struct hyp_iommu_backend {
	u32 kind;			/* HYP_IOMMU_KIND() */

	/**
	 * @init: probe a unit and make it block every endpoint
	 *
	 * Believes nothing but registers.  All memory it needs for good comes
	 * from the unit's mem_pa; if that is too small: -ENOMEM with
	 * *@need = contiguous pages wanted, no register written.
	 * Return: 0; -ENODEV: this is not such a unit, or lacks something
	 * that we need; -EIO: it does not do what it is told; *@need unused.
	 */
	int (*init)(struct hyp_iommu_unit *unit, u64 *need);

	/**
	 * @bind: get ready for endpoints of @space behind @unit
	 *
	 * Return: 0; -ENOMEM: @pool is empty; -EOPNOTSUPP: the unit cannot
	 * reach the memory; -EXDEV: it cannot use the tables, for a reason that
	 * its stages do not tell; nothing changed.
	 */
	int (*bind)(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
		    struct hyp_pgt_pool *pool);

	/**
	 * @unbind: forget @space
	 *
	 * Invalidates everything that is cached under its tag and waits.
	 * Return: 0, or -EIO: the tag must not be used again.
	 */
	int (*unbind)(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
		      struct hyp_pgt_pool *pool);

	/**
	 * @attach: let an endpoint use @space
	 *
	 * The endpoint is blocked before.  @pool: for further table memory
	 * (pages); what a failed call took, and does not keep for later
	 * calls, is back in it.
	 * Return: 0; -ENOMEM: the pool is empty; -EOPNOTSUPP: this pasid is
	 * beyond the backend, or memory beyond the unit; -EIO.  On error the endpoint is blocked.
	 */
	int (*attach)(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
		      struct hyp_iommu_space *space, struct hyp_pgt_pool *pool);

	/**
	 * @detach: block an endpoint that uses @space
	 *
	 * When it returns 0 no cached copy of the entry is left, and the
	 * endpoint's earlier accesses are complete.
	 * Return: 0, or -EIO: the entry blocks, but may still be cached.
	 */
	int (*detach)(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
		      struct hyp_iommu_space *space, struct hyp_pgt_pool *pool);

	/**
	 * @invalidate: begin to drop what is cached of the range of @gather
	 *
	 * Also of tables (gather->table_levels).  *@ticket is for @wait.
	 * Return: 0, or -EIO.
	 */
	int (*invalidate)(struct hyp_iommu_unit *unit, const struct hyp_iommu_space *space,
			  const struct hyp_pgt_gather *gather, u64 *ticket);

	/**
	 * @wait: until what @ticket stands for is complete
	 *
	 * Complete: no cached translation, and accesses that used one are done.
	 * Return: 0, or -EIO.
	 */
	int (*wait)(struct hyp_iommu_unit *unit, u64 ticket);

	/**
	 * @fault: take the oldest fault record
	 *
	 * Also handles what else the unit reports.  Bounded work.
	 * Return: 0; -ENOENT: there is none; -EIO: the unit is in trouble and
	 * has to be stopped.
	 */
	int (*fault)(struct hyp_iommu_unit *unit, struct hyp_iommu_fault *fault);

	/** @stop: block everything behind the unit, for good; cannot fail */
	void (*stop)(struct hyp_iommu_unit *unit);
};

/* The backends that were built in; NULL-terminated; platform/<name>/ lists them. */
extern const struct hyp_iommu_backend *const hyp_iommu_backends[];

/* Count what several CPUs may count at a time. */
static inline void hyp_iommu_count(u64 *counter, u64 by)
{
	__atomic_fetch_add(counter, by, __ATOMIC_RELAXED);
}

static inline u64 hyp_iommu_counted(const u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif /* HYP_IOMMU_CORE_BACKEND_H */
