/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encode.c - the table of a document "layout": the way back of document.c.
 */
#include "base/diag.h"
#include "base/digest.h"
#include "layout/fields.h"
#include "layout/layout.h"
#include "layout/types.h"
#include "layout/writer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_SIZE_MAX (64 << 20)

struct encoder {
	const char *name;
	const json_t *layout;
	struct writer w;
	json_t *slots;   /* name -> slot; of "x[i]": x -> slot of x[0] */
	json_t *members; /* archive member -> offset */
	bool bad;
};

static void wrong(struct encoder *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void wrong(struct encoder *e, const char *fmt, ...)
{
	struct ms_source source = {.name = e->name};
	struct ms_place place = {.source = &source};
	va_list ap;

	if (e->bad)
		return;
	va_start(ap, fmt);
	ms_report(MS_ERROR, &place, "layout", "%s", ms_vformat(fmt, ap));
	va_end(ap);
	e->bad = true;
}

static const char *text(struct encoder *e, const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	if (!s || strlen(s) != json_string_length(json_object_get(row, key))) {
		wrong(e, "$.layout: \"%s\" must be a string", key);
		return "";
	}
	return s;
}

static uint64_t number(struct encoder *e, const json_t *row, const char *key)
{
	const json_t *value = json_object_get(row, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		wrong(e, "$.layout: \"%s\" must be a number from 0 on", key);
		return 0;
	}
	return (uint64_t)json_integer_value(value);
}

static uint64_t hex_text(struct encoder *e, const char *s, const char *key)
{
	uint64_t value = 0;
	unsigned digits = 0;

	if (s[0] == '0' && s[1] == 'x')
		for (s += 2; *s && digits < 16; s++, digits++) {
			const char *at = strchr("0123456789abcdef", *s);

			if (!at)
				break;
			value = value << 4 | (uint64_t)(at - "0123456789abcdef");
		}
	if (*s || digits == 0)
		wrong(e, "$.layout: \"%s\" must be a \"0x…\" string", key);
	return value;
}

/* "MEMBER+0xOFFSET": an offset in the archive. */
static uint64_t offset_of(struct encoder *e, const char *s, const char *key)
{
	const char *plus = strrchr(s, '+');
	const json_t *member;

	if (!plus) {
		wrong(e, "$.layout: \"%s\": nothing is called %s", key, s);
		return 0;
	}
	if (plus - s == 7 && memcmp(s, "archive", 7) == 0)
		return hex_text(e, plus + 1, key);
	member = json_object_getn(e->members, s, (size_t)(plus - s));
	if (!member) {
		wrong(e, "$.layout: \"%s\": the archive has no member for %s", key, s);
		return 0;
	}
	return (uint64_t)json_integer_value(member) + hex_text(e, plus + 1, key);
}

static bool decimal(const char *s, uint64_t *value)
{
	*value = 0;
	if (!*s)
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		*value = *value * 10 + (uint64_t)(*s - '0');
	return *s == '\0';
}

static uint64_t slot_of(struct encoder *e, const char *s, const char *key)
{
	const json_t *known = json_object_get(e->slots, s);
	uint64_t value, index;
	size_t base;

	if (known)
		return (uint64_t)json_integer_value(known);
	ms_name_count(s, &base, &index);
	if (s[base] == '[') {
		known = json_object_getn(e->slots, s, base);
		if (known)
			return (uint64_t)json_integer_value(known) + index;
	}
	if (strncmp(s, "work/", 5) == 0 && decimal(s + 5, &value))
		return TABLE_WORK | value;
	if (strncmp(s, "untyped/", 8) == 0 && decimal(s + 8, &value))
		return value;
	if (strncmp(s, "root/", 5) == 0 && decimal(s + 5, &value))
		return value;
	return e->w.header.image_frames + offset_of(e, s, key) / 4096;
}

static void know(struct encoder *e, const char *name, size_t base, uint64_t slot)
{
	json_object_setn_new(e->slots, name, base, json_integer((json_int_t)slot));
}

/* -- objects ------------------------------------------------------------------------------- */

static void flush(struct writer *w, struct table_retype *last, struct ms_buf *names)
{
	struct table_retype *r;

	if (last->count == 0)
		return;
	r = ms_writer_add(w, TABLE_RETYPES);
	*r = *last;
	r->name = ms_pool_append(&w->names, names->data, names->len);
	last->count = 0;
	names->len = 0;
}

static void add_object(struct encoder *e, const json_t *row, struct table_retype *last,
                       struct ms_buf *names)
{
	const char *name = text(e, row, "name"), *type = text(e, row, "type");
	uint64_t count = number(e, row, "count"), bits = number(e, row, "size_bits"), first;
	uint64_t paddr = hex_text(e, text(e, row, "paddr"), "paddr");
	uint64_t dest = TABLE_WORK | number(e, row, "slot");
	uint64_t untyped = slot_of(e, text(e, row, "untyped"), "untyped");
	uint32_t arg = (uint32_t)bits - (strcmp(type, "CNode") == 0 ? 5 : 0), number_of_type;
	size_t base;

	if (!ms_type_number(e->w.header.flags, type, &number_of_type)) {
		wrong(e, "$.layout.objects: this kernel has no objects of type %s", type);
		return;
	}
	if (bits > 47 || ms_name_count(name, &base, &first) != count || count > TABLE_RETYPE_MAX) {
		wrong(e, "$.layout.objects: %s: size or count out of range", name);
		return;
	}
	/* Of a range the slot of element 0, whether it is there or not. */
	know(e, name, base, name[base] == '[' ? dest - first : dest);
	if (last->count == 0 || last->untyped != untyped || last->type != number_of_type ||
	    last->size_bits != arg || last->dest + last->count != dest ||
	    last->paddr + ((uint64_t)last->count << bits) != paddr ||
	    last->count + count > TABLE_RETYPE_MAX) {
		flush(&e->w, last, names);
		last->untyped = untyped;
		last->dest = dest;
		last->paddr = paddr;
		last->type = number_of_type;
		last->size_bits = arg;
	}
	last->count += (uint32_t)count;
	ms_buf_add(names, name, strlen(name) + 1);
}

static void encode_objects(struct encoder *e)
{
	const json_t *rows = json_object_get(e->layout, "objects"), *row;
	struct table_retype last = {0};
	struct ms_buf names = {0};
	size_t i;

	if (!json_is_array(rows))
		wrong(e, "$.layout.objects must be an array");
	json_array_foreach(rows, i, row)
	{
		if (!e->bad)
			add_object(e, row, &last, &names);
	}
	flush(&e->w, &last, &names);
}

/* -- rows ---------------------------------------------------------------------------------- */

static uint64_t flags_of(struct encoder *e, const struct field *f, const json_t *list)
{
	const json_t *word;
	uint64_t value = 0;
	size_t i;

	json_array_foreach(list, i, word)
	{
		const char *s = json_string_value(word);
		unsigned bit = 0;

		while (f->words[bit] && (!s || strcmp(f->words[bit], s) != 0))
			bit++;
		if (f->words[bit])
			value |= 1ull << bit;
		else
			wrong(e, "$.layout: \"%s\" does not take %s", f->key, s ? s : "that");
	}
	return value;
}

static uint64_t word_of(struct encoder *e, const struct field *f, const char *s)
{
	for (unsigned i = 0; f->words[i]; i++)
		if (strcmp(f->words[i], s) == 0)
			return i;
	wrong(e, "$.layout: \"%s\" does not take %s", f->key, s);
	return 0;
}

static uint64_t encode_field(struct encoder *e, const struct field *f, const json_t *row)
{
	const json_t *value = json_object_get(row, f->key);

	switch (f->kind) {
	case FIELD_HEX: return hex_text(e, text(e, row, f->key), f->key);
	case FIELD_BOOLEAN: return json_is_true(value);
	case FIELD_NAME: return ms_pool_add(&e->w.names, text(e, row, f->key));
	case FIELD_SLOT: return slot_of(e, text(e, row, f->key), f->key);
	case FIELD_FAULT:
		if (json_is_string(value))
			return slot_of(e, text(e, row, f->key), f->key);
		break;
	case FIELD_WORK: return TABLE_WORK | number(e, row, f->key);
	case FIELD_SOURCE: return offset_of(e, text(e, row, f->key), f->key);
	case FIELD_FLAGS: return flags_of(e, f, value);
	case FIELD_WORD: return word_of(e, f, text(e, row, f->key));
	case FIELD_INTEGER: break;
	}
	return number(e, row, f->key);
}

static void encode_row(struct encoder *e, const struct field *f, const json_t *row, void *record)
{
	for (; f->key && !e->bad; f++)
		if (!f->optional || json_object_get(row, f->key))
			ms_field_set(record, f, encode_field(e, f, row));
}

static void encode_section(struct encoder *e, enum table_section s)
{
	const struct section *section = &ms_table_sections[s];
	const json_t *rows = json_object_get(e->layout, section->key), *row;
	size_t i;

	if (!json_is_array(rows))
		wrong(e, "$.layout.%s must be an array", section->key);
	json_array_foreach(rows, i, row)
	{
		if (!e->bad)
			encode_row(e, section->fields, row, ms_writer_add(&e->w, s));
	}
}

/* -- names before they are used ------------------------------------------------------------ */

/* Where the archive's members lie. */
static void know_members(struct encoder *e)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(e->layout, "ranges"), i, row)
	{
		if (strcmp(text(e, row, "kind"), "member") == 0)
			json_object_set_new(
			    e->members, text(e, row, "name"),
			    json_integer((json_int_t)hex_text(e, text(e, row, "start"), "start")));
	}
}

