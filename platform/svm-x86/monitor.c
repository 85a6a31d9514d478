// SPDX-License-Identifier: GPL-2.0-only
/*
 * The monitor: runs Linux as its guest, and answers when it exits.
 *
 * Linux keeps its devices, interrupts and timers; what it must not do exits, and is refused as
 * hardware would: by an exception.  There is one guest, and it is the host of hyp-iommu.
 */
#include "monitor.h"
#include "core/backend.h"
#include "core/hypercall.h"

extern const struct hyp_iommu_backend hyp_vtd_backend;

const struct hyp_iommu_backend *const hyp_iommu_backends[] = { &hyp_vtd_backend, NULL };

u64 svm_tsc_khz;

static bool finalised;

/* Two bits for each MSR of three ranges: reads exit, writes exit (15.11). */
static u8 msrpm[0x2000] __aligned(0x1000);

bool hyp_pf_finalised(void)
{
	return __atomic_load_n(&finalised, __ATOMIC_ACQUIRE);
}

bool hyp_pf_isolates(void)
{
	return svm_boot.x2apic;
}

/* ---- exceptions for the guest ---- */

static void inject(struct svm_cpu *cpu, u32 vector, u64 type)
{
	cpu->vmcb->event = VMCB_EVENT_VALID | type | vector;
}

static void refuse(struct svm_cpu *cpu)
{
	cpu->stat[HYP_SVM_REFUSED]++;
	inject(cpu, VECTOR_GP, VMCB_EVENT_EXCEPTION | VMCB_EVENT_ERROR);
}

static void skip_instruction(struct svm_cpu *cpu, u64 length)
{
	cpu->vmcb->rip += length;
	cpu->vmcb->interrupt_shadow = 0;
}

/*
 * What the guest was about to be told when it exited is told once more.  QEMU calls an interrupt an
 * exception, and refuses vectors of exceptions that are none.
 */
static void deliver_again(struct svm_cpu *cpu)
{
	u64 event = cpu->vmcb->exit_interrupt;

	if (!(event & VMCB_EVENT_VALID))
		return;
	if ((event & VMCB_EVENT_TYPE) == VMCB_EVENT_EXCEPTION && (event & VMCB_EVENT_VECTOR) >= 32)
		event &= ~VMCB_EVENT_TYPE;
	cpu->vmcb->event = event;
}

/* ---- NMIs ---- */

/*
 * An NMI of Linux waits until the handler of the one before has ended: until its IRET is executed,
 * not only reached.  If another one waits by then, the IRET is stepped over.
 */
static void nmi_before_entry(struct svm_cpu *cpu)
{
	struct svm_vmcb *vmcb = cpu->vmcb;

	if (cpu->nmi == SVM_NMI_AT_IRET && vmcb->rip != cpu->iret_rip)
		cpu->nmi = SVM_NMI_OPEN;
	if (!cpu->nmi_pending)
		return;
	if (cpu->nmi == SVM_NMI_AT_IRET) {
		cpu->nmi = SVM_NMI_STEPPING;
		vmcb->rflags |= RFLAGS_TF;
		vmcb->intercept_exceptions |= VMCB_EXCEPTION_DB;
	}
	if (cpu->nmi == SVM_NMI_OPEN && !(vmcb->event & VMCB_EVENT_VALID)) {
		cpu->nmi = SVM_NMI_RUNNING;
		cpu->nmi_pending = false;
		vmcb->intercept_misc |= VMCB_MISC_IRET;
		inject(cpu, VECTOR_NMI, VMCB_EVENT_NMI);
	}
}

static void exit_nmi(struct svm_cpu *cpu)
{
	/* It is pending until it is taken, which the monitor's own handler does. */
	asm volatile("stgi; nop; clgi" : : : "memory");
	if (!svm_kicked(cpu))
		cpu->nmi_pending = true;
	/*
	 * QEMU's VMRUN forgets the shadow of an STI.  An interrupt could then come before the HLT
	 * behind it, and what it woke would sleep: that HLT ends at once.
	 */
	if (cpu->vmcb->interrupt_shadow)
		cpu->vmcb->intercept_misc |= VMCB_MISC_HLT;
}

