/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault.c - a fault message in words: what the protection domain tried, and where. Codes are
 * those of ESR_ELx (Arm ARM, DDI 0487: ESR_EL1).
 */
#include "board/root/root.h"
#include "board/root/say.h"
#include <ms/fault.h>

#define PAGE 4096u

#define ESR_EC(esr)         ((esr) >> 26 & 63)
#define EC_BRK              0x3c
#define ESR_EXTERNAL        0x200u /* data aborts: EA */
#define ESR_MAINTENANCE     0x100u /* data aborts: CM */
#define ESR_WALK            0x80u  /* aborts: S1PTW */
#define ESR_WRITE           0x40u  /* data aborts: WnR */
#define ESR_STATUS(esr)     ((esr)&63)
#define STATUS_ALIGNMENT    0x21
#define STATUS_WALK_LEVELS  0x10 /* below: four levels each */
#define ESR_BRK_NUMBER(esr) ((esr)&0xffff)

/* What clang's -fsanitize=undefined -fsanitize-trap compiles into: brk 0x5500 + number. */
#define UBSAN_BRK      0x5500u
#define UBSAN_BRK_MASK 0xff00u

/* What a translation table walk ended with; the level is in the lowest two bits. */
static const char *abort_text(uint64_t status)
{
	switch (status) {
	case 0x10: return "the bus refused it";
	case 0x11: return "wrong memory tag";
	case 0x18: return "parity error";
	case STATUS_ALIGNMENT: return "not aligned";
	case 0x30: return "two TLB entries for it";
	case 0x31: return "no atomic update there";
	}
	switch (status >> 2) {
	case 0: return "no such address";
	case 1: return "not mapped";
	case 2: return "not accessible";
	case 3: return "not permitted";
	case 5: return "the bus refused its page table";
	case 7: return "parity error in its page table";
	default: return "the processor refused it";
	}
}

static int has_level(uint64_t status)
{
	return status < STATUS_WALK_LEVELS || status >> 2 == 5 || status >> 2 == 7;
}

static const char *exception_text(uint64_t esr)
{
	switch (ESR_EC(esr)) {
	case 0x00: return "undefined instruction";
	case 0x01: return "WFI or WFE, which is not for it";
	case 0x07: return "floating point where it is switched off";
	case 0x0d: return "branch to where none may go";
	case 0x0e: return "illegal execution state";
	case 0x15: return "SVC instruction";
	case 0x16: return "HVC instruction";
	case 0x17: return "SMC instruction";
	case 0x18: return "system register out of reach";
	case 0x19: return "SVE where it is switched off";
	case 0x1c: return "pointer that does not authenticate";
	case 0x22: return "pc not aligned";
	case 0x26: return "sp not aligned";
	case 0x2c: return "floating point exception";
	case 0x2f: return "system error";
	case 0x30: return "hardware breakpoint";
	case 0x32: return "single step";
	case 0x34: return "watchpoint";
	case EC_BRK: return "breakpoint instruction";
	default: return "exception";
	}
}

/* By clang's numbers (clang/lib/CodeGen/CodeGenFunction.h, LIST_SANITIZER_CHECKS). */
static const char *const ubsan_checks[] = {
    "addition overflows",
    "code is reached that cannot be",
    "control flow leaves its graph",
    "division overflows or is by zero",
    "object is not of its dynamic type",
    "floating-point number does not fit its new type",
    "function is called by another type",
    "implicit conversion changes the value",
    "builtin gets what it cannot take",
    "Objective-C cast fails",
    "value is none of its type",
    "function ends without its value",
    "multiplication overflows",
    "negation overflows",
    "argument is null against its annotation",
    "returned pointer is null against its annotation",
    "argument is null that must not be",
    "returned pointer is null that must not be",
    "index is out of bounds",
    "pointer arithmetic overflows",
    "shift is out of bounds",
    "subtraction overflows",
    "pointer is null, misaligned or to another type",
    "alignment is not the assumed one",
    "array's variable size is not positive",
};
#define UBSAN_CHECKS (sizeof(ubsan_checks) / sizeof(ubsan_checks[0]))

