/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * space.c - an address space while it is made, of whomever: what is mapped where, that nothing
 * overlaps, and the page tables for it.
 */
#include "base/diag.h"
#include "layout/parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- mapping ------------------------------------------------------------------------------- */

void ms_space_range(struct space *s, uint64_t start, uint64_t end, unsigned bits, const char *what)
{
	ms_reserve((void **)&s->ranges, &s->range_cap, s->range_count + 1, sizeof(*s->ranges));
	s->ranges[s->range_count++] =
	    (struct map_range){.start = start, .end = end, .bits = bits, .what = what};
}

void ms_space_map(struct maker *m, struct space *s, const struct table_map *map, const char *what)
{
	struct table_map *t = ms_maker_add(m, TABLE_MAPS);

	*t = *map;
	t->vspace = ref_object(s->vspace, 0);
	t->name = ms_maker_name(m, ms_format("%s/%s", s->prefix, what));
}

void ms_map_frames(struct maker *m, struct space *s, const struct table_map *map, const char *what)
{
	ms_space_map(m, s, map, what);
	ms_space_range(s, map->vaddr, map->vaddr + ((uint64_t)map->count << map->page_bits),
	               map->page_bits, what);
}

uint64_t ms_space_frames(struct maker *m, const struct space *s, size_t *group, const char *what,
                         unsigned bits, uint64_t count)
{
	uint64_t first;

	if (*group == NO)
		*group = ms_maker_objects(m, ms_format("%s/%s", s->prefix, what),
		                          bits == SMALL_BITS ? "SmallPage" : "LargePage", 0);
	first = m->groups[*group].count;
	m->groups[*group].count += count;
	return ref_object(*group, first);
}

uint64_t ms_zeroes_end(uint64_t start, uint64_t end, unsigned *bits)
{
	bool big = start % LARGE == 0 && end - start >= LARGE;

	*bits = big ? LARGE_BITS : SMALL_BITS;
	if (!big && UP(start, LARGE) < DOWN(end, LARGE))
		return UP(start, LARGE);
	return DOWN(end, 1ull << *bits);
}

void ms_map_zeroes(struct maker *m, struct space *s, uint64_t start, uint64_t end, unsigned flags,
                   const char *what)
{
	size_t small = NO, large = NO;

	while (start < end) {
		unsigned bits;
		uint64_t stop = ms_zeroes_end(start, end, &bits);
		bool big = bits == LARGE_BITS;
		struct table_map t = {.vaddr = start, .flags = flags};

		t.page_bits = bits;
		t.count = (uint32_t)((stop - start) >> bits);
		t.frames =
		    ms_space_frames(m, s, big ? &large : &small,
		                    big ? ms_format("%s-large", what) : what, t.page_bits, t.count);
		ms_map_frames(m, s, &t, what);
		start = stop;
	}
}

/* -- checks and tables --------------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
	const struct map_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* The map that a range is of; NULL of what is no region. */
static const struct ms_node *map_of(const struct space *s, const struct map_range *r)
{
	static const char prefix[] = "region/";

	for (size_t i = 0; s->maps && i < s->maps->count; i++) {
		const struct ms_map *map = &s->maps->items[i];

		if (strncmp(r->what, prefix, sizeof(prefix) - 1) == 0 &&
		    strcmp(r->what + sizeof(prefix) - 1, map->region) == 0 && s->map_vaddrs &&
		    s->map_vaddrs[i] <= r->start && r->start - s->map_vaddrs[i] < r->end)
			return &map->node;
	}
	return NULL;
}

/* Gives up the guard page below the stack when something is mapped there and may be. */
static void yield_guard(const struct maker *m, struct space *s)
{
	for (size_t i = 0; i < s->range_count; i++) {
		struct map_range *guard = &s->ranges[i];

		for (size_t k = 0; k < s->range_count && guard->may_be_mapped; k++) {
			const struct map_range *r = &s->ranges[k];

			if (k == i || r->start >= guard->end || guard->start >= r->end)
				continue;
			ms_maker_warn_at(m, map_of(s, r), offsetof(struct ms_map, vaddr),
			                 "map-guard",
			                 "%s: %s at 0x%" PRIx64 "..0x%" PRIx64
			                 " reaches its stack: an overflow would go unnoticed",
			                 s->name, r->what, r->start, r->end);
			*guard = s->ranges[--s->range_count];
			return;
		}
	}
}

