// SPDX-License-Identifier: GPL-2.0-only
/* The monitor but for entry.S as one translation unit, see core/program.h. */
#include "platform/svm-x86/monitor.c"
#include "platform/svm-x86/memory.c"
#include "platform/svm-x86/panic.c"
#include "platform/svm-x86/smp.c"
#include "platform/svm-x86/vault.c"
#include "platform/ram.c"
#include "core/program.h"
#include "pgtable/program.h"
#include "backends/vtd/program.h"
#include "pgtable/fmt_x86.c"
#include "pgtable/split.c"
