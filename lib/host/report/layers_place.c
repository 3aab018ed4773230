/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layers_place.c - places in layers that are ordered: boxes near those they have lines to, labels
 * where they touch no other, lines from side to side.
 */
#include "report/layers_parts.h"

#include <stdlib.h>
#include <string.h>

#define GAP_Y   62 /* between layers, and ... */
#define LANE    18 /* ... for each line of labels */
#define STEEP   9  /* a line that goes so far sideways for each point ... */
#define STRETCH 60 /* ... gets so much more room, at most */
#define MARGIN  24

/* -- places ---------------------------------------------------------------------------------- */

/* Half the widths of two neighbours and what lies between them. */
static int distance(const struct vertex *a, const struct vertex *b)
{
	return (a->w + b->w) / 2 + MS_LAYER_GAP;
}

/* A run of neighbours that stand as close as they may. */
struct run {
	int64_t sum;
	int64_t count;
};

/* The places nearest to the wishes that keep the distances: wishes less offsets may not fall, so
 * neighbours that want to are given their mean, together. */
static void settle(struct layers *l, size_t rank, const int *wishes)
{
	size_t wide = l->wide[rank], runs = 0, at = 0;
	struct run *run = ms_alloc(wide + 1, sizeof(*run));
	int offset = 0;

	for (size_t i = 0; i < wide; i++) {
		if (i)
			offset += distance(&l->v[l->order[rank][i - 1]], &l->v[l->order[rank][i]]);
		run[runs++] = (struct run){wishes[i] - offset, 1};
		while (runs > 1 && run[runs - 2].sum * run[runs - 1].count >
		                       run[runs - 1].sum * run[runs - 2].count) {
			run[runs - 2].sum += run[runs - 1].sum;
			run[runs - 2].count += run[runs - 1].count;
			runs--;
		}
	}
	offset = 0;
	for (size_t i = 0; i < runs; i++) {
		for (int64_t k = 0; k < run[i].count; k++, at++) {
			if (at)
				offset += distance(&l->v[l->order[rank][at - 1]],
				                   &l->v[l->order[rank][at]]);
			l->v[l->order[rank][at]].x = (int)(run[i].sum / run[i].count) + offset;
		}
	}
	free(run);
}

/* The mean place of a vertex's neighbours on the sides asked for. A line that passes on counts
 * four times, so that long lines are straight. */
static int mean_x(const struct layers *l, size_t vertex, bool above, bool below)
{
	int64_t sum = 0, count = 0;

	for (size_t i = 0; i < l->piece_count; i++) {
		const struct piece *piece = &l->pieces[i];
		size_t other;

		if (above && piece->down == vertex)
			other = piece->up;
		else if (below && piece->up == vertex)
			other = piece->down;
		else
			continue;
		for (int k = l->v[other].box == SIZE_MAX && l->v[vertex].box == SIZE_MAX ? 4 : 1;
		     k > 0; k--) {
			sum += l->v[other].x;
			count++;
		}
	}
	return count ? (int)(sum / count) : l->v[vertex].x;
}

static void place_rank(struct layers *l, size_t rank, bool above, bool below)
{
	int *wishes = ms_alloc(l->wide[rank] + 1, sizeof(*wishes));

	for (size_t i = 0; i < l->wide[rank]; i++)
		wishes[i] = mean_x(l, l->order[rank][i], above, below);
	settle(l, rank, wishes);
	free(wishes);
}

static void place_x(struct layers *l)
{
	int least = 0, most = 0;

	for (size_t rank = 0; rank < l->ranks; rank++)
		place_rank(l, rank, rank > 0, false);
	for (int sweep = 0; sweep < MS_LAYER_SWEEPS; sweep++)
		for (size_t i = 0; i < l->ranks; i++)
			place_rank(l, sweep % 2 ? i : l->ranks - 1 - i, true, true);
	for (size_t i = 0; i < l->count; i++) {
		int left = l->v[i].x - l->v[i].w / 2, right = l->v[i].x + l->v[i].w / 2;

		if (i == 0 || left < least)
			least = left;
		if (i == 0 || right > most)
			most = right;
	}
	for (size_t i = 0; i < l->count; i++)
		l->v[i].x += MARGIN - least;
	l->p->width = most - least + 2 * MARGIN;
}

