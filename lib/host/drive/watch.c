/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watch.c - reads what a stage tells, and says it on. See watch.h.
 */
#include "drive/watch.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/events.h"
#include "base/inherit.h"
#include "base/json.h"
#include "base/run.h"
#include "drive/log.h"
#include "drive/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_LONGEST (4u * 1024 * 1024) /* of an event */
#define TEXT_LONGEST (64u * 1024)       /* of a line on stderr */
#define STEPS_MAX    1000000            /* of a stage */

/* -- the pipe ---------------------------------------------------------------------------- */

void ms_watch_open(struct ms_watch *w, const char *stage)
{
	int ends[2];

	*w = (struct ms_watch){.stage = stage, .fd = -1, .theirs = -1};
	unsetenv(MS_EVENTS_VARIABLE);
	if (ms_progress_is_quiet() && !ms_log_wanted())
		return;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return; /* it works without */
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 ||
	    !ms_hand_on(MS_EVENTS_VARIABLE, ends[1], ms_log_owns_stderr() ? MS_EVENTS_ONLY : "")) {
		close(ends[0]);
		close(ends[1]);
		return;
	}
	w->fd = ends[0];
	w->theirs = ends[1];
	w->commands = json_object();
}

void ms_watch_started(struct ms_watch *w)
{
	unsetenv(MS_EVENTS_VARIABLE);
	if (w->theirs >= 0)
		close(w->theirs);
	w->theirs = -1;
}

void ms_watch_close(struct ms_watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	json_decref(w->commands);
	w->commands = NULL;
}

/* -- events ------------------------------------------------------------------------------ */

static const char *text_of(const json_t *event, const char *key)
{
	return json_string_value(json_object_get(event, key));
}

static bool number_of(const json_t *event, const char *key, json_int_t max, json_int_t *value)
{
	const json_t *member = json_object_get(event, key);

	*value = json_integer_value(member);
	return json_is_integer(member) && *value >= 0 && *value <= max;
}

/* Its command as a shell would read it; kept until it ends. */
static bool keep_command(struct ms_watch *w, const char *id, const json_t *event)
{
	json_t *command = json_object_get(event, "command"), *word, *kept;
	struct ms_buf line = {0};
	size_t i;

	if (!json_is_array(command))
		return false;
	json_array_foreach(command, i, word)
	{
		if (!json_is_string(word))
			return false;
		if (i)
			ms_buf_puts(&line, " ");
		ms_shell_word(&line, json_string_value(word));
	}
	kept = json_object();
	ms_doc_set(kept, "line", ms_doc_new_string(line.data ? line.data : ""));
	ms_doc_set(kept, "step", json_incref(json_object_get(event, "step")));
	ms_doc_set(w->commands, id, kept);
	free(line.data);
	return true;
}

static bool take_step(struct ms_watch *w, const char *what, json_t *event)
{
	static const char *const ends[] = {"done", "cached", "failed", "skipped"};
	const char *step = text_of(event, "step"), *output = text_of(event, "output"), *status;
	const json_t *kept;
	json_int_t id;
	char key[24];

	if (!number_of(event, "id", MS_DOC_INT_MAX, &id))
		return false;
	snprintf(key, sizeof(key), "%" JSON_INTEGER_FORMAT, id);
	kept = json_object_get(w->commands, key);
	if (strcmp(what, "output") == 0) {
		if (!text_of(event, "text"))
			return false;
		if (kept)
			ms_doc_set(event, "step", json_incref(json_object_get(kept, "step")));
		ms_log_output(w->stage, event);
		return true;
	}
	if (!step || !output)
		return false;
	if (strcmp(what, "start") == 0) {
		if (kept || json_object_size(w->commands) > STEPS_MAX ||
		    !keep_command(w, key, event))
			return false;
		ms_progress_step((size_t)id, step, output);
		ms_log_step_start(w->stage, event);
		return true;
	}
	status = text_of(event, "status");
	for (size_t i = 0; status && i < sizeof(ends) / sizeof(ends[0]); i++) {
		int64_t ms;

		if (strcmp(status, ends[i]) != 0)
			continue;
		ms = ms_progress_step_end((size_t)id, status, step, output, text_of(kept, "line"));
		ms_log_step_end(w->stage, event, ms);
		json_object_del(w->commands, key);
		return true;
	}
	return false;
}

static bool take_message(struct ms_watch *w, json_t *event)
{
	const char *severity = text_of(event, "severity");
	json_int_t number;

	if (!severity || !text_of(event, "file") || !text_of(event, "rule") ||
	    !text_of(event, "text") || !number_of(event, "line", UINT32_MAX, &number) ||
	    !number_of(event, "col", UINT32_MAX, &number) ||
	    (strcmp(severity, "error") != 0 && strcmp(severity, "warning") != 0 &&
	     strcmp(severity, "note") != 0))
		return false;
	ms_log_message(w->stage, event);
	return true;
}

/* False for what is no event: it is not ours, and tells nothing. */
static bool take_event(struct ms_watch *w, const char *line, size_t len)
{
	json_t *event = ms_json_load(line, len, NULL);
	const char *what = text_of(event, "event");
	json_int_t count;
	bool good = false;

	if (what && strcmp(what, "steps") == 0) {
		good = number_of(event, "count", STEPS_MAX, &count);
		if (good)
			ms_progress_steps((size_t)count);
	} else if (what && strcmp(what, "message") == 0) {
		good = take_message(w, event);
	} else if (what && (strcmp(what, "start") == 0 || strcmp(what, "output") == 0 ||
	                    strcmp(what, "end") == 0)) {
		good = take_step(w, what, event);
	}
	json_decref(event);
	return good;
}

static void take_lines(struct ms_watch *w)
{
	size_t done = 0;

	for (;;) {
		const char *line = w->rest.data + done;
		const char *stop = memchr(line, '\n', w->rest.len - done);

		if (!stop)
			break;
		if (take_event(w, line, (size_t)(stop - line)))
			w->spoke = true;
		done += (size_t)(stop - line) + 1;
	}
	memmove(w->rest.data, w->rest.data + done, w->rest.len - done);
	w->rest.len -= done;
	if (w->rest.len > LINE_LONGEST)
		w->rest.len = 0;
}

void ms_watch_take(struct ms_watch *w)
{
	static char chunk[65536];

	while (w->fd >= 0) {
		ssize_t n = read(w->fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close(w->fd);
			w->fd = -1;
			return;
		}
		ms_buf_add(&w->rest, chunk, (size_t)n);
		take_lines(w);
	}
}

/* -- its stderr -------------------------------------------------------------------------- */

static void log_text(struct ms_watch *w, const char *text, size_t len)
{
	const char *last;
	size_t whole;

	ms_buf_add(&w->text, text, len); /* data is there from now on */
	last = memrchr(w->text.data, '\n', w->text.len);
	whole = len == 0 || w->text.len > TEXT_LONGEST ? w->text.len
	        : last                                 ? (size_t)(last - w->text.data) + 1
	                                               : 0;
	ms_log_text(w->stage, w->text.data, whole);
	memmove(w->text.data, w->text.data + whole, w->text.len - whole);
	w->text.len -= whole;
}

void ms_watch_text(struct ms_watch *w, const char *text, size_t len)
{
	if (!ms_log_owns_stderr())
		ms_progress_pass(text, len);
	/* What a stage that tells writes beside its events is for people alone. */
	if (ms_log_wanted() && (ms_log_owns_stderr() || !w->spoke))
		log_text(w, text, len);
}
