// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables: the rules of pgtable/pgtable.h, one case each, for every format
 * in every configuration.  What hardware would see is told by ref_walk.c.
 */
#include "kunit/pgt_env.h"

static const u32 feature_sets[] = {
	0, HYP_PGT_NONCOHERENT, HYP_PGT_REPLACE_OK,
	HYP_PGT_NONCOHERENT | HYP_PGT_REPLACE_OK | HYP_PGT_HW_ACCESS,
};

static struct pgt_env *env(struct kunit *test, u32 features, u64 sizes, u32 tables)
{
	return pgt_env(test, &(struct pgt_how){ .features = features, .sizes = sizes,
						.tables = tables });
}

static u64 unit_of(struct kunit *test)
{
	return 1ULL << ((const struct pgt_param *)test->param_value)->lg2[0];
}

/* High addresses, aligned to every leaf. */
static u64 oa_base(const struct pgt_env *e)
{
	return 1ULL << (e->p->oa_bits - 1);
}

static u64 mid(const struct pgt_env *e)
{
	return e->end / 2;
}

static u64 big(const struct pgt_env *e)
{
	return pgt_leaf_size(e, 1);
}

static int unmap(struct pgt_env *e, u64 ia, u64 size, u64 *done)
{
	*done = ~0ULL;
	return hyp_pgt_unmap(&e->pgt, ia, size, &e->g, done);
}

static int map(struct pgt_env *e, u64 ia, u64 oa, u64 size, u64 *done)
{
	*done = ~0ULL;
	return hyp_pgt_map(&e->pgt, ia, oa, size, PGT_RW, &e->pool, &e->g, done);
}

/* Back to the bare root. */
static void empty(struct pgt_env *e)
{
	do
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
	while (hyp_pgt_drain(&e->pgt, &e->g));
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
}

/* ---- shape ---- */

static void root_and_registers(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	const struct pgt_param *p = e->p;
	struct hyp_pgt_vmsa_regs regs;
	u64 size = ref_root_size(&e->regs);
	unsigned int i;

	KUNIT_EXPECT_NE(test, size, 0);
	KUNIT_EXPECT_EQ(test, ref_granule(&e->regs), 1ULL << p->lg2[0]);
	KUNIT_EXPECT_EQ(test, e->table_size, 1ULL << p->lg2[0]);
	KUNIT_EXPECT_GE(test, e->pgt.root_size, size);
	KUNIT_EXPECT_GE(test, e->pgt.root_size, HYP_IOMMU_PAGE_SIZE);
	if (p->roots)
		KUNIT_EXPECT_EQ(test, size, p->roots * e->table_size);
	else
		KUNIT_EXPECT_LT(test, size, e->table_size);
	for (i = 0; i < 3; i++)
		if (p->lg2[i])
			KUNIT_EXPECT_TRUE(test, e->pgt.cfg.sizes & 1ULL << p->lg2[i]);
	KUNIT_EXPECT_EQ(test, e->pgt.tables, 0);

	hyp_pgt_vmsa_regs(&e->pgt, &regs);
	KUNIT_EXPECT_EQ(test, regs.ttb, e->pgt.root_pa);
	KUNIT_EXPECT_EQ(test, regs.sh, 3);
	KUNIT_EXPECT_EQ(test, regs.irgn, 1);
	KUNIT_EXPECT_EQ(test, regs.orgn, 1);
	e = env(test, HYP_PGT_NONCOHERENT, 0, 0);
	hyp_pgt_vmsa_regs(&e->pgt, &regs);
	KUNIT_EXPECT_EQ(test, regs.sh, 2);
	KUNIT_EXPECT_EQ(test, regs.irgn, 0);
	KUNIT_EXPECT_EQ(test, regs.orgn, 0);
	pgt_check(e);
}

/* Every number of bits: what is accepted is what the architecture allows. */
static void every_address_size(struct kunit *test)
{
	static const struct {
		const struct hyp_pgt_fmt *fmt;
		unsigned int stage, lg2;
	} fmts[] = {
		{ &hyp_pgt_vmsa_s1_4k, 1, 12 }, { &hyp_pgt_vmsa_s2_4k, 2, 12 },
		{ &hyp_pgt_vmsa_s1_16k, 1, 14 }, { &hyp_pgt_vmsa_s2_16k, 2, 14 },
		{ &hyp_pgt_vmsa_s1_64k, 1, 16 }, { &hyp_pgt_vmsa_s2_64k, 2, 16 },
	};
	unsigned int i, ia, oa;

	for (i = 0; i < ARRAY_SIZE(fmts); i++) {
		for (ia = 0; ia < 256; ia++) {
			for (oa = 0; oa < 256; oa += oa < 64 ? 1 : 64) {
				struct hyp_pgt_cfg cfg = { .ia_bits = ia, .oa_bits = oa,
							   .sizes = PGT_ALL_SIZES };
				u64 max = fmts[i].lg2 == 16 ? 52 : 48;
				u64 size = hyp_pgt_root_size(fmts[i].fmt, &cfg);
				bool ok = ia >= 25 && ia <= max && oa <= max &&
					  (oa == 32 || oa == 36 || oa == 40 || oa == 42 ||
					   oa == 44 || oa == 48 || oa == 52) &&
					  (fmts[i].stage == 1 || ia <= oa);
				struct hyp_pgt_vmsa_regs r;
				struct ref_regs regs;
				struct hyp_pgt pgt;

				KUNIT_ASSERT_EQ_MSG(test, !!size, ok, "%u: %u %u", i, ia, oa);
				if (!ok)
					continue;
				KUNIT_ASSERT_EQ(test, hyp_pgt_init(&pgt, fmts[i].fmt, &cfg, 0), 0);
				hyp_pgt_vmsa_regs(&pgt, &r);
				regs = (struct ref_regs){ .stage = fmts[i].stage, .t0sz = r.tsz,
					.tg0 = r.tg, .ps = r.ps, .sl0 = r.sl };
				KUNIT_ASSERT_EQ_MSG(test, size,
						    max(ref_root_size(&regs), HYP_IOMMU_PAGE_SIZE),
						    "%u: %u %u", i, ia, oa);
			}
		}
	}
}

