// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's machines: how they are started and programmed from outside, and the
 * way from the code under test to the IOMMU's registers.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/qtest/machine.h"

#define ARG_MAX_LEN	160
#define NR_ARGS		64

#define EDU_ID		0x11e81234
#define EDU_BAR_SIZE	0x100000ULL
#define EDU_DMA		0x80	/* source, target, size, command */
#define EDU_BUFFER	0x40000
#define EDU_RUN		1
#define EDU_TO_MEMORY	2

static const struct machine_config configs[] = {
	{ "smmuv3", "both stages", true, "" },
	{ "smmuv3-linear", "a linear stream table", true, "", HYP_IOMMU_UNIT_SIMPLE_TABLES },
	{ "vtd", "legacy mode, 4 levels", false, "" },
	{ "vtd-39", "legacy mode, 3 levels", false, ",aw-bits=39" },
	{ "vtd-caching", "caching mode", false, ",caching-mode=on" },
	{ "vtd-scalable", "scalable mode, second stage", false, ",x-scalable-mode=on" },
	{ "vtd-first", "scalable mode, first stage", false, ",x-scalable-mode=on,x-flts=on" },
	{ "vtd-simple", "legacy mode of a scalable unit", false, ",x-scalable-mode=on",
	  HYP_IOMMU_UNIT_SIMPLE_TABLES },
};

const struct machine_config *machine_find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(configs); i++) {
		if (!strcmp(configs[i].name, name))
			return &configs[i];
	}
	return NULL;
}

void machine_list(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(configs); i++)
		printf("%-16s%s\n", configs[i].name, configs[i].what);
}

/* ---- starting ---- */

struct args {
	char *argv[NR_ARGS];
	char text[NR_ARGS][ARG_MAX_LEN];
	u32 nr;
};

static void arg(struct args *args, const char *fmt, ...) __printf(2, 3);
static void arg(struct args *args, const char *fmt, ...)
{
	va_list list;

	if (args->nr == NR_ARGS - 1)
		abort();
	va_start(list, fmt);
	vsnprintf(args->text[args->nr], ARG_MAX_LEN, fmt, list);
	va_end(list);
	args->argv[args->nr] = args->text[args->nr];
	args->nr++;
}

/* Half of the devices is on bus 0, and the others have a bus each. */
static const struct {
	u8 bus, slot, port;
} places[MACHINE_EDUS] = {
	{ 0, 2 }, { 0, 3 }, { 0, 30 }, { 1, 0, 8 }, { 0x40, 0, 9 }, { 0xfe, 0, 10 },
};

/* Nothing ever runs on the processor: it is off, or halts at once. */
static void arm_args(struct args *args)
{
	arg(args, "qemu-system-aarch64");
	arg(args, "-machine");
	arg(args, "virt,iommu=smmuv3,memory-backend=ram");
	arg(args, "-cpu");
	arg(args, "max");
	arg(args, "-global");
	arg(args, "max-arm-cpu.start-powered-off=on");
}

static void x86_args(struct args *args, struct machine *m)
{
	static char halt[0x10000];
	int fd = memfd_create("bios", 0);

	memset(halt, 0xf4, sizeof(halt));
	if (fd < 0 || write(fd, halt, sizeof(halt)) != sizeof(halt))
		qtest_die(&m->q, "no memory for its BIOS");
	arg(args, "qemu-system-x86_64");
	arg(args, "-machine");
	/* The fewer timers there are, the fewer stops there are on the way to ours. */
	arg(args, "q35,memory-backend=ram,pit=off,hpet=off,sata=off,smbus=off");
	arg(args, "-bios");
	arg(args, "/proc/self/fd/%d", fd);
	arg(args, "-device");
	arg(args, "intel-iommu,intremap=off%s", m->cfg->args);
}

