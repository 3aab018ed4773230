/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S - the root task's first instructions: seL4 starts it with every register 0 but x0,
 * which points to BootInfo, so there is no stack yet.
 */
#define STACK_BYTES 8192

	.section .text.start, "ax"
	.global _start
	.type _start, %function
_start:
	adrp	x1, stack_end
	add	x1, x1, :lo12:stack_end
	mov	sp, x1
	mov	x29, #0
	mov	x30, #0
	adrp	x1, root_image_start
	add	x1, x1, :lo12:root_image_start
	b	root_main
	.size _start, . - _start

	.section .bss
	.balign 16
	.space STACK_BYTES
stack_end:
