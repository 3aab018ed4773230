/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strip.c - strips of memory and of time. See strip.h.
 */
#include "report/strip.h"
#include "report/picture.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LANES  5  /* lines of names below the strip, at most */
#define BAR    34 /* height of the strip itself */
#define LANE   15
#define ENOUGH 4  /* a gap of so many times what lies before it ends a run */
#define LETTER 66 /* tenths of a point */

static int by_start(const void *a, const void *b)
{
	const struct ms_piece *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return strcmp(x->name, y->name);
}

void ms_pieces_sort(struct ms_piece *pieces, size_t count)
{
	if (count)
		qsort(pieces, count, sizeof(*pieces), by_start);
}

size_t ms_pieces_run(const struct ms_piece *pieces, size_t count, size_t first)
{
	uint64_t end = pieces[first].end;
	size_t i = first + 1;

	for (; i < count; i++) {
		uint64_t so_far = end - pieces[first].start;

		if (pieces[i].start > end && (pieces[i].start - end) / ENOUGH > so_far)
			break;
		if (pieces[i].end > end)
			end = pieces[i].end;
	}
	return i;
}

/* A place on the strip; what lies outside is at its end. */
static int point(const struct ms_strip *s, uint64_t at)
{
	uint64_t span = s->end - s->start, offset = at - s->start;

	if (at <= s->start || s->end <= s->start)
		return 0;
	if (at >= s->end)
		return s->width;
	/* What is longer than 2^48 has points of more than one address anyway. */
	while (span >> 48) {
		span >>= 1;
		offset >>= 1;
	}
	return (int)(offset * (uint64_t)s->width / span);
}

static const char *mark(const struct ms_strip *s, uint64_t at)
{
	return s->time ? ms_format("%" PRIu64 " %s", at, s->unit) : ms_format("0x%" PRIx64, at);
}

/* Names that do not fit into their pieces stand below, each in the first line with room. Returns
 * how many lines there are. */
static int put_names(struct ms_buf *out, const struct ms_strip *s, const struct ms_piece *pieces,
                     size_t count)
{
	int ends[LANES] = {0}, lanes = 0;

	for (size_t i = 0; i < count; i++) {
		int x1 = point(s, pieces[i].start), x2 = point(s, pieces[i].end);
		int need = ms_picture_text(pieces[i].name, LETTER) + 8, middle = (x1 + x2) / 2;
		int left = middle - need / 2, lane = 0;

		if (!*pieces[i].name)
			continue;
		if (need <= x2 - x1) {
			ms_html(out, "<text class=\"in\" x=\"%d\" y=\"%d\">%s</text>", middle,
			        BAR / 2 + 4, pieces[i].name);
			continue;
		}
		left = left < 0 ? 0 : left + need > s->width ? s->width - need : left;
		while (lane < LANES && ends[lane] > left)
			lane++;
		if (lane == LANES)
			continue;
		ends[lane] = left + need;
		lanes = lane + 1 > lanes ? lane + 1 : lanes;
		ms_html(out,
		        "<path class=\"lead\" d=\"M%d %dV%d\"/><text class=\"out\" x=\"%d\" "
		        "y=\"%d\">%s</text>",
		        middle, BAR, BAR + 6 + lane * LANE, left + need / 2, BAR + 17 + lane * LANE,
		        pieces[i].name);
	}
	return lanes;
}

void ms_strip_draw(struct ms_buf *out, const struct ms_strip *s, const struct ms_piece *pieces,
                   size_t count)
{
	struct ms_buf names = {0};
	int lanes, height;

	ms_buf_puts(&names, "");
	lanes = put_names(&names, s, pieces, count);
	height = BAR + lanes * LANE + 24;
	ms_html(out,
	        "<svg class=\"strip\" width=\"%d\" height=\"%d\" viewBox=\"-1 -1 %d %d\" "
	        "role=\"img\" aria-label=\"%s\">",
	        s->width + 2, height + 1, s->width + 2, height + 1, s->label);
	ms_html(out, "<rect class=\"ground\" width=\"%d\" height=\"%d\"/>", s->width, BAR);
	for (size_t i = 0; i < count; i++) {
		int x1 = point(s, pieces[i].start), x2 = point(s, pieces[i].end);

		if (x2 < x1 + 2)
			x2 = x1 + 2;
		ms_html(out,
		        "<rect class=\"piece %s\" x=\"%d\" width=\"%d\" height=\"%d\"><title>%s"
		        "</title></rect>",
		        pieces[i].class, x1, x2 - x1, BAR, pieces[i].detail);
	}
	ms_buf_add(out, names.data, names.len);
	ms_html(out, "<text class=\"mark\" x=\"0\" y=\"%d\">%s</text>", height - 6,
	        mark(s, s->start));
	ms_html(out, "<text class=\"mark end\" x=\"%d\" y=\"%d\">%s</text></svg>\n", s->width,
	        height - 6, mark(s, s->end));
	free(names.data);
}