static void launch(struct machine *m, u64 ram, const char *log)
{
	static struct args args;
	int fd = qtest_open(&m->q);
	u32 i;

	if (m->cfg->arm)
		arm_args(&args);
	else
		x86_args(&args, m);
	/*
	 * Not -accel qtest, which distributions leave out.  Virtual time does not
	 * pass but for timers: they are never waited for.
	 */
	arg(&args, "-accel");
	arg(&args, "tcg");
	arg(&args, "-icount");
	arg(&args, "shift=0,sleep=off");
	arg(&args, "-nodefaults");
	arg(&args, "-display");
	arg(&args, "none");
	arg(&args, "-chardev");
	arg(&args, "socket,id=qtest,fd=%d", fd);
	arg(&args, "-qtest");
	arg(&args, "chardev:qtest");
	arg(&args, "-qtest-log");
	arg(&args, "/dev/null");
	arg(&args, "-m");
	arg(&args, "%lluM", (unsigned long long)ram >> 20);
	arg(&args, "-object");
	arg(&args, "memory-backend-file,id=ram,share=on,size=%llu,mem-path=/proc/self/fd/%d",
	    (unsigned long long)ram, m->fd);
	for (i = 0; i < MACHINE_EDUS; i++) {
		if (places[i].bus) {
			arg(&args, "-device");
			arg(&args, "pcie-root-port,id=port%u,addr=%x,chassis=%u", i,
			    places[i].port, i);
		}
		arg(&args, "-device");
		if (places[i].bus)
			arg(&args, "edu,bus=port%u,dma_mask=%llu", i, ~0ULL);
		else
			arg(&args, "edu,addr=%x,dma_mask=%llu", places[i].slot, ~0ULL);
	}
	args.argv[args.nr] = NULL;
	qtest_exec(&m->q, args.argv, log);
	close(fd);
}

/* ---- PCI ---- */

static u64 config_of(const struct machine *m, u8 bus, u8 slot)
{
	return m->ecam + ((u64)bus << 20) + ((u64)slot << 15);
}

static u64 bar_of(const struct machine *m, u32 edu)
{
	return m->mmio + edu * EDU_BAR_SIZE;
}

/* A bridge that has one bus behind it, and memory for one BAR. */
static void set_up_port(struct machine *m, u32 edu)
{
	u64 config = config_of(m, 0, places[edu].port);
	u32 window = bar_of(m, edu) >> 16 & 0xfff0;

	qtest_write(&m->q, config + 0x18, places[edu].bus << 16 | places[edu].bus << 8, 4);
	qtest_write(&m->q, config + 0x20, window << 16 | window, 4);
	qtest_write(&m->q, config + 4, 6, 2);
}

static void set_up_edu(struct machine *m, u32 edu)
{
	u64 config = config_of(m, places[edu].bus, places[edu].slot);
	u32 id;

	if (places[edu].bus)
		set_up_port(m, edu);
	id = qtest_read(&m->q, config, 4);
	if (id != EDU_ID)
		qtest_die(&m->q, "%x instead of an edu behind bus %x", id, places[edu].bus);
	qtest_write(&m->q, config + 0x10, bar_of(m, edu), 4);
	qtest_write(&m->q, config + 4, 6, 2);
	m->endpoint[edu] = places[edu].bus << 8 | places[edu].slot << 3;
}

static void set_up_pci(struct machine *m)
{
	u32 i;

	if (!m->cfg->arm) {
		/* PCIEXBAR of the host bridge */
		qtest_out32(&m->q, 0xcf8, 0x80000064);
		qtest_out32(&m->q, 0xcfc, m->ecam >> 32);
		qtest_out32(&m->q, 0xcf8, 0x80000060);
		qtest_out32(&m->q, 0xcfc, m->ecam | 1);
	}
	for (i = 0; i < MACHINE_EDUS; i++)
		set_up_edu(m, i);
}

/* ---- the unit's registers ---- */

