/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * library.h - a library for protection domains that is not the toolkit's runtime: by what such a
 * library may count on, and nothing else. With OLD it is one as of Microkit 2.2.0, which has its
 * IPC buffer at __sel4_ipc_buffer_obj and its stack at the end of user space; without, one as of
 * 2.3.0, which has both at fixed places and may be given caps.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <ms/sel4.h>

/* Written when the image is made. */
extern char microkit_name[64];
extern uint8_t microkit_passive;
extern uint64_t microkit_irqs, microkit_notifications, microkit_pps;

#ifdef OLD
extern struct sel4_ipc_buffer __sel4_ipc_buffer_obj;
#define IPC       (&__sel4_ipc_buffer_obj)
#define STACK_TOP MS_KERNEL_USER_TOP
#else
#define IPC       ((struct sel4_ipc_buffer *)(MS_KERNEL_USER_TOP - 0x1000))
#define STACK_TOP (MS_KERNEL_USER_TOP - 0x2000)
#endif

enum { INPUT = 1, REPLY = 4, NOTIFY = 10, CALL = 74, CHILD = 202 };
#define CAP(slot) ((uint64_t)(slot) << 58)

/* The program's. words: of the message in, of the answer out. */
void init(void);
void notified(unsigned channel);
unsigned protected(unsigned channel, uint64_t *words, unsigned count);
void fault(unsigned child);

void say(const char *text);
void say_number(uint64_t number);
/* Calls on a channel with count words; the answer's are in words then, their number returned. */
unsigned call(unsigned channel, uint64_t *words, unsigned count);
void notify(unsigned channel);
/* Carries an invocation out, and says so when the kernel refuses. */
void invoke(struct sel4_invocation *inv);

#endif
