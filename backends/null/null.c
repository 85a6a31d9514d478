// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The smallest complete backend: a unit without hardware, which "translates"
 * nothing.  It is the template for new ones.  Copy it, rename hyp_null_ to
 * hyp_<arch>_, and put what your hardware needs where a comment says "here";
 * core/backend.h is the contract.  Then list it in platform/<name>/, and write
 * a takeover driver (hostif/) that announces units of its kind.
 *
 * What each backend has to get right, in this order of importance:
 *   - an endpoint that is not attached is blocked, from init on;
 *   - an operation that returns 0 is complete, also in hardware's caches;
 *   - every wait for hardware ends, with -EIO if need be;
 *   - what the host passes (endpoint, pasid) is an index only after a check.
 */
#include "backends/null/null.h"
#include "pgtable/fmt_vmsa.h"

#define ENDPOINT_BITS	8
#define NR_ENDPOINTS	BIT(ENDPOINT_BITS)

/*
 * Private data lives in the unit's own memory: there is no allocator.  So do
 * tables and queues that hardware reads; what is not needed from the start
 * comes from the pool that bind and attach are given.
 */
struct null {
	struct hyp_pf_lock lock;	/* for what invalidate, wait and fault share */
	u64 issued, complete;		/* invalidations */
	u32 tag[NR_ENDPOINTS];		/* our "device table"; 0: blocked */
};

static u64 pages_needed(void)
{
	return (sizeof(struct null) + HYP_IOMMU_PAGE_SIZE - 1) / HYP_IOMMU_PAGE_SIZE;
}

static int null_init(struct hyp_iommu_unit *unit, u64 *need)
{
	struct hyp_iommu_stage_cfg *stage2 = &unit->stage[HYP_IOMMU_STAGE_2];
	struct null *null;

	/*
	 * Here: read what the unit is and can do, from its registers only;
	 * -ENODEV if it makes no sense.  Then ask for memory, before anything
	 * is written.
	 */
	if (unit->mem_pages < pages_needed()) {
		*need = pages_needed();
		return -ENOMEM;
	}

	/*
	 * Here: block everything, whatever the unit did before; give it empty
	 * tables and queues; drop all it has cached; enable it, and see that
	 * it is.  -EIO if it does not do as it is told.
	 */
	null = hyp_pf_va(unit->mem_pa);
	hyp_pf_lock_init(&null->lock);
	unit->priv = null;

	stage2->fmt = &hyp_pgt_vmsa_s2_4k;
	stage2->cfg.ia_bits = 40;
	stage2->cfg.oa_bits = 48;
	stage2->cfg.sizes = BIT_ULL(12) | BIT_ULL(21) | BIT_ULL(30);
	stage2->cfg.features = 0;
	unit->prefer = HYP_IOMMU_STAGE_2;
	unit->max_tags = 256;
	unit->endpoint_bits = ENDPOINT_BITS;
	unit->pasid_bits = 0;
	unit->attach_pages = 0;
	unit->coherent = true;
	return 0;
}

/* Here: memory per space, if the device table does not hold all there is to say. */
static int null_bind(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
		     struct hyp_pgt_pool *pool)
{
	return 0;
}

static int null_wait(struct hyp_iommu_unit *unit, u64 ticket)
{
	struct null *null = unit->priv;
	bool done;

	/*
	 * Here: poll until the hardware has passed the caller's own position;
	 * at most HYP_IOMMU_TIMEOUT_US long, then -EIO, now and for ever.
	 */
	hyp_pf_lock(&null->lock);
	null->complete = null->issued;
	done = null->complete >= ticket;
	hyp_pf_unlock(&null->lock);

	hyp_iommu_count(&unit->waits, 1);
	return done ? 0 : -EIO;
}

/* Send one command.  Return: a ticket for null_wait(). */
static u64 null_issue(struct hyp_iommu_unit *unit)
{
	struct null *null = unit->priv;
	u64 ticket;

	/* Here: write it to the queue, then hyp_pf_wmb(), then the doorbell. */
	hyp_pf_lock(&null->lock);
	ticket = ++null->issued;
	hyp_pf_unlock(&null->lock);

	hyp_iommu_count(&unit->commands, 1);
	return ticket;
}

/* The tag may mean another space afterwards: nothing of it may be cached. */
static int null_unbind(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
		       struct hyp_pgt_pool *pool)
{
	return null_wait(unit, null_issue(unit));
}

static int null_attach(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
		       struct hyp_iommu_space *space, struct hyp_pgt_pool *pool)
{
	struct null *null = unit->priv;

	if (pasid != HYP_IOMMU_NO_PASID)
		return -EOPNOTSUPP;
	if (endpoint >= NR_ENDPOINTS)
		return -EINVAL;

	/*
	 * Here: if the table for this endpoint is missing, take a page from
	 * the pool (-ENOMEM) and link it; build the entry; write it such that
	 * hardware never sees half of it; drop what is cached of it, and wait.
	 */
	WRITE_ONCE(null->tag[hyp_pf_nospec(endpoint, NR_ENDPOINTS)], space->tag);
	return 0;
}

static int null_detach(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
		       struct hyp_iommu_space *space, struct hyp_pgt_pool *pool)
{
	struct null *null = unit->priv;

	/* The core detaches nothing that is not attached. */
	if (pasid != HYP_IOMMU_NO_PASID || endpoint >= NR_ENDPOINTS)
		return -EIO;

	/* Here: one store that blocks; drop what is cached; wait; then give memory back. */
	WRITE_ONCE(null->tag[hyp_pf_nospec(endpoint, NR_ENDPOINTS)], 0);
	return null_wait(unit, null_issue(unit));
}

static int null_invalidate(struct hyp_iommu_unit *unit, const struct hyp_iommu_space *space,
			   const struct hyp_pgt_gather *gather, u64 *ticket)
{
	*ticket = 0;
	if (hyp_pgt_gather_empty(gather))
		return 0;

	/* Here: commands for at least the range and the levels of the gather. */
	*ticket = null_issue(unit);
	return 0;
}

/* Here: one record of the unit's, and errors of the unit itself (-EIO). */
static int null_fault(struct hyp_iommu_unit *unit, struct hyp_iommu_fault *fault)
{
	return -ENOENT;
}

/* Here: what blocks all endpoints without the unit's cooperation, or with as little as possible. */
static void null_stop(struct hyp_iommu_unit *unit)
{
	struct null *null = unit->priv;
	u32 i;

	for (i = 0; null && i < NR_ENDPOINTS; i++)
		WRITE_ONCE(null->tag[i], 0);
}

u32 hyp_null_tag_of(const struct hyp_iommu_unit *unit, u32 endpoint)
{
	const struct null *null = unit->priv;

	return endpoint < NR_ENDPOINTS ? null->tag[endpoint] : 0;
}

const struct hyp_iommu_backend hyp_null_backend = {
	.kind = HYP_IOMMU_KIND('N', 'U', 'L', 'L'),
	.init = null_init,
	.bind = null_bind,
	.unbind = null_unbind,
	.attach = null_attach,
	.detach = null_detach,
	.invalidate = null_invalidate,
	.wait = null_wait,
	.fault = null_fault,
	.stop = null_stop,
};
