/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * members.c - collecting an archive's members. See members.h.
 */
#include "layout/members.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/elf_file.h"
#include "base/file.h"
#include "base/relay.h"
#include "both/fdt.h"
#include "both/handoff.h"
#include "both/newc.h"
#include "both/table.h"
#include "layout/strip.h"
#include "spec/document.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define ELF_MAX     (512u * 1024 * 1024) /* bytes of an ELF file that is packed */
#define TABLE_ALIGN 8                    /* both/table.h */
#define DTB_ALIGN   8                    /* Devicetree Specification 0.4, 5.2 */

static void fault(struct ms_members *list, int status)
{
	if (list->status < status)
		list->status = status;
}

static struct ms_member *add(struct ms_members *list, const char *name, uint32_t align)
{
	struct ms_member *m;

	ms_reserve((void **)&list->items, &list->cap, list->count + 1, sizeof(*list->items));
	m = &list->items[list->count++];
	m->name = name;
	m->align = align;
	return m;
}

/* Where the spec says it; NULL: its text is not at hand. */
static const struct ms_place *place_of(const struct ms_spec *spec, const struct ms_node *node,
                                       size_t offset)
{
	struct ms_place *place = ms_alloc(1, sizeof(*place));

	*place = ms_spec_place(spec, node, offset);
	return place->line ? place : NULL;
}

/* path: of the file, for messages. */
static void add_elf(struct ms_members *list, const char *name, const char *path, const void *data,
                    size_t len, const struct ms_place *place)
{
	struct ms_member *m = add(list, name, MS_ARCHIVE_PAGE);
	struct ms_buf out = {0};
	enum elf64_error error = ms_strip(data, len, &out);

	if (error != ELF64_OK) {
		ms_report(MS_ERROR, place, "elf", "%s: %s", path, elf64_error_text(error));
		fault(list, MS_EXIT_INPUT);
		return;
	}
	m->data = out.data;
	m->len = out.len;
}

static void add_kernel(struct ms_members *list, const struct ms_kernel *kernel)
{
	const struct ms_kernel_file *dtb = &kernel->dtb;
	struct ms_member *m;
	enum fdt_error error;
	struct fdt fdt;

	add_elf(list, HANDOFF_KERNEL, kernel->image.path, kernel->image.data, kernel->image.len,
	        NULL);
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

/* The artifact of a step's output number `at`, or NULL after reporting that there is none. */
static const json_t *artifact_of(struct ms_members *list, const json_t *plan, const json_t *step,
                                 size_t at)
{
	const char *name = ms_doc_string(step, "name");
	const char *path = json_string_value(json_array_get(ms_doc_member(step, "outputs"), at));
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

/* Reads the file behind an artifact; false after reporting. */
static bool read_artifact(struct ms_members *list, const struct ms_places *places,
                          const json_t *artifact, const struct ms_place *place,
                          struct ms_pd_file *file)
{
	char *path = ms_expand_path(places, ms_doc_string(artifact, "path"));
	struct ms_file elf;

	file->path = path;
	file->sha256 = ms_doc_string(artifact, "sha256");
	if (ms_elf_read(path, ELF_MAX, MS_ELF_LOADED | MS_ELF_SYMBOLS, &elf) != 0) {
		ms_report(MS_ERROR, place, NULL, "%s: %s", path, strerror(errno));
		fault(list, errno == EFBIG ? MS_EXIT_INPUT : MS_EXIT_SYSTEM);
		return false;
	}
	file->data = elf.data;
	file->len = elf.len;
	if (strcmp(elf.sha256, file->sha256) == 0)
		return true;
	ms_report(MS_ERROR, place, "artifact-changed",
	          "%s: changed since it was compiled: sha256 %s, the document says %s", path,
	          elf.sha256, file->sha256);
	fault(list, MS_EXIT_INPUT);
	return false;
}

/* The program of PD number pd; one that another PD has as well is packed once. */
static bool add_pd(struct ms_members *list, const struct ms_places *places, const json_t *artifact,
                   const char *name, size_t pd, const struct ms_place *place)
{
	struct ms_pd_file *file = &list->pds[pd];

	for (size_t i = 0; i < pd; i++) {
		if (list->pds[i].sha256 &&
		    strcmp(list->pds[i].sha256, ms_doc_string(artifact, "sha256")) == 0 &&
		    strcmp(list->pds[i].path,
		           ms_expand_path(places, ms_doc_string(artifact, "path"))) == 0) {
			*file = list->pds[i];
			return true;
		}
	}
	if (!read_artifact(list, places, artifact, place, file))
		return false;
	file->member = list->count;
	add_elf(list, name, file->path, file->data, file->len, place);
	return true;
}

/* Where the symbols of PD number pd are: in its program, or in the step's second output. */
static void add_symbols(struct ms_members *list, const struct ms_places *places, const json_t *plan,
                        const json_t *step, size_t pd, const struct ms_place *place)
{
	bool apart = json_array_size(ms_doc_member(step, "outputs")) > 1;
	const json_t *artifact = apart ? artifact_of(list, plan, step, 1) : NULL;
	struct ms_pd_file *file = &list->pds[pd], other = *file;

	if (apart && (!artifact || !read_artifact(list, places, artifact, place, &other)))
		return;
	file->symbols = other.data;
	file->symbols_len = other.len;
	file->symbols_path = other.path;
}

/* The CompilePd steps are in the order of the PDs. */
static void add_pds(struct ms_members *list, const json_t *plan, const struct ms_spec *spec,
                    const struct ms_places *places)
{
	bool system = list->table != MS_NO_INDEX;
	const json_t *step;
	size_t i, pd = 0;

	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		const struct ms_place *place;
		const json_t *artifact;

		if (strcmp(ms_doc_string(step, "kind"), "CompilePd") != 0 || pd == spec->pds.count)
			continue;
		place = place_of(spec, &spec->pds.items[pd].node, offsetof(struct ms_pd, binary));
		artifact = artifact_of(list, plan, step, 0);
		if (artifact &&
		    add_pd(list, places, artifact,
		           pd > 0 || system ? ms_format("%s.elf", spec->pds.items[pd].name)
		                            : HANDOFF_ROOT,
		           pd, place))
			add_symbols(list, places, plan, step, pd, place);
		pd++;
	}
	if (pd < spec->pds.count) {
		ms_report(MS_ERROR, NULL, "artifact", "the plan has no step for the PD %s",
		          spec->pds.items[pd].name);
		fault(list, MS_EXIT_INPUT);
	}
}

static void add_root(struct ms_members *list, const json_t *plan, const struct ms_places *places)
{
	struct ms_pd_file file = {0};
	const json_t *step, *artifact;
	size_t i;

	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		if (strcmp(ms_doc_string(step, "kind"), "CompileRoot") != 0)
			continue;
		artifact = artifact_of(list, plan, step, 0);
		if (artifact && read_artifact(list, places, artifact, NULL, &file))
			add_elf(list, HANDOFF_ROOT, file.path, file.data, file.len, NULL);
		return;
	}
	ms_report(MS_ERROR, NULL, "artifact",
	          "the plan has no step that compiles the root task, but this system needs one");
	fault(list, MS_EXIT_INPUT);
}

