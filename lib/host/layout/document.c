/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document.c - the document "layout" from a table: its canonical text, at once.
 *
 * It walks the rows of fields.h, as encode.c does for the way back. A slot is written as the name
 * of what lies in it: an object of a Retype ("pd/uart/tcb", "region/ring[3]"), a handler or badged
 * copy by its record's name, a page of the user image by archive member and offset
 * ("uart.elf+0x1000"), and what the kernel put into the root CNode as "root/…".
 */
#include "base/diag.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "layout/fields.h"
#include "layout/layout.h"
#include "layout/types.h"
#include "layout/writer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u

const struct ms_field ms_layout_field = {.name = "layout", .kind = MS_KIND_ANY, .optional = 1};
const struct ms_field ms_layout_lazy_field = {
    .name = "layout", .kind = MS_KIND_ANY, .optional = 1, .lazy = 1};

const struct root_slot ms_root_slots[] = {
    {TABLE_ROOT_TCB, "root/tcb"},
    {TABLE_ROOT_CNODE, "root/cnode"},
    {TABLE_ROOT_VSPACE, "root/vspace"},
    {TABLE_ROOT_IRQ, "root/irq-control"},
    {TABLE_ROOT_ASIDPOOL, "root/asid-pool"},
    {TABLE_ROOT_SMC, "root/smc"},
};
const size_t ms_root_slot_count = sizeof(ms_root_slots) / sizeof(ms_root_slots[0]);

void ms_fields_sorted(const struct field *fields, const struct field **sorted)
{
	size_t count = 0, k;

	for (; fields->key && count < MS_FIELDS_MAX; fields++) {
		for (k = count++; k > 0 && strcmp(fields->key, sorted[k - 1]->key) < 0; k--)
			sorted[k] = sorted[k - 1];
		sorted[k] = fields;
	}
	sorted[count] = NULL;
}

/* -- from a table -------------------------------------------------------------------------- */

/* What lies in a row of work slots: memory for what a table says, not for the slots that it may
 * have. */
struct known {
	uint64_t index, count; /* of the slots */
	const char *name;
	size_t base;    /* length of the name without its index */
	uint64_t first; /* the first one's index, where name has one */
};

struct decoder {
	const char *name;
	const void *table;
	const struct table_header *header;
	struct known *known; /* by slot, once all are known */
	size_t known_count, known_cap;
	struct ms_buf *out;
	bool bad;
};

static void spoilt(struct decoder *d, const char *why)
{
	if (!d->bad)
		ms_report(MS_ERROR, NULL, "table", "%s: %s", d->name, why);
	d->bad = true;
}

static const struct known *known_at(const struct decoder *d, uint64_t slot)
{
	size_t low = 0, high = slot & TABLE_WORK ? d->known_count : 0;
	uint64_t index = slot & ~TABLE_WORK;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct known *k = &d->known[middle];

		if (index < k->index)
			high = middle;
		else if (index - k->index >= k->count)
			low = middle + 1;
		else
			return k;
	}
	return NULL;
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

static void put_offset(struct decoder *d, uint64_t offset)
{
	const bool tree = offset & TABLE_TREE;
	const struct table_range *r = tree ? NULL : member_at(d, offset);
	const char *name = tree ? MS_LAYOUT_TREE : r ? table_name(d->table, r->name) : "archive";

	ms_json_add_string(d->out, name, strlen(name));
	if (r)
		offset -= r->start;
	offset &= ~TABLE_TREE;
	d->out->len--; /* the quote moves behind what follows */
	ms_buf_add(d->out, "+", 1);
	ms_json_add_hex_digits(d->out, offset);
	ms_buf_add(d->out, "\"", 1);
}

/* What a slot that nothing in the table names holds. */
static void put_other_slot(struct decoder *d, uint64_t slot)
{
	const struct table_header *h = d->header;
	const char *what = slot >= h->untyped_slot ? "untyped" : "root";

	if (slot & TABLE_WORK) {
		what = "work";
		slot &= ~TABLE_WORK;
	}
	ms_buf_add(d->out, "\"", 1);
	ms_buf_puts(d->out, what);
	ms_buf_add(d->out, "/", 1);
	ms_json_add_digits(d->out, slot);
	ms_buf_add(d->out, "\"", 1);
}

