/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of an Arm SMMUv3 for the test suites, written from the architecture
 * (Arm IHI 0070) with definitions of its own.
 *
 * It is as unhelpful as the architecture allows.  What it has once read of
 * level 1 descriptors, STEs, CDs, table descriptors and leaves it keeps until
 * it is told to forget them, also STEs that are not valid.  Invalidations take
 * effect at the CMD_SYNC that follows them and not before.  It comes out of
 * reset with stale entries that let everything through.  And it can be broken
 * in many ways: see `struct smmu_quirks`.
 *
 * What software must not do (registers written while they are in use, reserved
 * bits, indices out of range, ...) is a sim_error().
 */
#ifndef HYP_IOMMU_MODEL_SMMUV3_H
#define HYP_IOMMU_MODEL_SMMUV3_H

#include "platform/sim/sim.h"

#define SMMU_MODEL_REGS		0x20000ULL

/* Opcodes, for counting. */
enum smmu_op {
	SMMU_OP_CFGI_STE = 0x03,
	SMMU_OP_CFGI_STE_RANGE = 0x04,
	SMMU_OP_CFGI_CD_ALL = 0x06,
	SMMU_OP_NH_ASID = 0x11,
	SMMU_OP_NH_VA = 0x12,
	SMMU_OP_EL2_ALL = 0x20,
	SMMU_OP_S12_VMALL = 0x28,
	SMMU_OP_S2_IPA = 0x2a,
	SMMU_OP_NSNH_ALL = 0x30,
	SMMU_OP_SYNC = 0x46,
};

enum smmu_ev {
	SMMU_EV_NONE = 0,
	SMMU_EV_BAD_STREAMID = 0x02,
	SMMU_EV_BAD_STE = 0x04,
	SMMU_EV_BAD_CD = 0x0a,
	SMMU_EV_TRANSLATION = 0x10,
	SMMU_EV_ADDR_SIZE = 0x11,
	SMMU_EV_ACCESS = 0x12,
	SMMU_EV_PERMISSION = 0x13,
};

struct smmu_quirks {
	bool gone;		/* registers read as all-ones, writes are lost */
	bool no_cr0_ack, no_gbpa_update, no_irq_ack;
	bool gbpa_no_abort;	/* acknowledges GBPA, and does not abort */
	u32 cr0_stuck;		/* these bits never become 1 in CR0ACK */
	bool base_fixed;	/* STRTAB_BASE cannot be written */
	bool never;		/* executes no command */
	u64 delay_us;		/* executes commands this long after the doorbell, ... */
	u32 per_tick;		/* ... and not more than this at a time; 0: all */
	u32 error_at;		/* the command with this number (from 1) fails ... */
	u8 error;		/* ... so: 1 illegal, 2 abort, 3 ATC timeout */
	u32 cons_xor;		/* CONS reads wrong */
	bool no_msi;		/* writes nothing to memory for a CMD_SYNC */
	bool full_is_abort;	/* a full event queue is reported as an abort */
	bool ignore_tlbi, ignore_cfgi;	/* negative controls */
};

struct smmu_cfg_entry {
	bool used, has_l1, has_ste, has_cd;
	u32 sid;
	u64 l1;
	u64 ste[8], cd[8];
};

struct smmu_tlb_entry {
	bool used, s1, table;
	u16 vmid, asid;
	u8 level;		/* as the architecture counts */
	u8 size_lg2;
	u64 ia, pa;
	bool read, write;
};

#define SMMU_MODEL_CFGS		512
#define SMMU_MODEL_TLB		2048
#define SMMU_MODEL_PENDING	1024

struct smmu_model {
	u32 idr0, idr1, idr3, idr5, aidr;
	struct smmu_quirks quirks;

	u32 cr0, cr0ack, cr1, cr2, gbpa, irq_ctrl, gerror, gerrorn;
	u64 msi_cfg0[3];	/* gerror, eventq, priq */
	u64 strtab_base, cmdq_base, evtq_base;
	u32 strtab_cfg, cmdq_prod, cmdq_cons, evtq_prod, evtq_cons;
	u64 doorbell_us;

	struct smmu_cfg_entry cfgs[SMMU_MODEL_CFGS];
	struct smmu_tlb_entry tlb[SMMU_MODEL_TLB];
	u32 next_cfg, next_tlb;
	u64 pending[SMMU_MODEL_PENDING][2];	/* invalidations before the CMD_SYNC */
	u32 nr_pending;

	/* What happened. */
	u32 executed, ops[256];
	u64 last[256][2];	/* by opcode */
	u32 doorbells, writes, events, events_dropped;
};

struct smmu_access {
	bool ok, bypass;
	u64 pa;
	enum smmu_ev event;
};

/* The usual one: both stages, two levels, range invalidation, coherent, 16-bit StreamIDs. */
void smmu_model_init(struct smmu_model *smmu);

/* Registers at @pa. */
hyp_pf_mmio_t smmu_model_attach(struct smmu_model *smmu, u64 pa);
extern const struct sim_mmio_ops smmu_model_ops;

/* An endpoint's access. */
struct smmu_access smmu_model_access(struct smmu_model *smmu, u32 sid, u64 ia, bool write);

/* What memory says about an STE now, past all caches: V and Config, as bits 3:0; ~0: no STE. */
u64 smmu_model_peek_ste(struct smmu_model *smmu, u32 sid);

/* Let errors of the unit itself happen: bits of GERROR. */
void smmu_model_raise(struct smmu_model *smmu, u32 bits);

#endif /* HYP_IOMMU_MODEL_SMMUV3_H */
