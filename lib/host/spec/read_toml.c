/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * read_toml.c - from the TOML reader's events to the model. The rows of table.h say what each
 * key takes; what cannot be read is reported and left at its default, and the rule that guards
 * the field is marked as broken for that item.
 */
#include "base/mem.h"
#include "spec/document.h"
#include "spec/table.h"
#include "toml/toml.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static_assert(MS_SPEC_TEXT_MAX == TOML_MAX_INPUT, "document.h promises what the reader takes");

/* One open table or array. */
struct frame {
	enum { FRAME_ITEM, FRAME_LIST, FRAME_WORDS, FRAME_STRINGS, FRAME_SKIP } kind;
	struct ms_node *node;          /* ITEM: the item; the others: the item that holds it */
	const struct ms_spec_row *row; /* LIST, WORDS, STRINGS: the field */
};

struct reader {
	struct ms_checking *c;
	struct frame frames[TOML_MAX_DEPTH + 2];
};

static struct ms_mark mark_of(const struct toml_pos *pos)
{
	return (struct ms_mark){
	    .line = pos->line,
	    .col = pos->col,
	    .len = pos->len > 0xffff ? 0xffff : (unsigned)pos->len,
	};
}

/* A key for a message: it may hold any byte but is shown as one line. */
static const char *shown_key(const struct toml_event *e)
{
	char *key = ms_strndup(e->key, e->key_len);

	for (size_t i = 0; i < e->key_len; i++) {
		if (key[i] == '\0')
			key[i] = '?';
	}
	return ms_clip(key);
}

static const char *type_name(enum toml_type type)
{
	switch (type) {
	case TOML_TABLE: return "a table";
	case TOML_ARRAY: return "an array";
	case TOML_STRING: return "a string";
	case TOML_INTEGER: return "an integer";
	case TOML_BOOLEAN: return "a boolean";
	}
	return "something else";
}

static const char *wanted_name(const struct ms_spec_row *row)
{
	switch (row->doc.kind) {
	case MS_KIND_INTEGER:
		return row->either ? "an integer or a table { dt = \"...\" }" : "an integer";
	case MS_KIND_BOOLEAN: return "true or false";
	case MS_KIND_HEX:
		if (row->either)
			return "an integer, a string \"0x...\" or a table { dt = \"...\" }";
		return row->flags & MS_ROW_AUTO ? "an integer, a string \"0x...\" or \"auto\""
		                                : "an integer or a string \"0x...\"";
	case MS_KIND_OBJECT: return "a table";
	case MS_KIND_ARRAY:
		return ms_row_is_list(row) ? "an array of tables" : "an array of strings";
	default: return "a string";
	}
}

/* The header of a table below that one, or NULL. */
static const char *find_header(const struct ms_spec_table *table, const char *prefix,
                               const struct ms_spec_table *wanted)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct ms_spec_row *row = &table->rows[i];
		const char *header, *path;

		if (!row->table && !row->either)
			continue;
		path = ms_format("%s%s", prefix, row->doc.name);
		if (row->either && row->either == wanted)
			return ms_format("in %s", path);
		if (row->either)
			continue;
		if (row->table == wanted)
			return ms_format(row->doc.kind == MS_KIND_ARRAY ? "in [[%s]]" : "in [%s]",
			                 path);
		header = find_header(row->table, ms_format("%s.", path), wanted);
		if (header)
			return header;
	}
	return NULL;
}

/* Where a table's keys stand, as its header is written. */
static const char *place_name(const struct ms_node *node)
{
	if (node->table == &ms_spec_table)
		return "at the top level";
	return find_header(&ms_spec_table, "", node->table);
}

/* -- faults ------------------------------------------------------------------------------ */

/* Names may stand in a collection that is not read. */
static void leave_out(struct ms_checking *c, const struct ms_spec_row *row)
{
	if (row->table == &ms_pd_table)
		c->pds.partial = true;
	else if (row->table == &ms_region_table)
		c->regions.partial = true;
	else if (row->table == &ms_domain_table)
		c->domains.partial = true;
}

