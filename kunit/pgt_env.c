// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fixture of the page-table suites, see pgt_env.h.
 */
#include "kunit/pgt_env.h"

#define P4K	{ 12, 21, 30 }
#define P16K	{ 14, 25, 0 }
#define P64K	{ 16, 29, 0 }
#define P64K_52	{ 16, 29, 42 }

/* Roots: of every level, smaller than a table, whole, and concatenated. */
const struct pgt_param pgt_params[] = {
	{ "s1-4k-48", &hyp_pgt_vmsa_s1_4k, 1, P4K, 48, 48, 1 },
	{ "s1-4k-39", &hyp_pgt_vmsa_s1_4k, 1, P4K, 39, 40, 1 },
	{ "s1-4k-32", &hyp_pgt_vmsa_s1_4k, 1, P4K, 32, 36, 0 },
	{ "s1-4k-25", &hyp_pgt_vmsa_s1_4k, 1, { 12, 21, 0 }, 25, 32, 0 },
	{ "s1-16k-48", &hyp_pgt_vmsa_s1_16k, 1, P16K, 48, 48, 0 },
	{ "s1-16k-47", &hyp_pgt_vmsa_s1_16k, 1, P16K, 47, 44, 1 },
	{ "s1-16k-30", &hyp_pgt_vmsa_s1_16k, 1, P16K, 30, 42, 0 },
	{ "s1-16k-25", &hyp_pgt_vmsa_s1_16k, 1, { 14, 0, 0 }, 25, 36, 1 },
	{ "s1-64k-52", &hyp_pgt_vmsa_s1_64k, 1, P64K_52, 52, 52, 0 },
	{ "s1-64k-48", &hyp_pgt_vmsa_s1_64k, 1, P64K, 48, 48, 0 },
	{ "s1-64k-42", &hyp_pgt_vmsa_s1_64k, 1, P64K, 42, 40, 1 },
	{ "s1-64k-29", &hyp_pgt_vmsa_s1_64k, 1, { 16, 0, 0 }, 29, 36, 1 },
	{ "s2-4k-48", &hyp_pgt_vmsa_s2_4k, 2, P4K, 48, 48, 1 },
	{ "s2-4k-44", &hyp_pgt_vmsa_s2_4k, 2, P4K, 44, 44, 0 },
	{ "s2-4k-43", &hyp_pgt_vmsa_s2_4k, 2, P4K, 43, 44, 16 },
	{ "s2-4k-40", &hyp_pgt_vmsa_s2_4k, 2, P4K, 40, 40, 2 },
	{ "s2-4k-34", &hyp_pgt_vmsa_s2_4k, 2, { 12, 21, 0 }, 34, 36, 16 },
	{ "s2-4k-25", &hyp_pgt_vmsa_s2_4k, 2, { 12, 21, 0 }, 25, 32, 0 },
	{ "s2-16k-48", &hyp_pgt_vmsa_s2_16k, 2, P16K, 48, 48, 2 },
	{ "s2-16k-42", &hyp_pgt_vmsa_s2_16k, 2, P16K, 42, 42, 0 },
	{ "s2-16k-40", &hyp_pgt_vmsa_s2_16k, 2, P16K, 40, 40, 16 },
	{ "s2-16k-29", &hyp_pgt_vmsa_s2_16k, 2, { 14, 0, 0 }, 29, 32, 16 },
	{ "s2-64k-52", &hyp_pgt_vmsa_s2_64k, 2, P64K_52, 52, 52, 0 },
	{ "s2-64k-46", &hyp_pgt_vmsa_s2_64k, 2, P64K, 46, 48, 16 },
	{ "s2-64k-42", &hyp_pgt_vmsa_s2_64k, 2, P64K, 42, 42, 1 },
	{ "s2-64k-33", &hyp_pgt_vmsa_s2_64k, 2, { 16, 0, 0 }, 33, 36, 16 },
	{ "vtd-fs-56", &hyp_pgt_vtd_fs, 1, P4K, 56, 52, 1 },
	{ "vtd-fs-48", &hyp_pgt_vtd_fs, 1, P4K, 48, 48, 1 },
	{ "vtd-fs-47", &hyp_pgt_vtd_fs, 1, P4K, 47, 52, 1 },
	{ "vtd-fs-39", &hyp_pgt_vtd_fs, 1, P4K, 39, 40, 1 },
	{ "vtd-ss-57", &hyp_pgt_vtd_ss, 2, P4K, 57, 52, 1 },
	{ "vtd-ss-49", &hyp_pgt_vtd_ss, 2, P4K, 49, 48, 1 },
	{ "vtd-ss-48", &hyp_pgt_vtd_ss, 2, P4K, 48, 52, 1 },
	{ "vtd-ss-40", &hyp_pgt_vtd_ss, 2, P4K, 40, 40, 1 },
	{ "vtd-ss-39", &hyp_pgt_vtd_ss, 2, P4K, 39, 39, 1 },
	{ "vtd-ss-31", &hyp_pgt_vtd_ss, 2, P4K, 31, 36, 1 },
	{ "x86-own-56", &hyp_pgt_x86_own, 1, P4K, 56, 52, 1 },
	{ "x86-own-47", &hyp_pgt_x86_own, 1, P4K, 47, 52, 1 },
	{ "x86-nested-56", &hyp_pgt_x86_nested, 1, P4K, 56, 52, 1 },
	{ "x86-nested-47", &hyp_pgt_x86_nested, 1, P4K, 47, 46, 1 },
};

