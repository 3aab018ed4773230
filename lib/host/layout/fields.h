/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fields.h - the records of both/table.h field by field: how each is called in the layout document
 * and what it means. Resolving references, writing the document and reading it back are all
 * driven by these rows.
 */
#ifndef MS_LAYOUT_FIELDS_H
#define MS_LAYOUT_FIELDS_H

#include "both/table.h"

#include <stddef.h>

enum field_kind {
	FIELD_INTEGER,
	FIELD_HEX,
	FIELD_BOOLEAN,
	FIELD_NAME,   /* a string */
	FIELD_SLOT,   /* what holds a capability, by the object's name */
	FIELD_FAULT,  /* the same, or the thread's own CPtr, a number */
	FIELD_WORK,   /* a work slot that a record fills, by its number */
	FIELD_SOURCE, /* a byte of the archive: member and offset in it; or of the device tree */
	FIELD_FLAGS,  /* words for bits */
	FIELD_WORD    /* one of the words */
};

struct field {
	const char *key;
	unsigned offset, size;
	enum field_kind kind;
	int optional;             /* not written where it is 0 */
	const char *const *words; /* FIELD_FLAGS: for bit 0, 1, ...; FIELD_WORD: for 0, 1, ... */
};

struct section {
	const char *key;            /* in the layout document; NULL: not by rows */
	const struct field *fields; /* ends with key NULL */
};

/* By enum table_section. */
extern const struct section ms_table_sections[TABLE_SECTIONS];
/* Of the header, as "boot". */
extern const struct field ms_table_header_fields[];

/* What the kernel put where in the root CNode, as documents call it. */
extern const struct root_slot {
	uint64_t slot;
	const char *name;
} ms_root_slots[];
extern const size_t ms_root_slot_count;

/* Fields of a row or section, sorted by key, as they stand in a document; NULL ends them. */
#define MS_FIELDS_MAX 40
void ms_fields_sorted(const struct field *fields, const struct field **sorted);

uint64_t ms_field_get(const void *record, const struct field *f);
void ms_field_set(void *record, const struct field *f, uint64_t value);

#endif