static void bad_configuration(struct kunit *test)
{
	struct hyp_pgt_cfg cfg = { .ia_bits = 40, .oa_bits = 40, .sizes = PGT_ALL_SIZES };
	const struct hyp_pgt_fmt *fmt = &hyp_pgt_vmsa_s2_4k;
	struct hyp_pgt pgt = { .top = 77 };

	cfg.sizes = 0;
	KUNIT_EXPECT_EQ(test, hyp_pgt_root_size(fmt, &cfg), 0);
	cfg.sizes = SZ_16K | SZ_64K | SZ_32M;
	KUNIT_EXPECT_EQ(test, hyp_pgt_root_size(fmt, &cfg), 0);
	KUNIT_EXPECT_EQ(test, hyp_pgt_init(&pgt, fmt, &cfg, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, pgt.top, 77);

	/* The root: aligned, and where hardware can reach it. */
	cfg.sizes = PGT_ALL_SIZES;
	KUNIT_EXPECT_EQ(test, hyp_pgt_root_size(fmt, &cfg), SZ_8K);
	KUNIT_EXPECT_EQ(test, hyp_pgt_init(&pgt, fmt, &cfg, SIM_BASE + SZ_4K), -EINVAL);
	KUNIT_EXPECT_EQ(test, hyp_pgt_init(&pgt, fmt, &cfg, 1ULL << 40), -EINVAL);
	KUNIT_EXPECT_EQ(test, pgt.top, 77);
}

/* Sizes above a gap are not used, those below the first one neither. */
static void sizes_without_gap(struct kunit *test)
{
	struct hyp_pgt_cfg cfg = { .ia_bits = 40, .oa_bits = 40 };
	const struct hyp_pgt_fmt *fmt = &hyp_pgt_vmsa_s2_4k;
	struct hyp_pgt pgt;

	cfg.sizes = SZ_4K | SZ_1G;
	KUNIT_ASSERT_EQ(test, hyp_pgt_init(&pgt, fmt, &cfg, 0), 0);
	KUNIT_EXPECT_EQ(test, pgt.cfg.sizes, SZ_4K);
	cfg.sizes = SZ_2M | SZ_1G | SZ_64K;
	KUNIT_ASSERT_EQ(test, hyp_pgt_init(&pgt, fmt, &cfg, 0), 0);
	KUNIT_EXPECT_EQ(test, pgt.cfg.sizes, SZ_2M | SZ_1G);
	KUNIT_EXPECT_FALSE(test, hyp_pgt_check(&pgt, SZ_4K, 0, SZ_2M, 0));
	KUNIT_EXPECT_TRUE(test, hyp_pgt_check(&pgt, SZ_2M, 0, SZ_2M, 0));
}

/* ---- hyp_pgt_check() ---- */

static void check_ranges(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 unit = e->unit, end = e->end, oend = 1ULL << e->p->oa_bits;
	const struct {
		u64 ia, oa, size;
		bool ok;
	} t[] = {
		{ 0, 0, unit, true },
		{ 0, 0, 0, false },
		{ end - unit, 0, unit, true },
		{ end - unit, 0, 2 * unit, false },
		{ end, 0, unit, false },
		{ unit, 0, end, false },
		{ 0, 0, end + unit, false },
		{ 0, 0, ~0ULL, false },
		{ 0, 0, -unit, false },
		{ unit, 0, -unit, false },
		{ -unit, 0, unit, false },
		{ -unit, 0, 2 * unit, false },
		{ 1, 0, unit, false },
		{ unit / 2, 0, unit, false },
		{ 0, unit / 2, unit, false },
		{ 0, 0, unit + 1, false },
		{ 0, 0, unit / 2, false },
		{ 0, oend - unit, unit, true },
		{ 0, oend - unit, 2 * unit, false },
		{ 0, oend, unit, false },
		{ 0, -unit, unit, false },
		{ 0, -unit, 2 * unit, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		KUNIT_EXPECT_EQ_MSG(test, hyp_pgt_check(&e->pgt, t[i].ia, t[i].oa, t[i].size,
							PGT_RW), t[i].ok, "%u", i);
	/* No oa and no prot: the size has only to fit ia. */
	KUNIT_EXPECT_TRUE(test, hyp_pgt_check(&e->pgt, 0, 0, end, 0));
	KUNIT_EXPECT_EQ(test, hyp_pgt_check(&e->pgt, 0, 0, end, PGT_RW),
			e->p->ia_bits <= e->p->oa_bits);
}

/* What is accepted can be expressed: map it, and see what hardware makes of it. */
static void check_prot(struct kunit *test)
{
	struct pgt_env *e;
	unsigned int i;
	u32 prot;

	for (i = 0; i < ARRAY_SIZE(feature_sets); i++) {
		e = env(test, feature_sets[i], 0, 0);
		for (prot = 1; prot < 0x100; prot++) {
			bool ok = !(prot & ~(u32)HYP_IOMMU_PROT_MASK) && (prot & PGT_RW) &&
				  (prot & (HYP_IOMMU_MMIO | HYP_IOMMU_CACHE)) !=
				  (HYP_IOMMU_MMIO | HYP_IOMMU_CACHE);

			KUNIT_ASSERT_EQ_MSG(test, hyp_pgt_check(&e->pgt, 0, 0, e->unit, prot), ok,
					    "%x", prot);
			if (!ok)
				continue;
			pgt_map(e, 0, oa_base(e), e->unit, prot);
			pgt_expect(e, 0, oa_base(e), e->unit, prot);
			pgt_unmap(e, 0, e->unit);
		}
		KUNIT_EXPECT_FALSE(test, hyp_pgt_check(&e->pgt, 0, 0, e->unit, 1U << 31 | PGT_RW));
	}
}

/* ---- map and unmap ---- */

static void every_leaf_size(struct kunit *test)
{
	unsigned int f, i, k;

	for (f = 0; f < ARRAY_SIZE(feature_sets); f++) {
		struct pgt_env *e = env(test, feature_sets[f], 0, 0);

		for (i = 0; i < 3 && e->p->lg2[i]; i++) {
			u64 size = pgt_leaf_size(e, i);
			const u64 ia[] = { 0, mid(e) - size, mid(e), e->end - size };

			for (k = 0; k < ARRAY_SIZE(ia); k++) {
				pgt_map(e, ia[k], oa_base(e), size, PGT_RW | HYP_IOMMU_CACHE);
				pgt_expect_range(e, ia[k], oa_base(e), size, size,
						 PGT_RW | HYP_IOMMU_CACHE);
				pgt_expect_none(e, ia[k] ? ia[k] - 1 : e->end - 1);
				pgt_unmap(e, ia[k], size);
				pgt_expect_none(e, ia[k]);
				pgt_expect_none(e, ia[k] + size - 1);
				KUNIT_EXPECT_EQ(test, e->g.leaf_levels, 1 << i);
				pgt_check(e);
				empty(e);
			}
		}
	}
}

static void first_and_last_byte(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	struct hyp_pgt_leaf leaf;

	pgt_map(e, 0, oa_base(e), e->unit, PGT_RW);
	pgt_map(e, e->end - e->unit, (1ULL << e->p->oa_bits) - e->unit, e->unit, PGT_READ);
	pgt_expect_range(e, 0, oa_base(e), e->unit, e->unit, PGT_RW);
	pgt_expect(e, e->end - 1, (1ULL << e->p->oa_bits) - 1, e->unit, PGT_READ);
	pgt_expect_none(e, e->end);
	pgt_expect_none(e, ~0ULL);
	KUNIT_EXPECT_FALSE(test, hyp_pgt_lookup(&e->pgt, e->end, &leaf));
	KUNIT_EXPECT_FALSE(test, hyp_pgt_lookup(&e->pgt, ~0ULL, &leaf));
	pgt_unmap(e, 0, e->unit);
	pgt_unmap(e, e->end - e->unit, e->unit);
	KUNIT_EXPECT_EQ(test, e->g.start, 0);
	KUNIT_EXPECT_EQ(test, e->g.last, e->end - 1);
	pgt_check(e);
}

/* Small leaves up to a border, big ones, small ones again; not aligned: small. */
static void mixed_leaves(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 b = big(e), u = e->unit, oa = oa_base(e), ia;

	if (!b) {
		kunit_skip(test, "one leaf size");
		return;
	}
	ia = mid(e) - b - u;
	pgt_map(e, ia, oa - u, 2 * b + 2 * u, PGT_RW);
	pgt_expect(e, ia, oa - u, u, PGT_RW);
	pgt_expect_range(e, ia + u, oa, b, b, PGT_RW);
	pgt_expect_range(e, ia + u + b, oa + b, b, b, PGT_RW);
	pgt_expect(e, ia + u + 2 * b, oa + 2 * b, u, PGT_RW);
	pgt_expect_none(e, ia - u);
	pgt_expect_none(e, ia + 2 * b + 2 * u);
	pgt_unmap(e, ia, 2 * b + 2 * u);
	KUNIT_EXPECT_EQ(test, e->g.nr, 1);
	KUNIT_EXPECT_EQ(test, e->g.run[0].oa, oa - u);
	KUNIT_EXPECT_EQ(test, e->g.run[0].size, 2 * b + 2 * u);
	KUNIT_EXPECT_EQ(test, e->g.leaf_levels, 3);
	pgt_gather(e, PGT_MAX_RUNS, ~0U);

	pgt_map(e, mid(e), oa + u, b, PGT_RW);
	pgt_expect_range(e, mid(e), oa + u, b, u, PGT_RW);
	pgt_map(e, mid(e) - b + u, oa, b - u, PGT_RW);
	pgt_expect_range(e, mid(e) - b + u, oa, b - u, u, PGT_RW);
	pgt_unmap(e, mid(e) - b + u, 2 * b - u);
	KUNIT_EXPECT_EQ(test, e->g.nr, 2);
	pgt_check(e);
}

/* The three sizes in one call: at the start of 1G, 512M or 4T. */
static void three_sizes(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 b = big(e), g = pgt_leaf_size(e, 2), u = e->unit, oa = oa_base(e), ia;

	if (!g || e->end < 8 * g || (1ULL << e->p->oa_bits) < 8 * g) {
		kunit_skip(test, "no third size, or no room for it");
		return;
	}
	ia = mid(e) - g - b - u;
	pgt_map(e, ia, oa - g - b - u, 2 * g + 2 * b + 2 * u, PGT_RW);
	pgt_expect(e, ia, oa - g - b - u, u, PGT_RW);
	pgt_expect_range(e, ia + u, oa - g - b, b, b, PGT_RW);
	pgt_expect_range(e, ia + u + b, oa - g, g, g, PGT_RW);
	pgt_expect_range(e, mid(e), oa, g, g, PGT_RW);
	pgt_expect_range(e, mid(e) + g, oa + g, b, b, PGT_RW);
	pgt_expect(e, mid(e) + g + b, oa + g + b, u, PGT_RW);
	pgt_unmap(e, ia, 2 * g + 2 * b + 2 * u);
	KUNIT_EXPECT_EQ(test, e->g.nr, 1);
	KUNIT_EXPECT_EQ(test, e->g.leaf_levels, 7);
	pgt_check(e);
}

/* Over the border of two concatenated tables, and over all of a root's table. */
static void concatenated_roots(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 100);
	u64 span = e->end / max(e->p->roots, 1U), u = e->unit, i;

	if (e->p->roots < 2) {
		kunit_skip(test, "one table");
		return;
	}
	for (i = 1; i < e->p->roots; i++) {
		pgt_map(e, i * span - 2 * u, oa_base(e) + i * 16 * u, 4 * u, PGT_RW);
		pgt_expect_range(e, i * span - 2 * u, oa_base(e) + i * 16 * u, 4 * u, u, PGT_RW);
	}
	for (i = 1; i < e->p->roots; i++) {
		pgt_unmap(e, i * span - 2 * u, 4 * u);
		pgt_expect_none(e, i * span);
		pgt_expect_none(e, i * span - u);
		if (i + 1 < e->p->roots)
			pgt_expect(e, (i + 1) * span, oa_base(e) + (i + 1) * 16 * u + 2 * u, u,
				   PGT_RW);
	}
	pgt_check(e);
}

/* An output address that crosses bit 48, which the 64K granule keeps elsewhere. */
static void oa_crosses_bit_48(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, oa = (1ULL << 48) - 3 * u;

	if (e->p->oa_bits <= 48) {
		kunit_skip(test, "no such address");
		return;
	}
	pgt_map(e, 5 * u, oa, 7 * u, PGT_RW);
	pgt_expect_range(e, 5 * u, oa, 7 * u, u, PGT_RW);
	pgt_expect(e, 8 * u, 1ULL << 48, u, PGT_RW);
	pgt_unmap(e, 5 * u, 7 * u);
	KUNIT_EXPECT_EQ(test, e->g.nr, 1);
	KUNIT_EXPECT_EQ(test, e->g.run[0].oa, oa);
	KUNIT_EXPECT_EQ(test, e->g.run[0].size, 7 * u);
	pgt_check(e);
}

static void runs_are_merged(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, ia = mid(e) - 4 * u, oa = oa_base(e), i;

	/* In single pages, over the border of two tables, with other permissions. */
	for (i = 0; i < 8; i++)
		pgt_map(e, ia + i * u, oa + i * u, u, i & 1 ? PGT_RW : PGT_READ);
	pgt_map(e, ia + 8 * u, oa, 2 * u, PGT_RW);		/* again the first */
	pgt_map(e, ia + 10 * u, oa + 2 * u, u, PGT_RW);	/* goes on */
	pgt_map(e, ia + 11 * u, oa + 4 * u, u, PGT_RW);	/* does not */
	pgt_map(e, ia + 12 * u, oa + 3 * u, u, PGT_RW);	/* backwards */
	pgt_unmap(e, ia, 13 * u);
	KUNIT_ASSERT_EQ(test, e->g.nr, 4);
	KUNIT_EXPECT_EQ(test, e->g.run[0].oa, oa);
	KUNIT_EXPECT_EQ(test, e->g.run[0].size, 8 * u);
	KUNIT_EXPECT_EQ(test, e->g.run[1].oa, oa);
	KUNIT_EXPECT_EQ(test, e->g.run[1].size, 3 * u);
	KUNIT_EXPECT_EQ(test, e->g.run[2].oa, oa + 4 * u);
	KUNIT_EXPECT_EQ(test, e->g.run[2].size, u);
	KUNIT_EXPECT_EQ(test, e->g.run[3].oa, oa + 3 * u);
	KUNIT_EXPECT_EQ(test, e->g.run[3].size, u);
	KUNIT_EXPECT_EQ(test, e->g.start, ia);
	KUNIT_EXPECT_EQ(test, e->g.last, ia + 13 * u - 1);

	/* One gather for two calls: the second goes on in the first one's run. */
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
	KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
	pgt_map(e, ia, oa, 4 * u, PGT_RW);
	pgt_unmap(e, ia, 2 * u);
	pgt_unmap(e, ia + 2 * u, 2 * u);
	KUNIT_EXPECT_EQ(test, e->g.nr, 1);
	KUNIT_EXPECT_EQ(test, e->g.run[0].size, 4 * u);
	pgt_check(e);
}

/* Without an array there are no runs, and no limit to them. */
static void runs_are_optional(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 i, u = e->unit, done;

	for (i = 0; i < 8; i++)
		pgt_map(e, i * u, oa_base(e) + 2 * i * u, u, PGT_RW);
	e->g = (struct hyp_pgt_gather)HYP_PGT_GATHER(NULL, 0, 100);
	KUNIT_EXPECT_EQ(test, unmap(e, 0, 8 * u, &done), 0);
	KUNIT_EXPECT_EQ(test, e->g.nr, 0);
	KUNIT_EXPECT_EQ(test, e->g.last, 8 * u - 1);
	pgt_check(e);
}

/* ---- what stops a map ---- */

/* With every number of tables: exact progress, and nothing lost. */
static void map_enomem(struct kunit *test)
{
	static const u32 sets[] = { 0, HYP_PGT_NONCOHERENT };
	unsigned int f, given;

	for (f = 0; f < ARRAY_SIZE(sets); f++) {
		struct pgt_env *e = env(test, sets[f], unit_of(test), 40);
		u64 size = 2 * (e->table_size / 8) * e->unit + 4 * e->unit;
		struct hyp_pgt_pool rest = e->pool;
		u64 ia, oa = oa_base(e);
		u64 need, done, total = 0;
		int ret = -ENOMEM;

		if (size > e->end / 2)
			size = e->end / 2;
		ia = mid(e) - size / 2;
		need = hyp_pgt_tables_needed(&e->pgt, ia, oa, size);
		KUNIT_ASSERT_LE(test, need, rest.nr);
		e->pool = (struct hyp_pgt_pool){ .head = 0 };
		for (given = 0; given <= need; given++) {
			ret = map(e, ia + total, oa + total, size - total, &done);
			KUNIT_EXPECT_EQ(test, done % e->unit, 0);
			total += done;
			if (total) {
				pgt_expect(e, ia, oa, e->unit, PGT_RW);
				pgt_expect(e, ia + total - 1, oa + total - 1, e->unit, PGT_RW);
			}
			if (total < size)
				pgt_expect_none(e, ia + total);
			if (!ret)
				break;
			KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
			KUNIT_ASSERT_LT(test, total, size);
			KUNIT_EXPECT_EQ(test, e->pool.nr, 0);
			KUNIT_EXPECT_EQ(test, e->pgt.tables, given);
			KUNIT_EXPECT_EQ(test, hyp_pgt_tables_needed(&e->pgt, ia + total, oa + total,
								    size - total), need - given);
			hyp_pgt_pool_put(&e->pool, hyp_pgt_pool_get(&rest, false));
		}
		KUNIT_EXPECT_EQ(test, ret, 0);
		KUNIT_EXPECT_EQ(test, total, size);
		KUNIT_EXPECT_EQ(test, e->pgt.tables, need);
		hyp_pgt_pool_splice(&e->pool, &rest);
		pgt_check(e);
		pgt_unmap(e, ia, size);
		pgt_check(e);
	}
}

/* With what hyp_pgt_tables_needed() says there is no -ENOMEM, whatever is there. */
static void tables_needed_is_enough(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, b = big(e) ? big(e) : 16 * u, m = mid(e);
	const struct {
		u64 ia, size, off;
	} t[] = {
		{ m, u, 0 }, { m - u, 2 * u, 0 }, { m - b, 2 * b, 0 }, { m - b, 2 * b, u },
		{ m - b + u, 2 * b - 2 * u, 0 }, { m - b - u, 2 * b + 2 * u, 0 },
		{ m - b - u, 2 * b + 2 * u, u }, { 0, 3 * b + u, 0 }, { u, 3 * b, 0 },
		{ e->end - u, u, 0 }, { e->end - 2 * b - u, 2 * b + u, 0 },
	};
	struct hyp_pgt_pool all = e->pool;
	unsigned int i, before;
	u64 need, done, oa;

	/* @before: a page that is mapped already, and its tables exist. */
	for (i = 0; i < 2 * ARRAY_SIZE(t); i++) {
		u64 ia = t[i / 2].ia, size = t[i / 2].size;

		before = i & 1;
		e->pool = all;
		if (before) {
			pgt_map(e, ia, oa_base(e), u, PGT_RW);
			pgt_unmap(e, ia, u);
			hyp_pgt_pool_splice(&e->pool, &e->g.tables);
		}
		oa = oa_base(e) + (ia & (b - 1)) + t[i / 2].off;
		need = hyp_pgt_tables_needed(&e->pgt, ia, oa, size);
		all = e->pool;
		KUNIT_ASSERT_LE(test, need, all.nr);
		e->pool = (struct hyp_pgt_pool){ .head = 0 };
		while (e->pool.nr < need)
			hyp_pgt_pool_put(&e->pool, hyp_pgt_pool_get(&all, false));
		KUNIT_ASSERT_EQ_MSG(test, map(e, ia, oa, size, &done), 0, "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, e->pool.nr, 0, "%u: too many", i);
		pgt_unmap(e, ia, size);
		empty(e);
		hyp_pgt_pool_splice(&all, &e->pool);
	}
	e->pool = all;
	pgt_check(e);
}

static void map_eexist(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, b = big(e), oa = oa_base(e), ia = mid(e), done;

	pgt_map(e, ia + 3 * u, oa, u, PGT_READ);
	KUNIT_EXPECT_EQ(test, map(e, ia - u, oa + 8 * u, 8 * u, &done), -EEXIST);
	KUNIT_EXPECT_EQ(test, done, 4 * u);
	pgt_expect(e, ia + 2 * u, oa + 11 * u, u, PGT_RW);
	pgt_expect(e, ia + 3 * u, oa, u, PGT_READ);
	pgt_expect_none(e, ia + 4 * u);
	KUNIT_EXPECT_EQ(test, map(e, ia + 3 * u, oa, u, &done), -EEXIST);
	KUNIT_EXPECT_EQ(test, done, 0);
	pgt_unmap(e, ia - u, 5 * u);
	empty(e);

	if (b) {
		/* A small leaf where a big one is, a big one on a big one. */
		pgt_map(e, ia, oa, b, PGT_RW);
		KUNIT_EXPECT_EQ(test, map(e, ia + u, oa, u, &done), -EEXIST);
		KUNIT_EXPECT_EQ(test, done, 0);
		KUNIT_EXPECT_EQ(test, map(e, ia - b, oa, 2 * b, &done), -EEXIST);
		KUNIT_EXPECT_EQ(test, done, b);
		pgt_expect_range(e, ia, oa, b, b, PGT_RW);
		pgt_unmap(e, ia - b, 2 * b);
	}
	pgt_check(e);
}

/* ---- a bigger leaf where tables are ---- */

static void table_in_the_way(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, b = big(e), oa = oa_base(e), ia = mid(e), n;

	if (!b) {
		kunit_skip(test, "one leaf size");
		return;
	}
	/* Empty, but break-before-make: it stays, with smaller leaves. */
	pgt_map(e, ia, oa, u, PGT_RW);
	pgt_unmap(e, ia, u);
	n = e->pgt.tables;
	pgt_map(e, ia - b, oa, 3 * b, PGT_RW);
	pgt_expect_range(e, ia - b, oa, b, b, PGT_RW);
	pgt_expect_range(e, ia, oa + b, b, u, PGT_RW);
	pgt_expect_range(e, ia + b, oa + 2 * b, b, b, PGT_RW);
	KUNIT_EXPECT_EQ(test, e->g.tables.nr, 0);
	KUNIT_EXPECT_GE(test, e->pgt.tables, n);
	pgt_unmap(e, ia - b, 3 * b);
	pgt_check(e);
}

static void empty_table_is_replaced(struct kunit *test)
{
	unsigned int f;

	for (f = 2; f < 4; f++) {
		struct pgt_env *e = env(test, feature_sets[f], 0, 0);
		u64 u = e->unit, b = big(e), oa = oa_base(e), ia = mid(e);
		u64 g = pgt_leaf_size(e, 2);

		if (!b) {
			kunit_skip(test, "one leaf size");
			return;
		}
		pgt_map(e, ia, oa, u, PGT_RW);
		pgt_unmap(e, ia, u);
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
		pgt_map(e, ia, oa, b, PGT_RW);
		pgt_expect_range(e, ia, oa, b, b, PGT_RW);
		KUNIT_EXPECT_EQ(test, e->g.tables.nr, 1);
		KUNIT_EXPECT_EQ(test, e->g.table_levels, 2);
		KUNIT_EXPECT_EQ(test, e->g.start, ia);
		KUNIT_EXPECT_EQ(test, e->g.last, ia + b - 1);
		KUNIT_EXPECT_EQ(test, e->g.nr, 0);
		pgt_check(e);
		pgt_unmap(e, ia, b);

		/* Not empty: it stays. */
		pgt_map(e, ia + b - u, oa, u, PGT_READ);
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
		pgt_map(e, ia, oa, b - u, PGT_RW);
		pgt_expect_range(e, ia, oa, b - u, u, PGT_RW);
		pgt_expect(e, ia + b - u, oa, u, PGT_READ);
		KUNIT_EXPECT_EQ(test, e->g.tables.nr, 0);
		pgt_unmap(e, ia, b);

		/* No budget to find out: smaller leaves. */
		pgt_map(e, ia, oa, u, PGT_RW);
		pgt_unmap(e, ia, u);
		pgt_gather(e, PGT_MAX_RUNS, 3);
		pgt_map(e, ia, oa, b, PGT_RW);
		pgt_expect_range(e, ia, oa, b, u, PGT_RW);
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
		pgt_unmap(e, ia, b);

		/* Tables below tables. */
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
		if (!g || (1ULL << e->p->oa_bits) < 4 * g)
			continue;
		pgt_map(e, ia + u, oa, u, PGT_RW);
		pgt_map(e, ia + b + u, oa, u, PGT_RW);
		pgt_unmap(e, ia + u, u);
		pgt_unmap(e, ia + b + u, u);
		pgt_map(e, ia, oa, g, PGT_RW);
		pgt_expect_range(e, ia, oa, g, g, PGT_RW);
		KUNIT_EXPECT_EQ(test, e->g.tables.nr, 3);
		KUNIT_EXPECT_EQ(test, e->g.table_levels, 6);
		pgt_check(e);
	}
}

/* A big leaf over a table that has one small leaf: -EEXIST there, not before. */
static void full_table_in_the_way(struct kunit *test)
{
	struct pgt_env *e = env(test, HYP_PGT_REPLACE_OK, 0, 0);
	u64 u = e->unit, b = big(e), ia = mid(e), done;

	if (!b) {
		kunit_skip(test, "one leaf size");
		return;
	}
	pgt_map(e, ia + 5 * u, oa_base(e), u, PGT_READ);
	KUNIT_EXPECT_EQ(test, map(e, ia, oa_base(e), b, &done), -EEXIST);
	KUNIT_EXPECT_EQ(test, done, 5 * u);
	pgt_expect(e, ia + 5 * u, oa_base(e), u, PGT_READ);
	pgt_unmap(e, ia, 6 * u);
	pgt_check(e);
}

/* ---- what stops an unmap ---- */

static void unmap_enoent(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, ia = mid(e), done;

	KUNIT_EXPECT_EQ(test, unmap(e, ia, u, &done), -ENOENT);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
	pgt_map(e, ia - 2 * u, oa_base(e), 5 * u, PGT_RW);
	KUNIT_EXPECT_EQ(test, unmap(e, ia - 3 * u, 5 * u, &done), -ENOENT);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, unmap(e, ia - 2 * u, 9 * u, &done), -ENOENT);
	KUNIT_EXPECT_EQ(test, done, 5 * u);
	KUNIT_EXPECT_EQ(test, e->g.start, ia - 2 * u);
	KUNIT_EXPECT_EQ(test, e->g.last, ia + 3 * u - 1);
	KUNIT_EXPECT_EQ(test, e->g.nr, 1);
	pgt_check(e);
}

static void unmap_e2big(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, b = big(e), oa = oa_base(e), ia = mid(e), done;

	if (!b) {
		kunit_skip(test, "one leaf size");
		return;
	}
	pgt_map(e, ia - u, oa - u, u + 2 * b, PGT_RW);
	/* begins before, ends after, both, and after progress */
	KUNIT_EXPECT_EQ(test, unmap(e, ia + u, 2 * b - u, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, unmap(e, ia, b - u, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, unmap(e, ia + u, u, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
	KUNIT_EXPECT_EQ(test, e->g.nr, 0);
	KUNIT_EXPECT_EQ(test, unmap(e, ia - u, u + b + u, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, u + b);
	pgt_expect_none(e, ia + b - 1);
	pgt_expect_range(e, ia + b, oa + b, b, b, PGT_RW);
	KUNIT_EXPECT_EQ(test, e->g.nr, 1);
	KUNIT_EXPECT_EQ(test, e->g.run[0].size, u + b);
	KUNIT_EXPECT_EQ(test, e->g.last, ia + b - 1);
	pgt_check(e);
}

/* As many runs as there is room for, and not a page more. */
static void unmap_eagain_runs(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, ia = mid(e) - 5 * u, i, done, total;
	unsigned int max;

	for (max = 1; max <= 11; max++) {
		for (i = 0; i < 10; i++)
			pgt_map(e, ia + i * u, oa_base(e) + 2 * i * u, u, PGT_RW);
		for (total = 0; total < 10 * u; total += done) {
			pgt_gather(e, max, ~0U);
			i = min((u64)max, 10 - total / u);
			KUNIT_ASSERT_EQ(test, unmap(e, ia + total, 10 * u - total, &done),
					total + i * u < 10 * u ? -EAGAIN : 0);
			KUNIT_ASSERT_EQ(test, done, i * u);
			KUNIT_EXPECT_EQ(test, e->g.nr, i);
			KUNIT_EXPECT_EQ(test, e->g.run[0].oa, oa_base(e) + 2 * total);
			KUNIT_EXPECT_EQ(test, e->g.start, ia + total);
			KUNIT_EXPECT_EQ(test, e->g.last, ia + total + done - 1);
			pgt_expect_none(e, ia + total + done - u);
			if (total + done < 10 * u)
				pgt_expect(e, ia + total + done, oa_base(e) + 2 * (total + done),
					   u, PGT_RW);
		}
	}
	pgt_check(e);
}

static void unmap_eagain_budget(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, ia = mid(e) - 5 * u, done, total;
	u32 budget;
	int ret;

	for (budget = 1; budget <= 11; budget++) {
		pgt_map(e, ia, oa_base(e), 10 * u, PGT_RW);
		for (total = 0; total < 10 * u; total += done) {
			pgt_gather(e, 1, budget);
			ret = unmap(e, ia + total, 10 * u - total, &done);
			KUNIT_ASSERT_EQ(test, ret, total + done < 10 * u ? -EAGAIN : 0);
			KUNIT_ASSERT_GT(test, done, 0);
			KUNIT_EXPECT_EQ(test, e->g.budget, budget - done / u);
			KUNIT_EXPECT_EQ(test, e->g.run[0].size, done);
		}
		KUNIT_EXPECT_EQ(test, total, 10 * u);
	}
	pgt_gather(e, 1, 0);
	pgt_map(e, ia, oa_base(e), u, PGT_RW);
	KUNIT_EXPECT_EQ(test, unmap(e, ia, u, &done), -EAGAIN);
	KUNIT_EXPECT_EQ(test, done, 0);
	pgt_check(e);
}

/* ---- tables ---- */

static void tables_go_with_their_range(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, unit_of(test), 0);
	u64 u = e->unit, span = e->table_size / 8 * u, ia = mid(e) - 2 * span;
	u32 n;

	if (!e->pgt.top) {
		kunit_skip(test, "no tables but the root");
		return;
	}
	pgt_map(e, ia, oa_base(e), 3 * span, PGT_RW);
	n = e->pgt.tables;
	/* All but one page: it stays, and stays when that page goes. */
	pgt_unmap(e, ia + u, span - u);
	KUNIT_EXPECT_EQ(test, e->g.tables.nr, 0);
	KUNIT_EXPECT_EQ(test, e->g.table_levels, 0);
	pgt_unmap(e, ia, u);
	KUNIT_EXPECT_EQ(test, e->pgt.tables, n);
	pgt_gather(e, PGT_MAX_RUNS, ~0U);
	/* One and a half. */
	pgt_unmap(e, ia + span, span + span / 2);
	KUNIT_EXPECT_EQ(test, e->g.tables.nr, 1);
	KUNIT_EXPECT_EQ(test, e->g.table_levels, 2);
	KUNIT_EXPECT_EQ(test, e->pgt.tables, n - 1);
	KUNIT_EXPECT_EQ(test, e->g.start, ia + span);
	KUNIT_EXPECT_EQ(test, e->g.last, ia + 2 * span + span / 2 - 1);
	pgt_expect(e, ia + 2 * span + span / 2, oa_base(e) + 2 * span + span / 2, u, PGT_RW);
	pgt_check(e);
}

/* A budget of a table's entries takes down tables, also when calls resume. */
static void calls_end_between_tables(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, unit_of(test), 0);
	u64 u = e->unit, n = e->table_size / 8, span = n * u, ia = mid(e) - 2 * span;
	u64 done, total;
	unsigned int calls = 0;
	int ret;

	if (!e->pgt.top) {
		kunit_skip(test, "no tables but the root");
		return;
	}
	pgt_map(e, ia - 3 * u, oa_base(e), 3 * u + 3 * span, PGT_RW);
	for (total = 0; total < 3 * u + 3 * span; total += done) {
		pgt_gather(e, 8, n + 1);
		ret = unmap(e, ia - 3 * u + total, 3 * u + 3 * span - total, &done);
		KUNIT_ASSERT_TRUE(test, !ret || ret == -EAGAIN);
		KUNIT_EXPECT_EQ(test, e->g.tables.nr, calls ? 1 : 0);
		KUNIT_ASSERT_LT(test, calls++, 5);
	}
	KUNIT_EXPECT_EQ(test, calls, 4);
	pgt_check(e);
}

/* ---- drain ---- */

static void fill_some(struct pgt_env *e)
{
	u64 u = e->unit, b = big(e), m = mid(e);

	pgt_map(e, 0, oa_base(e), u, PGT_RW);
	pgt_map(e, m - 3 * u, oa_base(e), 6 * u, PGT_RW);
	pgt_map(e, e->end - u, oa_base(e) + 9 * u, u, PGT_RW);
	if (b && e->end > 8 * b)
		pgt_map(e, m - 3 * b, oa_base(e) + b, b, PGT_RW);
}

/* The number of entries that a drain has to look at. */
static u64 entries(const struct pgt_env *e)
{
	return ref_root_size(&e->regs) / 8 + e->pgt.tables * (e->table_size / 8);
}

static void drain_all(struct kunit *test)
{
	static const u32 budgets[] = { 1, 2, 3, 7, 64, 511, 512, 5000, ~0U };
	unsigned int f, k, max;

	for (f = 0; f < 2; f++) {
		struct pgt_env *e = env(test, feature_sets[f], 0, 0);

		for (k = 0; k < ARRAY_SIZE(budgets); k++) {
			u64 calls = 0, pages = 0, left;
			int ret;
			u16 i;

			max = k & 1 ? 1 : 3;
			fill_some(e);
			left = entries(e);
			if (left / budgets[k] > 20000)
				max = 0;
			do {
				pgt_gather(e, max, budgets[k]);
				ret = hyp_pgt_drain(&e->pgt, &e->g);
				for (i = 0; i < e->g.nr; i++)
					pages += e->g.run[i].size;
				KUNIT_ASSERT_LE(test, budgets[k] - e->g.budget, left);
				left -= budgets[k] - e->g.budget;
				calls++;
			} while (ret == -EAGAIN);
			KUNIT_ASSERT_EQ(test, ret, 0);
			/* Each entry was looked at just once. */
			KUNIT_EXPECT_LE(test, left, e->given);
			KUNIT_EXPECT_EQ(test, e->pgt.tables, 0);
			if (max)
				KUNIT_EXPECT_EQ(test, pages, 8 * e->unit +
						(big(e) && e->end > 8 * big(e) ? big(e) : 0));
			pgt_expect_none(e, mid(e));
			pgt_check(e);
		}
		/* Empty ones, too. */
		pgt_gather(e, 1, ~0U);
		KUNIT_EXPECT_EQ(test, hyp_pgt_drain(&e->pgt, &e->g), 0);
		KUNIT_EXPECT_EQ(test, e->g.nr, 0);
		KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
	}
}

/* ---- protect ---- */

static void protect_changes_permissions_only(struct kunit *test)
{
	static const u32 types[] = { 0, HYP_IOMMU_CACHE, HYP_IOMMU_MMIO };
	static const u32 perms[] = { PGT_READ, PGT_WRITE, PGT_RW, PGT_READ | HYP_IOMMU_NOEXEC,
				     PGT_RW | HYP_IOMMU_NOEXEC };
	unsigned int f, t, from, to;

	for (f = 0; f < 2; f++) {
		struct pgt_env *e = env(test, feature_sets[f], 0, 0);
		u64 u = e->unit, b = big(e), ia = mid(e) - 2 * u, size = 4 * u + b, done;

		for (t = 0; t < ARRAY_SIZE(types) * ARRAY_SIZE(perms); t++) {
			u32 type = types[t % ARRAY_SIZE(types)];

			from = t / ARRAY_SIZE(types);
			to = (from + 1 + t % 4) % ARRAY_SIZE(perms);
			pgt_map(e, ia, oa_base(e) + b - 2 * u, size, perms[from] | type);
			pgt_gather(e, 1, ~0U);
			/* A type in @prot does nothing. */
			KUNIT_ASSERT_EQ(test, hyp_pgt_protect(&e->pgt, ia + u, size - 2 * u,
							      perms[to] | HYP_IOMMU_CACHE, &e->g,
							      &done), 0);
			KUNIT_EXPECT_EQ(test, done, size - 2 * u);
			KUNIT_EXPECT_EQ(test, e->g.nr, 0);
			KUNIT_EXPECT_EQ(test, e->g.start, ia + u);
			KUNIT_EXPECT_EQ(test, e->g.last, ia + size - u - 1);
			KUNIT_EXPECT_EQ(test, e->g.leaf_levels, b ? 3 : 1);
			KUNIT_EXPECT_EQ(test, e->g.table_levels, 0);
			pgt_expect(e, ia, oa_base(e) + b - 2 * u, u, perms[from] | type);
			pgt_expect(e, ia + u, oa_base(e) + b - u, u, perms[to] | type);
			pgt_expect_range(e, ia + 2 * u, oa_base(e) + b, size - 3 * u, 0,
					 perms[to] | type);
			pgt_expect(e, ia + size - u, oa_base(e) + b - 3 * u + size, u,
				   perms[from] | type);
			pgt_gather(e, PGT_MAX_RUNS, ~0U);
			pgt_unmap(e, ia, size);
		}
		pgt_check(e);
	}
}

static void protect_stops(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, b = big(e), ia = mid(e), done;

	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, ia, u, PGT_READ, &e->g, &done), -ENOENT);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
	pgt_map(e, ia - 2 * u, oa_base(e), 4 * u, PGT_RW);
	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, ia - 2 * u, 5 * u, PGT_READ, &e->g, &done),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, done, 4 * u);
	pgt_gather(e, 0, 3);
	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, ia - 2 * u, 4 * u, PGT_RW, &e->g, &done),
			-EAGAIN);
	KUNIT_EXPECT_LE(test, done, 3 * u);
	KUNIT_EXPECT_GE(test, done, 2 * u);
	pgt_expect(e, ia - 2 * u + done - u, oa_base(e) + done - u, u, PGT_RW);
	pgt_expect(e, ia - 2 * u + done, oa_base(e) + done, u, PGT_READ);
	empty(e);
	if (!b)
		return;
	pgt_map(e, ia - b, oa_base(e), b, PGT_RW);
	KUNIT_EXPECT_EQ(test, hyp_pgt_protect(&e->pgt, ia - b, u, PGT_READ, &e->g, &done), -E2BIG);
	KUNIT_EXPECT_EQ(test, done, 0);
	pgt_expect_range(e, ia - b, oa_base(e), b, b, PGT_RW);
	pgt_check(e);
}

