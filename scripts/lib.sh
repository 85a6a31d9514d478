# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# What every script here shares: where things are, and how to say what happens.
# To be sourced: . "$(dirname "$0")/lib.sh"

HERE=$(cd "$(dirname "$0")/.." && pwd -P)
BUILD=${BUILD:-$HERE/build}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/hyp-iommu
JOBS=${JOBS:-$(nproc)}
KVER=7.3

say() { printf '[%s] %s\n' "$(basename "$0" .sh)" "$*" >&2; }
die() { say "error: $*"; exit 1; }

# llvm_suffix: what to put behind clang, ld.lld and so on to get an LLVM that is new
# enough for Linux ("" or "-19"); fails if there is none.
LLVM_MIN=17
llvm_suffix() {
	for _s in '' $(seq -f '-%.0f' 30 -1 "$LLVM_MIN"); do
		command -v "ld.lld$_s" >/dev/null || continue
		command -v "llvm-objcopy$_s" >/dev/null || continue
		_v=$("clang$_s" --version 2>/dev/null | sed -n 's/.*clang version \([0-9]*\).*/\1/p')
		[ "${_v:-0}" -ge "$LLVM_MIN" ] || continue
		printf '%s\n' "$_s"
		return 0
	done
	return 1
}

# run_logged <log> <what> <repeat> command...: quiet while it works; shows the
# end of the log and the command to repeat when it does not.
run_logged() {
	_log=$1 _what=$2 _repeat=$3
	shift 3
	mkdir -p "$(dirname "$_log")"
	if ! "$@" >"$_log" 2>&1; then
		tail -n 40 "$_log" >&2
		die "$_what failed; whole log: $_log; to repeat just that: $_repeat"
	fi
}
