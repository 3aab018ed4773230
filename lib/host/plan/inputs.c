/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inputs.c - gathering what is read, under names that are the same on every machine.
 */
#include "plan/inputs.h"

#include "plan/toolchain.h"
#include "plan/words.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *const ms_input_kinds[] = {"source", "header", "library", "prefill", "script",
                                      "binary", "board",  "kernel",  "tool",    NULL};

void ms_inputs_add(struct ms_inputs *inputs, const struct ms_input *input)
{
	void *items = inputs->items;

	ms_reserve(&items, &inputs->cap, inputs->count + 1, sizeof(*inputs->items));
	inputs->items = items;
	inputs->items[inputs->count++] = *input;
}

void ms_inputs_add_as(struct ms_inputs *inputs, const char *kind, const char *path,
                      const char *sha256, uint64_t size)
{
	struct ms_input input = {.kind = kind, .path = path, .size = size};

	memcpy(input.sha256, sha256, MS_SHA256_HEX);
	ms_inputs_add(inputs, &input);
}

/* -- names ------------------------------------------------------------------------------- */

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* Its folder without links, "." and ".."; the file's own name as it is, be it a link's. */
static char *resolve(const char *path)
{
	char *folder = ms_path_folder(path);
	static char *last, *real; /* most files lie beside the one before */

	if (!last || strcmp(last, folder) != 0) {
		free(last);
		free(real);
		last = ms_strdup(folder);
		real = ms_real_path(folder);
	}
	free(folder);
	return real ? ms_path_join(real, ms_path_base(path)) : ms_strdup(path);
}

/* "@project/../x.h" of a file beside the project's folder. */
static char *beside(const char *project, const char *path)
{
	struct ms_buf name = {0};
	size_t same = 0;

	for (size_t i = 0;; i++) {
		bool a = path[i] == '/' || path[i] == '\0', b = project[i] == '/' || !project[i];

		if (a && b)
			same = i;
		if (path[i] != project[i] || !path[i])
			break;
	}
	if (same == 0)
		return NULL;
	ms_buf_puts(&name, "@project");
	for (const char *p = project + same; *p; p++) {
		if (*p == '/')
			ms_buf_puts(&name, "/..");
	}
	ms_buf_puts(&name, path + same);
	return name.data;
}

static bool is_plain(const char *name)
{
	return !strstr(name, "/../") && !strstr(name, "/./") && !strstr(name, "//") &&
	       !starts(name, "../") && !starts(name, "./");
}

static char *stable_name(const struct ms_places *places, const char *toolchain, const char *name)
{
	const char *rest;
	char *real, *target;

	if (name[0] == '@' && !starts(name, "@project/") && is_plain(name))
		return ms_strdup(name);
	if (name[0] != '/' && is_plain(name))
		return ms_strdup(name);
	real = resolve(ms_expand_path(places, name));
	if (toolchain && (rest = ms_path_below(real, toolchain)))
		return ms_format("@toolchain/%s", rest);
	target = toolchain ? ms_toolchain_target_folder(toolchain) : NULL;
	if (target && (rest = ms_path_below(real, target)))
		return ms_format("@toolchain/%s/%s", ms_path_base(target), rest);
	if ((rest = ms_path_below(real, places->toolkit)))
		return ms_format("@toolkit/%s", rest);
	if ((rest = ms_path_below(real, places->project)))
		return starts(rest, "build/") || rest[0] == '@' ? ms_format("@project/%s", rest)
		                                                : ms_strdup(rest);
	if (name[0] != '/') {
		char *relative = beside(places->project, real);

		if (relative)
			return relative;
	}
	return ms_format("@system%s", real);
}

static const char *kind_of(const char *name)
{
	static const char *const headers[] = {".h", ".hh", ".hpp", ".inc", ".inl", ".def", NULL};

	if (starts(name, "@toolkit/"))
		return "board";
	if (ms_ends_with(name, ".a") || ms_ends_with(name, ".o") || ms_ends_with(name, ".so"))
		return "library";
	if (ms_ends_with(name, ".ld") || ms_ends_with(name, ".lds"))
		return "script";
	if (ms_ends_with(name, ".c") || ms_ends_with(name, ".S") || ms_ends_with(name, ".s"))
		return "source";
	for (size_t i = 0; headers[i]; i++) {
		if (ms_ends_with(name, headers[i]))
			return "header";
	}
	/* <array> is a header, too. */
	return strchr(ms_path_base(name), '.') ? "binary" : "header";
}

void ms_inputs_add_file(struct ms_inputs *inputs, const struct ms_places *places,
                        const char *toolchain, const char *name, const char *sha256, uint64_t size)
{
	char *path;

	if (starts(name, "build/") || starts(name, "@kernel/"))
		return;
	path = stable_name(places, toolchain, name);
	ms_inputs_add_as(inputs, kind_of(path), path, sha256, size);
}

/* -- a record ---------------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct ms_input *)a)->path, ((const struct ms_input *)b)->path);
}

/* A name must be text, since it goes into a document. */
static unsigned check_name(const char *path)
{
	json_t *text = json_string(path);
	bool good = text && strlen(path) < 4096;

	for (const char *p = path; *p && good; p++)
		good = (unsigned char)*p >= 0x20 && *p != 0x7f;
	json_decref(text);
	if (!good)
		ms_report(MS_ERROR, NULL, "input-name",
		          "%.200s: the name is too long, or not UTF-8 without control characters; "
		          "it cannot be recorded",
		          path);
	return !good;
}

unsigned ms_input_sizes_fault(const struct ms_input *input, uint64_t other)
{
	ms_report(MS_ERROR, NULL, "input-size",
	          "%s is recorded with one sha256 and two sizes, %" PRIu64 " and %" PRIu64 " bytes",
	          input->path, other, input->size);
	return 1;
}

