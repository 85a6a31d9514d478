#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Keeps all CPUs busy for a while, as a machine that is used: processes that come and go, files, and
# a disk that is read again and again, which must say the same each time.
# usage: load.sh <seconds> <disk>
seconds=$1 disk=/dev/$2
piece="dd if=$disk bs=64k count=32 iflag=direct"
dd if=/dev/urandom of="$disk" bs=64k count=32 oflag=direct 2>/dev/null
want=$($piece 2>/dev/null | sha256sum)
end=$(($(date +%s) + seconds))

# worker <cpu>
worker() {
	rounds=0 bad=0
	while [ "$(date +%s)" -lt "$end" ]; do
		[ "$($piece 2>/dev/null | sha256sum)" = "$want" ] || bad=$((bad + 1))
		dd if=/dev/zero of="/tmp/load.$1" bs=4k count=256 2>/dev/null
		for _ in 1 2 3 4 5 6 7 8; do
			/bin/busybox true
		done
		usleep 1000
		rounds=$((rounds + 1))
	done
	echo "$rounds $bad" >"/tmp/load.result.$1"
}

cpus=$(grep -c '^processor' /proc/cpuinfo)
for cpu in $(seq "$cpus"); do
	worker "$cpu" &
done
wait
for cpu in $(seq "$cpus"); do
	read -r rounds bad <"/tmp/load.result.$cpu"
	if [ "$rounds" -gt 0 ] && [ "$bad" = 0 ]; then
		echo "ok load-$cpu"
	else
		echo "not ok load-$cpu # $rounds rounds, the disk read otherwise $bad times"
	fi
	echo "# moved $((rounds * 2)) MiB read under load"
done
if [ "$(cat /sys/devices/system/cpu/online)" = "0-$((cpus - 1))" ] || [ "$cpus" = 1 ]; then
	echo "ok load-all-cpus"
else
	echo "not ok load-all-cpus # online: $(cat /sys/devices/system/cpu/online)"
fi
