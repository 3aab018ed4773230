/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digest.h - SHA-256 (FIPS 180-4) of a piece of memory.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>

#define DIGEST_BYTES 32

void digest(const void *data, size_t length, unsigned char out[DIGEST_BYTES]);

#endif
