/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * encode.c - the table of a document "layout": the way back of document.c.
 *
 * It reads the canonical text, row by row, and takes nothing else: what document.c writes is
 * quickly told from what it does not.
 */
#include "base/diag.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/names.h"
#include "base/relay.h"
#include "layout/fields.h"
#include "layout/layout.h"
#include "layout/types.h"
#include "layout/writer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One value of a row, as a slice of the text. */
struct cell {
	enum { CELL_NONE, CELL_STRING, CELL_NUMBER, CELL_WORD, CELL_LIST } kind;
	const char *at; /* of a string behind its quote */
	size_t len;
};

struct row {
	const struct field *fields;
	struct cell cells[MS_FIELDS_MAX]; /* by the order of fields */
};

/* Members of the layout, by section; and those that are none. */
enum { MEMBER_BOOT = TABLE_SECTIONS, MEMBER_TABLE, MEMBERS };

struct encoder {
	const char *name;
	bool quiet; /* reports nothing */
	const char *members[MEMBERS];
	const char *p, *end; /* what is being read, and the end of the text */
	struct writer w;
	struct ms_names slots;   /* name -> slot; of "x[i]": x -> slot of x[0] */
	struct ms_names offsets; /* archive member -> offset */
	struct ms_buf scratch;
	bool bad;
};

/* Keys of rows that no record stands behind. */
static const struct field object_fields[] = {
    {.key = "count"}, {.key = "name"}, {.key = "paddr"},   {.key = "size_bits"},
    {.key = "slot"},  {.key = "type"}, {.key = "untyped"}, {.key = NULL},
};
static const struct field table_fields[] = {
    {.key = "path"}, {.key = "sha256"}, {.key = "size"}, {.key = NULL}};

