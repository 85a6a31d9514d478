// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which descriptors make VT-d forget what was removed from a table: Intel
 * D51397, 6.5.2 and 6.5.3.3.  Pure functions.
 *
 * A page-selective invalidation drops a naturally aligned power of two of
 * pages.  Any range is covered by two of them with less than twice its pages:
 * of the addresses in it there is one that is aligned better than all others,
 * and from there each side is the end of one such block.  One is enough where
 * it drops no more than that.
 */
#include "backends/vtd/vtd.h"

struct hyp_vtd_desc hyp_vtd_inval_tag(const struct hyp_vtd_caps *caps,
				      const struct hyp_iommu_space *space)
{
	if (space->stage == HYP_IOMMU_STAGE_1)
		return hyp_vtd_piotlb_pasid(space->tag, VTD_RID_PASID);
	return hyp_vtd_iotlb_domain(space->tag, caps->drain);
}

static struct hyp_vtd_inval all_of(const struct hyp_vtd_caps *caps,
				   const struct hyp_iommu_space *space)
{
	return (struct hyp_vtd_inval){ .desc = { hyp_vtd_inval_tag(caps, space) }, .nr = 1 };
}

static struct hyp_vtd_desc pages(const struct hyp_vtd_caps *caps,
				 const struct hyp_iommu_space *space, u64 page, u8 am, bool leaf)
{
	u64 ia = page >> am << am << HYP_IOMMU_PAGE_SHIFT;

	if (space->stage == HYP_IOMMU_STAGE_1)
		return hyp_vtd_piotlb_pages(space->tag, VTD_RID_PASID, ia, am, leaf);
	return hyp_vtd_iotlb_pages(space->tag, ia, am, leaf, caps->drain);
}

struct hyp_vtd_inval hyp_vtd_inval_plan(const struct hyp_vtd_caps *caps,
					const struct hyp_iommu_space *space,
					const struct hyp_pgt_gather *gather)
{
	u64 first = gather->start >> HYP_IOMMU_PAGE_SHIFT, middle;
	u64 last = gather->last >> HYP_IOMMU_PAGE_SHIFT;
	bool leaf = !gather->table_levels;
	struct hyp_vtd_inval inval;
	u8 am, below, above;

	if (hyp_pgt_gather_empty(gather))
		return (struct hyp_vtd_inval){ .nr = 0 };
	if (!caps->page_inval || !(gather->leaf_levels | gather->table_levels))
		return all_of(caps, space);

	am = fls64(first ^ last);
	if (am <= caps->am_max && BIT_ULL(am) < 2 * (last - first + 1)) {
		inval.desc[0] = pages(caps, space, first, am, leaf);
		inval.nr = 1;
		return inval;
	}

	/* More than one page, so am > 0. */
	middle = last >> (am - 1) << (am - 1);
	below = fls64(middle - first - 1);
	above = fls64(last - middle);
	if (below > caps->am_max || above > caps->am_max)
		return all_of(caps, space);
	inval.desc[0] = pages(caps, space, first, below, leaf);
	inval.desc[1] = pages(caps, space, last, above, leaf);
	inval.nr = 2;
	return inval;
}
