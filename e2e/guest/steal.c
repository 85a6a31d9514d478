// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a device can do to a machine without an IOMMU: read and change memory of
 * another process, and of the kernel.
 *
 *   steal open	    nothing in the way: all thefts must succeed, which proves
 *		    that the test is one
 *   steal closed   with hyp-iommu, and the device handed to its user by VFIO:
 *		    none may
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "edu.h"
#include "fault.h"
#include "mem.h"
#include "vfio.h"

#define SECRET		0x5ec7e7ed00000000ULL
#define EVIL		0xe0ddf00dU
#define HOSTNAME	"honest-machine"
#define RENAMED		"stolen"
#define WORDS		(PAGE / 8)

#define IA_OWN		0x20000000ULL

static struct edu edu;
static struct vfio vfio;
static bool open_hole;

/* Another process, which keeps a secret, and looks at it when it is asked. */
static struct {
	int ask, answer;
	u64 page;
} victim;

static void theft(bool done, const char *name, const char *what, u64 val)
{
	ok(done == open_hole, name, "%s: %s (%#" PRIx64 ")", what,
	   done ? "it worked" : "refused", val);
	info("attack %s %s", name, done ? "succeeded" : "refused");
}

static void keep_secret(int in, int out)
{
	volatile u64 *page = pages_alloc(1);
	u64 val = pa_of(page), i;
	char c;

	for (i = 0; i < WORDS; i++)
		page[i] = SECRET + i;
	while (write(out, &val, sizeof(val)) == sizeof(val) && read(in, &c, 1) == 1) {
		for (i = 0, val = 0; i < WORDS; i++)
			val += page[i] != SECRET + i;
	}
	_exit(0);
}

static u64 victim_says(void)
{
	u64 val;

	if (read(victim.answer, &val, sizeof(val)) != sizeof(val))
		die("the process with the secret is gone");
	return val;
}

/* Return: how many words of its secret are wrong. */
static u64 victim_looks(void)
{
	if (write(victim.ask, "", 1) != 1)
		die("the process with the secret does not listen");
	return victim_says();
}

static void start_victim(void)
{
	int to[2], from[2];
	pid_t pid;

	if (pipe(to) || pipe(from))
		die("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		close(to[1]);
		keep_secret(to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	victim.ask = to[1];
	victim.answer = from[0];
	victim.page = victim_says();
	ok(!victim_looks(), "process-has-secret", "in a page at %#" PRIx64, victim.page);
}

static void steal_from_process(void)
{
	u64 val;

	/* A blocked read gives 0, so ask for the half that is not. */
	val = edu_read32(&edu, victim.page + 4);
	theft(val == SECRET >> 32, "device-reads-process", "DMA from its page", val);
	edu_write32(&edu, victim.page + 0x100, EVIL);
	val = victim_looks();
	theft(val, "device-corrupts-process", "words that it finds changed", val);
}

/* Where the kernel keeps the name of the machine. */
static u64 find_hostname(void)
{
	u64 pa = symbol_pa("init_uts_ns"), at;
	const volatile u8 *uts;

	if (sethostname(HOSTNAME, strlen(HOSTNAME)))
		die("sethostname: %s", strerror(errno));
	uts = pa ? dev_mem(pa, PAGE) : NULL;
	if (!uts)
		die("where is init_uts_ns?");
	for (at = 0; at < PAGE - sizeof(HOSTNAME); at++)
		if (!memcmp((const u8 *)uts + at, HOSTNAME, sizeof(HOSTNAME)))
			return pa + at;
	die("the kernel's hostname is not where it should be");
}

static void steal_from_kernel(void)
{
	char name[65] = "", want[5] = "";
	u64 where = find_hostname();
	u32 val;

	val = edu_read32(&edu, where);
	memcpy(want, &val, 4);
	theft(!memcmp(want, HOSTNAME, 4), "device-reads-kernel", "DMA from kernel memory", val);
	memcpy(&val, RENAMED, 4);
	edu_write32(&edu, where, val);
	gethostname(name, sizeof(name) - 1);
	theft(strcmp(name, HOSTNAME), "device-changes-kernel", name, val);
}

/* What the user of a device may do: what VFIO maps, and only as long as it does. */
static void own_memory(void)
{
	volatile u64 *page = pages_alloc(1);
	int err = vfio_map(&vfio, IA_OWN, page, PAGE);

	edu_write32(&edu, IA_OWN, EVIL);
	ok(!err && (u32)*page == EVIL, "vfio-mapped-works", "%d, the page holds %#" PRIx64, err,
	   *page);
	*page = 0;
	err = vfio_unmap(&vfio, IA_OWN, PAGE);
	faults_forget();
	edu_write32(&edu, IA_OWN, EVIL);
	ok(!err && !*page, "vfio-unmapped-blocked", "%d, the page holds %#" PRIx64, err, *page);
	ok(fault_reported(edu.name, FAULT_WRITE, IA_OWN, FAULT_NOT_MAPPED),
	   "vfio-unmapped-reported", "%s", log_line());
}

int main(int argc, char **argv)
{
	open_hole = argc > 1 && !strcmp(argv[1], "open");
	if (!edu_open(&edu, 0))
		die("there is no edu device");
	if (!open_hole)
		vfio_open(&vfio, &edu);
	ok(edu_works(&edu), "device-works", "DMA within a page of its own");
	start_victim();
	if (!open_hole)
		own_memory();
	steal_from_process();
	steal_from_kernel();
	ok(edu_works(&edu), "device-works-after", "DMA within a page of its own");
	if (!open_hole)
		vfio_close(&vfio);
	return test_end();
}
