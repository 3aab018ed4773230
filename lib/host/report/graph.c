/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * graph.c - nodes and edges of a system. See graph.h.
 */
#include "report/graph.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const ms_link_words[MS_LINK_KINDS] = {"calls",      "signals", "regions",
                                                  "interrupts", "faults",  "capabilities"};

const char *ms_permission_text(unsigned permissions)
{
	static const char *const texts[] = {"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx"};

	return texts[permissions & 7];
}

/* -- nodes ----------------------------------------------------------------------------------- */

static void add_node(struct ms_graph *g, enum ms_graph_kind kind, size_t index, const char *name,
                     const char *detail)
{
	ms_reserve((void **)&g->nodes, &g->cap, g->count + 1, sizeof(*g->nodes));
	g->nodes[g->count++] = (struct ms_graph_node){kind, index, name, detail, 1};
}

static const char *region_detail(const struct ms_region *region)
{
	static const char *const words[] = {"cached", "uncached", "device memory"};
	const char *size = region->size_bytes ? ms_size_text((uint64_t)region->size_bytes)
	                   : region->prefill_bootinfo != MS_ABSENT ? "as the device tree"
	                                                           : "as its file";

	if (region->phys_from.dt)
		return ms_format("%s, %s at register %" PRId64 " of %s",
		                 region->size_bytes ? size : "as large as that is",
		                 words[region->caching], region->phys_from.index,
		                 region->phys_from.dt);
	if (region->phys_addr != MS_ANYWHERE)
		return ms_format("%s, %s at 0x%" PRIx64, size, words[region->caching],
		                 region->phys_addr);
	return ms_format("%s, %s", size, words[region->caching]);
}

static const char *irq_name(const struct ms_irq *irq)
{
	if (irq->from.dt)
		return ms_format("interrupt %" PRId64 " of %s", irq->from.index, irq->from.dt);
	return ms_format("interrupt %" PRId64, irq->irq);
}

static void add_nodes(struct ms_graph *g)
{
	const struct ms_spec *spec = g->spec;

	for (size_t i = 0; i < spec->pds.count; i++)
		add_node(g, MS_GRAPH_PD, i, spec->pds.items[i].name,
		         ms_format("priority %" PRId64 "%s", spec->pds.items[i].priority,
		                   spec->pds.items[i].passive ? ", passive" : ""));
	for (size_t i = 0; i < spec->vms.count; i++)
		add_node(g, MS_GRAPH_VM, i, spec->vms.items[i].name,
		         ms_format("virtual machine, %s",
		                   ms_count_text(spec->vms.items[i].vcpus.count, "CPU")));
	for (size_t i = 0; i < spec->regions.count; i++)
		add_node(g, MS_GRAPH_REGION, i, spec->regions.items[i].name,
		         region_detail(&spec->regions.items[i]));
	for (size_t i = 0; i < spec->irqs.count; i++)
		add_node(g, MS_GRAPH_IRQ, i, irq_name(&spec->irqs.items[i]),
		         spec->irqs.items[i].trigger == MS_EDGE    ? "edge"
		         : spec->irqs.items[i].trigger == MS_LEVEL ? "level"
		                                                   : "as the device tree says");
}

/* The nodes come in the order in which add_nodes adds them. */
static size_t vm_node(const struct ms_graph *g, size_t index)
{
	return g->spec->pds.count + index;
}

static size_t region_node(const struct ms_graph *g, size_t index)
{
	return g->spec->pds.count + g->spec->vms.count + index;
}

static size_t irq_node(const struct ms_graph *g, size_t index)
{
	return region_node(g, g->spec->regions.count) + index;
}

/* -- links ----------------------------------------------------------------------------------- */

static void add_link(struct ms_graph *g, struct ms_graph_link link)
{
	ms_reserve((void **)&g->links, &g->link_cap, g->link_count + 1, sizeof(*g->links));
	g->links[g->link_count++] = link;
}

