/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the host side, and by nobody else.
 *
 * Words are those of the ABI: a unit is one IOMMU, an endpoint a device as the
 * unit tells it from others, a domain an address space.
 *
 * Locks, outermost first:
 *
 *   the iommu core's	probe_device, release_device and attach are called
 *			under its probe lock or its group's mutex
 *   hyp_host_lock	the lists of units and of domains
 *   unit->fault_lock	one reader of faults at a time
 *   unit->lock		the endpoints of a unit: who uses them, which domain
 *			they are attached to
 *
 *   queue->lock	unmaps that wait for a flush, see queue.c
 *
 * Otherwise mapping and unmapping takes no lock of ours: the hypervisor orders
 * the calls for one domain, no two callers own the same input addresses, and pieces that
 * wait to be mapped together belong to who maps them (batch.c).
 * Counters are atomics.
 */
#ifndef HYP_IOMMU_HYP_IOMMU_H
#define HYP_IOMMU_HYP_IOMMU_H

#include <linux/generic_pt/iommu.h>
#include <linux/interrupt.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "recent.h"
#include "takeover.h"
#include "transport.h"

struct hyp_host_unit {
	struct iommu_device iommu;
	struct hyp_iommu_unit_desc desc;
	struct list_head node;		/* in hyp_host_units */
	u32 id;				/* the hypervisor's */
	u64 mem_pages;
	unsigned int endpoint_bits;
	bool coherent;
	struct mutex lock;		/* see above */
	struct xarray endpoints;	/* of struct hyp_host_endpoint */

	/* fault.c */
	struct mutex fault_lock;	/* one reader at a time, for the order of messages */
	struct delayed_work fault_work;
	struct ratelimit_state unknown_faults;
	bool poll;			/* there is no interrupt */
	bool dead;			/* reported as stopped */
};

/*
 * What the unit tells apart.  Several devices may look the same to it (behind
 * a bridge); they are in one group and share the endpoint.
 */
struct hyp_host_endpoint {
	u32 id;
	unsigned int users;
	struct device *dev;		/* one of them, for messages */
	struct hyp_host_domain *domain;	/* attached to; NULL: blocked */
	struct ratelimit_state faults;
};

/* dev_iommu_priv of a device. */
struct hyp_host_device {
	struct hyp_host_unit *unit;
	unsigned int nr;
	struct hyp_host_endpoint *ep[] __counted_by(nr);
};

#define HYP_HOST_BATCHES	8U
#define HYP_HOST_QUEUES		8U

/* Pieces that wait to be mapped, see batch.c. */
struct hyp_host_batch {
	unsigned long owner;		/* whose all else is, but for the guess; 0: nobody's */
	u64 iova, size;
	unsigned int first, nr;		/* of the pieces: first that waits, end */
	u32 prot;
	bool alone;			/* a guess about the next piece; see batch.c */
	u64 next;			/* where one would begin that follows the last */
	struct hyp_iommu_sg *sg;	/* a page */
};

/* Unmaps that wait for a flush, see queue.c. */
struct hyp_host_queue {
	raw_spinlock_t lock;
	unsigned int nr;
	struct hyp_iommu_range *range;	/* a page */
};

struct hyp_host_domain {
	union {
		struct iommu_domain domain;
		struct pt_iommu pt;	/* of which nothing is used but the range operations */
	};
	struct hyp_host_unit *unit;	/* that it was made for */
	struct list_head node;		/* in hyp_host_domains */
	u64 handle;
	u64 table_size;
	bool lost;			/* could not be freed */
	struct work_struct refill;
	atomic_t waiting;		/* batches that are somebody's */
	struct hyp_host_batch batch[HYP_HOST_BATCHES];
	struct hyp_host_queue queue[HYP_HOST_QUEUES];
	struct hyp_recent recent;
};

extern struct mutex hyp_host_lock;
extern struct list_head hyp_host_units;
extern struct list_head hyp_host_domains;

