/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * threads.c - threads and, under MCS, scheduling contexts.
 */
#include "parts.h"
#include <string.h>

#define SELF(c) ((c)->slot->object == model.root_tcb)

static enum sel4_error take_space(struct call *c, const struct cap *from, uint64_t data,
                                  enum kind kind, struct cap *to)
{
	struct cap made = *from;
	enum sel4_error error;

	if (data && !with_data(&made, data))
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (made.kind == K_NULL || !derive(&made, to, &error))
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (to->kind != kind || (kind == K_VSPACE && !to->object->has_asid))
		return answer(c, SEL4_ILLEGAL_OPERATION);
	return SEL4_NO_ERROR;
}

static enum sel4_error set_space(struct call *c, const struct cap *cspace, uint64_t cspace_data,
                                 const struct cap *vspace)
{
	struct thread *t = c->slot->object->thread;
	struct cap new_cspace, new_vspace;
	enum sel4_error error = take_space(c, cspace, cspace_data, K_CNODE, &new_cspace);

	if (!error)
		error = take_space(c, vspace, 0, K_VSPACE, &new_vspace);
	if (error)
		return error;
	t->cspace = new_cspace;
	t->vspace = new_vspace;
	return answer(c, SEL4_NO_ERROR);
}

static enum sel4_error configure(struct call *c)
{
	struct thread *t = c->slot->object->thread;
	const uint64_t *mr = c->inv->mr + (MS_KERNEL_MCS ? 0 : 1);
	struct cap buffer = {0};
	enum sel4_error error;

	if (too_short(c, MS_KERNEL_MCS ? 3 : 4, 3))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (mr[2]) {
		if (!derive(c->extra[2], &buffer, &error) || buffer.kind != K_FRAME ||
		    buffer.object->device)
			return answer(c, SEL4_ILLEGAL_OPERATION);
		if (mr[2] & (SEL4_IPC_BUFFER_SIZE - 1))
			return answer(c, SEL4_ALIGNMENT_ERROR);
	}
	error = set_space(c, c->extra[0], mr[0], c->extra[1]);
	if (error)
		return error;
	if (!MS_KERNEL_MCS)
		t->fault_cptr = c->inv->mr[0];
	t->buffer = buffer;
	t->buffer_address = mr[2];
	return answer(c, SEL4_NO_ERROR);
}

#if MS_KERNEL_MCS
/* A fault handler: nothing, or an endpoint that can be sent to with a reply. */
static int is_handler(const struct cap *cap)
{
	return cap->kind == K_NULL || (cap->kind == K_ENDPOINT && (cap->rights & SEL4_WRITE) &&
	                               (cap->rights & (SEL4_GRANT | SEL4_GRANT_REPLY)));
}

static enum sel4_error tcb_set_space(struct call *c)
{
	enum sel4_error error;

	if (too_short(c, 2, 3))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (!is_handler(c->extra[0]))
		return answer_number(c, SEL4_INVALID_CAPABILITY, 1);
	error = set_space(c, c->extra[1], c->inv->mr[0], c->extra[2]);
	if (!error)
		c->slot->object->thread->fault = *c->extra[0];
	return error;
}
#else
static enum sel4_error tcb_set_space(struct call *c)
{
	enum sel4_error error;

	if (too_short(c, 3, 2))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	error = set_space(c, c->extra[0], c->inv->mr[1], c->extra[1]);
	if (!error)
		c->slot->object->thread->fault_cptr = c->inv->mr[0];
	return error;
}
#endif

static enum sel4_error set_sched_params(struct call *c)
{
	struct thread *t = c->slot->object->thread;
	uint64_t most;

