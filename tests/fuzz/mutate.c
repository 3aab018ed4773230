/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutate.c - changes of texts by their words, of binary files by their fields. See mutate.h.
 */
#include "mutate.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The fuzzer's own; another driver than libFuzzer's has none. */
extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room) __attribute__((weak));

static uint64_t state;

static uint64_t next(void)
{
	state += 0x9e3779b97f4a7c15u;
	uint64_t x = (state ^ state >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static size_t below(size_t limit)
{
	return limit ? (size_t)(next() % limit) : 0;
}

/* The bytes [at, at + old) become others; false when there is no room. */
static bool splice(uint8_t *data, size_t *size, size_t room, size_t at, size_t old,
                   const void *bytes, size_t len)
{
	if (*size - old + len > room)
		return false;
	memmove(data + at + len, data + at + old, *size - at - old);
	memcpy(data + at, bytes, len);
	*size += len - old;
	return true;
}

/* -- texts -------------------------------------------------------------------------------- */

struct piece {
	size_t at, len;
};

static bool is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-' || c >= 0x80;
}

/* A word or the inside of a string near a place; len 0: none. */
static struct piece word_near(const uint8_t *data, size_t size, size_t at)
{
	size_t start, stop;

	while (at < size && !is_word(data[at]))
		at++;
	start = stop = at;
	while (start > 0 && is_word(data[start - 1]))
		start--;
	while (stop < size && is_word(data[stop]))
		stop++;
	/* All of a string, half of the time. */
	if (start > 0 && start < size && next() % 2) {
		const uint8_t *quote = memchr(data + stop, data[start - 1], size - stop);

		if ((data[start - 1] == '"' || data[start - 1] == '\'') && quote)
			stop = (size_t)(quote - data);
	}
	return (struct piece){start, stop - start};
}

/* A group in brackets or quotes, or a line; with the comma or line end behind it. */
static struct piece group_near(const uint8_t *data, size_t size, size_t at)
{
	static const char open[] = "{[(<\"", close[] = "}])>\"";
	const char *kind = NULL;
	unsigned depth = 0;
	size_t start = at;

	for (size_t steps = 0; start > 0 && steps < 4096; start--, steps++) {
		if (data[start] && (kind = strchr(open, data[start])) && next() % 4 == 0)
			break;
		kind = NULL;
	}
	if (!kind || !*kind) {
		for (start = at; start > 0 && data[start - 1] != '\n';)
			start--;
		const uint8_t *stop = memchr(data + at, '\n', size - at);
		return (struct piece){start, (stop ? (size_t)(stop - data) + 1 : size) - start};
	}
	for (size_t i = start; i < size; i++) {
		if (data[i] == (uint8_t)*kind && (i == start || *kind != '"'))
			depth++;
		else if (data[i] == (uint8_t)close[kind - open] && --depth == 0) {
			size_t len = i + 1 - start;

			if (i + 1 < size && (data[i + 1] == ',' || data[i + 1] == '\n'))
				len++;
			return (struct piece){start, len};
		}
	}
	return (struct piece){start, 0};
}

static size_t a_number(char text[40])
{
	static const uint64_t edges[] = {0,          1,          2,
	                                 7,          8,          61,
	                                 62,         63,         64,
	                                 127,        254,        255,
	                                 256,        4095,       4096,
	                                 65535,      65536,      0x1000,
	                                 0x200000,   0x40000000, 0x7fffffff,
	                                 1u << 31,   0xffffffff, 1ull << 32,
	                                 1ull << 47, 1ull << 48, (1ull << 53) - 1,
	                                 1ull << 53, INT64_MAX,  1ull << 63,
	                                 UINT64_MAX};
	uint64_t value = edges[below(sizeof(edges) / sizeof(edges[0]))];

	if (next() % 4 == 0)
		value += next() % 3 - 1;
	if (next() % 8 == 0)
		value = next() >> below(64);
	switch (next() % 4) {
	case 0: return (size_t)snprintf(text, 40, "0x%llx", (unsigned long long)value);
	case 1: return (size_t)snprintf(text, 40, "-%llu", (unsigned long long)value);
	default: return (size_t)snprintf(text, 40, "%llu", (unsigned long long)value);
	}
}

/* What a word may become that no other word of the text is. */
static size_t an_oddity(uint8_t *to, size_t room)
{
	static const char *const odd[] = {
	    "",         "true", "false",  "null",   "1e9",        "1.5",     "\\u0000",
	    "\\ud800",  "..",   "/",      "a/../b", "@toolkit/x", "build/x", "@kernel/kernel.elf",
	    "\xc3\xa9", "\xff", "&amp;",  "&#0;",   "<!--",       "-->",     "\\",
	    "\"",       "'",    "\"\"\"", "\n",     "#",          "[[",      "]]",
	    "{}",       "[]"};
	const char *text = odd[below(sizeof(odd) / sizeof(odd[0]))];
	size_t len = strlen(text);

	if (next() % 8 == 0) {
		len = below(room < 300 ? room + 1 : 300);
		memset(to, 'a' + (int)below(26), len);
		return len;
	}
	if (len > room)
		return 0;
	memcpy(to, text, len);
	return len;
}

static bool change_text(uint8_t *data, size_t *size, size_t room)
{
	uint8_t copy[4096];
	struct piece a = word_near(data, *size, below(*size));
	struct piece b = word_near(data, *size, below(*size));
	struct piece group = group_near(data, *size, below(*size));
	size_t len;

	switch (next() % 8) {
	case 0:
		len = a_number((char *)copy);
		return splice(data, size, room, a.at, a.len, copy, len);
	case 1: /* one word as another */
	case 2:
		len = b.len < sizeof(copy) ? b.len : sizeof(copy);
		memcpy(copy, data + b.at, len);
		return splice(data, size, room, a.at, a.len, copy, len);
	case 3:
		len = an_oddity(copy, sizeof(copy));
		return splice(data, size, room, a.at, a.len, copy, len);
	case 4: return splice(data, size, room, group.at, group.len, "", 0);
	case 5: /* a group twice */
	case 6: /* ... elsewhere */
		if (group.len > sizeof(copy))
			return false;
		memcpy(copy, data + group.at, group.len);
		len = next() % 2 ? group.at + group.len : group_near(data, *size, below(*size)).at;
		return splice(data, size, room, len, 0, copy, group.len);
	default: /* ... in the place of another one */
		if (group.len > sizeof(copy))
			return false;
		memcpy(copy, data + group.at, group.len);
		struct piece other = group_near(data, *size, below(*size));
		return splice(data, size, room, other.at, other.len, copy, group.len);
	}
}

size_t fuzz_mutate_text(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	size_t times;

	state = seed;
	if (size == 0 || (LLVMFuzzerMutate && next() % 3 == 0))
		return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, room) : size;
	times = 1 + below(3);
	for (size_t tries = 0; times && tries < 16 && size; tries++)
		times -= change_text(data, &size, room);
	return size;
}

