/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toml_tree.c - TOML to a tree.
 */
#include "spec/toml_tree.h"

#include "base/doc.h"
#include "toml/toml.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

struct reader {
	const struct ms_source *source;
	json_t *open[TOML_MAX_DEPTH + 1]; /* the root table is the first; borrowed but for it */
	bool failed;
};

static void fault(struct reader *r, const struct toml_pos *pos, const char *text)
{
	struct ms_place place = {
	    .source = r->source, .line = pos->line, .col = pos->col, .len = pos->len};

	ms_report(MS_ERROR, &place, "toml", "%s", text);
	r->failed = true;
}

/* The value of an event that opens or is one; NULL after reporting. */
static json_t *value_of(struct reader *r, const struct toml_event *event)
{
	json_t *value = NULL;

	switch (event->type) {
	case TOML_TABLE: value = json_object(); break;
	case TOML_ARRAY: value = json_array(); break;
	case TOML_BOOLEAN: value = json_boolean(event->boolean); break;
	case TOML_STRING:
		if (!memchr(event->string, '\0', event->string_len))
			value = json_stringn(event->string, event->string_len);
		if (!value)
			fault(r, &event->value_pos, "the string is no text");
		break;
	case TOML_INTEGER:
		if (event->integer >= -MS_DOC_INT_MAX && event->integer <= MS_DOC_INT_MAX)
			value = json_integer(event->integer);
		else
			fault(r, &event->value_pos, "the integer is beyond 2^53-1");
		break;
	}
	return value;
}

static int on_event(void *user, const struct toml_event *event)
{
	struct reader *r = user;
	bool holds = event->type == TOML_TABLE || event->type == TOML_ARRAY;
	json_t *value, *parent;
	int bad;

	if (holds && !event->begin)
		return 0;
	if (event->key && memchr(event->key, '\0', event->key_len)) {
		fault(r, &event->key_pos, "the key is no text");
		return 1;
	}
	value = value_of(r, event);
	if (!value)
		return 1;
	if (event->depth == 0) {
		r->open[0] = value;
		return 0;
	}
	parent = r->open[event->depth - 1];
	bad = json_is_object(parent) ? json_object_set_new(parent, event->key, value)
	                             : json_array_append_new(parent, value);
	if (bad) {
		fault(r, &event->key_pos, "the key is no text");
		return 1;
	}
	if (holds)
		r->open[event->depth] = value;
	return 0;
}

json_t *ms_toml_tree(const struct ms_source *source)
{
	struct reader r = {.source = source};
	struct toml_diag diag;
	enum toml_error error = toml_read(source->text, source->len, on_event, &r, &diag);

	if (error == TOML_OK)
		return r.open[0];
	if (error == TOML_EMEMORY)
		ms_die_system("out of memory");
	if (!r.failed)
		fault(&r, &diag.pos, diag.message);
	json_decref(r.open[0]);
	return NULL;
}
