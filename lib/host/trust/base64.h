/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base64.h - RFC 4648, in the standard and the URL-safe alphabet. Pure.
 */
#ifndef MS_TRUST_BASE64_H
#define MS_TRUST_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the text for len bytes, its NUL included. */
#define MS_BASE64_ROOM(len) (((size_t)(len) + 2) / 3 * 4 + 1)

/* text: MS_BASE64_ROOM(len) bytes. Standard alphabet, padded. */
void ms_base64_encode(const void *data, size_t len, char *text);

/*
 * Decodes text of text_len bytes into data, which has room for text_len / 4 * 3 + 3 bytes.
 * Either alphabet, but not both; padded, or without any padding; nothing else in between, and
 * no bits left over that are not zero: one value has one text. Returns 0 with *len, or -1.
 */
int ms_base64_decode(const char *text, size_t text_len, uint8_t *data, size_t *len);

#endif
