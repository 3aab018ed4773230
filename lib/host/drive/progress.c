/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress.c - the status line.
 */
#include "drive/progress.h"
#include "base/diag.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static enum ms_talk talk;
static bool terminal;  /* stderr can overwrite a line */
static bool on_screen; /* the status line is there */
static bool in_line;   /* what was passed on last did not end its line */
static size_t total, at;
static const char *current;

static void put(const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(STDERR_FILENO, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* nowhere left to say it */
		data += n;
		len -= (size_t)n;
	}
}

void ms_progress_open(enum ms_talk how, size_t stages)
{
	const char *term = getenv("TERM");

	talk = how;
	total = stages;
	terminal = talk == MS_TALK_NORMAL && isatty(STDERR_FILENO) && term && *term &&
	           strcmp(term, "dumb") != 0;
}

bool ms_progress_owns_terminal(void)
{
	return terminal;
}

void ms_progress_clear(void)
{
	static const char erase[] = "\r\033[K";

	if (on_screen)
		put(erase, sizeof(erase) - 1);
	else if (in_line)
		put("\n", 1);
	on_screen = in_line = false;
}

static void draw(void)
{
	struct winsize size;
	char *line;
	size_t len, width = 79;

	if (!terminal || !current)
		return;
	ms_progress_clear();
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		width = size.ws_col - 1u;
	line = ms_format("[%zu/%zu] %s", at, total, current);
	len = strlen(line);
	put(line, len < width ? len : width);
	free(line);
	on_screen = true;
}

void ms_progress_begin(size_t number, const char *what, const char *command)
{
	at = number;
	current = what;
	if (talk == MS_TALK_VERBOSE) {
		char *line = ms_format("[%zu/%zu] %s\n", at, total, command);

		put(line, strlen(line));
		free(line);
	}
	draw();
}

void ms_progress_end(void)
{
	if (talk == MS_TALK_NORMAL && !terminal) {
		char *line = ms_format("[%zu/%zu] %s\n", at, total, current);

		put(line, strlen(line));
		free(line);
	}
}

void ms_progress_nothing(void)
{
	static const char line[] = "nothing has changed\n";

	if (talk != MS_TALK_QUIET)
		put(line, sizeof(line) - 1);
}

void ms_progress_pass(const char *data, size_t len)
{
	if (len == 0)
		return;
	if (on_screen)
		ms_progress_clear();
	put(data, len);
	in_line = data[len - 1] != '\n';
	if (!in_line)
		draw();
}

void ms_progress_failed(const char *what, const char *name, int status)
{
	static const char red[] = "\033[1;31m", plain[] = "\033[0m";
	const char *no_color = getenv("NO_COLOR");
	bool color = terminal && !(no_color && *no_color);

	ms_progress_clear();
	current = NULL;
	if (color)
		put(red, sizeof(red) - 1);
	if (status > 128)
		ms_report(MS_ERROR, NULL, NULL, "%s %s failed (signal %d)", what, name,
		          status - 128);
	else
		ms_report(MS_ERROR, NULL, NULL, "%s %s failed (exit %d)", what, name, status);
	if (color)
		put(plain, sizeof(plain) - 1);
}
