/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ring.c - a large graph as a ring: names outside, lines inside, those who have to do with each
 * other near each other. It takes any number of domains and any number of lines.
 */
#include "report/picture.h"
#include "report/text.h"

#include <stdlib.h>

#define FULL   (360 * 64)
#define STEP   25 /* from name to name, on the ring */
#define RADIUS 150
#define MARGIN 20
#define CLIP   26 /* characters of a name, and of what stands behind it */
#define PASSES 64

/* -- order ----------------------------------------------------------------------------------- */

/* links[a * n + b]: lines between two boxes. */
static unsigned *count_links(const struct ms_picture *p)
{
	unsigned *links = ms_alloc(p->count * p->count + 1, sizeof(*links));

	for (size_t i = 0; i < p->line_count; i++) {
		const struct ms_picture_line *line = &p->lines[i];

		if (line->from == line->to)
			continue;
		links[line->from * p->count + line->to]++;
		links[line->to * p->count + line->from]++;
	}
	return links;
}

/* Each next one is the first that the last one has a line to, or that anybody before has. */
static void walk(const struct ms_picture *p, const unsigned *links, size_t *order)
{
	bool *done = ms_alloc(p->count + 1, sizeof(*done));

	for (size_t at = 0; at < p->count; at++) {
		size_t next = SIZE_MAX;

		for (size_t back = at; back > 0 && next == SIZE_MAX; back--)
			for (size_t i = 0; i < p->count && next == SIZE_MAX; i++)
				if (!done[i] && links[order[back - 1] * p->count + i])
					next = i;
		for (size_t i = 0; i < p->count && next == SIZE_MAX; i++)
			if (!done[i])
				next = i;
		done[next] = true;
		order[at] = next;
	}
	free(done);
}

static size_t apart(size_t n, size_t a, size_t b)
{
	size_t way = a > b ? a - b : b - a;

	return way > n - way ? n - way : way;
}

/* How long all lines of the box at a place are. */
static size_t length_at(const struct ms_picture *p, const unsigned *links, const size_t *order,
                        size_t at)
{
	size_t sum = 0;

	for (size_t i = 0; i < p->count; i++)
		sum += links[order[at] * p->count + order[i]] * apart(p->count, at, i);
	return sum;
}

/* Neighbours change places as long as that makes lines shorter. */
static void shorten(const struct ms_picture *p, const unsigned *links, size_t *order)
{
	bool changed = p->count > 2;

	for (int pass = 0; pass < PASSES && changed; pass++) {
		changed = false;
		for (size_t a = 0; a < p->count; a++) {
			size_t b = (a + 1) % p->count, kept = order[a], before, after;

			before = length_at(p, links, order, a) + length_at(p, links, order, b);
			order[a] = order[b];
			order[b] = kept;
			after = length_at(p, links, order, a) + length_at(p, links, order, b);
			if (after < before) {
				changed = true;
				continue;
			}
			order[b] = order[a];
			order[a] = kept;
		}
	}
}

/* -- places ---------------------------------------------------------------------------------- */

/* What stands behind a name: what only that one has, in one line. */
static const char *aside(const struct ms_picture_box *box)
{
	struct ms_buf text = {0};

	for (size_t i = 0; i < box->chips.count; i++)
		ms_buf_printf(&text, "%s%s", i ? ", " : "", box->chips.items[i]);
	return text.data ? text.data : "";
}

static int clipped_width(const char *text, int tenths)
{
	int width = ms_picture_text(text, tenths);

	return width > CLIP * tenths / 10 ? CLIP * tenths / 10 : width;
}

static void place(struct ms_picture *p, const size_t *order)
{
	int radius = (int)p->count * STEP * 1000 / 6283, room = 0;

	if (radius < RADIUS)
		radius = RADIUS;
	for (size_t i = 0; i < p->count; i++) {
		struct ms_picture_box *box = &p->boxes[i];

		box->detail = aside(box);
		box->w = clipped_width(box->title, 80) + clipped_width(box->detail, 64) + 28;
		if (box->w > room)
			room = box->w;
	}
	p->width = p->height = 2 * (radius + room + MARGIN);
	for (size_t i = 0; i < p->count; i++) {
		struct ms_picture_box *box = &p->boxes[order[i]];

		box->angle = (int)(i * FULL / p->count) - FULL / 4;
		box->x = p->width / 2 + radius * ms_picture_sine(box->angle + FULL / 4) / 16384;
		box->y = p->height / 2 + radius * ms_picture_sine(box->angle) / 16384;
	}
}

/* From a to b, the nearer to the middle the farther they are from each other. */
static void draw(struct ms_picture *p, const size_t *place_of)
{
	int cx = p->width / 2, cy = p->height / 2;

	for (size_t i = 0; i < p->line_count; i++) {
		struct ms_picture_line *line = &p->lines[i];
		const struct ms_picture_box *a = &p->boxes[line->from], *b = &p->boxes[line->to];
		int way = (int)apart(p->count, place_of[line->from], place_of[line->to]);
		int pull = 94 - 88 * 2 * way / (int)p->count; /* per cent of the way outwards */
		int x1 = cx + (a->x - cx) * 96 / 100, y1 = cy + (a->y - cy) * 96 / 100;
		int x2 = cx + (b->x - cx) * 96 / 100, y2 = cy + (b->y - cy) * 96 / 100;

		if (line->from == line->to)
			continue;
		ms_buf_printf(&line->path, "M%d %dQ%d %d %d %d", x1, y1,
		              cx + ((x1 + x2) / 2 - cx) * pull / 100,
		              cy + ((y1 + y2) / 2 - cy) * pull / 100, x2, y2);
	}
}

void ms_picture_ring(struct ms_picture *p)
{
	unsigned *links = count_links(p);
	size_t *order = ms_alloc(p->count + 1, sizeof(*order));
	size_t *place_of = ms_alloc(p->count + 1, sizeof(*place_of));

	p->ring = true;
	walk(p, links, order);
	shorten(p, links, order);
	for (size_t i = 0; i < p->count; i++)
		place_of[order[i]] = i;
	place(p, order);
	draw(p, place_of);
	free(links);
	free(order);
	free(place_of);
}
