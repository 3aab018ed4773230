/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-toml.c - vendor/toml/toml.c from the inside: what the golden cases in tests/toml cannot
 * show. The reader is compiled into this program with an allocator that counts and fails.
 */
#include <stdint.h>
#include <stdlib.h>

static void *test_malloc(size_t size);
static void test_free(void *pointer);
#define TOML_MALLOC(size)  test_malloc(size)
#define TOML_FREE(pointer) test_free(pointer)
#include "tap.h"
#include "toml/toml.c"

static unsigned allocations; /* since the last reset */
static unsigned fail_at;     /* the allocation that fails, counted from 1; 0: none */
static int live;             /* allocated and not freed */

static void *test_malloc(size_t size)
{
	if (++allocations == fail_at)
		return NULL;
	live++;
	return malloc(size);
}

static void test_free(void *pointer)
{
	if (pointer != NULL)
		live--;
	free(pointer);
}

/* Every construct once; line ends of both kinds. */
static const char sample[] = "# sample \xC3\xA9\r\n"
                             "title = \"a\\tb\\u00e9\\U0001F600\" # c\n"
                             "'lit k' . \"q\\\"k\" = 'x\\y'\n"
                             "ml = \"\"\"\r\none \\\n   two\"\"\"\"\n"
                             "mll = '''\nx''y'''\n"
                             "n = [ 0x1F, -1_000, [ true, false, ], { a.b = 0o17, c = {} } ]\n"
                             "[t.\"u v\"]\nd.e.f = 0b101\nd.e.g = +0\n"
                             "[[p]]\nid = 1\n[[p]]\n[p.sub]\nid = 2\n[t]\nlast = \"end\"\n";

/* Counting lines for each place of a long text would take longer than all tests together. */
enum { COUNT_LINES_UP_TO = 4096 };

/* Where the offset lies, by the plain definition. */
static int pos_is_true(const char *text, size_t len, const struct toml_pos *pos)
{
	const char *at = text + pos->offset, *start;
	unsigned line = 1;

	if (pos->offset > len || pos->len == 0 || pos->col == 0 || pos->col - 1 > pos->offset)
		return 0;
	start = at - (pos->col - 1);
	if (start > text && start[-1] != '\n')
		return 0;
	if (pos->len > 1 && (pos->len > len - pos->offset || memchr(at, '\n', pos->len) != NULL))
		return 0;
	if (len > COUNT_LINES_UP_TO)
		return 1;
	for (const char *c = text; c < at; c++)
		line += *c == '\n';
	return pos->line == line && memchr(start, '\n', pos->col - 1) == NULL;
}

static int message_is_clean(const char *message)
{
	size_t len = strlen(message), size;

	if (len == 0 || len >= sizeof(((struct toml_diag *)0)->message))
		return 0;
	for (size_t i = 0; i < len; i += size) {
		size = utf8_size(message + i, len - i);
		if (size == 0 || is_hidden(utf8_decode(message + i, size)))
			return 0;
	}
	return 1;
}

/* Checks each event against the ones before it. */
struct walk {
	const char *text;
	size_t len;
	unsigned events, stop_after; /* 0: never */
	unsigned depth;
	unsigned scalars;
	size_t next[TOML_MAX_DEPTH + 2]; /* the index to come, per depth */
	int in_array[TOML_MAX_DEPTH + 2];
	int bad;
};

static int walk_event(void *user, const struct toml_event *e)
{
	struct walk *w = user;
	int list = e->type == TOML_TABLE || e->type == TOML_ARRAY;
	int root = w->events == 0 || (list && !e->begin && e->depth == 0);

	w->events++;
	if (list && !e->begin) {
		w->bad |= w->depth == 0 || e->depth != w->depth - 1;
		w->depth--;
	} else {
		w->bad |= e->depth != w->depth || e->index != w->next[w->depth];
		w->next[w->depth]++;
		if (list) {
			w->bad |= e->depth > TOML_MAX_DEPTH || !e->begin;
			w->depth++;
			w->next[w->depth] = 0;
			w->in_array[w->depth] = e->type == TOML_ARRAY;
		} else {
			w->scalars++;
			w->bad |= e->begin;
		}
	}
	w->bad |= (e->key == NULL) != (root || w->in_array[e->depth]);
	w->bad |= e->key != NULL && e->key[e->key_len] != '\0';
	w->bad |= (e->type == TOML_STRING) != (e->string != NULL);
	w->bad |= e->type == TOML_STRING && e->string[e->string_len] != '\0';
	w->bad |= !pos_is_true(w->text, w->len, &e->key_pos);
	w->bad |= !pos_is_true(w->text, w->len, &e->value_pos);
	return w->events == w->stop_after;
}

