/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel log says about DMA that was blocked. */
#ifndef E2E_FAULT_H
#define E2E_FAULT_H

#include "test.h"

enum fault_access { FAULT_READ, FAULT_WRITE };

enum fault_reason { FAULT_NOT_ATTACHED, FAULT_NOT_MAPPED, FAULT_NO_PERMISSION };

/*
 * Only faults from now on count.  A record that nobody has taken yet can be in
 * the way of the next one.
 */
void faults_forget(void);

/*
 * Wait for a line about an access to the page at @ia by @who, which is behind
 * unit 0.  It is in log_line() then.
 */
bool fault_reported(const char *who, enum fault_access access, u64 ia, enum fault_reason reason);

#endif /* E2E_FAULT_H */
