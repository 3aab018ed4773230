/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * system.c - from protection domains, channels and interrupts to kernel objects, capabilities and
 * threads.
 *
 * Slots and badges are Microkit's (slots.h). Rights are the least that its library's calls need,
 * which is less than Microkit itself gives.
 */
#include "layout/parts.h"
#include "layout/slots.h"
#include "spec/document.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where a PD has caps, its cnode is slot 0 of a CNode of 64 slots; the caps are in the others. */
#define CSPACE_BITS 6u

#define ROOT_SMC ref_root(TABLE_ROOT_SMC)

/* -- objects ------------------------------------------------------------------------------- */

static const char *sub(const struct pd *pd, const char *what)
{
	return ms_format("%s/%s", pd->space.prefix, what);
}

static void make_pd(struct maker *m, struct pd *pd)
{
	pd->called = pd->spec->is_called || pd->spec->is_parent;
	pd->space.vspace = ms_maker_objects(m, sub(pd, "vspace"), "VSpace", 1);
	pd->tcb = ms_maker_objects(m, sub(pd, "tcb"), "TCB", 1);
	pd->cnode = ms_maker_group(m, sub(pd, "cnode"), "CNode", 0, 0, 1); /* sized later */
	pd->cspace = NO;
	if (pd->spec->caps.count)
		pd->cspace =
		    ms_maker_group(m, sub(pd, "cspace"), "CNode",
		                   CSPACE_BITS + ms_maker_bits(m, "CNode"), CSPACE_BITS, 1);
	pd->notification = ms_maker_objects(m, sub(pd, "notification"), "Notification", 1);
	pd->endpoint = pd->sched = pd->reply = NO;
	if (pd->called)
		pd->endpoint = ms_maker_objects(m, sub(pd, "endpoint"), "Endpoint", 1);
	if (!m->kernel->mcs)
		return;
	pd->sched =
	    ms_maker_group(m, sub(pd, "sched-context"), "SchedContext", SC_BITS, SC_BITS, 1);
	if (pd->called)
		pd->reply = ms_maker_objects(m, sub(pd, "reply"), "Reply", 1);
}

/*
 * What SchedControl_Configure takes (MIN_BUDGET_US and MAX_PERIOD_US in seL4's
 * include/kernel/sporadic.h, getMaxUsToTicks in include/arch/arm/arch/machine/timer.h, 15.0.0 and
 * 16.0.0): a span that two runs of the kernel fit in, and one that its clock can count eight times.
 * 15.0.0 does not state its clock; what is too long for it the root task hears from the kernel.
 */
static void time_limits(const struct ms_kernel *k, uint64_t *shortest, uint64_t *longest)
{
	const uint64_t kilo = 1000, mega = 1000000;
	uint64_t scale = 1, hz;

	ms_kernel_number(k, "KERNEL_WCET_SCALE", &scale);
	*shortest = scale > 1 && scale <= mega ? MS_BUDGET_MIN * scale : MS_BUDGET_MIN;
	if (ms_kernel_number(k, "KERNEL_STATIC_MAX_PERIOD_US", longest) && *longest)
		return;
	*longest = UINT64_MAX;
	if (ms_kernel_number(k, "TIMER_FREQUENCY", &hz) && hz >= mega)
		*longest = UINT64_MAX / (hz % mega ? hz / kilo : hz / mega) / 8;
}

void ms_check_time(struct maker *m, const struct ms_node *node, size_t offset, const char *who,
                   int64_t budget_us, int64_t period_us)
{
	uint64_t shortest, longest;

	if (!m->kernel->mcs) {
		if (budget_us != MS_BUDGET_DEFAULT || period_us != MS_BUDGET_DEFAULT)
			ms_maker_error_at(m, node, offset, "pd-mcs",
			                  "%s: a budget and a period need an MCS kernel, and "
			                  "this one is none",
			                  who);
		return;
	}
	time_limits(m->kernel, &shortest, &longest);
	if ((uint64_t)budget_us < shortest || (uint64_t)period_us > longest)
		ms_maker_error_at(m, node, offset, "pd-time",
		                  "%s: a budget of %" PRId64 " us in a period of %" PRId64
		                  " us; this kernel takes %" PRIu64 " to %" PRIu64,
		                  who, budget_us, period_us, shortest, longest);
}

