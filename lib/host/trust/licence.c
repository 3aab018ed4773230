/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * licence.c - SPDX-License-Identifier tags in source files (SPDX 2.3, annexes D and E).
 */
#include "trust/sbom.h"

#include <stdlib.h>
#include <string.h>

#define TAG            "SPDX-License-Identifier:"
#define EXPRESSION_MAX 256 /* bytes; longer ones are passed over */
#define TAGS_MAX       16  /* of one file; the others are passed over */

static bool is_name_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       ch == '-' || ch == '.' || ch == '+' || ch == ':';
}

/* The next word of an expression: a name, "(" or ")". Returns its length, 0 at the end. */
static size_t next_word(const char **at)
{
	const char *s = *at;
	size_t len = 0;

	while (*s == ' ')
		s++;
	*at = s;
	if (*s == '(' || *s == ')')
		return 1;
	while (is_name_char(s[len]))
		len++;
	return len;
}

static bool is_word(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(s, word, len) == 0;
}

static bool is_operator(const char *s, size_t len)
{
	return is_word(s, len, "AND") || is_word(s, len, "OR") || is_word(s, len, "WITH");
}

/* Names and operators take turns, parentheses fit, nothing else is there. */
static bool is_expression(const char *s)
{
	bool want_name = true;
	unsigned open = 0;
	size_t len;

	while ((len = next_word(&s)) > 0) {
		if (*s == '(') {
			if (!want_name)
				return false;
			open++;
		} else if (*s == ')') {
			if (want_name || open-- == 0)
				return false;
		} else {
			if (is_operator(s, len) == want_name)
				return false;
			want_name = !want_name;
		}
		s += len;
	}
	return *s == '\0' && !want_name && open == 0;
}

/* The expression behind a tag, up to the end of its line or of its comment. */
static char *expression_at(const char *s, size_t left)
{
	static const char *const ends[] = {"*/", "-->", "\"", "'"};
	size_t len = 0;
	char *text;

	while (len < left && s[len] != '\n' && s[len] != '\r' && s[len] != '\0')
		len++;
	if (len > EXPRESSION_MAX)
		return NULL;
	text = ms_strndup(s, len);
	for (char *tab = text; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *end = strstr(text, ends[i]);

		if (end)
			*end = '\0';
	}
	for (len = strlen(text); len && text[len - 1] == ' ';)
		text[--len] = '\0';
	while (*text == ' ')
		text++;
	return is_expression(text) ? text : NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_once(struct ms_list *list)
{
	size_t kept = 0;

	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), by_text);
	for (size_t i = 0; i < list->count; i++) {
		if (kept == 0 || strcmp(list->items[kept - 1], list->items[i]) != 0)
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}

/* A parenthesis can stand at an operator without a blank. */
static bool has_or(const char *s)
{
	size_t len;

	for (; (len = next_word(&s)) > 0; s += len) {
		if (is_word(s, len, "OR"))
			return true;
	}
	return false;
}

char *ms_licence_join(struct ms_list *expressions)
{
	struct ms_buf all = {0};

	sort_once(expressions);
	for (size_t i = 0; i < expressions->count; i++) {
		const char *one = expressions->items[i];
		bool inner = expressions->count > 1 && has_or(one);

		ms_buf_printf(&all, "%s%s%s%s", i ? " AND " : "", inner ? "(" : "", one,
		              inner ? ")" : "");
	}
	return all.data;
}

char *ms_licence_of(const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct ms_list found = {0};

	while (found.count < TAGS_MAX) {
		char *expression;

		at = memmem(at, (size_t)(end - at), TAG, strlen(TAG));
		if (!at)
			break;
		at += strlen(TAG);
		expression = expression_at(at, (size_t)(end - at));
		if (expression)
			ms_list_add(&found, expression);
	}
	return ms_licence_join(&found);
}

void ms_licence_names(const char *expression, struct ms_list *names)
{
	const char *s = expression;
	bool exception = false;
	size_t len;

	while ((len = next_word(&s)) > 0) {
		if (*s != '(' && *s != ')') {
			if (!is_operator(s, len) && !exception)
				ms_list_add(names, ms_strndup(s, len));
			exception = is_word(s, len, "WITH");
		}
		s += len;
	}
	sort_once(names);
}
