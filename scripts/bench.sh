#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds the benchmark of page tables with gcc and clang, and runs it.
# usage: bench.sh [--check] [argument of bench/run.py...]
set -eu
. "$(dirname "$0")/lib.sh"

kernel=$("$HERE/scripts/fetch-kernel.sh")
run_logged "$BUILD/bench/build.log" "building the benchmark" "$0 --check" \
	make --no-print-directory -j "$JOBS" -C "$HERE/bench" O="$BUILD/bench" KERNEL="$kernel" \
	CLANG="clang$(llvm_suffix)"
exec "$HERE/bench/run.py" "$@"
