/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base64.c - base64. See base64.h.
 */
#include "trust/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void ms_base64_encode(const void *data, size_t len, char *text)
{
	const uint8_t *in = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = (uint32_t)in[i] << 16;

		if (left > 1)
			bits |= (uint32_t)in[i + 1] << 8;
		if (left > 2)
			bits |= in[i + 2];
		*text++ = letters[bits >> 18];
		*text++ = letters[bits >> 12 & 63];
		*text++ = left > 1 ? letters[bits >> 6 & 63] : '=';
		*text++ = left > 2 ? letters[bits & 63] : '=';
	}
	*text = '\0';
}

/* Which alphabets a text has used. */
enum { STANDARD = 1, URL_SAFE = 2 };

/* The value of a letter, or -1. */
static int value_of(char ch, unsigned *used)
{
	if (ch >= 'A' && ch <= 'Z')
		return ch - 'A';
	if (ch >= 'a' && ch <= 'z')
		return ch - 'a' + 26;
	if (ch >= '0' && ch <= '9')
		return ch - '0' + 52;
	if (ch == '+' || ch == '/')
		*used |= STANDARD;
	else if (ch == '-' || ch == '_')
		*used |= URL_SAFE;
	else
		return -1;
	return ch == '+' || ch == '-' ? 62 : 63;
}

int ms_base64_decode(const char *text, size_t text_len, uint8_t *data, size_t *len)
{
	unsigned used = 0, held = 0;
	uint32_t bits = 0;
	size_t out = 0;

	if (text_len % 4 == 0 && text_len > 0 && text[text_len - 1] == '=') {
		text_len--;
		if (text[text_len - 1] == '=')
			text_len--;
	}
	if (text_len % 4 == 1)
		return -1;
	for (size_t i = 0; i < text_len; i++) {
		int value = value_of(text[i], &used);

		if (value < 0 || used == (STANDARD | URL_SAFE))
			return -1;
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			data[out++] = (uint8_t)(bits >> held);
		}
		bits &= (1u << held) - 1;
	}
	if (bits)
		return -1;
	*len = out;
	return 0;
}
