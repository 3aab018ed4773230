/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table_rows.h - how the rows of table.c and table_pds.c are written down.
 */
#ifndef MS_SPEC_TABLE_ROWS_H
#define MS_SPEC_TABLE_ROWS_H

#include "spec/table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROWS(array)  .rows = (array), .count = COUNT(array)
#define SHAPE(array)                                                                               \
	{                                                                                          \
		.fields = &(array)[0].doc, .count = COUNT(array), .stride = sizeof((array)[0])     \
	}

/* The `doc` member of a row, by kind. */
#define NAME(key)                                                                                  \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_STRING, .min = 1, .max = MS_NAME_MAX                \
	}
#define PATH(key)                                                                                  \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_PATH                                                \
	}
#define INTEGER(key, low, high)                                                                    \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_INTEGER, .min = (low), .max = (high)                \
	}
#define ENUM(key, words)                                                                           \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_ENUM, .values = (words)                             \
	}
#define BOOLEAN(key)                                                                               \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_BOOLEAN                                             \
	}
#define SYMBOL(key)                                                                                \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_STRING, .min = 1, .max = MS_SYMBOL_MAX,             \
		.optional = 1                                                                      \
	}
#define REFERENCE(key)                                                                             \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_STRING, .min = 1, .max = MS_NAME_MAX, .optional = 1 \
	}
#define LIST(key, low, high, member)                                                               \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_ARRAY, .min = (low), .max = (high),                 \
		.item = &(member)                                                                  \
	}
/* A list that is not there when it is empty. */
#define OPTIONAL_LIST(key, low, high, member)                                                      \
	{                                                                                          \
		.name = (key), .kind = MS_KIND_ARRAY, .min = (low), .max = (high),                 \
		.item = &(member), .optional = 1                                                   \
	}

#endif
