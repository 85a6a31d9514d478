#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Writes random data to a disk, drops it from the cache, and reads it back.
#   disk <device> <MiB> [ext4]    without ext4: the bare device
dev=/dev/$1 mib=$2 fs=${3-}
i=0
while [ ! -b "$dev" ] && [ $i -lt 50 ]; do
	sleep 0.2
	i=$((i + 1))
done
if [ ! -b "$dev" ]; then
	echo "not ok disk-$1 # there is no $dev"
	exit 1
fi
file=$dev
if [ -n "$fs" ]; then
	mkdir -p /mnt
	if ! mount -t "$fs" "$dev" /mnt; then
		echo "not ok disk-$1-mount # $fs"
		exit 1
	fi
	file=/mnt/data
fi
wrote=$(dd if=/dev/urandom bs=1M count="$mib" 2>/dev/null | tee "$file" | sha256sum)
sync
if [ -n "$fs" ]; then
	umount /mnt && mount -t "$fs" "$dev" /mnt || echo "not ok disk-$1-remount"
fi
echo 3 >/proc/sys/vm/drop_caches
got=$(dd if="$file" bs=1M count="$mib" 2>/dev/null | sha256sum)
read -r _ _ sectors _ <"/sys/block/$1/stat"
if [ "$wrote" = "$got" ] && [ -n "$got" ]; then
	echo "ok disk-$1 # $mib MiB, SHA-256 ${got%% *}"
else
	echo "not ok disk-$1 # wrote ${wrote%% *}, read ${got%% *}"
fi
if [ "$sectors" -ge $((mib * 2048)) ]; then
	echo "ok disk-$1-from-device # $sectors sectors read"
else
	echo "not ok disk-$1-from-device # $sectors sectors read: it came from the cache"
fi
[ -z "$fs" ] || umount /mnt
echo "# moved $1 $mib MiB, each way"
