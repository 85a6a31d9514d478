#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs everything that can be tested, one job after the other. Each job ends in a
# line "N passed, N failed" of its own; the last line here is their sum.
# usage: test.sh [job...]: "e2e" is that of every architecture, "e2e-x86_64" of one.
# Environment: ARCH limits it to one architecture.
set -eu
. "$(dirname "$0")/lib.sh"
cd "$HERE"

ARCHES=${ARCH:-arm64 x86_64}
# Jobs without an architecture, and those that each has. The quick ones first: who
# breaks something hears of it soon.
JOBLIST="lint check random coverage mutants bench qtest kernel kunit e2e negative sparse clang"
PER_ARCH="kernel e2e negative sparse clang"

# What each job does; a job that is no script prints its own count.
job_lint() { scripts/lint.sh; }
job_check() { make --no-print-directory -C kunit check && scripts/new-backend.sh --try; }
job_random() { make --no-print-directory -j2 -C kunit random; }
job_coverage() { make --no-print-directory -C kunit coverage; }
# A sample that stays the same while the lines in it do; make mutants takes a bigger one.
job_mutants() { scripts/mutants.py --number 32; }
# How fast is no question for a test.
job_bench() { scripts/bench.sh --check; }
# The same each time: what a new seed finds is for whoever looks for it.
job_qtest() { scripts/qtest.sh --seed 1; }
job_kernel() { built kernels && built scripts/initramfs.sh; }
job_kunit() { scripts/kunit.sh; }
job_e2e() { guest && e2e/run.py; }
job_negative() {
	guest && e2e/negative.py && { [ "$ARCH" != x86_64 ] || HYP=svm e2e/negative.py; }
}
job_sparse() { scripts/sparse.sh; }
job_clang() {
	built clang drivers/iommu/hyp/
	[ "$ARCH" != arm64 ] || built clang arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o
}

# What the booted tests need; quick when it is there.
guest() {
	kernels >/dev/null && scripts/initramfs.sh >/dev/null
}

# Each architecture has a kernel with the hypervisor side in it, and one with a hypervisor.
kernels() {
	case $ARCH in
	arm64) other=inline ;;
	x86_64) other=svm ;;
	esac
	scripts/kernel.sh && scripts/kernel.sh -v "$other"
}

# clang <what>: with clang, what is ours: a whole kernel takes ten minutes more.
clang() { LLVM=1 scripts/kernel.sh -t "$1"; }

# run_job <what> <arch or nothing>
run_job() {
	[ -z "$2" ] || export ARCH="$2"
	"job_$1"
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
# The jobs that are asked for, each with its architecture.
[ $# -gt 0 ] || eval set -- "$JOBLIST"
jobs=''
for job; do
	case " $PER_ARCH " in
	*" $job "*) for a in $ARCHES; do jobs="$jobs $job-$a"; done ;;
	*) jobs="$jobs $job" ;;
	esac
done

for job in $jobs; do
	what=${job%%-*} arch=''
	[ "$what" = "$job" ] || arch=${job#*-}
	case " $JOBLIST " in
	*" $what "*) ;;
	*) die "no job $job; there are: $JOBLIST; of one architecture: e2e-arm64 and so on" ;;
	esac
	log=$logs/$job.log
	say "$job (log: $log)"
	start=$(date +%s)
	status=0
	# What a job says on the way is shown; all of it is kept.
	{ run_job "$what" "$arch" 2>&1 || echo "job ended with status $?"; } | tee "$log" | sed 's/^/    /' >&2
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
