// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order checker, first on sequences that are right and wrong on purpose,
 * and then on the core, the page tables and the platform working together.
 */
#include "kunit/sim_kunit.h"
#include "kunit/core_calls.h"
#include "kunit/models/fake_unit.h"
#include "kunit/order.h"

#define PAGE	HYP_IOMMU_PAGE_SIZE
#define REGS	0x9000000ULL

static struct order order;

/* ---- sequences ---- */

static u64 issued, completed;

static u64 get_issued(void *arg)
{
	return issued;
}

static u64 get_completed(void *arg)
{
	return completed;
}

/*
 * A sequence: S store that removes, C clean of it, T and t the same for an entry
 * in another cache line, B barrier, I invalidation is issued, W it is complete, U unpin,
 * R return of a page, L link of a new table, N store into the new table, c clean of that.
 */
static const struct sequence {
	const char *steps;
	unsigned int errors;		/* of hardware that snoops */
	unsigned int nc_errors;		/* of hardware that does not */
} sequences[] = {
	{ "SCBIWU", 0, 0 },
	{ "SCBIWR", 0, 0 },
	{ "SBIWU", 0, 1 },	/* not written back */
	{ "SCIWU", 1, 1 },	/* no barrier before the invalidation */
	{ "SCBU", 1, 1 },	/* no invalidation */
	{ "SCBIU", 1, 1 },	/* it is not complete */
	{ "SCBIR", 1, 1 },
	{ "ISCBWU", 1, 1 },	/* it was too early */
	{ "SBICWBU", 0, 1 },	/* written back after the invalidation */
	{ "USCBIW", 1, 1 },	/* the unpin was too early (for the first pin: see the test) */
	{ "SCBIWSU", 1, 1 },	/* changed again */
	{ "SCBIWSCBIWU", 0, 0 },
	{ "NcBL", 0, 0 },
	{ "NL", 1, 1 },		/* a table that is not there yet */
	{ "NBL", 0, 1 },
	{ "NcL", 1, 1 },
	/* Two entries with one invalidation, in any order before it. */
	{ "SCTtBIWU", 0, 0 },
	{ "STCtBIWU", 0, 0 },
	{ "TSCtBIWR", 0, 0 },
	{ "SCBTtBIWU", 0, 0 },
	{ "STCBIWU", 0, 1 },	/* one of them is not written back */
	{ "STtBIWU", 0, 1 },
	{ "SCBITtBWU", 1, 1 },	/* one of them comes too late */
	{ "SCBTtIWU", 1, 1 },	/* ... and has no barrier of its own */
	{ "SCBIWTtBIU", 1, 1 },
	{ "TtBISCWU", 1, 1 },
	/* More than is needed. */
	{ "SCBIIWU", 0, 0 },
	{ "ISCBIWU", 0, 0 },
	{ "SCBBCBIWIWU", 0, 0 },
	{ "BU", 0, 0 },
	{ "CBIWU", 0, 0 },
	/* One after the other. */
	{ "SCBIWUSCBIWR", 0, 0 },
	{ "SCBIWUR", 0, 0 },
	{ "NcBLSCBIWU", 0, 0 },
	{ "SCBIWNcBL", 0, 0 },
	{ "SCBISCBIWU", 0, 0 },	/* the later one is for both */
	{ "SCBIWRNcBL", 0, 0 },
	{ "NcBLTtBIWR", 0, 0 },
	{ "LNcBSCBIWU", 0, 0 },	/* what is linked may be empty, and be filled later */
	{ "SCBIWUSR", 1, 1 },
	{ "SCBIWUTtBR", 1, 1 },
	{ "SCBISCBWU", 1, 1 },	/* changed again while it was under way */
	{ "SCBIWTR", 1, 1 },
	/* The right steps in the wrong places. */
	{ "SCBWIU", 1, 1 },
	{ "SCBIRW", 1, 1 },
	{ "BSCIWU", 1, 1 },
	{ "SBCIWU", 0, 1 },	/* the clean is not waited for */
	{ "CSBIWU", 0, 1 },	/* what was written back is what was there before */
	{ "SIWCBU", 1, 1 },
	{ "NBcL", 0, 1 },
	{ "NcBNL", 1, 1 },
	{ "cNBL", 0, 1 },
	{ "NLcB", 1, 1 },
};

