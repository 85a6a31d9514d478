// SPDX-License-Identifier: GPL-2.0-only
/* The backends that the core knows in the test suites. */
#include "core/backend.h"
#include "backends/null/null.h"
#include "backends/smmuv3/smmuv3.h"
#include "backends/vtd/vtd.h"
#include "kunit/models/fake_unit.h"

const struct hyp_iommu_backend *const hyp_iommu_backends[] = {
	&fake_backend,
	&hyp_null_backend,
	&hyp_smmuv3_backend,
	&hyp_vtd_backend,
	NULL
};
