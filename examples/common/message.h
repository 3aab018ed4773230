/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message.h - text in message registers, eight bytes in each, so that domains which talk to each
 * other need no memory in common.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <microkit.h>
#include <stdint.h>

#define MESSAGE_TEXT 400 /* bytes at most: 50 registers */

/* Register `at` gets the length, those after it the text; returns how many are in use then. */
static inline uint16_t message_put_text(unsigned at, const char *text, uint64_t length)
{
	unsigned words;

	if (length > MESSAGE_TEXT)
		length = MESSAGE_TEXT;
	words = (unsigned)(length + 7) / 8;
	microkit_mr_set((uint8_t)at, length);
	for (unsigned w = 0; w < words; w++) {
		uint64_t word = 0;

		for (unsigned i = 0; i < 8 && 8 * w + i < length; i++)
			word |= (uint64_t)(unsigned char)text[8 * w + i] << 8 * i;
		microkit_mr_set((uint8_t)(at + 1 + w), word);
	}
	return (uint16_t)(at + 1 + words);
}

/* The text from there into a buffer of `room` bytes; what does not fit is cut off. A length that
 * the message cannot hold counts as none: the sender is not trusted. */
static inline uint64_t message_get_text(microkit_msginfo message, unsigned at, char *text,
                                        uint64_t room)
{
	uint64_t count = microkit_msginfo_get_count(message), length;

	if (count <= at)
		return 0;
	length = microkit_mr_get((uint8_t)at);
	if (length > MESSAGE_TEXT || (length + 7) / 8 > count - at - 1)
		return 0;
	if (length > room)
		length = room;
	for (uint64_t i = 0; i < length; i++)
		text[i] = (char)(microkit_mr_get((uint8_t)(at + 1 + i / 8)) >> 8 * (i % 8));
	return length;
}

#endif
