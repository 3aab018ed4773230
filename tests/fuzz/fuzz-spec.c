/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-spec.c - ms-parse: a specification as TOML. One that passes every rule is written in each
 * form there is, and read again from there: it must be the same system.
 */
#include "host.h"
#include "mutate.h"

#include "base/json.h"
#include "plan/plan.h"
#include "spec/document.h"
#include "spec/microkit.h"

#include <string.h>

static struct ms_spec *again(const char *text, size_t len)
{
	struct ms_source source = {.name = "again", .text = text, .len = len};
	struct ms_spec *spec = ms_spec_from_toml(&source);

	fuzz_check(spec != NULL, "the canonical TOML is refused");
	return spec;
}

/* Its Microkit XML, where there is one, and the TOML of that. */
static void through_xml(const struct ms_source *source, const struct ms_spec *spec)
{
	static const char *const nowhere[] = {NULL};
	size_t len, back_len;
	char *xml = ms_microkit_from_spec(source, spec, 7, &len);
	struct ms_source back = {.name = "xml", .text = xml, .len = len};

	if (xml)
		ms_microkit_to_toml(&back, nowhere, &back_len);
}

void fuzz_once(void)
{
}

void fuzz_one(const uint8_t *data, size_t size)
{
	struct ms_source source = {.name = "in", .len = size};
	struct ms_spec *spec, *other;
	char *toml, *second, hash[2][MS_SHA256_HEX];
	size_t len, second_len;
	json_t *document;

	if (size > MS_SPEC_TEXT_MAX)
		return;
	source.text = ms_strndup((const char *)data, size);
	spec = ms_spec_from_toml(&source);
	if (!spec) {
		fuzz_check(ms_error_count() > 0, "refused without a word");
		return;
	}
	fuzz_check(ms_error_count() == 0, "taken in spite of an error");
	toml = ms_spec_to_toml(spec, &len);
	other = again(toml, len);
	second = ms_spec_to_toml(other, &second_len);
	fuzz_check(len == second_len && memcmp(toml, second, len) == 0,
	           "the canonical TOML is not its own");
	document = ms_spec_to_json(spec);
	fuzz_check(ms_doc_check("document", "$", document, &ms_spec_shape) == 0,
	           "the document has another shape");
	other = ms_spec_from_json("document", document, true);
	fuzz_check(other != NULL, "the document is refused");
	ms_plan_spec_hash(spec, hash[0]);
	ms_plan_spec_hash(other, hash[1]);
	fuzz_check(strcmp(hash[0], hash[1]) == 0, "the document is another system");
	ms_plan_steps(spec);
	through_xml(&source, spec);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_text(data, size, room, seed);
}
