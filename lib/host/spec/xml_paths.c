/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml_paths.c - the files that an XML names, found in the search paths as Microkit does, and
 * named as a spec does: relative to the project root, which is the working folder.
 */
#include "base/file.h"
#include "base/notes.h"
#include "spec/xml.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The path without empty and "." components; NULL where it is absolute or has a "..". */
static const char *plain(const char *path)
{
	struct ms_buf out = {0};

	if (path[0] == '/')
		return NULL;
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && path[0] == '.' && path[1] == '.')
			return NULL;
		if (n && !(n == 1 && path[0] == '.')) {
			if (out.len)
				ms_buf_puts(&out, "/");
			ms_buf_add(&out, path, n);
		}
		path += n + (path[n] == '/');
	}
	return out.data ? out.data : "";
}

/* The path relative to the project root, NULL when it leads elsewhere or nowhere. */
static const char *in_project(const char *path)
{
	const char *relative = plain(path);
	char *root, *real;
	size_t n;

	if (relative)
		return relative;
	root = ms_real_path(".");
	n = root ? strlen(root) : 0;
	if (n > 1 && strncmp(path, root, n) == 0 && path[n] == '/')
		return plain(path + n + strspn(path + n, "/"));
	real = ms_real_path(path);
	ms_note_never();
	if (!root || !real)
		return NULL;
	if (strncmp(real, root, n) != 0 || (real[n] != '/' && n > 1))
		return NULL;
	return real + n + (real[n] == '/');
}

static bool is_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return true;
	if (lstat(path, &st) == 0)
		ms_note_never(); /* something is there that may become a file */
	else
		ms_note_absent(path);
	return false;
}

/* The file in the first search path that has it, or NULL. */
static const char *search(const char *path, const char *const *search_paths)
{
	for (size_t i = 0; search_paths[i]; i++) {
		const char *candidate = ms_path_join(search_paths[i], path);

		if (is_file(candidate))
			return candidate;
	}
	return is_file(path) ? path : NULL;
}

static const char *list_of(const char *const *search_paths)
{
	struct ms_buf list = {0};

	for (size_t i = 0; search_paths[i]; i++)
		ms_buf_printf(&list, "%s, ", search_paths[i]);
	ms_buf_puts(&list, "the project root");
	return list.data;
}

const char *ms_xml_path(struct ms_xml_faults *faults, struct ms_xml_attr *attr,
                        const char *const *search_paths)
{
	const char *path = attr->value, *relative;

	if (search_paths[0] && path[0]) {
		path = search(path, search_paths);
		if (!path) {
			ms_xml_fault(faults, MS_XML_FILE_MISSING, &attr->value_at,
			             "%s=\"%s\": there is no such file in %s", attr->name,
			             ms_clip(attr->value), ms_clip(list_of(search_paths)));
			return NULL;
		}
	}
	relative = in_project(path);
	if (!relative) {
		ms_xml_fault(faults, MS_XML_FILE_OUTSIDE, &attr->value_at,
		             "%s=\"%s\": %s does not lie in the project, the folder in which this "
		             "is started",
		             attr->name, ms_clip(attr->value), ms_clip(path));
		return NULL;
	}
	/* In a spec build/ stands for the folder of what is built, wherever that is. */
	if (strncmp(relative, "build/", strlen("build/")) == 0)
		relative = ms_format("@project/%s", relative);
	attr->made = relative;
	return relative;
}
