/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eva-newc.c - lib/both/newc.c on archives of any content: every function, lengths up to 600 bytes.
 */
#include "tests/proof/eva.h"

#include "both/newc.c"

#define BYTES 600

static uint8_t archive[BYTES], header[NEWC_HEADER + NEWC_MAX_NAME + 3];
static char name[300];

int main(void)
{
	struct newc_entry entry;
	uint64_t next;
	size_t len = Frama_C_size_t_interval(0, BYTES);
	size_t offset = any_size;
	uint64_t start = any_size;
	uint32_t number = any_word;

	UNKNOWN(archive);
	UNKNOWN(name);
	name[sizeof(name) - 1] = '\0';
	newc_header(archive, len, start, &entry, &next);
	newc_next(archive, len, &offset, &entry);
	newc_find(archive, len, name, &entry);
	newc_name_field(start, name, number);
	newc_write_header(header, name, any_size, number, number);
	newc_status_text((enum newc_status)Frama_C_interval(-6, 2));
	return 0;
}
