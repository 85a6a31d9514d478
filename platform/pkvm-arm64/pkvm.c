// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protected KVM on arm64: ownership of memory and registers, and the way from
 * the host's HVC into the core.  Runs at EL2.
 *
 * The host's stage-2 says what the host may reach, the vmemmap who owns what;
 * both are guarded by the host_mmu lock.  Everything that changes an owner or
 * depends on one happens under it.
 */
#include <linux/unroll.h>

#include <asm/kvm_pgtable.h>
#include <asm/kvm_pkvm.h>

#include <nvhe/mem_protect.h>
#include <nvhe/mm.h>
#include <nvhe/trap_handler.h>

#include "core/backend.h"
#include "core/hypercall.h"

extern const struct hyp_iommu_backend hyp_smmuv3_backend;

const struct hyp_iommu_backend *const hyp_iommu_backends[] = {
#ifdef CONFIG_HYP_IOMMU_SMMUV3
	&hyp_smmuv3_backend,
#endif
	NULL
};

bool hyp_pf_finalised(void)
{
	/*
	 * Set for all CPUs at once, before the first of them loses its access.
	 * It is code that is patched, in pages that the host cannot write then.
	 */
	return static_branch_likely(&kvm_protected_mode_initialized);
}

bool hyp_pf_isolates(void)
{
	return true;
}

static bool range_is_valid(u64 pa, u64 size)
{
	u64 limit = BIT_ULL(host_mmu.pgt.ia_bits);

	return size && PAGE_ALIGNED(pa | size) && pa < limit && size <= limit - pa;
}

static bool pages_are_valid(u64 pa, u64 nr)
{
	return nr <= U64_MAX >> PAGE_SHIFT && range_is_valid(pa, nr << PAGE_SHIFT);
}

static bool has_page(const struct memblock_region *reg, u64 pa)
{
	return pa >= reg->base && pa - reg->base < reg->size &&
	       reg->size - (pa - reg->base) >= PAGE_SIZE;
}

static const struct memblock_region *recent;	/* memory block; under the host_mmu lock */

static noinline const struct memblock_region *search_memory(u64 pa)
{
	unsigned int left = 0, right = hyp_memblock_nr;

	while (left < right) {
		unsigned int mid = (left + right) / 2;
		const struct memblock_region *reg = &hyp_memory[mid];

		if (has_page(reg, pa)) {
			recent = reg;
			return reg;
		}
		if (pa < reg->base)
			right = mid;
		else
			left = mid + 1;
	}

	return NULL;
}

/*
 * The memory block that has all of the page at @pa: most often the one that was found the last
 * time.  Under the host_mmu lock.
 */
static __always_inline const struct memblock_region *find_memory(u64 pa)
{
	return likely(recent && has_page(recent, pa)) ? recent : search_memory(pa);
}

/* Is any byte of the range in a memory block, whatever its flags? */
static bool overlaps_memory(u64 pa, u64 size)
{
	for (unsigned int i = 0; i < hyp_memblock_nr; i++) {
		const struct memblock_region *reg = &hyp_memory[i];

		if (reg->base < pa + size && pa < reg->base + reg->size)
			return true;
	}

	return false;
}

/* memory */

int hyp_pf_take_pages(u64 pa, u64 nr)
{
	void *va = hyp_pf_va(pa);
	int ret;

	if (!pages_are_valid(pa, nr))
		return -EINVAL;

	/*
	 * The pools for both stages are large enough for all of memory, so that
	 * this cannot fail half-way.
	 */
	ret = __pkvm_host_donate_hyp(hyp_phys_to_pfn(pa), nr);
	if (ret)
		return ret;

	memset(va, 0, nr << PAGE_SHIFT);
	kvm_flush_dcache_to_poc(va, nr << PAGE_SHIFT);

	return 0;
}

int hyp_pf_return_pages(u64 pa, u64 nr)
{
	void *va = hyp_pf_va(pa);

	if (!pages_are_valid(pa, nr))
		return -EINVAL;

	/* To memory, too: the host may map the pages without caches. */
	memset(va, 0, nr << PAGE_SHIFT);
	kvm_flush_dcache_to_poc(va, nr << PAGE_SHIFT);

	return __pkvm_hyp_donate_host(hyp_phys_to_pfn(pa), nr);
}

/* May the host read and write the page? */
static bool host_has_page(const struct hyp_page *page)
{
	switch (page->__host_state) {
	case PKVM_PAGE_OWNED:
	case PKVM_PAGE_SHARED_OWNED:
	case PKVM_PAGE_SHARED_BORROWED:
		return true;
	default:
		return false;
	}
}

