// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The account of memory; see ram.h.
 */
#include "platform/ram.h"

/*
 * A page is not pinned any more with one of these set in its word; and a block not
 * after that many pins and spills, so that whatever comes to the word of a page has
 * room in it: twice that, in four times that.
 */
#define PINS_FULL	0x0c000000U
#define BLOCK_MAX	0x04000000U

static noinline struct hyp_ram *search_ram(struct hyp_ram_list *list, u64 pa)
{
	u32 i;

	for (i = 0; i < list->nr; i++) {
		if (pa - list->ram[i].pa < list->ram[i].size) {
			list->last = &list->ram[i];
			return list->last;
		}
	}
	return NULL;
}

static struct hyp_ram *find_ram(struct hyp_ram_list *list, u64 pa)
{
	struct hyp_ram *ram = list->last;

	return likely(ram && pa - ram->pa < ram->size) ? ram : search_ram(list, pa);
}

static u32 *word_of(const struct hyp_ram *ram, u64 pa)
{
	return &ram->page[(pa - ram->pa) >> HYP_IOMMU_PAGE_SHIFT];
}

static struct hyp_ram_block *block_of(const struct hyp_ram *ram, u64 pa)
{
	return &ram->block[(pa >> HYP_RAM_BLOCK_SHIFT) - (ram->pa >> HYP_RAM_BLOCK_SHIFT)];
}

/* Pages from @pa to the end of its block. */
static u64 left_in_block(u64 pa)
{
	return HYP_RAM_BLOCK_PAGES - (pa >> HYP_IOMMU_PAGE_SHIFT) % HYP_RAM_BLOCK_PAGES;
}

static u64 left_in(const struct hyp_ram *ram, u64 pa)
{
	return (ram->pa + ram->size - pa) >> HYP_IOMMU_PAGE_SHIFT;
}

/* ---- owners ---- */

bool hyp_ram_touches(const struct hyp_ram_list *list, u64 pa, u64 size)
{
	u32 i;

	for (i = 0; i < list->nr; i++) {
		const struct hyp_ram *ram = &list->ram[i];

		if (pa < ram->pa + ram->size && ram->pa <= pa + (size - 1))
			return true;
	}
	return false;
}

int hyp_ram_owner(struct hyp_ram_list *list, u64 pa)
{
	struct hyp_ram *ram = find_ram(list, pa);

	return ram ? (int)(*word_of(ram, pa) >> HYP_RAM_OWNER_SHIFT) : -EPERM;
}

int hyp_ram_check(struct hyp_ram_list *list, u64 pa, u64 nr, u32 owner, bool unpinned)
{
	struct hyp_ram *ram;
	u32 word;

	for (; nr; nr--, pa += HYP_IOMMU_PAGE_SIZE) {
		ram = find_ram(list, pa);
		if (!ram)
			return -EPERM;
		word = *word_of(ram, pa);
		if (word >> HYP_RAM_OWNER_SHIFT != owner)
			return -EPERM;
		if (unpinned && (word & HYP_RAM_PINS || block_of(ram, pa)->pins))
			return -EBUSY;
	}
	return 0;
}

void hyp_ram_set_owner(struct hyp_ram_list *list, u64 pa, u64 nr, u32 owner)
{
	for (; nr; nr--, pa += HYP_IOMMU_PAGE_SIZE) {
		struct hyp_ram *ram = find_ram(list, pa);
		u32 *word = word_of(ram, pa), old = *word;

		*word = (old & HYP_RAM_PINS) | owner << HYP_RAM_OWNER_SHIFT;
		block_of(ram, pa)->not_hosts += !!(*word & HYP_RAM_NOT_HOSTS);
		block_of(ram, pa)->not_hosts -= !!(old & HYP_RAM_NOT_HOSTS);
	}
}

/* ---- pins ---- */

static bool pin_word(u32 *word)
{
	if (*word & (HYP_RAM_NOT_HOSTS | PINS_FULL))
		return false;
	++*word;
	return true;
}

static bool unpin_word(u32 *word)
{
	if (!(*word & HYP_RAM_PINS))
		return false;
	--*word;
	return true;
}

/* Return: how many of the words; the next one cannot be.  Four are looked at together. */
static u64 pin_words(u32 *word, u64 nr)
{
	u64 done = 0;

	for (; nr - done >= 4; done += 4, word += 4) {
		if ((word[0] | word[1] | word[2] | word[3]) & (HYP_RAM_NOT_HOSTS | PINS_FULL))
			break;
		word[0]++;
		word[1]++;
		word[2]++;
		word[3]++;
	}
	while (done < nr && pin_word(word++))
		done++;
	return done;
}

static u64 unpin_words(u32 *word, u64 nr)
{
	u64 done = 0;

	for (; nr - done >= 4; done += 4, word += 4) {
		if (!(word[0] & HYP_RAM_PINS && word[1] & HYP_RAM_PINS &&
		      word[2] & HYP_RAM_PINS && word[3] & HYP_RAM_PINS))
			break;
		word[0]--;
		word[1]--;
		word[2]--;
		word[3]--;
	}
	while (done < nr && unpin_word(word++))
		done++;
	return done;
}

static bool pin_block(struct hyp_ram_block *block)
{
	if (block->not_hosts || block->pins + block->spills >= BLOCK_MAX)
		return false;
	block->pins++;
	return true;
}

