/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doc.h - the JSON documents that the stages exchange: read strictly, checked against a
 * table, written canonically (RFC 8785).
 *
 * RFC 8785 sorts keys by UTF-16 code units; every key of our documents is ASCII, where
 * that is the order of strcmp. Numbers are integers of at most 2^53-1 in magnitude.
 */
#ifndef MS_BASE_DOC_H
#define MS_BASE_DOC_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define MS_DOC_MAX     (64u * 1024 * 1024) /* bytes of a document */
#define MS_DOC_INT_MAX 9007199254740991LL  /* 2^53-1, the largest integer of a document */

enum ms_kind {
	MS_KIND_STRING,  /* UTF-8 without NUL; min..max: bytes (0,0: any) */
	MS_KIND_INTEGER, /* min..max inclusive */
	MS_KIND_BOOLEAN,
	MS_KIND_HEX,    /* "0x…", lower case, no leading zeroes, at most 64 bits */
	MS_KIND_SHA256, /* 64 lower-case hex digits */
	MS_KIND_PATH,   /* a string that ms_path_fault accepts, or one that starts with "@" */
	MS_KIND_ENUM,   /* one of the strings in values */
	MS_KIND_OBJECT, /* fields in shape */
	MS_KIND_ARRAY,  /* members described by *item; min..max: their number (0,0: any) */
	MS_KIND_ANY     /* anything; checked by whoever uses it */
};

struct ms_shape;
struct ms_field {
	const char *name; /* NULL in the item of an array */
	enum ms_kind kind;
	int optional;
	int64_t min, max;
	const char *const *values; /* MS_KIND_ENUM: NULL-terminated */
	const struct ms_shape
	    *shape; /* MS_KIND_OBJECT; of another kind: an object may stand there */
	const struct ms_field *item; /* MS_KIND_ARRAY */
	int lazy; /* MS_KIND_ANY of a document: large, it is not looked into; see ms_doc_expand */
};
struct ms_shape {
	const struct ms_field *fields;
	size_t count;
	size_t stride; /* bytes from field to field where each begins a larger row; 0: no row */
};

/*
 * Reads one document from path (NULL or "-": stdin) and checks it against shape, whose
 * fields must include "schema". Ends the program with 1 (wrong document, saying where; all
 * independent faults are reported) or 3 (cannot be read). The result is the caller's.
 */
json_t *ms_doc_read(const char *path, const char *schema, const struct ms_shape *shape);

/* The same for text at hand; name: for messages. Returns NULL after reporting. */
json_t *ms_doc_parse(const char *name, const char *text, size_t len, const char *schema,
                     const struct ms_shape *shape);

/* Checks value against shape; reports every fault with its path ($.steps[3].name) in the
 * document called name. Returns the number of faults. */
unsigned ms_doc_check(const char *name, const char *path, const json_t *value,
                      const struct ms_shape *shape);

/* The member of a document whose field is lazy; one that was not looked into (a raw value, json.h)
 * is read now, and takes its own place. NULL when it is not there; NULL after reporting that it
 * is no JSON. name: of the document. */
json_t *ms_doc_expand(const char *name, json_t *document, const char *key);

/* Canonical bytes, without the final newline. NUL-terminated past *len; len may be NULL. */
char *ms_doc_canonical(const json_t *value, size_t *len);

/* Writes canonical bytes and a newline to path (NULL or "-": stdout), atomically. */
void ms_doc_write(const char *path, json_t *value);

/* The member at a.b.c of anything, NULL where one is missing. Borrowed. */
const json_t *ms_doc_at(const json_t *value, const char *path);

/* Access to what was checked: the field must be there and of that type (else it is a bug,
 * and the program ends with 3). */
const char *ms_doc_string(const json_t *object, const char *key);
int64_t ms_doc_integer(const json_t *object, const char *key);
int ms_doc_boolean(const json_t *object, const char *key);
json_t *ms_doc_member(const json_t *object, const char *key); /* borrowed */
uint64_t ms_doc_hex(const json_t *object, const char *key);

/* New values; out of memory ends the program. A string may be shared and is not to be changed. */
json_t *ms_doc_new_string(const char *s);
json_t *ms_doc_new_hex(uint64_t value);
json_t *ms_doc_new_integer(int64_t value);
void ms_doc_set(json_t *object, const char *key, json_t *value); /* steals value */
void ms_doc_append(json_t *array, json_t *value);                /* steals value */

#endif
