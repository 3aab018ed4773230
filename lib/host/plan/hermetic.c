/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hermetic.c - see hermetic.h.
 */
#include "plan/hermetic.h"

#include "base/diag.h"
#include "base/notes.h"
#include "base/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES   4096 /* of a program: its interpreter is named there */
#define PROGRAMS_MAX 8

void ms_hermetic_enter(void)
{
	const char *why = ms_sandbox_enter();

	if (why)
		ms_die_system("--hermetic: this system lets no step be closed off: %s", why);
}

/* -- the toolchain ----------------------------------------------------------------------- */

/* The first bytes of a file, NUL-terminated; 0 when it cannot be read. */
static size_t read_head(const char *path, char head[HEAD_BYTES + 1])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, head, HEAD_BYTES);

	if (fd >= 0)
		close(fd);
	head[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* The dynamic linker that an ELF file names, or NULL. */
static char *linker_of(const char *head, size_t len)
{
	const char *found = memmem(head, len, "/ld-", 4), *first = found;

	if (!found || memcmp(head, "\177ELF", 4) != 0)
		return NULL;
	while (first > head && first[-1] > ' ' && first[-1] < 0x7f)
		first--;
	return first[0] == '/' ? ms_strdup(first) : NULL;
}

/* "\tlibz.so.1 => /lib/libz.so.1 (0x…)" */
static void show_libraries(struct ms_sandbox *s, const char *program)
{
	const char *argv[] = {program, NULL};
	struct ms_list env = {0};
	struct ms_command command = {.argv = argv};
	struct ms_result result;
	char *line;

	for (const char *const *e = ms_clean_environment(false); *e; e++)
		ms_list_add(&env, *e);
	ms_list_add(&env, "LD_TRACE_LOADED_OBJECTS=1");
	command.env = env.items;
	result = ms_run(&command);
	for (line = result.output.data; !result.error && line && *line;) {
		char *stop = strchr(line, '\n'), *path, *end;

		if (stop)
			*stop = '\0';
		if ((path = strchr(line, '/')) && (end = strstr(path, " (0x"))) {
			*end = '\0';
			ms_sandbox_show(s, path);
		}
		line = stop ? stop + 1 : NULL;
	}
}

static void show_program(struct ms_sandbox *s, const char *path, bool is_part, unsigned depth);

/* "#!/bin/sh -e", "#!/usr/bin/env python3" */
static void show_interpreter(struct ms_sandbox *s, char *line, unsigned depth)
{
	size_t blanks = strspn(line, " \t");
	char *word = line + blanks, *next;

	line[strcspn(line, "\n")] = '\0';
	next = word + strcspn(word, " \t");
	if (*next)
		*next++ = '\0';
	show_program(s, word, false, depth + 1);
	if (strcmp(ms_path_base(word), "env") == 0 && *next && *next != '-') {
		next[strcspn(next, " \t")] = '\0';
		char *found = ms_find_program(next);
		if (found)
			show_program(s, found, false, depth + 1);
	}
}

/* A program and what it needs to start. Of the toolchain's parts the libraries are parts, too. */
static void show_program(struct ms_sandbox *s, const char *path, bool is_part, unsigned depth)
{
	char head[HEAD_BYTES + 1], *linker;
	size_t len = read_head(path, head);

	ms_sandbox_show(s, path);
	if (len > 2 && head[0] == '#' && head[1] == '!' && depth < 3) {
		show_interpreter(s, head + 2, depth);
	} else if (len > 4 && (linker = linker_of(head, len))) {
		ms_sandbox_show(s, linker);
		if (!is_part)
			show_libraries(s, path);
	}
}

static bool is_part(const struct ms_toolchain *t, const char *path)
{
	return path[0] == '/' && ms_toolchain_has(t, path);
}

/* Every program of that name in PATH: the first may be a wrapper for the next. */
static void show_programs(struct ms_sandbox *s, const struct ms_toolchain *t, const char *name)
{
	const char *path = ms_env("PATH");

	if (strchr(name, '/')) {
		show_program(s, name, is_part(t, name), 0);
		return;
	}
	for (path = path ? path : "/usr/local/bin:/usr/bin:/bin"; *path;) {
		size_t n = strcspn(path, ":");
		char *full = ms_format("%.*s/%s", n ? (int)n : 1, n ? path : ".", name);

		if (access(full, X_OK) == 0)
			show_program(s, full, is_part(t, full), 0);
		path += n + (path[n] == ':');
	}
}

/* Links beside a part that lead to it: a shared library is loaded by such a name. */
static void show_names(struct ms_sandbox *s, const struct ms_list *parts, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;

	if (!dir && ms_system_failed(errno))
		ms_die_errno("%s", folder);
	while (dir && (e = readdir(dir))) {
		char target[256];
		ssize_t len;

		if (e->d_type != DT_LNK && e->d_type != DT_UNKNOWN)
			continue;
		len = readlinkat(dirfd(dir), e->d_name, target, sizeof(target) - 1);
		if (len <= 0 || memchr(target, '/', (size_t)len))
			continue;
		target[len] = '\0';
		for (size_t i = 0; i < parts->count; i++) {
			size_t n = strlen(folder);

			if (strncmp(parts->items[i], folder, n) == 0 && parts->items[i][n] == '/' &&
			    strcmp(parts->items[i] + n + 1, target) == 0)
				ms_sandbox_show_itself(s, ms_path_join(folder, e->d_name));
		}
	}
	if (dir)
		closedir(dir);
}

static void show_target(struct ms_sandbox *s, const char *own)
{
	char *folder = ms_toolchain_target_folder(own);

	if (folder)
		ms_sandbox_show(s, folder);
}

static void show_parts(struct ms_sandbox *s, const struct ms_toolchain *t)
{
	struct ms_list parts = {0}, folders = {0};
	const char *path;

	for (size_t i = 0; (path = ms_toolchain_file(t, i)); i++) {
		ms_list_add(&parts, path);
		show_program(s, path, true, 0);
		/* The compiler's own folders are its own whole. */
		if (strcmp(ms_path_base(path), "cc1") == 0 ||
		    strcmp(ms_path_base(path), "libgcc.a") == 0)
			ms_sandbox_show(s, ms_path_folder(path));
		if (strcmp(ms_path_base(path), "libgcc.a") == 0)
			show_target(s, ms_path_folder(path));
	}
	for (size_t i = 0; i < parts.count; i++) {
		char *folder = ms_path_folder(parts.items[i]);

		if (ms_list_has(&folders, folder))
			continue;
		ms_list_add(&folders, folder);
		show_names(s, &parts, folder);
	}
}

static const struct ms_sandbox *toolchain_view(const struct ms_toolchain *t, const char *program)
{
	/* /lib is a link to /usr/lib, or a folder that parts lie in. */
	static const char *const roots[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64"};
	static struct {
		const char *program;
		struct ms_sandbox *view;
	} known[PROGRAMS_MAX];
	struct ms_sandbox *s;
	struct stat st;
	size_t i;

	for (i = 0; i < PROGRAMS_MAX && known[i].program; i++) {
		if (strcmp(known[i].program, program) == 0)
			return known[i].view;
	}
	s = ms_sandbox_new(NULL);
	for (size_t k = 0; k < sizeof(roots) / sizeof(roots[0]); k++) {
		if (lstat(roots[k], &st) == 0 && S_ISLNK(st.st_mode))
			ms_sandbox_show_itself(s, roots[k]);
	}
	ms_sandbox_show(s, "/etc/ld.so.cache");
	show_programs(s, t, program);
	show_parts(s, t);
	if (i < PROGRAMS_MAX) {
		known[i].program = program;
		known[i].view = s;
	}
	return s;
}

/* -- what a command declares ------------------------------------------------------------- */

static bool is_header(const char *name)
{
	return ms_ends_with(name, ".h") || ms_ends_with(name, ".inc") || ms_ends_with(name, ".def");
}

static void show_headers_beside(struct ms_sandbox *s, const char *source)
{
	char *folder = ms_path_folder(source);
	DIR *dir = opendir(folder);
	struct dirent *e;

	if (!dir && ms_system_failed(errno))
		ms_die_errno("%s", folder);
	while (dir && (e = readdir(dir))) {
		char *path = ms_path_join(folder, e->d_name);
		struct stat st;

		/* A link does not declare what it leads to. */
		if (is_header(e->d_name) && lstat(path, &st) == 0 && !S_ISDIR(st.st_mode))
			ms_sandbox_show_itself(s, path);
		free(path);
	}
	if (dir)
		closedir(dir);
}

/* A folder of the project without the build folder, should that lie in it. */
static void show_without(struct ms_sandbox *s, const char *folder, const char *build)
{
	char *real = ms_real_path(folder);
	struct dirent *e;
	DIR *dir;

	if (!real || strcmp(real, build) == 0)
		return;
	if (!ms_path_below(build, real)) {
		ms_sandbox_show_itself(s, folder);
		return;
	}
	dir = opendir(folder);
	if (!dir && ms_system_failed(errno))
		ms_die_errno("%s", folder);
	while (dir && (e = readdir(dir))) {
		char *path = ms_path_join(folder, e->d_name);
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		/* Of a link the link, not what it leads to. */
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			show_without(s, path, build);
		else
			ms_sandbox_show_itself(s, path);
	}
	if (dir)
		closedir(dir);
}

static bool show_folder(struct ms_sandbox *s, const struct ms_places *places, const char *name,
                        const char *step)
{
	char *path = ms_expand_path(places, name);
	struct stat st;

	if (strcmp(name, "build") == 0)
		return true; /* what of it is read is named */
	if (strcmp(name, "@toolkit") == 0) {
		ms_sandbox_show(s, ms_path_join(path, "board"));
		ms_sandbox_show(s, ms_path_join(path, "both"));
		return true;
	}
	if (strcmp(name, ".") == 0) {
		char *build = ms_real_path(ms_expand_path(places, "build"));

		show_without(s, ".", build ? build : "");
		return true;
	}
	if (ms_is_project_path(name) && stat(path, &st) == 0 &&
	    !ms_path_inside(places->project, path)) {
		ms_report(MS_ERROR, NULL, "input-outside",
		          "%s: the include folder %s leads out of the project", step, path);
		return false;
	}
	ms_sandbox_show(s, path);
	return true;
}

struct ms_sandbox *ms_hermetic_view(const struct ms_places *places, const struct ms_words *words,
                                    const struct ms_list *files,
                                    const struct ms_toolchain *toolchain, const char *step)
{
	struct ms_sandbox *s = ms_sandbox_new(toolchain_view(toolchain, words->argv[0]));
	bool good = true;

	for (size_t i = 0; i < files->count; i++)
		ms_sandbox_show(s, ms_expand_path(places, files->items[i]));
	for (size_t i = 0; i < words->folders.count; i++)
		good = show_folder(s, places, words->folders.items[i], step) && good;
	for (size_t i = 1; words->compiles && i < words->count; i++) {
		if (ms_words_may_be_input(words, i))
			show_headers_beside(s, ms_expand_path(places, words->argv[i]));
	}
	if (good)
		return s;
	ms_sandbox_free(s);
	return NULL;
}

const char *const *ms_hermetic_environment(const char *folder)
{
	struct ms_list env = {0};

	for (const char *const *e = ms_clean_environment(false); *e; e++) {
		if (!ms_starts_with(*e, "TMPDIR="))
			ms_list_add(&env, *e);
	}
	ms_list_add(&env, ms_format("TMPDIR=%s", folder));
	return env.items;
}

/* -- afterwards -------------------------------------------------------------------------- */

bool ms_hermetic_take(const struct ms_sandbox *sandbox, const char *name, struct ms_temp *to)
{
	int fd = ms_sandbox_open(sandbox, name);
	char buffer[64 * 1024];
	ssize_t n;

	if (fd < 0 && ms_system_failed(errno))
		ms_die_errno("--hermetic: %s", name);
	if (fd < 0)
		return false;
	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ms_die_errno("--hermetic: %s", name);
		if (ms_write_all(to->fd, buffer, (size_t)n) != 0)
			ms_die_errno("%s", to->path);
	}
	close(fd);
	return true;
}

/* The name that a line of a tool's output says it did not get, or NULL. */
static char *missing_name(const char *line)
{
	static const char *const after[] = {": No such file or directory", ": Permission denied",
	                                    ": Read-only file system", ": not found"};
	static const char *const before[] = {"file not found: ", "can't open "};
	static const char *const prefixes[] = {"cannot find ", "cannot open ", "can't open "};
	const char *end = NULL, *first;
	char *name;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		if ((first = strstr(line, before[i]))) {
			first += strlen(before[i]);
			return ms_strndup(first, strcspn(first, ": "));
		}
	}
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]) && !end; i++)
		end = strstr(line, after[i]);
	if (!end)
		return NULL;
	for (first = end;
	     first > line && !(first[-1] == ' ' && first - 1 > line && first[-2] == ':');)
		first--;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t n = strlen(prefixes[i]);

		if ((size_t)(end - first) > n && strncmp(first, prefixes[i], n) == 0)
			first += n;
	}
	name = ms_strndup(first, (size_t)(end - first));
	if ((name[0] == '\'' || name[0] == '"') && strlen(name) > 2) {
		name[strlen(name) - 1] = '\0';
		name++;
	}
	return name;
}

