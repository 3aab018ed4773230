/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-plan.c - reads a system (ms-spec/1), writes the plan that builds it (ms-plan/1).
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "plan/plan.h"

static const struct ms_option options[] = {MS_OPTION_OUTPUT};

int main(int argc, char **argv)
{
	struct ms_cli cli = {.program = "ms-plan",
	                     .synopsis = "[-o FILE] [FILE]",
	                     .summary = "Plans the build of a system: which commands, in which "
	                                "order, word for word.",
	                     .options = options,
	                     .count = sizeof(options) / sizeof(options[0])};
	const char *output = NULL, *input;
	struct ms_spec *spec;
	json_t *system, *steps, *plan;

	while (ms_cli_next(&cli, argc, argv) != MS_CLI_END)
		output = cli.arg;
	input = ms_cli_operand(&cli, argc, argv);
	ms_file_on_signals();

	system = ms_doc_read(input, MS_SPEC_SCHEMA, &ms_spec_shape);
	spec = ms_spec_from_json(ms_input_name(input), system, false);
	steps = spec ? ms_plan_steps(spec) : NULL;
	if (!steps)
		ms_exit(MS_EXIT_INPUT);
	plan = json_object();
	ms_doc_set(plan, "schema", ms_doc_new_string(MS_PLAN_SCHEMA));
	ms_doc_set(plan, "spec", system);
	ms_doc_set(plan, "steps", steps);
	ms_doc_write(output, plan);
	ms_exit(MS_EXIT_OK);
}