unsigned ms_inputs_settle(struct ms_inputs *inputs)
{
	unsigned faults = 0;
	size_t n = 0;

	if (inputs->count)
		qsort(inputs->items, inputs->count, sizeof(*inputs->items), by_path);
	for (size_t i = 0; i < inputs->count; i++) {
		const struct ms_input *one = &inputs->items[i];
		const struct ms_input *last = n ? &inputs->items[n - 1] : NULL;

		if (!last || strcmp(last->path, one->path) != 0) {
			faults += check_name(one->path);
			inputs->items[n++] = *one;
		} else if (strcmp(last->sha256, one->sha256) != 0) {
			ms_report(MS_ERROR, NULL, "input-changed",
			          "%s changed during the build: it was read with sha256 %s and "
			          "with sha256 %s",
			          one->path, last->sha256, one->sha256);
			faults++;
		} else if (last->size != one->size) {
			faults += ms_input_sizes_fault(one, last->size);
		}
	}
	inputs->count = n;
	return faults;
}

static json_t *entry_json(const struct ms_input *input)
{
	json_t *entry = json_object();

	ms_doc_set(entry, "kind", ms_doc_new_string(input->kind));
	ms_doc_set(entry, "path", ms_doc_new_string(input->path));
	ms_doc_set(entry, "sha256", ms_doc_new_string(input->sha256));
	ms_doc_set(entry, "size", ms_doc_new_integer((int64_t)input->size));
	if (input->version)
		ms_doc_set(entry, "version", ms_doc_new_string(input->version));
	return entry;
}

json_t *ms_inputs_json(const struct ms_inputs *inputs)
{
	json_t *record = json_array();

	for (size_t i = 0; i < inputs->count; i++)
		ms_doc_append(record, entry_json(&inputs->items[i]));
	return record;
}

/* -- what a plan names ------------------------------------------------------------------- */

static bool is_prefill(const struct ms_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->regions.count; i++) {
		const char *prefill = spec->regions.items[i].prefill_from;

		if (prefill && strcmp(prefill, name) == 0)
			return true;
	}
	return false;
}

static bool is_among(const struct ms_strings *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], name) == 0)
			return true;
	}
	return false;
}

/* For a message: who of the specification names that file, the first of several. */
static const char *who_names(const struct ms_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->pds.count; i++) {
		const struct ms_pd *pd = &spec->pds.items[i];

		if (strcmp(pd->binary, name) == 0 || is_among(&pd->sources, name) ||
		    is_among(&pd->libs, name) ||
		    (pd->symbols_from && strcmp(pd->symbols_from, name) == 0))
			return ms_format("protection domain '%s': ", pd->name);
	}
	for (size_t i = 0; i < spec->regions.count; i++) {
		const struct ms_region *region = &spec->regions.items[i];

		if (region->prefill_from && strcmp(region->prefill_from, name) == 0)
			return ms_format("memory region '%s': ", region->name);
	}
	return "";
}

static unsigned add_named(struct ms_inputs *inputs, const struct ms_places *places,
                          const struct ms_spec *spec, const char *name, bool *absent)
{
	char *path = ms_expand_path(places, name);
	char sha256[MS_SHA256_HEX];
	uint64_t size;
	struct stat st;

	if (stat(path, &st) != 0) {
		*absent = *absent || (errno == ENOENT && ms_is_project_path(name));
		ms_report(MS_ERROR, NULL, "input", "%s%s: %s", who_names(spec, name), path,
		          strerror(errno));
	} else if (!S_ISREG(st.st_mode))
		ms_report(MS_ERROR, NULL, "input", "%s%s is no file", who_names(spec, name), path);
	else if (ms_is_project_path(name) && !ms_path_inside(places->project, path))
		ms_report(MS_ERROR, NULL, "input-outside",
		          "%s%s leads out of the project by a symbolic link", who_names(spec, name),
		          path);
	else if (ms_sha256_file(path, sha256, &size) != 0)
		ms_report(MS_ERROR, NULL, "input", "%s%s: %s", who_names(spec, name), path,
		          strerror(errno));
	else {
		ms_inputs_add_file(inputs, places, NULL, name, sha256, size);
		if (is_prefill(spec, name))
			inputs->items[inputs->count - 1].kind = "prefill";
		free(path);
		return 0;
	}
	return 1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *ms_inputs_named(const struct ms_places *places, const json_t *plan,
                        const struct ms_spec *spec)
{
	struct ms_inputs inputs = {0};
	struct ms_list names = {0};
	json_t *step, *path, *object;
	unsigned faults = 0;
	bool absent = false;
	size_t i, k;

	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		json_array_foreach(ms_doc_member(step, "inputs"), k, path)
		{
			const char *name = json_string_value(path);

			if (!starts(name, "build/") && !starts(name, "@kernel/"))
				ms_list_add(&names, name);
		}
	}
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_name);
	for (i = 0; i < names.count; i++) {
		/* What PDs share stands in each one's step. */
		if (i == 0 || strcmp(names.items[i], names.items[i - 1]) != 0)
			faults += add_named(&inputs, places, spec, names.items[i], &absent);
	}
	if (absent)
		ms_report(MS_NOTE, NULL, "input",
		          "paths count from the project's root: the folder that this was started "
		          "in, or -C");
	if (faults + ms_inputs_settle(&inputs) != 0 || ms_inputs_verify(plan, &inputs) != 0)
		return NULL;
	object = json_object();
	ms_doc_set(object, "files", ms_inputs_json(&inputs));
	return object;
}