static bool unpin_block(struct hyp_ram_block *block)
{
	if (!block->pins)
		return false;
	block->pins--;
	return true;
}

/* One pin of a block becomes one of each of its pages. */
static void spill(const struct hyp_ram *ram, u64 pa)
{
	u32 *word = word_of(ram, pa & -(1ULL << HYP_RAM_BLOCK_SHIFT)), i;

	block_of(ram, pa)->pins--;
	block_of(ram, pa)->spills++;
	for (i = 0; i < HYP_RAM_BLOCK_PAGES; i++)
		word[i]++;
}

/* The same for pages that are in one piece of memory. */
static u64 pin_in(const struct hyp_ram *ram, u64 pa, u64 nr)
{
	u64 done = 0, n, part;

	for (; done < nr; done += n, pa += n << HYP_IOMMU_PAGE_SHIFT) {
		part = left_in_block(pa);
		n = min(nr - done, part);
		if (n == HYP_RAM_BLOCK_PAGES && pin_block(block_of(ram, pa)))
			continue;
		part = pin_words(word_of(ram, pa), n);
		if (part < n)
			return done + part;
	}
	return done;
}

static u64 unpin_in(const struct hyp_ram *ram, u64 pa, u64 nr)
{
	u64 done = 0, n, part;

	for (; done < nr; done += n, pa += n << HYP_IOMMU_PAGE_SHIFT) {
		part = left_in_block(pa);
		n = min(nr - done, part);
		if (n == HYP_RAM_BLOCK_PAGES && unpin_block(block_of(ram, pa)))
			continue;
		part = unpin_words(word_of(ram, pa), n);
		if (part == n)
			continue;
		if (!block_of(ram, pa)->pins)
			return done + part;
		spill(ram, pa);
		n = part;
	}
	return done;
}

/*
 * Pin or unpin (@fn) pages of however many pieces of memory.  Return: how many; the next one
 * cannot be, or is no memory.
 */
static __always_inline u64 in_pieces(struct hyp_ram_list *list, u64 pa, u64 nr,
				     u64 (*fn)(const struct hyp_ram *ram, u64 pa, u64 nr))
{
	u64 left = nr, n, part;
	struct hyp_ram *ram;

	while (left) {
		ram = find_ram(list, pa);
		if (!ram)
			break;
		part = left_in(ram, pa);
		n = min(left, part);
		part = fn(ram, pa, n);
		left -= part;
		pa += part << HYP_IOMMU_PAGE_SHIFT;
		if (part < n)
			break;
	}
	return nr - left;
}

static noinline u64 unpin_range(struct hyp_ram_list *list, u64 pa, u64 nr)
{
	return in_pieces(list, pa, nr, unpin_in);
}

static noinline int pin_range(struct hyp_ram_list *list, u64 pa, u64 nr)
{
	u64 done = in_pieces(list, pa, nr, pin_in);
	int owner;

	if (likely(done == nr))
		return 0;
	unpin_range(list, pa, done);
	owner = hyp_ram_owner(list, pa + (done << HYP_IOMMU_PAGE_SHIFT));
	return owner < 0 || owner >= HYP_RAM_HYP ? -EPERM : -EBUSY;
}

/* Does a block begin at @pa, all of it in one piece of memory? */
static bool block_at(const struct hyp_ram *ram, u64 pa)
{
	return left_in_block(pa) == HYP_RAM_BLOCK_PAGES && left_in(ram, pa) >= HYP_RAM_BLOCK_PAGES;
}

/*
 * Most pieces are a page or a block, and one count tells all.  Return: false: this one is none,
 * or its count does not.
 */
static bool unpin_one(struct hyp_ram_list *list, u64 pa, u64 nr)
{
	const struct hyp_ram *ram = find_ram(list, pa);

	if (!ram)
		return false;
	if (likely(nr == 1))
		return unpin_word(word_of(ram, pa));
	return nr == HYP_RAM_BLOCK_PAGES && block_at(ram, pa) && unpin_block(block_of(ram, pa));
}

static bool pin_one(struct hyp_ram_list *list, u64 pa, u64 nr)
{
	const struct hyp_ram *ram = find_ram(list, pa);

	if (!ram)
		return false;
	if (likely(nr == 1))
		return pin_word(word_of(ram, pa));
	return nr == HYP_RAM_BLOCK_PAGES && block_at(ram, pa) && pin_block(block_of(ram, pa));
}

u64 hyp_ram_unpin(struct hyp_ram_list *list, const struct hyp_iommu_sg *sg, u32 nr)
{
	u64 missed = 0;

	for (; nr; nr--, sg++) {
		u64 pages = sg->size >> HYP_IOMMU_PAGE_SHIFT;

		if (!unpin_one(list, sg->oa, pages))
			missed += pages - unpin_range(list, sg->oa, pages);
	}
	return missed;
}

int hyp_ram_pin(struct hyp_ram_list *list, const struct hyp_iommu_sg *sg, u32 nr, u32 *done)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < nr; i++, sg++) {
		u64 pages = sg->size >> HYP_IOMMU_PAGE_SHIFT;

		if (!pin_one(list, sg->oa, pages))
			ret = pin_range(list, sg->oa, pages);
		if (ret)
			break;
	}
	*done = i;
	return ret;
}
