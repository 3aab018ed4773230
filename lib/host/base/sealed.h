/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sealed.h - texts that only save time (the cache's entries, remembered digests and builds): their
 * last line is "end SHA256", of all lines before it. What is not whole counts as not there.
 */
#ifndef MS_BASE_SEALED_H
#define MS_BASE_SEALED_H

#include "base/mem.h"
#include <stdbool.h>
#include <stddef.h>

/* Adds the last line. */
void ms_seal(struct ms_buf *text);

/* True when the text is whole; the last line is cut off then, and no NUL is in what stays. */
bool ms_unseal(char *text, size_t len);

#endif
