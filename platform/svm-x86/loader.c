// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts the running Linux under the monitor, if the command line says hyp_svm, and makes hypercalls.
 *
 * It runs after all CPUs have come up and before any driver.  The monitor gets memory of its own,
 * from which Linux is then shut out, and CPU by CPU goes on as a guest, in the middle of
 * svm_launch().  CPUs that are not online by then stay offline: what starts one is refused.
 */
#define pr_fmt(fmt) "hyp-svm: " fmt

#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <asm/apic.h>
#include <asm/cpuid/api.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/special_insns.h>
#include <asm/tsc.h>
#include <asm/x86_init.h>

#include "hostif/linux/hyp-iommu-kvm.h"
#include "hostif/linux/transport.h"
#include "launch.h"
#include "vmmcall.h"

#define MAX_PHYS_BITS	46	/* SVM_PHYSMAP has room for */
#define PTE_LEAF	(_PAGE_PRESENT | _PAGE_RW | _PAGE_PSE)
#define PTE_TABLE	(_PAGE_PRESENT | _PAGE_RW)

static_assert(sizeof(struct svm_area) == SVM_AREA);
static_assert(sizeof(struct svm_vmcb) == PAGE_SIZE);
static_assert(offsetof(struct svm_cpu, vmcb_pa) == SVM_CPU_VMCB);
static_assert(offsetof(struct svm_vmcb, rip) == 0x578 && offsetof(struct svm_vmcb, pat) == 0x668);

static bool requested __initdata;
static bool launched;
static struct svm_boot *boot __initdata;	/* the image */
static u64 launch_root __initdata;

/* ---- hypercalls ---- */

static struct hyp_iommu_ret vmmcall(u64 call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	register u64 r8 asm("r8") = a3;
	register u64 r9 asm("r9") = a4;
	register u64 r10 asm("r10") = a5;
	struct hyp_iommu_ret ret;

	asm volatile("vmmcall"
		     : "=a"(ret.status), "+d"(a1), "+c"(a2)
		     : "D"(call), "S"(a0), "r"(r8), "r"(r9), "r"(r10)
		     : "memory");
	ret.done = a1;
	ret.need = a2;
	return ret;
}

bool hyp_iommu_hvc_expected(void)
{
	return launched;
}

bool hyp_iommu_hvc_available(void)
{
	return launched;
}

struct hyp_iommu_ret hyp_iommu_hvc(u64 call, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	if (!launched)
		return (struct hyp_iommu_ret){ .status = -EOPNOTSUPP };
	return vmmcall(call, a0, a1, a2, a3, a4, a5);
}

/* ---- the parameter ---- */

static bool __init always(void)
{
	return true;
}

/*
 * In x2APIC mode the monitor sees what CPUs send to each other.  Linux uses that mode where a
 * hypervisor is known to bear it; interrupts are not remapped, so CPUs have to have small numbers.
 */
static int __init hyp_svm_parse(char *arg)
{
	requested = true;
	x86_init.hyper.x2apic_available = always;
	return 0;
}
early_param("hyp_svm", hyp_svm_parse);

/* ---- memory for the monitor ---- */

static u64 __init alloc_chunk(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN,
					get_order(SVM_CHUNK));

	return page ? page_to_phys(page) : 0;
}

static int __init add_ram(unsigned long pfn, unsigned long nr, void *arg)
{
	u64 *pages = arg;

	if (boot->nr_ram == SVM_MAX_RAM || PFN_PHYS(pfn + nr) > SVM_MAX_MEMORY)
		return -E2BIG;
	boot->ram[boot->nr_ram].pa = PFN_PHYS(pfn);
	boot->ram[boot->nr_ram].size = PFN_PHYS(nr);
	boot->nr_ram++;
	*pages += nr;
	return 0;
}

/*
 * The account of memory; and tables: the guest's for all memory page by page, the upper ones of
 * both address spaces, and of the second the ragged edges of each piece of memory.
 */
