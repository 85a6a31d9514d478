/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What all formats need, see core/program.h. */
#include "pgtable/pgtable.c"
#include "pgtable/pool.c"
