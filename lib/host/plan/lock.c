/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lock.c - reading, writing and comparing a lock.
 */
#include "plan/lock.h"

#include "base/diag.h"
#include "base/file.h"
#include "spec/table.h"
#include "spec/toml_tree.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct ms_field board_fields[] = {
    {.name = "name", .kind = MS_KIND_STRING, .min = 1, .max = 255},
    {.name = "config", .kind = MS_KIND_STRING, .min = 1, .max = 255},
};
static const struct ms_shape board_shape = {.fields = board_fields, .count = COUNT(board_fields)};

static const struct ms_field kernel_fields[] = {
    {.name = "kind", .kind = MS_KIND_STRING, .min = 1, .max = 63},
    {.name = "platform", .kind = MS_KIND_STRING, .min = 1, .max = 255},
    {.name = "sha256", .kind = MS_KIND_SHA256},
};
static const struct ms_shape kernel_shape = {.fields = kernel_fields,
                                             .count = COUNT(kernel_fields)};

static const struct ms_field lock_fields[] = {
    {.name = "schema", .kind = MS_KIND_STRING},
    {.name = "spec_hash", .kind = MS_KIND_SHA256},
    {.name = "plan_hash", .kind = MS_KIND_SHA256},
    {.name = "inputs_hash", .kind = MS_KIND_SHA256},
    {.name = "board", .kind = MS_KIND_OBJECT, .shape = &board_shape},
    {.name = "kernel", .kind = MS_KIND_OBJECT, .shape = &kernel_shape},
    {.name = "inputs",
     .kind = MS_KIND_ARRAY,
     .min = 1,
     .max = MS_INPUTS_MAX,
     .item = &ms_input_item},
};
static const struct ms_shape lock_shape = {.fields = lock_fields, .count = COUNT(lock_fields)};

/* -- making one -------------------------------------------------------------------------- */

static void copy(json_t *to, const char *name, const json_t *from, const char *key)
{
	json_t *value = json_object_get(from, key);

	if (value)
		ms_doc_set(to, name, json_incref(value));
}

json_t *ms_lock_of(const json_t *document)
{
	const json_t *build = json_object_get(json_object_get(document, "spec"), "build");
	const json_t *packed = json_object_get(json_object_get(document, "archive"), "kernel");
	json_t *inputs = ms_inputs_of(document), *lock, *board, *kernel;
	char hash[MS_SHA256_HEX];

	if (!inputs)
		return NULL;
	ms_inputs_hash(inputs, hash);
	lock = json_object();
	ms_doc_set(lock, "schema", ms_doc_new_string(MS_LOCK_SCHEMA));
	copy(lock, "spec_hash", document, "spec_hash");
	copy(lock, "plan_hash", document, "plan_hash");
	ms_doc_set(lock, "inputs_hash", ms_doc_new_string(hash));
	board = json_object();
	copy(board, "name", build, "board");
	copy(board, "config", build, "config");
	ms_doc_set(lock, "board", board);
	kernel = json_object();
	copy(kernel, "kind", packed, "kind");
	copy(kernel, "platform", packed, "platform");
	copy(kernel, "sha256", packed, "sha256");
	ms_doc_set(lock, "kernel", kernel);
	ms_doc_set(lock, "inputs", inputs);
	if (ms_doc_check("the document", "$", lock, &lock_shape) == 0)
		return lock;
	json_decref(lock);
	return NULL;
}

/* Keys in the order of the shape, tables behind the plain ones. */
static void write_fields(struct ms_buf *out, const json_t *object, const struct ms_shape *shape)
{
	for (size_t i = 0; i < shape->count; i++) {
		const json_t *value = json_object_get(object, shape->fields[i].name);

		if (!json_is_string(value) && !json_is_integer(value))
			continue;
		ms_buf_printf(out, "%s = ", shape->fields[i].name);
		if (json_is_string(value))
			ms_toml_string(out, json_string_value(value));
		else
			ms_buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		ms_buf_puts(out, "\n");
	}
}

