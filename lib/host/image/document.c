/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * document.c - the objects "archive" and "image" of an ms-plan/1 document. See document.h.
 */
#include "image/document.h"
#include "base/diag.h"
#include "layout/devices.h"
#include "layout/kernel.h"
#include "plan/inputs.h"

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define SIZE_MAX_DOC ((int64_t)1 << 40)

static const struct ms_field entry_fields[] = {
    {.name = "name", .kind = MS_KIND_STRING, .min = 1, .max = 1023},
    {.name = "offset", .kind = MS_KIND_INTEGER, .max = MS_DOC_INT_MAX},
    {.name = "size", .kind = MS_KIND_INTEGER, .max = UINT32_MAX},
    {.name = "sha256", .kind = MS_KIND_SHA256},
};
static const struct ms_shape entry_shape = {.fields = entry_fields, .count = COUNT(entry_fields)};
static const struct ms_field entry_item = {.kind = MS_KIND_OBJECT, .shape = &entry_shape};

static const struct ms_field archive_fields[] = {
    {.name = "path", .kind = MS_KIND_PATH},
    {.name = "sha256", .kind = MS_KIND_SHA256},
    {.name = "size", .kind = MS_KIND_INTEGER, .max = SIZE_MAX_DOC},
    {.name = "entries", .kind = MS_KIND_ARRAY, .max = MS_ARCHIVE_ENTRIES, .item = &entry_item},
    {.name = "kernel", .kind = MS_KIND_OBJECT, .shape = &ms_kernel_record_shape},
};
static const struct ms_shape archive_shape = {.fields = archive_fields,
                                              .count = COUNT(archive_fields)};

static const struct ms_field segment_fields[] = {
    {.name = "vaddr", .kind = MS_KIND_HEX},
    {.name = "paddr", .kind = MS_KIND_HEX},
    {.name = "filesz", .kind = MS_KIND_INTEGER, .max = SIZE_MAX_DOC},
    {.name = "memsz", .kind = MS_KIND_INTEGER, .max = SIZE_MAX_DOC},
    {.name = "flags", .kind = MS_KIND_STRING, .max = 3},
};
static const struct ms_shape segment_shape = {.fields = segment_fields,
                                              .count = COUNT(segment_fields)};
static const struct ms_field segment_item = {.kind = MS_KIND_OBJECT, .shape = &segment_shape};

static const struct ms_field range_fields[] = {
    {.name = "name", .kind = MS_KIND_STRING, .min = 1, .max = 63},
    {.name = "start", .kind = MS_KIND_HEX},
    {.name = "end", .kind = MS_KIND_HEX},
};
static const struct ms_shape range_shape = {.fields = range_fields, .count = COUNT(range_fields)};
static const struct ms_field range_item = {.kind = MS_KIND_OBJECT, .shape = &range_shape};

static const char *const file_formats[] = {"elf", "raw", "image", "fit", "efi", "its", "dtb", NULL};
static const struct ms_field file_fields[] = {
    {.name = "format", .kind = MS_KIND_ENUM, .values = file_formats},
    {.name = "path", .kind = MS_KIND_PATH},
    {.name = "sha256", .kind = MS_KIND_SHA256},
    {.name = "size", .kind = MS_KIND_INTEGER, .max = SIZE_MAX_DOC},
};
static const struct ms_shape file_shape = {.fields = file_fields, .count = COUNT(file_fields)};
static const struct ms_field file_item = {.kind = MS_KIND_OBJECT, .shape = &file_shape};

static const struct ms_field image_fields[] = {
    {.name = "path", .kind = MS_KIND_PATH},
    {.name = "sha256", .kind = MS_KIND_SHA256},
    {.name = "size", .kind = MS_KIND_INTEGER, .max = SIZE_MAX_DOC},
    {.name = "format", .kind = MS_KIND_ENUM, .values = ms_format_names},
    {.name = "entry", .kind = MS_KIND_HEX},
    {.name = "hermetic", .kind = MS_KIND_BOOLEAN, .optional = 1},
    {.name = "segments",
     .kind = MS_KIND_ARRAY,
     .min = 1,
     .max = ELF64_MAX_PHDR,
     .item = &segment_item},
    {.name = "memory_map",
     .kind = MS_KIND_ARRAY,
     .min = 1,
     .max = MS_MAP_LINES,
     .item = &range_item},
    {.name = "files",
     .kind = MS_KIND_ARRAY,
     .min = 1,
     .max = MS_IMAGE_FILES,
     .item = &file_item,
     .optional = 1},
};
static const struct ms_shape image_shape = {.fields = image_fields, .count = COUNT(image_fields)};

const struct ms_field ms_archive_fields[MS_ARCHIVE_FIELDS] = {
    {.name = "archive", .kind = MS_KIND_OBJECT, .shape = &archive_shape},
    MS_INPUTS_RECORD("packed_from"),
    MS_DEVICES_FIELD,
};
const struct ms_field ms_image_fields[MS_IMAGE_FIELDS] = {
    {.name = "archive", .kind = MS_KIND_OBJECT, .shape = &archive_shape},
    MS_INPUTS_RECORD("packed_from"),
    {.name = "image", .kind = MS_KIND_OBJECT, .shape = &image_shape},
    MS_INPUTS_RECORD("linked_from"),
    MS_INPUTS_HASH_FIELD,
    MS_DEVICES_FIELD,
};

