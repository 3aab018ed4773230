/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_links.c - rules about channels and interrupts: what they name is there, who calls whom,
 * and under which ids a protection domain sees them. These rules also complete the model.
 */
#include "base/mem.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>

/* -- each by itself ---------------------------------------------------------------------- */

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

		if (!ms_usable(c, &irq->node) || irq->irq == MS_ABSENT)
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
	c->spec->pds.items[caller == MS_END_A ? ch->pd_b : ch->pd_a].is_called = 1;
}

void ms_check_channel_notify(struct ms_checking *c, void *item)
{
	struct ms_channel *ch = item;

	if (ch->kind == MS_CHANNEL_NOTIFICATION && !ch->notify_a && !ch->notify_b)
		ms_fault(c, MS_RULE_CHANNEL_NOTIFY, &ch->node,
		         MS_AT(struct ms_channel, ch, notify_b),
		         "neither end of %s may signal the other: nothing can go over it",
		         ms_label(&ch->node));
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

/* The badge of a call and that of a fault have bit 62 to themselves: a PD that can get either
 * has no id 62. */
static int64_t id_count(const struct ms_pd *pd)
{
	return pd->is_called || pd->is_parent ? MS_PD_CALLED_IDS : MS_PD_IDS;
}

static const char *why_fewer(const struct ms_pd *pd)
{
	if (pd->is_called)
		return ", since it is called";
	if (pd->vm_index != MS_NO_INDEX)
		return ", since it has a virtual machine";
	return pd->is_parent ? ", since it has children" : "";
}

static void count_use(struct ms_checking *c, struct use *use, void *user)
{
	int64_t *counts = user;
	struct ms_pd *pd = &c->spec->pds.items[use->pd];

	/* Once per PD, at the first that does not fit. */
	if (++counts[use->pd] == id_count(pd) + 1) {
		ms_fault(c, MS_RULE_PD_CHANNELS, use->node, &use->node->at,
		         "%s has more than %" PRId64 " channel ends and interrupts%s; this is the "
		         "first that does not fit",
		         ms_label(&pd->node), id_count(pd), why_fewer(pd));
		ms_break_rule(&pd->node, MS_RULE_PD_CHANNELS);
	}
}

void ms_check_pd_channels(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	int64_t *counts = ms_alloc(spec->pds.count + 1, sizeof(*counts));

	each_use(c, count_use, counts);
	free(counts);
}

static void check_called_id(struct ms_checking *c, struct use *use, void *user)
{
	const struct ms_pd *pd = &c->spec->pds.items[use->pd];

	(void)user;
	if (*use->id >= id_count(pd))
		ms_fault(c, MS_RULE_CHANNEL_ID_CALLED, use->node, use->mark,
		         "%s has id %" PRId64 " at %s, which has ids 0 to %" PRId64 " only%s",
		         ms_label(use->node), *use->id, ms_label(&pd->node), id_count(pd) - 1,
		         why_fewer(pd));
}

void ms_check_called_ids(struct ms_checking *c, void *item)
{
	(void)item;
	each_use(c, check_called_id, NULL);
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
	const int64_t count = id_count(&c->spec->pds.items[use->pd]);

	if (*use->id != MS_ABSENT)
		return;
	while (ids->next < count && ids->taken[ids->next].node)
		ids->next++;
	/* None is free where pd-channels was broken. */
	if (ids->next < count) {
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
