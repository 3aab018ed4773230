/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * invoke.h - invocations of kernel objects in marshalled form: each function below fills in one
 * struct sel4_invocation, sel4_invoke (syscalls.h) carries it out. Building and carrying out are
 * apart so that a model of the kernel can take the second part; this half also compiles on the
 * host.
 *
 * The first argument after the invocation is the object's own capability. A slot is named by a
 * CNode, an index in it and a depth: SEL4_ROOT_DEPTH for the root task's CNode, its radix for a
 * CNode that was just made.
 */
#ifndef MS_INVOKE_H
#define MS_INVOKE_H

#include <ms/fault.h>
#include <ms/kernel.h>
#include <ms/message.h>
#include <stdint.h>

#define SEL4_INVOCATION_MRS 40 /* TCB_WriteRegisters takes 38 */

struct sel4_invocation {
	uint64_t cap;
	uint64_t label;
	unsigned cap_count;
	unsigned length;
	uint64_t caps[SEL4_MAX_EXTRA_CAPS];
	uint64_t mr[SEL4_INVOCATION_MRS];
};

static inline void sel4_inv(struct sel4_invocation *inv, uint64_t cap, uint64_t label)
{
	inv->cap = cap;
	inv->label = label;
	inv->cap_count = 0;
	inv->length = 0;
	for (unsigned i = 0; i < SEL4_REGISTER_MRS; i++)
		inv->mr[i] = 0;
}

static inline void sel4_inv_cap(struct sel4_invocation *inv, uint64_t cap)
{
	if (inv->cap_count < SEL4_MAX_EXTRA_CAPS)
		inv->caps[inv->cap_count++] = cap;
}

static inline void sel4_inv_word(struct sel4_invocation *inv, uint64_t word)
{
	if (inv->length < SEL4_INVOCATION_MRS)
		inv->mr[inv->length++] = word;
}

/* The badge of sel4_cnode_mint that gives a CNode capability a guard; cspace_data is the same. */
static inline uint64_t sel4_guard(uint64_t guard, unsigned bits)
{
	return guard << 6 | (bits & 63);
}

/* count objects of a type into the slots offset.. of a CNode: root itself with depth 0, else
 * the one that index and depth find below root. size_bits counts for untypeds, CNodes (slots)
 * and scheduling contexts. */
static inline void sel4_untyped_retype(struct sel4_invocation *inv, uint64_t untyped, uint64_t type,
                                       uint64_t size_bits, uint64_t root, uint64_t index,
                                       uint64_t depth, uint64_t offset, uint64_t count)
{
	sel4_inv(inv, untyped, MS_LABEL_UNTYPED_RETYPE);
	sel4_inv_cap(inv, root);
	sel4_inv_word(inv, type);
	sel4_inv_word(inv, size_bits);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
	sel4_inv_word(inv, offset);
	sel4_inv_word(inv, count);
}

static inline void sel4_cnode_copy(struct sel4_invocation *inv, uint64_t cnode, uint64_t index,
                                   uint64_t depth, uint64_t src_root, uint64_t src_index,
                                   uint64_t src_depth, uint64_t rights)
{
	sel4_inv(inv, cnode, MS_LABEL_CNODE_COPY);
	sel4_inv_cap(inv, src_root);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
	sel4_inv_word(inv, src_index);
	sel4_inv_word(inv, src_depth);
	sel4_inv_word(inv, rights);
}

/* A copy with a badge (endpoints, notifications) or a guard (CNodes, sel4_guard). */
static inline void sel4_cnode_mint(struct sel4_invocation *inv, uint64_t cnode, uint64_t index,
                                   uint64_t depth, uint64_t src_root, uint64_t src_index,
                                   uint64_t src_depth, uint64_t rights, uint64_t badge)
{
	sel4_inv(inv, cnode, MS_LABEL_CNODE_MINT);
	sel4_inv_cap(inv, src_root);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
	sel4_inv_word(inv, src_index);
	sel4_inv_word(inv, src_depth);
	sel4_inv_word(inv, rights);
	sel4_inv_word(inv, badge);
}

