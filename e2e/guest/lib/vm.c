// SPDX-License-Identifier: GPL-2.0-only
/* A small virtual machine monitor for arm64; see vm.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mem.h"
#include "vm.h"

#ifndef KVM_VM_TYPE_ARM_PROTECTED
#define KVM_VM_TYPE_ARM_PROTECTED	(1UL << 31)
#endif

#define MMIO		0x10000000ULL	/* as in guest.S */
#define MMIO_RESULT	32
#define MMIO_SECOND	40

static long must(long ret, const char *what)
{
	if (ret < 0)
		die("%s: %s", what, strerror(errno));
	return ret;
}

/* The vCPU begins at @pc, with the MMU off. */
#ifdef __aarch64__
static void vcpu_init(struct vm *vm, u64 pc)
{
	struct kvm_vcpu_init init;
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
		      KVM_REG_ARM_CORE_REG(regs.pc),
		.addr = (uintptr_t)&pc,
	};

	must(ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2;
	must(ioctl(vm->vcpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
	must(ioctl(vm->vcpu, KVM_SET_ONE_REG, &reg), "KVM_SET_ONE_REG");
}
#else
static void vcpu_init(struct vm *vm, u64 pc)
{
	die("guest.S has no code for this machine");
}
#endif

void vm_open(struct vm *vm, bool is_protected, void *mem, unsigned int pages)
{
	struct kvm_userspace_memory_region slot = {
		.guest_phys_addr = VM_RAM,
		.memory_size = pages * PAGE,
	};
	long size;

	vm->pages = pages;
	vm->mem = mem ? mem : pages_alloc(pages);
	memcpy(vm->mem, guest_start, guest_end - guest_start);
	__builtin___clear_cache((char *)vm->mem, (char *)vm->mem + PAGE);

	vm->kvm = must(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	vm->fd = must(ioctl(vm->kvm, KVM_CREATE_VM,
			    is_protected ? KVM_VM_TYPE_ARM_PROTECTED : 0),
		      is_protected ? "KVM_CREATE_VM (protected)" : "KVM_CREATE_VM");
	slot.userspace_addr = (uintptr_t)vm->mem;
	must(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot), "KVM_SET_USER_MEMORY_REGION");
	vm->vcpu = must(ioctl(vm->fd, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	size = must(ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	if (vm->run == MAP_FAILED)
		die("kvm_run: %s", strerror(errno));
	vcpu_init(vm, VM_RAM);
}

void vm_close(struct vm *vm)
{
	munmap(vm->run, ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
	close(vm->vcpu);
	close(vm->fd);
	close(vm->kvm);
	munmap(vm->mem, vm->pages * PAGE);
}

int vm_run(struct vm *vm, enum vm_command cmd, u64 a, u64 b, u64 c, u64 *val)
{
	const u64 args[4] = { cmd, a, b, c };
	struct kvm_run *run = vm->run;
	u64 off, data;

	for (;;) {
		if (ioctl(vm->vcpu, KVM_RUN, 0) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (run->exit_reason == KVM_EXIT_SYSTEM_EVENT)
			return -ESHUTDOWN;
		if (run->exit_reason != KVM_EXIT_MMIO || run->mmio.len != 8)
			return -EPROTO;
		off = run->mmio.phys_addr - MMIO;
		if (!run->mmio.is_write) {
			if (off % 8 || off >= sizeof(args))
				return -EPROTO;
			memcpy(run->mmio.data, &args[off / 8], 8);
			continue;
		}
		memcpy(&data, run->mmio.data, 8);
		if (off == MMIO_SECOND) {
			vm->second = data;
		} else if (off == MMIO_RESULT) {
			if (val)
				*val = data;
			return 0;
		} else {
			return -EPROTO;
		}
	}
}

u64 vm_must(struct vm *vm, enum vm_command cmd, u64 a, u64 b, u64 c)
{
	u64 val = 0;
	int err = vm_run(vm, cmd, a, b, c, &val);

	if (err)
		die("the guest does not run (command %d): %s, exit %d", cmd, strerror(-err),
		    vm->run->exit_reason);
	return val;
}
