/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cache.h - what was made before, found again by content. A step's key covers its argument
 * vector, its toolchain and its source; the entry lists the further inputs it read (headers)
 * with their digests, and the digests of its outputs. Nothing is believed that is not checked
 * against bytes: an entry whose files changed is a miss.
 */
#ifndef MS_BASE_CACHE_H
#define MS_BASE_CACHE_H

#include "base/mem.h"
#include <stdbool.h>

struct ms_cache {
	const char *folder; /* BUILD_DIR/cache */
};

/* Called per file name of an entry to get the path to open (a plan path, see toolkit.h). */
typedef char *ms_cache_expand(void *user, const char *name);

/*
 * True when the entry for key (64 hex digits) exists, all its recorded inputs still have the
 * recorded digests, and every output could be put in its place (already there with the right
 * bytes, or restored from the cache). inputs, when not NULL, receives the recorded input names.
 */
bool ms_cache_get(const struct ms_cache *cache, const char *key, ms_cache_expand *expand,
                  void *user, struct ms_list *inputs);

/* Records what the step of that key read and wrote (plan paths). 0, or -1 with errno. */
int ms_cache_put(const struct ms_cache *cache, const char *key, const struct ms_list *inputs,
                 const struct ms_list *outputs, ms_cache_expand *expand, void *user);

#endif
