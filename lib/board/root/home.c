/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * home.c - the CNodes that the root task lives in.
 *
 * At first that is the kernel's root CNode alone. root_settle puts a top CNode of two slots
 * over it and over the work CNode, with guards such that 64 bits are used up either way: a slot
 * of the root CNode keeps its number as CPtr, slot i of the work CNode is TABLE_WORK | i.
 */
#include "board/root/root.h"

#define WORD_BITS 64
#define TOP_BITS  1

#define WORK_NAME    "work CNode"
#define TOP_NAME     "top CNode"
#define MONITOR_NAME "monitor's CNode"

/* The slots that the kernel fills, as the table's maker names them. */
_Static_assert(TABLE_ROOT_TCB == (int)SEL4_SLOT_TCB && TABLE_ROOT_CNODE == (int)SEL4_SLOT_CNODE &&
                   TABLE_ROOT_VSPACE == (int)SEL4_SLOT_VSPACE &&
                   TABLE_ROOT_IRQ == (int)SEL4_SLOT_IRQ_CONTROL &&
                   TABLE_ROOT_ASIDPOOL == (int)SEL4_SLOT_ASID_POOL &&
                   TABLE_ROOT_SMC == (int)SEL4_SLOT_SMC,
               "lib/both/table.h");

static uint64_t work_cnode(const struct root *root)
{
	return root->table->empty_slot;
}

static uint64_t top_cnode(const struct root *root)
{
	return root->table->empty_slot + 1;
}

struct root_slot root_slot(const struct root *root, uint64_t slot)
{
	if (slot & TABLE_WORK)
		return (struct root_slot){work_cnode(root), slot & ~TABLE_WORK,
		                          root->table->work_bits};
	return (struct root_slot){SEL4_SLOT_CNODE, slot, SEL4_ROOT_DEPTH};
}

/* Makes cnode, with its guard, what CPtrs are looked up in. */
static void live_in(const struct root *root, uint64_t cnode, uint64_t guard, const char *name)
{
	struct sel4_invocation inv;

#if MS_KERNEL_MCS
	sel4_tcb_set_space(&inv, SEL4_SLOT_TCB, SEL4_SLOT_NULL, cnode, SEL4_SLOT_VSPACE, guard, 0);
#else
	sel4_tcb_set_space(&inv, SEL4_SLOT_TCB, cnode, SEL4_SLOT_VSPACE, SEL4_SLOT_NULL, guard, 0);
#endif
	root_invoke(root, &inv, name, "TCB_SetSpace with slot", cnode);
}

void root_settle(const struct root *root)
{
	const struct table_header *t = root->table;
	struct sel4_invocation inv;

	sel4_untyped_retype(&inv, t->work_untyped, MS_OBJECT_CNODE, t->work_bits, SEL4_SLOT_CNODE,
	                    0, 0, work_cnode(root), 1);
	root_invoke(root, &inv, WORK_NAME, "Untyped_Retype of untyped", t->work_untyped);
	sel4_untyped_retype(&inv, t->work_untyped, MS_OBJECT_CNODE, TOP_BITS, SEL4_SLOT_CNODE, 0, 0,
	                    top_cnode(root), 1);
	root_invoke(root, &inv, TOP_NAME, "Untyped_Retype of untyped", t->work_untyped);
	sel4_cnode_mint(&inv, top_cnode(root), 0, TOP_BITS, SEL4_SLOT_CNODE, SEL4_SLOT_CNODE,
	                SEL4_ROOT_DEPTH, SEL4_ALL_RIGHTS,
	                sel4_guard(0, WORD_BITS - TOP_BITS - (unsigned)t->root_cnode_bits));
	root_invoke(root, &inv, TOP_NAME, "CNode_Mint into slot", 0);
	sel4_cnode_mint(&inv, top_cnode(root), 1, TOP_BITS, SEL4_SLOT_CNODE, work_cnode(root),
	                SEL4_ROOT_DEPTH, SEL4_ALL_RIGHTS,
	                sel4_guard(0, WORD_BITS - TOP_BITS - t->work_bits));
	root_invoke(root, &inv, TOP_NAME, "CNode_Mint into slot", 1);
	live_in(root, top_cnode(root), 0, TOP_NAME);
}

/* The monitor receives on the endpoint, and reads registers of threads: it needs no other right. */
static uint64_t kept_rights(uint32_t kind)
{
	return kind == TABLE_KEEP_FAULT_ENDPOINT ? SEL4_READ : SEL4_ALL_RIGHTS;
}

void root_give_up_all_but_kept(const struct root *root)
{
	const struct table_header *t = root->table;
	struct sel4_invocation inv;

	for (uint32_t i = 0; i < table_count(t, TABLE_KEPT); i++) {
		const struct table_kept *k = table_record(t, TABLE_KEPT, i);
		struct root_slot from = root_slot(root, k->source);

		sel4_cnode_copy(&inv, t->monitor_cnode, k->slot, t->monitor_bits, from.cnode,
		                from.index, from.depth, kept_rights(k->kind));
		root_invoke(root, &inv, MONITOR_NAME, "CNode_Copy into slot", k->slot);
	}
	/* The control over domains is about to go, and after this call others may run first. */
	root_follow_schedule(root);
	live_in(root, t->monitor_cnode, sel4_guard(0, WORD_BITS - t->monitor_bits), MONITOR_NAME);
}
