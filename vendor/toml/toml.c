/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toml.c - the reader behind toml.h: UTF-8 check, then one pass that builds a tree of nodes
 * (so that redefinitions are seen), then a walk that delivers the tree.
 *
 * Long on purpose: whoever wants this reader copies this file and toml.h, and has all of it.
 *
 * Names in brackets such as [Keys] or [Inline Table] are sections of the TOML 1.0.0 text.
 */
#include "toml.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Another allocator may be put in here by defining both; TOML_MALLOC may return NULL. */
#ifndef TOML_MALLOC
#define TOML_MALLOC(size)  malloc(size)
#define TOML_FREE(pointer) free(pointer)
#endif

#ifdef __GNUC__
#define CHECK_PRINTF(fmt_arg, first) __attribute__((format(printf, fmt_arg, first)))
#else
#define CHECK_PRINTF(fmt_arg, first)
#endif

enum {
	NODES_PER_CHUNK = 256,
	QUOTE_MAX = 48,  /* bytes of the input that a message shows */
	QUOTE_SIZE = 64, /* the same with marks, an escape, "..." and NUL */
	FOUND_SIZE =
	    72,        /* what was found in place of something else: that, or a character's name */
	KEY_SYMBOL = 9 /* bits of a byte of a key in the key index: "there is one", then 8 */
};

/* How a table or array came to be; it decides who may add to it. */
enum origin {
	FROM_PATH,   /* table: only a part of a longer [header]; its own header may still come */
	FROM_HEADER, /* table: has a [header], or is one of [[header]] */
	FROM_DOTTED, /* table: made by a dotted key */
	FROM_VALUE,  /* anything right of '=': complete when it has been read */
	FROM_TABLES  /* array: made by [[header]] */
};

struct node {
	struct node *parent, *next;
	const char *key; /* NULL in an array */
	size_t key_len;
	struct toml_pos key_pos, value_pos;
	struct node *link[2]; /* the place in the parent's key index, see find() */
	int bit;
	unsigned depth;
	enum toml_type type;
	enum origin origin;
	union {
		struct {
			struct node *first, *last; /* members in order of first definition */
			struct node *index;        /* of a table: its key index */
		} list;
		struct {
			const char *bytes;
			size_t len;
		} string;
		struct {
			int64_t value;
			int base;
		} integer;
		int boolean;
	} u;
};

struct chunk {
	struct chunk *next;
	struct node nodes[NODES_PER_CHUNK];
};

struct reader {
	const char *text;
	size_t len, at;
	size_t line_start; /* of the line where at is */
	unsigned line;
	/*
	 * All decoded keys and strings, each with a NUL. len + 1 bytes hold them: a quoted one
	 * has two delimiters and no escape grows; a bare key is followed by another byte, the
	 * very last one aside.
	 */
	char *strings;
	size_t strings_used;
	struct chunk *chunks;
	size_t nodes; /* without the root */
	struct toml_diag diag;
};

/* A key, or one part of a dotted key or header. */
struct key {
	const char *bytes;
	size_t len;
	struct toml_pos pos;
};

/* -- messages ---------------------------------------------------------------------------- */

/* Bytes of the UTF-8 sequence at s, of which left are there; 0 when it is malformed. */
static size_t utf8_size(const char *s, size_t left)
{
	unsigned char c = (unsigned char)s[0], low = 0x80, high = 0xBF;
	size_t size = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

	if (size == 1)
		return 1;
	if (c < 0xC2 || c > 0xF4 || size > left)
		return 0;
	if (c == 0xE0)
		low = 0xA0; /* overlong */
	else if (c == 0xED)
		high = 0x9F; /* surrogates */
	else if (c == 0xF0)
		low = 0x90; /* overlong */
	else if (c == 0xF4)
		high = 0x8F; /* past U+10FFFF */
	for (size_t i = 1; i < size; i++) {
		c = (unsigned char)s[i];
		if (c < low || c > high)
			return 0;
		low = 0x80;
		high = 0xBF;
	}
	return size;
}

/* The character at s, which must be well-formed and size bytes long. */
static unsigned long utf8_decode(const char *s, size_t size)
{
	static const unsigned char mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	unsigned long c = (unsigned char)s[0] & mask[size];

	for (size_t i = 1; i < size; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3F);
	return c;
}

/* Controls, and those marks that reorder or break a line: never shown raw to a person. */
static int is_hidden(unsigned long c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || c == 0xFEFF ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* A piece of the input (valid UTF-8) made fit for a message; returns buffer. */
static const char *quote(char buffer[QUOTE_SIZE], const char *s, size_t len)
{
	size_t used = 0;

	for (size_t i = 0, size; i < len; i += size) {
		size = utf8_size(s + i, len - i);
		if (size == 0 || used + size > QUOTE_MAX) {
			memcpy(buffer + used, "...", 3);
			used += 3;
			break;
		}
		unsigned long c = utf8_decode(s + i, size);
		if (is_hidden(c)) {
			used += (size_t)snprintf(buffer + used, QUOTE_SIZE - used, "\\u%04lX", c);
		} else {
			memcpy(buffer + used, s + i, size);
			used += size;
		}
	}
	buffer[used] = '\0';
	return buffer;
}

/* A key as it is written: between marks, unless it has its own. */
static const char *quote_key(char buffer[QUOTE_SIZE], const struct reader *r,
                             const struct toml_pos *pos)
{
	const char *key = r->text + pos->offset;
	size_t len;

	if (*key == '"' || *key == '\'')
		return quote(buffer, key, pos->len);
	len = strlen(quote(buffer, key, pos->len));
	memmove(buffer + 1, buffer, len);
	buffer[0] = '\'';
	memcpy(buffer + 1 + len, "'", 2);
	return buffer;
}

/* Bytes from start to the end of its line, without the line end. */
static size_t rest_of_line(const struct reader *r, size_t start)
{
	const char *end = NULL;
	size_t len = r->len - start;

	if (len > 0)
		end = memchr(r->text + start, '\n', len);
	if (end != NULL) {
		len = (size_t)(end - (r->text + start));
		if (len > 0 && end[-1] == '\r')
			len--;
	}
	return len;
}

/* Records the error; the position is found by counting lines from the start. Returns -1. */
CHECK_PRINTF(5, 6)
static int fail(struct reader *r, enum toml_error error, size_t at, size_t len, const char *fmt,
                ...)
{
	struct toml_diag *d = &r->diag;
	size_t line_start = 0, n;
	va_list args;

	d->error = error;
	d->pos.line = 1;
	for (size_t i = 0; i < at; i++) {
		if (r->text[i] == '\n') {
			d->pos.line++;
			line_start = i + 1;
		}
	}
	d->pos.offset = at;
	d->pos.col = (unsigned)(at - line_start) + 1;
	d->pos.len = rest_of_line(r, at);
	if (d->pos.len > len)
		d->pos.len = len;
	if (d->pos.len == 0)
		d->pos.len = 1;
	va_start(args, fmt);
	(void)vsnprintf(d->message, sizeof(d->message), fmt, args);
	va_end(args);
	/* A cut message must not end in half a character. */
	n = strlen(d->message);
	for (size_t i = n; i > 0 && n - i < 4; i--) {
		if (((unsigned char)d->message[i - 1] & 0xC0) != 0x80) {
			if (utf8_size(d->message + i - 1, n - i + 1) == 0)
				d->message[i - 1] = '\0';
			break;
		}
	}
	return -1;
}

static const char *node_kind(const struct node *n)
{
	switch (n->type) {
	case TOML_TABLE:
		return n->origin == FROM_VALUE    ? "an inline table"
		       : n->origin == FROM_DOTTED ? "a table made by a dotted key"
		                                  : "a table";
	case TOML_ARRAY: return n->origin == FROM_TABLES ? "an array of tables" : "an array";
	case TOML_STRING: return "a string";
	case TOML_INTEGER: return "an integer";
	case TOML_BOOLEAN: break;
	}
	return "a boolean";
}

/* -- the tree ---------------------------------------------------------------------------- */

/* A new last member of parent (NULL: the root). The caller sets type and origin. */
static struct node *new_node(struct reader *r, struct node *parent)
{
	struct chunk *chunk = r->chunks;
	size_t slot = (r->nodes + (parent != NULL)) % NODES_PER_CHUNK;
	struct node *n;

	if (parent != NULL && r->nodes == TOML_MAX_NODES) {
		fail(r, TOML_ELIMIT, r->at, 1, "more than %d keys, values and tables",
		     (int)TOML_MAX_NODES);
		return NULL;
	}
	if (slot == 0) {
		chunk = TOML_MALLOC(sizeof(*chunk));
		if (chunk == NULL) {
			fail(r, TOML_EMEMORY, r->at, 1, "out of memory");
			return NULL;
		}
		chunk->next = r->chunks;
		r->chunks = chunk;
	}
	n = &chunk->nodes[slot];
	memset(n, 0, sizeof(*n));
	n->parent = parent;
	if (parent != NULL) {
		r->nodes++;
		n->depth = parent->depth + 1;
		if (parent->u.list.last != NULL)
			parent->u.list.last->next = n;
		else
			parent->u.list.first = n;
		parent->u.list.last = n;
	}
	return n;
}

/* Makes n, whose value_pos is set, a table or an array without members. */
static int make_list(struct reader *r, struct node *n, enum toml_type type, enum origin origin)
{
	n->type = type;
	n->origin = origin;
	if (n->depth > TOML_MAX_DEPTH)
		return fail(r, TOML_ELIMIT, n->value_pos.offset, n->value_pos.len,
		            "more than %d tables and arrays inside each other",
		            (int)TOML_MAX_DEPTH);
	return 0;
}

/*
 * The key index of a table is a PATRICIA tree, whose worst case is as good as its average: a
 * look-up takes at most KEY_SYMBOL steps per byte of the key looked for, and nobody can choose
 * keys that collide. Every node is at once a leaf (its key) and a branch (on bit number bit); a
 * link to a node whose bit is not greater leads up again, to a leaf. Bits count from the first
 * byte of the key; each byte is preceded by a bit that is 1 (past the end all bits are 0), so no
 * key is the beginning of another. The first key branches on nothing: bit -1, link[0] alone.
 */
static unsigned key_bit(const char *key, size_t len, int bit)
{
	size_t byte = (size_t)(bit < 0 ? 0 : bit) / KEY_SYMBOL;
	int place = bit % KEY_SYMBOL;

	if (bit < 0 || byte >= len)
		return 0;
	if (place == 0)
		return 1;
	return (unsigned)(unsigned char)key[byte] >> (8 - place) & 1;
}

/* A member of the table that shares as many leading bits with the key as any; NULL if empty. */
static struct node *find_nearest(const struct node *table, const char *key, size_t len)
{
	struct node *n = table->u.list.index;
	int above = -2;

	while (n != NULL && n->bit > above) {
		/* All keys from here on are longer than the one looked for. */
		if (n->bit >= 0 && (size_t)n->bit / KEY_SYMBOL > len)
			break;
		above = n->bit;
		n = n->link[key_bit(key, len, above)];
	}
	return n;
}

static struct node *find(const struct node *table, const struct key *key)
{
	struct node *n = find_nearest(table, key->bytes, key->len);

	if (n == NULL || n->key_len != key->len || memcmp(n->key, key->bytes, key->len) != 0)
		return NULL;
	return n;
}

/* Adds n, whose key is not in the table yet, to the table's key index. */
static void index_add(struct node *table, struct node *n)
{
	const struct node *other = find_nearest(table, n->key, n->key_len);
	struct node **link = &table->u.list.index;
	size_t byte = 0;
	int above = -2;
	unsigned side;

	if (other == NULL) {
		n->bit = -1;
		n->link[0] = n->link[1] = n;
		*link = n;
		return;
	}
	while (byte < n->key_len && byte < other->key_len && n->key[byte] == other->key[byte])
		byte++;
	n->bit = (int)byte * KEY_SYMBOL;
	while (key_bit(n->key, n->key_len, n->bit) == key_bit(other->key, other->key_len, n->bit))
		n->bit++;
	while ((*link)->bit > above && (*link)->bit < n->bit) {
		above = (*link)->bit;
		link = &(*link)->link[key_bit(n->key, n->key_len, above)];
	}
	side = key_bit(n->key, n->key_len, n->bit);
	n->link[side] = n;
	n->link[!side] = *link;
	*link = n;
}

/* A new member of a table; its key must not be in the table yet. */
static struct node *new_member(struct reader *r, struct node *table, const struct key *key)
{
	struct node *n = new_node(r, table);

	if (n == NULL)
		return NULL;
	n->key = key->bytes;
	n->key_len = key->len;
	n->key_pos = n->value_pos = key->pos;
	index_add(table, n);
	return n;
}

/* A new table (or array of tables) at pos; key: NULL in an array of tables. */
static struct node *new_table(struct reader *r, struct node *parent, const struct key *key,
                              const struct toml_pos *pos, enum toml_type type, enum origin origin)
{
	struct node *n = key != NULL ? new_member(r, parent, key) : new_node(r, parent);

	if (n == NULL)
		return NULL;
	n->value_pos = *pos;
	if (key == NULL)
		n->key_pos = *pos;
	return make_list(r, n, type, origin) == 0 ? n : NULL;
}

/* -- the text ---------------------------------------------------------------------------- */

/* The byte n places ahead, or -1 past the end. */
static int peek(const struct reader *r, size_t n)
{
	return r->at + n < r->len ? (unsigned char)r->text[r->at + n] : -1;
}

static int is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static int is_bare(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '-';
}

/* Characters that are taken for a blank, for nothing, or for a quotation mark, and are none of it:
 * they come with text that is copied from a page. Between words they are called by their names. */
static const struct stray {
	unsigned short code;
	enum { GAP, UNSEEN, MARK } kind; /* white space, nothing to see, a quotation mark */
	const char *name;
} strays[] = {
    {0x0085, GAP, "NEXT LINE"},
    {0x00A0, GAP, "NO-BREAK SPACE"},
    {0x00AD, UNSEEN, "SOFT HYPHEN"},
    {0x1680, GAP, "OGHAM SPACE MARK"},
    {0x2000, GAP, "EN QUAD"},
    {0x2001, GAP, "EM QUAD"},
    {0x2002, GAP, "EN SPACE"},
    {0x2003, GAP, "EM SPACE"},
    {0x2004, GAP, "THREE-PER-EM SPACE"},
    {0x2005, GAP, "FOUR-PER-EM SPACE"},
    {0x2006, GAP, "SIX-PER-EM SPACE"},
    {0x2007, GAP, "FIGURE SPACE"},
    {0x2008, GAP, "PUNCTUATION SPACE"},
    {0x2009, GAP, "THIN SPACE"},
    {0x200A, GAP, "HAIR SPACE"},
    {0x200B, UNSEEN, "ZERO WIDTH SPACE"},
    {0x200C, UNSEEN, "ZERO WIDTH NON-JOINER"},
    {0x200D, UNSEEN, "ZERO WIDTH JOINER"},
    {0x200E, UNSEEN, "LEFT-TO-RIGHT MARK"},
    {0x200F, UNSEEN, "RIGHT-TO-LEFT MARK"},
    {0x2018, MARK, "LEFT SINGLE QUOTATION MARK"},
    {0x2019, MARK, "RIGHT SINGLE QUOTATION MARK"},
    {0x201A, MARK, "SINGLE LOW-9 QUOTATION MARK"},
    {0x201B, MARK, "SINGLE HIGH-REVERSED-9 QUOTATION MARK"},
    {0x201C, MARK, "LEFT DOUBLE QUOTATION MARK"},
    {0x201D, MARK, "RIGHT DOUBLE QUOTATION MARK"},
    {0x201E, MARK, "DOUBLE LOW-9 QUOTATION MARK"},
    {0x201F, MARK, "DOUBLE HIGH-REVERSED-9 QUOTATION MARK"},
    {0x2028, GAP, "LINE SEPARATOR"},
    {0x2029, GAP, "PARAGRAPH SEPARATOR"},
    {0x202A, UNSEEN, "LEFT-TO-RIGHT EMBEDDING"},
    {0x202B, UNSEEN, "RIGHT-TO-LEFT EMBEDDING"},
    {0x202C, UNSEEN, "POP DIRECTIONAL FORMATTING"},
    {0x202D, UNSEEN, "LEFT-TO-RIGHT OVERRIDE"},
    {0x202E, UNSEEN, "RIGHT-TO-LEFT OVERRIDE"},
    {0x202F, GAP, "NARROW NO-BREAK SPACE"},
    {0x205F, GAP, "MEDIUM MATHEMATICAL SPACE"},
    {0x2060, UNSEEN, "WORD JOINER"},
    {0x2066, UNSEEN, "LEFT-TO-RIGHT ISOLATE"},
    {0x2067, UNSEEN, "RIGHT-TO-LEFT ISOLATE"},
    {0x2068, UNSEEN, "FIRST STRONG ISOLATE"},
    {0x2069, UNSEEN, "POP DIRECTIONAL ISOLATE"},
    {0x3000, GAP, "IDEOGRAPHIC SPACE"},
    {0xFEFF, UNSEEN, "BYTE ORDER MARK"},
};

/* The one that begins n bytes ahead, or NULL; *size: its bytes. */
static const struct stray *stray_at(const struct reader *r, size_t n, size_t *size)
{
	const char *s = r->text + r->at + n;
	unsigned long c;

	if (peek(r, n) < 0x80)
		return NULL;
	*size = utf8_size(s, r->len - r->at - n);
	if (*size < 2)
		return NULL; /* within a character */
	c = utf8_decode(s, *size);
	for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++) {
		if (strays[i].code == c)
			return &strays[i];
	}
	return NULL;
}

/* Bytes of the word at hand: a number, a date, a keyword, or a string without its quotes. */
static size_t word_len(const struct reader *r)
{
	const struct stray *stray;
	size_t n = 0, size;
	int c;

	while ((c = peek(r, n)) >= 0x80 || is_bare(c) || c == '+' || c == '.' || c == ':') {
		stray = stray_at(r, n, &size);
		if (stray != NULL && stray->kind != MARK)
			break;
		n++;
	}
	return n;
}

static struct toml_pos here(const struct reader *r)
{
	struct toml_pos pos = {r->line, (unsigned)(r->at - r->line_start) + 1, r->at, 1};

	return pos;
}

/* Ends the token that begins at *pos before r->at, or at the end of its line. */
static void end_token(const struct reader *r, struct toml_pos *pos)
{
	pos->len = r->line == pos->line ? r->at - pos->offset : rest_of_line(r, pos->offset);
}

static int at_newline(const struct reader *r)
{
	return peek(r, 0) == '\n' || (peek(r, 0) == '\r' && peek(r, 1) == '\n');
}

static int skip_newline(struct reader *r)
{
	if (!at_newline(r))
		return 0;
	r->at += peek(r, 0) == '\r' ? 2 : 1;
	r->line++;
	r->line_start = r->at;
	return 1;
}

