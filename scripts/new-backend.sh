#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Begins a backend: copies backends/null and its suite under a new name, complete and
# passing. docs/adding-a-backend.md says how to go on.
# usage: new-backend.sh <name> <KIND>	e.g. new-backend.sh riscv RISC
#        new-backend.sh --try		does that work? In build/template; the tree stays as it is
set -eu
. "$(dirname "$0")/lib.sh"

try() {
	dir=$BUILD/template
	rm -rf "$dir"
	mkdir -p "$dir"
	(cd "$HERE" && cp -R --parents backends core hostif include kunit pgtable platform scripts "$dir")
	"$dir/scripts/new-backend.sh" sample SMPL
	CCACHE_BASEDIR=$dir make --no-print-directory -C "$dir/kunit" check SUITE=sample O="$dir/build/kunit"
}

if [ "${1-}" = --try ]; then
	try
	exit
fi
[ $# = 2 ] || die "usage: new-backend.sh <name> <KIND>"
name=$1 kind=$2
printf '%s\n' "$name" | grep -qx '[a-z][a-z0-9]*' || die "$name: a name is a-z and 0-9"
printf '%s\n' "$kind" | grep -qx '[A-Z0-9 ]\{4\}' || die "$kind: a kind is four of A-Z, 0-9 and space"
new=$HERE/backends/$name
suite=$HERE/kunit/${name}_test.c
if [ -e "$new" ] || [ -e "$suite" ]; then
	die "there is a backend $name already"
fi

upper=$(printf '%s' "$name" | tr '[:lower:]' '[:upper:]')
chars=$(printf '%s' "$kind" | sed "s/./'&', /g; s/, \$//")
rename() {
	sed -e "s/KIND('N', 'U', 'L', 'L')/KIND($chars)/" -e "s/_NULL_/_${upper}_/" -e "s/null/$name/g" "$1" >"$2"
}
mkdir "$new"
rename "$HERE/backends/null/null.c" "$new/$name.c"
rename "$HERE/backends/null/null.h" "$new/$name.h"
rename "$HERE/kunit/null_test.c" "$suite"
say "backends/$name and kunit/${name}_test.c; to run its suite: make check SUITE=$name"
