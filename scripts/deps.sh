#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Installs what building, booting and testing needs and this machine lacks.
# Does nothing, quickly, when all is there. Debian 12 and 13; needs root or sudo for installing only.
set -eu
. "$(dirname "$0")/lib.sh"

QEMU_MIN=10.0

# <command or file> <package>
needs() {
	cat <<-LIST
	gcc gcc
	make make
	python3 python3
	patch patch
	rsync rsync
	ccache ccache
	flex flex
	bison bison
	bc bc
	cpio cpio
	xz xz-utils
	taskset util-linux
	ld binutils
	perl perl
	git git
	aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
	/usr/aarch64-linux-gnu/lib/libc.a libc6-dev-arm64-cross
	$(x86_needs)
	/usr/include/openssl/ssl.h libssl-dev
	/usr/include/libelf.h libelf-dev
	sparse sparse
	shellcheck shellcheck
	dtc device-tree-compiler
	mkfs.ext4 e2fsprogs
	LIST
}

# x86-64 needs no cross compiler where it is the build machine itself.
x86_needs() {
	if [ "$(uname -m)" = x86_64 ]; then
		echo /usr/lib/x86_64-linux-gnu/libc.a libc6-dev
	else
		echo x86_64-linux-gnu-gcc gcc-x86-64-linux-gnu
		echo /usr/x86_64-linux-gnu/lib/libc.a libc6-dev-amd64-cross
	fi
}

missing() {
	needs | while read -r what pkg; do
		case $what in
		/*) [ -e "$what" ] || printf '%s\n' "$pkg" ;;
		*) PATH=$PATH:/usr/sbin:/sbin command -v "$what" >/dev/null || printf '%s\n' "$pkg" ;;
		esac
	done
	llvm_suffix >/dev/null || llvm_packages
}

# The newest LLVM in the configured suites.
llvm_packages() {
	n=$(apt-cache search --names-only '^clang-[0-9]+$' | sed -n 's/^clang-\([0-9]*\) .*/\1/p' | sort -n | tail -n 1)
	[ "${n:-0}" -ge "$LLVM_MIN" ] || n=19 # apt-get will say that it is not to be had
	printf 'clang-%s\nlld-%s\nllvm-%s\n' "$n" "$n" "$n"
}

# QEMU's programs, and the packages that they are in.
QEMUS="qemu-system-aarch64:qemu-system-arm qemu-system-x86_64:qemu-system-x86"

# qemu_missing: packages of those that are not there or too old
qemu_missing() {
	for _q in $QEMUS; do
		qemu_ok "${_q%:*}" || printf '%s\n' "${_q#*:}"
	done
}

qemu_ok() {
	v=$("$1" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
	[ -n "$v" ] && [ "$(printf '%s\n%s\n' "$QEMU_MIN" "$v" | sort -V | head -n 1)" = "$QEMU_MIN" ]
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "not root and no sudo: as root, run: $*"
	fi
}

# install [-t suite] package...
install() {
	as_root env DEBIAN_FRONTEND=noninteractive APT_CONFIG="${apt_config-}" \
		apt-get install -q -y --no-install-recommends "$@"
}

pkgs=$(missing)
qemus=$(qemu_missing | tr '\n' ' ')
[ -n "$pkgs$qemus" ] || exit 0

command -v apt-get >/dev/null ||
	die "this is no Debian; please install: $(needs | awk '{print $1}' | tr '\n' ' ')and of QEMU >= $QEMU_MIN: $QEMUS"

say "apt-get update"
as_root apt-get -q update >/dev/null || say "apt-get update failed; trying with the lists that are here"
pkgs=$(missing) # which LLVM there is may only be known now
if [ -n "$pkgs" ]; then
	pkgs=$(printf '%s' "$pkgs" | tr '\n' ' ')
	say "installing: $pkgs"
	# shellcheck disable=SC2086 # a list
	install $pkgs >/dev/null || die "apt-get install failed; to repeat just that: apt-get install $pkgs"
fi

if [ -n "$qemus" ]; then
	. /etc/os-release
	suite=${VERSION_CODENAME}-backports
	# shellcheck disable=SC2086 # a list
	if apt-cache madison ${qemus%% *} | awk '{print $3}' | grep -q '^1:\(10\|[1-9][0-9]\)\.'; then
		say "installing QEMU from the configured suites: $qemus"
		if apt-cache policy | grep -q "n=$suite"; then
			install -t "$suite" $qemus
		else
			install $qemus
		fi
	else
		say "installing QEMU >= $QEMU_MIN from $suite (this machine's sources stay as they are): $qemus"
		apt_config=$("$HERE/scripts/apt-private.sh" overlay "$suite")
		install -t "$suite" $qemus
	fi
	qemus=$(qemu_missing | tr '\n' ' ')
	[ -z "$qemus" ] ||
		die "still older than $QEMU_MIN: $qemus; please install newer ones in \$PATH"
fi
say "all there"
