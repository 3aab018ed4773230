/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run.h - running other programs: argument vectors, never a shell; a clean environment;
 * several at a time.
 */
#ifndef MS_BASE_RUN_H
#define MS_BASE_RUN_H

#include "base/mem.h"
#include "base/sandbox.h"
#include <stdbool.h>
#include <stddef.h>

/*
 * The environment that every tool of a build gets, NULL-terminated: PATH and TMPDIR as found,
 * LC_ALL=C, TZ=UTC, SOURCE_DATE_EPOCH (as set, else 0; anything but digits ends the program
 * with 2), and what a launcher needs (HOME, XDG_*, CCACHE_*, SCCACHE_*, DISTCC_*, ICECC*) when
 * with_launcher is true.
 */
const char *const *ms_clean_environment(bool with_launcher);

/* Path of a program, looked up in PATH (as is when it holds a slash); NULL when missing. */
char *ms_find_program(const char *name);

/*
 * A command and its words must live until it has ended. A child has /dev/null as its input, a
 * process group of its own, and no descriptor of ours but 0, 1 and 2. When this program ends
 * early (a signal handled by ms_file_on_signals, ms_die_…) its children are ended first.
 */
struct ms_command {
	const char *const *argv;    /* NULL-terminated; argv[0] is looked up by ms_find_program */
	const char *const *env;     /* NULL: ms_clean_environment(false) */
	const char *dir;            /* working folder; NULL: the current one */
	struct ms_sandbox *sandbox; /* prepared; NULL: it sees everything. dir must be NULL then */
	/* Called with the job's user and index when it has been started; NULL: not. */
	void (*started)(void *user, size_t index);
};

/* How a command ended. */
struct ms_result {
	int error;            /* errno when it could not be started or heard out, else 0 */
	int status;           /* exit code, or 128 + signal; 127 when it could not be started */
	struct ms_buf output; /* what it wrote on stdout and stderr, in order; past 1 MiB the
	                       * rest is dropped and a line says so */
};

/* Adds a word as a shell reads it: as it is, or in single quotes (POSIX.1, 2.2.2). */
void ms_shell_word(struct ms_buf *out, const char *word);

/* Runs one command to its end. */
struct ms_result ms_run(const struct ms_command *command);

/*
 * Several at a time: at most jobs (0: as many as a GNU make jobserver named in MAKEFLAGS
 * grants, else the number of processors). Commands start in the order they are added, as soon
 * as there is room: a command may be running when ms_runner_add returns. done is called once
 * for each, in the order of completion, always from ms_runner_wait; it may add commands.
 * The result is freed after done returns unless done takes output.data.
 */
typedef void ms_run_done(void *user, size_t index, struct ms_result *result);
struct ms_runner;
struct ms_runner *ms_runner_new(unsigned jobs);
void ms_runner_add(struct ms_runner *runner, const struct ms_command *command, ms_run_done *done,
                   void *user, size_t index);
void ms_runner_wait(struct ms_runner *runner);           /* until all have ended */
unsigned ms_runner_jobs(const struct ms_runner *runner); /* at most so many run at a time */

/* The same for commands known beforehand. */
void ms_run_all(const struct ms_command *commands, size_t count, unsigned jobs, ms_run_done *done,
                void *user);

/*
 * Takes the network away from this program and all it starts from now on: a network namespace
 * of its own, with nothing in it. Where the user may not make one, a user namespace is made
 * with it. False, with errno, where the kernel does not allow that. One call for the whole
 * program costs less than one namespace per command, and we need no network either.
 */
bool ms_drop_network(void);

#endif
