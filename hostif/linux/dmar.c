// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses the ACPI table DMAR; see dmar.h.  Section numbers are those of Intel
 * D51397.
 *
 * Firmware is trusted, but not to make no mistakes: a table that contradicts
 * itself is refused as a whole, because half of it would leave devices without
 * a unit that they have.
 */
#include "dmar.h"

#define PAGE		0x1000ULL
#define MAX_PA		0x10000000000000ULL

/* Where accesses become interrupts and are not translated (3.14). */
#define INTERRUPTS_FIRST	0xfee00000ULL
#define INTERRUPTS_LAST		0xfeefffffULL

/* The table's header: that of all ACPI tables, and what 8.1 adds. */
#define TABLE_SIZE	48
#define TABLE_SIGNATURE	0	/* "DMAR" */
#define TABLE_LENGTH	4
#define TABLE_REVISION	8
#define TABLE_WIDTH	36	/* bits of an address, less one */
#define SIGNATURE	0x52414d44

/* A record's header (8.2), and what follows it in those that we use. */
#define RECORD_TYPE	0
#define RECORD_LENGTH	2
#define RECORD_SIZE	4

#define UNIT_FLAGS	4
#define UNIT_PAGES	5	/* as log2, in the lower four bits */
#define UNIT_SEGMENT	6
#define UNIT_BASE	8
#define UNIT_SIZE	16
#define UNIT_INCLUDE_ALL	1

#define RMRR_SEGMENT	6
#define RMRR_BASE	8
#define RMRR_LIMIT	16
#define RMRR_SIZE	24

enum { TYPE_UNIT, TYPE_RMRR, TYPE_ATSR, TYPE_RHSA, TYPE_ANDD, TYPE_SATC, TYPE_SIDP, NR_TYPES };

/* The shortest that a record of a type can be. */
static const u8 record_size[NR_TYPES] = {
	[TYPE_UNIT] = UNIT_SIZE,
	[TYPE_RMRR] = RMRR_SIZE,
	[TYPE_ATSR] = 8,
	[TYPE_RHSA] = 20,
	[TYPE_ANDD] = 8,
	[TYPE_SATC] = 8,
	[TYPE_SIDP] = 8,
};

/* A scope (8.3.1); its path is pairs of device and function. */
#define SCOPE_TYPE	0
#define SCOPE_LENGTH	1
#define SCOPE_BUS	5
#define SCOPE_PATH	6
#define SCOPE_SIZE	8	/* with the shortest path */

struct parser {
	const u8 *bytes;
	size_t size;
	size_t at;		/* what is looked at */
	u64 limit;		/* of addresses */
	struct hyp_dmar *dmar;
};

static u16 le16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static u32 le32(const u8 *p)
{
	return le16(p) | (u32)le16(p + 2) << 16;
}

static u64 le64(const u8 *p)
{
	return le32(p) | (u64)le32(p + 4) << 32;
}

static bool overlap(u64 first, u64 last, u64 first2, u64 last2)
{
	return first <= last2 && first2 <= last;
}

/* ---- scopes ---- */

static const char *parse_path(struct hyp_dmar_scope *scope, const u8 *path)
{
	unsigned int i;

	for (i = 0; i < scope->nr; i++, path += 2) {
		if (path[0] > 31 || path[1] > 7)
			return "a path leads through what cannot be a device";
		scope->devfn[i] = path[0] << 3 | path[1];
	}
	return NULL;
}

static const char *parse_scope(struct parser *p, size_t length)
{
	const u8 *bytes = p->bytes + p->at;
	size_t nr = (length - SCOPE_PATH) / 2;
	struct hyp_dmar *dmar = p->dmar;
	struct hyp_dmar_scope *scope;
	const char *wrong;

	if (!bytes[SCOPE_TYPE])
		return "a scope has no type";
	if (bytes[SCOPE_TYPE] > HYP_DMAR_ACPI)
		return NULL;	/* not known yet; skipped as 8.3.1 wants */
	if ((length - SCOPE_PATH) % 2)
		return "the path of a scope ends in the middle";
	if (nr > HYP_DMAR_MAX_PATH)
		return "the path of a scope is too long";
	if (dmar->nr_scopes == HYP_DMAR_MAX_SCOPES)
		return "there are too many scopes";
	scope = &dmar->scope[dmar->nr_scopes];
	scope->type = bytes[SCOPE_TYPE];
	scope->bus = bytes[SCOPE_BUS];
	scope->nr = nr;
	wrong = parse_path(scope, bytes + SCOPE_PATH);
	if (!wrong)
		dmar->nr_scopes++;
	return wrong;
}

/* From p->at to @end. */
static const char *parse_scopes(struct parser *p, size_t end, struct hyp_dmar_scopes *scopes)
{
	const char *wrong = NULL;

	scopes->first = p->dmar->nr_scopes;
	while (p->at < end && !wrong) {
		size_t left = end - p->at, length;

		if (left < SCOPE_SIZE)
			return "a scope is cut off";
		length = p->bytes[p->at + SCOPE_LENGTH];
		if (length < SCOPE_SIZE)
			return "a scope is too short";
		if (length > left)
			return "a scope goes beyond its record";
		wrong = parse_scope(p, length);
		if (!wrong)
			p->at += length;
	}
	scopes->nr = p->dmar->nr_scopes - scopes->first;
	return wrong;
}

