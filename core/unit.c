// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Units: how they come under the hypervisor, what is known about them, and
 * the end of those that do not answer.
 */
#include "core/domain.h"

struct hyp_pf_lock hyp_iommu_devices = HYP_PF_LOCK_INIT;

/*
 * A unit is in the array for good (regs_size is not 0) from the moment on that
 * its registers are the hypervisor's; its state becomes LIVE, visibly to all,
 * when all of it is set up.
 */
struct hyp_iommu_unit hyp_iommu_units[HYP_IOMMU_MAX_UNITS];

struct hyp_iommu_unit *hyp_iommu_unit_get(u64 id)
{
	struct hyp_iommu_unit *unit;

	if (id >= HYP_IOMMU_MAX_UNITS)
		return NULL;
	unit = &hyp_iommu_units[hyp_pf_nospec(id, HYP_IOMMU_MAX_UNITS)];
	return hyp_iommu_unit_state(unit) == HYP_IOMMU_UNIT_NONE ? NULL : unit;
}

void hyp_iommu_unit_stop(struct hyp_iommu_unit *unit)
{
	if (hyp_iommu_unit_state(unit) == HYP_IOMMU_UNIT_STOPPED)
		return;
	__atomic_store_n(&unit->state, HYP_IOMMU_UNIT_STOPPED, __ATOMIC_RELEASE);
	unit->backend->stop(unit);
}

static const struct hyp_iommu_backend *find_backend(u64 kind)
{
	u32 i;

	for (i = 0; hyp_iommu_backends[i]; i++) {
		if (hyp_iommu_backends[i]->kind == kind)
			return hyp_iommu_backends[i];
	}
	return NULL;
}

/*
 * Reserve the place of the unit with these registers: the one of an earlier
 * attempt that failed, or an empty one.
 */
static int reserve_place(u64 regs_pa, u64 regs_size, struct hyp_iommu_unit **place)
{
	struct hyp_iommu_unit *unit, *empty = NULL, *found = NULL;
	int ret = 0;

	hyp_pf_lock(&hyp_iommu_devices);
	for (unit = hyp_iommu_units; unit < hyp_iommu_units + HYP_IOMMU_MAX_UNITS; unit++) {
		if (!unit->regs_size && !empty)
			empty = unit;
		if (unit->regs_pa == regs_pa && unit->regs_size == regs_size)
			found = unit;
	}
	unit = found ? found : empty;
	if (found && (found->adding || found->state != HYP_IOMMU_UNIT_NONE)) {
		ret = -EEXIST;
	} else if (!unit) {
		ret = -ENOSPC;
	} else {
		unit->adding = true;
		unit->id = unit - hyp_iommu_units;
		unit->regs_pa = regs_pa;
		unit->regs_size = regs_size;
		*place = unit;
	}
	hyp_pf_unlock(&hyp_iommu_devices);
	return ret;
}

static int take_regs(struct hyp_iommu_unit *unit)
{
	int ret;

	if (unit->regs_taken)
		return 0;
	if (hyp_iommu_mmio_overlaps(unit->regs_pa, unit->regs_size))
		return -EEXIST;
	ret = hyp_pf_take_mmio(unit->regs_pa, unit->regs_size, &unit->regs);
	if (!ret)
		unit->regs_taken = true;
	return ret;
}

/* Initialise hardware.  Return: 0, or an error, with the memory given back if that is safe. */
static int start_unit(struct hyp_iommu_unit *unit, u64 mem_pa, u64 mem_pages, u64 *need)
{
	int ret;

	if (mem_pages) {
		ret = hyp_iommu_take_pages(mem_pa, mem_pages);
		if (ret)
			return ret;
	}
	unit->mem_pa = mem_pa;
	unit->mem_pages = mem_pages;

	ret = unit->backend->init(unit, need);
	if (!ret) {
		__atomic_store_n(&unit->state, HYP_IOMMU_UNIT_LIVE, __ATOMIC_RELEASE);
		hyp_iommu_stat_add(HYP_IOMMU_STAT_UNITS, 1);
		return 0;
	}

	if (ret == -EIO) {
		/* It may have seen the memory, and may go on using it. */
		hyp_pf_lock(&hyp_iommu_devices);
		hyp_iommu_unit_stop(unit);
		hyp_pf_unlock(&hyp_iommu_devices);
		return ret;
	}
	if (mem_pages)
		hyp_iommu_return_pages(mem_pa, mem_pages);
	unit->mem_pages = 0;
	return ret;
}

/**
 * hyp_iommu_unit_add() - take a unit over
 * @args: kind, reg_pa, reg_size, flags, mem_pa, mem_pages
 * @id: gets its number
 * @need: pages wanted, with -ENOMEM
 *
 * Only before the hypervisor finalises: the host is trusted to tell where
 * units are.
 *
 * Return: 0; -EOPNOTSUPP: no backend for this kind; -EINVAL; -EEXIST: have it
 * already, or a window of hyp_iommu_mmio_allow() is in the way; -ENOSPC; or
 * see hyp_pf_take_mmio(), hyp_pf_take_pages() and the backend's init.  After
 * -EIO the unit is STOPPED, else it can be tried again.
 */