void ms_space_check(struct maker *m, struct space *s)
{
	yield_guard(m, s);
	qsort(s->ranges, s->range_count, sizeof(*s->ranges), by_start);
	for (size_t i = 0; i < s->range_count; i++) {
		const struct map_range *r = &s->ranges[i];

		if (r->end > m->kernel->user_top || r->end < r->start)
			ms_maker_error_at(m, map_of(s, r), offsetof(struct ms_map, vaddr),
			                  "map-user-space",
			                  "%s: %s at 0x%" PRIx64 "..0x%" PRIx64
			                  " lies outside user space, which ends at 0x%" PRIx64,
			                  s->name, r->what, r->start, r->end, m->kernel->user_top);
		else if (i > 0 && r->start < s->ranges[i - 1].end)
			ms_maker_error_at(
			    m, map_of(s, r) ? map_of(s, r) : map_of(s, &s->ranges[i - 1]),
			    offsetof(struct ms_map, vaddr), "map-overlap",
			    "%s: %s at 0x%" PRIx64 "..0x%" PRIx64 " overlaps %s at 0x%" PRIx64
			    "..0x%" PRIx64,
			    s->name, r->what, r->start, r->end, s->ranges[i - 1].what,
			    s->ranges[i - 1].start, s->ranges[i - 1].end);
	}
}

/* The spans of 2^level bytes in which there is something of smaller pages: a table each. The ranges
 * ascend. Calls add for each span, unless it is NULL. */
static uint64_t level_spans(const struct space *s, unsigned level, void (*add)(void *, uint64_t),
                            void *user)
{
	uint64_t count = 0, next = 0;

	for (size_t i = 0; i < s->range_count; i++) {
		const struct map_range *r = &s->ranges[i];
		uint64_t span = r->start >> level, last = (r->end - 1) >> level;

		if (r->bits == 0 || r->bits >= level || r->start == r->end)
			continue;
		if (span < next)
			span = next;
		if (span > last)
			continue;
		next = last + 1;
		count += next - span;
		for (; add && span <= last; span++)
			add(user, span << level);
	}
	return count;
}

struct tables {
	struct maker *m;
	uint64_t vspace, next; /* references */
	unsigned level;
	uint32_t name;
};

static void add_table(void *user, uint64_t vaddr)
{
	struct tables *tables = user;
	struct table_table *t = ms_maker_add(tables->m, TABLE_TABLES);

	t->table = tables->next++;
	t->vspace = tables->vspace;
	t->vaddr = vaddr;
	t->level = tables->level;
	t->name = tables->name;
}

void ms_space_tables(struct maker *m, struct space *s)
{
	const unsigned top = ms_maker_bits(m, "VSpace") > SMALL_BITS ? 30 : 39;
	struct tables tables = {.m = m, .vspace = ref_object(s->vspace, 0)};
	uint64_t count = 0, pages = 0;
	const char *name;
	size_t group;

	/* What lies outside user space may be of any size. */
	if (m->errors)
		return;
	for (unsigned level = top; level >= 21; level -= 9)
		count += level_spans(s, level, NULL, NULL);
	/* Small pages of a very large region: as many records are not even begun with. */
	for (size_t i = 0; i < m->kernel->memory_count; i++)
		pages += (m->kernel->memory[i].end - m->kernel->memory[i].start) / PAGE;
	m->page_tables += count;
	if (m->page_tables > pages) {
		ms_maker_error(m, "memory",
		               "%s: with its address space there are %" PRIu64
		               " page tables, more than this kernel's memory has pages (%" PRIu64
		               ")",
		               s->name, m->page_tables, pages);
		return;
	}
	name = ms_format("%s/page-table", s->prefix);
	group = ms_maker_objects(m, name, "PageTable", count);
	tables.name = ms_maker_name(m, name);
	tables.next = ref_object(group, 0);
	for (tables.level = top; tables.level >= 21; tables.level -= 9)
		level_spans(s, tables.level, add_table, &tables);
}
