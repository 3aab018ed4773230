/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * format.c - the flat image and what is put around it. See format.h.
 */
#include "image/format.h"
#include "both/handoff.h"
#include "plan/loader_sources.h"

#include <string.h>

const char *const ms_format_names[MS_FORMATS + 1] = {"elf", "raw", "image", "fit", "efi", NULL};

bool ms_format_find(const char *name, enum ms_image_format *format)
{
	for (unsigned i = 0; i < MS_FORMATS; i++) {
		if (strcmp(ms_format_names[i], name) == 0) {
			*format = (enum ms_image_format)i;
			return true;
		}
	}
	return false;
}

const char *ms_format_path(enum ms_image_format format)
{
	static const char *const paths[MS_FORMATS] = {
	    "build/system-image.elf", "build/system-image.raw", "build/system-image.Image",
	    "build/system-image.itb", "build/system-image.efi"};

	return paths[format];
}

static void le(uint8_t *p, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

/* -- the flat image ------------------------------------------------------------------------ */

static uint8_t *zeroes(struct ms_buf *buf, size_t len)
{
	buf->data = ms_alloc(1, len);
	buf->len = len;
	return (uint8_t *)buf->data;
}

/* Everything from the first segment to the last one's end, whole pages; before: bytes kept free
 * in front of it. */
static uint8_t *flatten(struct ms_buf *buf, const struct elf64 *elf, size_t before)
{
	uint64_t size = elf->paddr_end - elf->paddr_start;
	uint8_t *flat;

	size = (size + HANDOFF_PAGE - 1) & ~(uint64_t)(HANDOFF_PAGE - 1);
	flat = zeroes(buf, before + (size_t)size) + before;
	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);

		if (s.type == ELF64_PT_LOAD && s.filesz)
			memcpy(flat + (s.paddr - elf->paddr_start), elf->data + s.offset, s.filesz);
	}
	return flat;
}

/* -- arm64 Linux Image (Documentation/arch/arm64/booting.rst) ------------------------------- */

#define HEADER             64 /* bytes; the loader begins with a branch over them */
#define IMAGE_TEXT_OFFSET  8
#define IMAGE_SIZE         16
#define IMAGE_FLAGS        24
#define IMAGE_MAGIC        56
#define FLAG_PAGE_4K       (1u << 1)
#define FLAG_ANYWHERE      (1u << 3) /* any 2 MiB in memory, not only near its start */
#define BRANCH(w)          ((w) >> 26 == 5u)
#define BRANCH_OFFSET(w)   (((w)&0x3ffffff) * 4u)
#define BRANCH_OVER_HEADER HEADER

static void put_header(uint8_t *flat, uint64_t size)
{
	le(flat + IMAGE_TEXT_OFFSET, 0, 8);
	le(flat + IMAGE_SIZE, size, 8);
	le(flat + IMAGE_FLAGS, FLAG_PAGE_4K | FLAG_ANYWHERE, 8);
	memcpy(flat + IMAGE_MAGIC, "ARM\x64", 4);
}

/* -- EFI application (UEFI 2.10 chapter 2, PE format) ---------------------------------------- */

#define PE_OFFSET   0x40 /* of the PE header */
#define PE_OPTIONAL (PE_OFFSET + 24)
#define PE_SECTION  (PE_OPTIONAL + 160)
#define PE_HEADERS  0x1000 /* bytes in front of the section: a page, in file and memory */

static const struct {
	unsigned offset, size;
	uint64_t value;
} pe_fields[] = {
    {0, 2, 0x5a4d}, /* "MZ" */
    {0x3c, 4, PE_OFFSET},
    {PE_OFFSET, 4, 0x4550},     /* "PE" */
    {PE_OFFSET + 4, 2, 0xaa64}, /* for AArch64 */
    {PE_OFFSET + 6, 2, 1},      /* section */
    {PE_OFFSET + 20, 2, 160},   /* bytes of the optional header */
    {PE_OFFSET + 22, 2, 0x22e}, /* executable; no line numbers, symbols, debug data; any address */
    {PE_OPTIONAL, 2, 0x20b},    /* PE32+ */
    {PE_OPTIONAL + 20, 4, PE_HEADERS}, /* where code begins */
    {PE_OPTIONAL + 32, 4, 0x1000},     /* section alignment in memory */
    {PE_OPTIONAL + 36, 4, 0x1000},     /* and in the file */
    {PE_OPTIONAL + 60, 4, PE_HEADERS},
    {PE_OPTIONAL + 68, 2, 10},    /* EFI application */
    {PE_OPTIONAL + 70, 2, 0x100}, /* nothing is executed that may be written */
    {PE_OPTIONAL + 108, 4, 6},    /* data directories, all empty: no relocations are needed */
    {PE_SECTION + 12, 4, PE_HEADERS},
    {PE_SECTION + 20, 4, PE_HEADERS},
    {PE_SECTION + 36, 4, 0x60000020}, /* code, to be read and executed */
};

/* These depend on the image. */
static void put_pe(uint8_t *file, uint64_t size, uint64_t entry)
{
	for (size_t i = 0; i < sizeof(pe_fields) / sizeof(pe_fields[0]); i++)
		le(file + pe_fields[i].offset, pe_fields[i].value, pe_fields[i].size);
	le(file + PE_OPTIONAL + 4, size, 4); /* bytes of code */
	le(file + PE_OPTIONAL + 16, PE_HEADERS + entry, 4);
	le(file + PE_OPTIONAL + 56, PE_HEADERS + size, 4); /* bytes in memory */
	memcpy(file + PE_SECTION, ".text", 5);
	le(file + PE_SECTION + 8, size, 4);
	le(file + PE_SECTION + 16, size, 4);
}

/* -- all of them --------------------------------------------------------------------------- */

bool ms_format_look(const struct elf64 *loader, struct ms_format_entry *entry)
{
	uint64_t efi = 0, size;

	if (elf64_symbol(loader, "boot_efi", &efi, &size) != ELF64_OK ||
	    efi < loader->paddr_start || efi >= loader->paddr_start + HANDOFF_LOADER_MAX)
		return false;
	entry->efi = efi - loader->paddr_start;
	for (unsigned i = 0; i < loader->phnum; i++) {
		struct elf64_segment s = elf64_segment(loader, i);
		const uint8_t *p = loader->data + s.offset;
		uint32_t word;

		if (s.type != ELF64_PT_LOAD || s.paddr != loader->paddr_start || s.filesz < HEADER)
			continue;
		word = (uint32_t)(p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24);
		return BRANCH(word) && BRANCH_OFFSET(word) == BRANCH_OVER_HEADER;
	}
	return false;
}

struct ms_buf ms_format_bytes(enum ms_image_format format, const struct elf64 *image,
                              const struct ms_format_entry *entry)
{
	struct ms_buf out = {0};
	uint8_t *flat;

	switch (format) {
	case MS_FORMAT_ELF: ms_buf_add(&out, image->data, image->len); break;
	case MS_FORMAT_RAW: flatten(&out, image, 0); break;
	case MS_FORMAT_IMAGE:
		flat = flatten(&out, image, 0);
		put_header(flat, out.len);
		break;
	case MS_FORMAT_EFI:
		flat = flatten(&out, image, PE_HEADERS);
		put_pe(flat - PE_HEADERS, out.len - PE_HEADERS, entry->efi);
		break;
	case MS_FORMAT_FIT:
	case MS_FORMATS: break;
	}
	return out;
}
