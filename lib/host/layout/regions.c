/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * regions.c - memory regions: the size of their pages, which of their pages already lie in the
 * archive, which are made fresh; and where PDs map them.
 */
#include "both/handoff.h"
#include "layout/boot_rules.h"
#include "layout/parts.h"

#include <inttypes.h>
#include <string.h>

static bool aligned(uint64_t value, uint64_t align)
{
	return (value & (align - 1)) == 0;
}

/* Every address that is given allows pages of that size. */
static bool allows(const struct region *r, uint64_t page)
{
	if (!aligned(r->size, page) ||
	    (r->spec->phys_addr != MS_ANYWHERE && !aligned(r->spec->phys_addr, page)))
		return false;
	for (const struct map_ref *ref = r->maps; ref; ref = ref->next)
		if (ref->map->vaddr != MS_ANYWHERE && !aligned(ref->map->vaddr, page))
			return false;
	return true;
}

/* RAM that the kernel may have handed out in pieces is not for pages of 1 GiB. */
static bool in_memory(const struct maker *m, const struct region *r)
{
	for (size_t i = 0; i < m->kernel->memory_count; i++)
		if (r->spec->phys_addr < m->kernel->memory[i].end &&
		    r->spec->phys_addr + r->size > m->kernel->memory[i].start)
			return true;
	return false;
}

static void choose_pages(struct maker *m, struct region *r)
{
	uint64_t page = (uint64_t)r->spec->page_bytes;

	r->size = (uint64_t)r->spec->size_bytes;
	if (r->size == 0)
		r->size = UP(r->prefill, page ? page : PAGE);
	if (page == PAGE)
		r->bits = SMALL_BITS;
	else if (page == LARGE || allows(r, LARGE))
		r->bits = LARGE_BITS;
	else
		r->bits = SMALL_BITS;
	if (page == 0 && r->spec->phys_addr != MS_ANYWHERE && allows(r, 1ull << HUGE_BITS) &&
	    !in_memory(m, r))
		r->bits = HUGE_BITS;
	if (!allows(r, 1ull << r->bits))
		ERROR_AT(m, struct ms_region, r->spec, page_bytes, "region-page",
		         "region %s: its size, its physical address and every address that "
		         "it is mapped at must be multiples of its pages of %llu bytes",
		         r->spec->name, 1ull << r->bits);
	r->pages = UP(r->size, 1ull << r->bits) >> r->bits;
}

static const char *page_type(unsigned bits)
{
	return bits == SMALL_BITS ? "SmallPage" : bits == LARGE_BITS ? "LargePage" : "HugePage";
}

/* What of the prefill a page holds is copied into it. */
static void fill(struct maker *m, const struct region *r)
{
	uint64_t page = 1ull << r->bits;

	for (uint64_t at = r->inplace * page; at < r->prefill; at += page) {
		struct table_fill *f = ms_maker_add(m, TABLE_FILLS);

		f->frame = ref_object(r->group, (at >> r->bits) - r->inplace);
		f->source = r->tree ? TABLE_TREE | at : SOURCE(r->member, at);
		f->size = (uint32_t)(r->prefill - at < page ? r->prefill - at : page);
		f->page_bits = (uint16_t)r->bits;
		f->flags = (r->execute ? TABLE_FILL_EXECUTE : 0u) |
		           (r->past_caches ? TABLE_FILL_CLEAN : 0u);
		f->name = ms_maker_name(m, ms_format("region/%s", r->spec->name));
	}
	if (r->inplace * page < r->prefill) {
		m->scratch_small |= r->bits == SMALL_BITS;
		m->scratch_large |= r->bits == LARGE_BITS;
	}
}

/* The tail of the last page in place is the next member's header. */
static void clear_tail(struct maker *m, const struct region *r)
{
	struct table_fill *f;

	if (r->inplace == 0 || r->prefill % PAGE == 0)
		return;
	f = ms_maker_add(m, TABLE_FILLS);
	f->frame = ref_member(r->member, r->inplace - 1);
	f->at = (uint32_t)(r->prefill % PAGE);
	f->size = (uint32_t)(PAGE - f->at);
	f->page_bits = SMALL_BITS;
	f->flags = TABLE_FILL_ZERO;
	f->name = ms_maker_name(m, ms_format("region/%s", r->spec->name));
}

