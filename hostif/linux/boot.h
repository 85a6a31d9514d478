/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line says, for those who need it. */
#ifndef HYP_IOMMU_BOOT_H
#define HYP_IOMMU_BOOT_H

#include <linux/types.h>

/* enum hyp_iommu_unit_flag bits for every unit. */
u32 hyp_host_unit_flags(void);

#endif /* HYP_IOMMU_BOOT_H */
