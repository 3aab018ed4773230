/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words.c - reading a plan's argument vectors and commands, and names to and from paths.
 */
#include "plan/words.h"
#include "plan/make.h"

#include "base/file.h"
#include "base/names.h"
#include "base/notes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ABSENT_MAX 50000

static bool is(const char *word, const char *option)
{
	return word && strcmp(word, option) == 0;
}

static bool is_folder_option(const char *word)
{
	return is(word, "-I") || is(word, "-isystem") || is(word, "-iquote");
}

const char *ms_words_read(struct ms_words *w, const char *const *argv)
{
	memset(w, 0, sizeof(*w));
	w->argv = argv;
	while (argv[w->count])
		w->count++;
	for (size_t i = 1; i < w->count; i++) {
		const char *next = argv[i + 1];

		if (is(argv[i], "-c")) {
			w->compiles = true;
		} else if (is(argv[i], "-o") && next) {
			w->output = ++i;
		} else if (is(argv[i], "-MF") && next) {
			w->depfile = ++i;
			w->dialect = MS_DEPFILE_GCC;
		} else if (is(argv[i], "--dependency-file") && is(argv[i - 1], "-Xlinker") &&
		           is(next, "-Xlinker") && argv[i + 2]) {
			w->depfile = i += 2;
			w->dialect = MS_DEPFILE_LD;
		} else if (is_folder_option(argv[i]) && next) {
			ms_list_add(&w->folders, argv[++i]);
		}
	}
	if (!w->output && w->count > 1)
		w->output = w->count - 1;
	if (!w->output)
		return "names no output";
	if (!ms_starts_with(argv[w->output], "build/") || ms_path_fault(argv[w->output]))
		return "has its output outside of build/";
	if (w->depfile &&
	    (!ms_starts_with(argv[w->depfile], "build/") || ms_path_fault(argv[w->depfile])))
		return "has its dependency file outside of build/";
	return NULL;
}

void ms_words_free(struct ms_words *w)
{
	free(w->folders.items);
	w->folders = (struct ms_list){0};
}

bool ms_words_may_be_input(const struct ms_words *w, size_t i)
{
	const char *before = i ? w->argv[i - 1] : NULL;

	return i > 0 && i < w->count && i != w->output && i != w->depfile && w->argv[i][0] != '-' &&
	       !is(before, "-MQ") && !is(before, "-MT") && !is_folder_option(before);
}

char *ms_plan_name(const struct ms_places *places, const char *path)
{
	const char *rest;

	if ((rest = ms_path_below(path, places->toolkit)))
		return ms_format("@toolkit/%s", rest);
	if ((rest = ms_path_below(path, places->kernel)))
		return ms_format("@kernel/%s", rest);
	if ((rest = ms_path_below(path, places->build ? places->build : "build")))
		return ms_format("build/%s", rest);
	if ((rest = ms_path_below(path, places->project)))
		path = rest;
	while (path[0] == '.' && path[1] == '/')
		path += 1 + strspn(path + 1, "/");
	/* "build" of the project, while the build folder is another one */
	if (ms_starts_with(path, "build/") || path[0] == '@')
		return ms_format("@project/%s", path);
	return ms_strdup(path);
}

/* -- headers that are not there ---------------------------------------------------------- */

struct absent {
	const struct ms_places *places;
	struct ms_list folders;
	struct ms_names seen; /* whatever was looked for */
	struct ms_list *names;
	bool all;
};

/* The plan path of name in a folder: "build/" in the project itself is not the build folder. */
static char *name_in(const char *folder, const char *name)
{
	if (strcmp(folder, ".") == 0 && (ms_starts_with(name, "build/") || name[0] == '@'))
		return ms_format("@project/%s", name);
	return ms_path_join(folder, name);
}

/* What follows the folder in name, which is in `copy` when it has to be made; NULL: it lies
 * elsewhere. */
static const char *rest_of(const struct ms_places *places, const char *name, const char *folder,
                           char **copy)
{
	const char *rest;

	if (strcmp(folder, ".") != 0)
		return ms_path_below(name, folder);
	if (name[0] == '/' || ms_starts_with(name, "@toolkit/") || ms_starts_with(name, "@kernel/"))
		return NULL;
	/* The build folder may lie in the project, too. */
	*copy = ms_expand_path(places, name);
	rest = ms_path_below(*copy, places->project);
	return rest ? rest : **copy == '/' ? NULL : *copy;
}

/* name in every folder where it does not exist */
static void add_absent(struct absent *absent, const char *name)
{
	for (size_t i = 0; i < absent->folders.count && absent->all; i++) {
		char *candidate = name_in(absent->folders.items[i], name), *path;
		uint64_t *seen = ms_names_at(&absent->seen, candidate);
		struct stat st;

		if (*seen) {
			free(candidate);
			continue;
		}
		*seen = 1;
		path = ms_expand_path(absent->places, candidate);
		if (lstat(path, &st) != 0) {
			ms_list_add(absent->names, candidate);
			ms_note_absent(path);
			absent->all = absent->names->count <= ABSENT_MAX;
		}
		free(path);
	}
}

bool ms_words_absent(const struct ms_words *w, const struct ms_places *places,
                     const struct ms_list *read, struct ms_list *names)
{
	struct absent absent = {.places = places, .names = names, .all = true};
	struct ms_list *folders = &absent.folders;

	for (size_t i = 0; i < w->folders.count; i++)
		ms_list_add_once(folders, w->folders.items[i]);
	/* "#include" with quotes looks beside the file that says it first. */
	for (size_t i = 0; i < read->count; i++) {
		if (read->items[i][0] != '/')
			ms_list_add_once(folders, ms_path_folder(read->items[i]));
	}
	for (size_t i = 1; i < read->count; i++) {
		const char *name = read->items[i], *rest;
		const char *slash = strrchr(name, '/');

		for (size_t k = 0; k < folders->count; k++) {
			char *copy = NULL;

			if ((rest = rest_of(places, name, folders->items[k], &copy)))
				add_absent(&absent, rest);
			free(copy);
		}
		if (!slash) {
			add_absent(&absent, name);
		} else if (name[0] == '/') {
			/* The compiler's own headers: <x.h> and <y/x.h>. */
			add_absent(&absent, slash + 1);
			while (slash > name && slash[-1] != '/')
				slash--;
			add_absent(&absent, slash);
		}
	}
	ms_names_free(&absent.seen);
	free(folders->items);
	return absent.all;
}

size_t ms_make_count(const json_t *plan)
{
	size_t count = 0, i;
	json_t *step;

	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		count += json_array_size(ms_doc_member(step, "commands"));
	}
	return count;
}

struct ms_make_command *ms_make_commands(const json_t *step, size_t *count)
{
	const json_t *list = ms_doc_member(step, "commands");
	struct ms_make_command *commands;
	json_t *argv, *word;
	size_t i, k;

	*count = json_array_size(list);
	commands = ms_alloc(*count, sizeof(*commands));
	json_array_foreach(list, i, argv)
	{
		const char **words = ms_alloc(json_array_size(argv) + 1, sizeof(*words));

		json_array_foreach(argv, k, word)
		{
			words[k] = json_string_value(word);
		}
		commands[i].argv = words;
		commands[i].step = ms_doc_string(step, "name");
	}
	return commands;
}