/* The device tree, as the kernel hands it on: behind a header of its number and its length. */
static void take_tree(struct maker *m, struct region *r)
{
	const struct ms_member *dtb = m->members->root > 1 ? &m->members->items[1] : NULL;

	if (!dtb) {
		ERROR_AT(m, struct ms_region, r->spec, prefill_bootinfo, "region-bootinfo",
		         "region %s: the kernel folder %s has no kernel.dtb (a Microkit SDK brings "
		         "none), so the kernel gets no device tree that it could hand on; put its "
		         "board's one there by that name",
		         r->spec->name, m->kernel->dir);
		return;
	}
	r->tree = true;
	r->prefill = ms_boot_extra_size(dtb->len);
	if (r->spec->size_bytes && r->prefill > (uint64_t)r->spec->size_bytes)
		ERROR_AT(m, struct ms_region, r->spec, size_bytes, "region-bootinfo",
		         "region %s: the device tree of this kernel and the header of %u bytes "
		         "before it are %" PRIu64 " bytes; it has room for %" PRId64,
		         r->spec->name, HANDOFF_DTB_HEADER, r->prefill, r->spec->size_bytes);
}

static void make_region(struct maker *m, size_t i)
{
	struct region *r = &m->regions[i];
	bool fixed = r->spec->phys_addr != MS_ANYWHERE, together = fixed || r->address_asked;

	r->group = NO;
	r->member = m->members->prefills[i];
	r->prefill = r->member == NO ? 0 : m->members->items[r->member].len;
	if (r->spec->prefill_bootinfo != MS_ABSENT)
		take_tree(m, r);
	choose_pages(m, r);
	if (!r->maps && !r->address_asked)
		return;
	if (r->prefill && (r->bits == HUGE_BITS || r->spec->caching == MS_DEVICE_MEMORY))
		ERROR_AT(m, struct ms_region, r->spec, prefill_from, "region-prefill",
		         "region %s: device memory cannot be prefilled", r->spec->name);
	/* Where a physical address was asked for, it is a device's that will look there. */
	r->past_caches |= together;
	if (r->tree)
		m->tree_size = r->prefill;
	else if (r->bits == SMALL_BITS && r->prefill && !r->past_caches)
		r->inplace = UP(r->prefill, PAGE) / PAGE;
	if (r->inplace < r->pages) {
		r->group = ms_maker_objects(m, ms_format("region/%s", r->spec->name),
		                            page_type(r->bits), r->pages - r->inplace);
		m->groups[r->group].together = together;
		if (fixed)
			m->groups[r->group].fixed = r->spec->phys_addr;
	}
	clear_tail(m, r);
	if (m->errors == 0)
		fill(m, r);
}

static bool is_cached(const struct region *r, const struct ms_map *map)
{
	return map->cached && r->spec->caching == MS_CACHED;
}

/* Who maps a region. A guest sees it past the caches, until it has switched its own ones on. */
static void see_maps(struct maker *m, const struct ms_maps *maps, bool guest)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct ms_map *map = &maps->items[i];
		struct region *r = &m->regions[map->region_index];
		struct map_ref *ref = ms_alloc(1, sizeof(*ref));

		ref->map = map;
		ref->next = r->maps;
		r->maps = ref;
		r->execute |= (map->permissions & MS_EXECUTE) != 0;
		r->past_caches |= guest || !is_cached(r, map);
	}
}

/* The same, and whether anybody asks for its physical address. */
static void see_uses(struct maker *m, const struct pd *pd)
{
	see_maps(m, &pd->spec->maps, false);
	for (size_t i = 0; i < pd->spec->setvars.count; i++)
		if (pd->spec->setvars.items[i].region_index != MS_NO_INDEX)
			m->regions[pd->spec->setvars.items[i].region_index].address_asked = true;
}

void ms_make_regions(struct maker *m)
{
	m->regions = ms_alloc(m->spec->regions.count + 1, sizeof(*m->regions));
	for (size_t i = 0; i < m->spec->regions.count; i++)
		m->regions[i].spec = &m->spec->regions.items[i];
	for (size_t i = 0; i < m->pd_count; i++)
		see_uses(m, &m->pds[i]);
	for (size_t i = 0; i < m->spec->vms.count; i++)
		see_maps(m, &m->spec->vms.items[i].maps, true);
	for (size_t i = 0; i < m->spec->regions.count; i++)
		make_region(m, i);
}

/* -- maps ---------------------------------------------------------------------------------- */

/*
 * Where nothing more can go, ascending and disjoint. Spans with less between them than a page and
 * the page of nothing on either side of it are one: thousands of regions, each behind the one
 * before, stay a single span, and looking for space takes no longer with each of them.
 */
