/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compile.c - the stage ms-compile: carries out the CompilePd steps of a plan, adds what came out
 * (artifacts).
 */
#include "stage/stage.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/notes.h"
#include "base/seen.h"
#include "layout/kernel.h"
#include "plan/compile.h"
#include "plan/lock.h"
#include "plan/plan.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	OPTION_KERNEL = 256,
	OPTION_LOCK,
	OPTION_LAUNCHER,
	OPTION_HERMETIC,
	OPTION_PREPARE,
	OPTION_BUILT
};

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {'B', "build-dir", "DIR", "make files in DIR (default: the spec's output_dir)"},
    {'C', "directory", "DIR", "go to DIR first: the project's root"},
    {'j', "jobs", "N", "run N compilers at a time (default: make's jobserver, or processors)"},
    {'n', "dry-run", NULL, "print the commands that would be run, and run none"},
    {OPTION_KERNEL, "kernel", "DIR", "the kernel's build (default: $MS_KERNEL, or the probe)"},
    {OPTION_LOCK, "lock", "FILE", "run nothing unless system and kernel are those of this lock"},
    {OPTION_LAUNCHER, "launcher", "WORDS", "put WORDS before each compiler call, e.g. ccache"},
    {OPTION_PREPARE, "prepare", NULL, "make what compilers need, the kernel's header, and end"},
    {OPTION_BUILT, "built", NULL, "take objects that ninja has made of the plan"},
    {OPTION_HERMETIC, "hermetic", NULL, "let each command see only what it declares, no network"},
};

struct call {
	const char *output, *input, *kernel, *lock;
	struct ms_places places;
	struct ms_make make;
	struct ms_inputs inputs;
	int dry;
	bool prepare;
};

/* A variable of the environment; set to nothing counts as not set. */
static const char *variable(const char *name)
{
	const char *value = ms_env(name);

	return value && *value ? value : NULL;
}

static void read_call(struct call *call, int argc, char **argv)
{
	struct ms_cli cli = {.program = "ms-compile",
	                     .synopsis = "[options] [FILE]",
	                     .summary = "Compiles and links the protection domains of a plan.",
	                     .options = options,
	                     .count = sizeof(options) / sizeof(options[0])};
	int option;

	call->make.launcher = variable("MS_CC_LAUNCHER");
	while ((option = ms_cli_next(&cli, argc, argv)) != MS_CLI_END) {
		switch (option) {
		case 'o': call->output = cli.arg; break;
		case 'B': call->places.build = cli.arg; break;
		case 'C':
			if (chdir(cli.arg) != 0)
				ms_die_errno("-C %s", cli.arg);
			break;
		case 'j': call->make.jobs = (unsigned)ms_cli_number(&cli, "-j", 1, 1024); break;
		case 'n': call->dry = 1; break;
		case OPTION_KERNEL: call->kernel = cli.arg; break;
		case OPTION_LOCK: call->lock = cli.arg; break;
		case OPTION_LAUNCHER: call->make.launcher = cli.arg; break;
		case OPTION_HERMETIC: call->make.hermetic = true; break;
		case OPTION_PREPARE: call->prepare = true; break;
		case OPTION_BUILT: call->make.built = true; break;
		}
	}
	if (call->places.build && !*call->places.build)
		ms_die_usage("-B: an empty name");
	if (call->kernel && !*call->kernel)
		ms_die_usage("--kernel: an empty name");
	if (call->make.hermetic && call->make.built)
		ms_die_usage("--hermetic and --built exclude each other");
	if (call->prepare && (call->output || call->dry || call->lock))
		ms_die_usage(
		    "--prepare writes no document: it goes with neither -o nor -n nor --lock");
	if (call->make.hermetic && call->make.launcher && *call->make.launcher)
		ms_die_usage("--hermetic and the launcher %s exclude each other: a launcher needs "
		             "files and services that no step declares",
		             call->make.launcher);
	call->input = ms_cli_operand(&cli, argc, argv);
}

static void add_kernel(struct ms_inputs *inputs, const struct ms_kernel *kernel)
{
	const struct ms_kernel_file *file;
	const char *name;

	for (size_t i = 0; (file = ms_kernel_each_file(kernel, i, &name)); i++)
		ms_inputs_add_as(inputs, "kernel", name, file->sha256, file->len);
}

/* The header that protection domains see the kernel through; made of the kernel at hand. */
static void write_kernel_header(struct call *call)
{
	struct ms_kernel kernel;
	const char *folder = call->kernel;
	size_t len;
	char *text;

	if (!folder) {
		if (ms_compile_probe(&call->make) != 0)
			ms_exit(MS_EXIT_INPUT);
		folder = ms_expand_path(&call->places, "build/probe");
	}
	if (ms_kernel_open(folder, &kernel) != 0)
		ms_exit(MS_EXIT_INPUT);
	add_kernel(&call->inputs, &kernel);
	text = ms_kernel_header(&kernel, &len);
	ms_write_file(ms_expand_path(&call->places, MS_KERNEL_HEADER), text, len,
	              MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME);
}

static bool holds_to_lock(const struct call *call, const json_t *plan)
{
	json_t *lock = ms_lock_read(call->lock);

	return lock && ms_lock_compare_early(call->lock, lock, plan, &call->inputs) == 0;
}

int ms_stage_compile(int argc, char **argv)
{
	struct call call = {0};
	json_t *plan, *artifacts;
	struct ms_spec *spec;

	read_call(&call, argc, argv);
	ms_file_on_signals();
	plan = ms_plan_read(call.input, MS_PLAN_PLANNED, NULL, 0, &spec);
	ms_places_find(&call.places);
	if (!call.places.build)
		call.places.build = spec->build.output_dir;
	call.places.kernel = ms_path_join(call.places.build, "kernel");
	ms_seen_open(call.places.build, call.lock || call.make.hermetic);
	call.make.places = &call.places;
	call.make.outputs = ms_make_count(plan);
	call.kernel = ms_kernel_named(call.kernel, plan);

	if (ms_compile_check_inputs(&call.make, plan) != 0)
		return MS_EXIT_INPUT;
	if (call.dry) {
		if (!call.kernel)
			ms_compile_print_probe(&call.make);
		ms_compile_print_pds(&call.make, plan);
		return MS_EXIT_OK;
	}
	/* The probe kernel counts as any other: as its files, not by what they are made of. */
	write_kernel_header(&call);
	if (call.prepare)
		return MS_EXIT_OK;
	call.make.inputs = &call.inputs;
	if (call.lock && !holds_to_lock(&call, plan))
		return MS_EXIT_INPUT;
	artifacts = ms_compile_pds(&call.make, plan);
	if (!artifacts || !ms_inputs_record(plan, "compiled_from", &call.inputs))
		return MS_EXIT_INPUT;
	ms_doc_set(plan, "artifacts", artifacts);
	ms_doc_write(call.output, plan);
	return MS_EXIT_OK;
}