const unsigned int pgt_nr_params = ARRAY_SIZE(pgt_params);

static void pgt_describe(const struct pgt_param *p, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", p->name);
}

KUNIT_ARRAY_PARAM(pgt_all, pgt_params, pgt_describe);

const void *pgt_gen_params(struct kunit *test, const void *prev, char *desc)
{
	return pgt_all_gen_params(test, prev, desc);
}

static u32 pgt_chain(struct pgt_env *e, const struct hyp_pgt_pool *pool, u8 *seen, u64 first)
{
	u64 pa = pool->head, i;
	u32 n = 0;

	for (; pa; n++) {
		i = (pa - first) / e->table_size;
		if (pa < first || i >= e->given || pa % e->table_size || seen[i]++) {
			KUNIT_FAIL(e->test, ": %llx twice, or no table", (unsigned long long)pa);
			return n;
		}
		for (i = 8; i < e->table_size; i += 8) {
			if (sim_read64(pa + i) || sim_device_peek64(pa + i)) {
				KUNIT_FAIL(e->test, ": unlinked table is not zero at %llx",
					   (unsigned long long)(pa + i));
				break;
			}
		}
		pa = sim_read64(pa);
	}
	KUNIT_EXPECT_EQ(e->test, n, pool->nr);
	return n;
}

struct pgt_marks {
	struct pgt_env *e;
	u8 *seen;
	u64 first;
};

static void pgt_mark(u64 pa, void *arg)
{
	struct pgt_marks *m = arg;
	u64 i = (pa - m->first) / m->e->table_size;

	if (pa < m->first || i >= m->e->given || m->seen[i]++)
		KUNIT_FAIL(m->e->test, ": %llx is linked, and is no table or elsewhere too",
			   (unsigned long long)pa);
	else if (sim_dirty(pa, m->e->table_size))
		KUNIT_FAIL(m->e->test, ": hardware does not see all of the table at %llx",
			   (unsigned long long)pa);
}

