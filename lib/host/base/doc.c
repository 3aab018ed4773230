/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doc.c - the JSON documents: strict reading, checking against a table, canonical writing.
 */
#include "base/doc.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/relay.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Faults of one document that are reported before the rest is only counted. */
#define FAULTS_SHOWN 50

/* Fields of one shape. */
#define SHAPE_MAX 64

#define WRITTEN "text" /* in the relay, of a value */

/* Bytes of a member that is worth leaving raw. */
#define LAZY_LEAST 4096

struct check {
	struct ms_source source;
	unsigned faults;
};

/* Where a value stands. Written out only for a fault: a sound document needs no text for it. */
struct spot {
	const struct spot *up; /* NULL: key is the path itself */
	const char *key;       /* NULL: a member of an array */
	size_t index;
};

static void add_spot(struct ms_buf *out, const struct spot *at)
{
	if (at->up)
		add_spot(out, at->up);
	if (!at->key)
		ms_buf_printf(out, "[%zu]", at->index);
	else
		ms_buf_printf(out, "%s%s", at->up ? "." : "", at->key);
}

static void fault(struct check *c, const struct spot *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void fault(struct check *c, const struct spot *at, const char *fmt, ...)
{
	struct ms_place place = {.source = &c->source};
	struct ms_buf path = {0};
	va_list ap;

	if (c->faults++ >= FAULTS_SHOWN)
		return;
	add_spot(&path, at);
	va_start(ap, fmt);
	ms_report(MS_ERROR, &place, "document", "%s: %s", path.data, ms_vformat(fmt, ap));
	va_end(ap);
}

static const char *type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT: return "an object";
	case JSON_ARRAY: return "an array";
	case JSON_STRING: return "a string";
	case JSON_INTEGER: return "an integer";
	case JSON_REAL: return "a number that is no integer";
	case JSON_TRUE:
	case JSON_FALSE: return "a boolean";
	case JSON_NULL: return "null";
	}
	return "something else";
}

static const char *kind_name(enum ms_kind kind)
{
	switch (kind) {
	case MS_KIND_STRING: return "a string";
	case MS_KIND_INTEGER: return "an integer";
	case MS_KIND_BOOLEAN: return "a boolean";
	case MS_KIND_HEX: return "a string \"0x…\" (lower case, no leading zeroes)";
	case MS_KIND_SHA256: return "64 lower-case hex digits";
	case MS_KIND_PATH: return "a path";
	case MS_KIND_ENUM: return "a string";
	case MS_KIND_OBJECT: return "an object";
	case MS_KIND_ARRAY: return "an array";
	case MS_KIND_ANY: return "a value";
	}
	return "a value";
}

static int has_type(const json_t *value, enum ms_kind kind)
{
	switch (kind) {
	case MS_KIND_INTEGER: return json_is_integer(value);
	case MS_KIND_BOOLEAN: return json_is_boolean(value);
	case MS_KIND_OBJECT: return json_is_object(value);
	case MS_KIND_ARRAY: return json_is_array(value);
	case MS_KIND_ANY: return 1;
	default: return json_is_string(value);
	}
}

static int is_lower_hex(const char *s, size_t len)
{
	return len == strlen(s) && strspn(s, "0123456789abcdef") == len;
}

static int is_hex_number(const char *s)
{
	size_t len = strlen(s);

	if (!ms_starts_with(s, "0x") || len < 3 || len > 18 || !is_lower_hex(s + 2, len - 2))
		return 0;
	return s[2] != '0' || len == 3;
}

static void check_string(struct check *c, const struct spot *at, const char *s,
                         const struct ms_field *field)
{
	size_t len = strlen(s);

	switch (field->kind) {
	case MS_KIND_HEX:
		if (!is_hex_number(s))
			fault(c, at, "expected %s, not \"%.80s\"", kind_name(field->kind), s);
		break;
	case MS_KIND_SHA256:
		if (!is_lower_hex(s, 64))
			fault(c, at, "expected %s, not \"%.80s\"", kind_name(field->kind), s);
		break;
	case MS_KIND_PATH: {
		const char *why = ms_path_fault(s);

		if (why)
			fault(c, at, "the path \"%.80s\" %s", s, why);
		break;
	}
	case MS_KIND_ENUM:
		for (size_t i = 0; field->values[i]; i++) {
			if (strcmp(field->values[i], s) == 0)
				return;
		}
		fault(c, at, "unknown value \"%.80s\"", s);
		break;
	default:
		if ((field->min || field->max) &&
		    (len < (size_t)field->min || len > (size_t)field->max))
			fault(c, at, "a string of %zu byte%s; allowed are %" PRId64 " to %" PRId64,
			      len, len == 1 ? "" : "s", field->min, field->max);
	}
}

