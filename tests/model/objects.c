/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * objects.c - objects out of untyped memory, and interrupts.
 */
#include "parts.h"
#include <stdlib.h>
#include <string.h>

#define TIMER_IRQ (MS_KERNEL_HYPERVISOR ? 26 : 27)

struct object *new_object(enum kind kind, uint64_t paddr, unsigned size_bits)
{
	struct object *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	o->kind = kind;
	o->paddr = paddr;
	o->size_bits = size_bits;
	o->next = model.objects;
	model.objects = o;
	if (kind == K_CNODE) {
		o->radix = size_bits - MS_OBJECT_BITS_CNODE_SLOT;
		o->slots = calloc(1ull << o->radix, sizeof(*o->slots));
		if (!o->slots)
			abort();
	} else if (kind == K_TCB) {
		o->thread = calloc(1, sizeof(*o->thread));
		if (!o->thread)
			abort();
	}
	return o;
}

/* Type number of Retype -> kind and size; size 0: there is no such type. */
static unsigned shape(uint64_t type, uint64_t user_bits, enum kind *kind)
{
	switch (type) {
	case MS_OBJECT_UNTYPED: *kind = K_UNTYPED; return (unsigned)user_bits;
	case MS_OBJECT_TCB: *kind = K_TCB; return MS_OBJECT_BITS_TCB;
	case MS_OBJECT_ENDPOINT: *kind = K_ENDPOINT; return MS_OBJECT_BITS_ENDPOINT;
	case MS_OBJECT_NOTIFICATION: *kind = K_NOTIFICATION; return MS_OBJECT_BITS_NOTIFICATION;
	case MS_OBJECT_CNODE:
		*kind = K_CNODE;
		return (unsigned)user_bits + MS_OBJECT_BITS_CNODE_SLOT;
#if MS_KERNEL_MCS
	case MS_OBJECT_SCHED_CONTEXT: *kind = K_SCHED_CONTEXT; return (unsigned)user_bits;
	case MS_OBJECT_REPLY: *kind = K_REPLY; return MS_OBJECT_BITS_REPLY;
#endif
	case MS_OBJECT_HUGE_PAGE: *kind = K_FRAME; return MS_OBJECT_BITS_HUGE_PAGE;
	case MS_OBJECT_VSPACE: *kind = K_VSPACE; return MS_OBJECT_BITS_VSPACE;
	case MS_OBJECT_SMALL_PAGE: *kind = K_FRAME; return MS_OBJECT_BITS_SMALL_PAGE;
	case MS_OBJECT_LARGE_PAGE: *kind = K_FRAME; return MS_OBJECT_BITS_LARGE_PAGE;
	case MS_OBJECT_PAGE_TABLE: *kind = K_PAGE_TABLE; return MS_OBJECT_BITS_PAGE_TABLE;
#if MS_KERNEL_HYPERVISOR
	case MS_OBJECT_VCPU: *kind = K_VCPU; return MS_OBJECT_BITS_VCPU;
#endif
	default: return 0;
	}
}

/* Type and size, as the kernel checks them first. */
static enum sel4_error check_type(struct call *c, enum kind *kind, unsigned *bits)
{
	uint64_t user_bits = c->inv->mr[1];

	*bits = shape(c->inv->mr[0], user_bits, kind);
	if (*bits == 0 && c->inv->mr[0] != MS_OBJECT_UNTYPED)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 0);
	if (user_bits >= 64 || *bits > MS_OBJECT_BITS_UNTYPED_MAX)
		return answer_range(c, 0, MS_OBJECT_BITS_UNTYPED_MAX);
	if (*kind == K_CNODE && user_bits == 0)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 1);
	if (*kind == K_UNTYPED && user_bits < MS_OBJECT_BITS_UNTYPED_MIN)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 1);
#if MS_KERNEL_MCS
	if (*kind == K_SCHED_CONTEXT && user_bits < MS_OBJECT_BITS_SCHED_CONTEXT_MIN)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 1);
#endif
	return SEL4_NO_ERROR;
}

/* The CNode and the window of slots that the objects go to. */
static enum sel4_error check_window(struct call *c, struct cap **slots)
{
	const uint64_t *mr = c->inv->mr;
	uint64_t offset = mr[4], count = mr[5], size;
	struct cap *node = c->extra[0];
	enum sel4_error error;

	if (mr[3] != 0) {
		node = target_slot(c, node, mr[2], mr[3], 0, &error);
		if (!node)
			return error;
	}
	if (node->kind != K_CNODE) {
		struct lookup l = {.why = SEL4_LOOKUP_MISSING_CAP, .bits_left = mr[3]};
		return answer_lookup(c, 0, &l);
	}
	size = 1ull << node->object->radix;
	if (offset > size - 1)
		return answer_range(c, 0, size - 1);
	if (count < 1 || count > MS_KERNEL_RETYPE_FAN_OUT)
		return answer_range(c, 1, MS_KERNEL_RETYPE_FAN_OUT);
	if (count > size - offset)
		return answer_range(c, 1, size - offset);
	*slots = node->object->slots + offset;
	for (uint64_t i = 0; i < count; i++)
		if ((*slots)[i].kind != K_NULL)
			return answer(c, SEL4_DELETE_FIRST);
	return SEL4_NO_ERROR;
}

enum sel4_error untyped_call(struct call *c)
{
	struct object *u = c->slot->object;
	uint64_t count, used, size = 1ull << u->size_bits;
	enum kind kind = K_NULL;
	struct cap *slots = NULL;
	enum sel4_error error;
	unsigned bits;