static void skip_space(struct reader *r)
{
	while (peek(r, 0) == ' ' || peek(r, 0) == '\t')
		r->at++;
}

/* What is at hand, for a message "expected ..., found ...". */
static const char *found(const struct reader *r, char buffer[FOUND_SIZE])
{
	size_t word = word_len(r), size;
	const struct stray *stray = stray_at(r, 0, &size);
	int c = peek(r, 0);
	char q[QUOTE_SIZE];

	if (c < 0)
		return "the end of the text";
	if (at_newline(r))
		return "the end of the line";
	if (c == '\r')
		return "a carriage return without a line feed";
	if (c == '#')
		return "a comment";
	if (stray != NULL)
		(void)snprintf(buffer, FOUND_SIZE, "U+%04X %s%s", stray->code, stray->name,
		               stray->kind == MARK ? ": quotes are \" and '" : "");
	else if (c < 0x20 || c == 0x7F)
		(void)snprintf(buffer, FOUND_SIZE, "control character U+%04X", (unsigned)c);
	else
		(void)snprintf(buffer, FOUND_SIZE, "'%s'",
		               quote(q, r->text + r->at, word > 0 ? word : 1));
	return buffer;
}

static int fail_expected(struct reader *r, const char *what)
{
	size_t word = word_len(r), size;
	char buffer[FOUND_SIZE];

	if (stray_at(r, 0, &size) != NULL)
		word = size;
	return fail(r, TOML_ESYNTAX, r->at, word, "expected %s, found %s", what, found(r, buffer));
}

/* A control character other than tab inside a comment or string. */
static int fail_control(struct reader *r, const char *where)
{
	if (peek(r, 0) == '\r')
		return fail(r, TOML_ESYNTAX, r->at, 1, "carriage return without a line feed in %s",
		            where);
	return fail(r, TOML_ESYNTAX, r->at, 1, "control character U+%04X in %s",
	            (unsigned)peek(r, 0), where);
}

static int is_control(int c)
{
	return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F;
}

static int skip_comment(struct reader *r)
{
	if (peek(r, 0) != '#')
		return 0;
	while (peek(r, 0) >= 0 && !at_newline(r)) {
		if (is_control(peek(r, 0)))
			return fail_control(r, "a comment");
		r->at++;
	}
	return 0;
}

/* White space, comments and newlines: what may stand between the members of an array. */
static int skip_blank(struct reader *r)
{
	do {
		skip_space(r);
		if (skip_comment(r) != 0)
			return -1;
	} while (skip_newline(r));
	return 0;
}

static int end_line(struct reader *r, const char *what)
{
	skip_space(r);
	if (skip_comment(r) != 0)
		return -1;
	if (peek(r, 0) >= 0 && !skip_newline(r))
		return fail_expected(r, what);
	return 0;
}

/* -- strings and keys -------------------------------------------------------------------- */

static void put(struct reader *r, int c)
{
	r->strings[r->strings_used++] = (char)c;
}

static void put_utf8(struct reader *r, unsigned long c)
{
	if (c < 0x80) {
		put(r, (int)c);
		return;
	}
	if (c < 0x800) {
		put(r, (int)(0xC0 | c >> 6));
	} else {
		if (c < 0x10000) {
			put(r, (int)(0xE0 | c >> 12));
		} else {
			put(r, (int)(0xF0 | c >> 18));
			put(r, (int)(0x80 | (c >> 12 & 0x3F)));
		}
		put(r, (int)(0x80 | (c >> 6 & 0x3F)));
	}
	put(r, (int)(0x80 | (c & 0x3F)));
}

/* The value of a digit in any base up to 16; 16 for what is none. */
static int digit_value(int c)
{
	return is_digit(c)            ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : 16;
}

/* \uXXXX and \UXXXXXXXX; r->at is at the backslash. */
static int read_unicode(struct reader *r, size_t digits)
{
	unsigned long c = 0;

	for (size_t i = 0; i < digits; i++) {
		int value = digit_value(peek(r, 2 + i));
		if (value == 16)
			return fail(r, TOML_ESYNTAX, r->at, 2 + i,
			            "\\%c needs %u hexadecimal digits (a backslash itself is "
			            "written \\\\)",
			            peek(r, 1), (unsigned)digits);
		c = c << 4 | (unsigned long)value;
	}
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return fail(r, TOML_ESYNTAX, r->at, 2 + digits,
		            "\\%c%0*lX is not a Unicode character", peek(r, 1), (int)digits, c);
	put_utf8(r, c);
	r->at += 2 + digits;
	return 0;
}

