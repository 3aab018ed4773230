/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-elf.c - an ELF file of anybody: lib/both's view, the reduced form that goes into an archive,
 * image formats, and the names that ms-verify and ms-build diff look for.
 */
#include "host.h"
#include "mutate.h"

#include "base/mem.h"
#include "both/elf64.h"
#include "image/format.h"
#include "layout/strip.h"
#include "trust/compare_elf.h"
#include "trust/elf_names.h"

#include <stdlib.h>
#include <string.h>

void fuzz_once(void)
{
}

static void check_segments(const struct elf64 *elf)
{
	static const char *const names[] = {"_start",      "main", "bss",
	                                    "ki_boot_end", "",     "efi_entry"};
	uint64_t value, size;
	unsigned sum = 0;

	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);

		fuzz_check(s.offset <= elf->len && s.filesz <= elf->len - s.offset,
		           "a segment outside of the file");
		if (s.type != ELF64_PT_LOAD || !s.memsz)
			continue;
		fuzz_check(s.filesz <= s.memsz && s.vaddr >= elf->vaddr_start &&
		               s.vaddr + s.memsz <= elf->vaddr_end && s.paddr >= elf->paddr_start &&
		               s.paddr + s.memsz <= elf->paddr_end,
		           "a segment outside of the ranges");
		for (uint64_t k = 0; k < s.filesz; k += 64)
			sum += elf->data[s.offset + k];
	}
	fuzz_check(sum != 1u << 31, "no such sum"); /* the bytes were read */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		elf64_symbol(elf, names[i], &value, &size);
	elf64_has_symbols(elf);
}

/* Reduced once, it stays as it is, and loads the same. */
static void check_reduced(const struct elf64 *elf)
{
	struct ms_buf once = {0}, twice = {0};
	struct elf64 reduced;

	if (ms_strip(elf->data, elf->len, &once) != ELF64_OK)
		return;
	fuzz_check(elf64_open(&reduced, once.data, once.len) == ELF64_OK,
	           "the reduced form is none");
	fuzz_check(reduced.entry == elf->entry && reduced.vaddr_start == elf->vaddr_start &&
	               reduced.vaddr_end == elf->vaddr_end,
	           "the reduced form is another program");
	fuzz_check(ms_strip(once.data, once.len, &twice) == ELF64_OK && once.len == twice.len &&
	               memcmp(once.data, twice.data, once.len) == 0,
	           "the reduced form can be reduced");
}

static void check_formats(const struct elf64 *elf)
{
	struct ms_format_entry entry = {0};
	enum ms_image_format format;

	/* ms-link makes these of what it has linked itself, which is small and has no gaps. */
	if (elf->paddr_end - elf->paddr_start > 1u << 20 || !ms_format_look(elf, &entry))
		return;
	for (size_t i = 0; ms_format_names[i]; i++) {
		ms_format_find(ms_format_names[i], &format);
		if (format != MS_FORMAT_FIT)
			ms_format_bytes(format, elf, &entry);
	}
}

static void check_names(const uint8_t *data, size_t size)
{
	struct ms_elf_side a = {.data = data, .len = size}, b = a;
	uint8_t *changed = ms_alloc(size + 1, 1);
	json_t *list = json_array();

	a.has_names = ms_elf_names(data, size, &a.names);
	for (size_t i = 0; a.has_names && i < a.names.section_count; i++) {
		const struct ms_elf_section *s = &a.names.sections[i];

		fuzz_check(strlen(s->name) < size, "a name outside of the file");
		if (s->has_bytes)
			fuzz_check(s->offset <= size && s->size <= size - s->offset,
			           "a section outside of the file");
	}
	for (size_t i = 0; a.has_names && i < a.names.symbol_count; i++)
		fuzz_check(strlen(a.names.symbols[i].name) < size &&
		               a.names.symbols[i].section < a.names.section_count,
		           "a symbol outside of the file");
	if (a.has_names)
		ms_elf_symbol(&a.names, "main");
	memcpy(changed, data, size);
	for (size_t i = size / 3; i < size; i += size / 3 + 1)
		changed[i] ^= 1;
	b.data = changed;
	b.has_names = ms_elf_names(changed, size, &b.names);
	ms_compare_elf(list, "a.elf", &a, &b);
	ms_compare_text(list, "a", "b");
}

void fuzz_one(const uint8_t *data, size_t size)
{
	uint8_t *file = malloc(size ? size : 1);
	enum elf64_error error;
	struct elf64 elf;

	memcpy(file, data, size);
	error = elf64_open(&elf, file, size);
	fuzz_check(elf64_error_text(error) != NULL, "an error without a text");
	if (error == ELF64_OK) {
		check_segments(&elf);
		check_reduced(&elf);
		check_formats(&elf);
	}
	check_names(file, size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_fields(data, size, room, seed, FUZZ_LITTLE);
}
