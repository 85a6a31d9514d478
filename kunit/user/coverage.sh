#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# coverage.sh <objects> <root>: lines that the suites ran, by file of the
# hypervisor side; uses gcov only.
set -eu

objs=$1 root=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

printf '%-40s %8s %8s %7s\n' file lines run share
for part in core pgtable backends; do
	[ -d "$objs/$part" ] || continue
	find "$objs/$part" -name '*.gcda' -print0 | sort -z | xargs -0 -r gcov -n 2>/dev/null
done | awk -v root="$root/" '
	/^File / { file = $0; sub(/^File ./, "", file); sub(/.$/, "", file) }
	/^Lines executed:/ {
		split($0, a, /[:% ]+/)
		if (index(file, root) != 1) next
		sub(root, "", file)
		if (file !~ /^(core|pgtable|backends)\//) next
		lines = a[5]; run = lines * a[3] / 100
		# A header is in several objects: count where most of it ran.
		if (!(file in n) || run > r[file]) { n[file] = lines; r[file] = run }
	}
	END {
		for (f in n) {
			split(f, d, "/"); pn[d[1]] += n[f]; pr[d[1]] += r[f]
			printf "%-40s %8d %8.0f %6.1f%%\n", f, n[f], r[f], 100 * r[f] / n[f]
		}
		for (p in pn)
			printf "%-40s %8d %8.0f %6.1f%%\n", p "/ (all)", pn[p], pr[p], 100 * pr[p] / pn[p]
	}' | sort