static void wrong(struct encoder *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void wrong(struct encoder *e, const char *fmt, ...)
{
	struct ms_source source = {.name = e->name};
	struct ms_place place = {.source = &source};
	va_list ap;

	if (!e->bad && !e->quiet) {
		va_start(ap, fmt);
		ms_report(MS_ERROR, &place, "layout", "%s", ms_vformat(fmt, ap));
		va_end(ap);
	}
	e->bad = true;
}

/* -- reading the text ---------------------------------------------------------------------- */

static bool take(struct encoder *e, char c)
{
	if (e->p == e->end || *e->p != c)
		return false;
	e->p++;
	return true;
}

/* Behind a quote; passes the next one. What has escapes in it is taken for another name, whose
 * table has another digest. */
static bool take_text(struct encoder *e, struct cell *cell)
{
	const char *quote = memchr(e->p, '"', (size_t)(e->end - e->p));

	cell->kind = CELL_STRING;
	cell->at = e->p;
	if (!quote)
		return false;
	cell->len = (size_t)(quote - e->p);
	e->p = quote + 1;
	return true;
}

static bool take_list(struct encoder *e, struct cell *cell)
{
	struct cell text;

	cell->kind = CELL_LIST;
	cell->at = e->p;
	if (!take(e, ']')) {
		do {
			if (!take(e, '"') || !take_text(e, &text))
				return false;
		} while (take(e, ','));
		if (!take(e, ']'))
			return false;
	}
	cell->len = (size_t)(e->p - cell->at) - 1;
	return true;
}

static bool take_cell(struct encoder *e, struct cell *cell)
{
	if (take(e, '"'))
		return take_text(e, cell);
	if (take(e, '['))
		return take_list(e, cell);
	cell->at = e->p;
	while (e->p < e->end && ((*e->p >= 'a' && *e->p <= 'z') || (*e->p >= '0' && *e->p <= '9')))
		e->p++;
	cell->len = (size_t)(e->p - cell->at);
	cell->kind = cell->len && *cell->at <= '9' ? CELL_NUMBER : CELL_WORD;
	return cell->len > 0;
}

/* A row with keys of these fields, in order; false when there is none of that form. */
static bool take_row(struct encoder *e, const struct field *const *sorted, struct row *row)
{
	memset(row->cells, 0, sizeof(row->cells));
	if (!take(e, '{'))
		return false;
	if (take(e, '}'))
		return true;
	do {
		struct cell key, *cell;

		if (!take(e, '"') || !take_text(e, &key) || !take(e, ':'))
			return false;
		while (*sorted &&
		       (strncmp((*sorted)->key, key.at, key.len) != 0 || (*sorted)->key[key.len]))
			sorted++;
		if (!*sorted)
			return false;
		cell = &row->cells[*sorted++ - row->fields];
		if (!take_cell(e, cell))
			return false;
	} while (take(e, ','));
	return take(e, '}');
}

/* Passes one value; in a sound text its end is where brackets and quotes have it. */
static bool skip(struct encoder *e)
{
	struct cell text;
	unsigned depth = 0;

	for (; e->p < e->end; e->p++) {
		switch (*e->p) {
		case '"':
			e->p++;
			if (!take_text(e, &text))
				return false;
			e->p--;
			break;
		case '{':
		case '[': depth++; break;
		case '}':
		case ']':
			if (depth-- == 0)
				return true;
			break;
		case ',':
			if (depth == 0)
				return true;
			break;
		}
	}
	return false;
}

/* Where each member of the layout stands. */
static bool find_members(struct encoder *e)
{
	if (!take(e, '{'))
		return false;
	do {
		unsigned member = MEMBERS;
		struct cell key;

		if (!take(e, '"') || !take_text(e, &key) || !take(e, ':'))
			return false;
		for (unsigned s = 0; s < MEMBERS; s++) {
			const char *name = s == MEMBER_BOOT     ? "boot"
			                   : s == MEMBER_TABLE  ? "table"
			                   : s == TABLE_RETYPES ? "objects"
			                                        : ms_table_sections[s].key;

			if (name && strlen(name) == key.len && memcmp(name, key.at, key.len) == 0)
				member = s;
		}
		if (member < MEMBERS)
			e->members[member] = e->p;
		if (!skip(e))
			return false;
	} while (take(e, ','));
	return take(e, '}') && e->p == e->end;
}

/* Goes through the rows of a member: calls each with the row. */
typedef void each_row(struct encoder *e, const struct row *row, void *user);

static void for_rows(struct encoder *e, unsigned member, const char *key,
                     const struct field *fields, each_row *each, void *user)
{
	const struct field *sorted[MS_FIELDS_MAX + 1];
	struct row row = {.fields = fields};

	ms_fields_sorted(fields, sorted);
	e->p = e->members[member] ? e->members[member] : e->end;
	if (!take(e, '[')) {
		wrong(e, "$.layout.%s must be an array", key);
		return;
	}
	if (take(e, ']'))
		return;
	do {
		const char *at = e->p;

		if (!take_row(e, sorted, &row)) {
			wrong(e, "$.layout.%s: no row of ms-layout begins with %.60s", key, at);
			return;
		}
		/* The row may look at the text itself. */
		at = e->p;
		each(e, &row, user);
		e->p = at;
	} while (!e->bad && take(e, ','));
	if (!e->bad && !take(e, ']'))
		wrong(e, "$.layout.%s is no array of ms-layout's", key);
}

static bool one_row(struct encoder *e, unsigned member, const char *key, const struct field *fields,
                    struct row *row)
{
	const struct field *sorted[MS_FIELDS_MAX + 1];

	ms_fields_sorted(fields, sorted);
	row->fields = fields;
	e->p = e->members[member] ? e->members[member] : e->end;
	if (!take_row(e, sorted, row))
		wrong(e, "$.layout.%s is no object of ms-layout's", key);
	return !e->bad;
}

/* -- values -------------------------------------------------------------------------------- */

static const struct cell *cell_of(const struct row *row, const char *key)
{
	static const struct cell none;

	for (size_t i = 0; row->fields[i].key; i++) {
		if (strcmp(row->fields[i].key, key) == 0)
			return &row->cells[i];
	}
	return &none;
}

/* Good until the next call. */
static const char *text(struct encoder *e, const struct cell *cell, const char *key)
{
	if (cell->kind != CELL_STRING) {
		wrong(e, "$.layout: \"%s\" must be a string", key);
		return "";
	}
	e->scratch.len = 0;
	ms_buf_add(&e->scratch, cell->at, cell->len);
	return e->scratch.data;
}

static uint64_t number(struct encoder *e, const struct cell *cell, const char *key)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; cell->kind == CELL_NUMBER && i < cell->len && i < 16; i++) {
		if (cell->at[i] < '0' || cell->at[i] > '9')
			break;
		value = value * 10 + (uint64_t)(cell->at[i] - '0');
	}
	if (i == 0 || i < cell->len) {
		wrong(e, "$.layout: \"%s\" must be a number from 0 on", key);
		return 0;
	}
	return value;
}

