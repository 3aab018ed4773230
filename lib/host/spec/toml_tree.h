/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toml_tree.h - a TOML text that is no specification (a lock) as a tree of jansson's values.
 */
#ifndef MS_SPEC_TOML_TREE_H
#define MS_SPEC_TOML_TREE_H

#include "base/diag.h"
#include <jansson.h>

/*
 * Tables become objects, the rest what it is. NULL after reporting why the text is no TOML, or
 * holds what no document may: a NUL byte in a string, an integer beyond 2^53-1, text that is not
 * Unicode.
 */
json_t *ms_toml_tree(const struct ms_source *source);

#endif
