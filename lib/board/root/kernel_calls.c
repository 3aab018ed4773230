/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel_calls.c - the root task's system calls (kernel_calls.h). */
#include "board/root/kernel_calls.h"
#include <ms/sel4.h>

enum sel4_error kernel_invoke(struct sel4_ipc_buffer *ipc, struct sel4_invocation *inv)
{
	return sel4_invoke(ipc, inv);
}

uint64_t kernel_recv(uint64_t cap, struct sel4_message *m, uint64_t reply)
{
	return sel4_recv(cap, m, reply);
}

void kernel_put_char(char c)
{
#ifdef MS_SYS_DEBUG_PUT_CHAR
	sel4_debug_put_char(c);
#else
	(void)c;
#endif
}

void kernel_name_thread(struct sel4_ipc_buffer *ipc, uint64_t tcb, const char *name)
{
#ifdef MS_SYS_DEBUG_NAME_THREAD
	sel4_debug_name_thread(ipc, tcb, name);
#else
	(void)ipc;
	(void)tcb;
	(void)name;
#endif
}

/* Suspends itself; where even that fails, the processor is left to others. */
_Noreturn void kernel_stop(struct sel4_ipc_buffer *ipc)
{
	struct sel4_invocation inv;

	for (;;) {
		sel4_tcb_suspend(&inv, SEL4_SLOT_TCB);
		sel4_invoke(ipc, &inv);
		sel4_yield();
	}
}
