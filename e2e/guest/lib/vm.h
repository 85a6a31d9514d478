/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small virtual machine monitor: one vCPU, one memory slot, and the guest of
 * guest.S, which does what it is told through MMIO exits.
 */
#ifndef E2E_VM_H
#define E2E_VM_H

#include "test.h"

#define VM_RAM		0x40000000ULL	/* where the guest sees its memory */
#define VM_MAX_PAGES	512

/* Commands of guest.S; its page 0 is code. */
enum vm_command {
	VM_PEEK = 1,	/* (ipa) -> the 8 bytes there */
	VM_POKE,	/* (ipa, value) */
	VM_FILL,	/* (ipa, seed): word i of the page becomes seed + i */
	VM_CHECK,	/* (ipa, seed) -> bad words in the page, and the first of them */
	VM_HVC,		/* (function, a, b) -> what the hypervisor returns */
	VM_OFF,		/* never returns: vm_run() gives -ESHUTDOWN */
};

#define VM_MEM_SHARE	0xc6000003ULL	/* (ipa, 0, 0) */
#define VM_MEM_UNSHARE	0xc6000004ULL

struct vm {
	int kvm, fd, vcpu;
	struct kvm_run *run;
	u8 *mem;		/* the guest's memory, as the host maps it */
	unsigned int pages;
	u64 second;		/* second value that the last command returned */
};

/* guest.S */
extern const u8 guest_start[], guest_end[];

/* @mem: memory for the guest, of @pages pages, or NULL.  Dies if KVM refuses. */
void vm_open(struct vm *vm, bool is_protected, void *mem, unsigned int pages);
void vm_close(struct vm *vm);

/* Run one command. Return: 0, or the error of KVM_RUN. */
int vm_run(struct vm *vm, enum vm_command cmd, u64 a, u64 b, u64 c, u64 *val);

/* The same, where failure is the end of the test. */
u64 vm_must(struct vm *vm, enum vm_command cmd, u64 a, u64 b, u64 c);

static inline u64 vm_ipa(unsigned int page)
{
	return VM_RAM + page * PAGE;
}

static inline void *vm_page(struct vm *vm, unsigned int page)
{
	return vm->mem + page * PAGE;
}

#endif /* E2E_VM_H */