/* hyp-iommu.c */
extern const struct iommu_ops hyp_host_iommu_ops;

/*
 * A map hypercall has left something to do: see to it that the next one can go
 * on.  @tries: calls in a row that came no further.  Return: 0, or an error.
 */
int hyp_host_map_go_on(struct hyp_host_domain *hd, const struct hyp_iommu_ret *ret,
		       unsigned int *tries, gfp_t gfp);

/*
 * Unmap now; @flags: of HYP_IOMMU_UNMAP.  Return: how much was unmapped, or waited
 * to be mapped; what is missing is reported.
 */
size_t hyp_host_unmap(struct hyp_host_domain *hd, u64 iova, size_t size, u64 flags);

/* unit.c */

/* The unit with this device, or whose device has this firmware node; or NULL. */
struct hyp_host_unit *hyp_host_find_unit(const struct device *dev,
					 const struct fwnode_handle *fwnode);

/* device.c */
int hyp_host_detach(struct hyp_host_unit *unit, struct hyp_host_endpoint *ep);
struct iommu_device *hyp_host_probe_device(struct device *dev);
void hyp_host_release_device(struct device *dev);
struct iommu_group *hyp_host_device_group(struct device *dev);

/* A call; arguments that are left out are 0. */
#define hyp_host_call(call, ...)	__hyp_host_call(call, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define __hyp_host_call(call, a0, a1, a2, a3, a4, a5, ...) \
	hyp_iommu_hvc(call, a0, a1, a2, a3, a4, a5)

/* A call that asks for one value; 0 if there is none. */
static inline u64 hyp_host_ask(u64 call, u64 a0, u64 a1)
{
	struct hyp_iommu_ret ret = hyp_iommu_hvc(call, a0, a1, 0, 0, 0, 0);

	return ret.status ? 0 : ret.done;
}

/* pool.c */
int hyp_host_pool_init(void);
phys_addr_t hyp_host_pages_get(u64 nr, gfp_t gfp);
void hyp_host_pages_free(phys_addr_t pa, u64 nr);
void hyp_host_pages_given(phys_addr_t pa, u64 nr);
int hyp_host_pool_give(u64 handle, u64 table_size, u64 nr, gfp_t gfp);
void hyp_host_pool_reclaim(u64 handle, u64 table_size, u64 keep);
void hyp_host_refill(struct work_struct *work);
void hyp_host_pool_counts(u64 *given, u64 *returned, u64 *foreign, u64 *reserve);

/* batch.c */
int hyp_host_batch_init(struct hyp_host_domain *hd);
void hyp_host_batch_fini(struct hyp_host_domain *hd);
bool hyp_host_batch_add(struct hyp_host_domain *hd, u64 iova, phys_addr_t pa, size_t size,
			u32 prot);
int hyp_host_batch_sync(struct hyp_host_domain *hd, u64 iova, u64 size);
size_t hyp_host_batch_drop(struct hyp_host_domain *hd, u64 iova, size_t size);

/* queue.c */
int hyp_host_queue_init(struct hyp_host_domain *hd);
void hyp_host_queue_fini(struct hyp_host_domain *hd);
void hyp_host_queue_add(struct hyp_host_domain *hd, u64 iova, size_t size);
void hyp_host_queue_flush(struct hyp_host_domain *hd);

/* fault.c */
void hyp_host_fault_init(struct hyp_host_unit *unit);
void hyp_host_fault_look(struct hyp_host_unit *unit);
irqreturn_t hyp_host_fault_irq(int irq, void *data);

/* debugfs.c, raw.c */
struct dentry;

#ifdef CONFIG_DEBUG_FS
void hyp_host_debugfs_init(void);
#else
static inline void hyp_host_debugfs_init(void) {}
#endif

#ifdef CONFIG_HYP_IOMMU_RAW
void hyp_host_raw_init(struct dentry *dir);
#else
static inline void hyp_host_raw_init(struct dentry *dir) {}
#endif

#endif /* HYP_IOMMU_HYP_IOMMU_H */
