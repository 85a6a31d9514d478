/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One of QEMU's machines under the hypervisor, and who is asked about each DMA:
 *
 *   the tables   device-table entries and page tables in memory, read slowly
 *                and literally (entries.c, kunit/ref_*.c)
 *   the model    kunit/models/, which keeps all it may
 *   QEMU         what arrives in memory, and the fault record, as the host
 *                gets it from HYP_IOMMU_FAULT_READ
 *   the host     what it has asked for (host.c)
 */
#ifndef HYP_IOMMU_KUNIT_QTEST_BENCH_H
#define HYP_IOMMU_KUNIT_QTEST_BENCH_H

#include <stdio.h>

#include "core/hypercall.h"
#include "kunit/models/smmuv3.h"
#include "kunit/models/vtd.h"
#include "platform/qtest/machine.h"

#define PAGE		HYP_IOMMU_PAGE_SIZE
#define BLOCK		(2ULL << 20)
#define GIGA		(1ULL << 30)

#define MAX_DOMAINS	5
#define MAX_SEGS	96
#define NR_PAGES	4096	/* of the host, for tables */
#define NR_GONE		16

/* What somebody says about an access. */
struct verdict {
	bool ok;
	u64 pa;				/* if ok */
	enum hyp_iommu_fault_reason reason;
	const char *why;		/* what no access should find */
};

/* What the host has mapped, piece by piece. */
struct seg {
	u64 ia, oa, size;
	u32 prot;
	bool used;	/* by an access that was allowed: the unit may have it in its TLB */
};

struct domain {
	bool used;
	u64 handle;
	u32 stage, ia_bits;
	u32 edus;			/* attached */
	u64 somewhere;			/* a place of its own */
	u64 scratch_ia, scratch_pa;	/* a page that is always mapped, to talk to devices */
	u32 nr;
	struct seg seg[MAX_SEGS];
};

struct edu {
	struct domain *domain;
	u32 buf;			/* what has to be in its buffer */
};

struct bench {
	struct machine m;
	union {
		struct smmu_model smmu;
		struct vtd_model vtd;
	} model;
	u64 unit;
	u64 strtab, rtaddr;		/* where device tables are, as QEMU says */
	u32 strtab_cfg, idr5;

	u64 random;
	struct domain domain[MAX_DOMAINS];
	struct edu edu[MACHINE_EDUS];
	u64 page[NR_PAGES];		/* the host's, free */
	u32 nr_pages;
	struct seg gone[NR_GONE];	/* what was unmapped last */
	u32 next_gone;
	u32 nonce;

	/* What happened. */
	u32 wrong;
	bool quiet, verbose;
	u64 probes, dmas, faults, unrecorded, calls, refused;
	u64 by_size[3];			/* allowed, by size of the leaf */
	u64 by_reason[HYP_IOMMU_NR_FAULT_REASONS];
};

extern struct bench bench;

/* Somebody is wrong. */
void bench_wrong(const char *fmt, ...) __printf(1, 2);
void bench_say(const char *fmt, ...) __printf(1, 2);

u64 bench_random(u64 below);

/* ---- bench.c ---- */

#define call(nr, ...) \
	bench_call(nr, (u64[HYP_IOMMU_MAX_ARGS]) { __VA_ARGS__ })
struct hyp_iommu_ret bench_call(u64 nr, const u64 *args);

void bench_start(const struct machine_config *cfg, const char *log);
void bench_add_unit(void);

/* The model's, and QEMU's.  Faults stay where they are. */
struct verdict bench_dma(u32 edu, u64 ia, u32 size, bool write);

/* Does the oldest fault record tell of this access? */
void bench_expect_fault(u32 edu, u64 ia, bool write, const struct verdict *v);
void bench_expect_no_fault(void);

/*
 * One access of 4 bytes, all opinions about it, and that of each byte.
 * @suspect: where the word must not go, or come from, if it is denied; or 0.
 */
void bench_probe(u32 edu, u64 ia, bool write, u64 suspect);

/* See that the device's buffer has what it should; it is attached. */
void bench_check_buffer(u32 edu);

/* ---- entries.c ---- */

/* Where translation of an access would begin, by memory; then what it comes to. */
struct verdict entries_access(u32 endpoint, u64 ia, bool write, u64 *leaf_size);

/* ---- host.c ---- */

void host_init(void);
struct domain *host_alloc_domain(void);
void host_free_domain(struct domain *d);
void host_attach(struct domain *d, u32 edu);
void host_detach(u32 edu);
/* Return: bytes mapped. */
u64 host_map(struct domain *d, u64 ia, u64 oa, u64 size, u32 prot);
u64 host_unmap(struct domain *d, u64 ia, u64 size);
struct seg *host_find(struct domain *d, u64 ia);
/* Give all back, and see that nothing is left. */
void host_end(void);

/* ---- random.c ---- */

/* One random thing that the host does, with an access or a few; a random access. */
void random_call(void);
void random_probe(void);

#endif /* HYP_IOMMU_KUNIT_QTEST_BENCH_H */
