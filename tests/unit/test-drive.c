/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-drive.c - lib/host/drive: expressions looked for in a console that arrives in pieces.
 */
#include "drive/console.h"
#include "tap.h"

#include <string.h>

static struct ms_console console;

/* True when the pattern is found in text that arrives `piece` bytes at a time. */
static bool found(const char *pattern, const char *text, size_t piece, bool ended)
{
	size_t left = strlen(text);
	bool hit = false;

	if (ms_console_open(&console, pattern))
		return false;
	while (left && !hit) {
		size_t n = left < piece ? left : piece;

		hit = ms_console_add(&console, text, n);
		text += n;
		left -= n;
	}
	hit = hit || (ended && ms_console_end(&console));
	regfree(&console.pattern);
	return hit;
}

static void pieces(void)
{
	for (size_t n = 1; n < 40; n++) {
		if (!found("^hello from .*rootserver$", "boot\r\nhello from seL4 rootserver\r\n", n,
		           false)) {
			ok(0, "in pieces of %zu bytes", n);
			return;
		}
	}
	ok(1, "a line is found whatever pieces it comes in");
}

static void long_lines(void)
{
	static char text[3 * MS_CONSOLE_LINE];

	memset(text, 'x', sizeof(text) - 1);
	memcpy(text + sizeof(text) - 6, "hello", 5);
	ok(found("hello", text, 1000, false), "a guest that never ends a line is looked at");
	ok(!found("yyy", text, 1000, true), "... and its memory is bounded");
}

int main(void)
{
	const char *fault = ms_console_open(&console, "(");

	ok(fault && *fault, "a malformed expression is refused with a reason");
	ok(!ms_console_open(&console, "a|b"), "a good one is taken");
	pieces();
	ok(found("login: ", "login: ", 3, false), "a prompt matches before its line has ended");
	ok(!found("^hello$", "hello", 5, false), "$ does not match inside a line");
	ok(found("^hello$", "hello", 5, true), "... but at the end of the console");
	ok(!found("^world", "hello world\n", 12, true), "^ does not match inside a line");
	ok(!found("hello.*world", "hello\nworld\n", 4, true), "no match across lines");
	ok(found("^$", "a\n\nb", 1, false), "an empty line matches");
	ok(!found("^$", "a", 1, true), "... where there is one");
	ok(ms_console_open(&console, "ab") == NULL && ms_console_add(&console, "a\0\rb", 4),
	   "NUL and carriage return are not part of a line");
	long_lines();
	done_testing();
	return 0;
}