/* -- binary files ------------------------------------------------------------------------- */

static uint64_t load(const uint8_t *p, unsigned width, enum fuzz_order order)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < width; i++)
		value = value << 8 | p[order == FUZZ_BIG ? i : width - 1 - i];
	return value;
}

static void store(uint8_t *p, unsigned width, enum fuzz_order order, uint64_t value)
{
	char text[17];

	if (order == FUZZ_HEX) {
		snprintf(text, sizeof(text), "%08x", (unsigned)value);
		memcpy(p, text, 8);
		return;
	}
	for (unsigned i = 0; i < width; i++)
		p[order == FUZZ_BIG ? width - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

/* Where a field may begin: after "070701" and a multiple of 8 digits, or at its own alignment. */
static size_t a_place(const uint8_t *data, size_t size, unsigned width, enum fuzz_order order)
{
	size_t from = below(size), at;

	if (order != FUZZ_HEX) {
		/* Headers lie at the start and tables at the end; the bytes between are bulk. */
		size_t reach = size < 512 || next() % 4 == 0 ? size : 512;

		at = below(reach);
		if (next() % 4 == 0)
			at = size - 1 - at;
		return at / width * width;
	}
	for (size_t i = 0; i + 110 <= size; i++) {
		at = (from + i) % (size - 109);
		if (memcmp(data + at, "07070", 5) == 0)
			return at + 6 + 8 * below(13);
	}
	return from;
}

static uint64_t a_value(const uint8_t *data, size_t size, unsigned width, enum fuzz_order order)
{
	static const uint64_t edges[] = {0,          1,          2,          3,          4,
	                                 7,          8,          16,         40,         56,
	                                 64,         4096,       8192,       0xffff,     65536,
	                                 0x7fffffff, 0x80000000, 0xffffffff, 1ull << 32, 1ull << 47,
	                                 1ull << 63, UINT64_MAX};
	size_t other;

	switch (next() % 5) {
	case 0: return edges[below(sizeof(edges) / sizeof(edges[0]))];
	case 1: return size + next() % 9 - 4;
	case 2: return next() >> below(64);
	case 3: return 0 - (next() >> below(64));
	default: /* near another field's */
		if (order == FUZZ_HEX)
			return below(size + 1);
		other = a_place(data, size, width, order);
		if (other + width > size)
			return 0;
		return load(data + other, width, order) + (next() % 2 ? 0 : next() % 17 - 8);
	}
}

size_t fuzz_mutate_fields(uint8_t *data, size_t size, size_t room, unsigned seed,
                          enum fuzz_order order)
{
	static const unsigned widths[] = {4, 8, 4, 8, 4, 8, 2, 1};
	size_t times;

	state = seed;
	if (size < 16 || (LLVMFuzzerMutate && next() % 2 == 0))
		return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, room) : size;
	times = 1 + below(3);
	for (size_t i = 0; i < times; i++) {
		unsigned width = order == FUZZ_HEX ? 8 : widths[below(8)];
		size_t at = a_place(data, size, width, order);

		if (order == FUZZ_BIG && width == 8)
			width = 4;
		if (at + width <= size)
			store(data + at, width, order, a_value(data, size, width, order));
	}
	return size;
}
