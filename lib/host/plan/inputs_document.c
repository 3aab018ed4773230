/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inputs_document.c - the records of inputs in a document, checked, compared and gathered.
 */
#include "plan/inputs.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* -- shape ------------------------------------------------------------------------------- */

static const struct ms_field entry_fields[] = {
    {.name = "kind", .kind = MS_KIND_ENUM, .values = ms_input_kinds},
    {.name = "path", .kind = MS_KIND_STRING, .min = 1, .max = 4095},
    {.name = "sha256", .kind = MS_KIND_SHA256},
    {.name = "size", .kind = MS_KIND_INTEGER, .max = MS_DOC_INT_MAX},
    {.name = "version", .kind = MS_KIND_STRING, .optional = 1, .min = 1, .max = 255},
};
static const struct ms_shape entry_shape = {.fields = entry_fields, .count = COUNT(entry_fields)};
const struct ms_field ms_input_item = {.kind = MS_KIND_OBJECT, .shape = &entry_shape};

static const struct ms_field files_fields[] = {
    {.name = "files", .kind = MS_KIND_ARRAY, .max = MS_INPUTS_MAX, .item = &ms_input_item},
};
const struct ms_shape ms_inputs_shape = {.fields = files_fields, .count = COUNT(files_fields)};

static const struct ms_field all_fields[] = {
    MS_INPUTS_FIELD,
    MS_INPUTS_RECORD("compiled_from"),
    MS_INPUTS_RECORD("packed_from"),
    MS_INPUTS_RECORD("linked_from"),
    MS_INPUTS_HASH_FIELD,
};
static const struct ms_shape all_shape = {.fields = all_fields, .count = COUNT(all_fields)};

/* The records of files that were read, in the order of the stages. */
static const struct {
	const char *key, *stage;
} records[] = {
    {"compiled_from", "ms-compile"},
    {"packed_from", "ms-cpio"},
    {"linked_from", "ms-link"},
};

/* -- comparing --------------------------------------------------------------------------- */

static int compare_path(const void *path, const void *entry)
{
	return strcmp(path, ((const struct ms_input *)entry)->path);
}

