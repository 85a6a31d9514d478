// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hole in protected KVM: a device reaches what the host's CPUs cannot.
 *
 *   hole open	   with Linux's own SMMU driver and iommu.passthrough=1: all
 *		   thefts must succeed, which proves that the test is one
 *   hole closed   with hyp-iommu: none may
 *
 * A protected guest keeps a secret.  The host's CPU is refused; then edu, driven
 * by root from user space, reads the secret, corrupts the guest, finds the
 * host's stage-2 table in EL2 memory and gives the host the guest's page.
 */
#include <string.h>

#include "arch.h"
#include "edu.h"
#include "mem.h"
#include "vfio.h"
#include "vm.h"

#define SECRET		0x5ec7e7ed00000000ULL
#define CORRUPTION	0xe0ddf00dU
#define SECRET_PAGE	1

/* struct kvm_s2_mmu, at the start of EL2's host_mmu: the root, and how deep. */
#define HOST_MMU_PGD	8
#define HOST_MMU_VTCR	24

#define PTE_VALID	1
#define PTE_TABLE	2
#define PTE_ADDR	0x0000fffffffff000ULL
#define PTE_HOST_RWX	0x4dfULL	/* normal memory, RWX, shareable, accessed: a page */

static struct edu edu;
static struct vm vm;
static bool open_hole;

/* A theft: must succeed when the hole is open and fail when it is closed. */
static void theft(bool done, const char *name, const char *what, u64 val)
{
	ok(done == open_hole, name, "%s: %s (%#llx)", what, done ? "it worked" : "refused",
	   (unsigned long long)val);
	info("attack %s %s", name, done ? "succeeded" : "refused");
}

static void cpu_is_refused(const char *name)
{
	u64 val = 0;

	ok(!cpu_read64(vm_page(&vm, SECRET_PAGE), &val), name,
	   "the host's CPU reads the guest's page: %#llx", (unsigned long long)val);
}

static void steal(u64 page)
{
	u64 val, bad;

	/* A blocked read gives 0, so ask for the half that is not. */
	val = edu_read32(&edu, page + 4);
	theft(val == SECRET >> 32, "device-reads-secret", "DMA from the guest's page", val);

	edu_write32(&edu, page + 0x100, CORRUPTION);
	bad = vm_must(&vm, VM_CHECK, vm_ipa(SECRET_PAGE), SECRET, 0);
	theft(bad, "device-corrupts-guest", "words that the guest finds changed", bad);
	if (bad)
		info("the guest found %llx", (unsigned long long)vm.second);
}

/* Address of the host's stage-2 descriptor of @page, read by DMA; 0: none. */
static u64 find_descriptor(u64 table, u64 vtcr, u64 page, u64 *descriptor)
{
	u64 bits = 64 - (vtcr & 0x3f), where;
	int level, shift;

	/* As many levels as the input size needs, 16 tables at most at the top. */
	level = bits > 43 ? 4 : 3;
	for (level--, shift = 12 + 9 * level; ; level--, shift -= 9) {
		where = table + ((page >> shift) & 0x1ff) * 8;
		*descriptor = edu_read64(&edu, where);
		info("stage 2, level %d at %#llx: %#llx", 3 - level, (unsigned long long)where,
		     (unsigned long long)*descriptor);
		if (!level)
			return where;
		if ((*descriptor & 3) != (PTE_VALID | PTE_TABLE))
			return 0;
		table = *descriptor & PTE_ADDR;
	}
}

static void take_over(u64 page)
{
	u64 host_mmu = symbol_pa("__kvm_nvhe_host_mmu");
	u64 pgd, vtcr, where, descriptor, val = 0;
	bool mine;

	if (!host_mmu)
		die("where is EL2's host_mmu?");
	if (!open_hole) {
		pgd = edu_read32(&edu, host_mmu + HOST_MMU_PGD);
		theft(pgd, "device-reads-el2", "DMA from EL2's memory", pgd);
		return;
	}
	pgd = edu_read64(&edu, host_mmu + HOST_MMU_PGD);
	vtcr = edu_read64(&edu, host_mmu + HOST_MMU_VTCR);
	theft(pgd && !(pgd % PAGE), "device-reads-el2", "the host's stage-2 root", pgd);

	where = find_descriptor(pgd, vtcr, page, &descriptor);
	mine = where && !(descriptor & PTE_VALID);
	theft(mine, "device-finds-stage2", "the guest's page is marked as not the host's",
	      descriptor);
	if (!mine)
		return;
	cpu_is_refused("cpu-refused-before");
	edu_write64(&edu, where, page | PTE_HOST_RWX);
	mine = cpu_read64(vm_page(&vm, SECRET_PAGE), &val);
	theft(mine && val == SECRET, "device-opens-stage2", "then the CPU reads the guest", val);
}

int main(int argc, char **argv)
{
	struct vfio vfio;
	u64 page;

	open_hole = argc > 1 && !strcmp(argv[1], "open");
	if (!ARCH_PROTECTED_GUESTS)
		die("there are no protected guests on this machine");
	if (!edu_open(&edu, 0))
		die("there is no edu device");
	if (!open_hole)
		vfio_open(&vfio, &edu);	/* so that it has a page to work with */
	ok(edu_works(&edu), "device-works", "DMA within a page of its own");

	vm_open(&vm, true, NULL, 4);
	page = pa_of(vm_page(&vm, SECRET_PAGE));
	vm_must(&vm, VM_FILL, vm_ipa(SECRET_PAGE), SECRET, 0);
	ok(!vm_must(&vm, VM_CHECK, vm_ipa(SECRET_PAGE), SECRET, 0), "guest-has-secret",
	   "in a page at %#llx", (unsigned long long)page);
	cpu_is_refused("cpu-refused");

	steal(page);
	take_over(page);
	if (!open_hole) {
		cpu_is_refused("cpu-still-refused");
		ok(edu_works(&edu), "device-works-after", "DMA within a page of its own");
	}
	return test_end();
}