struct taken {
	struct span {
		uint64_t start, end;
	} * spans;
	size_t count, cap;
};

static void take(struct taken *t, uint64_t start, uint64_t end)
{
	const uint64_t between = 3 * PAGE;
	size_t first = t->count, last;

	/* The spans from first up to last become one with it. */
	while (first > 0 && t->spans[first - 1].end + between > start)
		first--;
	for (last = first; last < t->count && t->spans[last].start < end + between; last++) {
		start = t->spans[last].start < start ? t->spans[last].start : start;
		end = t->spans[last].end > end ? t->spans[last].end : end;
	}
	ms_reserve((void **)&t->spans, &t->cap, t->count + 1, sizeof(*t->spans));
	memmove(t->spans + first + 1, t->spans + last, (t->count - last) * sizeof(*t->spans));
	t->spans[first] = (struct span){start, end};
	t->count += 1 - (last - first);
}

static struct taken taken_in(const struct space *s)
{
	struct taken t = {0};

	for (size_t i = 0; i < s->range_count; i++)
		take(&t, s->ranges[i].start, s->ranges[i].end);
	return t;
}

/* The lowest address from s->low on where size bytes are free, with a page of nothing on
 * either side; ANYWHERE: there is none. */
static uint64_t find_space(const struct space *s, const struct taken *t, uint64_t size,
                           uint64_t align)
{
	uint64_t at = UP(s->low, align);

	for (size_t i = 0; i < t->count && t->spans[i].start < at + size + PAGE; i++) {
		if (at < t->spans[i].end + PAGE)
			at = UP(t->spans[i].end + PAGE, align);
	}
	return at + size < at || at + size > s->high ? ANYWHERE : at;
}

static void map_part(struct maker *m, struct space *s, const struct ms_map *map, struct region *r,
                     uint64_t vaddr, bool inplace)
{
	const char *name = ms_format("region/%s", map->region);
	struct table_map t = {0};

	t.frames = inplace ? ref_member(r->member, 0) : ref_object(r->group, 0);
	t.count = (uint32_t)(inplace ? r->inplace : r->pages - r->inplace);
	if (t.count == 0)
		return;
	t.vaddr = inplace ? vaddr : vaddr + (r->inplace << r->bits);
	t.page_bits = inplace ? SMALL_BITS : r->bits;
	t.flags = (map->permissions & MS_READ ? TABLE_MAP_READ : 0u) |
	          (map->permissions & MS_WRITE ? TABLE_MAP_WRITE : 0u) |
	          (map->permissions & MS_EXECUTE ? TABLE_MAP_EXECUTE : 0u) |
	          (is_cached(r, map) ? TABLE_MAP_CACHED : 0u);
	if (r->mapped) {
		t.flags |= TABLE_MAP_COPY;
		t.copies = ref_extra(m->extras);
		m->extras += t.count;
	}
	ms_map_frames(m, s, &t, name);
}

void ms_map_regions(struct maker *m, struct space *s)
{
	struct taken taken = {0};

	s->map_vaddrs = ms_alloc(s->maps->count + 1, sizeof(*s->map_vaddrs));
	for (int pass = 0; pass < 2; pass++) { /* what has an address first */
		if (pass == 1)
			taken = taken_in(s);
		for (size_t i = 0; i < s->maps->count; i++) {
			const struct ms_map *map = &s->maps->items[i];
			struct region *r = &m->regions[map->region_index];
			uint64_t vaddr = map->vaddr;

			if ((map->vaddr == MS_ANYWHERE) != (pass == 1) || r->pages == 0)
				continue;
			if (r->pages > UINT32_MAX) {
				ERROR_AT(m, struct ms_region, r->spec, size_bytes, "region-page",
				         "region %s: too many pages of %llu bytes", map->region,
				         1ull << r->bits);
				continue;
			}
			if (pass == 1)
				vaddr = find_space(s, &taken, r->size, 1ull << r->bits);
			s->map_vaddrs[i] = vaddr;
			if (vaddr == ANYWHERE) {
				ERROR_AT(m, struct ms_map, map, region, "map-space",
				         "%s: no space for the region %s (%" PRIu64 " bytes)",
				         s->name, map->region, r->size);
				continue;
			}
			if (pass == 1)
				take(&taken, vaddr, vaddr + r->size);
			map_part(m, s, map, r, vaddr, true);
			map_part(m, s, map, r, vaddr, false);
			r->mapped = true;
		}
	}
}
