// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The backend for Intel VT-d (D51397): the operations of core/backend.h.
 *
 * An endpoint is a source-id: bus, device and function.  Its entry is there or
 * not, and whoever has none is blocked and recorded.  A space's tag is its
 * domain-id; 0 is what caching mode tags absent entries with.  In scalable mode
 * a space has a PASID table of its own, with one entry, for requests without
 * PASID; that entry says which stage it is.
 */
#include "backends/vtd/vtd.h"
#include "pgtable/fmt_vtd.h"

#define ENDPOINT_BITS	16
#define OA_BITS		52	/* how many there are no register tells; memory has fewer */

/* ---- init ---- */

static u64 pages_for(u64 bytes)
{
	return (bytes + HYP_IOMMU_PAGE_SIZE - 1) / HYP_IOMMU_PAGE_SIZE;
}

/* A unit's memory: the root table, the queue, our own data. */
static u64 pages_needed(void)
{
	return 2 + pages_for(sizeof(struct hyp_vtd));
}

static_assert(VTD_BUSES * VTD_ROOT_WORDS * sizeof(u64) == HYP_IOMMU_PAGE_SIZE);

static struct hyp_vtd *lay_out(struct hyp_iommu_unit *unit, const struct hyp_vtd_caps *caps)
{
	u64 queue_pa = unit->mem_pa + HYP_IOMMU_PAGE_SIZE;
	struct hyp_vtd *vtd = hyp_pf_va(queue_pa + HYP_IOMMU_PAGE_SIZE);

	vtd->unit = unit;
	vtd->caps = *caps;
	vtd->root_pa = unit->mem_pa;
	vtd->root = hyp_pf_va(unit->mem_pa);
	hyp_pf_lock_init(&vtd->gcmd_lock);
	hyp_pf_lock_init(&vtd->faults.lock);
	hyp_vtd_qi_init(&vtd->qi, unit, queue_pa, &vtd->status, caps->scalable);
	return vtd;
}

static struct hyp_iommu_stage_cfg stage_cfg(const struct hyp_vtd_caps *caps, bool fs)
{
	struct hyp_iommu_stage_cfg cfg = { .fmt = fs ? &hyp_pgt_vtd_fs : &hyp_pgt_vtd_ss };

	cfg.cfg.ia_bits = fs ? caps->fs_bits : caps->ss_bits;
	cfg.cfg.oa_bits = OA_BITS;
	cfg.cfg.sizes = fs ? caps->fs_sizes : caps->ss_sizes;
	cfg.cfg.features = HYP_PGT_REPLACE_OK;
	if (!caps->walks_coherent)
		cfg.cfg.features |= HYP_PGT_NONCOHERENT;
	/* An endpoint that does not snoop would see what memory was before it was cleaned. */
	if (caps->snoop_control)
		cfg.cfg.features |= HYP_PGT_SNOOP;
	return cfg;
}

/* Tell the core what the unit can do. */
static void publish(struct hyp_iommu_unit *unit, const struct hyp_vtd_caps *caps)
{
	if (caps->fs)
		unit->stage[HYP_IOMMU_STAGE_1] = stage_cfg(caps, true);
	if (caps->ss)
		unit->stage[HYP_IOMMU_STAGE_2] = stage_cfg(caps, false);
	unit->prefer = caps->ss ? HYP_IOMMU_STAGE_2 : HYP_IOMMU_STAGE_1;
	if (caps->fs && unit->flags & HYP_IOMMU_UNIT_PREFER_STAGE1)
		unit->prefer = HYP_IOMMU_STAGE_1;
	unit->max_tags = caps->tags;
	unit->endpoint_bits = ENDPOINT_BITS;
	unit->pasid_bits = 0;
	/* A table of context entries, a directory and a table of PASID entries. */
	unit->attach_pages = caps->scalable ? 3 : 1;
	unit->coherent = caps->walks_coherent;
	unit->notices_maps = caps->caching_mode || caps->write_buffer;
}

static int vtd_init(struct hyp_iommu_unit *unit, u64 *need)
{
	struct hyp_vtd_caps caps;
	struct hyp_vtd *vtd;
	int ret;

	unit->priv = NULL;
	ret = hyp_vtd_probe(unit, &caps);
	if (ret)
		return ret;
	if (unit->mem_pages < pages_needed()) {
		*need = pages_needed();
		return -ENOMEM;
	}

	vtd = lay_out(unit, &caps);
	unit->priv = vtd;
	ret = hyp_vtd_start(vtd);
	if (ret)
		return ret;

	publish(unit, &caps);
	return 0;
}

