/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-newc.c - lib/both/newc on any bytes, the host's reading of the same from a file, and the
 * search for an archive in an image: all must see the same entries.
 */
#include "host.h"
#include "mutate.h"

#include "base/diag.h"
#include "both/newc.h"
#include "image/archive.h"
#include "image/document.h"
#include "trust/inside.h"

#include <stdlib.h>
#include <string.h>

void fuzz_once(void)
{
}

static void check_entry(const uint8_t *data, size_t size, const struct newc_entry *entry)
{
	fuzz_check(entry->data == data + entry->offset && entry->offset <= size &&
	               entry->size <= size - entry->offset,
	           "data outside of the archive");
	fuzz_check(strlen(entry->name) < entry->name_field && entry->name_field <= NEWC_MAX_NAME,
	           "a name longer than its field");
}

/* Piece by piece, as a large archive is read: the same places. */
static void check_header(const uint8_t *data, size_t size, size_t start,
                         const struct newc_entry *want, enum newc_status status, size_t behind)
{
	struct newc_entry entry;
	uint64_t next;
	enum newc_status got = newc_header(data + start, size - start, start, &entry, &next);

	if (status < 0)
		return;
	fuzz_check(got == status, "a header alone is judged in another way");
	if (status == NEWC_ENTRY)
		fuzz_check(entry.offset == want->offset && entry.size == want->size &&
		               next == behind,
		           "a header alone leads elsewhere");
}

struct reading {
	struct ms_archive archive;
	size_t size;
	int status;
};

static void read_file(void *user)
{
	struct reading *reading = user;

	reading->status = ms_archive_read("archive", &reading->archive);
	if (reading->status == MS_EXIT_OK)
		ms_doc_canonical(ms_archive_listing(&reading->archive), NULL);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	uint8_t *archive = malloc(size ? size : 1);
	struct newc_entry entry, found;
	struct reading reading = {.size = size};
	struct ms_inside inside;
	enum newc_status status;
	size_t offset = 0, count = 0, before = 0;

	memcpy(archive, data, size);
	while ((status = newc_next(archive, size, &offset, &entry)) == NEWC_ENTRY) {
		check_entry(archive, size, &entry);
		check_header(archive, size, before, &entry, status, offset);
		fuzz_check(offset > before && offset <= size, "no step forward");
		before = offset;
		count++;
		fuzz_check(newc_find(archive, size, entry.name, &found) == NEWC_ENTRY,
		           "an entry that is not found by its name");
	}
	fuzz_check(newc_status_text(status) != NULL, "a status without a text");
	if (before <= size)
		check_header(archive, size, before, &entry, status, offset);
	fuzz_file("archive", data, size);
	fuzz_try(read_file, &reading);
	if (reading.status == MS_EXIT_OK)
		fuzz_check(status == NEWC_END && reading.archive.count == count,
		           "two readers, two archives");
	if (ms_inside_find(archive, size, &inside))
		fuzz_check(inside.data >= archive &&
		               inside.len <= size - (size_t)(inside.data - archive),
		           "an archive outside of the image");
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_fields(data, size, room, seed, FUZZ_HEX);
}