static inline void sel4_cnode_move(struct sel4_invocation *inv, uint64_t cnode, uint64_t index,
                                   uint64_t depth, uint64_t src_root, uint64_t src_index,
                                   uint64_t src_depth)
{
	sel4_inv(inv, cnode, MS_LABEL_CNODE_MOVE);
	sel4_inv_cap(inv, src_root);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
	sel4_inv_word(inv, src_index);
	sel4_inv_word(inv, src_depth);
}

static inline void sel4_cnode_mutate(struct sel4_invocation *inv, uint64_t cnode, uint64_t index,
                                     uint64_t depth, uint64_t src_root, uint64_t src_index,
                                     uint64_t src_depth, uint64_t badge)
{
	sel4_inv(inv, cnode, MS_LABEL_CNODE_MUTATE);
	sel4_inv_cap(inv, src_root);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
	sel4_inv_word(inv, src_index);
	sel4_inv_word(inv, src_depth);
	sel4_inv_word(inv, badge);
}

static inline void sel4_cnode_delete(struct sel4_invocation *inv, uint64_t cnode, uint64_t index,
                                     uint64_t depth)
{
	sel4_inv(inv, cnode, MS_LABEL_CNODE_DELETE);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
}

static inline void sel4_cnode_revoke(struct sel4_invocation *inv, uint64_t cnode, uint64_t index,
                                     uint64_t depth)
{
	sel4_inv(inv, cnode, MS_LABEL_CNODE_REVOKE);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
}

static inline void sel4_cnode_cancel_badged_sends(struct sel4_invocation *inv, uint64_t cnode,
                                                  uint64_t index, uint64_t depth)
{
	sel4_inv(inv, cnode, MS_LABEL_CNODE_CANCEL_BADGED_SENDS);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
}

#if !MS_KERNEL_MCS
static inline void sel4_cnode_save_caller(struct sel4_invocation *inv, uint64_t cnode,
                                          uint64_t index, uint64_t depth)
{
	sel4_inv(inv, cnode, MS_LABEL_CNODE_SAVE_CALLER);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
}
#endif

/* Moves pivot to the destination and src to where pivot was. */
static inline void sel4_cnode_rotate(struct sel4_invocation *inv, uint64_t cnode, uint64_t index,
                                     uint64_t depth, uint64_t pivot_root, uint64_t pivot_index,
                                     uint64_t pivot_depth, uint64_t pivot_badge, uint64_t src_root,
                                     uint64_t src_index, uint64_t src_depth, uint64_t src_badge)
{
	sel4_inv(inv, cnode, MS_LABEL_CNODE_ROTATE);
	sel4_inv_cap(inv, pivot_root);
	sel4_inv_cap(inv, src_root);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
	sel4_inv_word(inv, pivot_badge);
	sel4_inv_word(inv, pivot_index);
	sel4_inv_word(inv, pivot_depth);
	sel4_inv_word(inv, src_badge);
	sel4_inv_word(inv, src_index);
	sel4_inv_word(inv, src_depth);
}

#if !MS_KERNEL_MCS
/* fault_ep is a CPtr of the thread itself, looked up when it faults. */
static inline void sel4_tcb_configure(struct sel4_invocation *inv, uint64_t tcb, uint64_t cspace,
                                      uint64_t vspace, uint64_t buffer_frame, uint64_t fault_ep,
                                      uint64_t cspace_data, uint64_t vspace_data, uint64_t buffer)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_CONFIGURE);
	sel4_inv_cap(inv, cspace);
	sel4_inv_cap(inv, vspace);
	sel4_inv_cap(inv, buffer_frame);
	sel4_inv_word(inv, fault_ep);
	sel4_inv_word(inv, cspace_data);
	sel4_inv_word(inv, vspace_data);
	sel4_inv_word(inv, buffer);
}
#endif