	if (c->inv->label != MS_LABEL_UNTYPED_RETYPE)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (too_short(c, 6, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	error = check_type(c, &kind, &bits);
	if (!error)
		error = check_window(c, &slots);
	if (error)
		return error;
	count = c->inv->mr[5];
	used = u->born ? u->used : 0;
	if ((size - used) >> bits < count)
		return answer_number(c, SEL4_NOT_ENOUGH_MEMORY, size - used);
	if (u->device && kind != K_FRAME && kind != K_UNTYPED)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 1);
	if (u->born == 0 && !u->device)
		memory_clear(u->paddr, size);
	used = (used + (1ull << bits) - 1) & ~((1ull << bits) - 1);
	for (uint64_t i = 0; i < count; i++) {
		struct object *o = new_object(kind, u->paddr + used + (i << bits), bits);

		o->device = u->device;
		slots[i] = (struct cap){.kind = kind, .object = o, .rights = SEL4_ALL_RIGHTS};
	}
	u->used = used + (count << bits);
	u->born += count;
	return answer(c, SEL4_NO_ERROR);
}

/* -- interrupts ---------------------------------------------------------------------------- */

static int reserved(uint64_t irq)
{
	return irq == TIMER_IRQ || (MS_KERNEL_HYPERVISOR && (irq == 25 || irq == 27));
}

enum sel4_error irq_control_call(struct call *c)
{
	const uint64_t *mr = c->inv->mr;
	uint64_t irq = mr[0], core = 0;
	enum sel4_error error;
	struct cap *to;
	unsigned words = 4;

#if MS_KERNEL_SMP
	if (c->inv->label == MS_LABEL_ARM_IRQ_ISSUE_IRQ_HANDLER_TRIGGER_CORE) {
		words = 5;
		core = mr[4];
	} else
#endif
	    if (c->inv->label != MS_LABEL_ARM_IRQ_ISSUE_IRQ_HANDLER_TRIGGER)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (too_short(c, words, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (irq > IRQ_MAX)
		return answer_range(c, 0, IRQ_MAX);
	if (core >= MS_KERNEL_CORES)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 4);
	if (MS_KERNEL_SMP && words == 4 && irq < 32)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (model.irqs[irq].active || reserved(irq))
		return answer(c, SEL4_REVOKE_FIRST);
	to = target_slot(c, c->extra[0], mr[2], mr[3], 0, &error);
	if (!to)
		return error;
	if (to->kind != K_NULL)
		return answer(c, SEL4_DELETE_FIRST);
	model.irqs[irq] = (struct irq){.active = 1, .trigger = mr[1] != 0, .core = (unsigned)core};
	*to = (struct cap){.kind = K_IRQ_HANDLER, .badge = irq, .rights = SEL4_ALL_RIGHTS};
	return answer(c, SEL4_NO_ERROR);
}

enum sel4_error irq_handler_call(struct call *c)
{
	if (c->inv->label == MS_LABEL_IRQ_ACK_IRQ)
		return answer(c, SEL4_NO_ERROR);
	if (c->inv->label != MS_LABEL_IRQ_SET_IRQ_HANDLER)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (too_short(c, 0, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (c->extra[0]->kind != K_NOTIFICATION || !(c->extra[0]->rights & SEL4_WRITE))
		return answer_number(c, SEL4_INVALID_CAPABILITY, 0);
	model.irqs[c->slot->badge].notification = *c->extra[0];
	return answer(c, SEL4_NO_ERROR);
}

/* -- domains ------------------------------------------------------------------------------- */

static enum sel4_error schedule_configure(struct call *c)
{
	const uint64_t *mr = c->inv->mr;

	if (too_short(c, 3, 0))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (mr[0] >= SCHEDULE_ENTRIES - 1)
		return answer_range(c, 0, SCHEDULE_ENTRIES - 2);
	if (mr[1] >= MS_KERNEL_DOMAINS)
		return answer_range(c, 0, MS_KERNEL_DOMAINS - 1);
	if (mr[2] > UINT64_MAX >> 8 || (mr[2] == 0 && mr[0] == model.schedule_start))
		return answer_number(c, SEL4_INVALID_ARGUMENT, 2);
	if (mr[2] == 0 && mr[1] != 0)
		return answer_number(c, SEL4_INVALID_ARGUMENT, 1);
	model.schedule[mr[0]].domain = mr[1];
	model.schedule[mr[0]].duration = mr[2];
	return answer(c, SEL4_NO_ERROR);
}

enum sel4_error domain_call(struct call *c)
{
	const uint64_t *mr = c->inv->mr;

	switch (c->inv->label) {
	case MS_LABEL_DOMAIN_SET_SET:
		if (too_short(c, 1, 1))
			return answer(c, SEL4_TRUNCATED_MESSAGE);
		if (mr[0] >= MS_KERNEL_DOMAINS)
			return answer_number(c, SEL4_INVALID_ARGUMENT, 0);
		if (c->extra[0]->kind != K_TCB)
			return answer_number(c, SEL4_INVALID_ARGUMENT, 1);
		c->extra[0]->object->thread->domain = mr[0];
		return answer(c, SEL4_NO_ERROR);
	case MS_LABEL_DOMAIN_SCHEDULE_CONFIGURE: return schedule_configure(c);
	case MS_LABEL_DOMAIN_SCHEDULE_SET_START:
		if (too_short(c, 1, 0))
			return answer(c, SEL4_TRUNCATED_MESSAGE);
		if (mr[0] >= SCHEDULE_ENTRIES)
			return answer_range(c, 0, SCHEDULE_ENTRIES - 1);
		if (model.schedule[mr[0]].duration == 0)
			return answer_number(c, SEL4_INVALID_ARGUMENT, 0);
		model.schedule_start = mr[0];
		model.schedule_begun = 1;
		return answer(c, SEL4_NO_ERROR);
	default: return answer(c, SEL4_ILLEGAL_OPERATION);
	}
}