void pgt_check(struct pgt_env *e)
{
	struct pgt_marks m = { .e = e };
	const char *why;
	u64 linked;

	/* The first table of the pool is the first one that was allocated. */
	m.first = e->regs.ttb + e->pgt.root_size;
	m.first = (m.first + e->table_size - 1) & ~(e->table_size - 1);
	m.seen = kunit_kzalloc(e->test, e->given + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(e->test, m.seen);
	pgt_chain(e, &e->pool, m.seen, m.first);
	pgt_chain(e, &e->g.tables, m.seen, m.first);
	linked = ref_tables(&e->regs, pgt_mark, &m, &why);
	KUNIT_EXPECT_NULL_MSG(e->test, why, "%s", why);
	KUNIT_EXPECT_EQ(e->test, linked, e->pgt.tables);
	KUNIT_EXPECT_EQ(e->test, linked + e->pool.nr + e->g.tables.nr, e->given);
	KUNIT_EXPECT_EQ(e->test, sim_dirty(e->regs.ttb, e->pgt.root_size), 0);
	kunit_kfree(e->test, m.seen);
}

static void pgt_get_regs(struct pgt_env *e)
{
	struct hyp_pgt_vtd_regs vtd;
	struct hyp_pgt_vmsa_regs r;

	if (pgt_is_vtd(e->p)) {
		if (pgt_cpu(e->p))
			vtd = (struct hyp_pgt_vtd_regs){ e->pgt.root_pa, e->pgt.top - 3 };
		else
			hyp_pgt_vtd_regs(&e->pgt, &vtd);
		e->regs = (struct ref_regs){
			.vtd = true, .cpu = pgt_cpu(e->p), .stage = e->p->stage,
			.ttb = vtd.root, .aw = vtd.aw,
			.snoop_control = e->pgt.cfg.features & HYP_PGT_SNOOP,
			.read = sim_device_peek64,
		};
		return;
	}
	hyp_pgt_vmsa_regs(&e->pgt, &r);
	e->regs = (struct ref_regs){
		.stage = e->p->stage, .ttb = r.ttb, .mair = r.mair, .t0sz = r.tsz,
		.tg0 = r.tg, .ps = r.ps, .sl0 = r.sl, .read = sim_device_peek64,
	};
}

struct pgt_env *pgt_env(struct kunit *test, const struct pgt_how *how)
{
	const struct pgt_param *p = test->param_value;
	struct pgt_env *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);
	u32 tables = how->tables ? how->tables : 40;
	struct hyp_pgt_cfg cfg = {
		.ia_bits = p->ia_bits, .oa_bits = p->oa_bits, .features = how->features,
		.sizes = how->sizes ? how->sizes : PGT_ALL_SIZES,
	};
	struct sim_cfg sim = {
		.noncoherent = how->features & HYP_PGT_NONCOHERENT,
		.seed = how->seed,
	};
	u64 root_size, pa, i;

	KUNIT_ASSERT_NOT_NULL(test, e);
	e->test = test;
	e->p = p;
	e->runs = kunit_kcalloc(test, PGT_MAX_RUNS, sizeof(*e->runs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e->runs);
	e->table_size = hyp_pgt_table_size(p->fmt);
	root_size = hyp_pgt_root_size(p->fmt, &cfg);
	KUNIT_ASSERT_NE(test, root_size, 0);

	/* One piece: the root, and tables behind it.  32-bit addresses do for all. */
	sim.base = 0x40000000ULL;
	sim.size = (tables + 2) * e->table_size + 2 * root_size;
	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, &sim), 0);
	pa = sim_alloc(SIM_HYP, root_size / HYP_IOMMU_PAGE_SIZE, max(root_size, e->table_size));
	KUNIT_ASSERT_NE(test, pa, 0);
	KUNIT_ASSERT_EQ(test, hyp_pgt_init(&e->pgt, p->fmt, &cfg, pa), 0);
	KUNIT_ASSERT_EQ(test, e->pgt.root_size, root_size);
	pa = sim_alloc(SIM_HYP, tables * e->table_size / HYP_IOMMU_PAGE_SIZE, e->table_size);
	KUNIT_ASSERT_NE(test, pa, 0);
	for (i = tables; i-- > 0;)
		hyp_pgt_pool_put(&e->pool, pa + i * e->table_size);
	e->given = tables;
	for (e->unit = 1; !(e->unit & e->pgt.cfg.sizes);)
		e->unit <<= 1;
	e->end = 1ULL << p->ia_bits;
	pgt_get_regs(e);
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
	return e;
}

