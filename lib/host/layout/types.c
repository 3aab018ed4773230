/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * types.c - kinds of objects by their numbers, and names that stand for several objects.
 */
#include "layout/types.h"
#include "base/mem.h"
#include "both/table.h"
#include "layout/kernel_parts.h"

#include <stdio.h>
#include <string.h>

const char *ms_type_name(uint32_t flags, uint32_t type)
{
	return ms_kernel_object_name(flags & TABLE_MCS, flags & TABLE_HYPERVISOR, type);
}

bool ms_type_number(uint32_t flags, const char *name, uint32_t *type)
{
	const int number =
	    ms_kernel_object_number(flags & TABLE_MCS, flags & TABLE_HYPERVISOR, name);

	*type = (uint32_t)number;
	return number >= 0;
}

/* log2 of what one object takes: a CNode's argument counts its slots, of 32 bytes. */
unsigned ms_type_bits(const char *type, uint32_t size_bits)
{
	return strcmp(type, "CNode") == 0 ? size_bits + 5 : size_bits;
}

/* What follows a decimal number, NULL where there is none. */
static const char *take_number(const char *s, uint64_t *value)
{
	if (*s < '0' || *s > '9')
		return NULL;
	for (*value = 0; *s >= '0' && *s <= '9'; s++)
		*value = *value > UINT64_MAX / 16 ? UINT64_MAX : *value * 10 + (uint64_t)(*s - '0');
	return s;
}

/* "name", "name[i]" or "name[i..j]": how many objects, and the length of what stands before. */
uint64_t ms_name_count(const char *name, size_t *base, uint64_t *first)
{
	const char *bracket = strrchr(name, '['), *p;
	uint64_t a = 0, b = 0;

	*base = bracket ? (size_t)(bracket - name) : strlen(name);
	*first = 0;
	if (!bracket || !(p = take_number(bracket + 1, &a))) {
		*base = strlen(name);
		return 1;
	}
	*first = a;
	if (!ms_starts_with(p, "..") || !take_number(p + 2, &b))
		return 1;
	return b >= a && b - a < UINT32_MAX ? b - a + 1 : 1;
}