static void describe(const struct sequence *s, char *desc)
{
	strscpy(desc, s->steps, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sequence, sequences, describe);

static void step(char what, u64 *table, u64 *new, u64 host, u64 spare)
{
	switch (what) {
	case 'S':
		/* Whatever it was, it was present. */
		WRITE_ONCE(table[1], READ_ONCE(table[1]) == 3 ? 7 : 3);
		break;
	case 'C':
		hyp_pf_clean(&table[1], 8);
		break;
	case 'T':
		WRITE_ONCE(table[64], READ_ONCE(table[64]) == 3 ? 7 : 3);
		break;
	case 't':
		hyp_pf_clean(&table[64], 8);
		break;
	case 'B':
		hyp_pf_wmb();
		break;
	case 'I':
		issued++;
		break;
	case 'W':
		completed = issued;
		break;
	case 'U':
		sim_unpin_pages(host, 1);
		break;
	case 'R':
		hyp_pf_return_pages(spare, 1);
		break;
	case 'N':
		WRITE_ONCE(new[3], READ_ONCE(new[3]) == 0x1003 ? 0x2003 : 0x1003);
		break;
	case 'c':
		hyp_pf_clean(&new[3], 8);
		break;
	case 'L':
		WRITE_ONCE(table[8], hyp_pf_pa(new) | 3);
		break;
	}
}

static unsigned int play(struct kunit *test, const char *steps, bool noncoherent)
{
	u64 host, spare, *table, *new;

	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, &(struct sim_cfg){
		.noncoherent = noncoherent }), 0);
	issued = 5;
	completed = 5;
	table = hyp_pf_va(sim_alloc(SIM_HYP, 1, 0));
	new = hyp_pf_va(sim_alloc(SIM_HYP, 1, 0));
	spare = sim_alloc(SIM_HYP, 1, 0);
	host = sim_alloc(SIM_HOST, 1, 0);
	KUNIT_ASSERT_EQ(test, sim_pin_pages(host, 1), 0);
	table[1] = 1;
	table[64] = 1;
	sim_kunit_expect_errors();
	order = (struct order){ .issued = get_issued, .completed = get_completed };
	order_begin(&order);
	if (steps[0] == 'U') {
		/* An entry that went before the sequence began. */
		WRITE_ONCE(table[2], 1);
		WRITE_ONCE(table[2], 0);
	}
	for (; *steps; steps++)
		step(*steps, table, new, host, spare);
	order_end(&order);
	return sim_take_errors();
}

static void sequences_are_judged(struct kunit *test)
{
	const struct sequence *s = test->param_value;

	if (!ORDER_WORKS)
		kunit_skip(test, "stores are traced in user space only");
	KUNIT_EXPECT_EQ(test, play(test, s->steps, false), s->errors);
	KUNIT_EXPECT_EQ(test, play(test, s->steps, true), s->nc_errors);
}

/* ---- the core ---- */

static u32 nr_units;	/* the core keeps them for good */

static u64 fake_issued(void *arg)
{
	return fake_units[nr_units - 1].issued;
}

static u64 fake_completed(void *arg)
{
	return fake_outstanding() ? 0 : fake_units[nr_units - 1].completed;
}

static u32 random_u32(void)
{
	static u64 x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (u32)(x >> 32);
}

static u64 make_domain(struct kunit *test, bool noncoherent)
{
	static const struct sim_mmio_ops ops = { .read = NULL };
	u32 unit = nr_units++;
	u64 regs = REGS + unit * PAGE, root;
	struct hyp_iommu_ret ret;

	KUNIT_ASSERT_EQ(test, sim_mmio_register(regs, PAGE, &ops, NULL), 0);
	fake_units[unit].noncoherent = noncoherent;
	ret = call(HYP_IOMMU_UNIT_ADD, FAKE_KIND, regs, PAGE, 0,
		   sim_alloc(SIM_HOST, FAKE_PAGES, FAKE_PAGES * PAGE), FAKE_PAGES);
	KUNIT_ASSERT_EQ(test, ret.status, 0);
	KUNIT_ASSERT_EQ(test, ret.done, unit);
	ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_2, 0);
	KUNIT_ASSERT_EQ(test, ret.status, -ENOMEM);
	root = sim_alloc(SIM_HOST, ret.need, ret.need * PAGE);
	ret = call(HYP_IOMMU_DOMAIN_ALLOC, unit, HYP_IOMMU_STAGE_2, root);
	KUNIT_ASSERT_EQ(test, ret.status, 0);
	KUNIT_ASSERT_EQ(test, call(HYP_IOMMU_ATTACH, ret.done, unit, 1,
				   HYP_IOMMU_NO_PASID).status, 0);
	return ret.done;
}

