#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The core and the backends, in user space, against the IOMMUs of QEMU's machines:
# a few cases and random ones; then the random ones with commands that get lost,
# which has to be noticed. Ends in "N passed, N failed".
# usage: qtest.sh [--seed n] [--probes n] [--control tlb|config] [--verbose] [machine...]
#        qtest.sh --list
set -eu
. "$(dirname "$0")/lib.sh"

seed=$(date +%s) probes='' controls='none tlb config' verbose='' machines=''
while [ $# -gt 0 ]; do
	case $1 in
	--seed) seed=$2 && shift ;;
	--probes) probes=$2 && shift ;;
	--control) controls=$2 && shift ;;
	--verbose) verbose=$1 ;;
	--list) machines=$1 ;;
	-*) die "no option $1" ;;
	*) machines="$machines $1" ;;
	esac
	shift
done

out=$BUILD/qtest prog=$BUILD/kunit/gcc-asan/probe
mkdir -p "$out"
run_logged "$out/build.log" "building" "make -C kunit/qtest" \
	make -C "$HERE/kunit/qtest" O="$BUILD/kunit"
[ "$machines" != --list ] || exec "$prog" --list
[ -n "$machines" ] || machines=$("$prog" --list | cut -d' ' -f1)

passed=0 failed=0
for machine in $machines; do
	for control in $controls; do
		# As many for each vendor, one of which has more machines.
		case $machine in
		smmuv3*) nr=12000 ;;
		*) nr=4000 ;;
		esac
		log=$out/$machine-$control.log
		status=0
		timeout 900 "$prog" --seed "$seed" --probes "${probes:-$nr}" --control "$control" \
			--log "$log.qemu" ${verbose:+"$verbose"} "$machine" >"$log" 2>&1 || status=$?
		sum=$(sed -n 's/^\([0-9]* passed, [0-9]* failed\)$/\1/p' "$log")
		sed '/^[0-9]* passed, [0-9]* failed$/d' "$log"
		p=${sum%% *} f=${sum#*, }
		f=${f%% *}
		# What does not come to an end is a failure.
		if [ -z "$sum" ] || { [ "$status" != 0 ] && [ "$f" = 0 ]; }; then
			echo "not ok $machine: status $status"
			say "to repeat just that: scripts/qtest.sh --seed $seed --control $control $machine"
			p=0 f=1
		fi
		passed=$((passed + p)) failed=$((failed + f))
	done
done
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
