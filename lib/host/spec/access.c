/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * access.c - values of the model by the rows of table.h.
 */
#include "base/mem.h"
#include "spec/table.h"

#include <string.h>

static char *at(void *item, size_t offset)
{
	return (char *)item + offset;
}

static const char *at_const(const void *item, size_t offset)
{
	return (const char *)item + offset;
}

bool ms_row_is_list(const struct ms_spec_row *row)
{
	return row->doc.kind == MS_KIND_ARRAY && row->doc.item->kind == MS_KIND_OBJECT;
}

bool ms_row_is_strings(const struct ms_spec_row *row)
{
	return row->doc.kind == MS_KIND_ARRAY && row->doc.item->kind != MS_KIND_OBJECT &&
	       row->doc.item->kind != MS_KIND_ENUM;
}

static void set_default(void *item, const struct ms_spec_row *row, bool marks)
{
	if (row->index)
		ms_set_index(item, row, MS_NO_INDEX);
	if (row->either)
		ms_item_start(ms_either_place(item, row), row->either, 0, marks);
	switch (row->doc.kind) {
	case MS_KIND_STRING:
	case MS_KIND_PATH: ms_set_string(item, row, row->text); break;
	case MS_KIND_HEX: ms_set_address(item, row, (uint64_t)row->fallback); break;
	case MS_KIND_OBJECT: ms_item_start(at(item, row->offset), row->table, 0, marks); break;
	default:
		if (!ms_row_is_list(row) && !ms_row_is_strings(row))
			ms_set_number(item, row, row->fallback);
	}
}

void ms_item_start(void *item, const struct ms_spec_table *table, size_t index, bool marks)
{
	struct ms_node *node = item;

	memset(item, 0, table->size);
	node->table = table;
	node->index = index;
	if (marks)
		node->marks = ms_alloc(table->count, sizeof(*node->marks));
	for (size_t i = 0; i < table->count; i++)
		set_default(item, &table->rows[i], marks);
}

/* The model's collections are distinct types of one layout: they are read and written as bytes. */
static struct ms_items load_items(const void *collection)
{
	struct ms_items items;

	memcpy(&items, collection, sizeof(items));
	return items;
}

void *ms_items_add(void *collection, const struct ms_spec_table *table, bool marks)
{
	struct ms_items items = load_items(collection);
	void *item;

	ms_reserve(&items.items, &items.cap, items.count + 1, table->size);
	item = ms_item_at(items, table, items.count);
	ms_item_start(item, table, items.count, marks);
	items.count++;
	memcpy(collection, &items, sizeof(items));
	return item;
}

const char *ms_get_string(const void *item, const struct ms_spec_row *row)
{
	const char *value;

	memcpy(&value, at_const(item, row->offset), sizeof(value));
	return value;
}

void ms_set_string(void *item, const struct ms_spec_row *row, const char *value)
{
	memcpy(at(item, row->offset), &value, sizeof(value));
}

int64_t ms_get_number(const void *item, const struct ms_spec_row *row)
{
	int64_t number;
	int word;

	if (row->doc.kind == MS_KIND_INTEGER) {
		memcpy(&number, at_const(item, row->offset), sizeof(number));
		return number;
	}
	memcpy(&word, at_const(item, row->offset), sizeof(word));
	return word;
}

void ms_set_number(void *item, const struct ms_spec_row *row, int64_t value)
{
	int word = (int)value;

	if (row->doc.kind == MS_KIND_INTEGER)
		memcpy(at(item, row->offset), &value, sizeof(value));
	else
		memcpy(at(item, row->offset), &word, sizeof(word));
}

uint64_t ms_get_address(const void *item, const struct ms_spec_row *row)
{
	uint64_t value;

	memcpy(&value, at_const(item, row->offset), sizeof(value));
	return value;
}

void ms_set_address(void *item, const struct ms_spec_row *row, uint64_t value)
{
	memcpy(at(item, row->offset), &value, sizeof(value));
}

void ms_set_index(void *item, const struct ms_spec_row *row, size_t index)
{
	memcpy(at(item, row->index), &index, sizeof(index));
}

