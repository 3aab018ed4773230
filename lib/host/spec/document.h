/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document.h - a system as TOML text and as the JSON object ms-spec/1: reading, checking,
 * writing. This is all that other rooms need besides model.h.
 */
#ifndef MS_SPEC_DOCUMENT_H
#define MS_SPEC_DOCUMENT_H

#include "base/diag.h"
#include "base/doc.h"
#include "spec/model.h"

#include <stdbool.h>
#include <stddef.h>

/* Shape of the object ms-spec/1, for a field of kind MS_KIND_OBJECT in another document. */
extern const struct ms_shape ms_spec_shape;

/*
 * The system of a TOML text of at most MS_SPEC_TEXT_MAX bytes. Every rule is checked; each fault
 * is reported with its place. NULL when there was an error; warnings do not count.
 */
struct ms_spec *ms_spec_from_toml(const struct ms_source *source);
#define MS_SPEC_TEXT_MAX (8u * 1024 * 1024)

/* What the relay (base/relay.h) knows of a TOML text: its system, read quietly. */
#define MS_SPEC_OF_TEXT "system"

/* The same, but warnings are not told. */
struct ms_spec *ms_spec_from_toml_quietly(const struct ms_source *source);

/*
 * The system of an ms-spec/1 object that has ms_spec_shape (ms_doc_read and ms_doc_check see to
 * that). A document may be written by hand: every rule is checked again, and it must be exactly
 * what ms-parse would have written. name: of the document, for messages. NULL after reporting.
 * Strings of the result are borrowed from object. A stage does not tell again what the one that
 * read the text has warned of.
 */
struct ms_spec *ms_spec_from_json(const char *name, const json_t *object, bool warn);

/*
 * Lets a system that came as a document say where it is written: text is the same system, read from
 * the source, which both keep. Then the place of an item's field, by its offset; or of the item.
 * Without a text it has no source.
 */
void ms_spec_borrow_marks(struct ms_spec *spec, const struct ms_spec *text,
                          const struct ms_source *source);
struct ms_place ms_spec_place(const struct ms_spec *spec, const struct ms_node *node,
                              size_t offset);

/* As ms_spec_from_json, without warnings; places are those of like, which has the same items. */
struct ms_spec *ms_spec_from_json_like(const char *name, const json_t *object,
                                       const struct ms_spec *like);

/* The object ms-spec/1. The result is the caller's. */
json_t *ms_spec_to_json(const struct ms_spec *spec);

/*
 * The canonical TOML rendering, final newline included: the bytes that `ms-parse --format toml`
 * prints and that spec_hash is the SHA-256 of. NUL-terminated past *len; len may be NULL.
 */
char *ms_spec_to_toml(const struct ms_spec *spec, size_t *len);

/*
 * True when our own root task brings the system up, with every PD as a program of its own; false
 * when the single PD is the root task itself. [build] root_task says so, or, on "auto", whether
 * there is anything that a root task would have to carry out.
 */
bool ms_spec_is_system(const struct ms_spec *spec);

/* A PD whose binary is linked already, maybe with a library that is not ours. */
bool ms_pd_is_ready(const struct ms_pd *pd);

/* An assertion as it is written, in one line. */
const char *ms_assertion_claim(const struct ms_assertion *assertion);

/* Prints every rule to stdout: name, severity and one sentence, separated by tabs. */
void ms_spec_list_rules(void);

#endif
