/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare_elf.c - where two programs differ.
 *
 * One changed function moves all that lies behind it, and every reference to that. So symbols are
 * matched by name, and those whose size changed are told first: they are the cause. Where no
 * size changed, the first symbols with other bytes are told.
 */
#include "trust/compare_elf.h"

#include "base/doc.h"
#include "base/file.h"
#include "base/mem.h"
#include "both/elf64.h"
#include "plan/words.h"
#include "trust/json.h"
#include "trust/locate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS_SHOWN 20
#define SYMBOLS_SHOWN  10
#define SHOWN          8 /* bytes */
#define OBJECT_MAX     (256u * 1024 * 1024)

static char *called(const char *name, const char *what)
{
	return *what ? ms_format("%s of %s", name, what) : ms_strdup(name);
}

/* -- bytes ------------------------------------------------------------------------------- */

/* The file's byte behind an address, where it has one. */
static const uint8_t *at_address(const struct elf64 *elf, uint64_t address, uint64_t *left)
{
	for (unsigned i = 0; i < elf->phnum; i++) {
		struct elf64_segment s = elf64_segment(elf, i);

		if (s.type == ELF64_PT_LOAD && address >= s.vaddr && address - s.vaddr < s.filesz) {
			*left = s.filesz - (address - s.vaddr);
			return elf->data + s.offset + (address - s.vaddr);
		}
	}
	return NULL;
}

/* Offset of the first byte in which two ranges of memory differ; size when they are equal. What
 * no file holds is zero. */
static uint64_t first_difference(const struct elf64 *a, uint64_t at_a, const struct elf64 *b,
                                 uint64_t at_b, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++) {
		uint64_t left_a = 0, left_b = 0;
		const uint8_t *x = at_address(a, at_a + i, &left_a);
		const uint8_t *y = at_address(b, at_b + i, &left_b);
		uint64_t run = size - i;

		if (x && y) {
			run = run < left_a ? run : left_a;
			run = run < left_b ? run : left_b;
			for (uint64_t k = 0; k < run; k++) {
				if (x[k] != y[k])
					return i + k;
			}
			i += run - 1;
		} else if ((x && *x) || (y && *y)) {
			return i;
		}
	}
	return size;
}

static char *hex_at(const struct elf64 *elf, uint64_t address)
{
	struct ms_buf out = {0};
	uint64_t left;

	ms_buf_printf(&out, "0x%" PRIx64 ":", address);
	for (unsigned i = 0; i < SHOWN; i++) {
		const uint8_t *byte = at_address(elf, address + i, &left);

		ms_buf_printf(&out, " %02x", byte ? *byte : 0u);
	}
	return out.data;
}

static void set_offset(json_t *one, const struct ms_elf_side *side, const uint8_t *at)
{
	if (at)
		ms_doc_set(one, "offset",
		           ms_doc_new_integer((int64_t)(side->base + (uint64_t)(at - side->data))));
}

/* How much of a file is compared here, where no headers tell its parts. */
static size_t own_length(const struct ms_elf_side *side)
{
	return side->skip.data ? (size_t)(side->skip.data - side->data) : side->len;
}

void ms_compare_bytes(json_t *list, const char *what, const struct ms_elf_side *a,
                      const struct ms_elf_side *b)
{
	const size_t a_len = own_length(a), b_len = own_length(b);
	size_t i = 0, least = a_len < b_len ? a_len : b_len;
	struct ms_buf x = {0}, y = {0};
	json_t *one;

	while (i < least && a->data[i] == b->data[i])
		i++;
	if (i == a_len && i == b_len)
		return;
	for (size_t k = i; k < i + SHOWN; k++) {
		if (k < a_len)
			ms_buf_printf(&x, "%s%02x", k > i ? " " : "", a->data[k]);
		if (k < b_len)
			ms_buf_printf(&y, "%s%02x", k > i ? " " : "", b->data[k]);
	}
	one = ms_difference(
	    list, "bytes", *what ? what : "the file",
	    ms_format("%zu bytes; from %zu on: %s", a_len, i, x.data ? x.data : "the end"),
	    ms_format("%zu bytes; from %zu on: %s", b_len, i, y.data ? y.data : "the end"));
	if (i < a_len)
		set_offset(one, a, a->data + i);
}

