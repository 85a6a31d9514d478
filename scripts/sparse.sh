#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs sparse over our files as they are compiled into the kernel, on the host's
# side and at EL2. Ends in "N passed, N failed", a count of compilations.
#
# Called by the kernel's build as its checker (SPARSE_LOGS set), it checks one
# file if it is ours.
set -eu

if [ -n "${SPARSE_LOGS-}" ]; then
	for src; do :; done # the last argument
	case $src in
	*/drivers/iommu/hyp/*)
		# The same file is compiled for the host and for EL2.
		log=$(mktemp "$SPARSE_LOGS/$(basename "$src").XXXXXX")
		# Debian's sparse is older than this operator; what it does is no matter to sparse.
		sparse -D__typeof_unqual__=__typeof__ "$@" >"$log" 2>&1 || echo "$src: sparse failed" >>"$log"
		;;
	esac
	exit 0
fi

. "$(dirname "$0")/lib.sh"
ARCH=${ARCH:-arm64}
logs=$BUILD/sparse-$ARCH
rm -rf "$logs"
mkdir -p "$logs"

# check <what in $BUILD> <kernel.sh's options>...: compiled once as always; then our objects again,
# with the checker.
check() {
	ours=$BUILD/$1/drivers/iommu/hyp
	shift
	"$HERE/scripts/kernel.sh" "$@" >/dev/null
	[ -d "$ours" ] || die "no file of ours is in $ours"
	find "$ours" -name '*.o' -exec rm -f {} +
	SPARSE_LOGS=$logs "$HERE/scripts/kernel.sh" "$@" C=1 CHECK="$HERE/scripts/sparse.sh" >/dev/null
}
check "kernel-$ARCH"
[ "$ARCH" != x86_64 ] || check kernel-x86_64-svm -v svm

passed=0 failed=0
for log in "$logs"/*; do
	[ -e "$log" ] || continue
	if [ -s "$log" ]; then
		failed=$((failed + 1))
		printf 'not ok sparse %s\n' "$(basename "${log%.*}")"
		cat "$log"
	else
		passed=$((passed + 1))
	fi
done
[ "$passed$failed" != 00 ] || { failed=1; say "sparse saw no file of ours"; }
[ "$failed" = 0 ] || say "to repeat just that: make sparse ARCH=$ARCH"
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