/* The memory block of the page at @pa, or NULL if it is none, or not for devices. */
static __always_inline const struct memblock_region *find_dma_memory(u64 pa)
{
	const struct memblock_region *reg = find_memory(pa);

	return reg && !(reg->flags & MEMBLOCK_NOMAP) ? reg : NULL;
}

/* The same, as the pages from @pa to @end that are in the block, *@nr of them. */
static struct hyp_page *find_pages(u64 pa, u64 end, u64 *nr)
{
	const struct memblock_region *reg = find_dma_memory(pa);

	if (!reg)
		return NULL;

	*nr = (min(end, reg->base + reg->size) - pa) >> PAGE_SHIFT;

	return hyp_phys_to_page(pa);
}

/* A look at the end of a run costs half as much as a pin: one for that many pages. */
#define CHUNK	8

static void unpin_page(struct hyp_page *page)
{
	if (page->dma_pin_count)
		page->dma_pin_count--;
}

static void unpin_run(struct hyp_page *page, u64 nr)
{
	for (; nr >= CHUNK; nr -= CHUNK, page += CHUNK) {
		unrolled_full
		for (int i = 0; i < CHUNK; i++)
			unpin_page(&page[i]);
	}
	for (; nr; nr--)
		unpin_page(page++);
}

static bool pin_page(struct hyp_page *page)
{
	u32 count = page->dma_pin_count + 1;

	if (!host_has_page(page) || !count)
		return false;
	page->dma_pin_count = count;

	return true;
}

static noinline void unpin_locked(u64 pa, u64 end)
{
	struct hyp_page *page;
	u64 nr;

	for (; pa < end; pa += nr << PAGE_SHIFT) {
		page = find_pages(pa, end, &nr);
		if (!page)
			return;
		unpin_run(page, nr);
	}
}

/* Return: how many of the pages were pinned. */
static u64 pin_run(struct hyp_page *page, u64 nr)
{
	u64 done = 0;

	while (nr - done >= CHUNK) {
		unrolled_full
		for (int i = 0; i < CHUNK; i++)
			if (!pin_page(&page[i]))
				return done + i;
		page += CHUNK;
		done += CHUNK;
	}
	while (done < nr && pin_page(page++))
		done++;

	return done;
}

/* On error nothing is pinned. */
static noinline int pin_locked(u64 pa, u64 end)
{
	struct hyp_page *page;
	u64 at, nr, n;
	int ret = 0;

	for (at = pa; at < end && !ret; at += n << PAGE_SHIFT) {
		n = 0;
		page = find_pages(at, end, &nr);
		if (page)
			n = pin_run(page, nr);
		if (!page)
			ret = -EPERM;
		else if (n < nr)
			ret = host_has_page(page + n) ? -EBUSY : -EPERM;
	}
	if (ret)
		unpin_locked(pa, at);

	return ret;
}

/* Most pieces are a page. */
static int pin_piece(u64 pa, u64 size)
{
	struct hyp_page *page;

	if (size != PAGE_SIZE)
		return range_is_valid(pa, size) ? pin_locked(pa, pa + size) : -EINVAL;
	if (!PAGE_ALIGNED(pa) || !find_dma_memory(pa))
		return -EPERM;
	page = hyp_phys_to_page(pa);
	if (pin_page(page))
		return 0;

	return host_has_page(page) ? -EBUSY : -EPERM;
}

int hyp_pf_pin(const struct hyp_iommu_sg *list, u32 nr, u32 *done)
{
	int ret = 0;
	u32 i;

	hyp_spin_lock(&host_mmu.lock);
	for (i = 0; i < nr; i++) {
		ret = pin_piece(list[i].oa, list[i].size);
		if (ret)
			break;
	}
	hyp_spin_unlock(&host_mmu.lock);
	*done = i;

	return ret;
}

void hyp_pf_unpin(const struct hyp_iommu_sg *list, u32 nr)
{
	hyp_spin_lock(&host_mmu.lock);
	for (; nr; nr--, list++) {
		if (list->size != PAGE_SIZE)
			unpin_locked(list->oa, list->oa + list->size);
		else if (find_dma_memory(list->oa))
			unpin_page(hyp_phys_to_page(list->oa));
	}
	hyp_spin_unlock(&host_mmu.lock);
}