static int __init alloc_memory(void)
{
	u64 pages = 0, tables, chunks;
	int err = walk_system_ram_range(0, PHYS_PFN(U64_MAX), &pages, add_ram);

	if (err)
		return err;
	tables = pages / 512 + 2 * (1ULL << (boot->phys_bits > 39 ? boot->phys_bits - 39 : 0)) +
		 8 * boot->nr_ram + 4 * boot->nr_cpus + 256;
	chunks = svm_account_chunks(pages, boot->nr_ram) +
		 DIV_ROUND_UP(tables * PAGE_SIZE, SVM_CHUNK);
	if (chunks > SVM_MAX_CHUNKS)
		return -E2BIG;
	for (; boot->nr_chunks < chunks; boot->nr_chunks++) {
		boot->chunk[boot->nr_chunks] = alloc_chunk();
		if (!boot->chunk[boot->nr_chunks])
			return -ENOMEM;
	}
	return 0;
}

/* ---- the launch table: what the first instructions of the monitor need ---- */

/* The entry for @va at @level (1: 4K); NULL: no memory. */
static u64 *__init entry(u64 va, int level)
{
	u64 *table = __va(launch_root);
	int at = pgtable_l5_enabled() ? 5 : 4;

	for (;; at--) {
		u64 *slot = &table[va >> (12 + 9 * (at - 1)) & 511];

		if (at == level)
			return slot;
		if (!*slot) {
			void *page = (void *)get_zeroed_page(GFP_KERNEL);

			if (!page)
				return NULL;
			*slot = __pa(page) | PTE_TABLE;
		}
		table = __va(*slot & PAGE_MASK);
	}
}

static int __init set(u64 va, int level, u64 val)
{
	u64 *slot = entry(va, level);

	if (!slot)
		return -ENOMEM;
	*slot = val;
	return 0;
}

static int __init make_launch_table(void)
{
	u64 text = (u64)svm_launch & PAGE_MASK, i, pa, last = 0;
	void *root = (void *)get_zeroed_page(GFP_KERNEL);
	int err;

	if (!root)
		return -ENOMEM;
	launch_root = __pa(root);
	for (i = 0; i < boot->nr_ram; i++)
		last = max(last, boot->ram[i].pa + boot->ram[i].size - 1);
	err = set(SVM_IMAGE, 2, boot->image_pa | PTE_LEAF);
	for (pa = 0; !err && pa <= last; pa += SZ_1G)
		err = set(SVM_PHYSMAP + pa, 3, pa | PTE_LEAF);
	return err ?: set(text, 1, __pa_symbol(text) | _PAGE_PRESENT);
}

/* ---- each CPU ---- */

static void __init save_segment(struct svm_segment *seg, u16 selector)
{
	u32 rights = 0, limit = 0;

	if (selector & ~3) {
		asm("lar %1, %0" : "=r"(rights) : "r"((u32)selector));
		asm("lsl %1, %0" : "=r"(limit) : "r"((u32)selector));
	}
	*seg = (struct svm_segment){
		.selector = selector,
		.attributes = (rights >> 8 & 0xff) | (rights >> 12 & 0xf00),
		.limit = limit,
	};
}

/* What the guest goes on with, but for where; the other registers are not exchanged at all. */
static void __init save_state(struct svm_vmcb *vmcb)
{
	struct desc_ptr desc;
	unsigned long val;
	u16 selector;

	savesegment(es, selector);
	save_segment(&vmcb->es, selector);
	savesegment(cs, selector);
	save_segment(&vmcb->cs, selector);
	savesegment(ss, selector);
	save_segment(&vmcb->ss, selector);
	savesegment(ds, selector);
	save_segment(&vmcb->ds, selector);
	native_store_gdt(&desc);
	vmcb->gdtr = (struct svm_segment){ .limit = desc.size, .base = desc.address };
	store_idt(&desc);
	vmcb->idtr = (struct svm_segment){ .limit = desc.size, .base = desc.address };
	vmcb->cr0 = read_cr0();
	vmcb->cr2 = read_cr2();
	vmcb->cr3 = __read_cr3();
	vmcb->cr4 = __read_cr4();
	get_debugreg(val, 6);
	vmcb->dr6 = val;
	get_debugreg(val, 7);
	vmcb->dr7 = val;
	vmcb->efer = native_rdmsrq(MSR_EFER);
	vmcb->pat = native_rdmsrq(MSR_IA32_CR_PAT);
}

