/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make-elf.h - small AArch64 executables for tests, written field by field into zeroed bytes: the
 * ELF header, program headers right behind it, sections and symbols where a test wants them.
 */
#ifndef TESTS_MAKE_ELF_H
#define TESTS_MAKE_ELF_H

#include "both/elf64.h"

#include <stdint.h>
#include <string.h>

#define MAKE_SYMBOL 24 /* bytes of a symbol */

static inline void make_le(uint8_t *p, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static inline void make_header(uint8_t *file, uint64_t entry, unsigned segments)
{
	memcpy(file, "\177ELF\2\1\1", 7);
	make_le(file + 16, ELF64_ET_EXEC, 2);
	make_le(file + 18, ELF64_EM_AARCH64, 2);
	make_le(file + 20, 1, 4);
	make_le(file + 24, entry, 8);
	make_le(file + 32, ELF64_EHDR, 8);
	make_le(file + 52, ELF64_EHDR, 2);
	make_le(file + 54, ELF64_PHDR, 2);
	make_le(file + 56, segments, 2);
}

/* Program header i; type 0 stands for PT_LOAD. */
static inline void make_segment(uint8_t *file, unsigned i, const struct elf64_segment *s)
{
	uint8_t *p = file + ELF64_EHDR + (size_t)i * ELF64_PHDR;

	make_le(p, s->type ? s->type : ELF64_PT_LOAD, 4);
	make_le(p + 4, s->flags, 4);
	make_le(p + 8, s->offset, 8);
	make_le(p + 16, s->vaddr, 8);
	make_le(p + 24, s->paddr, 8);
	make_le(p + 32, s->filesz, 8);
	make_le(p + 40, s->memsz, 8);
	make_le(p + 48, s->align, 8);
}

/* Three section headers at an offset: none, the symbol table, its names. */
static inline void make_sections(uint8_t *file, uint64_t at, uint64_t symbols, uint64_t count,
                                 uint64_t names, uint64_t names_size)
{
	uint8_t *p = file + at + ELF64_SHDR;

	make_le(file + 40, at, 8);
	make_le(file + 58, ELF64_SHDR, 2);
	make_le(file + 60, 3, 2);
	make_le(p + 4, 2, 4); /* SHT_SYMTAB */
	make_le(p + 24, symbols, 8);
	make_le(p + 32, count * MAKE_SYMBOL, 8);
	make_le(p + 40, 2, 4);
	make_le(p + 44, 1, 4);
	make_le(p + 48, 8, 8);
	make_le(p + 56, MAKE_SYMBOL, 8);
	p += ELF64_SHDR;
	make_le(p + 4, 3, 4); /* SHT_STRTAB */
	make_le(p + 24, names, 8);
	make_le(p + 32, names_size, 8);
	make_le(p + 48, 8, 8);
}

/* A global object of section 1. */
static inline void make_symbol(uint8_t *p, uint32_t name, uint64_t value, uint64_t size)
{
	make_le(p, name, 4);
	p[4] = 0x11;
	make_le(p + 6, 1, 2);
	make_le(p + 8, value, 8);
	make_le(p + 16, size, 8);
}

#endif
