/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * events.h - what a stage is doing, told to ms-build while it does it: the commands that it
 * runs, which of them came from the cache, what they printed, and its diagnostics.
 *
 * A stage works the same without anybody who listens, and a program of another maker need not know
 * of it. The events travel through a pipe that ms-build opened; $MS_EVENTS names it (inherit.h);
 * ":only" behind it says that ms-build shows everything itself, and that no text for people
 * is wanted on stderr. One JSON object a line, each with a member "event":
 *
 *   {"event":"steps","count":N}                             so many more commands are known
 *   {"event":"start","id":I,"step":S,"output":FILE,"command":[WORD,...]}
 *   {"event":"output","id":I,"text":LINE}                   what it printed, line by line
 *   {"event":"end","id":I,"status":"done"|"cached"|"failed"|"skipped"}
 *   {"event":"message","severity":S,"file":F,"line":N,"col":N,"rule":R,"text":T}
 *
 * A command that is not run ("cached", "skipped") has no start but names step and output in its
 * end. No time is told: whoever listens has a clock.
 */
#ifndef MS_BASE_EVENTS_H
#define MS_BASE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#define MS_EVENTS_VARIABLE "MS_EVENTS"
#define MS_EVENTS_ONLY     ":only"

/* Once, at a program's start, by diag.c. */
void ms_events_open(void);

/* As at a program's start; nobody listens any more. */
void ms_events_again(void);

/* True when somebody listens; and when nothing is to be written to stderr besides. */
bool ms_events_wanted(void);
bool ms_events_only(void);

/* So many more commands are known; returns the id of the first, the others follow it. */
size_t ms_event_steps(size_t count);

/* argv: NULL-terminated, as it is run. */
void ms_event_start(size_t id, const char *step, const char *output, const char *const *argv);
void ms_event_output(size_t id, const char *text, size_t len);
void ms_event_end(size_t id, const char *step, const char *output, const char *status);

#endif