const u32 pgt_features[PGT_NR_FEATURES] = {
	0, HYP_PGT_NONCOHERENT, HYP_PGT_REPLACE_OK,
	HYP_PGT_NONCOHERENT | HYP_PGT_REPLACE_OK | HYP_PGT_HW_ACCESS | HYP_PGT_SNOOP,
};

struct pgt_env *pgt_new(struct kunit *test, u32 features, u64 sizes, u32 tables)
{
	return pgt_env(test, &(struct pgt_how){ .features = features, .sizes = sizes,
						.tables = tables });
}

void pgt_gather(struct pgt_env *e, u16 max, u32 budget)
{
	hyp_pgt_pool_splice(&e->pool, &e->g.tables);
	e->g = HYP_PGT_GATHER(e->runs, max, budget);
}

void pgt_map(struct pgt_env *e, u64 ia, u64 oa, u64 size, u32 prot)
{
	u64 done = 0;

	KUNIT_ASSERT_TRUE_MSG(e->test, hyp_pgt_check(&e->pgt, ia, oa, size, prot),
			      "%llx %llx %llx %x", (unsigned long long)ia,
			      (unsigned long long)oa, (unsigned long long)size, prot);
	KUNIT_ASSERT_EQ_MSG(e->test,
			    hyp_pgt_map(&e->pgt, ia, oa, size, prot, &e->pool, &e->g, &done), 0,
			    "%llx %llx %llx: %llx done", (unsigned long long)ia,
			    (unsigned long long)oa, (unsigned long long)size,
			    (unsigned long long)done);
	KUNIT_ASSERT_EQ(e->test, done, size);
}

void pgt_unmap(struct pgt_env *e, u64 ia, u64 size)
{
	u64 done = 0;

	KUNIT_ASSERT_TRUE(e->test, hyp_pgt_check(&e->pgt, ia, 0, size, 0));
	KUNIT_ASSERT_EQ_MSG(e->test, hyp_pgt_unmap(&e->pgt, ia, size, &e->g, &done), 0,
			    "%llx %llx: %llx done", (unsigned long long)ia,
			    (unsigned long long)size, (unsigned long long)done);
	KUNIT_ASSERT_EQ(e->test, done, size);
}

int pgt_try_map(struct pgt_env *e, u64 ia, u64 oa, u64 size, u64 *done)
{
	*done = ~0ULL;
	return hyp_pgt_map(&e->pgt, ia, oa, size, PGT_RW, &e->pool, &e->g, done);
}

int pgt_try_unmap(struct pgt_env *e, u64 ia, u64 size, u64 *done)
{
	*done = ~0ULL;
	return hyp_pgt_unmap(&e->pgt, ia, size, &e->g, done);
}

void pgt_empty(struct pgt_env *e)
{
	do
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
	while (hyp_pgt_drain(&e->pgt, &e->g));
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
}

u64 pgt_fill_some(struct pgt_env *e)
{
	u64 u = e->unit, b = pgt_big(e), m = pgt_mid(e);

	pgt_map(e, 0, pgt_oa(e), u, PGT_RW);
	pgt_map(e, m - 3 * u, pgt_oa(e), 6 * u, PGT_RW);
	pgt_map(e, e->end - u, pgt_oa(e) + 9 * u, u, PGT_RW);
	if (b && e->end > 8 * b)
		pgt_map(e, m - 3 * b, pgt_oa(e) + b, b, PGT_RW);
	return 8 * u + (b && e->end > 8 * b ? b : 0);
}

/* What a leaf mapped with @prot is expected to say. */
static u32 pgt_effective(const struct pgt_env *e, u32 prot)
{
	if (pgt_cpu(e->p) == REF_CPU_OWN)
		prot &= PGT_RW | HYP_IOMMU_NOEXEC | HYP_IOMMU_MMIO;
	else if (pgt_cpu(e->p))
		prot &= PGT_RW | HYP_IOMMU_NOEXEC;
	else if (pgt_is_vtd(e->p))
		prot &= PGT_RW;
	/* Stage 1 has no way to say "write only". */
	return e->p->stage == 1 ? prot | PGT_READ : prot;
}

