/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names.h - numbers found by name, however many there are. {0} is empty and ready.
 */
#ifndef MS_BASE_NAMES_H
#define MS_BASE_NAMES_H

#include <stddef.h>

struct ms_names {
	struct ms_names_slot {
		const char *name; /* NULL: free */
		size_t number;
	} * slots;
	size_t count, size; /* size: a power of two */
};

/* The number of a name, which may be changed until the next call; 0 for one that is new. Keeps the
 * pointer. */
size_t *ms_names_at(struct ms_names *names, const char *name);

#endif