char *ms_lock_to_toml(const json_t *lock, size_t *len)
{
	struct ms_buf out = {0};
	const json_t *input;
	size_t i;

	ms_buf_puts(&out, "# What this system is built from: moonshot-lock(5). Made by `ms-build "
	                  "lock`, held to by `ms-build --locked`.\n");
	write_fields(&out, lock, &lock_shape);
	ms_buf_puts(&out, "\n[board]\n");
	write_fields(&out, ms_doc_member(lock, "board"), &board_shape);
	ms_buf_puts(&out, "\n[kernel]\n");
	write_fields(&out, ms_doc_member(lock, "kernel"), &kernel_shape);
	json_array_foreach(ms_doc_member(lock, "inputs"), i, input)
	{
		ms_buf_puts(&out, "\n[[inputs]]\n");
		write_fields(&out, input, ms_input_item.shape);
	}
	*len = out.len;
	return out.data;
}

/* -- reading one ------------------------------------------------------------------------- */

/* What the shape cannot say: each input once, in order, and the hash. */
static unsigned check_list(const char *path, const json_t *lock)
{
	const struct ms_source source = {.name = path};
	const struct ms_place place = {.source = &source};
	const json_t *list = ms_doc_member(lock, "inputs"), *input;
	const char *before = "", *said = ms_doc_string(lock, "inputs_hash");
	char hash[MS_SHA256_HEX];
	size_t i;

	json_array_foreach(list, i, input)
	{
		const char *name = ms_doc_string(input, "path");

		if (strcmp(before, name) >= 0) {
			ms_report(MS_ERROR, &place, "lock",
			          "the inputs are not sorted by path, each once: \"%.200s\" comes "
			          "after \"%.200s\"",
			          name, before);
			return 1;
		}
		before = name;
	}
	ms_inputs_hash(list, hash);
	if (strcmp(hash, said) == 0)
		return 0;
	ms_report(
	    MS_ERROR, &place, "lock",
	    "inputs_hash does not fit: the lock says %s, its inputs give %s; it was changed by "
	    "hand, or in part",
	    said, hash);
	return 1;
}

json_t *ms_lock_read(const char *path)
{
	struct ms_source source = {.name = path};
	const struct ms_place place = {.source = &source};
	const char *schema;
	struct stat st;
	json_t *lock;
	char *text;

	if (stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
		ms_report(MS_ERROR, NULL, "lock", "there is no lock %s (ms-build lock makes one)",
		          path);
		return NULL;
	}
	text = ms_read_file(path, MS_LOCK_MAX, &source.len);
	source.text = text;
	lock = ms_toml_tree(&source);
	if (!lock)
		return NULL;
	schema = json_string_value(json_object_get(lock, "schema"));
	if (!schema || strcmp(schema, MS_LOCK_SCHEMA) != 0)
		ms_report(MS_ERROR, &place, "schema", "this is no lock of schema " MS_LOCK_SCHEMA);
	else if (ms_doc_check(path, "$", lock, &lock_shape) == 0 && check_list(path, lock) == 0)
		return lock;
	json_decref(lock);
	return NULL;
}

/* -- comparing --------------------------------------------------------------------------- */

