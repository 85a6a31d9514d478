#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The demonstration: builds the kernel and the guest's user space, then e2e/demo.py.
set -eu
. "$(dirname "$0")/lib.sh"

say "1 of 3: the kernel (about ten minutes the first time)"
"$HERE/scripts/kernel.sh" >/dev/null
say "2 of 3: the guest's user space"
"$HERE/scripts/initramfs.sh" >/dev/null
say "3 of 3: two boots"
exec "$HERE/e2e/demo.py" "$@"
