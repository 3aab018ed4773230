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

/* What json_loadb with JSON_REJECT_DUPLICATES returns, value for value and fault for fault. error
 * may be NULL. */
json_t *ms_json_load(const char *text, size_t len, json_error_t *error);

/* Adds the canonical bytes of a value (RFC 8785). A number that no document can hold ends the
 * program. */
void ms_json_write(struct ms_buf *out, const json_t *value);

/* Has jansson take its memory from a few large pieces: a document is tens of thousands of small
 * values that live until the end. Once, before anything else of jansson's. */
void ms_json_fast_memory(void);

#endif
