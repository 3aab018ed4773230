/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * forge.c - spoils a bootable image on purpose, to see what its loader says.
 *
 *   forge IMAGE OUT CHANGE...
 *     FIELD=NUMBER     a field of the hand-off table
 *     FIELD+=NUMBER    added to it, modulo 2^64
 *     flip=MEMBER:N    the lowest bit of byte N of a member
 *     rename=OLD:NEW   a member's name, of the same length; or its first bytes
 *     text=OLD:NEW     bytes of the archive, of the same length
 *     magic=MEMBER     the magic number of a member's header
 */
#include "both/handoff.h"
#include "both/newc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t image[16 << 20];
static size_t image_len;
static struct handoff_table table;
static size_t table_at;
static uint8_t *archive;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "forge: %s\n", what);
	exit(2);
}

static void find_parts(void)
{
	const uint64_t magic = HANDOFF_MAGIC;

	for (table_at = 0; table_at + sizeof(table) <= image_len; table_at += 8) {
		if (memcmp(image + table_at, &magic, sizeof(magic)) == 0)
			break;
	}
	if (table_at + sizeof(table) > image_len)
		die("no hand-off table");
	memcpy(&table, image + table_at, sizeof(table));
	for (size_t at = 0; at + table.archive_size <= image_len; at += 8) {
		struct newc_entry entry;
		size_t offset = 0;
		if (newc_next(image + at, table.archive_size, &offset, &entry) == NEWC_ENTRY &&
		    strcmp(entry.name, HANDOFF_KERNEL) == 0) {
			archive = image + at;
			return;
		}
	}
	die("no archive");
}

static struct newc_entry member(const char *name)
{
	struct newc_entry entry;

	if (newc_find(archive, table.archive_size, name, &entry) != NEWC_ENTRY)
		die("no such member");
	return entry;
}

static const struct {
	const char *name;
	size_t offset, size;
} fields[] = {
#define FIELD(name)                                                                                \
	{                                                                                          \
#name, offsetof(struct handoff_table, name),                                       \
		    sizeof(((struct handoff_table *)0)->name)                                      \
	}
    FIELD(magic),         FIELD(version),      FIELD(flags),        FIELD(cores),
    FIELD(reserved),      FIELD(image_start),  FIELD(image_end),    FIELD(archive_size),
    FIELD(kernel.offset), FIELD(kernel.size),  FIELD(dtb.offset),   FIELD(dtb.size),
    FIELD(root.offset),   FIELD(root.size),    FIELD(kernel_start), FIELD(kernel_end),
    FIELD(kernel_virt),   FIELD(kernel_entry), FIELD(dtb_start),    FIELD(root_start),
    FIELD(root_end),      FIELD(user_start),   FIELD(user_end),     FIELD(pv_offset),
    FIELD(user_entry),
};

static void set_field(const char *name, uint64_t value, int add)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint64_t old = 0;
		uint8_t *at = image + table_at + fields[i].offset;
		if (strcmp(fields[i].name, name) != 0)
			continue;
		memcpy(&old, at, fields[i].size);
		if (add)
			value += old;
		memcpy(at, &value, fields[i].size);
		return;
	}
	die("no such field");
}

/* Replaces the first occurrence of old in the archive. */
static void replace(const char *old, const char *new)
{
	size_t len = strlen(old);

	if (strlen(new) != len)
		die("the lengths differ");
	for (size_t at = 0; at + len <= table.archive_size; at++) {
		if (memcmp(archive + at, old, len) == 0) {
			memcpy(archive + at, new, len);
			return;
		}
	}
	die("no such text");
}

static void change(char *word)
{
	char *value = strchr(word, '='), *second;
	int add = 0;

	if (!value)
		die("a change is NAME=VALUE");
	*value++ = 0;
	second = strchr(value, ':');
	if (second)
		*second++ = 0;
	if (strcmp(word, "flip") == 0 && second) {
		struct newc_entry entry = member(value);
		archive[entry.offset + strtoull(second, NULL, 0)] ^= 1;
	} else if (strcmp(word, "rename") == 0 && second) {
		struct newc_entry entry = member(value);
		memcpy(archive + (entry.name - (const char *)archive), second, strlen(second));
	} else if (strcmp(word, "text") == 0 && second) {
		replace(value, second);
	} else if (strcmp(word, "magic") == 0) {
		struct newc_entry entry = member(value);
		archive[entry.name - (const char *)archive - NEWC_HEADER] = 'x';
	} else {
		size_t len = strlen(word);
		if (len > 0 && word[len - 1] == '+') {
			word[len - 1] = 0;
			add = 1;
		}
		set_field(word, strtoull(value, NULL, 0), add);
	}
}

int main(int argc, char **argv)
{
	FILE *f;

	if (argc < 3)
		die("usage: forge IMAGE OUT CHANGE...");
	f = fopen(argv[1], "rb");
	if (!f)
		die("cannot open the image");
	image_len = fread(image, 1, sizeof(image), f);
	fclose(f);
	find_parts();
	for (int i = 3; i < argc; i++)
		change(argv[i]);
	f = fopen(argv[2], "wb");
	if (!f || fwrite(image, 1, image_len, f) != image_len || fclose(f) != 0)
		die("cannot write");
	return 0;
}
