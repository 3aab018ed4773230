/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.c - --log json. See log.h.
 */
#include "drive/log.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/json.h"
#include "base/temp.h"
#include "drive/color.h"
#include "drive/progress.h"
#include "drive/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_SCHEMA "ms-log/1"

static int log_fd = -1;
static bool owns_stderr;
static volatile sig_atomic_t in_build; /* a build-start was written, and no build-end */
static int64_t started;

/* A log that cannot be written any more is no reason to stop a build. */
static void put(const char *data, size_t len)
{
	if (log_fd >= 0 && ms_write_all(log_fd, data, len) != 0)
		log_fd = -1;
}

static json_t *new_event(const char *name)
{
	json_t *event = json_object();

	ms_doc_set(event, "event", ms_doc_new_string(name));
	return event;
}

static void write_event(json_t *event)
{
	struct ms_buf line = {0};

	ms_doc_set(event, "at_ms", ms_doc_new_integer(ms_now() - started));
	ms_json_write(&line, event);
	ms_buf_puts(&line, "\n");
	put(line.data, line.len);
	free(line.data);
	json_decref(event);
}

static void set_text(json_t *event, const char *key, const char *text, size_t len)
{
	char *copy = ms_strndup(text, len), *visible = ms_visible(copy);

	ms_doc_set(event, key, ms_doc_new_string(visible));
	free(copy);
	free(visible);
}

static void set_string(json_t *event, const char *key, const char *text)
{
	set_text(event, key, text ? text : "", text ? strlen(text) : 0);
}

static void set_copy(json_t *event, const char *key, const json_t *from)
{
	json_t *value = json_object_get(from, key);

	if (value)
		ms_doc_set(event, key, json_incref(value));
}

/* -- opening and ending ------------------------------------------------------------------ */

/* Our own diagnostics, outside of all stages. */
static bool own_message(const char *severity, const struct ms_place *place, const char *rule,
                        const char *text)
{
	json_t *event;

	if (log_fd < 0)
		return false;
	event = new_event("message");
	set_string(event, "stage", "");
	set_string(event, "step", "");
	set_string(event, "file", place ? place->source->name : "");
	ms_doc_set(event, "line", ms_doc_new_integer(place ? place->line : 0));
	ms_doc_set(event, "col", ms_doc_new_integer(place ? place->col : 0));
	set_string(event, "severity", severity);
	set_string(event, "rule", rule);
	set_string(event, "text", text);
	write_event(event);
	return owns_stderr;
}

/* Of a build that is interrupted, in a signal handler perhaps. */
static void cut_short(void)
{
	static const char line[] = "{\"event\":\"build-end\",\"interrupted\":true}\n";

	if (in_build && log_fd >= 0 && write(log_fd, line, sizeof(line) - 1) < 0)
		return;
	in_build = 0;
}

void ms_log_open(const char *how)
{
	const char *file = ms_behind(how, "json:");

	if (strcmp(how, "json") == 0) {
		owns_stderr = true;
		log_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	} else if (file && *file) {
		log_fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
		if (log_fd < 0)
			ms_die_errno("--log %s", how);
	} else {
		ms_die_usage("--log takes json or json:FILE, not \"%s\"", how);
	}
	started = ms_now();
	ms_diag_hook(own_message);
	ms_on_end(cut_short);
}

bool ms_log_wanted(void)
{
	return log_fd >= 0;
}

bool ms_log_owns_stderr(void)
{
	return owns_stderr;
}

/* -- the build and its stages ------------------------------------------------------------ */

void ms_log_build_start(const char *spec, size_t stages)
{
	json_t *event;

	if (log_fd < 0)
		return;
	event = new_event("build-start");
	ms_doc_set(event, "schema", ms_doc_new_string(LOG_SCHEMA));
	ms_doc_set(event, "version", ms_doc_new_string(MS_VERSION));
	set_string(event, "spec", spec ? spec : "-");
	ms_doc_set(event, "stages", ms_doc_new_integer((int64_t)stages));
	write_event(event);
	in_build = 1;
}

static json_t *stage_event(const char *name, size_t number, const struct ms_stage *stage)
{
	json_t *event = new_event(name);

	set_string(event, "stage", stage->name);
	ms_doc_set(event, "number", ms_doc_new_integer((int64_t)number));
	return event;
}

void ms_log_stage_start(size_t number, const struct ms_stage *stage)
{
	json_t *event, *command = json_array();

	if (log_fd < 0)
		return;
	event = stage_event("stage-start", number, stage);
	for (size_t i = 0; i < stage->argv.count; i++) {
		char *visible = ms_visible(stage->argv.items[i]);

		ms_doc_append(command, ms_doc_new_string(visible));
		free(visible);
	}
	ms_doc_set(event, "command", command);
	write_event(event);
}

