// SPDX-License-Identifier: GPL-2.0-only
/*
 * What units report: DMA that they blocked, and trouble of their own.
 */
#include <linux/interrupt.h>
#include <linux/jiffies.h>

#include "hyp-iommu.h"

/* Records per run; the rest waits for the next, so that a flood does not take the CPU. */
#define MAX_PER_RUN	64
#define NEXT_RUN	msecs_to_jiffies(100)
#define POLL		HZ

static const char *const reasons[HYP_IOMMU_NR_FAULT_REASONS] = {
	[HYP_IOMMU_FAULT_UNKNOWN]	= "unknown reason",
	[HYP_IOMMU_FAULT_BLOCKED]	= "not attached",
	[HYP_IOMMU_FAULT_NOT_MAPPED]	= "not mapped",
	[HYP_IOMMU_FAULT_PERMISSION]	= "no permission",
	[HYP_IOMMU_FAULT_ADDRESS_SIZE]	= "address too big",
	[HYP_IOMMU_FAULT_CONFIG]	= "bad configuration",
	[HYP_IOMMU_FAULT_EXTERNAL]	= "refused by the memory system",
	[HYP_IOMMU_FAULT_UNIT]		= "trouble of the unit",
};

struct fault {
	u64 ia, fields;
	u32 endpoint, reason;
	bool write, has_address;
};

static void hyp_host_fault_unpack(struct fault *f, u64 ia, u64 fields)
{
	f->ia = ia;
	f->fields = fields;
	f->endpoint = fields & HYP_IOMMU_FAULT_ENDPOINT;
	f->reason = (fields & HYP_IOMMU_FAULT_REASON) >> HYP_IOMMU_FAULT_REASON_SHIFT;
	if (f->reason >= HYP_IOMMU_NR_FAULT_REASONS)
		f->reason = HYP_IOMMU_FAULT_UNKNOWN;
	f->write = fields & HYP_IOMMU_FAULT_WRITE;
	f->has_address = !(fields & HYP_IOMMU_FAULT_NO_ADDRESS);
}

/*
 * The line is made to be read by programs as well; words are only ever added
 * at its end:
 *
 *   hyp-iommu <unit>: <device>: blocked DMA <read from|write to> 0x<ia>: <reason>
 *
 * <unit> and <device> are names of devices; an endpoint whose device is not
 * known is "endpoint 0x<id>".  Reasons stand above.  Where the unit does not
 * say what was to be accessed, and how, the part from "read" to <ia> and the
 * blank before it are missing.
 */
static void hyp_host_fault_print(struct hyp_host_unit *unit, struct hyp_host_endpoint *ep,
				 const struct fault *f)
{
	char name[64], access[40] = "", pasid[24] = "";

	if (ep && ep->dev)
		strscpy(name, dev_name(ep->dev));
	else
		snprintf(name, sizeof(name), "endpoint 0x%x", f->endpoint);
	if (f->has_address)
		snprintf(access, sizeof(access), " %s 0x%llx",
			 f->write ? "write to" : "read from", f->ia);
	if (f->fields & HYP_IOMMU_FAULT_HAS_PASID)
		snprintf(pasid, sizeof(pasid), " (pasid %llu)",
			 (f->fields & HYP_IOMMU_FAULT_PASID) >> HYP_IOMMU_FAULT_PASID_SHIFT);
	pr_err("hyp-iommu %s: %s: blocked DMA%s: %s%s\n", dev_name(unit->desc.dev), name, access,
	       reasons[f->reason], pasid);
}

static void hyp_host_fault_report(struct hyp_host_unit *unit, const struct fault *f)
{
	struct hyp_host_endpoint *ep;

	if (f->reason == HYP_IOMMU_FAULT_UNIT) {
		pr_err_ratelimited("hyp-iommu %s: %s\n", dev_name(unit->desc.dev),
				   reasons[f->reason]);
		return;
	}
	mutex_lock(&unit->lock);
	ep = xa_load(&unit->endpoints, f->endpoint);
	if (__ratelimit(ep ? &ep->faults : &unit->unknown_faults))
		hyp_host_fault_print(unit, ep, f);
	/* For the trace event, and for drivers that have a handler. */
	if (ep && ep->domain && ep->dev && f->has_address)
		report_iommu_fault(&ep->domain->domain, ep->dev, f->ia,
				   f->write ? IOMMU_FAULT_WRITE : IOMMU_FAULT_READ);
	mutex_unlock(&unit->lock);
}

/* A device that writes a page makes many records; one line for a row of them is enough. */
static bool hyp_host_fault_same(const struct fault *a, const struct fault *b)
{
	return a->fields == b->fields && a->ia >> PAGE_SHIFT == b->ia >> PAGE_SHIFT;
}

/* Return: true if there may be more. */
static bool hyp_host_fault_drain(struct hyp_host_unit *unit)
{
	struct fault last = { .fields = ~0ULL }, f;
	struct hyp_iommu_ret ret = {};
	unsigned int i;

	for (i = 0; i < MAX_PER_RUN; i++) {
		ret = hyp_host_call(HYP_IOMMU_FAULT_READ, unit->id);
		if (ret.status)
			break;
		hyp_host_fault_unpack(&f, ret.done, ret.need);
		if (!hyp_host_fault_same(&f, &last))
			hyp_host_fault_report(unit, &f);
		last = f;
	}
	if (!unit->dead && hyp_host_ask(HYP_IOMMU_UNIT_INFO, unit->id, HYP_IOMMU_UNIT_STATE) !=
	    HYP_IOMMU_UNIT_LIVE) {
		unit->dead = true;
		pr_crit("hyp-iommu %s: the unit is stopped; its devices cannot do DMA any more\n",
			dev_name(unit->desc.dev));
	}
	return !ret.status;
}

static void hyp_host_fault_run(struct hyp_host_unit *unit)
{
	bool more;

	mutex_lock(&unit->fault_lock);
	more = hyp_host_fault_drain(unit);
	mutex_unlock(&unit->fault_lock);
	if (more || unit->poll)
		queue_delayed_work(system_dfl_wq, &unit->fault_work, more ? NEXT_RUN : POLL);
}

/* Something went wrong with the unit; see what it says, and if it still lives. */
void hyp_host_fault_look(struct hyp_host_unit *unit)
{
	mod_delayed_work(system_dfl_wq, &unit->fault_work, 0);
}

irqreturn_t hyp_host_fault_irq(int irq, void *data)
{
	hyp_host_fault_run(data);
	return IRQ_HANDLED;
}

static void hyp_host_fault_work(struct work_struct *work)
{
	hyp_host_fault_run(container_of(to_delayed_work(work), struct hyp_host_unit, fault_work));
}

void hyp_host_fault_init(struct hyp_host_unit *unit)
{
	mutex_init(&unit->fault_lock);
	INIT_DELAYED_WORK(&unit->fault_work, hyp_host_fault_work);
	ratelimit_state_init(&unit->unknown_faults, 5 * HZ, 50);
}
