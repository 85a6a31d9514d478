/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hypercall interface: the only thing that the host and the hypervisor
 * share.
 *
 * A call is a number and up to HYP_IOMMU_MAX_ARGS 64-bit arguments, all passed
 * in registers.  It returns three 64-bit values:
 *
 *   status  0 or a negative error with Linux's numbers
 *   done    progress or the value asked for; what it means stands at each call
 *   need    with -ENOMEM: how many pages the caller has to give, see each call
 *
 * "before" calls are allowed until the hypervisor finalises (while the host is
 * still trusted), "after" calls from then on, the others always.  A call that
 * is not allowed now or does not exist returns -EOPNOTSUPP; an argument that a
 * call does not take has to be 0, or it returns -EINVAL.  A handle that is
 * not (or no longer) a domain's is -EBADF, a number that is not a unit's
 * -ENODEV.  A call that fails has changed nothing, but for the progress that
 * it reports in `done`.
 *
 * Where a unit does not answer in time, a call returns -EIO.  The unit is
 * stopped then: it blocks everything behind it, and its endpoints count as
 * attached.  The domain is lost: what it maps stays pinned for good, and its
 * handle is -EBADF, but for HYP_IOMMU_DETACH, which works for endpoints behind
 * other units, and HYP_IOMMU_DOMAIN_FREE (-EIO).
 *
 * All addresses and sizes are in bytes.  "page" is HYP_IOMMU_PAGE_SIZE bytes.
 */
#ifndef HYP_IOMMU_ABI_H
#define HYP_IOMMU_ABI_H

#include <hyp_iommu/types.h>

#define HYP_IOMMU_ABI_VERSION	3
#define HYP_IOMMU_MAX_ARGS	6

#define HYP_IOMMU_PAGE_SHIFT	12
#define HYP_IOMMU_PAGE_SIZE	0x1000ULL

struct hyp_iommu_ret {
	s64 status;
	u64 done;
	u64 need;
};

enum hyp_iommu_call {
	/* () -> done = HYP_IOMMU_ABI_VERSION, need = enum hyp_iommu_cap bits */
	HYP_IOMMU_VERSION,

	/* (enum hyp_iommu_stat, call number or 0) -> done = the value */
	HYP_IOMMU_STAT,

	/*
	 * before (kind, reg_pa, reg_size, flags, mem_pa, mem_pages)
	 * -> done = number of the unit
	 *
	 * Hand over one IOMMU: its registers, and `mem_pages` contiguous pages
	 * at `mem_pa` for the structures that it needs from the start.  With
	 * too few pages: -ENOMEM, need = contiguous pages wanted, aligned to
	 * their size rounded up to a power of two.  The registers stay with
	 * the hypervisor even then.  On success every endpoint is blocked.
	 */
	HYP_IOMMU_UNIT_ADD,

	/*
	 * before (pa, size): devices may be given this range, which is neither
	 * memory nor a unit's registers: doorbells of interrupt controllers.
	 */
	HYP_IOMMU_MMIO_ALLOW,

	/* (unit, enum hyp_iommu_unit_info) -> done = the value */
	HYP_IOMMU_UNIT_INFO,

	/*
	 * (domain or HYP_IOMMU_NO_DOMAIN, pa, nr) -> done = pages taken
	 *
	 * Give pages to a domain, for its page tables, or to the hypervisor,
	 * for all else.  A domain takes tables of HYP_IOMMU_DOMAIN_TABLE_SIZE
	 * bytes: `nr` counts those, and `pa` is aligned to it.  Pages that
	 * were taken before an error stay taken.
	 */
	HYP_IOMMU_POOL_DONATE,

	/*
	 * (domain or HYP_IOMMU_NO_DOMAIN) -> done = pa of a zeroed page (of a
	 * table, for a domain) that is the caller's again.  -ENOENT: no spare
	 * one.
	 */
	HYP_IOMMU_POOL_RECLAIM,

