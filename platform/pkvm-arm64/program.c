// SPDX-License-Identifier: GPL-2.0-only
/* The hypervisor side as one translation unit, see core/program.h. */
#include "platform/pkvm-arm64/pkvm.c"
#include "core/program.h"
#include "pgtable/program.h"
#ifdef CONFIG_HYP_IOMMU_SMMUV3
#include "backends/smmuv3/program.h"
#endif
