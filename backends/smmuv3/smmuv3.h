/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the files of the SMMUv3 backend share.
 */
#ifndef HYP_SMMUV3_SMMUV3_H
#define HYP_SMMUV3_SMMUV3_H

#include "core/backend.h"
#include "backends/smmuv3/cmds.h"
#include "backends/smmuv3/regs.h"
#include "backends/smmuv3/ste.h"

/* ---- the unit, as its registers tell ---- */

struct hyp_smmuv3_caps {
	struct hyp_smmuv3_ste_cfg ste;	/* also: are queues coherent? */
	bool stage1, stage2;
	bool two_level;
	bool range_inval;
	bool hyp, ats, pri;
	bool msi;		/* writes to memory when a CMD_SYNC is complete */
	bool bbm2;		/* a block may become a table and back */
	u8 sid_bits;
	u8 cmdq_lg2, evtq_lg2;	/* entries that the unit can have */
	u8 oas_bits;
	u8 granule_lg2;		/* the one that we use */
	u32 tags;		/* ASIDs and VMIDs */
};

/* ---- cmdq.c: the command queue ---- */

#define HYP_SMMUV3_CMDQ_LG2	8

struct hyp_smmuv3_cmdq {
	struct hyp_pf_lock lock;
	struct hyp_iommu_unit *unit;	/* for its counters */
	hyp_pf_mmio_t regs;
	struct hyp_smmuv3_cmd *ring;
	u64 ring_pa;
	u8 lg2;			/* entries */
	bool noncoherent;
	const u32 *done;	/* where completed CMD_SYNCs write their position; NULL: nowhere */
	u64 done_pa;
	bool dead;		/* an error, or no answer: no command is ever sent again */
	/*
	 * Positions: commands since the beginning.  The registers hold their
	 * lowest lg2 + 1 bits.
	 */
	u64 prod;		/* written to the ring */
	u64 rung;		/* made known to the unit */
	u64 cons;		/* completed, as far as we know */
	u64 deadline;		/* of who holds the lock between begin and end */
};

void hyp_smmuv3_cmdq_init(struct hyp_smmuv3_cmdq *q, struct hyp_iommu_unit *unit, u64 ring_pa,
			  u8 lg2, bool noncoherent);

/*
 * Wait by looking at memory rather than at a register, for units that can write
 * there, and snoop.  The u32 at @done_pa is 0, and the unit's for good.
 */
void hyp_smmuv3_cmdq_use_memory(struct hyp_smmuv3_cmdq *q, u64 done_pa);

/* What to write to SMMU_CMDQ_BASE. */
u64 hyp_smmuv3_cmdq_base(const struct hyp_smmuv3_cmdq *q);

/*
 * Between begin and end the caller owns the queue and pushes commands; end
 * pushes a CMD_SYNC.  *@ticket is for hyp_smmuv3_cmdq_wait().
 * Return: 0, or -EIO, then or at end: any of the commands may not be executed.
 */
void hyp_smmuv3_cmdq_begin(struct hyp_smmuv3_cmdq *q);
int hyp_smmuv3_cmdq_push(struct hyp_smmuv3_cmdq *q, struct hyp_smmuv3_cmd cmd);
int hyp_smmuv3_cmdq_end(struct hyp_smmuv3_cmdq *q, u64 *ticket);

/*
 * Wait until the CMD_SYNC of @ticket, and so all before it, is complete.
 * Return: 0; -EIO: it is not, and the queue is dead.
 */
int hyp_smmuv3_cmdq_wait(struct hyp_smmuv3_cmdq *q, u64 ticket);

/* Never send a command again; waits that are not over fail. */
void hyp_smmuv3_cmdq_kill(struct hyp_smmuv3_cmdq *q);

/* ---- tlbi.c: which commands drop a range ---- */

/* Commands for one invalidation: nr times @cmd, each for an address @step further. */
struct hyp_smmuv3_tlbi {
	struct hyp_smmuv3_cmd cmd;
	u64 step;
	u32 nr;
};

/*
 * More commands than this are not sent for one range; all of the tag is
 * dropped instead.  With the CMD_SYNC they are 64 at a time, as many as may be
 * sent without one to an MMU-700 with erratum 2812531.
 */
#define HYP_SMMUV3_MAX_TLBI	63

/* The command that drops everything of a space. */
struct hyp_smmuv3_cmd hyp_smmuv3_tlbi_tag(const struct hyp_iommu_space *space);

/* The commands that drop what @gather has removed from a space's table. */
struct hyp_smmuv3_tlbi hyp_smmuv3_tlbi_plan(const struct hyp_smmuv3_caps *caps,
					    const struct hyp_iommu_space *space,
					    const struct hyp_pgt_gather *gather);

/* ---- strtab.c: the stream table ---- */

#define HYP_SMMUV3_SPLIT	6	/* STEs in a level 2 table: one page of them */

