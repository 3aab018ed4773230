/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * depfile.c - two dialects of make rules. gcc quotes blanks, "#" and "$" as make wants it; GNU
 * ld quotes nothing and puts one name on a line, so the two cannot be read alike.
 */
#include "plan/depfile.h"

#include <string.h>

/* One word of a rule; backslash and newline between words are blanks. Returns what follows it,
 * or NULL at the end of the rule. */
static const char *next_word(const char *p, struct ms_buf *word)
{
	for (;;) {
		p += strspn(p, " \t");
		if (p[0] != '\\' || p[1] != '\n')
			break;
		p += 2;
	}
	if (*p == '\n' || *p == '\0')
		return NULL;
	for (; *p && *p != ' ' && *p != '\t' && *p != '\n'; p++) {
		if (p[0] == '\\' && p[1] == '\n')
			break;
		if (p[0] == '\\' && strchr(" \t#:\\", p[1]) && p[1])
			p++; /* gcc doubles backslashes only before a blank; a single one stands */
		else if (p[0] == '$' && p[1] == '$')
			p++;
		ms_buf_add(word, p, 1);
	}
	return p;
}

bool ms_depfile_gcc(const char *text, struct ms_list *files)
{
	/* The target is ours (-MQ), quoted as any name; the rule begins after its colon. */
	const char *p = text;
	struct ms_buf word = {0};

	while (*p && !(p[0] == ':' && (p[1] == ' ' || p[1] == '\n' || p[1] == '\t'))) {
		if (*p == '\n')
			return false;
		p += p[0] == '\\' && p[1] ? 2 : 1;
	}
	if (*p != ':')
		return false;
	p++;
	while ((p = next_word(p, &word))) {
		ms_list_add_once(files, word.data);
		word = (struct ms_buf){0};
	}
	return files->count > 0;
}

bool ms_depfile_ld(const char *text, struct ms_list *files)
{
	const char *p = strstr(text, ": \\\n");

	if (!p)
		return false;
	p += 4;
	while (p[0] == ' ' && p[1] == ' ') {
		size_t n = strcspn(p += 2, "\n");
		bool more = n >= 2 && p[n - 1] == '\\' && p[n - 2] == ' ';

		ms_list_add_once(files, ms_strndup(p, more ? n - 2 : n));
		p += n;
		if (!more || *p == '\0')
			break;
		p++;
	}
	return files->count > 0;
}
