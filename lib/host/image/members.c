/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * members.c - collecting an archive's members. See members.h.
 */
#include "image/members.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "both/fdt.h"
#include "both/handoff.h"
#include "image/strip.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define ELF_MAX   (512u * 1024 * 1024) /* bytes of an ELF file that is packed */
#define DTB_ALIGN 8                    /* Devicetree Specification 0.4, 5.2 */

struct list {
	struct ms_member *items;
	size_t count, cap;
	int status;
};

static void fault(struct list *list, int status)
{
	if (list->status < status)
		list->status = status;
}

static struct ms_member *add(struct list *list, const char *name, uint32_t align)
{
	struct ms_member *m;

	ms_reserve((void **)&list->items, &list->cap, list->count + 1, sizeof(*list->items));
	m = &list->items[list->count++];
	m->name = name;
	m->align = align;
	return m;
}

/* path: of the file, for messages. */
static void add_elf(struct list *list, const char *name, const char *path, const void *data,
                    size_t len)
{
	struct ms_member *m = add(list, name, MS_ARCHIVE_PAGE);
	struct ms_buf out = {0};
	enum elf64_error error = ms_strip(data, len, &out);

	if (error != ELF64_OK) {
		ms_report(MS_ERROR, NULL, "elf", "%s: %s", path, elf64_error_text(error));
		fault(list, MS_EXIT_INPUT);
		return;
	}
	m->data = out.data;
	m->len = out.len;
}

static void add_kernel(struct list *list, const struct ms_kernel *kernel)
{
	const struct ms_kernel_file *dtb = &kernel->dtb;
	struct ms_member *m;
	enum fdt_error error;
	struct fdt fdt;

	add_elf(list, HANDOFF_KERNEL, kernel->image.path, kernel->image.data, kernel->image.len);
	if (!dtb->path)
		return;
	error = fdt_open(&fdt, dtb->data, dtb->len);
	if (error != FDT_OK) {
		ms_report(MS_ERROR, NULL, "dtb", "%s: %s", dtb->path, fdt_error_text(error));
		fault(list, MS_EXIT_INPUT);
		return;
	}
	m = add(list, HANDOFF_DTB, DTB_ALIGN);
	m->data = dtb->data;
	/* What lies behind the tree in its file is no part of it. */
	m->len = fdt.size;
}

/* The artifact of a step, or NULL after reporting that there is none. */
static const json_t *artifact_of(struct list *list, const json_t *plan, const json_t *step)
{
	const char *name = ms_doc_string(step, "name");
	const char *path = json_string_value(json_array_get(ms_doc_member(step, "outputs"), 0));
	const json_t *artifact;
	size_t i;

	json_array_foreach(ms_doc_member(plan, "artifacts"), i, artifact)
	{
		if (strcmp(ms_doc_string(artifact, "step"), name) == 0 && path &&
		    strcmp(ms_doc_string(artifact, "path"), path) == 0)
			return artifact;
	}
	ms_report(MS_ERROR, NULL, "artifact", "the step %s has no artifact in the document", name);
	fault(list, MS_EXIT_INPUT);
	return NULL;
}

static void add_pd(struct list *list, const struct ms_places *places, const json_t *artifact,
                   const char *member)
{
	const char *name = ms_doc_string(artifact, "path");
	char *path = ms_expand_path(places, name);
	char sha256[MS_SHA256_HEX];
	size_t len;
	char *data = ms_try_read_file(path, ELF_MAX, &len);

	if (!data) {
		ms_report(MS_ERROR, NULL, NULL, "%s: %s", path, strerror(errno));
		fault(list, errno == EFBIG ? MS_EXIT_INPUT : MS_EXIT_SYSTEM);
		return;
	}
	ms_sha256_hex(data, len, sha256);
	if (strcmp(sha256, ms_doc_string(artifact, "sha256")) != 0) {
		ms_report(MS_ERROR, NULL, "artifact-changed",
		          "%s: changed since it was compiled: sha256 %s, the document says %s",
		          path, sha256, ms_doc_string(artifact, "sha256"));
		fault(list, MS_EXIT_INPUT);
		return;
	}
	add_elf(list, member, path, data, len);
}

/* The CompilePd steps are in the order of the PDs; the first PD is the root task. */
static void add_pds(struct list *list, const json_t *plan, const struct ms_spec *spec,
                    const struct ms_places *places)
{
	const json_t *step;
	size_t i, pd = 0;

	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		const json_t *artifact;

		if (strcmp(ms_doc_string(step, "kind"), "CompilePd") != 0 || pd == spec->pds.count)
			continue;
		artifact = artifact_of(list, plan, step);
		if (artifact)
			add_pd(list, places, artifact,
			       pd == 0 ? HANDOFF_ROOT
			               : ms_format("%s.elf", spec->pds.items[pd].name));
		pd++;
	}
	if (pd < spec->pds.count) {
		ms_report(MS_ERROR, NULL, "artifact", "the plan has no step for the PD %s",
		          spec->pds.items[pd].name);
		fault(list, MS_EXIT_INPUT);
	}
}

static void add_prefill(struct list *list, const struct ms_places *places,
                        const struct ms_region *region)
{
	char *path = ms_expand_path(places, region->prefill_from);
	struct stat st;

	if (stat(path, &st) != 0) {
		ms_report(MS_ERROR, NULL, NULL, "%s: %s", path, strerror(errno));
		fault(list, MS_EXIT_SYSTEM);
	} else if (strcmp(path, region->prefill_from) == 0 &&
	           !ms_path_inside(places->project, path)) {
		ms_report(MS_ERROR, NULL, "prefill",
		          "%s: lies outside the project, where symbolic links lead", path);
		fault(list, MS_EXIT_INPUT);
	} else if (st.st_size > region->size_bytes) {
		ms_report(MS_ERROR, NULL, "prefill",
		          "%s: %" PRId64 " bytes do not fit the memory region %s of %" PRId64, path,
		          (int64_t)st.st_size, region->name, region->size_bytes);
		fault(list, MS_EXIT_INPUT);
	} else {
		add(list, region->name, MS_ARCHIVE_PAGE)->file = path;
	}
}

int ms_members(const json_t *plan, const struct ms_spec *spec, const struct ms_places *places,
               const struct ms_kernel *kernel, struct ms_member **members, size_t *count)
{
	struct list list = {0};

	add_kernel(&list, kernel);
	add_pds(&list, plan, spec, places);
	for (size_t i = 0; i < spec->regions.count; i++) {
		if (spec->regions.items[i].prefill_from)
			add_prefill(&list, places, &spec->regions.items[i]);
	}
	*members = list.items;
	*count = list.count;
	return list.status;
}