static void put_slot(struct decoder *d, uint64_t slot)
{
	const struct table_header *h = d->header;
	const struct known *k = known_at(d, slot);

	if (k && k->name[k->base] == '[') {
		ms_json_add_string(d->out, k->name, k->base);
		d->out->len--; /* the quote moves behind what follows */
		ms_buf_add(d->out, "[", 1);
		ms_json_add_digits(d->out, k->first + ((slot & ~TABLE_WORK) - k->index));
		ms_buf_add(d->out, "]\"", 2);
		return;
	}
	if (k) {
		ms_json_add_string(d->out, k->name, strlen(k->name));
		return;
	}
	if (!(slot & TABLE_WORK) && slot >= h->image_frames &&
	    slot - h->image_frames < h->image_pages) {
		put_offset(d, (slot - h->image_frames) * PAGE);
		return;
	}
	for (size_t i = 0; !(slot & TABLE_WORK) && i < ms_root_slot_count; i++) {
		if (ms_root_slots[i].slot == slot) {
			ms_json_add_string(d->out, ms_root_slots[i].name,
			                   strlen(ms_root_slots[i].name));
			return;
		}
	}
	put_other_slot(d, slot);
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

/* Keys are ours: plain text. What is written next ends the buffer with a NUL again. */
static void put_key(struct decoder *d, const char *key, bool first)
{
	size_t len = strlen(key);
	char *to = ms_buf_room(d->out, len + 4);

	*to++ = first ? '{' : ',';
	*to++ = '"';
	memcpy(to, key, len);
	to[len] = '"';
	to[len + 1] = ':';
	d->out->len += len + 4;
}

static void put_text(struct decoder *d, const char *text)
{
	ms_json_add_string(d->out, text, strlen(text));
}

static void put_number(struct decoder *d, uint64_t value)
{
	if (value > MS_DOC_INT_MAX) {
		spoilt(d, "a number above 2^53-1");
		value = 0;
	}
	ms_json_add_integer(d->out, (json_int_t)value);
}

static void know(struct decoder *d, uint64_t dest, uint64_t count, const char *name, size_t base,
                 uint64_t first)
{
	void *known = d->known;

	ms_reserve(&known, &d->known_cap, d->known_count + 1, sizeof(*d->known));
	d->known = known;
	d->known[d->known_count++] = (struct known){dest & ~TABLE_WORK, count, name, base, first};
}

static void put_object(struct decoder *d, const struct table_retype *r, const char *name,
                       uint32_t done, uint64_t count)
{
	const char *type = ms_type_name(d->header->flags, r->type);
	unsigned bits;

	if (!type) {
		spoilt(d, "a Retype of a type that this kernel lacks");
		type = "Untyped";
	}
	bits = ms_type_bits(type, r->size_bits);
	put_key(d, "count", true);
	put_number(d, count);
	put_key(d, "name", false);
	put_text(d, name);
	put_key(d, "paddr", false);
	ms_json_add_hex(d->out, r->paddr + ((uint64_t)done << bits));
	put_key(d, "size_bits", false);
	put_number(d, bits);
	put_key(d, "slot", false);
	put_number(d, (r->dest & ~TABLE_WORK) + done);
	put_key(d, "type", false);
	put_text(d, type);
	put_key(d, "untyped", false);
	put_slot(d, r->untyped);
	ms_buf_puts(d->out, "}");
}

/* Goes through all objects: learns their names, or else writes their rows. */
static void walk_objects(struct decoder *d, bool write)
{
	bool any = false;

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
			if (write) {
				ms_buf_puts(d->out, any ? "," : "");
				put_object(d, r, name, done, count);
				any = true;
			} else {
				know(d, r->dest + done, count, name, base, first);
			}
			done += (uint32_t)count;
		}
	}
}

static void know_one(struct decoder *d, uint64_t dest, uint32_t name)
{
	const char *text = table_name(d->table, name);

	know(d, dest, 1, text, strlen(text), 0);
}

/* Handlers and badged copies are known by their records' names. */
static void know_others(struct decoder *d)
{
	for (uint32_t i = 0; i < table_count(d->table, TABLE_IRQS); i++) {
		const struct table_irq *r = table_record(d->table, TABLE_IRQS, i);

		know_one(d, r->dest, r->name);
	}
	for (uint32_t i = 0; i < table_count(d->table, TABLE_CAPS); i++) {
		const struct table_cap *r = table_record(d->table, TABLE_CAPS, i);

		if (r->cnode == TABLE_NONE)
			know_one(d, r->index, r->name);
	}
}

