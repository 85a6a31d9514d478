#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Negative controls: kernels in which one guard is missing; see e2e/negative.py,
# which gets the arguments. Ends in "N passed, N failed".
set -eu
. "$(dirname "$0")/lib.sh"

# What the copy starts from.
"$HERE/scripts/kernel.sh" >/dev/null
"$HERE/scripts/initramfs.sh" >/dev/null
exec "$HERE/e2e/negative.py" "$@"