struct ms_items ms_get_items(const void *item, const struct ms_spec_row *row)
{
	return load_items(at_const(item, row->offset));
}

struct ms_strings *ms_get_strings(void *item, const struct ms_spec_row *row)
{
	return (void *)at(item, row->offset);
}

const struct ms_strings *ms_get_const_strings(const void *item, const struct ms_spec_row *row)
{
	return (const void *)at_const(item, row->offset);
}

void ms_strings_add(struct ms_strings *list, const char *text, const struct ms_mark *mark)
{
	void *items = list->items, *marks = list->marks;
	size_t cap = list->cap;

	ms_reserve(&items, &list->cap, list->count + 1, sizeof(*list->items));
	list->items = items;
	if (mark) {
		ms_reserve(&marks, &cap, list->count + 1, sizeof(*list->marks));
		list->marks = marks;
		list->marks[list->count] = *mark;
	}
	list->items[list->count++] = text;
}

void *ms_get_object(void *item, const struct ms_spec_row *row)
{
	return at(item, row->offset);
}

const void *ms_get_const_object(const void *item, const struct ms_spec_row *row)
{
	return at_const(item, row->offset);
}

struct ms_dt *ms_either_place(void *item, const struct ms_spec_row *row)
{
	return (void *)at(item, row->either_offset);
}

const struct ms_dt *ms_get_either(const void *item, const struct ms_spec_row *row)
{
	const struct ms_dt *either =
	    row->either ? (const void *)at_const(item, row->either_offset) : NULL;

	return either && either->dt ? either : NULL;
}

void *ms_item_at(struct ms_items items, const struct ms_spec_table *table, size_t n)
{
	return (char *)items.items + n * table->size;
}

int64_t ms_turn_priority(const struct ms_spec *spec, int64_t priority)
{
	return spec->priority_order == MS_ZERO_HIGHEST ? MS_PRIORITY_MAX - priority : priority;
}

/* True for an item of numbers and lists that all have their defaults. */
static bool says_nothing(const struct ms_node *node)
{
	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];

		if (ms_row_is_list(row) ? ms_get_items(node, row).count != 0
		                        : ms_get_number(node, row) != row->fallback)
			return false;
	}
	return true;
}

bool ms_row_is_absent(const void *item, const struct ms_spec_row *row)
{
	if (ms_get_either(item, row))
		return false;
	if (row->flags & MS_ROW_ELSE)
		return ms_get_string(item, row - 1) != NULL;
	if (row->doc.kind == MS_KIND_STRING || row->doc.kind == MS_KIND_PATH)
		return ms_get_string(item, row) == NULL;
	if (!row->doc.optional)
		return false;
	if (row->doc.kind == MS_KIND_OBJECT)
		return says_nothing(ms_get_const_object(item, row));
	if (ms_row_is_list(row))
		return ms_get_items(item, row).count == 0;
	if (ms_row_is_strings(row))
		return !ms_get_const_strings(item, row)->present;
	if (row->doc.kind == MS_KIND_HEX)
		return ms_get_address(item, row) == (uint64_t)row->fallback;
	return ms_get_number(item, row) == row->fallback;
}

bool ms_row_is_default(const struct ms_spec *spec, const void *item, const struct ms_spec_row *row)
{
	const char *s;
	int64_t n;

	if (row->doc.optional && !row->derive)
		return ms_row_is_absent(item, row);
	if (ms_row_is_strings(row))
		return ms_get_const_strings(item, row)->count == 0;
	if (ms_row_is_list(row))
		return ms_get_items(item, row).count == 0;
	switch (row->doc.kind) {
	case MS_KIND_STRING:
	case MS_KIND_PATH:
		s = ms_get_string(item, row);
		return !s || (row->text && strcmp(s, row->text) == 0);
	case MS_KIND_HEX: return ms_get_address(item, row) == (uint64_t)row->fallback;
	case MS_KIND_OBJECT: return false;
	default: break;
	}
	n = ms_get_number(item, row);
	if (row->flags & MS_ROW_PRIORITY)
		n = ms_turn_priority(spec, n);
	return n == (row->derive ? row->derive(spec, item) : row->fallback);
}
