// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owns which page, what the host can reach, and what the monitor can.
 *
 * A page of memory has a word: its owner, and how often it is pinned.  The guest's nested table
 * maps at its own address what the host may reach: its pages, those that are shared with it, and
 * whatever is no memory and was not taken.  One lock guards both, and they change together; it is
 * held until no CPU has an old translation.
 */
#include "monitor.h"
#include "pgtable/fmt_x86.h"

#define WORD_OWNER	0xf0000000U
#define WORD_PINS	0x0fffffffU

#define APIC_BASE	0xfee00000ULL
#define APIC_SIZE	0x100000ULL	/* all addresses that interrupts are sent to */

#define RW		(HYP_IOMMU_READ | HYP_IOMMU_WRITE)
#define DATA		(RW | HYP_IOMMU_NOEXEC)

static struct hyp_pf_lock lock = HYP_PF_LOCK_INIT;
static struct hyp_pgt own, nested;
/*
 * Tables for both: enough to map all memory page by page (the loader sees to that), so that taking
 * memory cannot fail for want of a table.
 */
static struct hyp_pgt_pool tables;
static u64 mmio_next = SVM_MMIO;

/* ---- words ---- */

/* The words of the pages from @pa on, *@nr at most, that are in one piece of memory; or NULL. */
static u32 *find_words(u64 pa, u64 *nr)
{
	u64 before = 0, i;

	for (i = 0; i < svm_boot.nr_ram; i++) {
		u64 first = svm_boot.ram[i].pa, size = svm_boot.ram[i].size;

		if (pa >= first && pa - first < size) {
			*nr = min(*nr, (first + size - pa) >> HYP_IOMMU_PAGE_SHIFT);
			return (u32 *)SVM_WORDS + ((before + pa - first) >> HYP_IOMMU_PAGE_SHIFT);
		}
		before += size;
	}
	return NULL;
}

static u32 *find_word(u64 pa)
{
	u64 nr = 1;

	return find_words(pa, &nr);
}

static enum svm_owner owner_of(const u32 *word)
{
	return (*word & WORD_OWNER) >> 28;
}

static void set_owner(u64 pa, u64 nr, enum svm_owner owner)
{
	u32 *word;

	for (; nr; nr--, pa += HYP_IOMMU_PAGE_SIZE) {
		word = find_word(pa);
		*word = (*word & WORD_PINS) | (u32)owner << 28;
	}
}

static bool host_reaches(enum svm_owner owner)
{
	return owner == SVM_HOST || owner == SVM_VAULT_SHARED;
}

static bool range_is_valid(u64 pa, u64 nr)
{
	u64 pages = BIT_ULL(svm_boot.phys_bits) >> HYP_IOMMU_PAGE_SHIFT;

	return !(pa % HYP_IOMMU_PAGE_SIZE) && nr && nr <= pages &&
	       pa >> HYP_IOMMU_PAGE_SHIFT <= pages - nr;
}

static bool touches_memory(u64 pa, u64 size)
{
	u64 i;

	for (i = 0; i < svm_boot.nr_ram; i++) {
		u64 first = svm_boot.ram[i].pa;

		if (pa < first + svm_boot.ram[i].size && first < pa + size)
			return true;
	}
	return false;
}

/* ---- the nested table; under the lock, or before there is a guest ---- */

/* Return: 0; or -ENOMEM, and nothing has changed. */
static int map(struct hyp_pgt *pgt, u64 ia, u64 pa, u64 size, u32 prot)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, ~0U);
	u64 done;
	int ret;

	if (hyp_pgt_tables_needed(pgt, ia, pa, size) > tables.nr)
		return -ENOMEM;
	ret = hyp_pgt_map(pgt, ia, pa, size, prot, &tables, &gather, &done);
	/* Tables that a bigger leaf has replaced were empty; if they are cached, they are lost. */
	if (gather.tables.nr && !svm_flush())
		hyp_pgt_pool_splice(&tables, &gather.tables);
	return ret;
}

static int show(u64 pa, u64 size)
{
	return map(&nested, pa, pa, size, RW);
}

/* Return: 0: no CPU can reach the range any more; or an error, and all is as it was. */
static int hide(u64 pa, u64 size)
{
	struct hyp_pgt_gather gather = HYP_PGT_GATHER(NULL, 0, ~0U);
	u64 done = 0;
	int ret;

	/* Borders do no harm, if it goes wrong. */
	ret = hyp_pgt_split(&nested, pa, &tables, &gather);
	if (!ret)
		ret = hyp_pgt_split(&nested, pa + size, &tables, &gather);
	if (!ret)
		ret = hyp_pgt_unmap(&nested, pa, size, &gather, &done);
	if (!ret)
		ret = svm_flush();
	if (ret && done)
		show(pa, done);
	/* Tables that may still be in use are lost. */
	if (!ret)
		hyp_pgt_pool_splice(&tables, &gather.tables);
	return ret;
}

/* ---- transitions ---- */

