// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a register to the page tables, by the architectures (Arm IHI 0070,
 * chapters 3 and 5; Intel D51397, chapters 3 and 9), without a cache; the
 * tables themselves are kunit/ref_*.c's.
 */
#include "kunit/qtest/bench.h"
#include "kunit/ref_walk.h"

#define ADDRESS		0xffffffffff000ULL

static u64 memory(u64 pa)
{
	return *(volatile u64 *)machine_ptr(&bench.m, pa);
}

static u64 bits(u64 val, u32 high, u32 low)
{
	return val << (63 - high) >> (63 - high) >> low;
}

enum entry { ABSENT, BYPASS, TABLES };

/* ---- SMMUv3 ---- */

static enum entry arm_entry(u32 sid, struct ref_regs *regs)
{
	u64 base = bench.strtab & GENMASK_ULL(51, 6), ste, l1, w2, cd;
	u32 split = bits(bench.strtab_cfg, 10, 6);

	if ((u64)sid >> bits(bench.strtab_cfg, 5, 0))
		return ABSENT;
	ste = base + 64ULL * sid;
	if (bits(bench.strtab_cfg, 17, 16) == 1) {
		l1 = memory(base + 8ULL * (sid >> split));
		if (!bits(l1, 4, 0))
			return ABSENT;
		ste = (l1 & GENMASK_ULL(51, 6)) + 64ULL * bits(sid, split - 1, 0);
	}
	if (!bits(memory(ste), 0, 0) || !bits(memory(ste), 3, 1))
		return ABSENT;
	if (bits(memory(ste), 3, 1) == 4)
		return BYPASS;

	if (bits(memory(ste), 3, 1) == 6) {
		w2 = memory(ste + 16);
		regs->stage = 2;
		regs->t0sz = bits(w2, 37, 32);
		regs->sl0 = bits(w2, 39, 38);
		regs->tg0 = bits(w2, 47, 46);
		regs->ps = bits(w2, 50, 48);
		regs->ttb = memory(ste + 24) & GENMASK_ULL(51, 4);
	} else {
		cd = memory(ste) & GENMASK_ULL(51, 6);
		regs->stage = 1;
		regs->t0sz = bits(memory(cd), 5, 0);
		regs->tg0 = bits(memory(cd), 7, 6);
		regs->ps = bits(memory(cd), 34, 32);
		regs->ttb = memory(cd + 8) & GENMASK_ULL(51, 4);
		regs->mair = memory(cd + 24);
	}
	return TABLES;
}

/* ---- VT-d ---- */

static enum entry legacy_entry(u32 sid, struct ref_regs *regs)
{
	u64 root = memory((bench.rtaddr & ADDRESS) + 16ULL * (sid >> 8)), ctx;

	if (!(root & 1))
		return ABSENT;
	ctx = (root & ADDRESS) + 16ULL * (sid & 0xff);
	if (!(memory(ctx) & 1))
		return ABSENT;
	if (bits(memory(ctx), 3, 2) == 2)
		return BYPASS;
	regs->stage = 2;
	regs->ttb = memory(ctx) & ADDRESS;
	regs->aw = bits(memory(ctx + 8), 2, 0);
	return TABLES;
}

static enum entry scalable_entry(u32 sid, struct ref_regs *regs)
{
	u64 root = memory((bench.rtaddr & ADDRESS) + 8ULL * (sid >> 7)), ctx, dir, pasid;

	if (!(root & 1))
		return ABSENT;
	ctx = (root & ADDRESS) + 32ULL * (sid & 0x7f);
	if (!(memory(ctx) & 1))
		return ABSENT;
	dir = memory(memory(ctx) & ADDRESS);
	pasid = dir & ADDRESS;
	if (!(dir & 1) || !(memory(pasid) & 1))
		return ABSENT;
	switch (bits(memory(pasid), 8, 6)) {
	case 1:
		regs->stage = 1;
		regs->ttb = memory(pasid + 16) & ADDRESS;
		regs->aw = bits(memory(pasid + 16), 3, 2);
		return TABLES;
	case 2:
		regs->stage = 2;
		regs->ttb = memory(pasid) & ADDRESS;
		regs->aw = bits(memory(pasid), 4, 2);
		return TABLES;
	default:
		return BYPASS;
	}
}

/* ---- both ---- */

/* Is the address one that the tables cannot even be asked about? */
static bool out_of_range(const struct ref_regs *regs, u64 ia)
{
	static const u8 ias[] = { 32, 36, 40, 42, 44, 48, 52 };	/* IDR5.OAS */
	u32 width = 12 + 9 * (regs->aw + 2);

	/* IHI 0070, 3.4: what stage 1 does not take is not mapped; there is no other limit. */
	if (!regs->vtd)
		return regs->stage == 2 && ia >> ias[bench.idr5 & 7];
	if (regs->stage == 2)
		return ia >> width;
	width = 12 + 9 * (regs->aw + 4);
	return bits(ia, 63, width - 1) && bits(ia, 63, width - 1) != bits(~0ULL, 63, width - 1);
}

static enum hyp_iommu_fault_reason absent_reason(const struct ref_regs *regs, u64 ia)
{
	if (out_of_range(regs, ia))
		return HYP_IOMMU_FAULT_ADDRESS_SIZE;
	/* VT-d's second stage has no other way to say it. */
	return regs->vtd && regs->stage == 2 ? HYP_IOMMU_FAULT_PERMISSION :
					       HYP_IOMMU_FAULT_NOT_MAPPED;
}

struct verdict entries_access(u32 endpoint, u64 ia, bool write, u64 *leaf_size)
{
	struct ref_regs regs = { .vtd = !bench.m.cfg->arm, .read = memory };
	struct verdict v = { .reason = HYP_IOMMU_FAULT_BLOCKED };
	struct ref_leaf leaf;
	enum entry entry;

	*leaf_size = 0;
	if (bench.m.cfg->arm)
		entry = arm_entry(endpoint, &regs);
	else
		entry = bench.rtaddr & 1 << 10 ? scalable_entry(endpoint, &regs) :
						 legacy_entry(endpoint, &regs);
	if (entry == ABSENT)
		return v;
	if (entry == BYPASS)
		return (struct verdict){ .ok = true, .pa = ia, .why = "it is let through" };

	switch (ref_walk(&regs, ia, &leaf)) {
	case REF_OK:
		*leaf_size = leaf.size;
		v.ok = write ? leaf.w : leaf.r;
		v.pa = leaf.oa;
		v.reason = v.ok ? HYP_IOMMU_FAULT_UNKNOWN : HYP_IOMMU_FAULT_PERMISSION;
		break;
	case REF_TRANSLATION_FAULT:
		v.reason = absent_reason(&regs, ia);
		break;
	default:
		v.reason = HYP_IOMMU_FAULT_CONFIG;
		v.why = leaf.why;
	}
	return v;
}
