/* SPDX-License-Identifier: BSD-2-Clause */
/* test-elf64.c - lib/both/elf64: a small executable made here, then every way to spoil it. */
#include "both/elf64.h"

#include "hostile.h"
#include "make-elf.h"
#include "tap.h"

#define PHDRS    2
#define STRTAB   (ELF64_EHDR + PHDRS * ELF64_PHDR + 16)
#define SYMTAB   (STRTAB + 16)
#define SECTIONS (SYMTAB + 48)
#define SIZE     (SECTIONS + 3 * ELF64_SHDR)

static uint8_t file[SIZE];

static void put(size_t at, unsigned bytes, uint64_t value)
{
	make_le(file + at, value, bytes);
}

static void put_segment(unsigned i, uint32_t flags, uint64_t offset, uint64_t addr, uint64_t filesz,
                        uint64_t memsz)
{
	make_segment(file, i,
	             &(struct elf64_segment){.flags = flags,
	                                     .offset = offset,
	                                     .vaddr = addr,
	                                     .paddr = addr - 0x1000,
	                                     .filesz = filesz,
	                                     .memsz = memsz,
	                                     .align = 4096});
}

static void put_section(unsigned i, uint32_t type, uint64_t offset, uint64_t size, uint32_t link,
                        uint64_t entsize)
{
	size_t at = SECTIONS + (size_t)i * ELF64_SHDR;

	put(at + 4, 4, type);
	put(at + 24, 8, offset);
	put(at + 32, 8, size);
	put(at + 40, 4, link);
	put(at + 56, 8, entsize);
}

static void make(void)
{
	memset(file, 0, sizeof(file));
	make_header(file, 0x401008, PHDRS);
	put_segment(0, ELF64_PF_R | ELF64_PF_X, ELF64_EHDR + PHDRS * ELF64_PHDR, 0x401000, 16, 16);
	/* Without data an offset may be anything; GNU ld writes such ones. */
	put_segment(1, ELF64_PF_R | ELF64_PF_W, SIZE + 0x1000, 0x402000, 0, 0x2345);
	memcpy(file + STRTAB, "\0first\0second", 14);
	put(SYMTAB, 4, 1);
	put(SYMTAB + 6, 2, 1);
	put(SYMTAB + 8, 8, 0x401000);
	put(SYMTAB + 24, 4, 7);
	put(SYMTAB + 30, 2, 1);
	put(SYMTAB + 32, 8, 0x402000);
	put(SYMTAB + 40, 8, 0x45);
	make_sections(file, SECTIONS, SYMTAB, 2, STRTAB, 14);
}

static enum elf64_error open_file(void)
{
	struct elf64 elf;

	return elf64_open(&elf, file, sizeof(file));
}

/* Opens, reads what every segment points at, and looks for a symbol. */
static int read_all(const uint8_t *data, size_t len)
{
	struct elf64 elf;
	uint64_t value, size;
	unsigned sum = 0;

	if (elf64_open(&elf, data, len) != ELF64_OK)
		return 0;
	for (unsigned i = 0; i < elf.phnum; i++) {
		struct elf64_segment s = elf64_segment(&elf, i);
		for (uint64_t k = 0; s.type == ELF64_PT_LOAD && k < s.filesz; k++)
			sum += data[s.offset + k];
	}
	return sum < UINT32_MAX && elf64_symbol(&elf, "second", &value, &size) == ELF64_OK;
}

struct damage {
	size_t at;
	unsigned bytes;
	uint64_t value;
	enum elf64_error want;
	const char *name;
};

static const struct damage damages[] = {
    {0, 1, 0, ELF64_EMAGIC, "magic"},
    {4, 1, 1, ELF64_ECLASS, "32-bit"},
    {5, 1, 2, ELF64_EENDIAN, "big-endian"},
    {6, 1, 0, ELF64_EVERSION, "ident version"},
    {20, 4, 2, ELF64_EVERSION, "file version"},
    {18, 2, 62, ELF64_EMACHINE, "x86-64"},
    {16, 2, ELF64_ET_DYN, ELF64_ETYPE, "shared object"},
    {ELF64_EHDR, 4, ELF64_PT_INTERP, ELF64_ETYPE, "asks for an interpreter"},
    {ELF64_EHDR, 4, ELF64_PT_DYNAMIC, ELF64_ETYPE, "dynamic section"},
    {54, 2, 32, ELF64_EPHDR, "program header size"},
    {56, 2, 0, ELF64_EPHDR, "no program headers"},
    {56, 2, 65, ELF64_EPHDR, "too many program headers"},
    {32, 8, SIZE - 111, ELF64_EPHDR, "program headers past the end"},
    {32, 8, UINT64_MAX, ELF64_EPHDR, "program headers far outside"},
    {ELF64_EHDR + 8, 8, SIZE - 15, ELF64_ESEGMENT, "segment past the end"},
    {ELF64_EHDR + 8, 8, UINT64_MAX, ELF64_ESEGMENT, "segment far outside"},
    {ELF64_EHDR + 40, 8, 15, ELF64_ESEGMENT, "filesz over memsz"},
    {ELF64_EHDR + 16, 8, UINT64_MAX - 14, ELF64_ESEGMENT, "virtual wrap"},
    {ELF64_EHDR + 24, 8, UINT64_MAX - 14, ELF64_ESEGMENT, "physical wrap"},
    {ELF64_EHDR + ELF64_PHDR + 16, 8, 0x40100f, ELF64_EOVERLAP, "overlap"},
    {24, 8, 0x401010, ELF64_EENTRY, "entry behind the code"},
    {24, 8, 0x402000, ELF64_EENTRY, "entry in data"},
};

