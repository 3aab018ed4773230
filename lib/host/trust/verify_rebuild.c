/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify_rebuild.c - building the same again, and comparing what comes out with what was
 * delivered: byte for byte, and where a byte differs, why.
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/run.h"
#include "layout/verified.h"
#include "trust/compare.h"
#include "trust/json.h"
#include "trust/locate.h"
#include "trust/names.h"
#include "trust/verify.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIFFERENCES_SHOWN 20

extern char **environ;

/* Ours without what would choose a kernel, a toolkit or a launcher, or share make's jobs: those
 * are said on the command line. */
static struct ms_list environment(const struct ms_verify *v)
{
	static const char *const dropped[] = {"MS_", "MICROKIT_SDK=", "MAKEFLAGS=", "MFLAGS="};
	struct ms_list env = {0};

	for (char **e = environ; *e; e++) {
		bool keep = true;

		for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
			keep = keep && strncmp(*e, dropped[i], strlen(dropped[i])) != 0;
		if (keep)
			ms_list_add(&env, *e);
	}
	ms_list_add(&env, ms_format("MS_TOOLKIT=%s", v->places.toolkit));
	return env;
}

/* Runs ms-build; true when it built. */
static bool build(struct ms_verify *v, const char *folder, const char *spec)
{
	struct ms_list argv = {0}, env = environment(v);
	struct ms_command command;
	struct ms_result result;

	ms_list_add(&argv, ms_format("%s/ms-build", ms_program_folder()));
	ms_list_add(&argv, "-q");
	ms_list_add(&argv, "-C");
	ms_list_add(&argv, v->project);
	ms_list_add(&argv, "-B");
	ms_list_add(&argv, folder);
	if (v->kernel) {
		ms_list_add(&argv, "--kernel");
		ms_list_add(&argv, ms_real_path(v->kernel));
	}
	ms_list_add(&argv, "--format");
	ms_list_add(&argv, v->statement.format);
	if (strcmp(v->statement.builder, MS_BUILDER_HERMETIC) == 0)
		ms_list_add(&argv, "--hermetic");
	ms_list_add(&argv, "--");
	ms_list_add(&argv, spec);
	command = (struct ms_command){.argv = argv.items, .env = env.items};
	result = ms_run(&command);
	if (result.error || result.status != 0) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "rebuild",
		               "the build failed with %d: %.2000s", result.status,
		               result.output.len ? result.output.data : strerror(result.error));
		return false;
	}
	return true;
}

static int is_document(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && strcmp(dot, ".json") == 0;
}

/* The last document of a build; NULL after adding a line. */
static json_t *last_document(struct ms_verify *v, const char *folder)
{
	char *stages = ms_path_join(folder, "stages");
	struct ms_list names = {0};

	ms_folder_names(stages, is_document, &names);
	if (names.count)
		return ms_record_read(ms_path_join(stages, names.items[names.count - 1]), NULL);
	ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "rebuild", "%s holds no document", stages);
	return NULL;
}

/* -- why ------------------------------------------------------------------------------------ */

static const json_t *find_input(const json_t *list, const char *path)
{
	json_t *input;
	size_t i;

	json_array_foreach(list, i, input)
	{
		if (strcmp(ms_doc_string(input, "path"), path) == 0)
			return input;
	}
	return NULL;
}

/* Inputs of one list that the other lacks or has with another digest. */
static size_t tell_inputs(struct ms_verify *v, const json_t *theirs, const json_t *ours)
{
	size_t i, told = 0;
	bool kernel = false;
	json_t *input;

	json_array_foreach(theirs, i, input)
	{
		const char *path = ms_doc_string(input, "path");
		const json_t *other = find_input(ours, path);

		if (other &&
		    strcmp(ms_doc_string(other, "sha256"), ms_doc_string(input, "sha256")) == 0)
			continue;
		kernel = kernel || ms_starts_with(path, "@kernel/");
		if (told++ < DIFFERENCES_SHOWN)
			ms_verdict_add(
			    &v->verdict, MS_FOUND_NOTE, "rebuild", "input %s: was sha256 %s, %s%s",
			    path, ms_doc_string(input, "sha256"), other ? "here " : "not read here",
			    other ? ms_doc_string(other, "sha256") : "");
	}
	json_array_foreach(ours, i, input)
	{
		const char *path = ms_doc_string(input, "path");

		if (find_input(theirs, path))
			continue;
		if (told++ < DIFFERENCES_SHOWN)
			ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "rebuild",
			               "input %s: read here, not by the builder", path);
	}
	if (kernel && !v->kernel)
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "rebuild",
		               "the kernel is another: --kernel names the build to take");
	return told;
}

