#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds the trimmed kernel into build/kernel-<arch>[-variant].
#
# usage: kernel.sh [-v variant[,variant...]] [-c] [-t file] [make arguments...]
#   -v  each variant adds scripts/config/<variant>.config (e.g. debug, stock)
#   -c  configure only
#   -t  build this file, and not the whole image
# Environment: ARCH (arm64, x86_64), LLVM=1, KERNEL_SRC=<tree>, JOBS, KCFLAGS, and
#   VARIANT_NAME, a name for the object directory instead of the variants'.
set -eu
. "$(dirname "$0")/lib.sh"

ARCH=${ARCH:-arm64}
KARCH=''
[ -f "$HERE/scripts/arch-$ARCH.sh" ] || die "ARCH=$ARCH: there is no scripts/arch-$ARCH.sh"
# shellcheck source=arch-arm64.sh
. "$HERE/scripts/arch-$ARCH.sh"

variants='' only_config=''
while getopts v:ct: opt; do
	case $opt in
	v) variants=$OPTARG ;;
	c) only_config=1 ;;
	t) KIMAGE=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

name=${VARIANT_NAME-$(printf '%s' "$variants" | tr ',' '-')}
[ -z "${LLVM-}" ] || name=${name:+$name-}clang
out=$BUILD/kernel-$ARCH${name:+-$name}
repeat="make kernel ARCH=$ARCH${variants:+ VARIANT=$variants}${LLVM:+ LLVM=1}"
tree=$("$HERE/scripts/shadow.sh")

# The same file compiled for another object directory or checkout is a hit; so is one that does not
# depend on what differs between two configurations, as the preprocessor shows.
export CCACHE_BASEDIR="$HERE" CCACHE_NOHASHDIR=1
# Nothing in the image depends on when and by whom it was built.
export KBUILD_BUILD_TIMESTAMP='1970-01-01' KBUILD_BUILD_USER=hyp-iommu \
	KBUILD_BUILD_HOST=hyp-iommu KBUILD_BUILD_VERSION=1

if [ -n "${LLVM-}" ]; then
	suffix=$(llvm_suffix) || die "no clang >= $LLVM_MIN with lld and llvm; to install it: make deps"
	set -- LLVM="${suffix:-1}" CC="ccache clang$suffix" "$@"
else
	set -- CROSS_COMPILE="$CROSS" CC="ccache ${CROSS}gcc" "$@"
fi
kmake() {
	make -C "$tree" O="$out" ARCH="$KARCH" -j"$JOBS" "$@"
}

fragments="common $ARCH hyp-iommu $(printf '%s' "$variants" | tr ',' ' ')"
mkdir -p "$out"
# One build at a time in an object directory.
exec 8>"$out/.build-lock"
flock -n 8 || { say "waiting for another build in $out"; flock 8; }
for f in $fragments; do
	[ -f "$HERE/scripts/config/$f.config" ] || die "no fragment scripts/config/$f.config"
	cat "$HERE/scripts/config/$f.config"
done >"$out/.fragments.new"
# A later fragment may take back what an earlier one sets.
awk '/^CONFIG_[A-Z0-9_a-z]+=/ { n = $0; sub(/=.*/, "", n) }
     /^# CONFIG_[A-Z0-9_a-z]+ is not set/ { n = $2 }
     /^(# )?CONFIG_/ { if (!(n in v)) order[++k] = n; v[n] = $0 }
     END { for (i = 1; i <= k; i++) print v[order[i]] }' \
	"$out/.fragments.new" >"$out/.wanted.new"
rm "$out/.fragments.new"
# What a configuration also depends on: our Kconfig and the patched ones.
stamp=$(cat "$HERE/Kconfig" "$tree/drivers/iommu/Kconfig" "$tree/arch/$KARCH/kvm/Kconfig" 2>/dev/null | cksum)
printf '# %s\n' "$stamp" >>"$out/.wanted.new"

if ! cmp -s "$out/.wanted.new" "$out/.wanted" || [ ! -f "$out/.config" ]; then
	say "configuring $out"
	rm -f "$out/.wanted"
	[ ! -f "$out/.config" ] || cp -p "$out/.config" "$out/.config.prev"
	run_logged "$out/config.log" "configuring" "$repeat" \
		kmake KCONFIG_ALLCONFIG="$out/.wanted.new" allnoconfig "$@"
	"$HERE/scripts/config-check.sh" "$out/.wanted.new" "$out/.config"
	# An equal configuration must not look new to make.
	if [ -f "$out/.config.prev" ] && cmp -s "$out/.config" "$out/.config.prev"; then
		mv "$out/.config.prev" "$out/.config"
	fi
	mv "$out/.wanted.new" "$out/.wanted"
fi
rm -f "$out/.wanted.new" "$out/.config.prev"
[ -z "$only_config" ] || exit 0

# An image has a name of its own for make.
target=$KIMAGE
case $target in arch/*/boot/*) target=$(basename "$target") ;; esac

say "building $out/$KIMAGE (log: $out/build.log)"
start=$(date +%s)
if [ -t 2 ]; then
	"$HERE/scripts/ticker.sh" "$out/build.log" 8>&- &
	ticker=$!
	trap 'kill "$ticker" 2>/dev/null || :' EXIT
fi
run_logged "$out/build.log" "the kernel build" "$repeat" kmake "$target" "$@"
if grep -n 'warning:' "$out/build.log" >&2; then
	die "the build warned (see above); whole log: $out/build.log"
fi
say "built in $(($(date +%s) - start)) s"
printf '%s\n' "$out/$KIMAGE"
