/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf_names.h - what the bytes of an ELF file are called: its sections and symbols. Of files that
 * anybody may have written; executables and objects.
 */
#ifndef MS_TRUST_ELF_NAMES_H
#define MS_TRUST_ELF_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ms_elf_section {
	const char *name;
	uint64_t addr, size, offset;
	bool loaded;    /* it takes up memory */
	bool has_bytes; /* in the file: [offset, offset + size) */
};

struct ms_elf_symbol {
	const char *name;
	uint64_t value, size;
	size_t section; /* its index */
};

/* Names are borrowed from the file's bytes. */
struct ms_elf_names {
	struct ms_elf_section *sections;
	size_t section_count;
	struct ms_elf_symbol *symbols; /* functions and data that the file defines, by value */
	size_t symbol_count;
};

/* False when the bytes are no 64-bit little-endian ELF file with whole section headers. One
 * without symbols has none. */
bool ms_elf_names(const void *data, size_t len, struct ms_elf_names *names);

/* The symbol of that name, or NULL. */
const struct ms_elf_symbol *ms_elf_symbol(const struct ms_elf_names *names, const char *name);

#endif
