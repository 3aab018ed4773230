/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.h - JSON text to jansson's values and back, for documents of hundreds of kilobytes that
 * every stage of a pipe reads and writes.
 */
#ifndef MS_BASE_JSON_H
#define MS_BASE_JSON_H

#include "base/mem.h"
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* What json_loadb with JSON_REJECT_DUPLICATES returns, value for value and fault for fault. error
 * may be NULL. */
json_t *ms_json_load(const char *text, size_t len, json_error_t *error);

/*
 * The same of an object, but the member `key`, when it is an object of least bytes or more, is not
 * looked into: it becomes a raw value. A text that is not of the common kind has none.
 */
json_t *ms_json_load_lazily(const char *text, size_t len, const char *key, size_t least,
                            json_error_t *error);

/*
 * A raw value: JSON text that nobody has read. To jansson it is a string; ms_json_write writes it
 * as it is, so it must be canonical by then. ms_json_raw_text is its text, NULL for any other
 * value. A program has at most two at a time.
 */
json_t *ms_json_raw(const char *text, size_t len);
const char *ms_json_raw_text(const json_t *value, size_t *len);

/* What json_string returns, but of equal strings made one soon after another there is one, which
 * must not be changed. */
json_t *ms_json_share(const char *s);
/* Forgets them without giving them up: for who puts variables back as they were, but no reference
 * counts (tests/fuzz/host.c). */
void ms_json_share_again(void);

/* Adds the canonical bytes of a value (RFC 8785). A number that no document can hold, which
 * came from the input, ends the program with 1. */
void ms_json_write(struct ms_buf *out, const json_t *value);

/* The same for values that nobody has made yet; the text is UTF-8. */
void ms_json_add_string(struct ms_buf *out, const char *s, size_t len);
void ms_json_add_integer(struct ms_buf *out, json_int_t value);
void ms_json_add_hex(struct ms_buf *out, uint64_t value);        /* "0x…" */
void ms_json_add_digits(struct ms_buf *out, uint64_t value);     /* as parts of a string: 10 */
void ms_json_add_hex_digits(struct ms_buf *out, uint64_t value); /* and 0x… */

/* Has jansson take its memory from a few large pieces: a document is tens of thousands of small
 * values that live until the end. Once, before anything else of jansson's. */
void ms_json_fast_memory(void);

#endif
