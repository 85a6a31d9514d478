/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * I/O page tables: the contract between who keeps tables (core/), who tells
 * hardware about them (backends/) and the engine (walk.h) with its formats
 * (fmt_*.[ch]).
 *
 * Words
 *   ia, oa   input address, output address
 *   leaf     an entry that maps; its size is one of cfg.sizes
 *   table    an array of entries; an entry that points to one
 *   level    counted from the leaf: 0 maps the smallest pages
 *   root     the table where walks begin, at level `top`; may be several
 *            tables long (concatenated)
 *   run      contiguous leaves, contiguous in ia and in oa
 *   last     the last address of a range, inclusive
 *
 *            ia  | index top | ... | index 1 | index 0 | offset |
 *                      |                |         |        |
 *   root_pa -> +-------v--+     +-------v--+  +---v------+ |
 *              | entry    |-...>| entry    |->| entry    |-+--> oa
 *              +----------+     +----------+  +----------+
 *                  top              1              0      level
 *
 * Rules, each of them with a test in kunit/pgt_test.c
 *   - Ranges are (start, size > 0), aligned to the smallest leaf.
 *   - Table memory comes from the pool that the caller passes, and nowhere
 *     else.  Pool empty: -ENOMEM, *done says how far it came.
 *   - Nothing here locks: the caller holds the domain's lock.  The only other
 *     observer is hardware, so entries are read and written once, as a whole,
 *     by 64-bit single-copy-atomic accesses, and a new table is complete
 *     before the one store that links it.
 *   - Nothing here invalidates a TLB: removal is recorded in a gather.  The
 *     caller invalidates, waits, and only then unpins the runs and puts the
 *     tables of the gather back into a pool.
 *   - With HYP_PGT_NONCOHERENT, what hardware will read is written back by
 *     hyp_pf_clean(), once per run, and before it is linked.
 *   - All functions end with hyp_pf_wmb() if they changed an entry.
 *   - No recursion; the work of one call is bounded by what it documents.
 */
#ifndef HYP_PGT_PGTABLE_H
#define HYP_PGT_PGTABLE_H

#include "platform/platform.h"
#include "pgtable/pool.h"

#define HYP_PGT_MAX_LEVELS	6
#define HYP_PGT_NEAR_LEVELS	2

struct hyp_pgt_fmt;	/* a format; pgtable/fmt.h */

enum hyp_pgt_feature {
	HYP_PGT_NONCOHERENT	= 1 << 0, /* hardware walks do not snoop caches */
	HYP_PGT_REPLACE_OK	= 1 << 1, /* a valid entry may become one of other size */
	HYP_PGT_HW_ACCESS	= 1 << 2, /* hardware sets the access flag */
	HYP_PGT_SNOOP		= 1 << 3, /* the format's snoop bit is legal */
};

/* How a format is used; a unit says what it can (backend.h). */
struct hyp_pgt_cfg {
	u8 ia_bits;
	u8 oa_bits;
	u64 sizes;	/* of leaves, one bit each; others are not used */
	u32 features;
};

struct hyp_pgt {
	const struct hyp_pgt_fmt *fmt;
	struct hyp_pgt_cfg cfg;
	u8 top;			/* level of the root */
	u8 leaf_min, leaf_max;	/* levels that have leaves, without a gap */
	u64 leaf_mask;		/* the smallest leaf's size - 1 */
	u64 ia_last, oa_last;	/* the highest addresses */
	u64 root_pa;
	u64 *root;
	u64 root_size;		/* bytes */
	/* Of levels 0 and 1 the table that was used last, see walk.h, below ... */
	u64 *near_table[HYP_PGT_NEAR_LEVELS];
	u64 near[HYP_PGT_NEAR_LEVELS];	/* ... this entry, counted from ia 0; ~0: none */
	u32 tables;		/* linked now, but for the root */
	u64 drained;		/* where hyp_pgt_drain() goes on */
};

struct hyp_pgt_leaf {
	u64 ia, oa, size;	/* ia and oa of the leaf's first byte */
	u64 pte;		/* the entry, as hardware reads it */
};

/*
 * What was removed and is still to be invalidated.  Empty: start > last.
 * Begin with HYP_PGT_GATHER(); one gather can go through several calls.
 */
struct hyp_pgt_gather {
	u64 start, last;		/* covers all that was removed */
	u16 leaf_levels, table_levels;	/* bit n: a leaf / a table entry of level n */
	u16 nr, max;			/* runs used, and how many there are */
	struct hyp_iommu_sg *run;	/* max == 0: leaves are not accounted */
	u32 budget;			/* entries that may still be looked at */
	struct hyp_pgt_pool tables;	/* unlinked; not to be used again before the invalidation */
};

