/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * schema.c - the rows of table.h as a JSON Schema. Draft 7: the newest that TOML language servers
 * know. Texts are in describe.c.
 */
#include "spec/schema.h"
#include "base/mem.h"
#include "spec/table.h"

#include <stdbool.h>
#include <string.h>

/* No component that is empty, "." or "..", then no control character; see path_fault. */
#define COMPONENTS "(?!(?:.*/)?\\.{0,2}(?:/|$))"
#define NOT_BUILT  "(?:@project/(?=build/)|(?![@-])(?!build(?:/|$)))" COMPONENTS
#define OUTSIDE    "^" NOT_BUILT
#define PRINTABLE  "[^\\u0000-\\u001f\\u007f]*"
#define IDENTIFIER "^[A-Za-z_][A-Za-z0-9_]*"

static json_t *new_object(const char *type)
{
	json_t *schema = json_object();

	ms_doc_set(schema, "type", ms_doc_new_string(type));
	return schema;
}

static const char *pattern_of(enum ms_form form)
{
	switch (form) {
	case MS_FORM_NAME:
	case MS_FORM_PD:
	case MS_FORM_REGION:
	case MS_FORM_DOMAIN: return "^[A-Za-z0-9_][A-Za-z0-9_.-]*$";
	case MS_FORM_SYMBOL: return IDENTIFIER "$";
	case MS_FORM_DEFINE: return IDENTIFIER "(?:=" PRINTABLE ")?$";
	case MS_FORM_FOLDER: return "^(?![@-])" COMPONENTS PRINTABLE "$";
	case MS_FORM_SOURCE: return OUTSIDE PRINTABLE "$";
	case MS_FORM_INCLUDE: return "^(?:\\.|" NOT_BUILT PRINTABLE ")$";
	case MS_FORM_CODE: return OUTSIDE PRINTABLE "\\.[cS]$";
	case MS_FORM_LIBRARY: return OUTSIDE PRINTABLE "\\.a$";
	case MS_FORM_PROGRAM: return OUTSIDE PRINTABLE "\\.elf$";
	/* Neither blank, quotation mark nor backslash; no empty component. */
	case MS_FORM_DT: return "^(?!.*//)(?!.+/$)[!#-\\[\\]-~]+$";
	case MS_FORM_ANY: break;
	}
	return NULL;
}

/* Lengths of the tables count bytes, those of a schema characters: what is not too long in the
 * one is not too long in the other. */
static json_t *string_schema(const struct ms_field *field, enum ms_form form)
{
	json_t *schema = new_object("string");
	const char *pattern = pattern_of(form);

	if (field->min > 0)
		ms_doc_set(schema, "minLength", ms_doc_new_integer(1));
	if (field->max > 0)
		ms_doc_set(schema, "maxLength", ms_doc_new_integer(field->max));
	if (pattern)
		ms_doc_set(schema, "pattern", ms_doc_new_string(pattern));
	return schema;
}

static json_t *words_schema(const char *const *words)
{
	json_t *schema = new_object("string"), *list = json_array();

	for (; *words; words++)
		ms_doc_append(list, ms_doc_new_string(*words));
	ms_doc_set(schema, "enum", list);
	return schema;
}

static json_t *number_schema(int64_t min, int64_t max, int64_t step)
{
	json_t *schema = new_object("integer");

	ms_doc_set(schema, "minimum", ms_doc_new_integer(min));
	if (max)
		ms_doc_set(schema, "maximum", ms_doc_new_integer(max));
	if (step > 1)
		ms_doc_set(schema, "multipleOf", ms_doc_new_integer(step));
	return schema;
}

/* An integer, or a string for what is larger than TOML's integers. */
static json_t *address_schema(const struct ms_spec_row *row)
{
	json_t *schema = json_object(), *any = json_array(), *text = new_object("string");

	ms_doc_append(any, number_schema(0, 0, row->step));
	ms_doc_set(text, "pattern", ms_doc_new_string("^0x0*[0-9a-fA-F]{1,16}$"));
	ms_doc_append(any, text);
	if (row->flags & MS_ROW_AUTO)
		ms_doc_append(any, words_schema((const char *const[]){"auto", NULL}));
	ms_doc_set(schema, "anyOf", any);
	return schema;
}

static json_t *table_schema(const struct ms_spec_table *table, const char *prefix);

