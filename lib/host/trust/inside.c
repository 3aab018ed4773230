/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inside.c - looking for the archive in an image.
 */
#include "trust/inside.h"

#include "both/handoff.h"
#include "both/newc.h"
#include "image/archive.h"

#include <string.h>

#define STARTS_MAX 256 /* places that look like an archive's start; no more are tried */

/* An archive whose first member is the kernel begins at `at`, and ends in the image. */
static bool is_archive(const uint8_t *at, size_t left, struct ms_inside *found)
{
	struct newc_entry entry;
	enum newc_status status;
	size_t offset = 0, count = 0;

	while ((status = newc_next(at, left, &offset, &entry)) == NEWC_ENTRY) {
		if (count == 0 && strcmp(entry.name, HANDOFF_KERNEL) != 0)
			return false;
		if (++count > MS_ARCHIVE_ENTRIES)
			return false;
	}
	*found = (struct ms_inside){.data = at, .len = offset};
	return status == NEWC_END && count > 0;
}

bool ms_inside_find(const uint8_t *image, size_t len, struct ms_inside *found)
{
	const uint8_t *at = image, *end = image + len;

	for (unsigned tried = 0; tried < STARTS_MAX; tried++, at++) {
		at = memmem(at, (size_t)(end - at), "070701", 6);
		if (!at)
			return false;
		if (is_archive(at, (size_t)(end - at), found))
			return true;
	}
	return false;
}
