/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare_parts.h - what the files of the comparison share among themselves.
 */
#ifndef MS_TRUST_COMPARE_PARTS_H
#define MS_TRUST_COMPARE_PARTS_H

#include "trust/compare.h"

#define MS_DIFFERENCES_MAX 1000 /* of one comparison; the rest is counted */

/* Appends a difference and returns it (borrowed). a, b: NULL where that side has nothing. */
json_t *ms_difference(json_t *list, const char *kind, const char *where, const char *a,
                      const char *b);

/* Differences of two values, member by member; path: what to call them. */
void ms_compare_values(json_t *list, const char *kind, const char *path, const json_t *a,
                       const json_t *b, unsigned *left);

#endif