static void check_pd(struct maker *m, const struct pd *pd)
{
	const struct ms_pd *s = pd->spec;

	if (!m->kernel->mcs && s->passive)
		ERROR_AT(m, struct ms_pd, s, passive, "pd-mcs",
		         "%s: a passive PD needs an MCS kernel, and this one is none", s->name);
	ms_check_time(m, &s->node, offsetof(struct ms_pd, budget_us), s->name, s->budget_us,
	              s->period_us);
	if (s->cpu >= m->kernel->cores)
		ERROR_AT(m, struct ms_pd, s, cpu, "pd-cpu", "%s: core %lld of a kernel for %u",
		         s->name, (long long)s->cpu, m->kernel->cores);
	if (s->smc && !m->kernel->smc)
		ERROR_AT(m, struct ms_pd, s, smc, "pd-smc",
		         "%s: this kernel is built without ALLOW_SMC_CALLS", s->name);
}

static void check_caps(struct maker *m, const struct pd *pd)
{
	const struct ms_pd *s = pd->spec;

	if (s->caps.count && pd->own_buffer)
		ERROR_AT(m, struct ms_pd, s, binary, "pd-caps",
		         "%s: its program is linked with a Microkit before 2.3.0, which knows "
		         "no caps",
		         s->name);
	for (size_t i = 0; i < s->caps.count; i++)
		if (s->caps.items[i].kind == MS_CAP_SC && !m->kernel->mcs)
			ERROR_AT(m, struct ms_cap, &s->caps.items[i], kind, "pd-mcs",
			         "%s: a cap of a scheduling context needs an MCS kernel, and "
			         "this one is none",
			         s->name);
}

void ms_make_objects(struct maker *m)
{
	m->monitor_endpoint = ms_maker_objects(m, "monitor/endpoint", "Endpoint", 1);
	m->monitor_reply = m->kernel->mcs ? ms_maker_objects(m, "monitor/reply", "Reply", 1) : NO;
	m->monitor_cnode = ms_maker_group(m, "monitor/cnode", "CNode", 0, 0, 1);
	for (size_t i = 0; i < m->pd_count; i++) {
		check_pd(m, &m->pds[i]);
		check_caps(m, &m->pds[i]);
		make_pd(m, &m->pds[i]);
	}
	ms_make_machines(m);
}

/* -- capabilities -------------------------------------------------------------------------- */

void ms_add_cap(struct maker *m, size_t cnode, unsigned slot, uint64_t source, uint64_t badge,
                unsigned rights, const char *name)
{
	struct table_cap *c = ms_maker_add(m, TABLE_CAPS);

	c->cnode = ref_object(cnode, 0);
	c->source = source;
	c->badge = badge;
	c->index = slot;
	c->rights = rights;
	c->name = ms_maker_name(m, name);
}

void ms_give(struct maker *m, struct pd *pd, unsigned slot, uint64_t source, uint64_t badge,
             unsigned rights, const char *name)
{
	ms_add_cap(m, pd->cnode, slot, source, badge, rights, name);
	while (slot >> pd->radix)
		pd->radix++;
}

uint64_t ms_badged(struct maker *m, uint64_t source, uint64_t badge, unsigned rights,
                   const char *name)
{
	struct table_cap *c = ms_maker_add(m, TABLE_CAPS);

	c->cnode = TABLE_NONE;
	c->source = source;
	c->badge = badge;
	c->index = (uint32_t)m->extras; /* becomes a work slot when those are known */
	c->rights = rights;
	c->name = ms_maker_name(m, name);
	return ref_extra(m->extras++);
}

