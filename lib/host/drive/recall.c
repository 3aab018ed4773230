/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall.c - does what the last build was a function of still hold? See memory.h; memory.c has
 * the format.
 */
#include "drive/recall.h"
#include "base/diag.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/notes.h"
#include "base/sealed.h"
#include "base/stamp.h"
#include "drive/folder.h"
#include "drive/log.h"
#include "drive/progress.h"
#include "spec/document.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY_FILE "cache/last-build"
#define MEMORY_MAX  (64u * 1024 * 1024)

struct recall {
	struct ms_buf renewed; /* the memory with younger stamps */
	bool renews;           /* there is one */
	struct ms_list documents;
	struct ms_buf said;
	json_t *result;
};

/* -- where ------------------------------------------------------------------------------- */

/*
 * The build folder, from a specification that nobody has parsed yet: -B, else the first string
 * behind "output_dir", else "build". A wrong guess finds no memory, or one that does not hold,
 * since the specification is one of the files in it.
 */
static const char *guess_folder(const struct ms_drive *drive)
{
	static const char key[] = "output_dir";
	size_t len, n;
	char *text, *at, *folder;

	if (drive->build)
		return drive->build;
	text = ms_try_read_file(drive->spec, MS_SPEC_TEXT_MAX, &len);
	if (!text)
		return NULL;
	at = strstr(text, key);
	if (!at)
		return "build";
	at += sizeof(key) - 1;
	at += strspn(at, " \t=\"'");
	n = strcspn(at, "\"'\\\r\n");
	folder = ms_strndup(at, n);
	free(text);
	return ms_path_fault(folder) || !ms_path_inside(".", folder) ? NULL : folder;
}

static char *memory_path(const char *build)
{
	return ms_path_join(build, MEMORY_FILE);
}

void ms_memory_write(const char *build, struct ms_buf *text)
{
	ms_seal(text);
	(void)ms_write_kept_file(memory_path(build), text->data, text->len, MS_WRITE_PARENTS);
}

/* -- what it says ------------------------------------------------------------------------ */

static void add_line(struct ms_buf *text, const char *line)
{
	ms_buf_puts(text, line);
	ms_buf_add(text, "\n", 1);
}

static bool env_holds(char *line)
{
	char *equals = strchr(line, '=');
	const char *value;

	if (!equals)
		return false;
	*equals = '\0';
	value = getenv(line);
	*equals = '=';
	return value && strcmp(value, equals + 1) == 0;
}

static bool inside_holds(char *line)
{
	char *tab = strchr(line, '\t');
	bool holds;

	if (!tab)
		return false;
	*tab = '\0';
	holds = ms_path_inside(line, tab + 1);
	*tab = '\t';
	return holds;
}

/* Its bytes are the same: *stamp receives the one that goes with them. */
static bool bytes_hold(const char *path, const char *sha256, struct ms_stamp *stamp)
{
	struct ms_stamp after;
	char now[MS_SHA256_HEX];

	return S_ISREG(stamp->mode) && ms_sha256_file(path, now, NULL) == 0 &&
	       strcmp(now, sha256) == 0 && ms_stamp_take(&after, path) &&
	       ms_stamp_same(&after, stamp);
}

/* "+|? SHA256|- STAMP PATH". renewed receives a stamp that is to be believed from now on. */
static bool file_holds(char *line, char renewed[MS_STAMP_TEXT])
{
	char *sha256 = line + 2, *rest, *path;
	struct ms_stamp then, now;
	bool holds, settled = line[0] == '+';
	int64_t started;

	if ((!settled && line[0] != '?') || line[1] != ' ' || !(rest = strchr(sha256, ' ')))
		return false;
	path = ms_stamp_parse(&then, rest + 1);
	if (!path || !*path || !ms_stamp_take(&now, path))
		return false;
	if (settled && ms_stamp_same(&then, &now))
		return true;
	/* Without a digest the stamp is all there is. */
	if (rest - sha256 != MS_SHA256_HEX - 1 || then.size != now.size || then.mode != now.mode)
		return false;
	started = ms_stamp_now();
	*rest = '\0';
	holds = bytes_hold(path, sha256, &now);
	*rest = ' ';
	if (holds && ms_stamp_settled(&now, started))
		ms_stamp_text(&now, renewed);
	return holds;
}

/* A file's line into the memory that may be written anew: with its younger stamp, or as it was. */
static bool keep_file(struct recall *r, char *line)
{
	char stamp[MS_STAMP_TEXT] = "";
	char *file = line + sizeof("file ") - 1, *path;
	struct ms_stamp old;

	if (!file_holds(file, stamp))
		return false;
	if (!*stamp) {
		add_line(&r->renewed, line);
		return true;
	}
	path = ms_stamp_parse(&old, strchr(file + 2, ' ') + 1);
	ms_buf_printf(&r->renewed, "file + %.64s %s %s\n", file + 2, stamp, path);
	r->renews = true;
	return true;
}

static bool is_printable(const char *line)
{
	for (const char *p = line; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	}
	return true;
}

/* Is it still so? What is no question is noted for the end. */
static bool line_holds(struct recall *r, char *line)
{
	struct stat st;
	char *rest;

	if (ms_behind(line, "file "))
		return keep_file(r, line);
	add_line(&r->renewed, line);
	if ((rest = ms_behind(line, "absent ")))
		return lstat(rest, &st) != 0;
	if ((rest = ms_behind(line, "inside ")))
		return inside_holds(rest);
	if ((rest = ms_behind(line, "env ")))
		return env_holds(rest);
	if ((rest = ms_behind(line, "unset ")))
		return !getenv(rest);
	if ((rest = ms_behind(line, "say "))) {
		add_line(&r->said, rest);
		return is_printable(rest);
	}
	if ((rest = ms_behind(line, "document "))) {
		ms_list_add(&r->documents, rest);
		return true;
	}
	if ((rest = ms_behind(line, "result ")) && !r->result) {
		r->result = ms_json_load(rest, strlen(rest), NULL);
		return json_is_object(r->result);
	}
	return false;
}

static bool all_holds(struct recall *r, char *text, const char *call)
{
	char *first = ms_format(MS_MEMORY_MAGIC " %s", call), *next;

	for (char *line = text; *line; line = next) {
		char *stop = strchr(line, '\n');

		if (!stop)
			return false;
		*stop = '\0';
		next = stop + 1;
		if (line == text) {
			if (strcmp(line, first) != 0)
				return false;
			add_line(&r->renewed, line);
		} else if (!line_holds(r, line)) {
			return false;
		}
	}
	return r->result != NULL;
}

bool ms_recall(const struct ms_drive *drive, const char *call, struct ms_built *built)
{
	const char *folder = guess_folder(drive);
	struct recall r = {0};
	struct stat st;
	char *text;
	size_t len;

	if (!folder || stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
		return false;
	ms_build_lock(folder);
	text = ms_read_kept_file(memory_path(folder), MEMORY_MAX, &len);
	if (!text || !ms_unseal(text, len) || !all_holds(&r, text, call)) {
		json_decref(r.result);
		return false;
	}
	if (r.renews)
		ms_memory_write(folder, &r.renewed);
	ms_stages_prune(folder, &r.documents);
	if (!ms_log_owns_stderr())
		ms_progress_pass(r.said.data, r.said.len);
	ms_log_text("", r.said.data, r.said.len);
	built->build = folder;
	built->document = r.result;
	return true;
}