/* ---- spaces ---- */

static void clean(const struct hyp_vtd *vtd, const u64 *entry)
{
	if (!vtd->caps.tables_coherent)
		hyp_pf_clean(entry, sizeof(*entry));
	hyp_pf_wmb();
}

static u64 *pasid_entry(u64 dir_pa)
{
	u64 *dir = hyp_pf_va(dir_pa);

	return hyp_pf_va(dir[0] & VTD_POINTER);
}

/* No context entry points to a PASID table while this writes it. */
static void write_pasid(struct hyp_vtd *vtd, u64 dir_pa, const struct hyp_vtd_entry *to)
{
	const struct hyp_vtd_writer writer = {
		.words = VTD_PASID_WORDS,
		.noncoherent = !vtd->caps.tables_coherent,
	};

	hyp_vtd_entry_write(pasid_entry(dir_pa), to, &writer);
}

/* A second stage may have been made for a unit with other numbers of levels. */
static bool can_walk(const struct hyp_vtd_caps *caps, const struct hyp_iommu_space *space)
{
	struct hyp_pgt_vtd_regs regs;

	hyp_pgt_vtd_regs(&space->pgt, &regs);
	return space->stage == HYP_IOMMU_STAGE_1 || caps->ss_levels & BIT(regs.aw);
}

static int vtd_bind(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
		    struct hyp_pgt_pool *pool)
{
	struct hyp_vtd *vtd = unit->priv;
	bool noncoherent = !vtd->caps.tables_coherent;
	struct hyp_vtd_entry to;
	u64 *dir;

	if (!can_walk(&vtd->caps, space))
		return -EXDEV;
	if (!vtd->caps.scalable)
		return 0;
	if (pool->nr < 2)
		return -ENOMEM;

	vtd->dir_pa[space->tag] = hyp_pgt_pool_get(pool, noncoherent);
	dir = hyp_pf_va(vtd->dir_pa[space->tag]);
	WRITE_ONCE(dir[0], hyp_vtd_pointer(hyp_pgt_pool_get(pool, noncoherent)));
	clean(vtd, dir);
	if (space->stage == HYP_IOMMU_STAGE_1)
		to = hyp_vtd_pasid_fs(&space->pgt, space->tag);
	else
		to = hyp_vtd_pasid_ss(&space->pgt, space->tag);
	write_pasid(vtd, vtd->dir_pa[space->tag], &to);
	return 0;
}

/*
 * Drop what is cached under a tag, from the top down.  @sid < 0: of all
 * endpoints, none of which has a context entry any more.
 */
static int drop_tag(struct hyp_vtd *vtd, const struct hyp_iommu_space *space, int sid)
{
	struct hyp_vtd_qi *q = &vtd->qi;
	int ret = hyp_vtd_write_buffer_flush(vtd);

	if (ret)
		return ret;
	hyp_vtd_qi_begin(q);
	if (sid >= 0) {
		/* In scalable mode it is not the context entry that has the domain-id. */
		hyp_vtd_qi_push(q, hyp_vtd_cc_device(vtd->caps.scalable ? 0 : space->tag, sid));
		hyp_vtd_qi_fence(q);
	}
	if (vtd->caps.scalable) {
		hyp_vtd_qi_push(q, hyp_vtd_pc_pasid(space->tag, VTD_RID_PASID));
		hyp_vtd_qi_fence(q);
	}
	hyp_vtd_qi_push(q, hyp_vtd_inval_tag(&vtd->caps, space));
	return hyp_vtd_qi_finish(q);
}

static int vtd_unbind(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
		      struct hyp_pgt_pool *pool)
{
	static const struct hyp_vtd_entry none;
	struct hyp_vtd *vtd = unit->priv;
	u64 dir_pa = vtd->dir_pa[space->tag];
	u64 *dir;
	int ret;

	if (dir_pa)
		write_pasid(vtd, dir_pa, &none);
	ret = drop_tag(vtd, space, -1);
	if (ret || !dir_pa)
		return ret;

	dir = hyp_pf_va(dir_pa);
	hyp_pgt_pool_put(pool, dir[0] & VTD_POINTER);
	hyp_pgt_pool_put(pool, dir_pa);
	vtd->dir_pa[space->tag] = 0;
	return 0;
}

/* ---- endpoints ---- */

struct place {
	u64 *root;		/* word of the root table */
	u64 *ctx;		/* entry; NULL: there is no table */
	u8 words;		/* of an entry */
};