/* Field by field: of an initialiser gcc makes a block clear, which takes longer than a map. */
static __always_inline struct hyp_pgt_gather
hyp_pgt_gather_begin(struct hyp_iommu_sg *run, u16 max, u32 budget)
{
	struct hyp_pgt_gather gather __uninitialized;

	gather.start = ~0ULL;
	gather.last = 0;
	gather.leaf_levels = 0;
	gather.table_levels = 0;
	gather.nr = 0;
	gather.max = max;
	gather.run = run;
	gather.budget = budget;
	gather.tables.head = 0;
	gather.tables.nr = 0;
	return gather;
}

#define HYP_PGT_GATHER(_run, _max, _budget)	hyp_pgt_gather_begin(_run, _max, _budget)

static inline bool hyp_pgt_gather_empty(const struct hyp_pgt_gather *gather)
{
	return gather->start > gather->last;
}

/* Add a range about which nothing is known but that entries of any level may be new. */
static inline void hyp_pgt_gather_new(struct hyp_pgt_gather *gather, u64 ia, u64 size)
{
	gather->start = min(gather->start, ia);
	gather->last = max(gather->last, ia + (size - 1));
	gather->leaf_levels |= BIT(HYP_PGT_MAX_LEVELS) - 1;
	gather->table_levels |= BIT(HYP_PGT_MAX_LEVELS) - 1;
}

/**
 * hyp_pgt_root_size() - memory that the root of a table needs
 * @fmt: the format
 * @cfg: how it will be used
 *
 * Return: bytes, also its alignment; 0: the format cannot do this.
 */
u64 hyp_pgt_root_size(const struct hyp_pgt_fmt *fmt, const struct hyp_pgt_cfg *cfg);

/** hyp_pgt_table_size() - bytes of a table that is not the root, also its alignment */
u64 hyp_pgt_table_size(const struct hyp_pgt_fmt *fmt);

/**
 * hyp_pgt_init() - make an empty table
 * @pgt: to be filled in
 * @fmt: the format
 * @cfg: how it is used; copied.  Of the sizes only those that the format has
 *       are kept, and of these not the ones above a gap: a leaf can always be
 *       split into leaves of the next size.
 * @root_pa: hyp_pgt_root_size() bytes, zeroed and written back
 *
 * Return: 0, or -EINVAL: the format cannot do this; nothing changed.
 */
int hyp_pgt_init(struct hyp_pgt *pgt, const struct hyp_pgt_fmt *fmt,
		 const struct hyp_pgt_cfg *cfg, u64 root_pa);

/**
 * hyp_pgt_map_chunk() - how much of a range one call should map
 * @pgt: the table
 * @ia: first input address
 * @oa: first output address
 * @size: bytes wanted
 * @entries: leaves that may be written, > 0
 *
 * Return: bytes, > 0 and <= @size, that hyp_pgt_map() maps with at most
 * @entries leaves.  The arguments are aligned and within the table's limits.
 */
u64 hyp_pgt_map_chunk(const struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size, u32 entries);

/**
 * hyp_pgt_check() - may (ia, oa, size, prot) be handed to the other functions?
 * @pgt: the table
 * @ia: first input address
 * @oa: first output address; 0 if there is none
 * @size: bytes
 * @prot: enum hyp_iommu_prot bits; 0 if there are none
 *
 * Checks alignment, overflow, ia_bits and oa_bits, and that the format can
 * express @prot (each format says which combinations it takes).  Nothing else
 * in here checks those again.
 *
 * Return: true if all is well.
 */
bool hyp_pgt_check(const struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size, u32 prot);

/**
 * hyp_pgt_map() - map a range
 * @pgt: the table
 * @ia: first input address
 * @oa: first output address
 * @size: bytes
 * @prot: enum hyp_iommu_prot bits, with READ or WRITE
 * @pool: where tables come from
 * @gather: gets the empty tables that a bigger leaf has replaced; nothing
 *          else is removed.  Without HYP_PGT_REPLACE_OK such tables are kept
 *          and smaller leaves used.
 * @done: bytes mapped, exact whatever is returned
 *
 * Return: 0: all is mapped; -EEXIST: @ia + *done is mapped already; -ENOMEM:
 * the pool is empty, go on from *done after a refill.
 */
int hyp_pgt_map(struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size, u32 prot,
		struct hyp_pgt_pool *pool, struct hyp_pgt_gather *gather, u64 *done);

