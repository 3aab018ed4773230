/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * builder.h - system tables made by hand, for tests: records are added one by one, in any order
 * of sections, then laid out as lib/both/table.h says.
 */
#ifndef TESTS_MODEL_BUILDER_H
#define TESTS_MODEL_BUILDER_H

#include "both/table.h"
#include <stdlib.h>
#include <string.h>

struct builder {
	struct table_header header;
	unsigned char *records[TABLE_SECTIONS];
	size_t bytes[TABLE_SECTIONS];
};

static inline void *builder_grow(struct builder *b, enum table_section s, const void *data,
                                 size_t size)
{
	unsigned char *at = realloc(b->records[s], b->bytes[s] + size);

	if (!at)
		abort();
	b->records[s] = at;
	at += b->bytes[s];
	memcpy(at, data, size);
	b->bytes[s] += size;
	return at;
}

static inline void builder_start(struct builder *b)
{
	memset(b, 0, sizeof(*b));
	b->header.magic = TABLE_MAGIC;
	b->header.version = TABLE_VERSION;
	builder_grow(b, TABLE_STRINGS, "", 1);
}

static inline uint32_t builder_name(struct builder *b, const char *name)
{
	uint32_t at = (uint32_t)b->bytes[TABLE_STRINGS];

	builder_grow(b, TABLE_STRINGS, name, strlen(name) + 1);
	return at;
}

/* Adds a record; returns its number. BUILDER_ADD(b, TABLE_CAPS, table_cap, .source = 1, …). */
static inline uint32_t builder_add(struct builder *b, enum table_section s, const void *record)
{
	uint32_t number = (uint32_t)(b->bytes[s] / table_record_size(s));

	builder_grow(b, s, record, table_record_size(s));
	return number;
}
#define BUILDER_ADD(b, section, type, ...)                                                         \
	builder_add(b, section, &(const struct type){__VA_ARGS__})

/* The table, in a heap block of exactly its size; the builder is empty afterwards. */
static inline void *builder_finish(struct builder *b, size_t *len)
{
	size_t at = sizeof(b->header);
	unsigned char *table;

	for (unsigned s = 0; s < TABLE_SECTIONS; s++) {
		b->header.sections[s].offset = (uint32_t)at;
		b->header.sections[s].count =
		    (uint32_t)(b->bytes[s] / table_record_size((enum table_section)s));
		at += b->bytes[s];
	}
	b->header.size = at;
	table = malloc(at);
	if (!table)
		abort();
	memcpy(table, &b->header, sizeof(b->header));
	for (unsigned s = 0; s < TABLE_SECTIONS; s++) {
		if (b->bytes[s])
			memcpy(table + b->header.sections[s].offset, b->records[s], b->bytes[s]);
		free(b->records[s]);
	}
	*len = at;
	memset(b, 0, sizeof(*b));
	return table;
}

#endif
