/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress.h - what a person sees while a build runs: one line that is overwritten on a
 * terminal, a line per finished stage elsewhere, nothing with -q. All of it on stderr.
 */
#ifndef MS_DRIVE_PROGRESS_H
#define MS_DRIVE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

enum ms_talk { MS_TALK_QUIET, MS_TALK_NORMAL, MS_TALK_VERBOSE };

/* Once. total: number of stages. */
void ms_progress_open(enum ms_talk talk, size_t total);

/* True when stages' diagnostics must go through ms_progress_pass, so that they do not end up
 * behind the status line. */
bool ms_progress_owns_terminal(void);

void ms_progress_begin(size_t number, const char *what, const char *command);
void ms_progress_end(void); /* of the stage that began last, when it succeeded */

/* In place of all stages: the last build stands. */
void ms_progress_nothing(void);

/* Removes the status line; before anything else is written to stderr. */
void ms_progress_clear(void);

/* Hands on what a stage wrote to its stderr. */
void ms_progress_pass(const char *data, size_t len);

/* "ms-build: error: ..." in red where the terminal and NO_COLOR let it. */
void ms_progress_failed(const char *what, const char *name, int status);

#endif
