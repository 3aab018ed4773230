/* SPDX-License-Identifier: BSD-2-Clause */
/* tree.c - prints what the region holds that is filled with the device tree. */
#include <microkit.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER 16

const unsigned char *tree;
uint64_t region_bytes;

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t little_endian(const unsigned char *p)
{
	uint64_t value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | p[i];
	return value;
}

static void say(const char *what, uint32_t number)
{
	microkit_dbg_puts(what);
	microkit_dbg_put32(number);
	microkit_dbg_puts("\n");
}

void init(void)
{
	const uint64_t length = little_endian(tree + 8);
	uint32_t sum = 0, behind = 0;

	microkit_dbg_puts(big_endian(tree + HEADER) == 0xd00dfeed ? "tree: magic is right\n"
	                                                          : "tree: no device tree\n");
	say("tree: number ", (uint32_t)little_endian(tree));
	say("tree: length ", (uint32_t)length);
	say("tree: total size ", big_endian(tree + HEADER + 4));
	for (uint64_t i = HEADER; i < length; i++)
		sum += tree[i];
	for (uint64_t i = length; i < region_bytes; i++)
		behind |= tree[i];
	say("tree: sum ", sum);
	say("tree: behind it ", behind);
	microkit_dbg_puts("tree: done\n");
}

void notified(microkit_channel ch)
{
	(void)ch;
}
