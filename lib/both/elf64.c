/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf64.c - a checked view of an ELF64 little-endian file (System V ABI, ELF-64 object file
 * format 1.5). Fields are read byte by byte: the file may lie at any address.
 */
#include "both/elf64.h"

#include <string.h>

#define SHT_SYMTAB 2
#define SHT_STRTAB 3
#define SYMBOL     24
#define SHN_UNDEF  0
#define STB_LOCAL  0

/*@ requires bytes <= 8 && \valid_read(p + (0 .. bytes - 1));
    assigns \nothing;
 */
static uint64_t read_le(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	/*@ loop invariant 0 <= i <= bytes;
	    loop assigns i, value;
	    loop variant i;
	 */
	for (unsigned i = bytes; i > 0; i--)
		value = value << 8 | p[i - 1];
	return value;
}

/*@ requires \valid_read(p + (0 .. 1));
    assigns \nothing;
 */
static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)read_le(p, 2);
}

/*@ requires \valid_read(p + (0 .. 3));
    assigns \nothing;
 */
static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)read_le(p, 4);
}

/*@ requires \valid_read(p + (0 .. 7));
    assigns \nothing;
 */
static uint64_t le64(const uint8_t *p)
{
	return read_le(p, 8);
}

/* True when [offset, offset + size) lies inside len bytes. */
/*@ assigns \nothing;
    ensures \result != 0 <==> offset + size <= len;
 */
static int inside(uint64_t offset, uint64_t size, uint64_t len)
{
	return offset <= len && size <= len - offset;
}

/*@ requires readable(d, len);
    assigns \nothing;
    ensures \result == ELF64_OK ==> len >= ELF64_EHDR;
 */
static enum elf64_error check_ident(const uint8_t *d, size_t len)
{
	if (len < 4 || memcmp(d, "\177ELF", 4) != 0)
		return len < 4 ? ELF64_ETRUNCATED : ELF64_EMAGIC;
	if (len < ELF64_EHDR)
		return ELF64_ETRUNCATED;
	if (d[4] != 2)
		return ELF64_ECLASS;
	if (d[5] != 1)
		return ELF64_EENDIAN;
	if (d[6] != 1 || le32(d + 20) != 1)
		return ELF64_EVERSION;
	if (le16(d + 18) != ELF64_EM_AARCH64)
		return ELF64_EMACHINE;
	if (le16(d + 16) != ELF64_ET_EXEC)
		return ELF64_ETYPE;
	return ELF64_OK;
}

/*@ requires \valid_read(elf) && \valid_read(s);
    assigns \nothing;
 */
static enum elf64_error check_segment(const struct elf64 *elf, const struct elf64_segment *s)
{
	/* A program that asks for a dynamic linker is not a static one, whatever e_type says. */
	if (s->type == ELF64_PT_INTERP || s->type == ELF64_PT_DYNAMIC)
		return ELF64_ETYPE;
	if (s->type == 0)
		return ELF64_OK;
	if (!inside(s->offset, s->filesz, elf->len))
		return ELF64_ESEGMENT;
	if (s->type != ELF64_PT_LOAD)
		return ELF64_OK;
	if (s->filesz > s->memsz || s->memsz > UINT64_MAX - s->vaddr ||
	    s->memsz > UINT64_MAX - s->paddr)
		return ELF64_ESEGMENT;
	return ELF64_OK;
}

/*@ requires \valid_read(s);
    assigns \nothing;
 */
static int is_load(const struct elf64_segment *s)
{
	return s->type == ELF64_PT_LOAD && s->memsz > 0;
}

/*@ requires opened(elf) && i < elf->phnum;
    assigns \nothing;
 */
static enum elf64_error check_overlap(const struct elf64 *elf, unsigned i)
{
	struct elf64_segment a = elf64_segment(elf, i);

	/*@ loop invariant 0 <= k <= i;
	    loop assigns k;
	    loop variant i - k;
	 */
	for (unsigned k = 0; k < i; k++) {
		struct elf64_segment b = elf64_segment(elf, k);
		if (is_load(&b) && a.vaddr < b.vaddr + b.memsz && b.vaddr < a.vaddr + a.memsz)
			return ELF64_EOVERLAP;
	}
	return ELF64_OK;
}

/*@ requires \valid(elf) && \valid_read(s) && \separated(elf, s);
    assigns elf->vaddr_start, elf->vaddr_end, elf->paddr_start, elf->paddr_end;
 */
