/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_links.c - rules about channels and interrupts: what they name is there, who calls whom,
 * and under which ids a protection domain sees them. These rules also complete the model.
 */
#include "base/mem.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>

/* -- targets ----------------------------------------------------------------------------- */

/* Resolves a name; reports one that is not declared. */
static bool find_target(struct ms_checking *c, enum ms_rule_id rule, struct ms_node *node,
                        const struct ms_mark *mark, const char *key, const char *name, size_t *pd)
{
	const struct ms_pd *found = ms_find_pd(c, name);
	const char **known, *near = NULL;

	if (found) {
		*pd = found->node.index;
		return true;
	}
	known = ms_alloc(c->by_name_count + 1, sizeof(*known));
	for (size_t i = 0; i < c->by_name_count; i++)
		known[i] = c->by_name[i]->name;
	/* Too many to compare are reported as too many anyway. */
	if (c->by_name_count <= MS_PD_MAX)
		near = ms_nearest(name, known, c->by_name_count);
	ms_fault(c, rule, node, mark, "%s of %s: there is no protection domain '%s'%s", key,
	         ms_label(node), ms_clip(name),
	         near ? ms_format("; did you mean '%s'?", ms_clip(near)) : "");
	free(known);
	return false;
}

void ms_check_channel_ends(struct ms_checking *c, void *item)
{
	struct ms_channel *ch = item;

	if (ch->end_a)
		find_target(c, MS_RULE_CHANNEL_END, &ch->node, MS_AT(struct ms_channel, ch, end_a),
		            "end_a", ch->end_a, &ch->pd_a);
	if (ch->end_b)
		find_target(c, MS_RULE_CHANNEL_END, &ch->node, MS_AT(struct ms_channel, ch, end_b),
		            "end_b", ch->end_b, &ch->pd_b);
}

void ms_check_irq_target(struct ms_checking *c, void *item)
{
	struct ms_irq *irq = item;

	find_target(c, MS_RULE_IRQ_TARGET, &irq->node, MS_AT(struct ms_irq, irq, target_pd),
	            "target_pd", irq->target_pd, &irq->pd);
}

void ms_check_channel_self(struct ms_checking *c, void *item)
{
	struct ms_channel *ch = item;

	if (ch->pd_a == ch->pd_b)
		ms_fault(c, MS_RULE_CHANNEL_SELF, &ch->node, MS_AT(struct ms_channel, ch, end_b),
		         "both ends of %s are '%s'", ms_label(&ch->node), ms_clip(ch->end_a));
}

void ms_check_irq_unique(struct ms_checking *c, void *item)
{
	const struct ms_irq *taken[MS_IRQ_MAX] = {0};
	struct ms_spec *spec = item;

	for (size_t i = 0; i < spec->irqs.count; i++) {
		struct ms_irq *irq = &spec->irqs.items[i];

		if (!ms_usable(c, &irq->node))
			continue;
		if (!taken[irq->irq]) {
			taken[irq->irq] = irq;
			continue;
		}
		ms_fault(c, MS_RULE_IRQ_UNIQUE, &irq->node, MS_AT(struct ms_irq, irq, irq),
		         "interrupt %" PRId64 " is delivered twice", irq->irq);
		ms_fault_note(c, &taken[irq->irq]->node, MS_AT(struct ms_irq, taken[irq->irq], irq),
		              "the first is here");
	}
}

/* -- who calls --------------------------------------------------------------------------- */

void ms_check_channel_priority(struct ms_checking *c, void *item)
{
	struct ms_channel *ch = item;
	const struct ms_pd *a = &c->spec->pds.items[ch->pd_a], *b = &c->spec->pds.items[ch->pd_b];

	if (ch->kind != MS_CHANNEL_PPC || !ms_usable(c, &a->node) || !ms_usable(c, &b->node))
		return;
	if (a->priority == b->priority)
		ms_fault(c, MS_RULE_CHANNEL_PRIORITY, &ch->node, MS_AT(struct ms_channel, ch, kind),
		         "'%s' and '%s', the ends of ppc %s, have the same priority %" PRId64
		         ": a call goes to the more urgent end",
		         ms_clip(a->name), ms_clip(b->name), ms_label(&ch->node),
		         ms_turn_priority(c->spec, a->priority));
}