/* Where commands are announced; where the unit tells how far it is. */
static u32 doorbell(const struct machine *m)
{
	return m->cfg->arm ? 0x98 : 0x88;
}

static u32 progress(const struct machine *m)
{
	return m->cfg->arm ? 0x9c : 0x80;
}

static u64 unit_read(void *priv, u32 offset, unsigned int width)
{
	struct machine *m = priv;
	u64 val = qtest_read(&m->q, m->regs_pa + offset, width), model;

	if (m->model) {
		model = m->model_ops->read(m->model, offset, width);
		if (m->differs && model != val)
			m->differs(m, offset, width, val, model);
	}
	return val;
}

static u64 field(u64 val, u64 mask, u64 to)
{
	return (val & ~mask) | FIELD_PREP(mask, to);
}

/* Arm IHI 0070, chapter 4: no space has this VMID or ASID, no endpoint this StreamID. */
static bool spoil_arm(enum machine_drop drop, u64 *cmd)
{
	switch (cmd[0] & 0xff) {
	case 0x03:	/* CFGI_STE */
	case 0x04:	/* CFGI_STE_RANGE */
	case 0x06:	/* CFGI_CD_ALL */
		if (drop != DROP_CONFIG || (cmd[1] & 0x1f) == 31)
			return false;
		cmd[0] = field(cmd[0], GENMASK_ULL(63, 32), 0xff00);
		return true;
	case 0x11 ... 0x2a:	/* TLBI */
		if (drop != DROP_TLB)
			return false;
		cmd[0] = field(cmd[0], GENMASK_ULL(47, 32), 0xfffe);
		if ((cmd[0] & 0xff) < 0x20)
			cmd[0] = field(cmd[0], GENMASK_ULL(63, 48), 0xfffe);
		return true;
	default:
		return false;
	}
}

/* Intel D51397, 6.5.2: no space has this domain-id, no endpoint this source-id. */
static bool spoil_x86(enum machine_drop drop, u64 *desc)
{
	switch (desc[0] & 0xf) {
	case 1:	/* context cache: device-selective */
		if (drop != DROP_CONFIG)
			return false;
		desc[0] = 0x31 | 0xff00ULL << 32;
		return true;
	case 7:	/* PASID cache */
		if (drop == DROP_CONFIG)
			desc[0] = field(desc[0], GENMASK_ULL(31, 16), 0xfffe);
		return drop == DROP_CONFIG;
	case 2:	/* IOTLB, but for all of it */
		if (drop != DROP_TLB || (desc[0] >> 4 & 3) == 1)
			return false;
		desc[0] = field(desc[0], GENMASK_ULL(31, 16), 0xfffe);
		return true;
	case 6:	/* PASID-based IOTLB */
		if (drop == DROP_TLB)
			desc[0] = field(desc[0], GENMASK_ULL(31, 16), 0xfffe);
		return drop == DROP_TLB;
	default:
		return false;
	}
}

/* Let what is lost have no effect, as if the backend had not sent it. */
static void spoil(struct machine *m, u64 val)
{
	u64 base = m->ring & GENMASK_ULL(51, 12);
	u32 size, mask, from = m->rung, to;

	if (m->cfg->arm) {
		base = m->ring & GENMASK_ULL(51, 5);
		size = 16;
		mask = (1U << (m->ring & 0x1f)) - 1;
		to = val;
	} else {
		size = m->ring & 1 << 11 ? 32 : 16;
		mask = (4096U << (m->ring & 7)) / size - 1;
		to = val / size;
	}
	for (from &= mask; from != (to & mask); from = (from + 1) & mask) {
		u64 *cmd = machine_ptr(m, base + from * size);

		m->dropped += m->cfg->arm ? spoil_arm(m->drop, cmd) : spoil_x86(m->drop, cmd);
	}
}

