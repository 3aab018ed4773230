/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory.c - the memory of the last build. See memory.h.
 *
 *   ms-memory/1 CALL                    SHA256 of what the build was called with
 *   env NAME=VALUE, unset NAME          variables
 *   file +|? SHA256|- STAMP PATH        +: the stamp may be believed; -: only the stamp may
 *   absent PATH
 *   inside ROOT<TAB>PATH
 *   say LINE                            what stages reported
 *   document NAME                       in BUILD_DIR/stages
 *   result JSON                         struct ms_built's document
 *   end SHA256                          of all lines before it
 */
#include "drive/memory.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/names.h"
#include "base/notes.h"
#include "base/stamp.h"
#include "drive/progress.h"
#include "base/toolkit.h"
#include "drive/recall.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_MAX (256u * 1024 * 1024)

enum fact { FACT_READ, FACT_MADE, FACT_ABSENT, FACT_INSIDE };

struct item {
	const char *name; /* a path; of FACT_INSIDE "ROOT\tPATH" */
	enum fact fact;
	const char *sha256; /* MS_NOTE_UNKNOWN: not known */
};

struct program {
	const char *path;
	struct ms_stamp stamp;
};

struct ms_memory {
	const struct ms_drive *drive;
	struct ms_pipeline *pipeline;
	char call[MS_SHA256_HEX];
	int64_t started;
	struct program *programs; /* of each stage, and our own behind them */
	struct item *items;
	size_t cap;
	struct ms_names names; /* of the items: index + 1 */
	struct ms_list env, said;
	bool never;
};

/* -- what is asked for ------------------------------------------------------------------- */

/* Everything that decides about the result and is no file: -j, -q and -v do not. */
static void take_call(struct ms_memory *m, const char *project)
{
	struct ms_digest d;

	ms_digest_start(&d);
	ms_digest_string(&d, MS_VERSION);
	ms_digest_string(&d, project);
	ms_digest_string(&d, m->drive->save ? "documents" : "-");
	for (size_t i = 0; i < m->pipeline->count; i++) {
		const struct ms_list *argv = &m->pipeline->stages[i].argv;

		ms_digest_string(&d, "stage");
		for (size_t k = 0; k < argv->count; k++) {
			if (strcmp(argv->items[k], "-j") == 0 && k + 1 < argv->count)
				k++;
			else
				ms_digest_string(&d, argv->items[k]);
		}
	}
	ms_digest_end(&d, m->call);
}

struct ms_memory *ms_memory_open(const struct ms_drive *drive, struct ms_pipeline *pipeline)
{
	struct ms_memory *m;
	char *project;

	if (!drive->spec || drive->replaced.count || drive->filters.count)
		return NULL;
	project = ms_real_path(".");
	if (!project)
		return NULL;
	m = ms_alloc(1, sizeof(*m));
	m->drive = drive;
	m->pipeline = pipeline;
	m->started = ms_stamp_now();
	m->programs = ms_alloc(pipeline->count + 1, sizeof(*m->programs));
	for (size_t i = 0; i <= pipeline->count; i++) {
		struct program *p = &m->programs[i];

		p->path =
		    i < pipeline->count ? pipeline->stages[i].argv.items[0] : ms_program_path();
		if (!ms_stamp_take(&p->stamp, p->path))
			return NULL;
	}
	take_call(m, project);
	pipeline->notes = memfd_create("ms-notes", MFD_CLOEXEC);
	free(project);
	return m;
}

bool ms_memory_recall(struct ms_memory *m, struct ms_built *built)
{
	return m && ms_recall(m->drive, m->call, built);
}

/* -- what the stages noted --------------------------------------------------------------- */

static struct item *item_of(struct ms_memory *m, const char *name, bool *is_new)
{
	uint64_t *number = ms_names_at(&m->names, name);
	void *items = m->items;

