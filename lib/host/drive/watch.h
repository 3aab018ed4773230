/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watch.h - the other end of base/events.h: what a stage tells while it works, taken with care (it
 * may be anybody's program), shown as progress and logged.
 */
#ifndef MS_DRIVE_WATCH_H
#define MS_DRIVE_WATCH_H

#include "base/mem.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct ms_watch {
	const char *stage;
	int fd;             /* our end of the pipe, which does not block; -1: none */
	int theirs;         /* the stage's end, until it was started */
	struct ms_buf rest; /* a line that has not ended yet */
	bool spoke;         /* the stage tells what it does */
	struct ms_buf text; /* of its stderr, the same */
	json_t *commands;   /* of the steps that run, by id */
};

/* Makes the pipe, and lets the next program that is started know of it; then no longer. */
void ms_watch_open(struct ms_watch *watch, const char *stage);
void ms_watch_started(struct ms_watch *watch);

/* Takes what is there; closes its end when there will be no more. */
void ms_watch_take(struct ms_watch *watch);

/* What the stage wrote to its stderr; len 0: it has ended. */
void ms_watch_text(struct ms_watch *watch, const char *text, size_t len);

void ms_watch_close(struct ms_watch *watch);

#endif