/*
 * Reads a copy that ends where the text ends (so that a sanitizer sees each step past it) and
 * checks all that must hold for any input. Returns the code, or -1 after a broken promise.
 */
static int read_checked(const char *text, size_t len, unsigned stop_after, unsigned *events)
{
	struct toml_diag diag = {.error = TOML_ESTOPPED};
	char *copy = malloc(len + (len == 0));
	struct walk w = {.text = copy, .len = len, .stop_after = stop_after};
	int error, good;

	if (copy == NULL)
		abort();
	memcpy(copy, text, len);
	error = (int)toml_read(copy, len, walk_event, &w, &diag);
	good = diag.error == (enum toml_error)error && live == 0 && !w.bad;
	if (error == TOML_OK)
		good &= w.depth == 0 && w.events >= 2 && diag.message[0] == '\0';
	else
		good &= message_is_clean(diag.message) && pos_is_true(copy, len, &diag.pos);
	if (error != TOML_OK && error != TOML_ESTOPPED)
		good &= w.events == 0;
	good &= toml_read(copy, len, NULL, NULL, NULL) ==
	        (error == TOML_ESTOPPED ? TOML_OK : (enum toml_error)error);
	free(copy);
	if (events != NULL)
		*events = w.events;
	if (!good)
		printf("# broken promise: error %d, %s\n", error, diag.message);
	return good ? error : -1;
}

static int read_text(const char *text)
{
	return read_checked(text, strlen(text), 0, NULL);
}

static void test_basics(void)
{
	unsigned events = 0, all = 0;
	int good = 1;

	ok(read_checked(sample, sizeof(sample) - 1, 0, &all) == TOML_OK,
	   "the sample is delivered in order, with true places");
	ok(toml_read(NULL, 0, NULL, NULL, NULL) == TOML_OK, "no text at all is an empty table");
	ok(read_text("a = 1\nb = [\n  \"x\",\n  2.5 ]\n") == TOML_EUNSUPPORTED,
	   "nothing is delivered from a document that is refused");
	for (unsigned i = 1; i <= all; i++)
		good &= read_checked(sample, sizeof(sample) - 1, i, &events) == TOML_ESTOPPED &&
		        events == i;
	ok(good && all > 30, "the receiver can stop at every event");
	good = 1;
	for (unsigned i = TOML_OK; i <= TOML_ESTOPPED; i++) {
		for (unsigned k = TOML_OK; k < i; k++)
			good &= strcmp(toml_error_name(i), toml_error_name(k)) != 0;
	}
	ok(good && strcmp(toml_error_name(TOML_ESTOPPED + 1), "unknown") == 0 &&
	       strcmp(toml_error_name(TOML_EREDEFINED), "redefined") == 0,
	   "every error has its own name");
}

/* A text that grows; its size is known beforehand. */
struct text {
	char *bytes;
	size_t len, cap;
};

static struct text text_new(size_t cap)
{
	struct text t = {malloc(cap), 0, cap};

	if (t.bytes == NULL)
		abort();
	return t;
}

static void CHECK_PRINTF(2, 3) text_add(struct text *t, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->bytes + t->len, t->cap - t->len, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= t->cap - t->len)
		abort();
	t->len += (size_t)n;
}

static int read_and_free(struct text *t)
{
	int error = read_checked(t->bytes, t->len, 0, NULL);

	free(t->bytes);
	return error;
}

static void test_input_cap(void)
{
	struct text t = text_new(TOML_MAX_INPUT + 2);

	memset(t.bytes, '#', t.cap);
	t.len = TOML_MAX_INPUT;
	ok(read_checked(t.bytes, t.len, 0, NULL) == TOML_OK, "8 MiB are read");
	ok(read_checked(t.bytes, t.len + 1, 0, NULL) == TOML_ELIMIT, "one byte more is refused");
	/* Every byte of the input goes into the string pool. */
	memset(t.bytes, 'k', t.cap);
	ok(read_checked(t.bytes, t.len, 0, NULL) == TOML_ESYNTAX, "a key of 1 MiB without value");
	memcpy(t.bytes + t.len - 2, "=1", 2);
	ok(read_and_free(&t) == TOML_OK, "a key of nearly 1 MiB");
	t = text_new(TOML_MAX_INPUT + 1);
	memset(t.bytes, '[', t.cap);
	memcpy(t.bytes, "a=", 2);
	t.len = TOML_MAX_INPUT;
	ok(read_checked(t.bytes, t.len, 0, NULL) == TOML_ELIMIT, "1 MiB of [");
	for (size_t i = 2; i + 3 <= t.len; i += 3)
		memcpy(t.bytes + i, "{a=", 3);
	ok(read_and_free(&t) == TOML_ELIMIT, "1 MiB of {a=");
	t = text_new(TOML_MAX_INPUT + 1);
	for (size_t i = 0; i < TOML_MAX_INPUT; i++)
		t.bytes[i] = "a."[i % 2];
	t.len = TOML_MAX_INPUT;
	ok(read_and_free(&t) == TOML_ELIMIT, "1 MiB of a.");
}