static int by_index(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* Learns what lies in which slot, before anything is written. */
static void know_all(struct decoder *d)
{
	walk_objects(d, false);
	if (d->bad)
		return;
	know_others(d);
	if (d->known_count)
		qsort(d->known, d->known_count, sizeof(*d->known), by_index);
	for (size_t i = 1; i < d->known_count && !d->bad; i++) {
		if (d->known[i].index - d->known[i - 1].index < d->known[i - 1].count)
			spoilt(d, "two objects in one slot");
	}
}

static void put_words(struct decoder *d, const struct field *f, uint64_t value)
{
	bool any = false;

	ms_buf_puts(d->out, "[");
	for (unsigned i = 0; f->words[i]; i++) {
		if (!(value >> i & 1))
			continue;
		ms_buf_puts(d->out, any ? "," : "");
		put_text(d, f->words[i]);
		any = true;
	}
	ms_buf_puts(d->out, "]");
}

static void put_field(struct decoder *d, const struct field *f, uint64_t value)
{
	switch (f->kind) {
	case FIELD_HEX: ms_json_add_hex(d->out, value); return;
	case FIELD_BOOLEAN: ms_buf_puts(d->out, value ? "true" : "false"); return;
	case FIELD_NAME: put_text(d, table_name(d->table, (uint32_t)value)); return;
	case FIELD_SLOT: put_slot(d, value); return;
	case FIELD_FAULT:
		if (value & TABLE_WORK) {
			put_slot(d, value);
			return;
		}
		break;
	case FIELD_WORK: value &= ~TABLE_WORK; break;
	case FIELD_SOURCE: put_offset(d, value); return;
	case FIELD_FLAGS: put_words(d, f, value); return;
	case FIELD_WORD:
		for (unsigned i = 0; f->words[i]; i++) {
			if (value == i) {
				put_text(d, f->words[i]);
				return;
			}
		}
		break;
	case FIELD_INTEGER: break;
	}
	put_number(d, value);
}

static void put_row(struct decoder *d, const struct field *const *sorted, const void *record)
{
	bool any = false;

	for (; *sorted; sorted++) {
		uint64_t value = ms_field_get(record, *sorted);

		if (!value && (*sorted)->optional)
			continue;
		put_key(d, (*sorted)->key, !any);
		put_field(d, *sorted, value);
		any = true;
	}
	ms_buf_puts(d->out, any ? "}" : "{}");
}

static void put_section(struct decoder *d, enum table_section s)
{
	const struct field *sorted[MS_FIELDS_MAX + 1];

	ms_fields_sorted(ms_table_sections[s].fields, sorted);
	for (uint32_t i = 0; i < table_count(d->table, s) && !d->bad; i++) {
		if (i)
			ms_buf_puts(d->out, ",");
		put_row(d, sorted, table_record(d->table, s, i));
	}
}

static void put_table(struct decoder *d, size_t len)
{
	char sha256[MS_SHA256_HEX];

	ms_sha256_hex(d->table, len, sha256);
	put_key(d, "path", true);
	put_text(d, MS_LAYOUT_TABLE);
	put_key(d, "sha256", false);
	put_text(d, sha256);
	put_key(d, "size", false);
	put_number(d, len);
	ms_buf_puts(d->out, "}");
}

/* The members of a layout that are no sections. */
enum member { MEMBER_BOOT = TABLE_SECTIONS, MEMBER_ROOT_TASK, MEMBER_TABLE, MEMBERS };

struct key {
	const char *name;
	unsigned member;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct key *)a)->name, ((const struct key *)b)->name);
}

static size_t sorted_members(struct key keys[MEMBERS])
{
	size_t count = 0;

	keys[count++] = (struct key){"boot", MEMBER_BOOT};
	keys[count++] = (struct key){"root_task", MEMBER_ROOT_TASK};
	keys[count++] = (struct key){"table", MEMBER_TABLE};
	keys[count++] = (struct key){"objects", TABLE_RETYPES};
	for (unsigned s = 0; s < TABLE_SECTIONS; s++) {
		if (ms_table_sections[s].key)
			keys[count++] = (struct key){ms_table_sections[s].key, s};
	}
	qsort(keys, count, sizeof(*keys), by_name);
	return count;
}

static void put_member(struct decoder *d, unsigned member, size_t len)
{
	const struct field *sorted[MS_FIELDS_MAX + 1];

	switch (member) {
	case MEMBER_BOOT:
		ms_fields_sorted(ms_table_header_fields, sorted);
		put_row(d, sorted, d->table);
		break;
	case MEMBER_ROOT_TASK: put_text(d, "system"); break;
	case MEMBER_TABLE: put_table(d, len); break;
	case TABLE_RETYPES:
		ms_buf_puts(d->out, "[");
		walk_objects(d, true);
		ms_buf_puts(d->out, "]");
		break;
	default:
		ms_buf_puts(d->out, "[");
		put_section(d, (enum table_section)member);
		ms_buf_puts(d->out, "]");
	}
}

/* Names go into a document, and onto terminals. */
static void check_names(struct decoder *d)
{
	const char *strings = table_name(d->table, 0);

	for (uint32_t i = 0; i < table_count(d->table, TABLE_STRINGS); i++)
		if (strings[i] != '\0' && (strings[i] < ' ' || strings[i] > '~'))
			spoilt(d, "a name with bytes that no name has");
}

bool ms_layout_text(const char *name, const void *table, size_t len, struct ms_buf *out)
{
	struct decoder d = {.name = name, .table = table, .header = table, .out = out};
	enum table_error error = table_check(table, len);
	struct key keys[MEMBERS];
	size_t count;

	if (error == TABLE_OK && d.header->work_bits > MS_WORK_BITS_MAX)
		error = TABLE_EHEADER;
	if (error) {
		spoilt(&d, table_error_text(error));
		return false;
	}
	check_names(&d);
	if (d.bad)
		return false;
	know_all(&d);
	count = sorted_members(keys);
	for (size_t i = 0; i < count && !d.bad; i++) {
		put_key(&d, keys[i].name, i == 0);
		put_member(&d, keys[i].member, len);
	}
	ms_buf_puts(out, "}");
	free(d.known);
	return !d.bad;
}

json_t *ms_layout_decode(const char *name, const void *table, size_t len)
{
	struct ms_buf text = {0};
	json_t *layout = NULL;

	if (ms_layout_text(name, table, len, &text))
		layout = ms_json_load(text.data, text.len, NULL);
	free(text.data);
	return layout;
}
