/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start.S - the probe kernel's entry (where seL4's _start would be), its exception vectors, and
 * the way into EL0.
 */
#include "board/rt/asm.h"

	.section .text.start, "ax"
	.global _start
	.type _start, %function
_start:
	/* No stack yet, and none of bss may be written before all of it was looked at. */
	mov	x10, #0
	adrp	x11, bss_start
	add	x11, x11, :lo12:bss_start
	adrp	x12, bss_end
	add	x12, x12, :lo12:bss_end
1:	cmp	x11, x12
	b.hs	2f
	ldr	x13, [x11], #8
	cbz	x13, 1b
	sub	x10, x11, #8
2:	adrp	x13, probe_found
	add	x13, x13, :lo12:probe_found
	stp	x0, x1, [x13]
	stp	x2, x3, [x13, #16]
	stp	x4, x5, [x13, #32]
	str	x10, [x13, #48]
	adrp	x13, stack_end
	add	x13, x13, :lo12:stack_end
	mov	sp, x13
	mrs	x0, CurrentEL
	cmp	x0, #8
	b.eq	3f
	adrp	x1, vectors_el1
	add	x1, x1, :lo12:vectors_el1
	msr	vbar_el1, x1
	b	4f
3:	adrp	x1, vectors_el2
	add	x1, x1, :lo12:vectors_el2
	msr	vbar_el2, x1
4:	isb
	mov	x29, #0
	mov	x30, #0
	b	probe_main
	.size	_start, . - _start

#define FRAME 272 /* struct probe_frame */

	/* Every vector saves the root task's registers, as if all came from EL0: one that came
	 * from the kernel itself ends in a message. */
	.macro	vector el, kind
	.balign	128
	sub	sp, sp, #FRAME
	stp	x0, x1, [sp]
	.if	\kind == 4
	b	kernel_\el
	.else
	mov	x0, #\kind
	b	save_\el
	.endif
	.endm

	.macro	vectors el
	.balign	2048
vectors_\el:
	vector	\el, 0
	vector	\el, 1
	vector	\el, 2
	vector	\el, 3
	vector	\el, 4
	vector	\el, 5
	vector	\el, 6
	vector	\el, 7
	vector	\el, 8
	vector	\el, 9
	vector	\el, 10
	vector	\el, 11
	vector	\el, 12
	vector	\el, 13
	vector	\el, 14
	vector	\el, 15
	.balign	128

kernel_\el:
	add	sp, sp, #FRAME
	psci_trap \el, 1f
1:	sub	sp, sp, #FRAME
	mov	x0, #4
save_\el:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	mrs	x1, sp_el0
	mrs	x2, elr_\el
	mrs	x3, spsr_\el
	stp	x30, x1, [sp, #240]
	stp	x2, x3, [sp, #256]
	mov	x1, x0
	mov	x0, sp
	bl	probe_exception
	mov	x0, sp
load_\el:
	ldp	x2, x3, [x0, #256]
	ldp	x30, x1, [x0, #240]
	msr	sp_el0, x1
	msr	elr_\el, x2
	msr	spsr_\el, x3
	ldp	x28, x29, [x0, #224]
	ldp	x26, x27, [x0, #208]
	ldp	x24, x25, [x0, #192]
	ldp	x22, x23, [x0, #176]
	ldp	x20, x21, [x0, #160]
	ldp	x18, x19, [x0, #144]
	ldp	x16, x17, [x0, #128]
	ldp	x14, x15, [x0, #112]
	ldp	x12, x13, [x0, #96]
	ldp	x10, x11, [x0, #80]
	ldp	x8, x9, [x0, #64]
	ldp	x6, x7, [x0, #48]
	ldp	x4, x5, [x0, #32]
	ldp	x2, x3, [x0, #16]
	adrp	x1, stack_end
	add	x1, x1, :lo12:stack_end
	mov	sp, x1
	ldp	x0, x1, [x0]
	eret
	.endm

	.text
	vectors	el1
	vectors	el2

/* void probe_enter_user(const struct probe_frame *frame) */
FUNCTION(probe_enter_user)
	mrs	x1, CurrentEL
	cmp	x1, #8
	b.eq	1f
	b	load_el1
1:	b	load_el2
END(probe_enter_user)

	.section .rodata
	.balign	8
	.global	probe_virt
	.global	probe_phys
	.global	probe_size
probe_virt:
	.quad	image_virt
probe_phys:
	.quad	image_phys
probe_size:
	.quad	image_size

	/*
	 * What the loader must bring whole: bytes, a hole of more than two pages that an archiver
	 * may leave out, bytes again. check.c looks at it.
	 */
	.data
	.balign	8
	.global	probe_found
probe_found:
	.skip	56
	.global	probe_pattern
	.global	probe_pattern_end
probe_pattern:
	.rept	16
	.quad	0x0123456789abcdef
	.endr
	.skip	12288
	.rept	16
	.quad	0x0123456789abcdef
	.endr
probe_pattern_end:

	.section .bss.stack, "aw", %nobits
	.balign	64
	.skip	8192
stack_end:
