/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The SMMUv3 backend and its formats, see core/program.h. */
#include "backends/smmuv3/cmdq.c"
#include "backends/smmuv3/evtq.c"
#include "backends/smmuv3/init.c"
#include "backends/smmuv3/smmuv3.c"
#include "backends/smmuv3/ste.c"
#include "backends/smmuv3/strtab.c"
#include "backends/smmuv3/tlbi.c"
#include "pgtable/fmt_vmsa.c"
