/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elf_names.c - section headers and symbol tables, with every offset checked.
 */
#include "trust/elf_names.h"

#include "base/mem.h"
#include "both/elf64.h"
#include "trust/little.h"

#include <stdlib.h>
#include <string.h>

#define SYMBOL      24 /* bytes of an Elf64_Sym */
#define SYMBOLS_MAX 1000000

enum { SHT_SYMTAB = 2, SHT_NOBITS = 8, SHF_ALLOC = 2 };
enum { STT_OBJECT = 1, STT_FUNC = 2, STT_SECTION = 3, STT_FILE = 4 };

/* [offset, offset + size) of the file, or NULL. */
static const uint8_t *piece(const uint8_t *data, size_t len, uint64_t offset, uint64_t size)
{
	return offset <= len && size <= len - offset ? data + offset : NULL;
}

/* A string of a table that ends in NUL; "" where there is none. */
static const char *string_at(const uint8_t *table, uint64_t size, uint64_t offset)
{
	return table && size && table[size - 1] == '\0' && offset < size
	           ? (const char *)table + offset
	           : "";
}

struct header {
	uint32_t name, type, link;
	uint64_t flags, addr, offset, size;
};

static struct header header_at(const uint8_t *at)
{
	return (struct header){
	    .name = (uint32_t)ms_little(at, 4),
	    .type = (uint32_t)ms_little(at + 4, 4),
	    .flags = ms_little(at + 8, 8),
	    .addr = ms_little(at + 16, 8),
	    .offset = ms_little(at + 24, 8),
	    .size = ms_little(at + 32, 8),
	    .link = (uint32_t)ms_little(at + 40, 4),
	};
}

static int by_value(const void *pa, const void *pb)
{
	const struct ms_elf_symbol *a = pa, *b = pb;

	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void read_symbols(const uint8_t *data, size_t len, const struct header *table,
                         const struct header *strings, struct ms_elf_names *names)
{
	const uint8_t *at = piece(data, len, table->offset, table->size);
	const uint8_t *text = piece(data, len, strings->offset, strings->size);
	size_t count = at ? table->size / SYMBOL : 0;

	if (count > SYMBOLS_MAX)
		count = SYMBOLS_MAX;
	names->symbols = ms_alloc(count + 1, sizeof(*names->symbols));
	for (size_t i = 0; i < count; i++, at += SYMBOL) {
		struct ms_elf_symbol *s = &names->symbols[names->symbol_count];
		unsigned type = at[4] & 15u;

		s->name = string_at(text, strings->size, ms_little(at, 4));
		s->section = (size_t)ms_little(at + 6, 2);
		s->value = ms_little(at + 8, 8);
		s->size = ms_little(at + 16, 8);
		/* "$x" and "$d" only tell code from data. */
		if (s->section && s->section < names->section_count && *s->name &&
		    s->name[0] != '$' && type != STT_SECTION && type != STT_FILE)
			names->symbol_count++;
	}
	if (names->symbol_count)
		qsort(names->symbols, names->symbol_count, sizeof(*names->symbols), by_value);
}

bool ms_elf_names(const void *bytes, size_t len, struct ms_elf_names *names)
{
	const uint8_t *data = bytes, *headers, *text;
	struct header strings;
	size_t count, index;

	memset(names, 0, sizeof(*names));
	if (len < ELF64_EHDR || memcmp(data, "\177ELF\2\1", 6) != 0)
		return false;
	count = (size_t)ms_little(data + 60, 2);
	index = (size_t)ms_little(data + 62, 2);
	headers = piece(data, len, ms_little(data + 40, 8), (uint64_t)count * ELF64_SHDR);
	if (ms_little(data + 58, 2) != ELF64_SHDR || !headers || index >= count)
		return false;
	strings = header_at(headers + index * ELF64_SHDR);
	text = piece(data, len, strings.offset, strings.size);
	names->section_count = count;
	names->sections = ms_alloc(count, sizeof(*names->sections));
	for (size_t i = 0; i < count; i++) {
		struct header h = header_at(headers + i * ELF64_SHDR);
		struct ms_elf_section *s = &names->sections[i];

		s->name = string_at(text, strings.size, h.name);
		s->addr = h.addr;
		s->size = h.size;
		s->offset = h.offset;
		s->loaded = (h.flags & SHF_ALLOC) != 0;
		s->has_bytes = h.type != SHT_NOBITS && piece(data, len, h.offset, h.size) != NULL;
	}
	for (size_t i = 0; i < count && !names->symbols; i++) {
		struct header h = header_at(headers + i * ELF64_SHDR);

		if (h.type == SHT_SYMTAB && h.link < count) {
			strings = header_at(headers + h.link * ELF64_SHDR);
			read_symbols(data, len, &h, &strings, names);
		}
	}
	return true;
}

const struct ms_elf_symbol *ms_elf_symbol(const struct ms_elf_names *names, const char *name)
{
	for (size_t i = 0; i < names->symbol_count; i++) {
		if (strcmp(names->symbols[i].name, name) == 0)
			return &names->symbols[i];
	}
	return NULL;
}
