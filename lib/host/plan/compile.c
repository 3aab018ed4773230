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
#include "base/json.h"
#include "base/names.h"
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

static bool same_words(const char *const *a, const char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

/* A command that an earlier step has as well, word for word: what PDs share is made once. makers:
 * of each output the place of its first command, + 1. */
static bool is_repeated(const struct commands *all, struct ms_names *makers,
                        const struct ms_make_command *one)
{
	uint64_t *maker = ms_names_at(makers, one->output);

	if (*maker)
		return same_words(all->items[*maker - 1].argv, one->argv);
	*maker = all->count + 1;
	return false;
}

/* The commands of all compiling steps in one row: a step's commands need only each other. */
static struct commands pd_commands(const json_t *plan)
{
	struct commands all = {0};
	struct ms_names makers = {0};
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

			ms_words_free(&words);
			own[k].output = why ? "" : own[k].argv[words.output];
			if (!why && is_repeated(&all, &makers, &own[k])) {
				free((void *)(uintptr_t)own[k].argv);
				continue;
			}
			if (!why && words.compiles)
				ms_list_add(&own[k].inputs, MS_KERNEL_HEADER);
			else
				own[k].executable = true;
			all.items[all.count++] = own[k];
		}
		free(own);
	}
	ms_names_free(&makers);
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

/* Adds a string of a document and frees it. */
static void add_text(struct ms_buf *out, char *text)
{
	json_t *valid = json_string(text);

	if (!valid)
		ms_die_system("%s: out of memory, or a text that is not UTF-8", text);
	ms_json_add_string(out, text, strlen(text));
	json_decref(valid);
	free(text);
}

/* For editors and analysers (clang's JSON compilation database): every compile, as run. */
static void write_database(const struct ms_make *make, const struct commands *all)
{
	struct ms_buf text = {0};

	ms_buf_puts(&text, "[");
	for (size_t i = 0; i < all->count; i++) {
		const char *const *argv = all->items[i].argv;
		struct ms_words words;

		if (!ms_words_read(&words, argv) && words.compiles) {
			ms_buf_puts(&text, text.len > 1 ? ",{\"arguments\":[" : "{\"arguments\":[");
			for (size_t k = 0; k < words.count; k++) {
				if (is_gcc_only(argv[k]))
					continue;
				ms_buf_puts(&text, k ? "," : "");
				add_text(&text, ms_expand_word(make->places, argv[k]));
			}
			ms_buf_puts(&text, "],\"directory\":");
			add_text(&text, ms_strdup(make->places->project));
			ms_buf_puts(&text, ",\"file\":");
			add_text(&text, ms_expand_path(make->places, argv[words.count - 1]));
			ms_buf_puts(&text, ",\"output\":");
			add_text(&text, ms_expand_path(make->places, argv[words.output]));
			ms_buf_puts(&text, "}");
		}
		ms_words_free(&words);
	}
	ms_buf_puts(&text, "]");
	ms_write_file(ms_expand_path(make->places, "build/compile_commands.json"), text.data,
	              text.len, MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME);
	free(text.data);
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
		if (ms_system_failed(errno))
			ms_die_errno("%s", path);
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