/* -- sources ----------------------------------------------------------------------------- */

/* The source whose object defines a symbol: the objects of the step, as they lie in the build
 * folder. */
static const char *source_in(const struct ms_elf_side *side, const char *symbol)
{
	const json_t *argv, *word;
	size_t i, k;

	json_array_foreach(json_object_get(side->step, "commands"), i, argv)
	{
		struct ms_list words = {0};
		struct ms_words read;
		struct ms_elf_names names;
		const char *output;
		size_t len;
		char *path, *data;
		bool found;

		json_array_foreach(argv, k, word)
		{
			ms_list_add(&words, json_is_string(word) ? json_string_value(word) : "");
		}
		if (words.count < 2 || ms_words_read(&read, words.items) || !read.compiles)
			continue;
		output = words.items[read.output];
		path = ms_path_join(side->folder, output + strlen("build/"));
		data = ms_locate_file(path) == 0 ? ms_try_read_file(path, OBJECT_MAX, &len) : NULL;
		found = data && ms_elf_names(data, len, &names) && ms_elf_symbol(&names, symbol);
		free(data);
		if (found)
			return words.items[words.count - 1];
	}
	return NULL;
}

static const json_t *record_of(const json_t *document, const char *path)
{
	static const char *const records[] = {"compiled_from", "linked_from"};
	const json_t *entry;
	size_t i;

	for (size_t k = 0; k < 2; k++) {
		json_array_foreach(json_object_get(document, records[k]), i, entry)
		{
			const char *own = ms_json_string(entry, "path");

			if (own && strcmp(own, path) == 0)
				return entry;
		}
	}
	return NULL;
}

/* Of inputs that differ, the only one; NULL when there are none or several. */
static const char *only_change(const json_t *list)
{
	const char *only = NULL;
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *kind = ms_json_string(one, "kind");

		if (!kind || strcmp(kind, "input") != 0)
			continue;
		if (only)
			return NULL;
		only = ms_json_string(one, "where");
	}
	return only;
}

/* The input that made a symbol: its source; where that is the same on both sides, the one
 * other input that changed. */
static void set_input(json_t *one, const json_t *list, const struct ms_elf_side *a,
                      const struct ms_elf_side *b, const char *symbol)
{
	const char *source = a->step ? source_in(a, symbol) : NULL;
	const char *only = only_change(list);

	if (!source && b->step)
		source = source_in(b, symbol);
	if (source && only) {
		const json_t *x = record_of(a->document, source),
		             *y = record_of(b->document, source);

		if (x && y && json_equal(x, y))
			source = ms_format("%s, with %s", source, only);
	}
	if (source)
		ms_doc_set(one, "input", ms_doc_new_string(source));
}

static bool is_skipped(const struct ms_inside *skip, const uint8_t *at)
{
	return skip->data && at >= skip->data && at < skip->data + skip->len;
}

/* -- sections ---------------------------------------------------------------------------- */

/* True for what lies in the part that is compared elsewhere. */
static bool is_elsewhere(const struct ms_elf_side *side, const struct elf64 *elf, uint64_t address)
{
	uint64_t left;
	const uint8_t *at = at_address(elf, address, &left);

	return at && is_skipped(&side->skip, at);
}

static const struct ms_elf_section *section_named(const struct ms_elf_names *names,
                                                  const char *name)
{
	for (size_t i = 0; i < names->section_count; i++) {
		if (names->sections[i].loaded && strcmp(names->sections[i].name, name) == 0)
			return &names->sections[i];
	}
	return NULL;
}

static char *section_text(const struct ms_elf_section *s)
{
	return s ? ms_format("%" PRIu64 " bytes at 0x%" PRIx64, s->size, s->addr) : NULL;
}

