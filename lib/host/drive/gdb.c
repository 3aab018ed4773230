/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gdb.c - the script that tells gdb what is where in a built system.
 *
 * Protection domains lie at the same virtual addresses, so their symbols cannot be loaded side by
 * side, and a breakpoint at one of their addresses is hit by all of them. What tells them apart is
 * the root of their page tables, whose physical address the layout has decided at build time: a
 * domain's breakpoint is one at an address, on the condition that the register which holds that
 * root has this domain's. Commands are plain gdb ones (gdb 10 and later): no Python is needed.
 */
#include "drive/gdb.h"
#include "base/diag.h"
#include "base/toolkit.h"
#include "plan/loader_sources.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Bits of a page-table base register that are an address; the others are an ASID or a VMID. */
#define ROOT_MASK "0xfffffffffffe"

struct script {
	struct ms_buf *out;
	const json_t *document;
	const char *kernel;        /* path of its ELF */
	const char *root_register; /* of the page tables that a domain runs with */
	struct ms_places places;
	unsigned symbols; /* sets of symbols so far; each has a number */
};

static const char *text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	if (!s)
		ms_die_input("the build's document has no \"%s\" where the debugger needs it", key);
	return s;
}

/* A path as a word of a gdb command. */
static void add_path(struct script *script, const char *path)
{
	for (; *path; path++) {
		if (!isalnum((unsigned char)*path) && !strchr("/._-+", *path))
			ms_buf_add(script->out, "\\", 1);
		ms_buf_add(script->out, path, 1);
	}
	ms_buf_puts(script->out, "\n");
}

/* The physical address of an object of the layout. */
static uint64_t address_of(const json_t *layout, const char *name)
{
	size_t i;
	const json_t *object;

	json_array_foreach(json_object_get(layout, "objects"), i, object)
	{
		const char *said = json_string_value(json_object_get(object, "name"));

		if (said && strcmp(said, name) == 0)
			return strtoull(text(object, "paddr"), NULL, 0);
	}
	ms_die_input("the build's layout has no object %s", name);
}

/* The file that a step made, as a path; NULL when there is no such step. */
static const char *program_of(const struct script *script, const char *step)
{
	size_t i;
	const json_t *artifact;

	json_array_foreach(json_object_get(script->document, "artifacts"), i, artifact)
	{
		if (strcmp(text(artifact, "step"), step) == 0)
			return ms_expand_path(&script->places, text(artifact, "path"));
	}
	return NULL;
}

/* -- commands ------------------------------------------------------------------------------ */

/* A command that loads the symbols of the kernel and of one program. */
static void add_symbols(struct script *script, const char *command, const char *what,
                        const char *program)
{
	struct ms_buf *out = script->out;

	script->symbols++;
	ms_buf_printf(out, "define %s\n  dont-repeat\n", command);
	ms_buf_printf(out, "  if $ms_symbols != %u\n", script->symbols);
	ms_buf_puts(out, "    with confirm off -- symbol-file\n"
	                 "    with confirm off -- add-symbol-file ");
	add_path(script, script->kernel);
	ms_buf_puts(out, "    with confirm off -- add-symbol-file ");
	add_path(script, program);
	ms_buf_printf(out,
	              "    set $ms_symbols = %u\n  end\nend\n"
	              "document %s\nUse the symbols of %s, and the kernel's.\nend\n\n",
	              script->symbols, command, what);
}

/*
 * A command that sets a breakpoint in a program: at the address that its argument has in that
 * program's symbols, as a number, since gdb would look a name up again whenever symbols change.
 */
static void add_break(struct script *script, const char *command, const char *symbols,
                      const char *what, const char *condition)
{
	ms_buf_printf(script->out,
	              "define %s\n"
	              "  dont-repeat\n"
	              "  %s\n"
	              "  set $_ = 0\n"
	              "  info line $arg0\n"
	              "  set $ms_at = (unsigned long) $_\n"
	              "  if $ms_at == 0\n"
	              "    set $ms_at = (unsigned long) &$arg0\n"
	              "  end\n"
	              "  eval \"hbreak *0x%%lx%s\", $ms_at\n"
	              "  commands\n"
	              "    silent\n"
	              "    %s\n"
	              "    frame\n"
	              "  end\n"
	              "end\n"
	              "document %s\n"
	              "Stop where %s is at the argument: a function or FILE:LINE.\n"
	              "end\n\n",
	              command, symbols, condition, symbols, command, what);
}

