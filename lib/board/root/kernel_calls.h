/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel_calls.h - every way in which the root task reaches the kernel. On the board these are
 * system calls (kernel_calls.c); in the tests a model of seL4's objects stands behind them.
 */
#ifndef ROOT_KERNEL_CALLS_H
#define ROOT_KERNEL_CALLS_H

#include <ms/invoke.h>

/* Carries an invocation out (sel4_invoke); ipc is the caller's IPC buffer. */
enum sel4_error kernel_invoke(struct sel4_ipc_buffer *ipc, struct sel4_invocation *inv);

/* Waits for a message; returns the sender's badge. reply: a reply object (MCS). */
uint64_t kernel_recv(uint64_t cap, struct sel4_message *m, uint64_t reply);

/* One character for the debug console; nothing where the kernel prints nothing. */
void kernel_put_char(char c);

/* Gives a thread its name in the kernel's own messages, where the kernel keeps names. */
void kernel_name_thread(struct sel4_ipc_buffer *ipc, uint64_t tcb, const char *name);

/* Sleeps for ever: there is nothing left to do. */
_Noreturn void kernel_stop(struct sel4_ipc_buffer *ipc);

#endif
