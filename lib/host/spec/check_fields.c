/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_fields.c - rules about one field: its row (table.h) says what is allowed. Names of other
 * items are resolved here.
 */
#include "base/file.h"
#include "base/mem.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
	bool in_build = false;
	static const char in_project[] = "@project/build/";
	const char *why;

	if (form == MS_FORM_INCLUDE && strcmp(path, ".") == 0)
		return NULL;
	/* The one way to name a file in a folder of the project that is called like that one. */
	if (form != MS_FORM_FOLDER && strncmp(path, in_project, strlen(in_project)) == 0)
		path += strlen("@project/");
	else
		in_build = form != MS_FORM_FOLDER;
	why = ms_path_fault(path);
	if (path[0] == '/')
		return "is absolute; paths count from the project's root";
	if (why && path[0] && path[strlen(path) - 1] == '/' && !strstr(path, "//"))
		return "ends with a slash";
	if (why)
		return why;
	if (path[0] == '-')
		return "begins with a dash";
	if (path[0] == '@')
		return "begins with @, which names the toolkit's own files";
	if (in_build && (strcmp(path, "build") == 0 || ms_starts_with(path, "build/")))
		return "lies in build/, which stands for the folder of what is built (a folder "
		       "build of the project is @project/build/)";
	if (form == MS_FORM_CODE && !ms_ends_with(path, ".c") && !ms_ends_with(path, ".S"))
		return "is neither a C source (.c) nor an assembler source (.S)";
	if (form == MS_FORM_PROGRAM && !ms_ends_with(path, ".elf"))
		return "is no program (.elf)";
	if (form == MS_FORM_LIBRARY && !ms_ends_with(path, ".a"))
		return "is no library (.a)";
	return NULL;
}

/* Bytes of the C identifier that s begins with. */
static size_t identifier_length(const char *s)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
	                              "0123456789";

	if (s[0] >= '0' && s[0] <= '9')
		return 0;
	return strspn(s, letters);
}

static const char *symbol_fault(const char *symbol)
{
	/* How a PD of Microkit's kind learns what it is. */
	static const char *const taken[] = {"microkit_name", "microkit_passive",
	                                    "microkit_irqs", "microkit_notifications",
	                                    "microkit_pps",  "microkit_ioports"};

	if (symbol[0] == '\0')
		return "is empty";
	if (strlen(symbol) > MS_SYMBOL_MAX)
		return "is longer than 255 bytes";
	if (symbol[identifier_length(symbol)])
		return "is no C identifier";
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (strcmp(symbol, taken[i]) == 0)
			return "is what the layout itself sets";
	}
	return NULL;
}

static const char *define_fault(const char *define)
{
	size_t length = identifier_length(define);

	if (length == 0 || (define[length] && define[length] != '='))
		return "is neither NAME nor NAME=VALUE with a C identifier as NAME";
	if (strlen(define) > 1023)
		return "is longer than 1023 bytes";
	for (const char *s = define; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return "holds a control character";
	}
	return NULL;
}

/* Names of nodes and aliases are letters, digits and , . _ + - with an address behind @. */
static const char *dt_fault(const char *path)
{
	if (path[0] == '\0')
		return "is empty";
	if (strlen(path) > MS_DT_PATH_MAX)
		return "is longer than 1023 bytes";
	for (const char *s = path; *s; s++) {
		if (*s <= ' ' || *s > '~' || *s == '"' || *s == '\\')
			return "holds something that no path of a device tree does";
	}
	if (strstr(path, "//") || (path[1] && path[strlen(path) - 1] == '/'))
		return "has an empty component";
	return NULL;
}

static const char *text_fault(const char *text, enum ms_form form)
{
	switch (form) {
	case MS_FORM_NAME: return ms_name_fault(text);
	case MS_FORM_SOURCE:
	case MS_FORM_FOLDER:
	case MS_FORM_INCLUDE:
	case MS_FORM_CODE:
	case MS_FORM_LIBRARY:
	case MS_FORM_PROGRAM: return path_fault(text, form);
	case MS_FORM_DEFINE: return define_fault(text);
	case MS_FORM_DT: return dt_fault(text);
	case MS_FORM_SYMBOL: return symbol_fault(text);
	default: return NULL;
	}
}

/* -- names of other items ---------------------------------------------------------------- */

