// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of VT-d's root, context and PASID tables, against numbers that were
 * put together by hand from the specification; and the writer, which must not
 * let hardware see a mixture.
 */
#include "kunit/vtd_kunit.h"

static struct hyp_pgt table(struct kunit *test, bool fs, u8 ia_bits, u32 features)
{
	const struct hyp_pgt_cfg cfg = {
		.ia_bits = ia_bits, .oa_bits = 52, .sizes = 0x40201000, .features = features,
	};
	struct hyp_pgt pgt = { 0 };

	sim_set_owner(SIM_BASE + 0x5000, 1, SIM_HYP);
	KUNIT_ASSERT_EQ(test, 0, hyp_pgt_init(&pgt, fs ? &hyp_pgt_vtd_fs : &hyp_pgt_vtd_ss,
					      &cfg, SIM_BASE + 0x5000));
	return pgt;
}

static void expect_words(struct kunit *test, struct hyp_vtd_entry e, u64 w0, u64 w1, u64 w2)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, e.w[0], w0);
	KUNIT_EXPECT_EQ(test, e.w[1], w1);
	KUNIT_EXPECT_EQ(test, e.w[2], w2);
	for (i = 3; i < 8; i++)
		KUNIT_EXPECT_EQ(test, e.w[i], 0);
}

static void builders(struct kunit *test)
{
	const u64 root = SIM_BASE + 0x5000;
	struct hyp_pgt pgt;

	KUNIT_EXPECT_EQ(test, hyp_vtd_pointer(0x12345678000), 0x12345678001);

	pgt = table(test, false, 48, 0);
	expect_words(test, hyp_vtd_ctx(&pgt, 0xabcd), root | 1, 0xabcd02, 0);
	expect_words(test, hyp_vtd_pasid_ss(&pgt, 0xabcd), root | 0x89, 0x80abcd, 0);
	pgt = table(test, false, 39, HYP_PGT_NONCOHERENT);
	expect_words(test, hyp_vtd_ctx(&pgt, 1), root | 1, 0x101, 0);
	expect_words(test, hyp_vtd_pasid_ss(&pgt, 1), root | 0x85, 1, 0);
	pgt = table(test, false, 57, HYP_PGT_SNOOP);
	expect_words(test, hyp_vtd_ctx(&pgt, 0xffff), root | 1, 0xffff03, 0);
	expect_words(test, hyp_vtd_pasid_ss(&pgt, 0xffff), root | 0x8d, 0x180ffff, 0);

	pgt = table(test, true, 47, 0);
	expect_words(test, hyp_vtd_pasid_fs(&pgt, 7), 0x49, 0x800007, root);
	pgt = table(test, true, 56, HYP_PGT_NONCOHERENT | HYP_PGT_SNOOP);
	expect_words(test, hyp_vtd_pasid_fs(&pgt, 7), 0x4d, 0x1000007, root | 4);

	expect_words(test, hyp_vtd_sm_ctx(0x7000), 0x7001, 0, 0);
}

static void descriptors(struct kunit *test)
{
	static const struct {
		struct hyp_vtd_desc (*none)(void);
		u64 w0;
	} all[] = { { hyp_vtd_cc_all, 0x11 }, { hyp_vtd_pc_all, 0x37 } };
	struct hyp_vtd_desc d;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		d = all[i].none();
		KUNIT_EXPECT_EQ(test, d.w[0], all[i].w0);
		KUNIT_EXPECT_EQ(test, d.w[1], 0);
	}
	KUNIT_EXPECT_EQ(test, hyp_vtd_cc_device(0x1234, 0xfedc).w[0], 0xfedc12340031);
	KUNIT_EXPECT_EQ(test, hyp_vtd_pc_pasid(0x1234, 0xabcde).w[0], 0xabcde12340017);
	KUNIT_EXPECT_EQ(test, hyp_vtd_iotlb_all(0xc0).w[0], 0xd2);
	KUNIT_EXPECT_EQ(test, hyp_vtd_iotlb_domain(0x1234, 0).w[0], 0x12340022);
	d = hyp_vtd_iotlb_pages(0x1234, 0x123456789fff, 3, true, 0x40);
	KUNIT_EXPECT_EQ(test, d.w[0], 0x12340072);
	KUNIT_EXPECT_EQ(test, d.w[1], 0x123456789043);
	KUNIT_EXPECT_EQ(test, hyp_vtd_piotlb_pasid(0x1234, 5).w[0], 0x512340026);
	d = hyp_vtd_piotlb_pages(0x1234, 5, 0x7000, 0, false);
	KUNIT_EXPECT_EQ(test, d.w[0], 0x512340036);
	KUNIT_EXPECT_EQ(test, d.w[1], 0x7000);
	d = hyp_vtd_wait_desc(0x123456780, 0xdeadbeef);
	KUNIT_EXPECT_EQ(test, d.w[0], 0xdeadbeef00000065);
	KUNIT_EXPECT_EQ(test, d.w[1], 0x123456780);
}

/* ---- the writer ---- */

