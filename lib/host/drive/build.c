/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * build.c - the verbs that run the pipeline: validate, plan, build.
 */
#include "drive/verbs.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "drive/child.h"
#include "drive/log.h"
#include "drive/memory.h"
#include "drive/preflight.h"
#include "drive/progress.h"
#include "layout/verified.h"
#include "plan/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGES_FOLDER "stages"

char *ms_stage_file(size_t index, const char *name)
{
	return ms_format("%02zu-%s.%s", index + 1, name,
	                 strcmp(name, "ms-import") == 0 ? "toml" : "json");
}

/* -- the build folder -------------------------------------------------------------------- */

const char *ms_build_folder(const struct ms_drive *drive, const json_t *document)
{
	const json_t *said = ms_doc_at(document, "build.output_dir");
	const char *folder, *fault;

	if (drive->build)
		return drive->build;
	if (!said)
		said = ms_doc_at(document, "spec.build.output_dir");
	folder = json_string_value(said);
	if (!folder)
		return "build";
	fault = ms_path_fault(folder);
	if (fault)
		ms_die_input("the build folder \"%s\" %s", folder, fault);
	if (!ms_path_inside(".", folder))
		ms_die_input("the build folder \"%s\" leads out of the project", folder);
	return ms_strdup(folder);
}

void ms_build_lock(const char *build)
{
	static int lock = -1; /* held until the end */
	static struct stat locked;
	bool said = false;
	struct stat st;
	int fd = open(build, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		ms_die_errno("%s", build);
	if (lock >= 0) {
		bool same = st.st_dev == locked.st_dev && st.st_ino == locked.st_ino;

		close(same ? fd : lock);
		if (same)
			return;
	}
	lock = fd;
	locked = st;
	while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return;
		if (!said) {
			ms_progress_clear();
			ms_report(MS_NOTE, NULL, NULL, "waiting for another build in %s", build);
		}
		said = true;
		poll(NULL, 0, 20);
	}
}

static bool is_stage_file(const char *name)
{
	size_t len = strlen(name);

	return len > 8 && strspn(name, "0123456789") >= 2 &&
	       name[strspn(name, "0123456789")] == '-' &&
	       (strcmp(name + len - 5, ".json") == 0 || strcmp(name + len - 5, ".toml") == 0);
}

