#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A test that the machine boots.
echo "ok boots"
