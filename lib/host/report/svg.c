/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * svg.c - a drawing as SVG. See picture.h.
 */
#include "report/assets.h"
#include "report/picture.h"
#include "report/text.h"

#include <stdlib.h>
#include <string.h>

#define CLIP    26  /* characters of a name */
#define LEAST   560 /* width, for the legend */
#define LEGEND  22  /* height of a line of it */
#define DETAILS 8   /* sentences about a line, at most */

static const char *const line_classes[MS_LINK_KINDS] = {
    [MS_LINK_CALL] = "call", [MS_LINK_SIGNAL] = "signal", [MS_LINK_MAP] = "map",
    [MS_LINK_IRQ] = "irq",   [MS_LINK_FAULT] = "fault",   [MS_LINK_CAP] = "cap"};
static const char *const line_words[MS_LINK_KINDS] = {
    [MS_LINK_CALL] = "calls",         [MS_LINK_SIGNAL] = "signals",
    [MS_LINK_MAP] = "maps",           [MS_LINK_IRQ] = "interrupt",
    [MS_LINK_FAULT] = "faults go to", [MS_LINK_CAP] = "holds a capability of"};
static const char *const box_classes[] = {[MS_GRAPH_PD] = "pd",
                                          [MS_GRAPH_VM] = "vm",
                                          [MS_GRAPH_REGION] = "region",
                                          [MS_GRAPH_IRQ] = "irq"};

static bool has_tip(enum ms_link_kind kind)
{
	return kind != MS_LINK_MAP;
}

/* -- head ------------------------------------------------------------------------------------ */

static size_t count_boxes(const struct ms_picture *p, enum ms_graph_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++)
		count += p->boxes[i].node->kind == kind;
	return count;
}

static void put_description(const struct ms_picture *p, struct ms_buf *out)
{
	size_t vms = count_boxes(p, MS_GRAPH_VM), regions = count_boxes(p, MS_GRAPH_REGION);

	ms_html(out,
	        "<title id=\"drawing-title\">Protection domains and what connects them</title>\n"
	        "<desc id=\"drawing-desc\">%s",
	        ms_count_text(count_boxes(p, MS_GRAPH_PD), "protection domain"));
	if (vms)
		ms_html(out, ", %s", ms_count_text(vms, "virtual machine"));
	if (regions)
		ms_html(out, ", %s of shared memory", ms_count_text(regions, "box"));
	ms_html(out, " and %s between them.", ms_count_text(p->line_count, "connection"));
	if (p->left_out)
		ms_html(out, " %s of shared regions found no room.",
		        ms_count_text(p->left_out, "further group"));
	ms_buf_puts(out, "</desc>\n");
}

static void put_tips(struct ms_buf *out)
{
	ms_buf_puts(out, "<defs>\n");
	for (int kind = 0; kind < MS_LINK_KINDS; kind++)
		if (has_tip((enum ms_link_kind)kind) && kind != MS_LINK_IRQ)
			ms_html(out,
			        "<marker id=\"tip-%s\" class=\"tip tip-%s\" viewBox=\"0 0 10 10\" "
			        "refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" "
			        "markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\">"
			        "<path d=\"M0 0.8L10 5L0 9.2Z\"/></marker>\n",
			        line_classes[kind], line_classes[kind]);
	ms_buf_puts(out, "</defs>\n");
}

/* -- lines ----------------------------------------------------------------------------------- */

static void put_line(const struct ms_picture *p, const struct ms_picture_line *line,
                     struct ms_buf *out)
{
	const char *class = line_classes[line->kind];

	if (!line->path.len)
		return;
	ms_html(out, "<path class=\"line %s\" data-ends=\"%zu %zu\" d=\"%s\"", class, line->from,
	        line->to, line->path.data);
	if (has_tip(line->kind))
		ms_html(out, " marker-end=\"url(#tip-%s)\"", class);
	if (line->both)
		ms_html(out, " marker-start=\"url(#tip-%s)\"", class);
	ms_buf_puts(out, "><title>");
	for (size_t i = 0; i < line->details.count && i < DETAILS; i++)
		ms_html(out, "%s%s", i ? "\n" : "", line->details.items[i]);
	if (line->details.count > DETAILS)
		ms_html(out, "\nand %zu more", line->details.count - DETAILS);
	ms_buf_puts(out, "</title></path>\n");
	if (p->ring || !*line->label)
		return;
	ms_html(out, "<text class=\"label\" data-ends=\"%zu %zu\" x=\"%d\" y=\"%d\">", line->from,
	        line->to, line->label_x, line->label_y + 4);
	ms_html_clipped(out, line->label, CLIP);
	ms_buf_puts(out, "</text>\n");
}

