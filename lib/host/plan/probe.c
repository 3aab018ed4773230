/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.c - the probe kernel, from the tables of loader_sources.h: a flat kernel folder in
 * BUILD_DIR/probe. It is made like any step of a plan, but stands in none: which kernel is at
 * hand is no part of a plan.
 */
#include "plan/compile.h"
#include "plan/loader_sources.h"
#include "plan/plan.h"

#include "base/diag.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>

#define STEP   "probe kernel"
#define FOLDER "build/probe"

/* "build/probe/obj/main" for "board/probe/main.c" */
static char *stem_of(const char *source)
{
	const char *name = ms_path_base(source);

	return ms_format(FOLDER "/obj/%.*s", (int)strcspn(name, "."), name);
}

static void add_all(struct ms_list *argv, const char *const *words)
{
	while (*words)
		ms_list_add(argv, *words++);
}

static void add_pair(struct ms_list *argv, const char *option, const char *value)
{
	ms_list_add(argv, option);
	ms_list_add(argv, value);
}

static const char *const *compile(const char *source, const char *const *more)
{
	struct ms_list argv = {0};
	char *stem = stem_of(source);

	add_pair(&argv, MS_PLAN_CC, "-c");
	add_all(&argv, ms_board_compile_flags);
	add_all(&argv, more);
	ms_list_add(&argv, "-MD");
	add_pair(&argv, "-MF", ms_format("%s.d", stem));
	add_pair(&argv, "-MQ", ms_format("%s.o", stem));
	add_pair(&argv, "-o", ms_format("%s.o", stem));
	ms_list_add(&argv, ms_format("@toolkit/%s", source));
	return argv.items;
}

static const char *const *link_kernel(void)
{
	struct ms_list argv = {0};

	ms_list_add(&argv, MS_PLAN_CC);
	add_all(&argv, ms_board_link_flags);
	add_pair(&argv, "-T", "@toolkit/" MS_PROBE_SCRIPT);
	add_pair(&argv, "-Xlinker", "--dependency-file");
	add_pair(&argv, "-Xlinker", FOLDER "/obj/kernel.link.d");
	add_pair(&argv, "-o", FOLDER "/kernel.elf");
	for (size_t i = 0; ms_probe_sources[i]; i++)
		ms_list_add(&argv, ms_format("%s.o", stem_of(ms_probe_sources[i])));
	ms_list_add(&argv, "-lgcc");
	return argv.items;
}

static const char *const *make_dtb(void)
{
	struct ms_list argv = {0};

	ms_list_add(&argv, MS_BOARD_OBJCOPY);
	add_all(&argv, ms_probe_dtb_objcopy);
	add_pair(&argv, ms_format("%s.o", stem_of(MS_PROBE_DTB)), FOLDER "/kernel.dtb");
	return argv.items;
}

static struct ms_make_command *probe_commands(size_t *count)
{
	static const char *const none[] = {NULL};
	struct ms_make_command *commands;
	size_t n = 0;

	while (ms_probe_sources[n])
		n++;
	*count = n + 3;
	commands = ms_alloc(*count, sizeof(*commands));
	for (size_t i = 0; i < *count; i++)
		commands[i].step = STEP;
	for (size_t i = 0; i < n; i++)
		commands[i].argv = compile(ms_probe_sources[i], none);
	commands[n].argv = compile(MS_PROBE_DTB, ms_probe_dtb_flags);
	commands[n + 1].argv = make_dtb();
	commands[n + 2].argv = link_kernel();
	commands[n + 2].executable = true;
	return commands;
}

static void copy_files(const struct ms_make *make)
{
	for (size_t i = 0; ms_probe_files[i]; i++) {
		char *from =
		    ms_expand_path(make->places, ms_format("@toolkit/%s", ms_probe_files[i]));
		char *to = ms_expand_path(make->places,
		                          ms_format(FOLDER "/%s", ms_path_base(ms_probe_files[i])));
		size_t len;
		char *data = ms_try_read_file(from, 16u * 1024 * 1024, &len);

		if (!data)
			ms_die_errno("%s", from);
		ms_write_file(to, data, len, MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME);
	}
}

unsigned ms_compile_probe(const struct ms_make *make)
{
	size_t count;
	struct ms_make_command *commands = probe_commands(&count);
	unsigned failed = ms_make(make, commands, count);

	if (!failed)
		copy_files(make);
	return failed;
}

void ms_compile_print_probe(const struct ms_make *make)
{
	size_t count;
	struct ms_make_command *commands = probe_commands(&count);

	ms_make_print(make, commands, count);
}
