/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress.c - the status line.
 *
 *   [5/21] ms-compile: hello: build/pd/hello.o (2 running, 3.4 s)
 *
 * Stages and steps that have ended of all that are known, what runs now (of several the one that
 * runs longest), and for how long. It never is wider than the terminal, since a line that wraps
 * cannot be taken back.
 */
#include "drive/progress.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/temp.h"
#include "drive/color.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define REDRAW_MS 100
#define LINE_MAX_ 4096 /* of a line that is held back to be coloured */

static const char erase[] = "\r\033[K";

struct step {
	size_t id;
	const char *step, *output;
	int64_t since;
};

static enum ms_talk talk;
static bool terminal; /* stderr can overwrite a line */
static bool colors;
static volatile sig_atomic_t on_screen; /* the status line is there */
static volatile sig_atomic_t resized;
static bool in_line;        /* what was passed on last did not end its line */
static struct ms_buf held;  /* the beginning of a line that is not shown yet */
static size_t stages, at;   /* number of stages, and of the one that runs */
static size_t total, ended; /* stages and steps */
static size_t ran, cached, stage_ran, stage_cached;
static const char *current;
static struct step *steps; /* those that run, the oldest first */
static size_t step_count, step_cap;
static int64_t started, drawn, longest;
static char *longest_name;

int64_t ms_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void put(const char *data, size_t len)
{
	(void)ms_write_all(STDERR_FILENO, data, len); /* else there is nowhere left to say it */
}

static void put_line(char *line)
{
	put(line, strlen(line));
	free(line);
}

static void on_resize(int sig)
{
	(void)sig;
	resized = 1;
}

/* At the end of the program, in whatever way: the next prompt gets a clean line. */
static void leave(void)
{
	if (on_screen && write(STDERR_FILENO, erase, sizeof(erase) - 1) < 0)
		return;
	on_screen = 0;
}

void ms_progress_open(enum ms_talk how, enum ms_color color, size_t count)
{
	const struct sigaction resize = {.sa_handler = on_resize};
	const char *term = getenv("TERM");

	talk = how;
	stages = total = count;
	terminal = talk == MS_TALK_NORMAL && isatty(STDERR_FILENO) && term && *term &&
	           strcmp(term, "dumb") != 0;
	colors = ms_color_wanted(color);
	started = ms_now();
	if (!terminal)
		return;
	ms_on_end(leave);
	sigaction(SIGWINCH, &resize, NULL); /* no SA_RESTART: poll returns */
}

bool ms_progress_is_quiet(void)
{
	return talk == MS_TALK_QUIET;
}

void ms_progress_clear(void)
{
	if (on_screen)
		put(erase, sizeof(erase) - 1);
	else if (in_line)
		put("\n", 1);
	on_screen = 0;
	in_line = false;
}

/* -- the line ---------------------------------------------------------------------------- */

static size_t columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		return size.ws_col - 1u;
	return 79;
}