/* ---- split ---- */

static void split_rules(struct kunit *test)
{
	unsigned int f, i;

	for (f = 0; f < ARRAY_SIZE(feature_sets); f++) {
		struct pgt_env *e = env(test, feature_sets[f], 0, 0);
		bool ok = feature_sets[f] & HYP_PGT_REPLACE_OK;
		u64 u = e->unit, oa = oa_base(e), ia = mid(e);
		u32 n;

		/* Not mapped, or a border already. */
		KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia, &e->pool, &e->g), 0);
		KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, 0, &e->pool, &e->g), 0);
		KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, e->end, &e->pool, &e->g), 0);
		for (i = 1; i < 3 && e->p->lg2[i]; i++) {
			u64 size = pgt_leaf_size(e, i), b = big(e);

			if (size > oa || e->end < 2 * size)
				continue;
			empty(e);
			pgt_map(e, ia, oa, size, PGT_READ | HYP_IOMMU_CACHE);
			KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia, &e->pool, &e->g), 0);
			KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia + size, &e->pool, &e->g), 0);
			KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
			n = e->pgt.tables;
			KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia + 3 * u, &e->pool, &e->g),
					ok ? 0 : -EBUSY);
			pgt_expect_range(e, ia, oa, size, 0, PGT_READ | HYP_IOMMU_CACHE);
			KUNIT_EXPECT_EQ(test, e->pgt.tables, ok ? n + i : n);
			if (ok) {
				pgt_expect(e, ia, oa, u, PGT_READ | HYP_IOMMU_CACHE);
				pgt_expect(e, ia + 3 * u, oa + 3 * u, u, PGT_READ | HYP_IOMMU_CACHE);
				pgt_expect(e, ia + size - 1, oa + size - 1, i == 1 ? u : b,
					   PGT_READ | HYP_IOMMU_CACHE);
				KUNIT_EXPECT_EQ(test, e->g.leaf_levels, 1 << i);
				KUNIT_EXPECT_EQ(test, e->g.start, ia);
				KUNIT_EXPECT_EQ(test, e->g.last, ia + size - 1);
				KUNIT_EXPECT_EQ(test, e->g.nr, 0);
				/* What it is for. */
				pgt_gather(e, PGT_MAX_RUNS, ~0U);
				pgt_unmap(e, ia, 3 * u);
				pgt_unmap(e, ia + 3 * u, size - 3 * u);
			} else {
				KUNIT_EXPECT_TRUE(test, hyp_pgt_gather_empty(&e->g));
				pgt_unmap(e, ia, size);
			}
			pgt_check(e);
		}
	}
}

