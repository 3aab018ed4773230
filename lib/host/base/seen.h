/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seen.h - digests that were taken of files before, each with the stamp that its file had.
 *
 * A stage that needs a file's digest need not read the file when its stamp is settled and the
 * same (stamp.h): three stages ask for the digest of every program of a system. Kept in one small
 * file below BUILD_DIR/cache, believed as the cache beside it is; one that is damaged counts as
 * none. Without ms_seen_open every digest is taken anew.
 */
#ifndef MS_BASE_SEEN_H
#define MS_BASE_SEEN_H

#include "base/digest.h"
#include "base/stamp.h"
#include <stdbool.h>

/*
 * From here on digests are remembered in build's cache, once for a program. fresh: nothing that
 * was kept before counts, for this program nor for those after it in the line: for a build that
 * has to have read everything itself (--lock, --hermetic).
 */
void ms_seen_open(const char *build, bool fresh);

/* The digest that goes with a file that has this stamp; false where it is not known. */
bool ms_seen_get(const struct ms_stamp *stamp, char sha256[MS_SHA256_HEX]);

/* A digest was taken between these two stamps; started: the time before it (ms_stamp_now). */
void ms_seen_add(const struct ms_stamp *before, const struct ms_stamp *after, int64_t started,
                 const char sha256[MS_SHA256_HEX]);

/* Writes what is new, at a program's successful end (diag.c). */
void ms_seen_save(void);

#endif
