#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Binds the benchmark of bench/e2e to an edu and prints what it gives.
dev=$(grep -l 0x11e8 /sys/bus/pci/devices/*/device | head -n 1)
dev=${dev%/device}
if [ -z "$dev" ]; then
	echo "not ok dmabench # there is no edu"
	exit 1
fi
echo hyp-dma-bench >"$dev/driver_override"
echo "${dev##*/}" >/sys/bus/pci/drivers_probe
file=/sys/kernel/debug/hyp-dma-bench
if [ ! -e $file ]; then
	echo "not ok dmabench # no driver took $dev"
	exit 1
fi
echo "# group-type $(cat "$dev/iommu_group/type" 2>/dev/null || echo none)"
if cat $file >/tmp/dmabench; then
	sed 's/^/# bench /' /tmp/dmabench
	echo "ok dmabench"
else
	echo "not ok dmabench # see the kernel log"
fi
