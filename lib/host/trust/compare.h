/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare.h - why two plans, or two images, are not the same: in the words of their spec, steps,
 * inputs, sections and symbols, not in offsets alone.
 */
#ifndef MS_TRUST_COMPARE_H
#define MS_TRUST_COMPARE_H

#include <jansson.h>
#include <stddef.h>

/*
 * Each of the three returns a new array of differences, causes first; [] where there are none.
 * A difference:
 *   {"kind":"spec"|"step"|"argument"|"input"|"kernel"|"layout"|"member"|"symbol"|"section"|"bytes",
 *    "where": what differs ("protection_domains[2].priority", "src/a.c", ".text of hello.elf"),
 *    "a": text of the one side, "b": of the other (absent where that side has none),
 *    "more": so many further commands differ in the same way (argument),
 *    "offset": of the first different byte in the file (section, symbol, bytes),
 *    "input": the path of the input that made what lies there, where the documents tell}
 */
json_t *ms_compare_documents(const json_t *a, const json_t *b);

/* Two images by their bytes: first the segments and archive members that differ, of each the first
 * different section and symbol. The documents (NULL: none at hand) are those of ms-link; what
 * they tell about the causes comes first. NULL with errno when a file cannot be read. */
json_t *ms_compare_images(const char *path_a, const char *path_b, const json_t *document_a,
                          const json_t *document_b);

/* The same for an image that came without its build folder: where its programs are laid out like
 * those that were built here, the names of these stand for both. */
json_t *ms_compare_delivered(const char *delivered, const char *rebuilt,
                             const json_t *document_delivered, const json_t *document_rebuilt);

/* The differences as lines for a person; name_a and name_b: what the two sides are called. */
char *ms_compare_text(const json_t *differences, const char *name_a, const char *name_b);

#endif
