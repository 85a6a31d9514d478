// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which commands make an SMMUv3 forget what was removed from a table: Arm
 * IHI 0070, section 4.4.  Pure functions.
 *
 * With range invalidation it is one command, for 1/16 more than the range at
 * most.  Without it is one per smallest entry that was removed, up to a limit.
 * Stage 2 needs nothing but the IPA commands: there is no entry that combines
 * it with a stage 1.
 */
#include "backends/smmuv3/smmuv3.h"

#define NUM_BITS	5	/* NUM + 1 is 1 to 32 */
#define SCALE_MAX	31

struct hyp_smmuv3_cmd hyp_smmuv3_tlbi_tag(const struct hyp_iommu_space *space)
{
	if (space->stage == HYP_IOMMU_STAGE_1)
		return hyp_smmuv3_tlbi_nh_asid(space->tag);
	return hyp_smmuv3_tlbi_s12_vmall(space->tag);
}

static struct hyp_smmuv3_tlbi all_of(const struct hyp_iommu_space *space)
{
	return (struct hyp_smmuv3_tlbi){ .cmd = hyp_smmuv3_tlbi_tag(space), .nr = 1 };
}

static struct hyp_smmuv3_cmd by_address(const struct hyp_iommu_space *space, u64 ia, bool leaf)
{
	if (space->stage == HYP_IOMMU_STAGE_1)
		return hyp_smmuv3_tlbi_nh_va(space->tag, ia, leaf);
	return hyp_smmuv3_tlbi_s2_ipa(space->tag, ia, leaf);
}

/* The level of the leaves as the architecture counts, if it is only one and there are no tables. */
static u8 ttl_of(const struct hyp_smmuv3_caps *caps, const struct hyp_pgt_gather *gather)
{
	if (gather->table_levels)
		return 0;
	switch (gather->leaf_levels) {
	case BIT(0):
		return 3;
	case BIT(1):
		return 2;
	case BIT(2):	/* reserved for 16K and 64K */
		return caps->granule_lg2 == 12 ? 1 : 0;
	default:
		return 0;
	}
}

static struct hyp_smmuv3_tlbi by_range(const struct hyp_smmuv3_caps *caps,
				       const struct hyp_iommu_space *space,
				       const struct hyp_pgt_gather *gather)
{
	u64 start = gather->start, nr = ((gather->last - start) >> caps->granule_lg2) + 1;
	u64 end = BIT_ULL(space->pgt.cfg.ia_bits - caps->granule_lg2);
	u8 ttl = ttl_of(caps, gather), scale = 0;

	/* Reserved: one granule, and nothing known of its level. */
	if (nr == 1 && !ttl)
		nr = 2;
	if (fls64(nr) > NUM_BITS)
		scale = fls64(nr) - NUM_BITS;
	nr = (nr + BIT_ULL(scale) - 1) >> scale;
	if (scale > SCALE_MAX || nr << scale > end)
		return all_of(space);

	/* What rounding has added must not be beyond the last address. */
	start = min(start, (end - (nr << scale)) << caps->granule_lg2);
	return (struct hyp_smmuv3_tlbi){
		.cmd = hyp_smmuv3_tlbi_range(by_address(space, start, !gather->table_levels),
					     (caps->granule_lg2 - 10) / 2, nr - 1, scale, ttl),
		.nr = 1,
	};
}

static struct hyp_smmuv3_tlbi one_by_one(const struct hyp_smmuv3_caps *caps,
					 const struct hyp_iommu_space *space,
					 const struct hyp_pgt_gather *gather)
{
	u32 lowest = __ffs64(gather->leaf_levels | gather->table_levels);
	u32 step_lg2 = caps->granule_lg2 + lowest * (caps->granule_lg2 - 3);
	u64 start = gather->start >> step_lg2, nr = (gather->last >> step_lg2) - start + 1;

	if (nr > HYP_SMMUV3_MAX_TLBI)
		return all_of(space);
	return (struct hyp_smmuv3_tlbi){
		.cmd = by_address(space, start << step_lg2, !gather->table_levels),
		.step = BIT_ULL(step_lg2),
		.nr = nr,
	};
}

struct hyp_smmuv3_tlbi hyp_smmuv3_tlbi_plan(const struct hyp_smmuv3_caps *caps,
					    const struct hyp_iommu_space *space,
					    const struct hyp_pgt_gather *gather)
{
	if (hyp_pgt_gather_empty(gather))
		return (struct hyp_smmuv3_tlbi){ .nr = 0 };
	if (!(gather->leaf_levels | gather->table_levels))
		return all_of(space);
	if (caps->range_inval)
		return by_range(caps, space, gather);
	return one_by_one(caps, space, gather);
}
