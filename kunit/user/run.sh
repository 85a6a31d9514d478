#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the programs of the named suites ($B/<name>_test), JOBS at a time, says what
# each counted and how long it took, and adds that up.  The last line is "N passed,
# N failed".
set -u

quiet=$([ -n "${V:-}" ] || echo y)
passed=0 failed=0 logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }	# milliseconds
seconds() { printf '%d.%02d s' $(($1 / 1000)) $(($1 % 1000 / 10)); }
begin=$(now)

if [ $# -eq 0 ]; then
	echo "no suite of that name" >&2
	exit 2
fi

start() {
	local start
	start=$(now)
	"$B/$1_test" ${quiet:+-q} ${TEST:+"$TEST"} >"$logs/$1" 2>&1
	echo $? $(($(now) - start)) >"$logs/$1.status"
}

# What a suite has said, and what to add to the sums.
report() {
	local suite=$1 sum status ms p f

	if [ ! -x "$B/${suite}_test" ]; then
		echo "not ok ${suite}_test: does not build"
		failed=$((failed + 1))
		return
	fi
	read -r status ms <"$logs/$suite.status"
	grep -Ev '^[0-9]+ passed, [0-9]+ failed$' "$logs/$suite"
	sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$logs/$suite" | tail -n 1)
	if [ -z "$sum" ]; then
		echo "not ok ${suite}_test: the runner died with status $status"
		failed=$((failed + 1))
		return
	fi
	read -r p _ f _ <<<"$sum"
	passed=$((passed + p)) failed=$((failed + f))
	# What a filter leaves nothing of is not told.
	[ $((p + f)) -eq 0 ] ||
		printf '  %-20s %6d passed, %d failed, %s\n' "$suite" "$p" "$f" "$(seconds "$ms")" >&2
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

printf '  %d programs, %s\n' $# "$(seconds $(($(now) - begin)))" >&2
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