static uint64_t hex_digits(struct encoder *e, const char *s, size_t len, const char *key)
{
	uint64_t value = 0;
	size_t i = 0;

	if (len > 2 && len <= 18 && s[0] == '0' && s[1] == 'x') {
		for (i = 2; i < len; i++) {
			char c = s[i];

			if (c >= '0' && c <= '9')
				value = value << 4 | (uint64_t)(c - '0');
			else if (c >= 'a' && c <= 'f')
				value = value << 4 | (uint64_t)(c - 'a' + 10);
			else
				break;
		}
	}
	if (i < len || len == 0)
		wrong(e, "$.layout: \"%s\" must be a \"0x…\" string", key);
	return value;
}

static uint64_t hex(struct encoder *e, const struct cell *cell, const char *key)
{
	if (cell->kind == CELL_STRING)
		return hex_digits(e, cell->at, cell->len, key);
	wrong(e, "$.layout: \"%s\" must be a string", key);
	return 0;
}

/* "MEMBER+0xOFFSET": an offset in the archive. */
static uint64_t offset_of(struct encoder *e, const char *s, size_t len, const char *key)
{
	const char *plus = memrchr(s, '+', len);
	const uint64_t *known;
	uint64_t base = 0;

	if (!plus) {
		wrong(e, "$.layout: \"%s\": nothing is called %.*s", key, (int)len, s);
		return 0;
	}
	if (plus - s == sizeof(MS_LAYOUT_TREE) - 1 &&
	    memcmp(s, MS_LAYOUT_TREE, sizeof(MS_LAYOUT_TREE) - 1) == 0) {
		base = TABLE_TREE;
	} else if (plus - s != 7 || memcmp(s, "archive", 7) != 0) {
		known = ms_names_find(&e->offsets, s, (size_t)(plus - s));
		if (!known) {
			wrong(e, "$.layout: \"%s\": the archive has no member for %.*s", key,
			      (int)len, s);
			return 0;
		}
		base = *known;
	}
	return base + hex_digits(e, plus + 1, len - (size_t)(plus + 1 - s), key);
}

static bool decimal(const char *s, size_t len, const char *prefix, uint64_t *value)
{
	size_t n = strlen(prefix);

	*value = 0;
	if (len <= n || len > n + 18 || memcmp(s, prefix, n) != 0)
		return false;
	for (size_t i = n; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*value = *value * 10 + (uint64_t)(s[i] - '0');
	}
	return true;
}

static uint64_t slot_of(struct encoder *e, const struct cell *cell, const char *key)
{
	const char *s = cell->at, *bracket;
	size_t len = cell->len;
	const uint64_t *known;
	uint64_t value, index;

	if (cell->kind != CELL_STRING) {
		wrong(e, "$.layout: \"%s\" must be a string", key);
		return 0;
	}
	if ((known = ms_names_find(&e->slots, s, len)))
		return *known;
	bracket = memrchr(s, '[', len);
	if (bracket && s[len - 1] == ']' &&
	    decimal(bracket, len - (size_t)(bracket - s) - 1, "[", &index) &&
	    (known = ms_names_find(&e->slots, s, (size_t)(bracket - s))))
		return *known + index;
	if (decimal(s, len, "work/", &value))
		return TABLE_WORK | value;
	if (decimal(s, len, "untyped/", &value) || decimal(s, len, "root/", &value))
		return value;
	return e->w.header.image_frames + offset_of(e, s, len, key) / 4096;
}

/* -- objects ------------------------------------------------------------------------------- */

struct retypes {
	struct table_retype last;
	struct ms_buf names;
};

