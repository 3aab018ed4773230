/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * picture.c - from a graph to the boxes and lines of its drawing. See picture.h.
 */
#include "report/picture.h"
#include "report/text.h"

#include <stdlib.h>
#include <string.h>

int ms_picture_text(const char *text, int tenths)
{
	size_t width = ms_text_width(text);

	return (int)(width > 200 ? 200 : width) * tenths / 10;
}

/* Taylor's series to the ninth power, in 2^30ths: exact to more digits than are used. */
int ms_picture_sine(int angle)
{
	const int64_t one = INT64_C(1) << 30, pi = INT64_C(3373259426); /* pi * 2^30 */
	int64_t x, square, term, sum;
	int turn = 360 * 64, quarter = 90 * 64;

	angle = (angle % turn + turn) % turn;
	if (angle >= 2 * quarter)
		return -ms_picture_sine(angle - 2 * quarter);
	if (angle > quarter)
		angle = 2 * quarter - angle;
	x = angle * pi / (180 * 64);
	square = (x * x) >> 30;
	sum = term = x;
	for (int k = 2; k <= 10; k += 2) {
		term = -((term * square) >> 30) / (k * (k + 1));
		sum += term;
	}
	if (sum > one)
		sum = one;
	return (int)((sum + (1 << 15)) >> 16);
}

/* -- boxes ----------------------------------------------------------------------------------- */

static struct ms_picture_box *add_box(struct ms_picture *p, const struct ms_graph_node *node)
{
	struct ms_picture_box *box;

	ms_reserve((void **)&p->boxes, &p->cap, p->count + 1, sizeof(*p->boxes));
	box = &p->boxes[p->count++];
	*box = (struct ms_picture_box){.node = node, .title = node->name, .detail = node->detail};
	return box;
}

/* Who has a region, and how: equal for regions that one box can stand for. */
struct sharing {
	size_t node;
	struct ms_buf who; /* pairs of node and permissions, as bytes */
	size_t parties;
};

static int by_sharing(const void *a, const void *b)
{
	const struct sharing *x = a, *y = b;
	size_t shorter = x->who.len < y->who.len ? x->who.len : y->who.len;
	int order;

	if (x->parties != y->parties)
		return x->parties > y->parties ? -1 : 1;
	order = shorter ? memcmp(x->who.data, y->who.data, shorter) : 0;
	if (order == 0 && x->who.len != y->who.len)
		order = x->who.len < y->who.len ? -1 : 1;
	if (order == 0)
		order = x->node < y->node ? -1 : 1;
	return order;
}

static bool same_sharing(const struct sharing *a, const struct sharing *b)
{
	return a->who.len == b->who.len &&
	       (a->who.len == 0 || memcmp(a->who.data, b->who.data, a->who.len) == 0);
}

/* Every region with its sharers; they come sorted by link, which is by party. */
static struct sharing *sharings(const struct ms_graph *g)
{
	struct sharing *list = ms_alloc(g->count + 1, sizeof(*list));

	for (size_t i = 0; i < g->count; i++)
		list[i].node = i;
	for (size_t i = 0; i < g->link_count; i++) {
		const struct ms_graph_link *link = &g->links[i];
		struct sharing *s = &list[link->to];
		unsigned char key[3] = {(unsigned char)(link->from >> 8), (unsigned char)link->from,
		                        (unsigned char)link->permissions};

		if (link->kind != MS_LINK_MAP)
			continue;
		ms_buf_add(&s->who, key, sizeof(key));
		s->parties++;
	}
	return list;
}

static void add_party_boxes(struct ms_picture *p, size_t *box_of)
{
	const struct ms_graph *g = p->graph;

	for (size_t i = 0; i < g->count; i++) {
		if (g->nodes[i].kind == MS_GRAPH_PD || g->nodes[i].kind == MS_GRAPH_VM) {
			box_of[i] = p->count;
			add_box(p, &g->nodes[i]);
		}
	}
}

/* What only one party has goes into that one's box. */
static void add_chips(struct ms_picture *p, const struct sharing *shares, const size_t *box_of)
{
	const struct ms_graph *g = p->graph;

	for (size_t i = 0; i < g->link_count; i++) {
		const struct ms_graph_link *link = &g->links[i];

		if (link->kind == MS_LINK_IRQ)
			ms_list_add(&p->boxes[box_of[link->to]].chips, g->nodes[link->from].name);
		if (link->kind == MS_LINK_MAP && shares[link->to].parties == 1)
			ms_list_add(&p->boxes[box_of[link->from]].chips,
			            ms_format("%s %s", g->nodes[link->to].name,
			                      ms_permission_text(link->permissions)));
	}
	for (size_t i = 0; i < p->count; i++) {
		struct ms_list *chips = &p->boxes[i].chips;

		if (chips->count > MS_PICTURE_CHIPS) {
			chips->items[MS_PICTURE_CHIPS - 1] =
			    ms_format("and %zu more", chips->count - MS_PICTURE_CHIPS + 1);
			chips->count = MS_PICTURE_CHIPS;
		}
	}
}

