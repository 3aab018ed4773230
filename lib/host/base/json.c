/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.c - reading and writing JSON at speed. See json.h.
 *
 * jansson's own reader takes a text byte by byte through three layers. This one takes what
 * nearly every text consists of; at anything else (a fault, a number that is no plain integer, an
 * escaped code point) it gives up and leaves the whole text to jansson, which so has the last
 * word about everything that could be doubted.
 */
#include "base/json.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* -- reading ----------------------------------------------------------------------------- */

#define DEPTH_MAX  256
#define DIGITS_MAX 18

struct reader {
	const char *p, *end;
	struct ms_buf unescaped;
	const char *lazy; /* the outermost object's member that is not looked into; NULL: none */
	size_t least;
	json_t **shared; /* see share_string */
};

/* What a byte is inside a string. */
enum { PLAIN, HIGH, STOP };
static uint8_t classes[256];

static void make_classes(void)
{
	for (unsigned c = 0; c < 256; c++)
		classes[c] = c < 0x20 || c == '"' || c == '\\' ? STOP : c < 0x80 ? PLAIN : HIGH;
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r'))
		r->p++;
}

static bool take(struct reader *r, char c)
{
	skip_space(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* Goes to the next byte that ends plain text; true when it passed bytes that are not ASCII. */
static bool run(struct reader *r)
{
	unsigned high = 0;

	while (r->p < r->end) {
		uint8_t class = classes[(uint8_t)*r->p];

		if (class == STOP)
			break;
		high |= class;
		r->p++;
	}
	return high != 0;
}

static bool unescape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *which;

	if (r->end - r->p < 2 || r->p[1] == '\0' || !(which = strchr(from, r->p[1])))
		return false;
	ms_buf_add(&r->unescaped, to + (which - from), 1);
	r->p += 2;
	return true;
}

#define SHARED     1024 /* strings that are remembered; a power of two */
#define SHARED_MAX 255  /* bytes of one */

/* A plan of thousands of commands has the same few words in each: of equal strings near each other
 * there is one, which nobody changes. */
static json_t **slot_of(json_t *shared[SHARED], const char *s, size_t len)
{
	uint64_t hash = len, part = 0;

	for (size_t at = 0; at + 8 <= len; at += 8) {
		memcpy(&part, s + at, 8);
		hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	part = 0;
	memcpy(&part, s + (len & ~(size_t)7), len & 7);
	hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
	return &shared[(hash >> 32) & (SHARED - 1)];
}

static bool is_string(const json_t *value, const char *s, size_t len)
{
	return value && json_string_length(value) == len &&
	       memcmp(json_string_value(value), s, len) == 0;
}

/* ASCII. */
static json_t *share_string(struct reader *r, const char *s, size_t len)
{
	json_t **slot = slot_of(r->shared, s, len);

	if (is_string(*slot, s, len))
		return json_incref(*slot);
	*slot = json_stringn_nocheck(s, len);
	return *slot;
}

static json_t *made[SHARED]; /* strings that ms_json_share returned; held */

json_t *ms_json_share(const char *s)
{
	size_t len = strlen(s);
	json_t **slot, *value;

	if (len > SHARED_MAX)
		return json_stringn(s, len);
	slot = slot_of(made, s, len);
	if (is_string(*slot, s, len))
		return json_incref(*slot);
	value = json_stringn(s, len);
	if (value) {
		json_decref(*slot);
		*slot = json_incref(value);
	}
	return value;
}

void ms_json_share_again(void)
{
	memset(made, 0, sizeof(made));
}

/* Behind the opening quote. */
static json_t *take_string(struct reader *r)
{
	const char *start = r->p;
	bool high = run(r);

	if (r->p < r->end && *r->p == '"') {
		size_t len = (size_t)(r->p++ - start);

		if (!high && len <= SHARED_MAX)
			return share_string(r, start, len);
		return high ? json_stringn(start, len) : json_stringn_nocheck(start, len);
	}
	r->unescaped.len = 0;
	for (;;) {
		ms_buf_add(&r->unescaped, start, (size_t)(r->p - start));
		if (r->p == r->end)
			return NULL;
		if (*r->p == '"')
			break;
		if (*r->p != '\\' || !unescape(r))
			return NULL;
		start = r->p;
		run(r);
	}
	r->p++;
	return json_stringn(r->unescaped.data, r->unescaped.len);
}

/* A plain key, and whether it is new: it is when it comes after all before it. */
static bool take_key(struct reader *r, const json_t *object, const char **key, size_t *len,
                     const char **last, size_t *last_len)
{
	size_t shared;
	int order;

	if (!take(r, '"'))
		return false;
	*key = r->p;
	if (run(r) || r->p == r->end || *r->p != '"')
		return false;
	*len = (size_t)(r->p++ - *key);
	if (*last) {
		shared = *len < *last_len ? *len : *last_len;
		order = memcmp(*key, *last, shared);
		if (order < 0 || (order == 0 && *len <= *last_len))
			return json_object_getn(object, *key, *len) == NULL;
	}
	*last = *key;
	*last_len = *len;
	return true;
}

/* From a quote to the one that ends its text. */
static bool skip_string(struct reader *r)
{
	const char *start = r->p + 1;
	const char *quote = memchr(start, '"', (size_t)(r->end - start));

	/* Nearly always the next one. */
	if (quote && !memchr(start, '\\', (size_t)(quote - start))) {
		r->p = quote;
		return true;
	}
	for (r->p = start; r->p < r->end && *r->p != '"'; r->p++) {
		if (*r->p == '\\' && ++r->p == r->end)
			return false;
	}
	return r->p < r->end;
}

/* Passes one value without looking into it, which is sound where brackets and quotes are. */
static bool skip_value(struct reader *r)
{
	unsigned depth = 0;

	for (; r->p < r->end; r->p++) {
		switch (*r->p) {
		case '"':
			if (!skip_string(r))
				return false;
			break;
		case '{':
		case '[': depth++; break;
		case '}':
		case ']':
			if (depth == 0)
				return true;
			depth--;
			break;
		case ',':
			if (depth == 0)
				return true;
			break;
		}
	}
	return false;
}

static json_t *take_value(struct reader *r, unsigned depth);

static json_t *take_member(struct reader *r, unsigned depth, const char *key, size_t len)
{
	const char *start;

	if (depth == 1 && r->lazy && strlen(r->lazy) == len && memcmp(r->lazy, key, len) == 0) {
		skip_space(r);
		start = r->p;
		if (!skip_value(r))
			return NULL;
		/* anything but an object is for the caller's checks to see */
		if (*start == '{' && (size_t)(r->p - start) >= r->least)
			return ms_json_raw(start, (size_t)(r->p - start));
		r->p = start;
	}
	return take_value(r, depth);
}

static json_t *take_object(struct reader *r, unsigned depth)
{
	json_t *object = json_object(), *value;
	const char *key, *last = NULL;
	size_t len, last_len = 0;

	if (!object || take(r, '}'))
		return object;
	do {
		if (!take_key(r, object, &key, &len, &last, &last_len) || !take(r, ':') ||
		    !(value = take_member(r, depth, key, len)) ||
		    json_object_setn_new_nocheck(object, key, len, value) != 0)
			goto fail;
	} while (take(r, ','));
	if (take(r, '}'))
		return object;
fail:
	json_decref(object);
	return NULL;
}

static json_t *take_array(struct reader *r, unsigned depth)
{
	json_t *array = json_array(), *value;

	if (!array || take(r, ']'))
		return array;
	do {
		if (!(value = take_value(r, depth)) || json_array_append_new(array, value) != 0)
			goto fail;
	} while (take(r, ','));
	if (take(r, ']'))
		return array;
fail:
	json_decref(array);
	return NULL;
}

static json_t *take_integer(struct reader *r)
{
	const char *start = r->p;
	json_int_t n = 0;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9' && r->p - start < DIGITS_MAX)
		n = n * 10 + (*r->p++ - '0');
	if (r->p == start || r->p == r->end || (*start == '0' && r->p - start > 1) ||
	    (*r->p && strchr(".eE0123456789", *r->p)))
		return NULL;
	return json_integer(n);
}

static bool take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return false;
	r->p += len;
	return true;
}

static json_t *take_value(struct reader *r, unsigned depth)
{
	skip_space(r);
	if (r->p == r->end || depth == DEPTH_MAX)
		return NULL;
	switch (*r->p) {
	case '{': r->p++; return take_object(r, depth + 1);
	case '[': r->p++; return take_array(r, depth + 1);
	case '"': r->p++; return take_string(r);
	case 't': return take_word(r, "true") ? json_true() : NULL;
	case 'f': return take_word(r, "false") ? json_false() : NULL;
	case 'n': return take_word(r, "null") ? json_null() : NULL;
	default: return take_integer(r);
	}
}

static json_t *load(struct reader r, json_error_t *error)
{
	const char *text = r.p;
	size_t len = (size_t)(r.end - text);
	json_t *shared[SHARED] = {NULL}, *root = NULL; /* all of them are in what is read */

	r.shared = shared;
	if (!classes[0])
		make_classes();
	skip_space(&r);
	if (r.p < r.end && (*r.p == '{' || *r.p == '['))
		root = take_value(&r, 0);
	skip_space(&r);
	free(r.unescaped.data);
	if (root && r.p == r.end)
		return root;
	json_decref(root);
	return json_loadb(text, len, JSON_REJECT_DUPLICATES, error);
}

json_t *ms_json_load(const char *text, size_t len, json_error_t *error)
{
	return load((struct reader){.p = text, .end = text + len}, error);
}

json_t *ms_json_load_lazily(const char *text, size_t len, const char *key, size_t least,
                            json_error_t *error)
{
	return load((struct reader){.p = text, .end = text + len, .lazy = key, .least = least},
	            error);
}

/* -- raw values ---------------------------------------------------------------------------- */

static struct raw {
	json_t *value; /* held, so that no other value gets its address */
} raws[2];

json_t *ms_json_raw(const char *text, size_t len)
{
	static size_t next;
	json_t *value = json_stringn_nocheck(text, len);
	struct raw *raw = &raws[next++ % (sizeof(raws) / sizeof(raws[0]))];

	if (!value)
		ms_die_system("out of memory");
	json_decref(raw->value);
	raw->value = json_incref(value);
	return value;
}

const char *ms_json_raw_text(const json_t *value, size_t *len)
{
	for (size_t i = 0; value && i < sizeof(raws) / sizeof(raws[0]); i++) {
		if (raws[i].value == value) {
			*len = json_string_length(value);
			return json_string_value(value);
		}
	}
	return NULL;
}

/* -- writing ----------------------------------------------------------------------------- */

/* None of eight bytes is a control character, a quote or a backslash. */
static bool is_plain8(const char *s)
{
	const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
	uint64_t v, quote, slash;

	memcpy(&v, s, sizeof(v));
	quote = v ^ ones * '"';
	slash = v ^ ones * '\\';
	/* Each term sets the high bit of a byte that is below its bound, and may of others; those
	 * are looked at one by one. */
	return !(((v - ones * 0x20) | (quote - ones) | (slash - ones)) & highs);
}

void ms_json_add_string(struct ms_buf *out, const char *s, size_t len)
{
	static const char names[] = "\"\\\b\f\n\r\t", escapes[] = "\"\\bfnrt";
	const char *end = s + len, *start = s;
	char *to = ms_buf_room(out, len + 2);

	if (!classes[0])
		make_classes();
	*to++ = '"';
	while (end - s >= 8 && is_plain8(s)) {
		memcpy(to, s, 8);
		s += 8;
		to += 8;
	}
	while (s < end && classes[(uint8_t)*s] != STOP)
		*to++ = *s++;
	if (s == end) {
		*to++ = '"';
		*to = '\0';
		out->len += len + 2;
		return;
	}
	out->len += (size_t)(s - start) + 1;
	while (s < end) {
		const char *name;

		if (classes[(uint8_t)*s] != STOP) {
			ms_buf_add(out, s++, 1);
			continue;
		}
		ms_buf_add(out, "\\", 1);
		name = *s ? strchr(names, *s) : NULL;
		if (name)
			ms_buf_add(out, escapes + (name - names), 1);
		else
			ms_buf_printf(out, "u%04x", (unsigned char)*s);
		s++;
	}
	ms_buf_add(out, "\"", 1);
}

void ms_json_add_digits(struct ms_buf *out, uint64_t value)
{
	char digits[24], *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + value % 10);
	} while (value /= 10);
	ms_buf_add(out, p, (size_t)(digits + sizeof(digits) - p));
}

