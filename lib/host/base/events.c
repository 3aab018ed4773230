/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * events.c - tells ms-build what this program is doing. See events.h.
 */
#include "base/events.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/inherit.h"
#include "base/json.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int channel = -1;
static bool only, opened;
static size_t known; /* commands */

/* Writes one event, and frees it. A listener that has gone away is no reason to stop. */
static void tell(struct ms_buf *line)
{
	ms_buf_puts(line, "}\n");
	if (channel >= 0 && ms_write_all(channel, line->data, line->len) != 0) {
		close(channel);
		channel = -1;
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
	const char *rest;
	int fd;

	if (opened)
		return;
	opened = true;
	fd = ms_inherit(MS_EVENTS_VARIABLE, S_IFIFO, &rest);
	if (fd < 0)
		return;
	only = strcmp(rest, MS_EVENTS_ONLY) == 0;
	if (!only && *rest)
		return;
	channel = fd;
	ms_diag_hook(tell_message);
}

void ms_events_again(void)
{
	if (channel >= 0)
		close(channel);
	channel = -1;
	only = opened = false;
	known = 0;
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
