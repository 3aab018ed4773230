/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel_enum.c - reads the enumerations of a kernel build's own C headers, so that numbers
 * can be compared with what the build itself says.
 *
 * It knows the little C that those headers are made of: comments, #if/#ifdef over CONFIG_…
 * macros with defined, !, && and ||, and enumerators with a literal or a name as value.
 * What it does not understand inside an enumeration is a fault, never a guess.
 */
#include "layout/kernel_parts.h"
#include <ctype.h>
#include <string.h>

#define NESTING_MAX 32   /* #if inside #if, parentheses */
#define VALUES_MAX  4096 /* enumerators */

struct reader {
	const char *p, *end;
	unsigned line;
	const json_t *config;
	struct ms_enum_values *values;
	/* per open #if: is this branch read, was an earlier branch of it read */
	struct {
		bool on, done;
	} nest[NESTING_MAX];
	unsigned depth;
	const char *fault;
};

struct word {
	const char *s;
	size_t len;
};

static bool is(struct word w, const char *s)
{
	return w.len == strlen(s) && memcmp(w.s, s, w.len) == 0;
}

/* Letters, digits and white space of C, whatever the locale; headers are read byte by byte. */
static inline bool ident_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static inline bool space_char(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Skips white space, continued lines and comments; newlines too unless in a directive. */
static void skip_space(struct reader *r, bool newlines)
{
	while (r->p < r->end) {
		size_t left = (size_t)(r->end - r->p);

		if (*r->p == '\n') {
			if (!newlines)
				return;
			r->line++;
			r->p++;
		} else if (space_char(*r->p)) {
			r->p++;
		} else if (left >= 2 && r->p[0] == '\\' && r->p[1] == '\n') {
			r->line++;
			r->p += 2;
		} else if (left >= 2 && r->p[0] == '/' && r->p[1] == '/') {
			while (r->p < r->end && *r->p != '\n')
				r->p++;
		} else if (left >= 2 && r->p[0] == '/' && r->p[1] == '*') {
			for (r->p += 2; r->p < r->end; r->p++) {
				if (*r->p == '\n')
					r->line++;
				if (*r->p == '*' && r->end - r->p >= 2 && r->p[1] == '/')
					break;
			}
			r->p = r->end - r->p >= 2 ? r->p + 2 : r->end;
		} else {
			return;
		}
	}
}

static struct word read_word(struct reader *r)
{
	struct word w = {r->p, 0};

	while (r->p < r->end && ident_char(*r->p))
		r->p++;
	w.len = (size_t)(r->p - w.s);
	return w;
}

static bool eat(struct reader *r, const char *s)
{
	size_t len = strlen(s);

	skip_space(r, false);
	if ((size_t)(r->end - r->p) < len || memcmp(r->p, s, len) != 0)
		return false;
	r->p += len;
	return true;
}

/* A macro of the kernel's configuration is defined for every key that is neither absent nor
 * false; of the other macros none is. */
static bool macro_defined(const struct reader *r, struct word w)
{
	const json_t *value;
	char key[128];

	if (w.len <= 7 || memcmp(w.s, "CONFIG_", 7) != 0 || w.len - 7 >= sizeof(key))
		return false;
	memcpy(key, w.s + 7, w.len - 7);
	key[w.len - 7] = '\0';
	value = json_object_get(r->config, key);
	return value && !json_is_false(value) && !json_is_null(value);
}

static bool condition(struct reader *r, unsigned depth);

static bool condition_term(struct reader *r, unsigned depth)
{
	struct word w;
	bool paren, value;

	if (depth > NESTING_MAX) {
		r->fault = "the condition is nested too deeply";
		return false;
	}
	if (eat(r, "!"))
		return !condition_term(r, depth + 1);
	if (eat(r, "(")) {
		value = condition(r, depth + 1);
		if (!r->fault && !eat(r, ")"))
			r->fault = "the condition lacks a )";
		return value;
	}
	skip_space(r, false);
	w = read_word(r);
	if (is(w, "0") || is(w, "1"))
		return is(w, "1");
	if (!is(w, "defined")) {
		r->fault = "the condition is more than defined(), !, && and ||";
		return false;
	}
	paren = eat(r, "(");
	skip_space(r, false);
	w = read_word(r);
	if (w.len == 0 || (paren && !eat(r, ")")))
		r->fault = "defined names no macro";
	return macro_defined(r, w);
}

static bool condition(struct reader *r, unsigned depth)
{
	bool any = false;

	do {
		bool all = condition_term(r, depth + 1);

		while (!r->fault && eat(r, "&&")) {
			bool term = condition_term(r, depth + 1);

			all = all && term;
		}
		any = any || all;
	} while (!r->fault && eat(r, "||"));
	return any;
}

static bool active(const struct reader *r)
{
	return r->depth == 0 || r->nest[r->depth - 1].on;
}

static void open_branch(struct reader *r, bool on, bool reachable)
{
	if (r->depth == NESTING_MAX) {
		r->fault = "#if is nested too deeply";
		return;
	}
	r->nest[r->depth].on = on && reachable;
	r->nest[r->depth].done = on || !reachable;
	r->depth++;
}

static void directive_if(struct reader *r, struct word name)
{
	bool reachable = active(r), on = false;

	if (!reachable) {
		open_branch(r, false, false);
		return;
	}
	skip_space(r, false);
	if (is(name, "if")) {
		on = condition(r, 0);
		skip_space(r, false);
		if (!r->fault && r->p < r->end && *r->p != '\n')
			r->fault = "the condition is more than defined(), !, && and ||";
	} else {
		on = macro_defined(r, read_word(r)) == is(name, "ifdef");
	}
	if (!r->fault)
		open_branch(r, on, true);
}

/* A line that starts with #. Everything but conditions is skipped. */
static void directive(struct reader *r)
{
	struct word name;

	r->p++;
	skip_space(r, false);
	name = read_word(r);
	if (is(name, "if") || is(name, "ifdef") || is(name, "ifndef")) {
		directive_if(r, name);
	} else if (is(name, "elif") || is(name, "else") || is(name, "endif")) {
		if (r->depth == 0) {
			r->fault = "#else or #endif without #if";
			return;
		}
		if (is(name, "endif")) {
			r->depth--;
		} else if (r->nest[r->depth - 1].done) {
			r->nest[r->depth - 1].on = false;
		} else {
			bool on = is(name, "else") || condition(r, 0);

			r->nest[r->depth - 1].on = on;
			r->nest[r->depth - 1].done = on;
		}
	}
	while (!r->fault && r->p < r->end && *r->p != '\n') {
		if (*r->p == '\\' && r->end - r->p >= 2 && r->p[1] == '\n') {
			r->p++;
			r->line++;
		}
		r->p++;
		skip_space(r, false);
	}
}

/* Moves to the next token that is read: past white space, directives, branches not taken. */
static bool next_token(struct reader *r)
{
	for (;;) {
		skip_space(r, true);
		if (r->fault || r->p >= r->end)
			return false;
		if (*r->p == '#')
			directive(r);
		else if (active(r))
			return true;
		else
			r->p++;
	}
}

static bool literal(struct word w, bool negative, int64_t *value)
{
	unsigned base = 10;
	uint64_t n = 0;
	size_t i = 0;

	if (w.len > 2 && w.s[0] == '0' && (w.s[1] == 'x' || w.s[1] == 'X')) {
		base = 16;
		i = 2;
	}
	for (; i < w.len; i++) {
		int c = tolower((unsigned char)w.s[i]);
		unsigned digit = isdigit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);

		if (base == 10 && (c == 'u' || c == 'l'))
			break;
		if (!isxdigit(c) || digit >= base || n > INT32_MAX)
			return false;
		n = n * base + digit;
	}
	*value = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

static bool known_value(const struct reader *r, struct word w, int64_t *value)
{
	for (size_t i = r->values->count; i-- > 0;) {
		const struct ms_enum_value *v = &r->values->items[i];

		if (v->len == w.len && memcmp(v->name, w.s, w.len) == 0) {
			*value = v->value;
			return true;
		}
	}
	return false;
}

/* After NAME: an optional value, then a comma or the closing brace (left for the caller). */
static void enumerator(struct reader *r, struct word name, int64_t *next)
{
	struct ms_enum_values *values = r->values;
	unsigned line = r->line;

	if (next_token(r) && *r->p == '=') {
		struct word w;
		bool negative = false;

		r->p++;
		if (next_token(r) && *r->p == '-') {
			negative = true;
			r->p++;
			next_token(r);
		}
		w = read_word(r);
		if (w.len == 0 ||
		    !(isdigit((unsigned char)w.s[0]) ? literal(w, negative, next)
		                                     : !negative && known_value(r, w, next)))
			r->fault =
			    "an enumerator's value is neither a number nor a name known here";
	}
	if (values->count >= VALUES_MAX)
		r->fault = "too many enumerators";
	if (r->fault)
		return;
	ms_reserve((void **)&values->items, &values->cap, values->count + 1,
	           sizeof(*values->items));
	values->items[values->count++] =
	    (struct ms_enum_value){.name = name.s, .len = name.len, .value = *next, .line = line};
	++*next;
}

/* A macro call in place of an enumerator, SEL4_FORCE_LONG_ENUM(…): its arguments. */
static void skip_call(struct reader *r)
{
	unsigned depth = 0;

	while (next_token(r)) {
		depth += *r->p == '(';
		depth -= *r->p == ')';
		r->p++;
		if (depth == 0)
			return;
	}
}

static void enum_body(struct reader *r)
{
	int64_t next = 0;

	r->p++;
	while (next_token(r) && *r->p != '}') {
		struct word name = read_word(r);

		if (name.len == 0 || isdigit((unsigned char)name.s[0])) {
			r->fault = "an enumerator has no name";
			return;
		}
		if (next_token(r) && *r->p == '(')
			skip_call(r);
		else
			enumerator(r, name, &next);
		if (!next_token(r))
			break;
		if (*r->p == ',')
			r->p++;
		else if (*r->p != '}')
			r->fault = "an enumerator ends in neither , nor }";
	}
	if (!r->fault && (r->p >= r->end || *r->p != '}'))
		r->fault = "an enumeration is not closed";
}

const char *ms_enum_read(const char *text, size_t len, const json_t *config,
                         struct ms_enum_values *values, unsigned *line)
{
	struct reader r = {
	    .p = text, .end = text + len, .line = 1, .config = config, .values = values};

	while (next_token(&r)) {
		struct word w = read_word(&r);

		if (w.len == 0) {
			r.p++;
			continue;
		}
		if (!is(w, "enum") || !next_token(&r))
			continue;
		read_word(&r);
		if (next_token(&r) && *r.p == '{')
			enum_body(&r);
	}
	if (!r.fault && r.depth > 0)
		r.fault = "#if without #endif";
	*line = r.line;
	return r.fault;
}