/* r->at is at the backslash. */
static int read_escape(struct reader *r, int multiline)
{
	static const char letters[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
	int c = peek(r, 1);
	const char *letter = c > 0 ? strchr(letters, c) : NULL;

	if (letter != NULL) {
		put(r, values[letter - letters]);
		r->at += 2;
		return 0;
	}
	if (c == 'u' || c == 'U')
		return read_unicode(r, c == 'u' ? 4 : 8);
	if (multiline) { /* backslash at the end of a line: skip to the next visible byte */
		size_t start = r->at++;
		skip_space(r);
		if (skip_newline(r)) {
			do
				skip_space(r);
			while (skip_newline(r));
			return 0;
		}
		r->at = start;
	}
	if (c < 0x20 || c >= 0x7F || c == ' ')
		return fail(r, TOML_ESYNTAX, r->at, 1,
		            "a backslash must be followed by one of b t n f r \" \\ u U%s",
		            multiline ? " or end its line" : "");
	return fail(r, TOML_ESYNTAX, r->at, 2,
	            "unknown escape \\%c (a backslash itself is written \\\\, or use '...')", c);
}

static int fail_string_end(struct reader *r, size_t start, const char *name, int mark,
                           int multiline)
{
	const char *marks = mark == '"' ? "\"\"\"" : "'''";

	if (!multiline)
		return fail(r, TOML_ESYNTAX, r->at, 1, "%s in %s: its closing %c is missing",
		            r->at < r->len ? "newline" : "end of the text", name, mark);
	return fail(r, TOML_ESYNTAX, start, 3, "%s without its closing %s", name, marks);
}

/* The string at hand, of any of the four kinds; multi-line ones only where allowed. */
static int read_string(struct reader *r, int may_span, const char **bytes, size_t *len)
{
	int mark = peek(r, 0), basic = mark == '"', c;
	int multiline = peek(r, 1) == mark && peek(r, 2) == mark;
	const char *name = multiline
	                       ? basic ? "a multi-line basic string" : "a multi-line literal string"
	                   : basic ? "a basic string"
	                           : "a literal string";
	size_t start = r->at, begin = r->strings_used, marks;

	if (multiline && !may_span)
		return fail(r, TOML_ESYNTAX, r->at, 3, "a multi-line string cannot be a key");
	r->at += multiline ? 3 : 1;
	if (multiline)
		skip_newline(r);
	for (;;) {
		c = peek(r, 0);
		if (c < 0 || (!multiline && at_newline(r)))
			return fail_string_end(r, start, name, mark, multiline);
		if (c == mark) {
			for (marks = 1; marks < 5 && peek(r, marks) == mark; marks++)
				;
			if (!multiline || marks >= 3)
				break;
		}
		if (c == '\\' && basic) {
			if (read_escape(r, multiline) != 0)
				return -1;
		} else if (skip_newline(r)) {
			put(r, '\n');
		} else if (is_control(c)) {
			return fail_control(r, name);
		} else {
			put(r, c);
			r->at++;
		}
	}
	/* Up to two marks may stand before the closing three; they belong to the string. */
	r->at += multiline ? marks : 1;
	while (multiline && marks-- > 3)
		put(r, mark);
	*bytes = r->strings + begin;
	*len = r->strings_used - begin;
	put(r, '\0');
	return 0;
}

/* One part of a dotted key. */
static int read_key(struct reader *r, struct key *key)
{
	size_t n = 0, size;

	key->pos = here(r);
	if (peek(r, 0) == '"' || peek(r, 0) == '\'') {
		if (read_string(r, 0, &key->bytes, &key->len) != 0)
			return -1;
	} else {
		while (is_bare(peek(r, n)))
			n++;
		if (peek(r, n) >= 0x80 && stray_at(r, n, &size) == NULL)
			return fail(
			    r, TOML_ESYNTAX, r->at, word_len(r),
			    "a key with characters other than A-Z a-z 0-9 _ - needs quotes");
		if (n == 0)
			return fail_expected(r, "a key");
		key->bytes = r->strings + r->strings_used;
		key->len = n;
		while (n-- > 0)
			put(r, (unsigned char)r->text[r->at++]);
		put(r, '\0');
	}
	end_token(r, &key->pos);
	return 0;
}

/* The table called key below table, for a longer header or dotted key to go through. */
static struct node *descend(struct reader *r, struct node *table, const struct key *key, int header)
{
	struct node *n = find(table, key);
	char q[QUOTE_SIZE];

	if (n == NULL)
		return new_table(r, table, key, &key->pos, TOML_TABLE,
		                 header ? FROM_PATH : FROM_DOTTED);
	if (n->type == TOML_TABLE && (header ? n->origin != FROM_VALUE : n->origin == FROM_DOTTED))
		return n;
	if (n->type == TOML_ARRAY && n->origin == FROM_TABLES && header)
		return n->u.list.last;
	quote_key(q, r, &key->pos);
	if (n->type == TOML_TABLE || n->type == TOML_ARRAY)
		fail(r, TOML_EREDEFINED, key->pos.offset, key->pos.len,
		     "%s is %s defined at line %u; a %s cannot add to it", q, node_kind(n),
		     n->value_pos.line, header ? "header" : "dotted key");
	else
		fail(r, TOML_EREDEFINED, key->pos.offset, key->pos.len,
		     "%s is %s defined at line %u, not a table", q, node_kind(n),
		     n->value_pos.line);
	return NULL;
}

/* A key or header up to its last part, which is left to the caller; *table moves along. */
static int read_path(struct reader *r, struct node **table, struct key *last, int header)
{
	for (;;) {
		if (read_key(r, last) != 0)
			return -1;
		skip_space(r);
		if (peek(r, 0) != '.')
			return 0;
		r->at++;
		skip_space(r);
		*table = descend(r, *table, last, header);
		if (*table == NULL)
			return -1;
	}
}

/* -- values ------------------------------------------------------------------------------ */

/* Digits with single underscores between them, from t[*i] on; 0 when there is none. */
static int skip_digits(const char *t, size_t len, size_t *i)
{
	size_t start = *i;

	while (*i < len && (is_digit(t[*i]) || (t[*i] == '_' && *i > start && t[*i - 1] != '_')))
		++*i;
	return *i > start && t[*i - 1] != '_';
}

/* [Float] */
static int is_float(const char *t, size_t len)
{
	size_t i = len > 0 && (t[0] == '+' || t[0] == '-'), start = i;
	int fraction = 0;

	if (len - i == 3 && (memcmp(t + i, "inf", 3) == 0 || memcmp(t + i, "nan", 3) == 0))
		return 1;
	if (!skip_digits(t, len, &i) || (t[start] == '0' && i > start + 1))
		return 0;
	if (i < len && t[i] == '.') {
		i++;
		fraction = 1;
		if (!skip_digits(t, len, &i))
			return 0;
	}
	if (i == len)
		return fraction;
	if (t[i] != 'e' && t[i] != 'E')
		return 0;
	i++;
	if (i < len && (t[i] == '+' || t[i] == '-'))
		i++;
	return skip_digits(t, len, &i) && i == len;
}

/* The number that the n digits at t make, -1 when one of them is no digit. */
static int digits(const char *t, size_t n)
{
	int value = 0;

	while (n-- > 0) {
		if (!is_digit(*t))
			return -1;
		value = value * 10 + (*t++ - '0');
	}
	return value;
}

/* n digits at t whose number lies in min..max */
static int is_between(const char *t, size_t n, int min, int max)
{
	return digits(t, n) >= min && digits(t, n) <= max;
}

/* YYYY-MM-DD, ten bytes at t */
static int is_date(const char *t)
{
	static const int days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = digits(t, 4), month, leap;

	if (year < 0 || t[4] != '-' || !is_between(t + 5, 2, 1, 12) || t[7] != '-')
		return 0;
	month = digits(t + 5, 2);
	leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return is_between(t + 8, 2, 1, days[month] + leap);
}

/* Bytes of the hh:mm:ss with or without a fraction at t; 0 when there is none. */
static size_t time_len(const char *t, size_t len)
{
	size_t n = 8;

	if (len < n || !is_between(t, 2, 0, 23) || t[2] != ':' || !is_between(t + 3, 2, 0, 59) ||
	    t[5] != ':' || !is_between(t + 6, 2, 0, 60)) /* 60: leap second */
		return 0;
	if (n < len && t[n] == '.') {
		for (n++; n < len && is_digit(t[n]); n++)
			;
		if (n == 9)
			return 0;
	}
	return n;
}

/* [Offset Date-Time], [Local Date-Time], [Local Date] and [Local Time] */
static int is_date_time(const char *t, size_t len)
{
	size_t n;

	if (len < 10 || t[4] != '-')
		return len > 0 && time_len(t, len) == len;
	if (!is_date(t) || len == 10)
		return is_date(t);
	if (t[10] != 'T' && t[10] != 't' && t[10] != ' ')
		return 0;
	n = time_len(t + 11, len - 11);
	if (n == 0)
		return 0;
	t += 11 + n;
	len -= 11 + n;
	if (len <= 1)
		return len == 0 || *t == 'Z' || *t == 'z';
	return len == 6 && (*t == '+' || *t == '-') && is_between(t + 1, 2, 0, 23) && t[3] == ':' &&
	       is_between(t + 4, 2, 0, 59);
}

/* Of a word that is no integer of that base: the digits end at i. */
static int fail_number(struct reader *r, const char *t, size_t len, size_t i, const char *base)
{
	char q[QUOTE_SIZE];
	size_t end = i;

	quote(q, t, len);
	if (i == 1 && t[0] == '0' && (t[1] == 'X' || t[1] == 'O' || t[1] == 'B'))
		return fail(r, TOML_ESYNTAX, r->at, len,
		            "the prefix of '%s' must be written in lower case", q);
	/* An e alone was to be an exponent. */
	while (end < len && (t[end] | 0x20) != 'e' && is_bare((unsigned char)t[end]) &&
	       !is_digit(t[end]))
		end++;
	return fail(r, TOML_ESYNTAX, r->at, len, "'%s' is not a valid %s number%s", q, base,
	            end == len && i > 0 && is_digit(t[i - 1]) ? ": there are no suffixes" : "");
}

/* The integer written in the word of len bytes at hand; r->at moves past it. [Integer] */
static int read_integer(struct reader *r, struct node *n, size_t len)
{
	static const char *const names[] = {"binary", "octal", "decimal", "hexadecimal"};
	const char *t = r->text + r->at, *name;
	size_t i = t[0] == '+' || t[0] == '-', first;
	uint64_t value = 0, max = (uint64_t)INT64_MAX + (t[0] == '-');
	int base = 10, past = 0;
	char q[QUOTE_SIZE];

	if (i + 1 < len && t[i] == '0') {
		base = t[i + 1] == 'x' ? 16 : t[i + 1] == 'o' ? 8 : t[i + 1] == 'b' ? 2 : 10;
		if (base != 10 && i > 0)
			return fail(r, TOML_ESYNTAX, r->at, len,
			            "a number with the prefix 0%c takes no sign", t[i + 1]);
		if (base == 10 && (is_digit(t[i + 1]) || t[i + 1] == '_'))
			return fail(r, TOML_ESYNTAX, r->at, len,
			            "a decimal number must not start with 0 (octal is 0o...)");
		if (base != 10)
			i += 2;
	}
	name = names[base == 2 ? 0 : base == 8 ? 1 : base == 10 ? 2 : 3];
	for (first = i; i < len; i++) {
		int digit = digit_value((unsigned char)t[i]);
		if (t[i] == '_' && i > first && t[i - 1] != '_' && i + 1 < len)
			continue;
		if (t[i] == '_')
			return fail(r, TOML_ESYNTAX, r->at + i, 1,
			            "an underscore in a number must stand between two digits");
		if (digit >= base)
			break;
		past |= value > (max - (unsigned)digit) / (unsigned)base;
		value = value * (unsigned)base + (unsigned)digit;
	}
	if (i < len || i == first)
		return fail_number(r, t, len, i, name);
	if (past)
		return fail(r, TOML_ERANGE, r->at, len,
		            "the integer %s is outside of -2^63 to 2^63-1", quote(q, t, len));
	n->type = TOML_INTEGER;
	n->u.integer.base = base;
	/* -2^63 has no positive counterpart, so the sign is put on one short of the value. */
	n->u.integer.value = t[0] == '-' && value > 0 ? -(int64_t)(value - 1) - 1 : (int64_t)value;
	r->at += len;
	return 0;
}

/* True when the word is one of the keywords but for the case of its letters. */
static int is_miscased(const char *t, size_t len)
{
	static const char *const words[] = {"true", "false", "inf", "nan"};

	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		size_t i = 0;
		while (i < len && words[w][i] != '\0' && (t[i] | 0x20) == words[w][i])
			i++;
		if (i == len && words[w][i] == '\0')
			return 1;
	}
	return 0;
}

