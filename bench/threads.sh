#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds and runs bench/threads.c: do CPUs that map and unmap wait for each other?
# usage: threads.sh [rounds]
set -eu
. "$(dirname "$0")/../scripts/lib.sh"

out=$BUILD/bench
mkdir -p "$out"
cd "$HERE"
run_logged "$out/threads.log" "compiling bench/threads.c" "bench/threads.sh" \
	"${CC:-gcc}" -std=gnu11 -O2 -g -D_GNU_SOURCE -I. -Iinclude -Iplatform/sim -pthread \
	-o "$out/threads" bench/threads.c core/*.c pgtable/*.c backends/null/null.c \
	platform/sim/*.c
"$out/threads" "$@"
