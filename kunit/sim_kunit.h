/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ties the simulated platform to KUnit: a test begins with a new machine, and
 * what the simulation finds wrong fails the test.  For a suite without an
 * init of its own:
 *
 *	static struct kunit_suite suite = {
 *		.init = sim_kunit_init, .exit = sim_kunit_exit, ...
 */
#ifndef HYP_IOMMU_SIM_KUNIT_H
#define HYP_IOMMU_SIM_KUNIT_H

#include <kunit/test.h>
#include <kunit/test-bug.h>
#include "platform/sim/sim.h"

/* Pins of one piece of memory. */
static inline int sim_pin_pages(u64 pa, u64 nr)
{
	const struct hyp_iommu_sg piece = { pa, nr << HYP_IOMMU_PAGE_SHIFT };
	u32 done;

	return hyp_pf_pin(&piece, 1, &done);
}

static inline void sim_unpin_pages(u64 pa, u64 nr)
{
	const struct hyp_iommu_sg piece = { pa, nr << HYP_IOMMU_PAGE_SHIFT };

	hyp_pf_unpin(&piece, 1);
}

static void __maybe_unused sim_kunit_fail(const char *msg)
{
	kunit_fail_current_test("sim: %s", msg);
}

/* A machine as @cfg says; NULL: the usual one.  To be called in init or in the test. */
static int __maybe_unused sim_kunit_setup(struct kunit *test, const struct sim_cfg *cfg)
{
	sim_set_error_hook(sim_kunit_fail);
	sim_take_errors();
	return sim_reset(cfg);
}

static int __maybe_unused sim_kunit_init(struct kunit *test)
{
	return sim_kunit_setup(test, NULL);
}

static void __maybe_unused sim_kunit_exit(struct kunit *test)
{
	if (sim_locks_held())
		sim_error("%u locks are still held", sim_locks_held());
	sim_set_error_hook(NULL);
	sim_set_trace(NULL, NULL);
	sim_reset(NULL);
	sim_take_errors();
}

/* From here on errors are expected: sim_take_errors() tells how many there were. */
static void __maybe_unused sim_kunit_expect_errors(void)
{
	sim_take_errors();
	sim_set_error_hook(NULL);
}

#endif /* HYP_IOMMU_SIM_KUNIT_H */
