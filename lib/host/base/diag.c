/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diag.c - diagnostics for people and editors, and the one place where a program ends.
 */
#include "base/diag.h"
#include "base/events.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/notes.h"
#include "base/seen.h"
#include "base/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Columns of source shown around the caret: a spec may be one line of a megabyte. */
#define SHOWN_MAX 160

static const char *program = "moonshot-toolkit";
static int as_json;
static unsigned errors;
static ms_diag_hook_function *hook;
static unsigned number = 1;

void ms_diag_program(const char *name)
{
	program = name;
	/* A closed descriptor 0, 1 or 2 would be handed to the next file opened, which would then
	 * be read or written by mistake. The stand-in is open the wrong way round, so that using
	 * it is an error as before. */
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(MS_EXIT_SYSTEM);
	}
	ms_notes_open();
	ms_events_open();
	ms_json_fast_memory();
}

void ms_diag_again(void)
{
	number++;
	errors = 0;
	as_json = 0;
	hook = NULL;
}

bool ms_diag_first(unsigned *mark)
{
	bool first = *mark != number;

	*mark = number;
	return first;
}

const char *ms_diag_program_name(void)
{
	return program;
}

void ms_diag_json(int on)
{
	as_json = on;
}

void ms_diag_hook(ms_diag_hook_function *function)
{
	hook = function;
}

unsigned ms_error_count(void)
{
	return errors;
}

static const char *severity_word(enum ms_severity severity)
{
	switch (severity) {
	case MS_ERROR: return "error";
	case MS_WARNING: return "warning";
	case MS_NOTE: return "note";
	}
	return "error";
}

/* Length of the UTF-8 sequence at s, 0 where it is not well-formed (RFC 3629). */
size_t ms_utf8_length(const char *text, size_t left)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (n == 0 || s[0] > 0xf4 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/*
 * One character of s as a terminal may see it; returns the bytes of s that it took. Control
 * characters (C0, DEL, C1) could drive the terminal, and broken UTF-8 confuses it: they are
 * written as \xNN.
 */
static size_t add_visible_one(struct ms_buf *out, const char *s, size_t left)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = ms_utf8_length(s, left);

	if (c == '\t') {
		ms_buf_add(out, " ", 1);
		return 1;
	}
	if (n == 0 || c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0)) {
		ms_buf_printf(out, "\\x%02x", c);
		return 1;
	}
	ms_buf_add(out, s, n);
	return n;
}

static void add_visible(struct ms_buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len;)
		i += add_visible_one(out, s + i, len - i);
}

char *ms_visible(const char *s)
{
	struct ms_buf out = {0};

	add_visible(&out, s, strlen(s));
	return out.data ? out.data : ms_strdup("");
}

/* A JSON string of any bytes: what is not UTF-8 is shown as U+FFFD. */
static void add_json_string(struct ms_buf *out, const char *s)
{
	size_t left = strlen(s);

	ms_buf_add(out, "\"", 1);
	while (left) {
		size_t n = ms_utf8_length(s, left);

		if (n == 0) {
			ms_buf_puts(out, "\xef\xbf\xbd");
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			ms_buf_printf(out, "\\%c", *s);
		} else if ((unsigned char)*s < 0x20) {
			ms_buf_printf(out, "\\u%04x", (unsigned char)*s);
		} else {
			ms_buf_add(out, s, n);
		}
		s += n;
		left -= n;
	}
	ms_buf_add(out, "\"", 1);
}

static void add_json(struct ms_buf *out, enum ms_severity severity, const struct ms_place *place,
                     const char *rule, const char *text)
{
	ms_buf_printf(out, "{\"col\":%u,\"file\":", place ? place->col : 0);
	add_json_string(out, place ? place->source->name : "");
	ms_buf_printf(out, ",\"line\":%u,\"message\":", place ? place->line : 0);
	add_json_string(out, text);
	ms_buf_puts(out, ",\"rule\":");
	add_json_string(out, rule ? rule : "");
	ms_buf_printf(out, ",\"severity\":\"%s\",\"stage\":", severity_word(severity));
	add_json_string(out, program);
	ms_buf_puts(out, ",\"v\":1}\n");
}

/* The source line with a caret under the place; a long line is cut around it. */
static void add_excerpt(struct ms_buf *out, const struct ms_place *place)
{
	const char *text = place->source->text;
	const char *end = text + place->source->len;
	const char *line = text;
	size_t len, from, col = place->col ? place->col - 1 : 0;
	struct ms_buf mark = {0};

	for (unsigned n = 1; n < place->line; n++) {
		line = memchr(line, '\n', (size_t)(end - line));
		if (!line)
			return;
		line++;
	}
	const char *stop = memchr(line, '\n', (size_t)(end - line));
	len = (size_t)((stop ? stop : end) - line);
	if (len && line[len - 1] == '\r')
		len--;
	if (col > len)
		col = len;
	from = col > SHOWN_MAX / 2 ? col - SHOWN_MAX / 2 : 0;
	size_t shown = len - from < SHOWN_MAX ? len - from : SHOWN_MAX;
	/* Do not begin or end inside a UTF-8 sequence. */
	while (from > 0 && shown > 1 && ((unsigned char)line[from] & 0xc0) == 0x80) {
		from++;
		shown--;
	}
	while (shown > 1 && from + shown < len &&
	       ((unsigned char)line[from + shown] & 0xc0) == 0x80)
		shown--;
	ms_buf_puts(out, "    ");
	add_visible(out, line + from, shown);
	ms_buf_puts(out, "\n    ");
	/* The mark is as wide as what it stands under: an escaped byte takes four columns. */
	for (size_t i = from; i < col && i < from + shown;) {
		struct ms_buf one = {0};
		size_t n = add_visible_one(&one, line + i, from + shown - i);

		for (size_t k = 0; k < (n == 1 ? one.len : 1); k++)
			ms_buf_add(&mark, " ", 1);
		i += n;
	}
	ms_buf_add(&mark, "^", 1);
	for (size_t i = col + 1; i < col + place->len && i < from + shown; i++) {
		if (((unsigned char)line[i] & 0xc0) != 0x80)
			ms_buf_add(&mark, "~", 1);
	}
	ms_buf_add(out, mark.data, mark.len);
	ms_buf_puts(out, "\n");
}

