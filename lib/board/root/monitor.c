/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * monitor.c - what the root task is once everything runs: it waits for the faults of protection
 * domains without a parent, prints each and leaves the domain stopped.
 *
 * From here on a capability is a slot of the monitor's CNode.
 */
#include "board/root/root.h"
#include "board/root/say.h"

#define SHOWN_MRS 16 /* words of a fault message that are looked at */

/* The slot of a kept capability; 0 when there is none of that kind and thread. */
static uint64_t kept(const struct root *root, enum table_kept_kind kind, uint32_t index)
{
	for (uint32_t i = 0; i < table_count(root->table, TABLE_KEPT); i++) {
		const struct table_kept *k = table_record(root->table, TABLE_KEPT, i);

		if (k->kind == (uint32_t)kind && k->index == index)
			return k->slot;
	}
	return 0;
}

static void print_registers(const struct sel4_context *c)
{
	const uint64_t x[] = {c->x0,  c->x1,  c->x2,  c->x3,  c->x4,  c->x5,  c->x6,  c->x7,
	                      c->x8,  c->x9,  c->x10, c->x11, c->x12, c->x13, c->x14, c->x15,
	                      c->x16, c->x17, c->x18, c->x19, c->x20, c->x21, c->x22, c->x23,
	                      c->x24, c->x25, c->x26, c->x27, c->x28, c->x29, c->x30};

	say("  pc %x sp %x spsr %x", c->pc, c->sp, c->spsr);
	for (uint64_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		say("%sx%u %x", i % 4 ? " " : "\n  ", i, x[i]);
	say("\n  tpidr_el0 %x tpidrro_el0 %x\n", c->tpidr_el0, c->tpidrro_el0);
}

/* Reads the registers and suspends the thread: it is out of its fault for good, and under MCS
 * the reply object is free for the next message. */
static void stop_and_print(const struct root *root, uint32_t index)
{
	struct sel4_invocation inv;
	union {
		struct sel4_context context;
		uint64_t words[SEL4_CONTEXT_WORDS];
	} registers;
	uint64_t tcb = kept(root, TABLE_KEEP_TCB, index);
	enum sel4_error error;

	if (!tcb)
		return;
	sel4_tcb_read_registers(&inv, tcb, 1, SEL4_CONTEXT_WORDS);
	error = kernel_invoke(root->ipc, &inv);
	if (error || inv.length < SEL4_CONTEXT_WORDS) {
		say("  registers cannot be read: seL4 error %u\n", (uint64_t)error);
		return;
	}
	for (unsigned i = 0; i < SEL4_CONTEXT_WORDS; i++)
		registers.words[i] = inv.mr[i];
	print_registers(&registers.context);
}

/* The words of the message beyond those in registers lie in the IPC buffer, which the next
 * invocation overwrites. */
static unsigned message_words(const struct root *root, const struct sel4_message *m,
                              uint64_t mr[SHOWN_MRS])
{
	unsigned length = sel4_info_length(m->info);

	if (length > SHOWN_MRS)
		length = SHOWN_MRS;
	for (unsigned i = 0; i < SHOWN_MRS; i++)
		mr[i] = i >= length ? 0 : i < SEL4_REGISTER_MRS ? m->mr[i] : root->ipc->msg[i];
	return length;
}

static void receive(const struct root *root, uint64_t badge, const struct sel4_message *m)
{
	uint64_t label = sel4_info_label(m->info), mr[SHOWN_MRS];
	unsigned length = message_words(root, m, mr);
	uint32_t index = (uint32_t)(badge - 1);
	const struct table_thread *thread;
	const char *name;

	if (badge == 0 || badge > table_count(root->table, TABLE_THREADS)) {
		say("monitor: message %u from an unknown sender, badge %x\n", label, badge);
		return;
	}
	thread = table_record(root->table, TABLE_THREADS, index);
	name = table_name(root->table, thread->name);
#if MS_KERNEL_MCS
	/* A program of Microkit's asks to be made passive, after its init: it has been all along.
	 */
	if (label == MS_FAULT_NULL && (thread->flags & TABLE_THREAD_PASSIVE))
		return;
#endif
	root_print_fault(thread, name, label, mr, length);
	stop_and_print(root, index);
}

_Noreturn void root_monitor(const struct root *root)
{
	uint64_t endpoint = kept(root, TABLE_KEEP_FAULT_ENDPOINT, 0);
	uint64_t reply = kept(root, TABLE_KEEP_REPLY, 0);

	for (;;) {
		struct sel4_message m;
		uint64_t badge = kernel_recv(endpoint, &m, reply);

		receive(root, badge, &m);
	}
}