static bool is_pci(const struct hyp_dmar_scope *scope)
{
	return scope->type == HYP_DMAR_ENDPOINT || scope->type == HYP_DMAR_BRIDGE;
}

static bool same_device(const struct hyp_dmar_scope *a, const struct hyp_dmar_scope *b)
{
	unsigned int i;

	if (!is_pci(a) || !is_pci(b) || a->bus != b->bus || a->nr != b->nr)
		return false;
	for (i = 0; i < a->nr; i++) {
		if (a->devfn[i] != b->devfn[i])
			return false;
	}
	return true;
}

static bool share_device(const struct hyp_dmar *dmar, struct hyp_dmar_scopes a,
			 struct hyp_dmar_scopes b)
{
	unsigned int i, j;

	for (i = 0; i < a.nr; i++) {
		for (j = 0; j < b.nr; j++) {
			if (same_device(&dmar->scope[a.first + i], &dmar->scope[b.first + j]))
				return true;
		}
	}
	return false;
}

/* ---- records ---- */

static const char *check_unit(const struct hyp_dmar_unit *unit)
{
	if (!unit->base || unit->base % PAGE)
		return "a unit's registers are not at the beginning of a page";
	if (unit->base >= MAX_PA || unit->size > MAX_PA - unit->base)
		return "a unit's registers are beyond any address";
	return NULL;
}

/* What the units say together. */
static const char *check_units(const struct hyp_dmar *dmar, const struct hyp_dmar_unit *unit)
{
	const struct hyp_dmar_unit *other;

	for (other = dmar->unit; other < unit; other++) {
		if (overlap(unit->base, unit->base + unit->size - 1, other->base,
			    other->base + other->size - 1))
			return "two units have the same registers";
		if (unit->segment != other->segment)
			continue;
		if (unit->include_all && other->include_all)
			return "two units have all the other devices of a segment";
		if (share_device(dmar, unit->scopes, other->scopes))
			return "two units have the same device";
	}
	return NULL;
}

static const char *parse_unit(struct parser *p, size_t length)
{
	const u8 *bytes = p->bytes + p->at;
	struct hyp_dmar *dmar = p->dmar;
	size_t start = p->at;
	struct hyp_dmar_unit *unit = &dmar->unit[dmar->nr_units];
	const char *wrong;

	if (dmar->nr_units == HYP_DMAR_MAX_UNITS)
		return "there are too many units";
	unit->segment = le16(bytes + UNIT_SEGMENT);
	unit->include_all = bytes[UNIT_FLAGS] & UNIT_INCLUDE_ALL;
	unit->base = le64(bytes + UNIT_BASE);
	unit->size = PAGE << (bytes[UNIT_PAGES] & 0xf);
	wrong = check_unit(unit);
	if (wrong)
		return wrong;
	p->at += UNIT_SIZE;
	wrong = parse_scopes(p, start + length, &unit->scopes);
	if (wrong)
		return wrong;
	p->at = start;
	dmar->nr_units++;
	return check_units(dmar, unit);
}

static const char *parse_rmrr(struct parser *p, size_t length)
{
	const u8 *bytes = p->bytes + p->at;
	struct hyp_dmar *dmar = p->dmar;
	size_t start = p->at;
	struct hyp_dmar_rmrr *rmrr = &dmar->rmrr[dmar->nr_rmrrs];
	const char *wrong;

	if (dmar->nr_rmrrs == HYP_DMAR_MAX_RMRRS)
		return "there is too much reserved memory";
	rmrr->segment = le16(bytes + RMRR_SEGMENT);
	rmrr->base = le64(bytes + RMRR_BASE);
	rmrr->limit = le64(bytes + RMRR_LIMIT);
	if (rmrr->limit < rmrr->base)
		return "reserved memory ends before it begins";
	if (rmrr->base % PAGE || rmrr->limit % PAGE != PAGE - 1)
		return "reserved memory is not whole pages";
	if (rmrr->limit > p->limit)
		return "reserved memory is beyond what devices can address";
	if (overlap(rmrr->base, rmrr->limit, INTERRUPTS_FIRST, INTERRUPTS_LAST))
		return "reserved memory is where interrupts are";
	p->at += RMRR_SIZE;
	wrong = parse_scopes(p, start + length, &rmrr->scopes);
	if (wrong)
		return wrong;
	p->at = start;
	dmar->nr_rmrrs++;
	return NULL;
}