static unsigned differs(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static unsigned differs(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ms_report(MS_ERROR, NULL, "locked", "%s", ms_vformat(fmt, ap));
	va_end(ap);
	return 1;
}

static unsigned compare_hash(const char *key, const char *what, const json_t *lock,
                             const json_t *document)
{
	const char *then = ms_doc_string(lock, key);
	const char *now = json_string_value(json_object_get(document, key));

	if (now && strcmp(then, now) == 0)
		return 0;
	return differs("%s: the lock has %s %s, this is %s", what, key, then, now ? now : "none");
}

static const char *version_of(const json_t *input)
{
	const char *version = json_string_value(json_object_get(input, "version"));

	return version ? version : "no version";
}

static const char *text(const json_t *input, const char *key)
{
	return ms_doc_string(input, key);
}

static unsigned compare_input(const json_t *then, const json_t *now)
{
	const char *version = version_of(then);
	bool same_bytes = strcmp(text(then, "sha256"), text(now, "sha256")) == 0;

	if (strcmp(version, version_of(now)) != 0)
		return differs("changed: %s (%s): the lock has %s with sha256 %s, the build %s "
		               "with %s",
		               text(then, "path"), text(then, "kind"), version,
		               text(then, "sha256"), version_of(now), text(now, "sha256"));
	if (!same_bytes)
		return differs("changed: %s (%s): the lock has sha256 %s, the build read %s",
		               text(then, "path"), text(then, "kind"), text(then, "sha256"),
		               text(now, "sha256"));
	if (!json_equal(then, now))
		return differs("changed: %s: the lock has it as %s of %" JSON_INTEGER_FORMAT
		               " bytes, the build as %s of %" JSON_INTEGER_FORMAT,
		               text(then, "path"), text(then, "kind"),
		               json_integer_value(json_object_get(then, "size")), text(now, "kind"),
		               json_integer_value(json_object_get(now, "size")));
	return 0;
}

static bool is_kernel(const json_t *input)
{
	return strcmp(text(input, "kind"), "kernel") == 0;
}

/* Two sorted lists; of both only what is of the kernel, or all. */
static unsigned compare_lists(const json_t *then, const json_t *now, bool kernel_only)
{
	size_t i = 0, k = 0, n = json_array_size(then), m = json_array_size(now);
	unsigned count = 0;

	while (i < n || k < m) {
		const json_t *a = json_array_get(then, i), *b = json_array_get(now, k);
		int order = !a ? 1 : !b ? -1 : strcmp(text(a, "path"), text(b, "path"));

		i += order <= 0;
		k += order >= 0;
		if (kernel_only && !is_kernel(order <= 0 ? a : b))
			continue;
		if (order == 0)
			count += compare_input(a, b);
		else if (order < 0)
			count += differs("removed: %s (%s): the lock has it, this build did not "
			                 "read it",
			                 text(a, "path"), text(a, "kind"));
		else
			count += differs("added: %s (%s): the lock does not have it; sha256 is %s",
			                 text(b, "path"), text(b, "kind"), text(b, "sha256"));
	}
	return count;
}

/* Of another kernel, the first thing to say is that. */
static unsigned compare_kernel(const json_t *lock, const json_t *list)
{
	const json_t *kernel = ms_doc_member(lock, "kernel"), *input;
	size_t i;

	json_array_foreach(list, i, input)
	{
		if (strcmp(text(input, "path"), "@kernel/kernel.elf") != 0 ||
		    strcmp(text(input, "sha256"), text(kernel, "sha256")) == 0)
			continue;
		return differs("the lock was made with another kernel: %s for %s with sha256 %s; "
		               "the one at hand has sha256 %s",
		               text(kernel, "kind"), text(kernel, "platform"),
		               text(kernel, "sha256"), text(input, "sha256"));
	}
	return 0;
}

static unsigned sum_up(const char *path, unsigned count)
{
	if (count)
		ms_report(MS_NOTE, NULL, "locked",
		          "%u difference%s to %s; if they are meant, ms-build lock makes a new one",
		          count, count == 1 ? "" : "s", path);
	return count;
}

static unsigned compare_hashes(const json_t *lock, const json_t *document)
{
	unsigned count = compare_hash("spec_hash", "another system", lock, document);

	/* Another system has another plan: said once. */
	return count ? count : compare_hash("plan_hash", "another plan", lock, document);
}

unsigned ms_lock_compare_early(const char *path, const json_t *lock, const json_t *document,
                               const struct ms_inputs *inputs)
{
	struct ms_inputs sorted = {0};
	unsigned count;
	json_t *list;

	for (size_t i = 0; i < inputs->count; i++)
		ms_inputs_add(&sorted, &inputs->items[i]);
	if (ms_inputs_settle(&sorted) != 0)
		return 1;
	list = ms_inputs_json(&sorted);
	count = compare_hashes(lock, document) + compare_kernel(lock, list) +
	        compare_lists(ms_doc_member(lock, "inputs"), list, true);
	json_decref(list);
	return sum_up(path, count);
}

unsigned ms_lock_compare(const char *path, const json_t *lock, const json_t *document)
{
	json_t *list = ms_inputs_of(document);
	unsigned count;

	if (!list)
		return 1;
	count = compare_hashes(lock, document) + compare_kernel(lock, list) +
	        compare_lists(ms_doc_member(lock, "inputs"), list, false);
	json_decref(list);
	return sum_up(path, count);
}
