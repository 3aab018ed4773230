/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S - where seL4 starts the root task: x0 is the address of the boot information, every
 * other register is 0, the stack pointer too. The build passes stack_bytes of system.toml as
 * MS_STACK_BYTES.
 */
	.section .text.start, "ax"
	.global	_start
	.type	_start, %function
_start:
	adrp	x9, stack + MS_STACK_BYTES
	add	x9, x9, :lo12:stack + MS_STACK_BYTES
	mov	sp, x9
	b	root_task
	.size	_start, . - _start

	.section .bss.stack, "aw", %nobits
	.balign	4096
stack:	.space	MS_STACK_BYTES

	.section .note.GNU-stack, "", %progbits
