/* SPDX-License-Identifier: GPL-2.0-only */
/* VFIO with a type 1 container: what any user with a device of its own can do. */
#ifndef E2E_VFIO_H
#define E2E_VFIO_H

#include "edu.h"

struct vfio {
	int container, group, device;
};

/* Bind @e to vfio-pci and open it; its bounce page gets mapped at its own address. */
void vfio_open(struct vfio *v, struct edu *e);
void vfio_close(struct vfio *v);

/* Return: 0 or a negative error. */
int vfio_map(struct vfio *v, u64 ia, const volatile void *va, u64 size);
int vfio_unmap(struct vfio *v, u64 ia, u64 size);

#endif /* E2E_VFIO_H */