#if MS_KERNEL_MCS
/* The fault endpoint is set by sel4_tcb_set_space or sel4_tcb_set_sched_params. */
static inline void sel4_tcb_configure(struct sel4_invocation *inv, uint64_t tcb, uint64_t cspace,
                                      uint64_t vspace, uint64_t buffer_frame, uint64_t cspace_data,
                                      uint64_t vspace_data, uint64_t buffer)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_CONFIGURE);
	sel4_inv_cap(inv, cspace);
	sel4_inv_cap(inv, vspace);
	sel4_inv_cap(inv, buffer_frame);
	sel4_inv_word(inv, cspace_data);
	sel4_inv_word(inv, vspace_data);
	sel4_inv_word(inv, buffer);
}
#endif

#if !MS_KERNEL_MCS
static inline void sel4_tcb_set_space(struct sel4_invocation *inv, uint64_t tcb, uint64_t cspace,
                                      uint64_t vspace, uint64_t fault_ep, uint64_t cspace_data,
                                      uint64_t vspace_data)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_SPACE);
	sel4_inv_cap(inv, cspace);
	sel4_inv_cap(inv, vspace);
	sel4_inv_word(inv, fault_ep);
	sel4_inv_word(inv, cspace_data);
	sel4_inv_word(inv, vspace_data);
}
#endif

#if MS_KERNEL_MCS
/* fault_ep is a capability of the caller. */
static inline void sel4_tcb_set_space(struct sel4_invocation *inv, uint64_t tcb, uint64_t fault_ep,
                                      uint64_t cspace, uint64_t vspace, uint64_t cspace_data,
                                      uint64_t vspace_data)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_SPACE);
	sel4_inv_cap(inv, fault_ep);
	sel4_inv_cap(inv, cspace);
	sel4_inv_cap(inv, vspace);
	sel4_inv_word(inv, cspace_data);
	sel4_inv_word(inv, vspace_data);
}
#endif

#if !MS_KERNEL_MCS
static inline void sel4_tcb_set_sched_params(struct sel4_invocation *inv, uint64_t tcb,
                                             uint64_t authority, uint64_t mcp, uint64_t priority)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_SCHED_PARAMS);
	sel4_inv_cap(inv, authority);
	sel4_inv_word(inv, mcp);
	sel4_inv_word(inv, priority);
}
#endif

#if MS_KERNEL_MCS
/* sched_context and fault_ep may be 0: none. */
static inline void sel4_tcb_set_sched_params(struct sel4_invocation *inv, uint64_t tcb,
                                             uint64_t authority, uint64_t sched_context,
                                             uint64_t fault_ep, uint64_t mcp, uint64_t priority)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_SCHED_PARAMS);
	sel4_inv_cap(inv, authority);
	sel4_inv_cap(inv, sched_context);
	sel4_inv_cap(inv, fault_ep);
	sel4_inv_word(inv, mcp);
	sel4_inv_word(inv, priority);
}

static inline void sel4_tcb_set_timeout_endpoint(struct sel4_invocation *inv, uint64_t tcb,
                                                 uint64_t endpoint)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_TIMEOUT_ENDPOINT);
	sel4_inv_cap(inv, endpoint);
}
#endif

#if !MS_KERNEL_MCS && MS_KERNEL_SMP
static inline void sel4_tcb_set_affinity(struct sel4_invocation *inv, uint64_t tcb, uint64_t core)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_AFFINITY);
	sel4_inv_word(inv, core);
}
#endif

static inline void sel4_tcb_set_priority(struct sel4_invocation *inv, uint64_t tcb,
                                         uint64_t authority, uint64_t priority)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_PRIORITY);
	sel4_inv_cap(inv, authority);
	sel4_inv_word(inv, priority);
}

static inline void sel4_tcb_set_mc_priority(struct sel4_invocation *inv, uint64_t tcb,
                                            uint64_t authority, uint64_t mcp)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_MC_PRIORITY);
	sel4_inv_cap(inv, authority);
	sel4_inv_word(inv, mcp);
}

static inline void sel4_tcb_set_ipc_buffer(struct sel4_invocation *inv, uint64_t tcb,
                                           uint64_t frame, uint64_t address)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_IPC_BUFFER);
	sel4_inv_cap(inv, frame);
	sel4_inv_word(inv, address);
}

static inline void sel4_tcb_suspend(struct sel4_invocation *inv, uint64_t tcb)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SUSPEND);
}