/* True after a word about a file that is there, but not for this step. */
static bool explain_one(const struct ms_sandbox *s, const char *path, const char *step)
{
	struct stat st;

	if (stat(path, &st) != 0 || ms_sandbox_shows(s, path))
		return false;
	ms_report(MS_ERROR, NULL, "undeclared",
	          "%s: %s is there, but the step does not declare it: under --hermetic a step sees "
	          "its sources, the headers (.h, .inc, .def) in their folders, its include_dirs "
	          "and libs, and the toolchain",
	          step, path);
	return true;
}

void ms_hermetic_explain(const struct ms_sandbox *sandbox, const struct ms_places *places,
                         const struct ms_words *words, const struct ms_buf *output,
                         const char *step)
{
	char *text = output->len ? ms_strndup(output->data, output->len) : ms_strdup(""), *line;
	struct ms_list folders = {0}, said = {0};

	ms_list_add(&folders, ".");
	for (size_t i = 1; words->compiles && i < words->count; i++) {
		if (ms_words_may_be_input(words, i))
			ms_list_add(&folders,
			            ms_path_folder(ms_expand_path(places, words->argv[i])));
	}
	for (size_t i = 0; i < words->folders.count; i++)
		ms_list_add(&folders, ms_expand_path(places, words->folders.items[i]));
	for (char *next = text; (line = next) && *line;) {
		char *name, *stop = strchr(line, '\n');

		next = stop ? stop + 1 : NULL;
		if (stop)
			*stop = '\0';
		name = missing_name(line);
		if (!name || ms_list_has(&said, name) || said.count >= 100)
			continue;
		ms_list_add(&said, name);
		for (size_t i = 0; i < (name[0] == '/' ? 1 : folders.count); i++) {
			if (explain_one(sandbox, ms_path_join(folders.items[i], name), step))
				break;
		}
	}
	free(text);
}