/* -- boxes ----------------------------------------------------------------------------------- */

static void put_card(const struct ms_picture_box *box, struct ms_buf *out)
{
	int left = box->x - box->w / 2, top = box->y - box->h / 2;
	bool region = box->node->kind == MS_GRAPH_REGION;

	ms_html(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>", left, top,
	        box->w, box->h, region ? 22 : 8);
	if (box->node->kind == MS_GRAPH_VM)
		ms_html(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>",
		        left + 4, top + 4, box->w - 8, box->h - 8);
	ms_html(out, "<text class=\"name\" x=\"%d\" y=\"%d\">", box->x, top + 22);
	ms_html_clipped(out, box->title, CLIP);
	ms_html(out, "</text><text class=\"detail\" x=\"%d\" y=\"%d\">", box->x, top + 39);
	ms_html_clipped(out, box->detail, 40);
	ms_buf_puts(out, "</text>");
	if (box->chips.count)
		ms_html(out, "<path class=\"rule\" d=\"M%d %dH%d\"/>", left + 12, top + 49,
		        left + box->w - 12);
	for (size_t i = 0; i < box->chips.count; i++) {
		ms_html(out, "<text class=\"chip\" x=\"%d\" y=\"%d\">", left + 14,
		        top + 65 + 17 * (int)i);
		ms_html_clipped(out, box->chips.items[i], 32);
		ms_buf_puts(out, "</text>");
	}
}

static void put_spoke(const struct ms_picture_box *box, struct ms_buf *out)
{
	int turn = box->angle < 0 ? box->angle + 360 * 64 : box->angle;
	bool flip = turn > 90 * 64 && turn < 270 * 64;

	if (flip)
		turn = (turn + 180 * 64) % (360 * 64);
	ms_html(out, "<g transform=\"translate(%d %d) rotate(%d.%d%d)\">", box->x, box->y,
	        turn / 64, turn % 64 * 10 / 64, turn % 64 * 100 / 64 % 10);
	ms_html(out, "<circle class=\"dot\" r=\"%d\"/>",
	        box->node->kind == MS_GRAPH_REGION ? 4 : 6);
	ms_html(out, "<text class=\"name%s\" x=\"%d\" y=\"5\">", flip ? " end" : "",
	        flip ? -14 : 14);
	if (flip && *box->detail) {
		ms_buf_puts(out, "<tspan class=\"detail\">");
		ms_html_clipped(out, box->detail, CLIP);
		ms_buf_puts(out, "</tspan><tspan dx=\"8\">");
	} else {
		ms_buf_puts(out, "<tspan>");
	}
	ms_html_clipped(out, box->title, CLIP);
	ms_buf_puts(out, "</tspan>");
	if (!flip && *box->detail) {
		ms_buf_puts(out, "<tspan class=\"detail\" dx=\"8\">");
		ms_html_clipped(out, box->detail, CLIP);
		ms_buf_puts(out, "</tspan>");
	}
	ms_buf_puts(out, "</text></g>");
}

static void put_box(const struct ms_picture *p, size_t i, bool alone, struct ms_buf *out)
{
	const struct ms_picture_box *box = &p->boxes[i];
	const char *class = box_classes[box->node->kind];

	if (alone)
		ms_html(out, "<g class=\"box %s\">", class);
	else
		ms_html(out, "<a class=\"box %s\" data-box=\"%zu\" href=\"#%s-%s\">", class, i,
		        class, box->node->name);
	ms_html(out, "<title>%s", box->title);
	if (*box->node->detail)
		ms_html(out, ": %s", box->node->detail);
	ms_buf_puts(out, "</title>");
	if (p->ring)
		put_spoke(box, out);
	else
		put_card(box, out);
	ms_buf_puts(out, alone ? "</g>\n" : "</a>\n");
}

