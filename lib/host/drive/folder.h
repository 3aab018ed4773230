/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder.h - the build folder: where it is, who may write to it, and the stages' documents in it
 * (BUILD_DIR/stages).
 */
#ifndef MS_DRIVE_FOLDER_H
#define MS_DRIVE_FOLDER_H

#include "base/doc.h"
#include "base/mem.h"
#include "drive/pipeline.h"

#include <stddef.h>

/* Where BUILD_DIR is: -B, else what the document's spec says. Ends the program with 1 when that
 * is no path below the project. */
const char *ms_build_folder(const struct ms_drive *drive, const json_t *document);

/* One build at a time in a folder: waits for the lock, which lasts until this program ends or
 * locks another folder. A folder whose file system has no locks is used without one. */
void ms_build_lock(const char *build);

/* Path of the document of this stage, the one of number index from 0. */
char *ms_stage_document(const char *build, size_t index, const char *stage);

/* Paths of the documents that there are, in the order of their stages; not of ms-import's, which
 * is a specification. None where there is no such folder. */
void ms_stage_documents(const char *build, struct ms_list *paths);

/* Removes the documents that are not in keep (base names). */
void ms_stages_prune(const char *build, const struct ms_list *keep);

#endif