int hyp_pf_read_host(void *buf, u64 pa, size_t size)
{
	u64 start = PAGE_ALIGN_DOWN(pa);
	struct hyp_page *page;
	int ret = -EPERM;
	u64 nr;

	if (!size || size > PAGE_SIZE - offset_in_page(pa) || !range_is_valid(start, PAGE_SIZE))
		return -EINVAL;

	/* Under the lock, so that the page does not change hands meanwhile. */
	hyp_spin_lock(&host_mmu.lock);
	page = find_pages(start, start + PAGE_SIZE, &nr);
	if (page && host_has_page(page)) {
		memcpy(buf, hyp_fixmap_map(pa), size);
		hyp_fixmap_unmap();
		ret = 0;
	}
	hyp_spin_unlock(&host_mmu.lock);

	return ret;
}

/* registers */

/* Nobody else owns a page of the range, which is no memory. */
static int check_host_owns_mmio(u64 pa, u64 size)
{
	u64 granule, end = pa + size;
	kvm_pte_t pte;
	s8 level;
	int ret;

	for (; pa < end; pa = ALIGN_DOWN(pa, granule) + granule) {
		ret = kvm_pgtable_get_leaf(&host_mmu.pgt, pa, &pte, &level);
		if (ret)
			return ret;
		if (pte && !kvm_pte_valid(pte))
			return -EPERM;
		granule = kvm_granule_size(level);
	}

	return 0;
}

/*
 * The pages before the one that failed are annotated. Their tables are there,
 * so that mapping them again needs no memory and cannot fail.
 */
static void undo_take_mmio(u64 pa, u64 size, unsigned long va)
{
	kvm_pte_t pte;

	for (u64 cur = pa; cur < pa + size; cur += PAGE_SIZE) {
		if (!kvm_pgtable_get_leaf(&host_mmu.pgt, cur, &pte, NULL) &&
		    host_stage2_pte_is_hyp_owned(pte))
			host_stage2_idmap_locked(cur, PAGE_SIZE, PKVM_HOST_MMIO_PROT);
	}

	hyp_spin_lock(&pkvm_pgd_lock);
	kvm_pgtable_hyp_unmap(&pkvm_pgtable, va, size);
	hyp_spin_unlock(&pkvm_pgd_lock);
}

/* Devices are given out in pieces of 64K, at the least, or begin at one. */
static bool something_answers(unsigned long va, u64 size)
{
	for (u64 offset = 0; offset < size; offset += SZ_64K) {
		if (!hyp_pkvm_mmio_answers((const void __iomem *)(va + offset)))
			return false;
	}

	return true;
}

int hyp_pf_take_mmio(u64 pa, u64 size, hyp_pf_mmio_t *regs)
{
	unsigned long va;
	int ret;

	if (!range_is_valid(pa, size))
		return -EINVAL;
	if (overlaps_memory(pa, size))
		return -EPERM;

	hyp_spin_lock(&host_mmu.lock);
	ret = check_host_owns_mmio(pa, size);
	if (ret)
		goto unlock;

	ret = __pkvm_create_private_mapping(pa, size, PAGE_HYP_DEVICE, &va);
	if (ret)
		goto unlock;

	ret = something_answers(va, size) ? host_stage2_set_hyp_mmio_locked(pa, size) : -ENXIO;
	if (ret)
		undo_take_mmio(pa, size, va);
	else
		*regs = (hyp_pf_mmio_t)va;
unlock:
	hyp_spin_unlock(&host_mmu.lock);

	return ret;
}

bool hyp_pf_is_host_mmio(u64 pa, u64 size)
{
	int ret;

	if (!range_is_valid(pa, size) || overlaps_memory(pa, size))
		return false;

	hyp_spin_lock(&host_mmu.lock);
	ret = check_host_owns_mmio(pa, size);
	hyp_spin_unlock(&host_mmu.lock);

	return !ret;
}

/* hypercalls */

__visible void handle___pkvm_hyp_iommu(struct kvm_cpu_context *host_ctxt)
{
	struct hyp_iommu_ret ret = { .status = -EOPNOTSUPP };
	DECLARE_REG(u64, call, host_ctxt, 1);

	/*
	 * Not before __pkvm_init(), and never with unprotected KVM.  Where the
	 * registers were saved the host does not reach them: no need for a copy.
	 */
	if (host_mmu.pgt.pgd)
		hyp_iommu_dispatch(call, &cpu_reg(host_ctxt, 2), &ret);

	cpu_reg(host_ctxt, 1) = ret.status;
	cpu_reg(host_ctxt, 2) = ret.done;
	cpu_reg(host_ctxt, 3) = ret.need;
}
