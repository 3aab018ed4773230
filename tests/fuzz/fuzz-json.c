/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-json.c - the JSON reader and the canonical writer: the reader must say what jansson says,
 * value for value and fault for fault; what is written must be read as the same and written as
 * the same.
 */
#include "host.h"
#include "mutate.h"

#include "base/doc.h"
#include "base/json.h"
#include "trust/json.h"

#include <stdlib.h>
#include <string.h>

void fuzz_once(void)
{
}

static void write_value(void *user)
{
	struct ms_buf *out = ((void **)user)[0];

	ms_json_write(out, ((void **)user)[1]);
}

/* A number that no document can hold ends the program; what else there is must survive. */
static void check_writing(json_t *value)
{
	struct ms_buf text = {0}, again = {0};
	void *first[] = {&text, value}, *second[] = {&again, NULL};

	if (!fuzz_try(write_value, first))
		return;
	second[1] = ms_json_load(text.data, text.len, NULL);
	fuzz_check(second[1] != NULL, "what was written cannot be read");
	fuzz_check(json_equal(value, second[1]), "what was written is another value");
	fuzz_check(fuzz_try(write_value, second) && text.len == again.len &&
	               memcmp(text.data, again.data, text.len) == 0,
	           "what is canonical is written in another way");
}

/* A member that is not looked into, and then is, is what it would have been. */
static void check_lazy(const char *text, size_t size, const json_t *want)
{
	json_t *lazy = ms_json_load_lazily(text, size, "layout", 1, NULL);

	if (!want) {
		/* What nobody has looked into may be no JSON. */
		if (lazy)
			ms_doc_expand("in", lazy, "layout");
		return;
	}
	fuzz_check(lazy != NULL, "not looked into, it is a fault");
	if (json_is_object(lazy) && json_object_get(lazy, "layout"))
		fuzz_check(ms_doc_expand("in", lazy, "layout") != NULL, "the raw value is none");
	fuzz_check(json_equal(lazy, want), "read late, it is another value");
}

void fuzz_one(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);
	json_error_t our_error = {0}, their_error = {0};
	json_t *ours, *theirs;

	memcpy(text, data, size);
	ours = ms_json_load(text, size, &our_error);
	theirs = json_loadb(text, size, JSON_REJECT_DUPLICATES, &their_error);
	fuzz_check(!ours == !theirs, "one reader takes what the other refuses");
	if (ours) {
		fuzz_check(json_equal(ours, theirs), "two readers, two values");
		check_writing(ours);
	} else {
		fuzz_check(our_error.line == their_error.line &&
		               our_error.column == their_error.column &&
		               strcmp(our_error.text, their_error.text) == 0,
		           "two readers, two faults");
	}
	check_lazy(text, size, ours);
	ms_json_parse("in", text, size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_text(data, size, room, seed);
}
