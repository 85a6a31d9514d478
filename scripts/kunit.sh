#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs the KUnit suites with the kernel's own tool: on UML, or with
# KUNIT_ARCH=arm64 or x86_64 in QEMU. kunit/.kunitconfig says what is built, or
# that of one backend: KUNITCONFIG=backends/vtd/.kunitconfig; um.kunitconfig what UML leaves out.
# usage: kunit.sh [suite-glob[.test-glob]]
set -eu
. "$(dirname "$0")/lib.sh"

arch=${KUNIT_ARCH:-um}
config=${KUNITCONFIG:-$HERE/kunit/.kunitconfig}
tree=$("$HERE/scripts/shadow.sh")
out=$BUILD/kunit-$arch
log=$out/kunit.log
repeat="make kunit KUNIT_ARCH=$arch${1:+ SUITE=\"$1\"}"
[ -f "$config" ] || die "there is no $config"
config=$(realpath "$config")
mkdir -p "$out"

export CCACHE_BASEDIR="$HERE" CCACHE_NOHASHDIR=1
export KBUILD_BUILD_TIMESTAMP='1970-01-01' KBUILD_BUILD_USER=hyp-iommu \
	KBUILD_BUILD_HOST=hyp-iommu KBUILD_BUILD_VERSION=1
# The options that are common to both.
set -- --arch "$arch" --build_dir "$out" --kunitconfig "$config" --jobs "$JOBS" \
	--timeout "${KUNIT_TIMEOUT:-600}" ${1:+"$1"}
case $arch in
um) set -- --kunitconfig "$HERE/kunit/um.kunitconfig" --make_options CC='ccache gcc' "$@" ;;
x86_64) set -- --make_options CC='ccache gcc' "$@" ;;
arm64) set -- --cross_compile aarch64-linux-gnu- --make_options CC='ccache aarch64-linux-gnu-gcc' "$@" ;;
esac

start=$(date +%s)
say "building and running on $arch (log: $log; a first build takes some minutes)"
status=0
(cd "$tree" && python3 tools/testing/kunit/kunit.py run "$@") >"$log" 2>&1 || status=$?
grep -E '\[(FAILED|CRASHED|ERROR)\]|Testing complete|^ERROR|rror:' "$log" | tail -n 40 >&2 || :

# The line that ends each suite, and what kunit.py says of its own time.
sed -n 's/.*=* \[\([A-Z]*\)\] \(hyp_[a-z0-9_]*\) =*$/    \1 \2/p' "$log" >&2
sed -n 's/.*\(Elapsed time: .*\)/    \1/p' "$log" >&2

# "Testing complete. Ran 63 tests: passed: 60, failed: 2, crashed: 1"
count() {
	sed -n "s/.*Testing complete.*[^a-z]$1: \([0-9]*\).*/\1/p" "$log" | tail -n 1
}
passed=$(count passed)
failed=$(($(count failed) + $(count crashed) + $(count errors) + 0))
if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
	failed=1
	tail -n 30 "$log" >&2
fi
[ "${passed:-0}" != 0 ] || [ "$failed" != 0 ] || { failed=1; say "no test ran"; }
say "$(grep -c '=\+ \[[A-Z]*\] hyp_[a-z0-9_]* =\+$' "$log" || :) suites in $(($(date +%s) - start)) s"
[ "$failed" = 0 ] || say "whole log: $log; to repeat just that: $repeat"
printf '%s passed, %s failed\n' "${passed:-0}" "$failed"
[ "$failed" = 0 ]
