/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.c - the model as the JSON object ms-spec/1, both ways; and whether an object is a model's.
 */
#include "base/mem.h"
#include "spec/document.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- writing ----------------------------------------------------------------------------- */

static json_t *write_item(const struct ms_node *node);

static json_t *write_list(const struct ms_node *node, const struct ms_spec_row *row)
{
	struct ms_items items = ms_get_items(node, row);
	json_t *array = json_array();

	for (size_t i = 0; i < items.count; i++)
		ms_doc_append(array, write_item(ms_item_at(items, row->table, i)));
	return array;
}

static json_t *write_words(const struct ms_node *node, const struct ms_spec_row *row)
{
	int64_t set = ms_get_number(node, row);
	json_t *array = json_array();

	for (int i = 0; row->doc.item->values[i]; i++) {
		if (set & (INT64_C(1) << i))
			ms_doc_append(array, ms_doc_new_string(row->doc.item->values[i]));
	}
	return array;
}

static json_t *write_strings(const struct ms_strings *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		ms_doc_append(array, ms_doc_new_string(list->items[i]));
	return array;
}

static json_t *write_field(const struct ms_node *node, const struct ms_spec_row *row)
{
	const struct ms_dt *either = ms_get_either(node, row);

	if (either)
		return write_item(&either->node);
	switch (row->doc.kind) {
	case MS_KIND_STRING:
	case MS_KIND_PATH: return ms_doc_new_string(ms_get_string(node, row));
	case MS_KIND_INTEGER: return ms_doc_new_integer(ms_get_number(node, row));
	case MS_KIND_BOOLEAN: return json_boolean(ms_get_number(node, row));
	case MS_KIND_ENUM: return ms_doc_new_string(row->doc.values[ms_get_number(node, row)]);
	case MS_KIND_HEX: return ms_doc_new_hex(ms_get_address(node, row));
	case MS_KIND_OBJECT: return write_item(ms_get_const_object(node, row));
	default: break;
	}
	if (ms_row_is_list(row))
		return write_list(node, row);
	if (ms_row_is_strings(row))
		return write_strings(ms_get_const_strings(node, row));
	return write_words(node, row);
}

static json_t *write_item(const struct ms_node *node)
{
	json_t *object = json_object();

	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];

		if (!ms_row_is_absent(node, row))
			ms_doc_set(object, row->doc.name, write_field(node, row));
	}
	return object;
}

json_t *ms_spec_to_json(const struct ms_spec *spec)
{
	return write_item(&spec->node);
}

/* -- reading ----------------------------------------------------------------------------- */

/* The position of the word in the list; the shape has seen to it that it is there. */
static int find_word(const char *const *words, const json_t *value)
{
	int i = 0;

	while (strcmp(words[i], json_string_value(value)) != 0)
		i++;
	return i;
}

static void read_item(struct ms_node *node, const json_t *object);

static void read_array(struct ms_node *node, const struct ms_spec_row *row, const json_t *array)
{
	int64_t set = 0;

	if (ms_row_is_strings(row)) {
		struct ms_strings *list = ms_get_strings(node, row);

		list->present = 1;
		for (size_t i = 0; i < json_array_size(array); i++)
			ms_strings_add(list, json_string_value(json_array_get(array, i)), NULL);
		return;
	}
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *member = json_array_get(array, i);

		if (ms_row_is_list(row))
			read_item(ms_items_add(ms_get_object(node, row), row->table, false),
			          member);
		else
			set |= INT64_C(1) << find_word(row->doc.item->values, member);
	}
	if (!ms_row_is_list(row))
		ms_set_number(node, row, set);
}

static void read_item(struct ms_node *node, const json_t *object)
{
	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];
		const json_t *value = json_object_get(object, row->doc.name);

		if (!value)
			continue;
		if (row->either && json_is_object(value)) {
			read_item(&ms_either_place(node, row)->node, value);
			continue;
		}
		switch (row->doc.kind) {
		case MS_KIND_STRING:
		case MS_KIND_PATH: ms_set_string(node, row, json_string_value(value)); break;
		case MS_KIND_INTEGER: ms_set_number(node, row, json_integer_value(value)); break;
		case MS_KIND_BOOLEAN: ms_set_number(node, row, json_is_true(value)); break;
		case MS_KIND_ENUM:
			ms_set_number(node, row, find_word(row->doc.values, value));
			break;
		case MS_KIND_HEX:
			ms_set_address(node, row, strtoull(json_string_value(value), NULL, 16));
			break;
		case MS_KIND_OBJECT: read_item(ms_get_object(node, row), value); break;
		default: read_array(node, row, value);
		}
	}
}

