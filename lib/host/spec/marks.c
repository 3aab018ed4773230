/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marks.c - where a system that came as a document is written: in the text that the document was
 * made of, when that is at hand. Both have the same items in the same order.
 */
#include "spec/document.h"
#include "spec/table.h"

#include <string.h>

static void borrow(struct ms_node *node, const struct ms_node *text)
{
	node->at = text->at;
	node->marks = text->marks;
	for (size_t i = 0; i < node->table->count && text->table == node->table; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];
		struct ms_items own, theirs;

		if (row->doc.kind == MS_KIND_OBJECT)
			borrow(ms_get_object(node, row), ms_get_const_object(text, row));
		if (!ms_row_is_list(row))
			continue;
		own = ms_get_items(node, row);
		theirs = ms_get_items(text, row);
		for (size_t n = 0; n < own.count && n < theirs.count; n++)
			borrow(ms_item_at(own, row->table, n), ms_item_at(theirs, row->table, n));
	}
}

void ms_spec_borrow_marks(struct ms_spec *spec, const struct ms_spec *text,
                          const struct ms_source *source)
{
	spec->source = source;
	borrow(&spec->node, &text->node);
}

struct ms_place ms_spec_place(const struct ms_spec *spec, const struct ms_node *node, size_t offset)
{
	const struct ms_mark *mark = ms_mark_at(node, offset);
	struct ms_place place = {.source = spec->source};

	if (!mark || !mark->line)
		mark = &node->at;
	if (!spec->source || !mark->line)
		return place;
	place.line = mark->line;
	place.col = mark->col;
	place.len = mark->len;
	return place;
}
