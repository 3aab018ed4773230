/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * import.c - the stage ms-import: reads a system description of Microkit (XML) and writes it as
 * TOML.
 */
#include "stage/stage.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "spec/document.h"
#include "spec/microkit.h"

#include <stdbool.h>
#include <string.h>

enum { OPT_OUTPUT = 'o', OPT_CHECK = 'c', OPT_SEARCH = 256, OPT_DIAG, OPT_RULES };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {OPT_CHECK, "check", NULL, "check only, write nothing"},
    {OPT_SEARCH, "search-path", "DIR", "find files in DIR, before the project root; repeatable"},
    {OPT_DIAG, "diagnostics", "FORMAT", "report as text (the default) or json, one object a line"},
    {OPT_RULES, "list-rules", NULL, "print every rule of an XML: name, severity, one sentence"},
};

static const char *const words[] = {"diagnostics", "text json", NULL};

int ms_stage_import(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-import",
	    .synopsis = "[options] [FILE]",
	    .summary = "Reads a Microkit system description and writes it as TOML.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	    .words = words,
	};
	static const char *const none[] = {NULL};
	struct ms_list search_paths = {0};
	bool check = false, list_rules = false;
	struct ms_source source = {0};
	const char *output = NULL, *path;
	char *text;
	size_t len;
	int id;

	while ((id = ms_cli_next(&cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case OPT_OUTPUT: output = cli.arg; break;
		case OPT_CHECK: check = true; break;
		case OPT_SEARCH:
			if (!*cli.arg)
				ms_die_usage("--search-path: the name is empty");
			ms_list_add(&search_paths, cli.arg);
			break;
		case OPT_DIAG:
			ms_diag_json(ms_cli_second(&cli, "diagnostics", "text", "json"));
			break;
		case OPT_RULES: list_rules = true; break;
		}
	}
	if (check && output)
		ms_die_usage("--check writes nothing, so --output has no use");
	path = ms_cli_operand(&cli, argc, argv);
	if (list_rules) {
		ms_microkit_list_rules();
		return MS_EXIT_OK;
	}
	ms_file_on_signals();
	source.name = ms_input_name(path);
	source.text = ms_read_file(path, MS_SPEC_TEXT_MAX, &source.len);
	ms_mem_expect_for(source.len);
	text = ms_microkit_to_toml(&source, search_paths.count ? search_paths.items : none, &len);
	if (!text)
		return MS_EXIT_INPUT;
	if (!check)
		ms_write_file(output, text, len, 0);
	return MS_EXIT_OK;
}
