// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Endpoints: who is attached to what.  An endpoint without a record here is
 * blocked.
 */
#include "core/domain.h"

#define NR_BUCKETS	256

struct endpoint {
	u64 pasid;
	u32 endpoint;
	u16 unit;
	u16 domain;		/* tag of its space */
	u16 next;		/* in the bucket or in the free list; 0: end */
};

/* All under hyp_iommu_devices.  Record 0 is never used. */
static struct endpoint endpoints[HYP_IOMMU_MAX_ENDPOINTS + 1];
static u16 buckets[NR_BUCKETS];
static u16 first_free;		/* of the records that were used and freed */
static u16 nr_used;		/* records that were ever used */

static u16 *bucket_of(u32 unit, u32 endpoint)
{
	return &buckets[(endpoint ^ endpoint >> 8 ^ unit << 4) % NR_BUCKETS];
}

/* Return: the link to the record, or the empty link at the end of its bucket. */
static u16 *find_link(u32 unit, u32 endpoint, u64 pasid)
{
	u16 *link = bucket_of(unit, endpoint);

	while (*link) {
		const struct endpoint *e = &endpoints[*link];

		if (e->unit == unit && e->endpoint == endpoint && e->pasid == pasid)
			break;
		link = &endpoints[*link].next;
	}
	return link;
}

static bool can_add(void)
{
	return first_free || nr_used < HYP_IOMMU_MAX_ENDPOINTS;
}

static void add(u16 *link, u32 unit, u32 endpoint, u64 pasid, u32 domain)
{
	u16 nr = first_free;

	if (nr)
		first_free = endpoints[nr].next;
	else
		nr = ++nr_used;
	endpoints[nr] = (struct endpoint){
		.unit = unit, .endpoint = endpoint, .pasid = pasid, .domain = domain,
	};
	*link = nr;
}

static void remove(u16 *link)
{
	u16 nr = *link;

	*link = endpoints[nr].next;
	endpoints[nr].next = first_free;
	first_free = nr;
}

/* Can @unit walk the tables of @space as they are? */
static bool can_use(const struct hyp_iommu_unit *unit, const struct hyp_iommu_space *space)
{
	const struct hyp_iommu_stage_cfg *can = &unit->stage[space->stage];
	const struct hyp_pgt_cfg *is = &space->pgt.cfg;

	if (can->fmt != space->pgt.fmt || space->tag >= unit->max_tags)
		return false;
	if (is->ia_bits > can->cfg.ia_bits || is->oa_bits > can->cfg.oa_bits)
		return false;
	if (is->sizes & ~can->cfg.sizes)
		return false;
	/* Not snooping is a property that the tables must make up for; the others they rely on. */
	if (can->cfg.features & ~is->features & HYP_PGT_NONCOHERENT)
		return false;
	return !(is->features & ~can->cfg.features & ~(u32)HYP_PGT_NONCOHERENT);
}

/* Check what does not depend on the domain.  Return: the unit, or NULL and the error in *@ret. */
static struct hyp_iommu_unit *check_endpoint(u64 unit_id, u64 endpoint, u64 pasid, int *ret)
{
	struct hyp_iommu_unit *unit = hyp_iommu_unit_get(unit_id);

	if (!unit) {
		*ret = -ENODEV;
		return NULL;
	}
	*ret = -EINVAL;
	if (endpoint >> unit->endpoint_bits)
		return NULL;
	if (pasid != HYP_IOMMU_NO_PASID && pasid >> unit->pasid_bits)
		return NULL;
	return unit;
}

/* Attach with all locks held and all arguments checked. */
static int attach_locked(struct hyp_iommu_domain *domain, struct hyp_iommu_unit *unit,
			 u32 endpoint, u64 pasid)
{
	const struct hyp_iommu_backend *backend = unit->backend;
	u16 *link = find_link(unit->id, endpoint, pasid);
	bool first = !domain->unit_endpoints[unit->id];
	int ret;

	if (hyp_iommu_unit_state(unit) != HYP_IOMMU_UNIT_LIVE)
		return -EIO;
	if (*link)
		return -EBUSY;
	if (!can_use(unit, &domain->space))
		return -EXDEV;
	if (!can_add())
		return -ENOSPC;

	if (first) {
		ret = backend->bind(unit, &domain->space, &hyp_iommu_pool);
		if (ret)
			return ret;
	}
	ret = backend->attach(unit, endpoint, pasid, &domain->space, &hyp_iommu_pool);
	if (!ret) {
		add(link, unit->id, endpoint, pasid, domain->space.tag);
		domain->unit_endpoints[unit->id]++;
		domain->units |= BIT(unit->id);
		domain->endpoints++;
		domain->notices_maps |= unit->notices_maps;
		WRITE_ONCE(unit->endpoints, unit->endpoints + 1);
		hyp_iommu_stat_add(HYP_IOMMU_STAT_ENDPOINTS, 1);
		return 0;
	}
	if (first && backend->unbind(unit, &domain->space, &hyp_iommu_pool))
		return -EIO;
	return ret;
}

