/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of a VT-d remapping unit for the test suites, written from the
 * architecture (Intel D51397) with definitions of its own.
 *
 * It is as unhelpful as the architecture allows.  What it has once read of
 * root, context and PASID table entries, of tables and leaves it keeps until it
 * is told to forget it; in caching mode also what was not there.  Invalidations
 * take effect at the wait descriptor that follows them and not before, those
 * between two waits in the reverse order, and in between an endpoint may go on
 * (`racer`).  It comes out of reset with stale entries that let everything
 * through.  And it can be broken in many ways: see `struct vtd_quirks`.
 *
 * What software must not do (reserved bits, TE off, two commands at a time,
 * registers written while they are in use, ...) is a sim_error().
 */
#ifndef HYP_IOMMU_MODEL_VTD_H
#define HYP_IOMMU_MODEL_VTD_H

#include "platform/sim/sim.h"

#define VTD_MODEL_REGS		0x1000ULL
#define VTD_MODEL_MAX_FAULTS	8

/* Types of descriptors, for counting. */
enum vtd_op {
	VTD_OP_CC = 1,
	VTD_OP_IOTLB = 2,
	VTD_OP_WAIT = 5,
	VTD_OP_PIOTLB = 6,
	VTD_OP_PC = 7,
};

/* CAP and ECAP that tests change. */
#define VTD_MODEL_RWBF		BIT_ULL(4)
#define VTD_MODEL_PLMR		BIT_ULL(5)
#define VTD_MODEL_CM		BIT_ULL(7)
#define VTD_MODEL_SAGAW(x)	((x) << 8)
#define VTD_MODEL_MGAW(bits)	(((bits) - 1ULL) << 16)
#define VTD_MODEL_PSI		BIT_ULL(39)
#define VTD_MODEL_MAMV(x)	((x) << 48)
#define VTD_MODEL_FL1GP		BIT_ULL(56)
#define VTD_MODEL_FL5LP		BIT_ULL(60)
#define VTD_MODEL_ESRTPS	BIT_ULL(63)
#define VTD_MODEL_C		BIT_ULL(0)
#define VTD_MODEL_QI		BIT_ULL(1)
#define VTD_MODEL_SC		BIT_ULL(7)
#define VTD_MODEL_SMTS		BIT_ULL(43)
#define VTD_MODEL_SSTS		BIT_ULL(46)
#define VTD_MODEL_FSTS		BIT_ULL(47)
#define VTD_MODEL_SMPWC		BIT_ULL(48)

/* Status bits. */
#define VTD_MODEL_TES		((u32)BIT(31))
#define VTD_MODEL_RTPS		((u32)BIT(30))
#define VTD_MODEL_QIES		((u32)BIT(26))
#define VTD_MODEL_IRES		((u32)BIT(25))
#define VTD_MODEL_PFO		((u32)BIT(0))
#define VTD_MODEL_IQE		((u32)BIT(4))
#define VTD_MODEL_ICE		((u32)BIT(5))
#define VTD_MODEL_ITE		((u32)BIT(6))

struct vtd_quirks {
	bool gone;		/* registers read as all-ones, writes are lost */
	u32 stuck;		/* these bits of GSTS do not change */
	bool pmr_stuck;
	bool rtaddr_fixed, iqa_fixed;
	bool never;		/* executes no descriptor */
	u64 delay_us;		/* executes them this long after the doorbell, ... */
	u32 per_tick;		/* ... and not more than this at a time; 0: all */
	u32 error_at;		/* the descriptor with this number (from 1) fails ... */
	u32 error;		/* ... so: VTD_MODEL_IQE or ITE */
	u32 status_xor;		/* the status that is written is wrong */
	bool ignore_iotlb, ignore_cc, ignore_pc;	/* negative controls */
};

struct vtd_cfg_entry {
	bool used, present;
	bool pasid;		/* a PASID table entry, else a context entry */
	u16 sid, did;
	u64 w[8];
};

struct vtd_tlb_entry {
	bool used, fs, table, present;
	u16 did;
	u8 level;		/* 1: pages */
	u8 size_lg2;
	u64 ia, pa;
	bool read, write;
};

#define VTD_MODEL_CFGS		512
#define VTD_MODEL_TLB		2048
#define VTD_MODEL_PENDING	64

struct vtd_model {
	u64 cap, ecap;
	u32 ver;
	struct vtd_quirks quirks;

	u32 gsts, fsts, fectl, iectl, pmen;
	u64 rtaddr, root;	/* register, and what SRTP has made of it */
	u64 iqa, iqh, iqt;
	u64 frcd[VTD_MODEL_MAX_FAULTS][2];
	u32 next_fault;
	u64 doorbell_us;

	u64 roots[512];		/* words of the root table that were read; 0: not yet */
	struct vtd_cfg_entry cfgs[VTD_MODEL_CFGS];
	struct vtd_tlb_entry tlb[VTD_MODEL_TLB];
	u32 next_cfg, next_tlb;
	u64 pending[VTD_MODEL_PENDING][2];
	u32 nr_pending;

	/*
	 * An endpoint that has an access under way whenever something is
	 * dropped: with the context entry that was there when it began, until
	 * an invalidation of translations has drained it.
	 */
	struct {
		bool on, flying, now;
		u16 sid;
		u64 ia;
		struct vtd_cfg_entry ctx;
	} racer;

	/* What happened. */
	u32 executed, doorbells, ops[16];
	u64 last[16][2];	/* by type */
	u32 writes, wbfs, faults, faults_dropped;
};

struct vtd_access {
	bool ok, bypass;
	u64 pa;
	u8 reason;
};

/* The usual one: legacy mode, 3 and 4 levels, 48 bits, coherent, page-selective. */
void vtd_model_init(struct vtd_model *vtd);

/* Registers at @pa. */
hyp_pf_mmio_t vtd_model_attach(struct vtd_model *vtd, u64 pa);
extern const struct sim_mmio_ops vtd_model_ops;

/* An endpoint's access. */
struct vtd_access vtd_model_access(struct vtd_model *vtd, u16 sid, u64 ia, bool write);

/* Is there a context entry in memory, past all caches? */
bool vtd_model_peek_present(struct vtd_model *vtd, u16 sid);

/* Translations, of leaves and tables, that are cached under a domain-id. */
u32 vtd_model_cached(const struct vtd_model *vtd, u16 did);

static inline bool vtd_model_scalable(const struct vtd_model *vtd)
{
	return vtd->root & 1 << 10;
}

/* Between the files of the model. */
void vtd_model_record(struct vtd_model *vtd, u8 reason, u16 sid, u64 ia, bool write);
u8 vtd_model_translate(struct vtd_model *vtd, u16 sid, u64 ia, bool write, struct vtd_access *res);

#endif /* HYP_IOMMU_MODEL_VTD_H */
