#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs everything that can be tested, one job after the other. Each job ends in a
# line "N passed, N failed" of its own; the last line here is their sum.
# usage: test.sh [job...]
set -eu
. "$(dirname "$0")/lib.sh"
cd "$HERE"

# The quick ones first: who breaks something hears of it soon.
JOBLIST="lint check kernel kunit e2e negative sparse clang"

# What each job does; a job that is no script prints its own count.
job_lint() { scripts/lint.sh; }
job_check() { make --no-print-directory -C kunit check; }
job_kernel() { built scripts/kernel.sh && built scripts/initramfs.sh; }
job_kunit() { scripts/kunit.sh; }
job_e2e() { guest && e2e/run.py; }
job_negative() { guest && e2e/negative.py; }
job_sparse() { scripts/sparse.sh; }
job_clang() { LLVM=1 built scripts/kernel.sh; }

# What the booted tests need; quick when it is there.
guest() {
	scripts/kernel.sh >/dev/null && scripts/initramfs.sh >/dev/null
}

built() {
	if "$@" >/dev/null; then
		echo "1 passed, 0 failed"
	else
		echo "0 passed, 1 failed"
		return 1
	fi
}

logs=$BUILD/test
mkdir -p "$logs"
passed=0 failed=0 broken=''
[ $# -gt 0 ] || eval set -- "$JOBLIST"

for job; do
	case " $JOBLIST " in
	*" $job "*) ;;
	*) die "no job $job; there are: $JOBLIST" ;;
	esac
	log=$logs/$job.log
	say "$job (log: $log)"
	start=$(date +%s)
	status=0
	# What a job says on the way is shown; all of it is kept.
	{ "job_$job" 2>&1 || echo "job ended with status $?"; } | tee "$log" | sed 's/^/    /' >&2
	! grep -q '^job ended with status' "$log" || status=1
	sums=$(awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3; n++ } END { print p + 0, f + 0, n + 0 }' "$log")
	p=${sums%% *} f=${sums#* }
	f=${f%% *}
	# A job that fails without a count, or that counts nothing, is a failure.
	if [ "$f" = 0 ] && { [ "$status" != 0 ] || [ "$p" = 0 ]; }; then
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f))
	say "$job: $p passed, $f failed, $(($(date +%s) - start)) s"
	if [ "$f" != 0 ]; then
		broken="$broken $job"
		grep '^not ok ' "$log" | sed 's/^/    /' >&2 || :
		say "to repeat just that: make test TESTS=$job"
	fi
done

[ -z "$broken" ] || say "failed:$broken; to repeat: make test TESTS='${broken# }'"
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