static void compare_sections(json_t *list, const char *what, const struct ms_elf_side *a,
                             const struct ms_elf_side *b, const struct elf64 *x,
                             const struct elf64 *y)
{
	unsigned shown = 0;

	for (size_t i = 0; i < a->names.section_count && shown < SECTIONS_SHOWN; i++) {
		const struct ms_elf_section *s = &a->names.sections[i];
		const struct ms_elf_section *t = section_named(&b->names, s->name);
		uint64_t at, left;
		json_t *one;

		if (!s->loaded || is_elsewhere(a, x, s->addr) ||
		    (t && s->addr == t->addr && s->size == t->size && !s->has_bytes))
			continue;
		if (!t || s->size != t->size || s->addr != t->addr) {
			ms_difference(list, "section", called(s->name, what), section_text(s),
			              section_text(t));
			shown++;
			continue;
		}
		at = first_difference(x, s->addr, y, t->addr, s->size);
		if (at == s->size)
			continue;
		one = ms_difference(list, "section", called(s->name, what), hex_at(x, s->addr + at),
		                    hex_at(y, t->addr + at));
		set_offset(one, a, at_address(x, s->addr + at, &left));
		shown++;
	}
	for (size_t i = 0; i < b->names.section_count && shown < SECTIONS_SHOWN; i++) {
		const struct ms_elf_section *t = &b->names.sections[i];

		if (t->loaded && !section_named(&a->names, t->name)) {
			ms_difference(list, "section", called(t->name, what), NULL,
			              section_text(t));
			shown++;
		}
	}
}

/* -- symbols ----------------------------------------------------------------------------- */

static int by_name(const void *pa, const void *pb)
{
	const struct ms_elf_symbol *a = *(const struct ms_elf_symbol *const *)pa;
	const struct ms_elf_symbol *b = *(const struct ms_elf_symbol *const *)pb;
	int order = strcmp(a->name, b->name);

	return order ? order : a->value < b->value ? -1 : a->value > b->value;
}

/* Those with a size, by name; NULL-terminated. */
static const struct ms_elf_symbol **sorted(const struct ms_elf_names *names)
{
	const struct ms_elf_symbol **list = ms_alloc(names->symbol_count + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < names->symbol_count; i++) {
		if (names->symbols[i].size)
			list[n++] = &names->symbols[i];
	}
	if (n)
		qsort(list, n, sizeof(*list), by_name);
	return list;
}

enum pass { PASS_SIZES, PASS_BYTES };

static bool is_different(enum pass pass, const struct ms_elf_symbol *s,
                         const struct ms_elf_symbol *t, const struct elf64 *x,
                         const struct elf64 *y, uint64_t *at)
{
	*at = 0;
	if (pass == PASS_SIZES || !s || !t)
		return pass == PASS_SIZES && (!s || !t || s->size != t->size);
	if (s->size != t->size || s->size > x->len || s->size > y->len)
		return false;
	*at = first_difference(x, s->value, y, t->value, s->size);
	return *at < s->size;
}

static char *symbol_text(enum pass pass, const struct ms_elf_symbol *s, const struct elf64 *elf,
                         uint64_t at)
{
	if (!s)
		return NULL;
	return pass == PASS_SIZES ? ms_format("%" PRIu64 " bytes at 0x%" PRIx64, s->size, s->value)
	                          : hex_at(elf, s->value + at);
}

static unsigned compare_symbols(json_t *list, const char *what, const struct ms_elf_side *a,
                                const struct ms_elf_side *b, const struct elf64 *x,
                                const struct elf64 *y, enum pass pass)
{
	const struct ms_elf_symbol **s = sorted(&a->names), **t = sorted(&b->names);
	unsigned shown = 0;

	while ((*s || *t) && shown < SYMBOLS_SHOWN) {
		int order = !*s ? 1 : !*t ? -1 : strcmp((*s)->name, (*t)->name);
		const struct ms_elf_symbol *one = order <= 0 ? *s : NULL;
		const struct ms_elf_symbol *other = order >= 0 ? *t : NULL;
		uint64_t at, left;
		json_t *found;

		s += order <= 0;
		t += order >= 0;
		if (!is_different(pass, one, other, x, y, &at) ||
		    (one && is_elsewhere(a, x, one->value)))
			continue;
		/* Of the bytes, only those of symbols that both have are compared. */
		found =
		    ms_difference(list, "symbol", called(one ? one->name : other->name, what),
		                  symbol_text(pass, one, x, at), symbol_text(pass, other, y, at));
		if (one)
			set_offset(found, a, at_address(x, one->value + at, &left));
		set_input(found, list, a, b, one ? one->name : other->name);
		shown++;
	}
	return shown;
}