	*is_new = !*number;
	if (*is_new) {
		ms_reserve(&items, &m->cap, m->names.count, sizeof(*m->items));
		m->items = items;
		*number = m->names.count;
		m->items[*number - 1].name = name;
	}
	return &m->items[*number - 1];
}

/* One more fact about a name. What a stage made counts in place of what was there before; any other
 * contradiction means that somebody else was at work meanwhile. */
static void learn(struct ms_memory *m, enum fact fact, const char *name, const char *sha256)
{
	bool is_new;
	struct item *item = item_of(m, name, &is_new);
	bool was_file = !is_new && (item->fact == FACT_READ || item->fact == FACT_MADE);

	if (is_new || (fact == FACT_MADE && was_file)) {
		item->fact = fact;
		item->sha256 = sha256;
	} else if (fact == FACT_READ && was_file) {
		m->never = m->never || strcmp(item->sha256, sha256) != 0;
	} else {
		m->never = m->never || item->fact != fact;
	}
}

/* "SHA256 PATH" behind a word */
static void learn_file(struct ms_memory *m, enum fact fact, char *line)
{
	char *space = strchr(line, ' ');

	if (!space) {
		m->never = true;
		return;
	}
	*space = '\0';
	learn(m, fact, space + 1, line);
}

static void learn_line(struct ms_memory *m, char *line)
{
	char *rest;

	if ((rest = ms_behind(line, "read ")))
		learn_file(m, FACT_READ, rest);
	else if ((rest = ms_behind(line, "made ")))
		learn_file(m, FACT_MADE, rest);
	else if ((rest = ms_behind(line, "absent ")))
		learn(m, FACT_ABSENT, rest, MS_NOTE_UNKNOWN);
	else if ((rest = ms_behind(line, "inside ")))
		learn(m, FACT_INSIDE, rest, MS_NOTE_UNKNOWN);
	else if (ms_behind(line, "env ") || ms_behind(line, "unset "))
		ms_list_add_once(&m->env, line);
	else if ((rest = ms_behind(line, "say ")))
		ms_list_add(&m->said, rest);
	else
		m->never = true;
}

/* The program that sent notes is the one that was started, not one behind a script. */
static bool is_program(const struct program *program, const char *path)
{
	struct ms_stamp stamp;

	return ms_stamp_take(&stamp, path) && ms_stamp_same(&stamp, &program->stamp);
}

/* The notes of all stages; each must be whole. */
static void read_notes(struct ms_memory *m, char *text)
{
	size_t stage = 0;
	bool inside = false;
	char *next;

	for (char *line = text; *line && !m->never; line = next) {
		char *stop = strchr(line, '\n'), *program;

		if (!stop) {
			m->never = true;
			return;
		}
		*stop = '\0';
		next = stop + 1;
		if (!inside) {
			program = ms_behind(line, "begin ");
			inside = program && stage < m->pipeline->count &&
			         is_program(&m->programs[stage], program);
			m->never = !inside;
		} else if (strcmp(line, "end") == 0) {
			inside = false;
			stage++;
		} else {
			learn_line(m, line);
		}
	}
	m->never = m->never || inside || stage != m->pipeline->count;
}

