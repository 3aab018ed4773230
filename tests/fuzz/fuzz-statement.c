/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-statement.c - ms-verify --unsigned: a statement of anybody, held against an image, a
 * specification and a project; the verdict in all its forms.
 */
#include "host.h"
#include "mutate.h"

#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "trust/json.h"
#include "trust/statement.h"
#include "trust/verify.h"

#include <string.h>

void fuzz_once(void)
{
	static const char system[] = "[[protection_domains]]\nname = \"one\"\n"
	                             "binary = \"one.S\"\npriority = 100\n";

	fuzz_file("system.toml", system, sizeof(system) - 1);
	fuzz_file("image", "no image", 8);
}

static void verify(const char *project)
{
	struct ms_verify v = {.without = true, .project = project, .image = "image"};

	v.spec = project ? NULL : "system.toml";
	v.places.toolkit = "/nowhere";
	ms_list_add(&v.files, "statement");
	ms_verify(&v);
	ms_verdict_text(&v.verdict);
	ms_doc_canonical(ms_verdict_json(&v.verdict), NULL);
	if (v.read)
		ms_doc_canonical(ms_verify_summary(&v, NULL), NULL);
}

static void without_project(void *user)
{
	(void)user;
	verify(NULL);
}

static void with_project(void *user)
{
	(void)user;
	verify(".");
}

void fuzz_one(const uint8_t *data, size_t size)
{
	json_t *root = ms_json_parse("in", (const char *)data, size);
	struct ms_statement statement;

	if (root && !ms_statement_read(root, &statement)) {
		ms_statement_byproduct(&statement, "system.cpio");
		ms_doc_canonical(statement.inputs, NULL);
	}
	fuzz_file("statement", data, size);
	fuzz_try(without_project, NULL);
	fuzz_try(with_project, NULL);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_text(data, size, room, seed);
}
