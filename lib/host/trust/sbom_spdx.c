/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sbom_spdx.c - an SBOM as SPDX 2.3 JSON: the image, its parts, the compiler's programs and the
 * kernel build's files are packages; what was read of project and toolkit are files.
 */
#include "base/cli.h"
#include "trust/json.h"
#include "trust/names.h"
#include "trust/sbom.h"

#include <stdlib.h>
#include <string.h>

#define NONE  "NOASSERTION"
#define REF   "SPDXRef-"
#define IMAGE "Image"

static json_t *checksum(const char *algorithm, const char *value)
{
	return ms_pack("{s:s, s:s}", "algorithm", algorithm, "checksumValue", value);
}

static json_t *package(const char *id, const char *name, const char *purpose, const char *sha256)
{
	json_t *value = ms_pack("{s:s+, s:s, s:s, s:b, s:s, s:s, s:s, s:s}", "SPDXID", REF, id,
	                        "name", name, "downloadLocation", NONE, "filesAnalyzed", 0,
	                        "licenseConcluded", NONE, "licenseDeclared", NONE, "copyrightText",
	                        NONE, "primaryPackagePurpose", purpose);

	if (sha256)
		ms_doc_set(value, "checksums", ms_pack("[o]", checksum("SHA256", sha256)));
	return value;
}

static json_t *part_package(const struct ms_sbom_part *part)
{
	static const char *const purposes[] = {"OPERATING_SYSTEM", "FIRMWARE", "APPLICATION",
	                                       "FILE"};
	json_t *value = package(part->id, part->name, purposes[part->role], part->sha256);

	ms_doc_set(value, "summary", ms_doc_new_string(part->summary));
	if (part->version)
		ms_doc_set(value, "versionInfo", ms_doc_new_string(part->version));
	if (part->licence)
		ms_doc_set(value, "licenseDeclared", ms_doc_new_string(part->licence));
	return value;
}

/* A tool, or a file that lies neither in the project nor in the toolkit. */
static json_t *input_package(const struct ms_sbom_file *file)
{
	bool tool = strcmp(file->kind, "tool") == 0;
	const char *slash = strrchr(file->path, '/');
	json_t *value = package(file->id, tool && slash ? slash + 1 : file->path,
	                        tool ? "APPLICATION" : "FILE", file->sha256);

	ms_doc_set(value, "packageFileName", ms_doc_new_string(file->path));
	if (file->version)
		ms_doc_set(value, "versionInfo", ms_doc_new_string(file->version));
	return value;
}

static json_t *licences(const struct ms_sbom_file *file)
{
	struct ms_list names = {0};
	json_t *list = ms_pack("[]");

	if (!file->licence)
		return ms_pack("[s]", NONE);
	ms_licence_names(file->licence, &names);
	for (size_t i = 0; i < names.count; i++)
		ms_doc_append(list, ms_doc_new_string(names.items[i]));
	return list;
}

static json_t *file_entry(const struct ms_sbom_file *file)
{
	static const struct {
		const char *kind, *type;
	} types[] = {{"source", "SOURCE"}, {"header", "SOURCE"},  {"script", "SOURCE"},
	             {"board", "SOURCE"},  {"library", "BINARY"}, {"binary", "BINARY"}};
	const char *type = "OTHER";
	json_t *value, *sums = ms_pack("[]");

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].kind, file->kind) == 0)
			type = types[i].type;
	}
	if (file->sha1[0])
		ms_doc_append(sums, checksum("SHA1", file->sha1));
	ms_doc_append(sums, checksum("SHA256", file->sha256));
	value =
	    ms_pack("{s:s+, s:s+, s:o, s:s, s:s, s:[s], s:o}", "SPDXID", REF, file->id, "fileName",
	            "./", file->path, "checksums", sums, "licenseConcluded", NONE, "copyrightText",
	            NONE, "fileTypes", type, "licenseInfoInFiles", licences(file));
	return value;
}

/* -- relationships ----------------------------------------------------------------------- */

