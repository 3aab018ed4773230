/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * row.h - values of the rows of a layout's document, for its readers. What is not there is empty
 * or 0: the document has been checked before.
 */
#ifndef MS_LAYOUT_ROW_H
#define MS_LAYOUT_ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline const char *row_text(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s ? s : "";
}

static inline uint64_t row_number(const json_t *row, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(row, key));
}

/* Of a "0x…". */
static inline uint64_t row_hex(const json_t *row, const char *key)
{
	return strtoull(row_text(row, key), NULL, 16);
}

/* Does the list hold the word? */
static inline bool row_has(const json_t *row, const char *key, const char *word)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(row, key), i, item)
	{
		if (strcmp(json_string_value(item), word) == 0)
			return true;
	}
	return false;
}

#endif
