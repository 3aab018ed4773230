/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eva-elf64.c - lib/both/elf64.c on files of any content: every function, lengths up to 600 bytes.
 */
#include "tests/proof/eva.h"

#include "both/elf64.c"

#define BYTES 600

static uint8_t file[BYTES];
static char name[40];

int main(void)
{
	struct elf64 elf;
	uint64_t value, size;

	UNKNOWN(file);
	UNKNOWN(name);
	name[sizeof(name) - 1] = '\0';
	elf64_error_text((enum elf64_error)Frama_C_interval(0, 20));
	if (elf64_open(&elf, file, Frama_C_size_t_interval(0, BYTES)) != ELF64_OK)
		return 1;
	unsigned i = Frama_C_unsigned_int_interval(0, ELF64_MAX_PHDR - 1);
	if (i < elf.phnum)
		elf64_segment(&elf, i);
	elf64_symbol(&elf, name, &value, &size);
	elf64_has_symbols(&elf);
	return 0;
}
