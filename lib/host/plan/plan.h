/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.h - the document ms-plan/1: what will be run to build a system, word for word
 * (ms-plan(5)); making one from a system, its two hashes, and reading one strictly.
 */
#ifndef MS_PLAN_PLAN_H
#define MS_PLAN_PLAN_H

#include "base/digest.h"
#include "base/doc.h"
#include "spec/document.h"

#define MS_PLAN_SCHEMA "ms-plan/1"

/* What the relay (base/relay.h) knows of a plan's "spec": the system that it describes. */
#define MS_PLAN_SPEC "system"

/* The compiler driver that every plan names. */
#define MS_PLAN_CC "aarch64-linux-gnu-gcc"

/* The steps of a system, a function of the system alone. */
json_t *ms_plan_steps(const struct ms_spec *spec);

/* SHA-256 of the canonical TOML of a system; SHA-256 of the canonical JSON of
 * {"spec_hash":…,"steps":…}. */
void ms_plan_spec_hash(const struct ms_spec *spec, char hex[MS_SHA256_HEX]);
void ms_plan_hash(const char *spec_hash, const json_t *steps, char hex[MS_SHA256_HEX]);

/*
 * Recomputes the hashes that a checked plan carries and reports each one that does not fit, and
 * what else a shape cannot say: names that are given twice, outputs outside the build
 * folder. Returns 0 when all is well. name: of the document, for messages. *spec, when spec is not
 * NULL, receives the system.
 */
int ms_plan_verify(const char *name, const json_t *plan, struct ms_spec **spec);

/* Up to which stage a document must have come; hashes are optional before MS_PLAN_HASHED. */
enum ms_plan_stage { MS_PLAN_PLANNED, MS_PLAN_HASHED, MS_PLAN_COMPILED };

/*
 * Reads a plan from path (NULL or "-": stdin), checks that it has the keys of all stages up to
 * `stage` and of none after it, and verifies it. Later rooms give the fields that they added
 * in more. Ends the program like ms_doc_read. *spec as above.
 */
json_t *ms_plan_read(const char *path, enum ms_plan_stage stage, const struct ms_field *more,
                     size_t count, struct ms_spec **spec);

/* For more: what any later stage adds, not looked into. A finished build's last document can be
 * read so. */
#define MS_PLAN_LATER 8
extern const struct ms_field ms_plan_later[MS_PLAN_LATER];

/* The same for text at hand, without keys of later rooms. NULL after reporting. */
json_t *ms_plan_parse(const char *name, const char *text, size_t len, enum ms_plan_stage stage,
                      struct ms_spec **spec);

/* The same of a compiled plan, with the fields of later rooms. */
json_t *ms_plan_parse_later(const char *name, const char *text, size_t len,
                            const struct ms_field *more, size_t count, struct ms_spec **spec);

/* A plan's step of that kind ("AssembleImage"): the first one, or NULL. Borrowed. */
json_t *ms_plan_step(const json_t *plan, const char *kind);

#endif
