/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_names.c - rules about names: unique where they must be, in the archive too.
 */
#include "base/mem.h"
#include "spec/document.h"
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

static bool is_compiled(const struct ms_pd *pd)
{
	return pd && pd->binary && !ms_pd_is_ready(pd);
}

/* What is compiled for NAME lies in build/pd: NAME.o, NAME.d, NAME.link.d and NAME.elf, and below
 * NAME/ what comes of further sources (ms-plan(5)). */
static void check_files(struct ms_checking *c, struct ms_pd *pd)
{
	static const char *const files[] = {".o", ".d", ".link.d", ".elf"};
	const struct ms_pd *other = NULL;
	const char *name = pd->name, *dot = strrchr(name, '.');

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && pd->sources.count; i++) {
		if (!other && ms_ends_with(name, files[i]))
			other = ms_find_pd(c, ms_strndup(name, strlen(name) - strlen(files[i])));
	}
	if (!other && dot && strcmp(dot, ".link") == 0)
		other = ms_find_pd(c, ms_strndup(name, (size_t)(dot - name)));
	if (is_compiled(other))
		ms_fault(c, MS_RULE_PD_NAME_UNIQUE, &pd->node, MS_AT(struct ms_pd, pd, name),
		         "%s and %s would be compiled to files of one name in build/pd",
		         ms_label(&other->node), ms_label(&pd->node));
}

void ms_check_pd_names(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;

	check_unique(c, (struct ms_items){spec->pds.items, spec->pds.count, 0}, &ms_pd_table,
	             MS_RULE_PD_NAME_UNIQUE);
	for (size_t i = 0; i < spec->pds.count; i++) {
		if (ms_usable(c, &spec->pds.items[i].node) && is_compiled(&spec->pds.items[i]))
			check_files(c, &spec->pds.items[i]);
	}
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

void ms_check_vm_names(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;

	check_unique(c, (struct ms_items){spec->vms.items, spec->vms.count, 0}, &ms_vm_table,
	             MS_RULE_VM_NAME_UNIQUE);
}

void ms_check_domain_names(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;

	check_unique(c, (struct ms_items){spec->domains.items, spec->domains.count, 0},
	             &ms_domain_table, MS_RULE_DOMAIN_NAME_UNIQUE);
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
		    strcmp(name, "rootserver") == 0 || strcmp(name, "system.table") == 0) {
			ms_fault(c, MS_RULE_ARCHIVE_NAME, &region->node, mark,
			         "a prefilled memory region cannot be called '%s': that is "
			         "another file of the image",
			         name);
		}
		if (!ms_ends_with(name, ".elf"))
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

/* -- symbols ----------------------------------------------------------------------------- */

/* A symbol that is given a value, in the ELF of a PD. */
struct use {
	size_t pd;
	const char *symbol;
	struct ms_node *node;
	const struct ms_mark *mark;
	size_t order; /* of finding */
};

struct uses {
	struct use *items;
	size_t count, cap;
};

static void add_use(const struct ms_checking *c, struct uses *uses, size_t pd, struct ms_node *node,
                    const char *symbol, const struct ms_mark *mark)
{
	void *items = uses->items;

	if (!symbol || !ms_usable(c, node))
		return;
	ms_reserve(&items, &uses->cap, uses->count + 1, sizeof(*uses->items));
	uses->items = items;
	uses->items[uses->count] = (struct use){pd, symbol, node, mark, uses->count};
	uses->count++;
}

static void add_pd(const struct ms_checking *c, struct uses *uses, struct ms_pd *pd)
{
	const size_t index = pd->node.index;

	for (size_t i = 0; i < pd->maps.count; i++) {
		struct ms_map *map = &pd->maps.items[i];

		add_use(c, uses, index, &map->node, map->setvar_vaddr,
		        MS_AT(struct ms_map, map, setvar_vaddr));
		add_use(c, uses, index, &map->node, map->setvar_size,
		        MS_AT(struct ms_map, map, setvar_size));
		add_use(c, uses, index, &map->node, map->setvar_prefill_size,
		        MS_AT(struct ms_map, map, setvar_prefill_size));
	}
	for (size_t i = 0; i < pd->setvars.count; i++) {
		struct ms_setvar *setvar = &pd->setvars.items[i];

		add_use(c, uses, index, &setvar->node, setvar->symbol,
		        MS_AT(struct ms_setvar, setvar, symbol));
	}
	if (pd->parent_index != MS_NO_INDEX)
		add_use(c, uses, pd->parent_index, &pd->node, pd->setvar_id,
		        MS_AT(struct ms_pd, pd, setvar_id));
}

static void add_vm(const struct ms_checking *c, struct uses *uses, struct ms_vm *vm)
{
	if (!ms_usable(c, &vm->node))
		return;
	for (size_t i = 0; i < vm->vcpus.count; i++) {
		struct ms_vcpu *vcpu = &vm->vcpus.items[i];

		add_use(c, uses, vm->parent_index, &vcpu->node, vcpu->setvar_id,
		        MS_AT(struct ms_vcpu, vcpu, setvar_id));
	}
}

static int by_symbol(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order;

	if (x->pd != y->pd)
		return x->pd < y->pd ? -1 : 1;
	order = strcmp(x->symbol, y->symbol);
	if (order == 0)
		order = x->order < y->order ? -1 : 1;
	return order;
}

static void check_uses(struct ms_checking *c, const struct uses *uses)
{
	const struct use *first = uses->items;

	for (size_t i = 1; i < uses->count; i++) {
		const struct use *use = &uses->items[i];

		if (use->pd != first->pd || strcmp(use->symbol, first->symbol) != 0) {
			first = use;
			continue;
		}
		ms_fault(c, MS_RULE_SYMBOL_UNIQUE, use->node, use->mark,
		         "symbol '%s' of %s is set by %s and by %s", ms_clip(use->symbol),
		         ms_label(&c->spec->pds.items[use->pd].node), ms_label(first->node),
		         ms_label(use->node));
		ms_fault_note(c, first->node, first->mark, "the first is here");
	}
}

void ms_check_symbols(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	struct uses uses = {0};

	for (size_t i = 0; i < spec->pds.count; i++)
		add_pd(c, &uses, &spec->pds.items[i]);
	for (size_t i = 0; i < spec->vms.count; i++)
		add_vm(c, &uses, &spec->vms.items[i]);
	for (size_t i = 0; i < spec->channels.count; i++) {
		struct ms_channel *ch = &spec->channels.items[i];

		add_use(c, &uses, ch->pd_a, &ch->node, ch->setvar_id_a,
		        MS_AT(struct ms_channel, ch, setvar_id_a));
		add_use(c, &uses, ch->pd_b, &ch->node, ch->setvar_id_b,
		        MS_AT(struct ms_channel, ch, setvar_id_b));
	}
	for (size_t i = 0; i < spec->irqs.count; i++) {
		struct ms_irq *irq = &spec->irqs.items[i];

		add_use(c, &uses, irq->pd, &irq->node, irq->setvar_id,
		        MS_AT(struct ms_irq, irq, setvar_id));
	}
	if (uses.count) {
		qsort(uses.items, uses.count, sizeof(*uses.items), by_symbol);
		check_uses(c, &uses);
	}
	free(uses.items);
}
