/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * color.c - messages as compilers and stages write them: taken apart, and coloured.
 */
#include "drive/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

bool ms_color_wanted(enum ms_color color)
{
	const char *term = getenv("TERM"), *cli = getenv("CLICOLOR"),
	           *force = getenv("CLICOLOR_FORCE");

	if (color != MS_COLOR_AUTO)
		return color == MS_COLOR_ALWAYS;
	if (is_set("NO_COLOR"))
		return false;
	if (is_set("CLICOLOR_FORCE") && strcmp(force, "0") != 0)
		return true;
	if (cli && strcmp(cli, "0") == 0)
		return false;
	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static const struct severity {
	const char *word, *name, *color;
} severities[] = {
    {"fatal error: ", "error", "\033[1;31m"},
    {"error: ", "error", "\033[1;31m"},
    {"warning: ", "warning", "\033[1;35m"},
    {"note: ", "note", "\033[1;36m"},
};
#define SEVERITIES (sizeof(severities) / sizeof(severities[0]))

/* The word at p that a severity begins with; NULL: none. */
static const struct severity *severity_at(const char *p, size_t left)
{
	for (size_t i = 0; i < SEVERITIES; i++) {
		size_t n = strlen(severities[i].word);

		if (n <= left && memcmp(p, severities[i].word, n) == 0)
			return &severities[i];
	}
	return NULL;
}

/* Takes ":NUMBER" off the end of [start, *end). 0: there is none. */
static unsigned take_number(const char *start, const char **end)
{
	const char *p = *end;
	unsigned long value = 0, unit = 1;

	while (p > start && p[-1] >= '0' && p[-1] <= '9' && *end - p < 9) {
		p--;
		value += (unsigned long)(*p - '0') * unit;
		unit *= 10;
	}
	if (p == *end || p == start || p[-1] != ':' || p - 1 == start)
		return 0;
	*end = p - 1;
	return (unsigned)value;
}

static void take_place(struct ms_message *m, const char *line, const char *end)
{
	unsigned last = take_number(line, &end), first = last ? take_number(line, &end) : 0;

	m->line = first ? first : last;
	m->col = first ? last : 0;
	m->file = line;
	m->file_len = (size_t)(end - line);
}

static void take_rule(struct ms_message *m)
{
	const char *p = m->text + m->text_len;
	size_t n = 0;

	if (m->text_len < 4 || *--p != ']')
		return;
	while (p > m->text && p[-1] != '[' && p[-1] != ' ' && p[-1] != ']')
		p--, n++;
	if (n == 0 || p - m->text < 2 || p[-1] != '[' || p[-2] != ' ')
		return;
	m->rule = p;
	m->rule_len = n;
	m->text_len = (size_t)(p - 2 - m->text);
}

bool ms_message_read(struct ms_message *m, const char *line, size_t len)
{
	*m = (struct ms_message){0};
	if (len == 0 || *line == ' ' || *line == '\t')
		return false;
	for (size_t i = 0; i + 2 < len; i++) {
		const struct severity *s;

		if (line[i] != ':' || line[i + 1] != ' ')
			continue;
		s = severity_at(line + i + 2, len - i - 2);
		if (!s)
			continue;
		take_place(m, line, line + i);
		m->severity = s->name;
		m->word = line + i + 2;
		m->word_len = strlen(s->word) - 2;
		m->text = m->word + m->word_len + 2;
		m->text_len = len - (size_t)(m->text - line);
		take_rule(m);
		return true;
	}
	return false;
}

void ms_color_line(struct ms_buf *out, const char *line, size_t len)
{
	struct ms_message m;
	const struct severity *s;

	if (!ms_message_read(&m, line, len)) {
		ms_buf_add(out, line, len);
		return;
	}
	s = severity_at(m.word, m.word_len + 2);
	ms_buf_add(out, line, (size_t)(m.word - line));
	ms_buf_printf(out, "%s%.*s:\033[0m", s ? s->color : "", (int)m.word_len, m.word);
	ms_buf_add(out, m.word + m.word_len + 1, len - (size_t)(m.word + m.word_len + 1 - line));
}