static void exit_hlt(struct svm_cpu *cpu)
{
	cpu->vmcb->intercept_misc &= ~VMCB_MISC_HLT;
	skip_instruction(cpu, 1);
}

static void exit_iret(struct svm_cpu *cpu)
{
	cpu->nmi = SVM_NMI_AT_IRET;
	cpu->iret_rip = cpu->vmcb->rip;
	cpu->vmcb->intercept_misc &= ~VMCB_MISC_IRET;
}

static void exit_step(struct svm_cpu *cpu)
{
	cpu->nmi = SVM_NMI_OPEN;
	cpu->vmcb->intercept_exceptions &= ~VMCB_EXCEPTION_DB;
	/* IRET has loaded flags of its own, unless it failed. */
	if (cpu->vmcb->rip == cpu->iret_rip)
		cpu->vmcb->rflags &= ~RFLAGS_TF;
}

/* ---- CPUID ---- */

static void exit_cpuid(struct svm_cpu *cpu)
{
	u64 cr4 = cpu->vmcb->cr4;
	u32 leaf = cpu->vmcb->rax, a = leaf, b, c = cpu->rcx, d, sub = c;

	asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	switch (leaf) {
	case 1:				/* the guest's CR4, not ours */
		c = (c & ~BIT(27)) | (cr4 & CR4_OSXSAVE ? BIT(27) : 0);
		break;
	case 7:
		if (!sub)
			c = (c & ~BIT(4)) | (cr4 & CR4_PKE ? BIT(4) : 0);
		break;
	case 0x80000001:		/* no SVM */
		c &= ~BIT(2);
		break;
	case 0x8000000a:
		a = 0;
		b = 0;
		c = 0;
		d = 0;
		break;
	}
	cpu->vmcb->rax = a;
	cpu->rbx = b;
	cpu->rcx = c;
	cpu->rdx = d;
	skip_instruction(cpu, 2);
}

/* ---- MSRs ---- */

static void msr_exits(u32 msr, bool reads)
{
	u32 range = msr < 0x2000 ? 0 : msr - 0xc0000000 < 0x2000 ? 0x800 : 0x1000;
	u32 bit = (msr & 0x1fff) * 2;

	msrpm[range + bit / 8] |= (reads ? 3 : 2) << bit % 8;
}

/*
 * EFER, SVM's own, the APIC's base and command register; the clock; memory types, and whatever AMD
 * has for the platform (0xc001xxxx): top of memory, SMM, ranges of I/O.
 */
static void msrpm_init(void)
{
	u32 msr;

	msr_exits(MSR_TSC, false);
	msr_exits(MSR_APIC_BASE, false);
	msr_exits(MSR_TSC_ADJUST, false);
	for (msr = 0x200; msr < 0x300; msr++) {
		if (msr != MSR_PAT)
			msr_exits(msr, false);
	}
	if (svm_boot.x2apic)
		msr_exits(MSR_X2APIC_ICR, false);
	msr_exits(MSR_EFER, true);
	for (msr = 0xc0010000; msr < 0xc0012000; msr++)
		msr_exits(msr, false);
	msr_exits(MSR_VM_CR, true);
	msr_exits(MSR_VM_HSAVE_PA, true);
}

static bool read_msr(const struct svm_cpu *cpu, u32 msr, u64 *val)
{
	switch (msr) {
	case MSR_EFER:
		*val = cpu->vmcb->efer & ~EFER_SVME;
		return true;
	case MSR_VM_CR:
		*val = VM_CR_SVMDIS;
		return true;
	default:
		return false;
	}
}