/* True when the word begins with one of the quotes that word processors make. */
static int is_curly(const char *t, size_t len)
{
	return len > 2 && memcmp(t, "\xe2\x80", 2) == 0 && t[2] >= '\x98' && t[2] <= '\x9f';
}

/* A value without a delimiter: boolean, number, date, time. */
static int read_plain(struct reader *r, struct node *n)
{
	const char *t = r->text + r->at;
	size_t len = word_len(r), i, size;
	const struct stray *stray;
	char q[QUOTE_SIZE];

	if (len == 0)
		return fail_expected(r, "a value");
	stray = stray_at(r, len, &size);
	if (stray != NULL && stray->kind == UNSEEN)
		return fail(r, TOML_ESYNTAX, r->at + len, size, "found U+%04X %s after '%s'",
		            stray->code, stray->name, quote(q, t, len));
	if ((len == 4 && memcmp(t, "true", 4) == 0) || (len == 5 && memcmp(t, "false", 5) == 0)) {
		n->type = TOML_BOOLEAN;
		n->u.boolean = len == 4;
		r->at += len;
		return 0;
	}
	/* A space may stand between date and time. */
	if (len == 10 && digits(t, 4) >= 0 && t[4] == '-' && peek(r, 10) == ' ' &&
	    is_digit(peek(r, 11))) {
		r->at += 11;
		len = 11 + word_len(r);
		r->at -= 11;
	}
	if (is_date_time(t, len))
		return fail(r, TOML_EUNSUPPORTED, r->at, len,
		            "dates and times are not supported: write a string");
	if (is_float(t, len))
		return fail(r, TOML_EUNSUPPORTED, r->at, len,
		            "floats are not supported: write an integer or a string");
	i = t[0] == '+' || t[0] == '-';
	quote(q, t, len);
	if (memchr(t, ':', len) != NULL || (len > 4 && digits(t, 4) >= 0 && t[4] == '-'))
		return fail(r, TOML_ESYNTAX, r->at, len, "'%s' is not a valid date or time", q);
	if (i < len && is_digit(t[i]) && memchr(t, '.', len) == NULL)
		return read_integer(r, n, len);
	if (i == 1 || is_digit(t[i]) || t[i] == '.')
		return fail(r, TOML_ESYNTAX, r->at, len, "'%s' is not a valid number", q);
	if (is_miscased(t, len))
		return fail(r, TOML_ESYNTAX, r->at, len, "'%s' must be written in lower case", q);
	for (i = len; peek(r, i) == ' ' || peek(r, i) == '\t'; i++)
		;
	if (peek(r, i) == '=')
		return fail(r, TOML_ESYNTAX, r->at, len, "expected a value, found the key '%s'%s",
		            q,
		            n->parent->type == TOML_ARRAY ? ": is the ] of an array missing?" : "");
	return fail(r, TOML_ESYNTAX, r->at, len, "expected a value, found '%s': strings need %s", q,
	            is_curly(t, len) ? "straight quotes, \" or '" : "quotes");
}