static void test_open(void)
{
	struct elf64 elf;

	make();
	ok(elf64_open(&elf, file, sizeof(file)) == ELF64_OK, "a sound file opens");
	ok(elf.entry == 0x401008 && elf.phnum == 2, "entry and count");
	ok(elf.vaddr_start == 0x401000 && elf.vaddr_end == 0x404345, "virtual range");
	ok(elf.paddr_start == 0x400000 && elf.paddr_end == 0x403345, "physical range");
	struct elf64_segment s = elf64_segment(&elf, 1);
	ok(s.vaddr == 0x402000 && s.memsz == 0x2345 && s.flags == 6 && s.align == 4096,
	   "a segment's fields");
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const struct damage *d = &damages[i];
		make();
		put(d->at, d->bytes, d->value);
		enum elf64_error got = open_file();
		ok(got == d->want, "%s: %s", d->name, elf64_error_text(got));
	}
	make();
	put(ELF64_EHDR, 4, 4);
	put(ELF64_EHDR + ELF64_PHDR, 4, 4);
	ok(open_file() == ELF64_ENOLOAD, "nothing to load");
}

static void test_symbol(void)
{
	struct elf64 elf;
	uint64_t value = 0, size = 0;

	make();
	elf64_open(&elf, file, sizeof(file));
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_OK && value == 0x402000 &&
	       size == 0x45,
	   "a symbol by name");
	ok(elf64_symbol(&elf, "secon", &value, &size) == ELF64_ESECTION, "not by a prefix");
	ok(elf64_has_symbols(&elf), "it has symbols");
	put(SYMTAB, 4, 7);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_EAMBIGUOUS, "two local ones");
	put(SYMTAB + 4, 1, 1 << 4);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_OK && value == 0x401000,
	   "the global one, first");
	put(SYMTAB + 4, 1, 0);
	put(SYMTAB + 28, 1, 2 << 4);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_OK && value == 0x402000,
	   "the weak one, second");
	put(SYMTAB + 30, 2, 0);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_OK && value == 0x401000,
	   "not the undefined one");
	put(SYMTAB + 6, 2, 0);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_ESECTION, "none that is defined");
	make();
	put(60, 2, 0);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_ESECTION, "no sections");
	ok(!elf64_has_symbols(&elf), "it has none");
	make();
	put(40, 8, SIZE - 10);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_ESECTION, "sections past the end");
	make();
	put(SECTIONS + ELF64_SHDR + 40, 4, 9);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_ESECTION, "no such string table");
	make();
	put(SECTIONS + 2 * ELF64_SHDR + 32, 8, 12);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_ESECTION,
	   "a name that is cut off by the string table's end");
	make();
	put(60, 2, 1);
	put_section(0, 3, STRTAB, 14, 0, 0);
	put_section(1, 2, SYMTAB, 48, 0, 24);
	ok(elf64_symbol(&elf, "second", &value, &size) == ELF64_ESECTION &&
	       !elf64_has_symbols(&elf),
	   "a section header behind the last one is not looked at");
}

/* An unused header may hold anything: nobody is to look behind it. */
static void test_unused(void)
{
	struct elf64_segment s;
	struct elf64 elf;

	make();
	put(ELF64_EHDR + ELF64_PHDR, 4, 0);
	put(ELF64_EHDR + ELF64_PHDR + 8, 8, UINT64_MAX - 7);
	put(ELF64_EHDR + ELF64_PHDR + 32, 8, 64);
	ok(elf64_open(&elf, file, sizeof(file)) == ELF64_OK,
	   "an unused program header is no fault");
	s = elf64_segment(&elf, 1);
	ok(s.offset == 0 && s.filesz == 0 && s.memsz == 0, "and says nothing");
}

int main(void)
{
	test_open();
	test_unused();
	test_symbol();
	make();
	ok(read_all(file, sizeof(file)) == 1, "the file is sound");
	ok(hostile_truncations(read_all, file, sizeof(file)) == 0, "no truncation is accepted");
	ok(hostile_changes(read_all, file, sizeof(file)) > 0, "survives every one-byte change");
	done_testing();
	return 0;
}
