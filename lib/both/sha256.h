/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sha256.h - SHA-256 (FIPS 180-4) in plain C. The board uses it (with the processor's own
 * instructions where it has them); on the host libcrypto hashes and this one is compared with it.
 *
 * Shared by host and board: no I/O, no allocation.
 */
#ifndef BOTH_SHA256_H
#define BOTH_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE  32
#define SHA256_BLOCK 64

struct sha256 {
	uint32_t state[8];
	uint64_t total;
	uint8_t buffer[SHA256_BLOCK];
};

/* Works off `blocks` 64-byte blocks; a machine may bring a faster one. */
typedef void sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks);
void sha256_blocks_c(uint32_t state[8], const uint8_t *data, size_t blocks);

void sha256_start(struct sha256 *s);
void sha256_add(struct sha256 *s, sha256_blocks *blocks, const void *data, size_t len);
void sha256_end(struct sha256 *s, sha256_blocks *blocks, uint8_t digest[SHA256_SIZE]);

#endif
