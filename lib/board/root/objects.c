/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * objects.c - kernel objects from untyped memory, handlers of interrupts, address spaces and
 * their page tables.
 */
#include "board/root/root.h"

#define NAME(record) table_name(root->table, (record)->name)

void root_make_objects(const struct root *root)
{
	struct root_slot work = root_slot(root, TABLE_WORK);
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_RETYPES); i++) {
		const struct table_retype *r = table_record(root->table, TABLE_RETYPES, i);

		sel4_untyped_retype(&inv, r->untyped, r->type, r->size_bits, work.cnode, 0, 0,
		                    r->dest & ~TABLE_WORK, r->count);
		root_invoke(root, &inv, NAME(r), "Untyped_Retype into slot", r->dest);
	}
}

void root_make_irq_handlers(const struct root *root)
{
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_IRQS); i++) {
		const struct table_irq *r = table_record(root->table, TABLE_IRQS, i);
		struct root_slot to = root_slot(root, r->dest);

#if MS_KERNEL_SMP
		sel4_irq_control_get_trigger_core(&inv, SEL4_SLOT_IRQ_CONTROL, r->irq, r->trigger,
		                                  r->core, to.cnode, to.index, to.depth);
#elif MS_KERNEL_GIC
		sel4_irq_control_get_trigger(&inv, SEL4_SLOT_IRQ_CONTROL, r->irq, r->trigger,
		                             to.cnode, to.index, to.depth);
#else
		/* Another controller's interrupts are as they are. */
		sel4_irq_control_get(&inv, SEL4_SLOT_IRQ_CONTROL, r->irq, to.cnode, to.index,
		                     to.depth);
#endif
		root_invoke(root, &inv, NAME(r), "IRQControl_Get of interrupt", r->irq);
	}
}

/* From here on an interrupt would be delivered; nobody waits for it before the threads run. */
void root_bind_irqs(const struct root *root)
{
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_IRQS); i++) {
		const struct table_irq *r = table_record(root->table, TABLE_IRQS, i);

		sel4_irq_set_notification(&inv, r->dest, r->notification);
		root_invoke(root, &inv, NAME(r), "IRQHandler_SetNotification of interrupt", r->irq);
	}
}

void root_assign_spaces(const struct root *root)
{
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_SPACES); i++) {
		const struct table_space *r = table_record(root->table, TABLE_SPACES, i);

		sel4_asid_pool_assign(&inv, SEL4_SLOT_ASID_POOL, r->vspace);
		root_invoke(root, &inv, NAME(r), "ARM_ASIDPool_Assign to slot", r->vspace);
	}
}

void root_map_tables(const struct root *root)
{
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_TABLES); i++) {
		const struct table_table *r = table_record(root->table, TABLE_TABLES, i);

		sel4_page_table_map(&inv, r->table, r->vspace, r->vaddr, SEL4_CACHED);
		root_invoke(root, &inv, NAME(r), "ARM_PageTable_Map at", r->vaddr);
	}
}