static inline void sel4_tcb_resume(struct sel4_invocation *inv, uint64_t tcb)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_RESUME);
}

static inline void sel4_tcb_bind_notification(struct sel4_invocation *inv, uint64_t tcb,
                                              uint64_t notification)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_BIND_NOTIFICATION);
	sel4_inv_cap(inv, notification);
}

static inline void sel4_tcb_unbind_notification(struct sel4_invocation *inv, uint64_t tcb)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_UNBIND_NOTIFICATION);
}

static inline void sel4_tcb_set_tls_base(struct sel4_invocation *inv, uint64_t tcb,
                                         uint64_t address)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_TLS_BASE);
	sel4_inv_word(inv, address);
}

/* Bit 0: the thread may not use FP registers. Answers with the flags. */
static inline void sel4_tcb_set_flags(struct sel4_invocation *inv, uint64_t tcb, uint64_t clear,
                                      uint64_t set)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_SET_FLAGS);
	sel4_inv_word(inv, clear);
	sel4_inv_word(inv, set);
}

/* what: 1 suspend source, 2 resume tcb, 4 frame registers, 8 integer registers. */
static inline void sel4_tcb_copy_registers(struct sel4_invocation *inv, uint64_t tcb,
                                           uint64_t source, uint64_t what)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_COPY_REGISTERS);
	sel4_inv_cap(inv, source);
	sel4_inv_word(inv, what);
}

#if MS_KERNEL_MCS
/* On the core that sched_control belongs to. flags: 1 sporadic. */
static inline void sel4_sched_control_configure(struct sel4_invocation *inv, uint64_t sched_control,
                                                uint64_t sched_context, uint64_t budget_us,
                                                uint64_t period_us, uint64_t extra_refills,
                                                uint64_t badge, uint64_t flags)
{
	sel4_inv(inv, sched_control, MS_LABEL_SCHED_CONTROL_CONFIGURE_FLAGS);
	sel4_inv_cap(inv, sched_context);
	sel4_inv_word(inv, budget_us);
	sel4_inv_word(inv, period_us);
	sel4_inv_word(inv, extra_refills);
	sel4_inv_word(inv, badge);
	sel4_inv_word(inv, flags);
}

/* object: a TCB or a notification. */
static inline void sel4_sched_context_bind(struct sel4_invocation *inv, uint64_t sched_context,
                                           uint64_t object)
{
	sel4_inv(inv, sched_context, MS_LABEL_SCHED_CONTEXT_BIND);
	sel4_inv_cap(inv, object);
}

static inline void sel4_sched_context_unbind(struct sel4_invocation *inv, uint64_t sched_context)
{
	sel4_inv(inv, sched_context, MS_LABEL_SCHED_CONTEXT_UNBIND);
}

static inline void sel4_sched_context_unbind_object(struct sel4_invocation *inv,
                                                    uint64_t sched_context, uint64_t object)
{
	sel4_inv(inv, sched_context, MS_LABEL_SCHED_CONTEXT_UNBIND_OBJECT);
	sel4_inv_cap(inv, object);
}

/* Answers with the microseconds used. */
static inline void sel4_sched_context_consumed(struct sel4_invocation *inv, uint64_t sched_context)
{
	sel4_inv(inv, sched_context, MS_LABEL_SCHED_CONTEXT_CONSUMED);
}

static inline void sel4_sched_context_yield_to(struct sel4_invocation *inv, uint64_t sched_context)
{
	sel4_inv(inv, sched_context, MS_LABEL_SCHED_CONTEXT_YIELD_TO);
}
#endif

static inline void sel4_irq_control_get(struct sel4_invocation *inv, uint64_t irq_control,
                                        uint64_t irq, uint64_t root, uint64_t index, uint64_t depth)
{
	sel4_inv(inv, irq_control, MS_LABEL_IRQ_ISSUE_IRQ_HANDLER);
	sel4_inv_cap(inv, root);
	sel4_inv_word(inv, irq);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
}

