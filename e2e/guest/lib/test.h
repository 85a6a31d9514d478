/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every test program needs: result lines that e2e/boot.py reads, and a
 * look into the kernel log.
 */
#ifndef E2E_TEST_H
#define E2E_TEST_H

#include <hyp_iommu/types.h>

#define PAGE	4096UL

/* Print "ok name" or "not ok name # why"; return what was passed. */
bool ok(bool good, const char *name, const char *why, ...) __attribute__((format(printf, 3, 4)));

/* Print "# ...": a remark, or "key value" for e2e/run.py. */
void info(const char *text, ...) __attribute__((format(printf, 1, 2)));

/* The test cannot go on: print "not ok <program> # ..." and exit. */
void die(const char *why, ...) __attribute__((format(printf, 1, 2), noreturn));

/*
 * A test that is not made here, and why: prints "# skip name # why".  Where
 * the whole program is not for this machine, die(): that is never a success.
 */
void skip(const char *name, const char *why, ...) __attribute__((format(printf, 2, 3)));

/* Exit status for main(): 1 if any test failed. */
int test_end(void);

/* Forget what the kernel log holds up to now. */
void log_mark(void);

/*
 * Wait up to @ms for a line since log_mark() that has all of up to three
 * strings (NULL: any).  The first one that does is left in log_line().
 */
bool log_has(unsigned int ms, const char *a, const char *b, const char *c);
const char *log_line(void);

void sleep_ms(unsigned int ms);

/* The whole of a small file, without the last newline; NULL if there is none. */
const char *file_text(const char *path);
bool file_write(const char *path, const char *text);

#endif /* E2E_TEST_H */
