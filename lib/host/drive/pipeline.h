/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pipeline.h - the stages as child processes, each reading what the one before it wrote.
 */
#ifndef MS_DRIVE_PIPELINE_H
#define MS_DRIVE_PIPELINE_H

#include "base/mem.h"
#include "drive/progress.h"
#include <stdbool.h>
#include <stddef.h>

/* What a person asked of ms-build; NULL, 0 or empty: not said. */
struct ms_drive {
	const char *spec;            /* NULL: standard input */
	struct ms_list search_paths; /* --search-path, for a specification in XML */
	const char *build;           /* -B */
	const char *image;           /* -o */
	const char *kernel;          /* --kernel */
	const char *launcher;        /* --launcher */
	const char *jobs;            /* -j, checked */
	const char *lock;            /* --locked: the lock that the build is held to */
	bool hermetic;               /* --hermetic */
	bool save;                   /* keep every document in BUILD_DIR/stages */
	bool whole;                  /* the last document is needed with all its keys */
	bool quiet, verbose;
	enum ms_color color;     /* --color */
	struct ms_list silenced; /* --silence, names of rules (preflight.h) */
	struct ms_list formats;  /* --format, in the order given */
	struct ms_list fit_keys; /* --fit-key */
	struct ms_list replaced; /* NAME=PROGRAM each */
	struct ms_list filters;  /* AFTER=PROGRAM each, in the order given */
};

struct ms_stage {
	const char *what;     /* "stage" or "filter" */
	const char *name;     /* "ms-parse"; of a filter its program's last component */
	struct ms_list argv;  /* argv[0] is a path */
	bool hosted;          /* by a function, not by its program (host.h) */
	struct ms_buf output; /* its document, once it has ended well */
};

struct ms_pipeline {
	struct ms_stage *stages;
	size_t count, cap;
	bool feeds_stdin; /* the first stage reads our standard input */
	bool lets_go;     /* of the documents the last alone stays, each other until the next */
	int notes;        /* the file for its programs' notes (base/notes.h); -1: none */
};

enum ms_pipeline_end {
	MS_PIPELINE_PLAN, /* up to ms-hash */
	MS_PIPELINE_DRY,  /* the same, then ms-compile --dry-run */
	MS_PIPELINE_IMAGE /* all of it */
};

/* The stages that these options ask for. A wrong NAME=PROGRAM ends the program with 2, a missing
 * program with 3. */
void ms_pipeline_make(struct ms_pipeline *pipeline, const struct ms_drive *drive,
                      enum ms_pipeline_end end);

/* Called after each stage that ended well, before the next one gets its document. */
typedef void ms_pipeline_after(void *user, size_t index, const struct ms_stage *stage);

/*
 * Runs it. Returns 0, or the exit code of the stage that failed, which has been named on stderr;
 * the others have been ended. A stage that cannot be started ends the program with 3.
 */
int ms_pipeline_run(struct ms_pipeline *pipeline, ms_pipeline_after *after, void *user);

/* True for a specification that is a system description of Microkit (XML): by its name, or by how
 * it begins. */
bool ms_pipeline_imports(const struct ms_drive *drive);

/* The path of one stage's own program, e.g. "parse": replaced or our own. */
char *ms_pipeline_program(const struct ms_drive *drive, const char *name);

#endif