static void widen(struct elf64 *elf, const struct elf64_segment *s)
{
	if (s->vaddr < elf->vaddr_start)
		elf->vaddr_start = s->vaddr;
	if (s->vaddr + s->memsz > elf->vaddr_end)
		elf->vaddr_end = s->vaddr + s->memsz;
	if (s->paddr < elf->paddr_start)
		elf->paddr_start = s->paddr;
	if (s->paddr + s->memsz > elf->paddr_end)
		elf->paddr_end = s->paddr + s->memsz;
}

enum elf64_error elf64_open(struct elf64 *elf, const void *data, size_t len)
{
	const uint8_t *d = data;
	enum elf64_error error = check_ident(d, len);

	if (error != ELF64_OK)
		return error;
	*elf = (struct elf64){.data = d,
	                      .len = len,
	                      .entry = le64(d + 24),
	                      .phoff = le64(d + 32),
	                      .phnum = le16(d + 56),
	                      .vaddr_start = UINT64_MAX,
	                      .paddr_start = UINT64_MAX};
	if (le16(d + 54) != ELF64_PHDR || elf->phnum == 0 || elf->phnum > ELF64_MAX_PHDR ||
	    !inside(elf->phoff, (uint64_t)elf->phnum * ELF64_PHDR, len))
		return ELF64_EPHDR;

	int entry_found = 0;
	/*@ loop invariant 0 <= i <= elf->phnum;
	    loop invariant opened(elf) && elf->data == (uint8_t *)data && elf->len == len;
	    loop assigns i, error, entry_found, *elf;
	    loop variant elf->phnum - i;
	 */
	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);
		error = check_segment(elf, &s);
		if (error != ELF64_OK)
			return error;
		if (!is_load(&s))
			continue;
		error = check_overlap(elf, i);
		if (error != ELF64_OK)
			return error;
		widen(elf, &s);
		if ((s.flags & ELF64_PF_X) && elf->entry >= s.vaddr &&
		    elf->entry - s.vaddr < s.memsz)
			entry_found = 1;
	}
	if (elf->vaddr_start > elf->vaddr_end)
		return ELF64_ENOLOAD;
	return entry_found ? ELF64_OK : ELF64_EENTRY;
}

struct elf64_segment elf64_segment(const struct elf64 *elf, unsigned i)
{
	const uint8_t *p = elf->data + elf->phoff + (size_t)i * ELF64_PHDR;

	struct elf64_segment segment = {
	    .type = le32(p),
	    .flags = le32(p + 4),
	    .offset = le64(p + 8),
	    .vaddr = le64(p + 16),
	    .paddr = le64(p + 24),
	    .filesz = le64(p + 32),
	    .memsz = le64(p + 40),
	    .align = le64(p + 48),
	};

	/* An unused one may hold anything. */
	if (segment.type == 0)
		return (struct elf64_segment){0};
	/* GNU ld lets the offset of a segment without data point behind the file. */
	if (segment.filesz == 0)
		segment.offset = 0;
	return segment;
}

struct section {
	uint32_t type, link;
	uint64_t offset, size, entsize;
};

/*@ predicate section_inside(struct elf64 *elf, struct section *s) =
      s->offset + s->size <= elf->len;
 */

/* The section whose header p is. */
/*@ requires \valid_read(p + (0 .. ELF64_SHDR - 1));
    assigns \nothing;
 */
static struct section section_at(const uint8_t *p)
{
	return (struct section){
	    .type = le32(p + 4),
	    .link = le32(p + 40),
	    .offset = le64(p + 24),
	    .size = le64(p + 32),
	    .entsize = le64(p + 56),
	};
}

/* True when the string at offset of the table is name; never reads past the table. */
/*@ requires opened(elf) && \valid_read(table) && section_inside(elf, table);
    requires name_size > 0 && \valid_read(name + (0 .. name_size - 1));
    assigns \nothing;
 */
static int string_is(const struct elf64 *elf, const struct section *table, uint32_t offset,
                     const char *name, size_t name_size)
{
	return inside(offset, name_size, table->size) &&
	       memcmp(elf->data + table->offset + offset, name, name_size) == 0;
}

/* The one that is defined, the global one before those of single files. */
/*@ requires opened(elf) && ends(name) && \valid(value) && \valid(size);
    requires \valid_read(symbols) && \valid_read(strings);
    requires section_inside(elf, symbols) && section_inside(elf, strings);
    requires \separated(value, size, symbols, strings, elf, elf->data + (0 ..), name + (0 ..));
    assigns *value, *size;
 */