/* True for a string of which the quotes alone are too much. */
static bool is_quoted(const struct ms_spec_row *row, const struct toml_event *e)
{
	const char *text = e->string;

	if (e->type != TOML_STRING || strlen(text) != e->string_len)
		return false;
	if (row->doc.kind == MS_KIND_BOOLEAN)
		return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
	if (row->doc.kind != MS_KIND_INTEGER || !*text)
		return false;
	if (ms_starts_with(text, "0x") && text[2])
		return !text[2 + strspn(text + 2, "0123456789abcdefABCDEF")];
	return !text[strspn(text, "0123456789")] && (text[0] != '0' || !text[1]);
}

static void wrong_type(struct reader *r, struct ms_node *node, const struct ms_spec_row *row,
                       const struct toml_event *e)
{
	struct ms_mark mark = mark_of(&e->value_pos);

	if (!e->key)
		ms_fault(r->c, MS_RULE_WRONG_TYPE, node, &mark, "%s holds %s; it takes %s only",
		         row->doc.name, type_name(e->type),
		         ms_row_is_list(row) ? "tables" : "strings");
	else
		ms_fault(
		    r->c, MS_RULE_WRONG_TYPE, node, &mark, "%s takes %s, not %s%s", row->doc.name,
		    wanted_name(row), type_name(e->type),
		    ms_row_is_list(row) && e->type == TOML_TABLE
		        ? ms_format("; write %s for each",
		                    find_header(&ms_spec_table, "", row->table) + strlen("in "))
		    : is_quoted(row, e) ? "; write it without quotes"
		                        : "");
	ms_break_rule(node, row->rule);
	leave_out(r->c, row);
}

/* The row that a key was to be: the nearest, or the only one that begins so. */
static const struct ms_spec_row *meant_row(const struct ms_spec_table *table, const char *key)
{
	const char **known = ms_alloc(table->count, sizeof(*known));
	const struct ms_spec_row *meant = NULL;
	const char *near;
	size_t longer = 0;

	for (size_t i = 0; i < table->count; i++)
		known[i] = table->rows[i].doc.name;
	near = ms_nearest(key, known, table->count);
	for (size_t i = 0; i < table->count; i++) {
		if (near ? known[i] == near : strlen(key) > 2 && ms_starts_with(known[i], key)) {
			meant = &table->rows[i];
			longer++;
		}
	}
	free(known);
	return longer == 1 ? meant : NULL;
}

static void unknown_key(struct reader *r, struct ms_node *node, const struct toml_event *e)
{
	const struct ms_spec_table *table = node->table;
	struct ms_mark mark = mark_of(&e->key_pos);
	const struct ms_spec_row *meant = meant_row(table, shown_key(e));
	struct ms_buf hint = {0};

	if (meant) {
		struct ms_mark *written = &node->marks[meant - table->rows];

		ms_buf_printf(&hint, "did you mean '%s'?", meant->doc.name);
		/* Then nothing follows from its not being there. */
		if (!written->line) {
			*written = mark;
			written->unread = 1;
		}
		leave_out(r->c, meant);
	} else {
		ms_buf_puts(&hint, "known are");
		for (size_t i = 0; i < table->count; i++)
			ms_buf_printf(&hint, "%s %s", i ? "," : "", table->rows[i].doc.name);
	}
	ms_fault(r->c, MS_RULE_UNKNOWN_KEY, node, &mark, "unknown %s '%s' %s; %s",
	         e->type == TOML_TABLE ? "table" : "key", shown_key(e), place_name(node),
	         hint.data);
	free(hint.data);
}

static void unknown_word(struct reader *r, struct ms_node *node, const struct ms_spec_row *row,
                         const char *const *words, const struct toml_event *e)
{
	struct ms_mark mark = mark_of(&e->value_pos);
	struct ms_buf list = {0};
	const char *near;
	size_t count = 0;

	while (words[count])
		count++;
	for (size_t i = 0; i < count; i++)
		ms_buf_printf(&list, "%s'%s'",
		              i == 0           ? ""
		              : i + 1 == count ? " or "
		                               : ", ",
		              words[i]);
	near = count > 1 ? ms_nearest(e->string, words, count) : NULL;
	ms_fault(r->c, row->rule, node, &mark, "%s cannot be '%s'; it must be %s%s", row->doc.name,
	         ms_clip(e->string), list.data,
	         near ? ms_format("; did you mean '%s'?", near) : "");
	free(list.data);
}