/* -- where lines meet boxes ------------------------------------------------------------------ */

struct port {
	size_t piece;
	int x; /* of the other end */
};

static int by_x(const void *a, const void *b)
{
	const struct port *p = a, *q = b;

	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	return p->piece < q->piece ? -1 : p->piece > q->piece;
}

/* Spreads the pieces that leave a vertex on one side along that side. */
static void spread(struct layers *l, size_t vertex, bool above)
{
	struct port *ports = ms_alloc(l->piece_count + 1, sizeof(*ports));
	const struct vertex *v = &l->v[vertex];
	size_t count = 0;
	int room, step;

	for (size_t i = 0; i < l->piece_count; i++) {
		const struct piece *piece = &l->pieces[i];

		if ((above ? piece->down : piece->up) == vertex)
			ports[count++] = (struct port){i, l->v[above ? piece->up : piece->down].x};
	}
	if (count)
		qsort(ports, count, sizeof(*ports), by_x);
	room = v->box == SIZE_MAX ? 0 : v->w - 36;
	step = count > 1 ? room / (int)(count - 1) : 0;
	if (step > 56)
		step = 56;
	for (size_t i = 0; i < count; i++) {
		int x = v->x + step * (2 * (int)i - (int)count + 1) / 2;

		if (above)
			l->pieces[ports[i].piece].down_x = x;
		else
			l->pieces[ports[i].piece].up_x = x;
	}
	free(ports);
}

/* -- labels ---------------------------------------------------------------------------------- */

/* The piece of a line that bears its label: the middle one. */
static size_t label_piece(const struct layers *l, size_t line)
{
	size_t count = 0, first = SIZE_MAX;

	for (size_t i = 0; i < l->piece_count; i++) {
		if (l->pieces[i].line != line)
			continue;
		if (first == SIZE_MAX)
			first = i;
		count++;
	}
	return first == SIZE_MAX ? first : first + (count - 1) / 2;
}

static int label_width(const char *label)
{
	int width = ms_picture_text(label, 62);

	return (width > MS_LAYER_CLIP * 6 ? MS_LAYER_CLIP * 6 : width) + 10;
}

struct label {
	size_t line;
	int x, lane;
};

static int by_place(const void *a, const void *b)
{
	const struct label *p = a, *q = b;

	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	return p->line < q->line ? -1 : p->line > q->line;
}

/* The labels between a rank and the next: each in the first lane where it touches no other.
 * Returns the lanes; label_y is the lane for now. */
static int place_labels(struct layers *l, size_t rank)
{
	struct label *labels = ms_alloc(l->p->line_count + 1, sizeof(*labels));
	int ends[32] = {0}, lanes = 0;
	size_t count = 0;

	for (size_t i = 0; i < l->p->line_count; i++) {
		size_t piece = *l->p->lines[i].label ? label_piece(l, i) : SIZE_MAX;

		if (piece != SIZE_MAX && l->v[l->pieces[piece].up].rank == rank)
			labels[count++] = (struct label){
			    i, (l->pieces[piece].up_x + l->pieces[piece].down_x) / 2, 0};
	}
	if (count)
		qsort(labels, count, sizeof(*labels), by_place);
	for (size_t i = 0; i < count; i++) {
		struct ms_picture_line *line = &l->p->lines[labels[i].line];
		int half = label_width(line->label) / 2, lane = 0;

		while (lane < 31 && lane < lanes && ends[lane] > labels[i].x - half)
			lane++;
		if (lane == lanes && lanes < 31)
			lanes++;
		ends[lane] = labels[i].x + half;
		line->label_x = labels[i].x;
		line->label_y = lane;
	}
	free(labels);
	return lanes;
}

