/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ACPI table DMAR, which says where VT-d units are and which PCI devices
 * are behind them (Intel D51397, chapter 8): bytes in, small structures out.
 * Knows no PCI and no ACPI, so that it can be tested anywhere.
 */
#ifndef HYP_IOMMU_DMAR_H
#define HYP_IOMMU_DMAR_H

#include <hyp_iommu/types.h>

#define HYP_DMAR_MAX_UNITS	64
#define HYP_DMAR_MAX_RMRRS	32
#define HYP_DMAR_MAX_SCOPES	1024
#define HYP_DMAR_MAX_PATH	8

/* What a scope names (8.3.1). */
enum hyp_dmar_scope_type {
	HYP_DMAR_ENDPOINT = 1,	/* a device */
	HYP_DMAR_BRIDGE = 2,	/* and all that is below it */
	HYP_DMAR_IOAPIC = 3,
	HYP_DMAR_HPET = 4,
	HYP_DMAR_ACPI = 5,
};

/* One device, as it is found from a bus: each but the last in the path is a bridge. */
struct hyp_dmar_scope {
	u8 type;
	u8 bus;
	u8 nr;
	u8 devfn[HYP_DMAR_MAX_PATH];
};

/* Some of hyp_dmar.scope[]. */
struct hyp_dmar_scopes {
	u16 first, nr;
};

struct hyp_dmar_unit {
	u16 segment;
	bool include_all;	/* every device of the segment that no other unit has */
	u64 base, size;		/* of the registers, or so the firmware says */
	struct hyp_dmar_scopes scopes;
};

/* Memory that firmware lets devices use; an identity mapping for them. */
struct hyp_dmar_rmrr {
	u16 segment;
	u64 base, limit;	/* first and last byte */
	struct hyp_dmar_scopes scopes;
};

struct hyp_dmar {
	unsigned int nr_units, nr_rmrrs, nr_scopes;
	struct hyp_dmar_unit unit[HYP_DMAR_MAX_UNITS];
	struct hyp_dmar_rmrr rmrr[HYP_DMAR_MAX_RMRRS];
	struct hyp_dmar_scope scope[HYP_DMAR_MAX_SCOPES];
};

/* One step on the way from a root bus down to a device. */
struct hyp_dmar_hop {
	u8 bus, devfn;
};

/**
 * hyp_dmar_parse() - understand a DMAR table
 * @bytes: the table, which need not be aligned
 * @size: how many bytes may be read
 * @dmar: gets what is in it
 * @where: gets the offset of what is wrong
 *
 * Return: NULL, or what is wrong, in which case @dmar must not be used.
 */
const char *hyp_dmar_parse(const u8 *bytes, size_t size, struct hyp_dmar *dmar, size_t *where);

/**
 * hyp_dmar_in_scope() - is a device among these?
 * @dmar: from hyp_dmar_parse()
 * @scopes: of a unit, or of reserved memory, of the device's segment
 * @way: from the root bus to the device, which is the last
 * @nr: of @way
 *
 * Return: how well it fits, or 0: not at all.
 */
unsigned int hyp_dmar_in_scope(const struct hyp_dmar *dmar, struct hyp_dmar_scopes scopes,
			       const struct hyp_dmar_hop *way, unsigned int nr);

/**
 * hyp_dmar_find_unit() - which unit is a PCI device behind?
 * @dmar: from hyp_dmar_parse()
 * @segment: of the device
 * @way: from the root bus to the device, which is the last
 * @nr: of @way
 *
 * The device itself before a bridge above it, a bridge near it before one
 * farther away, and before what has all the rest.
 *
 * Return: NULL, if it is behind none.
 */
const struct hyp_dmar_unit *hyp_dmar_find_unit(const struct hyp_dmar *dmar, u16 segment,
					       const struct hyp_dmar_hop *way, unsigned int nr);

#endif /* HYP_IOMMU_DMAR_H */
