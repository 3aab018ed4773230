/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-sbom.c - lists what an image is made of, in the forms that others read.
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "trust/sbom.h"
#include "trust/statement.h"

#include <string.h>
#include <unistd.h>

enum { OPTION_FORMAT = 256 };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {'C', "directory", "DIR", "work in DIR, the project's root"},
    {OPTION_FORMAT, "format", "NAME", "spdx (SPDX 2.3, the default) or cyclonedx (1.6)"},
};

static const char *const words[] = {"format", "spdx cyclonedx", NULL};

int main(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-sbom",
	    .synopsis = "[--format NAME] [-C DIR] [-o FILE] [FILE]",
	    .summary = "Lists what an image is made of, from the last document of its build.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	    .words = words,
	};
	const char *output = NULL, *folder = NULL, *format = "spdx";
	struct ms_places places = {0};
	struct ms_sbom sbom;
	struct ms_spec *spec;
	json_t *record;
	int id, status;

	while ((id = ms_cli_next(&cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case 'o': output = cli.arg; break;
		case 'C': folder = cli.arg; break;
		case OPTION_FORMAT: format = cli.arg; break;
		}
	}
	if (strcmp(format, "spdx") != 0 && strcmp(format, "cyclonedx") != 0)
		ms_die_usage("--format %s: must be spdx or cyclonedx", format);
	ms_file_on_signals();
	if (folder && chdir(folder) != 0)
		ms_die_errno("-C %s", folder);
	ms_places_find(&places);
	record = ms_record_read(ms_cli_operand(&cli, argc, argv), &spec);
	status = ms_sbom_gather(record, spec, &places, &sbom);
	if (status == MS_EXIT_OK)
		ms_doc_write(output,
		             format[0] == 's' ? ms_sbom_spdx(&sbom) : ms_sbom_cyclonedx(&sbom));
	ms_exit(status);
}
