/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toml.h - a TOML 1.0 reader in the manner of inih: it reads a text once and hands every
 * table, array, key and value to a callback, with line and column.
 *
 * One .c, one .h, no dependency besides the C library; copy the folder and use it.
 *
 * It accepts all of TOML 1.0 (https://toml.io/en/v1.0.0) and enforces every redefinition rule,
 * except that floats and dates/times are recognised and refused by name (TOML_EUNSUPPORTED).
 * Time is linear in the input, whatever the keys are; memory is at most about 30 MB.
 */
#ifndef TOML_H
#define TOML_H

#include <stddef.h>
#include <stdint.h>

/* Hard caps; going past one is TOML_ELIMIT with a message that names the cap. */
enum {
	TOML_MAX_INPUT = 8 * 1024 * 1024, /* bytes of input */
	TOML_MAX_DEPTH = 64,              /* tables and arrays inside each other, below the root */
	TOML_MAX_NODES = 200000 /* keys with their values, array members, tables: together */
};

enum toml_error {
	TOML_OK = 0,
	TOML_ESYNTAX,      /* not TOML */
	TOML_EUTF8,        /* not valid UTF-8 */
	TOML_EREDEFINED,   /* a key or table defined twice, or extended where TOML forbids it */
	TOML_ERANGE,       /* integer outside -2^63..2^63-1 */
	TOML_EUNSUPPORTED, /* a float or a date/time: valid TOML that this reader refuses */
	TOML_ELIMIT,       /* one of the caps above */
	TOML_EMEMORY,      /* malloc failed */
	TOML_ESTOPPED      /* the callback returned non-zero */
};

enum toml_type { TOML_TABLE, TOML_ARRAY, TOML_STRING, TOML_INTEGER, TOML_BOOLEAN };

/*
 * A place in the input. Lines and columns count from 1; columns count bytes. A line ends with
 * LF or CR LF.
 */
struct toml_pos {
	unsigned line;
	unsigned col;
	size_t offset; /* byte offset from 0 */
	size_t len;    /* bytes to underline: at least 1, else never past the end of the line */
};

/*
 * One event. The whole document is delivered as a depth-first walk in the order of first
 * definition, after it has been read without an error:
 *   TOML_TABLE and TOML_ARRAY come as a pair, begin = 1 and begin = 0, around their members;
 *   every other type comes once.
 * The root table is delivered too (key NULL, depth 0). Fields that do not belong to the type
 * are zero. Line ends inside multi-line strings are delivered as LF.
 */
struct toml_event {
	enum toml_type type;
	int begin;       /* for TOML_TABLE and TOML_ARRAY: 1 opening, 0 closing */
	unsigned depth;  /* 0 for the root table; at most TOML_MAX_DEPTH for tables and arrays */
	const char *key; /* in the parent table, NUL-terminated; NULL in an array, for the root */
	size_t key_len;  /* bytes of key (it may hold NUL bytes) */
	size_t index;    /* position in the parent array, or among the parent's keys */
	struct toml_pos key_pos;   /* where the key is written (its last part, if dotted);
	                              without a key the same as value_pos */
	struct toml_pos value_pos; /* the value; of a table its header; of a table made by a dotted
	                              key or by a longer header the same as key_pos */
	const char *string;        /* TOML_STRING: bytes, NUL-terminated, borrowed for the call */
	size_t string_len;
	int64_t integer; /* TOML_INTEGER */
	int base;        /* TOML_INTEGER: 2, 8, 10 or 16, as written */
	int boolean;     /* TOML_BOOLEAN: 0 or 1 */
};

/* Returns 0 to go on, anything else to stop (the reader then returns TOML_ESTOPPED). */
typedef int toml_callback(void *user, const struct toml_event *event);

/* What went wrong, for a person. */
struct toml_diag {
	enum toml_error error;
	struct toml_pos pos;
	char message[160]; /* one line of UTF-8 without control characters */
};

/*
 * Reads text (len bytes, need not be NUL-terminated). Nothing is delivered unless the whole
 * document is valid. callback may be NULL: then the text is only checked. On an error fills
 * *diag (may be NULL) and returns its code. All memory is freed on return.
 */
enum toml_error toml_read(const char *text, size_t len, toml_callback *callback, void *user,
                          struct toml_diag *diag);

/* One word for an error, e.g. "syntax", "redefined"; "ok" for TOML_OK. */
const char *toml_error_name(enum toml_error error);

#endif
