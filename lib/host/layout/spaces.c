/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spaces.c - the address space of each PD: its program, stack, IPC buffer and regions, the page
 * tables for them, and what is written into their frames.
 *
 * A page of a program that lies whole in the archive is mapped there: nothing is copied. Pages
 * that nobody writes are shared by all PDs with that program; pages that are written stay in the
 * archive where one PD alone has the program. Every other page is a fresh frame.
 */
#include "layout/parts.h"
#include "spec/document.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- the program --------------------------------------------------------------------------- */

struct program {
	struct maker *m;
	struct pd *pd;
	struct patch_list patches;
	size_t next_patch;    /* the first one not below the current page */
	size_t small, large;  /* groups of fresh frames */
	struct table_map run; /* pages that will be one record; count 0: none */
};

static void end_run(struct program *p)
{
	const char *what = p->run.flags & TABLE_MAP_EXECUTE ? "code"
	                   : p->run.flags & TABLE_MAP_WRITE ? "data"
	                                                    : "constants";

	if (p->run.count) {
		ms_space_map(p->m, &p->pd->space, &p->run, what);
		if (p->run.flags & TABLE_MAP_COPY) {
			struct table_map *t =
			    (struct table_map *)(void *)p->m->records[TABLE_MAPS].data +
			    p->m->records[TABLE_MAPS].count - 1;

			t->copies = ref_extra(p->m->extras);
			p->m->extras += t->count;
		}
	}
	p->run.count = 0;
}

static void add_pages(struct program *p, uint64_t frame, uint64_t vaddr, uint64_t count,
                      unsigned bits, unsigned flags)
{
	struct table_map *r = &p->run;

	if (r->count == 0 || r->page_bits != bits || r->flags != flags ||
	    r->frames + r->count != frame || r->vaddr + ((uint64_t)r->count << bits) != vaddr) {
		end_run(p);
		r->frames = frame;
		r->vaddr = vaddr;
		r->page_bits = bits;
		r->flags = flags;
	}
	r->count += (uint32_t)count;
}

/* The patches of the page at vaddr, as records: with the fills of a frame that has some. */
static void patch_page(struct program *p, uint64_t frame, uint64_t vaddr, unsigned bits,
                       bool filled)
{
	struct maker *m = p->m;
	uint64_t end = vaddr + (1ull << bits);

	for (size_t i = p->next_patch; i < p->patches.count; i++) {
		const struct patch *patch = &p->patches.items[i];
		uint64_t at = patch->vaddr < vaddr ? vaddr : patch->vaddr;
		uint64_t stop = patch->vaddr + patch->size;

		if (at >= end)
			break;
		if (stop <= end)
			p->next_patch = i + 1;
		if (stop > end)
			stop = end;
		while (at < stop) {
			struct table_patch *r;
			unsigned size = stop - at < 8 ? (unsigned)(stop - at) : 8;
			uint64_t value = 0;

			r = filled ? ms_maker_add(m, TABLE_PATCHES)
			           : ms_records_add(&m->late_patches, sizeof(*r));
			r->frame = frame;
			for (unsigned k = 0; k < size; k++)
				value |= (uint64_t)patch->bytes[at - patch->vaddr + k] << 8 * k;
			r->value = patch->region == NO ? value : patch->region;
			r->at = (uint32_t)(at - vaddr);
			r->size = patch->region == NO ? size : size | PATCH_PADDR;
			r->page_bits = bits;
			r->name = ms_maker_name(m, patch->symbol);
			at += size;
			if ((frame >> REF_KIND) == REF_OBJECT) {
				m->scratch_small |= bits == SMALL_BITS;
				m->scratch_large |= bits == LARGE_BITS;
			}
		}
	}
}

static bool patched(const struct program *p, uint64_t vaddr, uint64_t size)
{
	return p->next_patch < p->patches.count &&
	       p->patches.items[p->next_patch].vaddr < vaddr + size;
}