/* The room below a rank: more where there are more labels, or where lines go far sideways. */
static int gap_below(const struct layers *l, size_t rank, int lanes)
{
	int widest = 0;

	for (size_t i = 0; i < l->piece_count; i++) {
		int way = abs(l->pieces[i].up_x - l->pieces[i].down_x);

		if (l->v[l->pieces[i].up].rank == rank && way > widest)
			widest = way;
	}
	widest /= STEEP;
	return GAP_Y + (widest > STRETCH ? STRETCH : widest) + LANE * (lanes > 1 ? lanes - 1 : 0);
}

static void place_y(struct layers *l)
{
	int y = MARGIN;

	for (size_t rank = 0; rank < l->ranks; rank++) {
		int lanes = place_labels(l, rank), gap = gap_below(l, rank, lanes);

		l->top[rank] = y;
		for (size_t i = 0; i < l->wide[rank]; i++) {
			const struct vertex *v = &l->v[l->order[rank][i]];

			if (v->box != SIZE_MAX && l->p->boxes[v->box].h > l->height[rank])
				l->height[rank] = l->p->boxes[v->box].h;
		}
		for (size_t i = 0; i < l->p->line_count; i++) {
			struct ms_picture_line *line = &l->p->lines[i];
			size_t piece = *line->label ? label_piece(l, i) : SIZE_MAX;

			if (piece != SIZE_MAX && l->v[l->pieces[piece].up].rank == rank)
				line->label_y = y + l->height[rank] + gap / 2 +
				                (2 * line->label_y - (lanes - 1)) * LANE / 2;
		}
		y += l->height[rank] + (rank + 1 < l->ranks ? gap : MARGIN);
	}
	l->p->height = y;
	for (size_t i = 0; i < l->p->count; i++) {
		struct ms_picture_box *b = &l->p->boxes[i];

		b->x = l->v[i].x;
		b->y = l->top[b->rank] + l->height[b->rank] / 2;
	}
}

/* -- lines ----------------------------------------------------------------------------------- */

static int side(const struct layers *l, size_t vertex, bool bottom)
{
	const struct vertex *v = &l->v[vertex];
	const struct ms_picture_box *b;

	if (v->box == SIZE_MAX)
		return l->top[v->rank] + (bottom ? l->height[v->rank] : 0);
	b = &l->p->boxes[v->box];
	return bottom ? b->y + b->h / 2 : b->y - b->h / 2;
}

/* Pieces of one line follow each other, from the upper end to the lower one; its path runs from
 * the end where it comes from. */
static void draw_lines(struct layers *l)
{
	for (size_t i = 0; i < l->piece_count; i++) {
		const struct piece *piece = &l->pieces[i];
		struct ms_picture_line *line = &l->p->lines[piece->line];
		int y1 = side(l, piece->up, true), y2 = side(l, piece->down, false);
		int x1 = piece->up_x, x2 = piece->down_x, bend = (y2 - y1) / 2;
		struct ms_buf path = {0};

		if (l->p->boxes[line->from].rank < l->p->boxes[line->to].rank) {
			ms_buf_printf(&line->path, "%c%d %dC%d %d %d %d %d %d",
			              line->path.len ? 'L' : 'M', x1, y1, x1, y1 + bend, x2,
			              y2 - bend, x2, y2);
			continue;
		}
		ms_buf_printf(&path, "M%d %dC%d %d %d %d %d %d", x2, y2, x2, y2 - bend, x1,
		              y1 + bend, x1, y1);
		if (line->path.len) {
			ms_buf_printf(&path, "L%s", line->path.data + 1);
			free(line->path.data);
		}
		line->path = path;
	}
}

void ms_layers_place(struct layers *l)
{
	place_x(l);
	for (size_t i = 0; i < l->count; i++) {
		spread(l, i, true);
		spread(l, i, false);
	}
	place_y(l);
	draw_lines(l);
}
