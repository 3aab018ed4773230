/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names.c - a hash table of names with open addressing. See names.h.
 */
#include "base/names.h"
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct ms_names_slot *slot_of(const struct ms_names *names, const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	size_t i;

	for (const char *p = name; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	for (i = hash & (names->size - 1); names->slots[i].name; i = (i + 1) & (names->size - 1)) {
		if (strcmp(names->slots[i].name, name) == 0)
			break;
	}
	return &names->slots[i];
}

size_t *ms_names_at(struct ms_names *names, const char *name)
{
	struct ms_names_slot *slot;

	if (names->count * 2 >= names->size) {
		struct ms_names grown = {.count = names->count,
		                         .size = names->size ? names->size * 2 : 64};

		grown.slots = ms_alloc(grown.size, sizeof(*grown.slots));
		for (size_t i = 0; i < names->size; i++) {
			if (names->slots[i].name)
				*slot_of(&grown, names->slots[i].name) = names->slots[i];
		}
		free(names->slots);
		*names = grown;
	}
	slot = slot_of(names, name);
	if (!slot->name) {
		slot->name = name;
		names->count++;
	}
	return &slot->number;
}