static void relate(struct ms_buf *list, const char *from, const char *how, const char *to)
{
	ms_pack_add(list, ms_pack("{s:s+, s:s+, s:s}", "spdxElementId", REF, from,
	                          "relatedSpdxElement", REF, to, "relationshipType", how));
}

static json_t *relationships(const struct ms_sbom *sbom)
{
	bool *used = ms_alloc(sbom->file_count, sizeof(*used));
	struct ms_buf list = {0};

	relate(&list, "DOCUMENT", "DESCRIBES", IMAGE);
	for (size_t i = 0; i < sbom->part_count; i++) {
		const struct ms_sbom_part *part = &sbom->parts[i];

		relate(&list, IMAGE, "CONTAINS", part->id);
		for (size_t k = 0; k < part->count; k++) {
			const struct ms_sbom_file *file = &sbom->files[part->files[k]];

			used[part->files[k]] = true;
			relate(&list, part->id,
			       strcmp(file->kind, "library") == 0 ? "STATIC_LINK"
			                                          : "GENERATED_FROM",
			       file->id);
		}
	}
	/* Headers belong to no step by name; tools to every one. */
	for (size_t i = 0; i < sbom->file_count; i++) {
		const struct ms_sbom_file *file = &sbom->files[i];

		if (strcmp(file->kind, "tool") == 0)
			relate(&list, file->id, "BUILD_TOOL_OF", IMAGE);
		else if (!used[i])
			relate(&list, IMAGE, "GENERATED_FROM", file->id);
	}
	free(used);
	return ms_pack_end(&list);
}

/* Licences that are on no public list are declared where they are used. */
static json_t *own_licences(const struct ms_sbom *sbom)
{
	struct ms_list all = {0};
	json_t *list = ms_pack("[]");
	const char *last = "";

	for (size_t i = 0; i < sbom->file_count; i++) {
		if (sbom->files[i].licence)
			ms_licence_names(sbom->files[i].licence, &all);
	}
	for (size_t i = 0; i < all.count; i++) {
		if (!ms_starts_with(all.items[i], "LicenseRef-") || strcmp(all.items[i], last) == 0)
			continue;
		last = all.items[i];
		ms_doc_append(list, ms_pack("{s:s, s:s}", "licenseId", last, "extractedText",
		                            "named by the files that bear it; its text is not in "
		                            "them"));
	}
	return list;
}

json_t *ms_sbom_spdx(const struct ms_sbom *sbom)
{
	json_t *packages =
	    ms_pack("[o]", package(IMAGE, MS_IMAGE_NAME, "FIRMWARE", sbom->image_sha256));
	json_t *own = own_licences(sbom), *document;
	struct ms_buf files = {0};
	char *note = ms_format("spec_hash %s, plan_hash %s, inputs_hash %s", sbom->spec_hash,
	                       sbom->plan_hash, sbom->inputs_hash);

	ms_doc_set(json_array_get(packages, 0), "sourceInfo", ms_doc_new_string(note));
	for (size_t i = 0; i < sbom->part_count; i++)
		ms_doc_append(packages, part_package(&sbom->parts[i]));
	for (size_t i = 0; i < sbom->file_count; i++) {
		if (sbom->files[i].is_file)
			ms_pack_add(&files, file_entry(&sbom->files[i]));
		else
			ms_doc_append(packages, input_package(&sbom->files[i]));
	}
	document = ms_pack("{s:s, s:s, s:s+, s:s, s:s, s:{s:s, s:[s]}, s:o, s:o, s:o}",
	                   "spdxVersion", "SPDX-2.3", "dataLicense", "CC0-1.0", "SPDXID", REF,
	                   "DOCUMENT", "name", MS_IMAGE_NAME, "documentNamespace",
	                   ms_format("urn:moonshot-toolkit:sbom:v1:%s", sbom->unique),
	                   "creationInfo", "created", sbom->created, "creators",
	                   "Tool: moonshot-toolkit-" MS_VERSION, "packages", packages, "files",
	                   ms_pack_end(&files), "relationships", relationships(sbom));
	if (json_array_size(own) > 0)
		ms_doc_set(document, "hasExtractedLicensingInfos", own);
	else
		json_decref(own);
	return document;
}
