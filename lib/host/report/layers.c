/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layers.c - a small graph in layers, in the manner of Sugiyama: who calls stands above who is
 * called, lines cross as little as a few sweeps can bring about, a line that passes a layer goes
 * round its boxes.
 */
#include "report/layers_parts.h"

#include <stdlib.h>
#include <string.h>

#define BOXES_MAX 30   /* more are a ring, ... */
#define LINES_MAX 60   /* ... and so are more lines ... */
#define WIDTH_MAX 1240 /* ... or a layer that is wider */
#define RANKS_MAX 9
#define WIDE      6  /* boxes of a layer */
#define PASS      18 /* width of a line that passes */

/* -- ranks ----------------------------------------------------------------------------------- */

static void size_boxes(struct ms_picture *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct ms_picture_box *b = &p->boxes[i];
		int text = ms_picture_text(b->title, 80), detail = ms_picture_text(b->detail, 64);

		if (text > MS_LAYER_CLIP * 8)
			text = MS_LAYER_CLIP * 8;
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
	for (int sweep = 0; sweep < MS_LAYER_SWEEPS && least > 0; sweep++) {
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

/* -- the whole ------------------------------------------------------------------------------- */

static bool fits(const struct ms_picture *p, size_t ranks)
{
	int wide[RANKS_MAX] = {0};

	if (p->count == 0 || ranks > RANKS_MAX || p->line_count > LINES_MAX)
		return false;
	for (size_t i = 0; i < p->count; i++) {
		int *sum = &wide[p->boxes[i].rank];

		*sum += p->boxes[i].w + MS_LAYER_GAP;
		if (*sum > WIDTH_MAX)
			return false;
	}
	return true;
}

bool ms_picture_layers(struct ms_picture *p)
{
	struct layers l = {.p = p};
	size_t room;

	if (p->count > BOXES_MAX)
		return false;
	size_boxes(p);
	l.ranks = rank_all(p);
	if (!fits(p, l.ranks))
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
	ms_layers_place(&l);
	return true;
}
