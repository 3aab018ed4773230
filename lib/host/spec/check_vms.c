/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_vms.c - rules about virtual machines and their CPUs.
 */
#include "base/mem.h"
#include "spec/table.h"

#include <inttypes.h>
#include <stdlib.h>

void ms_check_vm_parents(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;

	for (size_t i = 0; i < spec->vms.count; i++) {
		struct ms_vm *vm = &spec->vms.items[i], *first;

		if (!ms_usable(c, &vm->node))
			continue;
		first = &spec->vms.items[spec->pds.items[vm->parent_index].vm_index];
		if (first == vm)
			continue;
		ms_fault(c, MS_RULE_VM_PARENT_UNIQUE, &vm->node, MS_AT(struct ms_vm, vm, parent),
		         "'%s' is the parent of %s and of %s; it can have one", ms_clip(vm->parent),
		         ms_label(&first->node), ms_label(&vm->node));
		ms_fault_note(c, &first->node, MS_AT(struct ms_vm, first, parent),
		              "the first is here");
	}
}

void ms_check_vm_period(struct ms_checking *c, void *item)
{
	struct ms_vm *vm = item;

	if (vm->period_us < vm->budget_us)
		ms_fault(c, MS_RULE_VM_PERIOD_LENGTH, &vm->node, MS_AT(struct ms_vm, vm, period_us),
		         "period_us of %s is %" PRId64 ", less than its budget_us %" PRId64,
		         ms_label(&vm->node), vm->period_us, vm->budget_us);
}

void ms_check_vcpu_total(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	size_t count = 0;

	for (size_t i = 0; i < spec->vms.count; i++) {
		struct ms_vcpus *vcpus = &spec->vms.items[i].vcpus;
		const size_t before = count;

		count += vcpus->count;
		/* Once, at the first that does not fit. */
		if (before <= MS_VCPU_MAX && count > MS_VCPU_MAX) {
			struct ms_vcpu *vcpu = &vcpus->items[MS_VCPU_MAX - before];

			ms_fault(c, MS_RULE_VCPU_TOTAL, &vcpu->node, NULL,
			         "%s is the 65th virtual CPU; at most 64 are possible in all",
			         ms_label(&vcpu->node));
		}
	}
}

/* The ids under one parent: who has them. */
struct ids {
	const struct ms_node *taken[MS_VCPU_IDS];
	const struct ms_mark *marks[MS_VCPU_IDS];
};

static void check_vm_ids(struct ms_checking *c, struct ms_vm *vm, struct ids *ids)
{
	for (size_t i = 0; i < vm->vcpus.count; i++) {
		struct ms_vcpu *vcpu = &vm->vcpus.items[i];
		const struct ms_mark *mark = MS_AT(struct ms_vcpu, vcpu, id);
		const struct ms_node *first;

		if (!ms_usable(c, &vcpu->node))
			continue;
		first = ids->taken[vcpu->id];
		if (!first) {
			ids->taken[vcpu->id] = &vcpu->node;
			ids->marks[vcpu->id] = mark;
			continue;
		}
		ms_fault(c, MS_RULE_VCPU_ID_UNIQUE, &vcpu->node, mark,
		         "id %" PRId64 " under '%s' is given to %s and to %s", vcpu->id,
		         ms_clip(vm->parent), ms_label(first), ms_label(&vcpu->node));
		ms_fault_note(c, first, ids->marks[vcpu->id], "the first is here");
	}
}

void ms_check_vcpu_ids(struct ms_checking *c, void *item)
{
	struct ms_spec *spec = item;
	struct ids *ids = ms_alloc(spec->pds.count + 1, sizeof(*ids));

	if (spec->vms.count) {
		for (size_t i = 0; i < spec->pds.count; i++) {
			struct ms_pd *pd = &spec->pds.items[i];

			if (!pd->parent || !ms_usable(c, &pd->node))
				continue;
			ids[pd->parent_index].taken[pd->child_id] = &pd->node;
			ids[pd->parent_index].marks[pd->child_id] =
			    MS_AT(struct ms_pd, pd, child_id);
		}
	}
	for (size_t i = 0; i < spec->vms.count; i++) {
		struct ms_vm *vm = &spec->vms.items[i];

		if (ms_usable(c, &vm->node))
			check_vm_ids(c, vm, &ids[vm->parent_index]);
	}
	free(ids);
}
