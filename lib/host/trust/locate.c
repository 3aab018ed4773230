/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * locate.c - from stable names to files. See locate.h.
 */
#include "trust/locate.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* What follows the prefix in name, or NULL. */
static const char *after(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 ? name + len : NULL;
}

char *ms_locate(const char *project, const char *toolkit, const char *name)
{
	const char *rest;

	if ((rest = after(name, "@toolkit/")))
		return ms_path_join(toolkit, rest);
	if ((rest = after(name, "@project/")))
		return ms_path_join(project, rest);
	if ((rest = after(name, "@system")) && *rest == '/')
		return ms_path_join("", rest);
	return name[0] == '@' ? NULL : ms_path_join(project, name);
}

int ms_locate_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return -1;
	if (S_ISREG(st.st_mode))
		return 0;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	return -1;
}

int ms_locate_digest(const char *path, char hex[MS_SHA256_HEX], uint64_t *size)
{
	if (!path) {
		errno = ENOENT;
		return -1;
	}
	return ms_locate_file(path) == 0 ? ms_sha256_file(path, hex, size) : -1;
}
