// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How a VT-d unit is probed, brought up, and told to do something: Intel
 * D51397, 6.5.2, 10.4 (enabling), 11.4.
 *
 * Nobody is believed but the capability registers, and these only within what
 * the specification allows.  Every command is waited for, for a limited time.
 * What is on and not ours, interrupt remapping above all, stays as it is.
 */
#include "backends/vtd/vtd.h"

#define SAGAW_3_LEVELS		BIT(1)
#define SAGAW_4_LEVELS		BIT(2)
#define SAGAW_5_LEVELS		BIT(3)

/* ---- probing ---- */

/*
 * Input addresses of a second stage; 0: none.  Not more than MGAW, but at least
 * as many as the format needs to choose a number of levels that the unit has:
 * what is beyond MGAW faults.
 */
static u8 ss_bits(u64 cap)
{
	u32 sagaw = FIELD_GET(CAP_SAGAW, cap);
	u8 mgaw = FIELD_GET(CAP_MGAW, cap) + 1;

	if (sagaw & SAGAW_3_LEVELS && (mgaw <= 39 || !(sagaw & (SAGAW_4_LEVELS | SAGAW_5_LEVELS))))
		return max_t(u8, min_t(u8, mgaw, 39), 31);
	if (sagaw & SAGAW_4_LEVELS && (mgaw <= 48 || !(sagaw & SAGAW_5_LEVELS)))
		return max_t(u8, min_t(u8, mgaw, 48), 40);
	if (sagaw & SAGAW_5_LEVELS)
		return max_t(u8, min_t(u8, mgaw, 57), 49);
	return 0;
}

/* 3.6: the lower half of what the levels reach, and not more than MGAW. */
static u8 fs_bits(u64 cap)
{
	u8 mgaw = FIELD_GET(CAP_MGAW, cap) + 1;

	if (mgaw > 48 && cap & CAP_FS5LP)
		return min_t(u8, mgaw, 56);
	return max_t(u8, min_t(u8, mgaw, 47), 39);
}

static u64 ss_sizes(u64 cap)
{
	return BIT_ULL(12) | (cap & CAP_SSLPS_2M ? BIT_ULL(21) : 0) |
	       (cap & CAP_SSLPS_1G ? BIT_ULL(30) : 0);
}

static u64 fs_sizes(u64 cap)
{
	return BIT_ULL(12) | BIT_ULL(21) | (cap & CAP_FS1GP ? BIT_ULL(30) : 0);
}

/* Scalable mode if it has a stage that we can use. */
static int pick_mode(u64 ecap, int forced, struct hyp_vtd_caps *caps)
{
	bool second = ecap & ECAP_SSTS && caps->ss_bits;

	caps->scalable = ecap & ECAP_SMTS && (second || ecap & ECAP_FSTS) &&
			 forced != RTADDR_TTM_LEGACY;
	if (forced > RTADDR_TTM_SCALABLE || (forced == RTADDR_TTM_SCALABLE && !caps->scalable))
		return -ENODEV;
	caps->fs = caps->scalable && ecap & ECAP_FSTS;
	caps->ss = caps->scalable ? second : caps->ss_bits;
	return caps->fs || caps->ss ? 0 : -ENODEV;
}

int hyp_vtd_parse_caps(u64 cap, u64 ecap, int forced, struct hyp_vtd_caps *caps)
{
	u32 nd = FIELD_GET(CAP_ND, cap);

	if (cap == ~0ULL || ecap == ~0ULL || nd > CAP_ND_MAX || !(ecap & ECAP_QI))
		return -ENODEV;

	*caps = (struct hyp_vtd_caps){
		.ss_bits = ss_bits(cap),
		.ss_levels = FIELD_GET(CAP_SAGAW, cap),
		.fs_bits = fs_bits(cap),
		.ss_sizes = ss_sizes(cap),
		.fs_sizes = fs_sizes(cap),
		.snoop_control = ecap & ECAP_SC,
		.caching_mode = cap & CAP_CM,
		.write_buffer = cap & CAP_RWBF,
		.prot_regions = cap & (CAP_PLMR | CAP_PHMR),
		.srtp_invalidates = cap & CAP_ESRTPS,
		.page_inval = cap & CAP_PSI,
		.am_max = FIELD_GET(CAP_MAMV, cap),
		.drain = (cap & CAP_DWD ? IOTLB0_DW : 0) | (cap & CAP_DRD ? IOTLB0_DR : 0),
		.tags = min_t(u32, BIT(4 + 2 * nd), HYP_VTD_MAX_TAGS),
		.faults_offset = FIELD_GET(CAP_FRO, cap) * 16,
		.nr_faults = FIELD_GET(CAP_NFR, cap) + 1,
	};
	if (pick_mode(ecap, forced, caps))
		return -ENODEV;
	/* ECAP.C is about our tables in both modes; if in doubt we write back. */
	caps->walks_coherent = caps->scalable ? ecap & ECAP_SMPWC : ecap & ECAP_C;
	caps->tables_coherent = ecap & ECAP_C && caps->walks_coherent;
	return 0;
}

