// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Domains: handles, life and death.
 *
 * Domains live in a fixed array that is never freed, so a handle can be looked
 * up by locking its slot and comparing the generation: whoever is late finds
 * another generation, and never another domain.
 */
#include "core/domain.h"

#define HANDLE_SLOT_BITS	16

static_assert(HYP_IOMMU_MAX_DOMAINS <= 1 << HANDLE_SLOT_BITS, "a slot does not fit into a handle");

static struct hyp_iommu_domain domains[HYP_IOMMU_MAX_DOMAINS] = {
	[0 ... HYP_IOMMU_MAX_DOMAINS - 1] = { .lock = HYP_PF_LOCK_INIT },
};

static u64 handle_of(const struct hyp_iommu_domain *domain)
{
	return domain->generation << HANDLE_SLOT_BITS | (u64)(domain - domains);
}

struct hyp_iommu_domain *hyp_iommu_domain_lock_any(u64 handle)
{
	u64 slot = handle & GENMASK_ULL(HANDLE_SLOT_BITS - 1, 0);
	struct hyp_iommu_domain *domain;

	if (!slot || slot >= HYP_IOMMU_MAX_DOMAINS)
		return NULL;

	domain = &domains[hyp_pf_nospec(slot, HYP_IOMMU_MAX_DOMAINS)];
	hyp_pf_lock(&domain->lock);
	if (domain->state != HYP_IOMMU_DOMAIN_UNUSED &&
	    handle >> HANDLE_SLOT_BITS == domain->generation)
		return domain;
	hyp_pf_unlock(&domain->lock);
	return NULL;
}

struct hyp_iommu_domain *hyp_iommu_domain_lock(u64 handle)
{
	struct hyp_iommu_domain *domain = hyp_iommu_domain_lock_any(handle);

	if (domain && domain->state != HYP_IOMMU_DOMAIN_LIVE) {
		hyp_pf_unlock(&domain->lock);
		domain = NULL;
	}
	return domain;
}

void hyp_iommu_domain_unlock(struct hyp_iommu_domain *domain)
{
	hyp_pf_unlock(&domain->lock);
}

void hyp_iommu_domain_lose(struct hyp_iommu_domain *domain)
{
	if (domain->state == HYP_IOMMU_DOMAIN_LOST)
		return;
	domain->state = HYP_IOMMU_DOMAIN_LOST;
	hyp_iommu_stat_add(HYP_IOMMU_STAT_STUCK, domain->mapped + domain->deferred.pages);
}

/* Lock a slot that is not in use. */
static struct hyp_iommu_domain *lock_unused(u32 max_tags)
{
	struct hyp_iommu_domain *domain;
	u32 i;

	for (i = 1; i < HYP_IOMMU_MAX_DOMAINS && i < max_tags; i++) {
		domain = &domains[i];
		hyp_pf_lock(&domain->lock);
		if (domain->state == HYP_IOMMU_DOMAIN_UNUSED)
			return domain;
		hyp_pf_unlock(&domain->lock);
	}
	return NULL;
}

/* Turn a slot into a domain.  Return: 0; -ENOSPC; -EOPNOTSUPP: hyp_pgt_init() refuses. */
static int make_domain(const struct hyp_iommu_unit *unit, u32 stage, u64 root_pa, u64 *handle)
{
	const struct hyp_iommu_stage_cfg *cfg = &unit->stage[stage];
	struct hyp_iommu_domain *domain = lock_unused(unit->max_tags);
	int ret = 0;

	if (!domain)
		return -ENOSPC;

	if (hyp_pgt_init(&domain->space.pgt, cfg->fmt, &cfg->cfg, root_pa)) {
		ret = -EOPNOTSUPP;
	} else {
		domain->generation++;
		domain->state = HYP_IOMMU_DOMAIN_LIVE;
		domain->space.tag = domain - domains;
		domain->space.stage = stage;
		domain->mapped = 0;
		hyp_iommu_deferred_init(&domain->deferred);
		domain->notices_maps = false;
		*handle = handle_of(domain);
		hyp_iommu_stat_add(HYP_IOMMU_STAT_DOMAINS, 1);
	}
	hyp_pf_unlock(&domain->lock);
	return ret;
}

