/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * steps.c - from a system to the steps that build it. A function of the system alone: nothing
 * here looks at a file, the environment or the time.
 */
#include "plan/plan.h"
#include "plan/loader_sources.h"

#include "base/mem.h"

#include <stdbool.h>
#include <string.h>

/* What a protection domain is compiled with, besides what names its files. */
static const char *const pd_flags[] = {
    "-std=gnu11", /* a compiler's default language changes from release to release */
    "-O2",
    /* the seed's: no C library, no start files, fixed addresses, no FP registers */
    "-nostdlib", "-nostartfiles", "-ffreestanding", "-static", "-no-pie", "-march=armv8-a",
    "-mgeneral-regs-only",
    /* switched on by some distributions' compilers, and in need of a C library */
    "-fno-pie", "-fno-stack-protector", "-mno-outline-atomics", "-fno-asynchronous-unwind-tables",
    /* the same bytes everywhere: no compiler's name, no time, no folder of this machine. Of
     * several prefix maps gcc tries the last first, so the innermost folder stands last. */
    "-fno-ident", "-Werror=date-time", "-ffile-prefix-map=@project=.",
    "-ffile-prefix-map=build=build", "-ffile-prefix-map=@kernel=kernel",
    "-ffile-prefix-map=@toolkit=toolkit", "-Wall", "-I", "@kernel/include", "-I",
    "@toolkit/board/sel4", NULL};

static const char *const pd_link_flags[] = {"-nostdlib",
                                            "-nostartfiles",
                                            "-ffreestanding",
                                            "-static",
                                            "-no-pie",
                                            "-march=armv8-a",
                                            "-mgeneral-regs-only",
                                            "-Wl,--build-id=none",
                                            "-Wl,--fatal-warnings", /* such as: no _start */
                                            "-Wl,-z,noexecstack",
                                            "-Wl,-z,max-page-size=4096",
                                            NULL};

static void add(json_t *argv, const char *word)
{
	ms_doc_append(argv, ms_doc_new_string(word));
}

static void add_all(json_t *argv, const char *const *words)
{
	while (*words)
		add(argv, *words++);
}

/* Words come in pairs where an option takes a path: only a whole word is expanded. */
static void add_pair(json_t *argv, const char *option, const char *value)
{
	add(argv, option);
	add(argv, value);
}

/* The linker's dependency file says which scripts and libraries were read. */
static void add_link_depfile(json_t *argv, const char *path)
{
	add_pair(argv, "-Xlinker", "--dependency-file");
	add_pair(argv, "-Xlinker", path);
}

static json_t *new_step(const char *kind, const char *name, const char *description)
{
	json_t *step = json_object();

	ms_doc_set(step, "kind", ms_doc_new_string(kind));
	ms_doc_set(step, "name", ms_doc_new_string(name));
	ms_doc_set(step, "description", ms_doc_new_string(description));
	ms_doc_set(step, "inputs", json_array());
	ms_doc_set(step, "outputs", json_array());
	ms_doc_set(step, "commands", json_array());
	return step;
}

/* -c and what goes with it: the object is STEM.o, what was included is in STEM.d. */
static json_t *compile_command(const char *const *flags, const char *stem, const char *source)
{
	json_t *argv = json_array();

	add(argv, MS_PLAN_CC);
	add(argv, "-c");
	add_all(argv, flags);
	add(argv, "-MD");
	add_pair(argv, "-MF", ms_format("%s.d", stem));
	/* Said, because the object is made under a temporary name. */
	add_pair(argv, "-MQ", ms_format("%s.o", stem));
	add_pair(argv, "-o", ms_format("%s.o", stem));
	add(argv, source);
	return argv;
}

/* -- CompilePd --------------------------------------------------------------------------- */

/* The rules of ms-parse leave three kinds: .c, .S, and programs that are linked already. */
static bool is_ready(const struct ms_pd *pd)
{
	const char *dot = strrchr(pd->binary, '.');

	return dot && strcmp(dot, ".elf") == 0;
}

static json_t *link_pd(const char *stem)
{
	json_t *argv = json_array();

	add(argv, MS_PLAN_CC);
	add_all(argv, pd_link_flags);
	add_link_depfile(argv, ms_format("%s.link.d", stem));
	add_pair(argv, "-o", ms_format("%s.elf", stem));
	add(argv, ms_format("%s.o", stem));
	add(argv, "-lgcc");
	return argv;
}

