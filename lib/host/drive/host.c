/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host.c - stages as functions in a process of their own. See host.h.
 */
#include "drive/host.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/events.h"
#include "base/inherit.h"
#include "base/notes.h"
#include "base/relay.h"
#include "drive/alike.h"
#include "stage/stage.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	ms_stage_function *run;
} table[] = {
    {"ms-import", ms_stage_import},   {"ms-parse", ms_stage_parse},
    {"ms-plan", ms_stage_plan},       {"ms-hash", ms_stage_hash},
    {"ms-compile", ms_stage_compile}, {"ms-layout", ms_stage_layout},
    {"ms-cpio", ms_stage_cpio},       {"ms-link", ms_stage_link},
};

static ms_stage_function *function_of(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].name, name) == 0)
			return table[i].run;
	}
	return NULL;
}

bool ms_host_can(const char *name, const char *path)
{
	return function_of(name) && ms_alike(path, name);
}

struct host {
	const struct ms_hosted *stages;
	size_t count;
	const int *mine;
	size_t mine_count;
	int notes_fd;
};

/* The environment in which the program would have been started. */
static void set_variables(const struct host *host, const struct ms_hosted *stage)
{
	int fd;

	unsetenv(MS_NOTES_VARIABLE);
	unsetenv(MS_EVENTS_VARIABLE);
	if (stage->events)
		setenv(MS_EVENTS_VARIABLE, stage->events, 1);
	if (host->notes_fd < 0)
		return;
	/* Each closes its own. */
	fd = fcntl(host->notes_fd, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0)
		(void)ms_hand_on(MS_NOTES_VARIABLE, fd, "");
}

static void take_end(int fd, int as)
{
	if (fd < 0)
		return;
	if (dup2(fd, as) < 0)
		_exit(MS_EXIT_SYSTEM);
	close(fd);
}

/* Everything of the program before it must look as at a program's start. */
static void begin(const struct host *host, const struct ms_hosted *stage, bool first)
{
	if (!first && !ms_child_told(stage->in))
		_exit(MS_EXIT_SYSTEM); /* nobody wants it any more */
	take_end(stage->in, STDIN_FILENO);
	ms_diag_again();
	ms_cli_again();
	ms_notes_again(stage->argv->items[0]);
	ms_events_again();
	set_variables(host, stage);
}

/* Its end is seen when nobody holds its pipes any more. */
static void end(const struct ms_hosted *stage, const struct ms_hosted *next)
{
	ms_child_tell(stage->done);
	close(stage->done);
	ms_events_again();
	if (!next)
		_exit(MS_EXIT_OK);
	take_end(next->out, STDOUT_FILENO);
	take_end(next->err, STDERR_FILENO);
}

static void run(void *user)
{
	const struct host *host = user;

	for (size_t i = 0; i < host->mine_count; i++) {
		if (host->mine[i] >= 0)
			close(host->mine[i]);
	}
	/* What is not of this stage is not for the compilers that it starts. */
	for (size_t i = 0; i < host->count; i++) {
		if (host->stages[i].events_fd >= 0)
			fcntl(host->stages[i].events_fd, F_SETFD, FD_CLOEXEC);
	}
	if (host->notes_fd >= 0)
		fcntl(host->notes_fd, F_SETFD, FD_CLOEXEC);
	ms_mem_expect_for(MS_MEM_MANY);
	ms_relay_open();
	take_end(host->stages[0].out, STDOUT_FILENO);
	take_end(host->stages[0].err, STDERR_FILENO);
	for (size_t i = 0; i < host->count; i++) {
		const struct ms_hosted *stage = &host->stages[i];
		const struct ms_list *argv = stage->argv;
		char **words;

		begin(host, stage, i == 0);
		memcpy(&words, &argv->items, sizeof(words));
		ms_diag_done(function_of(stage->name)((int)argv->count, words));
		end(stage, i + 1 < host->count ? &host->stages[i + 1] : NULL);
	}
	_exit(MS_EXIT_SYSTEM);
}

int ms_host_start(struct ms_child *child, const struct ms_hosted *stages, size_t count,
                  const int *mine, size_t mine_count, int notes_fd)
{
	struct host host = {stages, count, mine, mine_count, notes_fd};

	return ms_child_fork(child, run, &host);
}