static void print_vm_fault(const struct table_thread *thread, const uint64_t *mr)
{
	uint64_t address = mr[SEL4_VM_FAULT_ADDRESS], esr = mr[SEL4_VM_FAULT_ESR];
	uint64_t status = ESR_STATUS(esr), fetch = mr[SEL4_VM_FAULT_IS_FETCH];
	int overflow = address < thread->stack_bottom && thread->stack_bottom - address <= PAGE;

	say("%s: cannot %s %x (%s", overflow ? "stack overflow" : "memory fault",
	    fetch             ? "execute"
	    : esr & ESR_WRITE ? "write"
	                      : "read",
	    address, abort_text(status));
	if (has_level(status))
		say(" at level %u", status & 3);
	if (esr & ESR_WALK)
		say(", in the walk of its page tables");
	if (!fetch && (esr & ESR_MAINTENANCE))
		say(", by cache maintenance");
	if (!fetch && (esr & ESR_EXTERNAL))
		say(", external abort");
	say(", ESR %x)", esr);
}

static void print_cap_fault(const uint64_t *mr)
{
	say("capability fault: nothing at CPtr %x to %s", mr[SEL4_CAP_FAULT_ADDRESS],
	    mr[SEL4_CAP_FAULT_IN_RECEIVE] ? "receive from" : "invoke");
	switch (mr[SEL4_CAP_FAULT_LOOKUP]) {
	case SEL4_LOOKUP_MISSING_CAP:
		say(" (empty slot, %u bits left)", mr[SEL4_CAP_FAULT_BITS_LEFT]);
		break;
	case SEL4_LOOKUP_DEPTH_MISMATCH:
		say(" (depth: %u bits left, the CNode takes %u)", mr[SEL4_CAP_FAULT_BITS_LEFT],
		    mr[SEL4_CAP_FAULT_FOUND]);
		break;
	case SEL4_LOOKUP_GUARD_MISMATCH:
		say(" (above the CNode: %u bits left, guard %x of %u)",
		    mr[SEL4_CAP_FAULT_BITS_LEFT], mr[SEL4_CAP_FAULT_FOUND],
		    mr[SEL4_CAP_FAULT_GUARD_BITS]);
		break;
	default: break;
	}
}

static void print_exception(uint64_t esr)
{
	uint64_t number = ESR_BRK_NUMBER(esr);

	say("%s", exception_text(esr));
	if (ESR_EC(esr) == EC_BRK)
		say(" %x", number);
	say(" (ESR %x)", esr);
	if (ESR_EC(esr) == EC_BRK && (number & UBSAN_BRK_MASK) == UBSAN_BRK)
		say(", undefined behaviour: %s",
		    (number & ~(uint64_t)UBSAN_BRK_MASK) < UBSAN_CHECKS
		        ? ubsan_checks[number & ~(uint64_t)UBSAN_BRK_MASK]
		        : "of a kind that has no name here");
}

#ifdef MS_FAULT_DEBUG_EXCEPTION
static void print_debug_exception(const uint64_t *mr)
{
	static const char *const reasons[] = {"watchpoint", "breakpoint", "single step",
	                                      "breakpoint instruction"};
	uint64_t reason = mr[SEL4_DEBUG_EXCEPTION_REASON];

	say("%s", reason < 4 ? reasons[reason] : "debug exception");
	if (mr[SEL4_DEBUG_EXCEPTION_ADDRESS])
		say(" at %x", mr[SEL4_DEBUG_EXCEPTION_ADDRESS]);
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
		print_cap_fault(mr);
		print_pc(mr);
		break;
	case MS_FAULT_UNKNOWN_SYSCALL:
		say("unknown system call %u at pc %x", mr[SEL4_UNKNOWN_SYSCALL_NUMBER],
		    mr[SEL4_UNKNOWN_SYSCALL_IP]);
		break;
	case MS_FAULT_USER_EXCEPTION:
		print_exception(mr[SEL4_USER_EXCEPTION_NUMBER]);
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
	/* A kernel in EL2 says so of every exception that is not a memory fault; pc is among the
	 * registers. */
	case MS_FAULT_VCPU: print_exception(mr[0]); break;
	case MS_FAULT_VPPI_EVENT: say("virtual interrupt %u", mr[0]); break;
#endif
	default: say("message %u of %u words", label, (uint64_t)length); break;
	}
	say("; the domain is stopped\n");
}
