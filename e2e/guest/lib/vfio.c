// SPDX-License-Identifier: GPL-2.0-only
/* VFIO type 1; see vfio.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio.h"

static void bind_driver(const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", name);
	if (!file_write(path, "vfio-pci") || !file_write("/sys/bus/pci/drivers_probe", name))
		die("vfio-pci does not take %s", name);
}

static int group_number(const char *name)
{
	char path[100], link[200];
	ssize_t n;
	int nr;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", name);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		die("%s has no IOMMU group", name);
	link[n] = '\0';
	if (sscanf(strrchr(link, '/'), "/%d", &nr) != 1)
		die("%s: no group number in %s", name, link);
	return nr;
}

void vfio_open(struct vfio *v, struct edu *e)
{
	char path[100];

	bind_driver(e->name);
	snprintf(path, sizeof(path), "/dev/vfio/%d", group_number(e->name));
	v->container = open("/dev/vfio/vfio", O_RDWR);
	v->group = open(path, O_RDWR);
	if (v->container < 0 || v->group < 0)
		die("%s: %s", path, strerror(errno));
	if (ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container) ||
	    ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		die("no type 1 container for %s: %s", e->name, strerror(errno));
	v->device = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, e->name);
	if (v->device < 0)
		die("%s: no device: %s", e->name, strerror(errno));
	edu_master(e, true);
	e->bounce_ia = 0x10000000;
	if (vfio_map(v, e->bounce_ia, e->bounce, PAGE))
		die("an ordinary page cannot be mapped: %s", strerror(errno));
}

void vfio_close(struct vfio *v)
{
	close(v->device);
	close(v->group);
	close(v->container);
}

int vfio_map(struct vfio *v, u64 ia, const volatile void *va, u64 size)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)va,
		.iova = ia,
		.size = size,
	};

	return ioctl(v->container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

int vfio_unmap(struct vfio *v, u64 ia, u64 size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = ia,
		.size = size,
	};

	return ioctl(v->container, VFIO_IOMMU_UNMAP_DMA, &unmap) ? -errno : 0;
}
