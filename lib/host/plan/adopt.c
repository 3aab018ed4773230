/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * adopt.c - results of a plan's compile commands that another build has left.
 */
#include "plan/adopt.h"
#include "base/diag.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1024 * 1024 * 1024)

static void copy(const char *path, const char *data, size_t len, struct ms_temp *temp)
{
	if (ms_temp_open(temp, path, 0) != 0)
		ms_die_errno("%s", path);
	if (!temp->path)
		ms_die_system("%s: what is there is no file", path);
	if (ms_write_all(temp->fd, data, len) != 0)
		ms_die_errno("%s", temp->path);
}

bool ms_adopt(const char *output, const char *depfile, struct ms_temp *made, struct ms_temp *read)
{
	size_t output_len, depfile_len;
	char *bytes = ms_try_read_file(output, FILE_MAX, &output_len);
	char *rules = bytes ? ms_try_read_file(depfile, FILE_MAX, &depfile_len) : NULL;

	const bool there = rules != NULL;

	if (there) {
		copy(output, bytes, output_len, made);
		copy(depfile, rules, depfile_len, read);
	}
	free(bytes);
	free(rules);
	return there;
}
