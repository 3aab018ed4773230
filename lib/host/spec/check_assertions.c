/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_assertions.c - what a spec says must hold of itself: who may map what, call whom, and
 * whose bytes can get to whom.
 *
 * Maps, channels and families are all that connects PDs, and all of them are in the spec. A
 * relation is kept as a matrix of PDs: a PD is a bit, a system has at most 63.
 */
#include "base/mem.h"
#include "spec/document.h"
#include "spec/table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static_assert(MS_PD_MAX < 64, "a set of PDs is 64 bits");

#define BIT(n) (UINT64_C(1) << (n))

/* -- form -------------------------------------------------------------------------------- */

/* What can be said, by enum ms_relation, and with which word of whom. */
static const struct phrase {
	enum ms_relation relation;
	size_t words[3]; /* offset of the object, by enum ms_quantifier */
	const char *verb;
} phrases[] = {
#define PHRASE(relation, only, never, at_most, verb)                                               \
	{                                                                                          \
		(relation),                                                                        \
		    {offsetof(struct ms_assertion, only), offsetof(struct ms_assertion, never),    \
		     offsetof(struct ms_assertion, at_most)},                                      \
		    (verb)                                                                         \
	}
    PHRASE(MS_MAPS, may_map, maps, mappers, "maps"),
    PHRASE(MS_WRITES, may_write, writes, writers, "can write"),
    PHRASE(MS_CALLS, may_call, calls, callers, "calls"),
    PHRASE(MS_SIGNALS, may_signal, signals, signallers, "signals"),
    PHRASE(MS_REACHES, may_reach, reaches, reachers, "reaches"),
};
#define PHRASES (sizeof(phrases) / sizeof(phrases[0]))

static const char *const quantifiers[] = {"only", "never", "at_most"};

static const char *word_at(const struct ms_assertion *a, size_t offset)
{
	const char *word;

	memcpy(&word, (const char *)a + offset, sizeof(word));
	return word;
}

static const char *key_at(const struct ms_assertion *a, size_t offset)
{
	for (size_t i = 0; i < a->node.table->count; i++) {
		if (a->node.table->rows[i].offset == offset)
			return a->node.table->rows[i].doc.name;
	}
	return "?";
}

/* The keys that say what, as they go with one quantifier. */
static const char *known_words(const struct ms_assertion *a, int quantifier)
{
	const char *list = "";

	for (size_t i = 0; i < PHRASES; i++)
		list = ms_format("%s%s%s", list, i ? ", " : "",
		                 key_at(a, phrases[i].words[quantifier]));
	return list;
}

/* Finds of whom the assertion is; false after reporting. */
static bool find_quantifier(struct ms_checking *c, struct ms_assertion *a)
{
	const bool given[] = {a->only.present != 0, a->never != NULL, a->at_most != MS_ABSENT};
	int count = 0;

	for (int i = 0; i < 3; i++) {
		if (given[i]) {
			a->quantifier = i;
			count++;
		}
	}
	if (count == 1)
		return true;
	ms_fault(c, MS_RULE_ASSERTION_FORM, &a->node, NULL,
	         count ? "%s has more than one of only, never and at_most"
	               : "%s has none of only, never and at_most",
	         ms_label(&a->node));
	return false;
}

static bool find_relation(struct ms_checking *c, struct ms_assertion *a)
{
	size_t count = 0;

	for (size_t i = 0; i < PHRASES; i++) {
		for (int q = 0; q < 3; q++) {
			const size_t offset = phrases[i].words[q];

			if (!word_at(a, offset))
				continue;
			if (q != a->quantifier) {
				ms_fault(c, MS_RULE_ASSERTION_FORM, &a->node,
				         ms_mark_at(&a->node, offset),
				         "'%s' does not go with '%s'; '%s' does", key_at(a, offset),
				         quantifiers[a->quantifier],
				         key_at(a, phrases[i].words[a->quantifier]));
				return false;
			}
			a->relation = phrases[i].relation;
			a->object = word_at(a, offset);
			count++;
		}
	}
	if (count == 1)
		return true;
	ms_fault(c, MS_RULE_ASSERTION_FORM, &a->node, NULL, "%s has %s of %s", ms_label(&a->node),
	         count ? "more than one" : "none", known_words(a, a->quantifier));
	return false;
}

