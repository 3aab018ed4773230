/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * statement.h - the record of a build in the form that others read: an in-toto Statement v1
 * with SLSA provenance v1 (docs/build-type-v1.md). Made from the last document of a build, and
 * taken apart again by whoever verifies.
 */
#ifndef MS_TRUST_STATEMENT_H
#define MS_TRUST_STATEMENT_H

#include "base/digest.h"
#include "base/doc.h"
#include "spec/document.h"

/* Reads what ms-link wrote, strictly (NULL or "-": stdin). Ends the program like ms_plan_read. */
json_t *ms_record_read(const char *path, struct ms_spec **spec);

/* The same for text at hand; NULL after reporting. */
json_t *ms_record_parse(const char *name, const char *text, size_t len);

/* Why a path cannot be where others look for the specification, below the project's root; or NULL.
 */
const char *ms_statement_spec_fault(const char *path);

/*
 * The statement of a record. spec_path: where the specification lies below the project's root.
 * Nothing but the record and SOURCE_DATE_EPOCH, where it is set, decides what is in it. NULL after
 * reporting that the record does not say what the image was built from.
 */
json_t *ms_statement_make(const json_t *record, const char *spec_path);

/* A statement taken apart. Strings are borrowed from root. */
struct ms_statement {
	const json_t *root;
	const char *image; /* name and digest of what was built */
	const char *image_sha256;
	const char *spec_path, *board, *config;
	const char *spec_hash, *plan_hash, *inputs_hash;
	const char *format; /* of the image */
	const char *builder;
	json_t *inputs; /* as ms_inputs_of gives them */
	const json_t *byproducts;
	const json_t *verified_config; /* what it says of the kernel (layout/verified.h); or NULL */
};

/*
 * Takes a statement apart: NULL when it is one of our build type and whole, else what is wrong
 * with it. Keys that we do not know are passed over, as SLSA asks, but for parameters: one that we
 * do not know could change what the others mean.
 */
const char *ms_statement_read(const json_t *root, struct ms_statement *statement);

/* The digest of a by-product ("system.cpio", "system.cpio/kernel.elf"); NULL when there is none
 * of that name. */
const char *ms_statement_byproduct(const struct ms_statement *statement, const char *name);

#endif
