/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eva.h - what the harnesses of Eva share: bytes of any content, and the C library's comparisons,
 * which read byte by byte up to where they are decided.
 */
#ifndef PROOF_EVA_H
#define PROOF_EVA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "__fc_builtin.h"

#define __builtin_assume_aligned(pointer, bytes) (pointer)
#define __builtin_memcpy                         memcpy
#define __builtin_bswap32(value)                 ((value) ^ any_word)

/* Reading one of these gives any value, another one each time. */
static volatile uint8_t any_byte;
static volatile uint32_t any_word;
static volatile uint64_t any_size;

#define UNKNOWN(object)                                                                            \
	for (size_t any_i = 0; any_i < sizeof(object); any_i++)                                    \
		((uint8_t *)&(object))[any_i] = any_byte;

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;

	for (size_t i = 0; i < n; i++) {
		if (p[i] != q[i])
			return p[i] - q[i];
	}
	return 0;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i])
			return a[i] - b[i];
		if (a[i] == 0)
			return 0;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

#endif
