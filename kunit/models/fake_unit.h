/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A backend that tests of the core steer: it remembers what it was told,
 * objects to what the core must not do, and fails where the test says.
 */
#ifndef KUNIT_MODELS_FAKE_UNIT_H
#define KUNIT_MODELS_FAKE_UNIT_H

#include "core/backend.h"

#define FAKE_KIND		HYP_IOMMU_KIND('F', 'A', 'K', 'E')
#define FAKE_PAGES		2	/* of memory that a unit wants */
#define FAKE_ENDPOINT_BITS	9	/* more than the core has hash buckets */
#define FAKE_PASID_BITS		4
#define FAKE_ATTACH_PAGES	2	/* what units say that they take */
#define FAKE_MAX_UNITS		32

enum fake_op {
	FAKE_INIT,
	FAKE_BIND,
	FAKE_UNBIND,
	FAKE_ATTACH,
	FAKE_DETACH,
	FAKE_INVALIDATE,
	FAKE_WAIT,
	FAKE_FAULT,
	FAKE_STOP,
	FAKE_NR_OPS
};

struct fake_unit {
	int fail[FAKE_NR_OPS];		/* what the next calls return; 0: work */
	u32 calls[FAKE_NR_OPS];
	u32 attach_pages;		/* pages that attach takes, and detach gives */
	bool other_format;		/* for init: stage 2 with another format */
	bool noncoherent;		/* for init */
	bool notices_maps;		/* for init */
	u64 faults;			/* fault records that are there to be read */
	bool blind_faults;		/* they have no address and no PASID */
	u64 issued, completed;		/* tickets */
	u64 first, last;		/* of the last invalidation */
	void (*on_wait)(void);		/* what other CPUs do while one waits; NULL: nothing */
	struct hyp_pgt_pool held;	/* pages taken */
};

/* Steers the units of this kind by their numbers. */
extern struct fake_unit fake_units[FAKE_MAX_UNITS];
extern const struct hyp_iommu_backend fake_backend;

/* Mistakes of the core that were seen since the last call. */
u32 fake_take_errors(void);

/* Invalidations that were begun on any unit and not waited for. */
u64 fake_outstanding(void);

#endif /* KUNIT_MODELS_FAKE_UNIT_H */
