/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf64.h - a checked view of an ELF64 little-endian file in memory (System V ABI, ELF-64
 * object file format 1.5). Every offset is checked before it is used.
 *
 * Shared by host and board: no I/O, no allocation, errors are returned.
 */
#ifndef BOTH_ELF64_H
#define BOTH_ELF64_H

#include <stddef.h>
#include <stdint.h>

#define ELF64_EHDR       64
#define ELF64_PHDR       56
#define ELF64_SHDR       64
#define ELF64_ET_EXEC    2
#define ELF64_ET_DYN     3
#define ELF64_EM_AARCH64 183
#define ELF64_PT_LOAD    1
#define ELF64_PT_DYNAMIC 2
#define ELF64_PT_INTERP  3
#define ELF64_PF_X       1
#define ELF64_PF_W       2
#define ELF64_PF_R       4
#define ELF64_MAX_PHDR   64 /* more is refused */

enum elf64_error {
	ELF64_OK = 0,
	ELF64_ETRUNCATED, /* shorter than its headers say */
	ELF64_EMAGIC,     /* not ELF */
	ELF64_ECLASS,     /* not 64-bit */
	ELF64_EENDIAN,    /* not little-endian */
	ELF64_EVERSION,
	ELF64_EMACHINE, /* not AArch64 */
	ELF64_ETYPE,    /* not ET_EXEC */
	ELF64_EPHDR,    /* program headers missing, of a wrong size, too many or outside the file */
	ELF64_ESEGMENT, /* a segment outside the file, filesz > memsz, or past the address space */
	ELF64_EOVERLAP, /* two PT_LOAD segments share virtual addresses */
	ELF64_ENOLOAD,  /* no PT_LOAD segment with memory */
	ELF64_EENTRY,   /* entry outside every executable segment */
	ELF64_ESECTION, /* section headers outside the file, or a lying string table */
	ELF64_EAMBIGUOUS /* several symbols of that name, none of them global */
};

struct elf64 {
	const uint8_t *data;
	size_t len;
	uint64_t entry;
	uint64_t phoff;
	uint16_t phnum;
	/* over all PT_LOAD segments with memory: */
	uint64_t vaddr_start, vaddr_end; /* end exclusive */
	uint64_t paddr_start, paddr_end;
};

struct elf64_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

/*@ predicate readable(uint8_t *data, integer len) =
      len <= 0x7fffffffffffffff && (len > 0 ==> \valid_read(data + (0 .. len - 1)));
    predicate opened(struct elf64 *elf) =
      \valid_read(elf) && readable(elf->data, elf->len) && ELF64_EHDR <= elf->len &&
      elf->phnum <= ELF64_MAX_PHDR && elf->phoff + elf->phnum * ELF64_PHDR <= elf->len;
 */

/* Opens and checks a static AArch64 executable (everything above except sections). */
/*@ requires \valid(elf) && readable((uint8_t *)data, len);
    requires \separated(elf, (uint8_t *)data + (0 ..));
    assigns *elf;
    ensures \result == ELF64_OK ==> opened(elf) && elf->data == (uint8_t *)data && elf->len == len;
 */
enum elf64_error elf64_open(struct elf64 *elf, const void *data, size_t len);

/* Program header i (0..phnum-1), checked at open; offset is 0 where filesz is, and everything is
 * where type is. */
/*@ requires opened(elf) && i < elf->phnum;
    assigns \nothing;
 */
struct elf64_segment elf64_segment(const struct elf64 *elf, unsigned i);

/* Address and size of a defined symbol of .symtab by its name, a global one before local ones;
 * ELF64_ESECTION when there is none. */
/*@ requires opened(elf) && ends(name) && \valid(value) && \valid(size);
    requires \separated(value, size, elf, elf->data + (0 ..), name + (0 ..));
    assigns *value, *size;
 */
enum elf64_error elf64_symbol(const struct elf64 *elf, const char *name, uint64_t *value,
                              uint64_t *size);

/* Whether there is a .symtab that can be read, with a symbol in it. */
/*@ requires opened(elf);
    assigns \nothing;
 */
int elf64_has_symbols(const struct elf64 *elf);

const char *elf64_error_text(enum elf64_error error);

#endif
