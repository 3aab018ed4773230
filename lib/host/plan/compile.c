/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compile.c - the CompilePd and CompileRoot steps of a plan: their inputs, their commands, their
 * outputs.
 */
#include "plan/compile.h"
#include "plan/words.h"

#include "base/diag.h"
#include "base/elf_file.h"
#include "base/file.h"
#include "both/elf64.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ELF_MAX (1024u * 1024 * 1024)

static bool is_compile(const json_t *step)
{
	const char *kind = ms_doc_string(step, "kind");

	return strcmp(kind, "CompilePd") == 0 || strcmp(kind, "CompileRoot") == 0;
}

static void fault(const json_t *step, const char *rule, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void fault(const json_t *step, const char *rule, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ms_report(MS_ERROR, NULL, rule, "%s: %s", ms_doc_string(step, "name"), ms_vformat(fmt, ap));
	va_end(ap);
}

/* -- inputs ------------------------------------------------------------------------------ */

/* A source that is a link out of the project would tie the result to one machine, unseen. */
static bool check_input(const struct ms_make *make, const json_t *step, const char *name)
{
	char *path = ms_expand_path(make->places, name);
	struct stat st;

	if (stat(path, &st) != 0)
		fault(step, "input", "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		fault(step, "input", "%s is no file", path);
	else if (ms_is_project_path(name) && !ms_path_inside(make->places->project, path))
		fault(step, "input-outside", "%s leads out of the project by a symbolic link",
		      path);
	else
		return true;
	return false;
}

unsigned ms_compile_check_inputs(const struct ms_make *make, const json_t *plan)
{
	unsigned faults = 0;
	json_t *step, *input;
	size_t i, k;

	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		if (!is_compile(step))
			continue;
		json_array_foreach(ms_doc_member(step, "inputs"), k, input)
		{
			faults += !check_input(make, step, json_string_value(input));
		}
	}
	return faults;
}

/* -- commands ---------------------------------------------------------------------------- */

struct commands {
	struct ms_make_command *items;
	size_t count, cap;
};

/* A command that an earlier step has as well, word for word: what PDs share is made once. */
static bool is_repeated(const struct commands *all, const struct ms_make_command *one)
{
	for (size_t i = all->count; i-- > 0;) {
		const char *const *a = all->items[i].argv, *const *b = one->argv;

		if (strcmp(all->items[i].output, one->output) != 0)
			continue;
		while (*a && *b && strcmp(*a, *b) == 0)
			a++, b++;
		if (!*a && !*b)
			return true;
	}
	return false;
}

/* The commands of all compiling steps in one row: a step's commands need only each other. */
static struct commands pd_commands(const json_t *plan)
{
	struct commands all = {0};
	json_t *step;
	size_t i;

	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		void *items = all.items;
		struct ms_make_command *own;
		size_t count;

		if (!is_compile(step))
			continue;
		own = ms_make_commands(step, &count);
		ms_reserve(&items, &all.cap, all.count + count, sizeof(*all.items));
		all.items = items;
		for (size_t k = 0; k < count; k++) {
			struct ms_words words;
			const char *why = ms_words_read(&words, own[k].argv);

			own[k].output = why ? "" : own[k].argv[words.output];
			if (!why && is_repeated(&all, &own[k]))
				continue;
			if (!why && words.compiles)
				ms_list_add(&own[k].inputs, MS_KERNEL_HEADER);
			else
				own[k].executable = true;
			all.items[all.count++] = own[k];
		}
	}
	return all;
}

void ms_compile_print_pds(const struct ms_make *make, const json_t *plan)
{
	struct commands all = pd_commands(plan);

	ms_make_print(make, all.items, all.count);
}

/* A word that only gcc knows and that changes no meaning: clangd reports it in every file. */
static bool is_gcc_only(const char *word)
{
	return strcmp(word, "-fno-tree-loop-distribute-patterns") == 0;
}

