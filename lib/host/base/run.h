/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run.h - running other programs: argument vectors, never a shell; a clean environment;
 * several at a time.
 */
#ifndef MS_BASE_RUN_H
#define MS_BASE_RUN_H

#include "base/mem.h"
#include <stdbool.h>
#include <stddef.h>

/* The environment that every tool of a build gets: PATH as found, LC_ALL=C, TZ=UTC,
 * SOURCE_DATE_EPOCH (as set, else 0), and what a launcher needs (HOME, CCACHE_*, DISTCC_*,
 * ICECC*) when with_launcher is true. NULL-terminated. */
const char *const *ms_clean_environment(bool with_launcher);

/* Full path of a program, looked up in PATH (as is when it holds a slash); NULL when missing. */
char *ms_find_program(const char *name);

struct ms_command {
	const char *const *argv; /* NULL-terminated */
	const char *const *env;  /* NULL: ms_clean_environment(false) */
	const char *dir;         /* working folder; NULL: the current one */
	bool no_network;         /* in a network namespace of its own, where the kernel allows it */
};

/* How a command ended. */
struct ms_result {
	int error;            /* errno when it could not be started, else 0 */
	int status;           /* exit code, or 128 + signal */
	struct ms_buf output; /* what it wrote on stdout and stderr, in order, at most 1 MiB */
};

/* Runs one command to its end. */
struct ms_result ms_run(const struct ms_command *command);

/*
 * Runs count commands, at most jobs at a time (0: number of processors; under a GNU make
 * jobserver, MAKEFLAGS, as many as it grants), starting them in order. done is called for
 * each in the order of completion, in the calling thread.
 */
typedef void ms_run_done(void *user, size_t index, const struct ms_result *result);
void ms_run_all(const struct ms_command *commands, size_t count, unsigned jobs, ms_run_done *done,
                void *user);

/* True when the kernel lets a child have a network namespace of its own. */
bool ms_can_drop_network(void);

#endif
