/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eva-handoff.c - lib/both/handoff.c on a table of any content.
 */
#include "tests/proof/eva.h"

#include "both/handoff.c"

int main(void)
{
	static struct handoff_table table;

	UNKNOWN(table);
	return handoff_fault(&table) != NULL;
}