static int check_pages(u64 pa, u64 nr, enum svm_owner from, bool unpinned)
{
	const u32 *word;

	for (; nr; nr--, pa += HYP_IOMMU_PAGE_SIZE) {
		word = find_word(pa);
		if (!word || owner_of(word) != from)
			return -EPERM;
		if (unpinned && *word & WORD_PINS)
			return -EBUSY;
	}
	return 0;
}

int svm_pages_move(u64 pa, u64 nr, enum svm_owner from, enum svm_owner to)
{
	bool loses = host_reaches(from) && !host_reaches(to);
	bool gains = !host_reaches(from) && host_reaches(to);
	u64 size = nr << HYP_IOMMU_PAGE_SHIFT;
	int ret;

	if (!range_is_valid(pa, nr))
		return -EINVAL;

	hyp_pf_lock(&lock);
	ret = check_pages(pa, nr, from, loses);
	if (!ret && loses)
		ret = hide(pa, size);
	if (!ret && gains)
		ret = show(pa, size);
	if (!ret)
		set_owner(pa, nr, to);
	hyp_pf_unlock(&lock);
	return ret;
}

int hyp_pf_take_pages(u64 pa, u64 nr)
{
	int ret = svm_pages_move(pa, nr, SVM_HOST, SVM_HYP);

	if (ret)
		return ret;
	memset(hyp_pf_va(pa), 0, nr << HYP_IOMMU_PAGE_SHIFT);
	hyp_pf_clean(hyp_pf_va(pa), nr << HYP_IOMMU_PAGE_SHIFT);
	hyp_pf_wmb();
	return 0;
}

int hyp_pf_return_pages(u64 pa, u64 nr)
{
	if (!range_is_valid(pa, nr))
		return -EINVAL;
	memset(hyp_pf_va(pa), 0, nr << HYP_IOMMU_PAGE_SHIFT);
	return svm_pages_move(pa, nr, SVM_HYP, SVM_HOST);
}

/* ---- pins ---- */

/* Return: how many pages were unpinned; fewer than @nr: the next one is not pinned. */
static u64 unpin_locked(u64 pa, u64 nr)
{
	u64 done = 0, n;
	u32 *word;

	while (done < nr) {
		n = nr - done;
		word = find_words(pa + (done << HYP_IOMMU_PAGE_SHIFT), &n);
		if (!word)
			break;
		for (; n && *word & WORD_PINS; n--, done++)
			*word++ -= 1;
		if (n)
			break;
	}
	return done;
}

/* *@done gets the number of pages that were pinned. */
static int pin_locked(u64 pa, u64 nr, u64 *done)
{
	u32 *word;
	u64 n;

	for (*done = 0; *done < nr;) {
		n = nr - *done;
		word = find_words(pa + (*done << HYP_IOMMU_PAGE_SHIFT), &n);
		if (!word)
			return -EPERM;
		for (; n; n--, ++*done) {
			if (!host_reaches(owner_of(word)))
				return -EPERM;
			if ((*word & WORD_PINS) == WORD_PINS)
				return -EBUSY;
			*word++ += 1;
		}
	}
	return 0;
}

int hyp_pf_pin_pages(u64 pa, u64 nr)
{
	u64 done;
	int ret;

	if (!range_is_valid(pa, nr))
		return -EINVAL;

	hyp_pf_lock(&lock);
	ret = pin_locked(pa, nr, &done);
	if (ret)
		unpin_locked(pa, done);
	hyp_pf_unlock(&lock);
	return ret;
}

void hyp_pf_unpin_pages(u64 pa, u64 nr)
{
	hyp_pf_lock(&lock);
	unpin_locked(pa, nr);
	hyp_pf_unlock(&lock);
}

/* Under the lock, so that the page does not change hands meanwhile. */
int hyp_pf_read_host(void *buf, u64 pa, size_t size)
{
	const u32 *word;
	int ret = -EPERM;

	if (!size || size > HYP_IOMMU_PAGE_SIZE - pa % HYP_IOMMU_PAGE_SIZE)
		return -EINVAL;

	hyp_pf_lock(&lock);
	word = find_word(pa);
	if (word && host_reaches(owner_of(word))) {
		memcpy(buf, hyp_pf_va(pa), size);
		ret = 0;
	}
	hyp_pf_unlock(&lock);
	return ret;
}

/* ---- registers ---- */

/* Is all of a range, which is no memory, within the host's reach? */
static bool host_has(u64 pa, u64 size)
{
	struct hyp_pgt_leaf leaf;
	u64 at = pa;

	while (at < pa + size) {
		if (!hyp_pgt_lookup(&nested, at, &leaf))
			return false;
		at = leaf.ia + leaf.size;
	}
	return true;
}

static int take_mmio_locked(u64 pa, u64 size, hyp_pf_mmio_t *regs)
{
	u64 va = mmio_next;
	int ret;

	if (!host_has(pa, size) || size > SVM_PHYSMAP - va)
		return -EPERM;
	/* What is mapped and not used does no harm. */
	mmio_next += size;
	ret = map(&own, va, pa, size, DATA | HYP_IOMMU_MMIO);
	if (ret)
		return ret;
	/* Where nothing answers all bits are ones. */
	if (hyp_pf_read32(va, 0) == ~0U)
		return -ENXIO;
	ret = hide(pa, size);
	if (!ret)
		*regs = va;
	return ret;
}

