/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two files of the SMMUv3 model share. */
#ifndef HYP_IOMMU_MODEL_SMMUV3_PRIV_H
#define HYP_IOMMU_MODEL_SMMUV3_PRIV_H

#include "kunit/models/smmuv3.h"

void smmu_model_event(struct smmu_model *smmu, enum smmu_ev id, u32 sid, u64 ia, bool write);

#endif /* HYP_IOMMU_MODEL_SMMUV3_PRIV_H */