int hyp_vtd_probe(const struct hyp_iommu_unit *unit, struct hyp_vtd_caps *caps)
{
	u32 ver, gsts;
	u64 cap, ecap;
	int forced = -1, ret;

	if (unit->regs_size < VTD_REG_SIZE)
		return -ENODEV;
	ver = hyp_pf_read32(unit->regs, VTD_VER);
	gsts = hyp_pf_read32(unit->regs, VTD_GSTS);
	cap = hyp_pf_read64(unit->regs, VTD_CAP);
	ecap = hyp_pf_read64(unit->regs, VTD_ECAP);
	if (ver == ~0U || gsts == ~0U || !FIELD_GET(VER_MAJOR, ver))
		return -ENODEV;

	if (unit->flags & HYP_IOMMU_UNIT_SIMPLE_TABLES)
		forced = RTADDR_TTM_LEGACY;
	/* Somebody translates already; to stop that would open a window. */
	if (gsts & GCMD_TE)
		forced = FIELD_GET(RTADDR_TTM, hyp_pf_read64(unit->regs, VTD_RTADDR));
	ret = hyp_vtd_parse_caps(cap, ecap, forced, caps);
	if (ret)
		return ret;
	if (caps->faults_offset < VTD_IECTL ||
	    caps->faults_offset + caps->nr_faults * VTD_FRCD_SIZE > unit->regs_size)
		return -ENODEV;
	return 0;
}

/* ---- commands ---- */

/* Wait until the bits of @mask in a register are @want.  Return: 0, or -EIO. */
static int wait_for(hyp_pf_mmio_t regs, u32 offset, u32 mask, u32 want)
{
	u64 deadline = hyp_pf_us() + HYP_IOMMU_TIMEOUT_US;

	for (;;) {
		bool late = hyp_pf_us() >= deadline;
		u32 val = hyp_pf_read32(regs, offset);

		if (val == ~0U)
			return -EIO;
		if ((val & mask) == want)
			return 0;
		if (late)
			return -EIO;
		hyp_pf_relax();
	}
}

/*
 * Set or clear one bit of GCMD, which cannot be read: the others are what GSTS
 * says.  @want: what the same bit of GSTS is when it is done.
 */
static int command(struct hyp_vtd *vtd, u32 bit, bool set, u32 want)
{
	hyp_pf_mmio_t regs = vtd->unit->regs;
	u32 gsts;
	int ret = -EIO;

	hyp_pf_lock(&vtd->gcmd_lock);
	gsts = hyp_pf_read32(regs, VTD_GSTS);
	if (gsts != ~0U) {
		gsts &= GSTS_LASTING;
		hyp_pf_wmb();
		hyp_pf_write32(regs, VTD_GCMD, set ? gsts | bit : gsts & ~bit);
		ret = wait_for(regs, VTD_GSTS, bit, want);
	}
	hyp_pf_unlock(&vtd->gcmd_lock);
	return ret;
}

int hyp_vtd_write_buffer_flush(struct hyp_vtd *vtd)
{
	return vtd->caps.write_buffer ? command(vtd, GCMD_WBF, true, 0) : 0;
}

/* ---- starting ---- */

/*
 * No interrupt, which would be a write to an address that was never checked:
 * faults are asked for.
 */
static void mask_interrupts(hyp_pf_mmio_t regs)
{
	hyp_pf_write32(regs, VTD_FECTL, FECTL_IM);
	hyp_pf_write32(regs, VTD_IECTL, IECTL_IM);
}