/**
 * hyp_pgt_map_list() - map pieces that are not contiguous, in one table
 * @pgt: the table
 * @ia: first input address; the pieces follow each other from there on
 * @sg: the pieces
 * @nr: how many, > 0
 * @prot: enum hyp_iommu_prot bits, with READ or WRITE
 *
 * Checks its arguments itself.  It is for what most lists are: pieces of the
 * smallest leaf's size, for which there is a table.
 *
 * Return: pieces mapped, maybe 0; the next one is for hyp_pgt_check() and
 * hyp_pgt_map(), which know what is the matter with it.
 */
u32 hyp_pgt_map_list(struct hyp_pgt *pgt, u64 ia, const struct hyp_iommu_sg *sg, u32 nr,
		     u32 prot);

/**
 * hyp_pgt_unmap() - remove leaves, and tables that the range covers wholly
 * @pgt: the table
 * @ia: first input address
 * @size: bytes
 * @gather: gets what was removed; its budget pays for each leaf.  A table that
 *          takes more than one call to empty stays; where the budget allows
 *          it, calls therefore end between tables.
 * @done: bytes unmapped, exact whatever is returned
 *
 * Return: 0: all is unmapped; -EAGAIN: the runs or the budget are used up, go
 * on from *done with a new gather; -ENOENT: @ia + *done is not mapped;
 * -E2BIG: the leaf at @ia + *done begins before or ends after the range.
 */
int hyp_pgt_unmap(struct hyp_pgt *pgt, u64 ia, u64 size,
		  struct hyp_pgt_gather *gather, u64 *done);

/**
 * hyp_pgt_drain() - remove whatever is left, before the table is given up
 * @pgt: the table; no hardware walks it any more.  Until this function has
 *       returned 0 nothing else may be done with it but hyp_pgt_lookup().
 * @gather: gets what was removed; every linked table ends up there
 *
 * Return: 0: the table is empty and only the root is left; -EAGAIN: the runs
 * or the budget are used up, call again with a new gather.
 */
int hyp_pgt_drain(struct hyp_pgt *pgt, struct hyp_pgt_gather *gather);

/**
 * hyp_pgt_protect() - change the permissions of leaves
 * @pgt: the table
 * @ia: first input address
 * @size: bytes
 * @prot: enum hyp_iommu_prot bits, with READ or WRITE; everything else about
 *        the leaves stays
 * @gather: gets the range and the levels; no runs
 * @done: bytes changed, exact whatever is returned
 *
 * CACHE and MMIO in @prot have no effect: the memory type is no permission,
 * and a valid entry may not change it.
 *
 * Return: as hyp_pgt_unmap().
 */
int hyp_pgt_protect(struct hyp_pgt *pgt, u64 ia, u64 size, u32 prot,
		    struct hyp_pgt_gather *gather, u64 *done);

/**
 * hyp_pgt_split() - make an address the border between two leaves
 * @pgt: the table
 * @ia: aligned to the smallest leaf
 * @pool: where tables come from
 * @gather: gets the range and level of the leaf that was replaced
 *
 * The new tables are built unlinked and published by one store: hardware sees
 * the old leaf or the new ones, and no hole.
 *
 * Return: 0 (also if @ia is a border, or not mapped); -ENOMEM: nothing
 * changed; -EBUSY: HYP_PGT_REPLACE_OK is not set, nothing changed.
 */
int hyp_pgt_split(struct hyp_pgt *pgt, u64 ia, struct hyp_pgt_pool *pool,
		  struct hyp_pgt_gather *gather);

/**
 * hyp_pgt_lookup() - find out what an address maps to
 * @pgt: the table
 * @ia: any address
 * @oa: gets the output address of @ia
 *
 * Return: the size of the leaf, or 0: there is none.
 */
u64 hyp_pgt_lookup(const struct hyp_pgt *pgt, u64 ia, u64 *oa);

/**
 * hyp_pgt_walk() - visit the leaves of a range in order
 * @pgt: the table
 * @ia: first input address
 * @size: bytes; not bounded: for dumps and tests, not for a hypercall
 * @fn: called for each leaf that touches the range; non-zero ends the walk
 * @arg: handed to @fn
 *
 * Return: 0, or what @fn returned.
 */
int hyp_pgt_walk(const struct hyp_pgt *pgt, u64 ia, u64 size,
		 int (*fn)(const struct hyp_pgt_leaf *leaf, void *arg), void *arg);

/**
 * hyp_pgt_tables_needed() - tables that hyp_pgt_map() takes from the pool at most
 * @pgt: the table
 * @ia: first input address
 * @oa: first output address
 * @size: bytes
 *
 * Return: with that many tables in the pool hyp_pgt_map() does not return
 * -ENOMEM.
 */
u64 hyp_pgt_tables_needed(const struct hyp_pgt *pgt, u64 ia, u64 oa, u64 size);

#endif /* HYP_PGT_PGTABLE_H */