static struct place place_of(const struct hyp_vtd *vtd, u32 endpoint)
{
	size_t sid = hyp_pf_nospec(endpoint, BIT(ENDPOINT_BITS));
	u32 bus = sid >> 8, devfn = sid & 0xff, half = 0;
	struct place place = { .words = VTD_CTX_WORDS };
	u64 *table;

	if (vtd->caps.scalable) {
		half = devfn >> 7;
		devfn &= 0x7f;
		place.words = VTD_SM_CTX_WORDS;
	}
	place.root = &vtd->root[bus * VTD_ROOT_WORDS + half];
	if (*place.root) {
		table = hyp_pf_va(*place.root & VTD_POINTER);
		place.ctx = &table[devfn * place.words];
	}
	return place;
}

struct ctx_sync {
	struct hyp_vtd *vtd;
	const struct hyp_iommu_space *space;
	u16 sid;
};

static int removed_ctx(void *arg)
{
	const struct ctx_sync *sync = arg;

	return drop_tag(sync->vtd, sync->space, sync->sid);
}

/*
 * In caching mode what was absent is cached as well, context entries under
 * domain-id 0 (6.1).  The PASID table entry was there before anything led to it.
 */
static int added_ctx(void *arg)
{
	const struct ctx_sync *sync = arg;
	struct hyp_vtd *vtd = sync->vtd;
	struct hyp_vtd_qi *q = &vtd->qi;
	int ret = hyp_vtd_write_buffer_flush(vtd);

	if (ret || !vtd->caps.caching_mode)
		return ret;
	hyp_vtd_qi_begin(q);
	hyp_vtd_qi_push(q, hyp_vtd_cc_device(0, sync->sid));
	hyp_vtd_qi_fence(q);
	if (vtd->caps.scalable) {
		hyp_vtd_qi_push(q, hyp_vtd_pc_pasid(sync->space->tag, VTD_RID_PASID));
		hyp_vtd_qi_fence(q);
	}
	hyp_vtd_qi_push(q, hyp_vtd_inval_tag(&vtd->caps, sync->space));
	return hyp_vtd_qi_finish(q);
}

static int write_ctx(struct hyp_vtd *vtd, const struct place *place, u32 sid,
		     const struct hyp_iommu_space *space, const struct hyp_vtd_entry *to)
{
	struct ctx_sync sync = { .vtd = vtd, .space = space, .sid = sid };
	const struct hyp_vtd_writer writer = {
		.words = place->words,
		.noncoherent = !vtd->caps.tables_coherent,
		.removed = removed_ctx,
		.added = added_ctx,
		.arg = &sync,
	};

	return hyp_vtd_entry_write(place->ctx, to, &writer);
}

static int vtd_attach(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
		      struct hyp_iommu_space *space, struct hyp_pgt_pool *pool)
{
	struct hyp_vtd *vtd = unit->priv;
	struct hyp_vtd_entry to;
	struct place place;
	u64 pa;

	if (pasid != HYP_IOMMU_NO_PASID)
		return -EOPNOTSUPP;
	if (endpoint >> ENDPOINT_BITS)
		return -EINVAL;

	place = place_of(vtd, endpoint);
	if (!place.ctx) {
		pa = hyp_pgt_pool_get(pool, !vtd->caps.tables_coherent);
		if (!pa)
			return -ENOMEM;
		hyp_pf_wmb();
		WRITE_ONCE(*place.root, hyp_vtd_pointer(pa));
		clean(vtd, place.root);
		place = place_of(vtd, endpoint);
	}

	if (!vtd->caps.scalable)
		to = hyp_vtd_ctx(&space->pgt, space->tag);
	else if (vtd->dir_pa[space->tag])
		to = hyp_vtd_sm_ctx(vtd->dir_pa[space->tag]);
	else
		return -EIO;
	return write_ctx(vtd, &place, endpoint, space, &to);
}

static bool table_empty(const u64 *table, u8 words)
{
	u32 i;

	for (i = 0; i < HYP_IOMMU_PAGE_SIZE / sizeof(u64); i += words) {
		if (table[i])
			return false;
	}
	return true;
}

/*
 * Give the context table back if this endpoint was the last in it.  What is
 * cached of its entries is gone; that it is there is dropped with all others.
 */
