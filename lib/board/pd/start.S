/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S - a protection domain's first instructions. A program with a _start of its own is
 * linked without this one, and then without the rest of the runtime that it does not name.
 */
	.section .text.start, "ax"
	.weak _start
	.type _start, %function
_start:
	/* The stack ends below the IPC buffer and a guard page. It is set here too, so that a
	 * parent that restarts its child at this address gives it a fresh stack. */
	adrp	x0, pd_stack_top
	ldr	x0, [x0, :lo12:pd_stack_top]
	mov	sp, x0
	mov	x29, #0
	mov	x30, #0
	b	pd_main
	.size _start, . - _start