static void flush(struct writer *w, struct retypes *all)
{
	struct table_retype *r;

	if (all->last.count == 0)
		return;
	r = ms_writer_add(w, TABLE_RETYPES);
	*r = all->last;
	r->name = ms_pool_append(&w->names, all->names.data, all->names.len);
	all->last.count = 0;
	all->names.len = 0;
}

static void add_object(struct encoder *e, const struct row *row, void *user)
{
	struct retypes *all = user;
	struct table_retype *last = &all->last;
	const struct cell *own = cell_of(row, "name");
	uint64_t count = number(e, cell_of(row, "count"), "count"), first;
	uint64_t bits = number(e, cell_of(row, "size_bits"), "size_bits");
	uint64_t paddr = hex(e, cell_of(row, "paddr"), "paddr");
	uint64_t dest = TABLE_WORK | number(e, cell_of(row, "slot"), "slot");
	uint64_t untyped = slot_of(e, cell_of(row, "untyped"), "untyped");
	const char *type = text(e, cell_of(row, "type"), "type"), *name;
	uint32_t arg = (uint32_t)bits - (strcmp(type, "CNode") == 0 ? 5 : 0), number_of_type;
	size_t base;

	if (!ms_type_number(e->w.header.flags, type, &number_of_type)) {
		wrong(e, "$.layout.objects: this kernel has no objects of type %s", type);
		return;
	}
	name = text(e, own, "name");
	if (bits > 47 || ms_name_count(name, &base, &first) != count || count > TABLE_RETYPE_MAX) {
		wrong(e, "$.layout.objects: %s: size or count out of range", name);
		return;
	}
	/* Of a range the slot of element 0, whether it is there or not. */
	*ms_names_at_part(&e->slots, own->at, base) = name[base] == '[' ? dest - first : dest;
	if (last->count == 0 || last->untyped != untyped || last->type != number_of_type ||
	    last->size_bits != arg || last->dest + last->count != dest ||
	    last->paddr + ((uint64_t)last->count << bits) != paddr ||
	    last->count + count > TABLE_RETYPE_MAX) {
		flush(&e->w, all);
		last->untyped = untyped;
		last->dest = dest;
		last->paddr = paddr;
		last->type = number_of_type;
		last->size_bits = arg;
	}
	last->count += (uint32_t)count;
	ms_buf_add(&all->names, name, strlen(name) + 1);
}

static void encode_objects(struct encoder *e)
{
	struct retypes all = {0};

	for_rows(e, TABLE_RETYPES, "objects", object_fields, add_object, &all);
	flush(&e->w, &all);
	free(all.names.data);
}

/* -- rows ---------------------------------------------------------------------------------- */

static bool is_word(const struct cell *cell, const char *word)
{
	return strlen(word) == cell->len && memcmp(word, cell->at, cell->len) == 0;
}

static uint64_t flags_of(struct encoder *e, const struct field *f, const struct cell *list)
{
	uint64_t value = 0;

	e->p = list->at;
	while (list->kind == CELL_LIST && !e->bad && take(e, '"')) {
		struct cell word = {CELL_NONE, NULL, 0};
		unsigned bit = 0;

		take_text(e, &word);
		while (f->words[bit] && !is_word(&word, f->words[bit]))
			bit++;
		if (f->words[bit])
			value |= 1ull << bit;
		else
			wrong(e, "$.layout: \"%s\" does not take %.*s", f->key, (int)word.len,
			      word.at);
		take(e, ',');
	}
	return value;
}

static uint64_t word_of(struct encoder *e, const struct field *f, const struct cell *cell)
{
	for (unsigned i = 0; f->words[i] && cell->kind == CELL_STRING; i++)
		if (is_word(cell, f->words[i]))
			return i;
	wrong(e, "$.layout: \"%s\" does not take %s", f->key, text(e, cell, f->key));
	return 0;
}

