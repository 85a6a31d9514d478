// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine, the model beside QEMU's unit, and the judgement of an access.
 */
#include <stdlib.h>

#include "kunit/qtest/bench.h"

struct bench bench;

void bench_wrong(const char *fmt, ...)
{
	va_list args;

	if (!bench.wrong++ || bench.verbose) {
		va_start(args, fmt);
		if (!bench.quiet) {
			printf("# WRONG at probe %llu: ", (unsigned long long)bench.probes);
			vprintf(fmt, args);
			printf("\n");
		}
		va_end(args);
	}
}

void bench_say(const char *fmt, ...)
{
	va_list args;

	if (!bench.verbose)
		return;
	va_start(args, fmt);
	printf("# %llu: ", (unsigned long long)bench.probes);
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
}

u64 bench_random(u64 below)
{
	bench.random ^= bench.random << 13;
	bench.random ^= bench.random >> 7;
	bench.random ^= bench.random << 17;
	return bench.random % below;
}

struct hyp_iommu_ret bench_call(u64 nr, const u64 *args)
{
	struct hyp_iommu_ret ret;

	hyp_iommu_dispatch(nr, args, &ret);
	if (nr != HYP_IOMMU_FAULT_READ) {
		bench.calls++;
		bench.refused += ret.status < 0;
		bench_say("call %llu (%llx %llx %llx %llx %llx) = %lld, %llx %llx",
			  (unsigned long long)nr, (unsigned long long)args[0],
			  (unsigned long long)args[1], (unsigned long long)args[2],
			  (unsigned long long)args[3], (unsigned long long)args[4],
			  (long long)ret.status, (unsigned long long)ret.done,
			  (unsigned long long)ret.need);
	}
	return ret;
}

/* ---- starting ---- */

static void sim_is_wrong(const char *msg)
{
	bench_wrong("%s", msg);
}

/* The model is of a unit that can what QEMU's can, as it comes out of reset. */
static void make_model(void)
{
	struct machine *m = &bench.m;
	struct smmu_model *smmu = &bench.model.smmu;
	struct vtd_model *vtd = &bench.model.vtd;

	if (m->cfg->arm) {
		smmu_model_init(smmu);
		smmu->idr0 = qtest_read(&m->q, m->regs_pa, 4);
		smmu->idr1 = qtest_read(&m->q, m->regs_pa + 4, 4);
		smmu->idr3 = qtest_read(&m->q, m->regs_pa + 0xc, 4);
		smmu->idr5 = qtest_read(&m->q, m->regs_pa + 0x14, 4);
		smmu->aidr = qtest_read(&m->q, m->regs_pa + 0x1c, 4);
		smmu->quirks.full_is_abort = true;
		/* QEMU's is off. */
		smmu->cr0 = 0;
		smmu->cr0ack = 0;
		m->model_ops = &smmu_model_ops;
	} else {
		vtd_model_init(vtd);
		vtd->ver = qtest_read(&m->q, m->regs_pa, 4);
		vtd->cap = qtest_read(&m->q, m->regs_pa + 8, 8);
		vtd->ecap = qtest_read(&m->q, m->regs_pa + 0x10, 8);
		vtd->gsts = 0;
		m->model_ops = &vtd_model_ops;
	}
	m->model = &bench.model;
}

/*
 * VT-d's codes for the same thing.  QEMU 10.0 has the codes of legacy mode in
 * scalable mode too, for some; in caching mode what is absent may be told of the
 * root entry or of the context entry.
 */