/* box_of[region]: the box that stands for it, SIZE_MAX where none does. */
static void add_region_boxes(struct ms_picture *p, const struct sharing *shares, size_t *box_of)
{
	const struct ms_graph *g = p->graph;
	struct sharing *sorted = ms_alloc(g->count + 1, sizeof(*sorted));
	size_t count = 0, boxes = 0;

	for (size_t i = 0; i < g->count; i++)
		if (g->nodes[i].kind == MS_GRAPH_REGION && shares[i].parties != 1)
			sorted[count++] = shares[i];
	if (count)
		qsort(sorted, count, sizeof(*sorted), by_sharing);
	for (size_t i = 0, end; i < count; i = end) {
		struct ms_picture_box *box;

		for (end = i + 1; end < count && same_sharing(&sorted[i], &sorted[end]);)
			end++;
		if (boxes++ >= MS_PICTURE_SHARED) {
			p->left_out++;
			continue;
		}
		for (size_t k = i; k < end; k++)
			box_of[sorted[k].node] = p->count;
		box = add_box(p, &g->nodes[sorted[i].node]);
		box->parties = sorted[i].parties;
		if (end - i > 1) {
			box->title = ms_format("%s and %zu more", box->title, end - i - 1);
			box->detail = ms_count_text(end - i, "region");
		}
		if (box->parties == 0)
			box->detail = "mapped by nobody";
	}
	free(sorted);
}

/* -- lines ----------------------------------------------------------------------------------- */

/* The line of that kind between two boxes, a new one where there is none. seen: by kind and
 * ends, the number of the line and one. */
static struct ms_picture_line *line_between(struct ms_picture *p, const struct ms_graph_link *link,
                                            size_t from, size_t to, size_t *seen)
{
	size_t key = (((size_t)link->kind * 2 + link->both) * p->count + from) * p->count + to;
	struct ms_picture_line *line;

	if (seen[key])
		return &p->lines[seen[key] - 1];
	ms_reserve((void **)&p->lines, &p->line_cap, p->line_count + 1, sizeof(*p->lines));
	line = &p->lines[p->line_count++];
	seen[key] = p->line_count;
	*line = (struct ms_picture_line){.kind = link->kind,
	                                 .from = from,
	                                 .to = to,
	                                 .both = link->both,
	                                 .permissions = link->permissions};
	return line;
}

static const char *line_label(const struct ms_picture_line *line)
{
	if (line->kind == MS_LINK_MAP)
		return ms_permission_text(line->permissions);
	if (line->names.count > 2)
		return ms_format("%s and %zu more", line->names.items[0], line->names.count - 1);
	if (line->names.count == 2)
		return ms_format("%s, %s", line->names.items[0], line->names.items[1]);
	return line->names.count ? line->names.items[0] : "";
}

static void add_lines(struct ms_picture *p, const struct sharing *shares, const size_t *box_of)
{
	const struct ms_graph *g = p->graph;
	size_t *seen = ms_alloc(MS_LINK_KINDS * 2 * p->count * p->count + 1, sizeof(*seen));

	for (size_t i = 0; i < g->link_count; i++) {
		const struct ms_graph_link *link = &g->links[i];
		struct ms_picture_line *line;

		if (link->kind == MS_LINK_IRQ ||
		    (link->kind == MS_LINK_MAP && shares[link->to].parties == 1) ||
		    box_of[link->to] == SIZE_MAX)
			continue;
		line = line_between(p, link, box_of[link->from], box_of[link->to], seen);
		if (*link->name)
			ms_list_add(&line->names, link->name);
		ms_list_add(&line->details, link->detail);
	}
	for (size_t i = 0; i < p->line_count; i++)
		p->lines[i].label = line_label(&p->lines[i]);
	free(seen);
}

void ms_picture_make(const struct ms_graph *graph, struct ms_picture *p)
{
	struct sharing *shares = sharings(graph);
	size_t *box_of = ms_alloc(graph->count + 1, sizeof(*box_of));

	*p = (struct ms_picture){.graph = graph};
	for (size_t i = 0; i < graph->count; i++)
		box_of[i] = SIZE_MAX;
	add_party_boxes(p, box_of);
	add_chips(p, shares, box_of);
	add_region_boxes(p, shares, box_of);
	add_lines(p, shares, box_of);
	if (!ms_picture_layers(p))
		ms_picture_ring(p);
	free(shares);
	free(box_of);
}
