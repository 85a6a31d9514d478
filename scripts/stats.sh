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
el2=arch/$KARCH/kvm/hyp/nvhe/kvm_nvhe.o
with=$BUILD/kernel-$ARCH
without=$BUILD/kernel-$ARCH-stock
echo
echo "Text of the EL2 object                bytes"
if [ -f "$with/$el2" ]; then
	ours=0
	if [ -d "$with/drivers/iommu/hyp" ]; then
		objects=$(find "$with/drivers/iommu/hyp" -name '*.nvhe.o')
		# shellcheck disable=SC2086 # a list
		[ -z "$objects" ] || ours=$(text $objects)
	fi
	printf '  %-34s %8d\n' "with us" "$(text "$with/$el2")" "of this our files" "$ours"
	if [ -f "$without/$el2" ]; then
		printf '  %-34s %8d\n' "without us" "$(text "$without/$el2")"
	else
		echo "  without us: not built (make kernel VARIANT=stock)"
	fi
else
	echo "  not built (make kernel)"
fi

echo
echo "Figures of the last runs"
found=
for f in "$BUILD"/e2e/*/figures; do
	[ -s "$f" ] || continue
	found=1
	sed "s,^,  $(basename "$(dirname "$f")"): ," "$f"
done
for f in "$BUILD"/e2e/*/result.json; do
	[ -s "$f" ] || continue
	found=1
	python3 - "$f" <<-'PY'
	import json, sys
	r = json.load(open(sys.argv[1]))
	if r.get("boot_seconds"):
	    print(f"  {r['name']}: boot_seconds={r['boot_seconds']} ({r['append']})")
	PY
done
[ -n "$found" ] || echo "  none (make e2e)"
