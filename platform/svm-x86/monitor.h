/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the monitor's files share with each other.
 */
#ifndef HYP_SVM_MONITOR_H
#define HYP_SVM_MONITOR_H

#include "platform/platform.h"
#include "platform/ram.h"
#include "launch.h"
#include "regs.h"
#include "vmmcall.h"

extern struct svm_boot svm_boot;

/* monitor.lds: where the parts of the image begin. */
extern const u8 svm_text[];
extern const u8 svm_rodata[];
extern const u8 svm_data[];
extern const u8 svm_end[];

/* entry.S: the interrupt table, and its stubs, 16 bytes each. */
extern u64 svm_idt[][2];
extern const u8 svm_stubs[];

static inline struct svm_area *svm_area(u64 n)
{
	return (struct svm_area *)(SVM_IMAGE + SVM_AREA_OFFSET(&svm_boot, n));
}

static inline u64 svm_rdmsr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (u64)high << 32;
}

static inline void svm_wrmsr(u32 msr, u64 val)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((u32)val), "d"((u32)(val >> 32)) : "memory");
}

static inline void svm_outb(u16 port, u8 val)
{
	asm volatile("outb %0, %1" : : "a"(val), "Nd"(port));
}

static inline u8 svm_inb(u16 port)
{
	u8 val;

	asm volatile("inb %1, %0" : "=a"(val) : "Nd"(port));
	return val;
}

/* entry.S: run the guest until it exits. */
void svm_run(struct svm_cpu *cpu);

/* monitor.c */
void svm_finalise(void);

/* panic.c: the monitor itself has gone wrong.  No input of a host's leads here. */
void __noreturn svm_panic(const char *what, u64 val);
void __noreturn svm_reset(void);
void svm_idt_init(void);

/* smp.c */

/* Run the guest, without translations that svm_flush() has asked to forget. */
void svm_enter(struct svm_cpu *cpu);

/*
 * Make all CPUs forget what they have cached of the nested table, and wait.  Return: 0, or -EBUSY:
 * a CPU has not answered.
 */
int svm_flush(void);

/* An NMI has arrived.  Return: true if it was only the kick of another CPU. */
bool svm_kicked(struct svm_cpu *cpu);

/* memory.c */

enum svm_owner {
	SVM_HOST = HYP_RAM_HOST,
	SVM_VAULT_SHARED,		/* with the host, which may read, write, and pin it */
	SVM_HYP = HYP_RAM_HYP,
	SVM_VAULT
};

/*
 * Build the monitor's address space and the guest's nested table.  Return: the physical address of
 * the former's root.
 */
u64 svm_memory_init(void);
u64 svm_nested_root(void);

/*
 * Hand pages from one owner to another; -EINVAL: range; -EPERM: a page is not @from's; -EBUSY: the
 * host loses access, and a page is pinned; or a CPU does not answer.  On error nothing changes.
 */
int svm_pages_move(u64 pa, u64 nr, enum svm_owner from, enum svm_owner to);

/* vault.c */
int svm_vault_call(u64 call, const u64 *args, u64 *done);

#endif /* HYP_SVM_MONITOR_H */
