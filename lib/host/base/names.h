/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names.h - numbers found by name, however many there are. {0} is empty and ready.
 */
#ifndef MS_BASE_NAMES_H
#define MS_BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct ms_names {
	struct ms_names_slot {
		const char *name; /* NULL: free */
		size_t len;
		uint64_t number;
	} * slots;
	size_t count, size; /* size: a power of two */
};

/* The number of a name, which may be changed until the next call; 0 for one that is new. Keeps the
 * pointer. A part of a text is a name of len bytes. */
uint64_t *ms_names_at(struct ms_names *names, const char *name);
uint64_t *ms_names_at_part(struct ms_names *names, const char *name, size_t len);

/* The same of a name that is there, NULL where it is not: none is added. */
const uint64_t *ms_names_find(const struct ms_names *names, const char *name, size_t len);

/* All of them are gone; it is empty and ready again. */
void ms_names_free(struct ms_names *names);

#endif
