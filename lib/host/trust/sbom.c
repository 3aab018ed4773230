/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sbom.c - gathering what an image is made of. See sbom.h.
 */
#include "trust/sbom.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "both/handoff.h"
#include "plan/inputs.h"
#include "plan/plan.h"
#include "trust/json.h"
#include "trust/key.h"
#include "trust/locate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (256u * 1024 * 1024) /* bytes of one input */

/* -- files ------------------------------------------------------------------------------- */

/* A name that both formats take as an id: what they do not allow is replaced, and a few digits
 * of its digest keep two such names apart. */
static char *id_of(const char *kind, const char *name)
{
	char hex[MS_SHA256_HEX];
	char *id;

	ms_sha256_hex(name, strlen(name), hex);
	id = ms_format("%s-%.100s-%.8s", kind, name, hex);
	for (char *p = id; *p; p++) {
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		      (*p >= '0' && *p <= '9') || *p == '.'))
			*p = '-';
	}
	return id;
}

/* Reads a file for its licence and its SHA-1, which SPDX wants. 1 after reporting. */
static unsigned look_into(struct ms_sbom_file *file, const char *path)
{
	char hex[MS_SHA256_HEX];
	size_t len;
	char *text = NULL;

	/* It is a document that says where: a pipe would be waited for. */
	if (ms_locate_file(path) == 0)
		text = ms_try_read_file(path, FILE_MAX, &len);
	if (!text) {
		ms_report(MS_ERROR, NULL, "sbom-file", "%s: %s", path, strerror(errno));
		return 1;
	}
	ms_sha256_hex(text, len, hex);
	if (strcmp(hex, file->sha256) != 0) {
		ms_report(MS_ERROR, NULL, "sbom-file",
		          "%s is not the file that the image was built from: its sha256 is %s, "
		          "not %s",
		          path, hex, file->sha256);
		free(text);
		return 1;
	}
	ms_sha1_hex(text, len, file->sha1);
	file->licence = ms_licence_of(text, len);
	free(text);
	return 0;
}

static unsigned gather_files(struct ms_sbom *sbom, const json_t *inputs,
                             const struct ms_places *places)
{
	unsigned faults = 0;
	json_t *input;
	size_t i;

	sbom->file_count = json_array_size(inputs);
	sbom->files = ms_alloc(sbom->file_count, sizeof(*sbom->files));
	json_array_foreach(inputs, i, input)
	{
		struct ms_sbom_file *file = &sbom->files[i];
		char *path;

		file->kind = ms_doc_string(input, "kind");
		file->path = ms_doc_string(input, "path");
		*ms_names_at(&sbom->by_path, file->path) = i + 1;
		file->sha256 = ms_doc_string(input, "sha256");
		file->version = json_string_value(json_object_get(input, "version"));
		path = ms_locate(".", places->toolkit, file->path);
		file->is_file = path != NULL;
		file->id = id_of(file->is_file                     ? "File"
		                 : strcmp(file->kind, "tool") == 0 ? "Tool"
		                                                   : "Input",
		                 file->path);
		if (path)
			faults += look_into(file, path);
		free(path);
	}
	return faults;
}

/* -- parts ------------------------------------------------------------------------------- */

static struct ms_sbom_part *add_part(struct ms_sbom *sbom, enum ms_sbom_role role, const char *name,
                                     const char *summary)
{
	static const char *const kinds[] = {"Kernel", "Loader", "Program", "Data"};
	struct ms_sbom_part *part;

	ms_reserve((void **)&sbom->parts, &sbom->part_cap, sbom->part_count + 1,
	           sizeof(*sbom->parts));
	part = &sbom->parts[sbom->part_count++];
	part->role = role;
	part->name = name;
	part->summary = summary;
	part->id = id_of(kinds[role], name);
	return part;
}

static void add_file(struct ms_sbom *sbom, struct ms_sbom_part *part, const char *path)
{
	size_t index = *ms_names_at(&sbom->by_path, path);

	if (index-- == 0)
		return;
	for (size_t i = 0; i < part->count; i++) {
		if (part->files[i] == index)
			return;
	}
	ms_reserve((void **)&part->files, &part->cap, part->count + 1, sizeof(*part->files));
	part->files[part->count++] = index;
}

/* Every input below a folder. */
static void add_folder(struct ms_sbom *sbom, struct ms_sbom_part *part, const char *folder)
{
	for (size_t i = 0; i < sbom->file_count; i++) {
		if (strncmp(sbom->files[i].path, folder, strlen(folder)) == 0)
			add_file(sbom, part, sbom->files[i].path);
	}
}

/* What a step of the plan names and did not make. */
static void add_step(struct ms_sbom *sbom, struct ms_sbom_part *part, const json_t *step)
{
	json_t *path;
	size_t i;

	json_array_foreach(ms_doc_member(step, "inputs"), i, path)
	{
		const char *name = json_string_value(path);

		if (!ms_starts_with(name, "build/") && !ms_starts_with(name, "@kernel/"))
			add_file(sbom, part, name);
	}
}

static const json_t *find_step(const json_t *record, const char *kind, const char *name)
{
	json_t *step;
	size_t i;

	json_array_foreach(ms_doc_member(record, "steps"), i, step)
	{
		if (strcmp(ms_doc_string(step, "kind"), kind) == 0 &&
		    (!name || strcmp(ms_doc_string(step, "name"), name) == 0))
			return step;
	}
	return NULL;
}

