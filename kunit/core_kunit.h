/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core's suites share (core_<unit>_test.c): they use it through its
 * hypercalls, on the simulated platform, with units that they steer
 * (models/fake_unit.h).
 *
 * The core's state outlives a case, as a hypervisor's does, and in a kernel it
 * outlives a suite: each case takes down what it made, and core_exit() checks
 * that nothing is left.
 */
#ifndef HYP_IOMMU_CORE_KUNIT_H
#define HYP_IOMMU_CORE_KUNIT_H

#include "core/domain.h"
#include "kunit/core_calls.h"
#include "kunit/models/fake_unit.h"
#include "platform/sim/sim.h"

#define PAGE	HYP_IOMMU_PAGE_SIZE
#define RW	(HYP_IOMMU_READ | HYP_IOMMU_WRITE)
#define REGS	0x9000000ULL	/* of unit n: REGS + n * REGS_SIZE */
#define REGS_SIZE	0x10000ULL
#define WINDOW	0x8080000ULL

/* Units that all suites use; those from UNIT_BROKEN on are for cases that break them. */
extern u32 core_first_unit;	/* a suite before these may have added some */
#define UNIT_A			(core_first_unit + 0)
#define UNIT_B			(core_first_unit + 1)
#define UNIT_OTHER_FORMAT	(core_first_unit + 2)
#define UNIT_NONCOHERENT	(core_first_unit + 3)
#define UNIT_NOTICES_MAPS	(core_first_unit + 4)
#define UNIT_BROKEN		(core_first_unit + 5)

extern u32 core_broken_units;	/* used up so far */

/* 6 pages of the host's memory, but for windows where the second and the fifth would be. */
extern u64 core_windows;

/* The number of the unit that is added next. */
static __maybe_unused u32 core_next_unit(void)
{
	return UNIT_BROKEN + core_broken_units;
}

/* The host is trusted, for units are added; or it is hostile already. */
int core_suite_init(struct kunit_suite *suite);
int core_hostile_suite_init(struct kunit_suite *suite);
int core_init(struct kunit *test);
void core_exit(struct kunit *test);

/* Make registers of unit @nr that do nothing.  Return: their address. */
u64 core_add_registers(u32 nr);

/* Add a unit that the case may break: no suite ever uses it again. */
u32 core_broken_unit(struct kunit *test);

u64 core_alloc_domain_of(struct kunit *test, u32 unit);
void core_donate(struct kunit *test, u64 domain, u64 nr);

/* A domain with @tables pages in its pool. */
u64 core_domain(struct kunit *test, u32 unit, u64 tables);

/* Take all spare pages back, as the host does when it is done. */
void core_reclaim_all(struct kunit *test);

/* Numbers that look random and are the same each time; the state is not 0. */
u64 core_random(u64 *state, u64 below);

static __maybe_unused u64 stat(enum hyp_iommu_stat what)
{
	return call(HYP_IOMMU_STAT, what, 0).done;
}

/* Without those that units which were lost keep. */
static __maybe_unused u64 pins(void)
{
	return sim_total_pins() - stat(HYP_IOMMU_STAT_STUCK);
}

static __maybe_unused u64 domain_info(u64 domain, enum hyp_iommu_domain_info what)
{
	return call(HYP_IOMMU_DOMAIN_INFO, domain, what).done;
}

static __maybe_unused u64 alloc_domain(struct kunit *test)
{
	return core_alloc_domain_of(test, UNIT_A);
}

static __maybe_unused s64 allow(u64 pa, u64 size)
{
	return call(HYP_IOMMU_MMIO_ALLOW, pa, size).status;
}

static __maybe_unused s64 map(u64 domain, u64 ia, u64 oa, u64 size)
{
	return call(HYP_IOMMU_MAP, domain, ia, oa, size, RW).status;
}

static __maybe_unused s64 unmap(u64 domain, u64 ia, u64 size)
{
	return call(HYP_IOMMU_UNMAP, domain, ia, size).status;
}

static __maybe_unused s64 attach(u64 domain, u32 unit, u64 endpoint)
{
	return call(HYP_IOMMU_ATTACH, domain, unit, endpoint, HYP_IOMMU_NO_PASID).status;
}

static __maybe_unused s64 detach(u64 domain, u32 unit, u64 endpoint)
{
	return call(HYP_IOMMU_DETACH, domain, unit, endpoint, HYP_IOMMU_NO_PASID).status;
}

#endif /* HYP_IOMMU_CORE_KUNIT_H */
