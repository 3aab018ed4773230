/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * writer.h - the bytes of a system table from records that are added in the order of its
 * sections. Whoever adds the same records gets the same bytes.
 */
#ifndef MS_LAYOUT_WRITER_H
#define MS_LAYOUT_WRITER_H

#include "base/mem.h"
#include "both/table.h"

#include <stddef.h>
#include <stdint.h>

/* Records of one section while their number is not known. */
struct records {
	char *data;
	size_t count, cap;
};
void *ms_records_add(struct records *list, size_t size);

/* Strings, each kept once; 0 is the empty one. */
struct pool {
	struct ms_buf bytes;
	uint32_t *slots; /* open addressing */
	size_t slot_count, count;
};
uint32_t ms_pool_add(struct pool *pool, const char *s);
/* len bytes that hold strings already, as they are. */
uint32_t ms_pool_append(struct pool *pool, const char *strings, size_t len);

struct writer {
	struct table_header header;
	struct records sections[TABLE_SECTIONS];
	struct pool names;
};

/* A new, zeroed record of the section that is being written; good until the next one. */
void *ms_writer_add(struct writer *w, enum table_section section);

/* The table, of at least size bytes (NULs fill it up), a multiple of 8. */
uint8_t *ms_writer_finish(struct writer *w, size_t size, size_t *len);

#endif
