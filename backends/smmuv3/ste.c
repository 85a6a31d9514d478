// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Stream table entries and context descriptors of an SMMUv3.
 *
 * The builders are pure.  What they leave 0 is off on purpose: ATS (EATS),
 * stalls, hardware access flags, substreams, TTB1, and everything nested.
 */
#include "backends/smmuv3/ste.h"
#include "pgtable/fmt_vmsa.h"

#define SH_OUTER	2
#define SH_INNER	3
#define CACHE_NC	0
#define CACHE_WB	1	/* write-back, read and write allocate */

struct hyp_smmuv3_entry hyp_smmuv3_ste_s2(const struct hyp_pgt *pgt, u16 vmid)
{
	struct hyp_pgt_vmsa_regs regs;

	hyp_pgt_vmsa_regs(pgt, &regs);
	return (struct hyp_smmuv3_entry){ {
		[0] = STE0_V | FIELD_PREP(STE0_CONFIG, STE0_CONFIG_S2),
		/* A device in a loop must not drown the others' events. */
		[1] = STE1_MEV | FIELD_PREP(STE1_SHCFG, STE1_SHCFG_INCOMING),
		[2] = FIELD_PREP(STE2_S2VMID, vmid) |
		      FIELD_PREP(STE2_S2T0SZ, regs.tsz) |
		      FIELD_PREP(STE2_S2SL0, regs.sl) |
		      FIELD_PREP(STE2_S2IR0, regs.irgn) |
		      FIELD_PREP(STE2_S2OR0, regs.orgn) |
		      FIELD_PREP(STE2_S2SH0, regs.sh) |
		      FIELD_PREP(STE2_S2TG, regs.tg) |
		      FIELD_PREP(STE2_S2PS, regs.ps) |
		      STE2_S2AA64 | STE2_S2PTW | STE2_S2R,
		[3] = regs.ttb & STE3_S2TTB,
	} };
}

/* S2VMID stays 0: where there is a stage 2, stage 1 only entries are tagged with it too. */
struct hyp_smmuv3_entry hyp_smmuv3_ste_s1(const struct hyp_smmuv3_ste_cfg *cfg, u64 cd_pa)
{
	u8 cache = cfg->coherent ? CACHE_WB : CACHE_NC;

	return (struct hyp_smmuv3_entry){ {
		[0] = STE0_V | FIELD_PREP(STE0_CONFIG, STE0_CONFIG_S1) |
		      (cd_pa & STE0_S1CONTEXTPTR),
		[1] = FIELD_PREP(STE1_S1CIR, cache) | FIELD_PREP(STE1_S1COR, cache) |
		      FIELD_PREP(STE1_S1CSH, cfg->coherent ? SH_INNER : SH_OUTER) |
		      STE1_MEV | (cfg->can_stall ? STE1_S1STALLD : 0) |
		      FIELD_PREP(STE1_SHCFG, STE1_SHCFG_INCOMING),
	} };
}

struct hyp_smmuv3_entry hyp_smmuv3_cd(const struct hyp_pgt *pgt, u16 asid)
{
	struct hyp_pgt_vmsa_regs regs;

	hyp_pgt_vmsa_regs(pgt, &regs);
	return (struct hyp_smmuv3_entry){ {
		[0] = FIELD_PREP(CD0_T0SZ, regs.tsz) | FIELD_PREP(CD0_TG0, regs.tg) |
		      FIELD_PREP(CD0_IR0, regs.irgn) | FIELD_PREP(CD0_OR0, regs.orgn) |
		      FIELD_PREP(CD0_SH0, regs.sh) | CD0_EPD1 | CD0_V |
		      FIELD_PREP(CD0_IPS, regs.ps) | CD0_AA64 | CD0_R | CD0_A | CD0_ASET |
		      FIELD_PREP(CD0_ASID, asid),
		[1] = regs.ttb & CD1_TTB0,
		[3] = regs.mair,
	} };
}

static void store(struct hyp_smmuv3_entry *entry, u32 word, u64 val,
		  const struct hyp_smmuv3_writer *writer)
{
	if (entry->w[word] == val)
		return;
	WRITE_ONCE(entry->w[word], val);
	if (writer->noncoherent)
		hyp_pf_clean(&entry->w[word], sizeof(u64));
}

static void store_rest(struct hyp_smmuv3_entry *entry, const struct hyp_smmuv3_entry *to,
		       const struct hyp_smmuv3_writer *writer)
{
	u32 i;

	for (i = 1; i < SMMU_ENTRY_WORDS; i++)
		store(entry, i, to->w[i], writer);
}

static int sync(const struct hyp_smmuv3_writer *writer)
{
	hyp_pf_wmb();
	return writer->sync ? writer->sync(writer->arg) : 0;
}

/* An entry that hardware reads as V = 0, whatever else is in it. */
static int make_valid(struct hyp_smmuv3_entry *entry, const struct hyp_smmuv3_entry *to,
		      const struct hyp_smmuv3_writer *writer)
{
	int ret;

	/* The unit may keep any word that it has read, also from an entry with V = 0. */
	store_rest(entry, to, writer);
	ret = sync(writer);
	if (ret)
		return ret;

	store(entry, 0, to->w[0], writer);
	ret = sync(writer);
	if (ret) {
		store(entry, 0, 0, writer);
		hyp_pf_wmb();
	}
	return ret;
}

int hyp_smmuv3_entry_write(struct hyp_smmuv3_entry *entry, const struct hyp_smmuv3_entry *to,
			   const struct hyp_smmuv3_writer *writer)
{
	bool was = entry->w[0] & writer->valid, will = to->w[0] & writer->valid;
	u32 i, word = 0, differ = 0;
	int ret;

	for (i = 0; i < SMMU_ENTRY_WORDS; i++) {
		if (entry->w[i] != to->w[i]) {
			word = i;
			differ++;
		}
	}
	if (!differ)
		return 0;

	if (was && will && differ == 1) {
		store(entry, word, to->w[word], writer);
		ret = sync(writer);
		if (ret) {
			store(entry, 0, 0, writer);
			hyp_pf_wmb();
		}
		return ret;
	}

	if (was) {
		store(entry, 0, 0, writer);
		ret = sync(writer);
		if (ret)
			return ret;
	}
	if (will)
		return make_valid(entry, to, writer);

	store_rest(entry, to, writer);
	store(entry, 0, to->w[0], writer);
	hyp_pf_wmb();
	return 0;
}
