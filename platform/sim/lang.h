/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The language part of platform/platform.h for user space: libc's, and stores
 * that can be watched.
 */
#ifndef HYP_PF_SIM_LANG_H
#define HYP_PF_SIM_LANG_H

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <hyp_iommu/types.h>

/*
 * Stores that somebody else observes; the trace gets those to simulated memory,
 * with what was there before.
 */
void sim_trace_store(const volatile void *va, size_t size, u64 old);
extern bool sim_trace_stores;

#define WRITE_ONCE(x, val) do {						\
	volatile __typeof__(x) *__wo_ptr = &(x);			\
	__typeof__(x) __wo_val = (val);					\
									\
	if (__builtin_expect(sim_trace_stores, 0)) {				\
		u64 __wo_old = 0;					\
									\
		memcpy(&__wo_old, (const void *)__wo_ptr,		\
		       sizeof(x) < 8 ? sizeof(x) : 8);			\
		*__wo_ptr = __wo_val;					\
		sim_trace_store((void *)__wo_ptr, sizeof(x), __wo_old);	\
	} else {							\
		*__wo_ptr = __wo_val;					\
	}								\
} while (0)

#include "platform/lang.h"

#endif /* HYP_PF_SIM_LANG_H */