	/*
	 * (unit, stage, root_pa) -> done = handle
	 *
	 * Make an empty domain that `unit` can use.  `root_pa`: contiguous
	 * pages for the top-level table.  With root_pa 0: -ENOMEM, need = how
	 * many, aligned to their size.  stage: enum hyp_iommu_stage.
	 */
	HYP_IOMMU_DOMAIN_ALLOC,

	/*
	 * (domain): -EBUSY while an endpoint is attached.  -EAGAIN: call again
	 * (the handle is good for nothing else by then).  All pages of the
	 * domain go to the hypervisor's pool (HYP_IOMMU_NO_DOMAIN).
	 */
	HYP_IOMMU_DOMAIN_FREE,

	/* (domain, enum hyp_iommu_domain_info) -> done = the value */
	HYP_IOMMU_DOMAIN_INFO,

	/*
	 * (domain, unit, endpoint, pasid or HYP_IOMMU_NO_PASID)
	 *
	 * -EBUSY: attached already.  -ENOMEM: give `need` pages to the
	 * hypervisor (HYP_IOMMU_NO_DOMAIN) and call again.  -EXDEV: the unit
	 * cannot use this domain's tables.  On any error the endpoint stays
	 * what it was.
	 */
	HYP_IOMMU_ATTACH,

	/*
	 * (domain, unit, endpoint, pasid or HYP_IOMMU_NO_PASID)
	 *
	 * Afterwards the endpoint is blocked.  -ENOENT: it is not attached to
	 * this domain.
	 */
	HYP_IOMMU_DETACH,

	/*
	 * (domain, ia, oa, size, enum hyp_iommu_prot bits)
	 * -> done = bytes mapped
	 *
	 * Status 0 with done < size is normal: go on from there.  -ENOMEM:
	 * give `need` tables to the domain and go on from there.  -EPERM: a
	 * page of the range is not the host's.  -EEXIST: `ia + done` is mapped
	 * already.
	 */
	HYP_IOMMU_MAP,

	/*
	 * (domain, ia, size, enum hyp_iommu_unmap_flag bits)
	 * -> done = bytes unmapped
	 *
	 * Status 0 with done < size is normal: go on from there.  -ENOENT:
	 * `ia + done` is not mapped.  -E2BIG: a leaf goes beyond the range.
	 *
	 * With HYP_IOMMU_UNMAP_DEFER devices may go on using what was unmapped,
	 * and its pages stay pinned, until HYP_IOMMU_SYNC has returned 0.
	 * -ENOSPC: as much as can be deferred is: sync, and go on.  -ENOMEM:
	 * the domain keeps account of it in `need` tables that it does not
	 * have: give them, and go on.
	 */
	HYP_IOMMU_UNMAP,

	/* (domain, ia) -> done = the address that ia maps to; or -ENOENT */
	HYP_IOMMU_IOVA_TO_PHYS,

	/*
	 * (unit) -> done = ia, need = HYP_IOMMU_FAULT_* fields
	 *
	 * Take the oldest fault record.  -ENOENT: there is none.
	 */
	HYP_IOMMU_FAULT_READ,

	/*
	 * (domain, ia, list, nr, enum hyp_iommu_prot bits)
	 * -> done = bytes mapped
	 *
	 * Map the `nr` pieces of memory of an array of struct hyp_iommu_sg, one
	 * after the other from `ia` on.  The array is in memory of the caller's
	 * at `list`, does not cross a page, and is read once.  As HYP_IOMMU_MAP
	 * otherwise, also where only a part of a piece was mapped; -EINVAL also
	 * for a piece of which address or size is no multiple of a page.
	 */
	HYP_IOMMU_MAP_SG,

	/*
	 * (domain): complete what was deferred.  Afterwards no device uses it
	 * any more, and the pages are unpinned.  What another CPU defers
	 * meanwhile may or may not be among it.
	 */
	HYP_IOMMU_SYNC,

