/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-attest.c - from the last document of a build to the statement that people sign.
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "plan/plan.h"
#include "trust/statement.h"

#include <string.h>
#include <unistd.h>

enum { OPTION_SPEC = 256 };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {'C', "directory", "DIR", "work in DIR, the project's root"},
    {OPTION_SPEC, "spec", "FILE", "the specification that was built, below the project's root"},
};

/* Others will look for the specification under that name: it must be this system's. */
static void check_spec(const char *path, const json_t *record)
{
	struct ms_source source = {.name = path};
	char hash[MS_SHA256_HEX];
	struct ms_spec *spec;

	source.text = ms_read_file(path, MS_SPEC_TEXT_MAX, &source.len);
	if (source.text[strspn(source.text, " \t\r\n")] == '<')
		ms_die_input(
		    "%s is a system description of Microkit; a statement names the TOML that "
		    "ms-import makes of it",
		    path);
	spec = ms_spec_from_toml(&source);
	if (!spec)
		ms_exit(MS_EXIT_INPUT);
	ms_plan_spec_hash(spec, hash);
	if (strcmp(hash, ms_doc_string(record, "spec_hash")) != 0)
		ms_die_input("%s is another system than the one that was built: its spec_hash "
		             "is %s, the document's %s",
		             path, hash, ms_doc_string(record, "spec_hash"));
}

int main(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-attest",
	    .synopsis = "--spec FILE [-C DIR] [-o FILE] [FILE]",
	    .summary =
	        "Makes an in-toto statement with SLSA provenance from the last document of a "
	        "build.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	};
	const char *output = NULL, *spec = NULL, *folder = NULL, *fault;
	json_t *record, *statement;
	int id;

	while ((id = ms_cli_next(&cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case 'o': output = cli.arg; break;
		case 'C': folder = cli.arg; break;
		case OPTION_SPEC: spec = cli.arg; break;
		}
	}
	if (!spec)
		ms_die_usage("--spec is missing: the document does not say where its "
		             "specification lies");
	fault = ms_statement_spec_fault(spec);
	if (fault)
		ms_die_usage("--spec %s: the path %s", spec, fault);
	ms_file_on_signals();
	if (folder && chdir(folder) != 0)
		ms_die_errno("-C %s", folder);
	record = ms_record_read(ms_cli_operand(&cli, argc, argv), NULL);
	check_spec(spec, record);
	statement = ms_statement_make(record, spec);
	if (!statement)
		ms_exit(MS_EXIT_INPUT);
	ms_doc_write(output, statement);
	ms_exit(MS_EXIT_OK);
}
