// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The backend for Arm SMMUv3 (Arm IHI 0070): the operations of core/backend.h.
 *
 * Stage 2 is preferred: an endpoint's entry then is all there is.  For stage 1
 * each space has one context descriptor (CD), which the entries of all its
 * endpoints point to.  A space's tag is its VMID, or its ASID under VMID 0.
 */
#include "backends/smmuv3/smmuv3.h"
#include "pgtable/fmt_vmsa.h"

/* ---- init ---- */

static u64 pages_for(u64 bytes)
{
	return (bytes + HYP_IOMMU_PAGE_SIZE - 1) / HYP_IOMMU_PAGE_SIZE;
}

/*
 * A unit's memory: the stream table, whose size is a power of two, so that it
 * is aligned to its size where the whole is; one page per queue; our own data.
 */
static u64 strtab_pages(const struct hyp_smmuv3_caps *caps)
{
	return pages_for(hyp_smmuv3_strtab_size(caps));
}

static u64 pages_needed(const struct hyp_smmuv3_caps *caps)
{
	return strtab_pages(caps) + 2 + pages_for(sizeof(struct hyp_smmuv3));
}

static_assert(sizeof(struct hyp_smmuv3_cmd) << HYP_SMMUV3_CMDQ_LG2 <= HYP_IOMMU_PAGE_SIZE);
static_assert(EVT_WORDS * sizeof(u64) << HYP_SMMUV3_EVTQ_LG2 <= HYP_IOMMU_PAGE_SIZE);

static bool reaches(const struct hyp_smmuv3_caps *caps, u64 pa, u64 size)
{
	return !((pa + size - 1) >> caps->oas_bits);
}

static struct hyp_smmuv3 *lay_out(struct hyp_iommu_unit *unit, const struct hyp_smmuv3_caps *caps)
{
	u64 cmdq_pa = unit->mem_pa + strtab_pages(caps) * HYP_IOMMU_PAGE_SIZE;
	u64 evtq_pa = cmdq_pa + HYP_IOMMU_PAGE_SIZE;
	u64 smmu_pa = evtq_pa + HYP_IOMMU_PAGE_SIZE;
	struct hyp_smmuv3 *smmu = hyp_pf_va(smmu_pa);
	bool noncoherent = !caps->ste.coherent;

	smmu->unit = unit;
	smmu->caps = *caps;
	hyp_smmuv3_strtab_init(&smmu->strtab, caps, unit->mem_pa);
	hyp_smmuv3_cmdq_init(&smmu->cmdq, unit, cmdq_pa, caps->cmdq_lg2, noncoherent);
	if (caps->msi && !noncoherent)
		hyp_smmuv3_cmdq_use_memory(&smmu->cmdq,
					   smmu_pa + offsetof(struct hyp_smmuv3, cmdq_done));
	hyp_smmuv3_evtq_init(&smmu->evtq, unit, evtq_pa, caps->evtq_lg2, noncoherent);
	return smmu;
}

static const struct hyp_pgt_fmt *format_of(const struct hyp_smmuv3_caps *caps,
					   enum hyp_iommu_stage stage)
{
	bool s1 = stage == HYP_IOMMU_STAGE_1;

	switch (caps->granule_lg2) {
	case 12:
		return s1 ? &hyp_pgt_vmsa_s1_4k : &hyp_pgt_vmsa_s2_4k;
	case 14:
		return s1 ? &hyp_pgt_vmsa_s1_16k : &hyp_pgt_vmsa_s2_16k;
	default:
		return s1 ? &hyp_pgt_vmsa_s1_64k : &hyp_pgt_vmsa_s2_64k;
	}
}

/* Blocks of level 2 (1G) are for 4K only. */
static u64 leaf_sizes(u8 granule_lg2)
{
	u8 stride = granule_lg2 - 3;
	u64 sizes = BIT_ULL(granule_lg2) | BIT_ULL(granule_lg2 + stride);

	if (granule_lg2 == 12)
		sizes |= BIT_ULL(granule_lg2 + 2 * stride);
	return sizes;
}

