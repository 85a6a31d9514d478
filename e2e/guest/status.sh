#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What the host's driver and the hypervisor count, for e2e/demo.py.
dir=/sys/kernel/debug/hyp-iommu
if [ ! -d $dir ]; then
	echo "not ok status # there is no $dir"
	exit 1
fi
for file in units domains calls pool; do
	while read -r line; do
		echo "# $file $line"
	done <$dir/$file
done
if [ "$(sed -n 's/^hyp_stuck //p' $dir/pool)" = 0 ]; then
	echo "ok nothing-stuck"
else
	echo "not ok nothing-stuck # $(grep stuck $dir/pool)"
fi
# Each page that the hypervisor has was given by somebody, and counted.
held=$(sed -n 's/^held //p' $dir/pool)
pages=$(sed -n 's/^hyp_pages //p' $dir/pool)
if [ "$held" = "$pages" ]; then
	echo "ok counters-agree # $pages pages"
else
	echo "not ok counters-agree # the host has given $held pages, the hypervisor has $pages"
fi
