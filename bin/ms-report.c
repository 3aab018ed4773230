/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-report.c - makes one HTML page of a system, for people to read.
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "report/document.h"
#include "report/page.h"

#include <string.h>

enum { OPT_TITLE = 256, OPT_ENVELOPE, OPT_TRUST, OPT_THRESHOLD, OPT_IMAGE, OPT_SPEC, OPT_VERDICT };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {OPT_TITLE, "title", "TEXT", "the page's title (default: made from the system)"},
    {OPT_ENVELOPE, "envelope", "FILE", "verify the signatures in FILE, and show what was found"},
    {OPT_TRUST, "trust", "KEYS", "believe these public keys: a PEM file, or a folder of them"},
    {OPT_THRESHOLD, "threshold", "N", "so many different ones must have signed (default: 1)"},
    {OPT_IMAGE, "image", "FILE", "the image that was delivered, to be verified, too"},
    {OPT_SPEC, "spec", "FILE", "the specification, to be verified, too"},
    {OPT_VERDICT, "verdict", "FILE", "show a verdict that ms-verify wrote to FILE as JSON"},
};

struct call {
	struct ms_verify verify;
	struct ms_page_extras extras;
	const char *output;
};

static void set(struct call *call, struct ms_cli *cli, int id)
{
	struct ms_verify *v = &call->verify;

	switch (id) {
	case 'o': call->output = cli->arg; break;
	case OPT_TITLE: call->extras.title = cli->arg; break;
	case OPT_ENVELOPE: ms_list_add(&v->files, cli->arg); break;
	case OPT_TRUST:
		if (ms_keys_add(&v->trust, cli->arg) != 0)
			ms_exit(MS_EXIT_INPUT);
		break;
	case OPT_THRESHOLD:
		v->threshold = (unsigned)ms_cli_number(cli, "--threshold", 1, MS_KEYS_MAX);
		break;
	case OPT_IMAGE: v->image = cli->arg; break;
	case OPT_SPEC: v->spec = cli->arg; break;
	case OPT_VERDICT: call->extras.verdict_name = cli->arg; break;
	}
}

static void check_call(struct call *call)
{
	struct ms_verify *v = &call->verify;
	const char *fault;

	if (v->files.count == 0 && (v->trust.count || v->threshold || v->image || v->spec))
		ms_die_usage("--trust, --threshold, --image and --spec belong to --envelope");
	if (v->files.count == 0)
		return;
	fault = ms_verify_policy_fault(v);
	if (fault)
		ms_die_usage("%s", fault);
}

int main(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-report",
	    .synopsis = "[options] [FILE]",
	    .summary = "Makes one HTML page of a system, for people to read.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	};
	struct ms_document document;
	struct call call = {0};
	size_t len;
	char *page;
	int id;

	ms_file_on_signals();
	while ((id = ms_cli_next(&cli, argc, argv)) != MS_CLI_END)
		set(&call, &cli, id);
	check_call(&call);
	ms_document_read(ms_cli_operand(&cli, argc, argv), &document);
	if (call.verify.files.count) {
		if (!document.image)
			ms_die_input(
			    "%s is of an earlier stage: a statement is of a finished build",
			    document.name);
		/* The bytes that the page is made from: the file may be another by now. */
		call.verify.record = document.name;
		call.verify.record_text = document.text;
		call.verify.record_len = document.len;
		ms_verify(&call.verify);
		call.extras.verify = &call.verify;
	}
	if (call.extras.verdict_name)
		call.extras.verdict = ms_page_read_verdict(call.extras.verdict_name);
	page = ms_page_make(&document, &call.extras, &len);
	ms_write_file(call.output, page, len, 0);
	ms_exit(call.verify.verdict.failed ? MS_EXIT_INPUT : MS_EXIT_OK);
}