static void add_prefill(struct ms_members *list, const struct ms_spec *spec,
                        const struct ms_places *places, const struct ms_region *region)
{
	const struct ms_place *place =
	    place_of(spec, &region->node, offsetof(struct ms_region, prefill_from));
	char *path = ms_expand_path(places, region->prefill_from);
	struct stat st;

	if (stat(path, &st) != 0) {
		ms_report(MS_ERROR, place, NULL, "%s: %s", path, strerror(errno));
		fault(list, MS_EXIT_SYSTEM);
	} else if (ms_is_project_path(region->prefill_from) &&
	           !ms_path_inside(places->project, path)) {
		ms_report(MS_ERROR, place, "prefill",
		          "%s: lies outside the project, where symbolic links lead", path);
		fault(list, MS_EXIT_INPUT);
	} else if (region->size_bytes && st.st_size > region->size_bytes) {
		ms_report(MS_ERROR, place, "prefill",
		          "%s: %" PRId64 " bytes do not fit the memory region %s of %" PRId64, path,
		          (int64_t)st.st_size, region->name, region->size_bytes);
		fault(list, MS_EXIT_INPUT);
	} else if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > UINT32_MAX) {
		ms_report(MS_ERROR, place, "prefill", "%s: a prefill is a file of 1 byte to 4 GiB",
		          path);
		fault(list, MS_EXIT_INPUT);
	} else {
		struct ms_member *m = add(list, region->name, MS_ARCHIVE_PAGE);

		m->file = path;
		m->len = (size_t)st.st_size;
	}
}

static int collect(const json_t *plan, const struct ms_spec *spec, const struct ms_places *places,
                   const struct ms_kernel *kernel, bool system, struct ms_members *members)
{
	memset(members, 0, sizeof(*members));
	members->pds = ms_alloc(spec->pds.count + 1, sizeof(*members->pds));
	members->prefills = ms_alloc(spec->regions.count + 1, sizeof(*members->prefills));
	members->table = MS_NO_INDEX;
	add_kernel(members, kernel);
	members->root = members->count;
	if (system) {
		add_root(members, plan, places);
		members->table = members->count;
		add(members, TABLE_MEMBER, TABLE_ALIGN);
	}
	add_pds(members, plan, spec, places);
	for (size_t i = 0; i < spec->regions.count; i++) {
		members->prefills[i] = MS_NO_INDEX;
		if (!spec->regions.items[i].prefill_from)
			continue;
		members->prefills[i] = members->count;
		add_prefill(members, spec, places, &spec->regions.items[i]);
	}
	return members->status;
}

static bool has_prefills(const struct ms_spec *spec)
{
	for (size_t i = 0; i < spec->regions.count; i++) {
		if (spec->regions.items[i].prefill_from)
			return true;
	}
	return false;
}

int ms_members_collect(const json_t *plan, const struct ms_spec *spec,
                       const struct ms_places *places, const struct ms_kernel *kernel, bool system,
                       struct ms_members *members)
{
	static const char fact[] = "members";
	const json_t *of = ms_doc_member(plan, "artifacts");
	struct ms_members *own = ms_relay_known(fact, of);

	if (own && system) {
		*members = *own;
		return MS_EXIT_OK;
	}
	/* What is packed from its file may have changed: that is looked at again. */
	if (collect(plan, spec, places, kernel, system, members) == MS_EXIT_OK && system &&
	    !has_prefills(spec)) {
		own = ms_alloc(1, sizeof(*own));
		*own = *members;
		ms_relay_know(fact, of, own);
	}
	return members->status;
}

static uint64_t padded(uint64_t size)
{
	return (size + NEWC_ALIGN - 1) & ~(uint64_t)(NEWC_ALIGN - 1);
}

uint64_t ms_members_offsets(const struct ms_members *members, uint64_t *offsets)
{
	uint64_t at = 0;

	for (size_t i = 0; i < members->count; i++) {
		const struct ms_member *m = &members->items[i];
		size_t field = newc_name_field(at, m->name, m->align);

		if (field == 0)
			return 0;
		offsets[i] = padded(at + NEWC_HEADER + field);
		at = padded(offsets[i] + m->len);
	}
	return at + padded(NEWC_HEADER + sizeof(NEWC_TRAILER));
}
