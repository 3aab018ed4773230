/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text.h - text of a document as a page, a drawing or a graph may hold it: nothing in it can
 * become markup, script or another reading direction.
 *
 * In HTML, in SVG and in the labels of DOT, control characters and those that are not seen or turn
 * the direction of writing (U+202E and its kind) are written as their number: \x1b, \u202e.
 */
#ifndef MS_REPORT_TEXT_H
#define MS_REPORT_TEXT_H

#include "base/mem.h"
#include <stdint.h>

/* Adds s as text or as the value of a quoted attribute, of HTML and of XML alike. */
void ms_html_text(struct ms_buf *out, const char *s);

/* The same of at most width characters, with an ellipsis in the middle of what is longer. */
void ms_html_clipped(struct ms_buf *out, const char *s, size_t width);

/*
 * Markup with what it is about: like printf, but every %s is escaped. %d is an int, %zu a size_t,
 * %PRIu64 its kind, %% a per cent sign; no flags, no widths, nothing else.
 */
void ms_html(struct ms_buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds s as a quoted string of DOT. */
void ms_dot_text(struct ms_buf *out, const char *s);

/* Characters, as they are shown, of a text. */
size_t ms_text_width(const char *s);

/* "4 KiB", "1.3 MiB", "512 bytes"; exact where it is a whole number. */
char *ms_size_text(uint64_t bytes);

#endif