	/*
	 * (domain, list, nr) -> done = bytes unmapped
	 *
	 * HYP_IOMMU_UNMAP with HYP_IOMMU_UNMAP_DEFER, of the `nr` ranges of an
	 * array of struct hyp_iommu_range, one after the other.  The array is
	 * where one of HYP_IOMMU_MAP_SG may be.  `done` tells in which of them
	 * it ended, and so which one an error is about.
	 */
	HYP_IOMMU_UNMAP_LIST,

	HYP_IOMMU_NR_CALLS
};

/* A piece of memory: a page-aligned address, and a multiple of the page size. */
struct hyp_iommu_sg {
	u64 oa, size;
};

#define HYP_IOMMU_MAX_SG	(HYP_IOMMU_PAGE_SIZE / sizeof(struct hyp_iommu_sg))

/* Input addresses, aligned alike. */
struct hyp_iommu_range {
	u64 ia, size;
};

#define HYP_IOMMU_MAX_RANGES	(HYP_IOMMU_PAGE_SIZE / sizeof(struct hyp_iommu_range))

enum hyp_iommu_unmap_flag {
	HYP_IOMMU_UNMAP_DEFER	= 1 << 0,
};

enum hyp_iommu_cap {
	HYP_IOMMU_CAP_ISOLATION		= 1 << 0, /* the host cannot bypass it */
};

#define HYP_IOMMU_NO_DOMAIN	0ULL
#define HYP_IOMMU_NO_PASID	(~0ULL)

/* What a unit is, as four characters; its backend and its takeover driver agree on it. */
#define HYP_IOMMU_KIND(a, b, c, d) \
	((u32)(a) << 24 | (u32)(b) << 16 | (u32)(c) << 8 | (u32)(d))

enum hyp_iommu_unit_flag {
	HYP_IOMMU_UNIT_PREFER_STAGE1	= 1 << 0, /* for domains with STAGE_ANY */
	HYP_IOMMU_UNIT_SIMPLE_TABLES	= 1 << 1, /* of two kinds of device table, the simpler */
};

#define HYP_IOMMU_UNIT_FLAGS	0x3

#define HYP_IOMMU_MAX_UNIT_PAGES	4096	/* of memory for a unit's structures */

enum hyp_iommu_stage {
	HYP_IOMMU_STAGE_ANY,	/* what the unit prefers */
	HYP_IOMMU_STAGE_1,	/* the table that a PASID selects */
	HYP_IOMMU_STAGE_2,	/* the table that the endpoint selects */
	HYP_IOMMU_NR_STAGES
};

enum hyp_iommu_prot {
	HYP_IOMMU_READ		= 1 << 0,
	HYP_IOMMU_WRITE		= 1 << 1,
	HYP_IOMMU_CACHE		= 1 << 2, /* DMA is coherent with CPU caches */
	HYP_IOMMU_NOEXEC	= 1 << 3,
	HYP_IOMMU_MMIO		= 1 << 4, /* device memory attributes */
};

#define HYP_IOMMU_PROT_MASK	0x1f

enum hyp_iommu_unit_info {
	HYP_IOMMU_UNIT_KIND,
	HYP_IOMMU_UNIT_STATE,		/* enum hyp_iommu_unit_state */
	HYP_IOMMU_UNIT_STAGES,		/* bit n: enum hyp_iommu_stage n */
	HYP_IOMMU_UNIT_STAGE,		/* what HYP_IOMMU_STAGE_ANY means */
	HYP_IOMMU_UNIT_ENDPOINT_BITS,
	HYP_IOMMU_UNIT_PASID_BITS,	/* 0: HYP_IOMMU_NO_PASID only */
	HYP_IOMMU_UNIT_COHERENT,	/* 1: table walks are coherent */
	HYP_IOMMU_UNIT_ENDPOINTS,	/* attached now */
	HYP_IOMMU_UNIT_PAGES,		/* memory for its structures */
	HYP_IOMMU_UNIT_COMMANDS,	/* invalidation commands sent */
	HYP_IOMMU_UNIT_WAITS,		/* completions waited for */
	HYP_IOMMU_UNIT_FAULTS,		/* fault records taken from it */
	HYP_IOMMU_UNIT_FAULTS_LOST,	/* times that it overflowed */
	HYP_IOMMU_NR_UNIT_INFOS
};