/* One protection domain; root: the address of its page tables, 0: there is no other program. */
static void add_domain(struct script *script, const char *name, const char *program, uint64_t root)
{
	const char *what = ms_format("protection domain %s", name);
	const char *symbols = ms_format("pd %s", name);
	const char *condition = "";

	if (root)
		condition = ms_format(" if ($%s & " ROOT_MASK ") == 0x%" PRIx64,
		                      script->root_register, root);
	add_symbols(script, symbols, what, program);
	add_break(script, ms_format("break-in %s", name), symbols, what, condition);
}

/* Whose page tables are in use, said whenever a stop shows others than the last one. */
static void add_which(struct script *script, const json_t *layout)
{
	struct ms_buf *out = script->out;
	size_t i;
	const json_t *space;

	ms_buf_printf(out, "define which-pd\n  set $ms_root = $%s & " ROOT_MASK "\n",
	              script->root_register);
	ms_buf_puts(out, "  set $ms_known = 0\n");
	json_array_foreach(json_object_get(layout, "spaces"), i, space)
	{
		ms_buf_printf(out,
		              "  if $ms_root == 0x%" PRIx64 "\n"
		              "    echo address space: %s\\n\n    set $ms_known = 1\n  end\n",
		              address_of(layout, text(space, "vspace")), text(space, "pd"));
	}
	ms_buf_puts(out, "  if !$ms_known\n"
	                 "    echo address space: none of a protection domain\\n\n"
	                 "  end\n"
	                 "end\n"
	                 "document which-pd\nSay whose address space the processor uses.\nend\n\n"
	                 "define hook-stop\n"
	                 "  if $ms_root != ($");
	ms_buf_printf(out, "%s & " ROOT_MASK ")\n    which-pd\n  end\nend\n\n",
	              script->root_register);
}

static void add_domains(struct script *script)
{
	const json_t *layout = json_object_get(script->document, "layout");
	const json_t *pds = ms_doc_at(script->document, "spec.protection_domains");
	const json_t *spaces = json_object_get(layout, "spaces");
	size_t i, k;
	const json_t *pd, *space;

	json_array_foreach(pds, i, pd)
	{
		const char *name = text(pd, "name"), *program = program_of(script, name);
		uint64_t root = 0;

		if (!program)
			ms_die_input("the build's document names no program of %s", name);
		json_array_foreach(spaces, k, space)
		{
			if (strcmp(text(space, "pd"), name) == 0)
				root = address_of(layout, text(space, "vspace"));
		}
		add_domain(script, name, program, root);
	}
	if (json_array_size(spaces))
		add_which(script, layout);
}

void ms_gdb_script(struct ms_buf *out, const struct ms_built *built, const char *kernel)
{
	struct script script = {.out = out, .document = built->document, .kernel = kernel};
	const bool el2 = json_is_true(ms_doc_at(built->document, "archive.kernel.hypervisor"));
	const char *root;

	ms_places_find(&script.places);
	script.places.build = built->build;
	script.root_register = el2 ? "VTTBR_EL2" : "TTBR0_EL1";
	root = program_of(&script, "root-task");
	ms_buf_puts(
	    out, "# What ms-build debug tells gdb; see ms-build(1). Made anew by each call.\n"
	         "#   pd NAME               use the symbols of a protection domain\n"
	         "#   break-in NAME WHERE   stop where this protection domain is at WHERE\n"
	         "#   loader, root-task     use the symbols of loader or root task\n"
	         "#   break-in-root WHERE   stop where the root task is at WHERE\n"
	         "#   which-pd              say whose address space the processor uses\n\n"
	         "set architecture aarch64\nset $ms_symbols = 0\nset $ms_root = 1\n"
	         "define-prefix pd\ndocument pd\nUse the symbols of a protection domain.\nend\n"
	         "define-prefix break-in\n"
	         "document break-in\nStop in a protection domain: break-in NAME WHERE.\nend\n\n");
	add_symbols(&script, "loader", "the loader", ms_expand_path(&script.places, MS_LOADER_ELF));
	if (root) {
		add_symbols(&script, "root-task", "the root task", root);
		add_break(&script, "break-in-root", "root-task", "the root task", "");
	}
	add_domains(&script);
	/* gdb wants a program of the target's; the kernel is the one that stays. */
	ms_buf_puts(out, "exec-file ");
	add_path(&script, kernel);
	ms_buf_printf(out, "loader\necho commands: pd, break-in, loader%s (help NAME)\\n\n",
	              root ? ", root-task, break-in-root, which-pd" : "");
}