/* The closest of the names, when there are not so many that looking takes long. */
static const char *nearest_name(const struct ms_named *names, const char *name)
{
	const size_t count = names->count < 1000 ? names->count : 0;
	const char **known = ms_alloc(count + 1, sizeof(*known));
	const char *near;

	for (size_t i = 0; i < count; i++)
		known[i] = ms_get_string(names->items[i], &names->items[i]->table->rows[0]);
	near = ms_nearest(name, known, count);
	free(known);
	return near;
}

/* The item that is called so; reports when there is none. */
static const struct ms_node *find_target(struct ms_checking *c, struct ms_node *node,
                                         const struct ms_spec_row *row, const char *name,
                                         const struct ms_mark *mark)
{
	const struct ms_named *names = &c->regions;
	const char *noun = ms_region_table.noun, *near = NULL;
	const void *found;

	if (row->form == MS_FORM_PD) {
		names = &c->pds;
		noun = ms_pd_table.noun;
		found = ms_find_pd(c, name);
	} else if (row->form == MS_FORM_DOMAIN) {
		names = &c->domains;
		noun = ms_domain_table.noun;
		found = ms_find_domain(c, name);
	} else {
		found = ms_find_region(c, name);
	}
	if (found)
		return found;
	if (names->partial) { /* whose fault this is has been said */
		ms_break_rule(node, row->rule);
		return NULL;
	}
	if (ms_is_shown(c, row->rule))
		near = nearest_name(names, name);
	ms_fault(c, row->rule, node, mark, "%s of %s: there is no %s '%s'%s", row->doc.name,
	         ms_label(node), noun, ms_clip(name),
	         near ? ms_format("; did you mean '%s'?", ms_clip(near)) : "");
	return NULL;
}

static void resolve(struct ms_checking *c, struct ms_node *node, const struct ms_spec_row *row,
                    const char *name, const struct ms_mark *mark)
{
	const struct ms_node *target = find_target(c, node, row, name, mark);

	if (target && row->index)
		ms_set_index(node, row, target->index);
}

/* -- by kind ----------------------------------------------------------------------------- */