static const char *parse_record(struct parser *p, size_t *length)
{
	const u8 *bytes = p->bytes + p->at;
	size_t left = p->size - p->at;
	unsigned int type;

	if (left < RECORD_SIZE)
		return "a record is cut off";
	type = le16(bytes + RECORD_TYPE);
	*length = le16(bytes + RECORD_LENGTH);
	if (*length < RECORD_SIZE)
		return "a record is shorter than its header";
	if (*length > left)
		return "a record goes beyond the table";
	if (type >= NR_TYPES)
		return NULL;	/* not known yet; skipped as 8.2 wants */
	if (*length < record_size[type])
		return "a record is too short for its type";
	if (type == TYPE_UNIT)
		return parse_unit(p, *length);
	if (type == TYPE_RMRR)
		return parse_rmrr(p, *length);
	return NULL;
}

/* ---- the table ---- */

static const char *parse_header(struct parser *p)
{
	unsigned int bits;
	u8 sum = 0;
	size_t i;

	if (p->size < TABLE_SIZE)
		return "it is shorter than its header";
	if (le32(p->bytes + TABLE_SIGNATURE) != SIGNATURE)
		return "it has another signature";
	p->at = TABLE_LENGTH;
	if (le32(p->bytes + TABLE_LENGTH) > p->size)
		return "it is cut off";
	p->size = le32(p->bytes + TABLE_LENGTH);
	if (p->size < TABLE_SIZE)
		return "it is shorter than its header";
	for (i = 0; i < p->size; i++)
		sum += p->bytes[i];
	if (sum)
		return "its checksum is wrong";
	p->at = TABLE_REVISION;
	if (!p->bytes[TABLE_REVISION])
		return "it has no revision";
	p->at = TABLE_WIDTH;
	bits = p->bytes[TABLE_WIDTH] + 1;
	if (bits < 32 || bits > 64)
		return "its address width makes no sense";
	p->limit = ~0ULL >> (64 - bits);
	p->at = TABLE_SIZE;
	return NULL;
}

/* A device must not be given the registers of a unit. */
static const char *check_rmrrs(const struct hyp_dmar *dmar)
{
	const struct hyp_dmar_unit *unit;
	unsigned int i;

	for (unit = dmar->unit; unit < dmar->unit + dmar->nr_units; unit++) {
		for (i = 0; i < dmar->nr_rmrrs; i++) {
			if (overlap(dmar->rmrr[i].base, dmar->rmrr[i].limit, unit->base,
				    unit->base + unit->size - 1))
				return "reserved memory is where a unit's registers are";
		}
	}
	return NULL;
}

const char *hyp_dmar_parse(const u8 *bytes, size_t size, struct hyp_dmar *dmar, size_t *where)
{
	struct parser p = { .bytes = bytes, .size = size, .dmar = dmar };
	const char *wrong = parse_header(&p);
	size_t length = 0;

	dmar->nr_units = 0;
	dmar->nr_rmrrs = 0;
	dmar->nr_scopes = 0;
	while (!wrong && p.at < p.size) {
		wrong = parse_record(&p, &length);
		if (!wrong)
			p.at += length;
	}
	if (!wrong)
		wrong = check_rmrrs(dmar);
	if (!wrong && !dmar->nr_units)
		wrong = "there is no unit in it";
	*where = p.at;
	return wrong;
}

/* ---- devices ---- */

/* Return: where on the way the scope's device is, or @nr. */
static unsigned int find_on_way(const struct hyp_dmar_scope *scope,
				const struct hyp_dmar_hop *way, unsigned int nr)
{
	unsigned int start, i;

	for (start = 0; start < nr && way[start].bus != scope->bus; start++)
		;
	if (scope->nr > nr - start)
		return nr;
	for (i = 0; i < scope->nr; i++) {
		if (way[start + i].devfn != scope->devfn[i])
			return nr;
	}
	return start + scope->nr - 1;
}

unsigned int hyp_dmar_in_scope(const struct hyp_dmar *dmar, struct hyp_dmar_scopes scopes,
			       const struct hyp_dmar_hop *way, unsigned int nr)
{
	unsigned int i, at, best = 0;

	for (i = scopes.first; i < scopes.first + scopes.nr; i++) {
		const struct hyp_dmar_scope *scope = &dmar->scope[i];

		if (!is_pci(scope))
			continue;
		at = find_on_way(scope, way, nr);
		/* An endpoint that has something below it is a mistake, not a bridge. */
		if (at == nr || (scope->type == HYP_DMAR_ENDPOINT && at != nr - 1))
			continue;
		if (at + 1 > best)
			best = at + 1;
	}
	return best;
}

const struct hyp_dmar_unit *hyp_dmar_find_unit(const struct hyp_dmar *dmar, u16 segment,
					       const struct hyp_dmar_hop *way, unsigned int nr)
{
	const struct hyp_dmar_unit *unit, *found = NULL;
	unsigned int fit, best = 0;

	for (unit = dmar->unit; unit < dmar->unit + dmar->nr_units; unit++) {
		if (unit->segment != segment)
			continue;
		fit = hyp_dmar_in_scope(dmar, unit->scopes, way, nr);
		if (fit > best || (!best && unit->include_all)) {
			best = fit;
			found = unit;
		}
	}
	return found;
}
