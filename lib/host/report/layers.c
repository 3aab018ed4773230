/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layers.c - a small graph in layers, in the manner of Sugiyama: who calls stands above who is
 * called, lines cross as little as a few sweeps can bring about, a line that passes a layer goes
 * round its boxes.
 */
#include "report/picture.h"
#include "report/text.h"

#include <stdlib.h>
#include <string.h>

#define BOXES_MAX 30 /* more are a ring */
#define RANKS_MAX 9
#define WIDE      6 /* boxes of a layer */
#define SWEEPS    24
#define GAP_X     34 /* between neighbours of a layer */
#define GAP_Y     62 /* between layers, and ... */
#define LANE      18 /* ... for each line of labels */
#define MARGIN    24
#define PASS      18 /* width of a line that passes */
#define CLIP      26 /* characters of a name */

/* A box, or where a long line passes a layer. */
struct vertex {
	size_t rank, order;
	int x, w;   /* its middle */
	size_t box; /* SIZE_MAX: a line passes */
};

/* A piece of a line between neighbouring layers. */
struct piece {
	size_t up, down; /* vertices */
	size_t line;
	int up_x, down_x; /* where it meets them */
};

struct layers {
	struct ms_picture *p;
	struct vertex *v;
	size_t count, cap;
	struct piece *pieces;
	size_t piece_count, piece_cap;
	size_t ranks;
	size_t **order;    /* by rank: its vertices from left to right */
	size_t *wide;      /* their number */
	int *top, *height; /* by rank */
};

/* -- ranks ----------------------------------------------------------------------------------- */

static void size_boxes(struct ms_picture *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct ms_picture_box *b = &p->boxes[i];
		int text = ms_picture_text(b->title, 80), detail = ms_picture_text(b->detail, 64);

		if (text > CLIP * 8)
			text = CLIP * 8;
		if (detail > text)
			text = detail;
		for (size_t k = 0; k < b->chips.count; k++) {
			int chip = ms_picture_text(b->chips.items[k], 66) + 8;

			if (chip > text)
				text = chip;
		}
		b->w = (text < 84 ? 84 : text > 216 ? 216 : text) + 32;
		b->h = 50 + (b->chips.count ? 12 : 0) + 17 * (int)b->chips.count +
		       (b->node->kind == MS_GRAPH_VM ? 6 : 0);
	}
}

/* Which end of a line is to be the upper one. */
static size_t upper(const struct ms_picture_line *line)
{
	return line->kind == MS_LINK_FAULT ? line->to : line->from;
}

static size_t lower(const struct ms_picture_line *line)
{
	return line->kind == MS_LINK_FAULT ? line->from : line->to;
}

/* Orders without cycles: of two ends that are ordered already, the line follows. below[a * n + b]:
 * b stands below a. */
static void relate(bool *below, size_t n, size_t a, size_t b)
{
	if (a == b || below[b * n + a] || below[a * n + b])
		return;
	for (size_t i = 0; i < n; i++) {
		if (i != a && !below[i * n + a])
			continue;
		for (size_t k = 0; k < n; k++)
			if (k == b || below[b * n + k])
				below[i * n + k] = true;
	}
}

/* The longest way down to each box; who has nobody above stands just above the first one below. */
static size_t rank_boxes(struct ms_picture *p, const bool *below)
{
	size_t n = p->count, ranks = 0;
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < n * n; i++) {
			struct ms_picture_box *a = &p->boxes[i / n], *b = &p->boxes[i % n];

			if (below[i] && b->rank < a->rank + 1) {
				b->rank = a->rank + 1;
				changed = true;
			}
		}
	}
	for (size_t i = 0; i < n; i++) {
		size_t nearest = SIZE_MAX;
		bool above = false;

		for (size_t k = 0; k < n; k++) {
			above = above || below[k * n + i];
			if (below[i * n + k] && p->boxes[k].rank < nearest)
				nearest = p->boxes[k].rank;
		}
		if (!above && nearest != SIZE_MAX)
			p->boxes[i].rank = nearest - 1;
		if (p->boxes[i].rank + 1 > ranks)
			ranks = p->boxes[i].rank + 1;
	}
	return ranks;
}