static uint64_t encode_field(struct encoder *e, const struct field *f, const struct cell *cell)
{
	switch (f->kind) {
	case FIELD_HEX: return hex(e, cell, f->key);
	case FIELD_BOOLEAN: return cell->kind == CELL_WORD && is_word(cell, "true");
	case FIELD_NAME: return ms_pool_add(&e->w.names, text(e, cell, f->key));
	case FIELD_SLOT: return slot_of(e, cell, f->key);
	case FIELD_FAULT:
		if (cell->kind == CELL_STRING)
			return slot_of(e, cell, f->key);
		break;
	case FIELD_WORK: return TABLE_WORK | number(e, cell, f->key);
	case FIELD_SOURCE:
		if (cell->kind == CELL_STRING)
			return offset_of(e, cell->at, cell->len, f->key);
		wrong(e, "$.layout: \"%s\" must be a string", f->key);
		return 0;
	case FIELD_FLAGS: return flags_of(e, f, cell);
	case FIELD_WORD: return word_of(e, f, cell);
	case FIELD_INTEGER: break;
	}
	return number(e, cell, f->key);
}

static void encode_row(struct encoder *e, const struct row *row, void *user)
{
	void *record = ms_writer_add(&e->w, *(enum table_section *)user);

	for (size_t i = 0; row->fields[i].key && !e->bad; i++) {
		const struct field *f = &row->fields[i];

		if (!f->optional || row->cells[i].kind != CELL_NONE)
			ms_field_set(record, f, encode_field(e, f, &row->cells[i]));
	}
}

/* -- names before they are used ------------------------------------------------------------ */

/* Where an archive's member lies. */
static void know_member(struct encoder *e, const struct row *row, void *user)
{
	const struct cell *name = cell_of(row, "name"), *kind = cell_of(row, "kind");

	(void)user;
	if (kind->kind != CELL_STRING || name->kind != CELL_STRING)
		wrong(e, "$.layout: \"%s\" must be a string",
		      name->kind == CELL_STRING ? "kind" : "name");
	else if (is_word(kind, "member"))
		*ms_names_at_part(&e->offsets, name->at, name->len) =
		    hex(e, cell_of(row, "start"), "start");
}

static void know_slot(struct encoder *e, const struct row *row, void *user)
{
	const struct cell *name = cell_of(row, "name");

	(void)user;
	if (cell_of(row, "cnode")->kind != CELL_NONE)
		return;
	if (name->kind != CELL_STRING)
		wrong(e, "$.layout: \"name\" must be a string");
	else
		*ms_names_at_part(&e->slots, name->at, name->len) =
		    TABLE_WORK | number(e, cell_of(row, "slot"), "slot");
}

static void know_slots(struct encoder *e)
{
	for (size_t k = 0; k < ms_root_slot_count; k++)
		*ms_names_at(&e->slots, ms_root_slots[k].name) = ms_root_slots[k].slot;
	for_rows(e, TABLE_IRQS, "irqs", ms_table_sections[TABLE_IRQS].fields, know_slot, NULL);
	for_rows(e, TABLE_CAPS, "caps", ms_table_sections[TABLE_CAPS].fields, know_slot, NULL);
}

/* Numbers of the header that names depend on come first, objects' names before the rest of it. */
static void encode_boot(struct encoder *e, bool early)
{
	struct row boot;

	if (e->bad || !one_row(e, MEMBER_BOOT, "boot", ms_table_header_fields, &boot))
		return;
	for (size_t i = 0; boot.fields[i].key && !e->bad; i++) {
		const struct field *f = &boot.fields[i];

		if ((f->kind == FIELD_SLOT) != early &&
		    (!f->optional || boot.cells[i].kind != CELL_NONE))
			ms_field_set(&e->w.header, f, encode_field(e, f, &boot.cells[i]));
	}
}

/* What was made is what the document says was made of it: no two documents give one table, but
 * for what the table does not hold, which ms_layout_is looks at. */
static bool is_that_table(struct encoder *e, const struct row *said, const uint8_t *table,
                          size_t len)
{
	char sha256[MS_SHA256_HEX];

	ms_sha256_hex(table, len, sha256);
	if (strcmp(text(e, cell_of(said, "sha256"), "sha256"), sha256) == 0 &&
	    number(e, cell_of(said, "size"), "size") == len)
		return true;
	wrong(e, "$.layout.table is not the table of this layout, which has sha256 %s", sha256);
	return false;
}

