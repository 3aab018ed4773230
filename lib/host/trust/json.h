/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.h - making and taking apart the JSON of other people's formats (DSSE, in-toto, SLSA,
 * Sigstore, SPDX, CycloneDX): unlike our own documents these may hold keys that we do not know.
 */
#ifndef MS_TRUST_JSON_H
#define MS_TRUST_JSON_H

#include "base/doc.h"
#include "base/mem.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* json_pack, which cannot fail: out of memory, and a string that is no UTF-8, end the program. */
json_t *ms_pack(const char *fmt, ...);

/* A long list of values, kept as the text that it will be: each is written and let go (a reference
 * less). list: {0} at first. At its end it becomes a raw value (base/json.h: two at a time). */
void ms_pack_add(struct ms_buf *list, json_t *value);
json_t *ms_pack_end(struct ms_buf *list);

/* Strict parsing of bytes at hand: duplicate keys and trailing bytes are faults. NULL after
 * reporting with the place; name: of the text, for messages. */
json_t *ms_json_parse(const char *name, const char *text, size_t len);

/* The string at a.b.c (ms_doc_at); NULL when there is none. */
const char *ms_json_string(const json_t *value, const char *path);

/* Writes canonical bytes and a newline to a file that a person keeps (NULL or "-": stdout). */
void ms_json_keep(const char *path, const json_t *value);

/* True for 64 lower-case hex digits. */
bool ms_is_sha256(const char *s);

/*
 * SOURCE_DATE_EPOCH as a time of RFC 3339 ("1970-01-01T00:00:00Z"), or otherwise when it is not
 * set (may be NULL). Anything but a number of seconds before the year 10000 ends the program
 * with 2.
 */
const char *ms_epoch_time(const char *otherwise);

#endif