void ms_check_channel_caller(struct ms_checking *c, void *item)
{
	struct ms_channel *ch = item;
	const struct ms_pd *a = &c->spec->pds.items[ch->pd_a], *b = &c->spec->pds.items[ch->pd_b];
	int caller = a->priority < b->priority ? MS_END_A : MS_END_B;

	if (ch->kind != MS_CHANNEL_PPC) {
		if (ch->caller != MS_END_NONE)
			ms_fault(c, MS_RULE_CHANNEL_CALLER, &ch->node,
			         MS_AT(struct ms_channel, ch, caller),
			         "%s is a notification channel; nobody calls", ms_label(&ch->node));
		return;
	}
	if (!ms_usable(c, &a->node) || !ms_usable(c, &b->node) || !ms_usable(c, &c->spec->node))
		return;
	if (ch->caller != MS_END_NONE && ch->caller != caller)
		ms_fault(c, MS_RULE_CHANNEL_CALLER, &ch->node, MS_AT(struct ms_channel, ch, caller),
		         "the caller of %s is %s '%s': it is less urgent (priority %" PRId64
		         ") than '%s' (%" PRId64 "), and a call goes to the more urgent end",
		         ms_label(&ch->node), caller == MS_END_A ? "end_a" : "end_b",
		         ms_clip(caller == MS_END_A ? a->name : b->name),
		         ms_turn_priority(c->spec, caller == MS_END_A ? a->priority : b->priority),
		         ms_clip(caller == MS_END_A ? b->name : a->name),
		         ms_turn_priority(c->spec, caller == MS_END_A ? b->priority : a->priority));
	/* A TOML need not say it; that a document does is for the rule "canonical" to see. */
	ch->caller = caller;
}

/* -- ids --------------------------------------------------------------------------------- */

/* Calls visit for each use of an id: channel ends in order, then interrupts. */
struct use {
	struct ms_node *node;
	const struct ms_mark *mark;
	size_t pd;
	int64_t *id;
};
typedef void visit_use(struct ms_checking *c, struct use *use, void *user);

static void each_use(struct ms_checking *c, visit_use *visit, void *user)
{
	struct ms_spec *spec = c->spec;

	for (size_t i = 0; i < spec->channels.count; i++) {
		struct ms_channel *ch = &spec->channels.items[i];
		struct use a = {&ch->node, MS_AT(struct ms_channel, ch, id_a), ch->pd_a, &ch->id_a};
		struct use b = {&ch->node, MS_AT(struct ms_channel, ch, id_b), ch->pd_b, &ch->id_b};

		if (!ms_usable(c, &ch->node))
			continue;
		visit(c, &a, user);
		visit(c, &b, user);
	}
	for (size_t i = 0; i < spec->irqs.count; i++) {
		struct ms_irq *irq = &spec->irqs.items[i];
		struct use use = {&irq->node, MS_AT(struct ms_irq, irq, target_channel), irq->pd,
		                  &irq->target_channel};

		if (ms_usable(c, &irq->node))
			visit(c, &use, user);
	}
}

static void count_use(struct ms_checking *c, struct use *use, void *user)
{
	size_t *counts = user;
	struct ms_pd *pd = &c->spec->pds.items[use->pd];

	/* Once per PD, at the first that does not fit. */
	if (++counts[use->pd] == MS_PD_IDS + 1) {
		ms_fault(c, MS_RULE_PD_CHANNELS, use->node, &use->node->at,
		         "%s has more than %d channel ends and interrupts; this is the first "
		         "that does not fit",
		         ms_label(&pd->node), MS_PD_IDS);
		pd->node.failed |= UINT64_C(1) << MS_RULE_PD_CHANNELS;
	}
}

void ms_check_pd_channels(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	size_t *counts = ms_alloc(spec->pds.count + 1, sizeof(*counts));

	each_use(c, count_use, counts);
	free(counts);
}

/* The ids of one PD: who has them, and where the search for the next free one begins. */
struct ids {
	struct use taken[MS_PD_IDS];
	int64_t next;
};

static void reserve_id(struct ms_checking *c, struct use *use, void *user)
{
	struct ids *ids = (struct ids *)user + use->pd;
	const struct ms_pd *pd = &c->spec->pds.items[use->pd];
	struct use *holder;

	if (*use->id == MS_ABSENT)
		return;
	holder = &ids->taken[*use->id];
	if (!holder->node) {
		*holder = *use;
		return;
	}
	ms_fault(c, MS_RULE_CHANNEL_ID_UNIQUE, use->node, use->mark,
	         "id %" PRId64 " of %s is given to %s and to %s", *use->id, ms_label(&pd->node),
	         ms_label(holder->node), ms_label(use->node));
	ms_fault_note(c, holder->node, holder->mark, "the first is here");
}

static void assign_id(struct ms_checking *c, struct use *use, void *user)
{
	struct ids *ids = (struct ids *)user + use->pd;

	(void)c;
	if (*use->id != MS_ABSENT)
		return;
	while (ids->next < MS_PD_IDS && ids->taken[ids->next].node)
		ids->next++;
	/* None is free where pd-channels was broken. */
	if (ids->next < MS_PD_IDS) {
		ids->taken[ids->next] = *use;
		*use->id = ids->next;
	}
}

/* What is written comes first, the rest gets the next free ids (ms-spec(5)). */
void ms_check_channel_ids(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	struct ids *ids = ms_alloc(spec->pds.count + 1, sizeof(*ids));

	each_use(c, reserve_id, ids);
	if (c->errors == 0)
		each_use(c, assign_id, ids);
	free(ids);
}