u64 pgt_present_bits(const struct pgt_env *e)
{
	return pgt_is_vtd(e->p) && e->p->stage == 2 ? 3 : 1;
}

u64 pgt_perm_bits(const struct pgt_env *e)
{
	if (pgt_cpu(e->p))
		return 1ULL << 63 | 2;
	if (pgt_is_vtd(e->p))
		return e->p->stage == 1 ? 2 : 3;
	return e->p->stage == 1 ? 0x60000000000080ULL : 0x400000000000c0ULL;
}

bool pgt_ref_matches(const struct pgt_env *e, const struct ref_leaf *leaf, u32 prot)
{
	enum ref_type type = prot & HYP_IOMMU_MMIO ? REF_DEVICE :
			     prot & HYP_IOMMU_CACHE ? REF_WRITEBACK : REF_NONCACHEABLE;

	prot = pgt_effective(e, prot);
	if (pgt_cpu(e->p))
		return leaf->r && leaf->w == !!(prot & PGT_WRITE) && leaf->af &&
		       leaf->x == !(prot & HYP_IOMMU_NOEXEC) &&
		       leaf->type == (prot & HYP_IOMMU_MMIO ? REF_DEVICE : REF_WRITEBACK);
	if (pgt_is_vtd(e->p))
		return leaf->r == !!(prot & PGT_READ) && leaf->w == !!(prot & PGT_WRITE) &&
		       leaf->sh == (e->p->stage == 2 && e->pgt.cfg.features & HYP_PGT_SNOOP) &&
		       leaf->af == (e->p->stage == 2 ||
				    !(e->pgt.cfg.features & HYP_PGT_HW_ACCESS));
	return leaf->r == !!(prot & PGT_READ) && leaf->w == !!(prot & PGT_WRITE) &&
	       leaf->x == !(prot & HYP_IOMMU_NOEXEC) && leaf->type == type &&
	       leaf->sh == (prot & HYP_IOMMU_CACHE ? 3 : 2) &&
	       leaf->af == !(e->pgt.cfg.features & HYP_PGT_HW_ACCESS);
}

void pgt_expect(struct pgt_env *e, u64 ia, u64 oa, u64 leaf_size, u32 prot)
{
	struct ref_leaf ref;
	u64 got;

	KUNIT_ASSERT_EQ_MSG(e->test, ref_walk(&e->regs, ia, &ref), REF_OK, "%llx: %s",
			    (unsigned long long)ia, ref.why ? ref.why : "not mapped");
	KUNIT_EXPECT_EQ(e->test, ref.oa, oa);
	if (leaf_size)
		KUNIT_EXPECT_EQ(e->test, ref.size, leaf_size);
	KUNIT_EXPECT_TRUE_MSG(e->test, pgt_ref_matches(e, &ref, prot), "%llx: %llx for %x",
			      (unsigned long long)ia, (unsigned long long)ref.desc, prot);

	KUNIT_ASSERT_EQ(e->test, hyp_pgt_lookup(&e->pgt, ia, &got), ref.size);
	KUNIT_EXPECT_EQ(e->test, got, oa);
}

void pgt_expect_range(struct pgt_env *e, u64 ia, u64 oa, u64 size, u64 leaf_size, u32 prot)
{
	u64 mid = (size / 2) & ~7ULL;

	pgt_expect(e, ia, oa, leaf_size, prot);
	pgt_expect(e, ia + mid, oa + mid, leaf_size, prot);
	pgt_expect(e, ia + size - 1, oa + size - 1, leaf_size, prot);
}

void pgt_expect_none(struct pgt_env *e, u64 ia)
{
	struct ref_leaf ref;
	u64 oa;

	KUNIT_EXPECT_EQ_MSG(e->test, ref_walk(&e->regs, ia, &ref), REF_TRANSLATION_FAULT,
			    "%llx: %s", (unsigned long long)ia, ref.why ? ref.why : "mapped");
	KUNIT_EXPECT_FALSE(e->test, hyp_pgt_lookup(&e->pgt, ia, &oa));
}