static void check_shape(struct check *c, const struct spot *at, const json_t *value,
                        const struct ms_shape *shape);

static void check_field(struct check *c, const struct spot *at, const json_t *value,
                        const struct ms_field *field)
{
	/* A number in whose place an object can stand. */
	if (field->shape && field->kind != MS_KIND_OBJECT && json_is_object(value)) {
		check_shape(c, at, value, field->shape);
		return;
	}
	if (!has_type(value, field->kind)) {
		fault(c, at, "expected %s, not %s", kind_name(field->kind), type_name(value));
		return;
	}
	switch (field->kind) {
	case MS_KIND_INTEGER: {
		int64_t n = json_integer_value(value);

		if (n < field->min || n > field->max)
			fault(c, at, "%" PRId64 " is outside %" PRId64 " to %" PRId64, n,
			      field->min, field->max);
		break;
	}
	case MS_KIND_OBJECT: check_shape(c, at, value, field->shape); break;
	case MS_KIND_ARRAY: {
		size_t n = json_array_size(value);

		if ((field->min || field->max) &&
		    (n < (size_t)field->min || n > (size_t)field->max)) {
			fault(c, at, "%zu member%s; allowed are %" PRId64 " to %" PRId64, n,
			      n == 1 ? "" : "s", field->min, field->max);
			break;
		}
		for (size_t i = 0; i < n; i++) {
			const struct spot below = {.up = at, .index = i};

			check_field(c, &below, json_array_get(value, i), field->item);
		}
		break;
	}
	case MS_KIND_BOOLEAN:
	case MS_KIND_ANY: break;
	default: check_string(c, at, json_string_value(value), field);
	}
}

static const struct ms_field *shape_field(const struct ms_shape *shape, size_t i)
{
	size_t stride = shape->stride ? shape->stride : sizeof(struct ms_field);

	return (const struct ms_field *)(const void *)((const char *)shape->fields + i * stride);
}

/* The members of an object by the fields of its shape, in one pass. Documents have their keys in
 * order, and so have many shapes: the next key is nearly always the next field's or a later one's.
 * False when a key is no field's. */
static bool find_members(const json_t *value, const struct ms_shape *shape,
                         const json_t *members[SHAPE_MAX])
{
	bool all = true;
	size_t at = 0;

	/* jansson's iteration is in order of insertion: the order of the text. */
	for (void *it = json_object_iter((json_t *)(uintptr_t)value); it;
	     it = json_object_iter_next((json_t *)(uintptr_t)value, it)) {
		const char *key = json_object_iter_key(it);
		size_t tried = 0;

		for (; tried < shape->count; tried++, at++) {
			if (at >= shape->count)
				at = 0;
			if (strcmp(shape_field(shape, at)->name, key) == 0)
				break;
		}
		if (tried == shape->count)
			all = false;
		else
			members[at++] = json_object_iter_value(it);
	}
	return all;
}

static void check_shape(struct check *c, const struct spot *at, const json_t *value,
                        const struct ms_shape *shape)
{
	const json_t *members[SHAPE_MAX] = {NULL};
	bool all;

	if (shape->count > SHAPE_MAX)
		ms_die_system("internal fault: a shape of %zu fields", shape->count);
	all = find_members(value, shape, members);
	for (size_t i = 0; i < shape->count; i++) {
		const struct ms_field *field = shape_field(shape, i);

		if (!members[i]) {
			if (!field->optional)
				fault(c, at, "the key \"%s\" is missing", field->name);
			continue;
		}
		const struct spot below = {.up = at, .key = field->name};
		check_field(c, &below, members[i], field);
	}
	if (all)
		return;
	for (void *it = json_object_iter((json_t *)(uintptr_t)value); it;
	     it = json_object_iter_next((json_t *)(uintptr_t)value, it)) {
		const char *key = json_object_iter_key(it);
		size_t i = 0;

		while (i < shape->count && strcmp(shape_field(shape, i)->name, key) != 0)
			i++;
		if (i == shape->count)
			fault(c, at, "unknown key \"%.80s\"", key);
	}
}