int hyp_pf_take_mmio(u64 pa, u64 size, hyp_pf_mmio_t *regs)
{
	int ret;

	if (size % HYP_IOMMU_PAGE_SIZE || !range_is_valid(pa, size >> HYP_IOMMU_PAGE_SHIFT))
		return -EINVAL;
	if (touches_memory(pa, size))
		return -EPERM;

	hyp_pf_lock(&lock);
	ret = take_mmio_locked(pa, size, regs);
	hyp_pf_unlock(&lock);
	return ret;
}

bool hyp_pf_is_host_mmio(u64 pa, u64 size)
{
	bool is;

	if (size % HYP_IOMMU_PAGE_SIZE || !range_is_valid(pa, size >> HYP_IOMMU_PAGE_SHIFT) ||
	    touches_memory(pa, size))
		return false;

	hyp_pf_lock(&lock);
	is = host_has(pa, size);
	hyp_pf_unlock(&lock);
	return is;
}

/* ---- the beginning; Linux is still trusted, and waits ---- */

static void must(int ret)
{
	if (ret)
		svm_panic("no memory, or no sense, at launch: error", -ret);
}

static void new_table(struct hyp_pgt *pgt, const struct hyp_pgt_fmt *fmt)
{
	u64 cr4;
	struct hyp_pgt_cfg cfg = {
		.oa_bits = 52,
		.sizes = BIT_ULL(12) | BIT_ULL(21) | BIT_ULL(30),
		.features = HYP_PGT_REPLACE_OK,
	};

	/* Both have as many levels as Linux's tables: processors are in one mode. */
	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	cfg.ia_bits = cr4 & CR4_LA57 ? 56 : 47;
	must(hyp_pgt_init(pgt, fmt, &cfg, hyp_pgt_pool_get(&tables, false)));
}

static void map_image(u64 from, u64 to, u32 prot)
{
	must(map(&own, from, svm_boot.image_pa + (from - SVM_IMAGE), to - from, prot));
}

static void map_own(u64 nr_words_chunks)
{
	u64 i;

	new_table(&own, &hyp_pgt_x86_own);
	map_image(SVM_IMAGE, (u64)svm_text, DATA);
	map_image((u64)svm_text, (u64)svm_rodata, HYP_IOMMU_READ);
	map_image((u64)svm_rodata, (u64)svm_data, HYP_IOMMU_READ | HYP_IOMMU_NOEXEC);
	map_image((u64)svm_data, (u64)svm_end, DATA);
	for (i = 0; i < svm_boot.nr_cpus; i++) {
		struct svm_area *area = svm_area(i);

		map_image((u64)area, (u64)area->guard, DATA);
		map_image((u64)area->stack, (u64)(area + 1), DATA);
	}
	for (i = 0; i < nr_words_chunks; i++)
		must(map(&own, SVM_WORDS + i * SVM_CHUNK, svm_boot.chunk[i], SVM_CHUNK, DATA));
	for (i = 0; i < svm_boot.nr_ram; i++)
		must(map(&own, SVM_PHYSMAP + svm_boot.ram[i].pa, svm_boot.ram[i].pa,
			 svm_boot.ram[i].size, DATA));
}

static void map_nested(void)
{
	u64 i;

	new_table(&nested, &hyp_pgt_x86_nested);
	must(show(0, BIT_ULL(svm_boot.phys_bits)));
	must(hide(svm_boot.image_pa, SVM_CHUNK));
	for (i = 0; i < svm_boot.nr_chunks; i++)
		must(hide(svm_boot.chunk[i], SVM_CHUNK));
	/* An INIT would take a CPU out of the guest. */
	if (svm_boot.x2apic)
		must(hide(APIC_BASE, APIC_SIZE));
}

u64 svm_memory_init(void)
{
	u64 pages = 0, nr_words_chunks, i, off;

	for (i = 0; i < svm_boot.nr_ram; i++)
		pages += svm_boot.ram[i].size >> HYP_IOMMU_PAGE_SHIFT;
	nr_words_chunks = (pages * sizeof(u32) + SVM_CHUNK - 1) / SVM_CHUNK;
	for (i = nr_words_chunks; i < svm_boot.nr_chunks; i++)
		for (off = 0; off < SVM_CHUNK; off += HYP_IOMMU_PAGE_SIZE)
			hyp_pgt_pool_put(&tables, svm_boot.chunk[i] + off);
	map_own(nr_words_chunks);
	map_nested();
	return own.root_pa;
}

/*
 * On the first CPU, in the address space that svm_memory_init() has made: the words, which are not
 * mapped before.
 */
u64 svm_nested_root(void)
{
	u64 i;

	set_owner(svm_boot.image_pa, SVM_CHUNK >> HYP_IOMMU_PAGE_SHIFT, SVM_HYP);
	for (i = 0; i < svm_boot.nr_chunks; i++)
		set_owner(svm_boot.chunk[i], SVM_CHUNK >> HYP_IOMMU_PAGE_SHIFT, SVM_HYP);
	return nested.root_pa;
}