static json_t *array_schema(const struct ms_spec_row *row, const char *path)
{
	const struct ms_field *item = row->doc.item;
	json_t *schema = new_object("array"), *items;

	if (ms_row_is_list(row)) {
		items = table_schema(row->table, ms_format("%s.", path));
	} else if (item->kind == MS_KIND_ENUM) {
		items = words_schema(item->values);
		ms_doc_set(schema, "uniqueItems", json_true());
	} else {
		items = string_schema(item, row->form);
	}
	ms_doc_set(schema, "items", items);
	if (row->doc.min > 0)
		ms_doc_set(schema, "minItems", ms_doc_new_integer(row->doc.min));
	if (row->doc.max > 0)
		ms_doc_set(schema, "maxItems", ms_doc_new_integer(row->doc.max));
	return schema;
}

/* What a key has when nobody gives it, where that does not follow from others. */
static json_t *fallback_of(const struct ms_spec_row *row)
{
	if (row->flags & (MS_ROW_REQUIRED | MS_ROW_DERIVED) || row->derive ||
	    row->fallback == MS_ABSENT)
		return NULL;
	switch (row->doc.kind) {
	case MS_KIND_STRING:
	case MS_KIND_PATH: return row->text ? ms_doc_new_string(row->text) : NULL;
	case MS_KIND_ENUM: return ms_doc_new_string(row->doc.values[row->fallback]);
	case MS_KIND_BOOLEAN: return json_boolean(row->fallback);
	case MS_KIND_INTEGER: return row->doc.optional ? NULL : ms_doc_new_integer(row->fallback);
	default: return NULL;
	}
}

static json_t *row_schema(const struct ms_spec_row *row, const char *path)
{
	const char *text = ms_spec_describe(path);
	json_t *schema, *fallback = fallback_of(row);

	switch (row->doc.kind) {
	case MS_KIND_INTEGER: schema = number_schema(row->doc.min, row->doc.max, row->step); break;
	case MS_KIND_BOOLEAN: schema = new_object("boolean"); break;
	case MS_KIND_ENUM: schema = words_schema(row->doc.values); break;
	case MS_KIND_HEX: schema = address_schema(row); break;
	case MS_KIND_ARRAY: schema = array_schema(row, path); break;
	case MS_KIND_OBJECT: schema = table_schema(row->table, ms_format("%s.", path)); break;
	default: schema = string_schema(&row->doc, row->form); break;
	}
	if (row->either) {
		json_t *any = json_array(), *both = json_object();

		ms_doc_append(any, schema);
		ms_doc_append(any, table_schema(row->either, ms_format("%s.", path)));
		ms_doc_set(both, "anyOf", any);
		schema = both;
	}
	if (text)
		ms_doc_set(schema, "description", ms_doc_new_string(text));
	if (fallback)
		ms_doc_set(schema, "default", fallback);
	return schema;
}

/* Of two keys one, and not both. */
static json_t *either(const char *a, const char *b)
{
	const char *const keys[] = {a, b};
	json_t *list = json_array();

	for (size_t i = 0; i < 2; i++) {
		json_t *one = json_object(), *required = json_array();

		ms_doc_append(required, ms_doc_new_string(keys[i]));
		ms_doc_set(one, "required", required);
		ms_doc_append(list, one);
	}
	return list;
}

static json_t *table_schema(const struct ms_spec_table *table, const char *prefix)
{
	json_t *schema = new_object("object"), *properties = json_object();
	json_t *required = json_array();

	for (size_t i = 0; i < table->count; i++) {
		const struct ms_spec_row *row = &table->rows[i];

		ms_doc_set(properties, row->doc.name,
		           row_schema(row, ms_format("%s%s", prefix, row->doc.name)));
		if (row->flags & MS_ROW_REQUIRED || (ms_row_is_list(row) && row->doc.min > 0))
			ms_doc_append(required, ms_doc_new_string(row->doc.name));
		if (row->flags & MS_ROW_ELSE)
			ms_doc_set(schema, "oneOf", either(row[-1].doc.name, row->doc.name));
	}
	ms_doc_set(schema, "properties", properties);
	ms_doc_set(schema, "additionalProperties", json_false());
	if (json_array_size(required))
		ms_doc_set(schema, "required", required);
	else
		json_decref(required);
	return schema;
}

json_t *ms_spec_json_schema(void)
{
	json_t *schema = table_schema(&ms_spec_table, "");

	ms_doc_set(schema, "$schema", ms_doc_new_string("http://json-schema.org/draft-07/schema#"));
	ms_doc_set(schema, "$id", ms_doc_new_string("urn:moonshot-toolkit:" MS_SPEC_SCHEMA));
	ms_doc_set(schema, "title", ms_doc_new_string("moonshot-toolkit: a seL4 system"));
	ms_doc_set(schema, "description",
	           ms_doc_new_string("One system in TOML; ms-spec(5) explains every key."));
	return schema;
}