/* At the end of an item: what it lacks, and what stands there under a wrong key. */
static void check_required(struct reader *r, struct ms_node *node)
{
	const struct ms_spec_table *table = node->table;

	for (size_t i = 0; i < table->count; i++) {
		const struct ms_spec_row *row = &table->rows[i];

		if (node->marks[i].unread)
			ms_break_rule(node, row->rule);
		if (!(row->flags & MS_ROW_REQUIRED) || node->marks[i].line)
			continue;
		ms_fault(r->c, MS_RULE_MISSING_KEY, node, NULL, "%s has no '%s'", ms_label(node),
		         row->doc.name);
		ms_break_rule(node, row->rule);
	}
}

/* -- values ------------------------------------------------------------------------------ */

/* The position of the word in the list, or MS_ABSENT. */
static int find_word(const char *const *words, const struct toml_event *e)
{
	for (int i = 0; words[i]; i++) {
		if (strlen(words[i]) == e->string_len &&
		    memcmp(words[i], e->string, e->string_len) == 0)
			return i;
	}
	return MS_ABSENT;
}

static bool take_string(struct reader *r, struct ms_node *node, const struct ms_spec_row *row,
                        const struct toml_event *e)
{
	struct ms_mark mark = mark_of(&e->value_pos);

	if (memchr(e->string, '\0', e->string_len)) {
		ms_fault(r->c, row->rule, node, &mark, "%s holds a NUL character", row->doc.name);
		return false;
	}
	ms_set_string(node, row, ms_strndup(e->string, e->string_len));
	return true;
}

static bool take_address(struct reader *r, struct ms_node *node, const struct ms_spec_row *row,
                         const struct toml_event *e)
{
	struct ms_mark mark = mark_of(&e->value_pos);
	const char *digits;

	if (e->type == TOML_INTEGER) {
		ms_set_address(node, row, (uint64_t)e->integer);
		if (e->integer >= 0)
			return true;
		ms_fault(r->c, row->rule, node, &mark, "%s is negative", row->doc.name);
		return false;
	}
	if ((row->flags & MS_ROW_AUTO) && strcmp(e->string, "auto") == 0 && e->string_len == 4)
		return true;
	if (e->string_len < 3 || memcmp(e->string, "0x", 2) != 0 ||
	    strspn(e->string + 2, "0123456789abcdefABCDEF") != e->string_len - 2) {
		ms_fault(r->c, row->rule, node, &mark, "%s '%s' is no number \"0x...\"%s",
		         row->doc.name, ms_clip(e->string),
		         row->flags & MS_ROW_AUTO ? " and not \"auto\"" : "");
		return false;
	}
	digits = e->string + 2 + strspn(e->string + 2, "0");
	if (strlen(digits) > 16) {
		ms_fault(r->c, row->rule, node, &mark, "%s '%s' does not fit 64 bits",
		         row->doc.name, ms_clip(e->string));
		return false;
	}
	ms_set_address(node, row, strtoull(digits, NULL, 16));
	/* Of an address that need not be given, the last of all stands for none. */
	if (row->flags & MS_ROW_AUTO && ms_get_address(node, row) == MS_ANYWHERE) {
		ms_fault(r->c, row->rule, node, &mark, "%s '%s' is no multiple of a page",
		         row->doc.name, ms_clip(e->string));
		return false;
	}
	return true;
}

