/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-table.c - ms-layout --decode: the root task's table. One that is accepted becomes a
 * document, and the document the same table again.
 */
#include "host.h"
#include "mutate.h"

#include "base/diag.h"
#include "both/table.h"
#include "layout/layout.h"
#include "spec/document.h"

#include <stdlib.h>
#include <string.h>

void fuzz_once(void)
{
}

static void read_records(const void *table)
{
	unsigned sum = 0;

	for (unsigned s = 0; s < TABLE_SECTIONS; s++) {
		size_t size = table_record_size((enum table_section)s);

		for (uint32_t i = 0; i < table_count(table, (enum table_section)s); i++) {
			const uint8_t *r = table_record(table, (enum table_section)s, i);

			for (size_t k = 0; k < size; k++)
				sum += r[k];
		}
	}
	fuzz_check(sum != 1u << 31, "no such sum"); /* the bytes were read */
}

static void check_document(void *user)
{
	const struct ms_buf *table = user;
	json_t *layout = ms_layout_decode("in", table->data, table->len);
	uint8_t *again;
	size_t len;

	if (!layout)
		return;
	ms_layout_report(layout);
	again = ms_layout_encode("layout", layout, &len);
	/* A table whose bytes ms-layout would not write has a document of another table: refused.
	 */
	if (again)
		fuzz_check(len == table->len && memcmp(again, table->data, len) == 0,
		           "the document is of another table");
}

static void judge(void *user)
{
	static const char text[] =
	    "[[protection_domains]]\nname = \"ping\"\nbinary = \"ping.c\"\npriority = 100\n"
	    "stack_bytes = 8192\n"
	    "[[protection_domains]]\nname = \"pong\"\nbinary = \"pong.c\"\npriority = 101\n"
	    "stack_bytes = 8192\n"
	    "[[protection_domains]]\nname = \"lone\"\nbinary = \"lone.c\"\npriority = 1\n"
	    "stack_bytes = 8192\n"
	    "[[channels]]\nname = \"c\"\nend_a = \"ping\"\nend_b = \"pong\"\nkind = \"ppc\"\n"
	    "id_a = 0\nid_b = 0\n"
	    "[[assertions]]\nonly = [\"ping\"]\nmay_call = \"pong\"\n"
	    "[[assertions]]\nnever = \"pong\"\nreaches = \"lone\"\n";
	const struct ms_buf *table = user;
	struct ms_source source = {.name = "spec", .text = text, .len = sizeof(text) - 1};
	struct ms_spec *spec = ms_spec_from_toml_quietly(&source);

	fuzz_check(spec != NULL, "the system is none");
	ms_layout_judge(spec, table->data, table->len);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	/* At a multiple of 8, as the root task has it, and no byte longer. */
	struct ms_buf table = {.data = malloc(size ? size : 1), .len = size};
	enum table_error error;

	memcpy(table.data, data, size);
	error = table_check(table.data, size);
	fuzz_check(table_error_text(error) != NULL, "an error without a text");
	if (error == TABLE_OK)
		read_records(table.data);
	fuzz_try(check_document, &table);
	fuzz_try(judge, &table);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_fields(data, size, room, seed, FUZZ_LITTLE);
}