/* Boxes without a line stand in rows of their own, at the end. */
static size_t rank_loners(struct ms_picture *p, size_t ranks)
{
	bool *joined = ms_alloc(p->count + 1, sizeof(*joined));
	size_t alone = 0, all;

	for (size_t i = 0; i < p->line_count; i++)
		joined[p->lines[i].from] = joined[p->lines[i].to] = true;
	if (p->line_count == 0)
		ranks = 0;
	for (size_t i = 0; i < p->count; i++)
		if (!joined[i])
			p->boxes[i].rank = ranks + alone++ / WIDE;
	all = ranks + (alone + WIDE - 1) / WIDE;
	free(joined);
	return all;
}

static size_t rank_all(struct ms_picture *p)
{
	static const enum ms_link_kind order[] = {MS_LINK_CALL,   MS_LINK_FAULT, MS_LINK_CAP,
	                                          MS_LINK_SIGNAL, MS_LINK_MAP,   MS_LINK_IRQ};
	bool *below = ms_alloc(p->count * p->count + 1, sizeof(*below));
	size_t ranks;

	for (size_t k = 0; k < MS_LINK_KINDS; k++)
		for (size_t i = 0; i < p->line_count; i++)
			if (p->lines[i].kind == order[k])
				relate(below, p->count, upper(&p->lines[i]), lower(&p->lines[i]));
	ranks = rank_boxes(p, below);
	free(below);
	return rank_loners(p, ranks);
}

/* -- vertices and pieces --------------------------------------------------------------------- */

static size_t add_vertex(struct layers *l, size_t rank, size_t box, int w)
{
	ms_reserve((void **)&l->v, &l->cap, l->count + 1, sizeof(*l->v));
	l->v[l->count] = (struct vertex){.rank = rank, .box = box, .w = w};
	return l->count++;
}

static void add_piece(struct layers *l, size_t up, size_t down, size_t line)
{
	ms_reserve((void **)&l->pieces, &l->piece_cap, l->piece_count + 1, sizeof(*l->pieces));
	l->pieces[l->piece_count++] = (struct piece){.up = up, .down = down, .line = line};
}

static void cut_lines(struct layers *l)
{
	struct ms_picture *p = l->p;

	for (size_t i = 0; i < p->count; i++)
		add_vertex(l, p->boxes[i].rank, i, p->boxes[i].w);
	for (size_t i = 0; i < p->line_count; i++) {
		size_t a = p->lines[i].from, b = p->lines[i].to, at;

		if (p->boxes[a].rank > p->boxes[b].rank) {
			at = a;
			a = b;
			b = at;
		}
		at = a;
		for (size_t rank = p->boxes[a].rank + 1; rank < p->boxes[b].rank; rank++) {
			size_t pass = add_vertex(l, rank, SIZE_MAX, PASS);

			add_piece(l, at, pass, i);
			at = pass;
		}
		if (p->boxes[a].rank != p->boxes[b].rank)
			add_piece(l, at, b, i);
	}
	for (size_t i = 0; i < l->count; i++) {
		size_t rank = l->v[i].rank;

		l->v[i].order = l->wide[rank];
		l->order[rank][l->wide[rank]++] = i;
	}
}

/* -- order within the layers ----------------------------------------------------------------- */

static size_t crossings(const struct layers *l)
{
	size_t count = 0;

	for (size_t i = 0; i < l->piece_count; i++) {
		const struct vertex *a = &l->v[l->pieces[i].up], *b = &l->v[l->pieces[i].down];

		for (size_t k = i + 1; k < l->piece_count; k++) {
			const struct vertex *c = &l->v[l->pieces[k].up],
			                    *d = &l->v[l->pieces[k].down];

			count +=
			    a->rank == c->rank && ((a->order < c->order && b->order > d->order) ||
			                           (a->order > c->order && b->order < d->order));
		}
	}
	return count;
}

/* Where a vertex's neighbours of the layer above (or below) stand, on average, in 64ths; its own
 * place where it has none. */
