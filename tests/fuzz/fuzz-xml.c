/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-xml.c - ms-import: a Microkit system description. The TOML that it becomes must be a
 * specification.
 */
#include "host.h"
#include "mutate.h"

#include "base/mem.h"
#include "spec/document.h"
#include "spec/microkit.h"

void fuzz_once(void)
{
}

void fuzz_one(const uint8_t *data, size_t size)
{
	static const char *const nowhere[] = {NULL};
	struct ms_source source = {.name = "in", .len = size}, made = {.name = "made"};
	char *toml;

	if (size > MS_SPEC_TEXT_MAX)
		return;
	source.text = ms_strndup((const char *)data, size);
	toml = ms_microkit_to_toml(&source, nowhere, &made.len);
	if (!toml) {
		fuzz_check(ms_error_count() > 0, "refused without a word");
		return;
	}
	fuzz_check(ms_error_count() == 0, "taken in spite of an error");
	made.text = toml;
	fuzz_check(ms_spec_from_toml(&made) != NULL, "the TOML is refused");
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_text(data, size, room, seed);
}
