/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * writer.c - records and strings become a table. See writer.h.
 */
#include "layout/writer.h"

#include <stdlib.h>
#include <string.h>

void *ms_records_add(struct records *list, size_t size)
{
	ms_reserve((void **)&list->data, &list->cap, (list->count + 1) * size, 1);
	return memset(list->data + list->count++ * size, 0, size);
}

static size_t hash(const char *s)
{
	uint64_t h = 14695981039346656037ull; /* FNV-1a */

	while (*s)
		h = (h ^ (unsigned char)*s++) * 1099511628211ull;
	return (size_t)(h ^ h >> 32);
}

static uint32_t *find(const struct pool *pool, const char *s)
{
	size_t at = hash(s) & (pool->slot_count - 1);

	while (pool->slots[at] && strcmp(pool->bytes.data + pool->slots[at], s) != 0)
		at = (at + 1) & (pool->slot_count - 1);
	return &pool->slots[at];
}

static void grow(struct pool *pool)
{
	uint32_t *old = pool->slots;
	size_t count = pool->slot_count;

	pool->slot_count = count ? 2 * count : 1024;
	pool->slots = ms_alloc(pool->slot_count, sizeof(*pool->slots));
	for (size_t i = 0; i < count; i++)
		if (old[i])
			*find(pool, pool->bytes.data + old[i]) = old[i];
	free(old);
}

uint32_t ms_pool_append(struct pool *pool, const char *strings, size_t len)
{
	uint32_t at;

	if (pool->bytes.len == 0)
		ms_buf_add(&pool->bytes, "", 1);
	at = (uint32_t)pool->bytes.len;
	ms_buf_add(&pool->bytes, strings, len);
	return at;
}

uint32_t ms_pool_add(struct pool *pool, const char *s)
{
	uint32_t *slot;

	if (!*s)
		return 0;
	if (2 * pool->count >= pool->slot_count)
		grow(pool);
	slot = find(pool, s);
	if (!*slot) {
		uint32_t at = ms_pool_append(pool, s, strlen(s) + 1);

		*slot = at;
		pool->count++;
	}
	return *slot;
}

void *ms_writer_add(struct writer *w, enum table_section section)
{
	return ms_records_add(&w->sections[section], table_record_size(section));
}

uint8_t *ms_writer_finish(struct writer *w, size_t size, size_t *len)
{
	size_t at = sizeof(w->header);
	uint8_t *table;

	ms_pool_append(&w->names, "", 0);
	w->sections[TABLE_STRINGS].data = w->names.bytes.data;
	w->sections[TABLE_STRINGS].count = w->names.bytes.len;
	w->header.magic = TABLE_MAGIC;
	w->header.version = TABLE_VERSION;
	for (unsigned s = 0; s < TABLE_SECTIONS; s++) {
		w->header.sections[s].offset = (uint32_t)at;
		w->header.sections[s].count = (uint32_t)w->sections[s].count;
		at += w->sections[s].count * table_record_size((enum table_section)s);
	}
	at = (at + 7) & ~(size_t)7;
	if (at < size)
		at = size;
	w->header.size = at;
	table = ms_alloc(at, 1);
	memcpy(table, &w->header, sizeof(w->header));
	for (unsigned s = 0; s < TABLE_SECTIONS; s++)
		if (w->sections[s].count)
			memcpy(table + w->header.sections[s].offset, w->sections[s].data,
			       w->sections[s].count * table_record_size((enum table_section)s));
	*len = at;
	return table;
}