static size_t wish(const struct layers *l, size_t vertex, bool above)
{
	size_t sum = 0, count = 0;

	for (size_t i = 0; i < l->piece_count; i++) {
		const struct piece *piece = &l->pieces[i];

		if ((above ? piece->down : piece->up) != vertex)
			continue;
		sum += l->v[above ? piece->up : piece->down].order;
		count++;
	}
	return count ? sum * 64 / count : l->v[vertex].order * 64;
}

static void sort_rank(struct layers *l, size_t rank, bool above)
{
	size_t *order = l->order[rank], wide = l->wide[rank];
	size_t *wishes = ms_alloc(wide + 1, sizeof(*wishes));

	for (size_t i = 0; i < wide; i++)
		wishes[i] = wish(l, order[i], above);
	for (size_t i = 1; i < wide; i++) {
		for (size_t k = i; k > 0 && wishes[k] < wishes[k - 1]; k--) {
			size_t w = wishes[k], v = order[k];

			wishes[k] = wishes[k - 1];
			order[k] = order[k - 1];
			wishes[k - 1] = w;
			order[k - 1] = v;
		}
	}
	for (size_t i = 0; i < wide; i++)
		l->v[order[i]].order = i;
	free(wishes);
}

static void save_order(const struct layers *l, size_t *saved)
{
	for (size_t i = 0; i < l->count; i++)
		saved[i] = l->v[i].order;
}

static void sort_ranks(struct layers *l)
{
	size_t *best = ms_alloc(l->count + 1, sizeof(*best)), least = crossings(l);

	save_order(l, best);
	for (int sweep = 0; sweep < SWEEPS && least > 0; sweep++) {
		bool down = sweep % 2 == 0;
		size_t now;

		for (size_t i = 1; i < l->ranks; i++)
			sort_rank(l, down ? i : l->ranks - 1 - i, down);
		now = crossings(l);
		if (now < least) {
			least = now;
			save_order(l, best);
		}
	}
	for (size_t i = 0; i < l->count; i++) {
		l->v[i].order = best[i];
		l->order[l->v[i].rank][best[i]] = i;
	}
	free(best);
}

/* -- places ---------------------------------------------------------------------------------- */

/* Half the widths of two neighbours and what lies between them. */
static int distance(const struct vertex *a, const struct vertex *b)
{
	return (a->w + b->w) / 2 + GAP_X;
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
	for (int sweep = 0; sweep < SWEEPS; sweep++)
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

	return (width > CLIP * 6 ? CLIP * 6 : width) + 10;
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

static void place_y(struct layers *l)
{
	int y = MARGIN;

	for (size_t rank = 0; rank < l->ranks; rank++) {
		int lanes = place_labels(l, rank), gap = GAP_Y + LANE * (lanes > 1 ? lanes - 1 : 0);

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

static bool fits(const struct ms_picture *p, size_t ranks, const size_t *wide)
{
	for (size_t i = 0; i < ranks; i++)
		if (wide[i] > WIDE)
			return false;
	return p->count > 0 && ranks <= RANKS_MAX;
}

bool ms_picture_layers(struct ms_picture *p)
{
	struct layers l = {.p = p};
	size_t wide[BOXES_MAX + BOXES_MAX] = {0}, room;

	if (p->count > BOXES_MAX)
		return false;
	size_boxes(p);
	l.ranks = rank_all(p);
	for (size_t i = 0; i < p->count; i++)
		wide[p->boxes[i].rank]++;
	if (!fits(p, l.ranks, wide))
		return false;
	room = p->count + p->line_count;
	l.order = ms_alloc(l.ranks, sizeof(*l.order));
	for (size_t i = 0; i < l.ranks; i++)
		l.order[i] = ms_alloc(room, sizeof(**l.order));
	l.wide = ms_alloc(l.ranks, sizeof(*l.wide));
	l.top = ms_alloc(l.ranks, sizeof(*l.top));
	l.height = ms_alloc(l.ranks, sizeof(*l.height));
	cut_lines(&l);
	sort_ranks(&l);
	place_x(&l);
	for (size_t i = 0; i < l.count; i++) {
		spread(&l, i, true);
		spread(&l, i, false);
	}
	place_y(&l);
	draw_lines(&l);
	return true;
}