static void add_kernel(struct ms_sbom *sbom, const json_t *record, const char *sha256)
{
	bool probe = strcmp(ms_json_string(record, "archive.kernel.kind"), "probe") == 0;
	struct ms_sbom_part *part =
	    add_part(sbom, MS_PART_KERNEL, probe ? "probe kernel" : "seL4",
	             probe ? "stands in for seL4, which it is not" : "the microkernel");

	part->sha256 = sha256;
	if (probe)
		part->version = MS_VERSION;
	add_folder(sbom, part, "@kernel/");
}

/* A program among the archive's members, with the step that made it. */
static void add_program(struct ms_sbom *sbom, const json_t *record, const char *member,
                        const char *sha256)
{
	bool root = strcmp(member, HANDOFF_ROOT) == 0;
	const json_t *own = root ? find_step(record, "CompileRoot", NULL) : NULL;
	struct ms_sbom_part *part;
	const json_t *step = own;
	const char *name;

	if (!own && root)
		step = find_step(record, "CompilePd", NULL);
	else if (!own)
		step = find_step(record, "CompilePd",
		                 ms_strndup(member, strlen(member) - strlen(".elf")));
	name = own || !step ? member : ms_doc_string(step, "name");
	part = add_part(sbom, MS_PART_PROGRAM, name,
	                own    ? "the toolkit's root task: creates the system, then its monitor"
	                : root ? "protection domain and root task in one"
	                       : "protection domain");
	part->sha256 = sha256;
	if (own)
		part->version = MS_VERSION;
	if (step)
		add_step(sbom, part, step);
}

static void add_data(struct ms_sbom *sbom, const struct ms_spec *spec, const char *member,
                     const char *sha256)
{
	struct ms_sbom_part *part =
	    add_part(sbom, MS_PART_DATA, member,
	             strcmp(member, HANDOFF_DTB) == 0 ? "device tree"
	             : strcmp(member, "system.table") == 0
	                 ? "what the root task creates, decided by ms-layout"
	                 : "contents of a memory region");

	part->sha256 = sha256;
	for (size_t i = 0; i < spec->regions.count; i++) {
		const struct ms_region *region = &spec->regions.items[i];

		if (region->prefill_from && strcmp(region->name, member) == 0)
			add_file(sbom, part, region->prefill_from);
	}
	if (strcmp(member, HANDOFF_DTB) == 0)
		add_file(sbom, part, "@kernel/kernel.dtb");
}

static bool is_program(const json_t *record, const char *member)
{
	size_t len = strlen(member);

	if (strcmp(member, HANDOFF_ROOT) == 0)
		return true;
	return ms_ends_with(member, ".elf") &&
	       find_step(record, "CompilePd", ms_strndup(member, len - 4));
}

static void gather_parts(struct ms_sbom *sbom, const json_t *record, const struct ms_spec *spec)
{
	struct ms_sbom_part *loader;
	json_t *entry;
	size_t i;

	json_array_foreach(ms_doc_at(record, "archive.entries"), i, entry)
	{
		const char *name = ms_doc_string(entry, "name");
		const char *sha256 = ms_doc_string(entry, "sha256");

		if (strcmp(name, HANDOFF_KERNEL) == 0)
			add_kernel(sbom, record, sha256);
		else if (is_program(record, name))
			add_program(sbom, record, name, sha256);
		else
			add_data(sbom, spec, name, sha256);
	}
	loader = add_part(sbom, MS_PART_LOADER, "moonshot loader",
	                  "first code on the board: checks and starts kernel and root task");
	loader->version = MS_VERSION;
	add_step(sbom, loader, find_step(record, "AssembleImage", NULL));
}

/* What all files of a part say, where all say something. */
static void find_licences(struct ms_sbom *sbom)
{
	for (size_t i = 0; i < sbom->part_count; i++) {
		struct ms_sbom_part *part = &sbom->parts[i];
		struct ms_list all = {0};
		bool each = part->count > 0;

		for (size_t k = 0; k < part->count; k++) {
			const char *own = sbom->files[part->files[k]].licence;

			each = each && own;
			if (own)
				ms_list_add(&all, own);
		}
		part->licence = each ? ms_licence_join(&all) : NULL;
	}
}

int ms_sbom_gather(const json_t *record, const struct ms_spec *spec, const struct ms_places *places,
                   struct ms_sbom *sbom)
{
	json_t *inputs = ms_inputs_of(record);
	char *inputs_hash = ms_alloc(MS_SHA256_HEX, 1), *all;

	*sbom = (struct ms_sbom){.image_sha256 = ms_json_string(record, "image.sha256"),
	                         .spec_hash = ms_doc_string(record, "spec_hash"),
	                         .plan_hash = ms_doc_string(record, "plan_hash"),
	                         .inputs_hash = inputs_hash,
	                         .created = ms_epoch_time("1970-01-01T00:00:00Z")};
	if (!inputs)
		return MS_EXIT_INPUT;
	ms_inputs_hash(inputs, inputs_hash);
	all = ms_format("%s %s %s %s", sbom->image_sha256, sbom->plan_hash, inputs_hash,
	                sbom->created);
	ms_sha256_hex(all, strlen(all), sbom->unique);
	if (gather_files(sbom, inputs, places) != 0)
		return MS_EXIT_INPUT;
	gather_parts(sbom, record, spec);
	find_licences(sbom);
	return MS_EXIT_OK;
}