static uint64_t fault_source(const struct maker *m, const struct pd *pd, uint64_t *badge)
{
	if (pd->spec->parent) {
		*badge = BADGE_FAULT | (uint64_t)pd->spec->child_id;
		return ref_object(m->pds[pd->spec->parent_index].endpoint, 0);
	}
	*badge = pd->index + 1;
	return ref_object(m->monitor_endpoint, 0);
}

static void give_own(struct maker *m, struct pd *pd)
{
	uint64_t badge, fault = fault_source(m, pd, &badge);

	ms_give(m, pd, SLOT_INPUT, ref_object(pd->called ? pd->endpoint : pd->notification, 0), 0,
	        TABLE_READ, sub(pd, "input"));
	ms_give(m, pd, SLOT_FAULT, fault, badge, TABLE_WRITE | TABLE_GRANT_REPLY, sub(pd, "fault"));
	ms_give(m, pd, SLOT_VSPACE, ref_object(pd->space.vspace, 0), 0, ALL_RIGHTS,
	        sub(pd, "own vspace"));
	if (pd->reply != NO)
		ms_give(m, pd, SLOT_REPLY, ref_object(pd->reply, 0), 0, ALL_RIGHTS,
		        sub(pd, "own reply"));
	/* Microkit's library asks there to be made passive. Ours is without asking. */
	if (pd->spec->passive && ms_pd_is_ready(pd->spec))
		ms_give(m, pd, SLOT_MONITOR, ref_object(m->monitor_endpoint, 0), pd->index + 1,
		        TABLE_WRITE, sub(pd, "hand-over"));
	if (ms_kernel_flag(m->kernel, "ENABLE_BENCHMARKS"))
		ms_give(m, pd, SLOT_TCB, ref_object(pd->tcb, 0), 0, ALL_RIGHTS, sub(pd, "own tcb"));
	if (pd->spec->smc)
		ms_give(m, pd, SLOT_SMC, ROOT_SMC, 0, ALL_RIGHTS, sub(pd, "smc"));
}

/* What one end of a channel may do to the other. */
static void give_channel(struct maker *m, const struct ms_channel *c, bool from_a)
{
	struct pd *from = &m->pds[from_a ? c->pd_a : c->pd_b];
	struct pd *to = &m->pds[from_a ? c->pd_b : c->pd_a];
	unsigned own = (unsigned)(from_a ? c->id_a : c->id_b);
	unsigned theirs = (unsigned)(from_a ? c->id_b : c->id_a);

	if (from_a ? c->notify_a : c->notify_b) {
		ms_give(m, from, SLOT_NOTIFY + own, ref_object(to->notification, 0), 1ull << theirs,
		        TABLE_WRITE, ms_format("channel/%s", c->name));
		from->notifications |= 1ull << own;
	}
	if (c->caller == (from_a ? MS_END_A : MS_END_B)) {
		ms_give(m, from, SLOT_CALL + own, ref_object(to->endpoint, 0), BADGE_CALL | theirs,
		        TABLE_WRITE | TABLE_GRANT_REPLY, ms_format("channel/%s", c->name));
		from->calls |= 1ull << own;
	}
}

/* The kernel's own interrupts on AArch64: its timer, and in EL2 those of virtual machines. */
static const char *reserved_irq(const struct maker *m, int64_t irq)
{
	const unsigned vgic = 25, hyp_timer = 26, virtual_timer = 27, bcm2837_timer = 3;

	if (!m->kernel->gic_version)
		return irq == bcm2837_timer ? "is the kernel's own timer" : NULL;
	if (irq < 16)
		return "is one that cores send to each other, not one of a device";
	if (irq == (m->kernel->hypervisor ? hyp_timer : virtual_timer))
		return "is the kernel's own timer";
	if (m->kernel->hypervisor && (irq == vgic || irq == virtual_timer))
		return "is kept by the kernel for virtual machines";
	return NULL;
}