/* An INIT, a start-up or an SMI takes a CPU out of the guest; it is as if it got lost. */
static bool send_ipi(u64 icr)
{
	u64 mode = icr & ICR_MODE;

	if (icr & ~ICR_VALID)
		return false;
	if (mode == ICR_FIXED || mode == ICR_LOWEST || mode == ICR_NMI)
		svm_wrmsr(MSR_X2APIC_ICR, icr);
	return true;
}

static bool write_msr(struct svm_cpu *cpu, u32 msr, u64 val)
{
	const u64 own = EFER_SCE | EFER_NXE;

	switch (msr) {
	case MSR_EFER:
		if ((val ^ cpu->vmcb->efer) & ~(own | EFER_SVME) || val & EFER_SVME)
			return false;
		cpu->vmcb->efer = val | EFER_SVME;
		return true;
	case MSR_APIC_BASE:
		return val == svm_rdmsr(msr);
	case MSR_X2APIC_ICR:
		return send_ipi(val);
	default:
		return false;
	}
}

static void exit_msr(struct svm_cpu *cpu)
{
	u64 val = (u32)cpu->vmcb->rax | cpu->rdx << 32;
	bool done;

	if (cpu->vmcb->exit_info1) {
		done = write_msr(cpu, cpu->rcx, val);
	} else {
		done = read_msr(cpu, cpu->rcx, &val);
		if (done) {
			cpu->vmcb->rax = (u32)val;
			cpu->rdx = val >> 32;
		}
	}
	if (done)
		skip_instruction(cpu, 2);
	else
		refuse(cpu);
}

/* ---- hypercalls ---- */

static int svm_call(struct svm_cpu *cpu, u64 call, const u64 *args, u64 *done)
{
	static const u8 nr_args[] = { 0, 2, 2, 2, 2, 1, 1 };
	u64 i = call - HYP_SVM_FINALISE;

	static_assert(ARRAY_SIZE(nr_args) == HYP_SVM_CALLS_END - HYP_SVM_FINALISE);
	if (i >= ARRAY_SIZE(nr_args))
		return -EOPNOTSUPP;
	for (i = nr_args[hyp_pf_nospec(i, ARRAY_SIZE(nr_args))]; i < HYP_IOMMU_MAX_ARGS; i++) {
		if (args[i])
			return -EINVAL;
	}

	switch (call) {
	case HYP_SVM_FINALISE:
		return __atomic_exchange_n(&finalised, true, __ATOMIC_ACQ_REL) ? -EOPNOTSUPP : 0;
	case HYP_SVM_STAT:
		if (args[0] >= HYP_SVM_NR_STATS)
			return -EINVAL;
		*done = cpu->stat[hyp_pf_nospec(args[0], HYP_SVM_NR_STATS)];
		return 0;
	default:
		return hyp_pf_finalised() ? svm_vault_call(call, args, done) : -EOPNOTSUPP;
	}
}

static void exit_vmmcall(struct svm_cpu *cpu)
{
	const u64 args[HYP_IOMMU_MAX_ARGS] = {
		cpu->rsi, cpu->rdx, cpu->rcx, cpu->r8, cpu->r9, cpu->r10
	};
	struct hyp_iommu_ret ret = { 0 };

	if (cpu->vmcb->cpl) {
		inject(cpu, VECTOR_UD, VMCB_EVENT_EXCEPTION);
		return;
	}
	if (cpu->rdi < HYP_SVM_FINALISE)
		hyp_iommu_dispatch(cpu->rdi, args, &ret);
	else
		ret.status = svm_call(cpu, cpu->rdi, args, &ret.done);
	cpu->vmcb->rax = ret.status;
	cpu->rdx = ret.done;
	cpu->rcx = ret.need;
	skip_instruction(cpu, 3);
}

/* ---- exits ---- */