/**
 * hyp_iommu_attach() - let an endpoint use a domain
 * @handle: the domain
 * @unit_id: the unit that the endpoint is behind
 * @endpoint: its number there
 * @pasid: or HYP_IOMMU_NO_PASID
 * @need: pages wanted, with -ENOMEM
 *
 * Return: 0; -EBADF; -ENODEV: no such unit; -EINVAL: endpoint or PASID out of
 * range; -EBUSY: it is attached; -EXDEV: the unit cannot use the domain's
 * tables; -ENOSPC: too many endpoints; -ENOMEM: the hypervisor's pool is
 * empty; -EOPNOTSUPP: the backend has no PASIDs; -EIO: the unit does not
 * answer and was stopped.  On error the endpoint stays as it was.
 */
int hyp_iommu_attach(u64 handle, u64 unit_id, u64 endpoint, u64 pasid, u64 *need)
{
	struct hyp_iommu_domain *domain;
	struct hyp_iommu_unit *unit;
	int ret;

	unit = check_endpoint(unit_id, endpoint, pasid, &ret);
	if (!unit)
		return ret;
	domain = hyp_iommu_domain_lock(handle);
	if (!domain)
		return -EBADF;

	hyp_pf_lock(&hyp_iommu_devices);
	ret = attach_locked(domain, unit, endpoint, pasid);
	if (ret == -EIO && hyp_iommu_unit_state(unit) == HYP_IOMMU_UNIT_LIVE) {
		/* The unit may hold translations of the domain, and never drop them. */
		hyp_iommu_unit_stop(unit);
		hyp_iommu_domain_lose(domain);
	}
	hyp_pf_unlock(&hyp_iommu_devices);
	hyp_iommu_domain_unlock(domain);

	if (ret == -ENOMEM)
		*need = unit->attach_pages;
	return ret;
}

static int detach_locked(struct hyp_iommu_domain *domain, struct hyp_iommu_unit *unit,
			 u32 endpoint, u64 pasid)
{
	const struct hyp_iommu_backend *backend = unit->backend;
	u16 *link = find_link(unit->id, endpoint, pasid);

	if (!*link || endpoints[*link].domain != domain->space.tag)
		return -ENOENT;
	if (hyp_iommu_unit_state(unit) != HYP_IOMMU_UNIT_LIVE)
		return -EIO;
	if (backend->detach(unit, endpoint, pasid, &domain->space, &hyp_iommu_pool))
		return -EIO;
	if (domain->unit_endpoints[unit->id] == 1 &&
	    backend->unbind(unit, &domain->space, &hyp_iommu_pool))
		return -EIO;

	remove(link);
	if (!--domain->unit_endpoints[unit->id])
		domain->units &= ~BIT(unit->id);
	domain->endpoints--;
	WRITE_ONCE(unit->endpoints, unit->endpoints - 1);
	hyp_iommu_stat_sub(HYP_IOMMU_STAT_ENDPOINTS, 1);
	return 0;
}

/**
 * hyp_iommu_detach() - block an endpoint
 * @handle: the domain that it is attached to
 * @unit_id: the unit that the endpoint is behind
 * @endpoint: its number there
 * @pasid: or HYP_IOMMU_NO_PASID
 *
 * Return: 0; -EBADF; -ENODEV; -EINVAL; -ENOENT: it is not attached to this
 * domain; -EIO: the unit does not answer and was stopped, the domain is LOST.
 * A LOST domain's endpoints behind other units can still be detached.
 */
int hyp_iommu_detach(u64 handle, u64 unit_id, u64 endpoint, u64 pasid)
{
	struct hyp_iommu_domain *domain;
	struct hyp_iommu_unit *unit;
	int ret;

	unit = check_endpoint(unit_id, endpoint, pasid, &ret);
	if (!unit)
		return ret;
	domain = hyp_iommu_domain_lock_any(handle);
	if (!domain)
		return -EBADF;

	hyp_pf_lock(&hyp_iommu_devices);
	ret = detach_locked(domain, unit, endpoint, pasid);
	if (ret == -EIO) {
		hyp_iommu_unit_stop(unit);
		hyp_iommu_domain_lose(domain);
	}
	hyp_pf_unlock(&hyp_iommu_devices);
	hyp_iommu_domain_unlock(domain);
	return ret;
}
