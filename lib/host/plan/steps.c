/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * steps.c - from a system to the steps that build it. A function of the system alone: nothing
 * here looks at a file, the environment or the time.
 */
#include "plan/plan.h"
#include "plan/loader_sources.h"

#include "base/file.h"
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
    "-ffile-prefix-map=@toolkit=toolkit", "-Wall", NULL};

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

/* A PD with what the two lists below say of it. */
struct program {
	const struct ms_spec *spec;
	const struct ms_pd *pd;
	bool system; /* it runs on the PD runtime; else it is the root task */
	struct ms_list objects;
};

/* "build/runtime/loop" for "board/pd/loop.c" */
static char *object_stem(const char *folder, const char *source)
{
	const char *name = ms_path_base(source);

	return ms_format("build/%s/%.*s", folder, (int)strcspn(name, "."), name);
}

/* A variable that only the layout writes: --gc-sections must not take it for unused. */
static void keep_symbol(json_t *argv, const char *symbol)
{
	if (symbol)
		add(argv, ms_format("-Wl,--undefined=%s", symbol));
}

static void keep_symbols(json_t *argv, const struct program *p)
{
	const struct ms_spec *s = p->spec;
	size_t own = (size_t)(p->pd - s->pds.items);

	for (size_t i = 0; i < p->pd->maps.count; i++) {
		keep_symbol(argv, p->pd->maps.items[i].setvar_vaddr);
		keep_symbol(argv, p->pd->maps.items[i].setvar_size);
		keep_symbol(argv, p->pd->maps.items[i].setvar_prefill_size);
	}
	for (size_t i = 0; i < p->pd->setvars.count; i++)
		keep_symbol(argv, p->pd->setvars.items[i].symbol);
	for (size_t i = 0; i < s->channels.count; i++) {
		if (s->channels.items[i].pd_a == own)
			keep_symbol(argv, s->channels.items[i].setvar_id_a);
		if (s->channels.items[i].pd_b == own)
			keep_symbol(argv, s->channels.items[i].setvar_id_b);
	}
	for (size_t i = 0; i < s->irqs.count; i++)
		if (s->irqs.items[i].pd == own)
			keep_symbol(argv, s->irqs.items[i].setvar_id);
	for (size_t i = 0; i < s->pds.count; i++)
		if (s->pds.items[i].parent && s->pds.items[i].parent_index == own)
			keep_symbol(argv, s->pds.items[i].setvar_id);
}

static void link_runtime(json_t *argv, const struct program *p)
{
	add(argv, "-Wl,--gc-sections");
	/* Whether its input is an endpoint, on which messages come, or its notification. */
	add(argv,
	    ms_format("-Wl,--defsym=pd_takes_messages=%d", p->pd->is_called || p->pd->is_parent));
	keep_symbols(argv, p);
	add_pair(argv, "-T", "@toolkit/" MS_PD_SCRIPT);
}

static json_t *link_pd(const struct program *p, const char *stem)
{
	const struct ms_strings *libs = &p->pd->libs;
	json_t *argv = json_array();

	add(argv, MS_PLAN_CC);
	add_all(argv, pd_link_flags);
	if (p->system)
		link_runtime(argv, p);
	add_link_depfile(argv, ms_format("%s.link.d", stem));
	add_pair(argv, "-o", ms_format("%s.elf", stem));
	for (size_t i = 0; i < p->objects.count; i++)
		add(argv, p->objects.items[i]);
	for (size_t i = 0; p->system && ms_pd_sources[i]; i++)
		add(argv, ms_format("%s.o", object_stem("runtime", ms_pd_sources[i])));
	if (libs->count)
		add(argv, "-Wl,--start-group");
	for (size_t i = 0; i < libs->count; i++)
		add(argv, libs->items[i]);
	add(argv, "-lgcc");
	if (libs->count)
		add(argv, "-Wl,--end-group");
	return argv;
}

static void add_folder(struct ms_list *flags, const char *folder)
{
	ms_list_add(flags, "-I");
	ms_list_add(flags, folder);
}

/* The compile of one source of a PD; its object is noted for the link. */
static json_t *compile_source(struct program *p, const char *stem, const char *source)
{
	const struct ms_pd *pd = p->pd;
	struct ms_list flags = {0};

	for (size_t i = 0; pd_flags[i]; i++)
		ms_list_add(&flags, pd_flags[i]);
	if (p->system)
		add_folder(&flags, "@toolkit/board/pd");
	add_folder(&flags, "@kernel/include");
	add_folder(&flags, "@toolkit/board/sel4");
	for (size_t i = 0; i < pd->include_dirs.count; i++)
		add_folder(&flags, pd->include_dirs.items[i]);
	ms_list_add(&flags, ms_format("-frandom-seed=%s", pd->name));
	ms_list_add(&flags, ms_format("-DMS_STACK_BYTES=%lld", (long long)pd->stack_bytes));
	for (size_t i = 0; i < pd->defines.count; i++)
		ms_list_add(&flags, ms_format("-D%s", pd->defines.items[i]));
	ms_list_add(&p->objects, ms_format("%s.o", stem));
	return compile_command(flags.items, stem, source);
}

/* The runtime is the same for every PD: ms-compile runs a command that stands in several steps
 * once. */
