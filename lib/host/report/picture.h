/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * picture.h - a drawing of a graph: boxes and lines with places, then SVG.
 *
 * What only one domain has (a region that nobody else maps, an interrupt) stands in its box; a
 * shared region is a box of its own, and regions that the same domains have in the same way are
 * one box. A small system is drawn in layers, callers above the called; a large one as a ring.
 * Everything is computed in integers, so the same graph is the same drawing on every machine.
 */
#ifndef MS_REPORT_PICTURE_H
#define MS_REPORT_PICTURE_H

#include "report/graph.h"

#define MS_PICTURE_CHIPS  4  /* lines below a box's name, at most */
#define MS_PICTURE_SHARED 40 /* boxes of shared regions, at most */

struct ms_picture_box {
	const struct ms_graph_node *node;
	const char *title, *detail;
	struct ms_list chips; /* what only this one has */
	size_t parties;       /* of a region: who maps it */
	int x, y, w, h;       /* its middle, and its size */
	int angle;            /* in a ring: degrees / 64, clockwise from the right */
	/* while it is placed: */
	size_t rank;
};

struct ms_picture_line {
	enum ms_link_kind kind;
	size_t from, to; /* boxes */
	bool both;
	unsigned permissions;
	struct ms_list names, details;
	struct ms_buf path;   /* of SVG; empty: not drawn */
	const char *label;    /* "": none */
	int label_x, label_y; /* its middle; in a ring there are no labels */
};

struct ms_picture {
	const struct ms_graph *graph;
	struct ms_picture_box *boxes;
	size_t count, cap;
	struct ms_picture_line *lines;
	size_t line_count, line_cap;
	size_t left_out; /* boxes of shared regions that found no room */
	int width, height;
	bool ring;
};

/* Boxes and lines with places. */
void ms_picture_make(const struct ms_graph *graph, struct ms_picture *picture);

/* Their two ways of placing; layers: false when the graph is too large for it. */
bool ms_picture_layers(struct ms_picture *picture);
void ms_picture_ring(struct ms_picture *picture);

/*
 * Adds the drawing as an SVG element. alone: with its own style, for a file; else it is part of a
 * page that has the style. A box links to "#pd-NAME" or "#vm-NAME" of the page, and has its number
 * as data-box, a line the numbers of its ends as data-ends, for the page's script.
 */
void ms_picture_svg(const struct ms_picture *picture, bool alone, struct ms_buf *out);

/* About how wide a text is, of characters that are tenths / 10 wide. */
int ms_picture_text(const char *text, int tenths);

/* The sine of degrees / 64, times 2^14. */
int ms_picture_sine(int angle);

#endif
