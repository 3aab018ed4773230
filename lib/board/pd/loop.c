/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop.c - a protection domain's life: its init, then one event after the other.
 *
 * What is written into the variables below and what comes by which badge: lib/host/layout. It is
 * Microkit's protocol, on classic kernels as well, which keep the caller of a message in the
 * thread instead of a reply object.
 */
#include <microkit.h>

#include "runtime.h"

#define BADGE_FAULT (1ull << 62)
#define BADGE_CALL  (1ull << 63)
#define ID_MASK     0x3f
#define CHILD_MASK  0xff

/* Written into the image. In .data, not in .bss: there the bytes of the file are changed in place,
 * without a frame mapped for it. */
#define PATCHED __attribute__((section(".data.microkit"), used))

PATCHED char microkit_name[MICROKIT_PD_NAME_LENGTH];
PATCHED seL4_Bool microkit_passive;
PATCHED seL4_Word microkit_irqs;
PATCHED seL4_Word microkit_notifications;
PATCHED seL4_Word microkit_pps;

/* One operation is put off until the next receive, which it then goes with in one system call. */
seL4_Bool microkit_have_signal;
seL4_CPtr microkit_signal_cap;
seL4_MessageInfo_t microkit_signal_msg;

/* For start.S: above it lie a guard page and the IPC buffer. */
const seL4_Word pd_stack_top = MS_KERNEL_USER_TOP - 0x2000;

typedef void (*init_function)(void);
extern const init_function pd_init_start[], pd_init_end[];
/* Its address, 0 or 1, is the value: set by the link. Weak: else no address would be 0. */
extern const char pd_takes_messages[] __attribute__((weak));

static void send_deferred(void)
{
	struct sel4_message m = {microkit_signal_msg.words[0], {0, 0, 0, 0}};

	microkit_have_signal = 0;
	sel4_send(microkit_signal_cap, &m);
}

void pd_defer(seL4_CPtr cap, seL4_Word label)
{
	/* None is lost: what was put off before is done now. */
	if (microkit_have_signal)
		send_deferred();
	microkit_signal_cap = cap;
	microkit_signal_msg = seL4_MessageInfo_new(label, 0, 0, 0);
	microkit_have_signal = 1;
}

/* Waits for the next event; before that, in the same system call, answers the last one or does
 * what was put off. */
static seL4_Word receive(seL4_Bool answer, struct sel4_message *m)
{
	if (answer) {
		if (microkit_have_signal)
			send_deferred();
		for (unsigned i = 0; i < SEL4_REGISTER_MRS; i++)
			m->mr[i] = PD_IPC_BUFFER->msg[i];
		return sel4_reply_recv(PD_SLOT_INPUT, m, PD_SLOT_REPLY);
	}
	if (microkit_have_signal) {
#if MS_KERNEL_MCS
		microkit_have_signal = 0;
		m->info = microkit_signal_msg.words[0];
		for (unsigned i = 0; i < SEL4_REGISTER_MRS; i++)
			m->mr[i] = 0;
		return sel4_nb_send_recv(microkit_signal_cap, PD_SLOT_INPUT, m, PD_SLOT_REPLY);
#else
		send_deferred();
#endif
	}
	return sel4_recv(PD_SLOT_INPUT, m, PD_SLOT_REPLY);
}

/* A message: a call, or a child's fault. Returns whether it is answered, by *m. */
static seL4_Bool take_message(seL4_Word badge, struct sel4_message *m)
{
	seL4_MessageInfo_t info = {{m->info}}, answer = {{0}};

	for (unsigned i = 0; i < SEL4_REGISTER_MRS; i++)
		PD_IPC_BUFFER->msg[i] = m->mr[i];
	if (badge & BADGE_FAULT) {
		if (!fault((microkit_child)(badge & CHILD_MASK), info, &answer))
			return 0;
	} else {
		answer = protected((microkit_channel)(badge & ID_MASK), info);
	}
	m->info = answer.words[0];
	return 1;
}

static void take_signals(seL4_Word bits)
{
	for (; bits; bits &= bits - 1)
		notified((microkit_channel)__builtin_ctzll(bits));
}

static void start(void)
{
	for (const init_function *f = pd_init_start; f < pd_init_end; f++)
		(*f)();
	init();
	/* An interrupt that came while nobody could take it would else not come again. */
	for (seL4_Word bits = microkit_irqs; bits; bits &= bits - 1)
		pd_ack((microkit_channel)__builtin_ctzll(bits));
}

_Noreturn void pd_main(void)
{
	seL4_Bool messages = (seL4_Word)pd_takes_messages != 0;
	struct sel4_message m;
	seL4_Bool answer = 0;

	start();
	for (;;) {
		seL4_Word badge = receive(answer, &m);

		answer = 0;
		if (messages && (badge & (BADGE_CALL | BADGE_FAULT)))
			answer = take_message(badge, &m);
		else
			take_signals(badge);
	}
}
