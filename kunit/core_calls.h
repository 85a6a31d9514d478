/* SPDX-License-Identifier: GPL-2.0-only */
/* What suites share that use the core as a host does: hypercalls, and the end of a domain. */
#ifndef HYP_IOMMU_CORE_CALLS_H
#define HYP_IOMMU_CORE_CALLS_H

#include <kunit/test.h>

#include "core/hypercall.h"

/* Memory of the machine, for all suites in one kernel: none of it is handed out twice. */
#define CORE_MEMORY	(64ULL << 20)

static __maybe_unused struct hyp_iommu_ret
call_array(u64 nr, const u64 *args)
{
	struct hyp_iommu_ret ret;

	hyp_iommu_dispatch(nr, args, &ret);
	return ret;
}

/* call(nr, args...); arguments that are left out are 0. */
#define call(nr, ...) \
	call_array(nr, (u64[HYP_IOMMU_MAX_ARGS]) { __VA_ARGS__ })

/* In parts, as the hypervisor wants it; of which there is an end. */
static __maybe_unused void
free_domain(struct kunit *test, u64 domain)
{
	struct hyp_iommu_ret ret;
	int i;

	for (i = 0; i < 10000; i++) {
		ret = call(HYP_IOMMU_DOMAIN_FREE, domain);
		if (ret.status != -EAGAIN)
			break;
	}
	KUNIT_EXPECT_EQ(test, ret.status, 0);
}

#endif /* HYP_IOMMU_CORE_CALLS_H */