enum hyp_iommu_unit_state {
	HYP_IOMMU_UNIT_NONE,
	HYP_IOMMU_UNIT_LIVE,
	HYP_IOMMU_UNIT_STOPPED,	/* did not answer: blocks all endpoints for good */
};

enum hyp_iommu_domain_info {
	HYP_IOMMU_DOMAIN_STAGE,
	HYP_IOMMU_DOMAIN_PAGE_SIZES,	/* leaf sizes, one bit each */
	HYP_IOMMU_DOMAIN_IA_BITS,
	HYP_IOMMU_DOMAIN_OA_BITS,
	HYP_IOMMU_DOMAIN_TABLE_SIZE,	/* of one table, but for the root */
	HYP_IOMMU_DOMAIN_TABLES,	/* in use, but for the root */
	HYP_IOMMU_DOMAIN_SPARE,		/* in the domain's pool */
	HYP_IOMMU_DOMAIN_MAPPED,	/* pages, once per mapping */
	HYP_IOMMU_DOMAIN_ENDPOINTS,
	HYP_IOMMU_DOMAIN_DEFERRED,	/* pages that were unmapped and are pinned until a sync */
	HYP_IOMMU_NR_DOMAIN_INFOS
};

enum hyp_iommu_stat {
	HYP_IOMMU_STAT_UNITS,		/* that were live once: stopped ones are counted */
	HYP_IOMMU_STAT_DOMAINS,
	HYP_IOMMU_STAT_ENDPOINTS,
	HYP_IOMMU_STAT_PINNED,		/* pages, counted once per mapping */
	HYP_IOMMU_STAT_STUCK,		/* of these, never to be unpinned */
	HYP_IOMMU_STAT_POOL,		/* spare pages, not in a domain */
	HYP_IOMMU_STAT_PAGES,		/* owned now, for whatever */
	HYP_IOMMU_STAT_CALLS,		/* of the call given as argument */
	HYP_IOMMU_STAT_ERRORS,		/* of these, with a negative status */
	HYP_IOMMU_NR_STATS
};

/* Fields of `need` as returned by HYP_IOMMU_FAULT_READ. */
#define HYP_IOMMU_FAULT_ENDPOINT	0x00000000ffffffffULL
#define HYP_IOMMU_FAULT_PASID		0x000fffff00000000ULL
#define HYP_IOMMU_FAULT_PASID_SHIFT	32
#define HYP_IOMMU_FAULT_REASON		0x0ff0000000000000ULL
#define HYP_IOMMU_FAULT_REASON_SHIFT	52
#define HYP_IOMMU_FAULT_WRITE		0x1000000000000000ULL
#define HYP_IOMMU_FAULT_HAS_PASID	0x2000000000000000ULL
#define HYP_IOMMU_FAULT_NO_ADDRESS	0x4000000000000000ULL /* ia means nothing */

enum hyp_iommu_fault_reason {
	HYP_IOMMU_FAULT_UNKNOWN,
	HYP_IOMMU_FAULT_BLOCKED,	/* the endpoint is not attached */
	HYP_IOMMU_FAULT_NOT_MAPPED,
	HYP_IOMMU_FAULT_PERMISSION,
	HYP_IOMMU_FAULT_ADDRESS_SIZE,	/* beyond what the domain can map */
	HYP_IOMMU_FAULT_CONFIG,		/* the unit refuses one of our entries */
	HYP_IOMMU_FAULT_EXTERNAL,	/* the memory system refused an access */
	HYP_IOMMU_FAULT_UNIT,		/* the unit itself is in trouble */
	HYP_IOMMU_NR_FAULT_REASONS
};

#endif /* HYP_IOMMU_ABI_H */
