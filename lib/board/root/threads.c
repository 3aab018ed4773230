/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * threads.c - the capabilities of protection domains, and their threads. Here alone classic and
 * MCS kernels differ in more than a number: a classic thread has a priority and names its fault
 * endpoint by a CPtr of its own; under MCS it also has a scheduling context, and the fault
 * endpoint is a capability that the root task hands over.
 */
#include "board/root/root.h"

#define NAME(record) table_name(root->table, (record)->name)

#define FPU_DISABLED 1u /* TCB flag */

void root_give_caps(const struct root *root)
{
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_CAPS); i++) {
		const struct table_cap *r = table_record(root->table, TABLE_CAPS, i);
		struct root_slot from = root_slot(root, r->source);
		uint64_t cnode = r->cnode ? r->cnode : root_slot(root, TABLE_WORK).cnode;

		if (r->badge) {
			sel4_cnode_mint(&inv, cnode, r->index, r->depth, from.cnode, from.index,
			                from.depth, r->rights, r->badge);
			root_invoke(root, &inv, NAME(r), "CNode_Mint into slot", r->index);
		} else {
			sel4_cnode_copy(&inv, cnode, r->index, r->depth, from.cnode, from.index,
			                from.depth, r->rights);
			root_invoke(root, &inv, NAME(r), "CNode_Copy into slot", r->index);
		}
	}
}

#if MS_KERNEL_MCS
static void configure(const struct root *root, const struct table_thread *t)
{
	struct sel4_invocation inv;

	if (t->sc) {
		sel4_sched_control_configure(&inv, root->table->sched_control + t->core, t->sc,
		                             t->budget_us, t->period_us, 0, t->sc_badge, 0);
		root_invoke(root, &inv, NAME(t), "SchedControl_Configure of slot", t->sc);
	}
	sel4_tcb_configure(&inv, t->tcb, t->cnode, t->vspace, t->ipc_frame, t->cspace_data, 0,
	                   t->ipc_vaddr);
	root_invoke(root, &inv, NAME(t), "TCB_Configure of slot", t->tcb);
	sel4_tcb_set_sched_params(&inv, t->tcb, SEL4_SLOT_TCB, t->sc, t->fault, t->mcp,
	                          t->priority);
	root_invoke(root, &inv, NAME(t), "TCB_SetSchedParams of slot", t->tcb);
}
#else
static void configure(const struct root *root, const struct table_thread *t)
{
	struct sel4_invocation inv;

	sel4_tcb_configure(&inv, t->tcb, t->cnode, t->vspace, t->ipc_frame, t->fault,
	                   t->cspace_data, 0, t->ipc_vaddr);
	root_invoke(root, &inv, NAME(t), "TCB_Configure of slot", t->tcb);
	sel4_tcb_set_sched_params(&inv, t->tcb, SEL4_SLOT_TCB, t->mcp, t->priority);
	root_invoke(root, &inv, NAME(t), "TCB_SetSchedParams of slot", t->tcb);
#if MS_KERNEL_SMP
	if (t->core) {
		sel4_tcb_set_affinity(&inv, t->tcb, t->core);
		root_invoke(root, &inv, NAME(t), "TCB_SetAffinity to core", t->core);
	}
#endif
}
#endif

void root_configure_threads(const struct root *root)
{
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_THREADS); i++) {
		const struct table_thread *t = table_record(root->table, TABLE_THREADS, i);

		if (t->domain) {
			sel4_domain_set(&inv, SEL4_SLOT_DOMAIN, t->tcb, t->domain);
			root_invoke(root, &inv, NAME(t), "DomainSet_Set to domain", t->domain);
		}
		configure(root, t);
		if (t->notification) {
			sel4_tcb_bind_notification(&inv, t->tcb, t->notification);
			root_invoke(root, &inv, NAME(t), "TCB_BindNotification of slot", t->tcb);
		}
#if MS_KERNEL_MCS
		/* It runs on its own scheduling context until it first waits; then the kernel gives
		 * that back to the notification, which lends it with each signal. */
		if (t->flags & TABLE_THREAD_PASSIVE) {
			sel4_sched_context_bind(&inv, t->sc, t->notification);
			root_invoke(root, &inv, NAME(t), "SchedContext_Bind of slot", t->sc);
		}
#endif
#if MS_KERNEL_HYPERVISOR
		if (t->vcpu) {
			sel4_vcpu_set_tcb(&inv, t->vcpu, t->tcb);
			root_invoke(root, &inv, NAME(t), "ARM_VCPU_SetTCB of slot", t->vcpu);
		}
#endif
		if (t->flags & TABLE_THREAD_NO_FPU) {
			sel4_tcb_set_flags(&inv, t->tcb, 0, FPU_DISABLED);
			root_invoke(root, &inv, NAME(t), "TCB_SetFlags of slot", t->tcb);
		}
		kernel_name_thread(root->ipc, t->tcb, NAME(t));
	}
}

/* Sets where each PD's thread begins and starts it in the same call. On one core none of them runs
 * before the root task waits, for nothing has a higher priority. */
void root_start_threads(const struct root *root)
{
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_THREADS); i++) {
		const struct table_thread *t = table_record(root->table, TABLE_THREADS, i);
		const struct sel4_context context = {.pc = t->entry, .sp = t->sp};

		if (t->vcpu)
			continue;
		sel4_tcb_write_registers(&inv, t->tcb, (t->flags & TABLE_THREAD_RESUME) != 0, 2,
		                         &context);
		root_invoke(root, &inv, NAME(t), "TCB_WriteRegisters of slot", t->tcb);
	}
}
