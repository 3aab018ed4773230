/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory.h - what the last build in a folder was a function of, so that a build for which all of
 * that is the same starts nothing at all.
 *
 * A build that went well leaves BUILD_DIR/cache/last-build: ms-build's call, the programs, the
 * variables and files that the stages looked at (base/notes.h), with the digest of each, and
 * everything that the build made. A file counts as unchanged when its stamp is the same and
 * settled (base/stamp.h); any other stamp leads to its bytes, which decide. Nothing but equality
 * is ever concluded: where anything differs, or the memory is not whole, the pipeline runs as if
 * there were none.
 *
 * A build is not remembered with a replaced stage or a filter, since nobody knows what those look
 * at; with the specification on standard input; and when a stage says so.
 */
#ifndef MS_DRIVE_MEMORY_H
#define MS_DRIVE_MEMORY_H

#include "drive/verbs.h"

struct ms_memory;

/* Before the stages are started. NULL when such a call is not remembered; all that follows
 * takes a NULL and does nothing. */
struct ms_memory *ms_memory_open(const struct ms_drive *drive, struct ms_pipeline *pipeline);

/* True when the last build stands: *built receives it, what its stages reported has been reported
 * again, and BUILD_DIR is locked. (After false it may be locked too.) */
bool ms_memory_recall(struct ms_memory *memory, struct ms_built *built);

/* ms-build itself has written this file. */
void ms_memory_made(struct ms_memory *memory, const char *path, const void *data, size_t len);

/* All stages ended well. stages: names of the documents that were kept. */
void ms_memory_keep(struct ms_memory *memory, const struct ms_built *built,
                    const struct ms_list *stages);

#endif
