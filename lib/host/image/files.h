/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * files.h - the files that an image is handed out as: one for each format asked for, and what
 * belongs to it.
 */
#ifndef MS_IMAGE_FILES_H
#define MS_IMAGE_FILES_H

#include "base/digest.h"
#include "base/mem.h"
#include "plan/make.h"
#include "image/fit.h"
#include "image/format.h"
#include <stdbool.h>
#include <stddef.h>

#define MS_IMAGE_FILES 16 /* files of one image */

/* What was asked for; count 0: one ELF file. */
struct ms_wanted {
	enum ms_image_format formats[MS_FORMATS]; /* distinct; the first is the image */
	size_t count;
	const char *image; /* where the image goes; NULL: MS_IMAGE in the build folder */
	struct ms_fit fit; /* keys, and what only a FIT needs to know; its loader is filled in */
};

/* A file as a document records it. */
struct ms_image_file {
	const char *format; /* ms_format_names, or of a file that belongs to one */
	const char *path;   /* a plan path */
	char sha256[MS_SHA256_HEX];
	uint64_t size;
};

struct ms_image_files {
	struct ms_image_file items[MS_IMAGE_FILES]; /* the image first */
	size_t count;
};

/* Reads the argument of an option --format, one name. Returns NULL, or what is wrong with it. */
const char *ms_wanted_add(struct ms_wanted *wanted, const char *name);

/* Before ms_files_write: programs that it will run become inputs of the build. Returns MS_EXIT_OK,
 * or another status after reporting. */
int ms_files_tools(const struct ms_wanted *wanted, const struct ms_make *make);

/*
 * Writes all that is wanted. loader is the file that was linked, image the view of what
 * is loaded of it. Returns MS_EXIT_OK, or another status after reporting.
 */
int ms_files_write(struct ms_wanted *wanted, const struct ms_make *make, const struct elf64 *loader,
                   const struct elf64 *image, struct ms_image_files *files);

#endif