static const struct ms_input *find(const struct ms_inputs *inputs, const char *path)
{
	size_t low = 0, high = inputs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_path(path, &inputs->items[middle]);

		if (order == 0)
			return &inputs->items[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static unsigned verify_record(const json_t *record, const char *stage,
                              const struct ms_inputs *inputs)
{
	unsigned faults = 0;
	const json_t *entry;
	size_t i;

	json_array_foreach(record, i, entry)
	{
		const struct ms_input *now = find(inputs, ms_doc_string(entry, "path"));
		const char *then = ms_doc_string(entry, "sha256");

		uint64_t size = (uint64_t)ms_doc_integer(entry, "size");

		if (now && strcmp(now->sha256, then) == 0 && now->size != size)
			faults += ms_input_sizes_fault(now, size);
		if (!now || strcmp(now->sha256, then) == 0)
			continue;
		ms_report(MS_ERROR, NULL, "input-changed",
		          "%s changed since %s read it: sha256 was %s, is %s", now->path, stage,
		          then, now->sha256);
		faults++;
	}
	return faults;
}

unsigned ms_inputs_verify(const json_t *document, const struct ms_inputs *inputs)
{
	const json_t *named = json_object_get(json_object_get(document, "inputs"), "files");
	unsigned faults = verify_record(named, "ms-hash", inputs);

	for (size_t i = 0; i < COUNT(records) && faults == 0; i++)
		faults = verify_record(json_object_get(document, records[i].key), records[i].stage,
		                       inputs);
	return faults;
}

const char *ms_input_name_fault(const char *name)
{
	const char *slash = strchr(name, '/'), *path = name;

	if (name[0] == '@')
		path = slash ? slash + 1 : "";
	if (ms_starts_with(name, "@project/")) {
		while (ms_starts_with(path, "../"))
			path += 3;
	}
	return ms_path_fault(path);
}

/* -- all of them ------------------------------------------------------------------------- */

static bool add_record(struct ms_inputs *all, const json_t *record)
{
	const json_t *entry;
	size_t i;

	if (all->count + json_array_size(record) > MS_INPUTS_MAX) {
		ms_report(MS_ERROR, NULL, "inputs", "the document records more than %d inputs",
		          MS_INPUTS_MAX);
		return false;
	}
	json_array_foreach(record, i, entry)
	{
		struct ms_input input = {
		    .kind = ms_doc_string(entry, "kind"),
		    .path = ms_doc_string(entry, "path"),
		    .version = json_string_value(json_object_get(entry, "version")),
		    .size = (uint64_t)ms_doc_integer(entry, "size"),
		};

		const char *fault = ms_input_name_fault(input.path);

		if (fault) {
			ms_report(MS_ERROR, NULL, "inputs",
			          "the document records the input \"%.80s\", whose path %s",
			          input.path, fault);
			return false;
		}
		memcpy(input.sha256, ms_doc_string(entry, "sha256"), MS_SHA256_HEX);
		ms_inputs_add(all, &input);
	}
	return true;
}

/* The keys of ours that a document has, checked; NULL after reporting. A new reference. */
static json_t *take_keys(const json_t *document)
{
	json_t *own = json_object();

	for (size_t i = 0; i < COUNT(all_fields); i++) {
		json_t *value = json_object_get(document, all_fields[i].name);

		if (value)
			ms_doc_set(own, all_fields[i].name, json_incref(value));
	}
	for (size_t i = 0; i < COUNT(records); i++) {
		if (json_object_get(own, records[i].key))
			continue;
		ms_report(MS_ERROR, NULL, "inputs",
		          "the document has no %s: no finished build wrote it, or another program "
		          "took the place of %s",
		          records[i].key, records[i].stage);
		json_decref(own);
		return NULL;
	}
	if (ms_doc_check("the document", "$", own, &all_shape) == 0)
		return own;
	json_decref(own);
	return NULL;
}

json_t *ms_inputs_of(const json_t *document)
{
	json_t *own = take_keys(document), *list = NULL;
	struct ms_inputs all = {0};
	const char *said;
	char hash[MS_SHA256_HEX];
	bool good = own != NULL;

	for (size_t i = 0; i < COUNT(records) && good; i++)
		good = add_record(&all, json_object_get(own, records[i].key));
	if (good && ms_inputs_settle(&all) == 0 && ms_inputs_verify(own, &all) == 0)
		list = ms_inputs_json(&all);
	said = json_string_value(json_object_get(own, "inputs_hash"));
	if (list && said) {
		ms_inputs_hash(list, hash);
		if (strcmp(said, hash) != 0) {
			ms_report(MS_ERROR, NULL, "inputs-hash",
			          "inputs_hash does not fit: the document says %s, its records "
			          "give %s",
			          said, hash);
			json_decref(list);
			list = NULL;
		}
	}
	json_decref(own);
	return list;
}

bool ms_inputs_record(json_t *document, const char *key, struct ms_inputs *inputs)
{
	char hash[MS_SHA256_HEX];
	json_t *list;

	if (ms_inputs_settle(inputs) != 0 || ms_inputs_verify(document, inputs) != 0)
		return false;
	ms_doc_set(document, key, ms_inputs_json(inputs));
	if (strcmp(key, records[COUNT(records) - 1].key) != 0)
		return true;
	for (size_t i = 0; i < COUNT(records); i++) {
		if (!json_object_get(document, records[i].key))
			return true;
	}
	list = ms_inputs_of(document);
	if (!list)
		return false;
	ms_inputs_hash(list, hash);
	ms_doc_set(document, "inputs_hash", ms_doc_new_string(hash));
	json_decref(list);
	return true;
}

void ms_inputs_hash(const json_t *list, char hex[MS_SHA256_HEX])
{
	size_t len;
	char *text = ms_doc_canonical(list, &len);

	ms_sha256_hex(text, len, hex);
	free(text);
}