void ms_check_assertion_form(struct ms_checking *c, void *item)
{
	struct ms_assertion *a = item;

	if (!find_quantifier(c, a) || !find_relation(c, a))
		return;
	/* Of more PDs than there can be, bits would fall together; that is an error anyway. */
	for (size_t i = 0; i < a->only.count; i++)
		a->subjects |= BIT(ms_find_pd(c, a->only.items[i])->node.index % 64);
	if (a->never)
		a->subjects |= BIT(ms_find_pd(c, a->never)->node.index % 64);
	if (a->never && strcmp(a->never, a->object) == 0 && a->relation >= MS_CALLS)
		ms_fault(c, MS_RULE_ASSERTION_FORM, &a->node, NULL,
		         "%s is of '%s' and of '%s' again", ms_label(&a->node), ms_clip(a->never),
		         ms_clip(a->object));
}

/* -- what the system is ------------------------------------------------------------------ */

/* How bytes get from one PD to another: the first way that the spec declares. */
struct way {
	const char *text; /* "over channel 'x'" */
	const struct ms_node *node;
};

struct system {
	size_t pds;
	uint64_t *mappers, *writers, *readers;         /* by region */
	uint64_t calls[MS_PD_MAX], signals[MS_PD_MAX]; /* [from], the set of to */
	uint64_t flows[MS_PD_MAX];
	struct way ways[MS_PD_MAX][MS_PD_MAX]; /* [from][to], of flows */
};

static void add_flow(struct system *s, size_t from, size_t to, const char *noun, const char *name,
                     const struct ms_node *node)
{
	if (from == to || s->flows[from] & BIT(to))
		return;
	s->flows[from] |= BIT(to);
	s->ways[from][to] = (struct way){ms_format("%s '%s'", noun, ms_clip(name)), node};
}

/* A call carries words there and back, a signal one way. A parent can stop and restart its
 * child and is told of its faults; so can who has a capability of another's thread, and what is
 * done with one of its time or space shows as well. */
static void add_links(struct system *s, const struct ms_spec *spec)
{
	for (size_t i = 0; i < spec->channels.count; i++) {
		const struct ms_channel *ch = &spec->channels.items[i];
		const bool ppc = ch->kind == MS_CHANNEL_PPC;

		if (ppc && ch->caller == MS_END_A)
			s->calls[ch->pd_a] |= BIT(ch->pd_b);
		if (ppc && ch->caller == MS_END_B)
			s->calls[ch->pd_b] |= BIT(ch->pd_a);
		if (ch->notify_a)
			s->signals[ch->pd_a] |= BIT(ch->pd_b);
		if (ch->notify_b)
			s->signals[ch->pd_b] |= BIT(ch->pd_a);
		if (ppc || ch->notify_a)
			add_flow(s, ch->pd_a, ch->pd_b, "channel", ch->name, &ch->node);
		if (ppc || ch->notify_b)
			add_flow(s, ch->pd_b, ch->pd_a, "channel", ch->name, &ch->node);
	}
	for (size_t i = 0; i < spec->pds.count; i++) {
		const struct ms_pd *pd = &spec->pds.items[i];

		for (size_t k = 0; k < pd->caps.count; k++) {
			const struct ms_cap *cap = &pd->caps.items[k];

			add_flow(s, i, cap->pd_index, "cap of", cap->pd, &cap->node);
			add_flow(s, cap->pd_index, i, "cap of", cap->pd, &cap->node);
		}
		if (pd->parent_index == MS_NO_INDEX)
			continue;
		add_flow(s, pd->parent_index, i, "child", pd->name, &pd->node);
		add_flow(s, i, pd->parent_index, "parent", pd->parent, &pd->node);
	}
}

static void add_maps(struct system *s, size_t pd, const struct ms_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct ms_map *map = &maps->items[i];

		s->mappers[map->region_index] |= BIT(pd);
		if (map->permissions & MS_WRITE)
			s->writers[map->region_index] |= BIT(pd);
		if (map->permissions & (MS_READ | MS_EXECUTE))
			s->readers[map->region_index] |= BIT(pd);
	}
}

