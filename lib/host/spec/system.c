/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * system.c - what kind of system a spec describes.
 */
#include "base/mem.h"
#include "spec/document.h"
#include "spec/table.h"

#include <string.h>

/* The first field of an item that only a root task of our own carries out and that says
 * something, or NULL. */
static const struct ms_spec_row *system_row(const struct ms_spec *spec, const struct ms_node *node,
                                            const struct ms_spec_table *except)
{
	for (size_t i = 0; i < node->table->count; i++) {
		const struct ms_spec_row *row = &node->table->rows[i];

		if ((row->flags & MS_ROW_SYSTEM) && (!except || row->table != except) &&
		    !ms_row_is_default(spec, node, row))
			return row;
	}
	return NULL;
}

const char *ms_needs_system(const struct ms_spec *spec, bool also_regions)
{
	const struct ms_spec_row *row;

	if (spec->pds.count > 1)
		return "the other protection domains";
	row = system_row(spec, &spec->node, also_regions ? NULL : &ms_region_table);
	if (!row && spec->pds.count)
		row = system_row(spec, &spec->pds.items[0].node, NULL);
	return row ? row->doc.name : NULL;
}

bool ms_spec_is_system(const struct ms_spec *spec)
{
	if (spec->build.root_task != MS_ROOT_AUTO)
		return spec->build.root_task == MS_ROOT_SYSTEM;
	return ms_needs_system(spec, true) != NULL;
}

/* The rules leave three kinds of binary: .c, .S and .elf. */
bool ms_pd_is_ready(const struct ms_pd *pd)
{
	return ms_ends_with(pd->binary, ".elf");
}
