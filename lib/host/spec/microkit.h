/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * microkit.h - Microkit's system descriptions (XML, versions 2.2.0 and 2.3.0) in and out.
 */
#ifndef MS_SPEC_MICROKIT_H
#define MS_SPEC_MICROKIT_H

#include "base/diag.h"
#include "spec/model.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The TOML of an XML of at most MS_SPEC_TEXT_MAX bytes, with its comments, numbers in the base
 * they were written in. All is carried over or refused: each fault is reported with its place,
 * and then the result is NULL. Files are found in the search paths (NULL-terminated; the project
 * root, which is the working folder, comes last) and named relative to the project root; without
 * search paths they are not looked for.
 */
char *ms_microkit_to_toml(const struct ms_source *source, const char *const *search_paths,
                          size_t *len);

/* True for a text that begins as an XML does, and no TOML. */
bool ms_microkit_is_xml(const char *text);

/* The system of such an XML with its places in it, or NULL: nothing is reported. */
struct ms_spec *ms_microkit_read_quietly(const struct ms_source *source,
                                         const char *const *search_paths);

/* What ms_microkit_from_spec may leave out, since no part of what runs depends on it. */
enum ms_microkit_leave_out {
	MS_MICROKIT_NO_BUILD = 1, /* the keys of [build] */
	MS_MICROKIT_NO_ASSERTIONS = 2,
	MS_MICROKIT_NO_CEILINGS = 4 /* permissions of regions that no map of them has */
};

/*
 * The XML of a system that has passed every rule. What cannot be said in it is reported, by
 * field; then the result is NULL. leave_out: enum ms_microkit_leave_out, or'ed. The source is
 * that of the system, for places.
 */
char *ms_microkit_from_spec(const struct ms_source *source, const struct ms_spec *spec,
                            unsigned leave_out, size_t *len);

/* Prints every rule of an XML to stdout, as ms_spec_list_rules does. */
void ms_microkit_list_rules(void);
void ms_microkit_list_export_rules(void);

#endif
