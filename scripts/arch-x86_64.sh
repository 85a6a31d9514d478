# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# What differs between architectures: x86-64. Sourced by the scripts that build and boot.
KARCH=x86_64
KIMAGE=arch/x86/boot/bzImage
CROSS=
[ "$(uname -m)" = x86_64 ] || CROSS=x86_64-linux-gnu-
GUEST_CC=${CROSS}gcc
DEB_ARCH=amd64
