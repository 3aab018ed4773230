/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * format.h - the linked loader as the files that boot loaders take.
 */
#ifndef MS_IMAGE_FORMAT_H
#define MS_IMAGE_FORMAT_H

#include "base/mem.h"
#include "both/elf64.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ms_image_format {
	MS_FORMAT_ELF,   /* segments at their addresses */
	MS_FORMAT_RAW,   /* the bytes that memory holds from the first segment on */
	MS_FORMAT_IMAGE, /* the same behind the header of an arm64 Linux Image */
	MS_FORMAT_FIT,   /* U-Boot's flattened image tree around them (fit.h) */
	MS_FORMAT_EFI,   /* an EFI application around them */
	MS_FORMATS
};

/* "elf", "raw", "image", "fit", "efi", then NULL. */
extern const char *const ms_format_names[MS_FORMATS + 1];

/* By name. False: there is no such format. */
bool ms_format_find(const char *name, enum ms_image_format *format);

/* Where a format's file goes when it is not the first one asked for: a plan path. */
const char *ms_format_path(enum ms_image_format format);

/* What the loader's symbols say that is not in its segments. */
struct ms_format_entry {
	uint64_t efi; /* of the EFI application, from the image's start */
};

/* True when the linked loader (with symbols) begins as ms_format_bytes must have it. */
bool ms_format_look(const struct elf64 *loader, struct ms_format_entry *entry);

/*
 * The bytes of a file of this format; image is the view of the ELF that was linked, symbols or not.
 * Not for MS_FORMAT_FIT. The loader finds out where it was loaded and moves itself to its place, so
 * that raw, image and efi may be loaded at any page.
 */
struct ms_buf ms_format_bytes(enum ms_image_format format, const struct elf64 *image,
                              const struct ms_format_entry *entry);

#endif
