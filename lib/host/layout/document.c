/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document.c - the document "layout" from a table, and a table from the document.
 *
 * Both walk the rows of fields.h. A slot is written as the name of what lies in it: an object of
 * a Retype ("pd/uart/tcb", "region/ring[3]"), a handler or badged copy by its record's name, a
 * page of the user image by archive member and offset ("uart.elf+0x1000"), and what the kernel
 * put into the root CNode as "root/…".
 */
#include "base/diag.h"
#include "base/digest.h"
#include "layout/fields.h"
#include "layout/layout.h"
#include "layout/types.h"
#include "layout/writer.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u

const struct ms_field ms_layout_field = {.name = "layout", .kind = MS_KIND_ANY, .optional = 1};

const struct root_slot ms_root_slots[] = {
    {TABLE_ROOT_TCB, "root/tcb"},
    {TABLE_ROOT_CNODE, "root/cnode"},
    {TABLE_ROOT_VSPACE, "root/vspace"},
    {TABLE_ROOT_IRQ, "root/irq-control"},
    {TABLE_ROOT_ASIDPOOL, "root/asid-pool"},
    {TABLE_ROOT_SMC, "root/smc"},
};
const size_t ms_root_slot_count = sizeof(ms_root_slots) / sizeof(ms_root_slots[0]);

/* -- from a table -------------------------------------------------------------------------- */

/* What lies in a work slot. */
struct known {
	const char *name; /* NULL: nothing with a name */
	uint32_t base;    /* length of the name without its index */
	uint32_t indexed;
	uint64_t index;
};

struct decoder {
	const char *name;
	const void *table;
	const struct table_header *header;
	struct known *known;
	uint64_t slots;
	bool bad;
};

static void spoilt(struct decoder *d, const char *why)
{
	if (!d->bad)
		ms_report(MS_ERROR, NULL, "table", "%s: %s", d->name, why);
	d->bad = true;
}

static struct known *known_at(struct decoder *d, uint64_t slot)
{
	uint64_t index = slot & ~TABLE_WORK;

	return (slot & TABLE_WORK) && index < d->slots ? &d->known[index] : NULL;
}

static const struct table_range *member_at(const struct decoder *d, uint64_t offset)
{
	for (uint32_t i = 0; i < table_count(d->table, TABLE_RANGES); i++) {
		const struct table_range *r = table_record(d->table, TABLE_RANGES, i);

		if (r->kind == TABLE_RANGE_MEMBER && r->start <= offset && offset < r->end)
			return r;
	}
	return NULL;
}

static char *offset_text(const struct decoder *d, uint64_t offset)
{
	const struct table_range *r = member_at(d, offset);

	return r ? ms_format("%s+0x%" PRIx64, table_name(d->table, r->name), offset - r->start)
	         : ms_format("archive+0x%" PRIx64, offset);
}

static const char *slot_text(struct decoder *d, uint64_t slot)
{
	const struct table_header *h = d->header;
	const struct known *k = known_at(d, slot);

	if (k && k->name && k->indexed)
		return ms_format("%.*s[%" PRIu64 "]", (int)k->base, k->name, k->index);
	if (k && k->name)
		return k->name;
	if (slot & TABLE_WORK)
		return ms_format("work/%llu", (unsigned long long)(slot & ~TABLE_WORK));
	if (slot >= h->image_frames && slot - h->image_frames < h->image_pages)
		return offset_text(d, (slot - h->image_frames) * PAGE);
	for (size_t i = 0; i < ms_root_slot_count; i++)
		if (ms_root_slots[i].slot == slot)
			return ms_root_slots[i].name;
	return ms_format(slot >= h->untyped_slot ? "untyped/%" PRIu64 : "root/%" PRIu64, slot);
}

/* The strings of one Retype, checked to stay inside the table. */
static const char *next_name(struct decoder *d, uint32_t *at)
{
	const char *s;

	if (*at >= table_count(d->table, TABLE_STRINGS)) {
		spoilt(d, "a Retype has fewer names than objects");
		return NULL;
	}
	s = table_name(d->table, *at);
	*at += (uint32_t)strlen(s) + 1;
	return s;
}

static json_t *object_row(struct decoder *d, const struct table_retype *r, const char *name,
                          uint32_t done, uint64_t count)
{
	const char *type = ms_type_name(d->header->flags, r->type);
	json_t *row = json_object();
	unsigned bits;

	if (!type) {
		spoilt(d, "a Retype of a type that this kernel lacks");
		type = "Untyped";
	}
	bits = ms_type_bits(type, r->size_bits);
	ms_doc_set(row, "name", ms_doc_new_string(name));
	ms_doc_set(row, "type", ms_doc_new_string(type));
	ms_doc_set(row, "size_bits", ms_doc_new_integer(bits));
	ms_doc_set(row, "count", ms_doc_new_integer((json_int_t)count));
	ms_doc_set(row, "paddr", ms_doc_new_hex(r->paddr + ((uint64_t)done << bits)));
	ms_doc_set(row, "slot", ms_doc_new_integer((json_int_t)((r->dest & ~TABLE_WORK) + done)));
	ms_doc_set(row, "untyped", ms_doc_new_string(slot_text(d, r->untyped)));
	return row;
}