static int read_value(struct reader *r, struct node *n);

/* [Array]; recursion ends at TOML_MAX_DEPTH. */
static int read_array(struct reader *r, struct node *n)
{
	char what[64];

	if (make_list(r, n, TOML_ARRAY, FROM_VALUE) != 0)
		return -1;
	r->at++;
	for (;;) {
		struct node *member;
		if (skip_blank(r) != 0)
			return -1;
		if (peek(r, 0) == ']')
			break;
		if (peek(r, 0) >= 0) {
			member = new_node(r, n);
			if (member == NULL || read_value(r, member) != 0)
				return -1;
			member->key_pos = member->value_pos;
			if (skip_blank(r) != 0)
				return -1;
		}
		if (peek(r, 0) == ']')
			break;
		if (peek(r, 0) < 0)
			return fail(r, TOML_ESYNTAX, n->value_pos.offset, 1,
			            "the array that starts here has no closing ]");
		if (peek(r, 0) != ',') {
			(void)snprintf(what, sizeof(what), "',' or ']' in the array from line %u",
			               n->value_pos.line);
			return fail_expected(r, what);
		}
		r->at++;
	}
	r->at++;
	return 0;
}

/* The pair "key = value" at hand, into the table. [Keys] */
static int read_pair(struct reader *r, struct node *table)
{
	struct key key;
	struct node *n;
	char q[QUOTE_SIZE];

	if (read_path(r, &table, &key, 0) != 0)
		return -1;
	if (peek(r, 0) != '=')
		return fail_expected(r, "'=' after the key");
	n = find(table, &key);
	if (n != NULL) {
		quote_key(q, r, &key.pos);
		if (n->origin == FROM_VALUE)
			return fail(r, TOML_EREDEFINED, key.pos.offset, key.pos.len,
			            "key %s is defined twice, first at line %u", q,
			            n->key_pos.line);
		return fail(r, TOML_EREDEFINED, key.pos.offset, key.pos.len,
		            "key %s is already defined as %s at line %u", q, node_kind(n),
		            n->value_pos.line);
	}
	n = new_member(r, table, &key);
	if (n == NULL)
		return -1;
	r->at++;
	skip_space(r);
	return read_value(r, n);
}

/* [Inline Table]; recursion ends at TOML_MAX_DEPTH. */
static int read_inline_table(struct reader *r, struct node *n)
{
	if (make_list(r, n, TOML_TABLE, FROM_VALUE) != 0)
		return -1;
	r->at++;
	skip_space(r);
	if (peek(r, 0) == '}') {
		r->at++;
		return 0;
	}
	for (;;) {
		if (!at_newline(r) && peek(r, 0) != '#') {
			if (read_pair(r, n) != 0)
				return -1;
			skip_space(r);
		}
		if (peek(r, 0) == '}')
			break;
		if (at_newline(r) || peek(r, 0) == '#')
			return fail(r, TOML_ESYNTAX, r->at, 1,
			            "an inline table must end on the line where it starts");
		if (peek(r, 0) != ',')
			return fail_expected(r, "',' or '}' in an inline table");
		r->at++;
		skip_space(r);
		if (peek(r, 0) == '}')
			return fail(r, TOML_ESYNTAX, r->at, 1,
			            "an inline table must not end with a comma");
	}
	r->at++;
	return 0;
}

/* The value at hand, into the new node n. */
static int read_value(struct reader *r, struct node *n)
{
	int status;

	n->origin = FROM_VALUE;
	n->value_pos = here(r);
	switch (peek(r, 0)) {
	case '"':
	case '\'':
		n->type = TOML_STRING;
		status = read_string(r, 1, &n->u.string.bytes, &n->u.string.len);
		break;
	case '[': status = read_array(r, n); break;
	case '{': status = read_inline_table(r, n); break;
	default: status = read_plain(r, n); break;
	}
	end_token(r, &n->value_pos);
	return status;
}

/* -- headers and the document ------------------------------------------------------------ */

/* The table that [...key] defines below parent; pos and path: of the whole header. [Table] */
static struct node *define_table(struct reader *r, struct node *parent, const struct key *key,
                                 const struct toml_pos *pos, const char *path)
{
	struct node *n = find(parent, key);

	if (n == NULL)
		return new_table(r, parent, key, pos, TOML_TABLE, FROM_HEADER);
	if (n->type == TOML_TABLE && n->origin == FROM_PATH) {
		n->origin = FROM_HEADER;
		n->key_pos = key->pos;
		n->value_pos = *pos;
		return n;
	}
	if (n->type == TOML_TABLE && n->origin == FROM_HEADER)
		fail(r, TOML_EREDEFINED, pos->offset, pos->len,
		     "table [%s] is defined twice, first at line %u", path, n->value_pos.line);
	else
		fail(r, TOML_EREDEFINED, pos->offset, pos->len,
		     "'%s' is already defined as %s at line %u", path, node_kind(n),
		     n->value_pos.line);
	return NULL;
}

