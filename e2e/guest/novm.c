// SPDX-License-Identifier: GPL-2.0-only
/*
 * With hyp_iommu=required and no IOMMU to speak of, the machine works, but KVM
 * makes no VM, protected or not: the hypervisor does not protect itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "arch.h"

#define PROTECTED	(1UL << 31)

static void refused(int kvm, unsigned long type, const char *name)
{
	int vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, type);

	ok(vm < 0, name, "%s", vm < 0 ? strerror(errno) : "there is a VM");
	if (vm >= 0)
		close(vm);
}

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (!ARCH_PROTECTED_GUESTS)
		die("there are no protected guests on this machine");
	refused(kvm, PROTECTED, "no-protected-vm");
	refused(kvm, 0, "no-other-vm");
	return test_end();
}
