/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection to a QEMU whose processors sleep: its physical address space,
 * read and written from outside through QEMU's qtest protocol.
 *
 * A QEMU that ends or refuses is the end of the program: there is nothing
 * left to be tested.
 */
#ifndef HYP_PF_QTEST_QTEST_H
#define HYP_PF_QTEST_QTEST_H

#include <sys/types.h>

#include "platform/platform.h"

struct qtest {
	int fd;
	pid_t pid;
	const char *log;	/* where QEMU's own messages go */
	size_t have, used;	/* of buf */
	char buf[4096];
};

/* Return: QEMU's end of the connection, a descriptor for its arguments. */
int qtest_open(struct qtest *q);

/* Start @argv[0], which inherits all descriptors that are open. */
void qtest_exec(struct qtest *q, char *const argv[], const char *log);
void qtest_end(struct qtest *q);

/* What ends the program; tells where QEMU's messages are. */
void qtest_die(const struct qtest *q, const char *fmt, ...) __printf(2, 3)
	__attribute__((__noreturn__));

/* @width: 1, 2, 4 or 8 bytes */
u64 qtest_read(struct qtest *q, u64 pa, unsigned int width);
void qtest_write(struct qtest *q, u64 pa, u64 val, unsigned int width);
void qtest_out32(struct qtest *q, u16 port, u32 val);

/* Write @nr words from @pa on, one after the other, and then read the one at @then. */
u64 qtest_write_words(struct qtest *q, u64 pa, const u64 *val, unsigned int nr, u64 then);

#endif /* HYP_PF_QTEST_QTEST_H */
