/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.c - matching a guest's console.
 */
#include "drive/console.h"
#include "base/mem.h"

static bool matches(const struct ms_console *console, bool ended)
{
	regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)console->len};

	return regexec(&console->pattern, console->line, 1, &range,
	               REG_STARTEND | (ended ? 0 : REG_NOTEOL)) == 0;
}

const char *ms_console_open(struct ms_console *console, const char *pattern)
{
	int error = regcomp(&console->pattern, pattern, REG_EXTENDED);
	char text[256];

	console->len = 0;
	if (error == 0)
		return NULL;
	regerror(error, &console->pattern, text, sizeof(text));
	return ms_strdup(text);
}

bool ms_console_add(struct ms_console *console, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n' || console->len == sizeof(console->line)) {
			if (matches(console, true))
				return true;
			console->len = 0;
		}
		if (data[i] != '\n' && data[i] != '\r' && data[i] != '\0')
			console->line[console->len++] = data[i];
	}
	return console->len && matches(console, false);
}

bool ms_console_end(struct ms_console *console)
{
	return console->len && matches(console, true);
}
