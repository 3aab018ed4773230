/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reach.h - who can reach whom, and whether what the specification asserts of it holds: by the
 * layout's table where there is one, else by what the specification says.
 */
#ifndef MS_REPORT_REACH_H
#define MS_REPORT_REACH_H

#include "layout/layout.h"
#include "report/document.h"

struct ms_reach {
	struct ms_layout_relations now; /* in one step */
	uint64_t all[MS_PD_MAX];        /* in any number of steps; never itself */
	bool by_table;                  /* not just as it is meant */
	bool known;                     /* false: the one PD has everything */
};

/* Ends the program with 1 when nothing can be said of the layout's table. */
void ms_reach_find(const struct ms_document *document, struct ms_reach *reach);

bool ms_reach_holds(const struct ms_spec *spec, const struct ms_reach *reach,
                    const struct ms_assertion *assertion);

#endif
