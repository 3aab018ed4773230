/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document.c - a document of whatever stage. See document.h.
 */
#include "report/document.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "image/document.h"
#include "layout/layout.h"
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

/* What the text says it is, before anybody checks it: the strict reader complains in its turn. */
static bool peek(const char *text, size_t len, const char *schema, bool *compiled)
{
	json_t *root = ms_json_load(text, len, NULL);
	const char *got = json_string_value(json_object_get(root, "schema"));
	bool same = got && strcmp(got, schema) == 0;

	*compiled = json_object_get(root, "artifacts") != NULL;
	json_decref(root);
	return same;
}

static json_t *read_plan(const char *name, const char *text, size_t len, bool compiled,
                         struct ms_spec **spec)
{
	struct ms_field fields[1 + MS_IMAGE_FIELDS];

	if (!compiled)
		return ms_plan_parse(name, text, len, MS_PLAN_PLANNED, spec);
	fields[0] = ms_layout_field;
	memcpy(fields + 1, ms_image_fields, sizeof(ms_image_fields));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		fields[i].optional = 1;
	return ms_plan_parse_later(name, text, len, fields, sizeof(fields) / sizeof(fields[0]),
	                           spec);
}

static void read_layout(struct ms_document *d)
{
	d->layout = json_object_get(d->root, "layout");
	if (!d->layout || !ms_layout_is_system(d->layout))
		return;
	d->table = ms_layout_packed(d->name, d->root, &d->table_len);
	if (!d->table)
		ms_exit(MS_EXIT_INPUT);
	d->layout = json_object_get(d->root, "layout");
}

void ms_document_read(const char *path, struct ms_document *d)
{
	size_t len;
	char *text = ms_read_file(path, MS_DOC_MAX, &len);
	bool compiled;

	*d = (struct ms_document){.name = ms_input_name(path), .text = text, .len = len};
	if (peek(text, len, MS_SPEC_SCHEMA, &compiled)) {
		json_t *system = ms_doc_parse(d->name, text, len, MS_SPEC_SCHEMA, &ms_spec_shape);

		d->spec = system ? ms_spec_from_json(d->name, system, false) : NULL;
	} else {
		d->root = read_plan(d->name, text, len, compiled, &d->spec);
		if (!d->root)
			ms_exit(MS_EXIT_INPUT);
		d->hashed = json_object_get(d->root, "plan_hash") != NULL;
		d->artifacts = json_object_get(d->root, "artifacts");
		d->archive = json_object_get(d->root, "archive");
		d->image = json_object_get(d->root, "image");
		read_layout(d);
	}
	if (!d->spec)
		ms_exit(MS_EXIT_INPUT);
}

const char *ms_document_text(const json_t *value, const char *path)
{
	const char *s = json_string_value(ms_doc_at(value, path));

	return s ? s : "";
}

uint64_t ms_document_number(const json_t *value, const char *path)
{
	json_int_t number = json_integer_value(ms_doc_at(value, path));

	return number < 0 ? 0 : (uint64_t)number;
}

uint64_t ms_document_hex(const json_t *value, const char *path)
{
	return strtoull(ms_document_text(value, path), NULL, 16);
}

const json_t *ms_document_device(const struct ms_document *d, const char *key, const char *name,
                                 const struct ms_dt *from)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(d->root, "devices"), i, row)
	{
		if (strcmp(ms_document_text(row, key), name) == 0 &&
		    strcmp(ms_document_text(row, "dt"), from->dt) == 0 &&
		    ms_document_number(row, "index") == (uint64_t)from->index)
			return row;
	}
	return NULL;
}

bool ms_document_has(const json_t *value, const char *key, const char *word)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(value, key), i, item)
	{
		const char *s = json_string_value(item);

		if (s && strcmp(s, word) == 0)
			return true;
	}
	return false;
}