static struct hyp_iommu_stage_cfg stage_cfg(const struct hyp_smmuv3_caps *caps,
					    enum hyp_iommu_stage stage)
{
	struct hyp_iommu_stage_cfg cfg = { .fmt = format_of(caps, stage) };

	cfg.cfg.oa_bits = min_t(u8, caps->oas_bits, 48);
	/* IPAs are as wide as PAs (3.4.1); VAs are 48 bits, of which TTB0 has all. */
	cfg.cfg.ia_bits = stage == HYP_IOMMU_STAGE_1 ? 48 : cfg.cfg.oa_bits;
	cfg.cfg.sizes = leaf_sizes(caps->granule_lg2);
	if (!caps->ste.coherent)
		cfg.cfg.features |= HYP_PGT_NONCOHERENT;
	if (caps->bbm2)
		cfg.cfg.features |= HYP_PGT_REPLACE_OK;
	return cfg;
}

/* Tell the core what the unit can do. */
static void publish(struct hyp_iommu_unit *unit, struct hyp_smmuv3 *smmu)
{
	const struct hyp_smmuv3_caps *caps = &smmu->caps;

	if (caps->stage1)
		unit->stage[HYP_IOMMU_STAGE_1] = stage_cfg(caps, HYP_IOMMU_STAGE_1);
	if (caps->stage2)
		unit->stage[HYP_IOMMU_STAGE_2] = stage_cfg(caps, HYP_IOMMU_STAGE_2);
	unit->prefer = caps->stage2 ? HYP_IOMMU_STAGE_2 : HYP_IOMMU_STAGE_1;
	if (caps->stage1 && unit->flags & HYP_IOMMU_UNIT_PREFER_STAGE1)
		unit->prefer = HYP_IOMMU_STAGE_1;
	unit->max_tags = caps->tags;
	unit->endpoint_bits = smmu->strtab.sid_bits;
	unit->pasid_bits = 0;
	unit->attach_pages = 2;	/* of CDs, and a level 2 table */
	unit->coherent = caps->ste.coherent;
}

static int smmuv3_init(struct hyp_iommu_unit *unit, u64 *need)
{
	struct hyp_smmuv3_caps caps;
	struct hyp_smmuv3 *smmu;
	u64 nr;
	int ret;

	unit->priv = NULL;
	ret = hyp_smmuv3_probe(unit, &caps);
	if (ret)
		return ret;

	nr = pages_needed(&caps);
	if (unit->mem_pages < nr ||
	    unit->mem_pa & (strtab_pages(&caps) * HYP_IOMMU_PAGE_SIZE - 1)) {
		*need = nr;
		return -ENOMEM;
	}
	if (!reaches(&caps, unit->mem_pa, nr * HYP_IOMMU_PAGE_SIZE))
		return -ENODEV;

	ret = hyp_smmuv3_block(unit->regs);
	if (ret)
		return ret;
	smmu = lay_out(unit, &caps);
	unit->priv = smmu;
	ret = hyp_smmuv3_start(smmu);
	if (ret)
		return ret;

	publish(unit, smmu);
	return 0;
}

/* ---- spaces ---- */

static struct hyp_smmuv3_entry *cd_of(const struct hyp_smmuv3 *smmu, u32 tag, u64 *pa)
{
	u64 page = smmu->cd_page[tag / HYP_SMMUV3_CDS_PER_PAGE];

	if (!page)
		return NULL;
	*pa = page + tag % HYP_SMMUV3_CDS_PER_PAGE * sizeof(struct hyp_smmuv3_entry);
	return hyp_pf_va(*pa);
}

/* No entry of the stream table points to a CD while this writes it. */
static void write_cd(struct hyp_smmuv3 *smmu, struct hyp_smmuv3_entry *cd,
		     const struct hyp_smmuv3_entry *to)
{
	const struct hyp_smmuv3_writer writer = {
		.valid = CD0_V,
		.noncoherent = !smmu->caps.ste.coherent,
	};

	hyp_smmuv3_entry_write(cd, to, &writer);
}

