/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Commands of an SMMUv3, one function each: Arm IHI 0070, chapter 4.
 */
#ifndef HYP_SMMUV3_CMDS_H
#define HYP_SMMUV3_CMDS_H

#include "platform/platform.h"

struct hyp_smmuv3_cmd {
	u64 w[2];
};

#define CMD0_OPCODE		GENMASK_ULL(7, 0)
#define CMD0_SID		GENMASK_ULL(63, 32)
#define CMD1_LEAF		BIT_ULL(0)

#define CMD_CFGI_STE		0x03
#define CMD_CFGI_STE_RANGE	0x04
#define CFGI1_RANGE		GENMASK_ULL(4, 0)
#define CMD_CFGI_CD_ALL		0x06

#define CMD_TLBI_NH_ASID	0x11
#define CMD_TLBI_NH_VA		0x12
#define CMD_TLBI_EL2_ALL	0x20
#define CMD_TLBI_S12_VMALL	0x28
#define CMD_TLBI_S2_IPA		0x2a
#define CMD_TLBI_NSNH_ALL	0x30
#define TLBI0_NUM		GENMASK_ULL(16, 12)
#define TLBI0_SCALE		GENMASK_ULL(25, 20)
#define TLBI0_VMID		GENMASK_ULL(47, 32)
#define TLBI0_ASID		GENMASK_ULL(63, 48)
#define TLBI1_TTL		GENMASK_ULL(9, 8)
#define TLBI1_TG		GENMASK_ULL(11, 10)
#define TLBI1_ADDRESS		GENMASK_ULL(63, 12)

#define CMD_SYNC		0x46
#define SYNC0_CS		GENMASK_ULL(13, 12)
#define SYNC0_CS_NONE		0
#define SYNC0_CS_IRQ		1
#define SYNC0_MSH		GENMASK_ULL(23, 22)
#define SYNC0_MSH_INNER		3
#define SYNC0_MSIATTR		GENMASK_ULL(27, 24)
#define SYNC0_MSIATTR_WB	0xf
#define SYNC0_MSIDATA		GENMASK_ULL(63, 32)
#define SYNC1_MSIADDRESS	GENMASK_ULL(51, 2)

static inline struct hyp_smmuv3_cmd hyp_smmuv3_cmd(u8 opcode, u64 w0, u64 w1)
{
	return (struct hyp_smmuv3_cmd){ { FIELD_PREP(CMD0_OPCODE, opcode) | w0, w1 } };
}

/* The STE, and no table on the way to it. */
static inline struct hyp_smmuv3_cmd hyp_smmuv3_cfgi_ste(u32 sid)
{
	return hyp_smmuv3_cmd(CMD_CFGI_STE, FIELD_PREP(CMD0_SID, sid), CMD1_LEAF);
}

/* 2^@bits STEs around @sid, and the level 1 descriptors on the way to them. */
static inline struct hyp_smmuv3_cmd hyp_smmuv3_cfgi_ste_range(u32 sid, u8 bits)
{
	return hyp_smmuv3_cmd(CMD_CFGI_STE_RANGE, FIELD_PREP(CMD0_SID, sid),
			      FIELD_PREP(CFGI1_RANGE, bits - 1));
}

static inline struct hyp_smmuv3_cmd hyp_smmuv3_cfgi_all(void)
{
	return hyp_smmuv3_cfgi_ste_range(0, 32);
}

/* Illegal without stage 1. */
static inline struct hyp_smmuv3_cmd hyp_smmuv3_cfgi_cd_all(u32 sid)
{
	return hyp_smmuv3_cmd(CMD_CFGI_CD_ALL, FIELD_PREP(CMD0_SID, sid), 0);
}

/* Stage 1, of VMID 0: with @asid, or all but what is global. */
static inline struct hyp_smmuv3_cmd hyp_smmuv3_tlbi_nh_asid(u16 asid)
{
	return hyp_smmuv3_cmd(CMD_TLBI_NH_ASID, FIELD_PREP(TLBI0_ASID, asid), 0);
}

static inline struct hyp_smmuv3_cmd hyp_smmuv3_tlbi_nh_va(u16 asid, u64 va, bool leaf)
{
	return hyp_smmuv3_cmd(CMD_TLBI_NH_VA, FIELD_PREP(TLBI0_ASID, asid),
			      (va & TLBI1_ADDRESS) | FIELD_PREP(CMD1_LEAF, leaf));
}

/* Stages 1 and 2, everything with @vmid. */
static inline struct hyp_smmuv3_cmd hyp_smmuv3_tlbi_s12_vmall(u16 vmid)
{
	return hyp_smmuv3_cmd(CMD_TLBI_S12_VMALL, FIELD_PREP(TLBI0_VMID, vmid), 0);
}

static inline struct hyp_smmuv3_cmd hyp_smmuv3_tlbi_s2_ipa(u16 vmid, u64 ipa, bool leaf)
{
	return hyp_smmuv3_cmd(CMD_TLBI_S2_IPA, FIELD_PREP(TLBI0_VMID, vmid),
			      (ipa & TLBI1_ADDRESS) | FIELD_PREP(CMD1_LEAF, leaf));
}

/*
 * Make a range of a command by address (4.4.1.1): (num + 1) * 2^scale
 * granules; @tg: 1, 2, 3 for 4K, 16K, 64K; @ttl: level of the leaves as the
 * architecture counts, 0: not known.
 */
static inline struct hyp_smmuv3_cmd hyp_smmuv3_tlbi_range(struct hyp_smmuv3_cmd cmd, u8 tg,
							  u8 num, u8 scale, u8 ttl)
{
	cmd.w[0] |= FIELD_PREP(TLBI0_NUM, num) | FIELD_PREP(TLBI0_SCALE, scale);
	cmd.w[1] |= FIELD_PREP(TLBI1_TG, tg) | FIELD_PREP(TLBI1_TTL, ttl);
	return cmd;
}

static inline struct hyp_smmuv3_cmd hyp_smmuv3_tlbi_nsnh_all(void)
{
	return hyp_smmuv3_cmd(CMD_TLBI_NSNH_ALL, 0, 0);
}

/* Illegal without EL2. */
static inline struct hyp_smmuv3_cmd hyp_smmuv3_tlbi_el2_all(void)
{
	return hyp_smmuv3_cmd(CMD_TLBI_EL2_ALL, 0, 0);
}

/* No signal: who waits looks at CMDQ_CONS. */
static inline struct hyp_smmuv3_cmd hyp_smmuv3_sync(void)
{
	return hyp_smmuv3_cmd(CMD_SYNC, FIELD_PREP(SYNC0_CS, SYNC0_CS_NONE), 0);
}

/* The unit writes @data to @pa, in memory that it snoops, when all before it is complete. */
static inline struct hyp_smmuv3_cmd hyp_smmuv3_sync_write(u64 pa, u32 data)
{
	return hyp_smmuv3_cmd(CMD_SYNC, FIELD_PREP(SYNC0_CS, SYNC0_CS_IRQ) |
			      FIELD_PREP(SYNC0_MSH, SYNC0_MSH_INNER) |
			      FIELD_PREP(SYNC0_MSIATTR, SYNC0_MSIATTR_WB) |
			      FIELD_PREP(SYNC0_MSIDATA, data), pa & SYNC1_MSIADDRESS);
}

#endif /* HYP_SMMUV3_CMDS_H */
