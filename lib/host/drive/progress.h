/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress.h - what a person sees while a build runs: one line that is rewritten in place on a
 * terminal, a line per finished stage elsewhere, nothing with -q. All of it on stderr.
 */
#ifndef MS_DRIVE_PROGRESS_H
#define MS_DRIVE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ms_talk { MS_TALK_QUIET, MS_TALK_NORMAL, MS_TALK_VERBOSE };

/* --color. AUTO: NO_COLOR, CLICOLOR_FORCE and CLICOLOR decide, in this order, else the terminal. */
enum ms_color { MS_COLOR_AUTO, MS_COLOR_ALWAYS, MS_COLOR_NEVER };

/* Milliseconds of a clock that only goes forward. */
int64_t ms_now(void);

/* Once. total: number of stages. */
void ms_progress_open(enum ms_talk talk, enum ms_color color, size_t total);

/* True when nothing at all is shown of stages and steps. */
bool ms_progress_is_quiet(void);

void ms_progress_begin(size_t number, const char *what, const char *command);
void ms_progress_end(void); /* of the stage that began last, when it succeeded */

/* Steps are the commands that a stage runs (base/events.h); id is unique within a stage. */
void ms_progress_steps(size_t count);
void ms_progress_step(size_t id, const char *step, const char *output);
/* status: a word of base/events.h. Returns how long it ran, in milliseconds. */
int64_t ms_progress_step_end(size_t id, const char *status, const char *step, const char *output,
                             const char *command);

/* How long poll may wait before the line is to be drawn again (-1: for ever), and drawing it. */
int ms_progress_wait(void);
void ms_progress_tick(void);

/* The build has ended well: how long it took, and what it took from the cache. */
void ms_progress_done(void);

/* Steps that were run, and that came from the cache. */
void ms_progress_counts(size_t *ran, size_t *cached);

/* In place of all stages: the last build stands. */
void ms_progress_nothing(void);

/* Removes the status line; before anything else is written to stderr. */
void ms_progress_clear(void);

/* Hands on what a stage wrote to its stderr. */
void ms_progress_pass(const char *data, size_t len);

/* "ms-build: error: ...", after the status line was removed. */
void ms_progress_failed(const char *what, const char *name, int status);

#endif