/* Take a page that the unit can address.  Return: its pa, or 0 and the error in *@ret. */
static u64 take_page(struct hyp_smmuv3 *smmu, struct hyp_pgt_pool *pool, int *ret)
{
	u64 pa = hyp_pgt_pool_get(pool, !smmu->caps.ste.coherent);

	if (!pa) {
		*ret = -ENOMEM;
		return 0;
	}
	if (!reaches(&smmu->caps, pa, HYP_IOMMU_PAGE_SIZE)) {
		hyp_pgt_pool_put(pool, pa);
		*ret = -EOPNOTSUPP;
		return 0;
	}
	return pa;
}

static int smmuv3_bind(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
		       struct hyp_pgt_pool *pool)
{
	struct hyp_smmuv3 *smmu = unit->priv;
	u64 *page = &smmu->cd_page[space->tag / HYP_SMMUV3_CDS_PER_PAGE];
	struct hyp_smmuv3_entry cd;
	u64 cd_pa;
	int ret;

	if (!reaches(&smmu->caps, space->pgt.root_pa, space->pgt.root_size))
		return -EOPNOTSUPP;
	if (space->stage != HYP_IOMMU_STAGE_1)
		return 0;
	if (!*page) {
		*page = take_page(smmu, pool, &ret);
		if (!*page)
			return ret;
	}
	cd = hyp_smmuv3_cd(&space->pgt, space->tag);
	write_cd(smmu, cd_of(smmu, space->tag, &cd_pa), &cd);
	return 0;
}

/* Put a page of CDs back if none of them is in use. */
static void put_cds(struct hyp_smmuv3 *smmu, u32 tag, struct hyp_pgt_pool *pool)
{
	u64 *page = &smmu->cd_page[tag / HYP_SMMUV3_CDS_PER_PAGE];
	const struct hyp_smmuv3_entry *cd = hyp_pf_va(*page);
	u32 i;

	for (i = 0; i < HYP_SMMUV3_CDS_PER_PAGE; i++) {
		if (cd[i].w[0])
			return;
	}
	hyp_pgt_pool_put(pool, *page);
	*page = 0;
}

/* Send one command, and wait. */
static int send_and_wait(struct hyp_smmuv3 *smmu, struct hyp_smmuv3_cmd cmd)
{
	u64 ticket = 0;
	int ret;

	hyp_smmuv3_cmdq_begin(&smmu->cmdq);
	hyp_smmuv3_cmdq_push(&smmu->cmdq, cmd);
	ret = hyp_smmuv3_cmdq_end(&smmu->cmdq, &ticket);
	return ret ? ret : hyp_smmuv3_cmdq_wait(&smmu->cmdq, ticket);
}

static int smmuv3_unbind(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
			 struct hyp_pgt_pool *pool)
{
	static const struct hyp_smmuv3_entry none;
	struct hyp_smmuv3 *smmu = unit->priv;
	struct hyp_smmuv3_entry *cd;
	u64 cd_pa;
	int ret;

	ret = send_and_wait(smmu, hyp_smmuv3_tlbi_tag(space));
	if (ret || space->stage != HYP_IOMMU_STAGE_1)
		return ret;

	cd = cd_of(smmu, space->tag, &cd_pa);
	if (cd) {
		write_cd(smmu, cd, &none);
		put_cds(smmu, space->tag, pool);
	}
	return 0;
}

/* ---- endpoints ---- */

struct ste_sync {
	struct hyp_smmuv3 *smmu;
	u32 sid;
	bool range;	/* the level 1 descriptor is new */
};

static int sync_ste(void *arg)
{
	const struct ste_sync *sync = arg;
	struct hyp_smmuv3 *smmu = sync->smmu;
	struct hyp_smmuv3_cmdq *q = &smmu->cmdq;
	u64 ticket = 0;
	int ret;

	hyp_smmuv3_cmdq_begin(q);
	if (sync->range)
		hyp_smmuv3_cmdq_push(q, hyp_smmuv3_cfgi_ste_range(sync->sid, HYP_SMMUV3_SPLIT));
	else
		hyp_smmuv3_cmdq_push(q, hyp_smmuv3_cfgi_ste(sync->sid));
	if (smmu->caps.stage1)
		hyp_smmuv3_cmdq_push(q, hyp_smmuv3_cfgi_cd_all(sync->sid));
	ret = hyp_smmuv3_cmdq_end(q, &ticket);
	return ret ? ret : hyp_smmuv3_cmdq_wait(q, ticket);
}

