/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpio.c - the stage ms-cpio: packs a compiled system into a newc archive; packs and lists archives
 * by hand.
 */
#include "stage/stage.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/relay.h"
#include "base/seen.h"
#include "base/toolkit.h"
#include "both/table.h"
#include "image/archive.h"
#include "image/document.h"
#include "layout/members.h"
#include "layout/kernel.h"
#include "layout/devices.h"
#include "layout/layout.h"
#include "plan/inputs.h"
#include "plan/loader_sources.h"
#include "plan/plan.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_KERNEL = 256, OPT_PACK, OPT_LIST, OPT_ALIGN };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {'B', "build-dir", "DIR", "the build folder (default: the system's output_dir)"},
    {'C', "directory", "DIR", "work in DIR, the project's root"},
    {OPT_KERNEL, "kernel", "DIR",
     "the kernel's folder (default: $MS_KERNEL, else the probe kernel)"},
    {OPT_PACK, "pack", NULL, "pack NAME=FILE operands into the archive that -o names"},
    {OPT_LIST, "list", NULL, "print what an archive holds, as JSON"},
    {OPT_ALIGN, "align", "N",
     "with --pack: align all data to N bytes, 4 to 4096, not ELF files alone"},
};

struct call {
	const char *build, *kernel, *output;
	bool pack, list;
	uint32_t align; /* 0: ELF files to pages, the rest to 4 bytes */
};

static uint32_t alignment(const struct ms_cli *cli)
{
	long n = ms_cli_number(cli, "--align", 4, MS_ARCHIVE_PAGE);

	if (n & (n - 1))
		ms_die_usage("--align takes a power of two, not %ld", n);
	return (uint32_t)n;
}

static struct call read_options(struct ms_cli *cli, int argc, char **argv)
{
	struct call call = {0};
	int id;