static char *seconds(int64_t ms)
{
	return ms_format("%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
}

/* At most width columns of it; one too long ends in "..". A character counts as one column. */
static void cut(char *line, size_t width)
{
	size_t column = 0, from = strlen(line);

	for (size_t i = 0; line[i]; i++) {
		if (((unsigned char)line[i] & 0xc0) == 0x80)
			continue;
		if (width >= 2 && column == width - 2)
			from = i;
		if (column++ == width) {
			line[width >= 2 ? from : 0] = '\0';
			memcpy(line + strlen(line), "..", width >= 2 ? 3 : 1);
			return;
		}
	}
}

static char *status_line(void)
{
	const struct step *oldest = step_count ? &steps[0] : NULL;
	struct ms_buf line = {0};
	int64_t age;

	ms_buf_printf(&line, "[%zu/%zu] %s", ended, total, current);
	if (!oldest)
		return line.data;
	age = ms_now() - oldest->since;
	ms_buf_printf(&line, ": %s: %s", oldest->step, oldest->output);
	if (step_count > 1 && age >= 1000)
		ms_buf_printf(&line, " (%zu running, %s)", step_count, seconds(age));
	else if (step_count > 1)
		ms_buf_printf(&line, " (%zu running)", step_count);
	else if (age >= 1000)
		ms_buf_printf(&line, " (%s)", seconds(age));
	return line.data;
}

static void draw(void)
{
	char *line;

	if (!terminal || !current || in_line || held.len)
		return;
	drawn = ms_now();
	resized = 0;
	line = status_line();
	cut(line, columns());
	/* In one piece, so that it does not flicker. */
	put_line(ms_format("%s%s", on_screen ? erase : "", line));
	on_screen = 1;
	free(line);
}

int ms_progress_wait(void)
{
	return terminal && current ? REDRAW_MS : -1;
}

void ms_progress_tick(void)
{
	if (terminal && (resized || ms_now() - drawn >= REDRAW_MS))
		draw();
}

/* -- stages and steps -------------------------------------------------------------------- */

void ms_progress_begin(size_t number, const char *what, const char *command)
{
	at = number;
	current = what;
	step_count = stage_ran = stage_cached = 0;
	if (talk == MS_TALK_VERBOSE)
		put_line(ms_format("[%zu/%zu] %s\n", at, stages, command));
	draw();
}

void ms_progress_end(void)
{
	ended++;
	if (talk != MS_TALK_NORMAL || terminal)
		return;
	if (stage_ran + stage_cached)
		put_line(ms_format("[%zu/%zu] %s: %zu made, %zu from the cache\n", at, stages,
		                   current, stage_ran, stage_cached));
	else
		put_line(ms_format("[%zu/%zu] %s\n", at, stages, current));
}

void ms_progress_steps(size_t count)
{
	if (total + count >= total)
		total += count;
	draw();
}

void ms_progress_step(size_t id, const char *step, const char *output)
{
	void *items = steps;

	ms_reserve(&items, &step_cap, step_count + 1, sizeof(*steps));
	steps = items;
	steps[step_count++] = (struct step){id, ms_strdup(step), ms_strdup(output), ms_now()};
	ms_progress_tick();
}

/* Takes it out of those that run; for how long it did. */
static int64_t take_step(size_t id)
{
	for (size_t i = 0; i < step_count; i++) {
		int64_t age = ms_now() - steps[i].since;

		if (steps[i].id != id)
			continue;
		memmove(&steps[i], &steps[i + 1], (--step_count - i) * sizeof(*steps));
		return age;
	}
	return 0;
}

int64_t ms_progress_step_end(size_t id, const char *status, const char *step, const char *output,
                             const char *command)
{
	int64_t age = take_step(id);
	bool done = strcmp(status, "done") == 0, from_cache = strcmp(status, "cached") == 0;

	ended++;
	stage_ran += done;
	ran += done;
	stage_cached += from_cache;
	cached += from_cache;
	if (done && age > longest) {
		longest = age;
		free(longest_name);
		longest_name = ms_format("%s: %s", step, output);
	}
	if (talk == MS_TALK_VERBOSE && done)
		put_line(
		    ms_format("  %s: %s: %s\n", step, seconds(age), command ? command : output));
	else if (talk == MS_TALK_VERBOSE)
		put_line(ms_format("  %s: %s: %s\n", step, output, status));
	ms_progress_tick();
	return age;
}

void ms_progress_counts(size_t *of_run, size_t *of_cache)
{
	*of_run = ran;
	*of_cache = cached;
}

void ms_progress_done(void)
{
	struct ms_buf line = {0};

	ms_progress_clear();
	current = NULL;
	if (!terminal && talk != MS_TALK_VERBOSE)
		return;
	ms_buf_printf(&line, "done in %s", seconds(ms_now() - started));
	if (ran + cached)
		ms_buf_printf(&line, ": %zu made, %zu from the cache", ran, cached);
	if (longest >= 100 && ran > 1)
		ms_buf_printf(&line, "; longest %s, %s", seconds(longest), longest_name);
	if (terminal)
		cut(line.data, columns());
	put_line(ms_format("%s\n", line.data));
	free(line.data);
}

void ms_progress_nothing(void)
{
	static const char line[] = "nothing has changed\n";

	if (talk != MS_TALK_QUIET)
		put(line, sizeof(line) - 1);
}

/* -- what others say --------------------------------------------------------------------- */

/* Whole lines in colour; what is left waits for its end. */
static void pass_colored(const char *data, size_t len)
{
	struct ms_buf out = {0};
	size_t done = 0;

	ms_buf_add(&held, data, len);
	for (;;) {
		const char *line = held.data + done;
		const char *stop = memchr(line, '\n', held.len - done);

		if (!stop)
			break;
		ms_color_line(&out, line, (size_t)(stop - line));
		ms_buf_puts(&out, "\n");
		done = (size_t)(stop - held.data) + 1;
	}
	if (held.len - done > LINE_MAX_) {
		ms_buf_add(&out, held.data + done, held.len - done);
		done = held.len;
	}
	memmove(held.data, held.data + done, held.len - done);
	held.len -= done;
	if (out.len == 0)
		return;
	ms_progress_clear();
	put(out.data, out.len);
	in_line = out.data[out.len - 1] != '\n';
	free(out.data);
}

/* At the end of a stage, which may have ended within a line. */
static void pass_held(void)
{
	if (held.len == 0)
		return;
	ms_progress_clear();
	put(held.data, held.len);
	in_line = true;
	held.len = 0;
}

void ms_progress_pass(const char *data, size_t len)
{
	if (len == 0) {
		pass_held();
		return;
	}
	if (colors) {
		pass_colored(data, len);
	} else {
		if (on_screen)
			ms_progress_clear();
		put(data, len);
		in_line = data[len - 1] != '\n';
	}
	draw();
}

void ms_progress_failed(const char *what, const char *name, int status)
{
	static const char red[] = "\033[1;31m", plain[] = "\033[0m";

	pass_held();
	ms_progress_clear();
	current = NULL;
	if (colors)
		put(red, sizeof(red) - 1);
	if (status > 128)
		ms_report(MS_ERROR, NULL, NULL, "%s %s failed (signal %d)", what, name,
		          status - 128);
	else
		ms_report(MS_ERROR, NULL, NULL, "%s %s failed (exit %d)", what, name, status);
	if (colors)
		put(plain, sizeof(plain) - 1);
}