static json_t *compile_pd_command(const struct ms_pd *pd, const char *stem)
{
	struct ms_list flags = {0};

	for (size_t i = 0; pd_flags[i]; i++)
		ms_list_add(&flags, pd_flags[i]);
	ms_list_add(&flags, ms_format("-frandom-seed=%s", pd->name));
	ms_list_add(&flags, ms_format("-DMS_STACK_BYTES=%lld", (long long)pd->stack_bytes));
	return compile_command(flags.items, stem, pd->binary);
}

/* Appends to outputs what AssembleImage will pack. */
static json_t *compile_pd(const struct ms_pd *pd, json_t *outputs)
{
	char *stem = ms_format("build/pd/%s", pd->name);
	bool ready = is_ready(pd);
	const char *output = ready ? pd->binary : ms_format("%s.elf", stem);
	const char *does = ready ? "take the linked program of" : "compile and link";
	json_t *step, *commands;

	step = new_step("CompilePd", pd->name,
	                ms_format("%s protection domain %s: %s", does, pd->name, pd->binary));
	add(ms_doc_member(step, "inputs"), pd->binary);
	add(ms_doc_member(step, "outputs"), output);
	add(outputs, output);
	commands = ms_doc_member(step, "commands");
	if (!ready) {
		ms_doc_append(commands, compile_pd_command(pd, stem));
		ms_doc_append(commands, link_pd(stem));
	}
	return step;
}

/* -- AssembleImage ----------------------------------------------------------------------- */

/* "build/loader/start" for "board/boot/start.S" */
static char *loader_stem(const char *source)
{
	const char *base = strrchr(source, '/');
	const char *name = base ? base + 1 : source;

	return ms_format("build/loader/%.*s", (int)strcspn(name, "."), name);
}

static json_t *link_loader(void)
{
	json_t *argv = json_array();

	add(argv, MS_PLAN_CC);
	add_all(argv, ms_board_link_flags);
	/* Made when the kernel is known. Not by INCLUDE, which looks in the working folder first.
	 */
	add_pair(argv, "-T", MS_LOADER_PLACE);
	add_pair(argv, "-T", "@toolkit/" MS_LOADER_SCRIPT);
	add_link_depfile(argv, "build/loader/loader.link.d");
	add_pair(argv, "-o", MS_LOADER_ELF);
	for (size_t i = 0; ms_loader_sources[i]; i++)
		add(argv, ms_format("%s.o", loader_stem(ms_loader_sources[i])));
	add(argv, ms_format("%s.o", loader_stem(MS_LOADER_TABLE)));
	add(argv, "-lgcc");
	return argv;
}

static json_t *assemble_image(const struct ms_spec *spec, const json_t *pd_outputs)
{
	json_t *step =
	    new_step("AssembleImage", "system-image",
	             "pack kernel, device tree and protection domains, embed the archive "
	             "in the loader and link the image");
	json_t *inputs = ms_doc_member(step, "inputs");
	json_t *commands = ms_doc_member(step, "commands");

	for (size_t i = 0; i < json_array_size(pd_outputs); i++)
		add(inputs, json_string_value(json_array_get(pd_outputs, i)));
	for (size_t i = 0; i < spec->regions.count; i++) {
		if (spec->regions.items[i].prefill_from)
			add(inputs, spec->regions.items[i].prefill_from);
	}
	add(inputs, "@kernel/kernel.elf");
	add(inputs, "@toolkit/" MS_LOADER_SCRIPT);
	add(ms_doc_member(step, "outputs"), MS_IMAGE);
	for (size_t i = 0; ms_loader_sources[i]; i++) {
		char *source = ms_format("@toolkit/%s", ms_loader_sources[i]);

		add(inputs, source);
		ms_doc_append(commands, compile_command(ms_board_compile_flags,
		                                        loader_stem(ms_loader_sources[i]), source));
	}
	ms_doc_append(commands, compile_command(ms_board_compile_flags,
	                                        loader_stem(MS_LOADER_TABLE), MS_LOADER_TABLE));
	ms_doc_append(commands, link_loader());
	return step;
}

json_t *ms_plan_steps(const struct ms_spec *spec)
{
	json_t *steps = json_array(), *outputs = json_array();

	for (size_t i = 0; i < spec->pds.count; i++)
		ms_doc_append(steps, compile_pd(&spec->pds.items[i], outputs));
	ms_doc_append(steps, assemble_image(spec, outputs));
	json_decref(outputs);
	return steps;
}
