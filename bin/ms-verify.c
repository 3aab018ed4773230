/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-verify.c - checks a delivery: who signed what, and whether what is at hand is that.
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "trust/json.h"
#include "trust/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPT_TRUST = 256,
	OPT_THRESHOLD,
	OPT_UNSIGNED,
	OPT_BUILDER,
	OPT_IMAGE,
	OPT_SPEC,
	OPT_PROJECT,
	OPT_KERNEL,
	OPT_TOOLCHAIN,
	OPT_RECORD,
	OPT_REBUILD,
	OPT_SUMMARY,
	OPT_RESOURCE,
	OPT_JSON
};

static const struct ms_option options[] = {
    {OPT_TRUST, "trust", "KEYS", "believe these public keys: a PEM file, or a folder of them"},
    {OPT_THRESHOLD, "threshold", "N", "so many different ones must have signed (default: 1)"},
    {OPT_UNSIGNED, "unsigned", NULL, "ask for no signature"},
    {OPT_BUILDER, "builder", "URI", "the statement must name this builder.id"},
    {OPT_IMAGE, "image", "FILE", "the image that was delivered"},
    {OPT_SPEC, "spec", "FILE", "the specification (default: where the statement says)"},
    {OPT_PROJECT, "project", "DIR", "the sources: the project's root"},
    {OPT_KERNEL, "kernel", "DIR", "the kernel build"},
    {OPT_TOOLCHAIN, "toolchain", NULL, "compare the compiler found in PATH, too"},
    {OPT_RECORD, "record", "FILE", "the last document of the build"},
    {OPT_REBUILD, "rebuild", "DIR", "build again in DIR, which must not exist, and compare"},
    {OPT_SUMMARY, "summary", "FILE", "write the verdict to FILE as a statement that can be signed"},
    {OPT_RESOURCE, "resource", "URI", "what the summary says was verified"},
    {OPT_JSON, "json", NULL, "print the verdict as JSON"},
};

struct call {
	struct ms_verify verify;
	const char *summary, *resource;
	bool json;
};

static void set(struct call *call, struct ms_cli *cli, int id)
{
	struct ms_verify *v = &call->verify;

	switch (id) {
	case OPT_TRUST:
		if (ms_keys_add(&v->trust, cli->arg) != 0)
			ms_exit(MS_EXIT_INPUT);
		break;
	case OPT_THRESHOLD:
		v->threshold = (unsigned)ms_cli_number(cli, "--threshold", 1, MS_KEYS_MAX);
		break;
	case OPT_UNSIGNED: v->without = true; break;
	case OPT_BUILDER: v->builder = cli->arg; break;
	case OPT_IMAGE: v->image = cli->arg; break;
	case OPT_SPEC: v->spec = cli->arg; break;
	case OPT_PROJECT: v->project = cli->arg; break;
	case OPT_KERNEL: v->kernel = cli->arg; break;
	case OPT_TOOLCHAIN: v->toolchain = true; break;
	case OPT_RECORD: v->record = cli->arg; break;
	case OPT_REBUILD: v->rebuild = cli->arg; break;
	case OPT_SUMMARY: call->summary = cli->arg; break;
	case OPT_RESOURCE: call->resource = cli->arg; break;
	case OPT_JSON: call->json = true; break;
	}
}

static bool is_text(const char *s)
{
	json_t *text = json_string(s);

	json_decref(text);
	return text != NULL;
}

static void check_call(struct call *call)
{
	struct ms_verify *v = &call->verify;
	const char *fault = ms_verify_policy_fault(v);

	if (fault && !v->without && !v->trust.count)
		ms_die_usage("%s (--unsigned: nobody's)", fault);
	if (fault)
		ms_die_usage("%s", fault);
	if (v->rebuild && !v->project)
		ms_die_usage("--rebuild needs --project");
	if (call->resource && !call->summary)
		ms_die_usage("--resource belongs to --summary");
	if (call->resource && !is_text(call->resource))
		ms_die_usage("--resource %s: is not UTF-8", call->resource);
}

static void write_summary(const struct call *call)
{
	if (!call->verify.read)
		ms_die_input("%s is not written: no statement says what it would be of",
		             call->summary);
	ms_json_keep(call->summary, ms_verify_summary(&call->verify, call->resource));
}

int main(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-verify",
	    .synopsis = "--trust KEYS [options] [FILE...]",
	    .summary = "Checks a delivery against statements signed by keys that you trust.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	};
	struct call call = {0};
	struct ms_verify *v = &call.verify;
	int id;

	ms_file_on_signals();
	while ((id = ms_cli_next(&cli, argc, argv)) != MS_CLI_END)
		set(&call, &cli, id);
	for (int i = cli.first; i < argc; i++)
		ms_list_add(&v->files, argv[i]);
	if (cli.first == argc)
		ms_list_add(&v->files, "-");
	check_call(&call);
	if (v->project)
		ms_places_find(&v->places);
	ms_verify(v);
	if (call.json)
		ms_doc_write(NULL, ms_verdict_json(&v->verdict));
	else
		fputs(ms_verdict_text(&v->verdict), stdout);
	if (call.summary)
		write_summary(&call);
	ms_exit(v->verdict.failed ? MS_EXIT_INPUT : MS_EXIT_OK);
}
