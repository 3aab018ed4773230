/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder.c - the build folder: where it is, who may write to it, and the stages' documents.
 */
#include "drive/folder.h"
#include "base/diag.h"
#include "base/file.h"
#include "drive/progress.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENTS "stages"

const char *ms_build_folder(const struct ms_drive *drive, const json_t *document)
{
	const json_t *said = ms_doc_at(document, "build.output_dir");
	const char *folder, *fault;

	if (drive->build)
		return drive->build;
	if (!said)
		said = ms_doc_at(document, "spec.build.output_dir");
	folder = json_string_value(said);
	if (!folder)
		return "build";
	fault = ms_path_fault(folder);
	if (fault)
		ms_die_input("the build folder \"%s\" %s", folder, fault);
	if (!ms_path_inside(".", folder))
		ms_die_input("the build folder \"%s\" leads out of the project", folder);
	return ms_strdup(folder);
}

void ms_build_lock(const char *build)
{
	static int lock = -1; /* held until the end */
	static struct stat locked;
	bool said = false;
	struct stat st;
	int fd = open(build, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		ms_die_errno("%s", build);
	if (lock >= 0) {
		bool same = st.st_dev == locked.st_dev && st.st_ino == locked.st_ino;

		close(same ? fd : lock);
		if (same)
			return;
	}
	lock = fd;
	locked = st;
	while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return;
		if (!said) {
			ms_progress_clear();
			ms_report(MS_NOTE, NULL, NULL, "waiting for another build in %s", build);
		}
		said = true;
		poll(NULL, 0, 20);
	}
}

/* -- the stages' documents --------------------------------------------------------------- */

/* ms-import writes a specification, the others documents. */
char *ms_stage_document(const char *build, size_t index, const char *stage)
{
	const char *ending = strcmp(stage, "ms-import") == 0 ? "toml" : "json";

	return ms_format("%s/" DOCUMENTS "/%02zu-%s.%s", build, index + 1, stage, ending);
}

static bool is_numbered(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits >= 2 && name[digits] == '-';
}

static int is_document(const struct dirent *entry)
{
	return is_numbered(entry->d_name) && ms_ends_with(entry->d_name, ".json");
}

static int is_ours(const struct dirent *entry)
{
	return is_document(entry) ||
	       (is_numbered(entry->d_name) && ms_ends_with(entry->d_name, ".toml"));
}

void ms_stage_documents(const char *build, struct ms_list *paths)
{
	char *folder = ms_path_join(build, DOCUMENTS);
	struct ms_list names = {0};

	ms_folder_names(folder, is_document, &names);
	for (size_t i = 0; i < names.count; i++)
		ms_list_add(paths, ms_path_join(folder, names.items[i]));
}

void ms_stages_prune(const char *build, const struct ms_list *keep)
{
	char *folder = ms_path_join(build, DOCUMENTS);
	struct ms_list names = {0};

	ms_folder_names(folder, is_ours, &names);
	for (size_t i = 0; i < names.count; i++) {
		if (!ms_list_has(keep, names.items[i]))
			unlink(ms_path_join(folder, names.items[i]));
	}
}
