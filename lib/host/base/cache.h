/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cache.h - what was made before, found again by content. The caller's key covers the argument
 * vector, the toolchain and what the step declares as its inputs; the entry under that key lists
 * the further files that the step read (headers) with their digests, the places where it would
 * have read another file had there been one, and its outputs, whose bytes are kept.
 *
 * Nothing is believed that is not checked against digests (seen.h): no time stamps, and a damaged
 * or half-written cache is only a miss.
 */
#ifndef MS_BASE_CACHE_H
#define MS_BASE_CACHE_H

#include "base/digest.h"
#include "base/mem.h"
#include "base/names.h"
#include <stdbool.h>
#include <stdint.h>

struct ms_cache {
	const char *folder; /* BUILD_DIR/cache */
	/* for cache.c: what this run has seen of each file, looked up by its name, which must stay
	 */
	struct ms_names names; /* of each file: its place in memo, + 1 */
	struct ms_cache_memo *memo;
	size_t memo_cap;
	bool pruned;
	size_t expected; /* outputs of one build */
};

/* A file that a step read. Names are plan paths (toolkit.h) where the file has one. */
struct ms_cache_input {
	const char *name;
	char sha256[MS_SHA256_HEX];
	uint64_t size;
};

struct ms_cache_output {
	const char *name;
	char sha256[MS_SHA256_HEX];
	uint64_t size;
	bool executable;
	const void
	    *data; /* for ms_cache_put: its bytes, size of them; NULL: ms_cache_keep has them */
};

struct ms_cache_entry {
	struct ms_cache_input *inputs;
	size_t input_count, input_cap;
	struct ms_list absent; /* names that must not exist */
	struct ms_cache_output *outputs;
	size_t output_count, output_cap;
};

void ms_cache_add_input(struct ms_cache_entry *entry, const char *name,
                        const char sha256[MS_SHA256_HEX], uint64_t size);

/* Returns the path to open for a name of an entry. */
typedef char *ms_cache_expand(void *user, const char *name);

/*
 * The digest and size (may be NULL) of a file, "" when it cannot be read. A run reads each file
 * once and stays with what it has seen, so that all steps agree on it.
 */
const char *ms_cache_digest(struct ms_cache *cache, const char *name, ms_cache_expand *expand,
                            void *user, uint64_t *size);

/* A file was written, with this digest and size. */
void ms_cache_note(struct ms_cache *cache, const char *name, const char sha256[MS_SHA256_HEX],
                   uint64_t size);

/* Files may have changed: what was seen of them no longer counts. */
void ms_cache_forget(struct ms_cache *cache);

/*
 * True when the entry for key (64 hex digits) exists, names exactly these outputs, all its
 * inputs have the recorded digests, none of its absent names exists, and every output could be put
 * in its place (there already with the right bytes, or restored). *entry, when not NULL,
 * receives what was recorded.
 */
bool ms_cache_get(struct ms_cache *cache, const char *key, const char *const *outputs,
                  size_t output_count, ms_cache_expand *expand, void *user,
                  struct ms_cache_entry *entry);

/* Keeps the bytes of an output whose entry is put later, without them; sets its sha256, and data to
 * NULL (the bytes stay the caller's). 0, or -1 with errno. */
int ms_cache_keep(struct ms_cache *cache, struct ms_cache_output *output);

/* Records an entry and keeps its outputs' bytes; sets sha256 of each output. 0, or -1 with
 * errno (EINVAL: a name that the format cannot hold): a cache that cannot be written costs
 * time only. */
int ms_cache_put(struct ms_cache *cache, const char *key, struct ms_cache_entry *entry);

#endif