static void split_enomem(struct kunit *test)
{
	struct pgt_env *e = env(test, HYP_PGT_REPLACE_OK, 0, 0);
	struct hyp_pgt_pool few = { .head = 0 };
	u64 u = e->unit, oa = oa_base(e), ia = mid(e);
	unsigned int i, have;

	for (i = 1; i < 3 && e->p->lg2[i]; i++) {
		u64 size = pgt_leaf_size(e, i);

		if (size > oa || e->end < 2 * size)
			continue;
		empty(e);
		pgt_map(e, ia, oa, size, PGT_RW);
		for (have = 0; have < i; have++) {
			KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia + u, &few, &e->g), -ENOMEM);
			KUNIT_EXPECT_EQ(test, few.nr, have);
			pgt_expect_range(e, ia, oa, size, size, PGT_RW);
			hyp_pgt_pool_put(&few, hyp_pgt_pool_get(&e->pool, false));
		}
		KUNIT_EXPECT_EQ(test, hyp_pgt_split(&e->pgt, ia + u, &few, &e->g), 0);
		KUNIT_EXPECT_EQ(test, few.nr, 0);
		pgt_expect_range(e, ia, oa, size, 0, PGT_RW);
		pgt_unmap(e, ia, size);
		pgt_gather(e, PGT_MAX_RUNS, ~0U);
	}
	pgt_check(e);
}