static void know_slots(struct encoder *e)
{
	const json_t *row;
	const char *name;
	size_t i;

	for (size_t k = 0; k < ms_root_slot_count; k++)
		know(e, ms_root_slots[k].name, strlen(ms_root_slots[k].name),
		     ms_root_slots[k].slot);
	json_array_foreach(json_object_get(e->layout, "irqs"), i, row)
	{
		name = text(e, row, "name");
		know(e, name, strlen(name), TABLE_WORK | number(e, row, "slot"));
	}
	json_array_foreach(json_object_get(e->layout, "caps"), i, row)
	{
		if (json_object_get(row, "cnode"))
			continue;
		name = text(e, row, "name");
		know(e, name, strlen(name), TABLE_WORK | number(e, row, "slot"));
	}
}

/* Numbers of the header that names depend on come first, objects' names before the rest of it. */
static void encode_boot(struct encoder *e, bool early)
{
	const json_t *boot = json_object_get(e->layout, "boot");
	const struct field *f;

	for (f = ms_table_header_fields; f->key && !e->bad; f++)
		if ((f->kind == FIELD_SLOT) != early &&
		    (!f->optional || json_object_get(boot, f->key)))
			ms_field_set(&e->w.header, f, encode_field(e, f, boot));
}

/* What was made is what the document says was made of it: no two documents give one table, but
 * for what the table does not hold, which ms_layout_is looks at. */
