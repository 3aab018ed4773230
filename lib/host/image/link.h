/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link.h - carrying out a plan's AssembleImage step: placement, generated sources, the link,
 * the proof that what was linked is what was placed, the image.
 */
#ifndef MS_IMAGE_LINK_H
#define MS_IMAGE_LINK_H

#include "image/files.h"
#include "image/placement.h"
#include "image/table.h"
#include "plan/make.h"
#include <jansson.h>
#include <stdbool.h>

struct ms_link {
	/* set by the caller: */
	json_t *plan;               /* checked, with "archive"; its layout may be raw */
	const struct ms_make *make; /* places, jobs, launcher */
	struct ms_wanted wanted;    /* formats, and where the image goes */
	uint64_t image_start;       /* where the loader image must lie; 0: wherever is best */
	bool verify;                /* the loader checks the members' digests */
	/* set by ms_link_place: */
	struct ms_payload payload;
	struct ms_placement placement;
	struct handoff_table table;
	struct ms_map_line map[MS_MAP_LINES];
	size_t lines;
};

/* Reads the archive, decides and proves the placement. Writes nothing. Returns MS_EXIT_OK, or
 * another status after reporting. */
int ms_link_place(struct ms_link *link);

/* After ms_link_place: links the loader around the archive. */
int ms_link_loader(struct ms_link *link);

/* After that: writes the image. *object receives the document's "image". */
int ms_link_image(struct ms_link *link, json_t **object);

/* Prints the commands that would be run; needs no archive. */
int ms_link_print(const struct ms_link *link);

#endif
