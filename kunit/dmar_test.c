// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parser of the ACPI table DMAR: a table put together by hand, every way
 * that was thought of to spoil it, and many that were not.
 */
#include <kunit/test.h>
#include "hostif/linux/dmar.h"

#define UNIT	48
#define REST	90
#define RMRR	114
#define ATSR	146
#define UNKNOWN	154
#define SIZE	160

/* Its checksum is left to seal(). */
static const u8 good[SIZE] = {
	'D', 'M', 'A', 'R', SIZE, 0, 0, 0, 1, 0, 'H', 'Y', 'P', ' ', ' ', ' ',
	[36] = 38,			/* 39 bits */
	[UNIT] = 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 0xd9, 0xfe, 0, 0, 0, 0,
	1, 8, 0, 0, 0, 0, 5, 0,		/* 00:05.0 */
	2, 8, 0, 0, 0, 0, 2, 0,		/* 00:02.0, and below */
	1, 10, 0, 0, 0, 0, 3, 0, 0, 1,	/* function 0.1 below 00:03.0 */
	[REST] = 0, 0, 24, 0, 1, 1, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0,
	3, 8, 0, 0, 0, 0xf0, 31, 7,	/* an IOAPIC */
	[RMRR] = 1, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0,
	0xff, 0x1f, 0, 0x7f, 0, 0, 0, 0,
	1, 8, 0, 0, 0, 0, 5, 0,
	[ATSR] = 2, 0, 8, 0, 1, 0, 0, 0,
	[UNKNOWN] = 9, 0, 6, 0, 0xff, 0xff,
};

struct table {
	u8 *bytes;
	size_t size;
	struct hyp_dmar *dmar;
	size_t where;
};

static void seal(u8 *bytes, size_t size)
{
	size_t i;

	bytes[9] = 0;
	for (i = 0; i < size; i++)
		bytes[9] -= i == 9 ? 0 : bytes[i];
}

/* In memory of exactly its size, so that what reads beyond it is caught. */
static const char *parse(struct kunit *test, struct table *t)
{
	u8 *bytes = kunit_kmalloc(test, t->size ? t->size : 1, GFP_KERNEL);
	const char *wrong;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	memcpy(bytes, t->bytes, t->size);
	wrong = hyp_dmar_parse(bytes, t->size, t->dmar, &t->where);
	kunit_kfree(test, bytes);
	return wrong;
}

static struct table table(struct kunit *test)
{
	struct table t = { .size = SIZE };

	t.bytes = kunit_kzalloc(test, 2 * SIZE, GFP_KERNEL);
	t.dmar = kunit_kzalloc(test, sizeof(*t.dmar), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t.bytes);
	KUNIT_ASSERT_NOT_NULL(test, t.dmar);
	memcpy(t.bytes, good, SIZE);
	seal(t.bytes, SIZE);
	return t;
}

static void understood(struct kunit *test)
{
	struct table t = table(test);
	const struct hyp_dmar *dmar = t.dmar;

	KUNIT_ASSERT_NULL(test, parse(test, &t));
	KUNIT_ASSERT_EQ(test, dmar->nr_units, 2);
	KUNIT_EXPECT_EQ(test, dmar->unit[0].base, 0xfed90000);
	KUNIT_EXPECT_EQ(test, dmar->unit[0].size, 0x1000);
	KUNIT_EXPECT_EQ(test, dmar->unit[0].segment, 0);
	KUNIT_EXPECT_FALSE(test, dmar->unit[0].include_all);
	KUNIT_EXPECT_EQ(test, dmar->unit[0].scopes.first, 0);
	KUNIT_EXPECT_EQ(test, dmar->unit[0].scopes.nr, 3);
	KUNIT_EXPECT_EQ(test, dmar->unit[1].base, 0x400000000);
	KUNIT_EXPECT_EQ(test, dmar->unit[1].size, 0x2000);
	KUNIT_EXPECT_TRUE(test, dmar->unit[1].include_all);
	KUNIT_EXPECT_EQ(test, dmar->unit[1].scopes.first, 3);
	KUNIT_EXPECT_EQ(test, dmar->unit[1].scopes.nr, 1);
	KUNIT_ASSERT_EQ(test, dmar->nr_rmrrs, 1);
	KUNIT_EXPECT_EQ(test, dmar->rmrr[0].base, 0x7f000000);
	KUNIT_EXPECT_EQ(test, dmar->rmrr[0].limit, 0x7f001fff);
	KUNIT_EXPECT_EQ(test, dmar->rmrr[0].scopes.first, 4);
	KUNIT_EXPECT_EQ(test, dmar->rmrr[0].scopes.nr, 1);
	KUNIT_ASSERT_EQ(test, dmar->nr_scopes, 5);
	KUNIT_EXPECT_EQ(test, dmar->scope[2].type, HYP_DMAR_ENDPOINT);
	KUNIT_EXPECT_EQ(test, dmar->scope[2].bus, 0);
	KUNIT_EXPECT_EQ(test, dmar->scope[2].nr, 2);
	KUNIT_EXPECT_EQ(test, dmar->scope[2].devfn[0], 0x18);
	KUNIT_EXPECT_EQ(test, dmar->scope[2].devfn[1], 0x01);
	KUNIT_EXPECT_EQ(test, dmar->scope[3].bus, 0xf0);
	KUNIT_EXPECT_EQ(test, dmar->scope[3].devfn[0], 0xff);
}

