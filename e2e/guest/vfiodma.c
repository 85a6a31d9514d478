// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same hole through the front door: VFIO type 1 and a protected guest.
 *
 *   vfiodma open     with Linux's own SMMU driver: maps of memory that is not
 *		      the host's are accepted, in either order
 *   vfiodma closed   with hyp-iommu: a page that is not the host's cannot be
 *		      mapped, and a page that is mapped cannot be taken away
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "edu.h"
#include "mem.h"
#include "vfio.h"
#include "vm.h"

#define SECRET		0x5ec7e7ed00000000ULL
#define EVIL		0xe0ddf00dU

#define PAGE_DONATED	1	/* the guest uses it before it is mapped for DMA */
#define PAGE_SHARED	2	/* the guest shares it with the host */
#define PAGE_LATE	3	/* mapped for DMA before the guest uses it */

#define IA_DONATED	0x20000000ULL
#define IA_SHARED	0x20100000ULL
#define IA_LATE		0x20200000ULL
#define IA_EL2		0x20300000ULL

static struct edu edu;
static struct vfio vfio;
static struct vm vm;
static bool open_hole;

static void theft(bool done, const char *name, const char *what, s64 val)
{
	ok(done == open_hole, name, "%s: %s (%lld)", what, done ? "it worked" : "refused",
	   (long long)val);
	info("attack %s %s", name, done ? "succeeded" : "refused");
}

static void map_donated(void)
{
	u64 ipa = vm_ipa(PAGE_DONATED), bad;
	u32 val;
	int err;

	vm_must(&vm, VM_FILL, ipa, SECRET, 0);
	err = vfio_map(&vfio, IA_DONATED, vm_page(&vm, PAGE_DONATED), PAGE);
	theft(!err, "vfio-map-guest-page", "VFIO_IOMMU_MAP_DMA of a guest's page", err);
	val = edu_read32(&edu, IA_DONATED + 4);
	theft(val == SECRET >> 32, "vfio-read-guest-page", "DMA from it", val);
	edu_write32(&edu, IA_DONATED + 0x100, EVIL);
	bad = vm_must(&vm, VM_CHECK, ipa, SECRET, 0);
	theft(bad, "vfio-corrupt-guest-page", "words that the guest finds changed", bad);
}

static void donate_mapped(void)
{
	u64 ipa = vm_ipa(PAGE_LATE), val;
	int err;

	err = vfio_map(&vfio, IA_LATE, vm_page(&vm, PAGE_LATE), PAGE);
	ok(!err, "vfio-map-own-page", "a page that still is the host's: %d", err);
	err = vm_run(&vm, VM_FILL, ipa, SECRET, 0, NULL);
	theft(!err, "vfio-donate-mapped", "KVM_RUN when the guest wants that page", err);
	if (open_hole)
		return;
	ok(cpu_read64(vm_page(&vm, PAGE_LATE), &val), "vfio-donate-mapped-still-mine",
	   "the host's CPU reads the page");
	ok(edu_works(&edu), "vfio-donate-mapped-lives", "the device still works");
	err = vfio_unmap(&vfio, IA_LATE, PAGE);
	ok(!err, "vfio-unmap", "%d", err);
	/* The guest goes on with the command that it could not finish. */
	err = vm_run(&vm, VM_FILL, ipa, SECRET, 0, &val);
	ok(!err && !vm_must(&vm, VM_CHECK, ipa, SECRET, 0), "vfio-donate-unmapped",
	   "KVM_RUN: %d", err);
	ok(!cpu_read64(vm_page(&vm, PAGE_LATE), &val), "vfio-donate-unmapped-refused",
	   "the host's CPU cannot read it any more");
}

static void share(void)
{
	u64 ipa = vm_ipa(PAGE_SHARED), val = 0;
	int err;

	vm_must(&vm, VM_FILL, ipa, SECRET, 0);
	ok(!vm_must(&vm, VM_HVC, VM_MEM_SHARE, ipa, 0), "guest-shares", "a page");
	err = vfio_map(&vfio, IA_SHARED, vm_page(&vm, PAGE_SHARED), PAGE);
	ok(!err, "vfio-map-shared-page", "%d", err);
	ok(edu_read32(&edu, IA_SHARED + 4) == SECRET >> 32, "vfio-read-shared-page", "DMA from it");
	edu_write32(&edu, IA_SHARED + 8, EVIL);
	val = vm_must(&vm, VM_PEEK, ipa + 8, 0, 0);
	ok((u32)val == EVIL, "vfio-write-shared-page", "the guest sees %#llx",
	   (unsigned long long)val);

	val = vm_must(&vm, VM_HVC, VM_MEM_UNSHARE, ipa, 0);
	theft(!val, "vfio-unshare-mapped", "the guest takes a page back that is mapped", val);
	if (open_hole)
		return;
	ok(cpu_read64(vm_page(&vm, PAGE_SHARED), &val), "vfio-unshare-mapped-still-shared",
	   "the host's CPU reads the page");
	err = vfio_unmap(&vfio, IA_SHARED, PAGE);
	val = vm_must(&vm, VM_HVC, VM_MEM_UNSHARE, ipa, 0);
	ok(!err && !val, "vfio-unshare-unmapped", "%d, %lld", err, (long long)val);
	ok(!cpu_read64(vm_page(&vm, PAGE_SHARED), &val), "vfio-unshared-refused",
	   "the host's CPU cannot read it any more");
	err = vfio_map(&vfio, IA_SHARED, vm_page(&vm, PAGE_SHARED), PAGE);
	ok(err, "vfio-map-unshared-refused", "%d", err);
	edu_write32(&edu, IA_SHARED + 16, EVIL);
	ok(vm_must(&vm, VM_PEEK, ipa + 16, 0, 0) == SECRET + 2, "vfio-write-unshared-blocked",
	   "the guest's page is as it was");
}

/* EL2's own memory, which /dev/mem lets us map, though not read. */
static void map_el2(const char *name, u64 pa)
{
	volatile void *va = dev_mem(pa & ~(PAGE - 1), PAGE);
	char test[80];
	u64 val;
	int err;

	if (!pa || !va)
		die("%s: no address", name);
	snprintf(test, sizeof(test), "cpu-refused-%s", name);
	ok(!cpu_read64(va, &val), test, "at %#llx", (unsigned long long)pa);
	err = vfio_map(&vfio, IA_EL2, va, PAGE);
	snprintf(test, sizeof(test), "vfio-map-%s", name);
	theft(!err, test, "VFIO_IOMMU_MAP_DMA of EL2's memory", err);
	if (!err)
		vfio_unmap(&vfio, IA_EL2, PAGE);
}

int main(int argc, char **argv)
{
	struct hyp_memory el2;

	open_hole = argc > 1 && !strcmp(argv[1], "open");
	if (!ARCH_PROTECTED_GUESTS)
		die("there are no protected guests on this machine");
	if (!edu_open(&edu, 0))
		die("there is no edu device");
	vfio_open(&vfio, &edu);
	ok(edu_works(&edu), "device-works", "DMA within a page of its own");
	vm_open(&vm, true, NULL, 8);

	map_donated();
	donate_mapped();
	share();
	el2 = hyp_memory();
	map_el2("el2-data", el2.data);
	map_el2("el2-carve-out", el2.tables);

	vm_close(&vm);
	ok(edu_works(&edu), "device-works-after", "DMA within a page of its own");
	vfio_close(&vfio);
	return test_end();
}