static void __init launch_cpu(void *arg)
{
	u64 offset = SVM_AREA_OFFSET(boot, *(u64 *)arg);
	struct svm_area *area = (void *)boot + offset;
	u64 va = SVM_IMAGE + offset;

	area->cpu.vmcb = (struct svm_vmcb *)(va + offsetof(struct svm_area, vmcb));
	area->cpu.vmcb_pa = boot->image_pa + offset + offsetof(struct svm_area, vmcb);
	area->cpu.apic_id = read_apic_id();
	native_wrmsrq(MSR_EFER, native_rdmsrq(MSR_EFER) | EFER_SVME);
	native_wrmsrq(MSR_VM_HSAVE_PA, boot->image_pa + offset + offsetof(struct svm_area, hsave));
	save_state(&area->vmcb);
	svm_launch(&area->vmcb.rip, &area->vmcb.rsp, &area->vmcb.rflags, launch_root,
		   va + sizeof(*area), (void *)va, boot->entry);
}

/* ---- all of it ---- */

/* Return: NULL, or why it cannot be. */
static const char *__init look(void)
{
	u64 vm_cr;

	if (!(cpuid_ecx(0x80000001) & BIT(2)) || !(cpuid_edx(0x8000000a) & BIT(0)))
		return "no SVM, or no nested paging";
	if (!rdmsrq_safe(MSR_VM_CR, &vm_cr) && vm_cr & SVM_VM_CR_SVM_DIS_MASK)
		return "firmware has disabled SVM";
	if (!boot_cpu_has(X86_FEATURE_GBPAGES) || !boot_cpu_has(X86_FEATURE_NX))
		return "no pages of 1 GiB, or no NX";
	if (num_online_cpus() > SVM_MAX_CPUS)
		return "too many CPUs";
	if (!x2apic_enabled() && num_online_cpus() > 1)
		return "several CPUs, and not x2APIC mode (nox2apic?)";
	if (!tsc_khz)
		return "nobody knows how fast the TSC is";
	return NULL;
}

static const char *__init prepare(void)
{
	u64 image = alloc_chunk();

	if (!image)
		return "no memory";
	boot = __va(image);
	memcpy(boot, svm_image, svm_image_end - svm_image);
	boot->image_pa = image;
	boot->tsc_khz = tsc_khz;
	boot->phys_bits = min(boot_cpu_data.x86_phys_bits, MAX_PHYS_BITS);
	boot->x2apic = x2apic_enabled();
	boot->nr_cpus = num_online_cpus();
	if (SVM_AREA_OFFSET(boot, boot->nr_cpus) > SVM_CHUNK)
		return "too many CPUs";
	if (alloc_memory() || make_launch_table())
		return "no memory, or too much";
	return NULL;
}

static int __init hyp_svm_init(void)
{
	const char *why;
	u64 n = 0;
	int cpu;

	if (!requested)
		return 0;
	why = look();
	if (!why)
		why = prepare();
	if (why) {
		/* What was allocated stays so: nothing of this happens twice. */
		pr_err("not launched: %s\n", why);
		return 0;
	}
	pr_info("the monitor's image at %#llx, its tables at %#llx; %llu KiB in all\n",
		boot->image_pa, boot->chunk[boot->nr_chunks - 1],
		(boot->nr_chunks + 1) * (SVM_CHUNK / SZ_1K));
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		smp_call_function_single(cpu, launch_cpu, &n, 1);
		n++;
	}
	cpus_read_unlock();
	launched = true;
	pr_info("Linux runs as a guest on %llu CPU(s)%s\n", n,
		x2apic_enabled() ? "" : "; NOT ISOLATED without x2APIC: INIT gets out");
	return 0;
}
core_initcall(hyp_svm_init);

static int __init hyp_svm_finalise(void)
{
	if (!launched)
		return 0;
	if (!hyp_iommu_may_finalise())
		pr_err("not finalised: devices could bypass it\n");
	else if (vmmcall(HYP_SVM_FINALISE, 0, 0, 0, 0, 0, 0).status)
		pr_err("not finalised\n");
	return 0;
}
device_initcall_sync(hyp_svm_finalise);
