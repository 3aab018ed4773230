/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-json.c - lib/host/base/json.c beside jansson: the same value, or the same refusal, for
 * every text; canonical bytes that read back to what was written.
 */
#include "base/json.h"
#include "hostile.h"
#include "tap.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static unsigned disagreements;

/* 1 when both take it; counts where they differ. */
static int both(const uint8_t *data, size_t len)
{
	json_error_t ours = {0}, theirs = {0};
	json_t *a = ms_json_load((const char *)data, len, &ours);
	json_t *b = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, &theirs);
	int taken = a && b;

	if (!a != !b || (a && !json_equal(a, b)))
		disagreements++;
	if (!a && (strcmp(ours.text, theirs.text) != 0 || ours.line != theirs.line ||
	           ours.column != theirs.column))
		disagreements++;
	json_decref(a);
	json_decref(b);
	return taken;
}

static const char sound[] =
    "{\"array\":[1,22,333,0,true,false,null,[],{}],\"b\":{\"c\":\"d\",\"e\":[\"\",\"\\\"\\\\\\n\"]}"
    ","
    "\"long\":123456789012345678,\"text\":\"gr\xc3\xbc\xc3\x9f\",\"z\" : [ \"a\" , 5 ]}";

static const char *const single[] = {
    "",
    " ",
    "{",
    "}",
    "{}",
    " {} ",
    "{}x",
    "[]",
    "[1,]",
    "[,1]",
    "{\"a\":1,}",
    "{\"a\"}",
    "{\"a\":}",
    "{a:1}",
    "[01]",
    "[-1]",
    "[-0]",
    "[+1]",
    "[1.5]",
    "[1e3]",
    "[999999999999999999]",
    "[9223372036854775807]",
    "[9223372036854775808]",
    "[99999999999999999999999]",
    "[tru]",
    "[truex]",
    "[nul",
    "[\"\\u0041\"]",
    "[\"\\u0000\"]",
    "[\"\\ud800\"]",
    "[\"\\x\"]",
    "[\"\\",
    "[\"a\nb\"]",
    "[\"\xff\"]",
    "[\"\xc3\"]",
    "[\"\xed\xa0\x80\"]",
    "{\"b\":1,\"a\":2,\"b\":3}",
    "{\"a\":1,\"a\":1}",
    "{\"ab\":1,\"a\":2,\"abc\":3,\"b\":4,\"a\":5}",
    "{\"b\":1,\"a\":2,\"ab\":3}",
    "{\"\":1,\"a\":2}",
    "{\"k\xc3\xa4se\":1,\"k\xc3\xa4se\":2}",
    "{\"\\u0061\":1,\"a\":2}",
    "1",
    "\"a\"",
    "\xef\xbb\xbf{}",
    "[1]\n\t\r ",
    "[1]\f",
};

static void test_reading(void)
{
	char deep[3000];

	disagreements = 0;
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		unsigned before = disagreements;

		both((const uint8_t *)single[i], strlen(single[i]));
		if (disagreements != before)
			printf("# differs: %s\n", single[i]);
	}
	ok(disagreements == 0, "texts at the edges");
	for (size_t depth = 100; depth <= 1400; depth += 100) {
		memset(deep, '[', depth);
		memset(deep + depth, ']', depth);
		both((const uint8_t *)deep, 2 * depth);
	}
	ok(disagreements == 0, "deep nesting");
	both((const uint8_t *)"[1]\0", 4);
	both((const uint8_t *)"[\"a\0b\"]", 7);
	ok(disagreements == 0, "NUL bytes");
	ok(both((const uint8_t *)sound, sizeof(sound) - 1), "a sound text");
	hostile_truncations(both, (const uint8_t *)sound, sizeof(sound) - 1);
	ok(disagreements == 0, "every truncation of it");
	hostile_changes(both, (const uint8_t *)sound, sizeof(sound) - 1);
	ok(disagreements == 0, "every change of one byte of it");
}

static char *written(const json_t *value)
{
	struct ms_buf out = {0};

	ms_json_write(&out, value);
	return out.data;
}

static void test_writing(void)
{
	json_t *value = ms_json_load(sound, sizeof(sound) - 1, NULL), *again;
	json_t *wide = json_object(), *text = json_string("x");
	char key[16], *bytes;
	int sorted = 1;
	const char *at;

	json_object_del(value, "long"); /* more than a document's numbers */
	bytes = written(value);
	again = ms_json_load(bytes, strlen(bytes), NULL);
	ok(json_equal(value, again), "what is written reads back");
	is_string(written(again), bytes, "to the same bytes");
	is_string(written(text), "\"x\"", "a text alone");
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "k%03u", i * 7 % 1000);
		json_object_set_new(wide, key, json_integer(-(json_int_t)i));
	}
	bytes = written(wide);
	at = bytes;
	for (unsigned i = 0; i < 1000 && sorted; i++) {
		snprintf(key, sizeof(key), "\"k%03u\":", i);
		at = strstr(at, key);
		sorted = at != NULL;
	}
	ok(sorted, "a thousand keys are sorted");
	again = ms_json_load(bytes, strlen(bytes), NULL);
	ok(json_equal(wide, again), "and read back");
	json_decref(value);
	json_decref(wide);
	json_decref(text);
	json_decref(again);
}

