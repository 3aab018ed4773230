/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - from an archive and the document that describes it to the hand-off table, and to
 * the two generated files that carry it into the loader.
 */
#ifndef MS_IMAGE_TABLE_H
#define MS_IMAGE_TABLE_H

#include "base/mem.h"
#include "both/handoff.h"
#include "image/placement.h"
#include <jansson.h>
#include <stdbool.h>

/* An archive in memory, compared with its document. */
struct ms_payload {
	char *data;
	size_t len;
	struct handoff_member kernel, dtb, root;
	struct elf64 kernel_elf, root_elf; /* of the members, in data */
	const json_t *record;              /* archive.kernel, borrowed */
};

/*
 * Reads the archive at path and compares it with the object "archive": its digest, every
 * member's name, place, size and digest, the order of the members; opens kernel, device tree
 * and root task. Returns MS_EXIT_OK, or another status after reporting.
 */
int ms_payload_read(const char *path, const json_t *archive, struct ms_payload *payload);

/* What placement.h needs to know, from the payload and the kernel's record. memory receives the
 * regions and is borrowed by the result. Returns false after reporting. */
bool ms_payload_input(const struct ms_payload *payload,
                      struct ms_kernel_range memory[MS_PLACE_REGIONS], struct ms_place_input *in);

/* The table of a placement; verify: HANDOFF_VERIFY. */
struct handoff_table ms_table(const struct ms_payload *payload, const struct ms_placement *p,
                              bool verify);

/* The table as it lies in the image, little-endian on every host. */
void ms_table_bytes(const struct handoff_table *table, uint8_t bytes[HANDOFF_TABLE_SIZE]);

/* The text of archive.S: the table as data, and the archive by .incbin of the file at path. */
char *ms_table_source(const struct handoff_table *table, const char *path, size_t *len);

/* The text of place.ld. */
char *ms_table_script(const struct handoff_table *table, size_t *len);

#endif
