// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owns which page, what the host can reach, and what the monitor can.
 *
 * The account of memory (platform/ram.h) says it; and the guest's nested table maps at its own
 * address what the host may reach: its pages, those that are shared with it, and whatever is no
 * memory and was not taken.  One lock guards both, and they change together; it is held until no
 * CPU has an old translation.
 */
#include "monitor.h"
#include "pgtable/fmt_x86.h"

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

static struct hyp_ram ram[SVM_MAX_RAM];
static struct hyp_ram_list account = { .ram = ram };

static bool host_reaches(enum svm_owner owner)
{
	return owner < HYP_RAM_HYP;
}

static bool range_is_valid(u64 pa, u64 nr)
{
	u64 pages = BIT_ULL(svm_boot.phys_bits) >> HYP_IOMMU_PAGE_SHIFT;

	return !(pa % HYP_IOMMU_PAGE_SIZE) && nr && nr <= pages &&
	       pa >> HYP_IOMMU_PAGE_SHIFT <= pages - nr;
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

int svm_pages_move(u64 pa, u64 nr, enum svm_owner from, enum svm_owner to)
{
	bool loses = host_reaches(from) && !host_reaches(to);
	bool gains = !host_reaches(from) && host_reaches(to);
	u64 size = nr << HYP_IOMMU_PAGE_SHIFT;
	int ret;

	if (!range_is_valid(pa, nr))
		return -EINVAL;

	hyp_pf_lock(&lock);
	ret = hyp_ram_check(&account, pa, nr, from, loses);
	if (!ret && loses)
		ret = hide(pa, size);
	if (!ret && gains)
		ret = show(pa, size);
	if (!ret)
		hyp_ram_set_owner(&account, pa, nr, to);
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

int hyp_pf_pin(const struct hyp_iommu_sg *list, u32 nr, u32 *done)
{
	int ret;

	hyp_pf_lock(&lock);
	ret = hyp_ram_pin(&account, list, nr, done);
	hyp_pf_unlock(&lock);
	return ret;
}

void hyp_pf_unpin(const struct hyp_iommu_sg *list, u32 nr)
{
	hyp_pf_lock(&lock);
	hyp_ram_unpin(&account, list, nr);
	hyp_pf_unlock(&lock);
}

/* Under the lock, so that the page does not change hands meanwhile. */
int hyp_pf_read_host(void *buf, u64 pa, size_t size)
{
	int owner, ret = -EPERM;

	if (!size || size > HYP_IOMMU_PAGE_SIZE - pa % HYP_IOMMU_PAGE_SIZE)
		return -EINVAL;

	hyp_pf_lock(&lock);
	owner = hyp_ram_owner(&account, pa);
	if (owner >= 0 && host_reaches(owner)) {
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
	u64 at = pa, leaf, oa;

	while (at < pa + size) {
		leaf = hyp_pgt_lookup(&nested, at, &oa);
		if (!leaf)
			return false;
		at = (at | (leaf - 1)) + 1;
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
	if (hyp_ram_touches(&account, pa, size))
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
	    hyp_ram_touches(&account, pa, size))
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

static void map_own(u64 account_chunks)
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
	for (i = 0; i < account_chunks; i++)
		must(map(&own, SVM_ACCOUNT + i * SVM_CHUNK, svm_boot.chunk[i], SVM_CHUNK, DATA));
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

static_assert(sizeof(*ram->page) == SVM_PAGE_BYTES && sizeof(*ram->block) == SVM_BLOCK_BYTES);

/* Where the account of each piece of memory will be.  Return: how many chunks it takes. */
static u64 lay_out_account(void)
{
	u64 at = SVM_ACCOUNT, pages = 0, i;

	for (i = 0; i < svm_boot.nr_ram; i++) {
		u64 pa = svm_boot.ram[i].pa, size = svm_boot.ram[i].size;

		ram[i] = (struct hyp_ram){ .pa = pa, .size = size };
		ram[i].block = (struct hyp_ram_block *)at;
		at += hyp_ram_nr_blocks(pa, size) * sizeof(*ram[i].block);
		ram[i].page = (u32 *)at;
		at += (size >> HYP_IOMMU_PAGE_SHIFT) * sizeof(*ram[i].page);
		pages += size >> HYP_IOMMU_PAGE_SHIFT;
	}
	account.nr = svm_boot.nr_ram;
	return svm_account_chunks(pages, svm_boot.nr_ram);
}

u64 svm_memory_init(void)
{
	u64 account_chunks = lay_out_account(), i, off;

	for (i = account_chunks; i < svm_boot.nr_chunks; i++)
		for (off = 0; off < SVM_CHUNK; off += HYP_IOMMU_PAGE_SIZE)
			hyp_pgt_pool_put(&tables, svm_boot.chunk[i] + off);
	map_own(account_chunks);
	map_nested();
	return own.root_pa;
}

/*
 * On the first CPU, in the address space that svm_memory_init() has made: the account, which is not
 * mapped before.
 */
u64 svm_nested_root(void)
{
	u64 pages = SVM_CHUNK >> HYP_IOMMU_PAGE_SHIFT, i;

	hyp_ram_set_owner(&account, svm_boot.image_pa, pages, SVM_HYP);
	for (i = 0; i < svm_boot.nr_chunks; i++)
		hyp_ram_set_owner(&account, svm_boot.chunk[i], pages, SVM_HYP);
	return nested.root_pa;
}