void ms_log_stage_end(size_t number, const struct ms_stage *stage, int status, int64_t ms)
{
	json_t *event;

	if (log_fd < 0)
		return;
	event = stage_event("stage-end", number, stage);
	ms_doc_set(event, "status", ms_doc_new_integer(status));
	ms_doc_set(event, "duration_ms", ms_doc_new_integer(ms));
	write_event(event);
}

void ms_log_build_end(int status, bool unchanged, const char *image, const json_t *document)
{
	size_t ran, cached;
	json_t *event;

	if (log_fd < 0 || !in_build)
		return;
	ms_progress_counts(&ran, &cached);
	event = new_event("build-end");
	ms_doc_set(event, "status", ms_doc_new_integer(status));
	ms_doc_set(event, "interrupted", json_false());
	ms_doc_set(event, "unchanged", json_boolean(unchanged));
	ms_doc_set(event, "steps_run", ms_doc_new_integer((int64_t)ran));
	ms_doc_set(event, "steps_cached", ms_doc_new_integer((int64_t)cached));
	ms_doc_set(event, "duration_ms", ms_doc_new_integer(ms_now() - started));
	if (document) {
		set_string(event, "image", image);
		set_string(event, "sha256", json_string_value(ms_doc_at(document, "image.sha256")));
		set_string(event, "plan_hash", json_string_value(ms_doc_at(document, "plan_hash")));
	}
	write_event(event);
	in_build = 0;
}

/* -- what stages tell -------------------------------------------------------------------- */

static json_t *step_event(const char *name, const char *stage, const json_t *from)
{
	json_t *event = new_event(name);

	set_string(event, "stage", stage);
	set_copy(event, "id", from);
	set_copy(event, "step", from);
	set_copy(event, "output", from);
	return event;
}

void ms_log_step_start(const char *stage, json_t *from)
{
	json_t *event;

	if (log_fd < 0)
		return;
	event = step_event("step-start", stage, from);
	set_copy(event, "command", from);
	write_event(event);
}

void ms_log_step_end(const char *stage, json_t *from, int64_t ms)
{
	const char *status = json_string_value(json_object_get(from, "status"));
	bool cached = strcmp(status, "cached") == 0;
	json_t *event;

	if (log_fd < 0)
		return;
	event = step_event("step-end", stage, from);
	ms_doc_set(event, "cached", json_boolean(cached));
	ms_doc_set(event, "status", ms_doc_new_string(cached ? "done" : status));
	ms_doc_set(event, "duration_ms", ms_doc_new_integer(ms));
	write_event(event);
}

/* One line of text: a message where it is one, else output. */
static void log_line(const char *stage, const char *step, const char *line, size_t len)
{
	struct ms_message m;
	json_t *event;

	if (!ms_message_read(&m, line, len)) {
		event = new_event("output");
		set_string(event, "stage", stage);
		set_string(event, "step", step);
		set_text(event, "text", line, len);
		write_event(event);
		return;
	}
	event = new_event("message");
	set_string(event, "stage", stage);
	set_string(event, "step", step);
	/* "ms-plan: error: ..." is about no file. */
	set_text(event, "file", m.file, m.line || !ms_starts_with(m.file, "ms-") ? m.file_len : 0);
	ms_doc_set(event, "line", ms_doc_new_integer(m.line));
	ms_doc_set(event, "col", ms_doc_new_integer(m.col));
	set_string(event, "severity", m.severity);
	set_text(event, "rule", m.rule ? m.rule : "", m.rule_len);
	set_text(event, "text", m.text, m.text_len);
	write_event(event);
}

void ms_log_output(const char *stage, json_t *from)
{
	const char *step = json_string_value(json_object_get(from, "step"));
	const char *text = json_string_value(json_object_get(from, "text"));

	if (log_fd >= 0)
		log_line(stage, step ? step : "", text, strlen(text));
}

void ms_log_message(const char *stage, json_t *from)
{
	static const char *const keys[] = {"file", "line", "col", "severity", "rule", "text"};
	json_t *event;

	if (log_fd < 0)
		return;
	event = new_event("message");
	set_string(event, "stage", stage);
	set_string(event, "step", "");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		set_copy(event, keys[i], from);
	write_event(event);
}

void ms_log_text(const char *stage, const char *text, size_t len)
{
	while (log_fd >= 0 && len) {
		const char *stop = memchr(text, '\n', len);
		size_t n = stop ? (size_t)(stop - text) : len;

		log_line(stage, "", text, n);
		text += n + (stop != NULL);
		len -= n + (stop != NULL);
	}
}
