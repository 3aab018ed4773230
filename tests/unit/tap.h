/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tap.h - what every unit test uses: TAP on stdout, exit 1 on a failure.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static int ok(int good, const char *name, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(ap, name);
	vprintf(name, ap);
	va_end(ap);
	printf("\n");
	tap_failed += !good;
	return good;
}

__attribute__((unused)) static int is_string(const char *got, const char *want, const char *name)
{
	int good = ok(got && strcmp(got, want) == 0, "%s", name);

	if (!good)
		printf("# got:  %s\n# want: %s\n", got ? got : "(null)", want);
	return good;
}

/* Prints the plan; ends the program with 1 when a test failed, else returns. */
__attribute__((unused)) static void done_testing(void)
{
	printf("1..%d\n", tap_count);
	fflush(stdout);
	if (tap_failed)
		exit(1);
}

#endif
