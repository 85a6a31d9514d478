// SPDX-License-Identifier: GPL-2.0-only
/*
 * See order.h.
 */
#include "kunit/order.h"

#define PRESENT		3ULL
#define ADDRESS		GENMASK_ULL(47, 12)
#define LINE(pa)	((pa) / SIM_LINE)

static bool noncoherent(void)
{
	return sim_config()->noncoherent;
}

static void add_removal(struct order *order, u64 pa)
{
	u64 issued = order->issued(order->arg);
	u32 i;

	order->removals++;
	/* A word that changes again waits from its last change on. */
	for (i = 0; i < order->nr; i++)
		if (order->removal[i].pa == pa)
			break;
	if (i == ORDER_MAX) {
		order->lost++;
		return;
	}
	order->removal[i] = (struct order_removal){ pa, issued, !noncoherent(), false };
	if (i == order->nr)
		order->nr++;
}

static bool is_fresh(const struct order *order, u64 page)
{
	u32 i;

	for (i = 0; i < order->nr_fresh; i++)
		if (order->fresh[i] == page)
			return true;
	return false;
}

static void check_link(struct order *order, u64 pa, u64 val)
{
	u64 page = val & ADDRESS;

	if (!(val & PRESENT) || sim_owner(page) != SIM_HYP)
		return;
	order->links++;
	if (noncoherent() && sim_dirty(page, HYP_IOMMU_PAGE_SIZE))
		sim_error("order: %#llx links %#llx, which is not written back",
			  (unsigned long long)pa, (unsigned long long)page);
	if (!noncoherent() && is_fresh(order, page))
		sim_error("order: %#llx links %#llx with no barrier before",
			  (unsigned long long)pa, (unsigned long long)page);
}

static void stored(struct order *order, const struct sim_event *ev)
{
	u64 page = ev->pa & ~(HYP_IOMMU_PAGE_SIZE - 1);

	if (ev->size != 8 || ev->val == ev->old)
		return;
	check_link(order, ev->pa, ev->val);
	if (ev->old & PRESENT)
		add_removal(order, ev->pa);
	if (!is_fresh(order, page)) {
		if (order->nr_fresh < ARRAY_SIZE(order->fresh))
			order->fresh[order->nr_fresh++] = page;
		else
			order->lost++;
	}
}

static void cleaned(struct order *order, const struct sim_event *ev)
{
	u64 issued = order->issued(order->arg);
	u32 i;

	for (i = 0; i < order->nr; i++) {
		struct order_removal *r = &order->removal[i];

		if (r->clean || LINE(r->pa) < LINE(ev->pa) ||
		    LINE(r->pa) > LINE(ev->pa + ev->size - 1))
			continue;
		/* Whatever was issued before this does not count. */
		r->clean = true;
		r->issued = issued;
	}
}

static void fenced(struct order *order)
{
	u64 issued = order->issued(order->arg);
	u32 i;

	order->nr_fresh = 0;
	for (i = 0; i < order->nr; i++) {
		struct order_removal *r = &order->removal[i];

		if (!r->clean || r->fenced)
			continue;
		r->fenced = true;
		r->issued = issued;
	}
}

static bool is_complete(const struct order_removal *r, u64 completed)
{
	return r->clean && r->fenced && completed > r->issued;
}

static void forget_complete(struct order *order)
{
	u64 completed = order->completed(order->arg);
	u32 i, nr = 0;

	for (i = 0; i < order->nr; i++)
		if (!is_complete(&order->removal[i], completed))
			order->removal[nr++] = order->removal[i];
	order->nr = nr;
}

static void released(struct order *order, const struct sim_event *ev)
{
	const struct order_removal *r = order->removal;

	order->releases++;
	forget_complete(order);
	if (!order->nr)
		return;
	sim_error("order: %s of %#llx before the change of %#llx is %s",
		  ev->kind == SIM_EV_UNPIN ? "unpin" : "return", (unsigned long long)ev->pa,
		  (unsigned long long)r->pa,
		  !r->clean ? "written back" : !r->fenced ? "followed by a barrier" :
		  "invalidated");
	/* Once is enough. */
	order->nr = 0;
}

static void watch(const struct sim_event *ev, void *arg)
{
	struct order *order = arg;

	switch (ev->kind) {
	case SIM_EV_STORE:
		stored(order, ev);
		break;
	case SIM_EV_CLEAN:
		cleaned(order, ev);
		break;
	case SIM_EV_WMB:
		fenced(order);
		break;
	case SIM_EV_UNPIN:
	case SIM_EV_RETURN:
		released(order, ev);
		break;
	default:
		break;
	}
}

void order_begin(struct order *order)
{
	order->nr = 0;
	order->lost = 0;
	order->nr_fresh = 0;
	order->removals = 0;
	order->links = 0;
	order->releases = 0;
	sim_set_trace(watch, order);
}

u32 order_end(struct order *order)
{
	sim_set_trace(NULL, NULL);
	forget_complete(order);
	if (order->lost)
		sim_error("order: %u changes were too many to watch", order->lost);
	return order->nr;
}
