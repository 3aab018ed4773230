/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document.h - what this room adds to an ms-plan/1 document: "archive" and "image",
 * each with a record of what it was made from (plan/inputs.h).
 */
#ifndef MS_IMAGE_DOCUMENT_H
#define MS_IMAGE_DOCUMENT_H

#include "base/doc.h"
#include "image/archive.h"
#include "image/files.h"
#include "image/placement.h"

#define MS_ARCHIVE_SCHEMA "ms-archive/1" /* of what ms-cpio --list prints */

/* What ms-cpio adds, and ms-layout beside "layout"; then the same and what ms-link adds, for
 * whoever reads the last document. */
#define MS_ARCHIVE_FIELDS 3
extern const struct ms_field ms_archive_fields[MS_ARCHIVE_FIELDS];
#define MS_IMAGE_FIELDS 6
extern const struct ms_field ms_image_fields[MS_IMAGE_FIELDS];

/* The object "archive": the file's plan path, what is in it, and the kernel's record (stolen). */
json_t *ms_archive_object(const char *path, const struct ms_archive *archive, json_t *kernel);

/* What `ms-cpio --list` prints of any archive. */
json_t *ms_archive_listing(const struct ms_archive *archive);

/* The object "image": the files, of which the first is the image itself; elf is the view of
 * what is loaded. */
json_t *ms_image_object(const struct ms_image_files *files, const struct elf64 *elf,
                        const struct ms_map_line *map, size_t lines);

#endif
