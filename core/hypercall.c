// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The hypercall table.  Here a call is checked against its number of arguments
 * and the phase it belongs to; each handler checks the values before it
 * changes anything.
 */
#include "core/hypercall.h"
#include "core/domain.h"

enum phase {
	BEFORE = 1 << 0,	/* the hypervisor finalises */
	AFTER = 1 << 1,
	ALWAYS = BEFORE | AFTER,
};

struct call {
	u8 nr_args;
	u8 phase;
	int (*fn)(const u64 *args, struct hyp_iommu_ret *ret);
};

u64 hyp_iommu_stats[HYP_IOMMU_NR_STATS];

static u64 calls[HYP_IOMMU_NR_CALLS];
static u64 errors[HYP_IOMMU_NR_CALLS];

static int call_version(const u64 *args, struct hyp_iommu_ret *ret)
{
	ret->done = HYP_IOMMU_ABI_VERSION;
	ret->need = hyp_pf_isolates() ? HYP_IOMMU_CAP_ISOLATION : 0;
	return 0;
}

static int call_stat(const u64 *args, struct hyp_iommu_ret *ret)
{
	u64 stat = args[0], nr = args[1];

	switch (stat) {
	case HYP_IOMMU_STAT_CALLS:
	case HYP_IOMMU_STAT_ERRORS:
		if (nr >= HYP_IOMMU_NR_CALLS)
			return -EINVAL;
		nr = hyp_pf_nospec(nr, HYP_IOMMU_NR_CALLS);
		ret->done = hyp_iommu_counted(stat == HYP_IOMMU_STAT_CALLS ? &calls[nr] :
									     &errors[nr]);
		return 0;
	case HYP_IOMMU_STAT_POOL:
		if (nr)
			return -EINVAL;
		hyp_pf_lock(&hyp_iommu_devices);
		ret->done = hyp_iommu_pool.nr;
		hyp_pf_unlock(&hyp_iommu_devices);
		return 0;
	default:
		if (nr || stat >= HYP_IOMMU_NR_STATS)
			return -EINVAL;
		stat = hyp_pf_nospec(stat, HYP_IOMMU_NR_STATS);
		ret->done = hyp_iommu_counted(&hyp_iommu_stats[stat]);
		return 0;
	}
}

/* Those of other files, with what they get. */
#define HANDLER(name, ...)							\
static int call_##name(const u64 *args, struct hyp_iommu_ret *ret)		\
{										\
	return hyp_iommu_##name(__VA_ARGS__);					\
}										\
static_assert(true)

HANDLER(unit_add, args, &ret->done, &ret->need);
HANDLER(mmio_allow, args[0], args[1]);
HANDLER(unit_info, args[0], args[1], &ret->done);
HANDLER(pool_donate, args[0], args[1], args[2], &ret->done);
HANDLER(pool_reclaim, args[0], &ret->done);
HANDLER(domain_alloc, args[0], args[1], args[2], &ret->done, &ret->need);
HANDLER(domain_free, args[0]);
HANDLER(domain_info, args[0], args[1], &ret->done);
HANDLER(attach, args[0], args[1], args[2], args[3], &ret->need);
HANDLER(detach, args[0], args[1], args[2], args[3]);
HANDLER(map, args[0], args[1], args[2], args[3], args[4], &ret->done, &ret->need);
HANDLER(unmap, args[0], args[1], args[2], args[3], &ret->done, &ret->need);
HANDLER(iova_to_phys, args[0], args[1], &ret->done);
HANDLER(fault_read, args[0], &ret->done, &ret->need);
HANDLER(map_sg, args[0], args[1], args[2], args[3], args[4], &ret->done, &ret->need);
HANDLER(sync, args[0]);
HANDLER(unmap_list, args[0], args[1], args[2], &ret->done, &ret->need);

static const struct call table[HYP_IOMMU_NR_CALLS] = {
	[HYP_IOMMU_VERSION]		= { 0, ALWAYS, call_version },
	[HYP_IOMMU_STAT]		= { 2, ALWAYS, call_stat },
	[HYP_IOMMU_UNIT_ADD]		= { 6, BEFORE, call_unit_add },
	[HYP_IOMMU_MMIO_ALLOW]		= { 2, BEFORE, call_mmio_allow },
	[HYP_IOMMU_UNIT_INFO]		= { 2, ALWAYS, call_unit_info },
	[HYP_IOMMU_POOL_DONATE]		= { 3, ALWAYS, call_pool_donate },
	[HYP_IOMMU_POOL_RECLAIM]	= { 1, ALWAYS, call_pool_reclaim },
	[HYP_IOMMU_DOMAIN_ALLOC]	= { 3, ALWAYS, call_domain_alloc },
	[HYP_IOMMU_DOMAIN_FREE]		= { 1, ALWAYS, call_domain_free },
	[HYP_IOMMU_DOMAIN_INFO]		= { 2, ALWAYS, call_domain_info },
	[HYP_IOMMU_ATTACH]		= { 4, ALWAYS, call_attach },
	[HYP_IOMMU_DETACH]		= { 4, ALWAYS, call_detach },
	[HYP_IOMMU_MAP]			= { 5, ALWAYS, call_map },
	[HYP_IOMMU_UNMAP]		= { 4, ALWAYS, call_unmap },
	[HYP_IOMMU_IOVA_TO_PHYS]	= { 2, ALWAYS, call_iova_to_phys },
	[HYP_IOMMU_FAULT_READ]		= { 1, ALWAYS, call_fault_read },
	[HYP_IOMMU_MAP_SG]		= { 5, ALWAYS, call_map_sg },
	[HYP_IOMMU_SYNC]		= { 1, ALWAYS, call_sync },
	[HYP_IOMMU_UNMAP_LIST]		= { 3, ALWAYS, call_unmap_list },
};

static int dispatch(u64 nr, const u64 *args, struct hyp_iommu_ret *ret)
{
	const struct call *call = &table[nr];
	u32 i;

	if (!(call->phase & (hyp_pf_finalised() ? AFTER : BEFORE)))
		return -EOPNOTSUPP;
	for (i = call->nr_args; i < HYP_IOMMU_MAX_ARGS; i++) {
		if (args[i])
			return -EINVAL;
	}
	return call->fn(args, ret);
}

void hyp_iommu_dispatch(u64 nr, const u64 args[HYP_IOMMU_MAX_ARGS], struct hyp_iommu_ret *ret)
{
	*ret = (struct hyp_iommu_ret){ .status = -EOPNOTSUPP };
	if (nr >= HYP_IOMMU_NR_CALLS)
		return;

	nr = hyp_pf_nospec(nr, HYP_IOMMU_NR_CALLS);
	ret->status = dispatch(nr, args, ret);
	hyp_iommu_count(&calls[nr], 1);
	if (ret->status < 0)
		hyp_iommu_count(&errors[nr], 1);
}