static void test_node_cap(void)
{
	for (int over = 0; over <= 1; over++) {
		struct text t = text_new(TOML_MAX_INPUT);
		text_add(&t, "a=[");
		for (int i = 0; i < TOML_MAX_NODES - 1 + over; i++)
			text_add(&t, "1,");
		text_add(&t, "]");
		ok(read_and_free(&t) == (over ? TOML_ELIMIT : TOML_OK), "%s",
		   over ? "one node more than the cap" : "as many nodes as the cap allows");
	}
}

/* Keys in rising, falling and mixed order; then one of them again. */
static void test_many_keys(void)
{
	const unsigned count = 100000;

	for (unsigned again = 0; again <= 1; again++) {
		struct text t = text_new(TOML_MAX_INPUT + 16);
		/* 7919 has no common divisor with the count: each number comes once. */
		for (unsigned i = 0; i < count; i++)
			text_add(&t, "%x=1\n", (unsigned)((uint64_t)i * 7919 % count));
		if (again)
			text_add(&t, "%x=2\n", count / 2);
		ok(read_and_free(&t) == (again ? TOML_EREDEFINED : TOML_OK), "%s",
		   again ? "one of 100,000 keys given again" : "100,000 keys of one table");
	}
	/* Keys that are each other's beginnings make the deepest index. */
	struct text t = text_new(TOML_MAX_INPUT);
	for (int i = 0; i < 1000; i++)
		text_add(&t, "%0*d=1\n", i + 1, 0);
	for (int i = 0; i < 30000; i++)
		text_add(&t, "x%d=1\n", i);
	ok(read_and_free(&t) == TOML_OK, "keys that are beginnings of others");
	t = text_new(TOML_MAX_INPUT);
	for (int i = 0; i < 40000; i++)
		text_add(&t, "[[p]]\nname=\"%d\"\n", i);
	ok(read_and_free(&t) == TOML_OK, "40,000 tables of one array");
	t = text_new(TOML_MAX_INPUT);
	for (int i = 0; i < 30000; i++)
		text_add(&t, "[a.b.c.d.e.f.t%d]\n", i);
	ok(read_and_free(&t) == TOML_OK, "30,000 tables below one path");
}

/* The same random keys in the reader and in a plain list must be twice at the same place. */
static void test_random_keys(void)
{
	uint32_t seed = 1;
	int good = 1, repeated = 0;

	for (int round = 0; round < 2000; round++) {
		struct text t = text_new(8192);
		char seen[64][48];
		int want = TOML_OK, count = 0;
		while (count < 2 + round % 16 && want == TOML_OK) {
			char *key = seen[count];
			size_t len = 0;
			unsigned parts;
			seed = seed * 1664525u + 1013904223u;
			parts = seed >> 29;
			for (unsigned p = 0; p < parts; p++) {
				seed = seed * 1664525u + 1013904223u;
				len += (size_t)sprintf(
				    key + len, "%s",
				    (const char *[]){"a", "b", "\\u0000", "\\u007F"}[seed >> 30]);
			}
			key[len] = '\0';
			for (int i = 0; i < count; i++) {
				if (strcmp(seen[i], key) == 0)
					want = TOML_EREDEFINED;
			}
			text_add(&t, "\"%s\" = 1\n", key);
			count++;
		}
		repeated += want == TOML_EREDEFINED;
		good &= read_and_free(&t) == want;
	}
	ok(good && repeated > 500 && repeated < 1500, "random keys are told apart");
}

