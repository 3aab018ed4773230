/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strip.h - a stretch of addresses or of time as a strip, to scale, its pieces with their names.
 */
#ifndef MS_REPORT_STRIP_H
#define MS_REPORT_STRIP_H

#include "base/mem.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ms_piece {
	uint64_t start, end;
	const char *name;
	const char *class;  /* of the style sheet, its colour: "c-code", "c-kernel", ... */
	const char *detail; /* a sentence about it */
};

/* Sorts pieces by their start. */
void ms_pieces_sort(struct ms_piece *pieces, size_t count);

/* Where the run of pieces (sorted) that begins at first ends: at a gap that is large beside what
 * lies before it. */
size_t ms_pieces_run(const struct ms_piece *pieces, size_t count, size_t first);

/*
 * Adds a strip of width points from start to end with the pieces (sorted) that lie in it, linear.
 * Only what would be less than two points wide is drawn wider. label: what a screen reader says.
 * time: marks at both ends are plain numbers, not addresses.
 */
struct ms_strip {
	const char *label;
	uint64_t start, end;
	int width;
	bool time;
	const char *unit; /* of time */
};
void ms_strip_draw(struct ms_buf *out, const struct ms_strip *strip, const struct ms_piece *pieces,
                   size_t count);

#endif