/* edge: 1 edge-triggered, 0 level. */
static inline void sel4_irq_control_get_trigger(struct sel4_invocation *inv, uint64_t irq_control,
                                                uint64_t irq, uint64_t edge, uint64_t root,
                                                uint64_t index, uint64_t depth)
{
	sel4_inv(inv, irq_control, MS_LABEL_ARM_IRQ_ISSUE_IRQ_HANDLER_TRIGGER);
	sel4_inv_cap(inv, root);
	sel4_inv_word(inv, irq);
	sel4_inv_word(inv, edge);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
}

#if MS_KERNEL_SMP
static inline void sel4_irq_control_get_trigger_core(struct sel4_invocation *inv,
                                                     uint64_t irq_control, uint64_t irq,
                                                     uint64_t edge, uint64_t core, uint64_t root,
                                                     uint64_t index, uint64_t depth)
{
	sel4_inv(inv, irq_control, MS_LABEL_ARM_IRQ_ISSUE_IRQ_HANDLER_TRIGGER_CORE);
	sel4_inv_cap(inv, root);
	sel4_inv_word(inv, irq);
	sel4_inv_word(inv, edge);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
	sel4_inv_word(inv, core);
}
#endif

#if !MS_KERNEL_SMP
static inline void sel4_irq_control_sgi(struct sel4_invocation *inv, uint64_t irq_control,
                                        uint64_t sgi, uint64_t core, uint64_t root, uint64_t index,
                                        uint64_t depth)
{
	sel4_inv(inv, irq_control, MS_LABEL_ARM_IRQ_ISSUE_SGI_SIGNAL);
	sel4_inv_cap(inv, root);
	sel4_inv_word(inv, sgi);
	sel4_inv_word(inv, core);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
}
#endif

static inline void sel4_irq_ack(struct sel4_invocation *inv, uint64_t handler)
{
	sel4_inv(inv, handler, MS_LABEL_IRQ_ACK_IRQ);
}

static inline void sel4_irq_set_notification(struct sel4_invocation *inv, uint64_t handler,
                                             uint64_t notification)
{
	sel4_inv(inv, handler, MS_LABEL_IRQ_SET_IRQ_HANDLER);
	sel4_inv_cap(inv, notification);
}

static inline void sel4_irq_clear(struct sel4_invocation *inv, uint64_t handler)
{
	sel4_inv(inv, handler, MS_LABEL_IRQ_CLEAR_IRQ_HANDLER);
}

/* Fills the highest level that is missing for vaddr. */
static inline void sel4_page_table_map(struct sel4_invocation *inv, uint64_t table, uint64_t vspace,
                                       uint64_t vaddr, uint64_t attributes)
{
	sel4_inv(inv, table, MS_LABEL_ARM_PAGE_TABLE_MAP);
	sel4_inv_cap(inv, vspace);
	sel4_inv_word(inv, vaddr);
	sel4_inv_word(inv, attributes);
}

static inline void sel4_page_table_unmap(struct sel4_invocation *inv, uint64_t table)
{
	sel4_inv(inv, table, MS_LABEL_ARM_PAGE_TABLE_UNMAP);
}

/* A missing table is SEL4_FAILED_LOOKUP; MR2 then holds the bits that it would span. */
static inline void sel4_page_map(struct sel4_invocation *inv, uint64_t frame, uint64_t vspace,
                                 uint64_t vaddr, uint64_t rights, uint64_t attributes)
{
	sel4_inv(inv, frame, MS_LABEL_ARM_PAGE_MAP);
	sel4_inv_cap(inv, vspace);
	sel4_inv_word(inv, vaddr);
	sel4_inv_word(inv, rights);
	sel4_inv_word(inv, attributes);
}

static inline void sel4_page_unmap(struct sel4_invocation *inv, uint64_t frame)
{
	sel4_inv(inv, frame, MS_LABEL_ARM_PAGE_UNMAP);
}

/* Answers with the physical address. */
static inline void sel4_page_get_address(struct sel4_invocation *inv, uint64_t frame)
{
	sel4_inv(inv, frame, MS_LABEL_ARM_PAGE_GET_ADDRESS);
}