static void compile_runtime(json_t *inputs, json_t *commands)
{
	struct ms_list flags = {0};

	for (size_t i = 0; ms_board_compile_flags[i]; i++)
		ms_list_add(&flags, ms_board_compile_flags[i]);
	for (size_t i = 0; ms_pd_compile_flags[i]; i++)
		ms_list_add(&flags, ms_pd_compile_flags[i]);
	for (size_t i = 0; ms_pd_sources[i]; i++) {
		char *source = ms_format("@toolkit/%s", ms_pd_sources[i]);

		add(inputs, source);
		ms_doc_append(
		    commands,
		    compile_command(flags.items, object_stem("runtime", ms_pd_sources[i]), source));
	}
	add(inputs, "@toolkit/" MS_PD_SCRIPT);
}

static void compile_program(struct program *p, const char *stem, json_t *inputs, json_t *commands)
{
	const struct ms_pd *pd = p->pd;

	ms_doc_append(commands, compile_source(p, stem, pd->binary));
	for (size_t i = 0; i < pd->sources.count; i++) {
		const char *source = pd->sources.items[i];

		add(inputs, source);
		/* The whole path: two folders may have files of one name. */
		ms_doc_append(commands,
		              compile_source(p, ms_format("%s/%s", stem, source), source));
	}
	for (size_t i = 0; i < pd->libs.count; i++)
		add(inputs, pd->libs.items[i]);
	if (p->system)
		compile_runtime(inputs, commands);
	ms_doc_append(commands, link_pd(p, stem));
}

/* Appends to outputs what AssembleImage will pack. */
static json_t *compile_pd(const struct ms_spec *spec, const struct ms_pd *pd, json_t *outputs)
{
	struct program program = {.spec = spec, .pd = pd, .system = ms_spec_is_system(spec)};
	char *stem = ms_format("build/pd/%s", pd->name);
	bool ready = ms_pd_is_ready(pd);
	const char *output = ready ? pd->binary : ms_format("%s.elf", stem);
	const char *does = ready ? "take the linked program of" : "compile and link";
	json_t *step;

	step = new_step("CompilePd", pd->name,
	                ms_format("%s protection domain %s: %s", does, pd->name, pd->binary));
	add(ms_doc_member(step, "inputs"), pd->binary);
	add(ms_doc_member(step, "outputs"), output);
	add(outputs, output);
	/* Not packed: what ms-layout sees of it is recorded with the program. */
	if (pd->symbols_from && strcmp(pd->symbols_from, output) != 0) {
		add(ms_doc_member(step, "inputs"), pd->symbols_from);
		add(ms_doc_member(step, "outputs"), pd->symbols_from);
	}
	if (!ready)
		compile_program(&program, stem, ms_doc_member(step, "inputs"),
		                ms_doc_member(step, "commands"));
	return step;
}

/* -- CompileRoot ------------------------------------------------------------------------- */

static json_t *link_root(void)
{
	json_t *argv = json_array();

	add(argv, MS_PLAN_CC);
	add_all(argv, ms_board_link_flags);
	add_pair(argv, "-T", "@toolkit/" MS_ROOT_SCRIPT);
	add_link_depfile(argv, "build/root/root.link.d");
	add_pair(argv, "-o", MS_ROOT_ELF);
	for (size_t i = 0; ms_root_sources[i]; i++)
		add(argv, ms_format("%s.o", object_stem("root", ms_root_sources[i])));
	add(argv, "-lgcc");
	return argv;
}

static json_t *compile_root(json_t *outputs)
{
	json_t *step = new_step("CompileRoot", "root-task",
	                        "compile and link the root task, which sets the system up");
	json_t *inputs = ms_doc_member(step, "inputs");
	json_t *commands = ms_doc_member(step, "commands");
	struct ms_list flags = {0};

	for (size_t i = 0; ms_board_compile_flags[i]; i++)
		ms_list_add(&flags, ms_board_compile_flags[i]);
	for (size_t i = 0; ms_root_compile_flags[i]; i++)
		ms_list_add(&flags, ms_root_compile_flags[i]);
	for (size_t i = 0; ms_root_sources[i]; i++) {
		char *source = ms_format("@toolkit/%s", ms_root_sources[i]);

		add(inputs, source);
		ms_doc_append(
		    commands,
		    compile_command(flags.items, object_stem("root", ms_root_sources[i]), source));
	}
	add(inputs, "@toolkit/" MS_ROOT_SCRIPT);
	ms_doc_append(commands, link_root());
	add(ms_doc_member(step, "outputs"), MS_ROOT_ELF);
	add(outputs, MS_ROOT_ELF);
	return step;
}

/* -- AssembleImage ----------------------------------------------------------------------- */

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
		add(argv, ms_format("%s.o", object_stem("loader", ms_loader_sources[i])));
	add(argv, ms_format("%s.o", object_stem("loader", MS_LOADER_TABLE)));
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
		ms_doc_append(commands,
		              compile_command(ms_board_compile_flags,
		                              object_stem("loader", ms_loader_sources[i]), source));
	}
	ms_doc_append(commands,
	              compile_command(ms_board_compile_flags,
	                              object_stem("loader", MS_LOADER_TABLE), MS_LOADER_TABLE));
	ms_doc_append(commands, link_loader());
	return step;
}

json_t *ms_plan_steps(const struct ms_spec *spec)
{
	json_t *steps = json_array(), *outputs = json_array();

	for (size_t i = 0; i < spec->pds.count; i++)
		ms_doc_append(steps, compile_pd(spec, &spec->pds.items[i], outputs));
	if (ms_spec_is_system(spec))
		ms_doc_append(steps, compile_root(outputs));
	ms_doc_append(steps, assemble_image(spec, outputs));
	json_decref(outputs);
	return steps;
}