/* What a guest maps counts as its parent's, which has the guest's registers in its hands.
 * Whoever writes a region sends to all who read it. */
static void add_regions(struct system *s, const struct ms_spec *spec)
{
	s->mappers = ms_alloc(spec->regions.count + 1, sizeof(*s->mappers));
	s->writers = ms_alloc(spec->regions.count + 1, sizeof(*s->writers));
	s->readers = ms_alloc(spec->regions.count + 1, sizeof(*s->readers));
	for (size_t i = 0; i < spec->pds.count; i++) {
		const struct ms_pd *pd = &spec->pds.items[i];

		add_maps(s, i, &pd->maps);
		if (pd->vm_index != MS_NO_INDEX)
			add_maps(s, i, &spec->vms.items[pd->vm_index].maps);
	}
	for (size_t r = 0; r < spec->regions.count; r++) {
		const struct ms_region *region = &spec->regions.items[r];

		for (size_t from = 0; from < spec->pds.count; from++) {
			uint64_t fresh = s->readers[r] & ~s->flows[from] & ~BIT(from);

			if (!(s->writers[r] & BIT(from)))
				continue;
			for (size_t to = 0; fresh; to++, fresh >>= 1) {
				if (fresh & 1)
					add_flow(s, from, to, "region", region->name,
					         &region->node);
			}
		}
	}
}

/* -- reaching ---------------------------------------------------------------------------- */

/* The shortest chain from a PD to another, as the PDs on it; the number of hops, 0 for none. */
static size_t find_chain(const struct system *s, size_t from, size_t to,
                         size_t chain[MS_PD_MAX + 1])
{
	size_t queue[MS_PD_MAX], before[MS_PD_MAX] = {0}, head = 0, tail = 0, hops = 0;
	uint64_t seen = BIT(from);

	queue[tail++] = from;
	while (head < tail && !(seen & BIT(to))) {
		const size_t at = queue[head++];

		for (size_t next = 0; next < s->pds; next++) {
			if (!(s->flows[at] & ~seen & BIT(next)))
				continue;
			seen |= BIT(next);
			before[next] = at;
			queue[tail++] = next;
		}
	}
	if (from == to || !(seen & BIT(to)))
		return 0;
	for (size_t at = to; at != from; at = before[at])
		hops++;
	chain[hops] = to;
	for (size_t i = hops; i > 0; i--)
		chain[i - 1] = before[chain[i]];
	return hops;
}

/* All that reach a PD. */
static uint64_t reachers(const struct system *s, size_t to)
{
	uint64_t found = BIT(to), before;

	do {
		before = found;
		for (size_t from = 0; from < s->pds; from++) {
			if (s->flows[from] & found)
				found |= BIT(from);
		}
	} while (found != before);
	return found & ~BIT(to);
}

/* -- judging ----------------------------------------------------------------------------- */

/* The PDs that stand in the assertion's relation to its object. */
static uint64_t related(struct ms_checking *c, const struct system *s, const struct ms_assertion *a)
{
	const uint64_t *matrix = a->relation == MS_CALLS ? s->calls : s->signals;
	uint64_t set = 0;
	size_t object;

	if (a->relation == MS_MAPS)
		return s->mappers[ms_find_region(c, a->object)->node.index];
	if (a->relation == MS_WRITES)
		return s->writers[ms_find_region(c, a->object)->node.index];
	object = ms_find_pd(c, a->object)->node.index;
	if (a->relation == MS_REACHES)
		return reachers(s, object);
	for (size_t i = 0; i < s->pds; i++) {
		if (matrix[i] & BIT(object))
			set |= BIT(i);
	}
	return set;
}

/* The names of a set that is not empty. */
static const char *pd_list(const struct ms_spec *spec, uint64_t set)
{
	struct ms_buf list = {0};

	for (size_t i = 0; i < spec->pds.count; i++) {
		if (set & BIT(i))
			ms_buf_printf(&list, "%s'%s'", list.len ? ", " : "",
			              spec->pds.items[i].name);
	}
	return list.data;
}