static bool is_that_table(struct encoder *e, const uint8_t *table, size_t len)
{
	const json_t *said = json_object_get(e->layout, "table");
	char sha256[MS_SHA256_HEX];

	ms_sha256_hex(table, len, sha256);
	if (strcmp(text(e, said, "sha256"), sha256) == 0 && number(e, said, "size") == len)
		return true;
	wrong(e, "$.layout.table is not the table of this layout, which has sha256 %s", sha256);
	return false;
}

uint8_t *ms_layout_encode(const char *name, const json_t *layout, size_t *len)
{
	struct encoder e = {.name = name, .layout = layout};
	const json_t *size = json_object_get(json_object_get(layout, "table"), "size");
	uint8_t *table;

	e.slots = json_object();
	e.members = json_object();
	if (!json_is_integer(size) || json_integer_value(size) < 0 ||
	    json_integer_value(size) > TABLE_SIZE_MAX)
		wrong(&e, "$.layout.table.size must be a number from 0 to %d", TABLE_SIZE_MAX);
	know_members(&e);
	encode_boot(&e, true);
	for (unsigned s = 0; s < TABLE_SECTIONS && !e.bad; s++) {
		if (s == TABLE_RETYPES) {
			encode_objects(&e);
			know_slots(&e);
		} else if (ms_table_sections[s].key) {
			encode_section(&e, (enum table_section)s);
		}
	}
	encode_boot(&e, false);
	json_decref(e.slots);
	json_decref(e.members);
	if (e.bad)
		return NULL;
	table = ms_writer_finish(&e.w, (size_t)json_integer_value(size), len);
	return is_that_table(&e, table, *len) ? table : NULL;
}

bool ms_layout_is(const char *name, const json_t *layout, const void *table, size_t len)
{
	struct encoder e = {.name = name, .layout = layout};
	json_t *own = ms_layout_decode(TABLE_MEMBER, table, len);

	if (own && !json_equal(own, layout))
		wrong(&e, "$.layout is not what ms-layout writes for the table in the archive");
	json_decref(own);
	return own && !e.bad;
}
