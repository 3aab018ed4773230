/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault.h - messages that the kernel sends to a thread's fault endpoint: the label is one of
 * MS_FAULT_…, the words lie as below. Pure data: also compiles on the host.
 */
#ifndef MS_FAULT_H
#define MS_FAULT_H

#include <stdint.h>

/* MS_FAULT_CAP. From SEL4_CAP_FAULT_LOOKUP on as in the reply of a SEL4_FAILED_LOOKUP. The MCS
 * kernel of 15.0.0 says SEL4_LOOKUP_INVALID_ROOT whatever the reason. */
enum sel4_cap_fault {
	SEL4_CAP_FAULT_IP,
	SEL4_CAP_FAULT_ADDRESS,
	SEL4_CAP_FAULT_IN_RECEIVE,
	SEL4_CAP_FAULT_LOOKUP,
	SEL4_CAP_FAULT_BITS_LEFT,
	SEL4_CAP_FAULT_FOUND,     /* bits that the CNode takes; of a guard mismatch its guard, */
	SEL4_CAP_FAULT_GUARD_BITS /* and that guard's size */
};

/* MS_FAULT_UNKNOWN_SYSCALL: x0 to x7, then: */
enum sel4_unknown_syscall {
	SEL4_UNKNOWN_SYSCALL_IP = 8,
	SEL4_UNKNOWN_SYSCALL_SP,
	SEL4_UNKNOWN_SYSCALL_NEXT_IP,
	SEL4_UNKNOWN_SYSCALL_SPSR,
	SEL4_UNKNOWN_SYSCALL_NUMBER,
	SEL4_UNKNOWN_SYSCALL_LENGTH
};

/* MS_FAULT_USER_EXCEPTION; number is the ESR. A reply with label 0 resumes with words 0 to 2. */
enum sel4_user_exception {
	SEL4_USER_EXCEPTION_IP,
	SEL4_USER_EXCEPTION_SP,
	SEL4_USER_EXCEPTION_SPSR,
	SEL4_USER_EXCEPTION_NUMBER,
	SEL4_USER_EXCEPTION_CODE,
	SEL4_USER_EXCEPTION_LENGTH
};

/* MS_FAULT_VM; any reply restarts the thread. */
enum sel4_vm_fault {
	SEL4_VM_FAULT_IP,
	SEL4_VM_FAULT_ADDRESS,
	SEL4_VM_FAULT_IS_FETCH, /* 1: an instruction, 0: data */
	SEL4_VM_FAULT_ESR,
	SEL4_VM_FAULT_LENGTH
};

/* MS_FAULT_TIMEOUT (MCS), sent to the timeout endpoint. */
enum sel4_timeout {
	SEL4_TIMEOUT_BADGE, /* of the scheduling context */
	SEL4_TIMEOUT_CONSUMED
};

/* MS_FAULT_DEBUG_EXCEPTION (MS_KERNEL_HARDWARE_DEBUG). */
enum sel4_debug_exception {
	SEL4_DEBUG_EXCEPTION_IP,
	SEL4_DEBUG_EXCEPTION_REASON, /* 0 data, 1 instruction, 2 single step, 3 software */
	SEL4_DEBUG_EXCEPTION_ADDRESS,
	SEL4_DEBUG_EXCEPTION_BREAKPOINT
};

/* MS_FAULT_VGIC_MAINTENANCE, MS_FAULT_VCPU, MS_FAULT_VPPI_EVENT (hypervisors), of one word: the
 * list register of an interrupt that the guest is done with (-1: of none), the ESR of what it
 * did, the number of its own timer's interrupt. */
enum sel4_guest_fault {
	SEL4_VGIC_MAINTENANCE_INDEX = 0,
	SEL4_VCPU_FAULT_ESR = 0,
	SEL4_VPPI_EVENT_IRQ = 0
};

/* Order of the words of TCB_ReadRegisters and TCB_WriteRegisters. */
struct sel4_context {
	uint64_t pc, sp, spsr;
	uint64_t x0, x1, x2, x3, x4, x5, x6, x7, x8;
	uint64_t x16, x17, x18, x29, x30;
	uint64_t x9, x10, x11, x12, x13, x14, x15;
	uint64_t x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
	uint64_t tpidr_el0, tpidrro_el0;
};
#define SEL4_CONTEXT_WORDS 36
_Static_assert(sizeof(struct sel4_context) == 8 * SEL4_CONTEXT_WORDS, "context");

#endif
