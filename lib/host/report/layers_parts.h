/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layers_parts.h - what the two halves of placing a graph in layers share: layers.c decides who
 * stands in which layer and in which order, layers_place.c where that is.
 */
#ifndef MS_REPORT_LAYERS_PARTS_H
#define MS_REPORT_LAYERS_PARTS_H

#include "report/picture.h"

#define MS_LAYER_GAP    34 /* between neighbours of a layer */
#define MS_LAYER_CLIP   26 /* characters of a name */
#define MS_LAYER_SWEEPS 24 /* up and down, for the order and for the places */

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

/* Gives everything its place, and lines their paths. */
void ms_layers_place(struct layers *layers);

#endif
