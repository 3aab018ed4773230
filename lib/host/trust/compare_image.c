/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare_image.c - where two images differ: by archive member, section and symbol.
 *
 * An image and its members hold segments alone. The names come from the files that they were
 * reduced from, where those still lie beside the image (pd/NAME.elf, loader/loader.elf in the build
 * folder) and are the ones that the document, or the image itself, says.
 */
#include "trust/compare_parts.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "both/elf64.h"
#include "both/newc.h"
#include "layout/strip.h"
#include "trust/compare_elf.h"
#include "trust/inside.h"
#include "trust/json.h"
#include "trust/locate.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1024u * 1024 * 1024)

struct image {
	const char *path, *folder;
	const json_t *document;
	uint8_t *data;
	size_t len;
	struct ms_inside archive; /* data NULL: none found */
	bool lends;               /* its programs' names may stand for the other's */
};

static bool open_image(struct image *image, const char *path, const json_t *document)
{
	memset(image, 0, sizeof(*image));
	image->path = path;
	image->document = document;
	image->folder = ms_path_folder(path);
	image->data = (uint8_t *)ms_try_read_file(path, FILE_MAX, &image->len);
	if (!image->data)
		return false;
	if (!ms_inside_find(image->data, image->len, &image->archive))
		image->archive.data = NULL;
	return true;
}

/* -- names ------------------------------------------------------------------------------- */

/* The file behind a plan's path in that image's build folder; NULL when it is not there. */
static char *read_built(const struct image *image, const char *name, size_t *len)
{
	char *path;

	if (!ms_starts_with(name, "build/") || ms_path_fault(name))
		return NULL;
	path = ms_path_join(image->folder, name + 6);
	return ms_locate_file(path) == 0 ? ms_try_read_file(path, FILE_MAX, len) : NULL;
}

static const json_t *find_by(const json_t *list, const char *key, const char *value)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *own = ms_json_string(item, key);

		if (own && strcmp(own, value) == 0)
			return item;
	}
	return NULL;
}

/* The step that made a member: NAME.elf by the domain NAME; rootserver by the root task, or
 * by the only domain. */
static const json_t *step_of(const json_t *document, const char *member)
{
	const json_t *steps = json_object_get(document, "steps"), *step;
	size_t len = strlen(member);

	if (strcmp(member, "rootserver") == 0) {
		step = find_by(steps, "kind", "CompileRoot");
		return step ? step : find_by(steps, "kind", "CompilePd");
	}
	if (!ms_ends_with(member, ".elf") || strcmp(member, "kernel.elf") == 0)
		return NULL;
	return find_by(steps, "name", ms_strndup(member, len - 4));
}

static void name_member(const struct image *image, const char *member, struct ms_elf_side *side)
{
	const json_t *artifact;
	const char *path, *want;
	char got[MS_SHA256_HEX];
	size_t len;
	char *data;

	side->step = step_of(image->document, member);
	if (!side->step)
		return;
	artifact = find_by(json_object_get(image->document, "artifacts"), "step",
	                   ms_json_string(side->step, "name"));
	path = ms_json_string(artifact, "path");
	want = ms_json_string(artifact, "sha256");
	data = path ? read_built(image, path, &len) : NULL;
	if (!data || !want)
		return;
	ms_sha256_hex(data, len, got);
	side->has_names = strcmp(got, want) == 0 && ms_elf_names(data, len, &side->names);
}

static void name_loader(const struct image *image, struct ms_elf_side *side)
{
	struct ms_buf stripped = {0};
	size_t len;
	char *data = read_built(image, "build/loader/loader.elf", &len);

	side->step = find_by(json_object_get(image->document, "steps"), "kind", "AssembleImage");
	if (!data || ms_strip(data, len, &stripped) != ELF64_OK || stripped.len != image->len ||
	    memcmp(stripped.data, image->data, image->len) != 0)
		return;
	side->has_names = ms_elf_names(data, len, &side->names);
}

static struct ms_elf_side side_of(const struct image *image, const uint8_t *data, size_t len)
{
	return (struct ms_elf_side){.document = image->document,
	                            .folder = image->folder,
	                            .data = data,
	                            .len = len,
	                            .base = (uint64_t)(data - image->data)};
}

/* -- members ----------------------------------------------------------------------------- */

/* Which input a member that no step made is a copy of. */
static const char *origin_of(const struct image *image, const char *member)
{
	const json_t *region;

	if (strcmp(member, "kernel.elf") == 0)
		return "@kernel/kernel.elf";
	if (strcmp(member, "kernel.dtb") == 0)
		return "@kernel/kernel.dtb";
	region = find_by(ms_doc_at(image->document, "spec.memory_regions"), "name", member);
	return ms_json_string(region, "prefill_from");
}

