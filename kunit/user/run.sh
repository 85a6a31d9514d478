#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the programs of the named suites ($B/<name>_test), JOBS at a time, and adds
# up what they counted.  The last line is "N passed, N failed".
set -u

quiet=$([ -n "${V:-}" ] || echo y)
passed=0 failed=0 logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

if [ $# -eq 0 ]; then
	echo "no suite of that name" >&2
	exit 2
fi

start() {
	"$B/$1_test" ${quiet:+-q} ${TEST:+"$TEST"} >"$logs/$1" 2>&1
	echo $? >"$logs/$1.status"
}

# What a suite has said, and what to add to the sums.
report() {
	local suite=$1 sum status p f

	if [ ! -x "$B/${suite}_test" ]; then
		echo "not ok ${suite}_test: does not build"
		failed=$((failed + 1))
		return
	fi
	status=$(cat "$logs/$suite.status")
	grep -Ev '^[0-9]+ passed, [0-9]+ failed$' "$logs/$suite"
	sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$logs/$suite" | tail -n 1)
	if [ -z "$sum" ]; then
		echo "not ok ${suite}_test: the runner died with status $status"
		failed=$((failed + 1))
		return
	fi
	read -r p _ f _ <<<"$sum"
	passed=$((passed + p)) failed=$((failed + f))
	# A filter that fits no test of this file is fine.
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ] && [ -z "${TEST:-}" ]; then
		echo "not ok ${suite}_test: status $status"
		failed=$((failed + 1))
	fi
}

jobs=${JOBS:-$(nproc)} running=0
for suite; do
	[ -x "$B/${suite}_test" ] || continue
	if [ "$running" -ge "$jobs" ]; then
		wait -n
		running=$((running - 1))
	fi
	start "$suite" &
	running=$((running + 1))
done
wait

for suite; do
	report "$suite"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