static bool same_code(u8 qemu, u8 model)
{
	static const u8 same[][2] = {
		{ 0x01, 0x02 }, { 0x01, 0x39 }, { 0x02, 0x41 }, { 0x04, 0x84 }, { 0x05, 0x79 },
		{ 0x06, 0x79 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(same); i++) {
		if (qemu == same[i][0] && model == same[i][1])
			return true;
	}
	return qemu == model;
}

/* The uppermost word of a fault record: without PP, PV is whatever it is. */
static bool same_top(u32 qemu, u32 model)
{
	return !((qemu ^ model) & 0xf0000000) && same_code(qemu, model);
}

/*
 * The one below it.  QEMU 10.0 tells of requests without PASID, in scalable mode,
 * that they have the one that tables for such requests have.
 */
static bool same_source(u32 qemu, u32 model)
{
	if (bench.rtaddr & 1 << 10)
		qemu &= ~(1U << 31);
	return qemu == model;
}

static void differs(struct machine *m, u32 offset, unsigned int width, u64 qemu, u64 model)
{
	if (!m->cfg->arm && offset >= 0x220 && offset % 16 == 8 && same_source(qemu, model) &&
	    same_top(qemu >> 32, model >> 32))
		return;
	if (!m->cfg->arm && offset >= 0x220 && offset % 16 == 12 && same_top(qemu, model))
		return;
	if (qemu != model)
		bench_wrong("register %x is %llx in QEMU and %llx in the model", offset,
			    (unsigned long long)qemu, (unsigned long long)model);
}

void bench_start(const struct machine_config *cfg, const char *log)
{
	sim_set_error_hook(sim_is_wrong);
	machine_start(&bench.m, cfg, log);
	make_model();
}

void bench_add_unit(void)
{
	struct machine *m = &bench.m;
	struct hyp_iommu_ret ret;
	u64 pages, align = PAGE;

	ret = call(HYP_IOMMU_UNIT_ADD, m->kind, m->regs_pa, m->regs_size, m->cfg->unit_flags);
	pages = ret.need;
	while (align < pages * PAGE)
		align *= 2;
	if (ret.status == -ENOMEM)
		ret = call(HYP_IOMMU_UNIT_ADD, m->kind, m->regs_pa, m->regs_size,
			   m->cfg->unit_flags, sim_alloc(SIM_HOST, pages, align), pages);
	if (ret.status)
		bench_wrong("the unit is refused: %lld", (long long)ret.status);
	bench.unit = ret.done;
	sim_finalise();

	m->differs = differs;
	if (m->cfg->arm) {
		bench.strtab = qtest_read(&m->q, m->regs_pa + 0x80, 8);
		bench.strtab_cfg = qtest_read(&m->q, m->regs_pa + 0x88, 4);
		bench.idr5 = qtest_read(&m->q, m->regs_pa + 0x14, 4);
	} else {
		bench.rtaddr = qtest_read(&m->q, m->regs_pa + 0x20, 8);
	}
}

/* ---- accesses ---- */

static enum hyp_iommu_fault_reason smmu_reason(enum smmu_ev event)
{
	switch (event) {
	case SMMU_EV_BAD_STREAMID:
	case SMMU_EV_BAD_STE:
		return HYP_IOMMU_FAULT_BLOCKED;
	case SMMU_EV_TRANSLATION:
		return HYP_IOMMU_FAULT_NOT_MAPPED;
	case SMMU_EV_ADDR_SIZE:
		return HYP_IOMMU_FAULT_ADDRESS_SIZE;
	case SMMU_EV_PERMISSION:
		return HYP_IOMMU_FAULT_PERMISSION;
	default:
		return HYP_IOMMU_FAULT_CONFIG;
	}
}

static enum hyp_iommu_fault_reason vtd_reason(u8 reason)
{
	switch (reason) {
	case 0x01:
	case 0x02:
	case 0x39:
	case 0x41:
		return HYP_IOMMU_FAULT_BLOCKED;
	case 0x71:
		return HYP_IOMMU_FAULT_NOT_MAPPED;
	case 0x04:
	case 0x80:
	case 0x84:
		return HYP_IOMMU_FAULT_ADDRESS_SIZE;
	case 0x05:
	case 0x06:
	case 0x79:
	case 0x85:
	case 0x86:
		return HYP_IOMMU_FAULT_PERMISSION;
	default:
		return HYP_IOMMU_FAULT_CONFIG;
	}
}

/* What the model makes of it; it records faults as the unit does. */
static struct verdict ask_model(u32 endpoint, u64 ia, bool write)
{
	struct smmu_access smmu;
	struct vtd_access vtd;

	if (bench.m.cfg->arm) {
		smmu = smmu_model_access(&bench.model.smmu, endpoint, ia, write);
		return (struct verdict){ smmu.ok, smmu.pa, smmu_reason(smmu.event) };
	}
	vtd = vtd_model_access(&bench.model.vtd, endpoint, ia, write);
	return (struct verdict){ vtd.ok, vtd.pa, vtd_reason(vtd.reason) };
}

struct verdict bench_dma(u32 edu, u64 ia, u32 size, bool write)
{
	struct verdict v = { .ok = true };

	/* QEMU looks at each page once. */
	if (bench.m.model) {
		v = ask_model(bench.m.endpoint[edu], ia, write);
		if ((ia ^ (ia + size - 1)) & ~(PAGE - 1))
			ask_model(bench.m.endpoint[edu], (ia + size - 1) & ~(PAGE - 1), write);
	}
	machine_dma(&bench.m, edu, ia, size, write);
	bench.dmas++;
	return v;
}

void bench_expect_fault(u32 edu, u64 ia, bool write, const struct verdict *v)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_FAULT_READ, bench.unit);
	bool arm = bench.m.cfg->arm;
	/* SMMUv3 tells no address of accesses that no table was chosen for. */
	bool no_address = arm && v->reason == HYP_IOMMU_FAULT_BLOCKED;
	u64 want = bench.m.endpoint[edu] | (u64)v->reason << HYP_IOMMU_FAULT_REASON_SHIFT;
	u64 want_ia = arm ? ia : ia & ~(PAGE - 1);

	if (no_address)
		want |= HYP_IOMMU_FAULT_NO_ADDRESS;
	else if (write)
		want |= HYP_IOMMU_FAULT_WRITE;
	/* See same_source(). */
	if (!arm && bench.rtaddr & 1 << 10 && !(ret.need & HYP_IOMMU_FAULT_PASID))
		ret.need &= ~HYP_IOMMU_FAULT_HAS_PASID;
	if (ret.status)
		bench_wrong("%s of %llx by %x was denied, and not recorded: %lld",
			    write ? "write" : "read", (unsigned long long)ia,
			    bench.m.endpoint[edu], (long long)ret.status);
	else if (ret.need != want || (!no_address && ret.done != want_ia))
		bench_wrong("%s of %llx by %x, reason %u: the record says %llx at %llx",
			    write ? "write" : "read", (unsigned long long)ia,
			    bench.m.endpoint[edu], v->reason, (unsigned long long)ret.need,
			    (unsigned long long)ret.done);
	bench.faults++;
	bench.by_reason[v->reason]++;
}

