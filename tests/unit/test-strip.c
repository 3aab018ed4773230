/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-strip.c - a stripped executable loads to the same memory, whatever was in it.
 *
 * The comparison does not trust the code under test: image() loads a file byte by byte into a
 * list of (address, flags, byte) and the lists before and after must be equal.
 */
#include "layout/strip.h"
#include "make-elf.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY 0x200000u /* room of a test's memory image */

/* -- making ELF files ---------------------------------------------------------------------- */

struct part {
	uint64_t vaddr, paddr, offset, filesz, memsz;
	uint32_t flags, type;
};

/* A file of len bytes with these program headers; the data is the caller's to fill in. */
static uint8_t *make(size_t len, uint64_t entry, const struct part *parts, unsigned count)
{
	uint8_t *file = ms_alloc(len, 1);

	make_header(file, entry, count);
	for (unsigned i = 0; i < count; i++)
		make_segment(file, i,
		             &(struct elf64_segment){.type = parts[i].type,
		                                     .flags = parts[i].flags,
		                                     .offset = parts[i].offset,
		                                     .vaddr = parts[i].vaddr,
		                                     .paddr = parts[i].paddr,
		                                     .filesz = parts[i].filesz,
		                                     .memsz = parts[i].memsz,
		                                     .align = 0x1000});
	return file;
}

/* -- loading them -------------------------------------------------------------------------- */

/* What lies at each address of [base, base + MEMORY): 0 none, else flags << 8 | 0x10000 | byte,
 * and the physical address that goes with it. */
struct memory {
	uint32_t *what;
	uint64_t *paddr;
	uint64_t entry;
	int bad;
};

static struct memory load(const void *data, size_t len, uint64_t base)
{
	struct memory m = {ms_alloc(MEMORY, 4), ms_alloc(MEMORY, 8), 0, 0};
	struct elf64 elf;

	if (elf64_open(&elf, data, len) != ELF64_OK) {
		m.bad = 1;
		return m;
	}
	m.entry = elf.entry;
	for (unsigned i = 0; i < elf.phnum; i++) {
		struct elf64_segment s = elf64_segment(&elf, i);

		if (s.type != ELF64_PT_LOAD)
			continue;
		for (uint64_t k = 0; k < s.memsz; k++) {
			uint64_t at = s.vaddr + k - base;

			if (at >= MEMORY || m.what[at]) {
				m.bad = 1;
				return m;
			}
			m.what[at] =
			    0x10000u | s.flags << 8 | (k < s.filesz ? elf.data[s.offset + k] : 0u);
			m.paddr[at] = s.paddr + k;
		}
	}
	return m;
}

static int same(const void *a, size_t a_len, const void *b, size_t b_len, uint64_t base)
{
	struct memory x = load(a, a_len, base);
	struct memory y = load(b, b_len, base);
	int equal = !x.bad && !y.bad && x.entry == y.entry &&
	            memcmp(x.what, y.what, MEMORY * sizeof(x.what[0])) == 0 &&
	            memcmp(x.paddr, y.paddr, MEMORY * sizeof(x.paddr[0])) == 0;

	free(x.what);
	free(x.paddr);
	free(y.what);
	free(y.paddr);
	return equal;
}

/* -- tests --------------------------------------------------------------------------------- */