static uint8_t *encode(struct encoder *e, size_t *len)
{
	struct row said;
	uint64_t size = 0;
	uint8_t *table;

	if (!find_members(e))
		wrong(e, "$.layout is no layout of ms-layout's");
	if (!e->bad && one_row(e, MEMBER_TABLE, "table", table_fields, &said))
		size = number(e, cell_of(&said, "size"), "size");
	if (!e->bad && size > MS_LAYOUT_TABLE_MAX)
		wrong(e, "$.layout.table.size must be a number from 0 to %u", MS_LAYOUT_TABLE_MAX);
	if (!e->bad)
		for_rows(e, TABLE_RANGES, "ranges", ms_table_sections[TABLE_RANGES].fields,
		         know_member, NULL);
	encode_boot(e, true);
	for (enum table_section s = 0; s < TABLE_SECTIONS && !e->bad; s++) {
		if (s == TABLE_RETYPES) {
			encode_objects(e);
			if (!e->bad)
				know_slots(e);
		} else if (ms_table_sections[s].key) {
			for_rows(e, s, ms_table_sections[s].key, ms_table_sections[s].fields,
			         encode_row, &s);
		}
	}
	encode_boot(e, false);
	if (e->bad)
		return NULL;
	table = ms_writer_finish(&e->w, (size_t)size, len);
	return is_that_table(e, &said, table, *len) ? table : NULL;
}

static uint8_t *encode_text(const char *name, const char *text_of, size_t text_len, bool quiet,
                            size_t *len)
{
	struct encoder e = {.name = name, .quiet = quiet, .p = text_of, .end = text_of + text_len};
	uint8_t *table = encode(&e, len);

	ms_names_free(&e.slots);
	ms_names_free(&e.offsets);
	free(e.scratch.data);
	return table;
}

uint8_t *ms_layout_encode(const char *name, const json_t *layout, size_t *len)
{
	struct ms_buf canonical = {0};
	size_t raw_len;
	const char *raw = ms_json_raw_text(layout, &raw_len);
	uint8_t *table;

	if (raw)
		return encode_text(name, raw, raw_len, false, len);
	ms_json_write(&canonical, layout);
	table = encode_text(name, canonical.data, canonical.len, false, len);
	free(canonical.data);
	return table;
}

/* True when the text is what document.c writes for the table. */
static bool is_text_of(const char *text_of, size_t text_len, const void *table, size_t len)
{
	struct ms_buf own = {0};
	bool same;

	ms_buf_room(&own, text_len);
	same = ms_layout_text(TABLE_MEMBER, table, len, &own) && own.len == text_len &&
	       memcmp(own.data, text_of, text_len) == 0;

	free(own.data);
	return same;
}

uint8_t *ms_layout_packed(const char *name, json_t *document, size_t *len)
{
	const json_t *layout = json_object_get(document, "layout");
	size_t text_len;
	const char *raw = ms_json_raw_text(layout, &text_len);
	uint8_t *table = ms_relay_known(MS_LAYOUT_FACT, layout);

	/* Its text was made of it, by this very process. */
	if (table) {
		*len = ((const struct table_header *)(const void *)table)->size;
		return table;
	}
	if (raw) {
		table = encode_text(name, raw, text_len, true, len);
		if (table && is_text_of(raw, text_len, table, *len))
			return table;
		layout = ms_doc_expand(name, document, "layout");
	}
	return layout ? ms_layout_encode(name, layout, len) : NULL;
}

bool ms_layout_is(const char *name, json_t *document, const void *table, size_t len)
{
	struct encoder e = {.name = name};
	const json_t *layout = json_object_get(document, "layout");
	size_t text_len;
	const char *raw = ms_json_raw_text(layout, &text_len);
	json_t *own;

	const uint8_t *made = ms_relay_known(MS_LAYOUT_FACT, layout);

	if (made && ((const struct table_header *)(const void *)made)->size == len &&
	    memcmp(made, table, len) == 0)
		return true;
	if (raw && is_text_of(raw, text_len, table, len))
		return true;
	layout = ms_doc_expand(name, document, "layout");
	own = layout ? ms_layout_decode(TABLE_MEMBER, table, len) : NULL;
	if (own && !json_equal(own, layout))
		wrong(&e, "$.layout is not what ms-layout writes for the table in the archive");
	json_decref(own);
	return own && !e.bad;
}
