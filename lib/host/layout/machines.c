/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * machines.c - virtual machines: an address space in which virtual addresses are what a guest
 * takes for physical ones, and for each of its CPUs a thread with a VCPU object. The parent PD
 * starts and stops the threads and gets their faults, which are what it emulates devices from.
 *
 * Slots and badges are Microkit's (slots.h). A guest has nothing to call: its threads have an empty
 * CNode, though a classic kernel looks for the fault endpoint in it, and no IPC buffer.
 */
#include "layout/parts.h"
#include "layout/slots.h"

#include <inttypes.h>

static void check(struct maker *m, const struct ms_vm *vm)
{
	if (!m->kernel->hypervisor)
		ERROR_AT(m, struct ms_vm, vm, name, "vm-hypervisor",
		         "virtual machine %s: this kernel is no hypervisor "
		         "(ARM_HYPERVISOR_SUPPORT), so there can be none",
		         vm->name);
	ms_check_time(m, &vm->node, offsetof(struct ms_vm, budget_us),
	              ms_format("virtual machine %s", vm->name), vm->budget_us, vm->period_us);
	for (size_t i = 0; i < vm->vcpus.count; i++)
		if (vm->vcpus.items[i].cpu >= m->kernel->cores)
			ERROR_AT(m, struct ms_vcpu, &vm->vcpus.items[i], cpu, "pd-cpu",
			         "virtual machine %s: core %" PRId64 " of a kernel for %u",
			         vm->name, vm->vcpus.items[i].cpu, m->kernel->cores);
}

/* -- objects ------------------------------------------------------------------------------- */

static void make_vcpu(struct maker *m, const struct vm *vm, size_t i)
{
	struct vcpu *v = &vm->vcpus[i];
	unsigned slot = ms_maker_bits(m, "CNode");

	v->spec = &vm->spec->vcpus.items[i];
	v->name = ms_format("%s/vcpu-%" PRId64, vm->spec->name, v->spec->id);
	v->prefix = ms_format("vm/%s", v->name);
	v->radix = m->kernel->mcs ? 1 : 2; /* the least there is; room for SLOT_FAULT */
	v->tcb = ms_maker_objects(m, ms_format("%s/tcb", v->prefix), "TCB", 1);
	v->vcpu = ms_maker_objects(m, ms_format("%s/vcpu", v->prefix), "VCPU", 1);
	v->cnode = ms_maker_group(m, ms_format("%s/cnode", v->prefix), "CNode", v->radix + slot,
	                          v->radix, 1);
	if (m->kernel->mcs)
		v->sched = ms_maker_group(m, ms_format("%s/sched-context", v->prefix),
		                          "SchedContext", SC_BITS, SC_BITS, 1);
}

void ms_make_machines(struct maker *m)
{
	m->vms = ms_alloc(m->spec->vms.count + 1, sizeof(*m->vms));
	for (size_t i = 0; i < m->spec->vms.count; i++) {
		struct vm *vm = &m->vms[i];

		vm->spec = &m->spec->vms.items[i];
		check(m, vm->spec);
		if (!m->kernel->hypervisor)
			continue;
		vm->space.name = vm->spec->name;
		vm->space.prefix = ms_format("vm/%s", vm->spec->name);
		vm->space.maps = &vm->spec->maps;
		vm->space.vspace =
		    ms_maker_objects(m, ms_format("%s/vspace", vm->space.prefix), "VSpace", 1);
		vm->vcpus = ms_alloc(vm->spec->vcpus.count + 1, sizeof(*vm->vcpus));
		for (size_t k = 0; k < vm->spec->vcpus.count; k++)
			make_vcpu(m, vm, k);
	}
}

/* -- capabilities -------------------------------------------------------------------------- */

static uint64_t fault_endpoint(const struct maker *m, const struct vm *vm)
{
	return ref_object(m->pds[vm->spec->parent_index].endpoint, 0);
}

void ms_give_machines(struct maker *m)
{
	for (size_t i = 0; i < m->spec->vms.count && m->kernel->hypervisor; i++) {
		const struct vm *vm = &m->vms[i];
		struct pd *parent = &m->pds[vm->spec->parent_index];

		for (size_t k = 0; k < vm->spec->vcpus.count; k++) {
			const struct vcpu *v = &vm->vcpus[k];
			unsigned id = (unsigned)v->spec->id;

			ms_give(m, parent, SLOT_GUEST + id, ref_object(v->tcb, 0), 0, ALL_RIGHTS,
			        ms_format("%s/tcb", v->prefix));
			ms_give(m, parent, SLOT_VCPU + id, ref_object(v->vcpu, 0), 0, ALL_RIGHTS,
			        ms_format("%s/vcpu", v->prefix));
			if (!m->kernel->mcs)
				ms_add_cap(m, v->cnode, SLOT_FAULT, fault_endpoint(m, vm),
				           BADGE_FAULT | id, TABLE_WRITE | TABLE_GRANT_REPLY,
				           ms_format("%s/fault", v->prefix));
		}
	}
}

/* -- the address space --------------------------------------------------------------------- */

/* Regions alone. One whose address is not given lies where no page 0 is. */
void ms_map_machines(struct maker *m)
{
	for (size_t i = 0; i < m->spec->vms.count; i++) {
		struct vm *vm = &m->vms[i];
		struct table_space *space = ms_maker_add(m, TABLE_SPACES);

		space->vspace = ref_object(vm->space.vspace, 0);
		space->name = ms_maker_name(m, vm->spec->name);
		vm->space.low = LARGE;
		vm->space.high = m->kernel->user_top;
		ms_map_regions(m, &vm->space);
		ms_space_check(m, &vm->space);
		ms_space_tables(m, &vm->space);
	}
}

/* -- threads ------------------------------------------------------------------------------- */

static void make_thread(struct maker *m, const struct vm *vm, size_t i)
{
	const struct vcpu *v = &vm->vcpus[i];
	uint64_t fault = SLOT_FAULT;
	struct table_thread *t;

	if (m->kernel->mcs)
		fault =
		    ms_badged(m, fault_endpoint(m, vm), BADGE_FAULT | (uint64_t)v->spec->id,
		              TABLE_WRITE | TABLE_GRANT_REPLY, ms_format("%s/fault", v->prefix));
	t = ms_maker_add(m, TABLE_THREADS);
	t->tcb = ref_object(v->tcb, 0);
	t->vcpu = ref_object(v->vcpu, 0);
	t->cnode = ref_object(v->cnode, 0);
	t->cspace_data = WORD_BITS - v->radix;
	t->vspace = ref_object(vm->space.vspace, 0);
	t->fault = fault;
	if (m->kernel->mcs) {
		t->sc = ref_object(v->sched, 0);
		t->budget_us = (uint64_t)vm->spec->budget_us;
		t->period_us = (uint64_t)vm->spec->period_us;
		t->sc_badge = SC_BADGE + i;
	}
	t->priority = t->mcp = (uint32_t)vm->spec->priority;
	t->core = (uint32_t)v->spec->cpu;
	t->domain = ms_domain_of(m, m->pds[vm->spec->parent_index].spec);
	t->parent = (uint32_t)vm->spec->parent_index + 1;
	t->name = ms_maker_name(m, v->name);
}

/* Behind those of the PDs, whose numbers the monitor knows them by. */
void ms_make_vcpu_threads(struct maker *m)
{
	for (size_t i = 0; i < m->spec->vms.count; i++)
		for (size_t k = 0; k < m->vms[i].spec->vcpus.count; k++)
			make_thread(m, &m->vms[i], k);
}
