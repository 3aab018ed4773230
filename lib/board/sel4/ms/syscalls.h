/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syscalls.h - the kernel's system calls. x7 holds the number, x0 to x5 a capability (or badge)
 * and a message in both directions, x6 and x8 further capabilities; all else is preserved.
 *
 * A call has the same form for classic and MCS kernels where it means the same. The argument
 * `reply` is a reply object's capability under MCS; a classic kernel keeps the reply in the
 * thread itself and ignores it.
 */
#ifndef MS_SYSCALLS_H
#define MS_SYSCALLS_H

#include <ms/invoke.h>
#include <ms/kernel.h>
#include <ms/message.h>
#include <stddef.h>
#include <stdint.h>

/* Makes the call: x0 comes from and goes to *x0, x1 to x5 from and to *m. */
static inline void sel4_trap(long number, uint64_t *x0, struct sel4_message *m, uint64_t x6,
                             uint64_t x8)
{
	register uint64_t r0 __asm__("x0") = *x0;
	register uint64_t r1 __asm__("x1") = m->info;
	register uint64_t r2 __asm__("x2") = m->mr[0];
	register uint64_t r3 __asm__("x3") = m->mr[1];
	register uint64_t r4 __asm__("x4") = m->mr[2];
	register uint64_t r5 __asm__("x5") = m->mr[3];
	register uint64_t r6 __asm__("x6") = x6;
	register uint64_t r7 __asm__("x7") = (uint64_t)number;
	register uint64_t r8 __asm__("x8") = x8;

	__asm__ volatile("svc #0"
	                 : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5)
	                 : "r"(r6), "r"(r7), "r"(r8)
	                 : "memory");
	*x0 = r0;
	m->info = r1;
	m->mr[0] = r2;
	m->mr[1] = r3;
	m->mr[2] = r4;
	m->mr[3] = r5;
}

/* A call that sends nothing. */
static inline uint64_t sel4_trap_empty(long number, uint64_t x0)
{
	struct sel4_message m = {0, {0, 0, 0, 0}};

	sel4_trap(number, &x0, &m, 0, 0);
	return x0;
}

/* A call that only receives: what *m held before does not matter. */
static inline uint64_t sel4_trap_receive(long number, uint64_t cap, struct sel4_message *m,
                                         uint64_t reply)
{
	m->info = m->mr[0] = m->mr[1] = m->mr[2] = m->mr[3] = 0;
	sel4_trap(number, &cap, m, reply, 0);
	return cap;
}

/* Sends *m to an endpoint and waits for the answer, which replaces it. */
static inline void sel4_call(uint64_t cap, struct sel4_message *m)
{
	sel4_trap(MS_SYS_CALL, &cap, m, 0, 0);
}

/* Sends; waits for a receiver. */
static inline void sel4_send(uint64_t cap, const struct sel4_message *m)
{
	struct sel4_message copy = {m->info, {m->mr[0], m->mr[1], m->mr[2], m->mr[3]}};

	sel4_trap(MS_SYS_SEND, &cap, &copy, 0, 0);
}

/* Sends if somebody is waiting, else does nothing. */
static inline void sel4_nb_send(uint64_t cap, const struct sel4_message *m)
{
	struct sel4_message copy = {m->info, {m->mr[0], m->mr[1], m->mr[2], m->mr[3]}};

	sel4_trap(MS_SYS_NB_SEND, &cap, &copy, 0, 0);
}

static inline void sel4_signal(uint64_t notification)
{
	sel4_trap_empty(MS_SYS_SEND, notification);
}

/* Waits for a message (or a notification); returns the sender's badge. */
static inline uint64_t sel4_recv(uint64_t cap, struct sel4_message *m, uint64_t reply)
{
	return sel4_trap_receive(MS_SYS_RECV, cap, m, reply);
}

/* The same, without waiting: 0 when nothing is there. */
static inline uint64_t sel4_nb_recv(uint64_t cap, struct sel4_message *m, uint64_t reply)
{
	return sel4_trap_receive(MS_SYS_NB_RECV, cap, m, reply);
}

/* Waits for a notification; returns its word. */
static inline uint64_t sel4_wait(uint64_t notification)
{
#if MS_KERNEL_MCS
	return sel4_trap_empty(MS_SYS_WAIT, notification);
#else
	return sel4_trap_empty(MS_SYS_RECV, notification);
#endif
}

/* The notification's word without waiting; 0 when it was not signalled. */
static inline uint64_t sel4_poll(uint64_t notification)
{
#if MS_KERNEL_MCS
	return sel4_trap_empty(MS_SYS_NB_WAIT, notification);
#else
	return sel4_trap_empty(MS_SYS_NB_RECV, notification);
#endif
}

