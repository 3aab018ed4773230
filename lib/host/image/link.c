/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link.c - from an archive to a bootable image. See link.h.
 */
#include "image/link.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/elf_file.h"
#include "base/file.h"
#include "both/table.h"
#include "image/document.h"
#include "layout/layout.h"
#include "layout/strip.h"
#include "plan/loader_sources.h"
#include "plan/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define LOADER_MAX ((size_t)2 << 30) /* bytes of a linked loader, symbols and all */

static int refuse(const char *rule, char *text)
{
	ms_report(MS_ERROR, NULL, rule, "%s", text);
	return MS_EXIT_INPUT;
}

/* -- placement ----------------------------------------------------------------------------- */

static bool lies(const void *table, enum table_range_kind kind, const char *name, uint64_t start,
                 uint64_t end)
{
	struct ms_kernel_range range;

	return ms_layout_range(table, kind, name, &range) && range.start == start &&
	       range.end == end;
}

/* The archive's table, which is that of the layout. */
static int find_layout(const struct ms_link *link, const void **table)
{
	struct ms_kernel_range at = {0, 0};
	const json_t *entry;
	size_t i;

	json_array_foreach(ms_doc_member(ms_doc_member(link->plan, "archive"), "entries"), i, entry)
	{
		const char *name = ms_doc_string(entry, "name");
		uint64_t offset = (uint64_t)ms_doc_integer(entry, "offset");
		uint64_t end = offset + (uint64_t)ms_doc_integer(entry, "size");

		if (strcmp(name, TABLE_MEMBER) == 0)
			at = (struct ms_kernel_range){offset, end};
	}
	if (at.start == at.end)
		return refuse("layout", ms_strdup("the archive has no " TABLE_MEMBER));
	/* The root task reads its records where they lie. */
	if (at.start % sizeof(uint64_t) != 0)
		return refuse("layout", ms_strdup("the archive's " TABLE_MEMBER
		                                  " does not lie at a multiple of 8 bytes"));
	*table = link->payload.data + at.start;
	return ms_layout_is("the document", link->plan, *table, at.end - at.start) ? MS_EXIT_OK
	                                                                           : MS_EXIT_INPUT;
}

/* All lies where the layout has it. */
static int check_layout(const struct ms_link *link, const void *table)
{
	const struct ms_placement *p = &link->placement;
	const json_t *entry;
	size_t i;

	json_array_foreach(ms_doc_member(ms_doc_member(link->plan, "archive"), "entries"), i, entry)
	{
		const char *name = ms_doc_string(entry, "name");
		uint64_t offset = (uint64_t)ms_doc_integer(entry, "offset");

		if (!lies(table, TABLE_RANGE_MEMBER, name, offset,
		          offset + (uint64_t)ms_doc_integer(entry, "size")))
			return refuse("layout",
			              ms_format("the archive's %s is not where the layout "
			                        "has it",
			                        name));
	}
	if (!lies(table, TABLE_RANGE_MEMORY, "archive", p->user.start, p->root.start) ||
	    !lies(table, TABLE_RANGE_MEMORY, "root task", p->root.start, p->root.end))
		return refuse("layout", ms_format("archive and root task lie at 0x%" PRIx64
		                                  "..0x%" PRIx64 ", elsewhere than the layout "
		                                  "has them",
		                                  p->user.start, p->user.end));
	return MS_EXIT_OK;
}

/* By a checked table. */
static unsigned foreseen_untypeds(const void *table)
{
	const struct table_header *header = table;

	return (unsigned)(header->empty_slot - header->untyped_slot);
}

int ms_link_place(struct ms_link *link)
{
	const json_t *layout = json_object_get(link->plan, "layout");
	const json_t *archive = ms_doc_member(link->plan, "archive");
	struct ms_kernel_range memory[MS_PLACE_REGIONS];
	struct ms_place_fault fault = {0};
	struct ms_place_input in;
	const void *table = NULL; /* of a system */
	const char *why;
	int status;

	if (strcmp(ms_doc_string(archive, "path"), MS_ARCHIVE) != 0)
		return refuse("archive-path", ms_format("the archive must be " MS_ARCHIVE
		                                        ", not %s: the plan embeds "
		                                        "that file",
		                                        ms_doc_string(archive, "path")));
	status = ms_payload_read(ms_expand_path(link->make->places, MS_ARCHIVE), archive,
	                         &link->payload);
	if (status != MS_EXIT_OK)
		return status;
	if (!ms_payload_input(&link->payload, memory, &in))
		return MS_EXIT_INPUT;
	in.image_start = link->image_start;
	if (ms_layout_is_system(layout)) {
		status = find_layout(link, &table);
		if (status != MS_EXIT_OK)
			return status;
		in.archive_size = link->payload.len;
		in.max_untypeds = foreseen_untypeds(table);
	}
	if (!ms_place(&in, &link->placement, &fault))
		return refuse(fault.rule, fault.text);
	link->table = ms_table(&link->payload, &link->placement, link->verify);
	why = handoff_fault(&link->table);
	if (why)
		return refuse("handoff", ms_format("the loader would refuse this image: %s", why));
	link->lines = ms_place_map(&in, &link->placement, link->map);
	if (table)
		return check_layout(link, table);
	return MS_EXIT_OK;
}

