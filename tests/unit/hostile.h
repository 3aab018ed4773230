/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile.h - every truncation and every one-byte change of a good file, each in a heap block of
 * exactly its size, so that a sanitizer sees any read past the end.
 */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Works a file off completely and returns 1 when the reader accepted it. */
typedef int hostile_reader(const uint8_t *data, size_t len);

/* Number of proper prefixes that the reader accepts. */
static inline size_t hostile_truncations(hostile_reader *reader, const uint8_t *data, size_t len)
{
	size_t accepted = 0;

	for (size_t n = 0; n < len; n++) {
		uint8_t *copy = malloc(n ? n : 1);
		if (!copy)
			abort();
		memcpy(copy, data, n);
		accepted += (size_t)(reader(copy, n) != 0);
		free(copy);
	}
	return accepted;
}

/* Every byte takes every value in turn; the reader must survive. Returns how many it accepted. */
static inline size_t hostile_changes(hostile_reader *reader, const uint8_t *data, size_t len)
{
	size_t accepted = 0;
	uint8_t *copy = malloc(len);

	if (!copy)
		abort();
	memcpy(copy, data, len);
	for (size_t i = 0; i < len; i++) {
		for (unsigned v = 1; v < 256; v++) {
			copy[i] = (uint8_t)(data[i] ^ v);
			accepted += (size_t)(reader(copy, len) != 0);
		}
		copy[i] = data[i];
	}
	free(copy);
	return accepted;
}

#endif