/* Segments at the same addresses, of the same sizes. */
static bool same_segments(const struct ms_elf_side *a, const struct ms_elf_side *b)
{
	struct elf64 x, y;

	if (elf64_open(&x, a->data, a->len) != ELF64_OK ||
	    elf64_open(&y, b->data, b->len) != ELF64_OK || x.phnum != y.phnum)
		return false;
	for (unsigned i = 0; i < x.phnum; i++) {
		struct elf64_segment s = elf64_segment(&x, i), t = elf64_segment(&y, i);

		if (s.vaddr != t.vaddr || s.filesz != t.filesz || s.memsz != t.memsz ||
		    s.flags != t.flags)
			return false;
	}
	return true;
}

/* Where a has no names and is laid out like b, which lends, those of b stand for both. */
static void lend_names(const struct image *lender, struct ms_elf_side *a,
                       const struct ms_elf_side *b)
{
	if (!lender->lends || a->has_names || !b->has_names || !same_segments(a, b))
		return;
	a->names = b->names;
	a->has_names = true;
}

static void compare_member(json_t *list, const struct image *a, const struct image *b,
                           const struct newc_entry *x, const struct newc_entry *y)
{
	struct ms_elf_side left = side_of(a, x->data, x->size);
	struct ms_elf_side right = side_of(b, y->data, y->size);
	const char *origin = origin_of(a, x->name);
	size_t before = json_array_size(list);

	name_member(a, x->name, &left);
	name_member(b, x->name, &right);
	lend_names(b, &left, &right);
	ms_compare_elf(list, x->name, &left, &right);
	for (size_t i = before; origin && i < json_array_size(list); i++)
		ms_doc_set(json_array_get(list, i), "input", ms_doc_new_string(origin));
}

static void compare_archives(json_t *list, const struct image *a, const struct image *b)
{
	struct newc_entry x, y;
	size_t at = 0;

	while (newc_next(a->archive.data, a->archive.len, &at, &x) == NEWC_ENTRY) {
		if (newc_find(b->archive.data, b->archive.len, x.name, &y) != NEWC_ENTRY)
			ms_difference(list, "member", x.name, ms_format("%u bytes", x.size), NULL);
		else if (x.size != y.size || memcmp(x.data, y.data, x.size) != 0)
			compare_member(list, a, b, &x, &y);
	}
	at = 0;
	while (newc_next(b->archive.data, b->archive.len, &at, &y) == NEWC_ENTRY) {
		if (newc_find(a->archive.data, a->archive.len, y.name, &x) != NEWC_ENTRY)
			ms_difference(list, "member", y.name, NULL, ms_format("%u bytes", y.size));
	}
}

/* Archives of the same members in another order, or at other places. */
static void compare_rest(json_t *list, const struct image *a, const struct image *b)
{
	struct ms_elf_side left = side_of(a, a->data, a->len);
	struct ms_elf_side right = side_of(b, b->data, b->len);

	left.skip = a->archive;
	right.skip = b->archive;
	name_loader(a, &left);
	name_loader(b, &right);
	lend_names(b, &left, &right);
	ms_compare_elf(list, "the loader", &left, &right);
}

/* -- all of it --------------------------------------------------------------------------- */

/* What the documents say of members is told better by the members. */
static void drop_members(json_t *list)
{
	for (size_t i = json_array_size(list); i-- > 0;) {
		const char *kind = ms_json_string(json_array_get(list, i), "kind");

		if (kind && strcmp(kind, "member") == 0)
			json_array_remove(list, i);
	}
}

static json_t *compare_images(const char *path_a, const char *path_b, const json_t *document_a,
                              const json_t *document_b, bool lends)
{
	struct ms_elf_side left, right;
	struct image a, b;
	json_t *list;

	if (!open_image(&a, path_a, document_a) || !open_image(&b, path_b, document_b))
		return NULL;
	b.lends = lends;
	if (a.len == b.len && memcmp(a.data, b.data, a.len) == 0)
		return json_array();
	list =
	    document_a && document_b ? ms_compare_documents(document_a, document_b) : json_array();
	left = side_of(&a, a.data, a.len);
	right = side_of(&b, b.data, b.len);
	if (a.archive.data && b.archive.data) {
		drop_members(list);
		compare_archives(list, &a, &b);
		compare_rest(list, &a, &b);
		/* What is in neither: headers and padding of the archive, bytes behind it. */
		if (json_array_size(list) == 0)
			ms_compare_bytes(list, "", &left, &right);
	} else {
		left.has_names = ms_elf_names(a.data, a.len, &left.names);
		right.has_names = ms_elf_names(b.data, b.len, &right.names);
		ms_compare_elf(list, "", &left, &right);
	}
	free(a.data);
	free(b.data);
	return list;
}

json_t *ms_compare_images(const char *path_a, const char *path_b, const json_t *document_a,
                          const json_t *document_b)
{
	return compare_images(path_a, path_b, document_a, document_b, false);
}

json_t *ms_compare_delivered(const char *delivered, const char *rebuilt,
                             const json_t *document_delivered, const json_t *document_rebuilt)
{
	return compare_images(delivered, rebuilt, document_delivered, document_rebuilt, true);
}
