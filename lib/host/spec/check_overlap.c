/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_overlap.c - rules about what lies in the same place: regions in physical memory, maps in
 * one address space.
 */
#include "base/mem.h"
#include "spec/document.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>

/* What a region or a map takes. */
struct extent {
	uint64_t start, last;
	struct ms_node *node;
	void *item;
};

typedef void report_overlap(struct ms_checking *c, const struct extent *early,
                            const struct extent *late);

static int by_start(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->node->index < y->node->index ? -1 : 1;
}

/* In order of address each one is compared with the one that reaches farthest of all before it: it
 * overlaps that one if it overlaps any. The later one in the text is the one to blame. */
static void find_overlaps(struct ms_checking *c, struct extent *extents, size_t count,
                          report_overlap *report)
{
	const struct extent *farthest = extents;

	qsort(extents, count, sizeof(*extents), by_start);
	for (size_t i = 1; i < count; i++) {
		const struct extent *one = &extents[i];
		bool is_late = one->node->index > farthest->node->index;

		if (one->start <= farthest->last)
			report(c, is_late ? farthest : one, is_late ? one : farthest);
		if (one->last > farthest->last)
			farthest = one;
	}
}

static void report_regions(struct ms_checking *c, const struct extent *early,
                           const struct extent *late)
{
	struct ms_region *a = early->item, *b = late->item;

	ms_fault(c, MS_RULE_REGION_OVERLAP, &b->node, MS_AT(struct ms_region, b, phys_addr),
	         "%s (0x%" PRIx64 "..0x%" PRIx64 ") overlaps %s (0x%" PRIx64 "..0x%" PRIx64 ")",
	         ms_label(&b->node), late->start, late->last, ms_label(&a->node), early->start,
	         early->last);
	ms_fault_note(c, &a->node, MS_AT(struct ms_region, a, phys_addr), "the other one is here");
}

void ms_check_region_overlap(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	struct extent *extents = ms_alloc(spec->regions.count + 1, sizeof(*extents));
	size_t count = 0;

	for (size_t i = 0; i < spec->regions.count; i++) {
		struct ms_region *region = &spec->regions.items[i];
		const uint64_t start = region->phys_addr;

		if (ms_usable(c, &region->node) && start != MS_ANYWHERE)
			extents[count++] = (struct extent){
			    start, start + (ms_region_least(region) - 1), &region->node, region};
	}
	find_overlaps(c, extents, count, report_regions);
	free(extents);
}

static void report_maps(struct ms_checking *c, const struct extent *early,
                        const struct extent *late)
{
	struct ms_map *a = early->item, *b = late->item;

	ms_fault(c, MS_RULE_MAP_OVERLAP, &b->node, MS_AT(struct ms_map, b, vaddr),
	         "%s (0x%" PRIx64 "..0x%" PRIx64 ") overlaps the map '%s' (0x%" PRIx64
	         "..0x%" PRIx64 ")",
	         ms_label(&b->node), late->start, late->last, ms_clip(a->region), early->start,
	         early->last);
	ms_fault_note(c, &a->node, MS_AT(struct ms_map, a, vaddr), "the other one is here");
}

static void check_maps(struct ms_checking *c, const struct ms_maps *maps)
{
	struct extent *extents = ms_alloc(maps->count + 1, sizeof(*extents));
	size_t count = 0;

	for (size_t i = 0; i < maps->count; i++) {
		struct ms_map *map = &maps->items[i];
		const struct ms_region *region;

		if (!ms_usable(c, &map->node) || map->vaddr == MS_ANYWHERE)
			continue;
		region = &c->spec->regions.items[map->region_index];
		if (ms_usable(c, &region->node))
			extents[count++] =
			    (struct extent){map->vaddr, map->vaddr + (ms_region_least(region) - 1),
			                    &map->node, map};
	}
	find_overlaps(c, extents, count, report_maps);
	free(extents);
}

void ms_check_map_overlap(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;

	for (size_t i = 0; i < spec->pds.count; i++)
		check_maps(c, &spec->pds.items[i].maps);
	for (size_t i = 0; i < spec->vms.count; i++)
		check_maps(c, &spec->vms.items[i].maps);
}