void bench_expect_no_fault(void)
{
	struct hyp_iommu_ret ret = call(HYP_IOMMU_FAULT_READ, bench.unit);

	if (ret.status != -ENOENT)
		bench_wrong("a fault record that nobody made: %lld, %llx at %llx",
			    (long long)ret.status, (unsigned long long)ret.need,
			    (unsigned long long)ret.done);
	/* So that the next access is not taken for this one. */
	while (!ret.status)
		ret = call(HYP_IOMMU_FAULT_READ, bench.unit);
}

/* ---- the judgement ---- */

static u32 *word(u64 pa)
{
	return machine_ptr(&bench.m, pa);
}

static u32 new_nonce(void)
{
	/* Never 0, which is what QEMU's devices read where they may not. */
	return ++bench.nonce * 2654435761U | 1;
}

/* Copy between the device's buffer and a page that is always mapped. */
static void talk(u32 edu, bool write)
{
	struct verdict v = bench_dma(edu, bench.edu[edu].domain->scratch_ia, 4, write);

	if (!v.ok)
		bench_wrong("the model does not let %x use its scratch page",
			    bench.m.endpoint[edu]);
	bench_expect_no_fault();
}

void bench_check_buffer(u32 edu)
{
	u32 *scratch = word(bench.edu[edu].domain->scratch_pa);

	*scratch = ~bench.edu[edu].buf;
	talk(edu, true);
	if (*scratch != bench.edu[edu].buf)
		bench_wrong("%x has read %x, and it should have been %x", bench.m.endpoint[edu],
			    *scratch, bench.edu[edu].buf);
	bench.edu[edu].buf = *scratch;
}

static void load_buffer(u32 edu, u32 val)
{
	*word(bench.edu[edu].domain->scratch_pa) = val;
	talk(edu, false);
	bench.edu[edu].buf = val;
}

/* What the host thinks: only what it has mapped, and as it has mapped it. */
static struct verdict ask_host(u32 edu, u64 ia, bool write, bool *used)
{
	struct domain *d = bench.edu[edu].domain;
	struct seg *seg = d ? host_find(d, ia) : NULL;
	struct verdict v = { .ok = false };

	*used = false;
	if (!seg)
		return v;
	*used = seg->used;
	v.pa = seg->oa + (ia - seg->ia);
	v.ok = seg->prot & (write ? HYP_IOMMU_WRITE : HYP_IOMMU_READ);
	/* What a first stage lets write it lets read. */
	if (!write && d->stage == HYP_IOMMU_STAGE_1)
		v.ok = true;
	seg->used |= v.ok;
	return v;
}