/* -- the step ------------------------------------------------------------------------------ */

struct step {
	struct ms_make_command *commands;
	size_t count;
};

static bool holds(const char *const *argv, const char *word)
{
	for (size_t i = 0; argv[i]; i++) {
		if (strcmp(argv[i], word) == 0)
			return true;
	}
	return false;
}

/* The commands of the AssembleImage step, with the inputs that their words do not show. */
static int read_step(const json_t *plan, struct step *step)
{
	const json_t *assemble = ms_plan_step(plan, "AssembleImage");
	bool table = false;

	step->commands = assemble ? ms_make_commands(assemble, &step->count) : NULL;
	if (step->count == 0)
		return refuse("plan",
		              ms_strdup("the plan has no AssembleImage step with commands"));
	for (size_t i = 0; i < step->count; i++) {
		struct ms_make_command *c = &step->commands[i];

		if (!holds(c->argv, MS_LOADER_TABLE))
			continue;
		ms_list_add(&c->inputs, MS_ARCHIVE);
		c->embeds = true;
		table = true;
	}
	if (!table || !holds(step->commands[step->count - 1].argv, MS_LOADER_ELF))
		return refuse("plan",
		              ms_strdup("the AssembleImage step does not compile " MS_LOADER_TABLE
		                        " and end with linking " MS_LOADER_ELF));
	return MS_EXIT_OK;
}

int ms_link_print(const struct ms_link *link)
{
	struct step step = {0};
	int status = read_step(link->plan, &step);

	if (status == MS_EXIT_OK)
		ms_make_print(link->make, step.commands, step.count);
	return status;
}

static int write_generated(const struct ms_link *link)
{
	/* Whole, since the assembler looks for a bare name in the working folder first. */
	const char *archive = ms_expand_path(link->make->places, MS_ARCHIVE);
	size_t source_len, script_len;
	char *source = ms_table_source(&link->table, archive, &source_len);
	char *script = ms_table_script(&link->table, &script_len);
	const unsigned flags = MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME;
	char *path = ms_expand_path(link->make->places, MS_LOADER_TABLE);

	if (ms_try_write_file(path, source, source_len, flags) == 0) {
		path = ms_expand_path(link->make->places, MS_LOADER_PLACE);
		if (ms_try_write_file(path, script, script_len, flags) == 0)
			return MS_EXIT_OK;
	}
	ms_report(MS_ERROR, NULL, NULL, "%s: %s", path, strerror(errno));
	return MS_EXIT_SYSTEM;
}

/* -- the linked loader --------------------------------------------------------------------- */

/* What lies at [address, address + len) of the loaded file, or NULL when that is not all in
 * one segment's data. */
static const uint8_t *at_address(const struct elf64 *elf, uint64_t address, uint64_t len)
{
	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);

		if (s.type == ELF64_PT_LOAD && address >= s.vaddr && len <= s.filesz &&
		    address - s.vaddr <= s.filesz - len)
			return elf->data + s.offset + (address - s.vaddr);
	}
	return NULL;
}

static bool symbol_holds(const struct elf64 *elf, const char *name, const void *bytes, size_t len)
{
	const uint8_t *found;
	uint64_t value, size;

	if (elf64_symbol(elf, name, &value, &size) != ELF64_OK)
		return false;
	found = at_address(elf, value, len);
	return found && memcmp(found, bytes, len) == 0;
}

