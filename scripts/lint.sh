#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Coding style (the kernel's checkpatch.pl --strict), licence lines, the include
# rules of the design, shell and Python scripts. Ends in "N passed, N failed".
# usage: lint.sh [file...]: only checkpatch and licence lines, of these files
set -eu
. "$(dirname "$0")/lib.sh"
cd "$HERE"

out=$BUILD/lint
rm -rf "$out"
mkdir -p "$out"
src=$("$HERE/scripts/fetch-kernel.sh")

# result <name> <log>: counts a check; its log is empty if it passed
passed=0 failed=0
result() {
	if [ -s "$2" ]; then
		failed=$((failed + 1))
		printf 'not ok %s\n' "$1"
		cat "$2"
	else
		passed=$((passed + 1))
	fi
}

if [ $# -gt 0 ]; then
	files=$(printf '%s\n' "$@")
else
	# What git knows or would know: a file that is not yet committed counts as well.
	files=$(git ls-files --cached --others --exclude-standard | sort -u |
		while read -r f; do [ ! -f "$f" ] || printf '%s\n' "$f"; done)
fi

# Left out: what only makes sense for a patch; and a platform's own types are opaque to the rest.
ignore=FILE_PATH_CHANGES,GIT_COMMIT_ID,NEW_TYPEDEFS
say "checkpatch"
# What a file got is remembered as long as it and this script stay the same.
cache=$BUILD/.lint-cache
mkdir -p "$cache"
export src out ignore cache
# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\n' "$files" | grep '\.[ch]$' | xargs -P "$JOBS" -I{} sh -c '
	log=$out/$(printf %s "{}" | tr / _).checkpatch
	known=$cache/$(cat "$0" "{}" | sha256sum | cut -c1-40)
	[ ! -e "$known" ] || { cp "$known" "$log"; exit 0; }
	case {} in
	# User space: its types and names are not the kernel'"'"'s, and there volatile means something.
	bench/* | e2e/* | kunit/user/* | kunit/qtest/* | platform/lang.h | platform/sim/* | platform/qtest/*)
		more=,PREFER_KERNEL_TYPES,VOLATILE,CAMELCASE,EMBEDDED_FUNCTION_NAME
		more=$more,PREFER_DEFINED_ATTRIBUTE_MACRO,BIT_MACRO,MACRO_ARG_REUSE,COMPLEX_MACRO,SINGLE_STATEMENT_DO_WHILE_MACRO
		# What stands for a kernel has its names, and no use for their arguments.
		case {} in
		bench/*) more=$more,AVOID_EXTERNS,ARRAY_SIZE,MEMORY_BARRIER,MACRO_ARG_UNUSED
			more=$more,DATA_RACE,EXPORT_SYMBOL,UNNECESSARY_CASTS,MULTISTATEMENT_MACRO_USE_DO_WHILE ;;
		esac ;;
	# Freestanding: volatile is all there is.
	platform/svm-x86/*) more=,VOLATILE,PREFER_DEFINED_ATTRIBUTE_MACRO ;;
	*) more= ;;
	esac
	perl "$src/scripts/checkpatch.pl" --strict --no-tree --quiet --terse --show-types \
		--ignore "$ignore$more" -f "{}" >"$log.all" 2>&1 || :
	grep -v "^total:" "$log.all" >"$log" || :
	rm "$log.all"
	cp "$log" "$known"' "$0"
for log in "$out"/*.checkpatch; do
	[ -e "$log" ] || continue
	result "checkpatch $(basename "$log" .checkpatch)" "$log"
done
rm -f .checkpatch-camelcase.*

say "licence lines"
printf '%s\n' "$files" | while read -r f; do
	case $f in
	LICENSES/* | .clang-format | *.patch | *.json) continue ;;
	esac
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0' ||
		printf '%s: no SPDX-License-Identifier in its first lines\n' "$f"
done >"$out/spdx"
result "licence lines" "$out/spdx"

if [ $# = 0 ]; then
	say "include rules"
	scripts/check-layers.py >"$out/layers" 2>&1 && : >"$out/layers"
	result "include rules" "$out/layers"
	scripts/check-layers.py --self-test >"$out/layers-self" 2>&1 && : >"$out/layers-self"
	result "include rules: self test" "$out/layers-self"

	say "scripts"
	# shellcheck disable=SC2046 # a list
	shellcheck -x -P SCRIPTDIR $(printf '%s\n' "$files" | grep '\.sh$') .ci/run >"$out/shell" 2>&1 || :
	result "shellcheck" "$out/shell"
	: >"$out/python"
	printf '%s\n' "$files" | grep '\.py$' | while read -r f; do
		python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$f" 2>>"$out/python" || :
	done
	result "python" "$out/python"
fi

[ "$failed" = 0 ] || say "to repeat just that: make lint"
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
