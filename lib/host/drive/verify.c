/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c - does a build fit its specification, and do the files fit the build's record?
 *
 * Nothing is built: the specification is planned again, and what the last build wrote down in
 * BUILD_DIR/stages is compared with that and with the files.
 */
#include "drive/verbs.h"
#include "base/diag.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/toolkit.h"
#include "drive/folder.h"
#include "drive/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct verify {
	struct ms_places places;
	const char *image; /* -o, or NULL */
	unsigned checked, failed;
};

static void said(struct verify *v, bool good, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void said(struct verify *v, bool good, const char *fmt, ...)
{
	va_list ap;

	v->checked++;
	v->failed += !good;
	printf("%-8s ", good ? "ok" : "DIFFERS");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static void compare_hash(struct verify *v, const char *key, const json_t *now,
                         const json_t *recorded)
{
	const char *a = json_string_value(json_object_get(now, key));
	const char *b = json_string_value(json_object_get(recorded, key));
	bool same = a && b && strcmp(a, b) == 0;

	if (same)
		said(v, true, "%s %s", key, a);
	else
		said(v, false, "%s: the specification gives %s, the build's record says %s", key,
		     a ? a : "none", b ? b : "none");
}

/* Of regular files alone: a record may name a device or a pipe. 0, or -1 with errno. */
static int digest(const char *path, char hex[MS_SHA256_HEX], uint64_t *size)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	return ms_sha256_file(path, hex, size);
}

/* A file of the record against its recorded digest and size. */
static void compare_file(struct verify *v, const char *what, const json_t *record,
                         const char *instead)
{
	const char *path = json_string_value(ms_doc_at(record, "path"));
	const char *want = json_string_value(ms_doc_at(record, "sha256"));
	const json_t *size = ms_doc_at(record, "size");
	char got[MS_SHA256_HEX];
	uint64_t bytes;
	const char *real;

	if (!path || !want || !json_is_integer(size)) {
		said(v, false, "%s: the build's record has no path, sha256 and size", what);
		return;
	}
	real = instead ? instead : ms_expand_path(&v->places, path);
	if (digest(real, got, &bytes) != 0) {
		said(v, false, "%s %s: %s", what, real, strerror(errno));
		return;
	}
	if (strcmp(got, want) == 0 && (json_int_t)bytes == json_integer_value(size))
		said(v, true, "%s %s sha256 %s", what, real, got);
	else
		said(v, false, "%s %s: sha256 is %s, the build's record says %s", what, real, got,
		     want);
}

/* Every key of the older document stands unchanged in the newer one; the first document is
 * the specification, which the second one holds as "spec". */
static bool extends(json_t *newer, json_t *older)
{
	const char *schema = json_string_value(json_object_get(older, "schema"));

	if (!json_is_object(newer) || !schema)
		return false;
	if (strcmp(schema, "ms-spec/1") == 0 && json_equal(json_object_get(newer, "spec"), older))
		return true;
	for (void *at = json_object_iter(older); at; at = json_object_iter_next(older, at)) {
		if (!json_equal(json_object_get(newer, json_object_iter_key(at)),
		                json_object_iter_value(at)))
			return false;
	}
	return true;
}

static json_t *load(const char *path)
{
	size_t len;
	char *text = ms_try_read_file(path, MS_DOC_MAX, &len);
	json_t *document = NULL;

	if (text)
		document = ms_json_load(text, len, NULL);
	free(text);
	return document;
}

/* Goes through the saved documents in order; the last one, or NULL when there is none. */
static json_t *check_history(struct verify *v)
{
	struct ms_list paths = {0};
	json_t *last = NULL;

	ms_stage_documents(v->places.build, &paths);
	for (size_t i = 0; i < paths.count; i++) {
		const char *path = paths.items[i];
		json_t *document = load(path);

		if (!document)
			said(v, false, "document %s: not readable as JSON", path);
		else if (last && !extends(document, last))
			said(v, false, "document %s: does not hold the one before it", path);
		else
			said(v, true, "document %s", path);
		if (document) {
			json_decref(last);
			last = document;
		}
	}
	return last;
}

/* The hashed plan of the specification as it is now; NULL after reporting, with *status set. */
static json_t *plan_again(const struct ms_drive *drive, int *status)
{
	struct ms_pipeline pipeline;
	const struct ms_buf *plan;
	json_t *document;

	ms_pipeline_make(&pipeline, drive, MS_PIPELINE_PLAN);
	ms_progress_open(drive->verbose ? MS_TALK_VERBOSE : MS_TALK_QUIET, drive->color,
	                 pipeline.count);
	*status = ms_pipeline_run(&pipeline, NULL, NULL);
	if (*status != 0)
		return NULL;
	plan = &pipeline.stages[pipeline.count - 1].output;
	document = ms_json_load(plan->data, plan->len, NULL);
	if (!document) {
		ms_report(MS_ERROR, NULL, NULL, "stage ms-hash wrote no JSON document");
		*status = MS_EXIT_SYSTEM;
	}
	return document;
}

int ms_verb_verify(const struct ms_drive *drive)
{
	struct verify v = {.image = drive->image};
	json_t *now, *recorded;
	const json_t *artifacts, *files;
	int status;

	now = plan_again(drive, &status);
	if (!now)
		return status;
	ms_places_find(&v.places);
	v.places.build = ms_build_folder(drive, now);
	if (access(v.places.build, F_OK) == 0)
		ms_build_lock(v.places.build);
	recorded = check_history(&v);
	if (!recorded || !ms_doc_at(recorded, "image")) {
		ms_report(MS_ERROR, NULL, NULL,
		          "%s/stages holds no record of a finished build (ms-build makes one)",
		          v.places.build);
		return MS_EXIT_INPUT;
	}
	compare_hash(&v, "spec_hash", now, recorded);
	compare_hash(&v, "plan_hash", now, recorded);
	artifacts = json_object_get(recorded, "artifacts");
	for (size_t i = 0; i < json_array_size(artifacts); i++)
		compare_file(&v, "artifact", json_array_get(artifacts, i), NULL);
	compare_file(&v, "archive", ms_doc_at(recorded, "archive"), NULL);
	compare_file(&v, "image", ms_doc_at(recorded, "image"), v.image);
	files = ms_doc_at(recorded, "image.files");
	for (size_t i = 0; i < json_array_size(files); i++)
		compare_file(&v, "file", json_array_get(files, i), NULL);
	if (v.failed)
		printf("%u of %s failed\n", v.failed, ms_count_text(v.checked, "check"));
	else
		printf("%s, no difference\n", ms_count_text(v.checked, "check"));
	return v.failed ? MS_EXIT_INPUT : MS_EXIT_OK;
}
