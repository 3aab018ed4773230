/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eva-table.c - lib/both/table.c on a table of any content, 4,096 bytes long.
 */
#include "tests/proof/eva.h"

#include "both/table.c"

#define WORDS 512

static uint64_t table[WORDS];

int main(void)
{
	UNKNOWN(table);
	table_error_text((enum table_error)Frama_C_interval(0, 20));
	if (table_check(table, Frama_C_size_t_interval(0, sizeof(table))) != TABLE_OK)
		return 1;
	enum table_section section = (enum table_section)Frama_C_interval(0, TABLE_SECTIONS - 1);
	table_record_size(section);
	if (table_count(table, section) > 0)
		table_record(table, section, 0);
	return 0;
}