/*
 * QEMU 10.0 denies, and does not record,
 *  - what lacks a permission, where it finds that in its TLB: VT-d always;
 *    SMMUv3 reads, and writes where there is only a stage 2;
 *  - on SMMUv3 with only a stage 2, addresses that are wider than any IPA.
 * Both architectures want it recorded (Arm IHI 0070, 3.4 and 7.3; Intel D51397,
 * 7.1).  Return: true if it was so, and the model knows nothing of it any more.
 */
static bool unrecorded(const struct verdict *tables, bool used)
{
	struct machine *m = &bench.m;
	bool wide = m->cfg->arm && tables->reason == HYP_IOMMU_FAULT_ADDRESS_SIZE;

	if (!wide && !(used && tables->pa))
		return false;
	if (m->cfg->arm) {
		/* EVENTQ_PROD and EVENTQ_CONS, without their overflow flags */
		u32 prod = qtest_read(&m->q, m->regs_pa + 0x100a8, 4);
		u32 cons = qtest_read(&m->q, m->regs_pa + 0x100ac, 4);

		if ((prod ^ cons) << 1)
			return false;
		bench.model.smmu.evtq_prod = prod;
	} else {
		if (qtest_read(&m->q, m->regs_pa + 0x34, 4))
			return false;
		memset(bench.model.vtd.frcd, 0, sizeof(bench.model.vtd.frcd));
	}
	bench.unrecorded++;
	return true;
}

static void compare(const char *who, const struct verdict *v, const struct verdict *tables,
		    u32 edu, u64 ia, bool write)
{
	if (v->ok == tables->ok && (!v->ok || v->pa == tables->pa))
		return;
	bench_wrong("%s of %llx by %x: the tables say %s %llx (%u), %s says %s %llx (%u)",
		    write ? "write" : "read", (unsigned long long)ia, bench.m.endpoint[edu],
		    tables->ok ? "yes" : "no", (unsigned long long)tables->pa, tables->reason, who,
		    v->ok ? "yes" : "no", (unsigned long long)v->pa, v->reason);
}

/* A word that must change, or must not; and where it is.  Return: what QEMU did. */
static void judge_bytes(u32 edu, u64 ia, bool write, const struct verdict *tables, u64 pa,
			u32 before)
{
	u32 want = before;

	if (write) {
		if (tables->ok)
			want = bench.edu[edu].buf;
		if (pa && *word(pa) != want)
			bench_wrong("write of %llx by %x: %llx has %x, and it should be %x",
				    (unsigned long long)ia, bench.m.endpoint[edu],
				    (unsigned long long)pa, *word(pa), want);
		return;
	}
	bench.edu[edu].buf = tables->ok ? before : 0;
	if (bench.edu[edu].domain)
		bench_check_buffer(edu);
}

void bench_probe(u32 edu, u64 ia, bool write, u64 suspect)
{
	u64 leaf_size, pa;
	struct verdict tables = entries_access(bench.m.endpoint[edu], ia, write, &leaf_size);
	struct verdict host, model;
	u32 before = new_nonce();
	bool used;

	bench.probes++;
	bench_say("%s of %llx by %x: %s %llx", write ? "write" : "read", (unsigned long long)ia,
		  bench.m.endpoint[edu], tables.ok ? "yes" : "no", (unsigned long long)tables.pa);
	if (tables.why)
		bench_wrong("%llx of %x: %s", (unsigned long long)ia, bench.m.endpoint[edu],
			    tables.why);
	host = ask_host(edu, ia, write, &used);
	compare("the host", &host, &tables, edu, ia, write);

	if (write && bench.edu[edu].domain)
		load_buffer(edu, new_nonce());
	pa = tables.ok || tables.pa ? tables.pa : suspect;
	if (pa)
		*word(pa) = before;
	model = bench_dma(edu, ia, 4, write);
	if (bench.m.model)
		compare("the model", &model, &tables, edu, ia, write);
	if (tables.ok) {
		bench.by_size[leaf_size > BLOCK ? 2 : leaf_size > PAGE]++;
	} else if (!unrecorded(&tables, used)) {
		if (bench.m.model && !model.ok && model.reason != tables.reason)
			bench_wrong("%llx by %x: reason %u by the tables, %u by the model",
				    (unsigned long long)ia, bench.m.endpoint[edu], tables.reason,
				    model.reason);
		bench_expect_fault(edu, ia, write, &tables);
	}
	bench_expect_no_fault();
	judge_bytes(edu, ia, write, &tables, pa, before);
}
