#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Prints the path of a pristine Linux tree: KERNEL_SRC if the user set it, else
# Debian's linux-source package, downloaded and unpacked once under the cache directory.
set -eu
. "$(dirname "$0")/lib.sh"

if [ -n "${KERNEL_SRC-}" ]; then
	[ -f "$KERNEL_SRC/Kbuild" ] || die "KERNEL_SRC=$KERNEL_SRC is no Linux tree"
	[ ! -e "$KERNEL_SRC/include/config/auto.conf" ] ||
		die "KERNEL_SRC=$KERNEL_SRC has been built in; separate object directories need a clean one: make -C $KERNEL_SRC mrproper"
	realpath "$KERNEL_SRC"
	exit 0
fi

tree=$CACHE/linux-$KVER
if [ ! -f "$tree/.complete" ]; then
	. /etc/os-release
	deb=$("$HERE/scripts/apt-private.sh" download amd64 \
		"configured,${VERSION_CODENAME-stable}-backports,trixie-backports,testing,unstable" \
		"$CACHE/debs" "linux-source-$KVER")
	say "unpacking $(basename "$deb") (about a minute)"
	rm -rf "$tree" "$tree.part"
	mkdir -p "$tree.part"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO --wildcards "./usr/src/linux-source-$KVER.tar.xz" |
		tar -xJ -C "$tree.part" --strip-components=1
	touch "$tree.part/.complete"
	find "$tree.part" -type f -exec chmod a-w {} +
	mv "$tree.part" "$tree"
fi
printf '%s\n' "$tree"
