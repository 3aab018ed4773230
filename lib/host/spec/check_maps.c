/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_maps.c - rules about regions in address spaces.
 */
#include "base/mem.h"
#include "spec/document.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>

/* No AArch64 kernel gives a program more: what is left of it is ms-layout's to check. */
#define ADDRESS_END (UINT64_C(1) << 48)

/* The region of a map, NULL when it broke what the rule at work needs. */
static struct ms_region *region_of(const struct ms_checking *c, const struct ms_map *map)
{
	struct ms_region *region = &c->spec->regions.items[map->region_index];

	return ms_usable(c, &region->node) ? region : NULL;
}

static const char *permission_names(unsigned permissions)
{
	static const char *const names[] = {"read", "write", "execute"};
	const char *list = "";

	for (unsigned i = 0; i < 3; i++) {
		if (permissions & 1u << i)
			list = ms_format("%s%s%s", list, list[0] ? ", " : "", names[i]);
	}
	return list[0] ? list : "none";
}

void ms_check_map_ceiling(struct ms_checking *c, void *item)
{
	struct ms_map *map = item;
	const struct ms_region *region = region_of(c, map);

	if (!region || !(map->permissions & ~region->permissions))
		return;
	ms_fault(c, MS_RULE_MAP_CEILING, &map->node, MS_AT(struct ms_map, map, permissions),
	         "%s has the permission %s; the region has %s", ms_label(&map->node),
	         permission_names(map->permissions & ~region->permissions),
	         permission_names(region->permissions));
	ms_fault_note(c, &region->node, MS_AT(struct ms_region, region, permissions),
	              "the region's permissions are the most that a map of it can have");
}

void ms_check_map_access(struct ms_checking *c, void *item)
{
	struct ms_map *map = item;
	const struct ms_mark *mark = MS_AT(struct ms_map, map, permissions);

	if (!region_of(c, map))
		return;
	if (map->permissions == 0)
		ms_fault(c, MS_RULE_MAP_ACCESS, &map->node, mark,
		         "%s has no permissions: there is no use for it", ms_label(&map->node));
	else if ((map->permissions & MS_WRITE) && !(map->permissions & MS_READ))
		ms_fault(c, MS_RULE_MAP_ACCESS, &map->node, mark,
		         "%s can be written but not read, which AArch64 cannot express",
		         ms_label(&map->node));
}

void ms_check_map_cached(struct ms_checking *c, void *item)
{
	struct ms_map *map = item;
	const struct ms_region *region = region_of(c, map);

	if (region && map->cached && region->caching != MS_CACHED)
		ms_fault(c, MS_RULE_MAP_CACHED, &map->node, MS_AT(struct ms_map, map, cached),
		         "%s is cached; the region is not", ms_label(&map->node));
}

void ms_check_map_range(struct ms_checking *c, void *item)
{
	struct ms_map *map = item;
	const struct ms_region *region = region_of(c, map);
	const struct ms_mark *mark = MS_AT(struct ms_map, map, vaddr);

	if (!region || map->vaddr == MS_ANYWHERE)
		return;
	if (region->page_bytes && map->vaddr % (uint64_t)region->page_bytes)
		ms_fault(c, MS_RULE_MAP_RANGE, &map->node, mark,
		         "vaddr of %s is 0x%" PRIx64 "; the region's page_bytes is %" PRId64,
		         ms_label(&map->node), map->vaddr, region->page_bytes);
	else if (map->vaddr >= ADDRESS_END || ms_region_least(region) > ADDRESS_END - map->vaddr)
		ms_fault(c, MS_RULE_MAP_RANGE, &map->node, mark,
		         "%s begins at 0x%" PRIx64 " and is %" PRIu64
		         " bytes long: it would end past 2^48",
		         ms_label(&map->node), map->vaddr, ms_region_least(region));
}

void ms_check_map_prefill(struct ms_checking *c, void *item)
{
	struct ms_map *map = item;
	const struct ms_region *region = region_of(c, map);

	if (region && map->setvar_prefill_size && !region->prefill_from)
		ms_fault(c, MS_RULE_MAP_PREFILL, &map->node,
		         MS_AT(struct ms_map, map, setvar_prefill_size),
		         "%s has a setvar_prefill_size, but the region is not prefilled%s",
		         ms_label(&map->node),
		         region->prefill_bootinfo == MS_ABSENT ? "" : " from a file");
}

static void add_maps(bool *used, const struct ms_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		if (maps->items[i].region_index != MS_NO_INDEX)
			used[maps->items[i].region_index] = true;
	}
}

void ms_check_region_unmapped(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	bool *used;

	/* A PD that is the root task has all memory without a map; and where there is a fault, a
	 * map may be missing because of it. */
	if (!ms_spec_is_system(spec) || c->errors)
		return;
	used = ms_alloc(spec->regions.count + 1, sizeof(*used));
	for (size_t i = 0; i < spec->pds.count; i++) {
		const struct ms_pd *pd = &spec->pds.items[i];

		add_maps(used, &pd->maps);
		for (size_t n = 0; n < pd->setvars.count; n++) {
			if (pd->setvars.items[n].region_index != MS_NO_INDEX)
				used[pd->setvars.items[n].region_index] = true;
		}
	}
	for (size_t i = 0; i < spec->vms.count; i++)
		add_maps(used, &spec->vms.items[i].maps);
	for (size_t i = 0; i < spec->regions.count; i++) {
		struct ms_region *region = &spec->regions.items[i];

		if (!used[i] && ms_usable(c, &region->node))
			ms_fault(c, MS_RULE_REGION_UNMAPPED, &region->node,
			         MS_AT(struct ms_region, region, name), "%s is mapped by nobody",
			         ms_label(&region->node));
	}
	free(used);
}
