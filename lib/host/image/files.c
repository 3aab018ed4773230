/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * files.c - writing an image in every format that is wanted. See files.h.
 */
#include "image/files.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/notes.h"
#include "base/seen.h"
#include "plan/loader_sources.h"

#include <errno.h>
#include <string.h>

const char *ms_wanted_add(struct ms_wanted *wanted, const char *name)
{
	enum ms_image_format format;
	const char *near;

	if (!ms_format_find(name, &format)) {
		near = ms_nearest(name, ms_format_names, MS_FORMATS);
		return ms_format("there is no format \"%s\"%s%s%s", name,
		                 near ? "; did you mean \"" : " (elf, raw, image, fit, efi)",
		                 near ? near : "", near ? "\"?" : "");
	}
	for (size_t i = 0; i < wanted->count; i++) {
		if (wanted->formats[i] == format)
			return ms_format("the format \"%s\" is given twice", name);
	}
	wanted->formats[wanted->count++] = format;
	return NULL;
}

static int write_file(const char *path, const struct ms_buf *bytes)
{
	const unsigned flags =
	    MS_WRITE_SYNC | MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME | MS_WRITE_UNNOTED;

	if (ms_try_write_file(path, bytes->data, bytes->len, flags) == 0)
		return MS_EXIT_OK;
	ms_report(MS_ERROR, NULL, NULL, "%s: %s", path, strerror(errno));
	return MS_EXIT_SYSTEM;
}

static struct ms_image_file *record(struct ms_image_files *files, const char *format,
                                    const char *path, const struct ms_buf *bytes)
{
	struct ms_image_file *file = &files->items[files->count++];

	file->format = format;
	file->path = path;
	file->size = bytes->len;
	return file;
}

/* Digests what was written to path, unless the file held it before and its digest is known. */
static void digest_written(const char *path, const struct ms_buf *bytes, char sha256[MS_SHA256_HEX])
{
	struct ms_stamp before, after;
	int64_t started = ms_stamp_now();
	bool there = ms_stamp_take(&before, path);

	if (!there || !ms_seen_get(&before, sha256)) {
		ms_sha256_hex(bytes->data, bytes->len, sha256);
		if (there && before.size == bytes->len && ms_stamp_take(&after, path))
			ms_seen_add(&before, &after, started, sha256);
	}
	ms_note_made(path, sha256);
}

/* The bytes of one format; what belongs to it is recorded. */
static int make_one(struct ms_wanted *wanted, const struct ms_make *make,
                    enum ms_image_format format, const struct elf64 *loader,
                    const struct elf64 *image, struct ms_buf *bytes, struct ms_image_files *beside)
{
	struct ms_format_entry entry = {0};
	struct ms_buf source, keys;
	struct ms_image_file *file;
	int status;

	if (format != MS_FORMAT_ELF && !ms_format_look(loader, &entry)) {
		ms_report(MS_ERROR, NULL, "format",
		          "the plan's loader does not begin with room for a header, or has no "
		          "boot_efi: it can only be an ELF file");
		return MS_EXIT_INPUT;
	}
	if (format == MS_FORMAT_ELF) {
		/* As it is; nobody writes to it. */
		*bytes = (struct ms_buf){.data = (char *)(uintptr_t)image->data, .len = image->len};
		return MS_EXIT_OK;
	}
	if (format != MS_FORMAT_FIT) {
		*bytes = ms_format_bytes(format, image, &entry);
		return MS_EXIT_OK;
	}
	wanted->fit.loader = ms_format_bytes(MS_FORMAT_RAW, image, &entry);
	wanted->fit.address = image->paddr_start;
	status = ms_fit_make(&wanted->fit, make, bytes, &source, &keys);
	if (status != MS_EXIT_OK)
		return status;
	file = record(beside, "its", MS_FIT_SOURCE, &source);
	ms_sha256_hex(source.data, source.len, file->sha256);
	if (wanted->fit.count) {
		file = record(beside, "dtb", MS_FIT_KEYS, &keys);
		ms_sha256_hex(keys.data, keys.len, file->sha256);
	}
	return MS_EXIT_OK;
}

int ms_files_tools(const struct ms_wanted *wanted, const struct ms_make *make)
{
	for (size_t i = 0; i < wanted->count; i++) {
		if (wanted->formats[i] == MS_FORMAT_FIT)
			return ms_fit_tools(&wanted->fit, make);
	}
	return MS_EXIT_OK;
}

int ms_files_write(struct ms_wanted *wanted, const struct ms_make *make, const struct elf64 *loader,
                   const struct elf64 *image, struct ms_image_files *files)
{
	size_t count = wanted->count ? wanted->count : 1;
	struct ms_image_files beside = {.count = 0};

	files->count = 0;
	for (size_t i = 0; i < count; i++) {
		enum ms_image_format format = wanted->count ? wanted->formats[i] : MS_FORMAT_ELF;
		/* The plan's name wherever the file goes: a path of this machine is no part of a
		 * record. */
		const char *name = i == 0 ? MS_IMAGE : ms_format_path(format);
		const char *path =
		    i == 0 && wanted->image ? wanted->image : ms_expand_path(make->places, name);
		struct ms_buf bytes = {0};
		int status = make_one(wanted, make, format, loader, image, &bytes, &beside);

		if (status == MS_EXIT_OK)
			status = write_file(path, &bytes);
		if (status != MS_EXIT_OK)
			return status;
		digest_written(path, &bytes,
		               record(files, ms_format_names[format], name, &bytes)->sha256);
	}
	for (size_t i = 0; i < beside.count; i++)
		files->items[files->count++] = beside.items[i];
	return MS_EXIT_OK;
}
