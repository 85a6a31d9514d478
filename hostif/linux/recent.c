// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was mapped recently; see recent.h.
 *
 * A slot is one word: the page where a mapping began, how long it is, and where
 * it leads.  A slot that tells of a page is right; it may tell of another one at
 * any time, or of none.
 *
 * Most is unmapped as it was mapped.  Then nothing else began there, and no
 * other slot has to be looked at.  For this each length in a slot has to be that of
 * a mapping which is still whole; of others it is forgotten.
 */
#include "recent.h"

#define TAG_MAX		((1ULL << (64 - HYP_RECENT_TAG_SHIFT)) - 1)
#define LENGTH_SHIFT	36
#define TO_MAX		HYP_RECENT_TO_MAX

/* Lengths: 0 is a slot that is not in use; 1 + lg2 of the pages, if the first is aligned to it. */
#define NO_LENGTH	15U
#define MAX_LG2		(NO_LENGTH - 2)

static u64 *slot_of(struct hyp_recent *r, u64 page)
{
	return &r->slot[page % HYP_RECENT_SLOTS];
}

static u64 load(const u64 *slot)
{
	return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

static void replace(u64 *slot, u64 old, u64 val)
{
	__atomic_compare_exchange_n(slot, &old, val, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static u64 tag_of(u64 page)
{
	return page / HYP_RECENT_SLOTS << HYP_RECENT_TAG_SHIFT;
}

static u64 length_of(u64 page, u64 nr)
{
	/* Also nothing at all has no length: who could map nothing unmaps that. */
	if (!nr || (page | nr) & (nr - 1) || nr > 1ULL << MAX_LG2)
		return (u64)NO_LENGTH << LENGTH_SHIFT;
	return (u64)(__builtin_ctzll(nr) + 1) << LENGTH_SHIFT;
}

void hyp_recent_note(struct hyp_recent *r, u64 page, u64 to, u64 nr)
{
	if (to > TO_MAX || page / HYP_RECENT_SLOTS > TAG_MAX)
		return;
	__atomic_store_n(slot_of(r, page), tag_of(page) | length_of(page, nr) | to,
			 __ATOMIC_RELAXED);
}

/* A mapping that began before @page, and goes on there, is no longer whole. */
static void forget_length(struct hyp_recent *r, u64 page)
{
	unsigned int lg2;

	for (lg2 = 1; lg2 <= MAX_LG2; lg2++) {
		u64 start = page & -(1ULL << lg2), *slot = slot_of(r, start), old = load(slot);

		if (hyp_recent_tells(old, start) && (old >> LENGTH_SHIFT & NO_LENGTH) == lg2 + 1)
			replace(slot, old, old | (u64)NO_LENGTH << LENGTH_SHIFT);
	}
}

void hyp_recent_forget(struct hyp_recent *r, u64 page, u64 nr)
{
	u64 length = length_of(page, nr), old = load(slot_of(r, page)), last;

	if ((old & ~TO_MAX) == (tag_of(page) | length) && length >> LENGTH_SHIFT != NO_LENGTH) {
		replace(slot_of(r, page), old, 0);
		return;
	}
	if (!hyp_recent_tells(old, page))
		forget_length(r, page);
	/* Of more pages than there are slots, each slot may tell of one that is not looked at. */
	if (nr > HYP_RECENT_SLOTS)
		nr = HYP_RECENT_SLOTS;
	for (last = page + nr; page < last; page++) {
		old = load(slot_of(r, page));
		if (nr == HYP_RECENT_SLOTS || hyp_recent_tells(old, page))
			replace(slot_of(r, page), old, 0);
	}
}
