/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-toml.c - vendor/toml alone: any bytes. What it delivers must be whole: lengths, places,
 * balanced tables; and a second reading delivers the same.
 */
#include "host.h"
#include "mutate.h"

#include "toml/toml.h"

#include <stdlib.h>
#include <string.h>

struct seen {
	const char *text;
	size_t len, events;
	unsigned depth;
	uint64_t sum;
};

static void check_place(const struct seen *seen, const struct toml_pos *pos)
{
	fuzz_check(pos->line >= 1 && pos->col >= 1 && pos->offset <= seen->len,
	           "a place outside of the text");
}

static int on_event(void *user, const struct toml_event *event)
{
	struct seen *seen = user;

	seen->events++;
	check_place(seen, &event->key_pos);
	check_place(seen, &event->value_pos);
	if (event->key) {
		fuzz_check(event->key[event->key_len] == '\0', "a key without its NUL");
		for (size_t i = 0; i < event->key_len; i++)
			seen->sum = seen->sum * 31 + (uint8_t)event->key[i];
	}
	if (event->type == TOML_STRING) {
		fuzz_check(event->string[event->string_len] == '\0', "a string without its NUL");
		for (size_t i = 0; i < event->string_len; i++)
			seen->sum = seen->sum * 33 + (uint8_t)event->string[i];
	}
	if (event->type == TOML_TABLE || event->type == TOML_ARRAY) {
		if (!event->begin)
			seen->depth--;
		fuzz_check(seen->depth == event->depth, "tables out of balance");
		if (event->begin)
			seen->depth++;
	}
	seen->sum = seen->sum * 37 + (uint64_t)event->integer + (uint64_t)event->boolean;
	return 0;
}

void fuzz_once(void)
{
}

void fuzz_one(const uint8_t *data, size_t size)
{
	/* An exact copy: a byte behind it is not readable. */
	char *text = malloc(size ? size : 1);
	struct seen first = {.text = text, .len = size}, second = first;
	struct toml_diag diag = {0};
	enum toml_error error;

	memcpy(text, data, size);
	error = toml_read(text, size, on_event, &first, &diag);
	fuzz_check(toml_error_name(error) != NULL, "an error without a name");
	if (error != TOML_OK) {
		fuzz_check(first.events == 0, "something was delivered of a wrong text");
		check_place(&first, &diag.pos);
		fuzz_check(memchr(diag.message, '\0', sizeof(diag.message)) && diag.message[0],
		           "no message");
		return;
	}
	fuzz_check(first.depth == 0, "a table without its end");
	fuzz_check(toml_read(text, size, on_event, &second, NULL) == TOML_OK &&
	               first.sum == second.sum && first.events == second.events,
	           "a second reading is another");
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_text(data, size, room, seed);
}
