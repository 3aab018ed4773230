/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * color.h - colours in what is shown on stderr: of severities, in messages of any program that
 * writes them as compilers do.
 */
#ifndef MS_DRIVE_COLOR_H
#define MS_DRIVE_COLOR_H

#include "base/mem.h"
#include "drive/progress.h"
#include <stdbool.h>
#include <stddef.h>

/* True when colours are wanted on stderr. */
bool ms_color_wanted(enum ms_color color);

/* Adds one line (without its newline) with the word "error", "warning" or "note" of a message in
 * colour; any other line as it is. */
void ms_color_line(struct ms_buf *out, const char *line, size_t len);

/* A line as a message "WHERE: severity: text", WHERE being "file:line:col", "file:line", "file" or
 * a program's name. All of it points into line. */
struct ms_message {
	const char *file;
	size_t file_len;
	unsigned line, col;   /* 0: none */
	const char *severity; /* "error", "warning" or "note"; a fixed text */
	const char *word;     /* where it stands in the line */
	size_t word_len;
	const char *text;
	size_t text_len;
	const char *rule; /* what stands in [brackets] at the end, left out of the text */
	size_t rule_len;
};

/* False for a line that is none. */
bool ms_message_read(struct ms_message *message, const char *line, size_t len);

#endif
