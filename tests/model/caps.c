/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * caps.c - CSpace look-up, deriving capabilities, and the invocations of CNodes.
 */
#include "parts.h"

static uint64_t mask(unsigned bits)
{
	return bits >= 64 ? UINT64_MAX : (1ull << bits) - 1;
}

/* seL4's resolveAddressBits; may end early, with bits left, at something that is no CNode. */
struct lookup look_up(struct cap *root, uint64_t cptr, uint64_t depth)
{
	struct lookup l = {.bits_left = depth};
	struct cap *node = root;

	if (node->kind != K_CNODE) {
		l.why = SEL4_LOOKUP_INVALID_ROOT;
		return l;
	}
	for (;;) {
		unsigned radix = node->object->radix, guard_bits = node->guard_bits;
		uint64_t guard = guard_bits && guard_bits <= l.bits_left
		                     ? cptr >> ((l.bits_left - guard_bits) & 63) & mask(guard_bits)
		                     : 0;

		if (guard_bits > l.bits_left || guard != node->guard) {
			l.why = SEL4_LOOKUP_GUARD_MISMATCH;
			l.guard = node->guard;
			l.found = guard_bits;
			return l;
		}
		if (radix + guard_bits > l.bits_left) {
			l.why = SEL4_LOOKUP_DEPTH_MISMATCH;
			l.found = radix + guard_bits;
			return l;
		}
		l.bits_left -= radix + guard_bits;
		l.slot = &node->object->slots[cptr >> l.bits_left & mask(radix)];
		if (l.bits_left == 0 || l.slot->kind != K_CNODE)
			return l;
		node = l.slot;
	}
}

enum sel4_error answer_lookup(struct call *c, int source, const struct lookup *l)
{
	c->inv->mr[0] = (uint64_t)source;
	c->inv->mr[1] = l->why;
	c->inv->mr[2] = l->bits_left;
	c->inv->mr[3] = l->why == SEL4_LOOKUP_GUARD_MISMATCH ? l->guard : l->found;
	c->inv->length = 4;
	return SEL4_FAILED_LOOKUP;
}

struct cap *target_slot(struct call *c, struct cap *root, uint64_t index, uint64_t depth,
                        int source, enum sel4_error *error)
{
	struct lookup l;

	if (root->kind == K_CNODE && (depth < 1 || depth > 64)) {
		*error = answer_range(c, 1, 64);
		return NULL;
	}
	l = look_up(root, index, depth);
	if (l.slot && l.bits_left) {
		l.why = SEL4_LOOKUP_DEPTH_MISMATCH;
		l.found = depth - l.bits_left;
		l.slot = NULL;
	}
	if (!l.slot)
		*error = answer_lookup(c, source, &l);
	return l.slot;
}

/* What a copy of a capability is; 0 when there can be none. */
int derive(const struct cap *from, struct cap *to, enum sel4_error *error)
{
	*to = *from;
	*error = SEL4_ILLEGAL_OPERATION;
	switch (from->kind) {
	case K_UNTYPED: *error = SEL4_REVOKE_FIRST; return from->object->born == 0;
	case K_IRQ_CONTROL: return 0;
	case K_PAGE_TABLE: return from->space != NULL;
	case K_VSPACE: return from->object->has_asid;
	case K_FRAME:
		to->space = NULL;
		to->vaddr = 0;
		return 1;
	default: return 1;
	}
}

/* Badge or guard; 0 when the capability cannot take it. */
int with_data(struct cap *cap, uint64_t data)
{
	switch (cap->kind) {
	case K_ENDPOINT:
	case K_NOTIFICATION:
		if (cap->badge)
			return 0;
		cap->badge = data;
		return 1;
	case K_CNODE:
		cap->guard_bits = (unsigned)(data & 63);
		cap->guard = data >> 6 & mask(cap->guard_bits);
		return cap->guard_bits + cap->object->radix <= 64;
	default: return 1;
	}
}

static void reduce_rights(struct cap *cap, uint64_t rights)
{
	if (cap->kind == K_ENDPOINT || cap->kind == K_NOTIFICATION || cap->kind == K_FRAME)
		cap->rights &= (unsigned)rights;
}

static enum sel4_error copy(struct call *c, struct cap *to, int mint)
{
	const uint64_t *mr = c->inv->mr;
	struct cap *from, made;
	enum sel4_error error;

	if (too_short(c, mint ? 6 : 5, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (to->kind != K_NULL)
		return answer(c, SEL4_DELETE_FIRST);
	from = target_slot(c, c->extra[0], mr[2], mr[3], 1, &error);
	if (!from)
		return error;
	if (from->kind == K_NULL) {
		struct lookup l = {.why = SEL4_LOOKUP_MISSING_CAP, .bits_left = mr[3]};
		return answer_lookup(c, 1, &l);
	}
	made = *from;
	reduce_rights(&made, mr[4]);
	if (mint && !with_data(&made, mr[5]))
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (!derive(&made, &made, &error))
		return answer(c, error);
	*to = made;
	return answer(c, SEL4_NO_ERROR);
}

enum sel4_error cnode_call(struct call *c)
{
	enum sel4_error error;
	struct cap *to;

	if (c->inv->label < MS_LABEL_CNODE_REVOKE || c->inv->label > MS_LABEL_CNODE_ROTATE)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (too_short(c, 2, 0))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	to = target_slot(c, c->slot, c->inv->mr[0], c->inv->mr[1], 0, &error);
	if (!to)
		return error;
	if (c->inv->label == MS_LABEL_CNODE_COPY || c->inv->label == MS_LABEL_CNODE_MINT)
		return copy(c, to, c->inv->label == MS_LABEL_CNODE_MINT);
	model_fault("a CNode operation that the root task has no need of", c->inv->label);
}
