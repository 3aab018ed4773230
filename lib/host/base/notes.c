/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notes.c - collects what a run depended on. See notes.h.
 */
#include "base/notes.h"
#include "base/file.h"
#include "base/inherit.h"
#include "base/mem.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_MAX (64u * 1024 * 1024)

static int notes_fd = -1;
static bool opened;
static struct ms_buf notes;
static const char *ignored;
static bool once, never;
static const char *self_path; /* NULL: /proc says it */

void ms_notes_open(void)
{
	char self[PATH_MAX];
	const char *rest;
	ssize_t n;
	int fd;

	if (opened)
		return;
	opened = true;
	fd = ms_inherit(MS_NOTES_VARIABLE, S_IFREG, &rest);
	if (fd < 0)
		return;
	notes_fd = *rest ? -1 : fd;
	n = self_path ? (ssize_t)strlen(self_path)
	              : readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		notes_fd = -1;
	else
		ms_buf_printf(&notes, "begin %.*s\n", (int)n, self_path ? self_path : self);
}

void ms_notes_again(const char *path)
{
	if (notes_fd >= 0)
		close(notes_fd);
	notes_fd = -1;
	notes.len = 0;
	ignored = NULL;
	opened = once = never = false;
	self_path = path;
}

void ms_notes_send(void)
{
	if (notes_fd < 0)
		return;
	ms_buf_puts(&notes, never ? "never\nend\n" : "end\n");
	/* Without their end notes count for nothing. */
	(void)ms_write_all(notes_fd, notes.data, notes.len);
	close(notes_fd);
	notes_fd = -1;
}

/* An option's default may be asked of the environment before the program has a name. */
bool ms_notes_wanted(void)
{
	if (!opened)
		ms_notes_open();
	return notes_fd >= 0;
}

void ms_notes_ignore(const char *folder)
{
	ignored = folder;
}

static bool is_ignored(const char *path)
{
	size_t n = ignored ? strlen(ignored) : 0;

	return n && strncmp(path, ignored, n) == 0 && path[n] == '/';
}

/* A note is one line: what does not fit one cannot be remembered. */
static void add(const char *what, const char *more, const char *text)
{
	if (!ms_notes_wanted())
		return;
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			never = true;
	}
	if (notes.len > NOTES_MAX)
		never = true;
	if (!never)
		ms_buf_printf(&notes, "%s%s%s\n", what, more, text);
}

static void add_file(const char *what, const char *path, const char *sha256)
{
	if (!ms_notes_wanted() || is_ignored(path))
		return;
	add(what, ms_format("%s ", sha256), path);
}

void ms_note_read(const char *path, const char *sha256)
{
	add_file("read ", path, sha256);
}

void ms_note_made(const char *path, const char *sha256)
{
	add_file("made ", path, sha256);
}

void ms_note_absent(const char *path)
{
	if (ms_notes_wanted() && !is_ignored(path))
		add("absent ", "", path);
}

void ms_note_inside(const char *root, const char *path)
{
	if (ms_notes_wanted() && strchr(root, '\t'))
		never = true;
	else if (ms_notes_wanted())
		add("inside ", ms_format("%s\t", root), path);
}

void ms_note_never(void)
{
	never = true;
}

void ms_note_read_bytes(const char *path, const void *data, size_t len)
{
	char sha256[MS_SHA256_HEX];

	if (!ms_notes_wanted() || is_ignored(path))
		return;
	ms_sha256_hex(data, len, sha256);
	ms_note_read(path, sha256);
}

void ms_note_made_bytes(const char *path, const void *data, size_t len)
{
	char sha256[MS_SHA256_HEX];

	if (!ms_notes_wanted() || is_ignored(path))
		return;
	ms_sha256_hex(data, len, sha256);
	ms_note_made(path, sha256);
}

void ms_note_said(const char *text, size_t len)
{
	if (ms_notes_wanted() && !once) {
		while (len) {
			const char *stop = memchr(text, '\n', len);
			size_t n = stop ? (size_t)(stop - text) : len;

			add("say ", "", ms_strndup(text, n));
			text += n + (stop != NULL);
			len -= n + (stop != NULL);
		}
	}
	once = false;
}

void ms_note_once(void)
{
	once = true;
}

const char *ms_env(const char *name)
{
	const char *value = getenv(name);

	if (value && ms_notes_wanted())
		add("env ", ms_format("%s=", name), value);
	else if (ms_notes_wanted())
		add("unset ", "", name);
	return value;
}