/* For editors and analysers (clang's JSON compilation database): every compile, as run. */
static void write_database(const struct ms_make *make, const struct commands *all)
{
	json_t *database = json_array();
	size_t len;
	char *text;

	for (size_t i = 0; i < all->count; i++) {
		const char *const *argv = all->items[i].argv;
		json_t *entry, *arguments;
		struct ms_words words;

		if (ms_words_read(&words, argv) || !words.compiles)
			continue;
		arguments = json_array();
		for (size_t k = 0; k < words.count; k++) {
			if (is_gcc_only(argv[k]))
				continue;
			ms_doc_append(arguments,
			              ms_doc_new_string(ms_expand_word(make->places, argv[k])));
		}
		entry = json_object();
		ms_doc_set(entry, "directory", ms_doc_new_string(make->places->project));
		ms_doc_set(entry, "file",
		           ms_doc_new_string(ms_expand_path(make->places, argv[words.count - 1])));
		ms_doc_set(entry, "output",
		           ms_doc_new_string(ms_expand_path(make->places, argv[words.output])));
		ms_doc_set(entry, "arguments", arguments);
		ms_doc_append(database, entry);
	}
	text = ms_doc_canonical(database, &len);
	ms_write_file(ms_expand_path(make->places, "build/compile_commands.json"), text, len,
	              MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME);
	free(text);
	json_decref(database);
}

/* -- outputs ----------------------------------------------------------------------------- */

/* Why a file is no program that can be loaded as it is, or NULL. */
static const char *elf_fault(struct elf64 *elf, const void *data, size_t len)
{
	enum elf64_error error = elf64_open(elf, data, len);

	if (error != ELF64_OK)
		return elf64_error_text(error);
	for (unsigned i = 0; i < elf->phnum; i++) {
		uint32_t type = elf64_segment(elf, i).type;

		if (type == ELF64_PT_INTERP || type == ELF64_PT_DYNAMIC)
			return "it is linked dynamically";
	}
	return NULL;
}

/* Checks one output and describes it; NULL after reporting. */
static json_t *new_artifact(const struct ms_make *make, const json_t *step, const char *name)
{
	char *path = ms_expand_path(make->places, name);
	struct ms_file file;
	struct elf64 elf;
	const char *why;
	json_t *artifact;

	if (ms_elf_read(path, ELF_MAX, MS_ELF_HEADERS, &file) != 0) {
		fault(step, "output", "%s: %s", path, strerror(errno));
		return NULL;
	}
	why = elf_fault(&elf, file.data, file.len);
	if (why) {
		fault(step, "output-elf", "%s is no static AArch64 executable: %s", path, why);
		return NULL;
	}
	if (make->inputs) /* a ready program; what the build makes is left out */
		ms_inputs_add_file(make->inputs, make->places, NULL, name, file.sha256, file.size);
	artifact = json_object();
	ms_doc_set(artifact, "step", ms_doc_new_string(ms_doc_string(step, "name")));
	ms_doc_set(artifact, "path", ms_doc_new_string(name));
	ms_doc_set(artifact, "sha256", ms_doc_new_string(file.sha256));
	ms_doc_set(artifact, "size", ms_doc_new_integer((int64_t)file.size));
	ms_doc_set(artifact, "entry", ms_doc_new_hex(elf.entry));
	/* A ready program was made who knows how. */
	if (make->hermetic && json_array_size(ms_doc_member(step, "commands")) > 0)
		ms_doc_set(artifact, "hermetic", json_true());
	return artifact;
}

/* False for a step whose commands have failed: that was said, and there is nothing to look at. */
static bool was_made(const struct commands *all, const json_t *step)
{
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].failed &&
		    strcmp(all->items[i].step, ms_doc_string(step, "name")) == 0)
			return false;
	}
	return true;
}

json_t *ms_compile_pds(const struct ms_make *make, const json_t *plan)
{
	struct commands all = pd_commands(plan);
	json_t *artifacts = json_array(), *step, *output;
	bool good;
	size_t i, k;

	write_database(make, &all);
	good = ms_make(make, all.items, all.count) == 0;
	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		if (!is_compile(step) || !was_made(&all, step))
			continue;
		json_array_foreach(ms_doc_member(step, "outputs"), k, output)
		{
			json_t *one = new_artifact(make, step, json_string_value(output));

			good = good && one;
			if (one)
				ms_doc_append(artifacts, one);
		}
	}
	if (good)
		return artifacts;
	json_decref(artifacts);
	return NULL;
}
