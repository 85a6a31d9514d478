#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Shows every ten seconds how far a build is: the number of lines in its log, and the last one.
set -eu
while sleep 10; do
	printf '  %s lines, %s\n' "$(wc -l <"$1")" "$(tail -n 1 "$1" | cut -c1-70)" >&2
done