/* What follows the table in memory is none of its business. */
static void longer_memory(struct kunit *test)
{
	struct table t = table(test);

	t.size += 7;
	KUNIT_EXPECT_NULL(test, parse(test, &t));
	KUNIT_EXPECT_EQ(test, t.dmar->nr_units, 2);
}

/* Up to four bytes become others; the checksum is right again, unless it is what is changed. */
struct spoil {
	const char *name, *reason;
	u16 where, size;	/* of what is wrong; of the table, if not SIZE */
	struct {
		u16 at;
		u8 byte;
	} edit[4];
};

static const struct spoil spoils[] = {
	{ "nothing", "shorter than its header", 0, 1, },
	{ "header cut off", "shorter than its header", 0, 47 },
	{ "signature", "another signature", 0, 0, { { 3, 'r' } } },
	{ "length beyond", "it is cut off", 4, 0, { { 4, SIZE + 1 } } },
	{ "length below header", "shorter than its header", 4, 0, { { 4, 47 } } },
	{ "huge length", "it is cut off", 4, 0, { { 7, 0x80 } } },
	{ "revision", "no revision", 8, 0, { { 8, 0 } } },
	{ "checksum", "checksum", 4, 0, { { 9, 0x55 } } },
	{ "width too small", "address width", 36, 0, { { 36, 30 } } },
	{ "width too big", "address width", 36, 0, { { 36, 64 } } },
	{ "width wraps", "address width", 36, 0, { { 36, 255 } } },
	{ "only a header", "no unit", 48, 0, { { 4, 48 } } },
	{ "no units", "no unit", SIZE, 0, { { UNIT, 3 }, { REST, 3 } } },

	{ "record cut off", "a record is cut off", UNKNOWN, 0, { { 4, UNKNOWN + 3 } } },
	{ "zero length", "shorter than its header", UNIT, 0, { { UNIT + 2, 0 } } },
	{ "length 3", "shorter than its header", UNIT, 0, { { UNIT + 2, 3 } } },
	{ "beyond the table", "beyond the table", UNKNOWN, 0, { { UNKNOWN + 2, 7 } } },
	{ "far beyond", "beyond the table", UNIT, 0, { { UNIT + 3, 0xff } } },
	{ "short unit", "too short for its type", UNIT, 0, { { UNIT + 2, 15 } } },
	{ "short rmrr", "too short for its type", RMRR, 0, { { RMRR + 2, 23 } } },
	{ "short atsr", "too short for its type", ATSR, 0, { { ATSR + 2, 7 } } },
	{ "short rhsa", "too short for its type", ATSR, 0, { { ATSR, 3 } } },

	{ "no base", "beginning of a page", UNIT, 0, { { UNIT + 10, 0 }, { UNIT + 11, 0 } } },
	{ "unaligned base", "beginning of a page", UNIT, 0, { { UNIT + 9, 0x08 } } },
	{ "base too high", "beyond any address", UNIT, 0, { { UNIT + 15, 0x80 } } },
	{ "size too big", "beyond any address", UNIT, 0,
	  { { UNIT + 5, 15 }, { UNIT + 12, 0xff }, { UNIT + 13, 0xff }, { UNIT + 14, 0x0f } } },
	{ "same base", "same registers", REST, 0,
	  { { REST + 10, 0xd9 }, { REST + 11, 0xfe }, { REST + 12, 0 } } },
	{ "registers overlap", "same registers", REST, 0,
	  { { REST + 9, 0xf0 }, { REST + 10, 0xd8 }, { REST + 11, 0xfe }, { REST + 12, 0 } } },
	{ "two for the rest", "all the other devices", REST, 0, { { UNIT + 4, 1 } } },
	{ "two for a device", "same device", REST, 0,
	  { { REST + 16, 1 }, { REST + 21, 0 }, { REST + 22, 5 }, { REST + 23, 0 } } },

	{ "scope cut off", "a scope is cut off", UNIT + 32, 0, { { UNIT + 2, 39 } } },
	{ "scope of length 0", "a scope is too short", UNIT + 16, 0, { { UNIT + 17, 0 } } },
	{ "scope without path", "a scope is too short", UNIT + 16, 0, { { UNIT + 17, 6 } } },
	{ "scope beyond record", "beyond its record", UNIT + 32, 0, { { UNIT + 33, 12 } } },
	{ "scope far beyond", "beyond its record", UNIT + 16, 0, { { UNIT + 17, 255 } } },
	{ "odd path", "ends in the middle", UNIT + 16, 0, { { UNIT + 17, 9 } } },
	{ "long path", "path of a scope is too long", UNIT + 16, 0, { { UNIT + 17, 24 } } },
	{ "no type", "no type", UNIT + 16, 0, { { UNIT + 16, 0 } } },
	{ "no such device", "cannot be a device", UNIT + 16, 0, { { UNIT + 22, 32 } } },
	{ "no such function", "cannot be a device", UNIT + 32, 0, { { UNIT + 41, 8 } } },

	{ "limit below base", "before it begins", RMRR, 0, { { RMRR + 19, 0x7e } } },
	{ "unaligned rmrr", "whole pages", RMRR, 0, { { RMRR + 8, 1 } } },
	{ "half a page", "whole pages", RMRR, 0, { { RMRR + 17, 0x17 } } },
	{ "rmrr too high", "devices can address", RMRR, 0, { { RMRR + 20, 0x80 } } },
	{ "rmrr of interrupts", "where interrupts are", RMRR, 0,
	  { { RMRR + 11, 0x01 }, { RMRR + 19, 0xfe }, { RMRR + 18, 0xe0 } } },
	{ "rmrr of registers", "unit's registers", SIZE, 0,
	  { { RMRR + 10, 0xd8 }, { RMRR + 11, 0xfe }, { RMRR + 18, 0xda }, { RMRR + 19, 0xfe } } },
};

