/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parse.c - the stage ms-parse: reads a system's TOML, checks it against every rule and writes the
 * document ms-spec/1.
 */
#include "stage/stage.h"
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/explain.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/relay.h"
#include "spec/document.h"
#include "spec/schema.h"

#include <stdbool.h>
#include <string.h>

enum {
	OPT_FORMAT = 'f',
	OPT_CHECK = 'c',
	OPT_OUTPUT = 'o',
	OPT_FROM = 256,
	OPT_DIAG,
	OPT_NO_WARNINGS,
	OPT_RULES,
	OPT_EXPLAIN,
	OPT_SCHEMA
};

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {OPT_CHECK, "check", NULL, "check only, write nothing"},
    {OPT_FORMAT, "format", "FORMAT", "write json (the default) or toml, the canonical rendering"},
    {OPT_FROM, "from", "FORMAT", "read toml (the default) or json, a document ms-spec/1"},
    {OPT_DIAG, "diagnostics", "FORMAT", "report as text (the default) or json, one object a line"},
    {OPT_NO_WARNINGS, "no-warnings", NULL, "report errors only"},
    {OPT_EXPLAIN, "explain", NULL, "print the page of the rule FILE; without one, all rules"},
    {OPT_RULES, "list-rules", NULL, "print every rule: name, severity, one sentence"},
    {OPT_SCHEMA, "schema", NULL, "print the JSON Schema of the TOML, for editors"},
};

struct choice {
	bool explain, check, list_rules, schema, to_toml, from_json, no_warnings;
	const char *output;
};

static struct choice read_options(struct ms_cli *cli, int argc, char **argv)
{
	struct choice choice = {0};
	int id;

	while ((id = ms_cli_next(cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case OPT_OUTPUT: choice.output = cli->arg; break;
		case OPT_CHECK: choice.check = true; break;
		case OPT_FORMAT:
			choice.to_toml = ms_cli_second(cli, "format", "json", "toml");
			break;
		case OPT_FROM: choice.from_json = ms_cli_second(cli, "from", "toml", "json"); break;
		case OPT_DIAG:
			ms_diag_json(ms_cli_second(cli, "diagnostics", "text", "json"));
			break;
		case OPT_NO_WARNINGS: choice.no_warnings = true; break;
		case OPT_RULES: choice.list_rules = true; break;
		case OPT_EXPLAIN: choice.explain = true; break;
		case OPT_SCHEMA: choice.schema = true; break;
		}
	}
	if (choice.check && choice.output)
		ms_die_usage("--check writes nothing, so --output has no use");
	return choice;
}

static struct ms_spec *read_spec(const char *path, bool from_json, bool warn)
{
	struct ms_source source = {.name = ms_input_name(path)};

	if (from_json)
		return ms_spec_from_json(source.name,
		                         ms_doc_read(path, MS_SPEC_SCHEMA, &ms_spec_shape), warn);
	source.text = ms_read_file(path, MS_SPEC_TEXT_MAX, &source.len);
	ms_mem_expect_for(source.len);
	if (!warn && ms_relay_known(MS_SPEC_OF_TEXT, source.text))
		return ms_relay_known(MS_SPEC_OF_TEXT, source.text);
	return warn ? ms_spec_from_toml(&source) : ms_spec_from_toml_quietly(&source);
}

static const char *const words[] = {"format",      "json toml", "from", "toml json",
                                    "diagnostics", "text json", NULL};

int ms_stage_parse(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-parse",
	    .synopsis = "[options] [FILE]",
	    .summary = "Reads a system's TOML, checks it and writes the document ms-spec/1.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	    .words = words,
	};
	struct choice choice = read_options(&cli, argc, argv);
	const char *path = ms_cli_operand(&cli, argc, argv);
	struct ms_spec *spec;
	size_t len;

	if (choice.explain) {
		ms_explain(path);
		return MS_EXIT_OK;
	}
	if (choice.list_rules) {
		ms_spec_list_rules();
		return MS_EXIT_OK;
	}
	ms_file_on_signals();
	if (choice.schema) {
		ms_doc_write(choice.output, ms_spec_json_schema());
		return MS_EXIT_OK;
	}
	spec = read_spec(path, choice.from_json, !choice.no_warnings);
	if (!spec)
		return MS_EXIT_INPUT;
	if (choice.to_toml && !choice.check) {
		char *text = ms_spec_to_toml(spec, &len);

		ms_write_file(choice.output, text, len, 0);
	} else if (!choice.check) {
		ms_doc_write(choice.output, ms_spec_to_json(spec));
	}
	return MS_EXIT_OK;
}