/* The table that [[...key]] adds below parent. [Array of Tables] */
static struct node *define_element(struct reader *r, struct node *parent, const struct key *key,
                                   const struct toml_pos *pos, const char *path)
{
	struct node *array = find(parent, key);

	if (array == NULL) {
		array = new_table(r, parent, key, pos, TOML_ARRAY, FROM_TABLES);
		if (array == NULL)
			return NULL;
	} else if (array->origin != FROM_TABLES) {
		fail(r, TOML_EREDEFINED, pos->offset, pos->len,
		     "'%s' is already defined as %s at line %u, not as an array of tables", path,
		     node_kind(array), array->value_pos.line);
		return NULL;
	}
	return new_table(r, array, NULL, pos, TOML_TABLE, FROM_HEADER);
}

/* The header at hand; *table becomes the table that it names. */
static int read_header(struct reader *r, struct node *root, struct node **table)
{
	struct toml_pos pos = here(r);
	size_t marks = peek(r, 1) == '[' ? 2 : 1, start, end;
	struct key key;
	char path[QUOTE_SIZE];

	r->at += marks;
	skip_space(r);
	start = r->at;
	*table = root;
	if (read_path(r, table, &key, 1) != 0)
		return -1;
	end = key.pos.offset + key.pos.len;
	if (peek(r, 0) != ']' || (marks == 2 && peek(r, 1) != ']'))
		return fail_expected(r, marks == 2 ? "']]' after the name of an array of tables"
		                                   : "']' after the name of a table");
	r->at += marks;
	end_token(r, &pos);
	quote(path, r->text + start, end - start);
	*table = marks == 2 ? define_element(r, *table, &key, &pos, path)
	                    : define_table(r, *table, &key, &pos, path);
	return *table != NULL ? end_line(r, "a new line after the header") : -1;
}

static int read_document(struct reader *r, struct node *root)
{
	struct node *table = root;

	for (;;) {
		if (skip_blank(r) != 0)
			return -1;
		if (peek(r, 0) < 0)
			return 0;
		if (peek(r, 0) == '[') {
			if (read_header(r, root, &table) != 0)
				return -1;
		} else if (read_pair(r, table) != 0 ||
		           end_line(r, "a new line after the value") != 0) {
			return -1;
		}
	}
}

static int check_utf8(struct reader *r)
{
	const char *t = r->text;

	for (size_t i = 0, size; i < r->len; i += size) {
		size = utf8_size(t + i, r->len - i);
		if (size != 0)
			continue;
		if (i == 0 && r->len > 1 &&
		    (memcmp(t, "\xFF\xFE", 2) == 0 || memcmp(t, "\xFE\xFF", 2) == 0))
			return fail(r, TOML_EUTF8, 0, 2, "the text is UTF-16, TOML is UTF-8");
		return fail(r, TOML_EUTF8, i, 1, "byte 0x%02X is not valid UTF-8 here",
		            (unsigned)(unsigned char)t[i]);
	}
	return 0;
}

/* Delivers n and what is in it; recursion ends at TOML_MAX_DEPTH. */
static int deliver(struct reader *r, const struct node *n, size_t index, toml_callback *callback,
                   void *user)
{
	struct toml_event event = {.type = n->type,
	                           .depth = n->depth,
	                           .key = n->key,
	                           .key_len = n->key_len,
	                           .index = index,
	                           .key_pos = n->key_pos,
	                           .value_pos = n->value_pos};
	size_t members = 0;

	if (n->type == TOML_STRING) {
		event.string = n->u.string.bytes;
		event.string_len = n->u.string.len;
	} else if (n->type == TOML_INTEGER) {
		event.integer = n->u.integer.value;
		event.base = n->u.integer.base;
	} else if (n->type == TOML_BOOLEAN) {
		event.boolean = n->u.boolean;
	} else {
		event.begin = 1;
	}
	if (callback(user, &event) != 0)
		return fail(r, TOML_ESTOPPED, n->value_pos.offset, n->value_pos.len,
		            "stopped by the receiver");
	if (!event.begin)
		return 0;
	for (const struct node *m = n->u.list.first; m != NULL; m = m->next) {
		if (deliver(r, m, members++, callback, user) != 0)
			return -1;
	}
	event.begin = 0;
	if (callback(user, &event) != 0)
		return fail(r, TOML_ESTOPPED, n->value_pos.offset, n->value_pos.len,
		            "stopped by the receiver");
	return 0;
}

static int read_all(struct reader *r, toml_callback *callback, void *user)
{
	struct node *root;

	if (r->len > TOML_MAX_INPUT)
		return fail(r, TOML_ELIMIT, TOML_MAX_INPUT, 1, "the text is longer than %d bytes",
		            (int)TOML_MAX_INPUT);
	if (check_utf8(r) != 0)
		return -1;
	r->strings = TOML_MALLOC(r->len + 1);
	if (r->strings == NULL)
		return fail(r, TOML_EMEMORY, 0, 1, "out of memory");
	root = new_node(r, NULL);
	if (root == NULL || make_list(r, root, TOML_TABLE, FROM_HEADER) != 0)
		return -1;
	root->key_pos = root->value_pos = here(r);
	if (r->len >= 3 && memcmp(r->text, "\xEF\xBB\xBF", 3) == 0)
		r->at = 3; /* byte order mark */
	if (read_document(r, root) != 0)
		return -1;
	return callback != NULL ? deliver(r, root, 0, callback, user) : 0;
}

enum toml_error toml_read(const char *text, size_t len, toml_callback *callback, void *user,
                          struct toml_diag *diag)
{
	struct reader r = {.text = text, .len = len, .line = 1};

	(void)read_all(&r, callback, user);
	while (r.chunks != NULL) {
		struct chunk *next = r.chunks->next;
		TOML_FREE(r.chunks);
		r.chunks = next;
	}
	TOML_FREE(r.strings);
	if (diag != NULL)
		*diag = r.diag;
	return r.diag.error;
}

const char *toml_error_name(enum toml_error error)
{
	static const char *const names[] = {"ok",          "syntax", "utf-8",  "redefined", "range",
	                                    "unsupported", "limit",  "memory", "stopped"};

	return (unsigned)error < sizeof(names) / sizeof(names[0]) ? names[error] : "unknown";
}
