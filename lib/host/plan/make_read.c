/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make_read.c - what a command of a plan has read, seen once it has run.
 */
#include "plan/make_parts.h"

#include "plan/depfile.h"
#include "plan/embedded.h"

#include "base/diag.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool begins(const char *data, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(data, with, strlen(with)) == 0;
}

/* True when a source does what its dependency file is silent about; so does a library that is a
 * script of the linker, which may search for what it names. */
static bool has_silent_inputs(const struct task *task, const char *name, const char *data,
                              size_t len)
{
	if (task->words.dialect == MS_DEPFILE_LD)
		return ms_ends_with(name, ".a") && !begins(data, len, "!<arch>\n");
	return task->words.dialect == MS_DEPFILE_GCC && ms_embeds(data, len, task->command->embeds);
}

/* The linker says that it has read such an archive, not what it took from elsewhere by it. */
static bool is_thin(const struct task *task, const char *path, const char *data, size_t len)
{
	if (task->words.dialect != MS_DEPFILE_LD || !begins(data, len, "!<thin>\n"))
		return false;
	ms_report(MS_ERROR, NULL, "thin-archive",
	          "%s: %s is a thin archive: it names other files, of which there would be no "
	          "record; ar without T makes one that holds them",
	          task->command->step, path);
	task->command->failed = true;
	return true;
}

static bool after(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Takes the digest of a file that was read, and sees whether it changed meanwhile. */
static enum ms_reading read_input(struct making *m, struct task *task, const char *name)
{
	char *path = ms_make_expand(m, name), *data;
	char sha256[MS_SHA256_HEX];
	enum ms_reading result;
	struct stat st;
	size_t len;

	data = ms_try_read_file(path, MS_MAKE_FILE_MAX, &len);
	if (!data || stat(path, &st) != 0) {
		free(data);
		return READ_CHANGED;
	}
	if (after(&st.st_ctim, &task->started)) {
		free(data);
		return READ_CHANGED;
	}
	ms_sha256_hex(data, len, sha256);
	ms_cache_add_input(&task->entry, name, sha256, len);
	result = is_thin(task, path, data, len) || has_silent_inputs(task, name, data, len)
	             ? READ_SILENT
	             : READ_GOOD;
	free(data);
	return result;
}

/* What was known beforehand must still be what it was, and a file that can be recorded; reports
 * what is not. */
bool ms_make_known_held(struct making *m, struct task *task)
{
	bool held = true;

	for (size_t i = 0; i < task->known_count; i++) {
		char *path = ms_make_expand(m, task->known[i].name), *data;
		char sha256[MS_SHA256_HEX] = "";
		size_t len;

		data = ms_try_read_file(path, MS_MAKE_FILE_MAX, &len);
		if (data)
			ms_sha256_hex(data, len, sha256);
		if (strcmp(sha256, task->known[i].sha256) != 0) {
			ms_make_fail(
			    task, "%s changed while it was being compiled; its result is not used",
			    path);
			held = false;
		} else if (is_thin(task, path, data, len)) {
			held = false;
		} else if (has_silent_inputs(task, task->known[i].name, data, len)) {
			task->keep = false;
		}
		free(data);
		free(path);
	}
	return held;
}

static void free_list(struct ms_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free((char *)(uintptr_t)list->items[i]);
	free(list->items);
}

/* The preprocessor writes the dependency file; an assembler source is not for it. */
static bool is_preprocessed(const struct ms_words *words)
{
	for (size_t i = 1; i < words->count; i++) {
		if (ms_words_may_be_input(words, i) && ms_ends_with(words->argv[i], ".s"))
			return false;
	}
	return true;
}

/* A tool that drops the option would leave the headers out of the record without a word. */
static enum ms_reading without_depfile(const struct task *task)
{
	const struct ms_words *words = &task->words;

	if (words->dialect == MS_DEPFILE_GCC && !is_preprocessed(words))
		return READ_SILENT;
	ms_make_fail(task,
	             "%s: %s ended with 0 but wrote no dependency file %s, so what it has read "
	             "cannot be recorded; its result is not used",
	             task->command->output, words->argv[0], words->argv[words->depfile]);
	return READ_SILENT;
}

/* Reads the dependency file. READ_SILENT: the result is good but cannot be kept. */
enum ms_reading ms_make_read_depfile(struct making *m, struct task *task)
{
	enum ms_reading worst = READ_GOOD;
	struct ms_list files = {0}, names = {0}, passing = {0};
	char *text;
	size_t len;
	bool good;

	if (!task->words.depfile)
		return READ_GOOD;
	text = ms_temp_read(&task->depfile, MS_MAKE_FILE_MAX, &len);
	good = text && !memchr(text, '\0', len) &&
	       (task->words.dialect == MS_DEPFILE_GCC ? ms_depfile_gcc(text, &files)
	                                              : ms_depfile_ld(text, &files));
	for (size_t i = 0; good && i < files.count; i++) {
		char *name = ms_plan_name(m->make->places, files.items[i]);
		enum ms_reading one;

		ms_list_add(&names, name);
		if (ms_make_is_known(task, name) ||
		    ms_toolchain_has(ms_make_toolchain(m, task), files.items[i])) {
			ms_list_add(&passing, name);
			continue;
		}
		one = read_input(m, task, name);
		worst = one > worst ? one : worst;
	}
	if (good && worst != READ_CHANGED && task->words.dialect == MS_DEPFILE_GCC &&
	    !ms_words_absent(&task->words, m->make->places, &names, &task->entry.absent))
		worst = READ_SILENT;
	free(text);
	free(names.items);
	free_list(&passing);
	free_list(&files);
	return good ? worst : without_depfile(task);
}

/* What the assembler was asked for in the command itself; false when it said nothing. */
static bool read_listing(const struct task *task, struct ms_list *files)
{
	size_t len;
	char *text = ms_temp_read(&task->listing, MS_MAKE_FILE_MAX, &len);
	bool good = text && !memchr(text, '\0', len) && ms_depfile_gcc(text, files);

	free(text);
	return good;
}

enum ms_reading ms_make_read_embedded(struct making *m, struct task *task, bool must)
{
	size_t shift = task->words.compiles ? m->launcher.count : 0;
	enum ms_reading worst = must ? READ_SILENT : READ_GOOD;
	struct ms_list files = {0};
	bool told;

	if (task->listing.path)
		told = read_listing(task, &files);
	else
		told = !must || ms_embedded_files(task->run.argv + shift, task->words.output,
		                                  task->words.depfile, task->output.final, &files);
	if (!told && must)
		ms_report(
		    MS_WARNING, NULL, "embedded",
		    "%s: the assembler does not tell which files are embedded in %s; they are "
		    "not recorded",
		    task->command->step, task->command->output);
	for (size_t i = 0; i < files.count; i++) {
		char *name = ms_plan_name(m->make->places, files.items[i]);
		char *path = ms_make_expand(m, name);

		/* The compiler's own output, which is gone, is one of them. */
		if (!ms_make_is_known(task, name) && access(path, F_OK) == 0) {
			enum ms_reading one = read_input(m, task, name);

			worst = one == READ_CHANGED || worst == READ_CHANGED ? READ_CHANGED
			                                                     : READ_SILENT;
		}
		free(path);
	}
	return worst;
}
