/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The VT-d backend and its formats, see core/program.h. */
#include "backends/vtd/context.c"
#include "backends/vtd/fault.c"
#include "backends/vtd/init.c"
#include "backends/vtd/inval.c"
#include "backends/vtd/qi.c"
#include "backends/vtd/vtd.c"
#include "pgtable/fmt_vtd.c"
