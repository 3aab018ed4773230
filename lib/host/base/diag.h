/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diag.h - what a program says to a person (or, as JSON, to an editor), and how it ends.
 *
 * This is the only module of lib/host that may end the program. Exit codes (moonshot(7)):
 * 0 done, 1 the input is wrong, 2 the call is wrong, 3 the system failed.
 */
#ifndef MS_BASE_DIAG_H
#define MS_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>

enum ms_exit { MS_EXIT_OK = 0, MS_EXIT_INPUT = 1, MS_EXIT_USAGE = 2, MS_EXIT_SYSTEM = 3 };

enum ms_severity { MS_ERROR, MS_WARNING, MS_NOTE };

/* A text that diagnostics can point into. Borrowed: must outlive every report about it. */
struct ms_source {
	const char *name; /* as the user called it, "<stdin>" for standard input */
	const char *text; /* may be NULL: then no source line is shown */
	size_t len;
};

/* A place in a source; line 0: the file as a whole. */
struct ms_place {
	const struct ms_source *source;
	unsigned line; /* from 1 */
	unsigned col;  /* from 1, in bytes */
	size_t len;    /* bytes to underline, at least 1 */
};

/* Once, first thing in main: the name shown in messages without a place. */
void ms_diag_program(const char *name);
const char *ms_diag_program_name(void);

/* For a process that is several programs in turn (drive/host.h): as at a program's start; and
 * what ms_exit does, without ending where all went well. */
void ms_diag_again(void);
void ms_diag_done(int status);

/* True once in each of these programs: *mark, 0 at first, remembers in which. */
bool ms_diag_first(unsigned *mark);

/* text (default) or one JSON object per diagnostic on stderr:
 * {"col":…,"file":…,"line":…,"message":…,"rule":…,"severity":…,"stage":…,"v":1} */
void ms_diag_json(int on);

/*
 * Reports one diagnostic on stderr:
 *   file:line:col: error: text [rule]
 * with the source line and a caret where the place has one; without a place
 *   program: error: text [rule]
 * place and rule may be NULL. Control bytes in the text are escaped before they reach a terminal.
 */
void ms_report(enum ms_severity severity, const struct ms_place *place, const char *rule,
               const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Has every diagnostic shown to hook as well, before it is written; true: it need not be. text is
 * as it was given, not escaped; severity is "error", "warning" or "note"; place and rule may be
 * NULL. One hook; the last one counts.
 */
typedef bool ms_diag_hook_function(const char *severity, const struct ms_place *place,
                                   const char *rule, const char *text);
void ms_diag_hook(ms_diag_hook_function *hook);

/* s as a terminal may see it: control characters and broken UTF-8 as \xNN. */
char *ms_visible(const char *s);

/* Errors (not warnings, not notes) reported so far. */
unsigned ms_error_count(void);

/* Report one error and end the program with 1, 2 or 3. ms_die_errno appends ": strerror(errno)". */
_Noreturn void ms_die_input(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void ms_die_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void ms_die_system(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void ms_die_errno(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program: flushes and checks stdout (a failure is exit 3), removes unfinished
 * temporary files (file.h). status: the code to end with when nothing else went wrong. */
_Noreturn void ms_exit(int status);

/* Length of the UTF-8 sequence that text begins with, left bytes at most; 0 where it is none. */
size_t ms_utf8_length(const char *text, size_t left);

/* The nearest of the candidates to word, for "did you mean"; NULL when none is near. */
const char *ms_nearest(const char *word, const char *const *candidates, size_t count);

#endif