struct hyp_smmuv3_strtab {
	struct hyp_pf_lock lock;	/* a level 2 table may go away without it */
	void *base;			/* level 1 descriptors, or STEs if it is linear */
	u64 base_pa;
	u8 sid_bits;
	bool two_level;
	bool noncoherent;
};

/* How many StreamIDs we cover, and the bytes that takes from the unit's memory. */
u8 hyp_smmuv3_strtab_sid_bits(const struct hyp_smmuv3_caps *caps);
u64 hyp_smmuv3_strtab_size(const struct hyp_smmuv3_caps *caps);

void hyp_smmuv3_strtab_init(struct hyp_smmuv3_strtab *tab, const struct hyp_smmuv3_caps *caps,
			    u64 base_pa);

/* What to write to SMMU_STRTAB_BASE and SMMU_STRTAB_BASE_CFG. */
u64 hyp_smmuv3_strtab_base(const struct hyp_smmuv3_strtab *tab);
u32 hyp_smmuv3_strtab_base_cfg(const struct hyp_smmuv3_strtab *tab);

/* The entry of @sid, which is below 2^sid_bits; NULL: its table is not there. */
struct hyp_smmuv3_entry *hyp_smmuv3_strtab_ste(const struct hyp_smmuv3_strtab *tab, u32 sid);

/* Make the table of @sid, out of the zeroed page @pa.  It is missing. */
void hyp_smmuv3_strtab_link(struct hyp_smmuv3_strtab *tab, u32 sid, u64 pa);

/*
 * Take the table of @sid away if no entry in it is valid.
 * Return: its page, zeroed, which hardware may still read; or 0.
 */
u64 hyp_smmuv3_strtab_unlink(struct hyp_smmuv3_strtab *tab, u32 sid);

/* Is the entry of @sid, which comes from hardware, valid?  Takes the lock. */
bool hyp_smmuv3_strtab_valid(struct hyp_smmuv3_strtab *tab, u32 sid);

/* ---- evtq.c: the event queue ---- */

#define HYP_SMMUV3_EVTQ_LG2	7

struct hyp_smmuv3_evtq {
	struct hyp_pf_lock lock;
	struct hyp_iommu_unit *unit;	/* for its counters */
	hyp_pf_mmio_t regs;
	u64 *ring;
	u64 ring_pa;
	u8 lg2;
	bool noncoherent;
	u32 cons;		/* as in SMMU_EVENTQ_CONS */
};

void hyp_smmuv3_evtq_init(struct hyp_smmuv3_evtq *q, struct hyp_iommu_unit *unit, u64 ring_pa,
			  u8 lg2, bool noncoherent);

/* What to write to SMMU_EVENTQ_BASE. */
u64 hyp_smmuv3_evtq_base(const struct hyp_smmuv3_evtq *q);

/*
 * Take the oldest record, with the queue's lock held.  Return: 0; -ENOENT:
 * there is none; -EIO: the registers make no sense.
 */
int hyp_smmuv3_evtq_take(struct hyp_smmuv3_evtq *q, u64 record[EVT_WORDS]);

/* What a record says, but for what only the stream table knows. */
void hyp_smmuv3_evtq_decode(const u64 record[EVT_WORDS], struct hyp_iommu_fault *fault);

/* ---- init.c: probing, starting and stopping ---- */

#define HYP_SMMUV3_CDS_PER_PAGE	(HYP_IOMMU_PAGE_SIZE / sizeof(struct hyp_smmuv3_entry))
#define HYP_SMMUV3_CD_PAGES	(65536 / HYP_SMMUV3_CDS_PER_PAGE)

/* A unit's private data, in its own memory. */
struct hyp_smmuv3 {
	struct hyp_iommu_unit *unit;
	struct hyp_smmuv3_caps caps;
	struct hyp_smmuv3_cmdq cmdq;
	u32 cmdq_done;		/* written by the unit */
	struct hyp_smmuv3_evtq evtq;
	struct hyp_smmuv3_strtab strtab;
	bool failed;		/* -EIO was reported by fault(), or the unit was stopped */
	/* Pages of CDs; a stage 1 space's CD is number `tag`.  0: no CD of the page is in use. */
	u64 cd_page[HYP_SMMUV3_CD_PAGES];
};

/* Read what the unit can do.  Return: 0; -ENODEV: not an SMMUv3 that we can use. */
int hyp_smmuv3_probe(const struct hyp_iommu_unit *unit, struct hyp_smmuv3_caps *caps);

/* Block everything, whatever the unit did before.  Return: 0, or -EIO. */
int hyp_smmuv3_block(hyp_pf_mmio_t regs);

/* Bring a blocked unit up with the (empty) tables and queues of @smmu.  Return: 0, or -EIO. */
int hyp_smmuv3_start(struct hyp_smmuv3 *smmu);

extern const struct hyp_iommu_backend hyp_smmuv3_backend;

#endif /* HYP_SMMUV3_SMMUV3_H */