	if (too_short(c, 2, MS_KERNEL_MCS ? 3 : 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (c->extra[0]->kind != K_TCB)
		return answer_number(c, SEL4_INVALID_CAPABILITY, 1);
	most = c->extra[0]->object->thread->mcp;
	if (c->inv->mr[0] > most || c->inv->mr[1] > most)
		return answer_range(c, 0, most);
#if MS_KERNEL_MCS
	struct cap *sc = c->extra[1];

	if (sc->kind == K_SCHED_CONTEXT) {
		if (t->sc && t->sc != sc->object)
			return answer(c, SEL4_ILLEGAL_OPERATION);
		if ((sc->object->bound || sc->object->lends) &&
		    sc->object->bound != c->slot->object)
			return answer(c, SEL4_ILLEGAL_OPERATION);
	} else if (sc->kind != K_NULL) {
		return answer_number(c, SEL4_INVALID_CAPABILITY, 2);
	} else if (SELF(c)) {
		return answer(c, SEL4_ILLEGAL_OPERATION);
	}
	if (!is_handler(c->extra[2]))
		return answer_number(c, SEL4_INVALID_CAPABILITY, 3);
	t->fault = *c->extra[2];
	t->sc = sc->object;
	if (sc->object)
		sc->object->bound = c->slot->object;
#endif
	t->mcp = c->inv->mr[0];
	t->priority = c->inv->mr[1];
	return answer(c, SEL4_NO_ERROR);
}

static enum sel4_error bind_notification(struct call *c)
{
	struct thread *t = c->slot->object->thread;
	struct cap *n;

	if (too_short(c, 0, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	n = c->extra[0];
	if (t->notification || n->kind != K_NOTIFICATION || !(n->rights & SEL4_READ) ||
	    n->object->bound)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	t->notification = n->object;
	n->object->bound = c->slot->object;
	return answer(c, SEL4_NO_ERROR);
}

static enum sel4_error write_registers(struct call *c)
{
	struct thread *t = c->slot->object->thread;

	if (too_short(c, 2, 0) || c->inv->length - 2 < c->inv->mr[1])
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (SELF(c))
		return answer(c, SEL4_ILLEGAL_OPERATION);
	for (uint64_t i = 0; i < c->inv->mr[1] && i < SEL4_CONTEXT_WORDS; i++)
		t->registers[i] = c->inv->mr[2 + i];
	if (c->inv->mr[0] & 1)
		t->runs = 1;
	return answer(c, SEL4_NO_ERROR);
}

static enum sel4_error read_registers(struct call *c)
{
	struct thread *t = c->slot->object->thread;
	uint64_t count = c->inv->mr[1], suspend = c->inv->mr[0] & 1;

	if (too_short(c, 2, 0))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (count < 1 || count > SEL4_CONTEXT_WORDS)
		return answer_range(c, 1, SEL4_CONTEXT_WORDS);
	if (SELF(c))
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (suspend)
		t->runs = 0;
	answer(c, SEL4_NO_ERROR);
	memcpy(c->inv->mr, t->registers, count * sizeof(t->registers[0]));
	c->inv->length = (unsigned)count;
	return SEL4_NO_ERROR;
}

enum sel4_error tcb_call(struct call *c)
{
	struct thread *t = c->slot->object->thread;

	switch (c->inv->label) {
	case MS_LABEL_TCB_CONFIGURE: return configure(c);
	case MS_LABEL_TCB_SET_SPACE: return tcb_set_space(c);
	case MS_LABEL_TCB_SET_SCHED_PARAMS: return set_sched_params(c);
	case MS_LABEL_TCB_BIND_NOTIFICATION: return bind_notification(c);
	case MS_LABEL_TCB_WRITE_REGISTERS: return write_registers(c);
	case MS_LABEL_TCB_READ_REGISTERS: return read_registers(c);
	case MS_LABEL_TCB_SUSPEND: t->runs = 0; return answer(c, SEL4_NO_ERROR);
	case MS_LABEL_TCB_SET_FLAGS:
		if (too_short(c, 2, 0))
			return answer(c, SEL4_TRUNCATED_MESSAGE);
		t->flags = (t->flags & ~c->inv->mr[0]) | c->inv->mr[1];
		return answer(c, SEL4_NO_ERROR);
#ifdef MS_LABEL_TCB_SET_AFFINITY
	case MS_LABEL_TCB_SET_AFFINITY:
		if (c->inv->mr[0] >= MS_KERNEL_CORES)
			return answer(c, SEL4_ILLEGAL_OPERATION);
		t->affinity = c->inv->mr[0];
		return answer(c, SEL4_NO_ERROR);
#endif
	default: return answer(c, SEL4_ILLEGAL_OPERATION);
	}
}

#if MS_KERNEL_HYPERVISOR
enum sel4_error vcpu_call(struct call *c)
{
	struct object *vcpu = c->slot->object, *tcb;

	if (c->inv->label != MS_LABEL_ARM_VCPU_SET_TCB)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (too_short(c, 0, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (c->extra[0]->kind != K_TCB)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	tcb = c->extra[0]->object;
	/* The kernel would take it from where it is; no table may ask for that. */
	if (vcpu->bound || tcb->thread->vcpu)
		return answer(c, SEL4_DELETE_FIRST);
	vcpu->bound = tcb;
	tcb->thread->vcpu = vcpu;
	return answer(c, SEL4_NO_ERROR);
}
#endif

#if MS_KERNEL_MCS
#define BUDGET_MIN_US 20u
#define REFILL_BYTES  16u
#define TIMER_KHZ     62500 /* QEMU's virt machine; the kernel's longest period depends on it */
#define PERIOD_MAX_US (UINT64_MAX / TIMER_KHZ / 8)

enum sel4_error sched_control_call(struct call *c)
{
	const uint64_t *mr = c->inv->mr;
	struct object *sc;
	uint64_t most;

	if (c->inv->label != MS_LABEL_SCHED_CONTROL_CONFIGURE_FLAGS)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (too_short(c, 5, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (c->extra[0]->kind != K_SCHED_CONTEXT)
		return answer_number(c, SEL4_INVALID_CAPABILITY, 1);
	sc = c->extra[0]->object;
	if (mr[0] < BUDGET_MIN_US || mr[0] > PERIOD_MAX_US)
		return answer_range(c, BUDGET_MIN_US, PERIOD_MAX_US);
	if (mr[1] < BUDGET_MIN_US || mr[1] > PERIOD_MAX_US)
		return answer_range(c, BUDGET_MIN_US, PERIOD_MAX_US);
	if (mr[0] > mr[1])
		return answer_range(c, BUDGET_MIN_US, mr[1]);
	most = ((1ull << sc->size_bits) - (1u << MS_OBJECT_BITS_SCHED_CONTEXT_MIN)) / REFILL_BYTES;
	if (mr[2] > most)
		return answer_range(c, 0, most);
	sc->budget = mr[0];
	sc->period = mr[1];
	sc->sc_badge = mr[3];
	sc->core = c->slot->badge;
	sc->configured = 1;
	return answer(c, SEL4_NO_ERROR);
}

enum sel4_error sched_context_call(struct call *c)
{
	struct object *sc = c->slot->object, *n;

	if (c->inv->label != MS_LABEL_SCHED_CONTEXT_BIND)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	if (too_short(c, 0, 1))
		return answer(c, SEL4_TRUNCATED_MESSAGE);
	if (c->extra[0]->kind != K_NOTIFICATION)
		return answer_number(c, SEL4_INVALID_CAPABILITY, 1);
	n = c->extra[0]->object;
	if (n->bound_sc || sc->lends)
		return answer(c, SEL4_ILLEGAL_OPERATION);
	n->bound_sc = sc;
	sc->lends = n;
	return answer(c, SEL4_NO_ERROR);
}
#endif
