/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sbom_cyclonedx.c - an SBOM as CycloneDX 1.6 JSON.
 */
#include "base/cli.h"
#include "trust/json.h"
#include "trust/names.h"
#include "trust/sbom.h"

#include <stdlib.h>
#include <string.h>

static void set_hashes(json_t *component, const char *sha256, const char *sha1)
{
	json_t *list = ms_pack("[]");

	if (sha1 && sha1[0])
		ms_doc_append(list, ms_pack("{s:s, s:s}", "alg", "SHA-1", "content", sha1));
	if (sha256)
		ms_doc_append(list, ms_pack("{s:s, s:s}", "alg", "SHA-256", "content", sha256));
	ms_doc_set(component, "hashes", list);
}

static void set_licence(json_t *component, const char *licence)
{
	if (licence)
		ms_doc_set(component, "licenses", ms_pack("[{s:s}]", "expression", licence));
}

static json_t *part_component(const struct ms_sbom_part *part)
{
	static const char *const types[] = {"operating-system", "firmware", "application", "data"};
	json_t *value = ms_pack("{s:s, s:s, s:s, s:s}", "type", types[part->role], "bom-ref",
	                        part->id, "name", part->name, "description", part->summary);

	if (part->version)
		ms_doc_set(value, "version", ms_doc_new_string(part->version));
	if (part->sha256)
		set_hashes(value, part->sha256, NULL);
	set_licence(value, part->licence);
	return value;
}

static json_t *file_component(const struct ms_sbom_file *file)
{
	bool tool = strcmp(file->kind, "tool") == 0;
	json_t *value =
	    ms_pack("{s:s, s:s, s:s, s:[{s:s, s:s}]}", "type", tool ? "application" : "file",
	            "bom-ref", file->id, "name", file->path, "properties", "name",
	            "moonshot-toolkit:kind", "value", file->kind);

	/* What the image is made with, not of. */
	if (tool)
		ms_doc_set(value, "scope", ms_doc_new_string("excluded"));
	if (file->version)
		ms_doc_set(value, "version", ms_doc_new_string(file->version));
	set_hashes(value, file->sha256, file->sha1);
	set_licence(value, file->licence);
	return value;
}

static json_t *dependencies(const struct ms_sbom *sbom)
{
	bool *used = ms_alloc(sbom->file_count, sizeof(*used));
	struct ms_buf list = {0};
	json_t *image = ms_pack("[]");

	for (size_t i = 0; i < sbom->part_count; i++) {
		const struct ms_sbom_part *part = &sbom->parts[i];
		json_t *own = ms_pack("[]");

		ms_doc_append(image, ms_doc_new_string(part->id));
		for (size_t k = 0; k < part->count; k++) {
			used[part->files[k]] = true;
			ms_doc_append(own, ms_doc_new_string(sbom->files[part->files[k]].id));
		}
		ms_pack_add(&list, ms_pack("{s:s, s:o}", "ref", part->id, "dependsOn", own));
	}
	for (size_t i = 0; i < sbom->file_count; i++) {
		if (!used[i])
			ms_doc_append(image, ms_doc_new_string(sbom->files[i].id));
	}
	ms_pack_add(&list, ms_pack("{s:s, s:o}", "ref", "Image", "dependsOn", image));
	free(used);
	return ms_pack_end(&list);
}

static json_t *property(const char *name, const char *value)
{
	return ms_pack("{s:s, s:s}", "name", name, "value", value);
}

json_t *ms_sbom_cyclonedx(const struct ms_sbom *sbom)
{
	const char *u = sbom->unique;
	struct ms_buf components = {0};
	json_t *image;
	/* The form of a name-based UUID (version 8 of RFC 9562: whose meaning is ours). */
	char *serial =
	    ms_format("urn:uuid:%.8s-%.4s-8%.3s-a%.3s-%.12s", u, u + 8, u + 13, u + 17, u + 20);

	for (size_t i = 0; i < sbom->part_count; i++)
		ms_pack_add(&components, part_component(&sbom->parts[i]));
	for (size_t i = 0; i < sbom->file_count; i++)
		ms_pack_add(&components, file_component(&sbom->files[i]));
	image = ms_pack("{s:s, s:s, s:s, s:[o, o, o]}", "type", "firmware", "bom-ref", "Image",
	                "name", MS_IMAGE_NAME, "properties",
	                property("moonshot-toolkit:spec_hash", sbom->spec_hash),
	                property("moonshot-toolkit:plan_hash", sbom->plan_hash),
	                property("moonshot-toolkit:inputs_hash", sbom->inputs_hash));
	set_hashes(image, sbom->image_sha256, NULL);
	return ms_pack("{s:s, s:s, s:s, s:i, s:{s:s, s:{s:[{s:s, s:s, s:s}]}, s:o}, s:o, s:o}",
	               "bomFormat", "CycloneDX", "specVersion", "1.6", "serialNumber", serial,
	               "version", 1, "metadata", "timestamp", sbom->created, "tools", "components",
	               "type", "application", "name", "moonshot-toolkit", "version", MS_VERSION,
	               "component", image, "components", ms_pack_end(&components), "dependencies",
	               dependencies(sbom));
}
