/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-layout.c - decides every kernel object, capability and address of a compiled system; turns
 * tables back into documents; prints layouts for people.
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/seen.h"
#include "base/toolkit.h"
#include "layout/kernel.h"
#include "layout/layout.h"
#include "layout/members.h"
#include "layout/verified.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TABLE_MAX (64u << 20)

enum { OPT_KERNEL = 256, OPT_DECODE, OPT_REPORT };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {'B', "build-dir", "DIR", "the build folder (default: the system's output_dir)"},
    {'C', "directory", "DIR", "work in DIR, the project's root"},
    {OPT_KERNEL, "kernel", "DIR",
     "the kernel's folder (default: $MS_KERNEL, else the probe kernel)"},
    {OPT_DECODE, "decode", NULL, "print the layout of a table, system.table of an archive"},
    {OPT_REPORT, "report", NULL, "print a layout for people: of a document, or of a table"},
};

struct call {
	const char *build, *kernel, *output;
	bool decode, report;
};

static struct call read_options(struct ms_cli *cli, int argc, char **argv)
{
	struct call call = {0};
	int id;

	while ((id = ms_cli_next(cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case 'o': call.output = cli->arg; break;
		case 'B': call.build = cli->arg; break;
		case 'C':
			if (chdir(cli->arg) != 0)
				ms_die_errno("%s", cli->arg);
			break;
		case OPT_KERNEL: call.kernel = cli->arg; break;
		case OPT_DECODE: call.decode = true; break;
		case OPT_REPORT: call.report = true; break;
		}
	}
	if (call.decode && (call.build || call.kernel))
		ms_die_usage("--build-dir and --kernel are for documents");
	return call;
}

/* Of the two, the one that was asked for. verdict: on the kernel, or NULL. */
static void write_result(const struct call *call, json_t *document, const json_t *layout,
                         const json_t *verdict)
{
	if (call->report) {
		char *text = ms_layout_report(layout);

		if (verdict)
			text = ms_format("Kernel\n%s\n%s", ms_verified_text(verdict, "  "), text);
		ms_write_file(call->output, text, strlen(text), 0);
	} else {
		ms_doc_write(call->output, document);
	}
}

static int decode(const struct call *call, const char *path)
{
	size_t len;
	char *table = ms_read_file(path, TABLE_MAX, &len);
	json_t *layout = ms_layout_decode(ms_input_name(path), table, len);

	if (!layout)
		return MS_EXIT_INPUT;
	write_result(call, layout, layout, NULL);
	return MS_EXIT_OK;
}

/* -- as a stage ---------------------------------------------------------------------------- */

static int decide(const struct call *call, const json_t *doc, const struct ms_spec *spec,
                  json_t **layout, json_t **verdict)
{
	struct ms_places places = {0};
	struct ms_kernel kernel;
	struct ms_members members;
	const struct ms_member *table;
	int status;

	ms_places_find(&places);
	places.build = call->build ? call->build : spec->build.output_dir;
	ms_seen_open(places.build, false);
	if (ms_kernel_open(ms_kernel_folder(call->kernel, doc, places.build), &kernel) != 0)
		return MS_EXIT_INPUT;
	status = ms_members_collect(doc, spec, &places, &kernel, true, &members);
	if (status != MS_EXIT_OK)
		return status;
	*layout = ms_layout_make(spec, &kernel, &members);
	if (!*layout)
		return MS_EXIT_INPUT;
	*verdict = ms_verified_compare(&kernel);
	table = &members.items[members.table];
	ms_write_file(ms_expand_path(&places, MS_LAYOUT_TABLE), table->data, table->len,
	              MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME);
	return MS_EXIT_OK;
}

static int stage(const struct call *call, const char *path)
{
	struct ms_spec *spec;
	json_t *doc = ms_plan_read(path, MS_PLAN_COMPILED, NULL, 0, &spec);
	json_t *layout = NULL, *verdict = NULL;
	int status;

	if (!ms_spec_is_system(spec)) {
		layout = ms_layout_none();
	} else {
		status = decide(call, doc, spec, &layout, &verdict);
		if (status != MS_EXIT_OK)
			return status;
	}
	ms_doc_set(doc, "layout", layout);
	if (call->report)
		layout = ms_doc_expand("the document", doc, "layout");
	write_result(call, doc, layout, verdict);
	return MS_EXIT_OK;
}

int main(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-layout",
	    .synopsis = "[options] [FILE]\n"
	                "       ms-layout --decode [--report] [-o FILE] [TABLE]",
	    .summary = "Decides every kernel object, capability and address of a compiled system.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	};
	struct call call;
	const char *path;

	ms_file_on_signals();
	call = read_options(&cli, argc, argv);
	path = ms_cli_operand(&cli, argc, argv);
	ms_exit(call.decode ? decode(&call, path) : stage(&call, path));
}
