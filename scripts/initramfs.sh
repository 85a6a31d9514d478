#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds build/initramfs-<arch>.cpio: busybox from Debian, e2e/init, and what is
# in e2e/guest: each .c that its Makefile builds for the architecture as a static
# program, every .sh as it is, in /tests.
# Prints its path. ARCH is arm64 (default) or x86_64; INITRAMFS_EXTRA=<directory>
# adds that directory's files to /.
set -eu
. "$(dirname "$0")/lib.sh"

ARCH=${ARCH:-arm64}
# shellcheck source=arch-arm64.sh
. "$HERE/scripts/arch-$ARCH.sh"
dir=$BUILD/initramfs-$ARCH
cpio=$BUILD/initramfs-$ARCH.cpio
mkdir -p "$dir/tests"
exec 9>"$dir/.lock"
flock 9

busybox=$CACHE/busybox-$ARCH
if [ ! -x "$busybox" ]; then
	deb=$("$HERE/scripts/apt-private.sh" download "$DEB_ARCH" configured,stable,testing \
		"$CACHE/debs/$DEB_ARCH" busybox-static)
	dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --wildcards './*bin/busybox' --transform 's,.*/,,'
	mv "$dir/busybox" "$busybox"
fi

# The tests' own Makefile knows how they are built.
say "compiling the tests of e2e/guest"
run_logged "$dir/build.log" "compiling e2e/guest" "ARCH=$ARCH scripts/initramfs.sh" \
	make -C "$HERE/e2e/guest" -j"$JOBS" ARCH="$ARCH" CC="ccache $GUEST_CC" OUT="$dir/tests"
: >"$dir/tests.list"
for c in "$HERE"/e2e/guest/*.c; do
	name=$(basename "$c" .c)
	[ -e "$dir/tests/$name" ] || continue
	printf 'file /tests/%s %s 755 0 0\n' "$name" "$dir/tests/$name" >>"$dir/tests.list"
done
for s in "$HERE"/e2e/guest/*.sh; do
	[ -e "$s" ] || continue
	printf 'file /tests/%s %s 755 0 0\n' "$(basename "$s" .sh)" "$s" >>"$dir/tests.list"
done

gen=$dir/gen_init_cpio
src=$("$HERE/scripts/fetch-kernel.sh")
[ -x "$gen" ] || gcc -O2 -o "$gen" "$src/usr/gen_init_cpio.c"

{
	for d in /bin /dev /tests /proc /sys /tmp /root; do
		printf 'dir %s 755 0 0\n' "$d"
	done
	printf 'nod /dev/console 600 0 0 c 5 1\n'
	printf 'file /init %s 755 0 0\n' "$HERE/e2e/init"
	printf 'file /bin/busybox %s 755 0 0\n' "$busybox"
	printf 'slink /bin/sh busybox 777 0 0\n'
	cat "$dir/tests.list"
	if [ -n "${INITRAMFS_EXTRA-}" ]; then
		(cd "$INITRAMFS_EXTRA" && find . -mindepth 1 -type d | sed 's,^\.\(.*\),dir \1 755 0 0,')
		(cd "$INITRAMFS_EXTRA" && find . -type f | sed "s,^\.\(.*\),file \1 $PWD\1 755 0 0,")
	fi
} >"$dir/list"
"$gen" -t 0 "$dir/list" >"$cpio.part" || die "the cpio could not be written"
if cmp -s "$cpio.part" "$cpio"; then
	rm "$cpio.part"
else
	mv "$cpio.part" "$cpio"
fi
printf '%s\n' "$cpio"
