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
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
#endif

#endif /* HYP_IOMMU_TYPES_H */
