# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# What differs between architectures: arm64. Sourced by the scripts that build and boot.
KARCH=arm64
KIMAGE=arch/arm64/boot/Image
CROSS=aarch64-linux-gnu-
GUEST_CC=aarch64-linux-gnu-gcc
DEB_ARCH=arm64
