/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strip.c - rewrites an ELF file to what is loaded. See strip.h.
 *
 * Field offsets: ELF-64 Object File Format, version 1.5, sections 3 (file header) and 7
 * (program header).
 */
#include "layout/strip.h"

#include <stdlib.h>
#include <string.h>

/* A run of one segment: filesz bytes of data, then zeroes up to memsz. */
struct piece {
	const uint8_t *data;
	uint64_t vaddr, paddr, filesz, memsz, offset;
	uint32_t flags;
};

struct pieces {
	struct piece *items;
	size_t count, cap;
};

static struct piece *add(struct pieces *list, const struct elf64_segment *seg, const uint8_t *data,
                         uint64_t start, uint64_t filesz)
{
	struct piece *piece;

	ms_reserve((void **)&list->items, &list->cap, list->count + 1, sizeof(*list->items));
	piece = &list->items[list->count++];
	piece->data = data + start;
	piece->vaddr = seg->vaddr + start;
	piece->paddr = seg->paddr + start;
	piece->filesz = filesz;
	piece->memsz = filesz;
	piece->flags = seg->flags;
	return piece;
}

static int all_zero(const uint8_t *p, uint64_t len)
{
	/* Equal to itself one byte on, and the first is zero: memcmp does it in wide steps. */
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

/* Bytes from `at` to the end of its page, or to the end of the data. */
static uint64_t slice(const struct elf64_segment *seg, uint64_t at)
{
	uint64_t room = MS_STRIP_PAGE - ((seg->vaddr + at) & (MS_STRIP_PAGE - 1));

	return seg->filesz - at < room ? seg->filesz - at : room;
}

/* Splits a segment at every run of at least min_run pages of zeroes. */
static void split(struct pieces *list, const struct elf64_segment *seg, const uint8_t *data,
                  uint64_t min_run)
{
	size_t first = list->count;
	struct piece *piece;
	uint64_t start = 0; /* of the data not yet in a piece */
	uint64_t at = 0;

	while (at < seg->filesz) {
		uint64_t run = at, pages = 0, len;

		while (run < seg->filesz && all_zero(data + run, len = slice(seg, run))) {
			run += len;
			pages++;
		}
		/* At the end a run costs no header, so it always goes. */
		if (pages > 0 && (pages >= min_run || run == seg->filesz)) {
			if (at > start || list->count == first)
				add(list, seg, data, start, at - start);
			start = run;
		}
		at = run < seg->filesz ? run + slice(seg, run) : run;
	}
	if (start < seg->filesz || list->count == first)
		add(list, seg, data, start, seg->filesz - start);

	/* Each piece reaches to the next one, the last one to the end of the segment. */
	for (size_t i = first; i < list->count; i++) {
		piece = &list->items[i];
		if (i + 1 < list->count)
			piece->memsz = list->items[i + 1].vaddr - piece->vaddr;
		else
			piece->memsz = seg->vaddr + (seg->memsz - 1) - piece->vaddr + 1;
	}
}

static int by_address(const void *a, const void *b)
{
	const struct elf64_segment *x = a;
	const struct elf64_segment *y = b;

	if (x->vaddr != y->vaddr)
		return x->vaddr < y->vaddr ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void put(uint8_t *p, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static void put_headers(uint8_t *out, uint64_t entry, const struct pieces *list)
{
	static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 2 /* 64-bit */, 1 /* LE */, 1};
	uint8_t *p = out + ELF64_EHDR;

	memcpy(out, ident, sizeof(ident));
	put(out + 16, ELF64_ET_EXEC, 2);
	put(out + 18, ELF64_EM_AARCH64, 2);
	put(out + 20, 1, 4); /* e_version */
	put(out + 24, entry, 8);
	put(out + 32, ELF64_EHDR, 8); /* e_phoff */
	put(out + 52, ELF64_EHDR, 2);
	put(out + 54, ELF64_PHDR, 2);
	put(out + 56, list->count, 2);
	put(out + 58, ELF64_SHDR, 2);
	for (size_t i = 0; i < list->count; i++, p += ELF64_PHDR) {
		const struct piece *piece = &list->items[i];

		put(p, ELF64_PT_LOAD, 4);
		put(p + 4, piece->flags, 4);
		put(p + 8, piece->offset, 8);
		put(p + 16, piece->vaddr, 8);
		put(p + 24, piece->paddr, 8);
		put(p + 32, piece->filesz, 8);
		put(p + 40, piece->memsz, 8);
		/* Without data there is no offset that has to fit the address. */
		put(p + 48, piece->filesz > 0 ? MS_STRIP_PAGE : 1, 8);
	}
}

/* Gives every piece its file offset; returns the length of the file. */
static uint64_t lay_out(struct pieces *list)
{
	uint64_t at = ELF64_EHDR + list->count * ELF64_PHDR;
	uint64_t headers = at;

	for (size_t i = 0; i < list->count; i++) {
		struct piece *piece = &list->items[i];

		if (piece->filesz == 0) {
			piece->offset = headers;
			continue;
		}
		/* A page of the file that only one segment uses can be mapped as it is. */
		if (i > 0 && piece->flags != list->items[i - 1].flags)
			at = (at + MS_STRIP_PAGE - 1) & ~(uint64_t)(MS_STRIP_PAGE - 1);
		at += (piece->vaddr - at) & (MS_STRIP_PAGE - 1);
		piece->offset = at;
		at += piece->filesz;
	}
	return at;
}

enum elf64_error ms_strip(const void *data, size_t len, struct ms_buf *out)
{
	struct elf64_segment segments[ELF64_MAX_PHDR];
	struct pieces list = {0};
	enum elf64_error error;
	struct elf64 elf;
	size_t count = 0;
	uint64_t total = 0, at;
	uint8_t *bytes;

	error = elf64_open(&elf, data, len);
	if (error != ELF64_OK)
		return error;
	for (unsigned i = 0; i < elf.phnum; i++) {
		struct elf64_segment seg = elf64_segment(&elf, i);

		if (seg.type != ELF64_PT_LOAD || seg.memsz == 0)
			continue;
		segments[count++] = seg;
		total += seg.filesz;
	}
	/* No linker loads the same bytes twice; 64 headers on one large segment could. */
	if (total > len)
		return ELF64_ESEGMENT;
	qsort(segments, count, sizeof(segments[0]), by_address);

	/* One page at first; longer where that takes too many headers. Unsplit it always fits. */
	for (uint64_t min_run = 1;; min_run *= 2) {
		list.count = 0;
		for (size_t i = 0; i < count; i++)
			split(&list, &segments[i], elf.data + segments[i].offset, min_run);
		if (list.count <= ELF64_MAX_PHDR)
			break;
	}

	total = lay_out(&list);
	bytes = (uint8_t *)ms_buf_room(out, total);
	bytes[total] = '\0';
	out->len += total;
	at = ELF64_EHDR + list.count * ELF64_PHDR;
	memset(bytes, 0, at);
	put_headers(bytes, elf.entry, &list);
	for (size_t i = 0; i < list.count; i++) {
		const struct piece *piece = &list.items[i];

		if (piece->filesz == 0)
			continue;
		memset(bytes + at, 0, piece->offset - at);
		memcpy(bytes + piece->offset, piece->data, piece->filesz);
		at = piece->offset + piece->filesz;
	}
	memset(bytes + at, 0, total - at);
	free(list.items);
	return ELF64_OK;
}