static enum elf64_error find_in(const struct elf64 *elf, const struct section *symbols,
                                const struct section *strings, const char *name, uint64_t *value,
                                uint64_t *size)
{
	size_t name_size = strlen(name) + 1;
	unsigned locals = 0;

	/*@ loop invariant 0 <= at <= symbols->size;
	    loop assigns at, locals, *value, *size;
	    loop variant symbols->size - at;
	 */
	for (uint64_t at = 0; at + SYMBOL <= symbols->size; at += SYMBOL) {
		const uint8_t *p = elf->data + symbols->offset + at;

		if (le16(p + 6) == SHN_UNDEF || !string_is(elf, strings, le32(p), name, name_size))
			continue;
		*value = le64(p + 8);
		*size = le64(p + 16);
		if (p[4] >> 4 != STB_LOCAL)
			return ELF64_OK;
		locals++;
	}
	return locals == 0 ? ELF64_ESECTION : locals == 1 ? ELF64_OK : ELF64_EAMBIGUOUS;
}

/* The symbol table and its names; ELF64_ESECTION when there is none that can be read. */
/*@ requires opened(elf) && \valid(symbols) && \valid(strings);
    requires \separated(symbols, strings, elf);
    assigns *symbols, *strings;
    ensures \result == ELF64_OK ==> section_inside(elf, symbols) && section_inside(elf, strings);
 */
static enum elf64_error find_tables(const struct elf64 *elf, struct section *symbols,
                                    struct section *strings)
{
	uint16_t count = le16(elf->data + 60);
	uint64_t headers = le64(elf->data + 40);

	if (count == 0 || le16(elf->data + 58) != ELF64_SHDR ||
	    !inside(headers, (uint64_t)count * ELF64_SHDR, elf->len))
		return ELF64_ESECTION;
	/*@ loop invariant 0 <= i <= count;
	    loop assigns i, *symbols, *strings;
	    loop variant count - i;
	 */
	for (unsigned i = 0; i < count; i++) {
		*symbols = section_at(elf->data + headers + (size_t)i * ELF64_SHDR);
		if (symbols->type != SHT_SYMTAB)
			continue;
		if (symbols->entsize != SYMBOL || symbols->link >= count ||
		    !inside(symbols->offset, symbols->size, elf->len))
			return ELF64_ESECTION;
		*strings = section_at(elf->data + headers + (size_t)symbols->link * ELF64_SHDR);
		if (strings->type != SHT_STRTAB ||
		    !inside(strings->offset, strings->size, elf->len))
			return ELF64_ESECTION;
		return ELF64_OK;
	}
	return ELF64_ESECTION;
}

enum elf64_error elf64_symbol(const struct elf64 *elf, const char *name, uint64_t *value,
                              uint64_t *size)
{
	struct section symbols, strings;
	enum elf64_error error = find_tables(elf, &symbols, &strings);

	return error == ELF64_OK ? find_in(elf, &symbols, &strings, name, value, size) : error;
}

int elf64_has_symbols(const struct elf64 *elf)
{
	struct section symbols, strings;

	return find_tables(elf, &symbols, &strings) == ELF64_OK && symbols.size > SYMBOL;
}

const char *elf64_error_text(enum elf64_error error)
{
	switch (error) {
	case ELF64_OK: return "no error";
	case ELF64_ETRUNCATED: return "file is shorter than its headers say";
	case ELF64_EMAGIC: return "not an ELF file";
	case ELF64_ECLASS: return "not a 64-bit ELF file";
	case ELF64_EENDIAN: return "not little-endian";
	case ELF64_EVERSION: return "unknown ELF version";
	case ELF64_EMACHINE: return "not for AArch64";
	case ELF64_ETYPE: return "not a static executable";
	case ELF64_EPHDR: return "bad program headers";
	case ELF64_ESEGMENT: return "a segment lies outside the file or the address space";
	case ELF64_EOVERLAP: return "two segments overlap";
	case ELF64_ENOLOAD: return "nothing to load";
	case ELF64_EENTRY: return "entry point outside every executable segment";
	case ELF64_ESECTION: return "no such symbol, or bad section headers";
	case ELF64_EAMBIGUOUS: return "several symbols of that name";
	}
	return "unknown";
}