/* Where that fails there is nowhere left to say it. */
static void say(const char *data, size_t len)
{
	(void)ms_write_all(STDERR_FILENO, data, len);
}

static void report(enum ms_severity severity, const struct ms_place *place, const char *rule,
                   const char *text)
{
	struct ms_buf out = {0};
	bool shown = false;

	if (severity == MS_ERROR)
		errors++;
	if (hook)
		shown = hook(severity_word(severity), place, rule, text);
	if (as_json) {
		add_json(&out, severity, place, rule, text);
		say(out.data, out.len);
		ms_note_never();
		return;
	}
	if (place) {
		add_visible(&out, place->source->name, strlen(place->source->name));
		if (place->line)
			ms_buf_printf(&out, ":%u:%u", place->line, place->col);
	} else {
		ms_buf_puts(&out, program);
	}
	ms_buf_printf(&out, ": %s: ", severity_word(severity));
	add_visible(&out, text, strlen(text));
	if (rule)
		ms_buf_printf(&out, " [%s]", rule);
	ms_buf_puts(&out, "\n");
	if (place && place->line && place->source->text)
		add_excerpt(&out, place);
	if (!shown)
		say(out.data, out.len);
	if (severity != MS_ERROR)
		ms_note_said(out.data, out.len);
}

void ms_report(enum ms_severity severity, const struct ms_place *place, const char *rule,
               const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(severity, place, rule, ms_vformat(fmt, ap));
	va_end(ap);
}

/* A failure may itself be "out of memory": these messages go through a fixed buffer. */
static char dying_text[1024];

static void compose(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

static void compose(const char *fmt, va_list ap)
{
	vsnprintf(dying_text, sizeof(dying_text), fmt, ap);
}

/* No memory even for saying so: the message goes out as it is, in one piece. */
static _Noreturn void die_plainly(void)
{
	static char line[sizeof(dying_text) + 128];
	static bool again;
	int len;

	if (again)
		_exit(MS_EXIT_SYSTEM);
	again = true;
	len = snprintf(line, sizeof(line), "%s: error: %s\n", program, dying_text);
	if (len > 0)
		say(line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1);
	ms_temp_abandon_all();
	_exit(MS_EXIT_SYSTEM);
}

static _Noreturn void die(int status, const char *suffix)
{
	static int dying;

	if (dying++)
		die_plainly();
	if (suffix) {
		size_t len = strlen(dying_text);

		snprintf(dying_text + len, sizeof(dying_text) - len, ": %s", suffix);
	}
	report(MS_ERROR, NULL, NULL, dying_text);
	dying = 0;
	ms_exit(status);
}

#define DIE(name, status, suffix)                                                                  \
	void name(const char *fmt, ...)                                                            \
	{                                                                                          \
		const char *why = suffix;                                                          \
		va_list ap;                                                                        \
                                                                                                   \
		va_start(ap, fmt);                                                                 \
		compose(fmt, ap);                                                                  \
		va_end(ap);                                                                        \
		die(status, why);                                                                  \
	}
DIE(ms_die_input, MS_EXIT_INPUT, NULL)
DIE(ms_die_usage, MS_EXIT_USAGE, NULL)
DIE(ms_die_system, MS_EXIT_SYSTEM, NULL)
DIE(ms_die_errno, MS_EXIT_SYSTEM, strerror(errno))

static int finish(int status, int (*flush)(FILE *))
{
	ms_temp_abandon_all();
	/* Before the end of the document lets the next stage begin. */
	if (status == MS_EXIT_OK)
		ms_seen_save();
	int failed = ferror(stdout);
	failed = flush(stdout) != 0 || failed;
	if (failed) {
		int why = errno;

		if (status == MS_EXIT_OK || status == MS_EXIT_INPUT) {
			struct ms_buf out = {0};

			ms_buf_printf(&out, "%s: error: standard output: %s\n", program,
			              strerror(why));
			say(out.data, out.len);
			status = MS_EXIT_SYSTEM;
		}
	}
	if (status == MS_EXIT_OK)
		ms_notes_send();
	return status;
}

/* fclose, not only fflush: some file systems report a full disk at close. */
void ms_exit(int status)
{
	exit(finish(status, fclose));
}

void ms_diag_done(int status)
{
	status = finish(status, fflush);
	if (status != MS_EXIT_OK)
		exit(status);
}

/* Levenshtein distance with a limit, over short words. */
static size_t distance(const char *a, const char *b, size_t limit)
{
	size_t row[65], la = strlen(a), lb = strlen(b);

	if (la > 64 || lb > 64 || (la > lb ? la - lb : lb - la) > limit)
		return limit + 1;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[lb];
}

const char *ms_nearest(const char *word, const char *const *candidates, size_t count)
{
	size_t limit = strlen(word) / 3 + 1;
	const char *best = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t d = distance(word, candidates[i], limit);

		if (d <= limit && d < strlen(word)) {
			best = candidates[i];
			if (d == 0)
				break;
			limit = d - 1;
		}
	}
	return best;
}