/* ---- lookup and walk ---- */

struct seen {
	struct hyp_pgt_leaf leaf[16];
	unsigned int nr, stop;
};

static int see(const struct hyp_pgt_leaf *leaf, void *arg)
{
	struct seen *s = arg;

	if (s->nr < ARRAY_SIZE(s->leaf))
		s->leaf[s->nr] = *leaf;
	return ++s->nr == s->stop ? 42 : 0;
}

static void walk_visits_leaves(struct kunit *test)
{
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, b = big(e), ia = mid(e), oa = oa_base(e);
	struct seen s = { .nr = 0 };
	unsigned int i, k = 0;

	fill_some(e);
	KUNIT_EXPECT_EQ(test, hyp_pgt_walk(&e->pgt, 0, e->end, see, &s), 0);
	KUNIT_ASSERT_EQ(test, s.nr, b && e->end > 8 * b ? 9 : 8);
	KUNIT_EXPECT_EQ(test, s.leaf[k++].ia, 0);
	if (s.nr == 9) {
		KUNIT_EXPECT_EQ(test, s.leaf[k].ia, ia - 3 * b);
		KUNIT_EXPECT_EQ(test, s.leaf[k].oa, oa + b);
		KUNIT_EXPECT_EQ(test, s.leaf[k++].size, b);
	}
	for (i = 0; i < 6; i++, k++) {
		KUNIT_EXPECT_EQ(test, s.leaf[k].ia, ia - 3 * u + i * u);
		KUNIT_EXPECT_EQ(test, s.leaf[k].oa, oa + i * u);
		KUNIT_EXPECT_EQ(test, s.leaf[k].size, u);
		KUNIT_EXPECT_EQ(test, s.leaf[k].prot, PGT_RW);
	}
	KUNIT_EXPECT_EQ(test, s.leaf[k].ia, e->end - u);
	KUNIT_EXPECT_EQ(test, s.leaf[k].oa, oa + 9 * u);

	/* Part of it, the middle of a leaf, and an end when told. */
	s.nr = 0;
	KUNIT_EXPECT_EQ(test, hyp_pgt_walk(&e->pgt, ia - 3 * u, 2 * u, see, &s), 0);
	KUNIT_EXPECT_EQ(test, s.nr, 2);
	s = (struct seen){ .stop = 4 };
	KUNIT_EXPECT_EQ(test, hyp_pgt_walk(&e->pgt, ia - 3 * u, 6 * u, see, &s), 42);
	KUNIT_EXPECT_EQ(test, s.nr, 4);
	if (b && e->end > 8 * b) {
		s = (struct seen){ .nr = 0 };
		KUNIT_EXPECT_EQ(test, hyp_pgt_walk(&e->pgt, ia - 3 * b + u, u, see, &s), 0);
		KUNIT_ASSERT_EQ(test, s.nr, 1);
		KUNIT_EXPECT_EQ(test, s.leaf[0].ia, ia - 3 * b);
	}
	s = (struct seen){ .nr = 0 };
	KUNIT_EXPECT_EQ(test, hyp_pgt_walk(&e->pgt, u, u, see, &s), 0);
	KUNIT_EXPECT_EQ(test, s.nr, 0);
}

