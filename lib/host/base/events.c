/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * events.c - tells ms-build what this program is doing. See events.h.
 */
#include "base/events.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int channel = -1;
static bool only;

/* True when text names an open pipe that is the one that was meant. */
static bool is_ours(const char *text, int *fd)
{
	uintmax_t dev, ino;
	struct stat st;
	int end = 0;

	if (sscanf(text, "%d:%ju:%ju%n", fd, &dev, &ino, &end) != 3)
		return false;
	only = strcmp(text + end, MS_EVENTS_ONLY) == 0;
	return (only || text[end] == '\0') && *fd > 2 && fstat(*fd, &st) == 0 && st.st_dev == dev &&
	       st.st_ino == ino && S_ISFIFO(st.st_mode);
}

/* Writes one event, and frees it. A listener that has gone away is no reason to stop. */
static void tell(struct ms_buf *line)
{
	const char *p;
	size_t left;

	ms_buf_puts(line, "}\n");
	for (p = line->data, left = line->len; left && channel >= 0;) {
		ssize_t n = write(channel, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			close(channel);
			channel = -1;
			break;
		}
		p += n;
		left -= (size_t)n;
	}
	free(line->data);
}

static void add_text(struct ms_buf *line, const char *key, const char *text)
{
	char *visible = ms_visible(text ? text : "");

	ms_buf_printf(line, ",\"%s\":", key);
	ms_json_add_string(line, visible, strlen(visible));
	free(visible);
}

/* Diagnostics on their way to stderr. */
static bool tell_message(const char *severity, const struct ms_place *place, const char *rule,
                         const char *text)
{
	struct ms_buf line = {0};

	if (channel < 0)
		return false;
	ms_buf_printf(&line, "{\"event\":\"message\",\"severity\":\"%s\",\"line\":%u,\"col\":%u",
	              severity, place ? place->line : 0, place ? place->col : 0);
	add_text(&line, "file", place ? place->source->name : NULL);
	add_text(&line, "rule", rule);
	add_text(&line, "text", text);
	tell(&line);
	return only && channel >= 0;
}

void ms_events_open(void)
{
	static bool opened;
	const char *text;
	int fd;

	if (opened)
		return;
	opened = true;
	text = getenv("MS_EVENTS");
	/* They are about this program, not about those that it starts. */
	if (text && is_ours(text, &fd) && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		channel = fd;
	if (text)
		unsetenv(MS_EVENTS_VARIABLE);
	if (channel >= 0)
		ms_diag_hook(tell_message);
}

bool ms_events_wanted(void)
{
	return channel >= 0;
}

bool ms_events_only(void)
{
	return channel >= 0 && only;
}

size_t ms_event_steps(size_t count)
{
	static size_t known;
	size_t first = known;
	struct ms_buf line = {0};

	known += count;
	if (channel < 0 || count == 0)
		return first;
	ms_buf_printf(&line, "{\"event\":\"steps\",\"count\":%zu", count);
	tell(&line);
	return first;
}

void ms_event_start(size_t id, const char *step, const char *output, const char *const *argv)
{
	struct ms_buf line = {0};

	if (channel < 0)
		return;
	ms_buf_printf(&line, "{\"event\":\"start\",\"id\":%zu", id);
	add_text(&line, "step", step);
	add_text(&line, "output", output);
	ms_buf_puts(&line, ",\"command\":[");
	for (size_t i = 0; argv[i]; i++) {
		char *visible = ms_visible(argv[i]);

		if (i)
			ms_buf_puts(&line, ",");
		ms_json_add_string(&line, visible, strlen(visible));
		free(visible);
	}
	ms_buf_puts(&line, "]");
	tell(&line);
}

void ms_event_output(size_t id, const char *text, size_t len)
{
	while (channel >= 0 && len) {
		const char *stop = memchr(text, '\n', len);
		size_t n = stop ? (size_t)(stop - text) : len;
		char *one = ms_strndup(text, n);
		struct ms_buf line = {0};

		ms_buf_printf(&line, "{\"event\":\"output\",\"id\":%zu", id);
		add_text(&line, "text", one);
		tell(&line);
		free(one);
		text += n + (stop != NULL);
		len -= n + (stop != NULL);
	}
}

void ms_event_end(size_t id, const char *step, const char *output, const char *status)
{
	struct ms_buf line = {0};

	if (channel < 0)
		return;
	ms_buf_printf(&line, "{\"event\":\"end\",\"id\":%zu,\"status\":\"%s\"", id, status);
	add_text(&line, "step", step);
	add_text(&line, "output", output);
	tell(&line);
}
