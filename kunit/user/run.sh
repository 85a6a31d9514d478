#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the programs of the named suites ($B/<name>_test) and adds up what they
# counted.  The last line is "N passed, N failed".
set -u

quiet=$([ -n "${V:-}" ] || echo y)
passed=0 failed=0 log=$(mktemp)
trap 'rm -f "$log"' EXIT

if [ $# -eq 0 ]; then
	echo "no suite of that name" >&2
	exit 2
fi

for suite; do
	prog=$B/${suite}_test
	if [ ! -x "$prog" ]; then
		echo "not ok ${suite}_test: does not build"
		failed=$((failed + 1))
		continue
	fi
	"$prog" ${quiet:+-q} ${TEST:+"$TEST"} >"$log" 2>&1
	status=$?
	grep -Ev '^[0-9]+ passed, [0-9]+ failed$' "$log"
	sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
	if [ -z "$sum" ]; then
		echo "not ok ${suite}_test: the runner died with status $status"
		failed=$((failed + 1))
		continue
	fi
	read -r p _ f _ <<<"$sum"
	passed=$((passed + p)) failed=$((failed + f))
	# A filter that fits no test of this file is fine.
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ] && [ -z "${TEST:-}" ]; then
		echo "not ok ${suite}_test: status $status"
		failed=$((failed + 1))
	fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