unsigned ms_doc_check(const char *name, const char *path, const json_t *value,
                      const struct ms_shape *shape)
{
	struct check c = {.source = {.name = name}};
	const struct spot at = {.key = path};

	if (!json_is_object(value))
		fault(&c, &at, "expected an object, not %s", type_name(value));
	else
		check_shape(&c, &at, value, shape);
	if (c.faults > FAULTS_SHOWN)
		ms_report(MS_NOTE, NULL, NULL, "%s in %s",
		          ms_count_text(c.faults - FAULTS_SHOWN, "more fault"), name);
	return c.faults;
}

json_t *ms_doc_expand(const char *name, json_t *document, const char *key)
{
	struct ms_source source = {.name = name};
	struct ms_place place = {.source = &source};
	json_t *value = json_object_get(document, key);
	json_error_t error;
	const char *text;
	size_t len;

	text = ms_json_raw_text(value, &len);
	if (!text)
		return value;
	value = ms_json_load(text, len, &error);
	if (!value) {
		ms_report(MS_ERROR, &place, "json", "$.%s: %s", key, error.text);
		return NULL;
	}
	ms_doc_set(document, key, value);
	return value;
}

static const char *lazy_key(const struct ms_shape *shape)
{
	for (size_t i = 0; i < shape->count; i++) {
		if (shape_field(shape, i)->lazy)
			return shape_field(shape, i)->name;
	}
	return NULL;
}

/* A specification is easily taken for a document: what turns it into one. */
static void note_language(const struct ms_source *source)
{
	const struct ms_place place = {.source = source};
	char begin, key;
	size_t at = 0;

	while (at < source->len && strchr(" \t\r\n", source->text[at]))
		at++;
	begin = at < source->len ? source->text[at] : '\0';
	while (at < source->len && source->text[at] == '[')
		at++;
	key = at < source->len ? source->text[at] : '\0';
	if (begin == '<')
		ms_report(MS_NOTE, &place, NULL,
		          "this is XML: ms-import makes TOML of a system description of Microkit, "
		          "and ms-parse a document of that");
	else if (begin == '#' || (key >= 'a' && key <= 'z'))
		ms_report(MS_NOTE, &place, NULL,
		          "if this is a specification in TOML: ms-parse makes a document of it");
}

json_t *ms_doc_parse(const char *name, const char *text, size_t len, const char *schema,
                     const struct ms_shape *shape)
{
	struct ms_source source = {.name = name, .text = text, .len = len};
	json_error_t error;
	const char *got;
	json_t *root;

	if (len == 0) {
		/* In a pipe: the stage before has failed and has said why. */
		struct ms_source empty = {.name = name};
		struct ms_place place = {.source = &empty};

		ms_report(MS_ERROR, &place, "json", "the input is empty");
		return NULL;
	}
	root = ms_json_load_lazily(text, len, lazy_key(shape), LAZY_LEAST, &error);
	if (!root) {
		struct ms_place place = {.source = &source, .len = 1};

		place.line = error.line > 0 ? (unsigned)error.line : 1;
		place.col = error.column > 0 ? (unsigned)error.column : 1;
		ms_report(MS_ERROR, &place, "json", "%s", error.text);
		note_language(&source);
		return NULL;
	}
	got = json_string_value(json_object_get(root, "schema"));
	if (!got || strcmp(got, schema) != 0) {
		struct ms_place place = {.source = &source};

		ms_report(MS_ERROR, &place, "schema", "this is no document of schema %s%s%.80s",
		          schema, got ? " but of " : "", got ? got : "");
		json_decref(root);
		return NULL;
	}
	if (ms_doc_check(name, "$", root, shape) != 0) {
		json_decref(root);
		return NULL;
	}
	return root;
}

static bool is_stdio(const char *path)
{
	return !path || strcmp(path, "-") == 0;
}

json_t *ms_doc_read(const char *path, const char *schema, const struct ms_shape *shape)
{
	json_t *root = is_stdio(path) ? ms_relay_take() : NULL;
	size_t len;
	char *text;

	if (root && strcmp(ms_doc_string(root, "schema"), schema) == 0)
		return root;
	text = ms_read_file(path, MS_DOC_MAX, &len);
	ms_mem_expect_for(len);
	root = ms_doc_parse(ms_input_name(path), text, len, schema, shape);
	if (!root)
		ms_exit(MS_EXIT_INPUT);
	free(text);
	return root;
}

/* -- writing ----------------------------------------------------------------------------- */

char *ms_doc_canonical(const json_t *value, size_t *len)
{
	struct ms_buf out = {0};

	ms_json_write(&out, value);
	if (len)
		*len = out.len;
	return out.data;
}