static uint32_t seed = 12345;
static uint32_t chance(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void check_layout(const struct ms_buf *out, const char *name)
{
	struct elf64 elf;
	int fits = elf64_open(&elf, out->data, out->len) == ELF64_OK;

	for (unsigned i = 0; fits && i < elf.phnum; i++) {
		struct elf64_segment s = elf64_segment(&elf, i);

		if (s.type != ELF64_PT_LOAD || (s.filesz && (s.offset ^ s.vaddr) % 4096))
			fits = 0;
		/* No whole page of zeroes in the data. */
		for (uint64_t at = (4096 - s.vaddr % 4096) % 4096; at + 4096 <= s.filesz;
		     at += 4096) {
			static const uint8_t zeroes[4096];

			if (memcmp(elf.data + s.offset + at, zeroes, 4096) == 0)
				fits = 0;
		}
	}
	ok(fits, "%s: page-congruent, no page of zeroes", name);
}

static void one_segment(void)
{
	const struct part part = {0x400000, 0x1000, 0x1000, 0x8000, 0x9123, 7, 0};
	size_t len = 0x9000 + 500; /* and sections that are not carried */
	uint8_t *file = make(len, 0x400010, &part, 1);
	struct ms_buf out = {0};

	memset(file + 0x1000, 0xaa, 100);
	file[0x1000 + 0x4fff] = 1; /* pages 1 to 3 are zeroes, page 4 is not, 5 to 7 are */
	memset(file + 0x9000, 0x55, 500);
	ok(ms_strip(file, len, &out) == ELF64_OK, "one segment strips");
	ok(same(file, len, out.data, out.len, 0x400000), "one segment: same memory");
	ok(out.len == 0x1000 + 2 * 0x1000, "one segment: two pages of data are left");
	check_layout(&out, "one segment");

	struct ms_buf again = {0};
	ok(ms_strip(out.data, out.len, &again) == ELF64_OK && again.len == out.len &&
	       memcmp(again.data, out.data, out.len) == 0,
	   "stripping twice changes nothing");
}

static void all_zero(void)
{
	const struct part part = {0x400100, 0x400100, 0x1000, 0x3000, 0x3000, 5, 0};
	uint8_t *file = make(0x4000, 0x400100, &part, 1);
	struct ms_buf out = {0};

	ok(ms_strip(file, 0x4000, &out) == ELF64_OK && out.len == 64 + 56,
	   "zeroes alone: headers are left");
	ok(same(file, 0x4000, out.data, out.len, 0x400000), "zeroes alone: same memory");
}

static void too_many_runs(void)
{
	const struct part part = {0x400000, 0x400000, 0x1000, 0x100000, 0x100000, 7, 0};
	size_t len = 0x101000;
	uint8_t *file = make(len, 0x400000, &part, 1);
	struct ms_buf out = {0};
	struct elf64 elf;

	for (unsigned page = 0; page < 256; page += 2)
		file[0x1000 + page * 4096 + 7] = 1;
	/* One long run that must still go. */
	memset(file + 0x1000 + 0x40000, 0, 0x20000);
	ok(ms_strip(file, len, &out) == ELF64_OK && elf64_open(&elf, out.data, out.len) == 0 &&
	       elf.phnum <= ELF64_MAX_PHDR,
	   "128 runs of zeroes need no more than 64 headers");
	ok(same(file, len, out.data, out.len, 0x400000), "128 runs: same memory");
	ok(out.len < len - 0x1f000, "128 runs: the longest one is not carried");
}

static void order_and_other_headers(void)
{
	const struct part parts[] = {
	    {0x410000, 0x410000, 0x2000, 0x10, 0x2000, 6, 0},
	    {0x400000, 0x400000, 0x1000, 0x20, 0x20, 5, 0},
	    {0, 0, 0, 0, 0, 6, 0x6474e551}, /* PT_GNU_STACK */
	    {0x420000, 0x420000, 0, 0, 0, 4, 0},
	};
	uint8_t *file = make(0x3000, 0x400000, parts, 4);
	struct ms_buf out = {0};
	struct elf64 elf;

	memset(file + 0x1000, 1, 0x20);
	memset(file + 0x2000, 2, 0x10);
	ok(ms_strip(file, 0x3000, &out) == ELF64_OK &&
	       elf64_open(&elf, out.data, out.len) == ELF64_OK && elf.phnum == 2 &&
	       elf64_segment(&elf, 0).vaddr == 0x400000 && elf64_segment(&elf, 1).vaddr == 0x410000,
	   "segments are sorted, others and empty ones dropped");
	ok(same(file, 0x3000, out.data, out.len, 0x400000), "two segments: same memory");
}

static void refused(void)
{
	const struct part twice[] = {
	    {0x400000, 0x400000, 0x1000, 0x1000, 0x1000, 5, 0},
	    {0x402000, 0x402000, 0x1000, 0x1000, 0x1000, 5, 0},
	};
	struct part part = {0x400000, 0x400000, 0x1000, 0x1000, 0x1000, 5, 0};
	struct ms_buf out = {0};

	ok(ms_strip("", 0, &out) != ELF64_OK, "an empty file is refused");
	part.filesz = part.memsz = 0x1001;
	ok(ms_strip(make(0x2000, 0x400000, &part, 1), 0x2000, &out) != ELF64_OK,
	   "a segment past the file's end is refused");
	part.filesz = 0x1000;
	part.memsz = 0xfff;
	ok(ms_strip(make(0x2000, 0x400000, &part, 1), 0x2000, &out) != ELF64_OK,
	   "filesz > memsz is refused");
	part.memsz = UINT64_MAX - 0x3fffff;
	ok(ms_strip(make(0x2000, 0x400000, &part, 1), 0x2000, &out) != ELF64_OK,
	   "a segment past the address space is refused");
	ok(ms_strip(make(0x1c00, 0x400000, twice, 2), 0x1c00, &out) != ELF64_OK &&
	       ms_strip(make(0x2000, 0x400000, twice, 2), 0x2000, &out) == ELF64_OK,
	   "bytes loaded twice are fine while the file has as many");
	struct part many[8];
	for (unsigned i = 0; i < 8; i++) {
		many[i] = part;
		many[i].vaddr = many[i].paddr = 0x400000 + i * 0x1000;
		many[i].filesz = many[i].memsz = 0x1000;
	}
	out.len = 0;
	ok(ms_strip(make(0x2000, 0x400000, many, 8), 0x2000, &out) == ELF64_ESEGMENT &&
	       out.len == 0,
	   "more bytes loaded than the file has are refused");
}

/* Random files: a few segments, random zero pages, odd starts and ends. */
static void random_files(void)
{
	int bad = 0;

	for (int round = 0; round < 60; round++) {
		struct part parts[4];
		unsigned count = 1 + chance(4);
		uint64_t v = 0x400000 + chance(5000), offset = 0x1000;
		struct ms_buf out = {0};

		for (unsigned i = 0; i < count; i++) {
			struct part *p = &parts[i];

			memset(p, 0, sizeof(*p));
			p->vaddr = v;
			p->paddr = v + 0x40000000;
			p->offset = offset;
			p->filesz = chance(40000);
			p->memsz = p->filesz + 1 + chance(20000);
			p->flags = 4 + 1 + 2 * chance(2);
			v += p->memsz + chance(9000);
			offset += p->filesz + chance(100);
		}
		uint8_t *file = make(offset, parts[0].vaddr, parts, count);

		for (unsigned i = 0; i < 60; i++) {
			uint64_t at = 0x1000 + chance((uint32_t)(offset - 0x1000) + 1);

			if (at < offset)
				file[at] = (uint8_t)(1 + chance(255));
		}
		if (ms_strip(file, offset, &out) != ELF64_OK ||
		    !same(file, offset, out.data, out.len, 0x400000))
			bad++;
		/* Every truncation of the result is refused or loads less, never read past. */
		for (size_t cut = 0; cut < out.len; cut += 1 + out.len / 50) {
			char *copy = ms_strndup(out.data, cut);
			struct ms_buf again = {0};

			ms_strip(copy, cut, &again);
			free(again.data);
			free(copy);
		}
		free(file);
		free(out.data);
	}
	ok(bad == 0, "60 random files load to the same memory (%d do not)", bad);
}

/* Every byte of the headers changed to a few values: an error or a result, nothing else. */
static void changed_headers(void)
{
	const struct part parts[] = {
	    {0x400000, 0x400000, 0x1000, 0x800, 0x1000, 5, 0},
	    {0x410000, 0x410000, 0x1800, 0x800, 0x2000, 6, 0},
	};
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	size_t len = 0x2000;
	uint8_t *file = make(len, 0x400000, parts, 2);
	unsigned stripped = 0;

	memset(file + 0x1000, 3, 0x1000);
	for (size_t at = 0; at < 64 + 2 * 56; at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			uint8_t old = file[at];
			struct ms_buf out = {0};

			file[at] = values[i];
			if (ms_strip(file, len, &out) == ELF64_OK) {
				struct elf64 elf;

				if (elf64_open(&elf, out.data, out.len) != ELF64_OK)
					ok(0, "byte %zu = %u: the result does not open", at,
					   values[i]);
				stripped++;
			}
			free(out.data);
			file[at] = old;
		}
	}
	ok(stripped > 0, "changed headers end in an error or in a good file");
}

int main(void)
{
	one_segment();
	all_zero();
	too_many_runs();
	order_and_other_headers();
	refused();
	random_files();
	changed_headers();
	done_testing();
	return 0;
}