static char *take_notes(int fd)
{
	struct stat st;
	char *text;
	size_t have = 0;

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size <= 0 || st.st_size > NOTES_MAX)
		return NULL;
	text = ms_alloc((size_t)st.st_size + 1, 1);
	while (have < (size_t)st.st_size) {
		ssize_t n = pread(fd, text + have, (size_t)st.st_size - have, (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return NULL;
		have += (size_t)n;
	}
	return strlen(text) == have ? text : NULL;
}

void ms_memory_made(struct ms_memory *m, const char *path, const void *data, size_t len)
{
	char *sha256;

	if (!m)
		return;
	sha256 = ms_alloc(MS_SHA256_HEX, 1);
	ms_sha256_hex(data, len, sha256);
	learn(m, FACT_MADE, path, sha256);
}

/* -- writing it down --------------------------------------------------------------------- */

static bool add_file(const struct ms_memory *m, struct ms_buf *text, const struct item *item)
{
	struct ms_stamp stamp;
	char numbers[MS_STAMP_TEXT];

	if (strcmp(item->sha256, MS_NOTE_UNKNOWN) == 0 || !ms_stamp_take(&stamp, item->name))
		return false;
	ms_stamp_text(&stamp, numbers);
	/* What had settled before the build began is still what a stage read. */
	ms_buf_printf(text, "file %c %s %s %s\n", ms_stamp_settled(&stamp, m->started) ? '+' : '?',
	              item->sha256, numbers, item->name);
	return true;
}

/* Fourteen megabytes of programs are not read each time to know them by their bytes: another
 * stamp costs one run of the stages. */
static bool add_program(const struct ms_memory *m, struct ms_buf *text, const struct program *p)
{
	char numbers[MS_STAMP_TEXT], sha256[MS_SHA256_HEX];
	struct ms_stamp stamp;
	bool settled;

	if (!ms_stamp_take(&stamp, p->path) || !ms_stamp_same(&stamp, &p->stamp))
		return false;
	settled = ms_stamp_settled(&stamp, m->started);
	if (!settled && ms_sha256_file(p->path, sha256, NULL) != 0)
		return false;
	ms_stamp_text(&stamp, numbers);
	ms_buf_printf(text, "file %c %s %s %s\n", settled ? '+' : '?',
	              settled ? MS_NOTE_UNKNOWN : sha256, numbers, p->path);
	return true;
}

static bool add_items(const struct ms_memory *m, struct ms_buf *text)
{
	for (size_t i = 0; i < m->names.count; i++) {
		const struct item *item = &m->items[i];

		switch (item->fact) {
		case FACT_READ:
		case FACT_MADE:
			if (!add_file(m, text, item))
				return false;
			break;
		case FACT_ABSENT: ms_buf_printf(text, "absent %s\n", item->name); break;
		case FACT_INSIDE: ms_buf_printf(text, "inside %s\n", item->name); break;
		}
	}
	return true;
}

/* What ms_built_print and ms_verb_boot need of the document. */
static void add_result(struct ms_buf *text, const json_t *document)
{
	json_t *result = json_object(), *archive = json_object();

	json_object_set(result, "plan_hash", json_object_get(document, "plan_hash"));
	json_object_set(result, "image", json_object_get(document, "image"));
	json_object_set(archive, "kernel",
	                json_object_get(json_object_get(document, "archive"), "kernel"));
	json_object_set(result, "preflight", json_object_get(document, "preflight"));
	json_object_set_new(result, "archive", archive);
	ms_buf_printf(text, "result %s\n", ms_doc_canonical(result, NULL));
	json_decref(result);
}

void ms_memory_keep(struct ms_memory *m, const struct ms_built *built, const struct ms_list *stages)
{
	struct ms_buf text = {0};
	char *notes;
	bool good;

	if (!m)
		return;
	notes = take_notes(m->pipeline->notes);
	if (!notes)
		return;
	read_notes(m, notes);
	ms_buf_printf(&text, MS_MEMORY_MAGIC " %s\n", m->call);
	for (size_t i = 0; i < m->env.count; i++)
		ms_buf_printf(&text, "%s\n", m->env.items[i]);
	good = !m->never;
	for (size_t i = 0; i <= m->pipeline->count && good; i++)
		good = add_program(m, &text, &m->programs[i]);
	if (!good || !add_items(m, &text))
		return;
	for (size_t i = 0; i < m->said.count; i++)
		ms_buf_printf(&text, "say %s\n", m->said.items[i]);
	for (size_t i = 0; i < stages->count; i++)
		ms_buf_printf(&text, "document %s\n", stages->items[i]);
	add_result(&text, built->document);
	ms_memory_write(built->build, &text);
}
