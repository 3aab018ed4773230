/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document.h - a document of whatever stage, read for people: what is there, and what is not.
 */
#ifndef MS_REPORT_DOCUMENT_H
#define MS_REPORT_DOCUMENT_H

#include "base/doc.h"
#include "spec/document.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ms_document {
	const char *name; /* for messages */
	const char *text; /* as it was read */
	size_t len;
	json_t *root; /* the whole document; NULL for a bare ms-spec/1 */
	struct ms_spec *spec;
	bool hashed;             /* spec_hash and plan_hash are there, and fit */
	const json_t *artifacts; /* NULL: not there yet, as all below */
	const json_t *layout;
	const json_t *archive;
	const json_t *image;
	const void *table; /* of the layout of a system with a root task of ours; else NULL */
	size_t table_len;
};

/*
 * Reads an ms-spec/1 or an ms-plan/1 of any stage from path (NULL or "-": stdin), as strictly as
 * the stages do: hashes must fit, a layout must be that of its table. Ends the program with 1 or 3.
 */
void ms_document_read(const char *path, struct ms_document *document);

/* Of the member at a.b.c of a document (ms_doc_at): its text, "" where it is none; its number, 0
 * where it is none; the number behind its "0x…". */
const char *ms_document_text(const json_t *value, const char *path);
uint64_t ms_document_number(const json_t *value, const char *path);
uint64_t ms_document_hex(const json_t *value, const char *path);

/* What ms-layout found in the device tree for a region ("region") or for an interrupt of a PD
 * ("pd"), by the words of the specification; NULL where it has not looked. */
const json_t *ms_document_device(const struct ms_document *document, const char *key,
                                 const char *name, const struct ms_dt *from);

/* Whether the list at key holds that word. */
bool ms_document_has(const json_t *value, const char *key, const char *word);

#endif