/* Offsets in the page, which this very capability has mapped. */
static inline void sel4_page_clean_data(struct sel4_invocation *inv, uint64_t frame, uint64_t start,
                                        uint64_t end)
{
	sel4_inv(inv, frame, MS_LABEL_ARM_PAGE_CLEAN_DATA);
	sel4_inv_word(inv, start);
	sel4_inv_word(inv, end);
}

static inline void sel4_page_invalidate_data(struct sel4_invocation *inv, uint64_t frame,
                                             uint64_t start, uint64_t end)
{
	sel4_inv(inv, frame, MS_LABEL_ARM_PAGE_INVALIDATE_DATA);
	sel4_inv_word(inv, start);
	sel4_inv_word(inv, end);
}

static inline void sel4_page_clean_invalidate_data(struct sel4_invocation *inv, uint64_t frame,
                                                   uint64_t start, uint64_t end)
{
	sel4_inv(inv, frame, MS_LABEL_ARM_PAGE_CLEAN_INVALIDATE_DATA);
	sel4_inv_word(inv, start);
	sel4_inv_word(inv, end);
}

static inline void sel4_page_unify_instruction(struct sel4_invocation *inv, uint64_t frame,
                                               uint64_t start, uint64_t end)
{
	sel4_inv(inv, frame, MS_LABEL_ARM_PAGE_UNIFY_INSTRUCTION);
	sel4_inv_word(inv, start);
	sel4_inv_word(inv, end);
}

/* Addresses within one page. */
static inline void sel4_vspace_clean_data(struct sel4_invocation *inv, uint64_t vspace,
                                          uint64_t start, uint64_t end)
{
	sel4_inv(inv, vspace, MS_LABEL_ARM_VSPACE_CLEAN_DATA);
	sel4_inv_word(inv, start);
	sel4_inv_word(inv, end);
}

static inline void sel4_vspace_invalidate_data(struct sel4_invocation *inv, uint64_t vspace,
                                               uint64_t start, uint64_t end)
{
	sel4_inv(inv, vspace, MS_LABEL_ARM_VSPACE_INVALIDATE_DATA);
	sel4_inv_word(inv, start);
	sel4_inv_word(inv, end);
}

static inline void sel4_vspace_clean_invalidate_data(struct sel4_invocation *inv, uint64_t vspace,
                                                     uint64_t start, uint64_t end)
{
	sel4_inv(inv, vspace, MS_LABEL_ARM_VSPACE_CLEAN_INVALIDATE_DATA);
	sel4_inv_word(inv, start);
	sel4_inv_word(inv, end);
}

static inline void sel4_vspace_unify_instruction(struct sel4_invocation *inv, uint64_t vspace,
                                                 uint64_t start, uint64_t end)
{
	sel4_inv(inv, vspace, MS_LABEL_ARM_VSPACE_UNIFY_INSTRUCTION);
	sel4_inv_word(inv, start);
	sel4_inv_word(inv, end);
}

/* untyped: of exactly 12 bits, without children. */
static inline void sel4_asid_control_make_pool(struct sel4_invocation *inv, uint64_t asid_control,
                                               uint64_t untyped, uint64_t root, uint64_t index,
                                               uint64_t depth)
{
	sel4_inv(inv, asid_control, MS_LABEL_ARM_ASID_CONTROL_MAKE_POOL);
	sel4_inv_cap(inv, untyped);
	sel4_inv_cap(inv, root);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, depth);
}

static inline void sel4_asid_pool_assign(struct sel4_invocation *inv, uint64_t pool,
                                         uint64_t vspace)
{
	sel4_inv(inv, pool, MS_LABEL_ARM_ASID_POOL_ASSIGN);
	sel4_inv_cap(inv, vspace);
}

#if MS_KERNEL_HYPERVISOR
static inline void sel4_vcpu_set_tcb(struct sel4_invocation *inv, uint64_t vcpu, uint64_t tcb)
{
	sel4_inv(inv, vcpu, MS_LABEL_ARM_VCPU_SET_TCB);
	sel4_inv_cap(inv, tcb);
}

