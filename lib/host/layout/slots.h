/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slots.h - what a protection domain finds in which slot of its CNode, and by which badge it knows
 * an event. The numbers are Microkit's (libmicrokit's microkit.h and main.c, 2.2.0 and 2.3.0), so
 * that programs linked with its library run unchanged; our own runtime (lib/board/pd) has the same.
 */
#ifndef MS_LAYOUT_SLOTS_H
#define MS_LAYOUT_SLOTS_H

enum slot {
	SLOT_INPUT = 1,
	SLOT_FAULT = 2, /* what the thread's fault handler is; classic kernels look it up here */
	SLOT_VSPACE = 3,
	SLOT_REPLY = 4,
	SLOT_MONITOR = 5,
	SLOT_TCB = 6, /* where the kernel measures threads: to ask for its own figures */
	SLOT_SMC = 7,
	/* The first of as many as there are ids: */
	SLOT_NOTIFY = 10,
	SLOT_CALL = 74,
	SLOT_IRQ = 138,
	SLOT_CHILD = 202,
	SLOT_GUEST = 266, /* threads of a virtual machine's CPUs, */
	SLOT_VCPU = 330   /* and their VCPU objects */
};

#define BADGE_CALL  (1ull << 63)
#define BADGE_FAULT (1ull << 62)

/* Scheduling contexts: 256 bytes each, and the badge of that of PD or virtual CPU 0. */
#define SC_BITS  8u
#define SC_BADGE 0x100u

#define WORD_BITS  64u /* of a CPtr: a CNode's radix and its guard have them all */
#define ALL_RIGHTS (TABLE_WRITE | TABLE_READ | TABLE_GRANT | TABLE_GRANT_REPLY)

#endif
