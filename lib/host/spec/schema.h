/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * schema.h - the fields of a system as a JSON Schema, for editors that know such schemas.
 */
#ifndef MS_SPEC_SCHEMA_H
#define MS_SPEC_SCHEMA_H

#include "base/doc.h"

/*
 * The schema (draft 7) of a system's TOML, made from the rows of table.h. It refuses nothing that
 * ms-parse takes, and says what one key alone can be; rules about several are ms-parse's. The
 * result is the caller's.
 */
json_t *ms_spec_json_schema(void);

/* What a key is for, in a sentence or two; path: from the top, "channels.name". NULL: unknown. */
const char *ms_spec_describe(const char *path);

#endif
