// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables: shape, leaves and permissions, for every format in every
 * configuration.  What hardware would see is told by ref_walk.c.  The rules of
 * pgtable/pgtable.h have one case each, here and in pgt_*_test.c.
 */
#include "kunit/pgt_env.h"

/* ---- shape ---- */

static void root_and_registers(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	const struct pgt_param *p = e->p;
	struct hyp_pgt_vmsa_regs regs;
	u64 size = ref_root_size(&e->regs), sizes = 0;
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
		sizes |= pgt_leaf_size(e, i);
	KUNIT_EXPECT_EQ(test, e->pgt.cfg.sizes, sizes);
	KUNIT_EXPECT_EQ(test, e->pgt.tables, 0);
	if (pgt_is_vtd(p))
		return;

	hyp_pgt_vmsa_regs(&e->pgt, &regs);
	KUNIT_EXPECT_EQ(test, regs.ttb, e->pgt.root_pa);
	KUNIT_EXPECT_EQ(test, regs.sh, 3);
	KUNIT_EXPECT_EQ(test, regs.irgn, 1);
	KUNIT_EXPECT_EQ(test, regs.orgn, 1);
	e = pgt_new(test, HYP_PGT_NONCOHERENT, 0, 0);
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

static void every_address_size_vtd(struct kunit *test)
{
	static const struct hyp_pgt_fmt *const fmts[] = { &hyp_pgt_vtd_fs, &hyp_pgt_vtd_ss };
	unsigned int i, ia, oa;

	for (i = 0; i < 2; i++) {
		for (ia = 0; ia < 256; ia++) {
			for (oa = 0; oa < 256; oa += oa < 64 ? 1 : 64) {
				struct hyp_pgt_cfg cfg = { .ia_bits = ia, .oa_bits = oa,
							   .sizes = PGT_ALL_SIZES };
				bool ok = oa >= 32 && oa <= 52 && (i ? ia >= 31 && ia <= 57 :
								   ia >= 39 && ia <= 56);
				unsigned int levels = i ? ia > 48 ? 5 : ia > 39 ? 4 : 3 :
						      ia > 47 ? 5 : 4;
				struct hyp_pgt_vtd_regs r;
				struct hyp_pgt pgt;

				KUNIT_ASSERT_EQ_MSG(test, hyp_pgt_root_size(fmts[i], &cfg),
						    ok ? 4096 : 0, "%u: %u %u", i, ia, oa);
				if (!ok)
					continue;
				KUNIT_ASSERT_EQ(test, hyp_pgt_init(&pgt, fmts[i], &cfg, 0), 0);
				hyp_pgt_vtd_regs(&pgt, &r);
				KUNIT_ASSERT_EQ(test, pgt.top + 1, levels);
				KUNIT_ASSERT_EQ(test, r.aw, levels - (i ? 2 : 4));
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
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
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

	for (i = 0; i < PGT_NR_FEATURES; i++) {
		e = pgt_new(test, pgt_features[i], 0, 0);
		for (prot = 1; prot < 0x100; prot++) {
			bool ok = !(prot & ~(u32)HYP_IOMMU_PROT_MASK) && (prot & PGT_RW) &&
				  (prot & (HYP_IOMMU_MMIO | HYP_IOMMU_CACHE)) !=
				  (HYP_IOMMU_MMIO | HYP_IOMMU_CACHE);

			KUNIT_ASSERT_EQ_MSG(test, hyp_pgt_check(&e->pgt, 0, 0, e->unit, prot), ok,
					    "%x", prot);
			if (!ok)
				continue;
			pgt_map(e, 0, pgt_oa(e), e->unit, prot);
			pgt_expect(e, 0, pgt_oa(e), e->unit, prot);
			pgt_unmap(e, 0, e->unit);
		}
		KUNIT_EXPECT_FALSE(test, hyp_pgt_check(&e->pgt, 0, 0, e->unit, 1U << 31 | PGT_RW));
	}
}

/* ---- map and unmap ---- */

static void every_leaf_size(struct kunit *test)
{
	unsigned int f, i, k;

	for (f = 0; f < PGT_NR_FEATURES; f++) {
		struct pgt_env *e = pgt_new(test, pgt_features[f], 0, 0);

		for (i = 0; i < 3 && e->p->lg2[i]; i++) {
			u64 size = pgt_leaf_size(e, i);
			const u64 ia[] = { 0, pgt_mid(e) - size, pgt_mid(e), e->end - size };

			for (k = 0; k < ARRAY_SIZE(ia); k++) {
				pgt_map(e, ia[k], pgt_oa(e), size, PGT_RW | HYP_IOMMU_CACHE);
				pgt_expect_range(e, ia[k], pgt_oa(e), size, size,
						 PGT_RW | HYP_IOMMU_CACHE);
				pgt_expect_none(e, ia[k] ? ia[k] - 1 : e->end - 1);
				pgt_unmap(e, ia[k], size);
				pgt_expect_none(e, ia[k]);
				pgt_expect_none(e, ia[k] + size - 1);
				KUNIT_EXPECT_EQ(test, e->g.leaf_levels, 1 << i);
				pgt_check(e);
				pgt_empty(e);
			}
		}
	}
}

static void first_and_last_byte(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 oa;

	pgt_map(e, 0, pgt_oa(e), e->unit, PGT_RW);
	pgt_map(e, e->end - e->unit, (1ULL << e->p->oa_bits) - e->unit, e->unit, PGT_READ);
	pgt_expect_range(e, 0, pgt_oa(e), e->unit, e->unit, PGT_RW);
	pgt_expect(e, e->end - 1, (1ULL << e->p->oa_bits) - 1, e->unit, PGT_READ);
	pgt_expect_none(e, e->end);
	pgt_expect_none(e, ~0ULL);
	KUNIT_EXPECT_FALSE(test, hyp_pgt_lookup(&e->pgt, e->end, &oa));
	KUNIT_EXPECT_FALSE(test, hyp_pgt_lookup(&e->pgt, ~0ULL, &oa));
	pgt_unmap(e, 0, e->unit);
	pgt_unmap(e, e->end - e->unit, e->unit);
	KUNIT_EXPECT_EQ(test, e->g.start, 0);
	KUNIT_EXPECT_EQ(test, e->g.last, e->end - 1);
	pgt_check(e);
}

/* Small leaves up to a border, big ones, small ones again; not aligned: small. */
static void mixed_leaves(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 b = pgt_big(e), u = e->unit, oa = pgt_oa(e), ia;

	if (!b) {
		kunit_skip(test, "one leaf size");
		return;
	}
	ia = pgt_mid(e) - b - u;
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

	pgt_map(e, pgt_mid(e), oa + u, b, PGT_RW);
	pgt_expect_range(e, pgt_mid(e), oa + u, b, u, PGT_RW);
	pgt_map(e, pgt_mid(e) - b + u, oa, b - u, PGT_RW);
	pgt_expect_range(e, pgt_mid(e) - b + u, oa, b - u, u, PGT_RW);
	pgt_unmap(e, pgt_mid(e) - b + u, 2 * b - u);
	KUNIT_EXPECT_EQ(test, e->g.nr, 2);
	pgt_check(e);
}

/* The three sizes in one call: at the start of 1G, 512M or 4T. */
static void three_sizes(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 b = pgt_big(e), g = pgt_leaf_size(e, 2), u = e->unit, oa = pgt_oa(e), ia;

	if (!g || e->end < 8 * g || (1ULL << e->p->oa_bits) < 8 * g) {
		kunit_skip(test, "no third size, or no room for it");
		return;
	}
	ia = pgt_mid(e) - g - b - u;
	pgt_map(e, ia, oa - g - b - u, 2 * g + 2 * b + 2 * u, PGT_RW);
	pgt_expect(e, ia, oa - g - b - u, u, PGT_RW);
	pgt_expect_range(e, ia + u, oa - g - b, b, b, PGT_RW);
	pgt_expect_range(e, ia + u + b, oa - g, g, g, PGT_RW);
	pgt_expect_range(e, pgt_mid(e), oa, g, g, PGT_RW);
	pgt_expect_range(e, pgt_mid(e) + g, oa + g, b, b, PGT_RW);
	pgt_expect(e, pgt_mid(e) + g + b, oa + g + b, u, PGT_RW);
	pgt_unmap(e, ia, 2 * g + 2 * b + 2 * u);
	KUNIT_EXPECT_EQ(test, e->g.nr, 1);
	KUNIT_EXPECT_EQ(test, e->g.leaf_levels, 7);
	pgt_check(e);
}

/* Over the border of two concatenated tables, and over all of a root's table. */
static void concatenated_roots(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 100);
	u64 span = e->end / max(e->p->roots, 1U), u = e->unit, i;

	if (e->p->roots < 2) {
		kunit_skip(test, "one table");
		return;
	}
	for (i = 1; i < e->p->roots; i++) {
		pgt_map(e, i * span - 2 * u, pgt_oa(e) + i * 16 * u, 4 * u, PGT_RW);
		pgt_expect_range(e, i * span - 2 * u, pgt_oa(e) + i * 16 * u, 4 * u, u, PGT_RW);
	}
	for (i = 1; i < e->p->roots; i++) {
		pgt_unmap(e, i * span - 2 * u, 4 * u);
		pgt_expect_none(e, i * span);
		pgt_expect_none(e, i * span - u);
		if (i + 1 < e->p->roots)
			pgt_expect(e, (i + 1) * span, pgt_oa(e) + (i + 1) * 16 * u + 2 * u, u,
				   PGT_RW);
	}
	pgt_check(e);
}

/* An output address that crosses bit 48, which the 64K granule keeps elsewhere. */
static void oa_crosses_bit_48(struct kunit *test)
{
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
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
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, ia = pgt_mid(e) - 4 * u, oa = pgt_oa(e), i;

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
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 i, u = e->unit, done;

	for (i = 0; i < 8; i++)
		pgt_map(e, i * u, pgt_oa(e) + 2 * i * u, u, PGT_RW);
	e->g = HYP_PGT_GATHER(NULL, 0, 100);
	KUNIT_EXPECT_EQ(test, pgt_try_unmap(e, 0, 8 * u, &done), 0);
	KUNIT_EXPECT_EQ(test, e->g.nr, 0);
	KUNIT_EXPECT_EQ(test, e->g.last, 8 * u - 1);
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
	struct pgt_env *e = pgt_new(test, 0, 0, 0);
	u64 u = e->unit, b = pgt_big(e), ia = pgt_mid(e), oa = pgt_oa(e);
	struct seen s = { .nr = 0 };
	unsigned int i, k = 0;
	struct ref_leaf ref;

	pgt_fill_some(e);
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
		KUNIT_EXPECT_EQ(test, ref_walk(&e->regs, s.leaf[k].ia, &ref), REF_OK);
		KUNIT_EXPECT_EQ(test, s.leaf[k].pte, ref.desc);
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

static struct kunit_case pgt_cases[] = {
	KUNIT_CASE_PARAM(root_and_registers, pgt_gen_params),
	KUNIT_CASE(every_address_size),
	KUNIT_CASE(every_address_size_vtd),
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
	KUNIT_CASE_PARAM(walk_visits_leaves, pgt_gen_params),
	{}
};

static struct kunit_suite pgt_suite = {
	.name = "hyp_pgt",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = pgt_cases,
};

kunit_test_suite(pgt_suite);
