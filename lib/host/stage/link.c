/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link.c - the stage ms-link: embeds a system's archive in the loader and links the bootable image.
 */
#include "stage/stage.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/seen.h"
#include "base/toolkit.h"
#include "image/document.h"
#include "image/link.h"
#include "layout/layout.h"
#include "plan/lock.h"
#include "plan/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPT_IMAGE = 256,
	OPT_START,
	OPT_MAP,
	OPT_NO_VERIFY,
	OPT_DRY_RUN,
	OPT_LAUNCHER,
	OPT_HERMETIC,
	OPT_FORMAT,
	OPT_FIT_KEY,
	OPT_LOCK,
	OPT_BUILT
};

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {'B', "build-dir", "DIR", "the build folder (default: the system's output_dir)"},
    {'C', "directory", "DIR", "work in DIR, the project's root"},
    {'j', "jobs", "N", "compile N files at a time (default: one per processor)"},
    {OPT_LAUNCHER, "launcher", "WORDS", "start each compiler through these words (ccache)"},
    {OPT_HERMETIC, "hermetic", NULL, "let each command see only what it declares, no network"},
    {OPT_BUILT, "built", NULL, "take objects that ninja has made of the plan"},
    {OPT_IMAGE, "image", "FILE", "write the image to FILE (default: build/system-image.bin)"},
    {OPT_FORMAT, "format", "FORMAT",
     "write the image as elf (the default), raw, image, fit or efi; may be repeated"},
    {OPT_FIT_KEY, "fit-key", "KEY", "sign the fit with KEY, DIR/NAME[:ALGORITHM]; may be repeated"},
    {OPT_START, "image-start", "ADDR", "load the image at ADDR, a multiple of 2 MiB"},
    {OPT_NO_VERIFY, "no-verify", NULL, "the loader does not check digests when it starts"},
    {OPT_MAP, "map", NULL, "print the physical memory map; link nothing"},
    {OPT_LOCK, "lock", "FILE", "write no image unless all inputs are those of this lock"},
    {OPT_DRY_RUN, "dry-run", NULL, "print the commands; run nothing"},
};

struct call {
	const char *build, *output, *lock;
	struct ms_make make;
	struct ms_link link;
	bool map, dry_run;
};

static uint64_t address(const char *text)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || text[0] == '-' || value == 0)
		ms_die_usage("--image-start takes an address like 0x40400000, not \"%s\"", text);
	return value;
}

static bool wants(const struct ms_wanted *wanted, enum ms_image_format format)
{
	for (size_t i = 0; i < wanted->count; i++) {
		if (wanted->formats[i] == format)
			return true;
	}
	return false;
}

static struct call read_options(struct ms_cli *cli, int argc, char **argv)
{
	struct call call = {.link.verify = true};
	const char *fault;
	int id;

