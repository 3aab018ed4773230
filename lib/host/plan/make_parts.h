/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make_parts.h - what the files of ms_make share: its commands while they are carried out.
 */
#ifndef MS_PLAN_MAKE_PARTS_H
#define MS_PLAN_MAKE_PARTS_H

#include "plan/make.h"
#include "plan/toolchain.h"
#include "plan/words.h"

#include "base/cache.h"
#include "base/file.h"
#include "base/names.h"
#include "base/run.h"

#include <time.h>

#define MS_MAKE_FILE_MAX (1024u * 1024 * 1024)

/* A file that is known to be read before the command runs. */
struct known {
	const char *name; /* plan path */
	char sha256[MS_SHA256_HEX];
	uint64_t size;
};

struct task {
	struct ms_make_command *command;
	struct ms_words words;
	struct known *known;
	size_t known_count, known_cap;
	size_t *users; /* tasks that wait for this one */
	size_t user_count, user_cap;
	size_t waiting; /* for so many tasks */
	unsigned tries;
	/* while it runs, and until its entry is written: */
	struct ms_command run;
	struct ms_temp output, depfile;
	struct ms_temp listing;     /* of what the assembler reads; path NULL: it is not asked */
	struct ms_sandbox *sandbox; /* NULL: it sees everything */
	struct timespec started;    /* by the clock of the file system */
	struct ms_cache_entry entry;
	bool keep; /* the entry may be written */
	bool kept; /* it was */
	bool begun;
	bool adopted;      /* made by another build */
	struct task *next; /* in the line of those that have to run */
};

struct making {
	const struct ms_make *make;
	struct ms_cache cache;
	struct ms_runner *runner; /* NULL until something has to run */
	struct ms_list launcher;
	const char *const *env;
	struct task *tasks;
	size_t count;
	struct ms_names makers; /* of each output: the index of its task, + 1 */
	size_t first_id;        /* of the first task's events */
	bool cold; /* the cache was empty: no look-ups, entries are written at the end */
	/* What has to run, in the order in which it could: only so much at a time has its
	 * temporary files and what they take of descriptors. */
	struct task *line, **line_end;
	unsigned open; /* tasks that left the line and have not ended */
};

/* The path of a plan path; user: a struct making. */
char *ms_make_expand(void *user, const char *name);

/* Reports what is wrong with a command, which has failed then. */
void ms_make_fail(const struct task *task, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

struct ms_toolchain *ms_make_toolchain(struct making *m, const struct task *task);

bool ms_make_is_known(const struct task *task, const char *name);

/* READ_SILENT: the result is good but cannot be kept; READ_CHANGED: a file changed meanwhile. */
enum ms_reading { READ_GOOD, READ_SILENT, READ_CHANGED };

/* What was known beforehand must still be what it was, and a file that can be recorded; reports
 * what is not. */
bool ms_make_known_held(struct making *m, struct task *task);

/* Takes up what a command read by its dependency file. Without one, where there should be, the
 * command has failed. */
enum ms_reading ms_make_read_depfile(struct making *m, struct task *task);

/* Takes up the files that the dependency file is silent about. Where there are any it is not
 * READ_GOOD, since nobody says what was looked for and not found. must: there will be. */
enum ms_reading ms_make_read_embedded(struct making *m, struct task *task, bool must);

#endif