static int put_table(struct hyp_vtd *vtd, const struct place *place, struct hyp_pgt_pool *pool)
{
	u64 pa = *place->root & VTD_POINTER;
	int ret;

	if (!table_empty(hyp_pf_va(pa), place->words))
		return 0;
	WRITE_ONCE(*place->root, 0);
	clean(vtd, place->root);
	ret = hyp_vtd_write_buffer_flush(vtd);
	if (ret)
		return ret;
	hyp_vtd_qi_begin(&vtd->qi);
	hyp_vtd_qi_push(&vtd->qi, hyp_vtd_cc_all());
	ret = hyp_vtd_qi_finish(&vtd->qi);
	if (!ret)
		hyp_pgt_pool_put(pool, pa);
	return ret;
}

static int vtd_detach(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
		      struct hyp_iommu_space *space, struct hyp_pgt_pool *pool)
{
	static const struct hyp_vtd_entry none;
	struct hyp_vtd *vtd = unit->priv;
	struct place place;
	int ret;

	if (pasid != HYP_IOMMU_NO_PASID || endpoint >> ENDPOINT_BITS)
		return -EIO;
	place = place_of(vtd, endpoint);
	if (!place.ctx)
		return -EIO;
	ret = write_ctx(vtd, &place, endpoint, space, &none);
	return ret ? ret : put_table(vtd, &place, pool);
}

/* ---- invalidation ---- */

static __flatten int
vtd_invalidate(struct hyp_iommu_unit *unit, const struct hyp_iommu_space *space,
	       const struct hyp_pgt_gather *gather, u64 *ticket)
{
	struct hyp_vtd *vtd = unit->priv;
	struct hyp_vtd_inval inval = hyp_vtd_inval_plan(&vtd->caps, space, gather);
	u32 i;
	int ret;

	*ticket = 0;
	if (!inval.nr)
		return 0;
	ret = hyp_vtd_write_buffer_flush(vtd);
	if (ret)
		return ret;

	hyp_vtd_qi_begin(&vtd->qi);
	for (i = 0; i < inval.nr; i++)
		hyp_vtd_qi_push(&vtd->qi, inval.desc[i]);
	return hyp_vtd_qi_end(&vtd->qi, ticket);
}

static __flatten int vtd_wait(struct hyp_iommu_unit *unit, u64 ticket)
{
	struct hyp_vtd *vtd = unit->priv;

	return hyp_vtd_qi_wait(&vtd->qi, ticket);
}

/* ---- faults ---- */

static int vtd_fault(struct hyp_iommu_unit *unit, struct hyp_iommu_fault *fault)
{
	struct hyp_vtd *vtd = unit->priv;
	int ret;

	/* It never came up. */
	if (!vtd)
		return -ENOENT;
	hyp_pf_lock(&vtd->faults.lock);
	ret = hyp_vtd_fault_take(unit, fault);
	hyp_pf_unlock(&vtd->faults.lock);
	return ret;
}

/*
 * An empty root table blocks everything.  That the unit has dropped what it
 * knew of the old one it may not be able to tell; where setting the root
 * pointer makes it do so, it does without the queue.  If it does not even take
 * a root pointer there is nothing left to be tried, and the owner of what its
 * caches lead to has been told so by -EIO.
 *
 * Translation stays on, or is turned on if init did not come that far: without
 * it everything would pass.
 */
static void vtd_stop(struct hyp_iommu_unit *unit)
{
	struct hyp_vtd *vtd = unit->priv;
	u32 i;

	if (!vtd)
		return;
	for (i = 0; i < VTD_BUSES * VTD_ROOT_WORDS; i++)
		WRITE_ONCE(vtd->root[i], 0);
	if (!vtd->caps.tables_coherent)
		hyp_pf_clean(vtd->root, HYP_IOMMU_PAGE_SIZE);

	/*
	 * The root pointer first: which descriptors there are depends on the mode.  Each command
	 * has a barrier before it, so that the unit sees the empty table.
	 */
	hyp_vtd_enable(vtd);
	if (vtd->rooted)
		hyp_vtd_drop_all(vtd);
	hyp_vtd_qi_kill(&vtd->qi);

	hyp_pf_lock(&vtd->faults.lock);
	vtd->faults.failed = true;
	hyp_pf_unlock(&vtd->faults.lock);
}

const struct hyp_iommu_backend hyp_vtd_backend = {
	.kind = HYP_IOMMU_KIND('V', 'T', 'D', ' '),
	.init = vtd_init,
	.bind = vtd_bind,
	.unbind = vtd_unbind,
	.attach = vtd_attach,
	.detach = vtd_detach,
	.invalidate = vtd_invalidate,
	.wait = vtd_wait,
	.fault = vtd_fault,
	.stop = vtd_stop,
};