/* An interrupt for sel4_vcpu_inject_irq, in one word. */
static inline uint64_t sel4_virtual_irq(uint16_t irq, uint8_t priority, uint8_t group,
                                        uint8_t list_register)
{
	return irq | (uint64_t)priority << 16 | (uint64_t)group << 24 |
	       (uint64_t)list_register << 32;
}

static inline void sel4_vcpu_inject_irq(struct sel4_invocation *inv, uint64_t vcpu, uint64_t irq)
{
	sel4_inv(inv, vcpu, MS_LABEL_ARM_VCPU_INJECT_IRQ);
	sel4_inv_word(inv, irq);
}

static inline void sel4_vcpu_read_register(struct sel4_invocation *inv, uint64_t vcpu,
                                           uint64_t index)
{
	sel4_inv(inv, vcpu, MS_LABEL_ARM_VCPU_READ_REG);
	sel4_inv_word(inv, index);
}

static inline void sel4_vcpu_write_register(struct sel4_invocation *inv, uint64_t vcpu,
                                            uint64_t index, uint64_t value)
{
	sel4_inv(inv, vcpu, MS_LABEL_ARM_VCPU_WRITE_REG);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, value);
}

static inline void sel4_vcpu_ack_vppi(struct sel4_invocation *inv, uint64_t vcpu, uint64_t irq)
{
	sel4_inv(inv, vcpu, MS_LABEL_ARM_VCPU_ACK_VPPI);
	sel4_inv_word(inv, irq);
}
#endif

static inline void sel4_domain_set(struct sel4_invocation *inv, uint64_t domain_control,
                                   uint64_t tcb, uint64_t domain)
{
	sel4_inv(inv, domain_control, MS_LABEL_DOMAIN_SET_SET);
	sel4_inv_cap(inv, tcb);
	sel4_inv_word(inv, domain);
}

static inline void sel4_domain_schedule_configure(struct sel4_invocation *inv,
                                                  uint64_t domain_control, uint64_t index,
                                                  uint64_t domain, uint64_t duration)
{
	sel4_inv(inv, domain_control, MS_LABEL_DOMAIN_SCHEDULE_CONFIGURE);
	sel4_inv_word(inv, index);
	sel4_inv_word(inv, domain);
	sel4_inv_word(inv, duration);
}

static inline void sel4_domain_schedule_set_start(struct sel4_invocation *inv,
                                                  uint64_t domain_control, uint64_t index)
{
	sel4_inv(inv, domain_control, MS_LABEL_DOMAIN_SCHEDULE_SET_START);
	sel4_inv_word(inv, index);
}

/* Answers with count words in the order of struct sel4_context. */
static inline void sel4_tcb_read_registers(struct sel4_invocation *inv, uint64_t tcb, int suspend,
                                           unsigned count)
{
	sel4_inv(inv, tcb, MS_LABEL_TCB_READ_REGISTERS);
	sel4_inv_word(inv, suspend != 0);
	sel4_inv_word(inv, count);
}

/* Sets the first count words of *context; three (pc, sp, spsr) are enough to start a thread. */
static inline void sel4_tcb_write_registers(struct sel4_invocation *inv, uint64_t tcb, int resume,
                                            unsigned count, const struct sel4_context *context)
{
	const uint64_t *words = &context->pc;

	if (count > SEL4_CONTEXT_WORDS)
		count = SEL4_CONTEXT_WORDS;
	sel4_inv(inv, tcb, MS_LABEL_TCB_WRITE_REGISTERS);
	sel4_inv_word(inv, resume != 0);
	sel4_inv_word(inv, count);
	for (unsigned i = 0; i < count; i++)
		sel4_inv_word(inv, words[i]);
}

#if MS_KERNEL_SMC
/* A call of the firmware with x0 to x7; answers with its x0 to x7. A machine whose firmware does
 * not take SMC brings the kernel down. */
static inline void sel4_smc_call(struct sel4_invocation *inv, uint64_t smc, const uint64_t x[8])
{
	sel4_inv(inv, smc, MS_LABEL_ARM_SMC_CALL);
	for (unsigned i = 0; i < 8; i++)
		sel4_inv_word(inv, x[i]);
}
#endif

#endif