/* -- comparing --------------------------------------------------------------------------- */

/*
 * Whether a value is what is written for a node: write_item without the writing, since a second
 * tree of a large system would take as much memory as the document.
 */
static bool is_item(const struct ms_node *node, const json_t *object);

static bool is_text(const char *text, const json_t *value)
{
	size_t len = strlen(text);

	return json_is_string(value) && json_string_length(value) == len &&
	       memcmp(json_string_value(value), text, len) == 0;
}

static bool is_address(uint64_t address, const json_t *value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, address);
	return is_text(text, value);
}

static bool is_list(const struct ms_node *node, const struct ms_spec_row *row, const json_t *array)
{
	struct ms_items items = ms_get_items(node, row);

	for (size_t i = 0; i < items.count; i++) {
		if (!is_item(ms_item_at(items, row->table, i), json_array_get(array, i)))
			return false;
	}
	return json_array_size(array) == items.count;
}

static bool is_words(const struct ms_node *node, const struct ms_spec_row *row, const json_t *array)
{
	int64_t set = ms_get_number(node, row);
	size_t count = 0;

	for (int i = 0; row->doc.item->values[i]; i++) {
		if ((set & (INT64_C(1) << i)) &&
		    !is_text(row->doc.item->values[i], json_array_get(array, count++)))
			return false;
	}
	return json_array_size(array) == count;
}

static bool is_strings(const struct ms_strings *list, const json_t *array)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!is_text(list->items[i], json_array_get(array, i)))
			return false;
	}
	return json_array_size(array) == list->count;
}

static bool is_field(const struct ms_node *node, const struct ms_spec_row *row, const json_t *value)
{
	const struct ms_dt *either = ms_get_either(node, row);

	if (either)
		return is_item(&either->node, value);
	switch (row->doc.kind) {
	case MS_KIND_STRING:
	case MS_KIND_PATH: return is_text(ms_get_string(node, row), value);
	case MS_KIND_INTEGER:
		return json_is_integer(value) &&
		       json_integer_value(value) == ms_get_number(node, row);
	case MS_KIND_BOOLEAN:
		return json_is_boolean(value) && json_is_true(value) == !!ms_get_number(node, row);
	case MS_KIND_ENUM: return is_text(row->doc.values[ms_get_number(node, row)], value);
	case MS_KIND_HEX: return is_address(ms_get_address(node, row), value);
	case MS_KIND_OBJECT: return is_item(ms_get_const_object(node, row), value);
	default: break;
	}
	if (ms_row_is_list(row))
		return is_list(node, row, value);
	if (ms_row_is_strings(row))
		return is_strings(ms_get_const_strings(node, row), value);
	return is_words(node, row, value);
}

static bool is_item(const struct ms_node *node, const json_t *object)
{
	size_t count = 0;

	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];
		const json_t *value;

		if (ms_row_is_absent(node, row))
			continue;
		value = json_object_get(object, row->doc.name);
		if (!value || !is_field(node, row, value))
			return false;
		count++;
	}
	return json_object_size(object) == count;
}

static struct ms_spec *read_spec(struct ms_checking *c, const json_t *object,
                                 const struct ms_spec *like)
{
	struct ms_spec *spec = ms_alloc(1, sizeof(*spec));

	c->spec = spec;
	ms_item_start(spec, &ms_spec_table, 0, false);
	read_item(&spec->node, object);
	if (like && like->source) {
		ms_spec_borrow_marks(spec, like, like->source);
		c->source = *like->source;
		c->borrowed = true;
	}
	ms_rules_run(c);
	if (c->errors == 0 && !is_item(&spec->node, object))
		ms_fault(c, MS_RULE_CANONICAL, NULL, NULL,
		         "the spec is not as ms-parse writes it: a key that follows from "
		         "others is missing, or the permissions are out of order");
	return ms_rules_done(c) ? spec : NULL;
}

struct ms_spec *ms_spec_from_json(const char *name, const json_t *object, bool warn)
{
	struct ms_checking c = {.source = {.name = name}, .quiet = !warn};

	return read_spec(&c, object, NULL);
}

struct ms_spec *ms_spec_from_json_like(const char *name, const json_t *object,
                                       const struct ms_spec *like)
{
	struct ms_checking c = {.source = {.name = name}, .quiet = true};

	return read_spec(&c, object, like);
}