static void give_irq(struct maker *m, const struct ms_irq *irq)
{
	struct pd *pd = &m->pds[irq->pd];
	unsigned id = (unsigned)irq->target_channel;
	const char *name = ms_format("irq/%lld", (long long)irq->irq);
	const char *why = reserved_irq(m, irq->irq);
	struct table_irq *r;
	uint64_t handler;

	if (m->kernel->max_irq && irq->irq > m->kernel->max_irq)
		ERROR_AT(m, struct ms_irq, irq, irq, "irq-range",
		         "%s: interrupt %lld: this kernel's last one is %u", pd->spec->name,
		         (long long)irq->irq, m->kernel->max_irq);
	else if (why)
		ERROR_AT(m, struct ms_irq, irq, irq, "irq-reserved", "%s: interrupt %lld %s",
		         pd->spec->name, (long long)irq->irq, why);
	if (!m->kernel->gic_version && irq->trigger == MS_EDGE)
		ERROR_AT(m, struct ms_irq, irq, trigger, "irq-controller",
		         "%s: interrupt %lld: edges are for a GIC to wait for, and this kernel's "
		         "interrupt controller is none",
		         pd->spec->name, (long long)irq->irq);
	handler = ref_extra(m->extras++);
	r = ms_maker_add(m, TABLE_IRQS);
	r->dest = handler;
	r->irq = (uint32_t)irq->irq;
	r->trigger = irq->trigger == MS_EDGE;
	r->core = (uint32_t)pd->spec->cpu;
	r->name = ms_maker_name(m, name);
	r->notification = ms_badged(m, ref_object(pd->notification, 0), 1ull << id, TABLE_WRITE,
	                            ms_format("%s/signal", name));
	ms_give(m, pd, SLOT_IRQ + id, handler, 0, ALL_RIGHTS, name);
	pd->irqs |= 1ull << id;
}

/* Capabilities of other PDs, or its own, in the CNode above. The CNode below comes last, when its
 * size is known: whichever it has, its slots have the same CPtrs as where nothing is above. */
static void give_others(struct maker *m, struct pd *pd)
{
	for (size_t i = 0; i < pd->spec->caps.count; i++) {
		const struct ms_cap *cap = &pd->spec->caps.items[i];
		const struct pd *of = &m->pds[cap->pd_index];
		size_t group = cap->kind == MS_CAP_TCB  ? of->tcb
		               : cap->kind == MS_CAP_SC ? of->sched
		                                        : of->space.vspace;

		if (group != NO)
			ms_add_cap(m, pd->cspace, (unsigned)cap->slot, ref_object(group, 0), 0,
			           ALL_RIGHTS, ms_format("caps/%s", m->groups[group].name));
	}
	if (pd->cspace != NO)
		ms_add_cap(m, pd->cspace, 0, ref_object(pd->cnode, 0),
		           WORD_BITS - CSPACE_BITS - pd->radix, ALL_RIGHTS, sub(pd, "own cnode"));
}

