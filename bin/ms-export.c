/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-export.c - reads a system (TOML or ms-spec/1) and writes it as a system description of
 * Microkit (XML).
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "spec/document.h"
#include "spec/microkit.h"

#include <stdbool.h>
#include <string.h>

enum { OPT_OUTPUT = 'o', OPT_CHECK = 'c', OPT_FROM = 256, OPT_LEAVE_OUT, OPT_DIAG, OPT_RULES };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {OPT_CHECK, "check", NULL, "check only, write nothing"},
    {OPT_FROM, "from", "FORMAT", "read toml (the default) or json, a document ms-spec/1"},
    {OPT_LEAVE_OUT, "leave-out", "WHAT",
     "leave out build, assertions or ceilings, which XML cannot say; repeatable"},
    {OPT_DIAG, "diagnostics", "FORMAT", "report as text (the default) or json, one object a line"},
    {OPT_RULES, "list-rules", NULL, "print every rule: name, severity, one sentence"},
};

struct choice {
	bool check, list_rules, from_json;
	unsigned leave_out;
	const char *output;
};

static unsigned leave_out(const char *what)
{
	static const char *const words[] = {"build", "assertions", "ceilings"};

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(what, words[i]) == 0)
			return 1u << i;
	}
	ms_die_usage("--leave-out takes build, assertions or ceilings, not \"%s\"", what);
}

static struct choice read_options(struct ms_cli *cli, int argc, char **argv)
{
	struct choice choice = {0};
	int id;

	while ((id = ms_cli_next(cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case OPT_OUTPUT: choice.output = cli->arg; break;
		case OPT_CHECK: choice.check = true; break;
		case OPT_FROM: choice.from_json = ms_cli_second(cli, "from", "toml", "json"); break;
		case OPT_LEAVE_OUT: choice.leave_out |= leave_out(cli->arg); break;
		case OPT_DIAG:
			ms_diag_json(ms_cli_second(cli, "diagnostics", "text", "json"));
			break;
		case OPT_RULES: choice.list_rules = true; break;
		}
	}
	if (choice.check && choice.output)
		ms_die_usage("--check writes nothing, so --output has no use");
	return choice;
}

static const char *const words[] = {
    "from",        "toml json", "leave-out", "build assertions ceilings",
    "diagnostics", "text json", NULL};

int main(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-export",
	    .synopsis = "[options] [FILE]",
	    .summary = "Reads a system and writes it as a Microkit system description.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	    .words = words,
	};
	struct choice choice = read_options(&cli, argc, argv);
	const char *path = ms_cli_operand(&cli, argc, argv);
	struct ms_source source = {.name = ms_input_name(path)};
	struct ms_spec *spec;
	char *text;
	size_t len;

	if (choice.list_rules) {
		ms_microkit_list_export_rules();
		ms_exit(MS_EXIT_OK);
	}
	ms_file_on_signals();
	if (choice.from_json) {
		spec = ms_spec_from_json(source.name,
		                         ms_doc_read(path, MS_SPEC_SCHEMA, &ms_spec_shape), true);
	} else {
		source.text = ms_read_file(path, MS_SPEC_TEXT_MAX, &source.len);
		spec = ms_spec_from_toml(&source);
	}
	text = spec ? ms_microkit_from_spec(&source, spec, choice.leave_out, &len) : NULL;
	if (!text)
		ms_exit(MS_EXIT_INPUT);
	if (!choice.check)
		ms_write_file(choice.output, text, len, 0);
	ms_exit(MS_EXIT_OK);
}
