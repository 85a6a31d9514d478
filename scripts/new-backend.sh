#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Begins a backend: copies backends/null and its suite under a new name, complete and
# passing. docs/adding-a-backend.md says how to go on.
# usage: new-backend.sh <name> <KIND>	e.g. new-backend.sh riscv RISC
#        new-backend.sh --try		does that work, and does the suite name each contract that the
#					copy breaks? In build/template; the tree stays as it is
set -eu
. "$(dirname "$0")/lib.sh"

# What a backend can do wrong: what its suite has to say | how the copy is broken (sed).
contracts() {
	cat <<'END'
init: with -ENOMEM it says how much it needs|/\*need = pages_needed/d
init: without memory it returns -ENOMEM|s/if (unit->mem_pages < pages_needed())/if (0)/
init: every endpoint is blocked|s/^\tunit->priv = sample;/&\n\tsample->tag[9] = 1;/
init: after -ENOMEM nothing has changed|s/^\t\t\*need = pages_needed/\t\tunit->priv = unit;\n&/
attach: the endpoint uses the space, and no other one does|s/^\tWRITE_ONCE(.*space->tag);/&\n\tsample->tag[4] = 7;/
attach: without PASIDs it returns -EOPNOTSUPP|s/if (pasid != HYP_IOMMU_NO_PASID)$/if (0)/
attach: an endpoint out of range is -EINVAL|s/if (endpoint >= NR_ENDPOINTS)/if (0)/
attach: after an error the pool is as it was|s/^\tif (pasid != HYP_IOMMU_NO_PASID)$/\thyp_pgt_pool_get(pool, false);\n&/
attach_pages: that many are enough|s/^\tif (pasid != HYP_IOMMU_NO_PASID)$/\tif (!hyp_pgt_pool_get(pool, false))\n\t\treturn -ENOMEM;\n&/
unbind: what the space took is back in the pool|/^static int sample_bind/,/^}/s/^\treturn 0;/\thyp_pgt_pool_get(pool, false);\n&/
detach: the endpoint is blocked|/^static int sample_detach/,/^}/s/WRITE_ONCE(\(.*\), .*);/(void)\1;/
detach: it drops what is cached of the entry|/^static int sample_detach/,/^}/s/sample_wait(unit, sample_issue(unit))/sample_wait(unit, 0)/
detach: it waits until that is done|/^static int sample_detach/,/^}/s/return sample_wait(unit, sample_issue(unit))/return !sample_issue(unit)/
detach: what cannot be attached is -EIO|/^static int sample_detach/,/^}/s/return -EIO/return 0/
unbind: it invalidates what is cached under the tag|/^static int sample_unbind/,/^}/s/sample_wait(unit, sample_issue(unit))/sample_wait(unit, 0)/
unbind: it waits until that is done|/^static int sample_unbind/,/^}/s/return sample_wait(unit, sample_issue(unit))/return !sample_issue(unit)/
invalidate: it sends commands for the range|s/^\t\*ticket = sample_issue(unit);/\t*ticket = 0;/
invalidate: where there is nothing to do it sends nothing|s/if (hyp_pgt_gather_empty(gather))/if (0)/
invalidate: where there is nothing to do the ticket is good at once|s/^\t\*ticket = 0;/\t*ticket = 1;/
invalidate: each has a ticket of its own|s/ticket = ++sample->issued;/sample->issued = 1; ticket = 1;/
wait: what the unit has not done is -EIO|s/return done ? 0 : -EIO;/return done ? 0 : 0;/
wait: what was sent is done|/^\tsample->complete = sample->issued;/d
fault: without a record it returns -ENOENT|/^static int sample_fault/,/^}/s/return -ENOENT/return 0/
stop: every endpoint is blocked|/^static void sample_stop/,/^}/s/NR_ENDPOINTS/4/
END
}

# Does the suite of the copy in $dir say so, when it is broken in that way?
# broken <what the suite says> <sed expression>
broken() {
	cp "$dir/whole.c" "$file"
	sed -i "$2" "$file"
	if cmp -s "$file" "$dir/whole.c"; then
		echo "not ok nothing was broken: $1"
	elif check >"$dir/log" 2>&1; then
		echo "not ok no test fails: $1"
	elif ! grep -qF "contract broken: $1" "$dir/log"; then
		echo "not ok it fails, but not for that: $1"
		tail -n 20 "$dir/log"
	else
		return 0
	fi
	return 1
}

check() {
	CCACHE_BASEDIR=$dir make --no-print-directory -C "$dir/kunit" check SUITE=sample O="$dir/build/kunit"
}

try() {
	dir=$BUILD/template
	file=$dir/backends/sample/sample.c
	start=$(date +%s)
	passed=0 failed=0
	rm -rf "$dir"
	mkdir -p "$dir"
	(cd "$HERE" && cp -R --parents backends core hostif include kunit pgtable platform scripts "$dir")
	"$dir/scripts/new-backend.sh" sample SMPL
	check
	cp "$file" "$dir/whole.c"
	contracts >"$dir/contracts"
	while IFS='|' read -r what how; do
		if broken "$what" "$how"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
		fi
	done <"$dir/contracts"
	say "$((passed + failed)) contracts broken on purpose in $(($(date +%s) - start)) s"
	printf '%s passed, %s failed\n' "$passed" "$failed"
	[ "$failed" = 0 ]
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
