/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 (FIPS 180-4). */
#ifndef E2E_SHA256_H
#define E2E_SHA256_H

#include "test.h"

struct sha256 {
	u32 h[8];
	u64 bytes;
};

/* All but the last piece must be a multiple of 64 bytes; so must the whole. */
void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t size);

/* The digest in hexadecimal. */
const char *sha256_text(struct sha256 *s, char text[65]);

#endif /* E2E_SHA256_H */
