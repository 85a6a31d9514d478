// SPDX-License-Identifier: GPL-2.0-only
/* See fake_unit.h. */
#include "kunit/models/fake_unit.h"
#include "pgtable/fmt_vmsa.h"

struct fake_unit fake_units[FAKE_MAX_UNITS];

static u32 nr_errors;
/* Which tag each endpoint uses (0: blocked), and how many use a tag (bound: +1). */
static u32 tag_of[FAKE_MAX_UNITS][1 << FAKE_ENDPOINT_BITS];
static u32 users[FAKE_MAX_UNITS][256];

static void expect(bool ok)
{
	if (!ok)
		nr_errors++;
}

u32 fake_take_errors(void)
{
	u32 nr = nr_errors;

	nr_errors = 0;
	return nr;
}

u64 fake_outstanding(void)
{
	u64 nr = 0;
	u32 i;

	for (i = 0; i < FAKE_MAX_UNITS; i++)
		nr += fake_units[i].issued - fake_units[i].completed;
	return nr;
}

/* Count a call.  Return: the failure that the test wants. */
static int begin(struct hyp_iommu_unit *unit, enum fake_op op)
{
	struct fake_unit *fake = &fake_units[unit->id];

	/* Nothing but fault after stop. */
	expect(!fake->calls[FAKE_STOP] || op == FAKE_FAULT);
	fake->calls[op]++;
	return fake->fail[op];
}

static int fake_init(struct hyp_iommu_unit *unit, u64 *need)
{
	const struct fake_unit *fake = &fake_units[unit->id];
	struct hyp_iommu_stage_cfg cfg = {
		.fmt = fake->other_format ? &hyp_pgt_vmsa_s2_16k : &hyp_pgt_vmsa_s2_4k,
		.cfg = {
			.ia_bits = 40, .oa_bits = 48,
			.features = fake->noncoherent ? HYP_PGT_NONCOHERENT : 0,
		},
	};
	int ret = begin(unit, FAKE_INIT);

	if (ret)
		return ret;
	if (unit->mem_pages < FAKE_PAGES) {
		*need = FAKE_PAGES;
		return -ENOMEM;
	}
	cfg.cfg.sizes = fake->other_format ? BIT_ULL(14) | BIT_ULL(25) :
					     BIT_ULL(12) | BIT_ULL(21) | BIT_ULL(30);
	unit->stage[HYP_IOMMU_STAGE_2] = cfg;
	unit->prefer = HYP_IOMMU_STAGE_2;
	unit->max_tags = 256;
	unit->endpoint_bits = FAKE_ENDPOINT_BITS;
	unit->pasid_bits = FAKE_PASID_BITS;
	unit->attach_pages = FAKE_ATTACH_PAGES;
	unit->coherent = !fake->noncoherent;
	unit->notices_maps = fake->notices_maps;
	return 0;
}

static int fake_bind(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
		     struct hyp_pgt_pool *pool)
{
	int ret = begin(unit, FAKE_BIND);

	(void)pool;
	if (ret)
		return ret;
	expect(space->tag && space->tag < 256 && !users[unit->id][space->tag]);
	users[unit->id][space->tag] = 1;
	return 0;
}

static int fake_unbind(struct hyp_iommu_unit *unit, struct hyp_iommu_space *space,
		       struct hyp_pgt_pool *pool)
{
	int ret = begin(unit, FAKE_UNBIND);

	(void)pool;
	if (ret)
		return ret;
	expect(users[unit->id][space->tag] == 1);
	users[unit->id][space->tag] = 0;
	return 0;
}

static int fake_attach(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
		       struct hyp_iommu_space *space, struct hyp_pgt_pool *pool)
{
	struct fake_unit *fake = &fake_units[unit->id];
	int ret = begin(unit, FAKE_ATTACH);
	u32 i;

	if (ret)
		return ret;
	if (pasid != HYP_IOMMU_NO_PASID)
		return -EOPNOTSUPP;
	if (pool->nr < fake->attach_pages)
		return -ENOMEM;
	for (i = 0; i < fake->attach_pages; i++)
		hyp_pgt_pool_put(&fake->held, hyp_pgt_pool_get(pool, false));

	expect(endpoint < 1 << FAKE_ENDPOINT_BITS && !tag_of[unit->id][endpoint]);
	expect(users[unit->id][space->tag]);
	tag_of[unit->id][endpoint] = space->tag;
	users[unit->id][space->tag]++;
	return 0;
}

static int fake_detach(struct hyp_iommu_unit *unit, u32 endpoint, u64 pasid,
		       struct hyp_iommu_space *space, struct hyp_pgt_pool *pool)
{
	struct fake_unit *fake = &fake_units[unit->id];
	int ret = begin(unit, FAKE_DETACH);
	u32 i;

	(void)pasid;
	if (ret)
		return ret;
	for (i = 0; i < fake->attach_pages; i++)
		hyp_pgt_pool_put(pool, hyp_pgt_pool_get(&fake->held, false));
	expect(tag_of[unit->id][endpoint] == space->tag);
	expect(users[unit->id][space->tag] > 1);
	tag_of[unit->id][endpoint] = 0;
	users[unit->id][space->tag]--;
	return 0;
}

static int fake_invalidate(struct hyp_iommu_unit *unit, const struct hyp_iommu_space *space,
			   const struct hyp_pgt_gather *gather, u64 *ticket)
{
	int ret = begin(unit, FAKE_INVALIDATE);

	if (ret)
		return ret;
	expect(users[unit->id][space->tag] > 1);
	expect(gather->start <= gather->last);
	expect(gather->leaf_levels | gather->table_levels);
	fake_units[unit->id].first = gather->start;
	fake_units[unit->id].last = gather->last;
	*ticket = ++fake_units[unit->id].issued;
	return 0;
}

static int fake_wait(struct hyp_iommu_unit *unit, u64 ticket)
{
	struct fake_unit *fake = &fake_units[unit->id];
	int ret = begin(unit, FAKE_WAIT);

	if (ret)
		return ret;
	expect(ticket && ticket <= fake->issued);
	if (fake->on_wait)
		fake->on_wait();
	/* In order; a later one may have been waited for meanwhile. */
	fake->completed = max(fake->completed, ticket);
	return 0;
}

static int fake_fault(struct hyp_iommu_unit *unit, struct hyp_iommu_fault *fault)
{
	struct fake_unit *fake = &fake_units[unit->id];
	int ret = begin(unit, FAKE_FAULT);

	if (ret)
		return ret;
	if (!fake->faults)
		return -ENOENT;
	fake->faults--;
	*fault = (struct hyp_iommu_fault){
		.ia = 0x123456789000, .endpoint = 0x2a, .pasid = 0xabcde, .has_pasid = true,
		.write = true, .reason = HYP_IOMMU_FAULT_PERMISSION,
	};
	if (fake->blind_faults)
		*fault = (struct hyp_iommu_fault){
			.endpoint = 0x2b, .no_address = true, .reason = HYP_IOMMU_FAULT_BLOCKED,
		};
	return 0;
}

static void fake_stop(struct hyp_iommu_unit *unit)
{
	begin(unit, FAKE_STOP);
}

const struct hyp_iommu_backend fake_backend = {
	.kind = FAKE_KIND,
	.init = fake_init,
	.bind = fake_bind,
	.unbind = fake_unbind,
	.attach = fake_attach,
	.detach = fake_detach,
	.invalidate = fake_invalidate,
	.wait = fake_wait,
	.fault = fake_fault,
	.stop = fake_stop,
};