/* ---- chunks ---- */

static int count(const struct hyp_pgt_leaf *leaf, void *arg)
{
	++*(u64 *)arg;
	return 0;
}

static void chunks_are_bounded(struct kunit *test)
{
	static const u32 limits[] = { 1, 2, 5, 511, 512, 513, 9000 };
	struct pgt_env *e = env(test, 0, 0, 0);
	u64 u = e->unit, b = big(e) ? big(e) : 16 * u, m = mid(e);
	const struct {
		u64 ia, size, off;
	} t[] = {
		{ m, u, 0 }, { m - b, 3 * b, 0 }, { m - b, 3 * b, u }, { m - b - 3 * u, 3 * b, 0 },
		{ m - b + u, 2 * b, 0 }, { 0, 4 * b, 0 }, { e->end - 2 * b - u, 2 * b + u, 0 },
	};
	unsigned int i, k, before;

	for (before = 0; before < 2; before++) {
		for (i = 0; i < ARRAY_SIZE(t) * ARRAY_SIZE(limits); i++) {
			u32 limit = limits[i % ARRAY_SIZE(limits)];
			u64 ia, oa, left, chunk;

			k = i / ARRAY_SIZE(limits);
			ia = t[k].ia;
			oa = oa_base(e) + (ia & (b - 1)) + t[k].off;
			left = min(t[k].size, 600 * limit * u);
			if (before) {	/* tables in the way */
				pgt_map(e, m, oa_base(e), u, PGT_RW);
				pgt_unmap(e, m, u);
			}
			for (; left; left -= chunk) {
				u64 n = 0;

				chunk = hyp_pgt_map_chunk(&e->pgt, ia, oa, left, limit);
				KUNIT_ASSERT_GT(test, chunk, 0);
				KUNIT_ASSERT_LE(test, chunk, left);
				KUNIT_ASSERT_EQ(test, chunk % u, 0);
				pgt_map(e, ia, oa, chunk, PGT_RW);
				hyp_pgt_walk(&e->pgt, ia, chunk, count, &n);
				KUNIT_ASSERT_LE_MSG(test, n, limit, "%u %u", before, i);
				/* And not less than could be. */
				if (chunk < left && !before && !t[k].off)
					KUNIT_ASSERT_EQ_MSG(test, n, limit, "%u", i);
				pgt_unmap(e, ia, chunk);
				ia += chunk;
				oa += chunk;
			}
			empty(e);
		}
	}
	pgt_check(e);
}

