#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Prints how big the trusted base is, in lines and in bytes at EL2, and the
# figures that the last end-to-end runs left in build/e2e.
set -eu
. "$(dirname "$0")/lib.sh"
cd "$HERE"

ARCH=${ARCH:-arm64}
# shellcheck source=arch-arm64.sh
. "$HERE/scripts/arch-$ARCH.sh"

echo "Trusted base (what runs at EL2)       code    all lines"
sum_code=0 sum_all=0
part() {
	name=$1
	shift
	[ -e "$1" ] || return 0
	# shellcheck disable=SC2046 # two numbers
	set -- $(scripts/count-lines.py "$@")
	printf '  %-34s %6d %8d\n' "$name" "$1" "$2"
	sum_code=$((sum_code + $1)) sum_all=$((sum_all + $2))
}
part core core/*.[ch]
part pgtable pgtable/*.[ch]
part backends/smmuv3 backends/smmuv3/*.[ch]
part platform/pkvm-arm64 platform/platform.h platform/pkvm-arm64/*.[ch]
part include include/hyp_iommu/*.h
printf '  %-34s %6d %8d\n' "sum (the aim: 5000 or fewer)" "$sum_code" "$sum_all"
for patch in platform/*/patches/*.patch; do
	[ -e "$patch" ] || continue
	printf '  %-34s %6d %8d\n' "patch $(basename "$patch") (lines added)" \
		"$(grep -v '^+++' "$patch" | grep -c '^+')" "$(wc -l <"$patch")"
done
sum_code=0 sum_all=0
echo "Not trusted"
part hostif hostif/linux/*.[ch]

# text <object>: bytes of its executable sections
text() {
	"${CROSS}size" -A "$@" | awk '$1 ~ /text/ { n += $2 } END { print n + 0 }'
}
# shellcheck disable=SC2153 # KARCH is from arch-arm64.sh
el2=arch/$KARCH/kvm/hyp/nvhe/kvm_nvhe.o
with=$(scripts/kernel.sh -t "$el2")
without=$(scripts/kernel.sh -v stock -t "$el2")
echo
echo "Text of the EL2 object                bytes"
printf '  %-34s %6d\n' "with us" "$(text "$with")" "without us" "$(text "$without")"

# figure <run> <key> <words>: from the end-to-end tests
figure() {
	value=$(sed -n "s/^$2=//p" "$BUILD/e2e/$1/figures" 2>/dev/null || :)
	printf '  %-34s %6s\n' "$3" "${value:-not run (e2e/run.py --only figures)}"
}
echo
echo "Table memory for 1 GiB mapped           KiB"
figure figures tables_kib_for_1gib_4k "4K leaves"
figure figures tables_kib_for_1gib_2m "2M leaves"
echo
echo "From power-on to init, emulated     seconds"
figure figures boot_seconds "hyp_iommu=required"
figure figures-off boot_seconds "hyp_iommu=off"