/* "a may signal b", "a and b may signal each other"; "" where neither may. */
static const char *signal_text(const struct ms_channel *ch)
{
	if (ch->notify_a && ch->notify_b)
		return ms_format("%s and %s may signal each other", ch->end_a, ch->end_b);
	if (ch->notify_a)
		return ms_format("%s may signal %s", ch->end_a, ch->end_b);
	return ch->notify_b ? ms_format("%s may signal %s", ch->end_b, ch->end_a) : "";
}

static void add_channel(struct ms_graph *g, const struct ms_channel *ch)
{
	struct ms_graph_link link = {.kind = MS_LINK_SIGNAL, .name = ch->name};
	const char *signals = signal_text(ch);
	bool turned;

	if (ch->kind == MS_CHANNEL_PPC) {
		turned = ch->caller == MS_END_B;
		link.kind = MS_LINK_CALL;
		link.detail = ms_format(
		    "channel %s: %s calls %s%s%s", ch->name, turned ? ch->end_b : ch->end_a,
		    turned ? ch->end_a : ch->end_b, *signals ? "; " : "", signals);
	} else {
		turned = !ch->notify_a && ch->notify_b;
		link.both = ch->notify_a && ch->notify_b;
		link.detail = ms_format("channel %s: %s", ch->name, signals);
	}
	link.from = turned ? ch->pd_b : ch->pd_a;
	link.to = turned ? ch->pd_a : ch->pd_b;
	add_link(g, link);
}

/* One link for each region, however often it is mapped. */
static void add_maps(struct ms_graph *g, size_t node, const struct ms_maps *maps)
{
	size_t *at = ms_alloc(g->spec->regions.count + 1, sizeof(*at));

	for (size_t i = 0; i < maps->count; i++) {
		const struct ms_map *map = &maps->items[i];
		size_t *own = &at[map->region_index];

		if (!*own) {
			add_link(g, (struct ms_graph_link){.kind = MS_LINK_MAP,
			                                   .from = node,
			                                   .to = region_node(g, map->region_index),
			                                   .name = ""});
			*own = g->link_count;
		}
		g->links[*own - 1].permissions |= map->permissions;
	}
	for (size_t i = 0; i < g->spec->regions.count; i++) {
		struct ms_graph_link *link = at[i] ? &g->links[at[i] - 1] : NULL;

		if (link)
			link->detail = ms_format("%s has %s mapped %s", g->nodes[node].name,
			                         g->nodes[link->to].name,
			                         ms_permission_text(link->permissions));
	}
	free(at);
}

static void add_caps(struct ms_graph *g, size_t pd)
{
	static const char *const kinds[] = {"thread", "time", "address space"};
	const struct ms_pd *from = &g->spec->pds.items[pd];

	for (size_t i = 0; i < from->caps.count; i++) {
		const struct ms_cap *cap = &from->caps.items[i];

		add_link(g, (struct ms_graph_link){
		                .kind = MS_LINK_CAP,
		                .from = pd,
		                .to = cap->pd_index,
		                .name = "",
		                .detail = ms_format("%s has a capability of the %s of %s",
		                                    from->name, kinds[cap->kind], cap->pd)});
	}
}

static void add_links(struct ms_graph *g)
{
	const struct ms_spec *spec = g->spec;

	for (size_t i = 0; i < spec->channels.count; i++)
		add_channel(g, &spec->channels.items[i]);
	for (size_t i = 0; i < spec->pds.count; i++) {
		const struct ms_pd *pd = &spec->pds.items[i];

		if (pd->parent_index != MS_NO_INDEX)
			add_link(g, (struct ms_graph_link){
			                .kind = MS_LINK_FAULT,
			                .from = i,
			                .to = pd->parent_index,
			                .name = "",
			                .detail = ms_format("%s gets the faults of %s, and can "
			                                    "stop and restart it",
			                                    pd->parent, pd->name)});
		add_caps(g, i);
		add_maps(g, i, &pd->maps);
	}
	for (size_t i = 0; i < spec->vms.count; i++) {
		const struct ms_vm *vm = &spec->vms.items[i];

		add_link(g, (struct ms_graph_link){
		                .kind = MS_LINK_FAULT,
		                .from = vm_node(g, i),
		                .to = vm->parent_index,
		                .name = "",
		                .detail = ms_format("%s is the monitor of the virtual machine %s",
		                                    vm->parent, vm->name)});
		add_maps(g, vm_node(g, i), &vm->maps);
	}
	for (size_t i = 0; i < spec->irqs.count; i++)
		add_link(
		    g, (struct ms_graph_link){.kind = MS_LINK_IRQ,
		                              .from = irq_node(g, i),
		                              .to = spec->irqs.items[i].pd,
		                              .name = "",
		                              .detail = ms_format("%s is delivered to %s",
		                                                  irq_name(&spec->irqs.items[i]),
		                                                  spec->irqs.items[i].target_pd)});
}

