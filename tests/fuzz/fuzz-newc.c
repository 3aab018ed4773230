/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-newc.c - lib/both/newc on any bytes, the host's reading of the same from a file, and the
 * search for an archive in an image: all must see the same entries. An archive that begins as one
 * of ms-cpio's is placed in memory, as ms-link does.
 */
#include "host.h"
#include "mutate.h"

#include "../unit/fake-kernel.h"
#include "base/diag.h"
#include "both/newc.h"
#include "image/archive.h"
#include "image/document.h"
#include "image/table.h"
#include "layout/kernel.h"
#include "trust/inside.h"

#include <stdlib.h>
#include <string.h>

static json_t *record; /* of the kernel that the archive is said to hold */

void fuzz_once(void)
{
	struct ms_kernel kernel;

	fake_kernel_write("fake", &fake_classic);
	fuzz_check(ms_kernel_open("fake", &kernel) == 0, "no kernel");
	record = ms_kernel_record(&kernel);
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

static void place(void *user)
{
	const struct reading *reading = user;
	json_t *said = ms_archive_object("archive", &reading->archive, json_incref(record));
	struct ms_kernel_range memory[MS_PLACE_REGIONS];
	struct ms_map_line lines[MS_MAP_LINES];
	struct ms_place_fault fault = {0};
	struct ms_placement placement;
	struct ms_payload payload;
	struct ms_place_input in;
	struct handoff_table table;
	size_t len;

	if (ms_payload_read("archive", said, &payload) != MS_EXIT_OK ||
	    !ms_payload_input(&payload, memory, &in))
		return;
	if (!ms_place(&in, &placement, &fault)) {
		fuzz_check(fault.rule && fault.text, "no place, and no reason");
		return;
	}
	fuzz_check(ms_place_map(&in, &placement, lines) <= MS_MAP_LINES, "too many lines");
	table = ms_table(&payload, &placement, true);
	if (handoff_fault(&table))
		return;
	ms_table_source(&table, "archive", &len);
	ms_table_script(&table, &len);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	uint8_t *archive = malloc(size ? size : 1);
	struct newc_entry entry, found;
	struct reading reading = {.size = size, .status = MS_EXIT_INPUT};
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
	if (reading.status == MS_EXIT_OK) {
		fuzz_check(status == NEWC_END && reading.archive.count == count,
		           "two readers, two archives");
		fuzz_try(place, &reading);
	}
	if (ms_inside_find(archive, size, &inside))
		fuzz_check(inside.data >= archive &&
		               inside.len <= size - (size_t)(inside.data - archive),
		           "an archive outside of the image");
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_fields(data, size, room, seed, FUZZ_HEX);
}
