#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes build/linux: a tree of symbolic links to a pristine Linux tree, in which
# our patches are applied and this repository is drivers/iommu/hyp. The pristine
# tree stays as it is. Only files whose content changes are written, so that a
# new version of a patch rebuilds no more than it has to.
# Prints the path of the tree.
set -eu
. "$(dirname "$0")/lib.sh"

src=$("$HERE/scripts/fetch-kernel.sh")
tree=$BUILD/linux
mkdir -p "$BUILD"

# Two builds at once must not both do this.
exec 9>"$BUILD/.shadow.lock"
flock 9

# Links what is not there yet; what is patched stays.
link_all() {
	for f in "$src"/* "$src"/.[a-z]*; do
		case $f in */.git | */.complete | *'/.[a-z]*') continue ;; esac
		cp -asn "$f" "$tree/"
	done
	find "$tree" -type d ! -perm -u+w -exec chmod u+w {} +
}

if [ "$(cat "$tree/.shadow-of" 2>/dev/null)" != "$src" ]; then
	say "linking $src to $tree"
	# make goes by dates, and those of another tree mean nothing to it.
	[ ! -e "$tree/.shadow-of" ] || rm -rf "$BUILD"/kernel-* "$BUILD"/kunit-*
	rm -rf "$tree"
	mkdir -p "$tree"
	link_all
	# kunit.py goes to the tree that its own file is really in.
	rm -rf "$tree/tools/testing/kunit"
	cp -r "$src/tools/testing/kunit" "$tree/tools/testing/kunit"
	chmod -R u+w "$tree/tools/testing/kunit"
	printf '%s\n' "$src" >"$tree/.shadow-of"
elif [ -n "${KERNEL_SRC-}" ]; then
	# Somebody works in that tree: files come and go.
	find "$tree" -xtype l -delete
	link_all
fi
[ "$(readlink "$tree/drivers/iommu/hyp" 2>/dev/null)" = "$HERE" ] ||
	ln -sfn "$HERE" "$tree/drivers/iommu/hyp"

version=$(sed -n 's/^VERSION = //p; s/^PATCHLEVEL = /./p' "$src/Makefile" | tr -d '\n')
want=$BUILD/.patched
rm -rf "$want"
mkdir -p "$want"
: >"$want.list"
touch "$tree/.patched"
for patch in "$HERE"/platform/*/patches/"linux-$version.patch"; do
	[ -e "$patch" ] || continue
	sed -n 's,^\(---\|+++\) [ab]/\([^[:space:]]*\).*,\2,p' "$patch" | sort -u >"$want.new"
	while read -r f; do
		[ -e "$want/$f" ] || [ ! -e "$src/$f" ] || install -D -m 644 "$src/$f" "$want/$f"
	done <"$want.new"
	cat "$want.new" >>"$want.list"
	patch -d "$want" -p1 -s -F0 --no-backup-if-mismatch <"$patch" >&2 ||
		die "$patch does not apply to Linux $version ($src)"
done

sort -u "$want.list" "$tree/.patched" | while read -r f; do
	if grep -qxF "$f" "$want.list"; then
		from=$want/$f
	else
		from=$src/$f # no longer patched
	fi
	if [ ! -e "$from" ]; then
		rm -f "$tree/$f"
	elif ! cmp -s "$from" "$tree/$f"; then
		mkdir -p "$(dirname "$tree/$f")"
		rm -f "$tree/$f"
		cp "$from" "$tree/$f"
		say "patched $f"
	fi
done
sort -u "$want.list" >"$tree/.patched"
rm -rf "$want" "$want.new" "$want.list"
printf '%s\n' "$tree"
