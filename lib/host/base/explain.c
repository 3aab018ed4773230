/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain.c - --explain. See explain.h.
 */
#include "base/explain.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/toolkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1024u * 1024)

/* In the order in which a build meets them. */
static const char *const rooms[] = {"text",   "domains",  "memory",  "channels",
                                    "guests", "microkit", "compile", "kernel",
                                    "layout", "image",    "trust",   "machine"};
#define ROOMS (sizeof(rooms) / sizeof(rooms[0]))

static char *read_room(const char *room)
{
	static struct ms_places places;
	size_t len;

	if (!places.toolkit)
		ms_places_find(&places);
	return ms_read_file(ms_format("%s/rules/%s.txt", places.toolkit, room), FILE_MAX, &len);
}

/* The next page at or behind p: its name's beginning; *name is the name. NULL: there is none. */
static char *next_page(char *p, char **name)
{
	for (; p && *p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!ms_starts_with(p, "== "))
			continue;
		*name = ms_strndup(p + 3, strcspn(p + 3, "\n"));
		return p + 3;
	}
	return NULL;
}

static void list_page(const char *name, const char *page)
{
	const char *sentence = page + strspn(page, "\n");

	printf("%-22s %.*s\n", name, (int)strcspn(sentence, "\n"), sentence);
}

static void print_page(const char *name, char *page)
{
	char *end = strstr(page, "\n== ");

	if (end)
		*end = '\0';
	for (size_t n = strlen(page); n && page[n - 1] == '\n'; n--)
		page[n - 1] = '\0';
	printf("%s\n\n%s\n", name, page + strspn(page, "\n"));
}

void ms_explain(const char *rule)
{
	struct ms_list names = {0};
	const char *near;
	char *wanted = NULL, *name;

	if (rule) {
		wanted = ms_strdup(rule + (*rule == '['));
		wanted[strcspn(wanted, "]")] = '\0';
	}
	for (size_t i = 0; i < ROOMS; i++) {
		for (char *p = read_room(rooms[i]); (p = next_page(p, &name));) {
			char *page = p + strlen(name);

			ms_list_add(&names, name);
			if (!wanted) {
				list_page(name, page);
			} else if (strcmp(name, wanted) == 0) {
				print_page(name, page);
				return;
			}
		}
	}
	if (!wanted)
		return;
	near = ms_nearest(wanted, names.items, names.count);
	ms_die_usage("there is no rule \"%s\"%s%s%s (--explain alone lists all)", wanted,
	             near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}