/* The file that the commands made is the loader that was placed, with this table and archive. */
static int check_loader(const struct ms_link *link, const char *path, const struct elf64 *elf)
{
	const struct handoff_table *t = &link->table;
	uint8_t bytes[HANDOFF_TABLE_SIZE] = {0};
	uint64_t start = 0, end = 0, archive = 0, size;

	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);

		if (s.type == ELF64_PT_LOAD && s.memsz && s.vaddr != s.paddr)
			return refuse("loader-place", ms_format("%s: the segment at 0x%" PRIx64
			                                        " is loaded at 0x%" PRIx64,
			                                        path, s.vaddr, s.paddr));
	}
	elf64_symbol(elf, "image_start", &start, &size);
	elf64_symbol(elf, "image_end", &end, &size);
	elf64_symbol(elf, "archive_start", &archive, &size);
	if (archive != t->image_start + HANDOFF_LOADER_MAX || elf->entry != t->image_start ||
	    elf->paddr_start != t->image_start || start != t->image_start ||
	    elf->paddr_end > t->image_end || end < elf->paddr_end || end > t->image_end)
		return refuse("loader-place", ms_format("%s: linked to 0x%" PRIx64 "..0x%" PRIx64
		                                        " with its entry at 0x%" PRIx64
		                                        "; its place is 0x%" PRIx64 "..0x%" PRIx64,
		                                        path, elf->paddr_start, elf->paddr_end,
		                                        elf->entry, t->image_start, t->image_end));
	ms_table_bytes(t, bytes);
	if (!symbol_holds(elf, "handoff_table", bytes, sizeof(bytes)) ||
	    !symbol_holds(elf, "archive_start", link->payload.data, link->payload.len))
		return refuse("loader-content",
		              ms_format("%s: holds another hand-off table or archive; does another "
		                        "build use this folder?",
		                        path));
	return MS_EXIT_OK;
}

/* Reduces the linked loader to what is loaded and writes that in every format wanted. */
int ms_link_image(struct ms_link *link, json_t **object)
{
	char *path = ms_expand_path(link->make->places, MS_LOADER_ELF);
	struct ms_buf image = {0};
	struct elf64 loader, elf;
	struct ms_image_files files;
	enum elf64_error error;
	struct ms_file file;
	const char *data;
	size_t len;
	int status;

	if (ms_file_read(path, LOADER_MAX, &file) != 0) {
		ms_report(MS_ERROR, NULL, NULL, "%s: %s", path, strerror(errno));
		return MS_EXIT_SYSTEM;
	}
	data = file.data;
	len = file.len;
	error = elf64_open(&loader, data, len);
	if (error != ELF64_OK)
		return refuse("elf", ms_format("%s: %s", path, elf64_error_text(error)));
	status = check_loader(link, path, &loader);
	if (status != MS_EXIT_OK)
		return status;
	error = ms_strip(data, len, &image);
	if (error == ELF64_OK)
		error = elf64_open(&elf, image.data, image.len);
	if (error != ELF64_OK)
		return refuse("elf", ms_format("%s: %s", path, elf64_error_text(error)));
	if (link->payload.dtb.size) {
		link->wanted.fit.dtb = link->payload.data + link->payload.dtb.offset;
		link->wanted.fit.dtb_len = link->payload.dtb.size;
	}
	link->wanted.fit.plan_hash = json_string_value(json_object_get(link->plan, "plan_hash"));
	status = ms_files_write(&link->wanted, link->make, &loader, &elf, &files);
	if (status != MS_EXIT_OK)
		return status;
	*object = ms_image_object(&files, &elf, link->map, link->lines);
	if (link->make->hermetic)
		ms_doc_set(*object, "hermetic", json_true());
	return MS_EXIT_OK;
}

/* "hermetic" of an image speaks for all that went into it. */
static int check_hermetic(const json_t *plan)
{
	json_t *artifact, *step;
	size_t i, k;

	json_array_foreach(ms_doc_member(plan, "artifacts"), i, artifact)
	{
		const char *name = ms_doc_string(artifact, "step");

		if (json_is_true(json_object_get(artifact, "hermetic")))
			continue;
		json_array_foreach(ms_doc_member(plan, "steps"), k, step)
		{
			if (strcmp(ms_doc_string(step, "name"), name) == 0 &&
			    json_array_size(ms_doc_member(step, "commands")) > 0)
				return refuse("hermetic",
				              ms_format("%s was compiled without --hermetic",
				                        ms_doc_string(artifact, "path")));
		}
	}
	return MS_EXIT_OK;
}

int ms_link_loader(struct ms_link *link)
{
	/* It was compared with the document when it was read. */
	const json_t *archive = ms_doc_member(link->plan, "archive");
	struct ms_make make;
	struct step step = {0};
	int status = read_step(link->plan, &step);

	if (status == MS_EXIT_OK && link->make->hermetic)
		status = check_hermetic(link->plan);
	if (status == MS_EXIT_OK)
		status = write_generated(link);
	if (status != MS_EXIT_OK)
		return status;
	make = *link->make;
	make.known_name = MS_ARCHIVE;
	make.known_sha256 = ms_doc_string(archive, "sha256");
	make.known_size = (uint64_t)ms_doc_integer(archive, "size");
	if (ms_make(&make, step.commands, step.count) > 0)
		return MS_EXIT_INPUT;
	return ms_files_tools(&link->wanted, link->make);
}