/* ---- pools ---- */

static void pools(struct kunit *test)
{
	struct hyp_pgt_pool a = { .head = 0 }, b = { .head = 0 };
	u64 pa, i;

	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, &(struct sim_cfg){ .noncoherent = true }), 0);
	pa = sim_alloc(SIM_HYP, 4, 0);
	KUNIT_EXPECT_EQ(test, hyp_pgt_pool_get(&a, true), 0);
	hyp_pgt_pool_splice(&a, &b);
	KUNIT_EXPECT_EQ(test, a.nr, 0);
	for (i = 0; i < 4; i++)
		hyp_pgt_pool_put(i < 2 ? &a : &b, pa + i * SZ_4K);
	KUNIT_EXPECT_EQ(test, a.nr, 2);
	hyp_pgt_pool_splice(&a, &b);
	KUNIT_EXPECT_EQ(test, a.nr, 4);
	KUNIT_EXPECT_EQ(test, b.nr, 0);
	KUNIT_EXPECT_EQ(test, b.head, 0);
	hyp_pgt_pool_splice(&b, &a);
	KUNIT_EXPECT_EQ(test, b.nr, 4);
	for (i = 0; i < 4; i++) {
		u64 got = hyp_pgt_pool_get(&b, true);

		KUNIT_ASSERT_NE(test, got, 0);
		hyp_pf_wmb();
		KUNIT_EXPECT_EQ(test, sim_device_read64(got), 0);
		KUNIT_EXPECT_EQ(test, sim_dirty(got, SZ_4K), 0);
	}
	KUNIT_EXPECT_EQ(test, hyp_pgt_pool_get(&b, true), 0);
	KUNIT_EXPECT_EQ(test, b.nr, 0);
}