/* A queue that was left on has to run empty before it can be another one. */
static int stop_old_queue(struct hyp_vtd *vtd)
{
	hyp_pf_mmio_t regs = vtd->unit->regs;
	u64 deadline = hyp_pf_us() + HYP_IOMMU_TIMEOUT_US;

	if (!(hyp_pf_read32(regs, VTD_GSTS) & GCMD_QIE))
		return 0;
	while (hyp_pf_read64(regs, VTD_IQH) != hyp_pf_read64(regs, VTD_IQT)) {
		if (hyp_pf_us() >= deadline)
			return -EIO;
		hyp_pf_relax();
	}
	return command(vtd, GCMD_QIE, false, 0);
}

static int start_queue(struct hyp_vtd *vtd)
{
	hyp_pf_mmio_t regs = vtd->unit->regs;
	u64 iqa = hyp_vtd_qi_iqa(&vtd->qi);
	int ret = stop_old_queue(vtd);

	if (!ret) {
		hyp_vtd_faults_clear(regs, &vtd->caps);
		hyp_pf_write64(regs, VTD_IQT, 0);
		hyp_pf_write64(regs, VTD_IQA, iqa);
		ret = command(vtd, GCMD_QIE, true, GCMD_QIE);
	}
	/* Not before it is on: there are units that do not tell then (QEMU's). */
	if (!ret && hyp_pf_read64(regs, VTD_IQA) != iqa)
		ret = -EIO;
	/* What the unit may read instead is not ours: no tail is ever written to it. */
	if (ret)
		hyp_vtd_qi_kill(&vtd->qi);
	return ret;
}

static int set_root(struct hyp_vtd *vtd)
{
	u64 ttm = vtd->caps.scalable ? RTADDR_TTM_SCALABLE : RTADDR_TTM_LEGACY;
	u64 rtaddr = (vtd->root_pa & RTADDR_RTA) | FIELD_PREP(RTADDR_TTM, ttm);
	hyp_pf_mmio_t regs = vtd->unit->regs;
	int ret;

	hyp_pf_write64(regs, VTD_RTADDR, rtaddr);
	if (hyp_pf_read64(regs, VTD_RTADDR) != rtaddr)
		return -EIO;
	ret = command(vtd, GCMD_SRTP, true, GCMD_SRTP);
	if (!ret)
		vtd->rooted = true;
	return ret;
}

/* Where accesses go untranslated for the sake of old boot code. */
static int disable_prot_regions(struct hyp_vtd *vtd)
{
	hyp_pf_mmio_t regs = vtd->unit->regs;

	if (!vtd->caps.prot_regions || !(hyp_pf_read32(regs, VTD_PMEN) & PMEN_EPM))
		return 0;
	hyp_pf_write32(regs, VTD_PMEN, 0);
	return wait_for(regs, VTD_PMEN, PMEN_PRS, 0);
}

/* From the top down (6.5.3): what a cache is filled from is dropped before it. */
int hyp_vtd_drop_all(struct hyp_vtd *vtd)
{
	struct hyp_vtd_qi *q = &vtd->qi;

	hyp_vtd_qi_begin(q);
	hyp_vtd_qi_push(q, hyp_vtd_cc_all());
	hyp_vtd_qi_fence(q);
	if (vtd->caps.scalable) {
		hyp_vtd_qi_push(q, hyp_vtd_pc_all());
		hyp_vtd_qi_fence(q);
	}
	hyp_vtd_qi_push(q, hyp_vtd_iotlb_all(vtd->caps.drain));
	return hyp_vtd_qi_finish(q);
}

int hyp_vtd_enable(struct hyp_vtd *vtd)
{
	int ret = set_root(vtd);

	return ret ? ret : command(vtd, GCMD_TE, true, GCMD_TE);
}

int hyp_vtd_start(struct hyp_vtd *vtd)
{
	int ret;

	mask_interrupts(vtd->unit->regs);
	ret = hyp_vtd_write_buffer_flush(vtd);
	if (!ret)
		ret = start_queue(vtd);
	if (!ret)
		ret = set_root(vtd);
	if (!ret)
		ret = hyp_vtd_drop_all(vtd);
	if (!ret)
		ret = command(vtd, GCMD_TE, true, GCMD_TE);
	return ret ? ret : disable_prot_regions(vtd);
}
