/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diff.c - the verb diff: why two plans, builds or images are not the same.
 *
 * What is given may be a build folder, a document or an image. Its other half is looked for beside
 * it, and taken when it is the one that the document says.
 */
#include "drive/verbs.h"
#include "base/diag.h"
#include "base/digest.h"
#include "base/file.h"
#include "drive/folder.h"
#include "trust/compare.h"
#include "trust/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE "system-image.bin"

struct side {
	const char *name;  /* as it was given */
	json_t *document;  /* NULL: none at hand */
	const char *image; /* path; NULL: none at hand */
	bool is_image;     /* the image is what was given */
};

/* The last document of a build folder; NULL when it has none. */
static const char *last_document(const char *build)
{
	struct ms_list paths = {0};

	ms_stage_documents(build, &paths);
	return paths.count ? paths.items[paths.count - 1] : NULL;
}

/* A document of ours; a specification counts as the plan that has it. */
static json_t *read_document(const char *path)
{
	size_t len;
	char *text = ms_read_file(path, MS_DOC_MAX, &len);
	json_t *document = ms_json_parse(path, text, len), *plan;
	const char *schema;

	free(text);
	if (!document)
		ms_exit(MS_EXIT_INPUT);
	schema = ms_json_string(document, "schema");
	if (schema && strcmp(schema, "ms-plan/1") == 0)
		return document;
	if (!schema || strcmp(schema, "ms-spec/1") != 0)
		ms_die_input("%s: no document ms-plan/1 or ms-spec/1", path);
	plan = json_object();
	ms_doc_set(plan, "spec", document);
	return plan;
}

/* Whether a document tells of this image, be it in whichever format. */
static bool tells_of(const json_t *document, const char *path)
{
	const json_t *file, *files = ms_doc_at(document, "image.files");
	const char *want = ms_json_string(document, "image.sha256");
	char got[MS_SHA256_HEX];
	struct stat st;
	size_t i;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || ms_sha256_file(path, got, NULL) != 0)
		return false;
	if (want && strcmp(want, got) == 0)
		return true;
	json_array_foreach(files, i, file)
	{
		want = ms_json_string(file, "sha256");
		if (want && strcmp(want, got) == 0)
			return true;
	}
	return false;
}

/* An image beside a document that tells of it. */
static const char *image_beside(const json_t *document, const char *build)
{
	char *path = ms_path_join(build, IMAGE);

	return tells_of(document, path) ? path : NULL;
}

static bool begins_like_json(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char first = '\0';

	if (fd < 0)
		ms_die_errno("%s", path);
	if (read(fd, &first, 1) != 1)
		first = '\0';
	close(fd);
	return first == '{';
}

static struct side open_side(const char *name)
{
	struct side side = {.name = name};
	const char *document;
	struct stat st;

	if (stat(name, &st) != 0)
		ms_die_errno("%s", name);
	if (S_ISDIR(st.st_mode)) {
		document = last_document(name);
		if (!document)
			ms_die_input("%s/stages holds no document (ms-build makes them)", name);
		side.document = read_document(document);
		side.image = image_beside(side.document, name);
	} else if (!S_ISREG(st.st_mode)) {
		ms_die_input("%s is neither a file nor a folder", name);
	} else if (begins_like_json(name)) {
		side.document = read_document(name);
		side.image = image_beside(side.document, ms_path_join(ms_path_folder(name), ".."));
	} else {
		side.image = name;
		side.is_image = true;
		document = last_document(ms_path_folder(name));
		if (document)
			side.document = read_document(document);
		if (side.document && !tells_of(side.document, name))
			side.document = NULL;
	}
	return side;
}

static json_t *compare(const struct side *a, const struct side *b)
{
	json_t *list = NULL;

	if (a->image && b->image) {
		list = ms_compare_images(a->image, b->image, a->document, b->document);
		if (!list)
			ms_die_errno("%s, %s", a->image, b->image);
		if (json_array_size(list) || a->is_image || b->is_image)
			return list;
	}
	if (!a->document || !b->document)
		ms_die_input("%s: of it only %s is at hand, and of %s only %s", a->name,
		             a->document ? "the document" : "the image", b->name,
		             b->document ? "the document" : "the image");
	json_decref(list);
	return ms_compare_documents(a->document, b->document);
}

int ms_verb_diff(const char *name_a, const char *name_b, bool as_json)
{
	struct side a = open_side(name_a), b = open_side(name_b);
	json_t *list = compare(&a, &b), *result;
	bool same = json_array_size(list) == 0;
	char *text;

	if (as_json) {
		result = json_object();
		ms_doc_set(result, "schema", ms_doc_new_string("ms-diff/1"));
		ms_doc_set(result, "a", ms_doc_new_string(name_a));
		ms_doc_set(result, "b", ms_doc_new_string(name_b));
		ms_doc_set(result, "differences", list);
		ms_doc_write(NULL, result);
	} else {
		text = ms_compare_text(list, name_a, name_b);
		ms_write_file(NULL, text, strlen(text), 0);
	}
	return same ? MS_EXIT_OK : MS_EXIT_INPUT;
}
