/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layout.c - the stage ms-layout: decides every kernel object, capability and address of a compiled
 * system; turns tables back into documents; prints layouts for people.
 */
#include "stage/stage.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/seen.h"
#include "base/toolkit.h"
#include "layout/devices.h"
#include "layout/kernel.h"
#include "layout/layout.h"
#include "layout/members.h"
#include "layout/verified.h"
#include "plan/plan.h"
#include "spec/microkit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_KERNEL = 256, OPT_DECODE, OPT_REPORT, OPT_CDL, OPT_SPEC, OPT_SEARCH };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {'B', "build-dir", "DIR", "the build folder (default: the system's output_dir)"},
    {'C', "directory", "DIR", "work in DIR, the project's root"},
    {OPT_KERNEL, "kernel", "DIR",
     "the kernel's folder (default: $MS_KERNEL, else the probe kernel)"},
    {OPT_SPEC, "spec", "FILE", "the text that the system came from, for places in messages"},
    {OPT_SEARCH, "search-path", "DIR", "of a FILE in XML: where ms-import found files; repeatable"},
    {OPT_DECODE, "decode", NULL, "print the layout of a table, system.table of an archive"},
    {OPT_REPORT, "report", NULL, "print a layout for people: of a document, or of a table"},
    {OPT_CDL, "cdl", NULL, "print a layout as capDL text: of a document, or of a table"},
};

struct call {
	const char *build, *kernel, *output, *spec;
	struct ms_list search_paths;
	bool decode, report, cdl;
};

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
		case OPT_SPEC: call.spec = cli->arg; break;
		case OPT_SEARCH: ms_list_add(&call.search_paths, cli->arg); break;
		case OPT_DECODE: call.decode = true; break;
		case OPT_REPORT: call.report = true; break;
		case OPT_CDL: call.cdl = true; break;
		}
	}
	if (call.decode && (call.build || call.kernel || call.spec))
		ms_die_usage("--build-dir, --kernel and --spec are for documents");
	if (call.search_paths.count && !call.spec)
		ms_die_usage("--search-path belongs to --spec");
	if (call.report && call.cdl)
		ms_die_usage("--report and --cdl print different things");
	return call;
}

/* What is known beside the layout where it is made. */
struct facts {
	json_t *verdict; /* on the kernel; or NULL */
	json_t *devices; /* what was looked up in the device tree; or NULL */
};

/* Of the two, the one that was asked for. */
static void write_result(const struct call *call, json_t *document, const json_t *layout,
                         const struct facts *facts)
{
	struct ms_buf text = {0};

	if (call->cdl) {
		ms_buf_puts(&text, ms_layout_cdl(layout));
		ms_write_file(call->output, text.data, text.len, 0);
		return;
	}
	if (!call->report) {
		ms_doc_write(call->output, document);
		return;
	}
	if (facts->verdict)
		ms_buf_printf(&text, "Kernel\n%s\n", ms_verified_text(facts->verdict, "  "));
	if (facts->devices)
		ms_buf_printf(&text, "From the device tree\n%s\n", ms_devices_text(facts->devices));
	ms_buf_puts(&text, ms_layout_report(layout));
	ms_write_file(call->output, text.data, text.len, 0);
}

static int decode(const struct call *call, const char *path)
{
	size_t len;
	char *table = ms_read_file(path, MS_LAYOUT_TABLE_MAX, &len);
	json_t *layout = ms_layout_decode(ms_input_name(path), table, len);

	if (!layout)
		return MS_EXIT_INPUT;
	write_result(call, layout, layout, &(struct facts){0});
	return MS_EXIT_OK;
}

/* -- as a stage ---------------------------------------------------------------------------- */

/* Where the text is the one that the document was made of, messages say where in it. */
static void find_text(const struct call *call, const json_t *doc, struct ms_spec *spec)
{
	static const char *const none[] = {NULL};
	const char *const *paths = call->search_paths.count ? call->search_paths.items : none;
	struct ms_source *source = ms_alloc(1, sizeof(*source));
	char hash[MS_SHA256_HEX];
	struct ms_spec *text;

	source->name = call->spec;
	source->text = ms_try_read_file(call->spec, MS_SPEC_TEXT_MAX, &source->len);
	if (!source->text)
		return;
	text = ms_microkit_is_xml(source->text) ? ms_microkit_read_quietly(source, paths)
	                                        : ms_spec_from_toml_quietly(source);
	if (!text)
		return;
	ms_plan_spec_hash(text, hash);
	if (strcmp(hash, ms_doc_string(doc, "spec_hash")) == 0)
		ms_spec_borrow_marks(spec, text, source);
}

static int decide(const struct call *call, const char *name, const json_t *doc,
                  struct ms_spec *spec, struct facts *facts, json_t **layout)
{
	struct ms_places places = {0};
	struct ms_kernel kernel;
	struct ms_members members;
	const struct ms_member *table;
	int status;

	if (call->spec)
		find_text(call, doc, spec);
	ms_places_find(&places);
	places.build = call->build ? call->build : spec->build.output_dir;
	ms_seen_open(places.build, false);
	if (ms_kernel_open(ms_kernel_folder(call->kernel, doc, places.build), &kernel) != 0)
		return MS_EXIT_INPUT;
	spec = ms_devices_resolve(name, spec, &kernel, &facts->devices);
	if (!spec)
		return MS_EXIT_INPUT;
	status = ms_members_collect(doc, spec, &places, &kernel, true, &members);
	if (status != MS_EXIT_OK)
		return status;
	*layout = ms_layout_make(spec, &kernel, &members);
	if (!*layout)
		return MS_EXIT_INPUT;
	facts->verdict = ms_verified_compare(&kernel);
	table = &members.items[members.table];
	ms_write_file(ms_expand_path(&places, MS_LAYOUT_TABLE), table->data, table->len,
	              MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME);
	return MS_EXIT_OK;
}

static int stage(const struct call *call, const char *path)
{
	struct ms_spec *spec;
	json_t *doc = ms_plan_read(path, MS_PLAN_COMPILED, NULL, 0, &spec);
	json_t *layout = NULL;
	struct facts facts = {0};
	int status;

	if (!ms_spec_is_system(spec) && call->cdl)
		ms_die_input("the single protection domain is the root task itself: nothing is "
		             "laid out that capDL could describe");
	if (!ms_spec_is_system(spec)) {
		layout = ms_layout_none();
	} else {
		status = decide(call, ms_input_name(path), doc, spec, &facts, &layout);
		if (status != MS_EXIT_OK)
			return status;
	}
	ms_doc_set(doc, "layout", layout);
	if (facts.devices)
		ms_doc_set(doc, "devices", facts.devices);
	if (call->report || call->cdl)
		layout = ms_doc_expand("the document", doc, "layout");
	write_result(call, doc, layout, &facts);
	return MS_EXIT_OK;
}

int ms_stage_layout(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-layout",
	    .synopsis = "[options] [FILE]\n"
	                "       ms-layout --decode [--report | --cdl] [-o FILE] [TABLE]",
	    .summary = "Decides every kernel object, capability and address of a compiled system.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	};
	struct call call;
	const char *path;

	ms_file_on_signals();
	call = read_options(&cli, argc, argv);
	path = ms_cli_operand(&cli, argc, argv);
	return call.decode ? decode(&call, path) : stage(&call, path);
}