/* -- legend ---------------------------------------------------------------------------------- */

struct legend {
	struct ms_buf *out;
	int x, y, width;
};

static void legend_entry(struct legend *l, const char *mark, const char *words)
{
	int room = ms_picture_text(words, 63) + 58;

	if (l->x + room > l->width && l->x > 24) {
		l->x = 24;
		l->y += LEGEND;
	}
	ms_buf_printf(l->out, "<g transform=\"translate(%d %d)\">%s", l->x, l->y, mark);
	ms_html(l->out, "<text class=\"legend\" x=\"38\" y=\"4\">%s</text></g>\n", words);
	l->x += room;
}

static char *legend_box(const struct ms_picture *p, enum ms_graph_kind kind)
{
	bool region = kind == MS_GRAPH_REGION;

	if (p->ring)
		return ms_format("<g class=\"box %s\"><circle class=\"dot\" cx=\"18\" "
		                 "r=\"%d\"/></g>",
		                 box_classes[kind], region ? 4 : 6);
	return ms_format("<g class=\"box %s\"><rect x=\"4\" y=\"-8\" width=\"26\" "
	                 "height=\"16\" rx=\"%d\"/></g>",
	                 box_classes[kind], region ? 8 : 4);
}

/* What the marks of this drawing mean. Returns the height that it takes. */
static int put_legend(const struct ms_picture *p, int width, struct ms_buf *out)
{
	struct legend l = {.out = out, .x = 24, .y = p->height + 6, .width = width};
	bool used[MS_LINK_KINDS] = {false};

	for (size_t i = 0; i < p->line_count; i++)
		used[p->lines[i].kind] = true;
	for (int kind = 0; kind < MS_LINK_KINDS; kind++)
		if (used[kind])
			legend_entry(&l,
			             has_tip((enum ms_link_kind)kind)
			                 ? ms_format("<path class=\"line %s\" d=\"M0 0H30\" "
			                             "marker-end=\"url(#tip-%s)\"/>",
			                             line_classes[kind], line_classes[kind])
			                 : ms_format("<path class=\"line %s\" d=\"M0 0H30\"/>",
			                             line_classes[kind]),
			             line_words[kind]);
	for (int kind = MS_GRAPH_PD; kind <= MS_GRAPH_REGION; kind++) {
		static const char *const words[] = {"protection domain", "virtual machine",
		                                    "shared memory"};

		if (count_boxes(p, (enum ms_graph_kind)kind))
			legend_entry(&l, legend_box(p, (enum ms_graph_kind)kind), words[kind]);
	}
	return l.y + LEGEND - p->height;
}

/* -- the whole ------------------------------------------------------------------------------- */

void ms_picture_svg(const struct ms_picture *p, bool alone, struct ms_buf *out)
{
	int width = p->width < LEAST ? LEAST : p->width, shift = (width - p->width) / 2, height;
	struct ms_buf legend = {0};

	height = p->height + put_legend(p, width, &legend);
	ms_html(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"picture%s\" width=\"%d\" "
	        "height=\"%d\" viewBox=\"0 0 %d %d\" role=\"%s\" "
	        "aria-labelledby=\"drawing-title drawing-desc\">\n",
	        p->ring ? " ring" : "", width, height, width, height, alone ? "img" : "group");
	put_description(p, out);
	if (alone) {
		ms_buf_puts(out, "<style>\n");
		ms_buf_puts(out, ms_picture_css);
		ms_html(out, "</style>\n<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n",
		        width, height);
	}
	put_tips(out);
	ms_html(out, "<g transform=\"translate(%d 0)\">\n", shift);
	for (size_t i = 0; i < p->line_count; i++)
		put_line(p, &p->lines[i], out);
	for (size_t i = 0; i < p->count; i++)
		put_box(p, i, alone, out);
	ms_buf_puts(out, "</g>\n");
	ms_buf_add(out, legend.data, legend.len);
	ms_buf_puts(out, "</svg>\n");
	free(legend.data);
}