	while ((id = ms_cli_next(cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case 'o': call.output = cli->arg; break;
		case 'B': call.build = cli->arg; break;
		case 'C': ms_cli_directory(cli); break;
		case 'j': call.make.jobs = (unsigned)ms_cli_number(cli, "-j", 1, 1024); break;
		case OPT_LAUNCHER: call.make.launcher = cli->arg; break;
		case OPT_HERMETIC: call.make.hermetic = true; break;
		case OPT_BUILT: call.make.built = true; break;
		case OPT_IMAGE: call.link.wanted.image = cli->arg; break;
		case OPT_FORMAT:
			fault = ms_wanted_add(&call.link.wanted, cli->arg);
			if (fault)
				ms_die_usage("--format: %s", fault);
			break;
		case OPT_FIT_KEY:
			fault = ms_fit_add_key(&call.link.wanted.fit, cli->arg);
			if (fault)
				ms_die_usage("--fit-key: %s", fault);
			break;
		case OPT_START: call.link.image_start = address(cli->arg); break;
		case OPT_NO_VERIFY: call.link.verify = false; break;
		case OPT_MAP: call.map = true; break;
		case OPT_LOCK: call.lock = cli->arg; break;
		case OPT_DRY_RUN: call.dry_run = true; break;
		}
	}
	if (call.link.wanted.fit.count && !wants(&call.link.wanted, MS_FORMAT_FIT))
		ms_die_usage("--fit-key is for --format fit");
	if (call.make.hermetic && wants(&call.link.wanted, MS_FORMAT_FIT))
		ms_die_usage("--hermetic and --format fit exclude each other: U-Boot's mkimage is "
		             "not closed off");
	if (call.make.hermetic && call.make.built)
		ms_die_usage("--hermetic and --built exclude each other");
	if (call.map && call.dry_run)
		ms_die_usage("--map and --dry-run exclude each other");
	if (call.make.hermetic && call.make.launcher && *call.make.launcher)
		ms_die_usage("--hermetic and the launcher %s exclude each other",
		             call.make.launcher);
	return call;
}

static char *size_text(uint64_t bytes)
{
	if (bytes % (1024 * 1024) == 0)
		return ms_format("%" PRIu64 " MiB", bytes >> 20);
	if (bytes % 1024 == 0)
		return ms_format("%" PRIu64 " KiB", bytes >> 10);
	return ms_format("%" PRIu64 " B", bytes);
}

static void print_map(const char *output, const struct ms_link *link)
{
	struct ms_buf out = {0};

	ms_buf_printf(&out, "%-18s %-18s %12s  %s\n", "start", "end", "size", "name");
	for (size_t i = 0; i < link->lines; i++) {
		const struct ms_map_line *line = &link->map[i];

		ms_buf_printf(&out, "0x%016" PRIx64 " 0x%016" PRIx64 " %12s  %s\n",
		              line->range.start, line->range.end,
		              size_text(line->range.end - line->range.start), line->name);
	}
	ms_write_file(output, out.data, out.len, 0);
}

static bool holds_to_lock(const char *path, const json_t *doc)
{
	json_t *lock = ms_lock_read(path);

	return lock && ms_lock_compare(path, lock, doc) == 0;
}

static const char *const words[] = {"format", "elf raw image fit efi", NULL};

int ms_stage_link(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-link",
	    .synopsis = "[options] [FILE]",
	    .summary = "Links the loader, the archive of an ms-plan/1 document and the hand-off "
	               "table into a bootable image.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	    .words = words,
	};
	struct ms_places places = {0};
	struct ms_field fields[1 + MS_ARCHIVE_FIELDS];
	struct ms_spec *spec;
	struct ms_inputs inputs = {0};
	struct call call;
	json_t *doc, *image = NULL;
	int status;

	ms_file_on_signals();
	call = read_options(&cli, argc, argv);
	ms_places_find(&places);
	fields[0] = ms_layout_lazy_field;
	memcpy(fields + 1, ms_archive_fields, sizeof(ms_archive_fields));
	doc = ms_plan_read(ms_cli_operand(&cli, argc, argv), MS_PLAN_COMPILED, fields,
	                   sizeof(fields) / sizeof(fields[0]), &spec);
	places.build = call.build ? call.build : spec->build.output_dir;
	ms_seen_open(places.build, call.lock || call.make.hermetic);
	places.kernel = ms_path_join(places.build, "kernel");
	call.make.places = &places;
	call.make.outputs = ms_make_count(doc);
	call.make.inputs = &inputs;
	call.link.plan = doc;
	call.link.make = &call.make;
	if (call.dry_run)
		return ms_link_print(&call.link);
	status = ms_link_place(&call.link);
	if (status == MS_EXIT_OK && call.map) {
		print_map(call.output, &call.link);
		return MS_EXIT_OK;
	}
	if (status == MS_EXIT_OK)
		status = ms_link_loader(&call.link);
	if (status == MS_EXIT_OK && !ms_inputs_record(doc, "linked_from", &inputs))
		status = MS_EXIT_INPUT;
	if (status == MS_EXIT_OK && call.lock && !holds_to_lock(call.lock, doc))
		status = MS_EXIT_INPUT;
	if (status == MS_EXIT_OK)
		status = ms_link_image(&call.link, &image);
	if (status == MS_EXIT_OK) {
		ms_doc_set(doc, "image", image);
		ms_doc_write(call.output, doc);
	}
	return status;
}