/* A value that is neither table nor array. True when it is in the model. */
static bool take_value(struct reader *r, struct ms_node *node, const struct ms_spec_row *row,
                       const struct toml_event *e)
{
	int word;

	switch (row->doc.kind) {
	case MS_KIND_STRING:
	case MS_KIND_PATH:
		if (e->type == TOML_STRING)
			return take_string(r, node, row, e);
		break;
	case MS_KIND_ENUM:
		if (e->type != TOML_STRING)
			break;
		word = find_word(row->doc.values, e);
		if (word == MS_ABSENT)
			unknown_word(r, node, row, row->doc.values, e);
		else
			ms_set_number(node, row, word);
		return word != MS_ABSENT;
	case MS_KIND_INTEGER:
		if (e->type != TOML_INTEGER)
			break;
		ms_set_number(node, row, e->integer);
		return true;
	case MS_KIND_BOOLEAN:
		if (e->type != TOML_BOOLEAN)
			break;
		ms_set_number(node, row, e->boolean);
		return true;
	case MS_KIND_HEX:
		if (e->type == TOML_INTEGER || e->type == TOML_STRING)
			return take_address(r, node, row, e);
		break;
	default: break;
	}
	wrong_type(r, node, row, e);
	return false;
}

/* A member of an array of words. */
static void take_word(struct reader *r, struct ms_node *node, const struct ms_spec_row *row,
                      const struct toml_event *e)
{
	const char *const *words = row->doc.item->values;
	int64_t have = ms_get_number(node, row);
	struct ms_mark mark = mark_of(&e->value_pos);
	int word;

	if (e->type != TOML_STRING) {
		wrong_type(r, node, row, e);
		return;
	}
	word = find_word(words, e);
	if (word == MS_ABSENT)
		unknown_word(r, node, row, words, e);
	else if (have & (INT64_C(1) << word))
		ms_fault(r->c, row->rule, node, &mark, "%s has '%s' twice", row->doc.name,
		         words[word]);
	else
		ms_set_number(node, row, have | (INT64_C(1) << word));
}

/* A member of an array of strings. */
static void take_text(struct reader *r, struct ms_node *node, const struct ms_spec_row *row,
                      const struct toml_event *e)
{
	struct ms_mark mark = mark_of(&e->value_pos);

	if (e->type != TOML_STRING)
		wrong_type(r, node, row, e);
	else if (memchr(e->string, '\0', e->string_len))
		ms_fault(r->c, row->rule, node, &mark, "%s holds a NUL character", row->doc.name);
	else
		ms_strings_add(ms_get_strings(node, row), ms_strndup(e->string, e->string_len),
		               &mark);
}

/* -- events ------------------------------------------------------------------------------ */

static const struct ms_spec_row *find_row(const struct ms_spec_table *table,
                                          const struct toml_event *e)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strlen(table->rows[i].doc.name) == e->key_len &&
		    memcmp(table->rows[i].doc.name, e->key, e->key_len) == 0)
			return &table->rows[i];
	}
	return NULL;
}

static struct frame begin_array(struct ms_node *node, const struct ms_spec_row *row)
{
	struct frame frame = {FRAME_LIST, node, row};

	if (ms_row_is_strings(row)) {
		frame.kind = FRAME_STRINGS;
		ms_get_strings(node, row)->present = 1;
	} else if (!ms_row_is_list(row)) {
		frame.kind = FRAME_WORDS;
		ms_set_number(node, row, 0);
	}
	return frame;
}

/* What begins under a key of an item: the frame for what comes inside, if anything does. */
static struct frame take_key(struct reader *r, struct ms_node *node, const struct toml_event *e)
{
	const struct frame skip = {.kind = FRAME_SKIP};
	const struct ms_spec_row *row = find_row(node->table, e);
	bool taken = false;
	struct frame frame = skip;

	if (!row) {
		unknown_key(r, node, e);
		return skip;
	}
	if (row->doc.kind == MS_KIND_OBJECT && e->type == TOML_TABLE) {
		frame = (struct frame){FRAME_ITEM, ms_get_object(node, row), row};
		frame.node->at = mark_of(&e->value_pos);
		taken = true;
	} else if (row->either && e->type == TOML_TABLE) {
		frame = (struct frame){FRAME_ITEM, &ms_either_place(node, row)->node, row};
		frame.node->at = mark_of(&e->value_pos);
		taken = true;
	} else if (row->doc.kind == MS_KIND_ARRAY && e->type == TOML_ARRAY) {
		frame = begin_array(node, row);
		taken = true;
	} else if (e->type == TOML_TABLE || e->type == TOML_ARRAY) {
		wrong_type(r, node, row, e);
	} else {
		taken = take_value(r, node, row, e);
	}
	node->marks[row - node->table->rows] = mark_of(&e->value_pos);
	node->marks[row - node->table->rows].unread = !taken;
	return frame;
}