static u64 root_bytes(const struct hyp_iommu_stage_cfg *cfg)
{
	u64 size = hyp_pgt_root_size(cfg->fmt, &cfg->cfg);

	return size && size < HYP_IOMMU_PAGE_SIZE ? HYP_IOMMU_PAGE_SIZE : size;
}

/**
 * hyp_iommu_domain_alloc() - make a domain that maps nothing
 * @unit_id: a unit that has to be able to use it
 * @stage: enum hyp_iommu_stage
 * @root_pa: memory for the root of its table; 0 to ask how much
 * @handle: gets the handle
 * @need: pages wanted, with -ENOMEM
 *
 * Return: 0; -ENODEV; -EIO: the unit is stopped; -EOPNOTSUPP: the unit does
 * not have this stage; -EINVAL; -ENOMEM: see @need, or the hypervisor has no
 * memory to map the root (*@need 0); -ENOSPC: no slot; or see
 * hyp_pf_take_pages().  After an error the host has its memory again.
 */
int hyp_iommu_domain_alloc(u64 unit_id, u64 stage, u64 root_pa, u64 *handle, u64 *need)
{
	const struct hyp_iommu_unit *unit = hyp_iommu_unit_get(unit_id);
	u64 size, pages;
	int ret;

	if (!unit)
		return -ENODEV;
	if (hyp_iommu_unit_state(unit) != HYP_IOMMU_UNIT_LIVE)
		return -EIO;
	if (stage >= HYP_IOMMU_NR_STAGES)
		return -EINVAL;
	stage = hyp_pf_nospec(stage, HYP_IOMMU_NR_STAGES);
	if (stage == HYP_IOMMU_STAGE_ANY)
		stage = unit->prefer;
	if (!unit->stage[stage].fmt)
		return -EOPNOTSUPP;

	size = root_bytes(&unit->stage[stage]);
	pages = size / HYP_IOMMU_PAGE_SIZE;
	if (!size)
		return -EOPNOTSUPP;
	if (!root_pa) {
		*need = pages;
		return -ENOMEM;
	}
	if (root_pa % size || root_pa > BIT_ULL(unit->stage[stage].cfg.oa_bits) - size)
		return -EINVAL;

	ret = hyp_iommu_take_pages(root_pa, pages);
	if (ret)
		return ret;
	ret = make_domain(unit, stage, root_pa, handle);
	if (ret)
		hyp_iommu_return_pages(root_pa, pages);
	return ret;
}

/* Move tables to the hypervisor's pool, at most @max pages of them.  Return: all moved? */
static bool release_tables(struct hyp_pgt_pool *tables, u64 size, u64 max)
{
	u64 pa;

	hyp_pf_lock(&hyp_iommu_devices);
	while (tables->nr && max >= size / HYP_IOMMU_PAGE_SIZE) {
		pa = hyp_pgt_pool_get(tables, false);
		hyp_iommu_pool_put(pa, size);
		max -= size / HYP_IOMMU_PAGE_SIZE;
	}
	hyp_pf_unlock(&hyp_iommu_devices);
	return !tables->nr;
}

/* Forget the domain itself. */
static void release_domain(struct hyp_iommu_domain *domain)
{
	struct hyp_pgt *pgt = &domain->space.pgt;

	hyp_pf_lock(&hyp_iommu_devices);
	hyp_iommu_pool_put(pgt->root_pa, pgt->root_size);	/* in whole pages */
	hyp_pf_unlock(&hyp_iommu_devices);

	domain->state = HYP_IOMMU_DOMAIN_UNUSED;
	hyp_iommu_stat_sub(HYP_IOMMU_STAT_DOMAINS, 1);
}