static bool zero(const uint8_t *p, size_t len)
{
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

static struct table_fill *add_fill(struct program *p, uint64_t frame, unsigned at, unsigned size)
{
	struct table_fill *f = ms_maker_add(p->m, TABLE_FILLS);

	f->frame = frame;
	f->at = at;
	f->size = size;
	f->page_bits = SMALL_BITS;
	f->name = ms_maker_name(p->m, ms_format("%s/program", p->pd->space.prefix));
	return f;
}

/*
 * The page of the file may be the page of memory: what the file has there besides bytes
 * first..last-1 is zeroes, or lies behind the member's end, where it can be cleared.
 */
static bool fits(const struct program *p, uint64_t page, uint64_t first, uint64_t last)
{
	const struct ms_member *member = &p->m->members->items[p->pd->member];
	const uint8_t *data = (const uint8_t *)member->data + page * PAGE;
	uint64_t have = member->len - page * PAGE;

	if (have > PAGE)
		have = PAGE;
	return zero(data, first) && zero(data + last, have - last);
}

/* A page with bytes of the file: first..last-1 of it, from page number `page` of the member. */
static void file_page(struct program *p, uint64_t vaddr, unsigned flags, uint64_t page,
                      uint64_t first, uint64_t last)
{
	struct maker *m = p->m;
	struct pd *pd = p->pd;
	uint8_t *taken = &m->page_taken[pd->member][page];
	bool changes = (flags & TABLE_MAP_WRITE) || patched(p, vaddr, PAGE);
	uint64_t frame = ref_member(pd->member, page);
	uint64_t tail = m->members->items[pd->member].len - page * PAGE;
	struct table_fill *f;

	/* Shared by PDs with one program: the first one's capability is used, then copies. */
	if (fits(p, page, first, last) && (pd->alone ? !*taken : !changes)) {
		bool copy = *taken;

		if (!copy && tail < PAGE) {
			f = add_fill(p, frame, (unsigned)tail, (unsigned)(PAGE - tail));
			f->flags = TABLE_FILL_ZERO;
		}
		*taken = 1;
		patch_page(p, frame, vaddr, SMALL_BITS, !copy && tail < PAGE);
		add_pages(p, frame, vaddr, 1, SMALL_BITS, flags | (copy ? TABLE_MAP_COPY : 0u));
		return;
	}
	frame = ms_space_frames(m, &pd->space, &p->small, "program", SMALL_BITS, 1);
	f = add_fill(p, frame, (unsigned)first, (unsigned)(last - first));
	f->source = SOURCE(pd->member, page * PAGE + first);
	f->flags = flags & TABLE_MAP_EXECUTE ? TABLE_FILL_EXECUTE : 0;
	m->scratch_small = true;
	patch_page(p, frame, vaddr, SMALL_BITS, true);
	add_pages(p, frame, vaddr, 1, SMALL_BITS, flags);
}

/* Pages of one size that hold nothing of the file. How many there are is a number in its header:
 * only those with patches are looked at one by one. */
static void zero_pages(struct program *p, uint64_t vaddr, uint64_t end, unsigned flags,
                       unsigned bits)
{
	const uint64_t page = 1ull << bits, count = (end - vaddr) >> bits;
	uint64_t frame = bits == LARGE_BITS ? ms_space_frames(p->m, &p->pd->space, &p->large,
	                                                      "program-large", LARGE_BITS, count)
	                                    : ms_space_frames(p->m, &p->pd->space, &p->small,
	                                                      "program", SMALL_BITS, count);

	for (uint64_t at = vaddr; at < end && patched(p, at, end - at); at += page) {
		uint64_t first = DOWN(p->patches.items[p->next_patch].vaddr, page);

		/* A patch may reach over from the page before. */
		at = first > at ? first : at;
		patch_page(p, frame + ((at - vaddr) >> bits), at, bits, false);
	}
	add_pages(p, frame, vaddr, count, bits, flags);
}

static void map_segment(struct program *p, const struct elf64_segment *s)
{
	uint64_t vaddr = DOWN(s->vaddr, PAGE), end = UP(s->vaddr + s->memsz, PAGE);
	uint64_t file_end = s->vaddr + s->filesz;
	unsigned flags = TABLE_MAP_CACHED | (s->flags & ELF64_PF_R ? TABLE_MAP_READ : 0u) |
	                 (s->flags & ELF64_PF_W ? TABLE_MAP_WRITE | TABLE_MAP_READ : 0u) |
	                 (s->flags & ELF64_PF_X ? TABLE_MAP_EXECUTE | TABLE_MAP_READ : 0u);

	while (vaddr < end) {
		uint64_t first = vaddr < s->vaddr ? s->vaddr - vaddr : 0;
		uint64_t last = file_end > vaddr ? file_end - vaddr : 0;

		if (last > PAGE)
			last = PAGE;
		if (first < last) {
			/* Offset and address agree within a page (strip.h). */
			file_page(p, vaddr, flags, (s->offset + (vaddr + first - s->vaddr)) / PAGE,
			          first, last);
			vaddr += PAGE;
		} else {
			unsigned bits;
			uint64_t stop = ms_zeroes_end(vaddr, end, &bits);

			zero_pages(p, vaddr, stop, flags, bits);
			vaddr = stop;
		}
	}
}

static void map_program(struct maker *m, struct pd *pd)
{
	struct program p = {.m = m, .pd = pd, .small = NO, .large = NO};

	ms_collect_patches(m, pd, &p.patches);
	if (m->errors)
		return;
	for (unsigned i = 0; i < pd->reduced.phnum; i++) {
		struct elf64_segment s = elf64_segment(&pd->reduced, i);

		map_segment(&p, &s);
	}
	end_run(&p);
}

/* The part of a segment that is whole large pages of zeroes: as map_segment finds it. */
static void large_part(const struct elf64_segment *s, uint64_t *start, uint64_t *end)
{
	uint64_t zeroes = s->filesz ? UP(s->vaddr + s->filesz, PAGE) : DOWN(s->vaddr, PAGE);

	*start = UP(zeroes, LARGE);
	*end = DOWN(UP(s->vaddr + s->memsz, PAGE), LARGE);
	if (*end <= *start)
		*start = *end = UP(s->vaddr + s->memsz, PAGE);
}

/* Where the program will be; what touches and has pages of one size is one range. */
static void reserve_program(struct maker *m, struct pd *pd)
{
	const char *what = ms_format("program (%s)", m->members->pds[pd->index].path);
	uint64_t last_end = 0, at[4];

	for (unsigned i = 0; i < pd->reduced.phnum; i++) {
		struct elf64_segment s = elf64_segment(&pd->reduced, i);

		/* What ends in the last page of all would come out as nothing. */
		if (s.vaddr >= m->kernel->user_top || s.memsz > m->kernel->user_top - s.vaddr) {
			ERROR_AT(m, struct ms_pd, pd->spec, binary, "map-user-space",
			         "%s: a segment of %s, 0x%" PRIx64 " bytes at 0x%" PRIx64
			         ", lies outside user space, which ends at 0x%" PRIx64,
			         pd->spec->name, m->members->pds[pd->index].path, s.memsz, s.vaddr,
			         m->kernel->user_top);
			continue;
		}
		at[0] = DOWN(s.vaddr, PAGE);
		at[3] = UP(s.vaddr + s.memsz, PAGE);
		large_part(&s, &at[1], &at[2]);
		if (at[0] < last_end)
			ERROR_AT(m, struct ms_pd, pd->spec, binary, "segment-page",
			         "%s: two segments of %s share the page at 0x%" PRIx64
			         "; their rights could not differ",
			         pd->spec->name, m->members->pds[pd->index].path, at[0]);
		for (unsigned k = 0; k < 3; k++) {
			unsigned bits = k == 1 ? LARGE_BITS : SMALL_BITS;
			size_t count = pd->space.range_count;
			struct map_range *last = count ? &pd->space.ranges[count - 1] : NULL;

			if (at[k] >= at[k + 1])
				continue;
			if (last && last->end == at[k] && last->bits == bits)
				last->end = at[k + 1];
			else
				ms_space_range(&pd->space, at[k], at[k + 1], bits, what);
		}
		last_end = at[3];
	}
}

/* -- stack and IPC buffer ------------------------------------------------------------------ */

static void map_ipc_buffer(struct maker *m, struct pd *pd)
{
	size_t group =
	    ms_maker_objects(m, ms_format("%s/ipc-buffer", pd->space.prefix), "SmallPage", 1);
	struct table_map t = {.frames = ref_object(group, 0),
	                      .vaddr = m->kernel->user_top - PAGE,
	                      .count = 1,
	                      .page_bits = SMALL_BITS,
	                      .flags = TABLE_MAP_READ | TABLE_MAP_WRITE | TABLE_MAP_CACHED};
	uint64_t size, vaddr;

	if (pd->own_buffer &&
	    elf64_symbol(&pd->symbols, BUFFER_SYMBOL, &vaddr, &size) == ELF64_OK) {
		if (vaddr % PAGE)
			ERROR_AT(m, struct ms_pd, pd->spec, binary, "ipc-buffer",
			         "%s: its " BUFFER_SYMBOL " 0x%" PRIx64 " does not lie on a page",
			         pd->spec->name, vaddr);
		t.vaddr = DOWN(vaddr, PAGE);
	}
	pd->ipc_frame = t.frames;
	pd->ipc_vaddr = t.vaddr;
	ms_map_frames(m, &pd->space, &t, "ipc-buffer");
}

/* A guard page below; above it another, then the IPC buffer. Systems for Microkit may have a map
 * right below the stack. */
static void map_stack(struct maker *m, struct pd *pd)
{
	uint64_t top = m->kernel->user_top - (pd->own_buffer ? 0 : 2 * PAGE);
	uint64_t bottom = top - (uint64_t)pd->spec->stack_bytes;

	pd->stack_top = top;
	pd->stack_bottom = bottom;
	ms_space_range(&pd->space, bottom - PAGE, bottom, 0, "guard page");
	pd->space.ranges[pd->space.range_count - 1].may_be_mapped = ms_pd_is_ready(pd->spec);
	ms_map_zeroes(m, &pd->space, bottom, top,
	              TABLE_MAP_READ | TABLE_MAP_WRITE | TABLE_MAP_CACHED, "stack");
	if (!pd->own_buffer)
		ms_space_range(&pd->space, top, top + PAGE, 0, "guard page");
}

/* -- the whole ----------------------------------------------------------------------------- */

/* For the windows through which the root task writes fresh frames; the upper tables are there,
 * since its own image lies in the same GiB. */
static void make_scratch(struct maker *m)
{
	struct table_table *t;
	size_t group;

	if (!m->scratch_small)
		return;
	group = ms_maker_objects(m, "root/page-table", "PageTable", 1);
	t = ms_maker_add(m, TABLE_TABLES);
	t->table = ref_object(group, 0);
	t->vspace = ref_root(TABLE_ROOT_VSPACE);
	t->vaddr = SCRATCH_SMALL;
	t->level = 21;
	t->name = ms_maker_name(m, "root/page-table");
}

static void make_space(struct maker *m, struct pd *pd)
{
	struct table_space *space = ms_maker_add(m, TABLE_SPACES);

	space->vspace = ref_object(pd->space.vspace, 0);
	space->name = ms_maker_name(m, pd->spec->name);
	reserve_program(m, pd);
	map_stack(m, pd);
	map_ipc_buffer(m, pd);
	pd->space.low = pd->reduced.vaddr_end + PAGE;
	pd->space.high = pd->stack_bottom;
	ms_map_regions(m, &pd->space);
	ms_space_check(m, &pd->space);
	map_program(m, pd);
	ms_space_tables(m, &pd->space);
}

void ms_make_spaces(struct maker *m)
{
	for (size_t i = 0; i < m->pd_count; i++)
		make_space(m, &m->pds[i]);
	ms_map_machines(m);
	make_scratch(m);
	if (m->late_patches.count) {
		struct records *list = &m->records[TABLE_PATCHES];
		size_t size = sizeof(struct table_patch);

		for (size_t i = 0; i < m->late_patches.count; i++)
			memcpy(ms_records_add(list, size), m->late_patches.data + i * size, size);
	}
}
