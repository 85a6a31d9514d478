/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the page-table suites share: every format in several configurations,
 * and a table with its pool on the simulated platform.
 */
#ifndef HYP_IOMMU_KUNIT_PGT_ENV_H
#define HYP_IOMMU_KUNIT_PGT_ENV_H

#include "kunit/ref_walk.h"
#include "kunit/sim_kunit.h"
#include "pgtable/fmt_vmsa.h"
#include "pgtable/fmt_vtd.h"
#include "pgtable/fmt_x86.h"
#include "pgtable/pgtable.h"

#define PGT_READ	HYP_IOMMU_READ
#define PGT_WRITE	HYP_IOMMU_WRITE
#define PGT_RW		(HYP_IOMMU_READ | HYP_IOMMU_WRITE)
#define PGT_ALL_SIZES	(~0ULL)
#define PGT_MAX_RUNS	4096

struct pgt_param {
	const char *name;
	const struct hyp_pgt_fmt *fmt;
	unsigned int stage;
	unsigned int lg2[3];	/* of leaf sizes; 0: none */
	u8 ia_bits, oa_bits;
	u32 roots;		/* tables in the root; 0: part of one */
};

extern const struct pgt_param pgt_params[];
extern const unsigned int pgt_nr_params;

static inline enum ref_cpu pgt_cpu(const struct pgt_param *p)
{
	return p->fmt == &hyp_pgt_x86_own ? REF_CPU_OWN :
	       p->fmt == &hyp_pgt_x86_nested ? REF_CPU_NESTED : REF_NO_CPU;
}

/* Tables like those of VT-d, or VT-d's. */
static inline bool pgt_is_vtd(const struct pgt_param *p)
{
	return p->fmt == &hyp_pgt_vtd_fs || p->fmt == &hyp_pgt_vtd_ss || pgt_cpu(p);
}

const void *pgt_gen_params(struct kunit *test, const void *prev, char *desc);

/* What to make; all zero is fine. */
struct pgt_how {
	u32 features;
	u64 sizes;		/* 0: all */
	u32 tables;		/* in the pool; 0: 40 */
	u32 seed;		/* see sim_cfg */
};

struct pgt_env {
	struct kunit *test;
	const struct pgt_param *p;
	struct hyp_pgt pgt;
	struct hyp_pgt_pool pool;
	struct hyp_pgt_gather g;
	struct hyp_iommu_sg *runs;
	struct ref_regs regs;
	u64 table_size;
	u32 given;		/* tables that exist */
	u64 unit;		/* the smallest leaf */
	u64 end;		/* of ia; the first address beyond */
};

struct pgt_env *pgt_env(struct kunit *test, const struct pgt_how *how);
struct pgt_env *pgt_new(struct kunit *test, u32 features, u64 sizes, u32 tables);

/* Sets of features to try: the second half has HYP_PGT_REPLACE_OK. */
#define PGT_NR_FEATURES	4
extern const u32 pgt_features[PGT_NR_FEATURES];

/* A new gather; tables in the old one go back to the pool. */
void pgt_gather(struct pgt_env *e, u16 max, u32 budget);

/* Calls that have to succeed in full. */
void pgt_map(struct pgt_env *e, u64 ia, u64 oa, u64 size, u32 prot);
void pgt_unmap(struct pgt_env *e, u64 ia, u64 size);

/* Calls that may fail. */
int pgt_try_map(struct pgt_env *e, u64 ia, u64 oa, u64 size, u64 *done);
int pgt_try_unmap(struct pgt_env *e, u64 ia, u64 size, u64 *done);

/* Leaves at both ends and around the middle.  Return: bytes mapped. */
u64 pgt_fill_some(struct pgt_env *e);

/* Back to the bare root. */
void pgt_empty(struct pgt_env *e);

/*
 * Is the page at ia mapped like this, in what hardware sees and by lookup?
 * @leaf_size 0: any.
 */
void pgt_expect(struct pgt_env *e, u64 ia, u64 oa, u64 leaf_size, u32 prot);
/* First and last page, and the middle. */
void pgt_expect_range(struct pgt_env *e, u64 ia, u64 oa, u64 size, u64 leaf_size, u32 prot);
void pgt_expect_none(struct pgt_env *e, u64 ia);

/*
 * All that was given is in the pool, in the gather, or linked, and only once;
 * what is not linked is zero; hardware sees all of it; entries make sense.
 */
void pgt_check(struct pgt_env *e);

/* Bits of an entry: one of these makes it present; these may change in a valid one. */
u64 pgt_present_bits(const struct pgt_env *e);
u64 pgt_perm_bits(const struct pgt_env *e);
bool pgt_ref_matches(const struct pgt_env *e, const struct ref_leaf *leaf, u32 prot);

static inline u64 pgt_leaf_size(const struct pgt_env *e, unsigned int i)
{
	return e->p->lg2[i] ? 1ULL << e->p->lg2[i] : 0;
}

static inline u64 pgt_unit_of(struct kunit *test)
{
	return 1ULL << ((const struct pgt_param *)test->param_value)->lg2[0];
}

/* High addresses, aligned to every leaf. */
static inline u64 pgt_oa(const struct pgt_env *e)
{
	return 1ULL << (e->p->oa_bits - 1);
}

static inline u64 pgt_mid(const struct pgt_env *e)
{
	return e->end / 2;
}

/* The size of leaves above the smallest; 0: there are none. */
static inline u64 pgt_big(const struct pgt_env *e)
{
	return pgt_leaf_size(e, 1);
}

#endif /* HYP_IOMMU_KUNIT_PGT_ENV_H */
