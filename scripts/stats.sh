#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Prints how big the trusted base of each architecture is, in lines; and for ARCH
# its bytes, and the figures that the last end-to-end runs left in build/e2e-<arch>.
set -eu
. "$(dirname "$0")/lib.sh"
cd "$HERE"

ARCH=${ARCH:-arm64}
# shellcheck source=arch-arm64.sh
. "$HERE/scripts/arch-$ARCH.sh"

sum_code=0 sum_all=0
# part <name> <file>...
part() {
	name=$1
	shift
	[ $# -gt 0 ] && [ -e "$1" ] || return 0
	# What only lists files (core/program.h) is no code.
	# shellcheck disable=SC2046 # two numbers
	set -- $(printf '%s\n' "$@" | grep -v /program | xargs scripts/count-lines.py)
	printf '  %-34s %6d %8d\n' "$name" "$1" "$2"
	sum_code=$((sum_code + $1)) sum_all=$((sum_all + $2))
}

# trusted <title> <platform> <backend> <formats>: what a platform has for Linux that starts it
# (loader.c, launch.S) is trusted until then, and told apart.
trusted() {
	printf '%-36s %6s %8s\n' "$1" code "all lines"
	sum_code=0 sum_all=0
	part core core/*.[ch]
	# shellcheck disable=SC2046 # a list
	part "pgtable (common, $4)" $(printf '%s\n' pgtable/*.[ch] | grep -v -e /fmt_ -e /x86 -e /split -e /optional) \
		$(for fmt in $4; do printf '%s\n' pgtable/"$fmt".[ch] | grep -v '\['; done)
	part "backends/$3" "backends/$3"/*.[ch]
	# shellcheck disable=SC2046 # a list
	part "platform/$2" platform/platform.h $(printf '%s\n' "platform/$2"/*.[chS] |
		grep -v -e /loader.c -e /launch.S -e '\*')
	# shellcheck disable=SC2046 # a list
	! grep -qs platform/ram.h "platform/$2"/*.[ch] || part "platform/ram" platform/ram.[ch]
	# shellcheck disable=SC2046 # a list
	part "platform/$2: what loads it" $(find "platform/$2" -name "loader.c" -o -name "launch.S")
	part include include/hyp_iommu/*.h
	printf '  %-34s %6d %8d\n' "sum (the aim: 5000 or fewer)" "$sum_code" "$sum_all"
	for patch in "platform/$2"/patches/*.patch; do
		[ -e "$patch" ] || continue
		printf '  %-34s %6d %8d\n' "patch $(basename "$patch") (lines added)" \
			"$(grep -v '^+++' "$patch" | grep -c '^+')" "$(wc -l <"$patch")"
	done
	echo
}
trusted "Trusted base on arm64 (at EL2)" pkvm-arm64 smmuv3 fmt_vmsa
trusted "Trusted base on x86_64 (SVM monitor)" svm-x86 vtd "fmt_vtd fmt_x86 x86 split"
trusted "Trusted base on x86_64 (NOT isolated)" inline vtd "fmt_vtd x86"
printf '%-36s %6s %8s\n' "Not trusted" code "all lines"
part hostif hostif/linux/*.[ch]

# text <object>...: bytes of their executable sections
text() {
	"${CROSS}size" -A "$@" | awk '$1 ~ /text/ { n += $2 } END { print n + 0 }'
}
# size_of <words> <object>...
size_of() {
	words=$1
	shift
	printf '  %-34s %6d\n' "$words" "$(text "$@")"
}
echo
if [ "$ARCH" = arm64 ]; then
	el2=arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o
	with=$(scripts/kernel.sh -t "$el2")
	without=$(scripts/kernel.sh -v stock -t "$el2")
	echo "Text of the EL2 object                bytes"
	size_of "with us" "$with"
	size_of "without us" "$without"
else
	scripts/kernel.sh >/dev/null
	ours=$BUILD/kernel-$ARCH/drivers/iommu/hyp
	echo "Text of the trusted base              bytes"
	size_of "in the kernel" "$ours"/platform/inline/program.o
fi

# figure <run> <key> <words>: from the end-to-end tests
figure() {
	value=$(sed -n "s/^$2=//p" "$BUILD/e2e-$ARCH/$1/figures" 2>/dev/null || :)
	printf '  %-34s %6s\n' "$3" "${value:-not run (make e2e ARCH=$ARCH ONLY=figures)}"
}
echo
echo "Table memory for 1 GiB mapped           KiB"
figure figures tables_kib_for_1gib_4k "4K leaves"
figure figures tables_kib_for_1gib_2m "2M leaves"
echo
echo "From power-on to init, emulated     seconds"
figure figures boot_seconds "hyp_iommu=required"
figure figures-off boot_seconds "hyp_iommu=off"