/*
 * The guest touched what is not its own.  A page fault would not do: to Linux the page is there,
 * and it would try again.  If it was about to handle something else, that has failed twice; and if
 * that was a double fault, three times, which resets a machine.
 */
static void exit_nested_fault(struct svm_cpu *cpu)
{
	u64 event = cpu->vmcb->exit_interrupt;

	if (!(event & VMCB_EVENT_VALID)) {
		refuse(cpu);
		return;
	}
	if ((event & VMCB_EVENT_TYPE) == VMCB_EVENT_EXCEPTION &&
	    (event & VMCB_EVENT_VECTOR) == VECTOR_DF)
		svm_reset();
	cpu->stat[HYP_SVM_REFUSED]++;
	inject(cpu, VECTOR_DF, VMCB_EVENT_EXCEPTION | VMCB_EVENT_ERROR);
}

static void handle_exit(struct svm_cpu *cpu)
{
	cpu->vmcb->event = 0;
	deliver_again(cpu);
	switch (cpu->vmcb->exit_code) {
	case VMEXIT_VMMCALL:
		exit_vmmcall(cpu);
		break;
	case VMEXIT_CPUID:
		exit_cpuid(cpu);
		break;
	case VMEXIT_MSR:
		exit_msr(cpu);
		break;
	case VMEXIT_NPF:
		exit_nested_fault(cpu);
		break;
	case VMEXIT_NMI:
		exit_nmi(cpu);
		break;
	case VMEXIT_IRET:
		exit_iret(cpu);
		break;
	case VMEXIT_HLT:
		exit_hlt(cpu);
		break;
	case VMEXIT_DB:
		exit_step(cpu);
		break;
	case VMEXIT_INIT:
		break;
	case VMEXIT_INVLPGA:
	case VMEXIT_VMRUN:
	case VMEXIT_VMLOAD:
	case VMEXIT_VMSAVE:
	case VMEXIT_STGI:
	case VMEXIT_CLGI:
	case VMEXIT_SKINIT:
		inject(cpu, VECTOR_UD, VMCB_EVENT_EXCEPTION);
		break;
	default:
		/* SHUTDOWN: a triple fault resets a machine.  No other exit was asked for. */
		svm_reset();
	}
}

/* ---- the beginning ---- */

static void init_vmcb(struct svm_cpu *cpu, u64 nested_root)
{
	struct svm_vmcb *vmcb = cpu->vmcb;

	vmcb->intercept_misc = VMCB_MISC_NMI | VMCB_MISC_INIT | VMCB_MISC_CPUID |
			       VMCB_MISC_INVLPGA | VMCB_MISC_MSR | VMCB_MISC_SHUTDOWN;
	vmcb->intercept_svm = VMCB_SVM_ALL;
	vmcb->msrpm_pa = svm_boot.image_pa + ((u64)msrpm - SVM_IMAGE);
	vmcb->asid = 1;
	vmcb->tlb_control = VMCB_TLB_FLUSH_ALL;
	vmcb->nested_control = VMCB_NESTED_PAGING;
	vmcb->nested_cr3 = nested_root;
	vmcb->efer |= EFER_SVME;
}

/*
 * entry.S, in the address space of the launch, in which all is writable and executable.  Return:
 * the root of the one to go on with.
 */
u64 svm_first(void);
__visible u64 svm_first(void)
{
	static u64 root;

	if (!root) {
		svm_tsc_khz = svm_boot.tsc_khz;
		svm_idt_init();
		msrpm_init();
		root = svm_memory_init();
	}
	return root;
}

/* entry.S, from then on. */
void __noreturn svm_loop(struct svm_cpu *cpu);
__visible void __noreturn svm_loop(struct svm_cpu *cpu)
{
	static u64 nested_root;

	if (!nested_root)
		nested_root = svm_nested_root();
	init_vmcb(cpu, nested_root);
	for (;;) {
		nmi_before_entry(cpu);
		svm_enter(cpu);
		handle_exit(cpu);
	}
}