/* -- choice ---------------------------------------------------------------------------------- */

/* Leaves the nodes that keep marks, and the links between them. */
static void keep_only(struct ms_graph *g, const bool *keep)
{
	size_t *now = ms_alloc(g->count + 1, sizeof(*now)), kept = 0;

	for (size_t i = 0; i < g->count; i++) {
		now[i] = kept;
		if (keep[i])
			g->nodes[kept++] = g->nodes[i];
	}
	g->count = kept;
	kept = 0;
	for (size_t i = 0; i < g->link_count; i++) {
		struct ms_graph_link link = g->links[i];

		if (!keep[link.from] || !keep[link.to])
			continue;
		link.from = now[link.from];
		link.to = now[link.to];
		g->links[kept++] = link;
	}
	g->link_count = kept;
	free(now);
}

/* Without the links of other kinds, regions and interrupts that stand alone say nothing. */
static void choose_links(struct ms_graph *g, unsigned kinds)
{
	bool *keep = ms_alloc(g->count + 1, sizeof(*keep));
	size_t kept = 0;

	for (size_t i = 0; i < g->link_count; i++)
		if (kinds >> g->links[i].kind & 1)
			g->links[kept++] = g->links[i];
	g->link_count = kept;
	for (size_t i = 0; i < g->count; i++)
		keep[i] = g->nodes[i].kind == MS_GRAPH_PD || g->nodes[i].kind == MS_GRAPH_VM ||
		          (g->nodes[i].kind == MS_GRAPH_REGION && (kinds >> MS_LINK_MAP & 1)) ||
		          (g->nodes[i].kind == MS_GRAPH_IRQ && (kinds >> MS_LINK_IRQ & 1));
	keep_only(g, keep);
	free(keep);
}

static bool is_party(const struct ms_graph_node *node)
{
	return node->kind == MS_GRAPH_PD || node->kind == MS_GRAPH_VM;
}

/* The one, what it has links to, and who shares a region with it. */
static void choose_focus(struct ms_graph *g, size_t focus)
{
	bool *keep = ms_alloc(g->count + 1, sizeof(*keep));
	bool *near = ms_alloc(g->count + 1, sizeof(*near));

	near[focus] = true;
	for (size_t i = 0; i < g->link_count; i++)
		if (g->links[i].from == focus || g->links[i].to == focus)
			near[g->links[i].from] = near[g->links[i].to] = true;
	memcpy(keep, near, g->count * sizeof(*keep));
	for (size_t i = 0; i < g->link_count; i++)
		if (g->links[i].kind == MS_LINK_MAP && near[g->links[i].to])
			keep[g->links[i].from] = true;
	keep_only(g, keep);
	free(keep);
	free(near);
}

bool ms_graph_make(const struct ms_spec *spec, const struct ms_graph_choice *choice,
                   struct ms_graph *g)
{
	*g = (struct ms_graph){.spec = spec};
	add_nodes(g);
	add_links(g);
	if (choice->links)
		choose_links(g, choice->links);
	if (!choice->focus)
		return true;
	for (size_t i = 0; i < g->count; i++) {
		if (is_party(&g->nodes[i]) && strcmp(g->nodes[i].name, choice->focus) == 0) {
			choose_focus(g, i);
			return true;
		}
	}
	return false;
}
