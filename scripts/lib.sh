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
