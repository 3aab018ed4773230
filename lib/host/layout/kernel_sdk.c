/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel_sdk.c - which kernel folder is meant: what an option or a variable says, and in a
 * Microkit SDK the folder of the system's board and configuration.
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/notes.h"
#include "layout/kernel.h"
#include "layout/kernel_parts.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#define NAMES_MAX 256 /* folders that are looked at for a message */
#define CONFIG    "include/kernel/gen_config.json"

static bool is_folder(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode);
	ms_note_absent(path);
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The folders in a folder, sorted. */
static struct ms_list folders(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	struct ms_list names = {0};

	if (!dir && ms_system_failed(errno))
		ms_die_errno("%s", path);
	while (dir && names.count < NAMES_MAX && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && is_folder(ms_path_join(path, entry->d_name)))
			ms_list_add(&names, ms_strdup(entry->d_name));
	}
	if (dir)
		closedir(dir);
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_name);
	return names;
}

/* Ends the program: what there is in place of what was asked for. */
static _Noreturn void missing(const char *what, const char *name, const char *path, const char *key)
{
	struct ms_list names = folders(path);
	const char *near = ms_nearest(name, names.items, names.count);
	struct ms_buf list = {0};

	for (size_t i = 0; i < names.count; i++)
		ms_buf_printf(&list, "%s%s", i ? ", " : "", names.items[i]);
	ms_report(MS_ERROR, NULL, MS_RULE_FOLDER, "no %s \"%s\" ([build] %s) in %s; it has %s",
	          what, name, key, path, names.count ? list.data : "none");
	if (near)
		ms_report(MS_NOTE, NULL, MS_RULE_FOLDER, "did you mean \"%s\"?", near);
	ms_exit(MS_EXIT_INPUT);
}

static const char *in_sdk(const char *sdk, const json_t *document)
{
	const json_t *build = ms_doc_member(ms_doc_member(document, "spec"), "build");
	const char *board = ms_doc_string(build, "board"), *config = ms_doc_string(build, "config");
	char *boards = ms_path_join(sdk, "board");
	char *configs = ms_path_join(boards, board);
	char *folder = ms_path_join(configs, config);

	if (!is_folder(configs))
		missing("board", board, boards, "board");
	if (!is_folder(folder))
		missing("configuration", config, configs, "config");
	return folder;
}

/* The folder itself, or of an SDK the one that is meant in it. */
static const char *resolve(const char *folder, const json_t *document)
{
	char *path;

	if (!is_folder(ms_path_join(folder, "board")) || ms_kernel_path(folder, CONFIG, &path) ||
	    ms_kernel_path(folder, "gen_config.json", &path))
		return folder;
	return in_sdk(folder, document);
}

/* Of what can only be an SDK. */
static const char *resolve_sdk(const char *sdk, const char *origin, const json_t *document)
{
	if (is_folder(ms_path_join(sdk, "board")))
		return in_sdk(sdk, document);
	ms_report(MS_ERROR, NULL, MS_RULE_FOLDER,
	          "%s: no Microkit SDK is in %s: there is no folder %s", origin, sdk,
	          ms_path_join(sdk, "board"));
	ms_exit(MS_EXIT_INPUT);
}

static const char *said(const char *variable)
{
	const char *value = ms_env(variable);

	return value && *value ? value : NULL;
}

const char *ms_kernel_named(const char *option, const json_t *document)
{
	const json_t *build = ms_doc_member(ms_doc_member(document, "spec"), "build");
	const char *folder = option ? option : said("MS_KERNEL");

	if (folder)
		return resolve(folder, document);
	folder = json_string_value(json_object_get(build, "sdk"));
	if (folder)
		return resolve_sdk(folder, "[build] sdk", document);
	folder = said("MICROKIT_SDK");
	return folder ? resolve_sdk(folder, "MICROKIT_SDK", document) : NULL;
}

const char *ms_kernel_folder(const char *option, const json_t *document, const char *build)
{
	const char *folder = ms_kernel_named(option, document);
	char *probe;

	if (folder)
		return folder;
	probe = ms_path_join(build, "probe");
	if (access(ms_path_join(probe, "kernel.elf"), F_OK) != 0)
		ms_die_input("no kernel: neither --kernel, MS_KERNEL, [build] sdk nor MICROKIT_SDK "
		             "names one, and there is no probe kernel in %s (ms-compile makes it)",
		             probe);
	return probe;
}
