#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fails with the names of the settings that did not take effect.
# usage: config-check.sh <wanted> <.config>
set -eu
. "$(dirname "$0")/lib.sh"

bad=$(sed -n '/^CONFIG_/p; /^# CONFIG_/p' "$1" | while read -r line; do
	case $line in
	CONFIG_*=n) name=${line%%=*}; line="# $name is not set" ;;
	CONFIG_*) name=${line%%=*} ;;
	*) name=${line#\# }; name=${name%% *} ;;
	esac
	# Our own symbols exist only once the tree knows our Kconfig.
	case $name in
	CONFIG_HYP_IOMMU*) [ -f "$HERE/Kconfig" ] || continue ;;
	esac
	case $line in
	\#*) ! grep -q "^$name=" "$2" || printf '%s (should be off)\n' "$name" ;;
	*) grep -qxF "$line" "$2" || printf '%s\n' "$line" ;;
	esac
done)
[ -z "$bad" ] || die "settings without effect in $2:
$bad"