void ms_json_add_integer(struct ms_buf *out, json_int_t value)
{
	if (value > MS_DOC_INT_MAX || value < -MS_DOC_INT_MAX)
		ms_die_input("a document cannot hold the integer %" JSON_INTEGER_FORMAT, value);
	if (value < 0)
		ms_buf_add(out, "-", 1);
	ms_json_add_digits(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void ms_json_add_hex_digits(struct ms_buf *out, uint64_t value)
{
	char digits[24], *p = digits + sizeof(digits);

	do {
		*--p = "0123456789abcdef"[value % 16];
	} while (value /= 16);
	*--p = 'x';
	*--p = '0';
	ms_buf_add(out, p, (size_t)(digits + sizeof(digits) - p));
}

void ms_json_add_hex(struct ms_buf *out, uint64_t value)
{
	ms_buf_add(out, "\"", 1);
	ms_json_add_hex_digits(out, value);
	ms_buf_add(out, "\"", 1);
}

struct pair {
	const char *key;
	json_t *value;
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

static void write_pairs(struct ms_buf *out, const struct pair *pairs, size_t count)
{
	ms_buf_add(out, "{", 1);
	for (size_t i = 0; i < count; i++) {
		if (i)
			ms_buf_add(out, ",", 1);
		ms_json_add_string(out, pairs[i].key, strlen(pairs[i].key));
		ms_buf_add(out, ":", 1);
		ms_json_write(out, pairs[i].value);
	}
	ms_buf_add(out, "}", 1);
}

/* What was read from canonical text is in order already. */
static void write_object(struct ms_buf *out, json_t *object)
{
	struct pair few[32], *pairs = few;
	size_t count = json_object_size(object), i = 0;
	bool sorted = true;

	if (count > sizeof(few) / sizeof(few[0]))
		pairs = ms_alloc(count, sizeof(*pairs));
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at), i++) {
		pairs[i] = (struct pair){json_object_iter_key(at), json_object_iter_value(at)};
		sorted = sorted && (i == 0 || strcmp(pairs[i - 1].key, pairs[i].key) < 0);
	}
	if (!sorted)
		qsort(pairs, count, sizeof(*pairs), by_key);
	write_pairs(out, pairs, count);
	if (pairs != few)
		free(pairs);
}

void ms_json_write(struct ms_buf *out, const json_t *value)
{
	const char *raw;
	size_t len;

	switch (json_typeof(value)) {
	case JSON_OBJECT: write_object(out, (json_t *)(uintptr_t)value); break;
	case JSON_ARRAY:
		ms_buf_add(out, "[", 1);
		for (size_t i = 0; i < json_array_size(value); i++) {
			if (i)
				ms_buf_add(out, ",", 1);
			ms_json_write(out, json_array_get(value, i));
		}
		ms_buf_add(out, "]", 1);
		break;
	case JSON_STRING:
		raw = ms_json_raw_text(value, &len);
		if (raw) {
			ms_buf_add(out, raw, len);
			break;
		}
		/* What follows a NUL has never been written; readers refuse one. */
		ms_json_add_string(out, json_string_value(value), strlen(json_string_value(value)));
		break;
	case JSON_INTEGER: ms_json_add_integer(out, json_integer_value(value)); break;
	case JSON_TRUE: ms_buf_puts(out, "true"); break;
	case JSON_FALSE: ms_buf_puts(out, "false"); break;
	case JSON_NULL: ms_buf_puts(out, "null"); break;
	case JSON_REAL: ms_die_input("a document cannot hold a floating-point number");
	}
}

/* -- memory ------------------------------------------------------------------------------ */

#if defined(__SANITIZE_ADDRESS__)

/* The sanitizer looks after malloc's blocks, not after parts of ours. */
void ms_json_fast_memory(void)
{
	json_set_alloc_funcs(ms_library_alloc, free);
}

#else

#define GRAIN   16  /* sizes are rounded up to it */
#define SMALL   256 /* bytes, header included; larger blocks are malloc's */
#define PIECE   (256 * 1024)
#define CLASSES (SMALL / GRAIN + 1)

/* In front of every block: its class, 0 for malloc's. Aligned as malloc's blocks are. */
union head {
	size_t class;
	union head *next; /* of a free block */
	max_align_t align;
};

static union head *free_blocks[CLASSES];
static char *piece, *piece_end;

static void *fast_alloc(size_t size)
{
	size_t class = (size + sizeof(union head) + GRAIN - 1) / GRAIN;
	union head *block;

	if (class >= CLASSES) {
		block = ms_library_alloc(size + sizeof(union head));
		block->class = 0;
		return block + 1;
	}
	block = free_blocks[class];
	if (block) {
		free_blocks[class] = block->next;
	} else {
		if ((size_t)(piece_end - piece) < class * GRAIN) {
			piece = ms_library_alloc(PIECE);
			piece_end = piece + PIECE;
		}
		block = (void *)piece;
		piece += class * GRAIN;
	}
	block->class = class;
	return block + 1;
}

static void fast_free(void *p)
{
	union head *block = p;
	size_t class;

	if (!p)
		return;
	block--;
	class = block->class;
	if (class == 0) {
		free(block);
		return;
	}
	block->next = free_blocks[class];
	free_blocks[class] = block;
}

void ms_json_fast_memory(void)
{
	json_set_alloc_funcs(fast_alloc, fast_free);
}

#endif
