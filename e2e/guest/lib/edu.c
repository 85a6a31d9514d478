// SPDX-License-Identifier: GPL-2.0-only
/* The edu device; see edu.h, and docs/specs/edu.rst of QEMU for its registers. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "edu.h"
#include "mem.h"

#define EDU_ID		0x11e81234	/* device and vendor */
#define EDU_BAR_SIZE	(1UL << 20)
#define EDU_SRC		0x80
#define EDU_DST		0x88
#define EDU_COUNT	0x90
#define EDU_CMD		0x98
#define EDU_CMD_RUN	1
#define EDU_CMD_TO_RAM	2
#define EDU_BUFFER	0x40000
#define EDU_BUFFER_SIZE	4096

#define PCI_COMMAND	4
#define PCI_BAR0	0x10
#define PCI_MEMORY	2
#define PCI_MASTER	4

static int config_open(struct edu *e)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", e->name);
	fd = open(path, O_RDWR);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

static volatile u8 *hidden_config(struct edu *e)
{
	u64 size, ecam = iomem("PCI ECAM", &size);
	volatile u8 *va;

	va = ecam ? dev_mem(ecam + ((u64)e->rid << 12), PAGE) : NULL;
	if (!va)
		die("no PCI configuration space");
	return va;
}

void edu_master(struct edu *e, bool on)
{
	u16 cmd = PCI_MEMORY | (on ? PCI_MASTER : 0);
	int fd;

	if (!e->name[0]) {
		volatile u8 *config = hidden_config(e);

		*(volatile u16 *)(config + PCI_COMMAND) = cmd;
		dev_mem_close(config, PAGE);
		return;
	}
	fd = config_open(e);
	if (pwrite(fd, &cmd, 2, PCI_COMMAND) != 2)
		die("%s: no access to its configuration", e->name);
	close(fd);
}

static void finish_open(struct edu *e)
{
	e->bounce = pages_alloc(1);
	e->bounce_ia = pa_of(e->bounce);
	edu_master(e, true);
}

bool edu_open(struct edu *e, unsigned int n)
{
	unsigned int bus, dev, fn;
	struct dirent **list;
	int i, nr, fd;
	char path[320];
	bool found = false;
	u32 id;

	memset(e, 0, sizeof(*e));
	nr = scandir("/sys/bus/pci/devices", &list, NULL, alphasort);
	for (i = 0; i < nr; i++) {
		if (found || sscanf(list[i]->d_name, "%*x:%x:%x.%x", &bus, &dev, &fn) != 3)
			continue;
		snprintf(e->name, sizeof(e->name), "%.15s", list[i]->d_name);
		fd = config_open(e);
		found = pread(fd, &id, 4, 0) == 4 && id == EDU_ID && !n--;
		close(fd);
		e->rid = bus << 8 | dev << 3 | fn;
	}
	if (!found)
		return false;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", e->name);
	fd = open(path, O_RDWR);
	e->bar = mmap(NULL, EDU_BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || e->bar == MAP_FAILED)
		die("%s: %s", path, strerror(errno));
	close(fd);
	finish_open(e);
	return true;
}

bool edu_open_hidden(struct edu *e, u32 devfn, u32 bar)
{
	volatile u8 *config;
	u32 id;

	memset(e, 0, sizeof(*e));
	e->rid = devfn;
	config = hidden_config(e);
	if (!cpu_read32(config, &id) || id != EDU_ID)
		return false;
	*(volatile u32 *)(config + PCI_BAR0) = bar;
	dev_mem_close(config, PAGE);
	e->bar = dev_mem(bar, EDU_BAR_SIZE);
	if (!e->bar)
		die("no access to PCI memory at %#x", bar);
	finish_open(e);
	return true;
}

static void edu_run(struct edu *e, u64 src, u64 dst, u32 len, u32 cmd)
{
	unsigned int i;

	*(volatile u64 *)(e->bar + EDU_SRC) = src;
	*(volatile u64 *)(e->bar + EDU_DST) = dst;
	*(volatile u64 *)(e->bar + EDU_COUNT) = len;
	*(volatile u64 *)(e->bar + EDU_CMD) = EDU_CMD_RUN | cmd;
	for (i = 0; i < 5000; i++) {
		if (!(*(volatile u64 *)(e->bar + EDU_CMD) & EDU_CMD_RUN))
			return;
		sleep_ms(2);
	}
	die("edu: the DMA does not end");
}

/* An access beyond the buffer would end QEMU. */
static void edu_check(u32 off, u32 len)
{
	if (!len || len > EDU_BUFFER_SIZE || off > EDU_BUFFER_SIZE - len)
		die("edu: %u bytes at %#x are not in its buffer", len, off);
}

void edu_from_memory(struct edu *e, u64 ia, u32 off, u32 len)
{
	edu_check(off, len);
	edu_run(e, ia, EDU_BUFFER + off, len, 0);
}

void edu_to_memory(struct edu *e, u64 ia, u32 off, u32 len)
{
	edu_check(off, len);
	edu_run(e, EDU_BUFFER + off, ia, len, EDU_CMD_TO_RAM);
}

static u64 edu_read(struct edu *e, u64 ia, u32 len)
{
	volatile u64 *word = e->bounce;

	*word = 0;
	edu_from_memory(e, ia, 0, len);
	edu_to_memory(e, e->bounce_ia, 0, len);
	return *word;
}

u64 edu_read64(struct edu *e, u64 ia)
{
	return edu_read(e, ia, 8);
}

u32 edu_read32(struct edu *e, u64 ia)
{
	return edu_read(e, ia, 4);
}

static void edu_write(struct edu *e, u64 ia, u64 val, u32 len)
{
	*(volatile u64 *)e->bounce = val;
	edu_from_memory(e, e->bounce_ia, 0, len);
	edu_to_memory(e, ia, 0, len);
}

void edu_write64(struct edu *e, u64 ia, u64 val)
{
	edu_write(e, ia, val, 8);
}

void edu_write32(struct edu *e, u64 ia, u32 val)
{
	edu_write(e, ia, val, 4);
}

bool edu_works(struct edu *e)
{
	volatile u64 *word = e->bounce;

	word[0] = 0x0123456789abcdefULL;
	word[1] = 0;
	edu_from_memory(e, e->bounce_ia, 0, 8);
	edu_to_memory(e, e->bounce_ia + 8, 0, 8);
	return word[1] == word[0];
}
