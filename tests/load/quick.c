/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * quick.c - a launcher in front of a compiler, for systems of thousands of sources: what it would
 * make of a source src/dN/sM.c is there at once, an object that it is given. Anything else it
 * leaves to the compiler.
 *
 *   quick OBJECT COMPILER ARGUMENT...
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OBJECT_MAX 65536

static int make(const char *object, const char *output, const char *rule, const char *target,
                const char *source)
{
	static char bytes[OBJECT_MAX];
	FILE *in = fopen(object, "rbe"), *out;
	size_t len = in ? fread(bytes, 1, sizeof(bytes), in) : 0;

	/* What follows the sections is nobody's: each object has bytes of its own. */
	out = fopen(output, "wbe");
	if (len == 0 || len == sizeof(bytes) || !out || fwrite(bytes, 1, len, out) != len ||
	    fprintf(out, "%s\n", source) < 0 || fclose(out) != 0)
		return 1;
	out = fopen(rule, "we");
	if (!out || fprintf(out, "%s: %s\n", target, source) < 0 || fclose(out) != 0)
		return 1;
	return 0;
}

int main(int argc, char **argv)
{
	const char *output = NULL, *rule = NULL, *target = NULL, *source, *base;

	if (argc < 4)
		return 2;
	for (int i = 3; i + 1 < argc; i++) {
		if (strcmp(argv[i], "-o") == 0)
			output = argv[i + 1];
		else if (strcmp(argv[i], "-MF") == 0)
			rule = argv[i + 1];
		else if (strcmp(argv[i], "-MQ") == 0)
			target = argv[i + 1];
	}
	source = argv[argc - 1];
	base = strrchr(source, '/');
	if (output && rule && target && strncmp(source, "src/d", 5) == 0 && base[1] == 's')
		return make(argv[1], output, rule, target, source);
	execvp(argv[2], argv + 2);
	return 127;
}
