/* SPDX-License-Identifier: BSD-2-Clause */
/* asm.h - macros of the assembler files. */
#ifndef RT_ASM_H
#define RT_ASM_H

/* clang-format off */
#define FUNCTION(name) .text; .balign 16; .global name; .type name, %function; name:
#define END(name)      .size name, . - name

/*
 * For the vector of a synchronous exception at the level that runs, el: when the instruction is
 * rt_psci's SMC or HVC, which this machine then does not have, it returns NOT_SUPPORTED (-1);
 * else goes on at fatal. Clobbers x1 and x2, which a PSCI call may anyway.
 */
	.macro	psci_trap el, fatal
	mrs	x1, elr_\el
	adrp	x2, rt_smc_insn
	add	x2, x2, :lo12:rt_smc_insn
	cmp	x1, x2
	b.eq	99f
	adrp	x2, rt_hvc_insn
	add	x2, x2, :lo12:rt_hvc_insn
	cmp	x1, x2
	b.ne	\fatal
99:	add	x1, x1, #4
	msr	elr_\el, x1
	mov	x0, #-1
	eret
	.endm
/* clang-format on */

#endif