int hyp_iommu_unit_add(const u64 args[HYP_IOMMU_MAX_ARGS], u64 *id, u64 *need)
{
	u64 regs_pa = args[1], regs_size = args[2], flags = args[3];
	u64 mem_pa = args[4], mem_pages = args[5];
	const struct hyp_iommu_backend *backend = find_backend(args[0]);
	struct hyp_iommu_unit *unit;
	int ret;

	if (!backend)
		return -EOPNOTSUPP;
	if (!hyp_iommu_range_ok(regs_pa, regs_size) || flags & ~(u64)HYP_IOMMU_UNIT_FLAGS)
		return -EINVAL;
	if (mem_pages > HYP_IOMMU_MAX_UNIT_PAGES || (!mem_pages && mem_pa))
		return -EINVAL;
	if (mem_pages && !hyp_iommu_range_ok(mem_pa, mem_pages * HYP_IOMMU_PAGE_SIZE))
		return -EINVAL;

	ret = reserve_place(regs_pa, regs_size, &unit);
	if (ret)
		return ret;
	ret = take_regs(unit);
	if (!ret) {
		unit->backend = backend;
		unit->flags = flags;
		ret = start_unit(unit, mem_pa, mem_pages, need);
	}
	if (!ret)
		*id = unit->id;

	hyp_pf_lock(&hyp_iommu_devices);
	unit->adding = false;
	if (!unit->regs_taken)
		unit->regs_size = 0;
	hyp_pf_unlock(&hyp_iommu_devices);
	return ret;
}

static u64 stages_of(const struct hyp_iommu_unit *unit)
{
	u64 stages = 0;
	u32 i;

	for (i = 0; i < HYP_IOMMU_NR_STAGES; i++) {
		if (unit->stage[i].fmt)
			stages |= BIT_ULL(i);
	}
	return stages;
}

/**
 * hyp_iommu_unit_info() - tell about a unit
 * @id: its number
 * @what: enum hyp_iommu_unit_info
 * @val: gets the value
 *
 * Return: 0, -ENODEV, or -EINVAL.
 */
int hyp_iommu_unit_info(u64 id, u64 what, u64 *val)
{
	const struct hyp_iommu_unit *unit = hyp_iommu_unit_get(id);

	if (!unit)
		return -ENODEV;

	switch (what) {
	case HYP_IOMMU_UNIT_KIND:
		*val = unit->backend->kind;
		return 0;
	case HYP_IOMMU_UNIT_STATE:
		*val = hyp_iommu_unit_state(unit);
		return 0;
	case HYP_IOMMU_UNIT_STAGES:
		*val = stages_of(unit);
		return 0;
	case HYP_IOMMU_UNIT_STAGE:
		*val = unit->prefer;
		return 0;
	case HYP_IOMMU_UNIT_ENDPOINT_BITS:
		*val = unit->endpoint_bits;
		return 0;
	case HYP_IOMMU_UNIT_PASID_BITS:
		*val = unit->pasid_bits;
		return 0;
	case HYP_IOMMU_UNIT_COHERENT:
		*val = unit->coherent;
		return 0;
	case HYP_IOMMU_UNIT_ENDPOINTS:
		*val = READ_ONCE(unit->endpoints);
		return 0;
	case HYP_IOMMU_UNIT_PAGES:
		*val = unit->mem_pages;
		return 0;
	case HYP_IOMMU_UNIT_COMMANDS:
		*val = hyp_iommu_counted(&unit->commands);
		return 0;
	case HYP_IOMMU_UNIT_WAITS:
		*val = hyp_iommu_counted(&unit->waits);
		return 0;
	case HYP_IOMMU_UNIT_FAULTS:
		*val = hyp_iommu_counted(&unit->faults);
		return 0;
	case HYP_IOMMU_UNIT_FAULTS_LOST:
		*val = hyp_iommu_counted(&unit->faults_lost);
		return 0;
	default:
		return -EINVAL;
	}
}

static u64 pack_fault(const struct hyp_iommu_fault *fault)
{
	u64 info = fault->endpoint | (u64)fault->reason << HYP_IOMMU_FAULT_REASON_SHIFT;

	if (fault->write)
		info |= HYP_IOMMU_FAULT_WRITE;
	if (fault->no_address)
		info |= HYP_IOMMU_FAULT_NO_ADDRESS;
	if (fault->has_pasid) {
		info |= HYP_IOMMU_FAULT_HAS_PASID;
		info |= (u64)fault->pasid << HYP_IOMMU_FAULT_PASID_SHIFT & HYP_IOMMU_FAULT_PASID;
	}
	return info;
}

/**
 * hyp_iommu_fault_read() - take the oldest fault record of a unit
 * @id: its number
 * @ia: gets the input address
 * @info: gets the HYP_IOMMU_FAULT_* fields
 *
 * Return: 0; -ENOENT: there is none; -ENODEV; -EIO: the unit is in trouble and
 * was stopped.
 */
int hyp_iommu_fault_read(u64 id, u64 *ia, u64 *info)
{
	struct hyp_iommu_unit *unit = hyp_iommu_unit_get(id);
	struct hyp_iommu_fault fault = { 0 };
	int ret;

	if (!unit)
		return -ENODEV;

	ret = unit->backend->fault(unit, &fault);
	if (ret == -EIO) {
		hyp_pf_lock(&hyp_iommu_devices);
		hyp_iommu_unit_stop(unit);
		hyp_pf_unlock(&hyp_iommu_devices);
	}
	if (ret)
		return ret;

	hyp_iommu_count(&unit->faults, 1);
	*ia = fault.ia;
	*info = pack_fault(&fault);
	return 0;
}