	while ((id = ms_cli_next(cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case 'o': call.output = cli->arg; break;
		case 'B': call.build = cli->arg; break;
		case 'C': ms_cli_directory(cli); break;
		case OPT_KERNEL: call.kernel = cli->arg; break;
		case OPT_PACK: call.pack = true; break;
		case OPT_LIST: call.list = true; break;
		case OPT_ALIGN: call.align = alignment(cli); break;
		}
	}
	if (call.pack && call.list)
		ms_die_usage("--pack and --list exclude each other");
	if (call.align && !call.pack)
		ms_die_usage("--align goes with --pack");
	if ((call.pack || call.list) && (call.build || call.kernel))
		ms_die_usage("--build-dir and --kernel are for documents");
	return call;
}

/* -- by hand ------------------------------------------------------------------------------- */

static bool is_elf(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char magic[4] = {0};
	bool elf;

	if (fd < 0)
		return false; /* said when it is packed */
	elf = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
	      memcmp(magic, "\177ELF", sizeof(magic)) == 0;
	close(fd);
	return elf;
}

static int pack(const struct call *call, char **operands, size_t count)
{
	struct ms_member *members = ms_alloc(count, sizeof(*members));
	struct ms_archive archive;

	if (!call->output || strcmp(call->output, "-") == 0)
		ms_die_usage("--pack needs -o FILE");
	for (size_t i = 0; i < count; i++) {
		size_t len = strcspn(operands[i], "=");
		const char *file = operands[i] + len;

		if (file[0] == '\0' || file[1] == '\0')
			ms_die_usage("\"%s\" is not NAME=FILE", operands[i]);
		file++;
		members[i].name = ms_strndup(operands[i], len);
		members[i].file = file;
		members[i].align = call->align ? call->align : is_elf(file) ? MS_ARCHIVE_PAGE : 4;
	}
	return ms_archive_write(call->output, members, count, &archive);
}

static int list(const struct call *call, const char *path)
{
	struct ms_archive archive;
	int status = ms_archive_read(path, &archive);

	if (status == MS_EXIT_OK)
		ms_doc_write(call->output, ms_archive_listing(&archive));
	return status;
}

/* -- as a stage ---------------------------------------------------------------------------- */

/* The members lie where the layout has them: kernel and prefills are still the same. */
static int check_offsets(const void *table, const struct ms_archive *archive)
{
	for (size_t i = 0; i < archive->count; i++) {
		const struct ms_entry *entry = &archive->entries[i];
		struct ms_kernel_range range;

		if (ms_layout_range(table, TABLE_RANGE_MEMBER, entry->name, &range) &&
		    range.start == entry->offset && range.end == entry->offset + entry->size)
			continue;
		ms_report(MS_ERROR, NULL, "layout",
		          "the member %s is not where the layout has it: another kernel, or a "
		          "prefill that has changed since; ms-layout decides anew",
		          entry->name);
		return MS_EXIT_INPUT;
	}
	return MS_EXIT_OK;
}

static int collect(json_t *doc, const struct ms_spec *spec, const struct ms_places *places,
                   const struct ms_kernel *kernel, struct ms_members *members)
{
	const json_t *layout = json_object_get(doc, "layout");
	bool system = ms_layout_is_system(layout);
	int status = ms_members_collect(doc, spec, places, kernel, system, members);
	struct ms_member *table;

	if (status != MS_EXIT_OK || !system)
		return status;
	table = &members->items[members->table];
	table->data = ms_layout_packed("the document", doc, &table->len);
	if (!table->data)
		return MS_EXIT_INPUT;
	if (!ms_layout_is_for(table->data, kernel)) {
		ms_report(MS_ERROR, NULL, "layout",
		          "the layout was made for another kernel than %s; ms-layout decides anew",
		          kernel->image.path);
		return MS_EXIT_INPUT;
	}
	return ms_layout_judge(spec, table->data, table->len) ? MS_EXIT_OK : MS_EXIT_INPUT;
}

/* What was packed that no step made: kernel and prefills. */
static bool record(json_t *doc, const struct ms_kernel *kernel, const struct ms_spec *spec,
                   const struct ms_members *members, const struct ms_archive *archive)
{
	const struct ms_kernel_file *file;
	struct ms_inputs inputs = {0};
	const char *name;

	for (size_t i = 0; (file = ms_kernel_each_file(kernel, i, &name)); i++)
		ms_inputs_add_as(&inputs, "kernel", name, file->sha256, file->len);
	for (size_t i = 0; i < spec->regions.count; i++) {
		if (members->prefills[i] == MS_NO_INDEX)
			continue;
		const struct ms_entry *entry = &archive->entries[members->prefills[i]];

		ms_inputs_add_as(&inputs, "prefill", spec->regions.items[i].prefill_from,
		                 entry->sha256, entry->size);
	}
	return ms_inputs_record(doc, "packed_from", &inputs);
}

/* What the document says of devices is what this kernel's device tree says. */
static bool check_devices(const json_t *doc, struct ms_spec *spec, const struct ms_kernel *kernel)
{
	const json_t *said = json_object_get(doc, "devices");
	json_t *found;

	if (!ms_devices_resolve("the document", spec, kernel, &found))
		return false;
	if ((!said && !found) || json_equal(said, found))
		return true;
	ms_report(MS_ERROR, NULL, "device-tree",
	          "the document's devices are not what the kernel's device tree says; ms-layout "
	          "looks anew");
	return false;
}

static int stage(const struct call *call, const char *path)
{
	struct ms_places places = {0};
	struct ms_kernel kernel;
	struct ms_archive archive;
	struct ms_members members;
	struct ms_field fields[] = {ms_layout_lazy_field, MS_DEVICES_FIELD};
	struct ms_spec *spec;
	json_t *doc, *layout, *object;
	int status;

	ms_places_find(&places);
	doc = ms_plan_read(path, MS_PLAN_COMPILED, fields, 2, &spec);
	layout = json_object_get(doc, "layout");
	/* Packed without its table a system would boot its first domain as the root task. */
	if (!layout && ms_spec_is_system(spec)) {
		ms_report(MS_ERROR, NULL, "layout",
		          "the document has no layout; a system goes through ms-layout first");
		return MS_EXIT_INPUT;
	}
	if (ms_spec_is_system(spec) && !ms_layout_is_system(layout)) {
		ms_report(MS_ERROR, NULL, "layout",
		          "the document's layout is none of a system, but the specification "
		          "describes one; ms-layout decides anew");
		return MS_EXIT_INPUT;
	}
	places.build = call->build ? call->build : spec->build.output_dir;
	ms_seen_open(places.build, false);
	if (ms_kernel_open(ms_kernel_folder(call->kernel, doc, places.build), &kernel) != 0)
		return MS_EXIT_INPUT;
	if (ms_spec_is_system(spec) && !check_devices(doc, spec, &kernel))
		return MS_EXIT_INPUT;
	status = collect(doc, spec, &places, &kernel, &members);
	if (status == MS_EXIT_OK)
		status = ms_archive_write(ms_expand_path(&places, MS_ARCHIVE), members.items,
		                          members.count, &archive);
	if (status == MS_EXIT_OK && members.table != MS_NO_INDEX)
		status = check_offsets(members.items[members.table].data, &archive);
	if (status == MS_EXIT_OK && !record(doc, &kernel, spec, &members, &archive))
		status = MS_EXIT_INPUT;
	if (status != MS_EXIT_OK)
		return status;
	object = ms_archive_object(MS_ARCHIVE, &archive, ms_kernel_record(&kernel));
	ms_relay_know(MS_ARCHIVE_FACT, ms_doc_member(object, "entries"), doc);
	ms_doc_set(doc, "archive", object);
	ms_doc_write(call->output, doc);
	return MS_EXIT_OK;
}

int ms_stage_cpio(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-cpio",
	    .synopsis = "[options] [FILE]\n"
	                "       ms-cpio --pack [--align N] -o ARCHIVE [NAME=FILE...]\n"
	                "       ms-cpio --list [-o FILE] [ARCHIVE]",
	    .summary = "Packs the kernel and the compiled programs of an ms-plan/1 document into a "
	               "newc archive.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	};
	struct call call;

	ms_file_on_signals();
	call = read_options(&cli, argc, argv);
	if (call.pack)
		return pack(&call, argv + cli.first, (size_t)(argc - cli.first));
	if (call.list)
		return list(&call, ms_cli_operand(&cli, argc, argv));
	return stage(&call, ms_cli_operand(&cli, argc, argv));
}
