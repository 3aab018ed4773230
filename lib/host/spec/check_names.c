/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_names.c - rules about names: unique where they must be, and files of the right kind.
 */
#include "base/mem.h"
#include "spec/table.h"

#include <stdlib.h>
#include <string.h>

/* A name and who has it, for sorting. */
struct owner {
	const char *name;
	struct ms_node *node;
};

static int by_name(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order == 0 && x->node->index != y->node->index)
		order = x->node->index < y->node->index ? -1 : 1;
	return order;
}

/* The names (in the first field) of a collection's usable items, sorted, then by position. */
static struct owner *sorted_names(const struct ms_checking *c, struct ms_items items,
                                  const struct ms_spec_table *table, size_t *count)
{
	struct owner *owners = ms_alloc(items.count + 1, sizeof(*owners));

	*count = 0;
	for (size_t i = 0; i < items.count; i++) {
		struct ms_node *node = ms_item_at(items, table, i);

		if (ms_usable(c, node))
			owners[(*count)++] =
			    (struct owner){ms_get_string(node, &table->rows[0]), node};
	}
	qsort(owners, *count, sizeof(*owners), by_name);
	return owners;
}

static const struct ms_mark *name_mark(const struct ms_node *node)
{
	return ms_mark_at(node, node->table->rows[0].offset);
}

static void check_unique(struct ms_checking *c, struct ms_items items,
                         const struct ms_spec_table *table, enum ms_rule_id rule)
{
	size_t count, first = 0;
	struct owner *owners = sorted_names(c, items, table, &count);

	for (size_t i = 1; i < count; i++) {
		if (strcmp(owners[i].name, owners[first].name) != 0) {
			first = i;
			continue;
		}
		ms_fault(c, rule, owners[i].node, name_mark(owners[i].node),
		         "two %ss are called '%s'", table->noun, ms_clip(owners[i].name));
		ms_fault_note(c, owners[first].node, name_mark(owners[first].node),
		              "the first is here");
	}
	free(owners);
}

void ms_check_pd_names(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;

	check_unique(c, (struct ms_items){spec->pds.items, spec->pds.count, 0}, &ms_pd_table,
	             MS_RULE_PD_NAME_UNIQUE);
}

void ms_check_channel_names(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;

	check_unique(c, (struct ms_items){spec->channels.items, spec->channels.count, 0},
	             &ms_channel_table, MS_RULE_CHANNEL_NAME_UNIQUE);
}

void ms_check_region_names(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;

	check_unique(c, (struct ms_items){spec->regions.items, spec->regions.count, 0},
	             &ms_region_table, MS_RULE_REGION_NAME_UNIQUE);
}

static bool ends_with(const char *s, const char *end)
{
	size_t length = strlen(s), want = strlen(end);

	return length > want && strcmp(s + length - want, end) == 0;
}

void ms_check_pd_binary_kind(struct ms_checking *c, void *item)
{
	struct ms_pd *pd = item;

	if (!ends_with(pd->binary, ".c") && !ends_with(pd->binary, ".S") &&
	    !ends_with(pd->binary, ".elf"))
		ms_fault(c, MS_RULE_PD_BINARY_KIND, &pd->node, MS_AT(struct ms_pd, pd, binary),
		         "binary '%s' of %s is neither a source (.c, .S) nor a program (.elf)",
		         ms_clip(pd->binary), ms_label(&pd->node));
}

/* The archive holds the kernel's files, NAME.elf of each PD and, under its own name, what a
 * region is filled with (ms-cpio(1)). */
void ms_check_archive_names(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;

	for (size_t i = 0; i < spec->pds.count; i++) {
		struct ms_pd *pd = &spec->pds.items[i];

		if (ms_usable(c, &pd->node) && strcmp(pd->name, "kernel") == 0)
			ms_fault(c, MS_RULE_ARCHIVE_NAME, &pd->node, MS_AT(struct ms_pd, pd, name),
			         "a protection domain cannot be called 'kernel': kernel.elf is the "
			         "kernel in the image");
	}
	for (size_t i = 0; i < spec->regions.count; i++) {
		struct ms_region *region = &spec->regions.items[i];
		const struct ms_mark *mark = MS_AT(struct ms_region, region, name);
		const char *name = region->name;
		char *base;

		if (!ms_usable(c, &region->node) || !region->prefill_from)
			continue;
		if (strcmp(name, "kernel.elf") == 0 || strcmp(name, "kernel.dtb") == 0 ||
		    strcmp(name, "rootserver") == 0) {
			ms_fault(c, MS_RULE_ARCHIVE_NAME, &region->node, mark,
			         "a prefilled memory region cannot be called '%s': that is a file "
			         "of the kernel in the image",
			         name);
		}
		if (!ends_with(name, ".elf"))
			continue;
		base = ms_strndup(name, strlen(name) - 4);
		if (ms_find_pd(c, base))
			ms_fault(c, MS_RULE_ARCHIVE_NAME, &region->node, mark,
			         "a prefilled memory region cannot be called '%s': that is the "
			         "program of protection domain '%s' in the image",
			         name, base);
		free(base);
	}
}