KUNIT_ARRAY_PARAM_DESC(spoils, spoils, name);

static void refused(struct kunit *test)
{
	const struct spoil *spoil = test->param_value;
	struct table t = table(test);
	const char *wrong;
	unsigned int i;
	size_t length;
	bool sum = false;

	for (i = 0; i < ARRAY_SIZE(spoil->edit) && spoil->edit[i].at; i++) {
		t.bytes[spoil->edit[i].at] = spoil->edit[i].byte;
		sum |= spoil->edit[i].at == 9;
	}
	length = t.bytes[4] + ((size_t)t.bytes[7] << 24);
	if (!sum && length <= SIZE)
		seal(t.bytes, length);
	if (spoil->size)
		t.size = spoil->size;

	wrong = parse(test, &t);
	KUNIT_ASSERT_NOT_NULL(test, wrong);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(wrong, spoil->reason), "%s", wrong);
	KUNIT_EXPECT_EQ(test, t.where, spoil->where);
}

/* Whatever a table is cut to, it is refused, and nothing beyond it is read. */
static void truncated(struct kunit *test)
{
	struct table t = table(test);

	for (t.size = 0; t.size < SIZE; t.size++)
		KUNIT_EXPECT_NOT_NULL_MSG(test, parse(test, &t), "%zu bytes", t.size);
}

/* A table with @nr records of @length bytes that are copies of the one at @from. */
static const char *many(struct kunit *test, u32 nr, size_t from, size_t length, u8 scopes)
{
	struct table t = table(test);
	size_t body = length + scopes * 8UL, i;
	u32 n;

	t.size = UNIT + nr * body;
	t.bytes = kunit_kzalloc(test, t.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t.bytes);
	memcpy(t.bytes, good, UNIT);
	t.bytes[4] = t.size;
	t.bytes[5] = t.size >> 8;
	for (n = 0; n < nr; n++) {
		u8 *record = t.bytes + UNIT + n * body;

		memcpy(record, good + from, length);
		record[2] = body;
		record[3] = body >> 8;
		/* Units are not the same one, and a segment has one for the rest. */
		record[6] = n;
		record[13] = from == RMRR ? 0 : n;
		for (i = 0; i < scopes; i++)
			memcpy(record + length + 8 * i, good + REST + 16, 8);
	}
	seal(t.bytes, t.size);
	return parse(test, &t);
}