static struct watch {
	u64 *entry;
	struct hyp_vtd_entry old, new;
	u32 words;
	u32 removed, added;
	int removed_ret, added_ret;
	bool bad;
} watch;

/* What hardware may see: the old entry, the new one, or none. */
static void look(void)
{
	u64 pa = hyp_pf_pa(watch.entry);
	u64 w[8];
	u32 i;

	for (i = 0; i < watch.words; i++)
		w[i] = sim_device_peek64(pa + 8 * i);
	if (w[0] & 1 && memcmp(w, watch.old.w, 8 * watch.words) &&
	    memcmp(w, watch.new.w, 8 * watch.words))
		watch.bad = true;
	/* Until it was dropped, hardware has the old one: nothing else may change. */
	if (watch.old.w[0] & 1 && !watch.removed &&
	    memcmp(&w[1], &watch.old.w[1], 8 * (watch.words - 1)))
		watch.bad = true;
}

static void trace(const struct sim_event *ev, void *arg)
{
	look();
}

static int removed(void *arg)
{
	if (sim_device_peek64(hyp_pf_pa(watch.entry)) & 1 || watch.added)
		watch.bad = true;
	watch.removed++;
	return watch.removed_ret;
}

static int added(void *arg)
{
	u64 pa = hyp_pf_pa(watch.entry);
	u32 i;

	for (i = 0; i < watch.words; i++)
		if (sim_device_peek64(pa + 8 * i) != watch.new.w[i])
			watch.bad = true;
	watch.added++;
	return watch.added_ret;
}

static int write_watched(struct kunit *test, bool noncoherent)
{
	const struct hyp_vtd_writer writer = {
		.words = watch.words, .noncoherent = noncoherent,
		.removed = removed, .added = added,
	};
	int ret;

	watch.removed = 0;
	watch.added = 0;
	watch.bad = false;
	sim_set_trace(trace, NULL);
	ret = hyp_vtd_entry_write(watch.entry, &watch.new, &writer);
	sim_set_trace(NULL, NULL);
	KUNIT_EXPECT_FALSE(test, watch.bad);
	KUNIT_EXPECT_EQ(test, sim_dirty(hyp_pf_pa(watch.entry), 64), 0);
	return ret;
}

static void writer_order(struct kunit *test)
{
	static const struct hyp_vtd_entry none, one = { { 0x1001, 2, 3, 4, 5, 6, 7, 8 } },
		two = { { 0x2001, 12, 13, 14, 15, 16, 17, 18 } };
	u32 i, words;

	for (i = 0; i < 2; i++) {
		const struct sim_cfg cfg = { .noncoherent = i, .seed = i * 77 };

		KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, &cfg), 0);
		for (words = 2; words <= 8; words *= 2) {
			watch = (struct watch){ .words = words, .old = none, .new = one };
			watch.entry = hyp_pf_va(sim_alloc(SIM_HYP, 1, 0));
			KUNIT_EXPECT_EQ(test, write_watched(test, i), 0);
			KUNIT_EXPECT_EQ(test, watch.removed, 0);
			KUNIT_EXPECT_EQ(test, watch.added, 1);
			watch.old = one;
			watch.new = two;
			KUNIT_EXPECT_EQ(test, write_watched(test, i), 0);
			KUNIT_EXPECT_EQ(test, watch.removed, 1);
			KUNIT_EXPECT_EQ(test, watch.added, 1);
			watch.old = two;
			watch.new = none;
			KUNIT_EXPECT_EQ(test, write_watched(test, i), 0);
			KUNIT_EXPECT_EQ(test, watch.removed, 1);
			KUNIT_EXPECT_EQ(test, watch.added, 0);
			KUNIT_EXPECT_EQ(test, memcmp(watch.entry, &none, 8 * words), 0);
		}
	}
}

static void writer_fails(struct kunit *test)
{
	static const struct hyp_vtd_entry none, one = { { 0x1001, 2, 3, 4 } },
		two = { { 0x2001, 12, 13, 14 } };

	watch = (struct watch){ .words = 4, .old = none, .new = one, .added_ret = -EIO };
	watch.entry = hyp_pf_va(sim_alloc(SIM_HYP, 1, 0));
	KUNIT_EXPECT_EQ(test, write_watched(test, false), -EIO);
	KUNIT_EXPECT_EQ(test, watch.entry[0], 0);

	watch.added_ret = 0;
	KUNIT_EXPECT_EQ(test, write_watched(test, false), 0);
	watch.old = one;
	watch.new = two;
	watch.removed_ret = -EIO;
	KUNIT_EXPECT_EQ(test, write_watched(test, false), -EIO);
	/* Not present, and what hardware may have cached is not touched. */
	KUNIT_EXPECT_EQ(test, watch.entry[0], 0);
	KUNIT_EXPECT_EQ(test, watch.entry[1], 2);
	KUNIT_EXPECT_EQ(test, watch.added, 0);
}

/* ---- fault records ---- */

static struct kunit_case cases[] = {
	KUNIT_CASE(builders),
	KUNIT_CASE(descriptors),
	KUNIT_CASE(writer_order),
	KUNIT_CASE(writer_fails),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_vtd_context",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