/* Answers the caller whose message was received last (MCS: with that reply object). */
static inline void sel4_reply(const struct sel4_message *m, uint64_t reply)
{
	struct sel4_message copy = {m->info, {m->mr[0], m->mr[1], m->mr[2], m->mr[3]}};

#if MS_KERNEL_MCS
	sel4_trap(MS_SYS_SEND, &reply, &copy, 0, 0);
#else
	sel4_trap(MS_SYS_REPLY, &reply, &copy, 0, 0);
#endif
}

/* Answers, then waits for the next message; returns its sender's badge. */
static inline uint64_t sel4_reply_recv(uint64_t cap, struct sel4_message *m, uint64_t reply)
{
	sel4_trap(MS_SYS_REPLY_RECV, &cap, m, reply, 0);
	return cap;
}

#if MS_KERNEL_MCS
/* Sends to dest without waiting, then receives from cap; returns the badge. */
static inline uint64_t sel4_nb_send_recv(uint64_t dest, uint64_t cap, struct sel4_message *m,
                                         uint64_t reply)
{
	sel4_trap(MS_SYS_NB_SEND_RECV, &cap, m, reply, dest);
	return cap;
}

/* Sends to dest without waiting, then waits on cap; returns the badge. */
static inline uint64_t sel4_nb_send_wait(uint64_t dest, uint64_t cap, struct sel4_message *m)
{
	sel4_trap(MS_SYS_NB_SEND_WAIT, &cap, m, dest, 0);
	return cap;
}
#endif

static inline void sel4_yield(void)
{
	sel4_trap_empty(MS_SYS_YIELD, 0);
}

/*
 * Carries an invocation (invoke.h) out and returns the kernel's answer; the words of the reply
 * replace those of the invocation. ipc is the calling thread's IPC buffer; it may be NULL
 * where neither a capability is passed nor more than four words go in or out.
 */
static inline enum sel4_error sel4_invoke(struct sel4_ipc_buffer *ipc, struct sel4_invocation *inv)
{
	struct sel4_message m = {sel4_info(inv->label, inv->cap_count, inv->length),
	                         {inv->mr[0], inv->mr[1], inv->mr[2], inv->mr[3]}};
	uint64_t cap = inv->cap;

	if (ipc) {
		for (unsigned i = 0; i < inv->cap_count; i++)
			ipc->caps_or_badges[i] = inv->caps[i];
		for (unsigned i = SEL4_REGISTER_MRS; i < inv->length; i++)
			ipc->msg[i] = inv->mr[i];
	}
	sel4_trap(MS_SYS_CALL, &cap, &m, 0, 0);
	inv->length = sel4_info_length(m.info);
	if (inv->length > SEL4_INVOCATION_MRS)
		inv->length = SEL4_INVOCATION_MRS;
	for (unsigned i = 0; i < SEL4_REGISTER_MRS; i++)
		inv->mr[i] = m.mr[i];
	if (ipc)
		for (unsigned i = SEL4_REGISTER_MRS; i < inv->length; i++)
			inv->mr[i] = ipc->msg[i];
	return (enum sel4_error)sel4_info_label(m.info);
}

#ifdef MS_SYS_DEBUG_PUT_CHAR
/* One character to the kernel's console. A release kernel has no such call: there it would
 * stop the caller. */
static inline void sel4_debug_put_char(char c)
{
	sel4_trap_empty(MS_SYS_DEBUG_PUT_CHAR, (unsigned char)c);
}

static inline void sel4_debug_puts(const char *s)
{
	while (*s)
		sel4_debug_put_char(*s++);
}
#endif

#ifdef MS_SYS_DEBUG_DUMP_SCHEDULER
/* Prints every thread. */
static inline void sel4_debug_dump_scheduler(void)
{
	sel4_trap_empty(MS_SYS_DEBUG_DUMP_SCHEDULER, 0);
}
#endif

#ifdef MS_SYS_DEBUG_HALT
/* Stops the kernel, and with it everything. */
static inline void sel4_debug_halt(void)
{
	sel4_trap_empty(MS_SYS_DEBUG_HALT, 0);
}
#endif

#ifdef MS_SYS_DEBUG_CAP_IDENTIFY
/* The kernel's type number of a capability, 0 for an empty slot. */
static inline uint64_t sel4_debug_cap_identify(uint64_t cap)
{
	return sel4_trap_empty(MS_SYS_DEBUG_CAP_IDENTIFY, cap);
}
#endif

#ifdef MS_SYS_DEBUG_NAME_THREAD
/* Names a thread in the kernel's messages; 959 bytes of the name count. The caller must have
 * its IPC buffer set and tcb must be a TCB, else the kernel halts. */
static inline void sel4_debug_name_thread(struct sel4_ipc_buffer *ipc, uint64_t tcb,
                                          const char *name)
{
	char *to = (char *)ipc->msg;
	size_t i = 0;

	for (; i < sizeof(ipc->msg) - 1 && name[i]; i++)
		to[i] = name[i];
	to[i] = '\0';
	sel4_trap_empty(MS_SYS_DEBUG_NAME_THREAD, tcb);
}
#endif

#endif