static int write_ste(struct hyp_smmuv3 *smmu, u32 sid, bool range, struct hyp_smmuv3_entry *ste,
		     const struct hyp_smmuv3_entry *to)
{
	struct ste_sync sync = { .smmu = smmu, .sid = sid, .range = range };
	const struct hyp_smmuv3_writer writer = {
		.valid = STE0_V,
		.noncoherent = !smmu->caps.ste.coherent,
		.sync = sync_ste,
		.arg = &sync,
	};

	return hyp_smmuv3_entry_write(ste, to, &writer);
}

static int smmuv3_attach(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
			 struct hyp_iommu_space *space, struct hyp_pgt_pool *pool)
{
	struct hyp_smmuv3 *smmu = unit->priv;
	struct hyp_smmuv3_entry *ste, to;
	bool linked = false;
	u64 pa;
	int ret;

	if (pasid != HYP_IOMMU_NO_PASID)
		return -EOPNOTSUPP;
	if ((u64)endpoint >> smmu->strtab.sid_bits)
		return -EINVAL;

	ste = hyp_smmuv3_strtab_ste(&smmu->strtab, endpoint);
	if (!ste) {
		pa = take_page(smmu, pool, &ret);
		if (!pa)
			return ret;
		hyp_smmuv3_strtab_link(&smmu->strtab, endpoint, pa);
		ste = hyp_smmuv3_strtab_ste(&smmu->strtab, endpoint);
		linked = true;
	}

	if (space->stage == HYP_IOMMU_STAGE_1) {
		if (!cd_of(smmu, space->tag, &pa))
			return -EIO;
		to = hyp_smmuv3_ste_s1(&smmu->caps.ste, pa);
	} else {
		to = hyp_smmuv3_ste_s2(&space->pgt, space->tag);
	}
	return write_ste(smmu, endpoint, linked, ste, &to);
}

/* Give the level 2 table back if this endpoint was the last in it. */
static int put_ste(struct hyp_smmuv3 *smmu, u32 sid, struct hyp_pgt_pool *pool)
{
	u64 pa = hyp_smmuv3_strtab_unlink(&smmu->strtab, sid);
	int ret;

	if (!pa)
		return 0;
	ret = send_and_wait(smmu, hyp_smmuv3_cfgi_ste_range(sid, HYP_SMMUV3_SPLIT));
	if (!ret)
		hyp_pgt_pool_put(pool, pa);
	return ret;
}

static int smmuv3_detach(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
			 struct hyp_iommu_space *space, struct hyp_pgt_pool *pool)
{
	static const struct hyp_smmuv3_entry none;
	struct hyp_smmuv3 *smmu = unit->priv;
	struct hyp_smmuv3_entry *ste;
	int ret;

	if (pasid != HYP_IOMMU_NO_PASID || (u64)endpoint >> smmu->strtab.sid_bits)
		return -EIO;
	ste = hyp_smmuv3_strtab_ste(&smmu->strtab, endpoint);
	if (!ste)
		return -EIO;

	ret = write_ste(smmu, endpoint, false, ste, &none);
	/*
	 * The entry cannot be used any more.  That accesses which did use it
	 * are complete is what only an invalidation of the TLB promises.
	 */
	if (!ret)
		ret = send_and_wait(smmu, hyp_smmuv3_tlbi_tag(space));
	return ret ? ret : put_ste(smmu, endpoint, pool);
}

/* ---- invalidation ---- */

static __flatten int
smmuv3_invalidate(struct hyp_iommu_unit *unit, const struct hyp_iommu_space *space,
		  const struct hyp_pgt_gather *gather, u64 *ticket)
{
	struct hyp_smmuv3 *smmu = unit->priv;
	struct hyp_smmuv3_tlbi tlbi = hyp_smmuv3_tlbi_plan(&smmu->caps, space, gather);

	*ticket = 0;
	if (!tlbi.nr)
		return 0;

	hyp_smmuv3_cmdq_begin(&smmu->cmdq);
	for (; tlbi.nr; tlbi.nr--) {
		hyp_smmuv3_cmdq_push(&smmu->cmdq, tlbi.cmd);
		tlbi.cmd.w[1] += tlbi.step;
	}
	return hyp_smmuv3_cmdq_end(&smmu->cmdq, ticket);
}

