/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_fields.c - rules about one field: its row (table.c) says what is allowed.
 */
#include "base/file.h"
#include "base/mem.h"
#include "spec/table.h"

#include <inttypes.h>
#include <string.h>

const char *ms_clip(const char *s)
{
	const size_t max = 80;
	size_t len = strlen(s);

	if (len <= max)
		return s;
	for (len = max; len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80;)
		len--;
	return ms_format("%.*s...", (int)len, s);
}

const char *ms_name_fault(const char *name)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t len = strlen(name);

	if (len == 0)
		return "is empty";
	if (len > MS_NAME_MAX)
		return "is longer than 63 bytes";
	if (name[0] == '.' || name[0] == '-')
		return "begins with a dot or a dash";
	if (strspn(name, letters) != len)
		return "holds something other than A-Z a-z 0-9 _ . -";
	return NULL;
}

/* Why a path of a spec is none, or NULL. Paths become words of a plan's argument vectors: one
 * that begins with a dash would be an option there, one with @ names the toolkit's own files,
 * and build/ stands for the build folder, wherever that is (base/toolkit.h). */
static const char *path_fault(const char *path, enum ms_form form)
{
	const char *why = ms_path_fault(path);

	if (why)
		return why;
	if (path[0] == '-')
		return "begins with a dash";
	if (path[0] == '@')
		return "begins with @, which names the toolkit's own files";
	if (form == MS_FORM_SOURCE &&
	    (strcmp(path, "build") == 0 || strncmp(path, "build/", 6) == 0))
		return "lies in build/, which stands for the folder of what is built";
	return NULL;
}

static void check_string(struct ms_checking *c, struct ms_node *node, const struct ms_spec_row *row,
                         const struct ms_mark *mark)
{
	const char *value = ms_get_string(node, row);
	const char *why = NULL;

	if (!value)
		return;
	if (row->form == MS_FORM_NAME)
		why = ms_name_fault(value);
	else if (row->form == MS_FORM_SOURCE || row->form == MS_FORM_FOLDER)
		why = path_fault(value, row->form);
	if (!why)
		return;
	/* There is one [build], and of a name the label would only repeat the value. */
	if (node->table == &ms_build_table)
		ms_fault(c, row->rule, node, mark, "%s '%s' %s", row->doc.name, ms_clip(value),
		         why);
	else if (row == &node->table->rows[0])
		ms_fault(c, row->rule, node, mark, "the %s '%s' of a %s %s", row->doc.name,
		         ms_clip(value), node->table->noun, why);
	else
		ms_fault(c, row->rule, node, mark, "%s '%s' of %s %s", row->doc.name,
		         ms_clip(value), ms_label(node), why);
}

static void check_integer(struct ms_checking *c, struct ms_node *node,
                          const struct ms_spec_row *row, const struct ms_mark *mark)
{
	int64_t value = ms_get_number(node, row);
	const struct ms_field *doc = &row->doc;
	const char *label;

	/* A negative number that was given has a mark; in JSON the shape has refused it. */
	if (value == MS_ABSENT && row->fallback == MS_ABSENT && !(mark && mark->line))
		return;
	if (mark && mark->unread)
		return;
	label =
	    row == &node->table->rows[0] ? ms_format("an %s", node->table->noun) : ms_label(node);
	if (value < doc->min || value > doc->max)
		ms_fault(c, row->rule, node, mark,
		         "%s of %s is %" PRId64 "; it must be %" PRId64 " to %" PRId64, doc->name,
		         label, value, doc->min, doc->max);
	else if (row->step && value % row->step)
		ms_fault(c, row->rule, node, mark,
		         "%s of %s is %" PRId64 "; it must be a multiple of %" PRId64
		         ", such as %" PRId64,
		         doc->name, label, value, row->step,
		         value > doc->max - row->step ? value - value % row->step
		                                      : value - value % row->step + row->step);
}

static void check_address(struct ms_checking *c, struct ms_node *node,
                          const struct ms_spec_row *row, const struct ms_mark *mark)
{
	uint64_t value = ms_get_address(node, row);

	if (row->step && value % (uint64_t)row->step)
		ms_fault(c, row->rule, node, mark,
		         "%s of %s is 0x%" PRIx64 "; it must be a multiple of 0x%" PRIx64
		         ", such as 0x%" PRIx64,
		         row->doc.name, ms_label(node), value, (uint64_t)row->step,
		         value - value % (uint64_t)row->step);
}

static void check_item(struct ms_checking *c, struct ms_node *node);

static void check_list(struct ms_checking *c, struct ms_node *node, const struct ms_spec_row *row,
                       const struct ms_mark *mark)
{
	struct ms_items items = ms_get_items(node, row);

	if (items.count > (size_t)row->doc.max) {
		struct ms_node *first_too_many =
		    ms_item_at(items, row->table, (size_t)row->doc.max);

		ms_fault(c, row->rule, node, &first_too_many->at,
		         "there are %zu %ss; at most %" PRId64 " are possible", items.count,
		         row->table->noun, row->doc.max);
	} else if (items.count < (size_t)row->doc.min &&
	           !(node->failed & (UINT64_C(1) << row->rule))) {
		ms_fault(c, row->rule, node, mark, "there is no %s; at least one is needed",
		         row->table->noun);
	}
	for (size_t i = 0; i < items.count; i++)
		check_item(c, ms_item_at(items, row->table, i));
}

static void check_item(struct ms_checking *c, struct ms_node *node)
{
	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];
		const struct ms_mark *mark = node->marks ? &node->marks[i] : NULL;

		switch (row->doc.kind) {
		case MS_KIND_STRING:
		case MS_KIND_PATH: check_string(c, node, row, mark); break;
		case MS_KIND_INTEGER: check_integer(c, node, row, mark); break;
		case MS_KIND_HEX: check_address(c, node, row, mark); break;
		case MS_KIND_OBJECT: check_item(c, ms_get_object(node, row)); break;
		case MS_KIND_ARRAY:
			if (ms_row_is_list(row))
				check_list(c, node, row, mark);
			break;
		default: break; /* words are checked while reading */
		}
	}
}

void ms_check_fields(struct ms_checking *c)
{
	check_item(c, &c->spec->node);
}
