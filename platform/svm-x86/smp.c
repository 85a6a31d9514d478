// SPDX-License-Identifier: GPL-2.0-only
/*
 * How CPUs forget translations of the nested table.
 *
 * A CPU in the monitor uses none, and drops all when it enters the guest if anybody has asked for
 * it since it did last.  So only CPUs in the guest have to be told: an NMI makes them exit.  CPUs
 * that spin for a lock in the monitor need not do anything, and so nobody waits for anybody else.
 *
 *	who changes the table		who enters the guest
 *	change				in_guest = 1
 *	generation++			read generation, and flush if it is new
 *	read in_guest: kick if set	VMRUN
 *
 * Each side writes before it reads, so that one of the two sees the other.
 */
#include "monitor.h"

static u64 generation;		/* under the lock of memory.c */

void svm_enter(struct svm_cpu *cpu)
{
	u64 now;

	__atomic_store_n(&cpu->in_guest, 1, __ATOMIC_SEQ_CST);
	now = __atomic_load_n(&generation, __ATOMIC_SEQ_CST);
	cpu->vmcb->tlb_control = now != cpu->generation ? VMCB_TLB_FLUSH_ALL : 0;
	__atomic_store_n(&cpu->generation, now, __ATOMIC_RELEASE);
	svm_run(cpu);
	__atomic_store_n(&cpu->in_guest, 0, __ATOMIC_RELEASE);
	cpu->stat[HYP_SVM_EXITS]++;
}

bool svm_kicked(struct svm_cpu *cpu)
{
	if (!__atomic_exchange_n(&cpu->kicked, 0, __ATOMIC_SEQ_CST))
		return false;
	cpu->stat[HYP_SVM_KICKS]++;
	return true;
}

/* Is there nothing old that @cpu could use? */
static bool has_forgotten(const struct svm_cpu *cpu, u64 now)
{
	return !__atomic_load_n(&cpu->in_guest, __ATOMIC_SEQ_CST) ||
	       __atomic_load_n(&cpu->generation, __ATOMIC_ACQUIRE) == now;
}

int svm_flush(void)
{
	u64 now = __atomic_add_fetch(&generation, 1, __ATOMIC_SEQ_CST);
	u64 start = hyp_pf_us(), n;
	struct svm_cpu *cpu;

	/* All at once, then wait for all. */
	for (n = 0; n < svm_boot.nr_cpus; n++) {
		cpu = &svm_area(n)->cpu;
		if (!has_forgotten(cpu, now) &&
		    !__atomic_exchange_n(&cpu->kicked, 1, __ATOMIC_SEQ_CST))
			svm_wrmsr(MSR_X2APIC_ICR, (u64)cpu->apic_id << 32 | ICR_NMI | ICR_ASSERT);
	}
	for (n = 0; n < svm_boot.nr_cpus; n++) {
		cpu = &svm_area(n)->cpu;
		while (!has_forgotten(cpu, now)) {
			if (hyp_pf_us() - start > 10 * 1000 * 1000)
				return -EBUSY;
			hyp_pf_relax();
		}
	}
	return 0;
}
