/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host.h - several stages, one after the other, in one process.
 *
 * Starting a program, reading its document and checking what ms-build's own stage before it has
 * just written takes longer than most stages. Where stages that follow each other are the programs
 * that came with ms-build (drive/alike.h), a fork of ms-build calls them as functions
 * (stage/stage.h). Seen from outside nothing else changes: each stage has its own standard output,
 * standard error and events, writes its document in full, and ends with its exit code; one that
 * ends in a fault, or crashes, ends the host alone. What it may skip is said in base/relay.h.
 */
#ifndef MS_DRIVE_HOST_H
#define MS_DRIVE_HOST_H

#include "base/mem.h"
#include "drive/child.h"
#include <stdbool.h>
#include <stddef.h>

/* One stage of a host; the descriptors are the host's ends, and are closed in this process. */
struct ms_hosted {
	const char *name;           /* "ms-parse" */
	const struct ms_list *argv; /* argv[0]: the program that it stands for */
	int in;                     /* standard input; of all but the first: a byte lets it begin */
	int out, err;
	int done;           /* a byte says that it ended well */
	const char *events; /* what $MS_EVENTS is for it; or NULL */
	int events_fd;      /* its descriptor */
};

/* True for a stage, e.g. "ms-parse", whose program at path a host can stand for. */
bool ms_host_can(const char *name, const char *path);

/*
 * Starts one. mine: descriptors of this process that the host must not keep open (-1: none).
 * notes_fd: the file for the stages' notes (base/notes.h), or -1. 0 or errno.
 */
int ms_host_start(struct ms_child *child, const struct ms_hosted *stages, size_t count,
                  const int *mine, size_t mine_count, int notes_fd);

#endif