static json_t *decode_objects(struct decoder *d)
{
	json_t *rows = json_array();

	for (uint32_t i = 0; i < table_count(d->table, TABLE_RETYPES) && !d->bad; i++) {
		const struct table_retype *r = table_record(d->table, TABLE_RETYPES, i);
		uint32_t at = r->name, done = 0;

		while (done < r->count && !d->bad) {
			const char *name = next_name(d, &at);
			uint64_t first, count;
			size_t base;

			if (!name)
				break;
			count = ms_name_count(name, &base, &first);
			if (count > r->count - done) {
				spoilt(d, "a Retype has more names than objects");
				break;
			}
			ms_doc_append(rows, object_row(d, r, name, done, count));
			for (uint64_t k = 0; k < count; k++) {
				struct known *known = known_at(d, r->dest + done + k);

				known->name = name;
				known->base = (uint32_t)base;
				known->indexed = name[base] == '[';
				known->index = first + k;
			}
			done += (uint32_t)count;
		}
	}
	return rows;
}

/* Handlers and badged copies are known by their records' names. */
static void know_others(struct decoder *d)
{
	for (uint32_t i = 0; i < table_count(d->table, TABLE_IRQS); i++) {
		const struct table_irq *r = table_record(d->table, TABLE_IRQS, i);

		known_at(d, r->dest)->name = table_name(d->table, r->name);
	}
	for (uint32_t i = 0; i < table_count(d->table, TABLE_CAPS); i++) {
		const struct table_cap *r = table_record(d->table, TABLE_CAPS, i);
		struct known *k = known_at(d, TABLE_WORK | r->index);

		if (r->cnode == TABLE_NONE && k)
			k->name = table_name(d->table, r->name);
	}
}

static json_t *words(const struct field *f, uint64_t value)
{
	json_t *list = json_array();

	for (unsigned i = 0; f->words[i]; i++)
		if (value >> i & 1)
			ms_doc_append(list, ms_doc_new_string(f->words[i]));
	return list;
}

static json_t *decode_field(struct decoder *d, const struct field *f, uint64_t value)
{
	switch (f->kind) {
	case FIELD_HEX: return ms_doc_new_hex(value);
	case FIELD_BOOLEAN: return json_boolean(value != 0);
	case FIELD_NAME: return ms_doc_new_string(table_name(d->table, (uint32_t)value));
	case FIELD_SLOT: return ms_doc_new_string(slot_text(d, value));
	case FIELD_FAULT:
		if (value & TABLE_WORK)
			return ms_doc_new_string(slot_text(d, value));
		break;
	case FIELD_WORK: value &= ~TABLE_WORK; break;
	case FIELD_SOURCE: return ms_doc_new_string(offset_text(d, value));
	case FIELD_FLAGS: return words(f, value);
	case FIELD_WORD:
		for (unsigned i = 0; f->words[i]; i++)
			if (value == i)
				return ms_doc_new_string(f->words[i]);
		break;
	case FIELD_INTEGER: break;
	}
	if (value > MS_DOC_INT_MAX) {
		spoilt(d, "a number above 2^53-1");
		value = 0;
	}
	return ms_doc_new_integer((json_int_t)value);
}

static json_t *decode_row(struct decoder *d, const struct field *f, const void *record)
{
	json_t *row = json_object();

	for (; f->key; f++) {
		uint64_t value = ms_field_get(record, f);

		if (value || !f->optional)
			ms_doc_set(row, f->key, decode_field(d, f, value));
	}
	return row;
}

static json_t *table_object(const void *table, size_t len)
{
	json_t *object = json_object();
	char sha256[MS_SHA256_HEX];

	ms_sha256_hex(table, len, sha256);
	ms_doc_set(object, "path", ms_doc_new_string(MS_LAYOUT_TABLE));
	ms_doc_set(object, "sha256", ms_doc_new_string(sha256));
	ms_doc_set(object, "size", ms_doc_new_integer((json_int_t)len));
	return object;
}

/* Names go into a document, and onto terminals. */
static void check_names(struct decoder *d)
{
	const char *strings = table_name(d->table, 0);

	for (uint32_t i = 0; i < table_count(d->table, TABLE_STRINGS); i++)
		if (strings[i] != '\0' && (strings[i] < ' ' || strings[i] > '~'))
			spoilt(d, "a name with bytes that no name has");
}

json_t *ms_layout_decode(const char *name, const void *table, size_t len)
{
	struct decoder d = {.name = name, .table = table, .header = table};
	enum table_error error = table_check(table, len);
	json_t *layout;

	if (error == TABLE_OK && d.header->work_bits > 28)
		error = TABLE_EHEADER;
	if (error) {
		spoilt(&d, table_error_text(error));
		return NULL;
	}
	check_names(&d);
	if (d.bad)
		return NULL;
	d.slots = 1ull << d.header->work_bits;
	d.known = ms_alloc(d.slots, sizeof(*d.known));
	layout = json_object();
	ms_doc_set(layout, "root_task", ms_doc_new_string("system"));
	ms_doc_set(layout, "objects", decode_objects(&d));
	know_others(&d);
	for (unsigned s = 0; s < TABLE_SECTIONS && !d.bad; s++) {
		json_t *rows;

		if (!ms_table_sections[s].key)
			continue;
		rows = json_array();
		for (uint32_t i = 0; i < table_count(table, (enum table_section)s); i++)
			ms_doc_append(rows,
			              decode_row(&d, ms_table_sections[s].fields,
			                         table_record(table, (enum table_section)s, i)));
		ms_doc_set(layout, ms_table_sections[s].key, rows);
	}
	ms_doc_set(layout, "boot", decode_row(&d, ms_table_header_fields, table));
	ms_doc_set(layout, "table", table_object(table, len));
	free(d.known);
	if (!d.bad)
		return layout;
	json_decref(layout);
	return NULL;
}
