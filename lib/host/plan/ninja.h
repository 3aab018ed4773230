/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ninja.h - a plan as a ninja file, for larger builds and their remote executors.
 */
#ifndef MS_PLAN_NINJA_H
#define MS_PLAN_NINJA_H

#include "base/doc.h"
#include "base/mem.h"
#include "base/toolkit.h"

struct ms_ninja {
	struct ms_places places; /* all of them */
	const char *tools;       /* the folder of the toolkit's programs */
	const char *spec;        /* the TOML, as ninja is to find it */
	const char *kernel;      /* --kernel, or NULL: as the environment says */
	const char *launcher;    /* words before each compiler call, or NULL */
	const char *file;        /* the ninja file's own name, or NULL: it is not made anew */
};

/*
 * Adds the ninja file: an edge for each compile command of the plan, with the words that ms-compile
 * and ms-link would run, and one for each program of the pipeline. plan: "spec" and "steps".
 */
void ms_ninja_write(struct ms_buf *out, const json_t *plan, const struct ms_ninja *ninja);

#endif