static void check_string(struct ms_checking *c, struct ms_node *node, const struct ms_spec_row *row,
                         const struct ms_mark *mark)
{
	const char *value = ms_get_string(node, row);
	const char *why;

	if (!value)
		return;
	if (row->form == MS_FORM_PD || row->form == MS_FORM_REGION || row->form == MS_FORM_DOMAIN) {
		resolve(c, node, row, value, mark);
		return;
	}
	why = text_fault(value, row->form);
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

/* A member of a list: of a define its name alone, since that can be defined once. */
struct member {
	const char *text;
	size_t len, index;
};

static int by_text(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	if (order == 0 && x->len != y->len)
		order = x->len < y->len ? -1 : 1;
	if (order == 0)
		order = x->index < y->index ? -1 : 1;
	return order;
}

static const struct ms_mark *member_mark(const struct ms_strings *list, size_t n)
{
	return list->marks ? &list->marks[n] : NULL;
}

static void check_once(struct ms_checking *c, struct ms_node *node, const struct ms_spec_row *row,
                       const struct ms_strings *list)
{
	struct member *sorted = ms_alloc(list->count + 1, sizeof(*sorted));

	for (size_t i = 0; i < list->count; i++) {
		const char *text = list->items[i];
		size_t len = row->form == MS_FORM_DEFINE ? strcspn(text, "=") : strlen(text);

		sorted[i] = (struct member){text, len, i};
	}
	qsort(sorted, list->count, sizeof(*sorted), by_text);
	for (size_t i = 1; i < list->count; i++) {
		const struct member *m = &sorted[i];

		if (m->len == m[-1].len && memcmp(m->text, m[-1].text, m->len) == 0)
			ms_fault(c, row->rule, node, member_mark(list, m->index),
			         "%s of %s has '%s' twice", row->doc.name, ms_label(node),
			         ms_clip(ms_strndup(m->text, m->len)));
	}
	free(sorted);
}

static void check_strings(struct ms_checking *c, struct ms_node *node,
                          const struct ms_spec_row *row)
{
	const struct ms_strings *list = ms_get_const_strings(node, row);
	bool good = true;

	if (list->count > (size_t)row->doc.max) {
		ms_fault(c, row->rule, node, member_mark(list, (size_t)row->doc.max),
		         "%s of %s has %zu members; at most %" PRId64 " are possible",
		         row->doc.name, ms_label(node), list->count, row->doc.max);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const char *text = list->items[i], *why;

		if (row->form == MS_FORM_PD) {
			if (!find_target(c, node, row, text, member_mark(list, i)))
				good = false;
			continue;
		}
		why = text_fault(text, row->form);
		if (!why)
			continue;
		ms_fault(c, row->rule, node, member_mark(list, i), "'%s' in %s of %s %s",
		         ms_clip(text), row->doc.name, ms_label(node), why);
		good = false;
	}
	/* The order in which a linker looks into libraries may need one twice. */
	if (good && row->form != MS_FORM_LIBRARY)
		check_once(c, node, row, list);
}

static void check_integer(struct ms_checking *c, struct ms_node *node,
                          const struct ms_spec_row *row, const struct ms_mark *mark)
{
	int64_t value = ms_get_number(node, row);
	const struct ms_field *doc = &row->doc;
	const char *label;

	/* What was not given is right. (A number of JSON is where the shape wants it.) */
	if (value == row->fallback && !(mark && mark->line))
		return;
	if (mark && mark->unread)
		return;
	label = ms_label(node);
	if (row == &node->table->rows[0])
		label = ms_format("%s %s", strchr("aeiou", node->table->noun[0]) ? "an" : "a",
		                  node->table->noun);
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

	if (value == (uint64_t)row->fallback &&
	    (!(mark && mark->line) || mark->unread || (row->flags & MS_ROW_AUTO)))
		return;
	if (row->step && value % (uint64_t)row->step)
		ms_fault(c, row->rule, node, mark,
		         "%s of %s is 0x%" PRIx64 "; it must be a multiple of 0x%" PRIx64
		         ", such as 0x%" PRIx64,
		         row->doc.name, ms_label(node), value, (uint64_t)row->step,
		         value - value % (uint64_t)row->step);
}

static void check_item(struct ms_checking *c, struct ms_node *node);

static const char *plural(const char *noun)
{
	if (ms_ends_with(noun, "y"))
		return ms_format("%.*sies", (int)strlen(noun) - 1, noun);
	return ms_format("%ss", noun);
}

static void check_list(struct ms_checking *c, struct ms_node *node, const struct ms_spec_row *row,
                       const struct ms_mark *mark)
{
	struct ms_items items = ms_get_items(node, row);

	if (items.count > (size_t)row->doc.max) {
		struct ms_node *first_too_many =
		    ms_item_at(items, row->table, (size_t)row->doc.max);

		ms_fault(c, row->rule, node, &first_too_many->at,
		         "there are %zu %s; at most %" PRId64 " are possible", items.count,
		         plural(row->table->noun), row->doc.max);
	} else if (items.count < (size_t)row->doc.min && !ms_broke_rule(node, row->rule)) {
		ms_fault(c, row->rule, node, mark, "there is no %s; at least one is needed",
		         row->table->noun);
	}
	for (size_t i = 0; i < items.count; i++)
		check_item(c, ms_item_at(items, row->table, i));
}

/* False when the number itself stands there. */
static bool check_either(struct ms_checking *c, struct ms_node *node, const struct ms_spec_row *row)
{
	struct ms_dt *either = ms_either_place(node, row);

	if (!either->dt && !either->node.at.line)
		return false;
	check_item(c, &either->node);
	if (!either->dt || ms_broke_rule(&either->node, MS_RULE_DT_PATH) ||
	    ms_broke_rule(&either->node, MS_RULE_DT_INDEX))
		ms_break_rule(node, row->rule);
	return true;
}

static void check_item(struct ms_checking *c, struct ms_node *node)
{
	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];
		const struct ms_mark *mark = node->marks ? &node->marks[i] : NULL;

		if (row->either && check_either(c, node, row))
			continue;
		switch (row->doc.kind) {
		case MS_KIND_STRING:
		case MS_KIND_PATH: check_string(c, node, row, mark); break;
		case MS_KIND_INTEGER: check_integer(c, node, row, mark); break;
		case MS_KIND_HEX: check_address(c, node, row, mark); break;
		case MS_KIND_OBJECT: check_item(c, ms_get_object(node, row)); break;
		case MS_KIND_ARRAY:
			if (ms_row_is_list(row))
				check_list(c, node, row, mark);
			else if (ms_row_is_strings(row))
				check_strings(c, node, row);
			break;
		default: break; /* words are checked while reading */
		}
	}
}

void ms_check_fields(struct ms_checking *c)
{
	check_item(c, &c->spec->node);
}
