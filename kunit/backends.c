// SPDX-License-Identifier: GPL-2.0-only
/* The backends that the core knows in the test suites. */
#include "core/backend.h"
#include "kunit/models/fake_unit.h"

extern const struct hyp_iommu_backend hyp_null_backend;
extern const struct hyp_iommu_backend hyp_smmuv3_backend;

const struct hyp_iommu_backend *const hyp_iommu_backends[] = {
	&fake_backend,
	&hyp_null_backend,
	&hyp_smmuv3_backend,
	NULL
};
