#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# selftest.sh <program>: does the runner see every failure of selftest.c?
set -u

out=$("$1" 2>&1)
status=$?
bad=0

# Every result line must be what the test's name says, and all must be there.
while read -r line; do
	case $line in
	'ok '*' pass_'* | 'not ok '*' fail_'* | 'ok '*' skip_'*'# SKIP'*) ;;
	*) echo "wrong: $line"; bad=1 ;;
	esac
done < <(grep -E '^ +(not )?ok [0-9]' <<<"$out")

want='passed, failed: 7 13'
got="passed, failed: $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' <<<"$out" | tail -n 1)"
[ "$got" = "$want" ] || { echo "wrong: $got, wanted $want"; bad=1; }
[ "$status" -ne 0 ] || { echo "wrong: status 0"; bad=1; }
grep -q 'not ok - selftest_leak' <<<"$out" || { echo "wrong: the leak was not seen"; bad=1; }
# With -x it ends after the first one, however that fails.
for first in '*' '*.fail_expect_twice' '*.fail_heap_overflow'; do
	got=$("$1" -q -x "$first" 2>&1 | grep -E '^[0-9]+ passed, [0-9]+ failed$')
	[ "${got#*, }" = '1 failed' ] || { echo "wrong: -x $first: $got"; bad=1; }
done
[ $bad -eq 0 ] && echo "ok runner_selftest" && exit
echo "not ok runner_selftest"
exit 1
