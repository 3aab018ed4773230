/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * archive.h - newc archives on disk: written and read as streams, so that their size does not
 * matter to memory.
 */
#ifndef MS_IMAGE_ARCHIVE_H
#define MS_IMAGE_ARCHIVE_H

#include "base/digest.h"
#include "layout/members.h"
#include <stddef.h>
#include <stdint.h>

#define MS_ARCHIVE_ENTRIES 65536 /* most members; more are refused */

/* What the relay (base/relay.h) knows of a document's archive.entries: that they were packed. */
#define MS_ARCHIVE_FACT "packed"

struct ms_entry {
	char *name;
	uint64_t offset; /* of the data */
	uint64_t size;
	uint32_t mode;
	char sha256[MS_SHA256_HEX];
};

struct ms_archive {
	struct ms_entry *entries; /* without the trailer */
	size_t count, cap;
	uint64_t size; /* of the whole file */
	char sha256[MS_SHA256_HEX];
};

/* Why name cannot be a member's: ms_path_fault's reasons, or the trailer's name; else NULL. */
const char *ms_member_fault(const char *name);

/*
 * Writes the members, in their order, to path: complete or not at all, and left alone when it
 * holds the same bytes already. archive receives what was written. Returns MS_EXIT_OK, or
 * MS_EXIT_INPUT (a name that cannot be or is there twice, a member that is no regular file or
 * 4 GiB or larger) or MS_EXIT_SYSTEM after reporting why.
 */
int ms_archive_write(const char *path, const struct ms_member *members, size_t count,
                     struct ms_archive *archive);

/*
 * Reads an archive (path NULL or "-": stdin) and hashes all of it. Returns MS_EXIT_OK, or after
 * reporting MS_EXIT_INPUT (malformed, saying where; bytes that are not NUL behind the trailer)
 * or MS_EXIT_SYSTEM (cannot be read).
 */
int ms_archive_read(const char *path, struct ms_archive *archive);

#endif
