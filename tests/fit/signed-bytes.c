/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signed-bytes.c - what a signature of a FIT is about, taken from the file without U-Boot's code:
 *   signed-bytes FILE CONFIGURATION SIGNATURE   the bytes, on stdout
 *   signed-bytes -v FILE CONFIGURATION SIGNATURE   the signature's value
 *
 * Signed are the tags and properties of the nodes that "hashed-nodes" lists (not their "data"), the
 * begin and end of the nodes right below them, the end of the structure, and as much of the
 * strings block as "hashed-strings" says.
 */
#include "both/fdt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 16

static uint8_t file[64 << 20];
static char path[1024];

static void die(const char *what)
{
	fprintf(stderr, "signed-bytes: %s\n", what);
	exit(1);
}

static void put(uint32_t from, uint32_t to)
{
	if (fwrite(file + from, 1, to - from, stdout) != to - from)
		die("cannot write");
}

static int listed(const struct fdt_property *list)
{
	for (uint32_t at = 0; at < list->len;
	     at += (uint32_t)strlen((const char *)list->value + at) + 1) {
		if (strcmp((const char *)list->value + at, *path ? path : "/") == 0)
			return 1;
	}
	return 0;
}

/* fdt_open has checked the structure: every name and value ends within it. */
static void walk(const struct fdt *fdt, const struct fdt_property *nodes)
{
	uint32_t at = fdt->struct_start, next, tag;
	int want[DEPTH] = {0}, depth = 0;

	do {
		int include = want[depth] == 2;

		tag = fdt_be32(file + at);
		next = at + 4;
		if (tag == 1) { /* a node begins */
			const char *name = (const char *)file + next;

			next = (next + (uint32_t)strlen(name) + 4) & ~3u;
			if (++depth == DEPTH || strlen(path) + strlen(name) + 2 > sizeof(path))
				die("too deep");
			if (*name)
				strcat(strcat(path, "/"), name);
			want[depth] = listed(nodes)         ? 2
			              : want[depth - 1] > 0 ? want[depth - 1] - 1
			                                    : 0;
			include = want[depth] > 0;
		} else if (tag == 2) { /* it ends */
			include = want[depth--] > 0;
			if (strrchr(path, '/'))
				*strrchr(path, '/') = '\0';
		} else if (tag == 3) { /* a property */
			const char *name =
			    (const char *)file + fdt->strings_start + fdt_be32(file + at + 8);

			next = (at + 12 + fdt_be32(file + at + 4) + 3) & ~3u;
			if (strcmp(name, "data") == 0)
				include = 0;
		} else if (tag == 9) {
			include = 1;
		}
		if (include)
			put(at, next);
		at = next;
	} while (tag != 9);
}

int main(int argc, char **argv)
{
	int value = argc == 5 && strcmp(argv[1], "-v") == 0;
	struct fdt_property nodes, strings, signature;
	struct fdt fdt;
	uint32_t node;
	FILE *in;
	size_t len;

	if (argc != 4 + value || !(in = fopen(argv[1 + value], "rb")))
		die("call it with FILE CONFIGURATION SIGNATURE");
	len = fread(file, 1, sizeof(file), in);
	snprintf(path, sizeof(path), "/configurations/%s/%s", argv[2 + value], argv[3 + value]);
	if (fdt_open(&fdt, file, len) != FDT_OK ||
	    fdt_path(&fdt, path, strlen(path), &node) != FDT_OK ||
	    fdt_property(&fdt, node, "hashed-nodes", &nodes) != FDT_OK ||
	    fdt_property(&fdt, node, "hashed-strings", &strings) != FDT_OK || strings.len != 8 ||
	    fdt_property(&fdt, node, "value", &signature) != FDT_OK)
		die("this is no signature");
	if (value) {
		fwrite(signature.value, 1, signature.len, stdout);
	} else {
		*path = '\0';
		walk(&fdt, &nodes);
		put(fdt.strings_start + fdt_be32(strings.value),
		    fdt.strings_start + fdt_be32(strings.value) + fdt_be32(strings.value + 4));
	}
	return fflush(stdout) != 0;
}
