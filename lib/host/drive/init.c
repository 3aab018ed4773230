/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * init.c - the verb init: a new project from the toolkit's template (@toolkit/templates/project).
 *
 * The folder appears whole or not at all: it is made under another name beside its place, and
 * renamed, which fails where something is in the way.
 */
#include "drive/verbs.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/temp.h"
#include "base/toolkit.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_LONGEST 64
#define FILE_MAX     (64u * 1024)

static const char mark[] = "@NAME@";

/* What a project begins with; a name without its dot lies in the template as a visible file. */
static const struct {
	const char *from, *to;
} files[] = {{"gitignore", ".gitignore"},      {"Makefile", "Makefile"},
             {"README.md", "README.md"},       {"system.toml", "system.toml"},
             {"src/client.c", "src/client.c"}, {"src/server.c", "src/server.c"}};
#define FILES (sizeof(files) / sizeof(files[0]))

/* What is to be removed when the program ends before the folder has its name. */
static char *made[FILES + 2];
static size_t made_count;

static void remove_made(void)
{
	while (made_count) {
		const char *path = made[--made_count];

		if (unlink(path) != 0)
			rmdir(path);
	}
}

/* NULL, or what is wrong with a project's name. It becomes text in sources and in a Makefile. */
static const char *name_fault(const char *name)
{
	if (!*name)
		return "is empty";
	if (strlen(name) > NAME_LONGEST)
		return "is longer than 64 characters";
	if (!isalnum((unsigned char)*name))
		return "does not begin with a letter or a digit";
	for (const char *p = name; *p; p++) {
		if ((unsigned char)*p >= 0x80 ||
		    (!isalnum((unsigned char)*p) && !strchr("-_.", *p)))
			return "has a character that is none of a-z, A-Z, 0-9, '-', '_' and '.'";
	}
	return NULL;
}

/* The template's text with the name in it. */
static void fill_in(struct ms_buf *out, const char *text, const char *name)
{
	const char *at;

	for (; (at = strstr(text, mark)); text = at + strlen(mark)) {
		ms_buf_add(out, text, (size_t)(at - text));
		ms_buf_puts(out, name);
	}
	ms_buf_puts(out, text);
}

static void note_made(char *path)
{
	made[made_count] = path;
	made_count++;
}

static void write_project(const char *folder, const char *name)
{
	struct ms_places places = {0};
	char *src = ms_path_join(folder, "src");

	ms_places_find(&places);
	if (mkdir(src, 0777) != 0)
		ms_die_errno("%s", src);
	note_made(src);
	for (size_t i = 0; i < FILES; i++) {
		char *from = ms_format("%s/templates/project/%s", places.toolkit, files[i].from);
		char *to = ms_path_join(folder, files[i].to);
		struct ms_buf out = {0};
		size_t len;
		char *text = ms_read_file(from, FILE_MAX, &len);

		fill_in(&out, text, name);
		note_made(to);
		ms_write_file(to, out.data, out.len, 0);
	}
}

int ms_verb_init(const char *path, bool quiet)
{
	char *real = ms_strdup(path), *folder;
	const char *name, *fault;
	size_t len = strlen(real);
	mode_t mask;

	while (len > 1 && real[len - 1] == '/')
		real[--len] = '\0';
	name = ms_path_base(real);
	fault = name_fault(name);
	if (fault)
		ms_die_usage("the project's name \"%s\" %s", name, fault);
	if (len > PATH_MAX / 2)
		ms_die_usage("the path of the project is too long");
	folder = ms_format("%s.XXXXXX", real);
	if (!mkdtemp(folder))
		ms_die_errno("%s", real);
	note_made(folder);
	ms_on_end(remove_made);
	mask = umask(0);
	umask(mask);
	if (chmod(folder, 0777 & ~mask) != 0)
		ms_die_errno("%s", folder);
	write_project(folder, name);
	/* An empty folder may give way, nothing else does. */
	if (rename(folder, real) != 0) {
		if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR)
			ms_die_input("%s is there already, and is left as it is", real);
		ms_die_errno("%s", real);
	}
	made_count = 0;
	if (!quiet)
		printf("made       %s\nnext       cd %s && ms-build run system.toml\n", real, real);
	return MS_EXIT_OK;
}