static struct kunit_case pgt_cases[] = {
	KUNIT_CASE_PARAM(root_and_registers, pgt_gen_params),
	KUNIT_CASE(every_address_size),
	KUNIT_CASE(bad_configuration),
	KUNIT_CASE(sizes_without_gap),
	KUNIT_CASE_PARAM(check_ranges, pgt_gen_params),
	KUNIT_CASE_PARAM(check_prot, pgt_gen_params),
	KUNIT_CASE_PARAM(every_leaf_size, pgt_gen_params),
	KUNIT_CASE_PARAM(first_and_last_byte, pgt_gen_params),
	KUNIT_CASE_PARAM(mixed_leaves, pgt_gen_params),
	KUNIT_CASE_PARAM(three_sizes, pgt_gen_params),
	KUNIT_CASE_PARAM(concatenated_roots, pgt_gen_params),
	KUNIT_CASE_PARAM(oa_crosses_bit_48, pgt_gen_params),
	KUNIT_CASE_PARAM(runs_are_merged, pgt_gen_params),
	KUNIT_CASE_PARAM(runs_are_optional, pgt_gen_params),
	KUNIT_CASE_PARAM(map_enomem, pgt_gen_params),
	KUNIT_CASE_PARAM(tables_needed_is_enough, pgt_gen_params),
	KUNIT_CASE_PARAM(map_eexist, pgt_gen_params),
	KUNIT_CASE_PARAM(table_in_the_way, pgt_gen_params),
	KUNIT_CASE_PARAM(empty_table_is_replaced, pgt_gen_params),
	KUNIT_CASE_PARAM(full_table_in_the_way, pgt_gen_params),
	KUNIT_CASE_PARAM(unmap_enoent, pgt_gen_params),
	KUNIT_CASE_PARAM(unmap_e2big, pgt_gen_params),
	KUNIT_CASE_PARAM(unmap_eagain_runs, pgt_gen_params),
	KUNIT_CASE_PARAM(unmap_eagain_budget, pgt_gen_params),
	KUNIT_CASE_PARAM(tables_go_with_their_range, pgt_gen_params),
	KUNIT_CASE_PARAM(calls_end_between_tables, pgt_gen_params),
	KUNIT_CASE_PARAM(drain_all, pgt_gen_params),
	KUNIT_CASE_PARAM(protect_changes_permissions_only, pgt_gen_params),
	KUNIT_CASE_PARAM(protect_stops, pgt_gen_params),
	KUNIT_CASE_PARAM(split_rules, pgt_gen_params),
	KUNIT_CASE_PARAM(split_enomem, pgt_gen_params),
	KUNIT_CASE_PARAM(walk_visits_leaves, pgt_gen_params),
	KUNIT_CASE_PARAM(chunks_are_bounded, pgt_gen_params),
	KUNIT_CASE(pools),
	{}
};

static struct kunit_suite pgt_suite = {
	.name = "hyp_pgt",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = pgt_cases,
};

kunit_test_suite(pgt_suite);