/* A text that a value was written as, in a buffer that is kept. */
struct written {
	const char *data;
	size_t len;
};

static void know_written(const json_t *value, const char *data, size_t len)
{
	struct written *w = ms_alloc(1, sizeof(*w));

	*w = (struct written){data, len};
	ms_relay_know(WRITTEN, value, w);
}

static int by_key(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/*
 * The same bytes as ms_json_write's: a stage adds members to what it was given and changes none,
 * so that those which an earlier stage of this process wrote are taken from its text.
 */
static void write_relayed(struct ms_buf *out, json_t *document)
{
	struct range {
		size_t from, to;
	} *at = ms_alloc(json_object_size(document), sizeof(*at));
	size_t count = json_object_size(document), n = 0;
	const char **keys = ms_alloc(count, sizeof(*keys)), *key;
	const struct written *w;
	static size_t last;
	json_t *member;

	ms_buf_room(out, last + 65536); /* so that it is rarely moved */
	json_object_foreach(document, key, member)
	{
		keys[n++] = key;
	}
	qsort(keys, n, sizeof(*keys), by_key);
	ms_buf_add(out, "{", 1);
	for (size_t i = 0; i < n; i++) {
		if (i)
			ms_buf_add(out, ",", 1);
		ms_json_add_string(out, keys[i], strlen(keys[i]));
		ms_buf_add(out, ":", 1);
		member = json_object_get(document, keys[i]);
		at[i].from = out->len;
		w = ms_relay_known(WRITTEN, member);
		if (w)
			ms_buf_add(out, w->data, w->len);
		else
			ms_json_write(out, member);
		at[i].to = out->len;
	}
	ms_buf_add(out, "}", 1);
	ms_buf_room(out, 2); /* for the end of the line: from here on it stays where it is */
	for (size_t i = 0; i < n; i++)
		know_written(json_object_get(document, keys[i]), out->data + at[i].from,
		             at[i].to - at[i].from);
	know_written(document, out->data, out->len);
	last = out->len;
	free(at);
	free(keys);
}

void ms_doc_write(const char *path, json_t *value)
{
	struct ms_buf out = {0};
	bool relayed = is_stdio(path) && ms_relay_is_open();

	if (relayed)
		write_relayed(&out, value);
	else
		ms_json_write(&out, value);
	ms_buf_add(&out, "\n", 1);
	ms_write_file(path, out.data, out.len, 0);
	if (relayed)
		ms_relay_give(value);
	else
		free(out.data);
}

/* -- access ------------------------------------------------------------------------------ */

const json_t *ms_doc_at(const json_t *value, const char *path)
{
	while (value && *path) {
		size_t len = strcspn(path, ".");

		value = json_object_getn(value, path, len);
		path += len + (path[len] == '.');
	}
	return value;
}

static json_t *must(const json_t *object, const char *key, enum ms_kind kind)
{
	json_t *value = json_object_get(object, key);

	if (!value || !has_type(value, kind))
		ms_die_system("internal fault: the key \"%s\" of a checked document is missing",
		              key);
	return value;
}

const char *ms_doc_string(const json_t *object, const char *key)
{
	return json_string_value(must(object, key, MS_KIND_STRING));
}

int64_t ms_doc_integer(const json_t *object, const char *key)
{
	return json_integer_value(must(object, key, MS_KIND_INTEGER));
}

int ms_doc_boolean(const json_t *object, const char *key)
{
	return json_is_true(must(object, key, MS_KIND_BOOLEAN));
}

json_t *ms_doc_member(const json_t *object, const char *key)
{
	return must(object, key, MS_KIND_ANY);
}

uint64_t ms_doc_hex(const json_t *object, const char *key)
{
	const char *s = ms_doc_string(object, key);

	if (!is_hex_number(s))
		ms_die_system("internal fault: the key \"%s\" of a checked document is no address",
		              key);
	return strtoull(s + 2, NULL, 16);
}

static json_t *made(json_t *value)
{
	if (!value)
		ms_die_system("out of memory, or a text that is not UTF-8");
	return value;
}

json_t *ms_doc_new_string(const char *s)
{
	return made(ms_json_share(s));
}

json_t *ms_doc_new_hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return made(json_string(text));
}

json_t *ms_doc_new_integer(int64_t value)
{
	return made(json_integer(value));
}

void ms_doc_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, made(value)) != 0)
		ms_die_system("out of memory");
}

void ms_doc_append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, made(value)) != 0)
		ms_die_system("out of memory");
}
