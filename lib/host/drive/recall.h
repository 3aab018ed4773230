/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall.h - the file that remembers a build: its reader, for memory.c, which writes it.
 */
#ifndef MS_DRIVE_RECALL_H
#define MS_DRIVE_RECALL_H

#include "drive/verbs.h"

#define MS_MEMORY_MAGIC "ms-memory/1"

/* True when BUILD_DIR has the memory of this call, and all of it holds. See ms_memory_recall. */
bool ms_recall(const struct ms_drive *drive, const char *call, struct ms_built *built);

/* Completes the text with its digest and writes it. It only saves time: not being able to write
 * it is no error. */
void ms_memory_write(const char *build, struct ms_buf *text);

#endif