/* A cut at any place, and any byte in any place. */
static void test_damage(const char *text, size_t len, const char *name)
{
	char *copy = malloc(len + 1);
	int good = 1;
	unsigned refused = 0;

	if (copy == NULL)
		abort();
	memcpy(copy, text, len);
	for (size_t i = 0; i <= len; i++)
		good &= read_checked(copy, i, 0, NULL) >= 0;
	for (size_t i = 0; i < len; i++) {
		for (int c = 0; c < 256; c++) {
			int error;
			copy[i] = (char)c;
			error = read_checked(copy, len, 0, NULL);
			good &= error >= 0;
			refused += error > 0;
		}
		copy[i] = text[i];
	}
	for (size_t i = 0; i < len; i++) { /* one byte left out, one put in twice */
		memmove(copy, text, i);
		memcpy(copy + i, text + i + 1, len - i - 1);
		good &= read_checked(copy, len - 1, 0, NULL) >= 0;
		memcpy(copy + i + 1, text + i, len - i);
		copy[i] = text[i];
		good &= read_checked(copy, len + 1, 0, NULL) >= 0;
	}
	free(copy);
	ok(good && refused > 0, "%s", name);
}

/* Each allocation fails once: that is said, nothing is delivered, nothing is left. */
static void test_memory(void)
{
	struct text t = text_new(65536);
	struct toml_diag diag;
	unsigned events, needed;
	int good = 1;

	for (int i = 0; i < 2000; i++)
		text_add(&t, "k%d = [ \"x\" ]\n", i);
	allocations = 0;
	good &= toml_read(t.bytes, t.len, NULL, NULL, &diag) == TOML_OK;
	needed = allocations;
	for (unsigned i = 1; i <= needed; i++) {
		struct walk w = {.text = t.bytes, .len = t.len};
		allocations = 0;
		fail_at = i;
		good &= toml_read(t.bytes, t.len, walk_event, &w, &diag) == TOML_EMEMORY;
		good &= live == 0 && w.events == 0 && message_is_clean(diag.message);
		good &= pos_is_true(t.bytes, t.len, &diag.pos);
	}
	fail_at = 0;
	good &= read_checked(t.bytes, t.len, 0, &events) == TOML_OK && events > 4000;
	free(t.bytes);
	ok(good && needed > 10, "each allocation may fail");
}

/* Messages quote the input; they stay one clean line whatever it is. */
static void test_messages(void)
{
	static const char *const marks[] = {
	    "\xC3\xA9", "\xF0\x9F\x98\x80", "\xE2\x80\xAE", "\xC2\x85", "\\\\", "\\u0007"};
	static const char *const forms[] = {
	    "%s = 1\n%s = 2\n",     "[%s.%s.z]\n",       "[[%s.%s]\n",          "%s.%s 1\n",
	    "%s.a = 1\n[%s.a.b]\n", "%s = {}\n[[%s]]\n", "%s = []\n[%s.a.b]\n", "a = x%s%s\n",
	};
	int good = 1, errors = 0;

	for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++) {
		for (size_t f = 0; f < 8 * sizeof(forms) / sizeof(forms[0]); f++) {
			struct text key = text_new(1024), t = text_new(4096);
			const char *form = forms[f / 8];
			int error;
			text_add(&key, "\"%.*s", (int)(f % 8), "abcdefgh");
			for (int i = 0; i < 60; i++)
				text_add(&key, "%s", marks[m]);
			text_add(&key, "\"");
			for (const char *c = form; *c != '\0'; c++) {
				if (c[0] == '%' && c[1] == 's') {
					text_add(&t, "%s", key.bytes);
					c++;
				} else {
					text_add(&t, "%c", *c);
				}
			}
			free(key.bytes);
			error = read_and_free(&t);
			good &= error >= 0;
			errors += error > 0;
		}
	}
	ok(good && errors > 300, "messages are clean and not cut inside a character");
}

int main(void)
{
	static const char broken[] = "a = [1, 2\n[b\n= \"\\uD8zz\n'''\n{1.5 1979-05-27 07:32:00Z}";
	static const char dense[] = "a.b=[{c=\"\"\"\\\n\"\"\"\"\"}]\n[[d.e]]\n'f'.g=-0x1_0\n";

	test_basics();
	test_input_cap();
	test_node_cap();
	test_many_keys();
	test_random_keys();
	test_damage(sample, sizeof(sample) - 1, "a damaged sample");
	test_damage(broken, sizeof(broken) - 1, "a damaged broken text");
	test_damage(dense, sizeof(dense) - 1, "a damaged dense text");
	test_memory();
	test_messages();
	done_testing();
	return 0;
}
