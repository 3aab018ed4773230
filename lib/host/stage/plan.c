/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.c - the stage ms-plan: reads a system (ms-spec/1), writes the plan that builds it
 * (ms-plan/1), or that plan as a ninja file.
 */
#include "stage/stage.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/relay.h"
#include "plan/ninja.h"
#include "plan/plan.h"

#include <string.h>

enum { OPTION_FORMAT = 256, OPTION_SPEC, OPTION_KERNEL, OPTION_LAUNCHER };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {OPTION_FORMAT, "format", "FORMAT", "write json (the default), or a file for ninja"},
    {OPTION_SPEC, "spec", "FILE", "ninja: the TOML that FILE was made of, where ninja is started"},
    {'B', "build-dir", "DIR", "ninja: make files in DIR (default: the spec's output_dir)"},
    {OPTION_KERNEL, "kernel", "DIR", "ninja: the kernel's build (default: as for ms-compile)"},
    {OPTION_LAUNCHER, "launcher", "WORDS", "ninja: put WORDS before each compiler call"},
};

struct call {
	const char *output;
	bool to_ninja;
	struct ms_ninja ninja;
};

static void read_call(struct call *call, struct ms_cli *cli, int argc, char **argv)
{
	struct ms_ninja *ninja = &call->ninja;
	int id;

	while ((id = ms_cli_next(cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case 'o': call->output = cli->arg; break;
		case 'B': ninja->places.build = cli->arg; break;
		case OPTION_FORMAT:
			call->to_ninja = ms_cli_second(cli, "format", "json", "ninja");
			break;
		case OPTION_SPEC: ninja->spec = cli->arg; break;
		case OPTION_KERNEL: ninja->kernel = cli->arg; break;
		case OPTION_LAUNCHER: ninja->launcher = cli->arg; break;
		}
	}
	if (!call->to_ninja &&
	    (ninja->spec || ninja->places.build || ninja->kernel || ninja->launcher))
		ms_die_usage("--spec, -B, --kernel and --launcher are for --format ninja: a plan "
		             "does not depend on them");
	if (call->to_ninja && (!ninja->spec || !*ninja->spec))
		ms_die_usage("--format ninja needs --spec: the TOML, for ninja to start with");
	if ((ninja->places.build && !*ninja->places.build) || (ninja->kernel && !*ninja->kernel))
		ms_die_usage("-B and --kernel take no empty name");
}

/* A name with an end of line in it cannot stand in a ninja file. */
static void check_names(const struct ms_ninja *ninja)
{
	const char *const names[] = {
	    ninja->spec,           ninja->places.build,   ninja->kernel, ninja->launcher,
	    ninja->places.project, ninja->places.toolkit, ninja->tools,  ninja->file};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i] && strpbrk(names[i], "\r\n"))
			ms_die_usage("a ninja file cannot name %s", names[i]);
	}
}

static void write_ninja(struct call *call, const json_t *plan, const struct ms_spec *spec)
{
	struct ms_ninja *ninja = &call->ninja;
	struct ms_buf text = {0};

	ms_places_find(&ninja->places);
	if (!ninja->places.build)
		ninja->places.build = spec->build.output_dir;
	ninja->places.kernel = ms_path_join(ninja->places.build, "kernel");
	ninja->tools = ms_program_folder();
	if (call->output && strcmp(call->output, "-") != 0)
		ninja->file = call->output;
	check_names(ninja);
	ms_ninja_write(&text, plan, ninja);
	ms_write_file(call->output, text.data, text.len, 0);
}

static const char *const words[] = {"format", "json ninja", NULL};

int ms_stage_plan(int argc, char **argv)
{
	struct ms_cli cli = {.program = "ms-plan",
	                     .synopsis = "[-o FILE] [--format FORMAT] [FILE]",
	                     .summary = "Plans the build of a system: which commands, in which "
	                                "order, word for word.",
	                     .options = options,
	                     .count = sizeof(options) / sizeof(options[0]),
	                     .words = words};
	struct call call = {0};
	const char *input;
	struct ms_spec *spec;
	json_t *system, *steps, *plan;

	read_call(&call, &cli, argc, argv);
	input = ms_cli_operand(&cli, argc, argv);
	ms_file_on_signals();

	system = ms_doc_read(input, MS_SPEC_SCHEMA, &ms_spec_shape);
	spec = ms_spec_from_json(ms_input_name(input), system, false);
	steps = spec ? ms_plan_steps(spec) : NULL;
	if (!steps)
		return MS_EXIT_INPUT;
	ms_relay_know(MS_PLAN_SPEC, system, spec);
	plan = json_object();
	ms_doc_set(plan, "schema", ms_doc_new_string(MS_PLAN_SCHEMA));
	ms_doc_set(plan, "spec", system);
	ms_doc_set(plan, "steps", steps);
	if (call.to_ninja)
		write_ninja(&call, plan, spec);
	else
		ms_doc_write(call.output, plan);
	return MS_EXIT_OK;
}