/* -- without names ----------------------------------------------------------------------- */

static char *flags_text(const struct elf64_segment *s)
{
	return ms_format("segment %s%s%s at 0x%" PRIx64, s->flags & ELF64_PF_R ? "r" : "-",
	                 s->flags & ELF64_PF_W ? "w" : "-", s->flags & ELF64_PF_X ? "x" : "-",
	                 s->vaddr);
}

/* The first different byte of two segments that is not compared elsewhere; their common length
 * when there is none. */
static uint64_t compare_segment(const struct ms_elf_side *a, const struct ms_elf_side *b,
                                const struct elf64_segment *s, const struct elf64_segment *t)
{
	uint64_t least = s->filesz < t->filesz ? s->filesz : t->filesz;

	for (uint64_t i = 0; i < least; i++) {
		const uint8_t *x = a->data + s->offset + i, *y = b->data + t->offset + i;

		if (*x != *y && !is_skipped(&a->skip, x) && !is_skipped(&b->skip, y))
			return i;
	}
	return least;
}

static void compare_segments(json_t *list, const char *what, const struct ms_elf_side *a,
                             const struct ms_elf_side *b, const struct elf64 *x,
                             const struct elf64 *y)
{
	if (x->entry != y->entry)
		ms_difference(list, "section", called("entry", what),
		              ms_format("0x%" PRIx64, x->entry), ms_format("0x%" PRIx64, y->entry));
	for (unsigned i = 0; i < x->phnum || i < y->phnum; i++) {
		struct elf64_segment s = {0}, t = {0};
		uint64_t at;
		json_t *one;

		if (i < x->phnum)
			s = elf64_segment(x, i);
		if (i < y->phnum)
			t = elf64_segment(y, i);
		if (i >= x->phnum || i >= y->phnum || s.vaddr != t.vaddr || s.memsz != t.memsz) {
			ms_difference(
			    list, "section", called(flags_text(i < x->phnum ? &s : &t), what),
			    i < x->phnum ? ms_format("%" PRIu64 " bytes", s.memsz) : NULL,
			    i < y->phnum ? ms_format("%" PRIu64 " bytes", t.memsz) : NULL);
			continue;
		}
		at = compare_segment(a, b, &s, &t);
		if (at == s.filesz && at == t.filesz)
			continue;
		one = ms_difference(list, "section", called(flags_text(&s), what),
		                    hex_at(x, s.vaddr + at), hex_at(y, t.vaddr + at));
		set_offset(one, a, a->data + s.offset + at);
	}
}

/* -- all of it --------------------------------------------------------------------------- */

void ms_compare_elf(json_t *list, const char *what, const struct ms_elf_side *a,
                    const struct ms_elf_side *b)
{
	size_t before = json_array_size(list);
	struct elf64 x, y;

	if (elf64_open(&x, a->data, a->len) != ELF64_OK ||
	    elf64_open(&y, b->data, b->len) != ELF64_OK) {
		ms_compare_bytes(list, what, a, b);
		return;
	}
	if (a->has_names && b->has_names) {
		if (!compare_symbols(list, what, a, b, &x, &y, PASS_SIZES))
			compare_symbols(list, what, a, b, &x, &y, PASS_BYTES);
		compare_sections(list, what, a, b, &x, &y);
	}
	if (json_array_size(list) == before)
		compare_segments(list, what, a, b, &x, &y);
	/* Headers, and what no segment holds. */
	if (json_array_size(list) == before && !a->skip.data)
		ms_compare_bytes(list, what, a, b);
}
