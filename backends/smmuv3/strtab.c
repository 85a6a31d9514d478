// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The stream table of an SMMUv3: Arm IHI 0070, section 3.3.
 *
 * An entry that is not there blocks: a StreamID beyond the table and a level 1
 * descriptor of 0 make the unit record C_BAD_STREAMID, and an STE with V = 0
 * C_BAD_STE.  An STE of "abort" would do it in silence.
 *
 * Only one CPU at a time changes the table (core/backend.h); the lock is for
 * those who look at it when a fault record comes in.
 */
#include "backends/smmuv3/smmuv3.h"

#define MAX_BYTES_LG2	22	/* of the part that is always there */
#define STE_LG2		6
#define L1STD_LG2	3
#define L2_NR		BIT(HYP_SMMUV3_SPLIT)
#define L2_SPAN		(HYP_SMMUV3_SPLIT + 1)

static_assert(L2_NR << STE_LG2 == HYP_IOMMU_PAGE_SIZE);
static_assert(sizeof(struct hyp_smmuv3_entry) == 1 << STE_LG2);

/* A table with less than one level 2 table in it is better off linear. */
static bool use_two_level(const struct hyp_smmuv3_caps *caps)
{
	return caps->two_level && caps->sid_bits > HYP_SMMUV3_SPLIT;
}

u8 hyp_smmuv3_strtab_sid_bits(const struct hyp_smmuv3_caps *caps)
{
	if (use_two_level(caps))
		return min_t(u8, caps->sid_bits, MAX_BYTES_LG2 - L1STD_LG2 + HYP_SMMUV3_SPLIT);
	return min_t(u8, caps->sid_bits, MAX_BYTES_LG2 - STE_LG2);
}

u64 hyp_smmuv3_strtab_size(const struct hyp_smmuv3_caps *caps)
{
	u8 sid_bits = hyp_smmuv3_strtab_sid_bits(caps);

	if (use_two_level(caps))
		return BIT_ULL(sid_bits - HYP_SMMUV3_SPLIT + L1STD_LG2);
	return BIT_ULL(sid_bits + STE_LG2);
}

void hyp_smmuv3_strtab_init(struct hyp_smmuv3_strtab *tab, const struct hyp_smmuv3_caps *caps,
			    u64 base_pa)
{
	hyp_pf_lock_init(&tab->lock);
	tab->base = hyp_pf_va(base_pa);
	tab->base_pa = base_pa;
	tab->sid_bits = hyp_smmuv3_strtab_sid_bits(caps);
	tab->two_level = use_two_level(caps);
	tab->noncoherent = !caps->ste.coherent;
}

u64 hyp_smmuv3_strtab_base(const struct hyp_smmuv3_strtab *tab)
{
	return (tab->base_pa & STRTAB_BASE_ADDR) | (tab->noncoherent ? 0 : STRTAB_BASE_RA);
}

u32 hyp_smmuv3_strtab_base_cfg(const struct hyp_smmuv3_strtab *tab)
{
	if (!tab->two_level)
		return FIELD_PREP(STRTAB_BASE_CFG_LOG2SIZE, tab->sid_bits);
	return FIELD_PREP(STRTAB_BASE_CFG_LOG2SIZE, tab->sid_bits) |
	       FIELD_PREP(STRTAB_BASE_CFG_SPLIT, HYP_SMMUV3_SPLIT) |
	       FIELD_PREP(STRTAB_BASE_CFG_FMT, STRTAB_BASE_CFG_FMT_2LVL);
}

static u64 *l1std_of(const struct hyp_smmuv3_strtab *tab, u32 sid)
{
	u64 *l1 = tab->base;

	return &l1[hyp_pf_nospec(sid >> HYP_SMMUV3_SPLIT,
				 BIT_ULL(tab->sid_bits - HYP_SMMUV3_SPLIT))];
}

struct hyp_smmuv3_entry *hyp_smmuv3_strtab_ste(const struct hyp_smmuv3_strtab *tab, u32 sid)
{
	struct hyp_smmuv3_entry *ste = tab->base;
	u64 l1std;

	if (!tab->two_level)
		return &ste[hyp_pf_nospec(sid, BIT_ULL(tab->sid_bits))];

	l1std = *l1std_of(tab, sid);
	if (!l1std)
		return NULL;
	ste = hyp_pf_va(l1std & L1STD_L2PTR);
	return &ste[sid % L2_NR];
}

static void set_l1std(struct hyp_smmuv3_strtab *tab, u32 sid, u64 val)
{
	u64 *l1std = l1std_of(tab, sid);

	WRITE_ONCE(*l1std, val);
	if (tab->noncoherent)
		hyp_pf_clean(l1std, sizeof(*l1std));
	hyp_pf_wmb();
}

void hyp_smmuv3_strtab_link(struct hyp_smmuv3_strtab *tab, u32 sid, u64 pa)
{
	hyp_pf_wmb();
	hyp_pf_lock(&tab->lock);
	set_l1std(tab, sid, (pa & L1STD_L2PTR) | FIELD_PREP(L1STD_SPAN, L2_SPAN));
	hyp_pf_unlock(&tab->lock);
}

u64 hyp_smmuv3_strtab_unlink(struct hyp_smmuv3_strtab *tab, u32 sid)
{
	struct hyp_smmuv3_entry *ste;
	u64 pa;
	u32 i;

	if (!tab->two_level)
		return 0;
	pa = *l1std_of(tab, sid) & L1STD_L2PTR;
	if (!pa)
		return 0;
	ste = hyp_pf_va(pa);
	for (i = 0; i < L2_NR; i++) {
		if (ste[i].w[0])
			return 0;
	}

	hyp_pf_lock(&tab->lock);
	set_l1std(tab, sid, 0);
	hyp_pf_unlock(&tab->lock);
	return pa;
}

bool hyp_smmuv3_strtab_valid(struct hyp_smmuv3_strtab *tab, u32 sid)
{
	const struct hyp_smmuv3_entry *ste;
	bool valid = false;

	if ((u64)sid >> tab->sid_bits)
		return false;
	hyp_pf_lock(&tab->lock);
	ste = hyp_smmuv3_strtab_ste(tab, sid);
	if (ste)
		valid = READ_ONCE(ste->w[0]) & STE0_V;
	hyp_pf_unlock(&tab->lock);
	return valid;
}