static __flatten int smmuv3_wait(struct hyp_iommu_unit *unit, u64 ticket)
{
	struct hyp_smmuv3 *smmu = unit->priv;

	return hyp_smmuv3_cmdq_wait(&smmu->cmdq, ticket);
}

/* ---- faults ---- */

/*
 * Look at GERROR.  An error of the command queue, or a unit in service failure
 * mode, is fatal.  All the rest is about events that could not be told, which
 * an endpoint can bring about by faulting fast enough (a queue that is full is
 * reported as an abort by some): it must not stop the others.
 */
static int check_gerror(struct hyp_smmuv3 *smmu)
{
	hyp_pf_mmio_t regs = smmu->unit->regs;
	u32 gerror = hyp_pf_read32(regs, SMMU_GERROR);
	u32 gerrorn = hyp_pf_read32(regs, SMMU_GERRORN);
	u32 active = gerror ^ gerrorn;

	if (gerror == ~0U || active & (GERROR_CMDQ_ERR | GERROR_SFM_ERR))
		return -EIO;
	if (active & GERROR_EVENTQ_ABT_ERR)
		hyp_iommu_count(&smmu->unit->faults_lost, 1);
	if (active)
		hyp_pf_write32(regs, SMMU_GERRORN, gerror);
	return 0;
}

static int smmuv3_fault(struct hyp_iommu_unit *unit, struct hyp_iommu_fault *fault)
{
	struct hyp_smmuv3 *smmu = unit->priv;
	u64 record[EVT_WORDS];
	bool failed;
	int ret = 0;

	/* It never came up. */
	if (!smmu)
		return -ENOENT;

	hyp_pf_lock(&smmu->evtq.lock);
	failed = smmu->failed;
	if (!failed)
		ret = check_gerror(smmu);
	if (!ret)
		ret = hyp_smmuv3_evtq_take(&smmu->evtq, record);
	if (ret == -EIO)
		smmu->failed = true;
	hyp_pf_unlock(&smmu->evtq.lock);

	if (ret)
		return failed ? -ENOENT : ret;

	hyp_smmuv3_evtq_decode(record, fault);
	/* What the unit refuses of a valid entry is our mistake and not the endpoint's. */
	if (FIELD_GET(EVT0_ID, record[0]) == C_BAD_STE &&
	    hyp_smmuv3_strtab_valid(&smmu->strtab, fault->endpoint))
		fault->reason = HYP_IOMMU_FAULT_CONFIG;
	return 0;
}

/*
 * The unit does what it likes, perhaps.  If it does as it is told, everything
 * is blocked by GBPA.ABORT and not by tables any more.  If it does not even
 * acknowledge GBPA or CR0, there is nothing left that could be tried: entries
 * with V = 0 may be cached as valid, and the owner of what they lead to has
 * been told so by -EIO.
 */
static void smmuv3_stop(struct hyp_iommu_unit *unit)
{
	struct hyp_smmuv3 *smmu = unit->priv;

	if (smmu) {
		hyp_smmuv3_cmdq_kill(&smmu->cmdq);
		hyp_pf_lock(&smmu->evtq.lock);
		smmu->failed = true;
		hyp_pf_unlock(&smmu->evtq.lock);
	}
	/* Once it executes no commands, an error need not stop it from doing so. */
	if (!hyp_smmuv3_block(unit->regs))
		hyp_pf_write32(unit->regs, SMMU_GERRORN, hyp_pf_read32(unit->regs, SMMU_GERROR));
}

const struct hyp_iommu_backend hyp_smmuv3_backend = {
	.kind = HYP_IOMMU_KIND('S', 'M', '3', ' '),
	.init = smmuv3_init,
	.bind = smmuv3_bind,
	.unbind = smmuv3_unbind,
	.attach = smmuv3_attach,
	.detach = smmuv3_detach,
	.invalidate = smmuv3_invalidate,
	.wait = smmuv3_wait,
	.fault = smmuv3_fault,
	.stop = smmuv3_stop,
};
