/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line and the takeover drivers say, for those who need it. */
#ifndef HYP_IOMMU_BOOT_H
#define HYP_IOMMU_BOOT_H

#include <linux/types.h>

#include "takeover.h"

/* enum hyp_iommu_unit_flag bits for every unit. */
u32 hyp_host_unit_flags(void);

/* Ask all takeover drivers; see @find in takeover.h. */
struct device *hyp_host_find(struct device *dev, struct hyp_iommu_ids *ids);

#endif /* HYP_IOMMU_BOOT_H */