static struct frame take_member(struct reader *r, const struct frame *list,
                                const struct toml_event *e)
{
	struct frame frame = {.kind = FRAME_SKIP};

	if (list->kind == FRAME_WORDS) {
		take_word(r, list->node, list->row, e);
	} else if (list->kind == FRAME_STRINGS) {
		take_text(r, list->node, list->row, e);
	} else if (e->type != TOML_TABLE) {
		wrong_type(r, list->node, list->row, e);
	} else {
		frame.kind = FRAME_ITEM;
		frame.node =
		    ms_items_add(ms_get_object(list->node, list->row), list->row->table, true);
		frame.node->at = mark_of(&e->value_pos);
	}
	return frame;
}

static int on_event(void *user, const struct toml_event *e)
{
	struct reader *r = user;
	bool container = e->type == TOML_TABLE || e->type == TOML_ARRAY;
	struct frame *own = &r->frames[e->depth], *parent = own - 1;
	struct frame frame = {.kind = FRAME_SKIP};

	if (container && !e->begin) {
		if (own->kind == FRAME_ITEM)
			check_required(r, own->node);
		return 0;
	}
	if (e->depth == 0)
		frame = (struct frame){FRAME_ITEM, &r->c->spec->node, NULL};
	else if (parent->kind == FRAME_ITEM)
		frame = take_key(r, parent->node, e);
	else if (parent->kind != FRAME_SKIP)
		frame = take_member(r, parent, e);
	if (container)
		*own = frame;
	return 0;
}

/* -- the whole --------------------------------------------------------------------------- */

static enum ms_rule_id toml_rule(enum toml_error error)
{
	switch (error) {
	case TOML_EUTF8: return MS_RULE_TOML_UTF8;
	case TOML_EREDEFINED: return MS_RULE_TOML_REDEFINED;
	case TOML_ERANGE: return MS_RULE_TOML_RANGE;
	case TOML_EUNSUPPORTED: return MS_RULE_TOML_UNSUPPORTED;
	case TOML_ELIMIT: return MS_RULE_TOML_LIMIT;
	default: return MS_RULE_TOML_SYNTAX;
	}
}

/* What begins like another language may be one that is read elsewhere. */
static void note_language(struct ms_checking *c, const struct ms_mark *mark)
{
	const char begin = c->source.len ? c->source.text[strspn(c->source.text, " \t\r\n")] : '\0';

	if (begin == '<')
		ms_fault_note(c, NULL, mark,
		              "this is XML: ms-import makes TOML of a system description of "
		              "Microkit");
	else if (begin == '{')
		ms_fault_note(c, NULL, mark,
		              "this is JSON: ms-parse --from json reads a document ms-spec/1");
}

static struct ms_spec *read_toml(struct ms_checking *c)
{
	struct ms_spec *spec = ms_alloc(1, sizeof(*spec));
	struct reader r = {.c = c};
	struct toml_diag diag;
	enum toml_error error;

	c->spec = spec;
	ms_item_start(spec, &ms_spec_table, 0, true);
	error = toml_read(c->source.text, c->source.len, on_event, &r, &diag);
	if (error == TOML_EMEMORY)
		ms_die_system("out of memory");
	if (error != TOML_OK) {
		struct ms_mark mark = mark_of(&diag.pos);

		ms_fault(c, toml_rule(error), NULL, &mark, "%s", diag.message);
		note_language(c, &mark);
		return NULL;
	}
	ms_rules_run(c);
	return ms_rules_done(c) ? spec : NULL;
}

struct ms_spec *ms_spec_from_toml(const struct ms_source *source)
{
	struct ms_checking c = {.source = *source, .positions = true};

	return read_toml(&c);
}

struct ms_spec *ms_spec_from_toml_quietly(const struct ms_source *source)
{
	struct ms_checking c = {.source = *source, .positions = true, .quiet = true};

	return read_toml(&c);
}
