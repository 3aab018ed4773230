/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.h - the probe kernel: stands where seL4 would, checks every term of the hand-off
 * (seL4's src/arch/arm/64/head.S and src/arch/arm/kernel/boot.c), prints each, and runs the
 * root task in EL0 with the few system calls that a first program needs. It is not a kernel:
 * one thread, no capabilities.
 *
 * One set of sources for both kinds: linked into EL1's upper half it expects EL1, linked below
 * it expects EL2.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "board/rt/rt.h"

#define PROBE_PAGE 4096ul
#define PROBE_GIB  0x40000000ul

/* What start.S found, written before anything else runs. In .data: bss is being examined. */
struct probe_found {
	uint64_t args[6];  /* x0..x5 */
	uint64_t bss_dirt; /* address of the first bss word that is not zero, or 0 */
};
extern struct probe_found probe_found;

/* Where the kernel was linked to: start.S and probe.lds. */
extern const uint64_t probe_virt, probe_phys, probe_size;

/* System registers and translations as the loader left them. */
struct probe_state {
	uint64_t level, sctlr, tcr, mair, tpidr, cntfrq, pa_range;
	uint64_t first, last;                     /* PAR_EL1 for the kernel's first and last page */
	uint64_t hcr, cptr, hstr, vttbr, cntvoff; /* EL2 only */
};

/* -- main.c */
_Noreturn void probe_main(void);
/* Powers the machine off. */
_Noreturn void probe_stop(void);
/* Where physical memory is seen, once probe_main has switched tables. */
void *probe_window(uint64_t phys);
uint64_t probe_physical(const void *p);

/* -- check.c: prints one line per term; the number of terms that do not hold. */
unsigned probe_check(const struct probe_state *state);

/* -- user.c */
/* Registers of the root task, saved and loaded by start.S. */
struct probe_frame {
	uint64_t x[31], sp, pc, pstate;
};
/* Maps the user image, the IPC buffer and the boot info, and enters the root task. */
_Noreturn void probe_user_start(void);
/* Called by start.S for every exception. kind: vector number, 0 to 15. */
void probe_exception(struct probe_frame *frame, uint64_t kind);
_Noreturn void probe_enter_user(const struct probe_frame *frame);

#endif
