/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toolkit.c - finding the toolkit's own files, and expanding a plan's symbolic names.
 */
#include "base/toolkit.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/notes.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX_MAP "-ffile-prefix-map="

const char *ms_program_path(void)
{
	static char path[PATH_MAX];
	ssize_t n;

	if (path[0])
		return path;
	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n <= 0)
		ms_die_errno("/proc/self/exe");
	path[n] = '\0';
	return path;
}

const char *ms_program_folder(void)
{
	static const char *folder;
	const char *path, *slash;

	if (folder)
		return folder;
	path = ms_program_path();
	slash = strrchr(path, '/');
	folder = ms_strndup(path, slash && slash != path ? (size_t)(slash - path) : strlen(path));
	return folder;
}

void ms_places_find(struct ms_places *places)
{
	/* Beside an installed program, beside a program in the checkout. */
	static const char *const beside[] = {"../share/moonshot-toolkit", "../lib"};
	const char *named = ms_env("MS_TOOLKIT");
	char *real;

	places->project = ms_real_path(".");
	if (!places->project)
		ms_die_errno("the working folder");
	if (named && *named) {
		real = ms_real_path(named);
		if (!real || access(ms_path_join(real, "board"), R_OK) != 0)
			ms_die_system("MS_TOOLKIT=%s: no toolkit sources (board/) there", named);
		places->toolkit = real;
		return;
	}
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		real = ms_real_path(ms_path_join(ms_program_folder(), beside[i]));
		if (real && access(ms_path_join(real, "board"), R_OK) == 0) {
			places->toolkit = real;
			return;
		}
		ms_note_absent(ms_format("%s/%s/board", ms_program_folder(), beside[i]));
	}
	ms_die_system("the toolkit's sources are neither in %s/../share/moonshot-toolkit nor in "
	              "%s/../lib; set MS_TOOLKIT to their folder",
	              ms_program_folder(), ms_program_folder());
}

/* The rest of path after the component `name`, or NULL when it does not begin with it. */
static const char *after(const char *path, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(path, name, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return NULL;
	return path + n;
}

static char *two(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	char *both = ms_alloc(n + m + 1, 1);

	memcpy(both, a, n);
	memcpy(both + n, b, m);
	return both;
}

bool ms_is_project_path(const char *path)
{
	if (path[0] == '@' || path[0] == '/')
		return after(path, "@project") != NULL;
	return !after(path, "build");
}

char *ms_expand_path(const struct ms_places *places, const char *path)
{
	const char *rest;

	if ((rest = after(path, "build")))
		return two(places->build ? places->build : "build", rest);
	if ((rest = after(path, "@toolkit")))
		return two(places->toolkit, rest);
	if ((rest = after(path, "@kernel"))) {
		if (!places->kernel)
			ms_die_system("%s: no kernel is at hand", path);
		return two(places->kernel, rest);
	}
	if ((rest = after(path, "@project")))
		return two(places->project, rest);
	return ms_strdup(path);
}

char *ms_expand_word(const struct ms_places *places, const char *word)
{
	size_t n = strlen(PREFIX_MAP);
	const char *equals;

	if (strncmp(word, PREFIX_MAP, n) == 0 && (equals = strchr(word + n, '='))) {
		char *left = ms_strndup(word + n, (size_t)(equals - word) - n);

		return ms_format(PREFIX_MAP "%s%s", ms_expand_path(places, left), equals);
	}
	return ms_expand_path(places, word);
}