/* A text read with "big" left raw, as it is written again; NULL: refused. */
static char *lazily(const char *text)
{
	json_error_t error;
	json_t *value = ms_json_load_lazily(text, strlen(text), "big", 10, &error);
	char *bytes = value ? written(value) : NULL;

	json_decref(value);
	return bytes;
}

static void test_raw(void)
{
	static const char text[] = "{\"a\":{\"big\":[1,2,3,4,5,6]},\"big\":{\"x\":[\"]}\\\"\",{}]},"
	                           "\"c\":\"d\"}";
	static const char string[] = "{\"big\":\"a text, no object\"}";
	json_t *value = ms_json_load_lazily(text, strlen(text), "big", 10, NULL);
	size_t len;
	const char *raw = ms_json_raw_text(json_object_get(value, "big"), &len);

	ok(raw && len == 17 && strncmp(raw, "{\"x\":[\"]}\\\"\",{}]}", len) == 0,
	   "a large member of the outermost object is not looked into");
	ok(json_is_array(json_object_get(json_object_get(value, "a"), "big")), "one further in is");
	is_string(written(value), text, "it is written as it was");
	ok(!ms_json_raw_text(json_object_get(value, "c"), &len), "no other text is raw");
	json_decref(value);
	is_string(lazily("{\"big\":[ 1 ]}"), "{\"big\":[1]}", "a small one is read");
	is_string(lazily("{\"big\": \"a text, no object\" }"), "{\"big\":\"a text, no object\"}",
	          "what is no object is read");
	value = ms_json_load_lazily(string, strlen(string), "big", 10, NULL);
	ok(value && !ms_json_raw_text(json_object_get(value, "big"), &len), "and is not raw");
	json_decref(value);
	ok(!lazily("{\"big\":[1,2,3,4,5,6}") && !lazily("{\"big\":[\"1,2,3,4,5,6]}") &&
	       !lazily("{\"big\":\"\\") && !lazily("{\"big\":[[[[[[[[[[[[") &&
	       !lazily("{\"big\":[1,2,3,4,5,6],\"big\":1}"),
	   "without its end, or twice, it is refused");
}

/* Values of all sizes, set free in another order, with jansson's blocks from us. */
static void test_memory(void)
{
	json_t *kept[64] = {NULL};
	int good = 1;

	for (unsigned round = 0; round < 20000; round++) {
		unsigned i = (round * 2654435761u >> 7) % 64, len = round * 37 % 600;
		char text[600];

		if (kept[i]) {
			const char *s = json_string_value(kept[i]);

			for (size_t k = 0; k < json_string_length(kept[i]); k++)
				good &= s[k] == (char)('a' + i % 26);
			json_decref(kept[i]);
		}
		memset(text, (int)('a' + i % 26), len);
		kept[i] = json_stringn(text, len);
	}
	for (unsigned i = 0; i < 64; i++)
		json_decref(kept[i]);
	ok(good, "no block overlaps another");
}

/* Of equal strings there is one; what only looks alike is another. */
static void test_sharing(void)
{
	static const char text[] =
	    "[\"-c\",\"-c\",\"-C\",\"-c \",\"\",\"\",\"eight by\",\"eight by\",\"eight bY\"]";
	json_t *list = ms_json_load(text, strlen(text), NULL), *a, *b;
	char long_text[400];

	ok(json_array_get(list, 0) == json_array_get(list, 1) &&
	       json_array_get(list, 4) == json_array_get(list, 5) &&
	       json_array_get(list, 6) == json_array_get(list, 7),
	   "equal strings of a text are one");
	ok(json_array_get(list, 0) != json_array_get(list, 2) &&
	       json_array_get(list, 0) != json_array_get(list, 3) &&
	       json_array_get(list, 7) != json_array_get(list, 8),
	   "others are not");
	a = ms_json_share("-c");
	b = ms_json_share("-c");
	ok(a && a == b && strcmp(json_string_value(a), "-c") == 0, "strings that are made, too");
	json_decref(a);
	json_decref(b);
	json_decref(list);
	a = ms_json_share("-c");
	ok(a && strcmp(json_string_value(a), "-c") == 0, "it outlives those who had it");
	json_decref(a);
	ok(!ms_json_share("\xff") && !ms_json_share("\xff"), "what is no UTF-8 is no string");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	a = ms_json_share(long_text);
	ok(a && json_string_length(a) == sizeof(long_text) - 1, "a long one is its own");
	json_decref(a);
	/* more of them than are remembered */
	for (int i = 0; i < 5000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "build/pd/%d.o", i);
		a = ms_json_share(name);
		if (!a || strcmp(json_string_value(a), name) != 0)
			disagreements++;
		json_decref(a);
	}
	ok(disagreements == 0, "thousands of them");
}

int main(void)
{
	ms_json_fast_memory();
	test_reading();
	test_writing();
	test_raw();
	test_memory();
	test_sharing();
	done_testing();
	return 0;
}
