/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fixed-width integer types for code that is built both inside and outside a
 * Linux kernel tree.  Nothing else belongs here.
 */
#ifndef HYP_IOMMU_TYPES_H
#define HYP_IOMMU_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>

typedef __UINT8_TYPE__ u8;
typedef __UINT16_TYPE__ u16;
typedef __UINT32_TYPE__ u32;
typedef __UINT64_TYPE__ u64;
typedef __INT32_TYPE__ s32;
typedef __INT64_TYPE__ s64;
#endif

#endif /* HYP_IOMMU_TYPES_H */