/* What is not as asserted, in one line; of reaching, the chain with it. */
static const char *finding(struct ms_checking *c, const struct system *s,
                           const struct ms_assertion *a, size_t pd, size_t chain[MS_PD_MAX + 1],
                           size_t *hops)
{
	const struct ms_pd *pds = c->spec->pds.items;
	struct ms_buf text = {0};

	*hops = 0;
	ms_buf_printf(&text, "'%s' %s '%s'", pds[pd].name, phrases[a->relation].verb, a->object);
	if (a->relation != MS_REACHES)
		return text.data;
	*hops = find_chain(s, pd, ms_find_pd(c, a->object)->node.index, chain);
	ms_buf_printf(&text, ": '%s'", pds[pd].name);
	for (size_t i = 0; i < *hops; i++)
		ms_buf_printf(&text, " -(%s)-> '%s'", s->ways[chain[i]][chain[i + 1]].text,
		              pds[chain[i + 1]].name);
	return text.data;
}

const char *ms_assertion_claim(const struct ms_assertion *a)
{
	const char *key = key_at(a, phrases[a->relation].words[a->quantifier]);
	const char *list = "";

	if (a->quantifier == MS_NEVER)
		return ms_format("never = \"%s\", %s = \"%s\"", a->never, key, a->object);
	if (a->quantifier == MS_AT_MOST)
		return ms_format("at_most = %" PRId64 ", %s = \"%s\"", a->at_most, key, a->object);
	for (size_t i = 0; i < a->only.count; i++)
		list = ms_format("%s%s\"%s\"", list, i ? ", " : "", a->only.items[i]);
	return ms_format("only = [%s], %s = \"%s\"", list, key, a->object);
}

static void report(struct ms_checking *c, const struct system *s, struct ms_assertion *a, size_t pd)
{
	const size_t word = phrases[a->relation].words[a->quantifier];
	size_t chain[MS_PD_MAX + 1], hops;
	const char *found;

	if (!ms_is_shown(c, MS_RULE_ASSERTION_HOLDS)) {
		ms_fault(c, MS_RULE_ASSERTION_HOLDS, &a->node, NULL, "not shown");
		return;
	}
	found = finding(c, s, a, pd, chain, &hops);
	ms_fault(c, MS_RULE_ASSERTION_HOLDS, &a->node, ms_mark_at(&a->node, word),
	         "%s; asserted is %s", found, ms_assertion_claim(a));
	for (size_t i = 0; i < hops; i++) {
		const struct way *way = &s->ways[chain[i]][chain[i + 1]];

		ms_fault_note(c, way->node, NULL, "from '%s' to '%s': %s",
		              c->spec->pds.items[chain[i]].name,
		              c->spec->pds.items[chain[i + 1]].name, way->text);
	}
}

static void judge(struct ms_checking *c, const struct system *s, struct ms_assertion *a)
{
	const uint64_t set = related(c, s, a);
	uint64_t wrong = 0;
	int64_t count = 0;

	for (uint64_t rest = set; rest; rest &= rest - 1)
		count++;
	if (a->quantifier == MS_ONLY)
		wrong = set & ~a->subjects;
	else if (a->quantifier == MS_NEVER)
		wrong = set & a->subjects;
	else if (count > a->at_most)
		ms_fault(c, MS_RULE_ASSERTION_HOLDS, &a->node,
		         MS_AT(struct ms_assertion, a, at_most),
		         "'%s' has %" PRId64 " %s: %s; asserted is %s", a->object, count,
		         key_at(a, phrases[a->relation].words[MS_AT_MOST]), pd_list(c->spec, set),
		         ms_assertion_claim(a));
	for (size_t i = 0; wrong; i++, wrong >>= 1) {
		if (wrong & 1)
			report(c, s, a, i);
	}
}

void ms_check_assertions(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	struct system *s;

	/* What has a fault elsewhere is not the system that is meant. */
	if (c->errors || !spec->assertions.count)
		return;
	s = ms_alloc(1, sizeof(*s));
	s->pds = spec->pds.count;
	add_links(s, spec);
	add_regions(s, spec);
	for (size_t i = 0; i < spec->assertions.count; i++)
		judge(c, s, &spec->assertions.items[i]);
	free(s->mappers);
	free(s->writers);
	free(s->readers);
	free(s);
}
