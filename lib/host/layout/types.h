/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * types.h - what a table says about objects in numbers and strings, and the layout document in
 * words.
 */
#ifndef MS_LAYOUT_TYPES_H
#define MS_LAYOUT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's type number and its name, by the table's flags. NULL, false: there is none. */
const char *ms_type_name(uint32_t flags, uint32_t type);
bool ms_type_number(uint32_t flags, const char *name, uint32_t *type);

/* log2 of the bytes of an object that was made with that argument of Retype. */
unsigned ms_type_bits(const char *type, uint32_t size_bits);

/* "name", "name[i]" or "name[i..j]": the number of objects, the length of what stands before the
 * bracket, and i (0 without one). */
uint64_t ms_name_count(const char *name, size_t *base, uint64_t *first);

#endif