static int by_holder(const void *a, const void *b)
{
	const struct table_cap *x = a, *y = b;

	if (x->cnode != y->cnode)
		return x->cnode < y->cnode ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

void ms_make_capabilities(struct maker *m)
{
	const struct ms_spec *s = m->spec;

	for (size_t i = 0; i < m->pd_count; i++) {
		m->pds[i].radix = 1;
		give_own(m, &m->pds[i]);
	}
	for (size_t i = 0; i < s->channels.count; i++) {
		give_channel(m, &s->channels.items[i], true);
		give_channel(m, &s->channels.items[i], false);
	}
	for (size_t i = 0; i < s->irqs.count; i++)
		give_irq(m, &s->irqs.items[i]);
	for (size_t i = 0; i < m->pd_count; i++) {
		struct pd *child = &m->pds[i];

		if (child->spec->parent)
			ms_give(m, &m->pds[child->spec->parent_index],
			        SLOT_CHILD + (unsigned)child->spec->child_id,
			        ref_object(child->tcb, 0), 0, ALL_RIGHTS, sub(child, "tcb"));
	}
	ms_give_machines(m);
	for (size_t i = 0; i < m->pd_count; i++)
		give_others(m, &m->pds[i]);
}

/* -- threads ------------------------------------------------------------------------------- */

static void add_kept(struct maker *m, uint64_t source, unsigned kind, size_t thread)
{
	struct table_kept *k = ms_maker_add(m, TABLE_KEPT);

	k->source = source;
	k->kind = kind;
	k->index = (uint32_t)thread;
	k->slot = (uint32_t)m->records[TABLE_KEPT].count; /* from 1 */
}

static void make_thread(struct maker *m, struct pd *pd)
{
	const struct ms_pd *s = pd->spec;
	uint64_t fault = SLOT_FAULT, badge;
	struct table_thread *t;

	if (m->kernel->mcs) {
		uint64_t source = fault_source(m, pd, &badge);

		fault =
		    ms_badged(m, source, badge, TABLE_WRITE | TABLE_GRANT_REPLY, sub(pd, "fault"));
	}
	t = ms_maker_add(m, TABLE_THREADS);
	t->tcb = ref_object(pd->tcb, 0);
	t->cnode = ref_object(pd->cspace == NO ? pd->cnode : pd->cspace, 0);
	t->vspace = ref_object(pd->space.vspace, 0);
	t->cspace_data = pd->cspace == NO ? WORD_BITS - pd->radix : 0;
	t->ipc_frame = pd->ipc_frame;
	t->ipc_vaddr = pd->ipc_vaddr;
	t->fault = fault;
	if (pd->called || s->passive)
		t->notification = ref_object(pd->notification, 0);
	if (m->kernel->mcs) {
		t->sc = ref_object(pd->sched, 0);
		t->budget_us = (uint64_t)s->budget_us;
		t->period_us = (uint64_t)s->period_us;
		t->sc_badge = SC_BADGE + pd->index;
	}
	t->entry = pd->linked.entry;
	t->sp = pd->stack_top;
	t->stack_bottom = pd->stack_bottom;
	t->priority = t->mcp = (uint32_t)s->priority;
	t->core = (uint32_t)s->cpu;
	t->domain = ms_domain_of(m, s);
	t->flags = TABLE_THREAD_RESUME | (s->passive ? TABLE_THREAD_PASSIVE : 0u) |
	           (s->fpu ? 0u : TABLE_THREAD_NO_FPU);
	t->parent = s->parent ? (uint32_t)s->parent_index + 1 : 0;
	t->name = ms_maker_name(m, s->name);
}

void ms_make_threads(struct maker *m)
{
	struct records *caps = &m->records[TABLE_CAPS];
	unsigned slot = ms_maker_bits(m, "CNode");

	add_kept(m, ref_object(m->monitor_endpoint, 0), TABLE_KEEP_FAULT_ENDPOINT, 0);
	if (m->kernel->mcs)
		add_kept(m, ref_object(m->monitor_reply, 0), TABLE_KEEP_REPLY, 0);
	for (size_t i = 0; i < m->pd_count; i++) {
		struct pd *pd = &m->pds[i];

		make_thread(m, pd);
		add_kept(m, ref_object(pd->tcb, 0), TABLE_KEEP_TCB, i);
		m->groups[pd->cnode].arg = (uint8_t)pd->radix;
		m->groups[pd->cnode].bits = (uint8_t)(pd->radix + slot);
	}
	ms_make_vcpu_threads(m);
	for (m->monitor_bits = 1; m->records[TABLE_KEPT].count >> m->monitor_bits;)
		m->monitor_bits++;
	m->groups[m->monitor_cnode].arg = (uint8_t)m->monitor_bits;
	m->groups[m->monitor_cnode].bits = (uint8_t)(m->monitor_bits + slot);
	/* By holder and slot: a person reads it, and no order is better for the root task. */
	qsort(caps->data, caps->count, sizeof(struct table_cap), by_holder);
	for (size_t i = 0; i < caps->count; i++) {
		struct table_cap *c = (struct table_cap *)(void *)caps->data + i;

		if (c->cnode != TABLE_NONE)
			c->depth = m->groups[ref_a(c->cnode)].arg;
	}
}
