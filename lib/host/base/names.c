/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names.c - a hash table of names with open addressing. See names.h.
 */
#include "base/names.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static struct ms_names_slot *slot_of(const struct ms_names *names, const char *name, size_t len)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	size_t i;

	for (size_t k = 0; k < len; k++)
		hash = (hash ^ (unsigned char)name[k]) * 16777619u;
	for (i = hash & (names->size - 1); names->slots[i].name; i = (i + 1) & (names->size - 1)) {
		if (names->slots[i].len == len && memcmp(names->slots[i].name, name, len) == 0)
			break;
	}
	return &names->slots[i];
}

static void grow(struct ms_names *names)
{
	struct ms_names grown = {.count = names->count, .size = names->size ? names->size * 2 : 64};

	grown.slots = ms_alloc(grown.size, sizeof(*grown.slots));
	for (size_t i = 0; i < names->size; i++) {
		const struct ms_names_slot *slot = &names->slots[i];

		if (slot->name)
			*slot_of(&grown, slot->name, slot->len) = *slot;
	}
	free(names->slots);
	*names = grown;
}

uint64_t *ms_names_at_part(struct ms_names *names, const char *name, size_t len)
{
	struct ms_names_slot *slot;

	if (names->count * 2 >= names->size)
		grow(names);
	slot = slot_of(names, name, len);
	if (!slot->name) {
		*slot = (struct ms_names_slot){.name = name, .len = len};
		names->count++;
	}
	return &slot->number;
}

uint64_t *ms_names_at(struct ms_names *names, const char *name)
{
	return ms_names_at_part(names, name, strlen(name));
}

const uint64_t *ms_names_find(const struct ms_names *names, const char *name, size_t len)
{
	const struct ms_names_slot *slot = names->size ? slot_of(names, name, len) : NULL;

	return slot && slot->name ? &slot->number : NULL;
}

void ms_names_free(struct ms_names *names)
{
	free(names->slots);
	*names = (struct ms_names){0};
}