static void map_some(struct kunit *test, u64 domain, u64 ia, u64 oa, u64 size)
{
	u64 done = 0, prot = HYP_IOMMU_READ | (random_u32() & 1 ? HYP_IOMMU_WRITE : 0);

	while (done < size) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_MAP, domain, ia + done, oa + done,
						size - done, prot);

		done += ret.done;
		if (ret.status == -EEXIST)
			return;
		if (ret.status == -ENOMEM)
			ret = call(HYP_IOMMU_POOL_DONATE, domain,
				   sim_alloc(SIM_HOST, ret.need, 0), ret.need);
		KUNIT_ASSERT_EQ(test, ret.status, 0);
	}
}

/* Unmap whatever there is. */
static void unmap_some(struct kunit *test, u64 domain, u64 ia, u64 size)
{
	u64 done = 0;

	while (done < size) {
		struct hyp_iommu_ret ret = call(HYP_IOMMU_UNMAP, domain, ia + done, size - done);

		done += ret.done;
		if (ret.status == -ENOENT || ret.status == -E2BIG)
			done += PAGE;
		else
			KUNIT_ASSERT_EQ(test, ret.status, 0);
	}
}

/*
 * Small leaves, big ones, and as many small ones as fill a table, which goes
 * when they are unmapped together.
 */
static void work(struct kunit *test, u64 domain)
{
	u64 window = 8 * SZ_2M, memory = sim_alloc(SIM_HOST, window / PAGE + 1, SZ_2M);
	unsigned int i;

	KUNIT_ASSERT_NE(test, memory, 0);
	for (i = 0; i < 500; i++) {
		u32 kind = random_u32() % 4;
		u64 unit = kind < 2 ? SZ_2M : PAGE;
		u64 start = random_u32() % (window / unit) * unit;
		u64 size = min((1 + random_u32() % (kind < 2 ? 3 : 40)) * unit, window - start);
		u64 oa = memory + start + (kind ? 0 : PAGE);

		if (!kind || random_u32() % 2)
			unmap_some(test, domain, SZ_1G + start, size);
		if (!kind || random_u32() % 2)
			map_some(test, domain, SZ_1G + start, oa, size);
		if (!(random_u32() % 64))
			call(HYP_IOMMU_POOL_RECLAIM, domain);
	}
}

static void take_down(struct kunit *test, u64 domain)
{
	struct hyp_iommu_ret ret;

	KUNIT_EXPECT_EQ(test, call(HYP_IOMMU_DETACH, domain, nr_units - 1, 1,
				   HYP_IOMMU_NO_PASID).status, 0);
	do {
		ret = call(HYP_IOMMU_DOMAIN_FREE, domain);
	} while (ret.status == -EAGAIN);
	KUNIT_EXPECT_EQ(test, ret.status, 0);
	do {
		ret = call(HYP_IOMMU_POOL_RECLAIM, HYP_IOMMU_NO_DOMAIN);
	} while (!ret.status);
	KUNIT_EXPECT_EQ(test, ret.status, -ENOENT);
	KUNIT_EXPECT_EQ(test, sim_total_pins(), 0);
	/* The unit's. */
	KUNIT_EXPECT_EQ(test, sim_owned_pages(SIM_HYP), FAKE_PAGES);
}

static void core_keeps_the_order(struct kunit *test, bool noncoherent)
{
	u64 domain;

	if (!ORDER_WORKS)
		kunit_skip(test, "stores are traced in user space only");
	KUNIT_ASSERT_EQ(test, sim_kunit_setup(test, &(struct sim_cfg){
		.noncoherent = noncoherent, .seed = 1, .size = SZ_64M }), 0);
	domain = make_domain(test, noncoherent);
	order = (struct order){ .issued = fake_issued, .completed = fake_completed };
	order_begin(&order);
	work(test, domain);
	KUNIT_EXPECT_EQ(test, order_end(&order), 0);
	KUNIT_EXPECT_GT(test, order.removals, 1000);
	KUNIT_EXPECT_GT(test, order.links, 4);
	KUNIT_EXPECT_GT(test, order.releases, 500);
	take_down(test, domain);
	KUNIT_EXPECT_EQ(test, fake_take_errors(), 0);
}

static void core_keeps_the_order_coherent(struct kunit *test)
{
	core_keeps_the_order(test, false);
}

static void core_keeps_the_order_noncoherent(struct kunit *test)
{
	core_keeps_the_order(test, true);
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE_PARAM(sequences_are_judged, sequence_gen_params),
	KUNIT_CASE(core_keeps_the_order_coherent),
	KUNIT_CASE(core_keeps_the_order_noncoherent),
	{}
};

static struct kunit_suite order_suite = {
	.name = "hyp_iommu_order",
	.init = sim_kunit_init,
	.exit = sim_kunit_exit,
	.test_cases = order_cases,
};

kunit_test_suite(order_suite);
