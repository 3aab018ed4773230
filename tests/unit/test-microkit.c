/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-microkit.c - a system description of Microkit that was cut or changed by a byte: it is
 * refused, or becomes a TOML that says the same (the importer itself compares), and nothing else
 * ever happens.
 *
 * Needs MS_ROOT (the tree). MS_HOSTILE=all tries every offset, not one of a few.
 */
#include "tap.h"

#include "spec/microkit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH 20 /* cases of one child: what an importer takes lives until it ends */

static char *text;
static size_t length;
static bool all;

static void slurp(void)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/ms-import/cases/full/in",
	         getenv("MS_ROOT") ? getenv("MS_ROOT") : ".");
	f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0 || (length = (size_t)ftell(f)) == 0 ||
	    !(text = malloc(length)) || fseek(f, 0, SEEK_SET) != 0 ||
	    fread(text, 1, length, f) != length) {
		printf("not ok 1 - %s can be read\n1..1\n", path);
		exit(1);
	}
	fclose(f);
}

/* Imports the first len bytes, byte `at` changed to value; in a block of exactly that size. */
static void import(size_t len, size_t at, char value)
{
	static const char *const none[] = {NULL};
	struct ms_source source = {.name = "x.system", .len = len};
	char *copy = malloc(len ? len : 1);
	size_t written;

	memcpy(copy, text, len);
	if (at < len)
		copy[at] = value;
	source.text = copy;
	(void)ms_microkit_to_toml(&source, none, &written);
	free(copy);
}

static const char values[] = "<>\"'&/=-! \n0x_ezA\x80\xff";
#define VALUES (sizeof(values)) /* the NUL is one */

/* Runs cases first to last - 1; true when all came to an end of their own. */
static bool batch(size_t first, size_t last, bool cut)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDERR_FILENO);
		for (size_t i = first; i < last; i++) {
			if (cut)
				import(i, SIZE_MAX, 0);
			else
				import(length, i / VALUES, values[i % VALUES]);
		}
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

/* Of count cases every step-th batch. */
static void try(const char *what, size_t count, size_t step, bool cut)
{
	size_t bad = 0;

	for (size_t i = 0; i < count; i += BATCH * step) {
		size_t end = i + BATCH < count ? i + BATCH : count;

		if (batch(i, end, cut))
			continue;
		printf("# %s: %zu to %zu\n", what, i, end);
		bad++;
	}
	ok(bad == 0, "%s: refused, or the same", what);
}

int main(void)
{
	all = getenv("MS_HOSTILE") && strcmp(getenv("MS_HOSTILE"), "all") == 0;
	slurp();
	ok(batch(length, length + 1, true), "the file as it is");
	try("cut", length, all ? 1 : 5, true);
	try("changed", length * VALUES, all ? 1 : 19, false);
	done_testing();
}
