/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hash.c - the stage ms-hash: adds spec_hash and plan_hash to a plan, checks them, or prints one.
 */
#include "stage/stage.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/seen.h"
#include "plan/inputs.h"
#include "plan/plan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_PRINT = 256, OPTION_VERIFY, OPTION_INPUTS, OPTION_REMEMBERED };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {'B', "build-dir", "DIR", "the build folder (default: the system's output_dir)"},
    {'C', "directory", "DIR", "go to DIR first: the project's root"},
    {OPTION_INPUTS, "inputs", NULL, "add the digests of the files that the plan names"},
    {OPTION_REMEMBERED, "remembered", NULL, "read no file whose digest the build folder keeps"},
    {OPTION_PRINT, "print", "NAME", "print the bare spec_hash or plan_hash, no document"},
    {OPTION_VERIFY, "verify", NULL, "only check the hashes that the plan carries"},
};

static const char *const words[] = {"print", "spec_hash plan_hash", NULL};

int ms_stage_hash(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-hash",
	    .synopsis = "[-o FILE] [-C DIR] [--inputs [--remembered] [-B DIR]] "
	                "[FILE]\n"
	                "       ms-hash --print NAME | --verify [FILE]",
	    .summary = "Hashes a plan: spec_hash names the system, plan_hash all "
	               "that is run to build it.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	    .words = words,
	};
	const char *output = NULL, *print = NULL, *input, *directory = NULL, *build = NULL;
	char spec_hash[MS_SHA256_HEX], plan_hash[MS_SHA256_HEX];
	int verify = 0, with_inputs = 0, remembered = 0, option;
	struct ms_places places = {0};
	struct ms_spec *spec;
	json_t *plan;

	while ((option = ms_cli_next(&cli, argc, argv)) != MS_CLI_END) {
		switch (option) {
		case 'o': output = cli.arg; break;
		case 'B': build = cli.arg; break;
		case 'C': directory = cli.arg; break;
		case OPTION_INPUTS: with_inputs = 1; break;
		case OPTION_REMEMBERED: remembered = 1; break;
		case OPTION_PRINT: print = cli.arg; break;
		case OPTION_VERIFY: verify = 1; break;
		}
	}
	input = ms_cli_operand(&cli, argc, argv);
	if (print && strcmp(print, "spec_hash") != 0 && strcmp(print, "plan_hash") != 0)
		ms_die_usage("--print %s: must be spec_hash or plan_hash", print);
	if ((print && verify) || (output && (print || verify)))
		ms_die_usage("-o, --print and --verify exclude each other");
	if (with_inputs && (print || verify))
		ms_die_usage("--inputs goes with neither --print nor --verify");
	if (remembered && !with_inputs)
		ms_die_usage("--remembered goes with --inputs");
	if (build && !remembered)
		ms_die_usage("--build-dir goes with --remembered");
	if (directory && chdir(directory) != 0)
		ms_die_errno("-C %s", directory);
	ms_file_on_signals();

	/* Reading verifies: a document with hashes that do not fit ends here. */
	plan = ms_plan_read(input, verify ? MS_PLAN_HASHED : MS_PLAN_PLANNED, ms_plan_later,
	                    MS_PLAN_LATER, &spec);
	if (verify)
		return MS_EXIT_OK;
	ms_plan_spec_hash(spec, spec_hash);
	ms_plan_hash(spec_hash, ms_doc_member(plan, "steps"), plan_hash);
	if (print) {
		puts(print[0] == 's' ? spec_hash : plan_hash);
		return MS_EXIT_OK;
	}
	ms_doc_set(plan, "spec_hash", ms_doc_new_string(spec_hash));
	ms_doc_set(plan, "plan_hash", ms_doc_new_string(plan_hash));
	if (with_inputs) {
		ms_places_find(&places);
		if (remembered)
			ms_seen_open(build ? build : spec->build.output_dir, false);
		json_t *inputs = ms_inputs_named(&places, plan, spec);

		const json_t *old = json_object_get(plan, "inputs");

		if (old && inputs && !json_equal(old, inputs))
			ms_report(MS_ERROR, NULL, "inputs",
			          "the document has inputs already, and lists other files");
		if (!inputs || ms_error_count() > 0)
			return MS_EXIT_INPUT;
		ms_doc_set(plan, "inputs", inputs);
	}
	ms_doc_write(output, plan);
	return MS_EXIT_OK;
}
