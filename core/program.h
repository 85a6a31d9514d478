/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The core, for platforms that compile the whole hypervisor side as one translation
 * unit (program.c): a hypercall is many short functions of several files, and so the
 * compiler sees who calls whom, and from how many places.  What is always on the way
 * of a page is __flatten: compiled into its caller.  The platform's own headers come
 * first; no name that is local to a file is that of another one.
 */
#include "core/domain.c"
#include "core/endpoint.c"
#include "core/hypercall.c"
#include "core/map.c"
#include "core/pin.c"
#include "core/pool.c"
#include "core/sync.c"
#include "core/unit.c"