static void tell_differences(struct ms_verify *v, const char *image, const json_t *record)
{
	json_t *list = ms_compare_delivered(v->image, image, v->record_document, record), *rest;
	size_t count = json_array_size(list);
	char *text, *line, *next;

	if (!list) {
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "rebuild", "%s: %s", v->image,
		               strerror(errno));
		return;
	}
	rest = json_array();
	for (size_t i = 0; i < count && i < DIFFERENCES_SHOWN; i++)
		json_array_append(rest, json_array_get(list, i));
	text = ms_compare_text(rest, "delivered", "rebuilt");
	for (line = text; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "rebuild", "%s", line);
	}
	if (count > DIFFERENCES_SHOWN)
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "rebuild", "and %s",
		               ms_count_text(count - DIFFERENCES_SHOWN, "more difference"));
}

/* -- all of it ------------------------------------------------------------------------------ */

/* The statement's word on the kernel against what its configuration says here. */
static void compare_kernel(struct ms_verify *v, const struct ms_statement *own)
{
	if (!v->statement.verified_config)
		return;
	if (json_equal(v->statement.verified_config, own->verified_config))
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "rebuild",
		               "the statement's verdict on the kernel's configuration is the same "
		               "here");
	else
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "rebuild",
		               "the statement has another verdict on the kernel's configuration; "
		               "here %s",
		               own->verified_config ? ms_verified_line(own->verified_config)
		                                    : "there is none");
}

static void compare(struct ms_verify *v, const char *image, const json_t *record)
{
	json_t *root = ms_statement_make(record, v->statement.spec_path);
	struct ms_statement own;
	const char *fault = root ? ms_statement_read(root, &own) : "no statement can be made";
	char got[MS_SHA256_HEX];

	if (fault || ms_locate_digest(image, got, NULL) != 0) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "rebuild", "%s: %s", image,
		               fault ? fault : strerror(errno));
		return;
	}
	v->rebuilt_same = strcmp(got, v->statement.image_sha256) == 0;
	if (v->rebuilt_same)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "rebuild",
		               "%s is the same image, byte for byte", image);
	else
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "rebuild",
		               "%s has sha256 %s, the statement is of %s", image, got,
		               v->statement.image_sha256);
	if (strcmp(own.inputs_hash, v->statement.inputs_hash) == 0)
		ms_verdict_add(&v->verdict, MS_FOUND_OK, "rebuild", "from the same inputs");
	else if (v->rebuilt_same || !v->image ||
	         !v->record_document) /* else tell_differences says which */
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "rebuild", "inputs that differ: %zu",
		               tell_inputs(v, v->statement.inputs, own.inputs));
	compare_kernel(v, &own);
	if (!v->rebuilt_same && strcmp(v->statement.format, "fit") == 0)
		ms_verdict_add(&v->verdict, MS_FOUND_NOTE, "rebuild",
		               "a fit that was signed differs by its signatures at least");
	if (!v->rebuilt_same && v->image)
		tell_differences(v, image, record);
}

void ms_verify_rebuild(struct ms_verify *v)
{
	const char *folder, *spec;
	json_t *record;

	if (!v->rebuild) {
		ms_verdict_add(&v->verdict, MS_FOUND_SKIPPED, "rebuild",
		               "that these inputs give this image (--rebuild)");
		return;
	}
	spec = v->spec ? ms_real_path(v->spec) : v->statement.spec_path;
	if (!spec) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "rebuild", "%s: %s", v->spec,
		               strerror(errno));
		return;
	}
	if (mkdir(v->rebuild, 0777) != 0 || !(folder = ms_real_path(v->rebuild))) {
		ms_verdict_add(&v->verdict, MS_FOUND_FAILED, "rebuild", "%s: %s", v->rebuild,
		               errno == EEXIST ? "is there already; a rebuild begins with nothing"
		                               : strerror(errno));
		return;
	}
	if (!build(v, folder, spec))
		return;
	record = last_document(v, folder);
	if (record)
		compare(v, ms_path_join(folder, "system-image.bin"), record);
}
