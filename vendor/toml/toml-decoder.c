/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toml-decoder.c - a filter around toml.c: TOML on stdin, and on stdout the tagged JSON that
 * the public toml-test suite compares, or (--events) one line per event with its places.
 *
 * Exit: 0 done, 1 the document is refused, 2 wrong call, 3 reading, writing or memory failed.
 */
#include "toml.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands before the next member: nothing for the first one, a comma afterwards. */
struct writer {
	int comma;
};

static void write_string(const char *s, size_t len)
{
	putchar('"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7F)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static int write_json(void *user, const struct toml_event *event)
{
	struct writer *w = user;
	int list = event->type == TOML_TABLE || event->type == TOML_ARRAY;

	if (list && !event->begin) {
		putchar(event->type == TOML_TABLE ? '}' : ']');
		w->comma = 1;
		return ferror(stdout);
	}
	if (w->comma)
		putchar(',');
	w->comma = !list;
	if (event->key != NULL) {
		write_string(event->key, event->key_len);
		putchar(':');
	}
	switch (event->type) {
	case TOML_TABLE: putchar('{'); break;
	case TOML_ARRAY: putchar('['); break;
	case TOML_STRING:
		printf("{\"type\":\"string\",\"value\":");
		write_string(event->string, event->string_len);
		putchar('}');
		break;
	case TOML_INTEGER:
		printf("{\"type\":\"integer\",\"value\":\"%" PRId64 "\"}", event->integer);
		break;
	case TOML_BOOLEAN:
		printf("{\"type\":\"bool\",\"value\":\"%s\"}", event->boolean ? "true" : "false");
		break;
	}
	return ferror(stdout);
}

/* LINE:COL+LEN of the value, the same of the key, depth, index, then what it is. */
static int write_event(void *user, const struct toml_event *event)
{
	static const char *const names[] = {"table", "array", "string", "integer", "boolean"};
	const struct toml_pos *v = &event->value_pos, *k = &event->key_pos;

	(void)user;
	printf("%u:%u+%zu %u:%u+%zu %u %zu ", v->line, v->col, v->len, k->line, k->col, k->len,
	       event->depth, event->index);
	if (event->key != NULL) {
		write_string(event->key, event->key_len);
		printf(" = ");
	}
	if ((event->type == TOML_TABLE || event->type == TOML_ARRAY) && !event->begin)
		printf("end of ");
	printf("%s", names[event->type]);
	if (event->type == TOML_STRING) {
		putchar(' ');
		write_string(event->string, event->string_len);
	} else if (event->type == TOML_INTEGER) {
		printf(" %" PRId64 " base %d", event->integer, event->base);
	} else if (event->type == TOML_BOOLEAN) {
		printf(" %d", event->boolean);
	}
	putchar('\n');
	return ferror(stdout);
}

int main(int argc, char **argv)
{
	static char text[TOML_MAX_INPUT + 1]; /* one more, so that too long a text is seen */
	int events = argc == 2 && strcmp(argv[1], "--events") == 0;
	struct writer w = {0};
	struct toml_diag diag;
	enum toml_error error;
	size_t len;

	if (argc > 1 && !events) {
		fprintf(stderr, "usage: toml-decoder [--events] <FILE\n");
		return 2;
	}
	len = fread(text, 1, sizeof(text), stdin);
	if (ferror(stdin)) {
		perror("toml-decoder: stdin");
		return 3;
	}
	error = toml_read(text, len, events ? write_event : write_json, &w, &diag);
	if (error != TOML_OK && error != TOML_ESTOPPED) {
		fprintf(stderr, "<stdin>:%u:%u+%zu: error: %s [%s]\n", diag.pos.line, diag.pos.col,
		        diag.pos.len, diag.message, toml_error_name(error));
		return error == TOML_EMEMORY ? 3 : 1;
	}
	if (!events)
		putchar('\n');
	if (ferror(stdout) || fclose(stdout) != 0) {
		perror("toml-decoder: stdout");
		return 3;
	}
	return 0;
}