void ms_stages_prune(const char *build, const struct ms_list *keep)
{
	char *folder = ms_path_join(build, STAGES_FOLDER);
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		bool kept = !is_stage_file(entry->d_name);

		for (size_t i = 0; i < keep->count && !kept; i++)
			kept = strcmp(entry->d_name, keep->items[i]) == 0;
		if (!kept)
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

/* -- the verbs --------------------------------------------------------------------------- */

int ms_verb_validate(const struct ms_drive *drive)
{
	const bool imports = ms_pipeline_imports(drive);
	const char *stage = imports ? "import" : "parse";
	struct ms_list argv = {0};
	struct ms_child child;
	int error, status;

	/* What the one checks of an XML is all that the other would. */
	if (drive->search_paths.count && !imports)
		ms_die_usage("--search-path is for a SPEC in XML (NAME.system)");
	ms_list_add(&argv, ms_pipeline_program(drive, stage));
	ms_list_add(&argv, "--check");
	for (size_t i = 0; i < drive->search_paths.count; i++) {
		ms_list_add(&argv, "--search-path");
		ms_list_add(&argv, drive->search_paths.items[i]);
	}
	if (drive->spec) {
		ms_list_add(&argv, "--");
		ms_list_add(&argv, drive->spec);
	}
	error = ms_child_start(&child, argv.items, drive->spec ? MS_CHILD_NO_INPUT : 0);
	if (error)
		ms_die_system("stage ms-%s: cannot start %s: %s", stage, argv.items[0],
		              strerror(error));
	status = ms_child_wait(&child);
	if (status > 128)
		ms_progress_failed("stage", ms_format("ms-%s", stage), status);
	return status;
}

int ms_verb_plan(const struct ms_drive *drive)
{
	struct ms_pipeline pipeline;
	int status;

	ms_pipeline_make(&pipeline, drive, MS_PIPELINE_PLAN);
	ms_progress_open(drive->verbose ? MS_TALK_VERBOSE : MS_TALK_QUIET, drive->color,
	                 pipeline.count);
	status = ms_pipeline_run(&pipeline, NULL, NULL);
	if (status == 0) {
		const struct ms_buf *plan = &pipeline.stages[pipeline.count - 1].output;

		ms_write_file(NULL, plan->data, plan->len, 0);
	}
	return status;
}

struct build {
	const struct ms_drive *drive;
	struct ms_memory *memory;
	const char *folder;
	struct ms_list kept; /* names of the documents that this build has written */
};

static void save(struct build *build, size_t index, const struct ms_stage *stage)
{
	char *name = ms_stage_file(index, stage->name);
	char *path = ms_format("%s/" STAGES_FOLDER "/%s", build->folder, name);

	ms_write_file(path, stage->output.data, stage->output.len,
	              MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME);
	ms_memory_made(build->memory, path, stage->output.data, stage->output.len);
	ms_list_add(&build->kept, name);
}

static void after_stage(void *user, size_t index, const struct ms_stage *stage)
{
	struct build *build = user;

	if (index == 0) {
		json_t *document = NULL;

		if (!build->drive->build)
			document = ms_json_load(stage->output.data, stage->output.len, NULL);
		build->folder = ms_build_folder(build->drive, document);
		json_decref(document);
		if (ms_make_folders(build->folder) != 0)
			ms_die_errno("%s", build->folder);
		ms_build_lock(build->folder);
	}
	/* A build that is refused by its lock leaves image and documents as they were. */
	if (build->drive->save && !build->drive->lock)
		save(build, index, stage);
}

/* Stages of other makers may not know of locks. */
static bool holds_to_lock(const struct ms_drive *drive, const json_t *document)
{
	json_t *lock;

	if (!drive->lock || (drive->replaced.count == 0 && drive->filters.count == 0))
		return true;
	lock = ms_lock_read(drive->lock);
	return lock && ms_lock_compare(drive->lock, lock, document) == 0;
}

/* Where -o says, else in the build folder. */
static const char *image_of(const struct ms_drive *drive, const char *folder)
{
	return drive->image ? drive->image : ms_path_join(folder, "system-image.bin");
}

/* The same call, and all that it depends on: nothing is to be done. */
static bool stands(const struct ms_drive *drive, const struct build *build, struct ms_built *built)
{
	if (drive->whole || !ms_memory_recall(build->memory, built))
		return false;
	built->image = image_of(drive, built->build);
	ms_progress_nothing();
	ms_preflight_say(built, &drive->silenced);
	ms_log_build_end(0, true, built->image, built->document);
	return true;
}

/* All stages have ended; what came out. False: it is not held to its lock. */
static bool take_result(const struct build *build, const struct ms_pipeline *pipeline,
                        struct ms_built *built)
{
	const struct ms_buf *last = &pipeline->stages[pipeline->count - 1].output;

	built->build = build->folder;
	built->image = image_of(build->drive, build->folder);
	/* The layout is most of it, and nearly nobody asks for it. */
	built->document = build->drive->whole || build->drive->lock
	                      ? ms_json_load(last->data, last->len, NULL)
	                      : ms_json_load_lazily(last->data, last->len, "layout", 0, NULL);
	ms_preflight_look(built);
	return holds_to_lock(build->drive, built->document);
}

int ms_verb_build(const struct ms_drive *drive, struct ms_built *built)
{
	struct build build = {.drive = drive};
	struct ms_pipeline pipeline;
	int status;

	ms_pipeline_make(&pipeline, drive, MS_PIPELINE_IMAGE);
	ms_progress_open(drive->quiet || ms_log_owns_stderr() ? MS_TALK_QUIET
	                 : drive->verbose                     ? MS_TALK_VERBOSE
	                                                      : MS_TALK_NORMAL,
	                 ms_log_owns_stderr() ? MS_COLOR_NEVER : drive->color, pipeline.count);
	ms_log_build_start(drive->spec, pipeline.count);
	build.memory = ms_memory_open(drive, &pipeline);
	if (stands(drive, &build, built))
		return 0;
	status = ms_pipeline_run(&pipeline, after_stage, &build);
	if (status == 0 && !take_result(&build, &pipeline, built)) {
		ms_log_build_end(MS_EXIT_INPUT, false, NULL, NULL);
		return MS_EXIT_INPUT;
	}
	for (size_t i = 0; i < pipeline.count && status == 0 && drive->save && drive->lock; i++)
		save(&build, i, &pipeline.stages[i]);
	/* The documents are those of one run: what an earlier one left goes. */
	if (build.folder && (status == 0 || !drive->lock))
		ms_stages_prune(build.folder, &build.kept);
	if (status == 0) {
		ms_memory_keep(build.memory, built, &build.kept);
		ms_progress_done();
		ms_preflight_say(built, &drive->silenced);
	}
	ms_log_build_end(status, false, status ? NULL : built->image,
	                 status ? NULL : built->document);
	return status;
}

int ms_verb_lock(const struct ms_drive *drive, const char *path)
{
	struct ms_drive whole = *drive;
	struct ms_built built;
	json_t *lock;
	int status;
	size_t len;
	char *text;

	whole.whole = true;
	status = ms_verb_build(&whole, &built);
	if (status != 0)
		return status;
	lock = ms_lock_of(built.document);
	if (!lock)
		return MS_EXIT_INPUT;
	text = ms_lock_to_toml(lock, &len);
	if (len > MS_LOCK_MAX) {
		ms_report(MS_ERROR, NULL, "lock", "%s would have more than %u bytes", path,
		          MS_LOCK_MAX);
		return MS_EXIT_INPUT;
	}
	ms_write_file(path, text, len, MS_WRITE_SYNC | MS_WRITE_KEEP_SAME);
	if (!drive->quiet)
		printf("lock       %s (%zu inputs)\ninputs     %s\n", path,
		       json_array_size(ms_doc_member(lock, "inputs")),
		       ms_doc_string(lock, "inputs_hash"));
	return MS_EXIT_OK;
}

static bool kernel_is(const json_t *document, const char *what)
{
	return json_is_true(json_object_get(ms_doc_at(document, "archive.kernel"), what));
}

/* Is this kernel configured as one that was verified? Of a seL4 alone. */
static void print_verified(FILE *out, const json_t *document)
{
	const json_t *verdict = ms_doc_at(document, "archive.kernel.verified_config");
	const char *kind = json_string_value(ms_doc_at(document, "archive.kernel.kind"));

	if (!kind || strcmp(kind, "seL4") != 0 || !verdict ||
	    ms_doc_check("the build's document", "$.archive.kernel.verified_config", verdict,
	                 &ms_verified_shape) != 0)
		return;
	fprintf(out, "verified   %s\n", ms_verified_line(verdict));
}

void ms_built_print(const struct ms_built *built, bool to_stderr)
{
	const char *sha256 = json_string_value(ms_doc_at(built->document, "image.sha256"));
	const char *plan = json_string_value(ms_doc_at(built->document, "plan_hash"));
	const char *kind = json_string_value(ms_doc_at(built->document, "archive.kernel.kind"));
	const json_t *size = ms_doc_at(built->document, "image.size");
	FILE *out = to_stderr ? stderr : stdout;

	fprintf(out, "image      %s", built->image);
	if (json_is_integer(size))
		fprintf(out, " (%" JSON_INTEGER_FORMAT " bytes)", json_integer_value(size));
	fprintf(out, "\n");
	if (sha256)
		fprintf(out, "sha256     %s\n", sha256);
	if (plan)
		fprintf(out, "plan_hash  %s\n", plan);
	if (kind && strcmp(kind, "probe") == 0)
		fprintf(out, "kernel     the probe kernel, which is not seL4 "
		             "(--kernel or MS_KERNEL names a seL4 build)\n");
	else if (kind)
		fprintf(out, "kernel     %s%s%s%s%s\n", kind,
		        kernel_is(built->document, "hypervisor") ? ", EL2" : ", EL1",
		        kernel_is(built->document, "mcs") ? ", MCS" : "",
		        kernel_is(built->document, "debug") ? ", debug" : ", release",
		        kernel_is(built->document, "printing") ? "" : ", without a debug console");
	print_verified(out, built->document);
}
