/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sbom.h - what an image is made of, part by part and file by file, and as the documents that
 * others read: SPDX 2.3 and CycloneDX 1.6.
 */
#ifndef MS_TRUST_SBOM_H
#define MS_TRUST_SBOM_H

#include "base/digest.h"
#include "base/doc.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/toolkit.h"
#include "spec/document.h"

#define MS_SHA1_HEX 41

/* A file that was read. */
struct ms_sbom_file {
	const char *kind, *path, *sha256, *version; /* as the inputs have them */
	const char *id;                             /* made of its path; unique */
	char sha1[MS_SHA1_HEX];                     /* "" when the file is not at hand */
	const char *licence;                        /* SPDX expression of its tags; NULL: none */
	bool is_file; /* of project or toolkit; else a thing by itself: a tool, a kernel's file */
};

enum ms_sbom_role { MS_PART_KERNEL, MS_PART_LOADER, MS_PART_PROGRAM, MS_PART_DATA };

/* A part of the image. */
struct ms_sbom_part {
	enum ms_sbom_role role;
	const char *name, *version; /* version: NULL where there is none */
	const char *sha256;         /* of the archive's member; NULL: not by itself in the image */
	const char *summary;
	const char *licence; /* of all its files together; NULL where one has none */
	char *id;
	size_t *files; /* indices of what it was made of */
	size_t count, cap;
};

struct ms_sbom {
	const char *image_sha256;
	const char *spec_hash, *plan_hash, *inputs_hash;
	const char *created; /* RFC 3339 */
	char unique[MS_SHA256_HEX];
	struct ms_sbom_file *files;
	size_t file_count;
	struct ms_names by_path; /* of a file: its index, + 1 */
	struct ms_sbom_part *parts;
	size_t part_count, part_cap;
};

/*
 * Gathers it from the last document of a build. The files of the project (the working folder) and
 * the toolkit are read for their licence tags and must be those that were built from. Returns
 * MS_EXIT_OK, or MS_EXIT_INPUT after reporting.
 */
int ms_sbom_gather(const json_t *record, const struct ms_spec *spec, const struct ms_places *places,
                   struct ms_sbom *sbom);

json_t *ms_sbom_spdx(const struct ms_sbom *sbom);
json_t *ms_sbom_cyclonedx(const struct ms_sbom *sbom);

/*
 * The SPDX-License-Identifier tags of a text as one expression, sorted and joined by AND; NULL
 * when there is none. What is no expression is passed over. Pure.
 */
char *ms_licence_of(const char *text, size_t len);

/* Two or more expressions as one; the list's members are sorted, each counts once. */
char *ms_licence_join(struct ms_list *expressions);

/* The licences' names in an expression, without operators and exceptions, sorted, each once. */
void ms_licence_names(const char *expression, struct ms_list *names);

#endif
