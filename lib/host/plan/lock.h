/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lock.h - moonshot.lock: the inputs of one build, kept so that another build can be held to
 * them (moonshot-lock(5)).
 */
#ifndef MS_PLAN_LOCK_H
#define MS_PLAN_LOCK_H

#include "plan/inputs.h"

#define MS_LOCK_NAME   "moonshot.lock"
#define MS_LOCK_SCHEMA "moonshot-lock/1"
#define MS_LOCK_MAX    (8u * 1024 * 1024) /* bytes */

/* The lock of a finished document; NULL after reporting why it gives none. */
json_t *ms_lock_of(const json_t *document);

/* Its canonical TOML, final newline included. NUL-terminated past *len. */
char *ms_lock_to_toml(const json_t *lock, size_t *len);

/* Reads one, strictly. NULL after reporting every fault; a file that is not there is one. Ends
 * the program with 3 when the file cannot be read. */
json_t *ms_lock_read(const char *path);

/*
 * What can be compared before anything is compiled: hashes of spec and plan, and the kernel's files
 * in `inputs`. Reports each difference; returns their number. path: of the lock, for messages.
 */
unsigned ms_lock_compare_early(const char *path, const json_t *lock, const json_t *document,
                               const struct ms_inputs *inputs);

/* All of it, of a document with every record. Reports every input that was added, removed or
 * changed. */
unsigned ms_lock_compare(const char *path, const json_t *lock, const json_t *document);

#endif
