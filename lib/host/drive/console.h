/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.h - looking for a regular expression in what a guest prints, line by line, while
 * it arrives.
 */
#ifndef MS_DRIVE_CONSOLE_H
#define MS_DRIVE_CONSOLE_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/* A longer line is looked at in pieces of this size: a guest may never end one. */
#define MS_CONSOLE_LINE 4096

struct ms_console {
	regex_t pattern;
	char line[MS_CONSOLE_LINE];
	size_t len;
};

/* pattern: a POSIX extended regular expression. Returns NULL, or what is wrong with it. */
const char *ms_console_open(struct ms_console *console, const char *pattern);

/*
 * The next bytes of the console. True when a line matches, or the beginning of one that has not
 * ended yet (where "$" does not match). Carriage returns and NUL bytes are not part of a line.
 */
bool ms_console_add(struct ms_console *console, const char *data, size_t len);

/* The console has ended: a last line without a newline counts as one. */
bool ms_console_end(struct ms_console *console);

#endif