static void limits(struct kunit *test)
{
	/* Reserved memory alone is not enough, but it can be counted. */
	KUNIT_EXPECT_NULL(test, many(test, HYP_DMAR_MAX_UNITS, REST, 16, 0));
	KUNIT_EXPECT_NOT_NULL(test, strstr(many(test, HYP_DMAR_MAX_UNITS + 1, REST, 16, 0),
					   "too many units"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(many(test, HYP_DMAR_MAX_RMRRS, RMRR, 24, 0),
					   "no unit"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(many(test, HYP_DMAR_MAX_RMRRS + 1, RMRR, 24, 0),
					   "too much reserved"));
	KUNIT_EXPECT_NULL(test, many(test, HYP_DMAR_MAX_SCOPES / 128, REST, 16, 128));
	KUNIT_EXPECT_NOT_NULL(test, strstr(many(test, HYP_DMAR_MAX_SCOPES / 128 + 1, REST, 16, 128),
					   "too many scopes"));
}

/* ---- devices ---- */

static const struct way {
	const char *name;
	int unit;		/* -1: none */
	u8 rmrr;		/* is among those of the reserved memory */
	u16 segment;
	u8 nr;
	struct hyp_dmar_hop way[4];
} ways[] = {
	{ "endpoint", 0, 1, 0, 1, { { 0, 0x28 } } },
	{ "its other function", 1, 0, 0, 1, { { 0, 0x29 } } },
	{ "below an endpoint", 1, 0, 0, 2, { { 0, 0x28 }, { 1, 0 } } },
	{ "other segment", -1, 0, 1, 1, { { 0, 0x28 } } },
	{ "other root bus", 1, 0, 0, 1, { { 0x80, 0x28 } } },
	{ "bridge", 0, 0, 0, 1, { { 0, 0x10 } } },
	{ "below a bridge", 0, 0, 0, 2, { { 0, 0x10 }, { 1, 0x28 } } },
	{ "far below a bridge", 0, 0, 0, 3, { { 0, 0x10 }, { 1, 0 }, { 2, 0x33 } } },
	{ "first of a path", 1, 0, 0, 1, { { 0, 0x18 } } },
	{ "end of a path", 0, 0, 0, 2, { { 0, 0x18 }, { 7, 0x01 } } },
	{ "beside a path", 1, 0, 0, 2, { { 0, 0x18 }, { 7, 0x02 } } },
	{ "beyond a path", 1, 0, 0, 3, { { 0, 0x18 }, { 7, 0x01 }, { 8, 0 } } },
	{ "an IOAPIC's place", 1, 0, 0, 1, { { 0xf0, 0xff } } },
	{ "nowhere", 1, 0, 0, 0, { { 0 } } },
};

KUNIT_ARRAY_PARAM_DESC(ways, ways, name);

static void found(struct kunit *test)
{
	const struct way *way = test->param_value;
	struct table t = table(test);
	const struct hyp_dmar_unit *unit;

	KUNIT_ASSERT_NULL(test, parse(test, &t));
	unit = hyp_dmar_find_unit(t.dmar, way->segment, way->way, way->nr);
	KUNIT_EXPECT_PTR_EQ(test, unit, way->unit < 0 ? NULL : &t.dmar->unit[way->unit]);
	if (!way->segment)
		KUNIT_EXPECT_EQ(test, !!hyp_dmar_in_scope(t.dmar, t.dmar->rmrr[0].scopes, way->way,
							  way->nr), way->rmrr);
}

/* A unit of its own for what is below a bridge that another unit has. */
static void nearest(struct kunit *test)
{
	static const struct hyp_dmar_hop way[] = { { 0, 0x10 }, { 5, 0x28 } };
	struct table t = table(test);

	/* The second unit: not for the rest, but for 00:02.0/05.0. */
	t.bytes[REST + 4] = 0;
	t.bytes[REST + 2] = 26;
	memmove(t.bytes + RMRR + 2, t.bytes + RMRR, SIZE - RMRR);
	memcpy(t.bytes + REST + 16, "\1\12\0\0\0\0\2\0\5\0", 10);
	t.size = SIZE + 2;
	t.bytes[4] = t.size;
	seal(t.bytes, t.size);
	KUNIT_ASSERT_NULL(test, parse(test, &t));
	KUNIT_EXPECT_PTR_EQ(test, hyp_dmar_find_unit(t.dmar, 0, way, 1), &t.dmar->unit[0]);
	KUNIT_EXPECT_PTR_EQ(test, hyp_dmar_find_unit(t.dmar, 0, way, 2), &t.dmar->unit[1]);
	t.bytes[REST + 24] = 6;
	seal(t.bytes, t.size);
	KUNIT_ASSERT_NULL(test, parse(test, &t));
	KUNIT_EXPECT_PTR_EQ(test, hyp_dmar_find_unit(t.dmar, 0, way, 2), &t.dmar->unit[0]);
}

/* ---- anything ---- */

static u32 next(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 16;
}

/* What a table that is not refused has to be like. */
static void check(struct kunit *test, const struct hyp_dmar *dmar, u32 seed)
{
	const struct hyp_dmar_hop way[] = { { seed, seed >> 8 }, { seed >> 16, seed >> 24 } };
	bool bad = !dmar->nr_units || dmar->nr_units > HYP_DMAR_MAX_UNITS ||
		   dmar->nr_rmrrs > HYP_DMAR_MAX_RMRRS || dmar->nr_scopes > HYP_DMAR_MAX_SCOPES;
	const struct hyp_dmar_unit *unit;
	u32 i, j;

	for (i = 0; i < dmar->nr_units && !bad; i++) {
		unit = &dmar->unit[i];
		bad = unit->base & 0xfff || unit->size & 0xfff || !unit->base || !unit->size ||
		      unit->base + unit->size > 1ULL << 52 ||
		      unit->scopes.first + unit->scopes.nr > dmar->nr_scopes;
		for (j = 0; j < i; j++) {
			const struct hyp_dmar_unit *other = &dmar->unit[j];

			bad |= unit->base < other->base + other->size &&
			       other->base < unit->base + unit->size;
			bad |= unit->include_all && other->include_all &&
			       unit->segment == other->segment;
		}
	}
	for (i = 0; i < dmar->nr_rmrrs && !bad; i++) {
		const struct hyp_dmar_rmrr *rmrr = &dmar->rmrr[i];

		bad = rmrr->base & 0xfff || (rmrr->limit & 0xfff) != 0xfff ||
		      rmrr->limit < rmrr->base ||
		      rmrr->scopes.first + rmrr->scopes.nr > dmar->nr_scopes;
	}
	for (i = 0; i < dmar->nr_scopes && !bad; i++)
		bad = !dmar->scope[i].nr || dmar->scope[i].nr > HYP_DMAR_MAX_PATH;
	KUNIT_EXPECT_FALSE(test, bad);
	hyp_dmar_find_unit(dmar, 0, way, 2);
}

static void random_changes(struct kunit *test)
{
	static const u8 tempting[] = { 0, 1, 2, 3, 4, 7, 8, 0x10, 0x7f, 0x80, 0xfe, 0xff };
	struct table t = table(test);
	u32 accepted = 0, refusals = 0, i, n;
	u64 state = 0x123456789abcdefULL;

	for (i = 0; i < 20000; i++) {
		memcpy(t.bytes, good, SIZE);
		t.size = next(&state) % 4 ? SIZE : next(&state) % (SIZE + 1);
		t.bytes[4] = t.size;
		for (n = next(&state) % 5; n; n--)
			t.bytes[next(&state) % SIZE] = next(&state) % 2 ? next(&state) :
				tempting[next(&state) % ARRAY_SIZE(tempting)];
		if (next(&state) % 16)
			seal(t.bytes, t.bytes[4] < t.size ? t.bytes[4] : t.size);
		if (parse(test, &t)) {
			refusals++;
		} else {
			accepted++;
			check(test, t.dmar, next(&state));
		}
	}
	KUNIT_EXPECT_GT(test, accepted, 1000);
	KUNIT_EXPECT_GT(test, refusals, 1000);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(understood),
	KUNIT_CASE(longer_memory),
	KUNIT_CASE_PARAM(refused, spoils_gen_params),
	KUNIT_CASE(truncated),
	KUNIT_CASE(limits),
	KUNIT_CASE_PARAM(found, ways_gen_params),
	KUNIT_CASE(nearest),
	KUNIT_CASE_SLOW(random_changes),
	{}
};

static struct kunit_suite suite = {
	.name = "hyp_dmar",
	.test_cases = cases,
};

kunit_test_suite(suite);
