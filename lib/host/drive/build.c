/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * build.c - the verbs that run the pipeline: validate, plan, build.
 */
#include "drive/verbs.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "drive/child.h"
#include "drive/folder.h"
#include "drive/log.h"
#include "drive/memory.h"
#include "drive/preflight.h"
#include "drive/progress.h"
#include "layout/verified.h"
#include "plan/lock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
	char *path = ms_stage_document(build->folder, index, stage->name);

	ms_write_file(path, stage->output.data, stage->output.len,
	              MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME);
	ms_memory_made(build->memory, path, stage->output.data, stage->output.len);
	ms_list_add(&build->kept, ms_path_base(path));
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
	pipeline.lets_go = !drive->lock; /* of which nothing is kept before its end */
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
		printf("lock       %s (%s)\ninputs     %s\n", path,
		       ms_count_text(json_array_size(ms_doc_member(lock, "inputs")), "input"),
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