static void unit_write(void *priv, u32 offset, u64 val, unsigned int width)
{
	struct machine *m = priv;
	bool rings = offset == doorbell(m);

	if (offset == 0x90)	/* CMDQ_BASE, IQA */
		m->ring = val;
	if (rings && m->drop == DROP_DOORBELL) {
		m->dropped++;
		return;
	}
	if (rings) {
		if (m->drop)
			spoil(m, val);
		m->rung = m->cfg->arm ? val : val / (m->ring & 1 << 11 ? 32 : 16);
	}
	qtest_write(&m->q, m->regs_pa + offset, val, width);
	if (m->model)
		m->model_ops->write(m->model, offset, val, width);
	/* QEMU is done by now, as is the model. */
	if (rings && m->differs)
		unit_read(m, progress(m), m->cfg->arm ? 4 : 8);
	if (m->written)
		m->written(m);
}

static void unit_tick(void *priv, u64 now_us)
{
	struct machine *m = priv;

	if (m->model && m->model_ops->tick)
		m->model_ops->tick(m->model, now_us);
}

static const struct sim_mmio_ops unit_ops = {
	.read = unit_read,
	.write = unit_write,
	.tick = unit_tick,
};

/* ---- life cycle ---- */

void machine_start(struct machine *m, const struct machine_config *cfg, const char *log)
{
	/* What is below the memory that we use, in QEMU's file. */
	u64 low = cfg->arm ? MACHINE_BASE - (1ULL << 30) : 2ULL << 30;
	struct sim_cfg sim = {
		.base = MACHINE_BASE, .size = MACHINE_BACKED, .relax_us = 1000,
		.ghost = MACHINE_SIZE - MACHINE_BACKED, .fd_offset = low,
	};
	void *ram;

	memset(m, 0, sizeof(*m));
	m->cfg = cfg;
	m->regs_pa = cfg->arm ? 0x9050000 : 0xfed90000;
	m->regs_size = cfg->arm ? 0x20000 : 0x1000;
	m->kind = cfg->arm ? HYP_IOMMU_KIND('S', 'M', '3', ' ') :
			     HYP_IOMMU_KIND('V', 'T', 'D', ' ');
	m->ecam = cfg->arm ? 0x4010000000 : 0xb0000000;
	m->mmio = cfg->arm ? 0x10000000 : 0xd0000000;

	m->fd = memfd_create("ram", 0);
	if (m->fd < 0 || ftruncate(m->fd, low + MACHINE_SIZE))
		qtest_die(&m->q, "no memory for it");
	ram = mmap(NULL, MACHINE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, low);
	sim.fd = m->fd;
	if (ram == MAP_FAILED || sim_reset(&sim))
		qtest_die(&m->q, "no memory for it");
	m->ram = ram;
	sim_mmio_register(m->regs_pa, m->regs_size, &unit_ops, m);

	launch(m, low + MACHINE_SIZE, log);
	set_up_pci(m);
}

void machine_end(struct machine *m)
{
	qtest_end(&m->q);
	munmap(m->ram, MACHINE_SIZE);
	close(m->fd);
}

void *machine_ptr(const struct machine *m, u64 pa)
{
	if (pa - MACHINE_BASE >= MACHINE_SIZE)
		qtest_die(&m->q, "%#llx is no memory that we use", (unsigned long long)pa);
	return m->ram + (pa - MACHINE_BASE);
}

void machine_dma(struct machine *m, u32 edu, u64 ia, u32 size, bool to_memory)
{
	u64 regs = bar_of(m, edu) + EDU_DMA;
	u64 words[4] = {
		to_memory ? EDU_BUFFER : ia, to_memory ? ia : EDU_BUFFER, size,
		EDU_RUN | (to_memory ? EDU_TO_MEMORY : 0),
	};

	if (!(qtest_write_words(&m->q, regs, words, 4, regs + 24) & EDU_RUN))
		return;
	while (qtest_read(&m->q, regs + 24, 8) & EDU_RUN)
		;
}