static json_t *object(void)
{
	json_t *value = json_object();

	if (!value)
		ms_die_system("out of memory");
	return value;
}

static json_t *array(void)
{
	json_t *value = json_array();

	if (!value)
		ms_die_system("out of memory");
	return value;
}

static json_t *entries(const struct ms_archive *archive, bool with_mode)
{
	json_t *list = array();

	for (size_t i = 0; i < archive->count; i++) {
		const struct ms_entry *e = &archive->entries[i];
		json_t *entry = object();

		ms_doc_set(entry, "name", ms_doc_new_string(e->name));
		ms_doc_set(entry, "offset", ms_doc_new_integer((int64_t)e->offset));
		ms_doc_set(entry, "size", ms_doc_new_integer((int64_t)e->size));
		ms_doc_set(entry, "sha256", ms_doc_new_string(e->sha256));
		if (with_mode)
			ms_doc_set(entry, "mode", ms_doc_new_integer(e->mode));
		ms_doc_append(list, entry);
	}
	return list;
}

json_t *ms_archive_object(const char *path, const struct ms_archive *archive, json_t *kernel)
{
	json_t *value = object();

	ms_doc_set(value, "path", ms_doc_new_string(path));
	ms_doc_set(value, "sha256", ms_doc_new_string(archive->sha256));
	ms_doc_set(value, "size", ms_doc_new_integer((int64_t)archive->size));
	ms_doc_set(value, "entries", entries(archive, false));
	ms_doc_set(value, "kernel", kernel);
	return value;
}

json_t *ms_archive_listing(const struct ms_archive *archive)
{
	json_t *value = object();

	ms_doc_set(value, "schema", ms_doc_new_string(MS_ARCHIVE_SCHEMA));
	ms_doc_set(value, "sha256", ms_doc_new_string(archive->sha256));
	ms_doc_set(value, "size", ms_doc_new_integer((int64_t)archive->size));
	ms_doc_set(value, "entries", entries(archive, true));
	return value;
}

static json_t *segments(const struct elf64 *elf)
{
	json_t *list = array();

	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);
		json_t *segment = object();
		char flags[4], *f = flags;

		if (s.type != ELF64_PT_LOAD)
			continue;
		if (s.flags & ELF64_PF_R)
			*f++ = 'r';
		if (s.flags & ELF64_PF_W)
			*f++ = 'w';
		if (s.flags & ELF64_PF_X)
			*f++ = 'x';
		*f = '\0';
		ms_doc_set(segment, "vaddr", ms_doc_new_hex(s.vaddr));
		ms_doc_set(segment, "paddr", ms_doc_new_hex(s.paddr));
		ms_doc_set(segment, "filesz", ms_doc_new_integer((int64_t)s.filesz));
		ms_doc_set(segment, "memsz", ms_doc_new_integer((int64_t)s.memsz));
		ms_doc_set(segment, "flags", ms_doc_new_string(flags));
		ms_doc_append(list, segment);
	}
	return list;
}

/* The files beside the image. */
static json_t *others(const struct ms_image_files *files)
{
	json_t *list = array();

	for (size_t i = 1; i < files->count; i++) {
		const struct ms_image_file *f = &files->items[i];
		json_t *file = object();

		ms_doc_set(file, "format", ms_doc_new_string(f->format));
		ms_doc_set(file, "path", ms_doc_new_string(f->path));
		ms_doc_set(file, "sha256", ms_doc_new_string(f->sha256));
		ms_doc_set(file, "size", ms_doc_new_integer((int64_t)f->size));
		ms_doc_append(list, file);
	}
	return list;
}

json_t *ms_image_object(const struct ms_image_files *files, const struct elf64 *elf,
                        const struct ms_map_line *map, size_t lines)
{
	const struct ms_image_file *image = &files->items[0];
	json_t *value = object(), *ranges = array();

	for (size_t i = 0; i < lines; i++) {
		json_t *range = object();

		ms_doc_set(range, "name", ms_doc_new_string(map[i].name));
		ms_doc_set(range, "start", ms_doc_new_hex(map[i].range.start));
		ms_doc_set(range, "end", ms_doc_new_hex(map[i].range.end));
		ms_doc_append(ranges, range);
	}
	ms_doc_set(value, "path", ms_doc_new_string(image->path));
	ms_doc_set(value, "sha256", ms_doc_new_string(image->sha256));
	ms_doc_set(value, "size", ms_doc_new_integer((int64_t)image->size));
	ms_doc_set(value, "format", ms_doc_new_string(image->format));
	ms_doc_set(value, "entry", ms_doc_new_hex(elf->entry));
	ms_doc_set(value, "segments", segments(elf));
	ms_doc_set(value, "memory_map", ranges);
	if (files->count > 1)
		ms_doc_set(value, "files", others(files));
	return value;
}
