/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * temp.h - the program's end and its unfinished files: what diag.c needs to know of file.c.
 */
#ifndef MS_BASE_TEMP_H
#define MS_BASE_TEMP_H

/* Removes every temporary file that was neither committed nor abandoned, after the hooks. */
void ms_temp_abandon_all(void);

/* After fork: all of that is the parent's. */
void ms_temp_disown_all(void);

/* Has hook called before that, at the program's end and in the handlers of ms_file_on_signals:
 * whoever writes into those files must be ended first. hook may only do what a signal handler
 * may. At most eight hooks; the same one counts once. */
void ms_on_end(void (*hook)(void));

#endif