/**
 * hyp_iommu_domain_free() - give up a domain with all that it maps
 * @handle: the domain
 *
 * As no endpoint is attached, no unit knows the domain (see unbind in
 * backend.h), and what it mapped can be unpinned at once.
 *
 * Return: 0; -EAGAIN: there is more to do, call again; -EBUSY: an endpoint is
 * attached; -EIO: the domain is LOST; -EBADF.
 */
int hyp_iommu_domain_free(u64 handle)
{
	struct hyp_iommu_sg runs[HYP_IOMMU_MAX_RUNS];
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(runs, HYP_IOMMU_MAX_RUNS,
						      HYP_IOMMU_MAX_ENTRIES);
	struct hyp_iommu_domain *domain = hyp_iommu_domain_lock_any(handle);
	u64 size;
	int ret;

	if (!domain)
		return -EBADF;
	if (domain->state == HYP_IOMMU_DOMAIN_LOST || domain->endpoints) {
		ret = domain->state == HYP_IOMMU_DOMAIN_LOST ? -EIO : -EBUSY;
		hyp_iommu_domain_unlock(domain);
		return ret;
	}

	domain->state = HYP_IOMMU_DOMAIN_DYING;
	size = hyp_pgt_table_size(domain->space.pgt.fmt);
	if (__atomic_load_n(&domain->busy, __ATOMIC_ACQUIRE)) {
		ret = -EAGAIN;
	} else if (domain->deferred.tables) {
		gather.nr = hyp_iommu_deferred_take(domain, runs, HYP_IOMMU_MAX_RUNS);
		ret = -EAGAIN;
	} else {
		ret = hyp_pgt_drain(&domain->space.pgt, &gather);
		release_tables(&gather.tables, size, ~0ULL);
	}
	if (!ret && !release_tables(&domain->pool, size, HYP_IOMMU_MAX_PAGES))
		ret = -EAGAIN;
	if (!ret)
		release_domain(domain);
	hyp_iommu_domain_unlock(domain);

	hyp_iommu_unpin(runs, gather.nr);
	return ret;
}

/**
 * hyp_iommu_domain_info() - tell about a domain
 * @handle: the domain
 * @what: enum hyp_iommu_domain_info
 * @val: gets the value
 *
 * Return: 0, -EBADF, or -EINVAL.
 */
int hyp_iommu_domain_info(u64 handle, u64 what, u64 *val)
{
	struct hyp_iommu_domain *domain = hyp_iommu_domain_lock(handle);
	const struct hyp_pgt *pgt;
	int ret = 0;

	if (!domain)
		return -EBADF;
	pgt = &domain->space.pgt;

	switch (what) {
	case HYP_IOMMU_DOMAIN_STAGE:
		*val = domain->space.stage;
		break;
	case HYP_IOMMU_DOMAIN_PAGE_SIZES:
		*val = pgt->cfg.sizes;
		break;
	case HYP_IOMMU_DOMAIN_IA_BITS:
		*val = pgt->cfg.ia_bits;
		break;
	case HYP_IOMMU_DOMAIN_OA_BITS:
		*val = pgt->cfg.oa_bits;
		break;
	case HYP_IOMMU_DOMAIN_TABLE_SIZE:
		*val = hyp_pgt_table_size(pgt->fmt);
		break;
	case HYP_IOMMU_DOMAIN_TABLES:
		*val = pgt->tables;
		break;
	case HYP_IOMMU_DOMAIN_SPARE:
		*val = domain->pool.nr;
		break;
	case HYP_IOMMU_DOMAIN_MAPPED:
		*val = domain->mapped;
		break;
	case HYP_IOMMU_DOMAIN_ENDPOINTS:
		*val = domain->endpoints;
		break;
	case HYP_IOMMU_DOMAIN_DEFERRED:
		*val = domain->deferred.pages;
		break;
	default:
		ret = -EINVAL;
	}
	hyp_iommu_domain_unlock(domain);
	return ret;
}
