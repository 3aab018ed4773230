/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digest.h - SHA-256 of bytes and of files (libcrypto does the work).
 */
#ifndef MS_BASE_DIGEST_H
#define MS_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define MS_SHA256_HEX 65 /* 64 digits and the NUL */

/* hex receives 64 lower-case digits and a NUL. */
void ms_sha256_hex(const void *data, size_t len, char hex[MS_SHA256_HEX]);
void ms_sha256(const void *data, size_t len, uint8_t digest[32]);

/* Digest and size of a file; 0, or -1 with errno. size may be NULL. A failed system ends the
 * program with 3 (ms_system_failed). */
int ms_sha256_file(const char *path, char hex[MS_SHA256_HEX], uint64_t *size);

/* Piece by piece, for keys made of several parts: every part goes in with its length,
 * so that no two different lists of parts give the same digest. */
struct ms_digest {
	uint64_t state[16];
};
void ms_digest_start(struct ms_digest *d);
void ms_digest_add(struct ms_digest *d, const void *data, size_t len);
/* Bytes without their length: raw pieces alone give the plain SHA-256 of them all. */
void ms_digest_raw(struct ms_digest *d, const void *data, size_t len);
void ms_digest_string(struct ms_digest *d, const char *s);
void ms_digest_end(struct ms_digest *d, char hex[MS_SHA256_HEX]);

/* Hex text to and from bytes; ms_hex_decode returns 0, or -1 when it is not 64 digits. */
void ms_hex_encode(const uint8_t digest[32], char hex[MS_SHA256_HEX]);
int ms_hex_decode(const char *hex, uint8_t digest[32]);

#endif
