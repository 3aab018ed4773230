/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault.c - a fault message in words: what the protection domain tried, and where. Codes are
 * those of ESR_ELx (Arm ARM, D17.2.37).
 */
#include "board/root/root.h"
#include "board/root/say.h"
#include <ms/fault.h>

#define PAGE 4096u

#define ESR_EC(esr)         ((esr) >> 26 & 63)
#define ESR_WRITE           0x40u /* data aborts: WnR */
#define ESR_STATUS(esr)     ((esr)&63)
#define STATUS_ALIGNMENT    0x21
#define ESR_BRK_NUMBER(esr) ((esr)&0xffff)

/* What a translation table walk ended with; the level is in the lowest two bits. */
static const char *abort_text(uint64_t esr)
{
	if (ESR_STATUS(esr) == STATUS_ALIGNMENT)
		return "not aligned";
	switch (ESR_STATUS(esr) >> 2) {
	case 0: return "no such address";
	case 1: return "not mapped";
	case 2: return "not accessible";
	case 3: return "not permitted";
	case 4: return "the bus refused it";
	default: return "the processor refused it";
	}
}

static const char *exception_text(uint64_t esr)
{
	switch (ESR_EC(esr)) {
	case 0x00: return "undefined instruction";
	case 0x07: return "floating point where it is switched off";
	case 0x0e: return "illegal execution state";
	case 0x18: return "system register out of reach";
	case 0x22: return "pc not aligned";
	case 0x26: return "sp not aligned";
	case 0x2c: return "floating point exception";
	case 0x3c: return "breakpoint instruction";
	default: return "exception";
	}
}

static void print_vm_fault(const struct table_thread *thread, const uint64_t *mr)
{
	uint64_t address = mr[SEL4_VM_FAULT_ADDRESS], esr = mr[SEL4_VM_FAULT_ESR];
	int overflow = address < thread->stack_bottom && thread->stack_bottom - address <= PAGE;

	say("%s: cannot %s %x (%s, ESR %x)", overflow ? "stack overflow" : "memory fault",
	    mr[SEL4_VM_FAULT_IS_FETCH] ? "execute"
	    : esr & ESR_WRITE          ? "write"
	                               : "read",
	    address, abort_text(esr), esr);
}

static void print_user_exception(const uint64_t *mr)
{
	uint64_t esr = mr[SEL4_USER_EXCEPTION_NUMBER];

	say("%s", exception_text(esr));
	if (ESR_EC(esr) == 0x3c)
		say(" %u", ESR_BRK_NUMBER(esr));
	say(" (ESR %x)", esr);
}

#ifdef MS_FAULT_DEBUG_EXCEPTION
static void print_debug_exception(const uint64_t *mr)
{
	static const char *const reasons[] = {"watchpoint", "breakpoint", "single step",
	                                      "breakpoint instruction"};
	uint64_t reason = mr[SEL4_DEBUG_EXCEPTION_REASON];

	say("%s at %x", reason < 4 ? reasons[reason] : "debug exception",
	    mr[SEL4_DEBUG_EXCEPTION_ADDRESS]);
}
#endif

/* Where it happened, for those faults that say so in their first word. */
static void print_pc(const uint64_t *mr)
{
	say(" at pc %x", mr[0]);
}

void root_print_fault(const struct table_thread *thread, const char *name, uint64_t label,
                      const uint64_t *mr, unsigned length)
{
	say("monitor: %s: ", name);
	switch (label) {
	case MS_FAULT_VM:
		print_vm_fault(thread, mr);
		print_pc(mr);
		break;
	case MS_FAULT_CAP:
		say("capability fault: nothing at CPtr %x to %s", mr[SEL4_CAP_FAULT_ADDRESS],
		    mr[SEL4_CAP_FAULT_IN_RECEIVE] ? "receive from" : "invoke");
		print_pc(mr);
		break;
	case MS_FAULT_UNKNOWN_SYSCALL:
		say("unknown system call %u at pc %x", mr[SEL4_UNKNOWN_SYSCALL_NUMBER],
		    mr[SEL4_UNKNOWN_SYSCALL_IP]);
		break;
	case MS_FAULT_USER_EXCEPTION:
		print_user_exception(mr);
		print_pc(mr);
		break;
#ifdef MS_FAULT_DEBUG_EXCEPTION
	case MS_FAULT_DEBUG_EXCEPTION:
		print_debug_exception(mr);
		print_pc(mr);
		break;
#endif
#ifdef MS_FAULT_VCPU
	case MS_FAULT_VGIC_MAINTENANCE: say("virtual interrupt controller maintenance"); break;
	case MS_FAULT_VCPU: say("virtual processor fault (HSR %x)", mr[0]); break;
	case MS_FAULT_VPPI_EVENT: say("virtual interrupt %u", mr[0]); break;
#endif
	default: say("message %u of %u words", label, (uint64_t)length); break;
	}
	say("; the domain is stopped\n");
}
